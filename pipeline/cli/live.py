"""``tarmac poll``, ``daemon``, ``brief``, ``status``, ``doctor``: running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.state import State, print_json, print_table, state_of
from pipeline.model.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.jobs.poll import Polled

Case = Annotated[str, typer.Option("--case", help="Look into a demo case's store instead of the live one.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    app.command("poll")(poll)
    app.command("daemon")(daemon)
    app.command("calibrate")(calibrate)
    app.command("brief")(brief)
    app.command("status")(status)
    app.command("doctor")(doctor)


def poll(context: typer.Context, as_json: Json = False) -> None:
    """One pass over the configured sources: what cron runs.

    Example: */5 * * * * tarmac poll
    """
    done = _once(state_of(context))
    if as_json:
        print_json(
            {
                "heard": done.collected.heard,
                "new_positions": done.collected.new_positions,
                "landings": [{"landing_id": c.landing_id, "change": c.change, "reason": c.reason} for c in done.digest.changes],
                "queued": [item.subject for item in done.digest.queued],
                "delivered": done.delivered,
                "problems": [f"{p.where}: {p.reason}" for p in done.problems],
            }
        )
    else:
        _say(done)
    if done.problems or done.collected.failures:
        raise typer.Exit(int(ExitCode.PARTIAL))


def daemon(context: typer.Context) -> None:
    """The same pass for ever, at the cadence of the settings. SIGTERM or Ctrl-C ends it after the pass.

    Example: tarmac daemon
    """
    from pipeline.jobs.daemon import run_forever
    from pipeline.model.errors import TarmacError

    state = state_of(context)
    cadence = state.settings().poll.cadence

    def step() -> None:
        try:
            _calibrate_when_due(state)
            _say(_once(state))
        except TarmacError as error:
            typer.echo(f"tarmac: {error}", err=True)

    typer.echo(f"tarmac: a pass every {cadence:.0f} s; Ctrl-C ends it")
    run_forever(step, cadence)


def calibrate(context: typer.Context) -> None:
    """Fit the correlation's settings to all stays and reports that the store holds; every pass uses them until the next time.

    Example: 0 3 * * 0 tarmac calibrate
    """
    from pipeline.jobs.calibrated import FILE, renew
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    with state.store() as store:
        world = state.world()
        settled = renew(store, world, state.settings().data_dir, now=SystemClock().now())
    changed = "too little history: the shipped settings stand" if settled is world.scoring else f"settings {settled.fingerprint[:10]}"
    typer.echo(f"calibrated: {changed} ({FILE})")


def _calibrate_when_due(state: State) -> None:
    from pipeline.jobs.calibrated import due, renew
    from pipeline.jobs.world import SystemClock

    now, data_dir = SystemClock().now(), state.settings().data_dir
    world = state.world()
    if due(data_dir, world.scoring, now=now):
        with state.store() as store:
            renew(store, world, data_dir, now=now)


def _once(state: State) -> Polled:
    from pipeline.jobs.poll import live_sources, poll
    from pipeline.jobs.world import SystemClock
    from pipeline.net.client import Client

    settings = state.settings()
    with Client(contact=settings.use.contact) as client:
        sources, _ = live_sources(settings, client)
        with state.store() as store:
            return poll(store, state.world(), settings, sources, now=SystemClock().now())


def _say(done: Polled) -> None:
    seen = done.collected
    typer.echo(f"{seen.answers} answers, {len(seen.heard)} watched aircraft heard, {seen.new_positions} new positions")
    for change in done.digest.changes:
        typer.echo(f"  landing {change.landing_id} {change.change}: {change.row['icao24']} at {change.row['airport']}: {change.reason}")
    for subject, outcome, said in done.delivered:
        typer.echo(f"  mail {outcome}: {subject} ({said})")
    for failure in done.collected.failures:
        typer.echo(f"  source: {failure}", err=True)
    for problem in done.problems[:10]:
        typer.echo(f"  {problem.where}: {problem.reason}", err=True)


def brief(context: typer.Context, case: Case = "", hours: Annotated[float, typer.Option(help="How far back.")] = 24.0) -> None:
    """The morning page: to look at, changed, in the air, out of sight, routine hidden.

    Example: tarmac brief --hours 24
    """
    from datetime import timedelta

    from pipeline.jobs.brief import make_brief
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        now = SystemClock().now()
        if case:
            with store.read() as session:
                runs = session.runs.passes(kind="demo", limit=1)
                now = runs[0].ended or now if runs else now
        page = make_brief(store, state.world(case), now=now, back=timedelta(hours=hours if not case else max(hours, 72.0)))
    typer.echo(page.text)


def status(context: typer.Context, as_json: Json = False, case: Case = "") -> None:
    """What the store holds, how big it is, and when each source was last read.

    Example: tarmac status --json
    """
    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        sizes = store.sizes()
        with store.read() as session:
            sources = session.runs.sources()
            outbox = session.outbox.counts()
            last = session.runs.passes(limit=1)
    if as_json:
        print_json(
            {
                "store": store.said,
                "database_bytes": sizes.database_bytes,
                "archive_bytes": sizes.archive_bytes,
                "rows": dict(sizes.rows),
                "outbox": outbox,
                "last_pass": last[0].ended if last else None,
                "sources": [
                    {"provider": s.last.provider, "kind": s.last.kind, "outcome": s.last.outcome, "last_good": s.last_good} for s in sources
                ],
            }
        )
        return
    typer.echo(f"store {store.said}: {sizes.database_bytes / 1e6:.1f} MB, captures {sizes.archive_bytes / 1e6:.1f} MB")
    wanted = ("positions", "landings", "stays", "meetings", "matches", "leads", "outbox", "captures")
    print_table(("table", "rows"), ((name, sizes.rows[name]) for name in wanted))
    print_table(
        ("source", "kind", "last outcome", "last good"), ((s.last.provider, s.last.kind, s.last.outcome, s.last_good) for s in sources)
    )


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Checks settings, folders, the watch list, each source's terms and the mail settings; sends nothing.

    Example: tarmac doctor
    """
    from pipeline.jobs.doctor import examine

    findings = examine(state_of(context).settings())
    if as_json:
        print_json([{"what": f.what, "ok": f.ok, "said": f.said} for f in findings])
    else:
        print_table(("what", "ok", "said"), ((f.what, "yes" if f.ok else "NO", f.said) for f in findings))
    if not all(f.ok for f in findings):
        raise typer.Exit(int(ExitCode.PARTIAL))

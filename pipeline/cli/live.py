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
    app.command("candidates")(candidates)


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
    """The same passes for ever, as often as the sky asks for, with the other jobs of schedule.toml. SIGTERM or Ctrl-C ends it.

    Example: tarmac daemon
    """
    from pipeline.jobs.daemon import Daemon

    state = state_of(context)
    settings = state.settings()
    Daemon(settings, open_store=state.store, make_world=state.world, tell=_say).run()


def calibrate(context: typer.Context, as_json: Json = False) -> None:
    """Fit the correlation's settings to all stays and reports that the store holds; every pass uses them until the next time.

    Example: 0 4 * * 0 tarmac calibrate
    """
    from pipeline.jobs.calibrated import FILE, renew
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    with state.store() as store:
        world = state.world()
        settled = renew(store, world, state.settings().data_dir, now=SystemClock().now()).calibration or world.scoring
    fitted = settled is not world.scoring
    if as_json:
        print_json({"fitted": fitted, "settings": settled.fingerprint, "file": state.settings().data_dir / FILE})
        return
    changed = f"settings {settled.fingerprint[:10]}" if fitted else "too little history: the shipped settings stand"
    typer.echo(f"calibrated: {changed} ({FILE})")


def _once(state: State) -> Polled:
    from pipeline.jobs.live_pass import Passes
    from pipeline.jobs.world import SystemClock

    settings = state.settings()
    with state.store() as store, Passes(store, state.world(), settings, clock=SystemClock()) as passes:
        return passes.one()


def _say(done: Polled) -> None:
    seen = done.collected
    typer.echo(f"{seen.answers} answers, {len(seen.heard)} watched aircraft heard, {seen.new_positions} new positions")
    for change in done.digest.changes:
        typer.echo(f"  landing {change.landing_id} {change.change}: {change.row['icao24']} at {change.row['airport']}: {change.reason}")
    for subject, outcome, said in done.delivered:
        typer.echo(f"  mail {outcome}: {subject} ({said})")
    for event in done.aloft:
        typer.echo(f"  {event.icao24} {event.kind}: {event.said}")
    for one in done.collected.candidates:
        typer.echo(f"  candidate {one.icao24} {one.callsign or one.registration} near {one.city}: {one.why}")
    if done.gap_left:
        typer.echo(f"  a gap is being filled: {done.gap_left} traces to read")
    for failure in done.collected.failures:
        typer.echo(f"  source: {failure}" + (f"; {failure.hint}" if failure.hint else ""), err=True)
    for problem in done.problems[:10]:
        typer.echo(f"  {problem.where}: {problem.reason}", err=True)


def brief(
    context: typer.Context,
    case: Case = "",
    hours: Annotated[float, typer.Option(help="How far back.")] = 24.0,
    as_json: Json = False,
) -> None:
    """The morning page: to look at, still open, changed, expected, in the air, out of sight, and what is not shown.

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
    if as_json:
        print_json({"as_of": now, "subject": page.subject, "text": page.text})
    else:
        typer.echo(page.text)


def status(context: typer.Context, as_json: Json = False, case: Case = "") -> None:
    """What the store holds and how fast it grows, when each source was last read, what may still be asked today, who is in the air.

    Example: tarmac status --json
    """
    from pipeline.jobs.status import look
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        found = look(store, now=SystemClock().now())
    if as_json:
        print_json(found.plain())
        return
    typer.echo(found.sentence())
    print_table(("what", "bytes", "a day"), found.sizes)
    print_table(("table", "rows"), found.rows)
    print_table(("source", "kind", "last outcome", "last good", "reads"), found.sources)
    print_table(("host", "requests today", "of", "left alone until"), found.budgets)
    print_table(("provider", "credits of", "left today"), found.credits)
    print_table(("provider", "clock, s", "against", "fixes"), found.clocks)
    print_table(("aircraft", "event", "at", ""), found.aloft)
    print_table(("reason for the last stretch", "aircraft"), found.ledger)


def candidates(
    context: typer.Context,
    dismiss: Annotated[str, typer.Option("--dismiss", help="An address that is no state aircraft.")] = "",
    as_json: Json = False,
) -> None:
    """State aircraft on no list that were noticed near the places of \\[poll] places: for you to judge.

    Example: tarmac candidates --dismiss 3f4abc
    """
    state = state_of(context)
    if dismiss:
        with state.store() as store, store.transaction() as tx:
            tx.candidates.decide(dismiss.lower(), "dismissed")
        typer.echo(f"{dismiss.lower()} is dismissed; it is kept, and not listed any more")
        return
    with state.store(readonly=True) as store, store.read() as session:
        found = session.candidates.list()
    if as_json:
        print_json([{name: getattr(one, name) for name in one.__dataclass_fields__} for one in found])
        return
    print_table(
        ("address", "callsign", "registration", "type", "near", "last", "seen", "why"),
        ((c.icao24, c.callsign, c.registration, c.type_code, c.city, c.last_at, c.seen, c.why) for c in found),
    )


def doctor(
    context: typer.Context,
    ask: Annotated[bool, typer.Option("--ask", help="Also ask each source that may run, once.")] = False,
    as_json: Json = False,
) -> None:
    """Checks settings, folders, the store, the clock, the watch list, each source's terms and the mail settings; sends nothing.

    Example: tarmac doctor --ask
    """
    from pipeline.jobs.doctor import examine

    findings = examine(state_of(context).settings(), ask=ask)
    if as_json:
        print_json([{"what": f.what, "ok": f.ok, "said": f.said} for f in findings])
    else:
        print_table(("what", "ok", "said"), ((f.what, "yes" if f.ok else "NO", f.said) for f in findings))
    if not all(f.ok for f in findings):
        raise typer.Exit(int(ExitCode.PARTIAL))

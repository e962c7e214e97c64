"""``tarmac evidence``, ``verify``, ``export``: what leaves the store as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.state import print_json, print_table, state_of
from pipeline.model.errors import ExitCode

Public = Annotated[bool, typer.Option("--public", help="For publication: leave out (or refuse) what an embargo or your delay holds back.")]


def add_to(app: typer.Typer) -> None:
    app.command("evidence")(evidence)
    app.command("verify")(verify)
    app.command("export")(export)


def evidence(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="A landing, stay, match or lead id, or its beginning.")],
    out: Annotated[Path | None, typer.Option("--out", help="The zip file; the id with .zip when not given.")] = None,
    public: Public = False,
    case: Case = "",
    as_json: Json = False,
) -> None:
    """Everything a claim was made of, in one file that proves itself: records, positions, every step and its version.

    It names no receiver, path or address of yours, and holds nothing of other aircraft.

    Example: tarmac evidence lnd-lpw --case taipei-2022-08-02 --out taipei.zip
    """
    from pipeline.jobs.evidence import make_evidence
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        made = make_evidence(store, state.world(case), subject, now=SystemClock().now(), sources=state.settings().sources, public=public)
    path = out or Path(made.name)
    path.write_bytes(made.zip)
    if as_json:
        print_json({"file": str(path), "head": made.head, "captures": made.captures, "without_record": made.without_record})
        return
    typer.echo(f"{made.captures} answers, {len(made.zip):,} bytes → {path}")
    typer.echo(f"head of its chain: {made.head}")
    if made.without_record:
        typer.echo(f"of {made.without_record} answers no record could be taken; their hashes are in it", err=True)


def verify(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A file that tarmac evidence made.", exists=True, dir_okay=False)],
    with_store: Annotated[bool, typer.Option("--with-store", help="Also compare with the whole answers in this store.")] = False,
    case: Case = "",
    as_json: Json = False,
) -> None:
    """Check a bundle of evidence: every file, the records read again, the landing detected again. Exit code 1: it disagrees.

    Example: tarmac verify taipei.zip
    """
    from pipeline.jobs.verify import verify as check

    state = state_of(context)
    if with_store or case:
        with state.case_store(case, readonly=True) as store:
            found = check(path, state.world(case), store=store)
    else:
        found = check(path, state.world())
    if as_json:
        checks = [{"what": one.what, "ok": one.ok, "said": one.said} for one in found.checks]
        print_json({"subject": found.subject, "head": found.head, "ok": found.ok, "checks": checks})
    else:
        typer.echo(f"{found.subject}; head {found.head}")
        words = {True: "yes", False: "NO", None: "not asked"}
        print_table(("what", "ok", "said"), ((one.what, words[one.ok], one.said) for one in found.checks))
    if not found.ok:
        raise typer.Exit(int(ExitCode.PARTIAL))


def export(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="landings, stays, matches or tracks.")],
    form: Annotated[str, typer.Option("--as", help="csv, geojson, kml, gpkg, parquet or ics (a calendar; not of tracks).")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="Write here instead of to the terminal.")] = None,
    public: Public = False,
    case: Case = "",
) -> None:
    """What the store holds, for other tools; each file carries its origin and attribution.

    Example: tarmac export tracks --case taipei-2022-08-02 --as kml --out track.kml
    """
    import sys

    from pipeline.jobs.exported import BINARY, exported
    from pipeline.jobs.world import SystemClock
    from pipeline.model.errors import UsageError

    if form in BINARY and out is None and sys.stdout.isatty():
        raise UsageError(f"{form} is no text for a terminal", hint=f"--out {what}.{form}")
    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        made = exported(store, state.world(case), what, form, now=SystemClock().now(), public=public)
    if out is not None:
        out.write_bytes(made.body)
        typer.echo(f"{made.rows} rows → {out}", err=True)
    elif form in BINARY:
        typer.get_binary_stream("stdout").write(made.body)
    else:
        typer.echo(made.body.decode(), nl=not made.body.endswith(b"\n"))
    if made.left_out:
        typer.echo(f"{made.left_out} rows are held back: config/embargo.toml", err=True)

"""``tarmac watchlist``: list, check and import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.live import Json
from pipeline.cli.state import print_json, print_table, state_of
from pipeline.model.errors import ExitCode

watchlist = typer.Typer(no_args_is_help=True, help="Which aircraft are watched, and what is doubtful about the list.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(watchlist, name="watchlist")


@watchlist.command("list")
def list_(context: typer.Context, state: Annotated[str, typer.Option("--state", help="Two letters.")] = "", as_json: Json = False) -> None:
    """Every watched aircraft.

    Example: tarmac watchlist list --state RU
    """
    from dataclasses import asdict

    found = [a for a in state_of(context).world().watchlist.aircraft if not state or a.state == state.upper()]
    if as_json:
        print_json([asdict(a) for a in found])
    else:
        names = ("icao24", "registration", "type", "operator", "state", "role")
        print_table(names, ([getattr(a, n) for n in names] for a in found))


@watchlist.command("check")
def check(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="Lists; without one, those in use.")] = None,
    as_json: Json = False,
) -> None:
    """Malformed rows, duplicates, addresses outside their state's block, broken numbering rules, thin states.

    Example: tarmac watchlist check my-list.csv
    """
    from pipeline.jobs.world import SystemClock
    from pipeline.model.files import shipped
    from pipeline.model.watchlist import check as check_list
    from pipeline.model.watchlist import parse_watchlist
    from pipeline.places.icao_blocks import block_state

    paths = files or list(state_of(context).settings().watchlist.files) or [shipped("watchlist", "aircraft.csv")]
    rows, errors = [], 0
    for path in paths:
        good, problems = parse_watchlist(path)
        rows += good
        for problem in problems:
            errors += 1
            typer.echo(f"tarmac: {problem}", err=True)
    found = check_list(rows, block_of=block_state, today=SystemClock().now().date())
    errors += sum(f.level == "error" for f in found)
    if as_json:
        print_json([{"level": f.level, "subject": f.subject, "what": f.what, "hint": f.hint} for f in found])
    else:
        print_table(("level", "aircraft", "what", "hint"), ((f.level, f.subject, f.what, f.hint) for f in found))
        typer.echo(f"{len(rows)} aircraft, {errors} errors", err=True)
    if errors:
        raise typer.Exit(int(ExitCode.PARTIAL))

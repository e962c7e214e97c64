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
    from pipeline.places.states import state_named_in

    paths = files or list(state_of(context).settings().watchlist.files) or [shipped("watchlist", "aircraft.csv")]
    rows, errors = [], 0
    for path in paths:
        good, problems = parse_watchlist(path)
        rows += good
        for problem in problems:
            errors += 1
            typer.echo(f"tarmac: {problem}", err=True)
    found = check_list(rows, block_of=block_state, state_named_in=state_named_in, today=SystemClock().now().date())
    errors += sum(f.level == "error" for f in found)
    if as_json:
        print_json([{"level": f.level, "subject": f.subject, "what": f.what, "hint": f.hint} for f in found])
    else:
        print_table(("level", "aircraft", "what", "hint"), ((f.level, f.subject, f.what, f.hint) for f in found))
        typer.echo(f"{len(rows)} aircraft, {errors} errors", err=True)
    if errors:
        raise typer.Exit(int(ExitCode.PARTIAL))


@watchlist.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="plane-alert-db.csv, as its project publishes it.")],
    into: Annotated[Path | None, typer.Option("--into", help="The list to change; by default the one in use.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    refused: Annotated[bool, typer.Option("--refused", help="Show every refused row, not only the counts.")] = False,
    as_json: Json = False,
) -> None:
    """Read the public plane-alert-db list (ODbL 1.0): government aircraft, and military ones of a type that carries guests.

    Shows what would change and what is refused, then asks. Nothing is ever removed from a list.

    Example: tarmac watchlist import plane-alert-db.csv --into my-list.csv
    """
    from collections import Counter

    from pipeline.jobs.watchlist_import import in_use, plan_import, write_import
    from pipeline.jobs.world import SystemClock

    settings = state_of(context).settings()
    plan = plan_import(file, settings=settings, into=into, clock=SystemClock())
    if as_json:
        print_json(
            {
                "into": str(plan.into),
                "changes": [
                    {"change": c.kind, "icao24": c.aircraft.icao24, "state": c.aircraft.state, "what": c.what} for c in plan.changes
                ],
                "refused": [{"line": r.line, "icao24": r.icao24, "operator": r.operator, "why": r.why} for r in plan.refused],
            }
        )
    else:
        names = ("change", "icao24", "registration", "state", "what")
        print_table(names, ((c.kind, c.aircraft.icao24, c.aircraft.registration, c.aircraft.state, c.what) for c in plan.changes))
        if refused:
            names = ("line", "icao24", "registration", "operator", "refused because")
            print_table(names, ((r.line, r.icao24, r.registration, r.operator, r.why) for r in plan.refused))
        else:
            counts = Counter(_kind_of(r.why) for r in plan.refused)
            print_table(("refused", "because"), ((n, why) for why, n in counts.most_common()))
            typer.echo("Each refused row with its reason: --refused", err=True)
    by_kind = Counter(c.kind for c in plan.changes)
    typer.echo(
        f"{plan.kept} rows kept of {plan.kept + len(plan.refused)}; {by_kind['new']} new, {by_kind['changed']} changed, "
        f"{by_kind['gone']} of ours not there any more (they stay). To write: {plan.into}",
        err=True,
    )
    if not plan.writes:
        typer.echo("nothing to write", err=True)
        return
    if not yes and not (not as_json and _asks() and typer.confirm("Write it?", err=True)):
        typer.echo("nothing written; --yes writes it", err=True)
        return
    write_import(plan)
    typer.echo(f"wrote {plan.into}", err=True)
    if not in_use(plan, settings):
        typer.echo(f'to watch it, set in your tarmac.toml:\n[watchlist]\nfiles = ["{plan.into}"]', err=True)


def _asks() -> bool:
    import sys

    return sys.stdin.isatty()


def _kind_of(why: str) -> str:
    """The reason without the row's own words, so that like reasons count together."""
    for begins, kind in (
        ("military, and a ", "military, of a kind that does not carry guests"),
        ("military", "military, of a type not in vip_types.csv"),
        ("the operator is named", "operator and address name different states"),
        ("the Russian rule", "registration and address contradict the state's numbering rule"),
        ("the US rule", "registration and address contradict the state's numbering rule"),
    ):
        if why.startswith(begins):
            return kind
    return why

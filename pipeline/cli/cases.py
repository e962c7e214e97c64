"""``tarmac demo``: recorded cases, end to end, offline."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipeline.cli.state import plain_numbers, print_json, print_table, state_of

_MARKS = {"seen": "·", "landing": "▼", "reports": "¶", "match": "≈", "mail": "✉", "note": " "}


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="A case's name; without one, all of them.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="List the cases.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print landings, stays, matches, leads and alerts as JSON.")] = False,
) -> None:
    """Play a recorded case through the live code, in a store of its own, offline.

    Example: tarmac demo taipei-2022-08-02
    """
    from pipeline.model.cases import list_cases, load_case

    if listing:
        cases = [load_case(name) for name in list_cases()]
        if as_json:
            print_json([{"name": c.name, "title": c.title, "origin": c.origin.value} for c in cases])
        else:
            print_table(("case", "origin", "title"), ((c.name, c.origin.value, c.title) for c in cases))
        return
    for name in [case] if case else list_cases():
        _play(context, name, as_json=as_json)


def _play(context: typer.Context, name: str, *, as_json: bool) -> None:
    from pipeline.alerts.wording import RECONSTRUCTION_LINE
    from pipeline.jobs.case_report import case_json, write_report
    from pipeline.jobs.demo import demo_folder, run_case
    from pipeline.model.cases import load_case
    from pipeline.model.origin import Origin
    from pipeline.model.time import to_iso
    from pipeline.store.store import Store

    settings = state_of(context).settings()
    case = load_case(name)
    told: list[str] = []

    def tell(now: datetime, kind: str, sentence: str) -> None:
        told.append(f"{to_iso(now)[:16].replace('T', ' ')}Z {_MARKS[kind]} {sentence}")
        if not as_json:
            typer.echo(told[-1])

    if not as_json:
        typer.echo(f"\n{case.title}")
        if case.origin is Origin.RECONSTRUCTED:
            typer.echo(RECONSTRUCTION_LINE)
        typer.echo("")
    world = run_case(case, settings, tell)
    folder = demo_folder(settings, case)
    story = folder.root / "story.txt"
    if told:
        story.write_text("\n".join(told) + "\n", encoding="utf-8")
    elif story.is_file() and not as_json:
        typer.echo(f"Played before; nothing new. What was told then:\n{story.read_text(encoding='utf-8').rstrip()}")
    report = write_report(case, folder, world)
    if as_json:
        with Store.open(folder.url, data_dir=folder.root, readonly=True) as store:
            print_json(plain_numbers(case_json(store)))
        return
    typer.echo("\nWhere to look")
    typer.echo(f"  report    {report}")
    typer.echo(f"  mails     {folder.outbox}")
    typer.echo(f"  database  {folder.root / 'tarmac.db'}")
    typer.echo(f"  more      tarmac brief --case {name} · tarmac explain --case {name} ID")

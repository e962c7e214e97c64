"""``tarmac store``: make or migrate it, and move old positions out of the hot rows."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.live import Json
from pipeline.cli.state import print_json, state_of

store = typer.Typer(no_args_is_help=True, help="The store: migrate, retire.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(store, name="store")


@store.command("migrate")
def migrate(context: typer.Context, as_json: Json = False) -> None:
    """Make the store, or bring its schema to this version's: on PostgreSQL nothing else does. An SQLite file is copied first.

    Example: tarmac store migrate
    """
    from pipeline.store.store import Store

    settings = state_of(context).settings()
    with Store.open(settings.store_url, data_dir=settings.data_dir, migrate=True) as opened:
        if as_json:
            print_json({"store": opened.said, "schema": opened.revision()})
        else:
            typer.echo(f"{opened.said}: the schema is {opened.revision()}")


@store.command("retire")
def retire(
    context: typer.Context,
    days: Annotated[float, typer.Option(help="Older than this; default: \\[run] retention.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Move old positions to Parquet files in the data directory, as the daemon does every night; for those who run from cron.

    Example: tarmac store retire --days 30
    """
    from datetime import timedelta

    from pipeline.jobs.retention import retire as move
    from pipeline.jobs.world import SystemClock

    state = state_of(context)
    older = timedelta(days=days or state.settings().run.retention)
    with state.store() as opened:
        done = move(opened, older_than=older, now=SystemClock().now())
    if as_json:
        print_json({"rows": done.rows, "files": done.files})
    else:
        typer.echo(f"{done.rows} positions moved to {done.files} files")

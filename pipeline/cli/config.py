"""``tarmac config``: what is set, by whom; and a file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.live import Json
from pipeline.cli.state import print_json, print_table, state_of
from pipeline.model.errors import UsageError

config = typer.Typer(no_args_is_help=True, help="Settings: show, init.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(config, name="config")


@config.command("show")
def show(
    context: typer.Context, origin: Annotated[bool, typer.Option("--origin", help="Which layer won.")] = False, as_json: Json = False
) -> None:
    """Every setting; secrets are shown as ***.

    Example: tarmac config show --origin
    """
    from pipeline.model.settings import show as rows_of

    rows = list(rows_of(state_of(context).loaded()))
    if as_json:
        print_json([{"key": k, "value": v, "origin": o} for k, v, o in rows])
    else:
        print_table(("key", "value", "from") if origin else ("key", "value"), (row if origin else row[:2] for row in rows))


@config.command("init")
def init(path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("tarmac.toml"), as_json: Json = False) -> None:
    """Write a settings file with every key and its default, to be edited.

    Example: tarmac config init tarmac.toml && tarmac --config tarmac.toml doctor
    """
    from pipeline.model.files import shipped

    if path.exists():
        raise UsageError(f"{path} exists", hint="name another file; nothing was written")
    path.write_text(shipped("tarmac.toml").read_text(encoding="utf-8"), encoding="utf-8")
    if as_json:
        print_json({"file": path})
    else:
        typer.echo(f"wrote {path}; use it with: tarmac --config {path} doctor")

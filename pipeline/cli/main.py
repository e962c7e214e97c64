"""The command line: parse, call a job, print. Imports nothing heavy until a command runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli import alerts, cases, config, evidence, extract, history, live, meetings, records, store, watchlist
from pipeline.cli.state import State
from pipeline.model.errors import ExitCode, TarmacError

app = typer.Typer(
    name="tarmac",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Which government aircraft landed in this city, who else was there, and does a reported meeting fit it?\n\n"
    "Start with: tarmac demo",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tarmac {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config_path: Annotated[Path | None, typer.Option("--config", help="A settings file, or a folder with tarmac.toml.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,  # noqa: ARG001
) -> None:
    context.obj = State(config=config_path, debug=debug)


for room in (cases, live, meetings, extract, records, history, evidence, alerts, watchlist, config, store):
    room.add_to(app)


def run() -> None:
    """The entry point: our own errors become one line, a hint and their exit code."""
    debug = "--debug" in sys.argv
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TarmacError as error:
        if debug:
            raise
        typer.echo(f"tarmac: {error}" + (f"\n  {error.hint}" if error.hint else ""), err=True)
        sys.exit(int(error.exit_code))
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        code = getattr(error, "exit_code", None)
        show = getattr(error, "format_message", None)
        if isinstance(code, int) and callable(show):  # a usage error of the command line itself
            typer.echo(f"tarmac: {show()}\n  try: tarmac --help", err=True)
            sys.exit(int(ExitCode.USAGE))
        typer.echo(
            f"tarmac: this is a bug: {type(error).__name__}: {error}\n  run it again with --debug and report what it prints", err=True
        )
        sys.exit(int(ExitCode.BUG))


if __name__ == "__main__":
    run()

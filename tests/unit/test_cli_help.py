"""Help pages are read as markup: a name of a section in brackets must not vanish from them."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
import typer.main
from rich.text import Text

from pipeline.cli.main import app


def _helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    yield name, command.help or ""
    for parameter in command.params:
        yield f"{name} {parameter.name}", getattr(parameter, "help", None) or ""
    for under, part in getattr(command, "commands", {}).items():
        yield from _helps(part, f"{name} {under}")


HELPS = dict(_helps(typer.main.get_command(app), "tarmac"))


def test_every_command_is_looked_at():
    assert {"tarmac candidates", "tarmac store retire days"} <= set(HELPS)


@pytest.mark.parametrize("name", [name for name, text in HELPS.items() if "[" in text])
def test_nothing_in_brackets_vanishes(name: str):
    assert Text.from_markup(HELPS[name]).plain == HELPS[name].replace("\\[", "[")


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, set[str]]]:
    parts = getattr(command, "commands", {})
    if not parts:
        yield name, {option for parameter in command.params for option in parameter.opts}
    for under, part in parts.items():
        yield from _commands(part, f"{name} {under}".strip())


def test_every_command_prints_json_where_it_is_asked_to():
    without = {name for name, options in _commands(typer.main.get_command(app), "") if "--json" not in options}
    # What it says goes on for ever; what is a table, JSON or a file by ``--as`` or ``--out``.
    assert without == {"daemon", "detect", "export", "alerts preview"}

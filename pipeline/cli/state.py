"""What every command shares: where the settings are, and how to print."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pipeline.jobs.world import World
    from pipeline.model.settings import Loaded, Settings
    from pipeline.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    config: Path | None
    debug: bool

    def loaded(self) -> Loaded:
        from pipeline.model.settings import load_settings

        return load_settings(self.config, os.environ)

    def settings(self) -> Settings:
        """The settings; the log is set up as they say, so that standard output is the command's own."""
        from pipeline.jobs.logs import set_up_logs

        settings = self.loaded().settings
        set_up_logs(settings.run.log_format, debug=self.debug)
        return settings

    def store(self, *, readonly: bool = False) -> Store:
        from pipeline.store.store import Store

        settings = self.settings()
        return Store.open(settings.store_url, data_dir=settings.data_dir, readonly=readonly)

    def case_store(self, case: str, *, readonly: bool = False) -> Store:
        """The store of a demo case, or the live one when no case is named."""
        if not case:
            return self.store(readonly=readonly)
        from pipeline.jobs.demo import demo_folder
        from pipeline.model.cases import load_case
        from pipeline.store.store import Store

        folder = demo_folder(self.settings(), load_case(case))
        return Store.open(folder.url, data_dir=folder.root, readonly=readonly, origin=None if readonly else "demo")

    def world(self, case: str = "") -> World:
        from pipeline.jobs.world import make_world

        if not case:
            from pipeline.jobs.calibrated import under_kept

            return under_kept(make_world(self.settings()), self.settings().data_dir)
        from pipeline.model.cases import load_case

        one = load_case(case)
        return make_world(self.settings(), watchlist_files=(one.watchlist,), attribution=(f"Positions: {one.provider}",))


def state_of(context: typer.Context) -> State:
    found = context.find_object(State)
    return found if found is not None else State(config=None, debug=False)


def moment(text: str, *, last: bool) -> datetime | None:
    """A UTC time; of a day its beginning, or with ``last`` its end."""
    from pipeline.model.errors import BadTime
    from pipeline.model.time import parse_utc

    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return parse_utc(text)
    try:
        return datetime.combine(day + timedelta(days=int(last)), time(), UTC)
    except OverflowError:
        raise BadTime(f"{text!r} is later than any day that counts", hint="a day such as 2022-11-14") from None


class Progress:
    """How many files and positions were read: one line on a terminal that is written over, a line now and then elsewhere."""

    def __init__(self, *, every_s: float = 60.0) -> None:
        import sys
        from time import monotonic

        self._clock, self._every = monotonic, every_s
        self._on_terminal, self._told = sys.stderr.isatty(), monotonic()
        self._open = False

    def __call__(self, files: int, positions: int) -> None:
        said = f"tarmac: read {files} files, {positions} positions"
        if self._on_terminal:
            typer.echo(f"\r{said}", err=True, nl=False)
            self._open = True
        elif self._clock() - self._told >= self._every:
            typer.echo(said, err=True)
            self._told = self._clock()

    def end(self) -> None:
        """Leave the line as it is, and begin a new one."""
        if self._open:
            typer.echo("", err=True)
            self._open = False


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2, allow_nan=False))


def plain_numbers(value: Any) -> Any:
    """JSON knows no NaN: an unknown number is null."""
    if isinstance(value, dict):
        return {k: plain_numbers(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_numbers(v) for v in value]
    return None if isinstance(value, float) and value != value else value


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        from pipeline.model.time import to_iso

        return to_iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """A table on a terminal, tab-separated text elsewhere."""
    import sys

    text = [["" if cell is None else str(_plain(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(columns), *text]:
            typer.echo("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title or None, box=box.SIMPLE)
    for row in text:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)

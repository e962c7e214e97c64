"""``tarmac correlate`` over files: the contract's columns in, its JSON out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.correlate.engine import correlate
from pipeline.correlate.scoring import load_scoring
from pipeline.meetings.build import meetings_frame
from pipeline.meetings.csv_import import parse_meetings
from pipeline.model.csvfile import CsvRow, parse_each, read_file, read_plain
from pipeline.model.errors import InputError, UsageError
from pipeline.model.frames import CALENDAR, COVERAGE, STAYS, FrameSchema
from pipeline.model.ids import parse_airport, parse_icao24, parse_state
from pipeline.model.origin import Origin
from pipeline.model.time import parse_utc
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

_STAY = ("stay_id", "icao24", "state", "role", "airport", "city", "country", "touchdown", "take_off")
_COVERAGE = ("city", "start", "end")
_CALENDAR = ("kind", "country", "start", "end")
_MOMENT = r"(?:20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?Z)"
_PLAIN = {
    "stay_id": r".+",
    "icao24": r"[0-9a-f]{6}",
    "state": r"[A-Z]{2}|",
    "airport": r"[A-Z0-9-]{2,8}",
    "country": r"[A-Z]{2}|",
    "touchdown": _MOMENT,
    **dict.fromkeys(("take_off", "touchdown_earliest", "touchdown_latest"), _MOMENT + "|"),
    **dict.fromkeys(("from_airport", "to_airport"), r"[A-Z0-9-]{2,8}|"),
    "confidence": r"[01](?:\.[0-9]+)?|",
    "kind": r"observed|inferred|bracketed|open_approach|",
    "origin": r"recorded|live|reconstructed|",
}
_TIMES = ("touchdown", "take_off", "touchdown_earliest", "touchdown_latest", "start", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Part ``number`` of ``count``: the stays of some countries, looked at with everything else known."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Chunk:
        """``'2/4'``.

        Raises:
            UsageError: not k/n with 1 <= k <= n.
        """
        found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
        chunk = cls(number=int(found[1]), count=int(found[2])) if found else None
        if chunk is None or not 1 <= chunk.number <= chunk.count:
            raise UsageError(f"--chunk {text!r} is not k/n", hint="the second of four parts is 2/4")
        return chunk

    def countries(self, stays: pd.DataFrame) -> frozenset[str]:
        """Whole countries, dealt out so that the parts have about as many stays each."""
        load = [0] * self.count
        mine = set()
        for country, size in sorted(stays["country"].value_counts().items(), key=lambda item: (-item[1], str(item[0]))):
            part = load.index(min(load))
            load[part] += int(size)
            if part == self.number - 1:
                mine.add(str(country))
        return frozenset(mine)


def correlate_files(
    stays: Path,
    meetings: Path,
    *,
    coverage: Path | None = None,
    calendar: Path | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    matches_only: bool = False,
    chunk: Chunk | None = None,
) -> tuple[dict[str, Any], list[InputError]]:
    """The answer, and the rows that could not be read.

    Args:
        since, until: only stays that landed in [``since``, ``until``) are asked about; all are looked at beside them.
        matches_only: no leads and no null.
        chunk: the matches of this part alone (and so ``matches_only``); the parts together are the whole.

    Raises:
        InputError: a file cannot be read or lacks a column.
    """
    history, problems = _stays(stays)
    found, bad = parse_meetings(meetings.read_bytes(), name=meetings.name, gazetteer=load_gazetteer(), origin=Origin.RECORDED)
    problems += bad
    frames = []
    for path, schema, required in ((coverage, COVERAGE, _COVERAGE), (calendar, CALENDAR, _CALENDAR)):
        frames.append(_frame(path, schema, required, problems))
    matches_only = matches_only or chunk is not None
    answer = correlate(
        landed_in(history, since, until),
        meetings_frame(found),
        history=history,
        within=None if chunk is None else chunk.countries(history),
        scoring=load_scoring(),
        gazetteer=load_gazetteer(),
        airports=load_airports(),
        coverage=frames[0],
        calendar=frames[1],
        with_leads=not matches_only,
        with_rotations=not matches_only,
        with_details=False,
    )
    return answer.as_dict(), problems


def landed_in(stays: pd.DataFrame, since: datetime | None, until: datetime | None) -> pd.DataFrame:
    """Those of a ``STAYS`` frame whose touchdown is in [``since``, ``until``)."""
    if since is not None:
        stays = stays[stays["touchdown"] >= since]
    if until is not None:
        stays = stays[stays["touchdown"] < until]
    return STAYS.cast(stays)


def _stays(path: Path) -> tuple[pd.DataFrame, list[InputError]]:
    """All columns at once where every cell is plain; row by row, naming each bad one, where any is not."""
    frame = read_plain(path, required=_STAY, columns=tuple(STAYS.columns), patterns=_PLAIN)
    if frame is not None:
        return STAYS.make(frame.assign(origin=frame.get("origin", pd.Series("recorded", index=frame.index)).replace("", "recorded"))), []
    rows, problems = _rows(path, _STAY)
    return STAYS.make([{"origin": "recorded", **row} for row in rows]), problems


def read_calendar(path: Path) -> pd.DataFrame:
    """``CALENDAR`` of a file such as the shipped ``events.csv``.

    Raises:
        InputError: it cannot be read, lacks a column, or a row is wrong.
    """
    return _whole(path, CALENDAR, _CALENDAR)


def read_coverage(path: Path) -> pd.DataFrame:
    """``COVERAGE`` of a file.

    Raises:
        InputError: it cannot be read, lacks a column, or a row is wrong.
    """
    return _whole(path, COVERAGE, _COVERAGE)


def _whole(path: Path, schema: FrameSchema, required: tuple[str, ...]) -> pd.DataFrame:
    problems: list[InputError] = []
    frame: pd.DataFrame = _frame(path, schema, required, problems)
    if problems:
        raise problems[0]
    return frame


def _frame(path: Path | None, schema: FrameSchema, required: tuple[str, ...], problems: list[InputError]) -> Any:
    if path is None:
        return None
    rows, bad = _rows(path, required)
    problems += bad
    return schema.make(rows)


def _rows(path: Path, required: tuple[str, ...]) -> tuple[list[dict[str, Any]], list[InputError]]:
    rows, problems = read_file(path, required=required)
    good, bad = parse_each(rows, _typed, name=path.name)
    return good, problems + bad


def _typed(row: CsvRow) -> dict[str, Any]:
    out: dict[str, Any] = dict(row.cells)
    for column in _TIMES:
        if column in out:
            out[column] = parse_utc(out[column]) if out[column] else None
    for column, parse in (("icao24", parse_icao24), ("state", parse_state), ("airport", parse_airport)):
        if out.get(column):
            out[column] = parse(out[column])
    return out

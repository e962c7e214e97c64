"""``tarmac correlate`` over files: the contract's columns in, its JSON out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.correlate.engine import correlate
from pipeline.correlate.scoring import load_scoring
from pipeline.meetings.build import meetings_frame
from pipeline.meetings.csv_import import parse_meetings
from pipeline.model.csvfile import CsvRow, parse_each, read_file
from pipeline.model.errors import InputError
from pipeline.model.frames import CALENDAR, COVERAGE, STAYS, FrameSchema
from pipeline.model.ids import parse_airport, parse_icao24, parse_state
from pipeline.model.origin import Origin
from pipeline.model.time import parse_utc
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

_STAY = ("stay_id", "icao24", "state", "role", "airport", "city", "country", "touchdown", "take_off")
_TIMES = ("touchdown", "take_off", "touchdown_earliest", "touchdown_latest", "start", "end")


def correlate_files(
    stays: Path, meetings: Path, *, coverage: Path | None = None, calendar: Path | None = None
) -> tuple[dict[str, Any], list[InputError]]:
    """The answer, and the rows that could not be read.

    Raises:
        InputError: a file cannot be read or lacks a column.
    """
    rows, problems = _rows(stays, _STAY)
    found, bad = parse_meetings(meetings.read_bytes(), name=meetings.name, gazetteer=load_gazetteer(), origin=Origin.RECORDED)
    problems += bad
    frames = []
    for path, schema, required in (
        (coverage, COVERAGE, ("city", "start", "end")),
        (calendar, CALENDAR, ("kind", "country", "start", "end")),
    ):
        frames.append(_frame(path, schema, required, problems))
    answer = correlate(
        STAYS.make([{"origin": "recorded", **row} for row in rows]),
        meetings_frame(found),
        scoring=load_scoring(),
        gazetteer=load_gazetteer(),
        airports=load_airports(),
        coverage=frames[0],
        calendar=frames[1],
    )
    return answer.as_dict(), problems


def read_calendar(path: Path) -> pd.DataFrame:
    """``CALENDAR`` of a file such as the shipped ``events.csv``.

    Raises:
        InputError: it cannot be read, lacks a column, or a row is wrong.
    """
    rows, problems = _rows(path, ("kind", "country", "start", "end"))
    if problems:
        raise problems[0]
    return CALENDAR.make(rows)


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

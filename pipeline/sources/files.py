"""One file of positions of any kind we read: a trace, API answers (one, or a line each), a table. Sniffed, not trusted by name.

Traces are many and small, so several are made into rows at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.model.columns import Columns, columns_of
from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import IdKind, mint
from pipeline.model.labels import FrameLabels, Labels
from pipeline.model.origin import Origin
from pipeline.sources.readsb_json import parse_answer
from pipeline.sources.table_columns import read_table
from pipeline.sources.trace_json import Trace, TraceRows, read_trace
from pipeline.sources.unpack import unpack

#: A trace says so within its first bytes, before its points.
_HEAD = 65_536


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadItem:
    """What one file gave, or several traces. ``kind``: trace, answers, or table with its dialect.

    ``seen`` may lack the details of its rows; ``with_details`` gives some of its rows with them.
    """

    kind: str
    seen: Columns
    labels: Labels
    problems: tuple[Problem, ...]
    with_details: Callable[[Columns], Columns]


def read_item(name: str, body: bytes, *, origin: Origin, dialect: str | None = None, assume_utc: bool = False) -> ReadItem | Trace:
    """A file's positions, or a trace whose points are still to be made into rows.

    Raises:
        BadAnswer: gzip or JSON that is not what it promises.
        InputError: a table whose columns or units cannot be told.
    """
    plain = unpack(body)
    head = plain[:_HEAD].lstrip()
    if head.startswith(b"<"):
        raise BadAnswer("is HTML, not data", hint="the server answered with a page; fetch the file again")
    if not head.startswith((b"{", b"[")):
        table = read_table(plain, name=name, provider="file", origin=origin, dialect=dialect, assume_utc=assume_utc)
        return ReadItem(
            kind=f"table ({table.dialect})", seen=table.seen, labels=table.labels, problems=table.problems, with_details=_as_it_is
        )
    if b'"trace"' in head or b'"trace"' in plain[-_HEAD:]:
        return read_trace(plain, provider="file", origin=origin, capture_id=mint(IdKind.CAPTURE, hashlib.sha256(body).hexdigest()))
    return _answers(name, plain, origin)


def rows_of(traces: Sequence[Trace]) -> ReadItem:
    """The points of several traces as rows."""
    rows = TraceRows(traces)
    return ReadItem(kind="trace", seen=rows.seen, labels=rows.labels, problems=(), with_details=rows.with_details)


def _answers(name: str, body: bytes, origin: Origin) -> ReadItem:
    capture_id = mint(IdKind.CAPTURE, hashlib.sha256(body).hexdigest())
    frames: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            parsed = parse_answer(line, provider="file", capture_id=capture_id, origin=origin)
        except BadAnswer as error:
            problems.append(Problem(where=f"{name} line {number}", reason=str(error)))
            continue
        problems += parsed.problems
        if len(parsed.positions):
            frames.append(parsed.positions)
    positions = POSITIONS.cast(pd.concat(frames)) if frames else POSITIONS.cast()
    seen = columns_of(positions)
    return ReadItem(kind="answers", seen=seen, labels=FrameLabels(positions, seen), problems=tuple(problems), with_details=_as_it_is)


def _as_it_is(rows: Columns) -> Columns:
    return rows

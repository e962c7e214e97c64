"""Between frames and rows: what is unknown in a frame is null in the store, except text, which is ``""`` in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, Text, select, type_coerce

from pipeline.model.errors import StoreError
from pipeline.model.frames import TIME_DTYPE, FrameSchema, Kind
from pipeline.model.time import require_utc
from pipeline.store.types import OUR_MISTAKE, CleanText, Json, UtcTime, clean_text, plain

T = TypeVar("T")

_DTYPES: dict[Kind, str] = {"text": "str", "time": TIME_DTYPE, "number": "float64", "flag": "boolean"}

#: Both databases take at least 32,766 values a statement.
MAX_VALUES = 10_000


def chunks(values: Iterable[T], size: int = MAX_VALUES) -> Iterator[list[T]]:
    """``values`` in lists of at most ``size``."""
    held = list(values)
    for start in range(0, len(held), size):
        yield held[start : start + size]


def frame_rows(schema: FrameSchema, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame of this schema, ready to be inserted."""
    columns = [_plain_column(frame[name], kind) for name, kind in schema.columns.items()]
    return [dict(zip(schema.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def _plain_column(values: pd.Series[Any], kind: str) -> list[Any]:
    if kind == "time":
        return [None if value is pd.NaT else value.to_pydatetime() for value in values]
    if kind == "number":
        return [None if value != value else value for value in values.tolist()]
    if kind == "flag":
        return [None if value is pd.NA else value for value in values.tolist()]
    return values.tolist()


def one_row(schema: FrameSchema, data: pd.DataFrame | pd.Series[Any] | Mapping[str, Any]) -> dict[str, Any]:
    """The one row of ``data``, validated.

    Raises:
        InputError: a value does not fit the schema.
        StoreError: not one row.
    """
    if isinstance(data, pd.DataFrame):
        if len(data) != 1:
            raise StoreError(f"{len(data)} {schema.name} where one is written", hint=OUR_MISTAKE)
        data = data.iloc[0]
    given = dict(data)
    row = {name: _plain_value(given.get(name), kind) for name, kind in schema.columns.items()}
    if all(_fits(schema, name, value) for name, value in row.items()):
        return row
    return frame_rows(schema, schema.make([given]))[0]


class _Unfit:
    """A value that only ``FrameSchema.make`` knows how to cast, or to refuse."""


def _plain_value(value: Any, kind: str) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "" if kind == "text" else None
    match kind:
        case "text" if isinstance(value, str):
            return str(value)
        case "time" if isinstance(value, datetime) and value.tzinfo is not None:
            return (value.to_pydatetime() if isinstance(value, pd.Timestamp) else value).astimezone(UTC)
        case "number" if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
            return float(value)
        case "flag" if isinstance(value, (bool, np.bool_)):
            return bool(value)
    return _Unfit


def _fits(schema: FrameSchema, name: str, value: Any) -> bool:
    if value is _Unfit or (name in schema.required and value in (None, "")):
        return False
    if name in schema.allowed and value not in schema.allowed[name]:
        return False
    low, high = schema.ranges.get(name, (-np.inf, np.inf))
    return name not in schema.ranges or value is None or low <= value <= high


#: For a statement that hardly ever has the same shape again: SQLAlchemy would keep hundreds of them, half a megabyte each.
ONCE: Final[Mapping[str, Any]] = MappingProxyType({"compiled_cache": None})


def read_frame(
    connection: Connection, schema: FrameSchema, table: Table, narrow: Select[Any] | None = None, *, once: bool = False
) -> pd.DataFrame:
    """A frame of ``schema`` from ``table``; ``narrow`` is a select whose WHERE and ORDER BY are used.

    ``once``: it is a statement of many parts, which is not worth keeping compiled.
    Times of SQLite are parsed a column at a time, which is what makes a window of 100,000 positions cheap to read.
    """
    wanted = _wanted(connection, schema, table)
    statement = (narrow if narrow is not None else select(table)).with_only_columns(*wanted, maintain_column_froms=True)
    return _framed(schema, connection.execute(statement, execution_options=ONCE if once else {}).all())


def read_union(
    connection: Connection,
    schema: FrameSchema,
    table: Table,
    parts: Iterable[Select[Any]],
    *,
    order: tuple[str, ...],
    once: bool = False,
) -> pd.DataFrame:
    """A frame of ``schema`` with the rows that any of ``parts`` selects, once each.

    Args:
        order: what the rows are sorted by: columns that are known in each, the last of which tells rows apart.
        once: as of ``read_frame``.
    """
    wanted = _wanted(connection, schema, table)
    at = [list(schema.columns).index(name) for name in order]
    found: dict[Any, Row[Any]] = {}
    for part in parts:
        rows = connection.execute(part.with_only_columns(*wanted, maintain_column_froms=True), execution_options=ONCE if once else {})
        found |= {row[at[-1]]: row for row in rows}
    return _framed(schema, sorted(found.values(), key=lambda row: [row[i] for i in at]))


def _wanted(connection: Connection, schema: FrameSchema, table: Table) -> list[ColumnElement[Any]]:
    as_text = connection.dialect.name == "sqlite"
    return [
        type_coerce(table.c[name], Text()).label(name) if as_text and kind == "time" else table.c[name]
        for name, kind in schema.columns.items()
    ]


def _framed(schema: FrameSchema, rows: Sequence[Row[Any]]) -> pd.DataFrame:
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema.columns)
    return pd.DataFrame({name: _series(values, kind) for (name, kind), values in zip(schema.columns.items(), columns, strict=True)})


def read_rows(connection: Connection, schema: FrameSchema, table: Table, narrow: Select[Any]) -> list[dict[str, Any]]:
    """``records(read_frame(...))``, for a handful of rows: a frame costs some milliseconds to make, however small."""
    found = connection.execute(narrow.with_only_columns(*(table.c[name] for name in schema.columns), maintain_column_froms=True))
    numbers = [name for name, kind in schema.columns.items() if kind == "number"]
    rows = [dict(zip(schema.columns, row, strict=True)) for row in found]
    for row in rows:
        row |= {name: np.nan for name in numbers if row[name] is None}
    return rows


def _series(values: Sequence[Any], kind: Kind) -> pd.Series[Any]:
    if kind == "time" and any(isinstance(value, str) for value in values):
        # What ``utc_text`` wrote: numpy reads it without its Z ten times as fast as pandas reads it with a format.
        parsed = np.array([value[:-1] if value else "NaT" for value in values], dtype="datetime64[us]")
        return pd.Series(parsed).dt.tz_localize("UTC")
    if kind == "number":
        return pd.Series(np.array(values, dtype="float64"))
    return pd.Series(list(values), dtype=_DTYPES[kind])


def canonical(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """``row`` as the store would give it back: what two rows are compared by. Columns that ``table`` lacks are dropped."""
    return {name: _canonical(table.c[name].type, value) for name, value in row.items() if name in table.c}


def _canonical(kind: object, value: Any) -> Any:
    if isinstance(kind, Json):
        return plain(value)
    if isinstance(kind, CleanText):
        return "" if value is None else clean_text(str(value))
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(kind, UtcTime):
        return require_utc(value)
    return value.item() if isinstance(value, np.generic) else value

"""Tables of positions (CSV, Parquet) → ``Columns``, by column and not by row: for tables of millions of rows.

A table with a cell that its column cannot hold is read again row by row (``tables.parse_table``), which names the line.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipeline.model.columns import AIR, GROUND, ROTORCRAFT, UNKNOWN, Bools, Columns, Floats, Ints, arrange, columns_of
from pipeline.model.entities import Problem
from pipeline.model.errors import BadIdentifier, BadTime, InputError
from pipeline.model.ids import IdKind, clean_callsign, clean_registration, mint, parse_icao24
from pipeline.model.labels import FrameLabels, Labels
from pipeline.model.origin import Origin
from pipeline.model.time import PLAUSIBLE_FROM, PLAUSIBLE_TO, parse_utc
from pipeline.sources.tables import FACTORS, FALSE, TRUE, choose_columns, parse_table

if TYPE_CHECKING:
    import pyarrow as pa

_EMPTY: Final = ["", "nan", "NaN", "NAN", "None", "null", "NULL", "<NA>"]
_NUMBERS: Final = {
    "lat": "lat",
    "lon": "lon",
    "alt_baro_ft": "alt_ft",
    "alt_geom_ft": "geom_ft",
    "ground_speed_kt": "speed_kt",
    "track_deg": "track_deg",
    "vertical_rate_fpm": "vrate_fpm",
    "nav_qnh_hpa": "qnh_hpa",
    "nic": "nic",
    "heard": "age_s",
}
#: Beyond this many, bad rows are only counted.
_MOST_NAMED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableRows:
    """What a table gave; ``dialect`` is the one that was used."""

    seen: Columns
    labels: Labels
    dialect: str
    problems: tuple[Problem, ...]


class _Unclean(Exception):
    """A cell does not fit its column."""


def read_table(body: bytes, *, name: str, provider: str, origin: Origin, dialect: str | None = None, assume_utc: bool = False) -> TableRows:
    """A CSV or Parquet table of positions. Rows without a position are left out.

    Raises:
        InputError: no header, a column that is needed is missing, or no dialect fits.
    """
    capture_id = mint(IdKind.CAPTURE, hashlib.sha256(body).hexdigest())
    parquet = body[:4] == b"PAR1"
    table = _parquet(body, name) if parquet else None
    header = table.column_names if table is not None else _header(body)
    columns, used = choose_columns(header, dialect, name)
    try:
        if table is None:
            table = _csv(body, columns)
        return _columns(table, columns, used, name=name, labels=(provider, capture_id, origin.value), assume_utc=assume_utc)
    except _Unclean:
        text = body if table is None or not parquet else _as_csv(table)
        slow = parse_table(text, name=name, provider=provider, capture_id=capture_id, origin=origin, dialect=dialect, assume_utc=assume_utc)
        seen = columns_of(slow.positions)
        return TableRows(seen=seen, labels=FrameLabels(slow.positions, seen), dialect=slow.dialect, problems=slow.problems)


def _header(body: bytes) -> list[str]:
    first = next((line for line in body.split(b"\n", 50)[:50] if line.strip() and not line.startswith(b"#")), b"")
    return [cell.strip().strip('"') for cell in first.decode("utf-8-sig", "replace").strip().split(",")]


def _parquet(body: bytes, name: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(io.BytesIO(body))
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"is not a Parquet file: {error}", where=name) from None


def _as_csv(table: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.csv

    sink = io.BytesIO()
    pa.csv.write_csv(table, sink)
    return sink.getvalue()


def _csv(body: bytes, columns: dict[str, str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv

    types = {theirs: pa.float64() if ours in _NUMBERS else pa.string() for ours, theirs in columns.items()}
    try:
        return pa.csv.read_csv(
            io.BytesIO(body.removeprefix(b"\xef\xbb\xbf")),
            read_options=pa.csv.ReadOptions(use_threads=False),
            convert_options=pa.csv.ConvertOptions(
                column_types=types,
                include_columns=list(dict.fromkeys(columns.values())),
                null_values=_EMPTY,
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise _Unclean from error
    except KeyError as error:
        raise _Unclean from error


def _columns(
    table: pa.Table, columns: dict[str, str], dialect: str, *, name: str, labels: tuple[str, str, str], assume_utc: bool
) -> TableRows:
    factor = FACTORS.get(dialect, {})
    numbers = {ours: _floats(table, columns[theirs]) * factor.get(theirs, 1.0) for theirs, ours in _NUMBERS.items() if theirs in columns}
    t = _times(table.column(columns["time"]), assume_utc=assume_utc)
    if "age_s" in numbers:
        numbers["age_s"] = t - numbers["age_s"]
    codes, addresses = _texts(table, columns["icao24"])
    names, wrong = _addresses(addresses)
    bad_time = ~((t >= PLAUSIBLE_FROM.timestamp()) & (t < PLAUSIBLE_TO.timestamp()))
    bad_address = (codes < 0) | wrong[np.maximum(codes, 0)]
    placed = (np.abs(numbers["lat"]) <= 90) & (np.abs(numbers["lon"]) <= 180)
    off_globe = ~placed & ~np.isnan(numbers["lat"]) & ~np.isnan(numbers["lon"])
    bad = ((bad_time, "is not a time between 2000 and 2100"), (bad_address, "has no icao24"), (off_globe, "is not on the globe"))
    problems = _problems(name, bad)
    use = np.flatnonzero(placed & ~bad_time & ~bad_address)
    known, aircraft = np.unique(names[codes[use]], return_inverse=True)
    rotor = np.zeros(len(known), dtype=np.bool_)
    if "category" in columns:
        kind, kinds = _texts(table, columns["category"])
        rotor[aircraft[np.array([k == ROTORCRAFT for k in kinds] + [False], dtype=np.bool_)[kind[use]]]] = True
    seen = arrange(
        [str(k) for k in known],
        aircraft.astype(np.int64),
        t[use],
        {ours: values[use] for ours, values in numbers.items()},
        rotorcraft=rotor,
        ground=_ground(table, columns)[use],
    )
    order = use[seen.row]
    said: dict[str, _Text] = {
        ours: _Text(*_texts(table, columns[ours])).ordered(order) for ours in ("callsign", "registration", "type_code") if ours in columns
    }
    seen = replace(seen, row=np.arange(len(seen)))
    return TableRows(seen=seen, labels=TableLabels(seen, said, *labels), dialect=dialect, problems=problems)


def _floats(table: pa.Table, column: str) -> Floats:
    import pyarrow as pa

    try:
        values = table.column(column).cast(pa.float64())
    except pa.ArrowInvalid as error:
        raise _Unclean from error
    found: Floats = values.to_numpy().astype(np.float64)
    return found


def _times(column: Any, *, assume_utc: bool) -> Floats:
    """Epoch seconds; numbers too large to be seconds are milliseconds.

    Raises:
        _Unclean: a text that is no number and has no plain UTC form, or a zoneless timestamp: read row by row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        if column.type.tz is None and not assume_utc:
            raise _Unclean
        seconds = column.cast(pa.timestamp("us", tz=column.type.tz)).cast(pa.int64()).to_numpy().astype(np.float64) / 1e6
        return np.asarray(seconds, dtype=np.float64)
    try:
        numbers = column.cast(pa.float64()).to_numpy().astype(np.float64)
        return np.asarray(np.where(np.abs(numbers) > 1e11, numbers / 1000, numbers), dtype=np.float64)
    except pa.ArrowInvalid:
        pass
    try:
        zoned = pc.all(pc.match_substring_regex(column, r"(Z|[+-]\d\d:?\d\d)$")).as_py()
        if not zoned and not assume_utc:
            raise _Unclean
        stamps = column.cast(pa.timestamp("us", tz="UTC") if zoned else pa.timestamp("us"))
        return np.asarray(stamps.cast(pa.int64()).to_numpy().astype(np.float64) / 1e6, dtype=np.float64)
    except pa.ArrowInvalid:
        return _slow_times(column, assume_utc=assume_utc)


def _slow_times(column: Any, *, assume_utc: bool) -> Floats:
    codes, texts = _codes(column)
    try:
        values = np.array([parse_utc(text, assume_utc=assume_utc).timestamp() for text in texts] + [np.nan])
    except BadTime as error:
        raise _Unclean from error
    return np.asarray(values[codes], dtype=np.float64)


def _texts(table: pa.Table, column: str) -> tuple[Ints, list[str]]:
    return _codes(table.column(column))


def _codes(column: Any) -> tuple[Ints, list[str]]:
    """Which of the texts each row has, -1 for none."""
    import pyarrow as pa

    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, [str(text) for text in encoded.dictionary.to_pylist()]


def _addresses(texts: Sequence[str]) -> tuple[np.ndarray[tuple[int], np.dtype[np.str_]], Bools]:
    names, wrong = [], []
    for text in texts:
        try:
            names.append(parse_icao24(text))
            wrong.append(False)
        except BadIdentifier:
            names.append("")
            wrong.append(True)
    return np.array(names or [""]), np.array(wrong or [True], dtype=np.bool_)


def _ground(table: pa.Table, columns: dict[str, str]) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    if "on_ground" not in columns:
        return np.full(len(table), UNKNOWN, dtype=np.int8)
    codes, texts = _texts(table, columns["on_ground"])
    states = [GROUND if t.lower() in TRUE else AIR if t.lower() in FALSE else UNKNOWN for t in texts]
    return np.array([*states, UNKNOWN], dtype=np.int8)[codes]


def _problems(name: str, found: Sequence[tuple[Bools, str]]) -> tuple[Problem, ...]:
    out: list[Problem] = []
    for bad, reason in found:
        rows = np.flatnonzero(bad)
        out += [Problem(where=f"{name} line {row + 2}", reason=reason) for row in rows[:_MOST_NAMED].tolist()]
        if len(rows) > _MOST_NAMED:
            out.append(Problem(where=name, reason=f"{reason}: {len(rows) - _MOST_NAMED} more rows"))
    return tuple(out)


class _Text:
    """A text column in the order of the ``Columns``."""

    def __init__(self, codes: Ints, texts: list[str]) -> None:
        self.codes, self.texts = codes, texts

    def ordered(self, rows: Ints) -> _Text:
        return _Text(self.codes[rows], self.texts)

    def last(self, first: int, stop: int) -> str:
        """The last text that says something in rows ``first … stop − 1``."""
        codes: list[int] = self.codes[first:stop][::-1].tolist()
        return next((self.texts[code] for code in dict.fromkeys(codes) if code >= 0 and self.texts[code].strip()), "")


class TableLabels:
    """Labels of a table whose rows were put in the order of its ``Columns``."""

    def __init__(self, seen: Columns, said: dict[str, _Text], provider: str, capture_id: str, origin: str) -> None:
        self._seen, self._said = seen, said
        self._provider, self._capture_id, self._origin = provider, capture_id, origin
        self._index = {name: k for k, name in enumerate(seen.icao24)}

    def identity(self, icao24: str) -> tuple[str, str]:
        registration, type_code = (self._last(column, icao24) for column in ("registration", "type_code"))
        return clean_registration(registration), type_code

    def callsign(self, rows: Ints) -> str:
        said = self._said.get("callsign")
        if said is None or not len(rows):
            return ""
        here = said.last(int(rows[0]), int(rows[-1]) + 1)
        return clean_callsign(here or self._last("callsign", self._seen.icao24[int(self._seen.aircraft[rows[-1]])]))

    def networks(self, _rows: Ints, /) -> Sequence[str]:
        return [self._provider]

    def captures(self, _rows: Ints, /) -> Sequence[str]:
        return [self._capture_id]

    def origins(self, _rows: Ints, /) -> Sequence[str]:
        return [self._origin]

    def _last(self, column: str, icao24: str) -> str:
        said = self._said.get(column)
        if said is None or icao24 not in self._index:
            return ""
        start, stop = np.searchsorted(self._seen.aircraft, [self._index[icao24], self._index[icao24] + 1]).tolist()
        return said.last(start, stop)

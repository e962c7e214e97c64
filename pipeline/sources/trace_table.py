"""The points of a readsb trace as one table of numbers, and the aircraft objects between them left as bytes.

A day of traces is a hundred million points of which few say anything of a landing. So nothing is made of a point but
numbers: texts and objects are cut out of the bytes, and what is left is read by simdjson into one array. A file that is
not quite as readsb writes it is read point by point instead, with the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress, count
from typing import Any, Final

import numpy as np
import orjson

from pipeline.model.columns import Floats, Ints
from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer
from pipeline.sources.readsb_json import POSITION_SOURCE

#: Columns of a point (README-json.md of wiedehopf/readsb); the last four are missing in older files.
TIME, LAT, LON, ALTITUDE, SPEED, TRACK, FLAGS, RATE, OBJECT, SOURCE, GEOMETRIC = range(11)
LEAST_COLUMNS: Final = 9
SOURCES: Final = tuple(POSITION_SOURCE)

#: Stand-ins of the same length as what they replace, so that the bytes need not be moved, and far from any value sent.
NULL: Final = -1e9
GROUND: Final = -9999999.0
_HELD: Final = -2e9
_SOURCE_CODES: Final = tuple((f'"{name}"'.encode(), str(k).ljust(len(name) + 2).encode()) for k, name in enumerate(SOURCES))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """``table`` has a row for each of the columns above that the file has, and a column a point; unknown is ``NULL``, an altitude may
    be ``GROUND``, a source is its place in ``SOURCES``. ``callsigns`` are the points, in order, at which another callsign was sent,
    and these."""

    header: dict[str, Any]
    table: Floats
    objects: Objects
    callsigns: tuple[Ints, Sequence[str]]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The aircraft objects that some points carry, undecoded, and the points they stand in; each holds until the next."""

    rows: Ints
    said: Sequence[bytes]


def read_points(plain: bytes) -> Points:
    """A trace file's points.

    Raises:
        BadAnswer: not JSON, or not a trace.
    """
    return _read_fast(plain) or _read_each(plain)


def _read_fast(plain: bytes) -> Points | None:
    """None: this file must be read point by point."""
    start, end = plain.find(b'"trace":['), plain.rfind(b"]]")
    if not 0 <= start < end:
        return None
    try:
        header = orjson.loads(plain[:start] + b'"trace":[]' + plain[end + 2 :])
    except orjson.JSONDecodeError:
        return None
    if not isinstance(header, dict) or "timestamp" not in header:
        return None
    text, said, flights = _without_objects(plain[start + 8 : end + 2])
    text = _without_words(text)
    for name, code in _SOURCE_CODES:
        if b'"' not in text:
            break
        text = text.replace(name, code)
    table = _numbers(text)
    if table is None or not _as_expected(table, len(said)):
        return None
    rows = np.flatnonzero(table[OBJECT] == _HELD)
    return Points(
        header=header,
        table=table,
        objects=Objects(rows, said),
        callsigns=(rows[np.array([k for k, _ in flights], dtype=np.int64)], [flight for _, flight in flights]),
    )


def _without_objects(body: bytes) -> tuple[bytes, list[bytes], list[tuple[int, str]]]:
    """The points with a number in place of each object; the objects; and which of them say another callsign than before.

    Objects within objects are not minded: what is left of them is no array of numbers.
    """
    pieces: list[bytes] = []
    said: list[bytes] = []
    flights: list[tuple[int, str]] = []
    at, last = 0, b""
    find = body.find
    while (start := find(b"{", at)) >= 0 and (end := find(b"}", start)) >= 0:
        one = body[start : end + 1]
        flight = _flight(one)
        if flight != last and flight.strip():
            flights.append((len(said), flight.decode("utf-8", "replace")))
            last = flight
        pieces.append(body[at:start])
        said.append(one)
        at = end + 1
    pieces.append(body[at:])
    return b"-2e9".join(pieces), said, flights


def _without_words(text: bytes) -> bytes:
    """The same with numbers for ``null`` and ``"ground"``: both have an n, which numbers have not, and it is looked for only once."""
    out = bytearray(text)
    at = np.flatnonzero(np.frombuffer(out, dtype=np.uint8) == ord("n"))
    for word, number, before in ((b"null", b"-1e9", 0), (b'"ground"', b"-9999999", 5)):
        size = len(word)
        kind, starts = np.dtype(f"<u{size}"), len(out) - size + 1
        # What begins at each letter, as one number.
        words = np.ndarray((max(starts, 0),), dtype=kind, buffer=out, strides=(1,))
        begin = at[(at >= before) & (at < starts + before)] - before
        words[begin[words[begin] == np.frombuffer(word, dtype=kind)]] = np.frombuffer(number, dtype=kind)
    return bytes(out)


def _flight(one: bytes) -> bytes:
    at = one.find(b'"flight":"') + 10
    return one[at : one.find(b'"', at)] if at >= 10 else str(value_in(one, "flight") or "").encode()


def value_in(said: bytes, key: str) -> Any:
    """What an undecoded aircraft object says of a key; None: nothing."""
    if f'"{key}"'.encode() not in said:
        return None
    try:
        return orjson.loads(said).get(key)
    except orjson.JSONDecodeError:
        return None


def numbers_in(said: Sequence[bytes], key: str) -> Floats:
    """The number that each of many undecoded aircraft objects says of a key; NaN: none."""
    mark = f'"{key}":'.encode()
    out = np.full(len(said), np.nan)
    for k, one in enumerate(said):
        at = one.find(mark)
        if at >= 0:
            at += len(mark)
            try:
                out[k] = float(one[at : one.find(b",", at)])
                continue
            except ValueError:
                pass
        value = value_in(one, key)
        out[k] = value if isinstance(value, int | float) else np.nan
    return out


def text_in(said: bytes, key: str, text: str) -> bool:
    """Whether an undecoded aircraft object says this text of a key."""
    return text.encode() in said and value_in(said, key) == text


def _numbers(text: bytes) -> Floats | None:
    """An array of rows of numbers; None when it is not one, or simdjson is not there."""
    parser = _parser()
    if parser is None:
        return None
    try:
        array = parser.parse(text)
        rows, flat = len(array), np.frombuffer(array.as_buffer(of_type="d"), dtype=np.float64)
    except (ValueError, TypeError, AttributeError, RuntimeError):
        # RuntimeError: another thread is just now reading another file.
        return None
    if rows <= 0 or len(flat) % rows:
        return None
    return np.ascontiguousarray(flat.reshape(rows, -1)[:, : GEOMETRIC + 1].T)


@cache
def _parser() -> Any:
    """The parser of all files of this process, one after the other; None where simdjson has no wheel."""
    try:
        import simdjson
    except ImportError:
        return None
    return simdjson.Parser()


def _as_expected(table: Floats, objects: int) -> bool:
    """Rows of unlike lengths would put values of other columns where objects, or nothing, should be."""
    if len(table) < LEAST_COLUMNS or (table[TIME] == NULL).any():
        return False
    held = np.count_nonzero(table[OBJECT] == _HELD)
    return bool(held == objects and held + np.count_nonzero(table[OBJECT] == NULL) == table.shape[1])


def _read_each(plain: bytes) -> Points:
    try:
        data = orjson.loads(plain)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"not JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("trace"), list) or "timestamp" not in data:
        raise BadAnswer("not a trace file: no timestamp and trace", hint="a readsb trace_full_<hex>.json")
    points: list[Any] = data.pop("trace")
    problems: list[Problem] = []
    try:
        table = _table(points)
    except (TypeError, ValueError, IndexError, OverflowError):
        points, problems = _usable(points, str(data.get("icao", "")))
        table = _table(points)
    column = [point[OBJECT] for point in points]
    said = list(filter(None, column))
    changes = _changes([one.get("flight") for one in said])
    rows = np.fromiter(compress(count(), column), np.int64)
    return Points(
        header=data,
        table=table,
        objects=Objects(rows, [orjson.dumps(one) for one in said]),
        callsigns=(rows[np.array([k for k, _ in changes], dtype=np.int64)], [text for _, text in changes]),
        problems=tuple(problems),
    )


def _table(points: Sequence[Sequence[Any]]) -> Floats:
    if not points:
        return np.empty((LEAST_COLUMNS, 0))
    columns = list(zip(*points, strict=False))[: GEOMETRIC + 1]
    if len(columns) < LEAST_COLUMNS:
        raise ValueError(f"points of {len(columns)} columns")
    if not {type(one) for one in columns[OBJECT] if one} <= {dict}:
        raise ValueError("an aircraft object is none")
    table = np.full((len(columns), len(points)), NULL)
    codes = {name: k for k, name in enumerate(SOURCES)}
    for k, values in enumerate(columns):
        if k == SOURCE:
            table[k] = [codes.get(value, NULL) for value in values]
        elif k == ALTITUDE:
            table[k] = [NULL if value is None else GROUND if value == "ground" else float(value) for value in values]
        elif k in (TIME, LAT, LON, FLAGS):
            table[k] = np.fromiter(values, np.float64, len(values))
        elif k != OBJECT:
            table[k] = [NULL if value is None else float(value) for value in values]
    return table


def _usable(points: Sequence[Any], icao24: str) -> tuple[list[list[Any]], list[Problem]]:
    """The points that can be read one by one, and why the others cannot."""
    good, problems = [], []
    for number, point in enumerate(points):
        try:
            _table([point])
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            problems.append(Problem(where=f"{icao24} point {number}", reason=str(error)))
            continue
        good.append(point)
    return good, problems


def _changes(texts: Sequence[Any]) -> list[tuple[int, str]]:
    """Where a text that says something differs from the one before."""
    out: list[tuple[int, str]] = []
    last = None
    for k, text in enumerate(texts):
        if text is not None and text != last and str(text).strip():
            out.append((k, str(text)))
            last = text
    return out

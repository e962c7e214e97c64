"""readsb trace files (``trace_full_<hex>.json``, ``trace_recent_<hex>.json``): gzip or plain, 9 or 14 columns a point.

Most points of a day are in cruise and say nothing of a landing, so a trace is read in two steps: ``read_trace`` takes
six columns of every point, ``Trace.with_details`` the others of those that matter. Columns and flags: ``README-json.md``
of wiedehopf/readsb. A point flagged stale (1) is the first after a silence of 20 s or more: a good position.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress, count
from operator import itemgetter
from typing import Any, Final

import numpy as np
import orjson
import pandas as pd

from pipeline.model.columns import AIR, GROUND, ROTORCRAFT, Bools, Columns, Floats, Ints, arrange
from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, BadIdentifier
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import IdKind, clean_registration, mint, parse_icao24
from pipeline.model.labels import TraceLabels
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed
from pipeline.sources.readsb_json import POSITION_SOURCE
from pipeline.sources.unpack import unpack

_GEOMETRIC_ALTITUDE: Final = 8
_MILITARY: Final = 1
_LEAST_COLUMNS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """One file's points: ``seen`` with time, place, altitude, speed and ground flag only, all ``columns`` as they stood in the file."""

    seen: Columns
    columns: Sequence[Sequence[Any]]
    objects: Objects
    labels: TraceLabels
    military: bool
    problems: tuple[Problem, ...]

    def with_details(self, kept: Columns) -> Columns:
        """Some of the rows of ``seen``, with track, rates, integrity and source."""
        if not len(kept):
            return kept
        pick = _picker(kept.row)
        newest = self.objects.at(kept.row)
        wide = len(self.columns) > 10
        track = _numbers(pick(self.columns[5]))
        # On the ground the column is a heading, which is not a direction of travel.
        track[kept.ground == GROUND] = np.nan
        geom = _numbers(pick(self.columns[10])) if wide else kept.geom_ft
        return replace(
            kept,
            track_deg=track,
            vrate_fpm=_numbers(pick(self.columns[7])),
            geom_ft=np.where(np.isnan(kept.geom_ft), geom, kept.geom_ft),
            nic=newest.numbers("nic"),
            qnh_hpa=newest.numbers("nav_qnh"),
            mlat=np.array([source == "mlat" for source in pick(self.columns[9])], dtype=np.bool_) if wide else kept.mlat,
            rotorcraft=np.full(len(kept.icao24), next((one["category"] for one in newest.said if "category" in one), "") == ROTORCRAFT),
        )


class Objects:
    """The aircraft objects that some points carry, and the rows they stand in; each holds until the next."""

    def __init__(self, column: Sequence[Any]) -> None:
        self.rows: Ints = np.fromiter(compress(count(), column), np.int64)
        self.said: list[dict[str, Any]] = list(filter(None, column))
        if not set(map(type, self.said)) <= {dict}:
            raise ValueError("an aircraft object is none")

    def at(self, rows: Ints) -> NewestObjects:
        """The newest object at or before each row."""
        before = np.searchsorted(self.rows, rows, side="right") - 1
        used, which = np.unique(before, return_inverse=True)
        return NewestObjects([self.said[k] if k >= 0 else {} for k in used.tolist()], which)


@dataclass(frozen=True, slots=True)
class NewestObjects:
    """Objects, and which of them holds at each row asked for."""

    said: Sequence[dict[str, Any]]
    which: Ints

    def numbers(self, key: str) -> Floats:
        """NaN: not said."""
        return _numbers([one.get(key) for one in self.said])[self.which]

    def texts(self, key: str) -> list[str]:
        """Empty: not said."""
        known = [str(one.get(key) or "") for one in self.said]
        return [known[k] for k in self.which.tolist()]


def read_trace(body: bytes, *, provider: str, origin: Origin, capture_id: str | None = None) -> Trace:
    """One aircraft's trace.

    Args:
        capture_id: of the bytes; None: made from them.

    Raises:
        BadAnswer: not gzip or JSON as promised, or not a trace.
    """
    plain = unpack(body)
    try:
        data = orjson.loads(plain)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"not JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("trace"), list) or "timestamp" not in data:
        raise BadAnswer("not a trace file: no timestamp and trace", hint="a readsb trace_full_<hex>.json")
    try:
        icao24 = parse_icao24(str(data.get("icao", "")))
        base = float(data["timestamp"])
    except (BadIdentifier, TypeError, ValueError) as error:
        raise BadAnswer(str(error)) from None
    problems: list[Problem] = []
    try:
        columns, numbers = _columns(data["trace"])
    except (TypeError, ValueError, IndexError, OverflowError):
        points, problems = _usable(data["trace"], icao24)
        columns, numbers = _columns(points)
    on_earth = (np.abs(numbers["lat"]) <= 90) & (np.abs(numbers["lon"]) <= 180) & np.isfinite(numbers["t"])
    problems += [
        Problem(where=f"{icao24} point {row}", reason=f"position {columns[1][row]}, {columns[2][row]} is not on the globe")
        for row in np.flatnonzero(~on_earth).tolist()
    ]
    objects = Objects(columns[8] if columns else ())
    callsigns = _changes([one.get("flight") for one in objects.said])
    return Trace(
        seen=_arranged(icao24, base, numbers, on_earth),
        columns=columns,
        objects=objects,
        labels=TraceLabels(
            icao24=icao24,
            registration=clean_registration(data.get("r")),
            type_code=str(data.get("t") or ""),
            provider=provider,
            capture_id=capture_id or mint(IdKind.CAPTURE, hashlib.sha256(body).hexdigest()),
            origin=origin.value,
            changes=np.array([objects.rows[k] for k, _ in callsigns], dtype=np.int64),
            callsigns=[text for _, text in callsigns],
        ),
        military=bool(int(data.get("dbFlags") or 0) & _MILITARY),
        problems=tuple(problems),
    )


def parse_trace(body: bytes, *, provider: str, capture_id: str, origin: Origin) -> Parsed:
    """One aircraft's trace as a ``POSITIONS`` frame.

    Raises:
        BadAnswer: as ``read_trace``.
    """
    trace = read_trace(body, provider=provider, origin=origin, capture_id=capture_id)
    full = trace.with_details(trace.seen)
    icao24 = trace.labels.icao24
    newest = trace.objects.at(full.row)
    wide = len(trace.columns) > 9
    sources = [POSITION_SOURCE.get(trace.columns[9][row], "other") if wide else "other" for row in full.row.tolist()]
    frame = pd.DataFrame(
        {
            "icao24": icao24,
            "time": full.t,
            "lat": full.lat,
            "lon": full.lon,
            "alt_baro_ft": full.alt_ft,
            "alt_geom_ft": full.geom_ft,
            "ground_speed_kt": full.speed_kt,
            "track_deg": full.track_deg,
            "vertical_rate_fpm": full.vrate_fpm,
            "on_ground": full.ground == GROUND,
            "callsign": [trace.labels.callsign(full.row[k : k + 1]) for k in range(len(full))],
            "registration": trace.labels.registration,
            "type_code": trace.labels.type_code,
            "category": newest.texts("category"),
            "squawk": newest.texts("squawk"),
            "nic": full.nic,
            "nac_p": newest.numbers("nac_p"),
            "sil": newest.numbers("sil"),
            "nav_qnh_hpa": full.qnh_hpa,
            "position_source": sources,
            "provider": provider,
            "military": trace.military,
            "capture_id": capture_id,
            "origin": origin.value,
        }
    )
    return Parsed(positions=POSITIONS.cast(frame), problems=trace.problems, aircraft_heard=1)


def _columns(points: Sequence[Sequence[Any]]) -> tuple[Sequence[Sequence[Any]], dict[str, Any]]:
    """A file's points, which are of one length, by column, and six of the columns as arrays."""
    if not points:
        return (), dict.fromkeys(("t", "lat", "lon", "alt", "speed"), np.empty(0)) | {
            "ground": np.empty(0, bool),
            "flags": np.empty(0, int),
        }
    columns = list(zip(*points, strict=False))
    if len(columns) < _LEAST_COLUMNS:
        raise ValueError(f"points of {len(columns)} columns")
    altitudes = columns[3]
    alt = _numbers([-np.inf if a == "ground" else a for a in altitudes] if "ground" in altitudes else altitudes)
    ground = np.isneginf(alt)
    alt[ground] = np.nan
    return columns, {
        "t": np.fromiter(columns[0], np.float64, len(points)),
        "lat": np.fromiter(columns[1], np.float64, len(points)),
        "lon": np.fromiter(columns[2], np.float64, len(points)),
        "alt": alt,
        "speed": _numbers(columns[4]),
        "flags": np.fromiter(columns[6], np.int64, len(points)),
        "ground": ground,
    }


def _usable(points: Sequence[Any], icao24: str) -> tuple[list[list[Any]], list[Problem]]:
    """The points that can be read one by one, and why the others cannot."""
    good, problems = [], []
    for number, point in enumerate(points):
        try:
            _columns([point])
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            problems.append(Problem(where=f"{icao24} point {number}", reason=str(error)))
            continue
        good.append(point)
    return good, problems


def _arranged(icao24: str, base: float, numbers: dict[str, Any], use: Bools) -> Columns:
    rows = np.flatnonzero(use)
    geometric = (numbers["flags"][rows] & _GEOMETRIC_ALTITUDE) > 0
    altitude = numbers["alt"][rows]
    return arrange(
        [icao24],
        np.zeros(len(rows), dtype=np.int64),
        numbers["t"][rows] + base,
        {
            "lat": numbers["lat"][rows],
            "lon": numbers["lon"][rows],
            "alt_ft": np.where(geometric, np.nan, altitude),
            "geom_ft": np.where(geometric, altitude, np.nan),
            "speed_kt": numbers["speed"][rows],
        },
        ground=np.where(numbers["ground"][rows], GROUND, AIR).astype(np.int8),
        row=rows,
    )


def _changes(texts: Sequence[Any]) -> list[tuple[int, str]]:
    """Where a text that says something differs from the one before."""
    out: list[tuple[int, str]] = []
    last = None
    for k, text in enumerate(texts):
        if text is not None and text != last and str(text).strip():
            out.append((k, str(text)))
            last = text
    return out


def _picker(rows: Ints) -> Callable[[Sequence[Any]], Sequence[Any]]:
    if len(rows) == 1:
        only = int(rows[0])
        return lambda column: (column[only],)
    return itemgetter(*rows.tolist())


def _numbers(values: Sequence[Any]) -> Floats:
    """None is unknown."""
    try:
        return np.fromiter(values, np.float64, len(values))
    except TypeError:
        return np.array(values, dtype=np.float64)

"""readsb trace files (``trace_full_<hex>.json``, ``trace_recent_<hex>.json``): gzip or plain, 9 or 14 columns a point.

Most points of a day are in cruise and say nothing of a landing, so a trace is read in two steps: ``read_trace`` takes
six columns of every point, ``Trace.with_details`` the others of those that matter. Columns and flags: ``README-json.md``
of wiedehopf/readsb. A point flagged stale (1) is the first after a silence of 20 s or more: a good position.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import orjson
import pandas as pd

from pipeline.model.columns import AIR, GROUND, ROTORCRAFT, Bools, Columns, Floats, Ints, arrange
from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, BadIdentifier
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import IdKind, clean_callsign, clean_registration, mint, parse_icao24
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
    """One file's points: ``seen`` with time, place, altitude, speed and ground flag only, ``points`` as they stood in the file."""

    seen: Columns
    points: Sequence[Sequence[Any]]
    labels: TraceLabels
    military: bool
    problems: tuple[Problem, ...]

    def with_details(self, kept: Columns) -> Columns:
        """Some of the rows of ``seen``, with track, rates, integrity and source."""
        rows = kept.row.tolist()
        points = [self.points[row] for row in rows]
        wide = bool(points) and len(points[0]) > 10
        details = self.details(kept.row)
        on_ground = kept.ground == GROUND
        track = _numbers([p[5] for p in points])
        # On the ground the column is a heading, which is not a direction of travel.
        track[on_ground] = np.nan
        geom = _numbers([p[10] for p in points]) if wide else np.full(len(rows), np.nan)
        return replace(
            kept,
            track_deg=track,
            vrate_fpm=_numbers([p[7] for p in points]),
            geom_ft=np.where(np.isnan(kept.geom_ft), geom, kept.geom_ft),
            nic=_numbers([d.get("nic") for d in details]),
            qnh_hpa=_numbers([d.get("nav_qnh") for d in details]),
            mlat=np.array([p[9] == "mlat" for p in points], dtype=np.bool_) if wide else kept.mlat,
            rotorcraft=np.array([any(d.get("category") == ROTORCRAFT for d in details)]),
        )

    def details(self, rows: Ints) -> list[dict[str, Any]]:
        """For each row the newest aircraft object at or before it."""
        at = np.array([row for row, p in enumerate(self.points) if type(p[8]) is dict], dtype=np.int64)
        if not len(at):
            return [{}] * len(rows)
        before = np.searchsorted(at, rows, side="right") - 1
        objects = [self.points[k][8] for k in at.tolist()]
        return [objects[k] if k >= 0 else {} for k in before.tolist()]


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
    points: list[list[Any]] = data["trace"]
    problems: list[Problem] = []
    try:
        numbers = _columns(points)
    except (TypeError, ValueError, IndexError, OverflowError):
        points, problems = _usable(points, icao24)
        numbers = _columns(points)
    on_earth = (np.abs(numbers["lat"]) <= 90) & (np.abs(numbers["lon"]) <= 180) & np.isfinite(numbers["t"])
    problems += [
        Problem(where=f"{icao24} point {row}", reason=f"position {points[row][1]}, {points[row][2]} is not on the globe")
        for row in np.flatnonzero(~on_earth).tolist()
    ]
    return Trace(
        seen=_arranged(icao24, base, numbers, on_earth),
        points=points,
        labels=_labels(data, icao24, points, provider, origin, capture_id or mint(IdKind.CAPTURE, hashlib.sha256(plain).hexdigest())),
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
    points, details = [trace.points[row] for row in full.row.tolist()], trace.details(full.row)
    icao24 = trace.labels.icao24
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
            "callsign": pd.Series([clean_callsign(d.get("flight")) or None for d in details], dtype="object").ffill(),
            "registration": trace.labels.registration,
            "type_code": trace.labels.type_code,
            "category": [str(d.get("category") or "") for d in details],
            "squawk": [str(d.get("squawk") or "") for d in details],
            "nic": full.nic,
            "nac_p": _numbers([d.get("nac_p") for d in details]),
            "sil": _numbers([d.get("sil") for d in details]),
            "nav_qnh_hpa": full.qnh_hpa,
            "position_source": [POSITION_SOURCE.get(p[9], "other") if len(p) > 9 else "other" for p in points],
            "provider": provider,
            "military": trace.military,
            "capture_id": capture_id,
            "origin": origin.value,
        }
    )
    return Parsed(positions=POSITIONS.cast(frame), problems=trace.problems, aircraft_heard=1)


def _columns(points: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Six columns of every point; a file has points of one length."""
    if not points:
        return dict.fromkeys(("t", "lat", "lon", "alt", "speed"), np.empty(0)) | {"ground": np.empty(0, bool), "flags": np.empty(0, int)}
    columns = list(zip(*points, strict=False))
    if len(columns) < _LEAST_COLUMNS:
        raise ValueError(f"points of {len(columns)} columns")
    altitudes = columns[3]
    on_ground = "ground" in altitudes
    ground = np.array([a == "ground" for a in altitudes], dtype=np.bool_) if on_ground else np.zeros(len(points), dtype=np.bool_)
    return {
        "t": np.array(columns[0], dtype=np.float64),
        "lat": np.array(columns[1], dtype=np.float64),
        "lon": np.array(columns[2], dtype=np.float64),
        "alt": _numbers([None if a == "ground" else a for a in altitudes] if on_ground else altitudes),
        "speed": _numbers(columns[4]),
        "flags": np.array(columns[6], dtype=np.int64),
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


def _labels(
    data: dict[str, Any], icao24: str, points: Sequence[Sequence[Any]], provider: str, origin: Origin, capture_id: str
) -> TraceLabels:
    sent = [(row, p[8]["flight"]) for row, p in enumerate(points) if type(p[8]) is dict and p[8].get("flight")]
    return TraceLabels(
        icao24=icao24,
        registration=clean_registration(data.get("r")),
        type_code=str(data.get("t") or ""),
        provider=provider,
        capture_id=capture_id,
        origin=origin.value,
        changes=np.array([row for row, _ in sent], dtype=np.int64),
        callsigns=[str(text) for _, text in sent],
    )


def _numbers(values: Sequence[Any]) -> Floats:
    """None is unknown."""
    return np.array(values, dtype=np.float64)

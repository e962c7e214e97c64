"""readsb trace files (``trace_full_<hex>.json``, ``trace_recent_<hex>.json``): gzip or plain, 9 or 14 columns a point.

Most points of a day are in cruise and say nothing of a landing, so traces are read in two steps: ``TraceRows`` takes
six columns of every point, ``TraceRows.with_details`` the others of those that matter. Columns and
flags: ``README-json.md`` of wiedehopf/readsb. A point flagged stale (1) is the first after a silence of 20 s or more: a
good position.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from pipeline.model.columns import AIR, GROUND, ROTORCRAFT, Columns, Floats, Ints, address, arrange
from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, BadIdentifier
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import IdKind, clean_registration, mint, parse_icao24
from pipeline.model.labels import JoinedLabels, TraceLabels
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed
from pipeline.sources import trace_table as columns
from pipeline.sources.readsb_json import POSITION_SOURCE
from pipeline.sources.trace_table import NULL, Points, numbers_in, read_points, text_in, value_in
from pipeline.sources.unpack import unpack

_GEOMETRIC_ALTITUDE: Final = 8
_MILITARY: Final = 1
_MLAT: Final = columns.SOURCES.index("mlat")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """One aircraft's file. ``base`` is the epoch that its times count from."""

    points: Points
    base: float
    labels: TraceLabels
    military: bool
    problems: tuple[Problem, ...]


def read_trace(body: bytes, *, provider: str, origin: Origin, capture_id: str | None = None) -> Trace:
    """One aircraft's trace.

    Args:
        capture_id: of the bytes; None: made from them.

    Raises:
        BadAnswer: not gzip or JSON as promised, or not a trace.
    """
    points = read_points(unpack(body))
    try:
        icao24 = parse_icao24(str(points.header.get("icao", "")))
        base = float(points.header["timestamp"])
    except (BadIdentifier, TypeError, ValueError) as error:
        raise BadAnswer(str(error)) from None
    lat, lon = points.table[columns.LAT], points.table[columns.LON]
    off = np.flatnonzero(~((np.abs(lat) <= 90) & (np.abs(lon) <= 180)))
    problems = [
        Problem(where=f"{icao24} point {row}", reason=f"position {_said(lat[row])}, {_said(lon[row])} is not on the globe")
        for row in off.tolist()
    ]
    return Trace(
        points=points,
        base=base,
        labels=TraceLabels(
            icao24=icao24,
            registration=clean_registration(points.header.get("r")),
            type_code=str(points.header.get("t") or ""),
            provider=provider,
            capture_id=capture_id or mint(IdKind.CAPTURE, hashlib.sha256(body).hexdigest()),
            origin=origin.value,
            changes=points.callsigns[0],
            callsigns=points.callsigns[1],
        ),
        military=bool(int(points.header.get("dbFlags") or 0) & _MILITARY),
        problems=(*points.problems, *problems),
    )


class TraceRows:
    """The points of several traces, one after another; ``seen`` has time, place, altitude, speed and ground flag only."""

    def __init__(self, traces: Sequence[Trace]) -> None:
        self._traces = traces
        lengths = [one.points.table.shape[1] for one in traces]
        self._starts = np.cumsum([0, *lengths[:-1]])
        names = {name: k for k, name in enumerate(dict.fromkeys(one.labels.icao24 for one in traces))}
        lat, lon = self._column(columns.LAT), self._column(columns.LON)
        altitude, speed = self._column(columns.ALTITUDE), self._column(columns.SPEED)
        on_ground = altitude == columns.GROUND
        altitude[on_ground] = np.nan
        geometric = (self._column(columns.FLAGS).astype(np.int64) & _GEOMETRIC_ALTITUDE) > 0
        geometric &= ~np.isnan(altitude)
        geom = np.full(len(lat), np.nan)
        if geometric.any():
            geom[geometric], altitude[geometric] = altitude[geometric], np.nan
        rows = np.flatnonzero((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
        pick: Any = slice(None) if len(rows) == len(lat) else rows
        self.labels = JoinedLabels([one.labels for one in traces], self._starts.tolist(), [[one.labels.icao24] for one in traces])
        self.seen = arrange(
            list(names),
            np.repeat([names[one.labels.icao24] for one in traces], lengths)[pick],
            (self._column(columns.TIME) + np.repeat([one.base for one in traces], lengths))[pick],
            {"lat": lat[pick], "lon": lon[pick], "alt_ft": altitude[pick], "geom_ft": geom[pick], "speed_kt": speed[pick]},
            ground=np.where(on_ground, GROUND, AIR).astype(np.int8)[pick],
            row=rows,
        )

    def _column(self, which: int, rows: Ints | None = None) -> Floats:
        """One column of all the traces, or of some rows of it; unknown is NaN, also where a trace lacks the column."""
        parts = [
            one.points.table[which] if which < len(one.points.table) else np.full(one.points.table.shape[1], NULL) for one in self._traces
        ]
        found: Floats = np.concatenate(parts) if rows is None else np.concatenate(parts)[rows]
        if which not in (columns.TIME, columns.FLAGS):
            found[found == NULL] = np.nan
        return found

    def with_details(self, kept: Columns) -> Columns:
        """Some of the rows of ``seen``, with track, rates, integrity and source."""
        if not len(kept):
            return kept
        track = self._column(columns.TRACK, kept.row)
        # On the ground the column is a heading, which is not a direction of travel.
        track[kept.ground == GROUND] = np.nan
        newest = self.newest(kept.row)
        rotors = {name for name, said in zip(newest.icao24, newest.said, strict=True) if text_in(said, "category", ROTORCRAFT)}
        return replace(
            kept,
            track_deg=track,
            vrate_fpm=self._column(columns.RATE, kept.row),
            geom_ft=np.where(np.isnan(kept.geom_ft), self._column(columns.GEOMETRIC, kept.row), kept.geom_ft),
            nic=newest.numbers("nic"),
            qnh_hpa=newest.numbers("nav_qnh"),
            mlat=self._column(columns.SOURCE, kept.row) == _MLAT,
            rotorcraft=np.array([address(name) in rotors for name in kept.icao24], dtype=np.bool_),
        )

    def newest(self, rows: Ints) -> NewestObjects:
        """The newest aircraft object at or before each row, of the same trace."""
        objects = [one.points.objects for one in self._traces]
        at = np.concatenate([one.rows + start for one, start in zip(objects, self._starts, strict=True)])
        before = np.searchsorted(at, rows, side="right") - 1
        if len(at):
            # What another trace's last object says does not hold here.
            own = self._starts[np.searchsorted(self._starts, rows, side="right") - 1]
            before[at[before] < own] = -1
        used, which = np.unique(before, return_inverse=True)
        trace = np.searchsorted(self._starts, at[used], side="right") - 1 if len(at) else used
        first = np.cumsum([0, *(len(one.rows) for one in objects)])
        said = [objects[t].said[k - int(first[t])] if k >= 0 else b"" for k, t in zip(used.tolist(), trace.tolist(), strict=True)]
        return NewestObjects(said, [self._traces[t].labels.icao24 for t in trace.tolist()], which)

    def sources(self, rows: Ints) -> list[str]:
        """Each row's position source, in our words."""
        codes = np.nan_to_num(self._column(columns.SOURCE, rows), nan=-1).astype(np.int64).tolist()
        return [POSITION_SOURCE[columns.SOURCES[code]] if code >= 0 else "other" for code in codes]


@dataclass(frozen=True, slots=True)
class NewestObjects:
    """Objects with the aircraft of each, and which of them holds at each row asked for."""

    said: Sequence[bytes]
    icao24: Sequence[str]
    which: Ints

    def numbers(self, key: str) -> Floats:
        """NaN: not said."""
        return numbers_in(self.said, key)[self.which]

    def texts(self, key: str) -> list[str]:
        """Empty: not said."""
        known = [str(value_in(one, key) or "") for one in self.said]
        return [known[k] for k in self.which.tolist()]


def parse_trace(body: bytes, *, provider: str, capture_id: str, origin: Origin) -> Parsed:
    """One aircraft's trace as a ``POSITIONS`` frame.

    Raises:
        BadAnswer: as ``read_trace``.
    """
    trace = read_trace(body, provider=provider, origin=origin, capture_id=capture_id)
    rows = TraceRows([trace])
    full = rows.with_details(rows.seen)
    newest = rows.newest(full.row)
    frame = pd.DataFrame(
        {
            "icao24": trace.labels.icao24,
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
            "position_source": rows.sources(full.row),
            "provider": provider,
            "military": trace.military,
            "capture_id": capture_id,
            "origin": origin.value,
        }
    )
    return Parsed(positions=POSITIONS.cast(frame), problems=trace.problems, aircraft_heard=1)


def _said(value: float) -> str:
    return "unknown" if value == NULL else str(value)

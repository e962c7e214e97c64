"""Positions → landings and take-offs. Stateless and pure: the same positions give the same answer, in any order or batching."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from pipeline.detect.events import Departure, EventFinder, EventSettings, Touchdown
from pipeline.detect.ground import GroundState
from pipeline.detect.phases import Phases, Spell
from pipeline.detect.runway import RunwayFit
from pipeline.detect.screen import Screen
from pipeline.detect.track import Track, tracks
from pipeline.model.frames import LANDINGS, REJECTED, TAKE_OFFS
from pipeline.model.ids import clean_callsign
from pipeline.model.origin import weakest
from pipeline.places.airports import Airports

#: Changes when the same positions may give another answer.
VERSION = "detect-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSettings:
    """Every threshold, each in a stated unit, where it is used."""

    screen: Screen = field(default_factory=Screen)
    ground: GroundState = field(default_factory=GroundState)
    phases: Phases = field(default_factory=Phases)
    runway: RunwayFit = field(default_factory=RunwayFit)
    events: EventSettings = field(default_factory=EventSettings)
    #: A take-off belongs to the next landing when no longer than this lies between.
    longest_flight_s: float = 20 * 3600


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """``landings`` (LANDINGS, open approaches too), ``take_offs`` (TAKE_OFFS), ``rejected`` (REJECTED).

    ``open_since``: where each aircraft's last flight starts, so that detection can begin there next time.
    """

    landings: pd.DataFrame
    take_offs: pd.DataFrame
    rejected: pd.DataFrame
    open_since: dict[str, datetime]


class Detector:
    """``apply`` turns a ``POSITIONS`` frame into a ``Detection``."""

    def __init__(self, airports: Airports, settings: DetectorSettings | None = None) -> None:
        self.airports = airports
        self.settings = settings or DetectorSettings()
        self._events = EventFinder(airports, self.settings.events, self.settings.runway)

    def apply(self, positions: pd.DataFrame, *, now: datetime | None = None) -> Detection:
        """Landings and take-offs of every aircraft in ``positions``.

        Args:
            positions: ``POSITIONS``, in any order.
            now: the time of asking; an aircraft lost less than a silence ago is still flying. None: all is history.
        """
        frame = positions[positions["position_source"] != "mode_s"].reset_index(drop=True)
        age = frame["position_age_s"].to_numpy(dtype=np.float64)
        asked = None if now is None else now.timestamp()
        out = _Collector(frame, self.airports)
        for track in tracks(frame):
            clean, reasons = self.settings.screen.apply(track, age)
            out.reject(track, reasons)
            if len(clean) < 2:
                continue
            spells = self.settings.phases.apply(clean, self.settings.ground.apply(clean, self.airports))
            touchdowns, departures = self._events.apply(clean, spells, now=asked)
            out.add(clean, spells, touchdowns, departures, self.settings.longest_flight_s)
        return out.result()


class _Collector:
    """Gathers rows of many aircraft into frames."""

    def __init__(self, frame: pd.DataFrame, airports: Airports) -> None:
        self.frame, self.airports = frame, airports
        self.landings: list[dict[str, object]] = []
        self.take_offs: list[dict[str, object]] = []
        self.rejected: list[pd.DataFrame] = []
        self.open_since: dict[str, datetime] = {}

    def reject(self, track: Track, reasons: np.ndarray[tuple[int], np.dtype[np.object_]]) -> None:
        bad = np.flatnonzero(reasons != "")
        if len(bad):
            rows = self.frame.iloc[track.row[bad]][["icao24", "time", "lat", "lon", "capture_id", "origin"]]
            self.rejected.append(rows.assign(reason=reasons[bad]))

    def add(self, track: Track, spells: list[Spell], touchdowns: list[Touchdown], departures: list[Departure], longest_s: float) -> None:
        for one in touchdowns:
            self.landings.append(self._landing(track, one, touchdowns, departures, longest_s))
        origin = str(self.frame["origin"].iloc[track.row[0]])
        self.take_offs += [
            {
                "icao24": track.icao24,
                "airport": self.airports.codes[one.airport],
                "take_off": _time(one.t),
                "take_off_earliest": _time(one.earliest),
                "take_off_latest": _time(one.latest),
                "kind": one.kind,
                "confidence": one.confidence,
                "reason": one.reason,
                "origin": origin,
            }
            for one in departures
        ]
        flights = [s for s in spells if not s.ground]
        start = float(track.t[flights[-1].first]) if flights else float(track.t[0])
        if departures:
            start = min(start, departures[-1].earliest)
        self.open_since[track.icao24] = _time(max(start - 900, float(track.t[0])))

    def _landing(
        self, track: Track, one: Touchdown, all_of_them: list[Touchdown], departures: list[Departure], longest_s: float
    ) -> dict[str, object]:
        rows = self.frame.iloc[track.row[one.rows[0] : one.rows[1] + 1]]
        before = [d for d in departures if d.t < one.t and one.t - d.t < longest_s]
        previous = [x.t for x in all_of_them if x.t < one.t and x.kind != "open_approach"]
        left = before[-1] if before and (not previous or before[-1].t >= previous[-1]) else None
        flown = self.frame.iloc[track.row]
        return {
            "icao24": track.icao24,
            "registration": _latest(flown["registration"]),
            "callsign": clean_callsign(_latest(rows["callsign"]) or _latest(flown["callsign"])),
            "type_code": _latest(flown["type_code"]),
            "airport": self.airports.codes[one.airport],
            "touchdown": _time(one.t),
            "touchdown_earliest": _time(one.earliest),
            "touchdown_latest": _time(one.latest),
            "kind": one.kind,
            "confidence": round(one.confidence, 3),
            "runway": one.runway,
            "from_airport": self.airports.codes[left.airport] if left else "",
            "from_kind": left.kind if left else "",
            "from_time": _time(left.t) if left else None,
            "runner_up": one.runner_up,
            "last_seen": _time(one.last_seen),
            "last_height_ft": one.last_height_ft,
            "last_distance_nm": one.last_distance_nm,
            "networks": ";".join(sorted({str(p) for p in rows["provider"].unique()} - {""})),
            "reason": one.reason,
            "capture_ids": ";".join(dict.fromkeys(c for c in rows["capture_id"].tolist() if c)),
            "version": VERSION,
            "origin": weakest(rows["origin"].unique()).value if len(rows) else str(self.frame["origin"].iloc[track.row[0]]),
            "lifecycle": "final" if one.kind in ("observed", "bracketed") else "provisional",
        }

    def result(self) -> Detection:
        landings = LANDINGS.make(self.landings).sort_values(["touchdown", "icao24"], kind="stable", ignore_index=True)
        take_offs = TAKE_OFFS.make(self.take_offs).sort_values(["take_off", "icao24"], kind="stable", ignore_index=True)
        rejected = REJECTED.make(pd.concat(self.rejected) if self.rejected else None)
        return Detection(landings=landings, take_offs=take_offs, rejected=rejected, open_since=self.open_since)


def _time(epoch: float) -> datetime:
    """To the second: no receiver knows better."""
    return datetime.fromtimestamp(round(epoch), tz=UTC)


def _latest(values: pd.Series) -> str:
    known = [v for v in values.unique() if v]
    return str(known[-1]) if known else ""

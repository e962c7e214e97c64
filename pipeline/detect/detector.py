"""Positions → landings and take-offs. Stateless and pure: the same positions give the same answer, in any order or batching."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.detect.arrivals import Arrivals
from pipeline.detect.departures import Departures
from pipeline.detect.events import Departure, EventSettings, Touchdown
from pipeline.detect.floors import Heard
from pipeline.detect.ground import GroundState
from pipeline.detect.runway import RunwayFit
from pipeline.detect.screen import KEPT, REASONS, Look, Screen
from pipeline.detect.spells import Phases, Spells
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import Columns, address, columns_of
from pipeline.model.frames import LANDINGS, REJECTED, TAKE_OFFS
from pipeline.model.labels import FrameLabels, Labels
from pipeline.model.origin import weakest
from pipeline.places.airports import Airports

#: Changes when the same positions may give another answer.
VERSION = "detect-5"


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
    """``apply`` turns a ``POSITIONS`` frame into a ``Detection``; ``look`` and ``judge`` do the same for arrays in bulk."""

    def __init__(self, airports: Airports, settings: DetectorSettings | None = None) -> None:
        self.airports = airports
        self.settings = settings or DetectorSettings()

    def apply(self, positions: pd.DataFrame, *, now: datetime | None = None, heard: Heard | None = None) -> Detection:
        """Landings and take-offs of every aircraft in ``positions``.

        Args:
            positions: ``POSITIONS``, in any order.
            now: the time of asking; an aircraft lost less than a silence ago is still flying. None: all is history.
            heard: how low arrivals are usually heard; None: nothing is known of that.
        """
        seen = columns_of(positions)
        look = self.look(seen)
        labels = FrameLabels(positions, seen)
        bad = np.flatnonzero(look.reason != KEPT)
        found = self.judge(look.kept(seen), labels, rejected=rejected_rows(seen.take(bad), look.reason[bad], labels), now=now, heard=heard)
        LANDINGS.validate(found.landings)
        TAKE_OFFS.validate(found.take_offs)
        REJECTED.validate(found.rejected)
        return found

    def look(self, seen: Columns) -> Look:
        """Which rows are impossible, and which can say anything of a landing: the others' details need not be read."""
        return self.settings.screen.look(seen, self.airports.ceiling_ft(seen.lat, seen.lon))

    def judge(
        self,
        some: Columns,
        labels: Labels,
        *,
        rejected: pd.DataFrame | None = None,
        keep_rejected: bool = True,
        now: datetime | None = None,
        heard: Heard | None = None,
    ) -> Detection:
        """The answer, from the rows that ``look`` found to matter, with all their details and the silence before each; its frames are
        of their schemas, but not validated.

        Args:
            rejected: what ``look`` set aside, to be said with what is set aside here.
            keep_rejected: False: ``rejected`` of the answer is left as it is given.
        """
        before = some
        some, reason = self.settings.screen.clean(some)
        if keep_rejected:
            lies = np.flatnonzero(reason != KEPT)
            rejected = _with(rejected, rejected_rows(before.take(lies), reason[lies], labels))
        spells = self.settings.phases.apply(some, self.settings.ground.apply(some, self.airports))
        line = Timeline(some)
        asked = None if now is None else now.timestamp()
        arrivals = Arrivals(line, self.airports, self.settings.events, self.settings.runway, heard=heard)
        touchdowns = arrivals.apply(spells, now=asked)
        departures = Departures(self.airports, self.settings.events).apply(some, spells)
        answer = _Answer(some, self.airports, labels, self.settings.longest_flight_s)
        return answer.detection(spells, touchdowns, departures, rejected)


def rejected_rows(rows: Columns, reason: NDArray[np.int8], labels: Labels) -> pd.DataFrame:
    """``REJECTED`` rows, not yet validated."""
    captures = [labels.captures(rows.row[k : k + 1]) for k in range(len(rows))]
    origins = [labels.origins(rows.row[k : k + 1]) for k in range(len(rows))]
    return REJECTED.cast(
        {
            "icao24": [address(rows.icao24[k]) for k in rows.aircraft.tolist()],
            "time": rows.t,
            "lat": rows.lat,
            "lon": rows.lon,
            "reason": [REASONS[k] for k in reason.tolist()],
            "capture_id": [";".join(c) for c in captures],
            "origin": [next(iter(o), "") for o in origins],
        }
    )


def _with(some: pd.DataFrame | None, more: pd.DataFrame) -> pd.DataFrame:
    return more if some is None or some.empty else pd.concat([some, more]) if len(more) else some


class _Answer:
    """Puts events into frames."""

    def __init__(self, some: Columns, airports: Airports, labels: Labels, longest_s: float) -> None:
        self.some, self.airports, self.labels, self.longest_s = some, airports, labels, longest_s
        self._names = Counter(map(address, some.icao24))

    def detection(
        self, spells: Spells, touchdowns: list[Touchdown], departures: list[Departure], rejected: pd.DataFrame | None
    ) -> Detection:
        by_aircraft: dict[int, tuple[list[Touchdown], list[Departure]]] = {}
        for one in touchdowns:
            by_aircraft.setdefault(one.aircraft, ([], []))[0].append(one)
        for leaving in departures:
            by_aircraft.setdefault(leaving.aircraft, ([], []))[1].append(leaving)
        landings = [self._landing(t, *by_aircraft[t.aircraft]) for t in touchdowns]
        frame = LANDINGS.cast(landings).sort_values(["touchdown", "icao24"], kind="stable", ignore_index=True)
        take_offs = TAKE_OFFS.cast([self._take_off(d) for d in departures])
        return Detection(
            landings=frame,
            take_offs=take_offs.sort_values(["take_off", "icao24"], kind="stable", ignore_index=True),
            rejected=REJECTED.cast(rejected),
            open_since=self._open_since(spells, departures),
        )

    def _open_since(self, spells: Spells, departures: list[Departure]) -> dict[str, datetime]:
        start = {int(self.some.aircraft[i]): float(self.some.t[i]) for i in np.flatnonzero(self.some.first_rows()).tolist()}
        since = dict(start)
        flying = ~spells.ground
        for aircraft, first in zip(spells.aircraft[flying].tolist(), spells.first[flying].tolist(), strict=True):
            since[aircraft] = float(self.some.t[first])
        for one in departures:
            since[one.aircraft] = min(since[one.aircraft], one.earliest)
        out: dict[str, datetime] = {}
        for aircraft, t in since.items():
            name = address(self.some.icao24[aircraft])
            # Rounded down: the flight's first row must be among those asked for next time.
            begin = _time(math.floor(max(t - 900, start[aircraft])))
            out[name] = min(begin, out.get(name, begin))
        return out

    def _shared(self, aircraft: int) -> bool:
        return self._names[address(self.some.icao24[aircraft])] > 1

    def _take_off(self, one: Departure) -> dict[str, object]:
        at = np.searchsorted(self.some.aircraft, one.aircraft)
        return {
            "icao24": address(self.some.icao24[one.aircraft]),
            "airport": self.airports.codes[one.airport],
            "take_off": _time(one.t),
            "take_off_earliest": _time(one.earliest),
            "take_off_latest": _time(one.latest),
            "kind": one.kind,
            "confidence": one.confidence,
            "reason": one.reason,
            "origin": weakest(self.labels.origins(self.some.row[at : at + 1])).value,
        }

    def _landing(self, one: Touchdown, all_of_them: list[Touchdown], departures: list[Departure]) -> dict[str, object]:
        rows = self.some.row[one.rows[0] : one.rows[1] + 1]
        before = [d for d in departures if d.t < one.t and one.t - d.t < self.longest_s]
        previous = [x.t for x in all_of_them if x.t < one.t and x.kind != "open_approach"]
        registration, type_code = self.labels.identity(address(self.some.icao24[one.aircraft]))
        left = before[-1] if before and (not previous or before[-1].t >= previous[-1]) else None
        return {
            "icao24": address(self.some.icao24[one.aircraft]),
            "registration": registration,
            "callsign": self.labels.callsign(rows),
            "type_code": type_code,
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
            "networks": ";".join(self.labels.networks(rows)),
            "reason": one.reason + ("; two aircraft flew under this address at once" if self._shared(one.aircraft) else ""),
            "capture_ids": ";".join(self.labels.captures(rows)),
            "version": VERSION,
            "origin": weakest(self.labels.origins(rows)).value,
            "lifecycle": "final" if one.kind in ("observed", "bracketed") else "provisional",
        }


def _time(epoch: float) -> datetime:
    """To the second: no receiver knows better."""
    return datetime.fromtimestamp(round(epoch), tz=UTC)

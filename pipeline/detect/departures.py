"""Spells → take-offs: seen leaving the ground, or first seen climbing away from a field."""

from __future__ import annotations

import numpy as np

from pipeline.detect.events import Departure, EventSettings, say_height
from pipeline.detect.nearby import fields_near
from pipeline.detect.rates import sink_fpm
from pipeline.detect.spells import Spells
from pipeline.model.columns import Columns, Floats, Ints
from pipeline.places.airports import Airports


class Departures:
    """Applies the rules of departure to the spells of many aircraft."""

    def __init__(self, airports: Airports, settings: EventSettings) -> None:
        self.airports, self.settings = airports, settings

    def apply(self, some: Columns, spells: Spells) -> list[Departure]:
        """Departures, in order of aircraft and time."""
        before = spells.before
        seen = np.zeros(len(spells), dtype=np.bool_)
        seen[1:] = spells.ground[:-1]
        seen &= before & ~spells.ground
        at = np.flatnonzero(~spells.ground)
        first = spells.first[at]
        previous = np.where(before[at], spells.last[np.maximum(at - 1, 0)], -1)
        place = np.where(seen[at], previous, first)
        low = seen[at] | ~(some.alt_ft[first] > self.airports.ceiling_ft(some.lat[first], some.lon[first]) + self.settings.inferred_ft)
        at, first, previous, place = at[low], first[low], previous[low], place[low]
        point, field, nm = fields_near(some.lat[place], some.lon[place], self.airports, within_nm=10.0)
        rotor = some.rotorcraft[some.aircraft[place]][point]
        usable = rotor | self.airports.for_aeroplanes[field]
        point, field, nm = point[usable], field[usable], nm[usable]
        order = np.lexsort((nm, point))
        point, field, nm = point[order], field[order], nm[order]
        start = np.searchsorted(point, np.arange(len(at) + 1))
        climb = sink_fpm(some, first, np.minimum(first + 6, spells.last[at]))
        out = []
        for i in range(len(at)):
            near = slice(int(start[i]), int(start[i + 1]))
            if seen[at[i]]:
                one = self._seen(some, int(previous[i]), int(first[i]), field[near], nm[near])
            else:
                one = self._first_heard(some, int(previous[i]), int(first[i]), field[near], nm[near], float(climb[i]))
            if one is not None:
                out.append(one)
        return sorted(out, key=lambda d: (d.aircraft, d.t))

    @staticmethod
    def _seen(some: Columns, ground: int, first: int, field: Ints, nm: Floats) -> Departure | None:
        if not len(field) or nm[0] > 5:
            return None
        earliest, latest = float(some.t[ground]), float(some.t[first])
        return Departure(
            aircraft=int(some.aircraft[first]),
            airport=int(field[0]),
            t=latest - 20 if latest - earliest > 60 else (earliest + latest) / 2,
            earliest=earliest,
            latest=latest,
            kind="observed",
            confidence=0.98,
            reason=f"seen on the ground, then in the air {latest - earliest:.0f} s later",
        )

    def _first_heard(self, some: Columns, previous: int, first: int, field: Ints, nm: Floats, climb: float) -> Departure | None:
        if not len(field) or climb < self.settings.climb_fpm:
            return None
        height = float(some.alt_ft[first] - self.airports.ground_ft[field[0]])
        if not height < self.settings.inferred_ft:
            return None
        latest = float(some.t[first])
        return Departure(
            aircraft=int(some.aircraft[first]),
            airport=int(field[0]),
            t=latest - max(0.0, height) / 2000 * 60,
            earliest=latest - 600 if previous < 0 else float(some.t[previous]),
            latest=latest,
            kind="inferred",
            confidence=0.9 if len(nm) == 1 or nm[1] - nm[0] > 4 else 0.7,
            reason=f"first seen {say_height(height)} above {self.airports.codes[int(field[0])]} and climbing",
        )

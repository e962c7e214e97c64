"""Which rows are on the ground: the flag where it is sent and credible, or slowness beside a field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.nearby import fields_near
from pipeline.detect.segments import max_of, min_of, runs
from pipeline.model.columns import AIR, GROUND, UNKNOWN, Bools, Columns
from pipeline.places.airports import Airports


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundState:
    """State of each row: 1 ground, 0 air, -1 unknown.

    ``near_nm``: on the ground means beside a known field; ``slow_kt``: below it an aeroplane does not fly;
    ``tolerance_ft``: raw pressure altitude is off by up to 641 ft at 990 hPa (27.3 ft a hPa), and reads −340 ft beside
    a runway in practice; ``fastest_kt``: nothing rolls faster; ``hover_ft``, ``hover_rows``: an aircraft this slow
    this high above a field, this often, can hover, so that slowness says nothing of it; it
    is on the ground when it rests: slower than ``rest_kt`` for ``rest_s`` within ``rest_ft``, ``rest_low_ft`` up at most.
    """

    near_nm: float = 4.0
    slow_kt: float = 40.0
    tolerance_ft: float = 1_000.0
    fastest_kt: float = 190.0
    high_ft: float = 20_000.0
    hover_ft: float = 1_200.0
    hover_rows: int = 4
    rest_kt: float = 5.0
    rest_s: float = 240.0
    rest_low_ft: float = 150.0
    rest_ft: float = 50.0

    def apply(self, some: Columns, airports: Airports) -> NDArray[np.int8]:
        """One state a row."""
        state = np.full(len(some), UNKNOWN, dtype=np.int8)
        flying = (some.speed_kt > self.fastest_kt) | (some.alt_ft > self.high_ft)
        state[flying | (some.ground == AIR) | (some.alt_ft > 0)] = AIR
        flagged = some.ground == GROUND
        slow = some.speed_kt < self.slow_kt
        claimed = np.flatnonzero(~flying & (flagged | slow))
        if not len(claimed):
            return state
        point, airport, _ = fields_near(some.lat[claimed], some.lon[claimed], airports, within_nm=self.near_nm)
        rotor = some.rotorcraft[some.aircraft]
        usable = rotor[claimed][point] | airports.for_aeroplanes[airport]
        point, airport = point[usable], airport[usable]
        elevation = airports.ground_ft[airport]
        above = some.alt_ft[claimed][point] - elevation
        fits = np.isnan(above) | (np.abs(above) <= self.tolerance_ft)
        beside, known = np.zeros(len(claimed), dtype=np.bool_), np.zeros(len(claimed), dtype=np.bool_)
        beside[point[fits]] = True
        known[point] = True
        hovers = self._hovers(some, claimed, point, above, slow) | some.rotorcraft
        low = np.zeros(len(claimed), dtype=np.bool_)
        low[point[above <= self.rest_low_ft]] = True
        believed = (flagged | ~hovers[some.aircraft])[claimed] | (self._rests(some)[claimed] & low)
        # A field that the table lacks: the flag alone is believed, at taxi speed.
        beyond_doubt = (flagged & ~(some.speed_kt > 60))[claimed]
        state[claimed[(beside & believed) | (beyond_doubt & ~known)]] = GROUND
        return state

    def _rests(self, some: Columns) -> Bools:
        """True where an aircraft neither moves nor climbs for longer than anyone hovers."""
        still = some.speed_kt < self.rest_kt
        starts = some.first_rows()
        starts[1:] |= still[1:] != still[:-1]
        first, last = runs(starts)
        level = max_of(some.alt_ft, first) - min_of(some.alt_ft, first) <= self.rest_ft
        long = some.t[last] - some.t[first] >= self.rest_s
        rests: Bools = still & np.repeat(level & long, last - first + 1)
        return rests

    def _hovers(
        self, some: Columns, claimed: NDArray[np.int64], point: NDArray[np.int64], above: NDArray[np.float64], slow: Bools
    ) -> Bools:
        lowest = np.full(len(claimed), np.inf)
        np.minimum.at(lowest, point, np.where(np.isnan(above), -np.inf, above))
        high = slow[claimed] & (some.ground[claimed] != GROUND) & (lowest > self.hover_ft) & np.isfinite(lowest)
        often = np.bincount(some.aircraft[claimed[high]], minlength=len(some.icao24))
        hovers: Bools = often >= self.hover_rows
        return hovers

"""Which rows are on the ground: the flag where it is sent and credible, or slowness beside a field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.nearby import fields_near
from pipeline.detect.segments import count_of, max_by, max_of, min_of, runs, spread
from pipeline.model.columns import AIR, GROUND, UNKNOWN, Bools, Columns
from pipeline.model.units import M_PER_FT
from pipeline.places.airports import Airports


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundState:
    """State of each row: 1 ground, 0 air, -1 unknown.

    ``near_nm``: on the ground means beside a known field; ``slow_kt``: below it an aeroplane does not fly;
    ``tolerance_ft``: raw pressure altitude is off by up to 641 ft at 990 hPa (27.3 ft a hPa), and reads −340 ft beside
    a runway in practice; ``fastest_kt``: nothing rolls faster; ``hover_ft``, ``hover_rows``: an aircraft this slow
    this high above a field, this often, can hover, so that slowness says nothing of it; it
    is on the ground when it rests: slower than ``rest_kt`` for ``rest_s`` within ``rest_ft``, ``rest_low_ft`` up at most. One that
    was never faster than ``light_kt`` may be a helicopter: without a flag it is on the ground when it rests, or when it slowed
    down on a runway, ``strip_m`` from its axis and ``strip_deg`` from its direction at most, faster than ``roll_kt``.
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
    light_kt: float = 165.0
    strip_m: float = 75.0
    strip_deg: float = 20.0
    roll_kt: float = 18.0

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
        resting = np.zeros(len(some), dtype=np.bool_)
        resting[claimed] = self._rests(some)[claimed] & low
        rests = self._taxied(some, slow, resting)[claimed]
        believed = (flagged | ~hovers[some.aircraft])[claimed] | rests
        light = ~(max_by(some, some.speed_kt) > self.light_kt)
        doubtful = light[some.aircraft[claimed]] & believed & ~flagged[claimed]
        if doubtful.any():
            rolled = np.zeros(len(some), dtype=np.bool_)
            rolled[claimed[self._on_a_runway(some, claimed, point, airport, airports)]] = True
            believed &= ~doubtful | self._whole_runs(some, slow, rolled)[claimed] | rests
        # A field that the table lacks: the flag alone is believed, at taxi speed.
        beyond_doubt = (flagged & ~(some.speed_kt > 60))[claimed]
        state[claimed[(beside & believed) | (beyond_doubt & ~known)]] = GROUND
        return state

    def _on_a_runway(
        self, some: Columns, claimed: NDArray[np.int64], point: NDArray[np.int64], airport: NDArray[np.int64], airports: Airports
    ) -> NDArray[np.int64]:
        """Which claimed rows lie on a runway of a field near them and move in its direction."""
        e = airports.ends
        first, after = np.searchsorted(e.airport_index, airport), np.searchsorted(e.airport_index, airport, side="right")
        end, pair = spread(first, after - 1)
        row = claimed[point[pair]]
        along, cross = e.along_cross_m(end, some.lat[row], some.lon[row])
        off = np.abs(np.mod(some.track_deg[row] - e.heading_deg[end] + 180.0, 360.0) - 180.0)
        # Slower than this any path crosses a runway.
        inside = (
            (some.speed_kt[row] > self.roll_kt)
            & (along > -100)
            & (along < e.length_ft[end] * M_PER_FT + 100)
            & (np.abs(cross) < self.strip_m)
            & ~(off > self.strip_deg)
        )
        return np.unique(point[pair[inside]])

    def _whole_runs(self, some: Columns, slow: Bools, rolled: Bools) -> Bools:
        """True for each run of slow rows that has a row rolling on a runway."""
        starts = some.first_rows()
        starts[1:] |= slow[1:] != slow[:-1]
        first, last = runs(starts)
        whole: Bools = np.repeat(count_of(rolled, first) > 0, last - first + 1) & slow
        return whole

    def _taxied(self, some: Columns, slow: Bools, resting: Bools) -> Bools:
        """True where an aircraft rests, and where it moved slowly at that very altitude right before or after."""
        starts = some.first_rows()
        starts[1:] |= slow[1:] != slow[:-1]
        first, last = runs(starts)
        height = np.repeat(max_of(np.where(resting, some.alt_ft, np.nan), first), last - first + 1)
        taxied: Bools = resting | (slow & (np.abs(some.alt_ft - height) <= self.rest_ft))
        return taxied

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

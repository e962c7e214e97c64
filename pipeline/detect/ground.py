"""Which points are on the ground: the flag where it is sent and credible, altitude 0, or slowness beside a field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.track import Bools, Track
from pipeline.places.airports import AEROPLANE_KINDS, ALL_KINDS, Airports

AIR: Final = 0
GROUND: Final = 1
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundState:
    """State of each point: 1 ground, 0 air, -1 unknown.

    ``near_nm``: on the ground means beside a known field; ``slow_kt``: below it an aeroplane does not fly;
    ``tolerance_ft``: raw pressure altitude is off by up to 641 ft at 990 hPa (27.3 ft a hPa), and reads −340 ft beside
    a runway in practice; ``fastest_kt``: nothing rolls faster.
    """

    near_nm: float = 4.0
    slow_kt: float = 40.0
    tolerance_ft: float = 1_000.0
    fastest_kt: float = 190.0
    kinds: frozenset[str] = field(default=AEROPLANE_KINDS)

    def apply(self, track: Track, airports: Airports) -> NDArray[np.int8]:
        """One state a point."""
        state = np.full(len(track), UNKNOWN, dtype=np.int8)
        flying = (track.speed_kt > self.fastest_kt) | (track.alt_ft > 20_000)
        state[flying | (track.flag == 0) | (track.alt_ft > 0)] = AIR
        slow = ~track.rotorcraft & (track.speed_kt < self.slow_kt)
        zero = (track.alt_ft == 0) & (track.flag != 0)
        claimed = ~flying & ((track.flag == 1) | zero | slow)
        index = np.flatnonzero(claimed)
        if not len(index):
            return state
        kinds = ALL_KINDS if track.rotorcraft else self.kinds
        point, airport, _ = airports.near_many(track.lat[index], track.lon[index], within_nm=self.near_nm, kinds=kinds)
        elevation = airports.elevation_ft[airport]
        alt = track.alt_ft[index][point]
        # Some networks write altitude 0 for "on the ground" at any elevation, so 0 contradicts nothing.
        fits = np.isnan(elevation) | np.isnan(alt) | (alt == 0) | (np.abs(alt - elevation) <= self.tolerance_ft)
        beside = np.zeros(len(index), dtype=bool)
        beside[point[fits]] = True
        beyond_doubt: Bools = (track.flag[index] == 1) & ~(track.speed_kt[index] > 60)
        known = np.zeros(len(index), dtype=bool)
        known[point] = True
        # A field that the table lacks: the flag alone is believed, at taxi speed.
        state[index[beside | (beyond_doubt & ~known)]] = GROUND
        return state

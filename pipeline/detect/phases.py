"""A track cut into spells in the air and on the ground, so that landings and take-offs are where one follows the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.ground import GROUND
from pipeline.detect.track import Track
from pipeline.places.geo import distance_nm


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Points ``first … last`` (both included) of one state."""

    ground: bool
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Cuts by state, and by silence in the air.

    ``roll_s``: a ground spell this short, left at flying speed, is a touch-and-go. ``gap_s``: a silence in the air
    long enough to land and leave. ``flight_nm``, ``flight_s``: less is not a flight but noise of the ground flag.
    """

    roll_s: float = 30.0
    stop_kt: float = 60.0
    gap_s: float = 600.0
    flight_nm: float = 1.0
    flight_s: float = 40.0
    flying_kt: float = 70.0

    def apply(self, track: Track, state: NDArray[np.int8]) -> list[Spell]:
        """Spells in order of time."""
        known = np.flatnonzero(state != -1)
        if not len(known):
            return []
        ground = state[known] == GROUND
        gap = np.diff(track.t[known]) > self.gap_s
        cut = np.flatnonzero((np.diff(ground.astype(np.int8)) != 0) | (gap & ~ground[1:] & ~ground[:-1])) + 1
        edges = np.r_[0, cut, len(known)]
        spells = [
            Spell(ground=bool(ground[a]), first=int(known[a]), last=int(known[b - 1]))
            for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ]
        # Noise first: a garbage altitude beside the stand must not make a touch-and-go of the roll.
        spells = self._merge([self._grounded(track, spells, i) for i in range(len(spells))], track)
        return self._merge([self._lifted(track, spells, i) for i in range(len(spells))], track)

    def _grounded(self, track: Track, spells: list[Spell], i: int) -> Spell:
        """Air before ground that never was a flight is ground."""
        spell = spells[i]
        landed = i + 1 < len(spells) and spells[i + 1].ground
        noise = not spell.ground and landed and (i == 0 or spells[i - 1].ground) and not self._flew(track, spell)
        return replace(spell, ground=True) if noise else spell

    def _lifted(self, track: Track, spells: list[Spell], i: int) -> Spell:
        """A touch-and-go belongs to the flight."""
        inside = 0 < i < len(spells) - 1
        spell = spells[i]
        return replace(spell, ground=False) if spell.ground and inside and self._touch_and_go(track, spell) else spell

    def _touch_and_go(self, track: Track, spell: Spell) -> bool:
        """Short and never slow. One whose speed is unknown counts as short only."""
        part = slice(spell.first, spell.last + 1)
        slowest = np.nanmin(track.speed_kt[part]) if not np.isnan(track.speed_kt[part]).all() else np.inf
        after = min(spell.last + 1, len(track) - 1)
        return bool(track.t[after] - track.t[spell.first] < 2 * self.roll_s + 30 and slowest > self.stop_kt)

    def _flew(self, track: Track, spell: Spell) -> bool:
        """Displacement and speed, not altitude: 32,000 ft beside a stand is garbage, not a climb."""
        part = slice(spell.first, spell.last + 1)
        lat, lon = track.lat[part], track.lon[part]
        far = float(np.max(distance_nm(np.full(len(lat), lat[-1]), np.full(len(lat), lon[-1]), lat, lon)))
        speed = track.speed_kt[part]
        fast = bool((speed > self.flying_kt).sum() >= 2) if not np.isnan(speed).all() else True
        return bool(track.t[spell.last] - track.t[spell.first] >= self.flight_s and far >= self.flight_nm and fast)

    def _merge(self, spells: list[Spell], track: Track) -> list[Spell]:
        out: list[Spell] = []
        for spell in spells:
            if out and out[-1].ground == spell.ground:
                quiet = track.t[spell.first] - track.t[out[-1].last]
                if spell.ground and not self._moved_away(track, out[-1].last, spell.first):
                    out[-1] = Spell(ground=True, first=out[-1].first, last=spell.last)
                    continue
                if not spell.ground and quiet <= self.gap_s:
                    out[-1] = Spell(ground=False, first=out[-1].first, last=spell.last)
                    continue
            out.append(spell)
        return out

    @staticmethod
    def _moved_away(track: Track, a: int, b: int) -> bool:
        """Seen on the ground twice, more than 6 NM apart: it flew in between, unseen."""
        return distance_nm(float(track.lat[a]), float(track.lon[a]), float(track.lat[b]), float(track.lon[b])) > 6.0

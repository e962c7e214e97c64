"""Tracks cut into spells in the air and on the ground, so that landings and take-offs are where one follows the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.segments import count_of, max_of, min_of, runs, spread
from pipeline.model.columns import GROUND, UNKNOWN, Bools, Columns, Ints
from pipeline.model.units import M_PER_NM
from pipeline.places.geo import near_m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spells:
    """Rows ``first … last`` (both included) of one state, of all aircraft one after another.

    ``before`` and ``after``: is the spell before (after) this one of the same aircraft?
    """

    ground: Bools
    first: Ints
    last: Ints
    aircraft: Ints

    def __len__(self) -> int:
        return len(self.first)

    @property
    def before(self) -> Bools:
        same = np.zeros(len(self), dtype=np.bool_)
        same[1:] = self.aircraft[1:] == self.aircraft[:-1]
        return same

    @property
    def after(self) -> Bools:
        same = np.zeros(len(self), dtype=np.bool_)
        same[:-1] = self.aircraft[1:] == self.aircraft[:-1]
        return same


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Cuts by state, by silence in the air, and by a move unseen on the ground.

    ``roll_s``: a ground spell shorter than this that never was slower than ``stop_kt`` is a touch-and-go, and so is any
    shorter than ``bounce_s``. ``gap_s``: a
    silence in the air long enough to land and leave. ``flight_nm``, ``flight_s``, ``flying_kt``: less is not a flight
    but a rejected take-off, a fast taxi or noise of the ground flag. ``moved_nm``: seen on the ground twice, this far
    apart, it flew in between.
    """

    roll_s: float = 90.0
    stop_kt: float = 60.0
    bounce_s: float = 40.0
    gap_s: float = 600.0
    flight_nm: float = 2.0
    hop_nm: float = 1.0
    hop_ft: float = 250.0
    flight_s: float = 40.0
    flying_kt: float = 70.0
    moved_nm: float = 6.0

    def apply(self, some: Columns, state: NDArray[np.int8]) -> Spells:
        """Spells in order of aircraft and time. Rows of unknown state belong to the spell they lie in, or to none at its ends."""
        known = np.flatnonzero(state != UNKNOWN)
        ground = state[known] == GROUND
        silences = np.cumsum(some.quiet_s > self.gap_s, dtype=np.int64)
        silence = silences[known]
        starts = np.ones(len(known), dtype=np.bool_)
        here, there = known[:-1], known[1:]
        moved = near_m(some.lat[here], some.lon[here], some.lat[there], some.lon[there]) > self.moved_nm * M_PER_NM
        both = ground[1:] & ground[:-1]
        starts[1:] = (
            (some.aircraft[there] != some.aircraft[here])
            | (ground[1:] != ground[:-1])
            | (both & moved)
            | (~ground[1:] & ~ground[:-1] & (silence[1:] != silence[:-1]))
        )
        first, last = runs(starts)
        spells = Spells(ground=ground[first], first=known[first], last=known[last], aircraft=some.aircraft[known[first]])
        # Noise first: a garbage altitude beside the stand must not make a touch-and-go of the roll.
        spells = self._merge(some, spells, spells.ground | self._never_flew(some, spells), silences)
        return self._merge(some, spells, spells.ground & ~self._touch_and_go(some, spells), silences)

    def _never_flew(self, some: Columns, spells: Spells) -> Bools:
        """Air before ground that was no flight. By displacement and speed, not by altitude alone: 32,000 ft beside a stand is garbage."""
        next_ground = np.zeros(len(spells), dtype=np.bool_)
        next_ground[:-1] = spells.ground[1:]
        previous_ground = np.ones(len(spells), dtype=np.bool_)
        previous_ground[1:] = spells.ground[:-1] | ~spells.before[1:]
        # One that has only just left the ground may be noise as well, until it has flown.
        last_one = ~spells.ground & spells.before & ~spells.after & previous_ground
        asked = np.flatnonzero((~spells.ground & spells.after & next_ground & previous_ground) | last_one)
        out = np.zeros(len(spells), dtype=np.bool_)
        if not len(asked):
            return out
        first, last = spells.first[asked], spells.last[asked]
        rows, owner = spread(first, last)
        start = np.cumsum(last - first + 1) - (last - first + 1)
        end = last[owner]
        far = max_of(near_m(some.lat[rows], some.lon[rows], some.lat[end], some.lon[end]), start) / M_PER_NM
        climbed = max_of(some.alt_ft[rows], start) - min_of(some.alt_ft[rows], start)
        fast = count_of(some.speed_kt[rows] > self.flying_kt, start) >= 2
        unknown = count_of(~np.isnan(some.speed_kt[rows]), start) == 0
        hop = (far >= self.hop_nm) & (climbed >= self.hop_ft)
        flew = (some.t[last] - some.t[first] >= self.flight_s) & ((far >= self.flight_nm) | hop) & (fast | unknown)
        out[asked] = ~flew
        return out

    def _touch_and_go(self, some: Columns, spells: Spells) -> Bools:
        """Short and never slow, between two flights. One whose speed is unknown counts as short only."""
        out = np.zeros(len(spells), dtype=np.bool_)
        asked = np.flatnonzero(spells.ground & spells.before & spells.after)
        asked = asked[~spells.ground[asked - 1] & ~spells.ground[asked + 1]]
        if not len(asked):
            return out
        first, last = spells.first[asked], spells.last[asked]
        rows, _ = spread(first, last)
        start = np.cumsum(last - first + 1) - (last - first + 1)
        slowest = min_of(some.speed_kt[rows], start)
        length = some.t[spells.first[asked + 1]] - some.t[first]
        out[asked] = (length < self.bounce_s) | ((length < self.roll_s) & (slowest > self.stop_kt))
        return out

    def _merge(self, some: Columns, spells: Spells, ground: Bools, silences: Ints) -> Spells:
        """Neighbours of one state become one, unless a silence in the air or an unseen move parts them."""
        if not len(spells):
            return spells
        here, there = spells.last[:-1], spells.first[1:]
        apart = near_m(some.lat[here], some.lon[here], some.lat[there], some.lon[there]) > self.moved_nm * M_PER_NM
        starts = np.ones(len(spells), dtype=np.bool_)
        starts[1:] = (
            ~spells.before[1:] | (ground[1:] != ground[:-1]) | (ground[1:] & apart) | (~ground[1:] & (silences[there] != silences[here]))
        )
        first, last = runs(starts)
        return Spells(ground=ground[first], first=spells.first[first], last=spells.last[last], aircraft=spells.aircraft[first])

"""What cannot be true is set aside with a reason; the stretch, never the aircraft's day. What cannot matter is thinned.

Two steps, so that a bulk reader need only take six columns of most rows: ``Screen.look`` goes over every row,
``Screen.clean`` over those that can say anything of a landing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.jumps import NOBODY, OTHER, OURS, Jumps, Spikes
from pipeline.detect.segments import dilate, max_of, min_of, runs
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import AIR, GROUND, Bools, Columns, Floats, Ints, with_second
from pipeline.model.units import FT_PER_HPA, M_PER_NM, MPS_PER_KT, STANDARD_QNH_HPA
from pipeline.places.geo import near_m
from pipeline.places.geoid import undulation_ft

REASONS: Final = (
    "",
    "latitude and longitude zero",
    "old position",
    "position repeated while moving",
    "impossible jump",
    "gap filled by a straight line",
    "position stands still while the altitude changes",
    "integrity lost",
    "earlier position sent again",
)
KEPT, ZERO, OLD, FROZEN, JUMP, FILLED, STILL, INTEGRITY, AGAIN = range(len(REASONS))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """``reason`` of each row looked at (an index into ``REASONS``); ``rows`` that may matter, ``quiet_s`` before and
    ``elsewhere_s`` after each of these, and which are a second aircraft's under the same address."""

    reason: NDArray[np.int8]
    rows: Ints
    quiet_s: Floats
    elsewhere_s: Floats
    other: Bools

    def kept(self, seen: Columns) -> Columns:
        """The rows that may matter, with the silence before each among all that was kept of the same aircraft."""
        kept = replace(seen.take(self.rows), quiet_s=self.quiet_s, elsewhere_s=self.elsewhere_s)
        return with_second(kept, self.other) if self.other.any() else kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Every rule, in order.

    ``most_age_s``: readsb moves a fix older than about 60 s to ``lastPosition``; an older one is not where the aircraft
    is. ``frozen_s``: some networks repeat the last position for up to 300 s. ``low_ft``: rows lower than this above
    every field near may say something of a landing, and so may rows beside a silence of ``gap_s``. ``stuck_s``: a
    broadcast speed unchanged this long is checked against the positions, over ``window_s`` before and after, and one below
    ``slow_kt`` over ``rest_s``, by what lies between the ends. ``again_*``: back by more degrees than this, to the coordinates of
    one of so many rows before, so many seconds ago at most, a message is an old one. ``still_*``: slower than ``still_mps`` over
    ``still_step_s``, for ``still_s`` and ``still_rows`` and longer, while the altitude drifts by ``still_ft``, a position lies; so does
    that of one that flew ``jet_kt`` in ``jet_rows`` rows and is slower than ``least_mps``. An altimeter setting holds for
    ``setting_s``.
    """

    most_age_s: float = 60.0
    frozen_s: float = 10.0
    frozen_kt: float = 40.0
    again_deg: float = 0.001
    again_rows: int = 40
    again_s: float = 300.0
    filled_rows: int = 8
    filled_s: float = 60.0
    even_deg: float = 5e-9
    low_ft: float = 11_000.0
    slow_kt: float = 60.0
    gap_s: float = 120.0
    around: int = 3
    least_alt_ft: float = -2_000.0
    most_alt_ft: float = 62_000.0
    stuck_s: float = 20.0
    stuck_kt: float = 25.0
    window_s: float = 25.0
    rest_s: float = 60.0
    still_mps: float = 10.0
    jet_kt: float = 300.0
    jet_rows: int = 3
    least_mps: float = 38.0
    still_m: float = 60.0
    still_step_s: float = 8.0
    still_s: float = 20.0
    still_rows: int = 4
    still_ft: float = 400.0
    setting_s: float = 1_800.0
    normal_nic: float = 7.0
    lost_nic: float = 3.0
    jumps: Jumps = field(default_factory=Jumps)
    spikes: Spikes = field(default_factory=Spikes)

    def look(self, seen: Columns, ceiling_ft: Floats) -> Look:
        """What is impossible, and what may matter.

        Args:
            seen: every row; track, rates and integrity are not looked at.
            ceiling_ft: the elevation of the highest field near each row.
        """
        reason = np.zeros(len(seen), dtype=np.int8)
        reason[(np.abs(seen.lat) < 0.01) & (np.abs(seen.lon) < 0.01)] = ZERO
        reason[seen.age_s > self.most_age_s] = OLD
        kept, left = _left(seen, reason)
        for code, rule in ((AGAIN, self._again), (FROZEN, self._frozen), (FILLED, self._filled)):
            bad = rule(left)
            if bad.any():
                reason[kept[bad]] = code
                kept, left = _left(seen, reason)
        whose = self.jumps.apply(left)
        odd = np.isin(left.aircraft, left.aircraft[whose != OURS])
        if odd.any():
            # Where a track jumps, what stood still for a while may have jumped there at a speed that is possible.
            theirs = left.take(odd)
            stood = self._still(theirs, np.where(self.spikes.apply(theirs, theirs.alt_ft), np.nan, theirs.alt_ft))
            again = np.isin(theirs.aircraft, theirs.aircraft[stood])
            if again.any():
                whose[np.flatnonzero(odd)[again]] = self.jumps.apply(theirs.take(again), stood[again])
            reason[kept[whose == NOBODY]] = JUMP
            reason[kept[odd][stood]] = STILL
            kept, left = _left(seen, reason)
        other = whose[whose != NOBODY] == OTHER
        if other.any():
            # Each of the two may be frozen while the other flies on.
            apart = np.lexsort((left.t, other, left.aircraft))
            stuck = np.zeros(len(left), dtype=np.bool_)
            stuck[apart] = self._frozen(left.take(apart))
            reason[kept[stuck]] = FROZEN
            kept, left, other = kept[~stuck], left.take(~stuck), other[~stuck]
        quiet = _quiet(left, other)
        new = np.isinf(quiet)
        edge = new | (quiet > self.gap_s)
        edge[:-1] |= edge[1:]
        edge[-1:] = True
        above = left.alt_ft > ceiling_ft[kept] + self.low_ft
        matters = dilate(edge, self.around) | ~above | (left.ground == GROUND) | (left.speed_kt < self.slow_kt)
        elsewhere = _elsewhere(seen, (reason == JUMP) | (reason == STILL))
        rows = kept[matters]
        return Look(reason=reason, rows=rows, quiet_s=quiet[matters], elsewhere_s=elsewhere[rows], other=other[matters])

    def clean(self, some: Columns) -> tuple[Columns, NDArray[np.int8]]:
        """What is left of the rows that matter, and the reason of each.

        Altitudes are corrected by the aircraft's own altimeter setting where it sends one, garbage in them is unknown;
        speeds that are stuck or missing are those of the positions; stretches whose positions lie are left out.
        """
        # Some networks write altitude 0 for "on the ground" at any elevation: a flag, not a height.
        on_ground = _zeros(some)
        some = replace(
            some, ground=np.where(on_ground, GROUND, some.ground).astype(np.int8), alt_ft=np.where(on_ground, np.nan, some.alt_ft)
        )
        # Said now and then, and set until it is set anew.
        qnh_hpa = _held(some.qnh_hpa, some, self.setting_s)
        usable = (qnh_hpa > 940) & (qnh_hpa < 1060)
        alt = some.alt_ft + np.where(usable, (qnh_hpa - STANDARD_QNH_HPA) * FT_PER_HPA, 0.0)
        alone = np.flatnonzero(np.isnan(alt) & ~on_ground & ~np.isnan(some.geom_ft))
        alt[alone] = some.geom_ft[alone] - undulation_ft(some.lat[alone], some.lon[alone])
        alt[~((alt > self.least_alt_ft) & (alt < self.most_alt_ft))] = np.nan
        alt[self.spikes.apply(some, alt)] = np.nan
        reason = np.zeros(len(some), dtype=np.int8)
        reason[self._still(some, alt)] = STILL
        reason[self._no_integrity(some)] = INTEGRITY
        kept = np.flatnonzero(reason == KEPT)
        left = replace(some, alt_ft=alt, qnh_hpa=qnh_hpa)
        if len(kept) < len(some):
            # The silence before a row grows by what was left out before it.
            left = replace(left, elsewhere_s=np.minimum(left.elsewhere_s, _elsewhere(some, reason != KEPT)))
            heard = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(some.quiet_s), some.quiet_s, 0.0))])
            left = left.take(kept)
            quiet = np.diff(heard[kept + 1], prepend=0.0)
            left = replace(left, quiet_s=np.where(left.first_rows(), np.inf, quiet))
        return replace(left, speed_kt=self._speed(left)), reason

    def _still(self, some: Columns, alt: Floats) -> Bools:
        """True for stretches of an aeroplane that stands still while its pressure altitude, another instrument's, goes on changing."""
        if len(some) < 2:
            return np.zeros(len(some), dtype=np.bool_)
        # One that flew this fast cannot hang in the air at a walking pace, nor at a light aircraft's.
        fast = np.bincount(some.aircraft[some.speed_kt > self.jet_kt], minlength=len(some.icao24))
        least = np.where(fast >= self.jet_rows, self.least_mps, self.still_mps)[some.aircraft]

        def went(there: Ints | slice, here: Ints | slice) -> Bools:
            metres = near_m(some.lat[there], some.lon[there], some.lat[here], some.lon[here])
            far: Bools = metres > np.maximum(self.still_m, least[here] * (some.t[here] - some.t[there]))
            return far

        moved = went(slice(-1), slice(1, None)) | (np.diff(some.t) > self.gap_s) | (np.diff(some.aircraft) != 0)
        # A light aircraft heard every second goes no farther than noise does from one row to the next; over some seconds it does.
        near = 1 + np.flatnonzero(~moved & (some.speed_kt[1:] > self.still_mps / MPS_PER_KT))
        moved[near - 1] = went(np.minimum(Timeline(some).before(near, self.still_step_s), near - 1), near)
        first, last = runs(np.append(True, moved))
        # On the ground, and from another instrument, an altitude is no other witness.
        told = np.where((some.ground == GROUND) | np.isnan(some.alt_ft), np.nan, alt)
        spread_ft = max_of(told, first) - min_of(told, first)
        long = (some.t[last] - some.t[first] >= self.still_s) & (last - first + 1 >= self.still_rows)
        lies = long & (spread_ft >= self.still_ft) & ~some.rotorcraft[some.aircraft[first]]
        # One garbage altitude beside a stand is a spread, too, but no climb or descent.
        for k in np.flatnonzero(lies).tolist():
            lies[k] = _drift(told[first[k] : last[k] + 1]) >= self.still_ft
        return np.repeat(lies, last - first + 1)

    def _no_integrity(self, some: Columns) -> Bools:
        """True where an aircraft whose positions are usually good says that this one is not (NIC; MLAT positions have none)."""
        known = np.flatnonzero(~np.isnan(some.nic) & ~some.mlat)
        out = np.zeros(len(some), dtype=np.bool_)
        if not len(known):
            return out
        good = np.bincount(some.aircraft[known], weights=some.nic[known] >= self.normal_nic, minlength=len(some.icao24))
        usual = good > 0.5 * np.bincount(some.aircraft[known], minlength=len(some.icao24))
        out[known] = (some.nic[known] <= self.lost_nic) & usual[some.aircraft[known]]
        return out

    def _again(self, seen: Columns) -> Bools:
        """True where an aircraft goes back, to the very coordinates of one of its last ``again_rows`` rows: an old message, late."""
        out = np.zeros(len(seen), dtype=np.bool_)
        north, east = np.diff(seen.lat), np.diff(seen.lon)
        back = north[1:] * north[:-1] + east[1:] * east[:-1] < 0
        far = np.abs(north[1:]) + np.abs(east[1:]) > self.again_deg
        at = np.flatnonzero(back & far) + 2
        if not len(at):
            return out
        earlier = np.maximum(at[:, None] - np.arange(2, self.again_rows), 0)
        same = (seen.lat[earlier] == seen.lat[at][:, None]) & (seen.lon[earlier] == seen.lon[at][:, None])
        same &= (seen.aircraft[earlier] == seen.aircraft[at][:, None]) & (seen.t[earlier] >= seen.t[at][:, None] - self.again_s)
        out[at[same.any(axis=1)]] = True
        return out

    def _frozen(self, seen: Columns) -> Bools:
        """True for each repeat after the first row of a run that lasts long enough, of an aircraft said to move."""
        same = np.zeros(len(seen), dtype=np.bool_)
        same[1:] = (np.diff(seen.lat) == 0) & (np.diff(seen.lon) == 0)
        if not same.any():
            return same
        same &= ~seen.first_rows() & ~(seen.speed_kt < self.frozen_kt) & (seen.ground != GROUND)
        first, last = runs(~same)
        long = seen.t[last] - seen.t[first] >= self.frozen_s
        repeated: Bools = same & np.repeat(long, last - first + 1)
        return repeated

    def _filled(self, seen: Columns) -> Bools:
        """True within stretches where the position moves at an exactly constant rate, or together with the altitude at a nearly constant
        one, but not as fast as is said: drawn, not received. Received altitudes are multiples of 25 ft; a drawn line's are not."""
        none = np.zeros(len(seen), dtype=np.bool_)
        if len(seen) < self.filled_rows:
            return none
        dt = np.diff(seen.t)
        # Two aircraft, one after the other, may meet at one time.
        dt[dt == 0] = 1e-3
        bend = [np.abs(np.diff(np.diff(values) / dt)) * dt[1:] for values in (seen.lat, seen.lon)]
        moving = (np.diff(seen.lat)[1:] != 0) | (np.diff(seen.lon)[1:] != 0)
        # No receiver's positions are this even: theirs are rounded to about a metre.
        even = (bend[0] < self.even_deg) & (bend[1] < self.even_deg)
        drawn = np.abs(seen.alt_ft - 25 * np.round(seen.alt_ft / 25))[1:-1] > 1.5
        slope = np.diff(seen.alt_ft) / dt
        sloping = drawn & (np.abs(np.diff(slope)) * dt[1:] < 0.05) & (slope[1:] != 0) & (bend[0] < 2e-6) & (bend[1] < 2e-6)
        at = np.flatnonzero(moving & (even | sloping) & (seen.aircraft[2:] == seen.aircraft[:-2])) + 1
        if not len(at):
            return none
        # A line drawn over a gap does not go as fast as the aircraft last said; one that was flown does.
        flown = near_m(seen.lat[at], seen.lon[at], seen.lat[at + 1], seen.lon[at + 1]) / M_PER_NM / dt[at] * 3600
        inside = none.copy()
        inside[at[~(np.abs(flown - seen.speed_kt[at]) <= self.stuck_kt)]] = True
        starts = np.ones(len(seen), dtype=np.bool_)
        starts[1:] = inside[1:] != inside[:-1]
        first, last = runs(starts)
        long = (last - first + 1 >= self.filled_rows) & (seen.t[last] - seen.t[first] >= self.filled_s)
        filled: Bools = inside & np.repeat(long, last - first + 1)
        return filled

    def _speed(self, some: Columns) -> Floats:
        """Broadcast speeds; those of the positions where they are missing or stuck (135 kt while taxiing, in some networks)."""
        changed = some.first_rows()
        changed[1:] |= np.diff(some.speed_kt) != 0
        first, last = runs(changed)
        length = some.t[last] - some.t[first]
        asked = np.flatnonzero(np.repeat(length >= self.stuck_s, last - first + 1) | np.isnan(some.speed_kt))
        if not len(asked):
            return some.speed_kt
        line = Timeline(some)
        before, after = line.before(asked, self.window_s), line.until(asked, self.window_s)
        dt = some.t[after] - some.t[before]
        # Where reception is thin the nearest rows on either side have to do.
        thin = dt < 4
        before = np.where(thin, np.maximum(asked - 1, 0), before)
        after = np.where(thin, np.minimum(asked + 1, len(some) - 1), after)
        before = np.where(some.aircraft[before] == some.aircraft[asked], before, asked)
        after = np.where(some.aircraft[after] == some.aircraft[asked], after, asked)
        dt = some.t[after] - some.t[before]
        # The way flown and not the distance between its ends: rows repeated late go to and fro.
        steps = near_m(some.lat[:-1], some.lon[:-1], some.lat[1:], some.lon[1:])
        way = np.concatenate([[0.0], np.cumsum(np.where(np.diff(some.aircraft) == 0, steps, 0.0))])
        with np.errstate(divide="ignore", invalid="ignore"):
            derived = np.where((dt >= 4) & (dt < 60), (way[after] - way[before]) / M_PER_NM / dt * 3600, np.nan)
        said = some.speed_kt[asked]
        # Multilateration scatters by hundreds of metres: what is said to stand must have gone somewhere to be believed to move.
        rests = np.flatnonzero(said < self.slow_kt)
        if len(rests):
            since, till = line.before(asked[rests], self.rest_s), line.until(asked[rests], self.rest_s)
            net = near_m(some.lat[since], some.lon[since], some.lat[till], some.lon[till]) / M_PER_NM
            with np.errstate(divide="ignore", invalid="ignore"):
                derived[rests] = np.fmin(derived[rests], net / (some.t[till] - some.t[since]) * 3600)
        # Straight-line fills look stuck too, but their positions move as fast as they say.
        wrong = np.isnan(said) | (np.abs(derived - said) > self.stuck_kt)
        out = some.speed_kt.copy()
        out[asked] = np.where(wrong & ~np.isnan(derived), derived, said)
        return out


def _zeros(some: Columns) -> Bools:
    """True where altitude 0 is no height: said to be on the ground, or 0 three times on end and out of nowhere; where it is said to be
    in the air, as some networks say of every row that has an altitude, from higher than anything comes down in that time."""
    zero: Bools = some.alt_ft == 0
    if not zero.any():
        return np.zeros(len(some), dtype=np.bool_)
    starts = some.first_rows()
    starts[1:] |= (zero[1:] != zero[:-1]) | (zero[1:] & (some.ground[1:] != some.ground[:-1]))
    first, last = runs(starts)
    earlier = np.maximum(first - 1, 0)
    before = np.where(some.aircraft[first] == some.aircraft[earlier], some.alt_ft[earlier], np.nan)
    airborne = some.ground[first] == AIR
    sudden = ~(np.abs(before) < 60 + np.where(airborne, 50 * (some.t[first] - some.t[earlier]), 0)) & ~(airborne & np.isnan(before))
    several = (last - first + 1 >= 3) & sudden
    out: Bools = zero & (np.repeat(several, last - first + 1) | (some.ground == GROUND))
    return out


def _held(values: Floats, some: Columns, seconds: float) -> Floats:
    """The last known value of the same aircraft, if it is not older than this."""
    at = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    holds = (some.aircraft[at] == some.aircraft) & (some.t - some.t[at] <= seconds)
    return np.where(holds, values[at], np.nan)


def _drift(values: Floats) -> float:
    """How far the median of the last five known values is from that of the first five, or of a quarter where there are few; NaN where
    none is known."""
    known = values[~np.isnan(values)]
    few = min(5, 1 + len(known) // 4)
    return abs(float(np.median(known[-few:]) - np.median(known[:few]))) if len(known) else np.nan


def _elsewhere(seen: Columns, lies: Bools) -> Floats:
    """How soon after each row the same aircraft was heard with positions that lie; one alone is only noise."""
    out = np.full(len(seen), np.inf)
    same = seen.aircraft[1:] == seen.aircraft[:-1]
    at = np.flatnonzero(lies[1:] & same)
    again = np.append(lies[2:] & same[1:], False)[at]
    at = at[again]
    out[at] = seen.t[at + 1] - seen.t[at]
    return out


def _quiet(left: Columns, other: Bools) -> Floats:
    """The silence before each row of one aircraft; two under one address are told apart."""
    quiet = np.full(len(left), np.inf)
    for rows in (np.flatnonzero(~other), np.flatnonzero(other)) if other.any() else (np.arange(len(left)),):
        same = np.diff(left.aircraft[rows]) == 0
        quiet[rows[1:]] = np.where(same, np.diff(left.t[rows]), np.inf)
    return quiet


def _left(seen: Columns, reason: NDArray[np.int8]) -> tuple[Ints, Columns]:
    kept = np.flatnonzero(reason == KEPT)
    return kept, seen if len(kept) == len(seen) else seen.take(kept)

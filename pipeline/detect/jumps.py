"""Steps that no aircraft can make, in place or in height, and which of the pieces between them one aircraft flew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.model.columns import Bools, Columns, Floats, Ints
from pipeline.places.geo import near_m

OURS, NOBODY, OTHER = 0, 1, 2
#: At most, on the ellipsoid.
_M_PER_DEGREE = 111_700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumps:
    """Cuts a track where a step is impossible and keeps the pieces that one aircraft can have flown.

    A step is impossible beyond ``step_m`` and ``slack_m`` + ``cut_mps`` × time. Pieces are re-joined when they can be
    reached at ``rejoin_mps``, so that a spoofed stretch, or another aircraft under the same address, is set aside and
    the flight goes on. Where both ends are below ``low_ft`` aircraft are slower, and so are the limits. A piece
    that jumps ``stuck_m`` or more within ``recent_s`` and then stays within that is no flight. A second
    aircraft has ``second_rows`` and ``second_share`` of all, and takes ``turns`` with the first.
    """

    step_m: float = 2_000.0
    slack_m: float = 1_500.0
    cut_mps: float = 400.0
    rejoin_mps: float = 350.0
    low_ft: float = 12_000.0
    low_cut_mps: float = 260.0
    low_rejoin_mps: float = 170.0
    second_rows: int = 30
    second_share: float = 0.03
    stuck_rows: int = 8
    stuck_s: float = 60.0
    stuck_m: float = 18_000.0
    recent_s: float = 180.0
    turns: int = 8
    echo_s: float = 240.0

    def apply(self, seen: Columns) -> NDArray[np.int8]:
        """Whose each row is.

        ``OURS`` in the heaviest chain of pieces that can follow each other, ``OTHER`` in that of a second aircraft flying
        at the same time, ``NOBODY`` elsewhere.
        """
        whose = np.full(len(seen), OURS, dtype=np.int8)
        if len(seen) < 2:
            return whose
        low = seen.alt_ft < self.low_ft
        cut = self._impossible(seen, low)
        if not cut.any():
            return whose

        def reachable(here: Ints, there: int) -> Bools:
            apart = near_m(seen.lat[here], seen.lon[here], seen.lat[there], seen.lon[there])
            fastest = np.where(low[here] & low[there], self.low_rejoin_mps, self.rejoin_mps)
            within: Bools = apart <= self.slack_m + fastest * (seen.t[there] - seen.t[here])
            return within

        at = np.flatnonzero(cut) + 1
        owner = seen.aircraft[at]
        for aircraft in np.unique(owner).tolist():
            start, stop = np.searchsorted(seen.aircraft, [aircraft, aircraft + 1]).tolist()
            first = np.r_[start, at[owner == aircraft]]
            last = np.r_[first[1:] - 1, stop - 1]
            parked = self._stuck_elsewhere(seen, first, last, reachable)
            free = np.flatnonzero(~parked)
            ours = np.zeros(len(first), dtype=np.bool_)
            ours[free[heaviest_chain(first[free], last[free], reachable)]] = True
            rest = np.flatnonzero(~ours & ~parked)
            theirs = np.zeros(len(first), dtype=np.bool_)
            if (last[rest] - first[rest] + 1).sum() >= max(self.second_rows, self.second_share * (stop - start)):
                theirs[rest[heaviest_chain(first[rest], last[rest], reachable)]] = True
                rows = [np.concatenate([np.arange(first[k], last[k] + 1) for k in np.flatnonzero(some)]) for some in (ours, theirs)]
                theirs &= self._both_flew(ours, theirs) and not self._echo(seen, rows[0], rows[1])
            for piece in np.flatnonzero(~ours).tolist():
                whose[first[piece] : last[piece] + 1] = OTHER if theirs[piece] else NOBODY
        return whose

    def _impossible(self, seen: Columns, low: Bools) -> Bools:
        """True at each row whose step to the next is impossible."""
        dt = np.diff(seen.t)
        # No step is longer than its two legs together; few are long enough to be measured.
        legs = (np.abs(np.diff(seen.lat)) + np.abs(np.diff(seen.lon))) * _M_PER_DEGREE
        at = np.flatnonzero((legs > self.step_m) & (legs > self.slack_m + self.low_cut_mps * dt) & (np.diff(seen.aircraft) == 0))
        metres = near_m(seen.lat[at], seen.lon[at], seen.lat[at + 1], seen.lon[at + 1])
        fastest = np.where(low[at] & low[at + 1], self.low_cut_mps, self.cut_mps)
        cut = np.zeros(len(dt), dtype=np.bool_)
        cut[at] = (metres > self.step_m) & (metres > self.slack_m + fastest * dt[at])
        return cut

    def _stuck_elsewhere(self, seen: Columns, first: Ints, last: Ints, reachable: Callable[[Ints, int], Bools]) -> Bools:
        """Pieces that begin with a long jump out of nowhere and then stay in one small area: circles, or a field's coordinates."""
        out = np.zeros(len(first), dtype=np.bool_)
        for k in range(1, len(first)):
            a, b = int(first[k]), int(last[k])
            if b - a + 1 < self.stuck_rows or seen.t[b] - seen.t[a] < self.stuck_s or seen.t[a] - seen.t[last[k - 1]] > self.recent_s:
                continue
            jump = near_m(seen.lat[[last[k - 1]]], seen.lon[[last[k - 1]]], seen.lat[[a]], seen.lon[[a]])[0]
            rows = slice(a, b + 1)
            middle = np.full(b - a + 1, seen.lat[rows].mean()), np.full(b - a + 1, seen.lon[rows].mean())
            if jump < self.stuck_m or near_m(seen.lat[rows], seen.lon[rows], *middle).max() > self.stuck_m / 2:
                continue
            earlier = np.flatnonzero(~out[:k] & (seen.t[last[:k]] > seen.t[a] - self.recent_s))
            if len(earlier) and not reachable(last[earlier], a).any():
                out[k] = True
        return out

    def _both_flew(self, ours: Bools, theirs: Bools) -> bool:
        """Heard in turns, again and again: two aircraft. A spoofed stretch replaces the true one while it lasts."""
        turns = theirs[ours | theirs]
        return bool(np.count_nonzero(np.diff(turns)) >= self.turns)

    def _echo(self, seen: Columns, ours: Ints, theirs: Ints) -> bool:
        """The same way flown a little later or earlier: one aircraft, repeated by a network whose clock is late."""
        asked = theirs[np.linspace(0, len(theirs) - 1, min(40, len(theirs))).astype(np.int64)]
        same = 0
        for row in asked.tolist():
            near = ours[np.abs(seen.t[ours] - seen.t[row]) < self.echo_s]
            apart = near_m(seen.lat[near], seen.lon[near], np.full(len(near), seen.lat[row]), np.full(len(near), seen.lon[row]))
            same += bool(len(near) and apart.min() < self.step_m)
        return same > 0.5 * len(asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spikes:
    """Altitudes that no climb or descent joins: 35,000 ft beside a stand, for one row or for minutes.

    A step is impossible beyond ``step_ft`` and ``fpm`` × time.
    """

    step_ft: float = 1_500.0
    fpm: float = 15_000.0

    def apply(self, some: Columns, alt_ft: Floats) -> Bools:
        """True for each row whose altitude is outside the heaviest chain of altitudes that can follow each other."""
        bad = np.zeros(len(some), dtype=np.bool_)
        rows = np.flatnonzero(~np.isnan(alt_ft))
        alt, t, aircraft = alt_ft[rows], some.t[rows], some.aircraft[rows]
        step, most = np.abs(np.diff(alt)), np.diff(t) / 60 * self.fpm
        cut = (step > self.step_ft) & (step > most) & (np.diff(aircraft) == 0)
        if not cut.any():
            return bad
        at = np.flatnonzero(cut) + 1
        owner = aircraft[at]
        for one in np.unique(owner).tolist():
            start, stop = np.searchsorted(aircraft, [one, one + 1]).tolist()
            first = np.r_[start, at[owner == one]]
            last = np.r_[first[1:] - 1, stop - 1]

            def reachable(here: Ints, there: int) -> Bools:
                within: Bools = np.abs(alt[here] - alt[there]) <= self.step_ft + (t[there] - t[here]) / 60 * self.fpm
                return within

            for piece in np.flatnonzero(~heaviest_chain(first, last, reachable)).tolist():
                bad[rows[first[piece] : last[piece] + 1]] = True
        return bad


def heaviest_chain(first: Ints, last: Ints, reachable: Callable[[Ints, int], Bools], *, most_back: int = 400) -> Bools:
    """Which pieces make up the chain with the most rows, each reachable from the one before.

    Args:
        reachable: of the last rows of earlier pieces, from which can this first row be reached?
        most_back: how many pieces before it a piece is joined to at most.
    """
    best = (last - first + 1).astype(np.float64)
    before = np.full(len(first), -1, dtype=np.int64)
    for k in range(1, len(first)):
        earlier: Ints = np.arange(max(0, k - most_back), k)
        possible = earlier[reachable(last[earlier], int(first[k]))]
        if len(possible):
            choice = possible[np.argmax(best[possible])]
            best[k] += best[choice]
            before[k] = choice
    kept = np.zeros(len(first), dtype=np.bool_)
    piece = int(np.argmax(best))
    while piece >= 0:
        kept[piece] = True
        piece = int(before[piece])
    return kept

"""Steps that no aircraft can make, in place or in height, and which of the pieces between them one aircraft flew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.model.columns import GROUND, Bools, Columns, Floats, Ints
from pipeline.model.units import MPS_PER_KT
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
    aircraft has ``second_rows`` and ``second_share`` of all, and takes ``turns`` with the first. A flight of ``drag_rows`` or more
    that begins within ``drag_m`` and ``drag_share`` of the way from where the course of the last ``course_s`` would have led, at
    ``drag_mps`` at least, is what a stretch of ``drag_least_s`` to ``drag_most_s`` was drawn off from; and so is one that goes on at
    the altitude that it had, faster than ``flying_kt``, and comes to rest, ``slow_rows`` slower than ``slow_kt`` being within
    ``level_ft``; the altitude may differ by ``jump_ft`` and ``jump_fpm``. Pieces less than ``same_place_m`` apart
    are at one place, and less than ``near_place_m`` apart near it.
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
    drag_rows: int = 20
    drag_least_s: float = 120.0
    drag_most_s: float = 10_800.0
    drag_m: float = 4_000.0
    drag_share: float = 0.03
    drag_mps: float = 50.0
    drags: int = 3
    course_s: float = 120.0
    flying_kt: float = 80.0
    slow_kt: float = 60.0
    slow_rows: int = 3
    level_ft: float = 200.0
    jump_ft: float = 300.0
    jump_fpm: float = 4_000.0
    same_place_m: float = 500.0
    near_place_m: float = 6_000.0
    echo_s: float = 240.0

    def apply(self, seen: Columns, lies: Bools | None = None) -> NDArray[np.int8]:
        """Whose each row is.

        ``OURS`` in the heaviest chain of pieces that can follow each other, ``OTHER`` in that of a second aircraft flying
        at the same time, ``NOBODY`` elsewhere.

        Args:
            lies: rows that are nobody's for another reason; what is before and after them was not flown in one either.
        """
        whose = np.full(len(seen), OURS, dtype=np.int8)
        if len(seen) < 2:
            return whose
        low = (seen.alt_ft < self.low_ft) | (seen.ground == GROUND)
        cut = self._impossible(seen, low)
        if lies is not None:
            cut |= (lies[1:] != lies[:-1]) & (np.diff(seen.aircraft) == 0)
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
            first = self._apart(start, stop, at[owner == aircraft], reachable)
            last = np.r_[first[1:] - 1, stop - 1]
            parked = self._stuck_elsewhere(seen, first, last, reachable)
            if lies is not None:
                parked |= self._where_it_stood(seen, first, last, lies[first])
            ours = _chain_of(first, last, ~parked, reachable)
            for _ in range(self.drags):
                drag = self._dragged(seen, first, last, ours, parked, reachable)
                if drag is None:
                    break
                known = first[parked]
                first = np.union1d(first, [drag[0]])
                last = np.r_[first[1:] - 1, stop - 1]
                parked = np.isin(first, known) | ((first >= drag[0]) & (first < drag[1]))
                ours = _chain_of(first, last, ~parked, reachable)
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
            if b - a + 1 < self.stuck_rows or seen.t[b] - seen.t[a] < self.stuck_s:
                continue
            jump = near_m(seen.lat[[last[k - 1]]], seen.lon[[last[k - 1]]], seen.lat[[a]], seen.lon[[a]])[0]
            rows = slice(a, b + 1)
            middle = np.full(b - a + 1, seen.lat[rows].mean()), np.full(b - a + 1, seen.lon[rows].mean())
            if jump < self.stuck_m or near_m(seen.lat[rows], seen.lon[rows], *middle).max() > self.stuck_m / 2:
                continue
            # Heard without a break: what was left for a stretch that lies can be come back to, however long that lasted.
            breaks = np.flatnonzero(seen.t[first[1 : k + 1]] - seen.t[last[:k]] > self.recent_s)
            # After a silence only the last piece says anything of where it was.
            earlier = np.arange(min(int(breaks[-1]) + 1, k - 1) if len(breaks) else 0, k)
            earlier = earlier[~out[earlier]]
            if len(earlier) and not reachable(last[earlier], a).any() and not self._comes_to_rest(seen, a, b):
                out[k] = True
        return out

    def _where_it_stood(self, seen: Columns, first: Ints, last: Ints, lies: Bools) -> Bools:
        """Pieces that lie, those that came to rest where one of them stands, and those that go on near there and do not fly."""
        out = lies.copy()
        apart = near_m(seen.lat[last[:-1]], seen.lon[last[:-1]], seen.lat[first[1:]], seen.lon[first[1:]])
        for k in np.flatnonzero((apart < self.same_place_m) & (seen.speed_kt[last[:-1]] < self.slow_kt))[::-1].tolist():
            out[k] |= bool(out[k + 1]) and not self._comes_to_rest(seen, int(first[k]), int(last[k]))
        for k in np.flatnonzero(apart < self.near_place_m).tolist():
            out[k + 1] |= bool(out[k]) and self._stays_near(seen, int(last[k]), int(first[k + 1]), int(last[k + 1]))
        return out

    def _stays_near(self, seen: Columns, place: int, a: int, b: int) -> bool:
        rows = slice(a, b + 1)
        there = np.full(b - a + 1, seen.lat[place]), np.full(b - a + 1, seen.lon[place])
        near = near_m(seen.lat[rows], seen.lon[rows], *there).max() < self.near_place_m
        return bool(near) and not self._comes_to_rest(seen, a, b)

    def _comes_to_rest(self, seen: Columns, a: int, b: int) -> bool:
        """A landing, whole: at flying speed at first, slow at the end, and never slow at another altitude than that.

        The altitude and the ground flag are the aircraft's own and not those of its position: a stretch drawn to some field goes
        on coming down while it stands there.
        """
        speed, alt = seen.speed_kt[a : b + 1], seen.alt_ft[a : b + 1]
        slow = np.flatnonzero(speed < self.slow_kt)
        if len(slow) < self.slow_rows or not (speed[: slow[0]] > self.flying_kt).any():
            return False
        told = alt[slow][~np.isnan(alt[slow])]
        level = np.ptp(told) <= self.level_ft if len(told) else bool((seen.ground[a : b + 1][slow] == GROUND).all())
        return bool(level and not (speed[slow[0] :] >= self.flying_kt).any())

    def _apart(self, start: int, stop: int, cuts: Ints, reachable: Callable[[Ints, int], Bools]) -> Ints:
        """Where pieces begin: at each cut, and round a row beside one that is out of line alone."""
        begin = {start, *cuts.tolist()}
        for b in cuts.tolist():
            if b - 2 >= start and reachable(np.array([b - 2]), b)[0]:
                begin.add(b - 1)
            elif b + 1 < stop and reachable(np.array([b - 1]), b + 1)[0]:
                begin.add(b + 1)
        return np.array(sorted(begin), dtype=np.int64)

    def _dragged(
        self, seen: Columns, first: Ints, last: Ints, ours: Bools, parked: Bools, reachable: Callable[[Ints, int], Bools]
    ) -> tuple[int, int] | None:
        """Rows ``from … before`` that were drawn off at a plausible speed: after them a jump leads back to where the flight had gone on.

        A jump leads back when it ends where the aircraft would have been by then had it kept its course and speed, or, in the air, at the
        altitude that it had, when from there it lands.
        """
        if not ours.any():
            return None
        chain = np.concatenate([np.arange(first[k], last[k] + 1) for k in np.flatnonzero(ours)])
        for k in np.flatnonzero(~ours & ~parked & (last - first >= self.drag_rows)).tolist():
            b = int(first[k])
            before = chain[seen.t[chain] < seen.t[b]]
            if not len(before) or reachable(before[-1:], b)[0]:
                continue
            rows = before[(seen.t[before] < seen.t[before[-1]] - self.drag_least_s) & (seen.t[before] > seen.t[b] - self.drag_most_s)]
            kept_on = self._kept_on(seen, before, rows, b)
            if not len(kept_on) and self._lands_after(seen, int(before[-1]), b, int(last[k])):
                kept_on = self._could_reach(seen, before, b)
            if len(kept_on):
                return int(kept_on[-1]) + 1, b
        return None

    def _lands_after(self, seen: Columns, before: int, b: int, end: int) -> bool:
        """In the air before a jump and after it, at one altitude, and then down: the position jumped, and the flight did not."""
        dt = seen.t[b] - seen.t[before]
        same = abs(seen.alt_ft[b] - seen.alt_ft[before]) < self.jump_ft + self.jump_fpm / 60 * dt
        return bool(dt < self.recent_s and same and seen.speed_kt[before] > self.flying_kt and self._comes_to_rest(seen, b, end))

    def _could_reach(self, seen: Columns, rows: Ints, b: int) -> Ints:
        """Those of the rows from which the aircraft would have come to row ``b`` at the speed that it had."""
        apart = near_m(seen.lat[rows], seen.lon[rows], np.full(len(rows), seen.lat[b]), np.full(len(rows), seen.lon[b]))
        speed = np.fmax(seen.speed_kt[rows], 2 * self.flying_kt) * MPS_PER_KT
        could: Ints = rows[apart <= self.slack_m + speed * (seen.t[b] - seen.t[rows])]
        return could

    def _kept_on(self, seen: Columns, chain: Ints, rows: Ints, b: int) -> Ints:
        """Those of the rows from which the aircraft would have come to row ``b`` on the course and at the speed it had."""
        ago = chain[np.searchsorted(seen.t[chain], seen.t[rows] - self.course_s)]
        dt = seen.t[rows] - seen.t[ago]
        rows, ago, dt = rows[dt > 0], ago[dt > 0], dt[dt > 0]
        ahead = (seen.t[b] - seen.t[rows]) / dt
        lat = np.clip(seen.lat[rows] + (seen.lat[rows] - seen.lat[ago]) * ahead, -85, 85)
        east = (np.mod(seen.lon[rows] - seen.lon[ago] + 180, 360) - 180) * ahead
        # Meridians draw together on the way.
        wider = np.cos(np.radians(seen.lat[rows])) / np.cos(np.radians((seen.lat[rows] + lat) / 2))
        lon = np.mod(seen.lon[rows] + east * wider + 180, 360) - 180
        there = np.full(len(rows), seen.lat[b]), np.full(len(rows), seen.lon[b])
        way, off = near_m(seen.lat[rows], seen.lon[rows], *there), near_m(lat, lon, *there)
        kept_on: Ints = rows[(off < self.drag_m + self.drag_share * way) & (way > self.drag_mps * (seen.t[b] - seen.t[rows]))]
        return kept_on

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


def _chain_of(first: Ints, last: Ints, free: Bools, reachable: Callable[[Ints, int], Bools]) -> Bools:
    """The heaviest chain among some of the pieces."""
    some = np.flatnonzero(free)
    ours = np.zeros(len(first), dtype=np.bool_)
    if len(some):
        ours[some[heaviest_chain(first[some], last[some], reachable)]] = True
    return ours


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

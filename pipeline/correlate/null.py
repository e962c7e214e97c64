"""What chance alone gives: the same search on worlds in which every visit came some whole weeks later.

Rotating the visits among the weeks in which their city was covered keeps each state's liking for each city, its weekdays and
its bursts, and breaks only their tie to the meetings. There are as many distinct shifts as weeks; all are looked at, and the
identity is left out of the chance mean (Phipson and Smyth, *Permutation P-values Should Never Be Zero*, 2010).
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.candidates import Pairs, candidate_pairs
from pipeline.correlate.covered import Covered
from pipeline.correlate.events import Events
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import MeetingTable, StayTable
from pipeline.correlate.timing import Timing, time_pairs
from pipeline.correlate.weeks import WEEK_H, Weeks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rotation:
    """``shifts`` distinct shifts (the identity is one of them); ``p_value`` a pair, NaN where it was not tested.

    ``excess`` is the number of meetings' guests with a well-timed visit beyond the mean of the rotated worlds,
    ``excess_low`` and ``excess_high`` the same beyond their 97.5 and 2.5 per cent quantiles; ``p_world`` the share
    of worlds with as many. ``deciles`` count all meetings' guests, those without any visit too, by their p with ties broken at
    random: flat where visits have nothing to do with reports. None: not computed, and ``reason`` says why.
    """

    shifts: int
    p_value: Floats
    excess: float | None
    excess_low: float | None
    excess_high: float | None
    p_world: float | None
    reason: str
    deciles: tuple[int, ...] = ()


def not_rotated(pairs: Pairs, reason: str) -> Rotation:
    """Nothing was tested."""
    untested = np.full(len(pairs), np.nan)
    return Rotation(shifts=0, p_value=untested, excess=None, excess_low=None, excess_high=None, p_world=None, reason=reason)


def rotate(pairs: Pairs, stays: StayTable, meetings: MeetingTable, events: Events, *, covered: Covered, scoring: Scoring) -> Rotation:
    """Test every pair against all whole-week rotations of the stays that count.

    p = share of the shifts, the identity among them, in which some visit of the pair's state there is timed at least
    as well. Pairs of reconstructed stays are not tested, nor those where another's aircraft is the carrier.

    Args:
        covered: its weeks are what the visits are rotated in.
    """
    era = covered.era
    weeks = math.ceil((era[1] - era[0]) / WEEK_H)
    if covered.era_days < scoring.rates.min_covered_days:
        return not_rotated(pairs, f"not computed: {covered.era_days:.0f} days of history, {scoring.rates.min_covered_days:.0f} are needed")
    world = replace(stays, away=stays.away & stays.counts, cells={})
    guest = {key: i for i, key in enumerate(zip(meetings.guest_meeting.tolist(), meetings.guest_state.tolist(), strict=True))}
    layout = _layout(world, covered, weeks)
    best = np.full((weeks, len(guest)), -np.inf)
    shifts = np.full(len(guest), weeks, dtype=np.int64)
    for turn in range(weeks):
        moved = _moved(world, layout, turn)
        found = candidate_pairs(moved, meetings, arrival=scoring.arrival)
        rows = _rows(found, guest)
        np.maximum.at(best[turn], rows, _timed(time_pairs(found, moved, meetings, scoring)))
        np.minimum.at(shifts, rows, layout.size[found.stay])
    own = _timed(time_pairs(pairs, stays, meetings, scoring))
    rows = _rows(pairs, guest)
    distinct = np.arange(weeks)[:, None] < shifts
    as_well = ((best[:, rows] >= own - 1e-9) & distinct[:, rows])[1:].sum(axis=0)
    p_value = np.where(world.counts[pairs.stay] & (pairs.guest == stays.state[pairs.stay]), (as_well + 1) / shifts[rows], np.nan)
    counts = (best > 0).sum(axis=1)
    chance = counts[1:]
    low, high = np.quantile(chance, [0.025, 0.975])
    return Rotation(
        shifts=weeks,
        p_value=p_value,
        excess=float(counts[0] - chance.mean()),
        excess_low=float(counts[0] - high),
        excess_high=float(counts[0] - low),
        p_world=float(((chance >= counts[0]).sum() + 1) / weeks),
        reason="",
        deciles=_deciles(best, distinct, _once(guest, events), _luck(int(scoring.company.seed), world)),
    )


def _luck(seed: int, stays: StayTable) -> np.random.Generator:
    """Breaks ties: the same for the same visits, another for others (one seed for all would break them alike in every world)."""
    return np.random.default_rng([seed, zlib.crc32(np.sort(stays.arrive_h).tobytes())])


def _deciles(best: Floats, distinct: Flags, which: Ints, luck: np.random.Generator) -> tuple[int, ...]:
    better, as_good = (((best > best[0]) & distinct)[1:].sum(axis=0), ((best == best[0]) & distinct)[1:].sum(axis=0))
    p = (better + luck.uniform(size=best.shape[1]) * (as_good + 1)) / distinct.sum(axis=0)
    return tuple(np.histogram(p[which], bins=10, range=(0.0, 1.0))[0].tolist())


def _once(guest: dict[tuple[int, int], int], events: Events) -> Ints:
    """One row for each guest of each event, however many reports of it there are."""
    keys = np.array([(int(events.of_meeting[meeting]), state) for meeting, state in guest], dtype=np.int64).reshape(-1, 2)
    return np.unique(keys, axis=0, return_index=True)[1].astype(np.int64)


def _layout(stays: StayTable, covered: Covered, weeks: int) -> Weeks:
    """The stays in the covered weeks of their places; of places that are not known every week counts."""
    nowhere = int(stays.place.max(initial=0)) + 1
    place = np.where(stays.place >= 0, stays.place, nowhere)
    names = {number: text for text, number in covered.codes.numbers.items()}
    every = np.arange(weeks, dtype=np.int64)
    known = {int(p): covered.weeks(names.get(int(p), "")) for p in np.unique(place) if p != nowhere}
    return Weeks.of(place, stays.arrive_h, {**known, nowhere: every}, covered.era[0])


def _moved(stays: StayTable, layout: Weeks, turn: int) -> StayTable:
    """The stays so many weeks later; where a place has fewer weeks than turns some shifts come twice, the identity only at 0."""
    shift = 1 + (turn - 1) % np.maximum(layout.size - 1, 1) if turn else np.zeros_like(layout.size)
    arrive = layout.moved(shift)
    return replace(stays, arrive_h=arrive, leave_h=arrive + (stays.leave_h - stays.arrive_h))


def _timed(timing: Timing) -> Floats:
    """Bits of both times together: what the rotation changes and nothing else."""
    together: Floats = timing.arrival_bits + timing.departure_bits
    return together


def _rows(pairs: Pairs, guest: dict[tuple[int, int], int]) -> NDArray[np.int64]:
    keys = zip(pairs.meeting.tolist(), pairs.guest.tolist(), strict=True)
    return np.array([guest[key] for key in keys], dtype=np.int64)

"""Whether a visit is a turn of a rotation: how many earlier visits of its state to its place came a whole number of weeks before.

Of earlier visits at any time two in seven are in step, to within a day; of a rotation nearly all. What being in step is worth
depends on how many visits are rotations at all, which the history says: three visits in step by chance are no rotation where
hardly any are, and ten are one anywhere. A fixed number of bits would push down a rare visitor that came four times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.tables import StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_WEEK_H = 168.0
#: How exactly a rotation keeps its day, and how many earlier visits are looked at, the latest.
_STEP_H, _LOOK_BACK = 24.0, 12
#: The share of earlier visits in step: of any two [method], and of a rotation, which misses a turn now and then. [judged]
_BY_CHANCE, _OF_ROTATION = 2 * _STEP_H / _WEEK_H, 0.9
#: Visits that the expected share of rotations counts for.
_STRENGTH = 40.0
_ROUNDS = 30


def in_rhythm(stays: StayTable, leader: Ints) -> tuple[Ints, Ints]:
    """Per stay, of how many of the last visits of its state to its place its delegation came a whole number of weeks after, and how
    many were looked at.

    Args:
        leader: the first stay of each stay's delegation: an advance party is no earlier visit.
    """
    found, seen = np.zeros(len(stays), dtype=np.int64), np.zeros(len(stays), dtype=np.int64)
    usable = stays.away & stays.counts & (stays.place >= 0) & (stays.state >= 0)
    rows = np.flatnonzero(usable & (leader == np.arange(len(stays))))
    cell = stays.state * (int(stays.place.max(initial=0)) + 2) + stays.place
    order = rows[np.lexsort((stays.arrive_h[rows], cell[rows]))]
    for back in range(1, _LOOK_BACK + 1):
        one, two = order[:-back], order[back:]
        weeks = (stays.arrive_h[two] - stays.arrive_h[one]) / _WEEK_H
        same = cell[one] == cell[two]
        near = (np.round(weeks) > 0) & (np.abs(weeks - np.round(weeks)) * _WEEK_H <= _STEP_H)
        seen[two[same]] += 1
        found[two[same & near]] += 1
    return found[leader], seen[leader]


def likelier(found: Ints, seen: Ints) -> Floats:
    """How much likelier so many visits in step are of a rotation than by chance."""
    out = seen - found
    return np.asarray((_OF_ROTATION / _BY_CHANCE) ** found * ((1 - _OF_ROTATION) / (1 - _BY_CHANCE)) ** out, dtype=np.float64)


def share_of_rotations(ratio: Floats, weight: Floats, expected: float) -> float:
    """The share of visits that are turns of a rotation (expectation-maximisation), drawn towards what is expected.

    Args:
        ratio: of ``likelier``, of the visits that had others before.
        weight: how surely each stands for an ordinary visit.
    """
    share, total = expected, float(weight.sum())
    for _ in range(_ROUNDS):
        turn = share * ratio / (share * ratio + 1 - share)
        share = (float((weight * turn).sum()) + _STRENGTH * expected) / (total + _STRENGTH)
    return share


def rotation_bits(ratio: float, share: float, least: float) -> float:
    """What a rhythm speaks for a visit that keeps none on purpose: chance against ordinary visits, of which a share are turns; it
    never falls below ``least``."""
    return max(float(-np.log2(1 - share + share * ratio)), least)

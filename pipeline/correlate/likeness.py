"""How much a stay looks like one for a meeting, whatever the meeting: learned from the stays that reports explain.

For each property (role of the aircraft, itinerary) the share among explained stays, weighted by
how well they are explained, is compared with the share among ordinary ones; smoothed towards no difference. Worth 0 where few
are explained. Itineraries are compared among visits that are about as rare: most visits to a place where a state hardly
ever comes are stops of a tour, few of those to a place where it comes every month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.itinerary import LEVELS, legs_of
from pipeline.correlate.tables import StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

#: Explained stays that "no difference" counts for in each level, and how many there must be at all.
_SMOOTHING = 8.0
_LEAST = 60.0
_LIMIT_BITS = 3.0
#: Visits a year between which itineraries are compared.
_RARE = np.array([0.4, 0.7, 1.4, 2.8, 5.6, 12.0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likeness:
    """Bits per stay of each property."""

    role: Floats
    itinerary: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leanings:
    """What a whole history says: bits of each role, and the shares of itineraries: ``at_meetings`` [level], ``ordinary`` [how often
    its state comes, level]."""

    role: Mapping[str, float]
    at_meetings: Floats
    ordinary: Floats

    def at(self, stays: StayTable, *, leader: Ints, a_year: Floats) -> Likeness:
        """Bits of every stay; a role that the history lacks is worth nothing.

        Args:
            leader: the first stay of each stay's delegation.
            a_year: how often its state comes to its place otherwise.
        """
        role = np.asarray(stays.frame["role"].map(dict(self.role)).fillna(0.0), dtype=np.float64)
        level, gone = legs_of(stays, leader), ~np.isnan(stays.leave_h)
        # Who is not gone may yet go on or not. Levels differ in whether it came on (the last bit) and whether it went on.
        count = len(LEVELS)
        came = np.arange(count) % 2 == (level % 2)[:, None]
        own = np.where(gone[:, None], np.arange(count) == level[:, None], came)
        usual = self.ordinary[np.searchsorted(_RARE, a_year)]
        ratio = (own * self.at_meetings).sum(axis=1) / (own * usual).sum(axis=1)
        itinerary: Floats = np.clip(np.log2(ratio), -_LIMIT_BITS, _LIMIT_BITS)
        return Likeness(role=role, itinerary=itinerary)


#: Nothing is known.
NO_LEANINGS = Leanings(
    role={},
    at_meetings=np.full(len(LEVELS), 1 / len(LEVELS)),
    ordinary=np.full((len(_RARE) + 1, len(LEVELS)), 1 / len(LEVELS)),
)


def leanings_of(stays: StayTable, explained: Floats, visits: Flags, *, leader: Ints, a_year: Floats) -> Leanings:
    """What explained stays have more of than others.

    Args:
        explained: the posterior of each stay's best match.
        visits: one flag a stay, those that count as ordinary visits.
        leader, a_year: as for ``Leanings.at``.
    """
    weight = np.where(explained >= 0.5, explained, 0.0) * visits
    if weight.sum() < _LEAST:
        return NO_LEANINGS
    roles = {role: i for i, role in enumerate(sorted(stays.frame["role"].unique()))}
    role = stays.frame["role"].map(roles).to_numpy(dtype=np.int64)
    by_role = _bits(role, weight, visits, len(roles))
    gone = ~np.isnan(stays.leave_h)
    level, rarity = legs_of(stays, leader), np.searchsorted(_RARE, a_year)
    at_meetings, ordinary = _itineraries(level, rarity, weight * gone, visits * (1.0 - explained) * gone)
    return Leanings(
        role={name: float(by_role[i]) for name, i in roles.items()},
        at_meetings=at_meetings,
        ordinary=ordinary,
    )


def _bits(level: Ints, weight: Floats, ordinary: Flags, count: int) -> Floats:
    usual = np.bincount(level[ordinary], minlength=count) + 1.0
    usual /= usual.sum()
    at_meetings = np.bincount(level, weights=weight, minlength=count) + _SMOOTHING * count * usual
    at_meetings /= at_meetings.sum()
    bits: Floats = np.clip(np.log2(at_meetings / usual), -_LIMIT_BITS, _LIMIT_BITS)
    return bits


def _itineraries(level: Ints, rarity: Ints, weight: Floats, ordinary: Floats) -> tuple[Floats, Floats]:
    """Shares of each level at meetings, and of ordinary visits in each class of ``rarity``."""
    count = len(LEVELS)
    usual = np.bincount(level, weights=ordinary, minlength=count) + 1.0
    usual /= usual.sum()
    at_meetings = np.bincount(level, weights=weight, minlength=count) + _SMOOTHING * usual
    at_meetings /= at_meetings.sum()
    table = np.zeros((len(_RARE) + 1, count))
    np.add.at(table, (rarity, level), ordinary)
    table += _SMOOTHING * usual
    table /= table.sum(axis=1, keepdims=True)
    return at_meetings, table

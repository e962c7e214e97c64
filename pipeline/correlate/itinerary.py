"""Where an aircraft was just before a stay and just after it: on a tour of several places abroad, or here alone.

A state reaches most cities that it seldom visits on tours, so that a stay between two others abroad is ordinary where a rare
direct visit is not. How much that is worth is learned (``likeness``), for a visit to a meeting may be part of a tour, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.tables import StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LEVELS = ("direct", "came_on", "went_on", "between")
#: Hours between take-off and the next touchdown: longer than any flight with a refuelling stop that nobody saw.
_LEG_H = 14.0
#: How long a stay is taken to have lasted that was not seen to end.
_UNSEEN_H = 24.0


def legs_of(stays: StayTable, leader: Ints) -> Ints:
    """The level of each stay's delegation, as an index of ``LEVELS``: whether any of its aircraft came on from another place
    abroad, and whether any went on to one.

    Args:
        leader: the first stay of each stay's delegation.
    """
    came, went = np.zeros(len(stays), dtype=np.int64), np.zeros(len(stays), dtype=np.int64)
    one, two, _ = flights(stays)
    abroad = stays.foreign[one] & stays.foreign[two]
    abroad &= (stays.place[one] != stays.place[two]) | (stays.airport[one] != stays.airport[two])
    came[leader[two[abroad]]] = 1
    went[leader[one[abroad]]] = 1
    return (came + 2 * went)[leader]


def flights(stays: StayTable) -> tuple[Ints, Ints, Floats]:
    """Rows of two stays of one aircraft with nothing but a flight between them, and the hours of it."""
    if not len(stays):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    _, aircraft = np.unique(stays.frame["icao24"].to_numpy(dtype=str), return_inverse=True)
    order = np.lexsort((stays.arrive_h, aircraft))
    one, two = order[:-1], order[1:]
    left = np.where(np.isnan(stays.leave_h[one]), stays.arrive_h[one] + _UNSEEN_H, stays.leave_h[one])
    on_the_way = stays.arrive_h[two] - left
    leg = (aircraft[one] == aircraft[two]) & (on_the_way > 0) & (on_the_way <= _LEG_H)
    return one[leg], two[leg], on_the_way[leg]

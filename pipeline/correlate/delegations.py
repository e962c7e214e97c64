"""Which stays belong together: aircraft of one state that land at one place within hours of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.tables import StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def delegations(stays: StayTable, *, within_h: float) -> NDArray[np.int64]:
    """For each stay, the index of the first stay of its delegation (its own where it is alone).

    Linked one to the next: A and C belong together through B even when they are further apart than ``within_h``.
    Stays without a state are alone; without a place, the airfield takes its part.
    """
    count = len(stays)
    first = np.arange(count, dtype=np.int64)
    if not count:
        return first
    place = np.where(stays.place >= 0, stays.place, -2 - stays.airport)
    order = np.lexsort((stays.arrive_h, place, stays.state))
    state, where, arrive = stays.state[order], place[order], stays.arrive_h[order]
    new = np.ones(count, dtype=bool)
    new[1:] = (state[1:] != state[:-1]) | (where[1:] != where[:-1]) | (arrive[1:] - arrive[:-1] > within_h) | (state[1:] < 0)
    leaders = order[new]
    first[order] = leaders[np.cumsum(new) - 1]
    return first

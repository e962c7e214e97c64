"""Moving visits by whole weeks among those in which their city was covered: what both null models rotate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WEEK_H = 168.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weeks:
    """Visits laid out in the weeks of their places: ``size`` is how many each one's place has."""

    start_h: float
    place: Ints
    rest_h: Floats
    table: Ints
    size: Ints
    position: Ints

    @classmethod
    def of(cls, place: Ints, arrive_h: Floats, weeks: Mapping[int, Ints], start_h: float) -> Weeks:
        """Layout of visits at places (0 or more).

        Args:
            weeks: per place, the numbers (from ``start_h``) of the weeks in which it was covered; a week that has a visit
                counts in any case.
        """
        number = np.floor((arrive_h - start_h) / WEEK_H).astype(np.int64)
        width = max((len(w) for w in weeks.values()), default=1)
        table = np.zeros((int(place.max(initial=0)) + 1, width), dtype=np.int64)
        size, position = np.ones(len(place), dtype=np.int64), np.zeros(len(place), dtype=np.int64)
        for where in np.unique(place):
            here = place == where
            own = np.union1d(weeks[int(where)], number[here])
            if len(own) > table.shape[1]:
                table = np.pad(table, ((0, 0), (0, len(own) - table.shape[1])))
            table[where, : len(own)] = own
            size[here] = len(own)
            position[here] = np.searchsorted(own, number[here])
        return cls(start_h=start_h, place=place, rest_h=arrive_h - start_h - number * WEEK_H, table=table, size=size, position=position)

    def moved(self, shift: Ints) -> Floats:
        """Arrivals so many covered weeks later, from the end round to the beginning."""
        found: Floats = self.start_h + self.table[self.place, (self.position + shift) % self.size] * WEEK_H + self.rest_h
        return found

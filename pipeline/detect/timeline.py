"""Rows by time: one sorted key over all aircraft, so that "150 s before" is one binary search for any number of rows."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from pipeline.model.columns import Columns, Floats, Ints


class Timeline:
    """Finds rows of the same aircraft by seconds from a row."""

    #: No question reaches farther than this from a row.
    REACH_S = 2 * 86_400.0

    def __init__(self, some: Columns) -> None:
        self.some = some
        self._base = float(some.t.min(initial=np.inf)) if len(some) else 0.0

    def before(self, rows: Ints, seconds: float | Floats) -> Ints:
        """The first row of the same aircraft at most ``seconds`` before each row."""
        return np.minimum(np.searchsorted(self._key, self._key[rows] - seconds), rows)

    def first_before(self, row: int, seconds: float) -> int:
        """``before`` of one row."""
        return min(int(self._key.searchsorted(self._key[row] - seconds)), row)

    def until(self, rows: Ints, seconds: float | Floats) -> Ints:
        """The last row of the same aircraft at most ``seconds`` after each row."""
        return np.maximum(np.searchsorted(self._key, self._key[rows] + seconds, side="right") - 1, rows)

    @cached_property
    def _key(self) -> Floats:
        span = float(self.some.t.max(initial=self._base) - self._base) + 2 * self.REACH_S
        key: Floats = self.some.aircraft * span + (self.some.t - self._base)
        return key

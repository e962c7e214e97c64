"""One kind of evidence over all pairs, and how bits become a probability."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.scoring import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Beyond this a double would round the posterior to 0 or 1.
_LIMIT_BITS = 48.0
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """``levels[index]`` is a pair's level, -1 unknown (0 bits)."""

    name: str
    levels: tuple[str, ...]
    index: Ints
    bits: Floats

    def level(self, row: int) -> str:
        number = int(self.index[row])
        return self.levels[number] if number >= 0 else UNKNOWN

    def at(self, rows: Ints) -> Column:
        """The same of some rows."""
        return Column(name=self.name, levels=self.levels, index=self.index[rows], bits=self.bits[rows])

    def silenced(self, where: NDArray[np.bool_]) -> Column:
        """The same with the marked pairs unknown."""
        return Column(name=self.name, levels=self.levels, index=np.where(where, -1, self.index), bits=np.where(where, 0.0, self.bits))


def from_levels(name: str, levels: Mapping[str, Level], found: Iterable[str]) -> Column:
    """A column of fixed levels from their names, ``''`` for unknown."""
    names = tuple(levels)
    number = {level: i for i, level in enumerate(names)}
    index = np.array([number.get(level, -1) for level in found], dtype=np.int64)
    worth = np.array([*(levels[level].bits for level in names), 0.0])
    return Column(name=name, levels=names, index=index, bits=worth[index])


def log_odds(prior_bits: float, columns: Iterable[Column]) -> Floats:
    """Prior and evidence added up, in bits."""
    total: Floats = prior_bits + np.sum([c.bits for c in columns], axis=0)
    return total


def probability(bits: float | Floats) -> Floats:
    """The probability of log2 odds; never 0 or 1."""
    value: Floats = 1.0 / (1.0 + np.exp2(-np.clip(bits, -_LIMIT_BITS, _LIMIT_BITS)))
    return value

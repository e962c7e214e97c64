"""How rates of state–place cells are distributed: a mixture fitted to all cells, empty ones too, without assuming a shape.

Cells whose state and place are equally busy share a distribution of rates over a grid (H. Robbins, *An Empirical Bayes
Approach to Statistics*, 1956; the maximum-likelihood mixture of J. Kiefer and J. Wolfowitz, 1956, found by
expectation-maximisation). No one family fits both ends: tours take a state to places it never visits otherwise, so that a
cell without a visit is not nearly as rare as a Gamma prior says, and one with a few is not as frequent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_GRID, _BINS, _ROUNDS = 48, 8, 120
#: Cells that a bin takes at least.
_LEAST_CELLS = 40
#: Each round the mixture is smoothed over its neighbours, and a little of it spread evenly: no rate is impossible.
_SMOOTHING = np.array([0.05, 0.9, 0.05])
_EVEN = 0.001
#: Rows worked on at once.
_BLOCK = 50_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatePrior:
    """``weights`` [bins, rates]: of cells whose expected rate is near exp(``log_expected``), the share with each of ``per_day``."""

    per_day: Floats
    log_expected: Floats
    weights: Floats

    def mean(self, visits: Floats, days: Floats, expected: Floats) -> Floats:
        """The mean rate per day of cells with so many visits in so many covered days.

        Args:
            expected: what the busyness of their state and place leads one to expect, per day.
        """
        out = np.empty(len(visits))
        for start in range(0, len(visits), _BLOCK):
            part = slice(start, start + _BLOCK)
            log = visits[part, None] * np.log(self.per_day) - days[part, None] * self.per_day
            chance = np.exp(log - log.max(axis=1, keepdims=True)) * _mixed(self.weights, self.log_expected, expected[part])
            out[part] = chance @ self.per_day / chance.sum(axis=1)
        return out


def fit_prior(visits: Floats, days: Floats, expected: Floats) -> RatePrior:
    """The mixture of some cells: visits counted, covered days (above 0) and expected rate per day of each."""
    bins = int(np.clip(len(visits) // _LEAST_CELLS, 1, _BINS))
    log_expected = np.log(np.quantile(expected, (np.arange(bins) + 0.5) / bins))
    log_expected += np.arange(bins) * 1e-9  # strictly rising, however many cells are alike
    per_day = np.geomspace(0.1 / days.max(), (visits.max() + 5) / np.median(days), _GRID)
    kinds, kind = np.unique(np.stack([visits, np.ceil(days / 10) * 10]), axis=1, return_inverse=True)
    kind = kind.ravel()
    log = kinds[0][:, None] * np.log(per_day) - kinds[1][:, None] * per_day
    chance = np.exp(log - log.max(axis=1, keepdims=True))
    position = np.interp(np.log(expected), log_expected, np.arange(bins))
    weights = np.empty((bins, _GRID))
    for which in range(bins):
        count = np.bincount(kind, weights=np.clip(1 - np.abs(position - which), 0.0, None), minlength=kinds.shape[1]).astype(np.float64)
        have = count > 0
        weights[which] = _fitted(chance[have], count[have])
    return RatePrior(per_day=per_day, log_expected=log_expected, weights=weights)


def _fitted(chance: Floats, count: Floats) -> Floats:
    share = np.full(_GRID, 1.0 / _GRID)
    for _ in range(_ROUNDS):
        each = chance * share
        share = count @ (each / each.sum(axis=1, keepdims=True))
        share = np.convolve(np.pad(share / share.sum(), 1, mode="edge"), _SMOOTHING, "valid")
        share = _EVEN / _GRID + (1 - _EVEN) * share / share.sum()
    return share


def _mixed(weights: Floats, log_expected: Floats, expected: Floats) -> Floats:
    """The distribution of each cell: between those of the two bins around it."""
    position = np.interp(np.log(expected), log_expected, np.arange(len(log_expected)))
    low = np.floor(position).astype(np.int64)
    part = (position - low)[:, None]
    return np.asarray((1 - part) * weights[low] + part * weights[np.minimum(low + 1, len(log_expected) - 1)], dtype=np.float64)

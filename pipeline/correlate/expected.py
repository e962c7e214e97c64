"""How many visits as rare as this one the whole watch list makes by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.rates import Rates

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellRates:
    """Rates per day of all state–place cells, ascending, and their running sum."""

    rates: NDArray[np.float64]
    total: NDArray[np.float64]

    @classmethod
    def of(cls, rates: Rates, *, least_days: float) -> CellRates:
        """All cells with history enough; those never visited count with the rate that the prior leaves them."""
        state_count = rates.cells.index.get_level_values(0).nunique() if len(rates.cells) else 0
        places = rates.place_days[rates.place_days >= least_days]
        seen = rates.cells[rates.cells.index.get_level_values(1).isin(places.index)]
        where = seen.index.get_level_values(1)
        own = rates.per_day(np.asarray(seen, dtype=np.float64), np.asarray(places.reindex(where), dtype=np.float64))
        visitors = seen.groupby(level=1).size().reindex(places.index).fillna(0.0).to_numpy(dtype=np.float64)
        never = np.maximum(state_count - visitors, 0.0)
        empty = rates.per_day(np.zeros(len(places)), np.asarray(places, dtype=np.float64))
        value, weight = np.concatenate([own, empty]), np.concatenate([np.ones(len(own)), never])
        order = np.argsort(value, kind="stable")
        return cls(rates=value[order], total=np.cumsum(value[order] * weight[order]))

    def up_to(self, rate: float) -> float:
        """Expected visits per day in all cells whose rate is at most this."""
        at = int(np.searchsorted(self.rates, rate * (1 + 1e-9), side="right"))
        return float(self.total[at - 1]) if at else 0.0

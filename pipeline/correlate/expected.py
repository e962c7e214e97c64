"""How many visits as rare as this one the whole watch list makes by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

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
        states = np.unique(rates.cells.index.get_level_values(0)).astype(np.int64) if len(rates.cells) else np.empty(0, dtype=np.int64)
        places = rates.place_days[rates.place_days >= least_days]
        seen = rates.cells[rates.cells.index.get_level_values(1).isin(places.index)]
        every = pd.MultiIndex.from_product([states, np.asarray(places.index, dtype=np.int64)])
        who, where = (np.asarray(every.get_level_values(i), dtype=np.int64) for i in range(2))
        visits = np.asarray(seen.reindex(every).fillna(0.0), dtype=np.float64)
        value = rates.per_day(visits, np.asarray(places.reindex(where), dtype=np.float64), state=who, where=where)
        abroad = np.asarray(rates.place_country.reindex(where)) != who
        value = value[abroad]
        order = np.argsort(value, kind="stable")
        return cls(rates=value[order], total=np.cumsum(value[order]))

    def up_to(self, rate: float) -> float:
        """Expected visits per day in all cells whose rate is at most this."""
        at = int(np.searchsorted(self.rates, rate * (1 + 1e-9), side="right"))
        return float(self.total[at - 1]) if at else 0.0

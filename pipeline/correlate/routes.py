"""How often each state's aircraft fly from a capital to a place: what speaks against their having brought somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.covered import Covered
from pipeline.correlate.tables import Codes, StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

#: Columns of the counts of ``count_routes``; ``place`` is a place's key.
COLUMNS = ("state", "place", "airport", "flights")
#: What is expected of a route (as busy as its ends) counts for so many flights, and every end has flown half a one. [judged]
_CASES, _HALF = 1.0, 0.5


def counts_flight(stays: StayTable, covered: Covered) -> Flags:
    """One flag a stay: the flight to it is among those that ``count_routes`` counts."""
    counted: Flags = stays.counts & (stays.state >= 0) & (stays.place >= 0) & (stays.came_from >= 0) & covered.holds(stays)
    return counted


def count_routes(stays: StayTable, counted: Flags, covered: Covered, fields: frozenset[str]) -> pd.DataFrame:
    """How often each state's aircraft flew from a field to a place, at home too.

    Args:
        counted: of ``counts_flight``.
        fields: those to count from: all through which a capital is reached.
    """
    rows = counted & stays.frame["from_airport"].isin(fields).to_numpy()
    frame = pd.DataFrame(
        {
            "state": stays.frame.loc[rows, "state"].to_numpy(dtype=object),
            "place": covered.keys_of(stays)[rows],
            "airport": stays.frame.loc[rows, "from_airport"].to_numpy(dtype=object),
        }
    )
    return frame.groupby(list(COLUMNS[:3]), as_index=False, sort=True).size().rename(columns={"size": COLUMNS[3]})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Routes:
    """How often routes are flown; by the codes of (state, place, airport), (state, airport), (state, place) and state."""

    route: pd.Series[float]
    out: pd.Series[float]
    into: pd.Series[float]
    total: pd.Series[float]

    @classmethod
    def of(cls, counts: pd.DataFrame, codes: Codes) -> Routes:
        """From what ``count_routes`` gave."""
        frame = pd.DataFrame({name: [codes.of(str(x)) for x in counts[name]] for name in COLUMNS[:3]}, dtype=np.int64)
        frame["flights"] = counts["flights"].to_numpy(dtype=np.float64)
        by = (["state", "place", "airport"], ["state", "airport"], ["state", "place"], ["state"])
        route, out, into, total = (frame.groupby(keys)["flights"].sum() for keys in by)
        return cls(route=route, out=out, into=into, total=total)

    def flown(self, state: Ints, place: Ints, airport: Ints, own: Floats, days: Floats) -> tuple[Floats, Floats]:
        """Flights on each route other than the one under test, and the rate per day.

        The rate is a posterior mean; expected is what the route's two ends see of the state, as if they had nothing to do with each other.

        Args:
            own: 1 where the flight under test is among those counted.
            days: covered days of the place.
        """

        def count(table: pd.Series[float], *keys: Ints) -> Floats:
            index = pd.Index(keys[0]) if len(keys) == 1 else pd.MultiIndex.from_arrays(keys)
            return np.maximum(np.asarray(table.reindex(index).fillna(0.0), dtype=np.float64) - own, 0.0)

        flights_there = count(self.route, state, place, airport)
        ends = (count(self.out, state, airport) + _HALF) * (count(self.into, state, place) + _HALF)
        expected = ends / (count(self.total, state) + 2 * _HALF)
        return flights_there, (_CASES + flights_there) / ((_CASES / expected + 1.0) * np.maximum(days, 1.0))

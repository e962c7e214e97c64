"""How often each state's aircraft visit each place, with what history could and could not show.

A rate is a posterior mean, given the visits in the covered days, leaving out the visit under test. The prior is a mixture
fitted over all state–place cells, empty ones too, among cells whose state and place are as busy (``rate_prior``); with too
few cells, and where the place is not known, a Gamma: (shape + visits) / (shape / mean + covered days). Visits are
delegations, not aircraft. Reconstructed stays never count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.covered import Covered
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.rate_prior import RatePrior, fit_prior
from pipeline.correlate.scoring import DAYS_PER_YEAR, RateSettings
from pipeline.correlate.tables import Codes, StayTable
from pipeline.model.frames import BASE_RATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

#: How much busier than the average cell one may be taken to be, and how much a total is drawn towards the mean.
_BUSY = (0.02, 50.0)
_SMALL = 0.05


def count_visits(stays: StayTable, leader: Ints, covered: Covered) -> pd.DataFrame:
    """``BASE_RATES``: the visits of each (state, place) cell that has any, and the place's covered days.

    Args:
        leader: the first stay of each stay's delegation (``delegations``).
        covered: a visit outside the spells of coverage is not counted.
    """
    keys = covered.keys_of(stays)
    counted = counted_visits(stays, leader, covered)
    rows = stays.frame.loc[counted, ["state", "city", "country"]].assign(key=keys[counted])
    rows = rows[rows["key"] != ""]
    cells = rows.groupby(["state", "key"], as_index=False, sort=True).agg(
        city=("city", "first"), country=("country", "first"), visits=("key", "size")
    )
    cells["country"] = [key.partition("/")[0] for key in cells["key"]]
    cells["city"] = [city or key.partition("/")[2] for city, key in zip(cells["city"], cells["key"], strict=True)]
    cells["covered_days"] = [covered.days(key) for key in cells["key"]]
    return BASE_RATES.cast(cells)


def counted_visits(stays: StayTable, leader: Ints, covered: Covered) -> Flags:
    """One flag a stay: it stands for a visit that counts (the first of its delegation that does)."""
    usable = stays.away & stays.counts & (stays.place >= 0) & covered.holds(stays)
    counted = np.zeros(len(stays), dtype=bool)
    rows = np.flatnonzero(usable)
    _, first = np.unique(leader[rows], return_index=True)
    counted[rows[first]] = True
    return counted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rates:
    """Lookup of visits and covered days by codes of state and place (or country), those of a state in its own other cities too.

    ``shape`` and ``mean_per_day`` sum the prior up (a Gamma of the same moments); ``fitted`` says that the history gave it,
    and then ``prior`` is the whole of it.
    """

    cells: pd.Series[float]
    country_cells: pd.Series[float]
    place_days: pd.Series[float]
    place_country: pd.Series[int]
    country_days: pd.Series[float]
    shape: float
    mean_per_day: float
    fitted: bool
    cell_count: int
    state_visits: pd.Series[float]
    busy_state: pd.Series[float]
    busy_place: pd.Series[float]
    prior: RatePrior | None

    def visits(self, state: Ints, where: Ints, *, by_country: bool = False) -> Floats:
        """Visits counted in each cell, the one under test included."""
        table = self.country_cells if by_country else self.cells
        found = table.reindex(pd.MultiIndex.from_arrays([state, where]))
        return np.asarray(found.fillna(0.0), dtype=np.float64)

    def days(self, where: Ints, *, by_country: bool = False) -> Floats:
        """Covered days of each place, 0 where it is not known."""
        found = (self.country_days if by_country else self.place_days).reindex(where)
        return np.asarray(found.fillna(0.0), dtype=np.float64)

    def elsewhere(self, state: Ints, where: Ints) -> Floats:
        """How much each state flies to other places than this one, against the mean of all states."""
        total = np.asarray(self.state_visits.reindex(state).fillna(0.0), dtype=np.float64)
        mean = float(self.state_visits.mean()) if len(self.state_visits) else 0.0
        other = np.maximum(total - self.visits(state, where), 0.0)
        return np.clip((other + _SMALL * mean) / max(mean * (1 + _SMALL), 1e-9), *_BUSY)

    def per_day(self, visits: Floats, days: Floats, *, state: Ints | None = None, where: Ints | None = None) -> Floats:
        """The rate of a cell with so many visits in so many covered days.

        Args:
            state, where: the cells' own codes: the prior is then that of cells whose state and place are as busy.
                Without: that of all cells.
        """
        if state is not None and where is not None and self.prior is not None:
            busy = np.asarray(self.busy_state.reindex(state).fillna(1.0)) * np.asarray(self.busy_place.reindex(where).fillna(1.0))
            return self.prior.mean(visits, days, self.mean_per_day * np.clip(busy, *_BUSY))
        found: Floats = (self.shape + visits) / (self.shape / self.mean_per_day + days)
        return found


def rates_of(
    table: pd.DataFrame,
    *,
    names: PlaceNames,
    codes: Codes,
    settings: RateSettings,
    covered: Covered | None,
    keys: Iterable[str] | None = None,
) -> Rates:
    """Lookup over a valid ``BASE_RATES`` frame.

    Args:
        covered: says how long each place of ``codes`` was covered that the table does not name: a covered place
            without a visit is a fact too. None: such a place is unknown.
        keys: of those places; None: all that ``codes`` knows so far.
    """
    frame = BASE_RATES.cast(table)
    frame["visits"] = frame["visits"].fillna(0.0)
    frame["covered_days"] = frame["covered_days"].fillna(0.0)
    named = [names.of_stay("", city, country).key for city, country in zip(frame["city"], frame["country"], strict=True)]
    frame["place_code"] = [codes.of(key) for key in named]
    frame["state_code"] = [codes.of(state) for state in frame["state"]]
    frame["country_code"] = [codes.of(country) for country in frame["country"]]
    everywhere, frame = frame, frame[frame["state_code"] != frame["country_code"]]
    places = everywhere.groupby("place_code").agg(days=("covered_days", "max"), country=("country_code", "first"))
    if covered is not None:
        known = [k for k in (codes.numbers if keys is None else keys) if "/" in k]
        rest = [(codes.of(k), covered.days(k), codes.of(k.partition("/")[0])) for k in known]
        every = pd.DataFrame(rest, columns=["place_code", "days", "country"]).set_index("place_code")
        places = pd.concat([places, every[~every.index.isin(places.index) & (every["days"] > 0)]]).sort_index()
    state_visits = frame.groupby("state_code")["visits"].sum()
    busy_state = _busy(state_visits)
    busy_place = _busy(frame.groupby("place_code")["visits"].sum() / places["days"].clip(lower=1.0))
    shape, mean, fitted, cells, prior = _fit(frame, places, busy_state, busy_place, settings)
    return Rates(
        cells=everywhere.groupby(["state_code", "place_code"])["visits"].sum(),
        country_cells=everywhere.groupby(["state_code", "country_code"])["visits"].sum(),
        place_days=places["days"],
        place_country=places["country"],
        country_days=places.groupby("country")["days"].max(),
        shape=shape,
        mean_per_day=mean,
        fitted=fitted,
        cell_count=cells,
        state_visits=state_visits,
        busy_state=busy_state,
        busy_place=busy_place,
        prior=prior,
    )


def _busy(total: pd.Series[float]) -> pd.Series[float]:
    """How busy each is against the mean, drawn a little towards it."""
    mean = float(total.mean()) if len(total) else 1.0
    return (total + _SMALL * mean) / (mean * (1 + _SMALL)) if mean > 0 else total * 0.0 + 1.0


def _fit(
    frame: pd.DataFrame, places: pd.DataFrame, busy_state: pd.Series[float], busy_place: pd.Series[float], settings: RateSettings
) -> tuple[float, float, bool, int, RatePrior | None]:
    """Shape and mean (per day) of the prior by moments over every state–place cell abroad, and the mixture.

    A cell's own mean is the product of how busy its state and its place are (a gravity model without distance); the shape
    says how far cells stray from it: Σ (visits − μ)² − μ = Σ μ² / shape.
    """
    states = np.sort(frame["state_code"].unique())
    abroad = states[:, None] != places["country"].to_numpy()[None, :]
    days = places["days"].to_numpy(dtype=np.float64)
    cells = int(abroad.sum())
    exposure = float((abroad * days).sum())
    unfitted = (settings.shape, settings.mean_visits_per_year / DAYS_PER_YEAR, False, cells, None)
    if cells < settings.min_cells or exposure <= 0:
        return unfitted
    busy = np.clip(
        busy_state.reindex(states).to_numpy()[:, None] * busy_place.reindex(places.index).fillna(1.0).to_numpy()[None, :], *_BUSY
    )
    visits = np.zeros((len(states), len(places)))
    np.add.at(
        visits,
        (np.searchsorted(states, frame["state_code"]), places.index.get_indexer(pd.Index(frame["place_code"]))),
        frame["visits"].to_numpy(dtype=np.float64),
    )
    mean = float(visits.sum()) / max(float((abroad * busy * days).sum()), 1e-9)
    expected = abroad * busy * days * mean
    excess = float(((visits - expected) ** 2 - expected)[abroad].sum())
    if mean <= 0 or excess <= 0:
        return unfitted
    covered = abroad & (days > 0)
    prior = fit_prior(visits[covered], np.broadcast_to(days, visits.shape)[covered], (busy * mean)[covered])
    return float(np.clip((expected**2).sum() / excess, 0.05, 5.0)), mean, True, cells, prior

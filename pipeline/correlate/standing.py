"""What kept habits say, as lookups: the same for every pass that scores under them, so made once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.correlate.habits import Habits
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.rates import Rates, rates_of
from pipeline.correlate.routes import Routes
from pipeline.correlate.scoring import RateSettings
from pipeline.correlate.tables import Codes
from pipeline.places.airports import Airports
from pipeline.places.gazetteer import Gazetteer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """``rates`` and ``routes`` by the numbers of ``codes``, which the tables of a run go on from."""

    codes: Codes
    rates: Rates
    routes: Routes


def standing_of(habits: Habits, names: PlaceNames, settings: RateSettings) -> Standing:
    """With codes of the caller's own."""
    kept = _standing(habits, names.gazetteer, names.airports, settings)
    return replace(kept, codes=Codes(dict(kept.codes.numbers)))


# Only the last: a process scores under one set of habits until it is renewed.
@lru_cache(maxsize=1)
def _standing(habits: Habits, gazetteer: Gazetteer, airports: Airports, settings: RateSettings) -> Standing:
    codes, names = Codes(), PlaceNames(gazetteer=gazetteer, airports=airports)
    rates = rates_of(habits.counts, names=names, codes=codes, settings=settings, covered=habits.covered(codes), keys=habits.places)
    return Standing(codes=codes, rates=rates, routes=Routes.of(habits.flights, codes))

"""One-off questions: every arrival at a place, or of one aircraft."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from pipeline.model.errors import NotFound
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer


def arrivals(landings: pd.DataFrame, *, place: str, aircraft: str, start: datetime | None, end: datetime | None) -> pd.DataFrame:
    """Rows of a ``LANDINGS`` frame.

    Raises:
        NotFound: ``place`` is neither an airfield's code nor a city.
    """
    found = landings
    if place:
        found = found[found["airport"].isin(_fields(place))]
    if aircraft:
        wanted = aircraft.strip()
        found = found[(found["icao24"] == wanted.lower()) | (found["registration"] == wanted.upper())]
    if start is not None:
        found = found[found["touchdown_latest"] >= start]
    if end is not None:
        found = found[found["touchdown_earliest"] <= end]
    return found


def _fields(place: str) -> set[str]:
    if place.strip().upper() in load_airports():
        return {place.strip().upper()}
    gazetteer = load_gazetteer()
    try:
        return {s.airport for s in gazetteer.airfields(gazetteer.find(place)) if not s.gateway}
    except NotFound as error:
        raise NotFound(f"{place!r} is neither an airfield nor a city", hint=error.hint) from None

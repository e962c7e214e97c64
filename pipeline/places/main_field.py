"""The field that serves a city first: where an aircraft that "landed in Magadan" is taken to have landed."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from pipeline.model.entities import Place
from pipeline.places.airports import Airports, load_airports
from pipeline.places.gazetteer import CITY_WITHIN_NM, Gazetteer, fold

_ICAO: Final = re.compile(r"[A-Z]{4}")
_MILITARY: Final = re.compile(r"(?i)\b(?:air ?base|base a[ée]rea|air force|army|naval|navy|heliport|raf|rnas|raaf|rnzaf|rmaf|afb)\b")
#: Shorter names of cities are parts of other words.
_MIN_NAME: Final = 4


def main_field(place: Place | None, gazetteer: Gazetteer, day: date | None) -> str:
    """The code of the field that serves a place first on a day (None: on any); '' when none is known.

    Of a place that somebody has curated it is the first in the list; of any other the field of its own state and name that
    airlines fly to, with the longest runway, and where it has none of its own the nearest.
    """
    if place is None:
        return ""
    fields = [f for f in gazetteer.airfields(place, day) if not f.gateway]
    if place.curated:
        return next((f.airport for f in (*(f for f in fields if not f.military), *fields)), "")
    airports = load_airports()
    codes = [f.airport for f in fields if not f.military]
    if not any(_is_own(airports, code, place) for code in codes):
        codes += _small(airports, place)
    return max(codes, key=lambda code: _rank(airports, code, place), default="")


def _small(airports: Airports, place: Place) -> list[str]:
    """Small fields of the city's own that airlines fly to."""
    near = airports.nearest(place.lat, place.lon, within_nm=CITY_WITHIN_NM, limit=8, kinds=frozenset({"small"}))
    return [one.code for one, _ in near if one.iata and _ICAO.fullmatch(one.code) and _is_own(airports, one.code, place)]


def _is_own(airports: Airports, code: str, place: Place) -> bool:
    """Whether a field is called after the city, or said to be in it; one without a code of ICAO is seldom told of."""
    one, city = airports.get(code), fold(place.city)
    town = fold(one.municipality)
    called = town in (city, *(fold(n) for n in place.other_names)) or (len(city) >= _MIN_NAME and city in f"{fold(one.name)} {town}")
    return called and one.country == place.country and _ICAO.fullmatch(code) is not None


def _rank(airports: Airports, code: str, place: Place) -> tuple[bool, bool, bool, bool, bool, bool, int]:
    one = airports.get(code)
    own, military = _is_own(airports, code, place), bool(_MILITARY.search(one.name))
    length = max((int(r.length_ft) for r in airports.runways(code) if r.length_ft == r.length_ft), default=0) if own else 0
    named = fold(place.city) in fold(one.name)
    return (
        own,
        one.country == place.country or named,
        _ICAO.fullmatch(code) is not None,
        bool(one.iata) and not military,
        not military,
        one.kind == "large",
        length,
    )

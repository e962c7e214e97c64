"""One key for a place however it was written: ``TR/ankara`` for a stay at LTAC and for a report that says Ankara."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from pipeline.model.entities import Place, Serving
from pipeline.model.errors import NotFound
from pipeline.places.airports import Airports
from pipeline.places.gazetteer import Gazetteer, fold

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StayPlace:
    """``second_key`` is the place that its airfield serves where that is not the city that the stay names."""

    key: str
    second_key: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPlace:
    """``key`` is empty when only the country is known; ``known`` is False for a city that the gazetteer lacks."""

    key: str
    known: bool
    tz: str
    airfields: tuple[Serving, ...] = ()

    def gateways(self, day: date) -> tuple[str, ...]:
        """Airfields elsewhere through which the place was reached on that day."""
        return tuple(s.airport for s in self.airfields if s.gateway and (s.from_day or day) <= day <= (s.to_day or day))


@dataclass(slots=True)
class PlaceNames:
    """Looks places up once each."""

    gazetteer: Gazetteer
    airports: Airports
    _cities: dict[tuple[str, str], Place | None] = field(default_factory=dict)
    _fields: dict[str, Place | None] = field(default_factory=dict)
    _capital_tz: dict[str, str] = field(default_factory=dict)
    _seats: set[str] = field(default_factory=set)
    _seat_fields: dict[str, tuple[Serving, ...]] = field(default_factory=dict)

    @property
    def seats(self) -> set[str]:
        """Keys of the capitals and seats of government: there a state's own aircraft are at home."""
        if not self._seats:
            self._seats.update(place_key(p.city, p.country) for p in self.gazetteer.places if p.kind in ("capital", "seat"))
        return self._seats

    def seat_fields(self, state: str, day: date) -> tuple[str, ...]:
        """Airfields through which a state's capital and seat of government are reached on a day, those across a border among them."""
        return tuple(dict.fromkeys(s.airport for s in self._serving(state) if (s.from_day or day) <= day <= (s.to_day or day)))

    def all_seat_fields(self) -> frozenset[str]:
        """Those of every state, on any day."""
        return frozenset(s.airport for state in {p.country for p in self.gazetteer.places} for s in self._serving(state))

    def _serving(self, state: str) -> tuple[Serving, ...]:
        if state not in self._seat_fields:
            seats = [p for p in self.gazetteer.places if p.country == state and p.kind in ("capital", "seat")]
            self._seat_fields[state] = tuple(s for p in seats for s in self.gazetteer.airfields(p))
        return self._seat_fields[state]

    def of_stay(self, airport: str, city: str, country: str) -> StayPlace:
        """A stay's own words first; its airfield for what they leave open."""
        country = country or self.country_of(airport)
        served = self.served_by(airport)
        served_key = place_key(served.city, served.country) if served and served.country == country else ""
        key = self._key(city, country) if city and country else served_key
        return StayPlace(key=key, second_key=served_key if served_key != key else "", country=country)

    def of_meeting(self, city: str, country: str) -> MeetingPlace:
        """The place of a report."""
        if not city:
            return MeetingPlace(key="", known=True, tz=self._zone(country))
        place = self._find(city, country)
        if place is None:
            return MeetingPlace(key=place_key(city, country), known=False, tz=self._zone(country))
        return MeetingPlace(key=place_key(place.city, place.country), known=True, tz=place.tz, airfields=place.airfields)

    def served_by(self, airport: str) -> Place | None:
        """The place that an airfield serves."""
        if airport not in self._fields:
            try:
                self._fields[airport] = self.gazetteer.of_airport(airport)
            except NotFound:
                self._fields[airport] = None
        return self._fields[airport]

    def country_of(self, airport: str) -> str:
        """The country that an airfield lies in, ``''`` when it is not known."""
        return self.airports.get(airport).country if airport in self.airports else ""

    def _key(self, city: str, country: str) -> str:
        place = self._find(city, country)
        return place_key(place.city, place.country) if place else place_key(city, country)

    def _find(self, city: str, country: str) -> Place | None:
        if (city, country) not in self._cities:
            try:
                self._cities[city, country] = self.gazetteer.find(city, country)
            except NotFound:
                self._cities[city, country] = None
        return self._cities[city, country]

    def _zone(self, country: str) -> str:
        if not self._capital_tz:
            self._capital_tz.update({p.country: p.tz for p in reversed(self.gazetteer.places) if p.kind == "capital"})
        return self._capital_tz.get(country, "")


def place_key(city: str, country: str) -> str:
    """``('Şanlıurfa', 'TR')`` → ``'TR/sanliurfa'``."""
    return f"{country}/{fold(city)}"


def words(text: str) -> str:
    """Lower case without accents and punctuation, one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    return _SPACES.sub(" ", "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))).strip()

"""Places where meetings happen and the airfields that serve them, by day; any other city behind them."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from pipeline.model.csvfile import CsvRow, parse_each, read_file
from pipeline.model.entities import Place, Serving
from pipeline.model.errors import ConfigError, NotFound
from pipeline.model.files import shipped
from pipeline.places.airports import Airports, load_airports
from pipeline.places.cities import Cities, load_cities
from pipeline.places.geo import distance_nm

T = TypeVar("T")

#: Fields taken as serving a place that nobody has curated.
UNCURATED_WITHIN_NM: Final = 32.0
UNCURATED_KINDS: Final = frozenset({"large", "medium"})
#: How far a field may be from the city that it is said to be in, when nothing is curated.
CITY_WITHIN_NM: Final = 35.0


def fold(name: str) -> str:
    """A name without case, diacritics, spaces and punctuation: ``'İzmir'`` and ``'izmir'`` are one."""
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("İ", "i").replace("ß", "ss")).casefold()
    return "".join(c for c in plain if c.isalnum() and not unicodedata.combining(c))


class Gazetteer:
    """Answers which place a name means and which place an airfield serves on a day."""

    def __init__(self, places: Sequence[Place], airports: Airports, cities: Cities) -> None:
        self.places = tuple(places)
        self._airports = airports
        self._cities = cities
        self._by_name: dict[str, list[Place]] = defaultdict(list)
        self._by_airport: dict[str, list[tuple[Place, Serving]]] = defaultdict(list)
        self._city_names: dict[str, list[int]] | None = None
        for place in self.places:
            for name in {fold(n) for n in (place.city, *place.other_names)} - {""}:
                self._by_name[name].append(place)
            for serving in place.airfields:
                self._by_airport[serving.airport].append((place, serving))

    def find(self, name: str, country: str = "") -> Place:
        """The place with this name, in any case and spelling it is known by.

        Raises:
            NotFound: no such place, or several and no country to tell them apart.
        """
        found = [p for p in self.search(name) if not country or p.country == country]
        if not found:
            where = f" in {country}" if country else ""
            raise NotFound(f"no place {name!r}{where}", hint="the city's English name, and its state's two letters")
        exact = [p for p in found if fold(p.city) == fold(name)] or found
        if not country and len({p.country for p in exact}) > 1 and exact[0].kind == "city":
            raise NotFound(f"{name!r} is a city in {', '.join(sorted({p.country for p in exact})[:5])}", hint="name the state")
        return exact[0]

    def search(self, name: str) -> list[Place]:
        """Every place with this name: meeting places first, capitals before others, then cities by size."""
        wanted = fold(name)
        found = sorted(self._by_name.get(wanted, ()), key=lambda p: (fold(p.city) != wanted, p.kind not in ("capital", "seat"), p.city))
        known = {(p.city, p.country) for p in found}
        towns = [self._town(i) for i in self._names().get(wanted, ())]
        return found + [t for t in towns if (t.city, t.country) not in known]

    def large_cities(self, population: float) -> list[tuple[str, str]]:
        """(name, country) of every city of the table with at least so many inhabitants, the largest first."""
        c = self._cities
        return [(str(n), str(s)) for n, s, p in zip(c.name, c.country, c.population, strict=True) if p >= population]

    def of_airport(self, code: str, on: date | None = None) -> Place | None:
        """The place that an airfield serves on a day (None: on any): curated first, gateways never. None: none is near.

        Raises:
            NotFound: no open airfield has this code.
        """
        airport = self._airports.get(code)
        curated = [
            (distance_nm(p.lat, p.lon, airport.lat, airport.lon), p)
            for p, s in self._by_airport.get(code, ())
            if not s.gateway and (on is None or _valid(s, on))
        ]
        if curated:
            # A field may serve two places (Entebbe and Kampala): the capital's name says more than the nearer town's.
            return min(curated, key=lambda pair: (pair[1].kind != "capital", pair[0]))[1]
        index = self._cities.serving(airport.lat, airport.lon, airport.country, within_nm=CITY_WITHIN_NM)
        if index is None:
            return None
        town = self._town(index)
        known = self._by_name.get(fold(town.city), ())
        return next((p for p in known if p.country == town.country), town)

    def airfields(self, place: Place, on: date | None = None) -> tuple[Serving, ...]:
        """The airfields that serve a place on a day (None: ever), gateways among them."""
        fields = place.airfields if place.curated else self._by_distance(place)
        return tuple(s for s in fields if on is None or _valid(s, on))

    def _by_distance(self, place: Place) -> tuple[Serving, ...]:
        near = self._airports.nearest(place.lat, place.lon, within_nm=UNCURATED_WITHIN_NM, limit=8, kinds=UNCURATED_KINDS)
        return tuple(Serving(airport=airport.code, note=f"by distance, {nm:.0f} NM") for airport, nm in near)

    def _town(self, index: int) -> Place:
        c = self._cities
        return Place(
            city=str(c.name[index]),
            country=str(c.country[index]),
            lat=float(c.lat[index]),
            lon=float(c.lon[index]),
            tz=str(c.tz[index]),
            kind="city",
            curated=False,
        )

    def _names(self) -> dict[str, list[int]]:
        if self._city_names is None:
            names: dict[str, list[int]] = defaultdict(list)
            for i, (name, other) in enumerate(zip(self._cities.name, self._cities.other_names, strict=True)):
                for folded in {fold(n) for n in (str(name), *str(other).split(";"))} - {""}:
                    names[folded].append(i)
            self._city_names = names
        return self._city_names


def _valid(serving: Serving, on: date) -> bool:
    return (serving.from_day is None or serving.from_day <= on) and (serving.to_day is None or on <= serving.to_day)


@cache
def load_gazetteer() -> Gazetteer:
    """The shipped places.

    Raises:
        ConfigError: ``config/places`` is damaged.
    """
    return read_gazetteer(shipped("places", "places.csv"), shipped("places", "airfields.csv"), load_airports())


def read_gazetteer(places_csv: Path, airfields_csv: Path, airports: Airports) -> Gazetteer:
    """Places and the airfields that serve them.

    Raises:
        ConfigError: a row is wrong; the message has its line.
    """
    serving: dict[tuple[str, str], list[Serving]] = defaultdict(list)
    for key, one in _checked(airfields_csv, ("city", "country", "airport"), _parse_serving):
        serving[key].append(one)

    def parse_place(row: CsvRow) -> Place:
        fields = tuple(serving.pop((row["city"], row["country"]), ()))
        return Place(
            city=row["city"],
            country=row["country"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            tz=row["tz"],
            kind=row["kind"],
            curated=bool(fields),
            airfields=fields,
            other_names=tuple(n for n in row["other_names"].split(";") if n),
        )

    places = _checked(places_csv, ("city", "country", "lat", "lon", "tz", "kind"), parse_place)
    if serving:
        city, country = next(iter(serving))
        raise ConfigError(f"{airfields_csv.name}: {city}, {country} is not a place", hint=f"add it to {places_csv.name} first")
    return Gazetteer(places, airports, load_cities())


def _parse_serving(row: CsvRow) -> tuple[tuple[str, str], Serving]:
    return (row["city"], row["country"]), Serving(
        airport=row["airport"],
        from_day=date.fromisoformat(row["from_day"]) if row["from_day"] else None,
        to_day=date.fromisoformat(row["to_day"]) if row["to_day"] else None,
        military=row["military"] == "1",
        gateway=row["gateway"] == "1",
    )


def _checked(path: Path, required: Sequence[str], parse: Callable[[CsvRow], T]) -> list[T]:
    rows, problems = read_file(path, required=required)
    good, bad = parse_each(rows, parse, name=path.name)
    if problems or bad:
        raise ConfigError(str((problems + bad)[0]), hint="correct the row")
    return good

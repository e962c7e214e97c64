"""Where a report says that something took place: a city we know, a city we do not, or a country."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.meetings.text import clean
from pipeline.model.entities import Place, PlacePrecision
from pipeline.model.errors import BadIdentifier, NotFound
from pipeline.model.ids import parse_state
from pipeline.places.gazetteer import Gazetteer, fold
from pipeline.places.states import is_state

PLACE_PRECISIONS: tuple[PlacePrecision, ...] = ("venue", "city", "metro", "country")
#: Who sends delegations without being on the ISO list of countries.
_BODIES = frozenset({"EU", "UN", "XK"})
_MISTAKEN = {"UK": "GB", "EL": "GR"}
#: No place known in a country: its civil day may begin and end anywhere on Earth.
_ANYWHERE = ("UTC", "Etc/GMT-14", "Etc/GMT+12")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPlace:
    """``zones`` are the time zones it may be in, the likeliest first; ``known`` is False for a city not in the gazetteer."""

    city: str
    country: str
    precision: PlacePrecision
    zones: tuple[str, ...]
    known: bool


def check_state(code: str, *, keep_unknown: bool = False) -> str:
    """A state's (or the EU's, the UN's) two-letter code; ``keep_unknown`` lets codes pass that are nobody's.

    Raises:
        BadIdentifier: not two letters, or no such state; ``UK`` and ``EL`` get their ISO code as a hint.
    """
    state = parse_state(code)
    if state in _MISTAKEN:
        raise BadIdentifier(f"{state} is not an ISO 3166 code", hint=f"write {_MISTAKEN[state]}")
    if not keep_unknown and not known_state(state):
        raise BadIdentifier(f"{state} is not an ISO 3166 code of a state", hint="two letters, such as TR; NA is Namibia")
    return state


def known_state(state: str) -> bool:
    """Whether a code is a state's, or of a body that sends delegations."""
    return state in _BODIES or is_state(state)


def resolve_place(city: str, country: str, gazetteer: Gazetteer, *, keep_unknown: bool = False) -> MeetingPlace:
    """The place in the gazetteer's own spelling.

    A city that the gazetteer lacks keeps its name with the precision of its country (``known`` False): the
    caller decides whether that is good enough.

    Raises:
        NotFound: neither city nor country, a city without a country that is unknown or in several countries.
        BadIdentifier: the country is not a state.
    """
    name = clean(city, limit=100)
    state = check_state(country, keep_unknown=keep_unknown) if country.strip() else ""
    if not name:
        if not state:
            raise NotFound("neither a city nor a country", hint="give at least the country, as two letters")
        return MeetingPlace(city="", country=state, precision="country", zones=_zones(state, gazetteer), known=True)
    if not state:
        return _known(_only_one(name, gazetteer))
    try:
        return _known(gazetteer.find(name, state))
    except NotFound:
        return MeetingPlace(city=name, country=state, precision="country", zones=_zones(state, gazetteer), known=False)


def suggestions(city: str, country: str, gazetteer: Gazetteer, *, limit: int = 3) -> tuple[str, ...]:
    """``'Ankara, TR'``-like names close to what was written: in that country by spelling, elsewhere by the same name."""
    wanted = fold(city)
    by_name = {fold(n): p for p in gazetteer.places if not country or p.country == country for n in (p.city, *p.other_names)}
    near = [by_name[n] for n in difflib.get_close_matches(wanted, by_name, n=limit, cutoff=0.75)]
    return tuple(dict.fromkeys(f"{p.city}, {p.country}" for p in (*near, *gazetteer.search(city))))[:limit]


def _only_one(name: str, gazetteer: Gazetteer) -> Place:
    found = gazetteer.search(name)
    if not found:
        near = suggestions(name, "", gazetteer)
        raise NotFound(f"no place {name!r}", hint=f"did you mean {' or '.join(near)}?" if near else "give its country too, as two letters")
    if len({p.country for p in found}) > 1:
        raise NotFound(f"{name!r} could be in {', '.join(sorted({p.country for p in found}))}", hint="give the country too, as two letters")
    return found[0]


def _known(place: Place) -> MeetingPlace:
    return MeetingPlace(city=place.city, country=place.country, precision="city", zones=(place.tz,), known=True)


def _zones(country: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The zones of a country's places, its capital's first."""
    here: Iterable[Place] = sorted((p for p in gazetteer.places if p.country == country), key=lambda p: p.kind != "capital")
    return tuple(dict.fromkeys(p.tz for p in here)) or _ANYWHERE

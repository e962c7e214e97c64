"""Dated records of others (a calendar's events, the State Department's travels and visits) → meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from pipeline.meetings.extract.people import merged, people
from pipeline.meetings.extract.reading import read
from pipeline.meetings.extract.where import spots
from pipeline.meetings.text import clean
from pipeline.model.entities import Meeting, Participant
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.time import civil_interval
from pipeline.places.gazetteer import Gazetteer, fold
from pipeline.places.states import states

_ROLES: Final = {"president": "President", "secretary": "Secretary of State"}
#: How the Historian writes some countries, and those that are gone.
_AS_WRITTEN: Final = {
    "korea, south": "KR", "korea, north": "KP", "burma": "MM", "china, people's republic of": "CN", "vatican city": "VA", "holy see": "VA",
    "turkey": "TR", "cote d'ivoire": "CI", "czech republic": "CZ", "swaziland": "SZ", "macedonia": "MK", "palestinian authority": "PS",
    "west bank": "PS", "kosovo": "XK", "cabo verde": "CV", "congo, democratic republic of": "CD", "micronesia": "FM", "bahamas, the": "BS",
    "gambia, the": "GM", "european union": "EU", "united nations": "UN", "hong kong": "HK", "taiwan": "TW", "laos": "LA", "vietnam": "VN",
    "netherlands": "NL", "korea, republic of": "KR", "korea": "KR", "türkiye": "TR", "brunei darussalam": "BN", "cape verde": "CV",
    "congo, republic of": "CG", "democratic republic of the congo": "CD", "germany, federal republic of": "DE", "the gambia": "GM",
    "st. lucia": "LC", "somali republic": "SO", "western samoa": "WS", "micronesia, federated states of": "FM",
    "great britain": "GB", "england": "GB", "scotland": "GB", "russian federation": "RU", "ivory coast": "CI",
}  # fmt: skip


def state_of(written: str) -> str:
    """A country as the Historian writes it → its code; ``''`` when it is none of ours."""
    plain = fold(written.partition("(")[0])
    by_name = {fold(s.name): s.code for s in states().values()} | {fold(k): v for k, v in _AS_WRITTEN.items()}
    return by_name.get(plain, "")


def from_state_record(
    person: str,
    role: str,
    country: str,
    places: Sequence[str],
    first: date,
    last: date,
    remarks: str,
    *,
    to_us: bool,
    source: str,
    gazetteer: Gazetteer,
) -> list[Meeting]:
    """One meeting a place that is named (of the whole country where none is known); a visit to the US is to Washington.

    Days are of the whole journey in that country: which of them each place had is not said.
    """
    state = state_of(country)
    traveller = Participant(
        name=clean(person, limit=120), title=_ROLES.get(role, role.replace("-", " ").title()), state=state if to_us else "US"
    )
    where = "US" if to_us else state
    if not where or (to_us and not state):
        return []
    met = [traveller, *(p for p in _people_in(remarks, where, first) if fold(p.name) != fold(traveller.name))]
    if to_us and not any(p.state == "US" for p in met):
        met.append(Participant(name="", title="host", state="US"))
    cities = ["Washington"] if to_us else [c for c in (_city(p, where, gazetteer) for p in places) if c]
    tz = _tz(cities[0] if cities else "", where, gazetteer)
    if not tz:
        return []
    start, end = civil_interval(first, last, tz)
    return [
        Meeting(
            meeting_id=mint(IdKind.MEETING, "historian", fold(person), where, fold(city), first.isoformat(), last.isoformat()),
            title=clean(remarks or f"{person} in {country}"),
            city=city,
            country=where,
            start=start,
            end=end,
            participants=tuple(met) if len({p.state for p in met}) > 1 else (*met, Participant(name="", title="host", state=where)),
            sources=(source,),
            precision="city" if city else "country",
            date_from=first,
            date_to=last,
            date_precision="day" if first == last else "days",
            published=None,
            status="reported",
            kind="visit",
            origin=Origin.RECORDED,
        )
        for city in (cities or [""])
    ]


def from_event(
    summary: str,
    description: str,
    location: str,
    first: date,
    last: date,
    start: datetime | None,
    end: datetime | None,
    *,
    cancelled: bool,
    source: str,
    gazetteer: Gazetteer,
) -> Meeting | None:
    """An event that names a place we know; None when it names none."""
    text = f"{summary}. {description}"
    place = _place_of(location) or _place_of(text)
    if place is None:
        return None
    city, country = place
    tz = _tz(city, country, gazetteer)
    if not tz:
        return None
    whole_start, whole_end = civil_interval(first, last, tz)
    return Meeting(
        meeting_id=mint(IdKind.MEETING, "calendar", fold(summary), city, country, first.isoformat()),
        title=clean(summary) or "an event without a title",
        city=city,
        country=country,
        start=start or whole_start,
        end=max(end or whole_end, (start or whole_start) + timedelta(minutes=1)),
        participants=tuple(_people_in(text, "", first)),
        sources=(clean(source, limit=500),),
        precision="city" if city else "country",
        date_from=first,
        date_to=last,
        date_precision="minute" if start else "day" if first == last else "days",
        status="cancelled" if cancelled else "announced",
        kind="meeting",
        origin=Origin.RECORDED,
    )


def _people_in(text: str, host: str, day: date) -> list[Participant]:
    """Officials named in a text, and titles without a state as the host's ("met with Foreign Minister Chung")."""
    reading = read(text, "en")
    found = merged([p for c in reading.clauses for p in people(reading, c, day) if p.strength])
    named = [Participant(name=p.name, title=p.title, state=p.state, agency=p.agency) for p in found if p.state]
    if host and not any(p.state == host for p in named) and any(w.value not in ("delegation",) for c in reading.clauses for w in c.who):
        named.append(Participant(name="", title="host", state=host))
    return named


def _place_of(text: str) -> tuple[str, str] | None:
    reading = read(text, "en")
    found = [s for c in reading.clauses for s in spots(reading, c)]
    best = next((s for s in found if s.city), None) or next((s for s in found if s.role == "in"), None)
    return (best.city, best.country) if best else None


def _city(name: str, country: str, gazetteer: Gazetteer) -> str:
    return next((p.city for p in gazetteer.search(name) if p.country == country), "")


def _tz(city: str, country: str, gazetteer: Gazetteer) -> str:
    if city:
        return next((p.tz for p in gazetteer.search(city) if p.country == country), "")
    return next((p.tz for p in gazetteer.places if p.country == country and p.kind == "capital"), "")

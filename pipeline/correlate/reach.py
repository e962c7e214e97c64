"""Which other stays can bear on what is said of a few: what has to be at hand to score them alone as in a full run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from pipeline.correlate.scoring import Scoring
from pipeline.model.entities import Meeting, Participant, Span
from pipeline.model.frames import records
from pipeline.places.airports import Airports
from pipeline.places.gazetteer import Gazetteer

#: A city's season is a month either way (``tempo``).
_SEASON: Final = timedelta(days=30)
#: A stay on the way to another began at most so long before it (``itinerary``).
_TOUR: Final = timedelta(days=10)
#: Stays bear on each other through the meetings that both may belong to, and through those that these may (``claims.concerning``).
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Countries that are reached through one another's airfields: ``of`` holds each with itself; ``seats``: the cities of each in
    which its own aircraft are at home; ``fields``: those through which its seats are reached, where another's aircraft would
    fetch its delegations; ``guests``: whose delegations would be fetched from a field."""

    of: dict[str, frozenset[str]]
    seats: dict[str, tuple[str, ...]]
    fields: dict[str, tuple[str, ...]]
    guests: dict[str, frozenset[str]]

    @classmethod
    def known(cls, gazetteer: Gazetteer, airports: Airports) -> Neighbours:
        found: dict[str, set[str]] = {}
        for place in gazetteer.places:
            for serving in place.airfields:
                if serving.gateway and serving.airport in airports:
                    there = airports.get(serving.airport).country
                    found.setdefault(place.country, {place.country}).add(there)
                    found.setdefault(there, {there}).add(place.country)
        seats: dict[str, tuple[str, ...]] = {}
        fields: dict[str, tuple[str, ...]] = {}
        for place in gazetteer.places:
            if place.kind in ("capital", "seat"):
                seats[place.country] = (*seats.get(place.country, ()), place.city)
                fields[place.country] = (*fields.get(place.country, ()), *(s.airport for s in gazetteer.airfields(place)))
        guests: dict[str, set[str]] = {}
        for country, codes in fields.items():
            for code in codes:
                guests.setdefault(code, set()).add(country)
        return cls(
            of={country: frozenset(others) for country, others in found.items()},
            seats=seats,
            fields=fields,
            guests={code: frozenset(countries) for code, countries in guests.items()},
        )

    def away(self, stays: pd.DataFrame) -> pd.DataFrame:
        """The ``STAYS`` that may be of a meeting: abroad, or at home but not at its seat, or there with somebody from another
        state's capital; state and country are known."""
        own = stays["state"] == stays["country"]
        seated = [city in self.seats.get(country, ()) for city, country in zip(stays["city"], stays["country"], strict=True)]
        fetched = [bool(self.fetched(field) - {state}) for field, state in zip(stays["from_airport"], stays["state"], strict=True)]
        at_home = own & np.array(seated, dtype=bool) & ~np.array(fetched, dtype=bool)
        return stays[(stays["state"] != "") & (stays["country"] != "") & ~at_home]

    def fetched(self, airport: str) -> frozenset[str]:
        """The states whose delegations would be fetched from a field."""
        return self.guests.get(airport, frozenset())

    def around(self, countries: Iterable[str]) -> frozenset[str]:
        """Some countries with their neighbours."""
        return frozenset().union(*(self.of.get(c, frozenset({c})) for c in countries))

    def meetings_in(self, stays: pd.DataFrame) -> frozenset[str]:
        """The countries whose meetings bear on some ``STAYS``."""
        found = frozenset(c for c in stays["country"].unique() if c)
        for _ in range(_ROUNDS):
            found = self.around(found)
        return found


def reach_of(
    stays: pd.DataFrame, meetings: Sequence[Meeting], *, scoring: Scoring, neighbours: Neighbours, with_rates: bool
) -> tuple[Span, ...]:
    """The stays that have to be at hand with ``stays`` (``STAYS``): earlier ones of the same aircraft at the same field and of
    the same state in the same country, whoever may belong to a meeting that they may belong to, and who landed about then.

    Args:
        meetings: those of ``Neighbours.meetings_in`` that are near in time.
        with_rates: whether the history is long enough for rates, which are compared with a city's season.
    """
    if stays.empty:
        return ()
    first, last = stays["touchdown"].min().to_pydatetime(), stays["touchdown"].max().to_pydatetime()
    own = {(row["state"], row["country"]) for row in records(stays[["state", "country"]].drop_duplicates())}
    seats = neighbours.seats
    spans = [Span(state=state, country=country, until=last, but_home=seats.get(country, ())) for state, country in sorted(own)]
    aircraft = stays[["icao24", "airport"]].drop_duplicates()
    spans += [Span(icao24=row["icao24"], airport=row["airport"], until=last) for row in records(aircraft)]
    together = timedelta(hours=2 * max(float(scoring.company.apart.edges[-1]), scoring.leads.company_h))
    about_then = together + (_SEASON if with_rates else timedelta(0))
    spans += [Span(country=c, since=first - about_then, until=last + about_then) for c in sorted({country for _, country in own})]
    if not meetings:
        return tuple(spans)
    longest = max(meeting.end - meeting.start for meeting in meetings)
    window = timedelta(hours=float(scoring.arrival.edges[-1] - scoring.arrival.edges[0]))
    step = window + 2 * timedelta(days=scoring.report.reach_days) + longest + timedelta(days=2)
    brought = {(guest, row["country"]) for row in records(stays) for guest in neighbours.fetched(row["from_airport"])}
    rivals, low, high = own | brought, first, last
    for _ in range(_ROUNDS):
        low, high = low - step, high + step
        claimed = [m for m in meetings if m.end >= low and m.start <= high and _claims(m, rivals, neighbours)]
        rivals |= {(p.state, c) for m in claimed for p in _visitors(m, neighbours) for c in neighbours.around([m.country])}
    spans += [Span(state=state, country=c, since=low, until=high, but_home=seats.get(c, ())) for state, c in sorted(rivals)]
    spans += [_fetching(state, c, low, high, neighbours) for state, c in sorted(rivals)]
    if with_rates:
        countries = sorted({country for _, country in rivals})
        spans += [Span(country=c, since=low - _SEASON, until=high + _SEASON, but_home=seats.get(c, ())) for c in countries]
    return tuple(spans)


def tours_of(stays: pd.DataFrame, beside: pd.DataFrame, *, scoring: Scoring) -> tuple[Span, ...]:
    """Where the aircraft of ``beside`` that landed about when ``stays`` did were before and after: what their tours show."""
    if stays.empty or beside.empty:
        return ()
    apart = timedelta(hours=2 * max(float(scoring.company.apart.edges[-1]), scoring.leads.company_h))
    first, last = stays["touchdown"].min() - apart, stays["touchdown"].max() + apart
    near = beside[beside["touchdown"].between(first, last) & beside["country"].isin(set(stays["country"]))]
    since, until = (first - _TOUR).to_pydatetime(), (last + _TOUR).to_pydatetime()
    return tuple(Span(icao24=str(icao24), since=since, until=until) for icao24 in sorted(near["icao24"].unique()))


def claimants_of(meetings: Sequence[Meeting], *, scoring: Scoring, neighbours: Neighbours) -> tuple[Span, ...]:
    """The stays that may belong to some meetings."""
    slack = timedelta(days=scoring.report.reach_days + 1)
    early, late = (timedelta(hours=float(scoring.arrival.edges[at])) for at in (-1, 0))
    spans = []
    for m in meetings:
        since, until, states = m.start - early - slack, m.end - late + slack, sorted({p.state for p in _visitors(m, neighbours)})
        where = sorted(neighbours.around([m.country]))
        spans += [Span(state=state, country=country, since=since, until=until) for state in states for country in where]
        spans += [_fetching(state, m.country, since, until, neighbours) for state in states]
    return tuple(spans)


def _fetching(state: str, country: str, since: datetime, until: datetime, neighbours: Neighbours) -> Span:
    """Stays in a country of aircraft, whosesoever, that came from a state's capital; of its own where no field of that is known."""
    fields = neighbours.fields.get(state, ())
    return Span(state="" if fields else state, country=country, since=since, until=until, from_airports=fields)


def _claims(meeting: Meeting, rivals: set[tuple[str, str]], neighbours: Neighbours) -> bool:
    where = neighbours.around([meeting.country])
    return any((p.state, country) in rivals for p in _visitors(meeting, neighbours) for country in where)


def _visitors(meeting: Meeting, neighbours: Neighbours) -> list[Participant]:
    """Who has to travel: a host, too, but not to its own seat."""
    at_seat = meeting.city in neighbours.seats.get(meeting.country, ())
    return [p for p in meeting.participants if p.state and not (p.state == meeting.country and at_seat)]

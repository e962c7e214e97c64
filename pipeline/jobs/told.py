"""Watch-list rows, works and addresses as messages tell them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from pipeline.alerts.facts import AircraftFacts, Link
from pipeline.model.entities import WatchedAircraft
from pipeline.places.maintenance import works_at
from pipeline.places.states import demonym


def maintenance(airport: str, who: WatchedAircraft) -> tuple[str, ...]:
    """Whether such aircraft are overhauled at a field, in words; nothing where they are not."""
    works = works_at(airport, who.type)
    return (f"maintenance: {works} overhaul such aircraft at this field",) if works else ()


def links_to(urls: Sequence[str]) -> tuple[Link, ...]:
    """Addresses, each named by its publisher's host."""
    return tuple(Link(label=f"report, {(urlsplit(url).hostname or url).removeprefix('www.')}", url=url) for url in urls)


def aircraft_facts(who: WatchedAircraft) -> AircraftFacts:
    """A watch-list row as a message tells it."""
    return AircraftFacts(
        icao24=who.icao24,
        registration=who.registration,
        type=who.type,
        operator=who.operator,
        state=who.state,
        adjective=demonym(who.state),
        role=who.role,
        source=who.source,
        contested=who.contested,
        dates_known=who.valid_from is not None,
    )

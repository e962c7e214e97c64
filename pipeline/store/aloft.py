"""What was seen while aircraft were in the air, appended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pipeline.store.tables import air_events
from pipeline.store.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class AirEvent:
    """``kind`` is inbound, lost, reappeared, turned_back or arrived. ``eta``: of an inbound its arrival time, of a lost
    aircraft the time of its last position. ``chance`` 0-1. ``follows``: the inbound that this tells the end or the course of."""

    event_id: str
    icao24: str
    kind: str
    at: datetime
    airport: str
    eta: datetime | None
    chance: float | None
    height_ft: float | None
    lat: float | None
    lon: float | None
    said: str
    follows: str
    origin: str


class AirEvents:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, events: Iterable[AirEvent]) -> int:
        """Append; one that is there already stays. Returns how many are new."""
        rows = [{name: getattr(event, name) for name in AirEvent.__dataclass_fields__} for event in events]
        if rows:
            self._work.admit({row["origin"] for row in rows}, what="air events")
        return self._work.insert_new(air_events, rows)

    def since(self, start: datetime, *, kinds: Iterable[str] | None = None) -> tuple[AirEvent, ...]:
        """In order of time."""
        statement = select(air_events).where(air_events.c.at >= start).order_by(air_events.c.at, air_events.c.event_id)
        if kinds is not None:
            statement = statement.where(air_events.c.kind.in_(sorted(set(kinds))))
        return tuple(AirEvent(**row._asdict()) for row in self._work.connection.execute(statement))

    def by_aircraft(self, start: datetime) -> dict[str, tuple[AirEvent, ...]]:
        """Those since ``start``, of each aircraft in order of time."""
        found: dict[str, list[AirEvent]] = defaultdict(list)
        for event in self.since(start):
            found[event.icao24].append(event)
        return {icao24: tuple(events) for icao24, events in found.items()}

"""What happens in the air → messages: heading for a place, and how that ended. Every inbound that is told is closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from pipeline.alerts.compose import inbound_mail, outcome_mail
from pipeline.alerts.facts import InboundFacts, OutcomeFacts
from pipeline.alerts.recipients import Recipient
from pipeline.alerts.render import Composed
from pipeline.alerts.rules import Decision, Subject, decide, mute_of
from pipeline.alerts.wording import how_likely, local_clock, say_utc
from pipeline.export.text import short_airport
from pipeline.jobs.gather import Gatherer
from pipeline.jobs.postbox import Postbox
from pipeline.jobs.told import aircraft_facts
from pipeline.jobs.world import World
from pipeline.model.entities import Airport, OutboxItem, WatchedAircraft
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.time import say_both
from pipeline.store.session import Session

#: An inbound of which nothing was heard for so long after it was told ends as "unknown".
UNKNOWN_AFTER: Final = timedelta(hours=6)


class Aloft(Protocol):
    """An event in the air. ``kind``: inbound, arrived or turned_back count here; ``follows`` is the inbound that it ends."""

    @property
    def event_id(self) -> str: ...
    @property
    def icao24(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def airport(self) -> str: ...
    @property
    def eta(self) -> datetime | None: ...
    @property
    def chance(self) -> float | None: ...
    @property
    def height_ft(self) -> float | None: ...
    @property
    def follows(self) -> str: ...
    @property
    def origin(self) -> str: ...


class AirAnnouncer(Gatherer):
    """Reads one moment of the store; writes nothing. Its items are queued in the transaction of the events."""

    def __init__(self, session: Session, world: World, now: datetime) -> None:
        super().__init__(session, world, now)
        self._postbox = Postbox(session, now)

    def items(self, events: Iterable[Aloft]) -> list[OutboxItem]:
        """Messages to queue for new events."""
        found: list[OutboxItem] = []
        for event in events:
            who = self._world.identify(event.icao24, event.at.date())
            if who is None:
                continue
            if event.kind == "inbound":
                found += self._inbound(event, who)
            elif event.kind in ("arrived", "turned_back") and event.follows:
                outcome: Literal["landed", "turned_back"] = "landed" if event.kind == "arrived" else "turned_back"
                found += self._outcome(event.follows, outcome, self._how(event), who, event)
        return found

    def unknown(self, inbounds: Iterable[Aloft]) -> list[OutboxItem]:
        """Outcomes of inbound flights that were told and of which nothing was heard since; ``inbounds`` of the last days."""
        found: list[OutboxItem] = []
        hours = UNKNOWN_AFTER.total_seconds() / 3600
        what = f"no landing found and no end of the flight seen in the {hours:.0f} hours since; where it is is not known"
        over = [e for e in inbounds if e.kind == "inbound" and self._now - max(e.at, e.eta or e.at) >= UNKNOWN_AFTER]
        queued = self._session.outbox.list(events=["inbound"], since=min(e.at for e in over)) if over else ()
        told = {item.subject_id for item in queued}
        for event in over:
            who = self._world.identify(event.icao24, event.at.date())
            if event.event_id in told and who is not None:
                found += self._outcome(event.event_id, "unknown", what, who, event)
        return found

    def _inbound(self, event: Aloft, who: WatchedAircraft) -> list[OutboxItem]:
        told = [(one, decision) for one in self._world.recipients if (decision := self._decide(event, who, one)).when == "at_once"]
        if not told:
            return []
        return self._queue("inbound", event.event_id, inbound_mail(self._facts(event, who), templates=self._world.templates), told, event)

    def _outcome(
        self, inbound_id: str, outcome: Literal["landed", "turned_back", "unknown"], what: str, who: WatchedAircraft, event: Aloft
    ) -> list[OutboxItem]:
        queued = self._session.outbox.list(subject_id=inbound_id, events=["inbound"])
        said = [i for i in queued if i.lifecycle != "dropped" and not self._session.outbox.has(f"outcome:{inbound_id}", i.recipient)]
        if not said:
            return []
        origin = Origin(event.origin)
        heading = said[0].subject.partition("may be heading for ")[2].partition(" [")[0].partition(", there about")[0] or "a place"
        about = InboundFacts(
            subject_id=inbound_id,
            aircraft=aircraft_facts(who),
            heading=heading,
            seen="",
            places=(),
            from_name="",
            origin=origin,
            closes="",
            links=self.links(who.icao24, self._now, origin),
            attribution=self._world.attribution,
        )
        when = said[0].sent_at or said[0].created_at
        mail = outcome_mail(
            OutcomeFacts(inbound=about, outcome=outcome, what=what, said=said[0].subject, said_at=when), templates=self._world.templates
        )
        known = {one.to: one for one in self._world.recipients}
        told = [(known.get(i.recipient) or Recipient(to=i.recipient), Decision(when="at_once", why="", together=i.fold)) for i in said]
        return self._queue("outcome", inbound_id, mail, told, event)

    def _facts(self, event: Aloft, who: WatchedAircraft) -> InboundFacts:
        airport, city = self._place(event)
        about = f" about {say_both(event.eta, airport.tz)}" if event.eta else ""
        likely = f": {how_likely(event.chance)}" if event.chance is not None else ""
        height = "height unknown" if event.height_ft is None else f"{round(event.height_ft, -2):,.0f} ft (pressure altitude)"
        origin = Origin(event.origin)
        return InboundFacts(
            subject_id=event.event_id,
            aircraft=aircraft_facts(who),
            heading=city,
            seen=f"{say_utc(event.at)}, {height}",
            places=(f"{short_airport(airport.name, city)} ({airport.code}){about}{likely}; by its direction and height, a rule of thumb",),
            from_name="",
            origin=origin,
            eta=local_clock(event.eta, airport.tz) if event.eta else "",
            closes=f"after {UNKNOWN_AFTER.total_seconds() / 3600:.0f} hours at the latest",
            links=self.links(who.icao24, event.at, origin),
            attribution=self._world.attribution,
        )

    def _place(self, event: Aloft) -> tuple[Airport, str]:
        """The field that an event names, and the city that it serves."""
        airport = self._world.airports.get(event.airport)
        place = self._world.gazetteer.of_airport(airport.code, event.at.date())
        return airport, place.city if place else airport.municipality

    def _how(self, event: Aloft) -> str:
        if event.kind == "turned_back":
            return f"it heads away from there, seen {say_utc(event.at)}"
        airport = self._world.airports.get(event.airport)
        return f"landing found at {airport.name} ({airport.code})"

    def _decide(self, event: Aloft, who: WatchedAircraft, one: Recipient) -> Decision:
        airport, city = self._place(event)
        place = self._world.gazetteer.of_airport(airport.code, event.at.date())
        subject = Subject(
            event="inbound",
            icao24=who.icao24,
            registration=who.registration,
            state=who.state,
            operator=who.operator,
            role=who.role,
            airport=airport.code,
            city=city,
            country=airport.country,
            place_kind=place.kind if place else "",
            kind="",
            confidence=event.chance or 0.0,
            contested=who.contested,
            home=airport.code == who.home_airport,
        )
        names = {"icao24": who.icao24, "registration": who.registration, "airport": airport.code, "city": city}
        muted = mute_of(self._session.mutes.current(self._now), now=self._now, **names)
        return decide(subject, one, max_age=self._world.max_age, muted=muted)

    def _queue(
        self,
        name: Literal["inbound", "outcome"],
        subject_id: str,
        mail: Composed,
        told: Sequence[tuple[Recipient, Decision]],
        event: Aloft,
    ) -> list[OutboxItem]:
        airport, city = self._place(event)
        held = self._world.embargoes.held(airport=airport.code, city=city, country=airport.country, since=event.eta or event.at)
        items, key = [], f"{name}:{subject_id}"
        for one, decision in told:
            due, fold = self._postbox.due(one, name, held=held, decision=decision)
            items.append(
                OutboxItem(
                    alert_id=mint(IdKind.ALERT, key, one.to),
                    key=key,
                    event=name,
                    subject_id=subject_id,
                    recipient=one.to,
                    thread=mint(IdKind.ALERT, "thread", "inbound", subject_id),
                    created_at=self._now,
                    subject=mail.subject,
                    text=mail.text,
                    html=mail.html,
                    origin=Origin(event.origin),
                    due=due,
                    not_before=due if due > self._now else None,
                    fold=fold,
                )
            )
        return items

"""From changes and matches to outbox items: gathers the facts of a message, draws its map, has it composed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from pipeline.alerts.compose import Composed, Picture, landing_mail, match_mail, withdrawal_mail
from pipeline.alerts.facts import NO_REPORTS, AircraftFacts, LandingFacts, MatchFacts, WithdrawalFacts
from pipeline.alerts.rules import decide
from pipeline.correlate.explain import explain
from pipeline.detect.identity import Change
from pipeline.export.maps import MapImage, landing_map
from pipeline.export.text import short_airport
from pipeline.jobs.world import World
from pipeline.meetings.describe import say_when, say_where
from pipeline.model.entities import Match, OutboxItem, WatchedAircraft
from pipeline.model.frames import STAYS, records
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.time import say_both, to_iso
from pipeline.places.states import demonym
from pipeline.store.session import Session

#: Another aircraft seen here within this time counts as "also here".
TOGETHER = timedelta(hours=36)


class Announcer:
    """Reads one moment of the store; writes nothing."""

    def __init__(self, session: Session, world: World, now: datetime) -> None:
        self._session, self._world, self._now = session, world, now

    def items(
        self, changes: Sequence[Change], stays: pd.DataFrame, risen: Sequence[Match]
    ) -> tuple[list[OutboxItem], list[tuple[str, str]]]:
        """Messages to queue, and (landing id, why it was or was not announced at once)."""
        by_stay = {row["stay_id"]: row for row in records(stays)}
        fits: dict[str, list[Match]] = defaultdict(list)
        for match in risen:
            if match.stay_id in by_stay:
                fits[by_stay[match.stay_id]["landing_id"]].append(match)
        told: set[str] = set()
        items: list[OutboxItem] = []
        decisions: list[tuple[str, str]] = []
        for change in changes:
            if change.row["kind"] == "open_approach":
                continue
            facts = self.landing_facts(change.row)
            if facts is None:
                continue
            if change.change == "new":
                who = self._who(change.row)
                late = self._now - facts.touchdown
                decision = decide(
                    facts, home_airport=who.home_airport if who else "", visits_a_year=None, late=late, max_age=self._world.max_age
                )
                decisions.append((change.landing_id, f"{decision.when}: {decision.why}"))
                if decision.when == "at_once":
                    facts = replace(facts, fits=tuple(self._fit(match, by_stay[match.stay_id]) for match in fits[change.landing_id]))
                    told.update(match.match_id for match in fits[change.landing_id])
                    items += self._queue("landing", change.landing_id, facts, landing_mail(facts, self._pictures(facts)))
            elif change.change in ("withdrawn", "superseded"):
                items += self._withdrawals(change, facts)
        for match in risen:
            if match.match_id in told:
                continue
            stay = by_stay.get(match.stay_id) or records(self._session.stays.get(match.stay_id))[0]
            match_facts = self.match_facts(match, stay)
            if match_facts is not None:
                items += self._queue(
                    "match", match.match_id, match_facts.landing, match_mail(match_facts, self._pictures(match_facts.landing))
                )
        return items, decisions

    def landing_facts(self, landing: Any) -> LandingFacts | None:
        """Facts of a landing, or None when the aircraft is not watched on that day."""
        who = self._who(landing)
        if who is None:
            return None
        w = self._world
        airport = w.airports.get(landing["airport"])
        place = w.gazetteer.of_airport(airport.code, landing["touchdown"].date())
        city = place.city if place else airport.municipality
        origin = Origin(landing["origin"])
        came = landing["from_airport"]
        return LandingFacts(
            landing_id=landing["landing_id"],
            aircraft=aircraft_facts(who),
            airport=airport.code,
            airport_name=airport.name,
            city=city,
            country=airport.country,
            tz=airport.tz,
            touchdown=landing["touchdown"],
            earliest=landing["touchdown_earliest"],
            latest=landing["touchdown_latest"],
            kind=landing["kind"],
            confidence=landing["confidence"],
            runway=landing["runway"],
            from_airport=came,
            from_name=w.airports.get(came).name if came else "",
            last_height_ft=landing["last_height_ft"],
            last_distance_nm=landing["last_distance_nm"],
            reason=landing["reason"],
            networks=tuple(n for n in landing["networks"].split(";") if n),
            origin=origin,
            also_here=self._also_here(landing, city),
            reports_read=self._reports_read(),
            rarity=self._rarity(),
            attribution=self._world.attribution,
        )

    def match_facts(self, match: Match, stay: dict[str, Any]) -> MatchFacts | None:
        """Facts of a match, or None when the aircraft is not watched on that day."""
        landing = records(self._session.landings.get(stay["landing_id"])) if self._session.landings.has(stay["landing_id"]) else []
        facts = self.landing_facts(landing[0]) if landing else None
        if facts is None:
            return None
        meeting = self._session.meetings.get(match.meeting_id)
        told = explain(match, stay=stay, meeting=meeting, airports=self._world.airports)
        return MatchFacts(
            match_id=match.match_id,
            landing=facts,
            title=meeting.title,
            when=say_when(meeting),
            where=say_where(meeting),
            status=meeting.status,
            sources=meeting.sources,
            posterior=match.posterior,
            sentence=told.sentence,
            chance=told.chance,
            waterfall=tuple((row.name, row.said, row.bits) for row in told.waterfall if row.bits),
            missing=told.missing,
        )

    def _fit(self, match: Match, stay: dict[str, Any]) -> str:
        meeting = self._session.meetings.get(match.meeting_id)
        return explain(match, stay=stay, meeting=meeting, airports=self._world.airports).sentence

    def map_of(self, facts: LandingFacts) -> MapImage:
        """The landing's map, from the positions in the store."""
        track = self._session.positions.window(
            [facts.aircraft.icao24], facts.touchdown - timedelta(minutes=35), facts.touchdown + timedelta(minutes=15)
        )
        rejected = self._world.detector.apply(track).rejected
        kept = track[~track["time"].isin(rejected["time"])]
        return landing_map(
            kept,
            airport=self._world.airports.get(facts.airport),
            runways=self._world.airports.runways(facts.airport),
            touchdown=facts.touchdown,
            label=facts.aircraft.label,
            origin=facts.origin,
            attribution="; ".join(facts.networks) or "positions: see the record",
        )

    def _pictures(self, facts: LandingFacts) -> tuple[Picture, ...]:
        image = self.map_of(facts)
        return (Picture(content_id=f"map-{facts.landing_id}", png=image.png, alt=image.alt),)

    def _queue(self, event: str, subject_id: str, facts: LandingFacts, mail: Composed) -> list[OutboxItem]:
        thread = mint(IdKind.ALERT, "thread", facts.aircraft.state, facts.city, f"{facts.touchdown:%Y-%m-%d}")
        return [
            OutboxItem(
                alert_id=mint(IdKind.ALERT, event, subject_id, recipient),
                key=f"{event}:{subject_id}",
                event=event,
                subject_id=subject_id,
                recipient=recipient,
                thread=thread,
                created_at=self._now,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                origin=facts.origin,
                images=tuple((p.content_id, p.png) for p in mail.pictures),
            )
            for recipient in self._world.recipients
        ]

    def _withdrawals(self, change: Change, facts: LandingFacts) -> list[OutboxItem]:
        said = [i for i in self._session.outbox.list() if i.key == f"landing:{change.landing_id}"]
        if not said:
            return []
        mail = withdrawal_mail(
            WithdrawalFacts(landing=facts, said=said[0].subject, said_at=said[0].sent_at or said[0].created_at, why=change.reason)
        )
        told = {item.recipient for item in said}
        return [item for item in self._queue("withdrawal", change.landing_id, facts, mail) if item.recipient in told]

    def _also_here(self, landing: Any, city: str) -> tuple[str, ...]:
        since, until = landing["touchdown"] - TOGETHER, landing["touchdown"] + TOGETHER
        others = STAYS.cast(self._session.stays.current(since=since, until=until, cities=[city]))
        said = []
        for row in records(others):
            who = self._world.identify(row["icao24"], row["touchdown"].date())
            if row["icao24"] == landing["icao24"] or who is None:
                continue
            there = self._world.airports.get(row["airport"])
            field_name = short_airport(there.name, city)
            until_text = f"left {say_both(row['take_off'], there.tz)}" if row["take_off"] else "not seen leaving"
            disputed = " (identity disputed)" if who.contested else ""
            said.append(f"{aircraft_facts(who).label}{disputed}, {field_name}, since {say_both(row['touchdown'], there.tz)}, {until_text}")
        return tuple(said)

    def _reports_read(self) -> str:
        read = [s for s in self._session.runs.sources("reports") if s.last_good is not None]
        if not read:
            return NO_REPORTS
        last = max(s.last_good for s in read if s.last_good is not None)
        names = ", ".join(sorted(s.last.provider for s in read)[:4])
        return f"{len(read)} source{'s' if len(read) > 1 else ''} ({names}), last at {to_iso(last)}"

    def _rarity(self) -> str:
        days = self._session.positions.days()
        span = (days[1] - days[0]).total_seconds() / 86400 if days else 0.0
        return f"history {max(1, round(span))} day{'s' if round(span) > 1 else ''}: rarity unknown"

    def _who(self, landing: Any) -> WatchedAircraft | None:
        return self._world.identify(landing["icao24"], landing["touchdown"].date())


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

"""What asks for judgement → messages: states together, unusual visits still without a report, aircraft on no list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pipeline.alerts.facts import CandidateFacts, CompanyFacts, LandingFacts, LeadFacts
from pipeline.alerts.leads import candidate_mail, company_mail, lead_mail
from pipeline.alerts.recipients import Recipient
from pipeline.alerts.render import Composed
from pipeline.alerts.rules import Subject, decide
from pipeline.alerts.wording import local_clock, say_gap, say_utc, without_numbers
from pipeline.jobs.announce import Announcer
from pipeline.jobs.queue import queue
from pipeline.jobs.world import World
from pipeline.model.entities import Evidence, Lead, OutboxItem
from pipeline.model.frames import records
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.time import parse_utc, say_both, to_iso
from pipeline.places.states import state_name
from pipeline.store.candidates import Candidate
from pipeline.store.store import Store

#: So long after it began an unusual visit for which no report was found is told to those who ask for leads.
LEAD_AFTER: Final = timedelta(hours=24)
#: A visit that was passed over for longer than this (nothing ran) is left to the brief.
_TOO_OLD: Final = timedelta(hours=24)
#: Until when visits were looked at for this; kept in the store.
LOOKED_NOTE: Final = "leads_until"


class LeadAnnouncer(Announcer):
    """Reads one moment of the store; writes nothing."""

    def company(self, leads: Iterable[Lead]) -> list[OutboxItem]:
        """New company of several states, to those whose rules ask for it."""
        if not any(not rule.events or "company" in rule.events for one in self._world.recipients for rule in one.rules):
            return []  # nobody is told without a rule
        new = [lead for lead in leads if lead.kind == "company" and not self._session.leads.has(lead.lead_id)]
        return [item for lead in new for item in self._company(lead)]

    def still_open(self, since: datetime) -> list[OutboxItem]:
        """Visits whose first day ended after ``since`` and for which no report was found, to those who ask for leads."""
        first = max(since, self._now - _TOO_OLD) - LEAD_AFTER
        visits = self._session.leads.current(first, self._now - LEAD_AFTER, kinds=("visit",))
        return [item for lead in visits if first < lead.start <= self._now - LEAD_AFTER for item in self._visit(lead)]

    def candidates(self, found: Iterable[Candidate]) -> list[OutboxItem]:
        """Aircraft on no list, each once, to those whose rules name them."""
        return [item for one in found for item in self._candidate(one)]

    def _company(self, lead: Lead) -> list[OutboxItem]:
        rows = self.stays(lead.stay_ids)
        begun = [found for row in rows if (found := self.landing(row["landing_id"])) is not None]
        seen = [facts for found in begun if (facts := self.landing_facts(found, brief=True)) is not None]
        told = [one for one in self._world.recipients if any(self.decision("company", each, one).when == "at_once" for each in seen)]
        if not told:
            return []
        landings = [facts for found in begun if (facts := self.landing_facts(found)) is not None]
        last = landings[-1]
        self._at_hand(rows)
        about = CompanyFacts(
            lead_id=lead.lead_id,
            city=lead.city or lead.airport,
            states=tuple(state_name(state) for state in lead.states),
            since=f"{last.touchdown.day} {last.touchdown:%b} {local_clock(last.touchdown, last.tz)}",
            aircraft=tuple(self.say_present(row) for row in rows),
            evidence=_words(lead),
            chance=_by_chance(lead),
            reports_read=self.reports_read,
            coverage=self.coverage(lead.airport),
            origin=lead.origin,
            innocent=tuple(dict.fromkeys(f"{f.aircraft.registration or f.aircraft.icao24}: {one}" for f in landings for one in f.innocent)),
            links=tuple(link for facts in landings[:2] for link in facts.links[:1]),
            attribution=self._world.attribution,
        )
        mail = company_mail(about, templates=self._world.templates)
        return self._queue("company", lead.lead_id, landings[0], lambda _: mail, told)

    def _visit(self, lead: Lead) -> list[OutboxItem]:
        stays = [records(self._session.stays.get(stay_id))[0] for stay_id in lead.stay_ids if self._session.stays.has(stay_id)]
        stay = min(stays, key=lambda row: row["touchdown"], default=None)
        landing = self.landing(stay["landing_id"]) if stay else None
        facts = self.landing_facts(landing) if landing else None
        if stay is None or facts is None:
            return []
        decided = {one.to: self.decision("lead", facts, one) for one in self._world.recipients}
        told = [one for one in self._world.recipients if decided[one.to].when == "at_once"]
        about = LeadFacts(
            lead_id=lead.lead_id,
            landing=facts,
            hours=(self._now - facts.touchdown).total_seconds() / 3600,
            stayed=_stayed(stay, facts, self._now),
            evidence=_words(lead),
            chance=_by_chance(lead),
        )
        key = self._key("lead", facts.landing_id)
        mail = lead_mail(about, templates=self._world.templates)
        return self._queue("lead", facts.landing_id, facts, lambda _: mail, told, key=key, decided=decided)

    def _candidate(self, one: Candidate) -> list[OutboxItem]:
        key, origin = f"candidate:{one.icao24}", Origin(one.origin)
        subject = Subject(
            event="candidate",
            icao24=one.icao24,
            registration=one.registration,
            state=one.country,
            operator="",
            role="unknown",
            airport="",
            city=one.city,
            country=self._country_of(one.city),
            place_kind="",
            kind="",
            confidence=0.0,
        )
        decided = {to.to: decide(subject, to, max_age=self._world.max_age) for to in self._world.recipients}
        told = [to for to in self._world.recipients if decided[to.to].when == "at_once" and not self._session.outbox.has(key, to.to)]
        if not told:
            return []
        mail = candidate_mail(_candidate_facts(one, self, self._world), templates=self._world.templates)
        held = self._world.embargoes.held(airport="", city=one.city, country=subject.country, since=one.last_at)
        items = []
        for to in told:
            due, fold = self._postbox.due(to, "candidate", held=held, decision=decided[to.to])
            items.append(_item(key, one.icao24, to, mail, due, origin=origin, now=self._now, fold=fold))
        return items

    def _country_of(self, city: str) -> str:
        return next((place.country for place in self._world.gazetteer.places if place.city == city), "")


def tell_leads(store: Store, world: World, candidates: Sequence[Candidate], *, now: datetime, owner: str) -> list[OutboxItem]:
    """Queue what a pass finds besides landings: candidates, and visits that are a day old and have no report."""
    if not any({"lead", "candidate"} & set(rule.events) for one in world.recipients for rule in one.rules):
        return []
    with store.read() as session:
        noted = session.notes.get(LOOKED_NOTE)
        announcer = LeadAnnouncer(session, world, now)
        items = [*announcer.candidates(candidates), *(announcer.still_open(parse_utc(noted)) if noted else [])]
    with store.transaction() as tx:
        tx.notes.put(LOOKED_NOTE, to_iso(now))
        return queue(tx, items, now=now, owner=owner)


def _item(
    key: str, subject_id: str, to: Recipient, mail: Composed, due: datetime, *, origin: Origin, now: datetime, fold: bool
) -> OutboxItem:
    return OutboxItem(
        alert_id=mint(IdKind.ALERT, key, to.to),
        key=key,
        event="candidate",
        subject_id=subject_id,
        recipient=to.to,
        thread=mint(IdKind.ALERT, "thread", key),
        created_at=now,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        origin=origin,
        due=due,
        not_before=due if due > now else None,
        fold=fold,
    )


def _candidate_facts(one: Candidate, announcer: Announcer, world: World) -> CandidateFacts:
    origin = Origin(one.origin)
    return CandidateFacts(
        icao24=one.icao24,
        callsign=one.callsign,
        registration=one.registration,
        type_code=one.type_code,
        city=one.city,
        seen=f"{say_utc(one.last_at)}, within 60 NM of {one.city}",
        why=tuple(one.why.split("; ")),
        provider=one.provider,
        origin=origin,
        links=announcer.links(one.icao24, one.last_at, origin),
        attribution=world.attribution,
    )


#: Bits from which a property of a lead is worth a reader's time.
_TELLING = 0.25


def _words(lead: Lead) -> tuple[str, ...]:
    """What a lead is made of besides how rare it is, the weightiest first; all of it is in ``tarmac explain``."""
    told = [row for row in lead.evidence if row.said and (lead.kind == "company" or row.name not in ("rarity", "activity"))]
    told.sort(key=lambda row: -abs(row.bits))
    counted = [row for row in told if row.bits >= _TELLING]
    against = [row for row in told if row.bits <= -_TELLING]
    return (*(_word(row) for row in counted[:5]), *(f"against it: {_word(row)}" for row in against[:3]))


def _word(row: Evidence) -> str:
    return f"its role: {row.level.replace('_', ' ')}" if row.name == "role" else without_numbers(row.said)


def _by_chance(lead: Lead) -> str:
    if lead.expected is None:
        return "chance alone: not known, the history is too short"
    if lead.kind == "visit":
        return f"the whole watch list makes about {_count(lead.expected)} visits as rare as this in a month"
    return f"chance alone: about {_count(lead.expected)} groups as surprising as this in all the history looked at"


def _count(number: float) -> str:
    return f"{number:.0f}" if number >= 9.5 else f"{number:.1f}" if number >= 0.1 else "fewer than 0.1"


def _stayed(stay: dict[str, Any], facts: LandingFacts, now: datetime) -> str:
    if stay["take_off"] is None:
        return f"not seen leaving in the {say_gap((now - facts.touchdown).total_seconds())} since"
    there = say_gap((stay["take_off"] - facts.touchdown).total_seconds())
    onward = f" for {stay['to_airport']}" if stay["to_airport"] else ""
    return f"left {say_both(stay['take_off'], facts.tz)}{onward}, after {there} on the ground"

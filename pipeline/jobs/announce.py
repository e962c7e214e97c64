"""From changes, stays and matches to outbox items: who is told what, when, and in which thread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import pandas as pd

from pipeline.alerts.compose import landing_mail, left_mail, match_mail, unmatched_mail, update_mail, withdrawal_mail
from pipeline.alerts.embargo import Held
from pipeline.alerts.facts import LandingFacts, LeftFacts, UpdateFacts, WithdrawalFacts
from pipeline.alerts.recipients import Recipient
from pipeline.alerts.render import Composed, Picture
from pipeline.alerts.rules import Decision, decide, mute_of, next_clock, subject_of
from pipeline.alerts.wording import local_clock
from pipeline.detect.identity import Change
from pipeline.export.maps import LandingMap
from pipeline.export.text import short_airport
from pipeline.jobs.gather import OPERATION, Gatherer
from pipeline.jobs.postbox import Postbox
from pipeline.jobs.world import World, zone_of
from pipeline.model.entities import Match, OutboxItem
from pipeline.model.frames import STAYS, records
from pipeline.model.ids import IdKind, mint
from pipeline.model.time import to_iso
from pipeline.store.session import Session

#: A touchdown that moves by more than this is worth a correction.
_RETIMED: Final = timedelta(minutes=15)
_GONE: Final = ("withdrawn", "superseded")


class Announcer(Gatherer):
    """Reads one moment of the store; writes nothing."""

    def __init__(
        self,
        session: Session,
        world: World,
        now: datetime,
        known: pd.DataFrame | None = None,
        gone: Collection[str] = (),
        *,
        whole: bool = False,
        taken_in: bool = False,
    ) -> None:
        super().__init__(session, world, now, known, gone, whole=whole, taken_in=taken_in)
        self._mutes = session.mutes.current(now)
        self._postbox = Postbox(session, now)
        self._departures: dict[tuple[str, str, datetime], dict[str, Any]] = {}
        self._maps: dict[str, LandingMap] = {}

    def items(
        self,
        changes: Sequence[Change],
        stays: pd.DataFrame,
        risen: Sequence[Match],
        fallen: Sequence[tuple[Match, str]] = (),
        take_offs: pd.DataFrame | None = None,
    ) -> tuple[list[OutboxItem], list[tuple[str, str]]]:
        """Messages to queue, their maps still to be ``drawn``, and (landing id, why it was or was not announced at once).

        Args:
            risen, fallen: matches that are now good enough, and those that no longer are, each with why.
            take_offs: ``TAKE_OFFS`` of this pass: how each is known.
        """
        self._fresh = STAYS.cast(stays)
        by_stay = {row["stay_id"]: row for row in records(stays)}
        fits: dict[str, list[Match]] = defaultdict(list)
        for match in risen:
            if match.stay_id in by_stay:
                fits[by_stay[match.stay_id]["landing_id"]].append(match)
        told: set[str] = set()
        items: list[OutboxItem] = []
        decisions: list[tuple[str, str]] = []
        known = {change.landing_id: self.landing(change.landing_id) for change in changes}
        # An open approach is no landing: becoming one is news, and ceasing to be more than one is a withdrawal.
        were = {name for name, old in known.items() if old and old["kind"] != "open_approach" and old["lifecycle"] not in _GONE}
        standing = {c.landing_id for c in changes if c.change in ("new", "changed") and c.row["kind"] != "open_approach"}
        anew = standing - were
        fresh = [change.row for change in changes if change.landing_id in anew]
        ended = self._ended(by_stay, {change.landing_id for change in changes if change.change in ("withdrawn", "superseded")})
        rose = {m.stay_id: by_stay.get(m.stay_id) or records(self._session.stays.get(m.stay_id))[0] for m in risen}
        follow = [stay for stay in (*rose.values(), *(stay for stay, _ in ended)) if stay["landing_id"] not in anew]
        decided = self._decided(fresh, [landing for stay in follow if (landing := self.landing(stay["landing_id"]))])
        for change in changes:
            old, was, stands = known[change.landing_id], change.landing_id in were, change.landing_id in standing
            if change.landing_id in anew:
                made, why = self._landing(change.row, decided.get(change.landing_id), fits[change.landing_id], by_stay)
                decisions += [(change.landing_id, why)] if why else []
                told.update(match.match_id for match in fits[change.landing_id] if made)
                items += made
            elif stands:
                items += self._update(change)
            elif was:
                items += self._withdrawal(change, old or change.row)
        self._departures = {(r["icao24"], r["airport"], r["take_off"]): r for r in ([] if take_offs is None else records(take_offs))}
        items += self._left(ended)
        for match in risen:
            if match.match_id not in told:
                items += self._match(match, rose[match.stay_id])
        for match, why in fallen:
            items += self._unmatched(match, why)
        return items, decisions

    def decision(self, event: str, facts: LandingFacts, recipient: Recipient, *, late_too: bool = False) -> Decision:
        """Whether a recipient hears of this at once, and why; ``late_too``: as if it had just happened."""
        who = self._world.identify(facts.aircraft.icao24, facts.touchdown.date())
        subject = subject_of(event, facts, home_airport=who.home_airport if who else "", now=self._now)
        muted = mute_of(
            self._mutes,
            icao24=facts.aircraft.icao24,
            registration=facts.aircraft.registration,
            airport=facts.airport,
            city=facts.city,
            now=self._now,
        )
        return decide(subject, recipient, max_age=timedelta.max if late_too or self._taken_in else self._world.max_age, muted=muted)

    def held(self, facts: LandingFacts) -> Held | None:
        """The embargo on a landing, if there is one."""
        return self._world.embargoes.held(
            airport=facts.airport, city=facts.city, country=facts.country, since=facts.touchdown, also=facts.from_airport
        )

    def _decided(self, landings: Sequence[Any], follow: Sequence[Any]) -> dict[str, dict[str, Decision]]:
        """By landing, whom it is told and when; none of an aircraft that is not watched.

        What the facts of those that are told need is read, and of landings that something is to be said of later.
        """
        self.have(landings, beside=False)
        decided: dict[str, dict[str, Decision]] = {}
        for landing in landings:
            facts = self.landing_facts(landing, brief=True)
            if facts is not None:
                decided[facts.landing_id] = {one.to: self.decision("landing", facts, one) for one in self._world.recipients}
        # Most landings are told to nobody at once: who else was there is only looked up for the others.
        told = [row for row in landings if any(one.when == "at_once" for one in decided.get(row["landing_id"], {}).values())]
        self.have((*told, *follow), beside=True)
        return decided

    def drawn(self, items: Sequence[OutboxItem]) -> list[OutboxItem]:
        """Messages with their maps, which are drawn now: that takes its time and needs no store, so ask when the view is closed."""
        names = {name for item in items for name, _ in item.images}
        maps = {name: sketch.draw().png for name, sketch in self._maps.items() if name in names}
        return [replace(item, images=tuple((name, maps[name]) for name, _ in item.images)) for item in items]

    def _landing(
        self, landing: Any, decided: Mapping[str, Decision] | None, fits: Sequence[Match], by_stay: Mapping[str, Any]
    ) -> tuple[list[OutboxItem], str]:
        """Messages, and why there are some or none; ``""`` where the aircraft is not watched."""
        if decided is None:
            return [], ""
        why = "; ".join(dict.fromkeys(f"{d.when}: {d.why}" for d in decided.values())) or "brief: nobody is to be told"
        told = [one for one in self._world.recipients if decided[one.to].when == "at_once"]
        facts = self.landing_facts(landing) if told else None
        if facts is None:
            return [], why
        facts = replace(facts, fits=tuple(self.fit(m, by_stay[m.stay_id]) for m in fits), links=(*self.reports_of(fits), *facts.links))

        def compose(own: LandingFacts) -> Composed:
            return landing_mail(own, self._pictures(own), templates=self._world.templates)

        key = self._key("landing", facts.landing_id)
        return self._queue("landing", facts.landing_id, facts, compose, told, key=key, decided=decided), why

    def _match(self, match: Match, stay: Mapping[str, Any]) -> list[OutboxItem]:
        landing = self.landing(stay["landing_id"])
        facts = self.landing_facts(landing, brief=True) if landing else None
        if facts is None:
            return []
        knew = {item.recipient for item in self._told(facts.landing_id, "landing", "lead")}
        told = [one for one in self._world.recipients if one.to in knew or self.decision("match", facts, one).when == "at_once"]
        found = self.match_facts(match, dict(stay)) if told else None
        if found is None:
            return []

        def compose(own: LandingFacts) -> Composed:
            return match_mail(replace(found, landing=own), self._pictures(own), templates=self._world.templates)

        return self._queue("match", match.match_id, found.landing, compose, told, key=self._key("match", match.match_id))

    def _unmatched(self, match: Match, why: str) -> list[OutboxItem]:
        """To everybody who was told of the match, by itself or in the landing's message; at once, as prominently."""
        stay = records(self._session.stays.get(match.stay_id))[0]
        alone = self._told(match.match_id, "match")
        with_it = [item for item in self._told(stay["landing_id"]) if match.match_id in item.text]
        said = [*alone, *with_it]
        found = self.match_facts(match, stay) if said else None
        if found is None:
            return []
        gone = WithdrawalFacts(
            landing=found.landing,
            said=said[0].subject,
            said_at=said[0].sent_at or said[0].created_at,
            why=why,
            to=tuple(sorted({item.recipient for item in said})),
        )

        def compose(own: LandingFacts) -> Composed:
            return unmatched_mail(replace(found, landing=own), gone, templates=self._world.templates)

        known = {one.to: one for one in self._world.recipients}
        told = [known.get(item.recipient) or Recipient(to=item.recipient) for item in said]
        return self._queue("withdrawal", match.match_id, found.landing, compose, told, key=self._key("withdrawal", match.match_id))

    def _update(self, change: Change) -> list[OutboxItem]:
        """Confirmed, moved or retimed: only to those who were told, and only what matters to them."""
        old = self.landing(change.landing_id)
        what, before = self._news(old, change.row) if old else (None, "")
        said = self._told(change.landing_id) if what else []
        facts = self.landing_facts(change.row) if said else None
        if what is None or facts is None:
            return []
        update = UpdateFacts(
            landing=facts,
            what=what,
            said=said[0].subject,
            said_at=said[0].sent_at or said[0].created_at,
            why=change.reason,
            before=before,
        )

        def compose(own: LandingFacts) -> Composed:
            return update_mail(replace(update, landing=own), self._pictures(own), templates=self._world.templates)

        told = self._still_asked("correction", facts, said)
        number = f"{what}:{facts.airport}:{facts.kind}:{to_iso(facts.touchdown)}"
        return self._queue("correction", change.landing_id, facts, compose, told, key=f"correction:{change.landing_id}:{number}")

    def _news(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Literal["moved", "confirmed", "retimed"] | None, str]:
        """What changed about a landing that those who were told of it want to hear, and what was said before; None: nothing."""
        airports = self._world.airports
        if old["airport"] != new["airport"]:
            return "moved", short_airport(airports.get(old["airport"]).name, "")
        if old["kind"] == "inferred" and new["kind"] != "inferred":
            return "confirmed", ""
        if abs(old["touchdown"] - new["touchdown"]) > _RETIMED:
            return "retimed", local_clock(old["touchdown"], airports.get(new["airport"]).tz)
        return None, ""

    def _withdrawal(self, change: Change, landing: Any) -> list[OutboxItem]:
        """To everybody who was told, also when the rules or recipients have changed since."""
        said = self._told(change.landing_id, "landing", "lead")
        facts = self.landing_facts(landing) if said else None
        if facts is None:
            return []
        gone = WithdrawalFacts(
            landing=facts,
            said=said[0].subject,
            said_at=said[0].sent_at or said[0].created_at,
            why=change.reason,
            to=tuple(sorted({item.recipient for item in said})),
            duplicate=change.change == "superseded",
        )

        def compose(own: LandingFacts) -> Composed:
            return withdrawal_mail(replace(gone, landing=own), templates=self._world.templates)

        known = {one.to: one for one in self._world.recipients}
        told = [known.get(item.recipient) or Recipient(to=item.recipient) for item in said]
        return self._queue("withdrawal", change.landing_id, facts, compose, told, key=self._key("withdrawal", change.landing_id))

    def _ended(self, by_stay: Mapping[str, Any], gone: set[str]) -> list[tuple[Mapping[str, Any], list[OutboxItem]]]:
        """Stays that end now, of landings that somebody was told of, each with what was said; none of landings that are ``gone``."""
        ended = {stay_id: stay for stay_id, stay in by_stay.items() if stay["take_off"] is not None and stay["landing_id"] not in gone}
        since = min((stay["touchdown"] for stay in ended.values()), default=self._now)
        known = self._session.stays.current({stay["icao24"] for stay in ended.values()}, since=since) if ended else STAYS.cast()
        over = set(known.loc[known["take_off"].notna(), "stay_id"])
        found = [(stay, self._told(stay["landing_id"])) for stay_id, stay in ended.items() if stay_id not in over]
        return [(stay, said) for stay, said in found if said]

    def _left(self, ended: Sequence[tuple[Mapping[str, Any], Sequence[OutboxItem]]]) -> list[OutboxItem]:
        """Departures, to those who were told of the arrival."""
        items: list[OutboxItem] = []
        for stay, said in ended:
            landing = self.landing(stay["landing_id"])
            facts = self.landing_facts({**landing, "airport": stay["airport"]}) if landing else None
            if facts is None:
                continue
            to = self._world.airports.get(stay["to_airport"]).name if stay["to_airport"] else ""
            hours = (stay["take_off"] - facts.touchdown).total_seconds() / 3600
            seen = self._departures.get((stay["icao24"], stay["airport"], stay["take_off"]), {})
            span = [(stay["take_off"] - seen[k]).total_seconds() for k in ("take_off_earliest", "take_off_latest") if seen.get(k)]
            left = LeftFacts(
                landing=facts,
                take_off=stay["take_off"],
                hours=hours,
                to_name=to,
                kind=seen.get("kind", ""),
                within_s=max((abs(one) for one in span), default=0.0),
                reason=seen.get("reason", ""),
            )
            told = self._still_asked("left", facts, said)
            # What was told together with others is followed up together with others.
            decided = {item.recipient: Decision(when="at_once", why="", together=item.fold) for item in said}
            items += self._queue("left", stay["stay_id"], facts, self._left_mail(left), told, decided=decided)
        return items

    def _still_asked(self, event: str, facts: LandingFacts, said: Sequence[OutboxItem]) -> list[Recipient]:
        """Of those who were told what came before, those who have no rule against hearing more."""
        to = {item.recipient for item in said}
        return [one for one in self._world.recipients if one.to in to and self.decision(event, facts, one).when == "at_once"]

    def _left_mail(self, left: LeftFacts) -> Callable[[LandingFacts], Composed]:
        return lambda own: left_mail(replace(left, landing=own), templates=self._world.templates)

    def _told(self, subject_id: str, *events: str) -> list[OutboxItem]:
        """The alerts of these kinds (none: landing) on a subject as it stands: sent, or on their way; none once withdrawn."""
        kinds = events or ("landing",)
        keys = {self._key(kind, subject_id) for kind in kinds}
        return [i for i in self._session.outbox.list(subject_id=subject_id, events=kinds) if i.key in keys and i.lifecycle != "dropped"]

    def _key(self, event: str, subject_id: str) -> str:
        """``landing:lnd-x``, and ``landing:lnd-x:1`` when it is found again after it was withdrawn (or taken back unsent)."""
        queued = self._session.outbox.list(subject_id=subject_id, events=["landing", "match", "lead", "withdrawal"])
        rounds = len({i.key for i in queued if i.event == "withdrawal" or i.lifecycle == "dropped"})
        return f"{event}:{subject_id}:{rounds}" if rounds else f"{event}:{subject_id}"

    def _pictures(self, facts: LandingFacts) -> tuple[Picture, ...]:
        """The map; none for what goes out in a digest, which has no pictures."""
        if facts.in_digest:
            return ()
        name = f"map-{facts.landing_id}"
        if name not in self._maps:
            self._maps[name] = self.sketch(facts)
        return (Picture(content_id=name, png=b"", alt=self._maps[name].alt),)

    def _thread(self, facts: LandingFacts) -> str:
        """An operation's: aircraft of one state that come to one metropolitan area within 24 hours of its first."""
        who = self._world.identify(facts.aircraft.icao24, facts.touchdown.date())
        mine = self._session.outbox.list(subject_id=facts.landing_id)
        if mine:
            return mine[0].thread
        row = {"icao24": facts.aircraft.icao24, "touchdown": facts.touchdown}
        others = self.operation(row, facts.city, who) if who else []
        for other in sorted(others, key=lambda r: r["touchdown"]):
            for item in self._session.outbox.list(subject_id=other["landing_id"], events=["landing"]):
                first = self._session.outbox.list(thread=item.thread, events=["landing"])[0]
                began = self.landing(first.subject_id)
                if began is None or abs(began["touchdown"] - facts.touchdown) <= OPERATION:
                    return item.thread
        return mint(IdKind.ALERT, "thread", facts.aircraft.state, facts.city, facts.landing_id)

    def _queue(
        self,
        event: str,
        subject_id: str,
        facts: LandingFacts,
        compose: Callable[[LandingFacts], Composed],
        told: Sequence[Recipient],
        *,
        key: str = "",
        decided: Mapping[str, Decision] | None = None,
    ) -> list[OutboxItem]:
        thread, held, key = self._thread(facts), self.held(facts), key or f"{event}:{subject_id}"
        items = []
        for one in {recipient.to: recipient for recipient in told}.values():
            decision = (decided or {}).get(one.to)
            due, fold = self._postbox.due(one, event, held=held, decision=decision)
            why = decision.why if decision else ""
            mail = compose(replace(facts, next_message=self._next(one), why_you=why, in_digest=fold and not self._postbox.alone(one.to)))
            items.append(
                OutboxItem(
                    alert_id=mint(IdKind.ALERT, key, one.to),
                    key=key,
                    event=event,
                    subject_id=subject_id,
                    recipient=one.to,
                    thread=thread,
                    created_at=self._now,
                    subject=mail.subject,
                    text=mail.text,
                    html=mail.html,
                    origin=facts.origin,
                    images=tuple((p.content_id, p.png) for p in mail.pictures),
                    due=due,
                    not_before=due if due > self._now else None,
                    fold=fold,
                )
            )
        return items

    def _next(self, one: Recipient) -> str:
        said = "at once when a reported meeting fits, when it leaves, and when this is confirmed, corrected or withdrawn"
        if one.brief is None:
            return f"{said}; otherwise none"
        at = next_clock(self._now, one.brief, zone_of(one)).astimezone(zone_of(one))
        return f"{said}; otherwise the brief of {at.day} {at:%b %H:%M} ({one.time_zone or at.tzname() or 'your time'})"

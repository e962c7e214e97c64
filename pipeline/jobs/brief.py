"""The facts of the morning page, from the store: to look at, still open, changed, expected, in the air, out of sight, hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pipeline.alerts.facts import BriefFacts, LandingFacts
from pipeline.alerts.pages import compose_brief
from pipeline.alerts.recipients import Recipient
from pipeline.alerts.render import Composed
from pipeline.alerts.wording import in_words, landed, local_clock, say_gap, say_utc
from pipeline.export.text import clean, short_airport
from pipeline.jobs.announce import Announcer
from pipeline.jobs.brief_state import failing, state_lines
from pipeline.jobs.told import aircraft_facts
from pipeline.jobs.world import World
from pipeline.meetings.describe import say_when, say_where
from pipeline.model.entities import Lead
from pipeline.model.frames import records
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin, weakest
from pipeline.places.states import demonym
from pipeline.store.candidates import Candidate
from pipeline.store.session import Session
from pipeline.store.store import Store

DAY = timedelta(hours=24)
#: An announced visit is expected from this long before it may begin until it must have ended.
_AHEAD, _EARLY = timedelta(days=4), timedelta(hours=48)
#: A visit that nobody has reviewed stays on the page for this long.
_OPEN_FOR: Final = timedelta(days=30)
_MATCHED = 0.5
_ROLES: Final = {"head_of_state": 0, "government": 1, "intelligence": 1, "air_force_vip": 2, "unknown": 3, "military_vip": 4}


def make_brief(store: Store, world: World, *, now: datetime, back: timedelta = DAY, recipient: Recipient | None = None) -> Composed:
    """What happened in the time before ``now``, as the recipient's rules see it (None: the first one's)."""
    to = recipient or (world.recipients[0] if world.recipients else Recipient(to="you"))
    with store.read() as session:
        page = _Page(session, world, now, back, to)
        return compose_brief(page.facts(), templates=world.templates)


class _Page:
    def __init__(self, session: Session, world: World, now: datetime, back: timedelta, to: Recipient) -> None:
        self._session, self._world, self._now, self._back, self._to = session, world, now, back, to
        self._reporter = Announcer(session, world, now, whole=True)

    def facts(self) -> BriefFacts:
        s, w, now = self._session, self._world, self._now
        rows = records(s.landings.current(since=now - _OPEN_FOR, until=now, kinds=("observed", "inferred", "bracketed")))
        self._reporter.remember(s.stays.by_ids({mint(IdKind.STAY, row["landing_id"]) for row in rows}))
        found = [facts for row in rows if (facts := self._reporter.landing_facts(row, brief=True)) is not None]
        recent, older = [f for f in found if f.touchdown >= now - self._back], [f for f in found if f.touchdown < now - self._back]
        shown, hidden = self._sorted_out(recent)
        waiting, _ = self._sorted_out(older, rare=True)
        matched = self._matched()
        leads = self._visit_leads()
        reviewed = self._reviewed([f.landing_id for f in waiting], leads)
        score = {landing_id: lead.score for landing_id, lead in leads.items()}
        waiting = [f for f in waiting if f.landing_id not in matched and f.landing_id not in reviewed]
        shown, waiting = (sorted(some, key=lambda f: _telling(f, score.get(f.landing_id))) for some in (shown, waiting))
        origins = [f.origin for f in found]
        return BriefFacts(
            as_of=now,
            origin=weakest(origins) if origins else Origin.RECORDED,
            state_lines=state_lines(s, w, self._reporter.history, now=now),
            failing=failing(s),
            to_look_at=(*self._company(), *(self._line(f, matched) for f in shown)),
            still_open=tuple(f"{say_gap((now - f.touchdown).total_seconds())} old: {self._line(f, matched)}" for f in waiting),
            changed=self._changed(),
            expected=self._expected(),
            in_the_air=self._flying(flying=True),
            out_of_sight=self._flying(flying=False),
            candidates=tuple(
                _candidate(one) for one in s.candidates.list(since=now - self._back, limit=20) if one.first_at > now - self._back
            ),
            hidden=tuple(f"{count}: {why}" for why, count in hidden.most_common(6)),
            attribution=w.attribution,
        )

    def _sorted_out(self, found: Sequence[LandingFacts], *, rare: bool = False) -> tuple[list[LandingFacts], Counter[str]]:
        """Those to show, and how many were left out for which reason. What was only learned late is shown.

        Args:
            rare: only what would come on its own, not with others: an older visit must be rare to stay on the page.
        """
        shown, hidden = [], Counter[str]()
        for one in found:
            decision = self._reporter.decision("landing", one, self._to, late_too=True)
            if decision.when == "at_once" and not (rare and decision.together):
                shown.append(one)
            else:
                hidden[decision.why.partition(":")[0] if decision.why.startswith("routine") else decision.why] += 1
        return shown, hidden

    def _line(self, facts: LandingFacts, matched: Mapping[str, float]) -> str:
        when = f"{facts.touchdown:%d %b} {local_clock(facts.touchdown, facts.tz)}"
        came = f" from {facts.from_airport}" if facts.from_airport else ""
        fits = "consistent with a reported meeting" if facts.landing_id in matched else "no report found in the sources read"
        where = short_airport(facts.airport_name, facts.city)
        return f"{facts.aircraft.label} {landed(facts)} {where} {when}{came}; {facts.rarity}; {fits} ({facts.landing_id})"

    def _company(self) -> tuple[str, ...]:
        """The most telling time that aircraft of several states were together, as a lead says it."""
        found = [lead for lead in self._session.leads.current(since=self._now - self._back) if lead.kind == "company"]
        best = sorted(found, key=lambda lead: -lead.score)[:1]
        return tuple(f"{lead.said[:1].upper()}{lead.said[1:]} ({lead.lead_id})" for lead in best if lead.start <= self._now)

    def _matched(self) -> dict[str, float]:
        """Landing → posterior of its best match, for those that are consistent with a report."""
        best: dict[str, float] = {}
        good = [m for m in self._session.matches.current(changed_since=self._now - _OPEN_FOR - DAY) if m.posterior >= _MATCHED]
        stays = self._stays(m.stay_id for m in good)
        for match in good:
            if match.stay_id in stays:
                landing_id = stays[match.stay_id]["landing_id"]
                best[landing_id] = max(best.get(landing_id, 0.0), match.posterior)
        return best

    def _stays(self, stay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Some stays by id, withdrawn or not."""
        return {row["stay_id"]: row for row in records(self._session.stays.by_ids(stay_ids, include_withdrawn=True))}

    def _visit_leads(self) -> dict[str, Lead]:
        """Landing → the lead that its stay is in."""
        leads = self._session.leads.current(since=self._now - _OPEN_FOR - DAY, kinds=["visit"])
        stays = self._stays(stay_id for lead in leads for stay_id in lead.stay_ids)
        return {str(stays[stay_id]["landing_id"]): lead for lead in leads for stay_id in lead.stay_ids if stay_id in stays}

    def _reviewed(self, landing_ids: Sequence[str], leads: Mapping[str, Lead]) -> set[str]:
        """Landings on which, or on whose stay's lead, somebody has said a word that counts."""
        said = self._session.reviews.latest([*landing_ids, *(lead.lead_id for lead in leads.values())])
        counted = {subject for subject, review in said.items() if review.verdict != "unreviewed"}
        return counted | {landing_id for landing_id, lead in leads.items() if lead.lead_id in counted}

    def _changed(self) -> tuple[str, ...]:
        s, said = self._session, []
        by_meeting: dict[str, list[str]] = {}
        good = [m for m in s.matches.current(changed_since=self._now - self._back) if m.posterior >= _MATCHED]
        stays = self._stays(m.stay_id for m in good)
        for match in good:
            if (stay := stays.get(match.stay_id)) is not None:
                who = self._reporter.who(stay)
                label = aircraft_facts(who).label if who else stay["icao24"]
                strongly = in_words(match.posterior, contested=bool(who and who.contested))
                by_meeting.setdefault(match.meeting_id, []).append(
                    f"{label} at {stay['airport']} since {stay['touchdown']:%d %b} is {strongly} it ({match.match_id})"
                )
        for meeting_id, told in by_meeting.items():
            meeting = s.meetings.get(meeting_id)
            said.append(
                f"“{clean(meeting.title, 160)}”, {say_when(meeting)}, {say_where(meeting)} ({meeting.status}): {'; '.join(told[:4])}"
            )
        for revision in s.revisions.between(self._now - self._back, self._now, kinds=("landing",)):
            row = s.landings.row(revision.subject_id) if revision.change in ("withdrawn", "changed") else None
            if row is not None:
                who = self._reporter.who(row)
                if who is not None and row["kind"] != "open_approach":
                    said.append(
                        f"{aircraft_facts(who).label} at {row['airport']} {revision.change}: {revision.reason} ({revision.subject_id})"
                    )
        return tuple(said)

    def _expected(self) -> tuple[str, ...]:
        """Announced visits whose aircraft has not moved: none of the guest's state was seen there or is in the air."""
        s, w, now = self._session, self._world, self._now
        flying = {who.state for _, who, _ in self._airborne(fresh=True)}
        listed = {a.state for a in w.watchlist.aircraft}
        said = []
        for meeting in s.meetings.current(now, now + _AHEAD):
            if meeting.status != "announced":
                continue
            guests = {p.state for p in meeting.participants} - {"", meeting.country}
            here = s.stays.current(since=meeting.start - _EARLY, cities=[meeting.city]) if meeting.city else None
            arrived = set(here["state"]) if here is not None else set()
            for state in sorted((guests & listed) - arrived - flying):
                where = meeting.city or meeting.country
                said.append(
                    f"{say_when(meeting)}, {where}: {meeting.title} — no {demonym(state)} state aircraft seen there or in the air so far"
                )
        return tuple(said)

    def _flying(self, *, flying: bool) -> tuple[str, ...]:
        return tuple(f"{aircraft_facts(who).label}, last position {say_utc(seen)}" for seen, who, _ in self._airborne(fresh=flying))

    def _airborne(self, *, fresh: bool) -> list[tuple[datetime, Any, str]]:
        """Aircraft whose last position is newer than their last landing: heard just now, or lost."""
        s, now = self._session, self._now
        last = s.positions.last_seen(self._world.watchlist.icao24s)
        recent = {icao24: seen for icao24, seen in last.items() if now - DAY <= seen <= now}
        landings = records(s.landings.current(sorted(recent), since=now - timedelta(days=3))) if recent else []
        down = {
            row["icao24"]
            for row in landings
            if row["kind"] != "open_approach" and row["touchdown_latest"] >= recent[row["icao24"]] - timedelta(hours=12)
        }
        found = []
        for icao24, seen in sorted(recent.items()):
            who = self._world.identify(icao24, seen.date())
            if who is not None and icao24 not in down and (now - seen <= timedelta(minutes=15)) == fresh:
                found.append((seen, who, icao24))
        return found


def _candidate(one: Candidate) -> str:
    name = one.callsign or one.registration or one.type_code
    return f"{one.icao24} {name} near {one.city}, {say_utc(one.last_at)}: {one.why}; tarmac candidates"


def _telling(facts: LandingFacts, score: float | None) -> tuple[float, float, int, float]:
    """What is no lead last; the highest lead first, then the rarest, then by the aircraft's role, then the newest."""
    rare = facts.a_year if facts.a_year is not None else 1e6
    return (1e6 if score is None else -score, rare, _ROLES.get(facts.aircraft.role, 3), -facts.touchdown.timestamp())

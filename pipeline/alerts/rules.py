"""Who is told at once, what waits for the brief, until when it waits, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import Final, Literal

from pipeline.alerts.embargo import Held
from pipeline.alerts.facts import LandingFacts
from pipeline.alerts.recipients import KINDS, Recipient, Rule
from pipeline.model.entities import Mute
from pipeline.places.gazetteer import fold

#: Events that wait for nothing but an embargo: somebody may be about to publish what is wrong.
URGENT: Final = frozenset({"withdrawal", "correction", "provider_down", "test", "brief", "digest"})
#: Events of which only those hear who heard what came before.
_THREADED: Final = frozenset({"left", "correction", "withdrawal", "outcome"})
#: Of these a rule decides only when it names the event: a rule about a place must not silence what tells that tarmac is blind.
_NAMED: Final = frozenset({"left", "correction", "lead", "candidate", "provider_down"})
#: These nobody can refuse: who was told something hears that it was wrong, and how it ended.
_OWED: Final = frozenset({"withdrawal", "outcome"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What rules look at. ``a_year``: how often its state comes here, None: unknown. ``age``: how long ago it happened."""

    event: str
    icao24: str
    registration: str
    state: str
    operator: str
    role: str
    airport: str
    city: str
    country: str
    place_kind: str
    kind: str
    confidence: float
    contested: bool = False
    home: bool = False
    a_year: float | None = None
    stop: bool = False
    age: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``why`` answers "why did I (not) get this". ``asked``: a rule of the recipient's own; ``together``: in the next digest."""

    when: Literal["at_once", "brief", "never"]
    why: str
    asked: bool = False
    together: bool = False


def subject_of(event: str, facts: LandingFacts, *, home_airport: str, now: datetime) -> Subject:
    """What rules look at in a landing."""
    a = facts.aircraft
    return Subject(
        event=event,
        icao24=a.icao24,
        registration=a.registration,
        state=a.state,
        operator=a.operator,
        role=a.role,
        airport=facts.airport,
        city=facts.city,
        country=facts.country,
        place_kind=facts.place_kind,
        kind=facts.kind,
        confidence=facts.confidence,
        contested=a.contested,
        home=bool(home_airport) and facts.airport == home_airport,
        a_year=facts.a_year,
        stop=any(text.startswith("a technical or crew stop") for text in facts.innocent),
        age=now - facts.touchdown if event == "landing" else timedelta(0),
    )


def decide(subject: Subject, recipient: Recipient, *, max_age: timedelta, muted: str = "") -> Decision:
    """The first of the recipient's rules that fits; else the default.

    Args:
        max_age: what happened longer ago waits for the brief, whatever the rules say.
        muted: why the aircraft or place is muted, ``''``: it is not.
    """
    if subject.event in _OWED:
        return Decision(when="at_once", why="to those who were told what came before")
    if muted and subject.event != "correction":
        return Decision(when="never", why=muted)
    if subject.age > max_age:
        return Decision(when="brief", why=f"learned {subject.age.total_seconds() / 3600:.0f} h after it landed")
    for number, rule in enumerate(recipient.rules, 1):
        if fits(rule, subject):
            asked = Decision(when=rule.tell, why=f"rule {number} of {recipient.to}", asked=True)
            # Whoever asks for leads asks for the unusual ones: home, routine and technical stops stay in the brief.
            plain = _default(replace(subject, event="landing"), recipient) if subject.event == "lead" else asked
            return asked if plain.when == "at_once" else plain
    return _default(subject, recipient)


def fits(rule: Rule, subject: Subject) -> bool:
    """Whether every condition of a rule holds."""
    if subject.event in _NAMED and subject.event not in rule.events:
        return False
    if rule.aircraft and not {subject.registration.upper(), subject.icao24.upper()} & {tail.upper() for tail in rule.aircraft}:
        return False
    if rule.operators and not any(part.casefold() in subject.operator.casefold() for part in rule.operators):
        return False
    if rule.cities and fold(subject.city) not in {fold(city) for city in rule.cities}:
        return False
    if rule.states and (subject.contested or subject.state not in rule.states):
        return False
    lists = (
        (rule.roles, subject.role),
        (rule.airports, subject.airport),
        (rule.countries, subject.country),
        (rule.places, subject.place_kind),
        (rule.events, subject.event),
    )
    if any(wanted and value not in wanted for wanted, value in lists):
        return False
    strong = rule.least_kind is None or (subject.kind in KINDS and KINDS.index(subject.kind) <= KINDS.index(rule.least_kind))
    return strong and subject.confidence >= rule.least_confidence


def _default(subject: Subject, recipient: Recipient) -> Decision:
    """Abroad, not home and not routine goes out at once (what is not rare together with others); the rest waits for the brief."""
    if subject.event in _THREADED:
        return Decision(when="at_once", why="to those who were told what came before")
    if subject.event == "provider_down":
        return Decision(when="at_once", why="nothing could be polled or sent")
    if subject.country == subject.state and not subject.contested:
        return Decision(when="brief", why=f"in its own state ({subject.country})")
    if subject.home:
        return Decision(when="brief", why=f"{subject.airport} is its home")
    if subject.a_year is not None and subject.a_year > recipient.routine_a_year:
        return Decision(when="brief", why=f"routine: about {subject.a_year:.0f} visits a year")
    if subject.stop:
        return Decision(when="brief", why="a technical or crew stop")
    if subject.event in ("inbound", "company", "lead", "candidate"):
        return Decision(when="brief", why=f"{subject.event}: no rule asks for it at once")
    if subject.event == "landing" and subject.a_year is not None and subject.a_year > recipient.rare_a_year:
        return Decision(when="at_once", why=f"abroad, not home, not routine (about {subject.a_year:.0f} visits a year)", together=True)
    return Decision(when="at_once", why="abroad, not home, not routine")


def due_at(
    recipient: Recipient,
    zone: tzinfo,
    *,
    event: str,
    now: datetime,
    held: Held | None = None,
    recent: int = 0,
    decision: Decision | None = None,
) -> tuple[datetime, bool]:
    """When a message to a recipient is due, and whether it waits to be folded into a digest with others.

    Args:
        held: an embargo on it.
        recent: immediate messages to this recipient in the last 24 hours.
        decision: why it goes out; None: as an update of what was told does.
    """
    due, fold_it = now, False
    most = max(recipient.most_a_day, recipient.flood) if decision and decision.asked else recipient.most_a_day
    if event not in URGENT:
        due += timedelta(minutes=recipient.delay)
        if recipient.digest == "hourly":
            due, fold_it = (due + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0), True
        elif recipient.digest == "daily":
            due, fold_it = next_clock(due, recipient.brief or time(7), zone), True
        elif recent >= most or (decision is not None and decision.together):
            due, fold_it = min(next_clock(due, clock, zone) for clock in recipient.digest_at), True
    if held is not None and recipient.embargo and event not in ("provider_down", "test", "brief"):
        due = max(due, held.until)
    if recipient.quiet is not None and event not in URGENT:
        due = after_quiet(due, recipient.quiet, zone)
    return due, fold_it


def next_clock(after: datetime, clock: time, zone: tzinfo) -> datetime:
    """The next moment, after this one, at which it is ``clock`` there."""
    there = after.astimezone(zone)
    at = there.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    if at <= there:
        at = (at + timedelta(days=1)).replace(hour=clock.hour, minute=clock.minute)
    return at.astimezone(after.tzinfo)


def after_quiet(moment: datetime, quiet: tuple[time, time], zone: tzinfo) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in."""
    start, end = quiet
    clock = moment.astimezone(zone).time()
    inside = start <= clock < end if start <= end else clock >= start or clock < end
    return next_clock(moment, end, zone) if inside and start != end else moment


def mute_of(mutes: Iterable[Mute], *, icao24: str, registration: str, airport: str, city: str, now: datetime) -> str:
    """Why an aircraft or place is muted now, or ``''``."""
    for one in mutes:
        if one.until is not None and one.until <= now:
            continue
        names = {icao24.upper(), registration.upper()} if one.kind == "aircraft" else {airport.upper(), fold(city).upper()}
        value = one.value.upper() if one.kind == "aircraft" or one.value.upper() == airport.upper() else fold(one.value).upper()
        if value in names - {""}:
            return f"muted: {one.kind} {one.value}" + (f" until {one.until:%d %b %Y %H:%M} UTC" if one.until else "")
    return ""

"""Facts → messages about one aircraft: landed, fits a report, confirmed, moved, left, withdrawn, inbound and how that ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.alerts.facts import (
    NO_REPORTS,
    AircraftFacts,
    InboundFacts,
    LandingFacts,
    LeftFacts,
    Link,
    MatchFacts,
    OutcomeFacts,
    UpdateFacts,
    WithdrawalFacts,
)
from pipeline.alerts.render import Composed, Lines, Picture, render
from pipeline.alerts.wording import NOT_ABOARD, how_sure, in_words, known_how, landed, local_clock, say_gap, without_numbers
from pipeline.export.text import short_airport
from pipeline.model.time import say_both

#: Said where nobody else was seen, with the coverage grade after it.
_NOBODY = "no other watched aircraft seen in these data within 36 hours"
#: A landing that we learn of later than this says so.
_LEARNED_LATE_S = 1800


def landing_mail(facts: LandingFacts, pictures: Sequence[Picture] = (), *, templates: Path | None = None) -> Composed:
    """A watched aircraft landed."""
    nothing = "no visit found" if facts.reports_read != NO_REPORTS else "no reports read"
    report = "consistent with a reported meeting" if facts.fits else nothing
    subject = f"{_headline(facts)} — {report} [{known_how(facts.kind)}]"
    lines = [*_aircraft(facts), *_landing(facts)]
    read = f"Read: {facts.reports_read}."
    unread = "No source of reports was read." if facts.reports_read == NO_REPORTS else f"No report found in the sources read. {read}"
    lines.append(("Reports", (*(without_numbers(fit) for fit in facts.fits), read) if facts.fits else (unread,)))
    lines += _some("Precedents", facts.precedents)
    lines.append(("How unusual", (facts.rarity,)))
    lines += _some("Innocent causes", facts.innocent)
    if facts.together:
        lines.append(
            (
                "Same state here",
                (*facts.together, "within 24 hours of each other; whether they belong together, and what each is for, is not known"),
            )
        )
    lines.append(("Also here", (*(facts.also_here or (_NOBODY,)), f"coverage here: {facts.coverage}")))
    lines += _some("Links", facts.links, 6)
    lines.append(("Next message", (facts.next_message,)))
    footer = _footer(facts.landing_id, facts.attribution, facts.why_you)
    return render(subject, f"{_headline(facts)}.", lines, facts.origin, footer, pictures, templates=templates)


def match_mail(facts: MatchFacts, pictures: Sequence[Picture] = (), *, templates: Path | None = None) -> Composed:
    """A reported meeting fits a stay."""
    who = facts.landing.aircraft.label
    there = f"{_where(facts.landing)}, {local_clock(facts.landing.touchdown, facts.landing.tz)}"
    subject = f"{who} at {there}: {in_words(facts.posterior, contested=facts.landing.aircraft.contested)} a reported meeting"
    lines: Lines = [
        ("Meeting", (facts.title, f"{facts.when}, {facts.where} ({facts.status})")),
        ("Reported by", (facts.links or facts.sources or ("the analyst's own file",))[:5]),
        ("The fit", (without_numbers(facts.sentence),)),
        ("By chance", (facts.chance,)),
        ("Speaks for it", _weighed(facts, 1)),
        ("Speaks against", _weighed(facts, -1)),
    ]
    lines += [*_some("Missing", facts.missing), *_aircraft(facts.landing), *_landing(facts.landing), *_some("Links", facts.landing.links)]
    lines.append(("Next message", (facts.landing.next_message,)))
    footer = _footer(facts.match_id, facts.landing.attribution, facts.landing.why_you)
    return render(subject, subject + ".", lines, facts.landing.origin, footer, pictures, templates=templates)


def withdrawal_mail(facts: WithdrawalFacts, *, templates: Path | None = None) -> Composed:
    """What was announced no longer holds; as prominent as the announcement, and to the same people."""
    there = f"{_where(facts.landing)} {local_clock(facts.landing.touchdown, facts.landing.tz)}"
    subject = f"WITHDRAWN: {facts.landing.aircraft.label} at {there} — do not rely on the earlier alert"
    known = "no such landing is shown by the positions received since; where the aircraft went is not known"
    if facts.duplicate:
        known = "it is the same landing as one that stands; the aircraft landed once, not twice"
    lines: Lines = [
        ("We said", (facts.said,)),
        ("When", (f"sent {say_both(facts.said_at, facts.landing.tz)}",)),
        ("To whom", (", ".join(facts.to) or "you",)),
        ("Why it was wrong", (facts.why,)),
        ("What is known", (known,)),
        *_aircraft(facts.landing),
        ("Next message", ("only if this changes again",)),
    ]
    headline = f"WITHDRAWN: {facts.landing.aircraft.label} at {there}. Please do not rely on the earlier message."
    footer = _footer(facts.landing.landing_id, facts.landing.attribution)
    return render(subject, headline, lines, facts.landing.origin, footer, tone="warning", templates=templates)


def update_mail(facts: UpdateFacts, pictures: Sequence[Picture] = (), *, templates: Path | None = None) -> Composed:
    """What was announced is now known better, or was wrong about where or when."""
    now = _headline(facts.landing)
    head = {
        "confirmed": f"CONFIRMED: {now} [{known_how(facts.landing.kind)}]",
        "moved": f"CORRECTION: {now}, not {facts.before} [{known_how(facts.landing.kind)}]",
        "retimed": f"CORRECTION: {now}, not {facts.before}",
    }[facts.what]
    lines: Lines = [
        ("We said", (facts.said, f"sent {say_both(facts.said_at, facts.landing.tz)}")),
        ("What changed", (facts.why,)),
        *_landing(facts.landing),
        *_aircraft(facts.landing),
        *_some("Links", facts.landing.links),
        ("Next message", (facts.landing.next_message,)),
    ]
    tone = "" if facts.what == "confirmed" else "warning"
    footer = _footer(facts.landing.landing_id, facts.landing.attribution)
    return render(head, f"{head}.", lines, facts.landing.origin, footer, pictures, tone=tone, templates=templates)


def left_mail(facts: LeftFacts, *, templates: Path | None = None) -> Composed:
    """An aircraft whose landing was announced has left."""
    here = facts.landing
    stayed = say_gap(facts.hours * 3600)
    subject = f"{here.aircraft.label} left {_where(here)} {local_clock(facts.take_off, here.tz)} after {stayed}"
    lines: Lines = [
        ("Left", (say_both(facts.take_off, here.tz),)),
        ("On the ground", (f"{stayed}, since {say_both(here.touchdown, here.tz)}",)),
        ("To", (facts.to_name or "not known yet",)),
        ("Reports", (*(here.fits or ("No report found in the sources read.",)), f"Read: {here.reports_read}.")),
        *_aircraft(here),
        *_some("Links", here.links),
        ("Next message", ("when a reported meeting fits the stay, or when it is corrected or withdrawn; otherwise in the next brief",)),
    ]
    return render(subject, f"{subject}.", lines, here.origin, _footer(here.landing_id, here.attribution), templates=templates)


def inbound_mail(facts: InboundFacts, *, templates: Path | None = None) -> Composed:
    """A watched aircraft is in the air and may be heading for a place somebody cares about."""
    subject = f"{facts.aircraft.label} in the air, may be heading for {facts.heading} [not landed]"
    lines: Lines = [
        ("May be heading for", facts.places or ("not known",)),
        ("Last seen", (facts.seen,)),
        ("From", (facts.from_name or "not seen",)),
        *_who(facts.aircraft),
        *_some("Links", facts.links),
        ("Next message", (f"how it ended: landed, turned back, or not known ({facts.closes})",)),
    ]
    return render(subject, f"{subject}.", lines, facts.origin, _footer(facts.subject_id, facts.attribution), templates=templates)


def outcome_mail(facts: OutcomeFacts, *, templates: Path | None = None) -> Composed:
    """How an announced inbound flight ended, to everybody who was told of it."""
    about = facts.inbound
    ended = {"landed": "landed", "turned_back": "turned back", "unknown": "out of sight, where it landed is not known"}[facts.outcome]
    subject = f"{about.aircraft.label}, earlier said to be heading for {about.heading}: {ended}"
    lines: Lines = [
        ("How it ended", (facts.what,)),
        ("We said", (facts.said, f"sent {say_both(facts.said_at, 'UTC')}")),
        *_who(about.aircraft),
        *_some("Links", about.links),
        ("Next message", ("none about this flight",) if facts.outcome != "landed" else ("about its stay, as for every landing",)),
    ]
    return render(subject, f"{subject}.", lines, about.origin, _footer(about.subject_id, about.attribution), templates=templates)


def _weighed(facts: MatchFacts, sign: int) -> tuple[str, ...]:
    """The evidence that counts for (or against) it, the weightiest first; the numbers are in the waterfall of ``explain``."""
    rows = [(bits * sign, name, said) for name, said, bits in facts.waterfall if bits * sign >= 0.1 and name != "prior"]
    return tuple(f"{name}: {without_numbers(said)}" for _, name, said in sorted(rows, reverse=True)[:5]) or ("nothing that counts",)


def _headline(facts: LandingFacts) -> str:
    return f"{facts.aircraft.label} {landed(facts)} {_where(facts)} {local_clock(facts.touchdown, facts.tz)}"


def _where(facts: LandingFacts) -> str:
    return short_airport(facts.airport_name, facts.city)


def _aircraft(facts: LandingFacts) -> Lines:
    return _who(facts.aircraft)


def _who(a: AircraftFacts) -> Lines:
    dates = "" if a.dates_known else "; since when is not known"
    doubt = ("The identity is disputed.",) if a.contested else ()
    what = f"{a.registration or a.icao24} ({a.icao24}), {a.type or 'type unknown'}, {a.operator or 'operator unknown'}"
    return [("Aircraft", (what, *doubt)), ("Who says so", (f"{a.source or 'no source'}{dates}",)), ("Not known", (NOT_ABOARD,))]


def _landing(facts: LandingFacts) -> Lines:
    span = max((facts.touchdown - facts.earliest).total_seconds(), (facts.latest - facts.touchdown).total_seconds())
    sure = f"± {span:.0f} s" if span < 120 else f"± {span / 60:.0f} min"
    runway = f", runway {facts.runway}" if facts.runway else ""
    came = f"{facts.from_name} ({facts.from_airport})" if facts.from_airport else "not seen"
    before = (f"before that: {', '.join(facts.stops)}",) if facts.stops else ()
    late: tuple[str, ...] = ()
    if facts.learned and (facts.learned - facts.touchdown).total_seconds() > _LEARNED_LATE_S:
        late = (f"LATE: learned {say_gap((facts.learned - facts.touchdown).total_seconds())} after it",)
    return [
        ("When", (f"{say_both(facts.touchdown, facts.tz)} {sure}", *late)),
        ("Where", (f"{facts.airport_name} ({facts.airport}), {facts.city}{runway}",)),
        ("From", (came, *before)),
        ("How known", (f"{facts.reason} ({how_sure(facts.confidence)})", f"seen by: {', '.join(facts.networks) or 'unknown'}")),
    ]


def _some(name: str, values: Sequence[str | Link], most: int = 4) -> Lines:
    return [(name, tuple(values[:most]))] if values else []


def _footer(subject_id: str, attribution: tuple[str, ...], why: str = "") -> tuple[str, ...]:
    you = (f"Why you get this: {why}",) if why else ()
    return (f"{subject_id} · the evidence: tarmac explain {subject_id}", *you, *attribution)

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
from pipeline.alerts.wording import NOT_ABOARD, how_sure, in_words, known_how, landed, local_clock, say_evidence, say_gap, without_numbers
from pipeline.export.text import short_airport
from pipeline.model.time import local, say_both

#: Said where nobody else was seen, with the coverage grade after it.
NOBODY_SEEN = "no other watched aircraft seen in these data within 36 hours"
#: A landing that we learn of later than this says so.
_LEARNED_LATE_S = 1800
#: And in its subject a landing that we learn of so much later has its day: a clock time alone is taken for today's.
_ANOTHER_DAY_S = 86_400
#: Evidence worth less than this many bits is no argument for people; it is in the waterfall of ``tarmac explain``.
_WEIGHS = 0.5
_ROLES_UNKNOWN = "within 24 hours of each other; whether they belong together, and what each is for, is not known"


def landing_mail(facts: LandingFacts, pictures: Sequence[Picture] = (), *, templates: Path | None = None) -> Composed:
    """A watched aircraft landed: first what it is and what was reported, then how unusual it is, last how it is known."""
    report = "consistent with a reported meeting" if facts.fits else nothing_found(facts.reports_read)
    subject = f"{_headline(facts)} — {report} [{known_how(facts.kind)}]"
    lines = [*say_aircraft(facts.aircraft), *_landing(facts), ("Reports", say_reports(facts.fits, facts.reports_read))]
    lines += _some("Precedents", facts.precedents)
    lines.append(("How unusual", (facts.rarity,)))
    lines += _some("Innocent causes", facts.innocent)
    if facts.together:
        lines.append(("Same state here", (*facts.together, _ROLES_UNKNOWN)))
    lines.append(("Also here", (*(facts.also_here or (NOBODY_SEEN,)), f"coverage here: {facts.coverage}")))
    lines.append(_known(facts))
    lines += _some("Links", facts.links, 6)
    lines.append(("Next message", (facts.next_message,)))
    footer = _footer(facts.landing_id, facts.attribution, facts.why_you)
    return render(subject, f"{_headline(facts)}.", lines, facts.origin, footer, pictures, templates=templates)


def match_mail(facts: MatchFacts, pictures: Sequence[Picture] = (), *, templates: Path | None = None) -> Composed:
    """A reported meeting fits a stay."""
    here = facts.landing
    strongly = in_words(facts.posterior, contested=here.aircraft.contested)
    there = f"{_where(here)}, {_clock(here)}"
    subject = f"{here.aircraft.label} at {there}: {strongly} a reported meeting [{known_how(here.kind)}]"
    lines: Lines = [
        ("Meeting", (facts.title, f"{facts.when}, {facts.where} ({facts.status})")),
        ("Reported by", (facts.links or facts.sources or ("the analyst's own file",))[:5]),
        ("By chance", (facts.chance,)),
        ("Speaks for it", _weighed(facts, 1)),
        ("Speaks against", _weighed(facts, -1)),
        *_some("Innocent causes", facts.innocent),
        *_some("Precedents", facts.precedents),
        *_some("Not known", ("; ".join(facts.missing),) if facts.missing else ()),
        *say_aircraft(here.aircraft),
        *_landing(here),
        _known(here),
        *_some("Links", here.links, 6),
        ("Next message", (here.next_message,)),
    ]
    footer = _footer(facts.match_id, here.attribution, here.why_you)
    return render(subject, subject + ".", lines, here.origin, footer, pictures, templates=templates)


def unmatched_mail(facts: MatchFacts, gone: WithdrawalFacts, *, templates: Path | None = None) -> Composed:
    """A stay that was said to be consistent with a reported meeting no longer is; as prominent as that was."""
    here = facts.landing
    subject = f"WITHDRAWN: {here.aircraft.label} at {_where(here)} — no longer consistent with the reported meeting"
    lines: Lines = [
        ("We said", (gone.said, f"sent {say_both(gone.said_at, here.tz)} to {', '.join(gone.to) or 'you'}")),
        ("Meeting", (facts.title, f"{facts.when}, {facts.where} ({facts.status})")),
        ("Why it was wrong", (gone.why,)),
        ("What stands", (f"the landing: {_headline(here)} [{known_how(here.kind)}]",)),
        *say_aircraft(here.aircraft),
        ("Next message", ("when another report fits, when it leaves or the landing is corrected; otherwise in the next brief",)),
    ]
    headline = f"{subject}. Please do not rely on the earlier message."
    return render(subject, headline, lines, here.origin, _footer(facts.match_id, here.attribution), tone="warning", templates=templates)


def withdrawal_mail(facts: WithdrawalFacts, *, templates: Path | None = None) -> Composed:
    """What was announced no longer holds; as prominent as the announcement, and to the same people."""
    there = f"{_where(facts.landing)} {_clock(facts.landing)}"
    subject = f"WITHDRAWN: {facts.landing.aircraft.label} at {there} — do not rely on the earlier alert"
    known = "no such landing is shown by the positions received since; where the aircraft went is not known"
    if facts.duplicate:
        known = "it is the same landing as one that stands; the aircraft landed once, not twice"
    lines: Lines = [
        ("We said", (facts.said,)),
        ("When, to whom", (f"sent {say_both(facts.said_at, facts.landing.tz)} to {', '.join(facts.to) or 'you'}",)),
        ("Why it was wrong", (facts.why,)),
        ("What is known", (known,)),
        *say_aircraft(facts.landing.aircraft),
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
        ("What changed", (_changed(facts),)),
        *_landing(facts.landing),
        _known(facts.landing),
        *say_aircraft(facts.landing.aircraft),
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
    seen = facts.kind != "inferred"
    clock = local_clock(facts.take_off, here.tz)
    tag = {"observed": " [take-off seen]", "inferred": " [take-off not seen]"}.get(facts.kind, "")
    subject = (
        f"{here.aircraft.label} {'left' if seen else 'probably left'} {_where(here)} {'' if seen else 'about '}{clock} after {stayed}{tag}"
    )
    sure = f" {_within(facts.within_s)}" if facts.within_s >= 1 else ""
    lines: Lines = [
        ("Left" if seen else "Probably left", (f"{say_both(facts.take_off, here.tz)}{sure}", *((facts.reason,) if facts.reason else ()))),
        ("On the ground", (f"{stayed}, since {say_both(here.touchdown, here.tz)}",)),
        ("To", (facts.to_name or "not known yet",)),
        ("Reports", say_reports(here.fits, here.reports_read)),
        *say_aircraft(here.aircraft),
        *_some("Links", here.links),
        ("Next message", ("when a reported meeting fits the stay, or when it is corrected or withdrawn; otherwise in the next brief",)),
    ]
    return render(subject, f"{subject}.", lines, here.origin, _footer(here.landing_id, here.attribution), templates=templates)


def inbound_mail(facts: InboundFacts, *, templates: Path | None = None) -> Composed:
    """A watched aircraft is in the air and may be heading for a place somebody cares about."""
    when = f", there about {facts.eta}" if facts.eta else ""
    subject = f"{facts.aircraft.label} in the air, may be heading for {facts.heading}{when} [not landed]"
    lines: Lines = [
        ("May be heading for", facts.places or ("not known",)),
        ("Last seen", (facts.seen,)),
        ("From", (facts.from_name or "not seen",)),
        *say_aircraft(facts.aircraft),
        *_some("Links", facts.links),
        ("Next message", (f"how it ended: landed, turned back, or not known ({facts.closes})",)),
    ]
    return render(subject, f"{subject}.", lines, facts.origin, (facts.subject_id, *facts.attribution), templates=templates)


def outcome_mail(facts: OutcomeFacts, *, templates: Path | None = None) -> Composed:
    """How an announced inbound flight ended, to everybody who was told of it."""
    about = facts.inbound
    ended = {"landed": "landed", "turned_back": "turned back", "unknown": "out of sight, where it landed is not known"}[facts.outcome]
    subject = f"{about.aircraft.label}, earlier said to be heading for {about.heading}: {ended}"
    lines: Lines = [
        ("How it ended", (facts.what,)),
        ("We said", (facts.said, f"sent {say_both(facts.said_at, 'UTC')}")),
        *say_aircraft(about.aircraft),
        *_some("Links", about.links),
        ("Next message", ("none about this flight",) if facts.outcome != "landed" else ("about its stay, as for every landing",)),
    ]
    return render(subject, f"{subject}.", lines, about.origin, (about.subject_id, *about.attribution), templates=templates)


def _changed(facts: UpdateFacts) -> str:
    """In words; each value before and after is in ``tarmac explain``."""
    if facts.what == "confirmed":
        return "it has now been seen on the ground; before, the landing itself had not been seen"
    if facts.what == "moved":
        return f"the airfield: {facts.landing.airport_name} ({facts.landing.airport}), not {facts.before}; what was received since shows it"
    return f"the time: {local_clock(facts.landing.touchdown, facts.landing.tz)}, not {facts.before}; what was received since shows it"


def say_reports(fits: Sequence[str], reports_read: str) -> tuple[str, ...]:
    """What fits, or that nothing was found, each with what was read; that nothing was read is not that nothing was found."""
    if reports_read == NO_REPORTS:
        return (*fits, "No source of reports was read.") if fits else ("No source of reports was read: whether one exists is not known.",)
    return (*fits, f"Read: {reports_read}.") if fits else (f"No report found in the sources read: {reports_read}.",)


def nothing_found(reports_read: str) -> str:
    """How a subject says that no report is known."""
    return "no reports read" if reports_read == NO_REPORTS else "no visit found"


def _weighed(facts: MatchFacts, sign: int) -> tuple[str, ...]:
    """The evidence that counts for (or against) it, the weightiest first; the numbers are in the waterfall of ``explain``."""
    rows = [(bits * sign, said) for name, said, bits in facts.waterfall if bits * sign >= _WEIGHS and name != "prior"]
    return tuple(without_numbers(said) for _, said in sorted(rows, reverse=True)[:4]) or ("nothing that weighs much",)


def _headline(facts: LandingFacts) -> str:
    return f"{facts.aircraft.label} {landed(facts)} {_where(facts)} {_clock(facts)}"


def _clock(facts: LandingFacts) -> str:
    """When it landed, on the place's clock; with the day where that may not be today."""
    clock = local_clock(facts.touchdown, facts.tz)
    if facts.learned is None or (facts.learned - facts.touchdown).total_seconds() <= _ANOTHER_DAY_S:
        return clock
    there = local(facts.touchdown, facts.tz)
    return f"{there.day} {there:%b %Y} {clock}"


def _where(facts: LandingFacts) -> str:
    return short_airport(facts.airport_name, facts.city)


def say_aircraft(a: AircraftFacts) -> Lines:
    """What it is, who says so, and that we do not know who was aboard."""
    dates = "" if a.dates_known else "; since when is not known"
    doubt = ("The identity is disputed.",) if a.contested else ()
    what = f"{a.registration or a.icao24} ({a.icao24}), {a.type or 'type unknown'}"
    operator = f"{a.operator or 'operator unknown'}, says {a.source or 'no source'}{dates}"
    return [("Aircraft", (what, operator, *doubt, NOT_ABOARD))]


def _landing(facts: LandingFacts) -> Lines:
    span = max((facts.touchdown - facts.earliest).total_seconds(), (facts.latest - facts.touchdown).total_seconds())
    sure = _within(span)
    runway = f", runway {facts.runway}" if facts.runway else ""
    city = "" if facts.city.casefold() in facts.airport_name.casefold() else f", {facts.city}"
    came = f"{facts.from_name} ({facts.from_airport})" if facts.from_airport else "not seen"
    before = (f"before that: {', '.join(facts.stops)}",) if facts.stops else ()
    late: tuple[str, ...] = ()
    if facts.learned and (facts.learned - facts.touchdown).total_seconds() > _LEARNED_LATE_S:
        late = (f"LATE: learned {say_gap((facts.learned - facts.touchdown).total_seconds())} after it",)
    where = f"{facts.airport_name} ({facts.airport}){city}{runway}"
    return [("When, where", (f"{say_both(facts.touchdown, facts.tz)} {sure}", where, *late)), ("From", (came, *before))]


def _within(seconds: float) -> str:
    """``± 10 s``, never broken over two lines."""
    return f"±\u00a0{seconds:.0f}\u00a0s" if seconds < 120 else f"±\u00a0{seconds / 60:.0f}\u00a0min"


def _known(facts: LandingFacts) -> tuple[str, tuple[str | Link, ...]]:
    networks = facts.witnesses or ", ".join(facts.networks) or "unknown"
    return ("How known", (f"{facts.reason} ({how_sure(facts.confidence)}); received by {networks}",))


def _some(name: str, values: Sequence[str | Link], most: int = 4) -> Lines:
    return [(name, tuple(values[:most]))] if values else []


def _footer(subject_id: str, attribution: tuple[str, ...], why: str = "") -> tuple[str, ...]:
    you = (f"Why you get this: {why}",) if why else ()
    return (*say_evidence(subject_id), *you, *attribution)

"""Facts → messages: a subject, a text that is complete by itself, and HTML with an inline map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.alerts.facts import NO_REPORTS, BriefFacts, LandingFacts, MatchFacts, WithdrawalFacts
from pipeline.alerts.wording import NOT_ABOARD, RECONSTRUCTION_LINE, in_words, known_how, labelled, landed, local_clock
from pipeline.export.text import clean, short_airport
from pipeline.model.origin import Origin
from pipeline.model.time import say_both, to_iso

if TYPE_CHECKING:
    from jinja2 import Environment

Lines = list[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG shown in a mail, with the words for those who do not see it."""

    content_id: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


def landing_mail(facts: LandingFacts, pictures: Sequence[Picture] = ()) -> Composed:
    """A watched aircraft landed."""
    nothing = "no visit found" if facts.reports_read != NO_REPORTS else "no reports read"
    report = "consistent with a reported meeting" if facts.fits else nothing
    subject = f"{_headline(facts)} — {report} [{known_how(facts.kind)}]"
    lines = [*_aircraft(facts), *_landing(facts)]
    read = f"Read: {facts.reports_read}."
    unread = "No source of reports was read." if facts.reports_read == NO_REPORTS else f"No report found in the sources read. {read}"
    lines.append(("Reports", (*facts.fits, read) if facts.fits else (unread,)))
    lines.append(("How unusual", (facts.rarity,)))
    lines += _some("Precedents", facts.precedents) + _some("Innocent causes", facts.innocent)
    lines.append(("Also here", facts.also_here or ("no other watched aircraft seen in these data; coverage here is not measured",)))
    lines.append(("Next message", (facts.next_message,)))
    return _render(subject, f"{_headline(facts)}.", lines, facts.origin, _footer(facts.landing_id, facts.attribution), pictures)


def match_mail(facts: MatchFacts, pictures: Sequence[Picture] = ()) -> Composed:
    """A reported meeting fits a stay."""
    who = facts.landing.aircraft.label
    there = f"{short_airport(facts.landing.airport_name, facts.landing.city)}, {local_clock(facts.landing.touchdown, facts.landing.tz)}"
    subject = f"{who} at {there}: {in_words(facts.posterior, contested=facts.landing.aircraft.contested)} a reported meeting"
    lines: Lines = [
        ("Meeting", (facts.title, f"{facts.when}, {facts.where} ({facts.status})")),
        ("Reported by", facts.sources or ("the analyst's own file",)),
        ("The fit", (facts.sentence,)),
        ("By chance", (facts.chance,)),
        ("Evidence", tuple(f"{name}: {said} ({bits:+.1f} bits)" for name, said, bits in facts.waterfall)),
    ]
    lines += [*_some("Missing", facts.missing), *_aircraft(facts.landing), *_landing(facts.landing)]
    return _render(subject, subject + ".", lines, facts.landing.origin, _footer(facts.match_id, facts.landing.attribution), pictures)


def withdrawal_mail(facts: WithdrawalFacts) -> Composed:
    """What was announced no longer holds; as prominent as the announcement."""
    subject = f"WITHDRAWN: {facts.landing.aircraft.label} at {short_airport(facts.landing.airport_name, facts.landing.city)}"
    lines: Lines = [
        ("We said", (facts.said, f"sent {to_iso(facts.said_at)}")),
        ("Why it was wrong", (facts.why,)),
        *_aircraft(facts.landing),
    ]
    return _render(
        subject,
        f"{subject}. Please do not rely on the earlier message.",
        lines,
        facts.landing.origin,
        _footer(facts.landing.landing_id, ()),
    )


def test_mail(recipient: str, now: datetime) -> Composed:
    """Proves that delivery works."""
    lines: Lines = [("Sent", (to_iso(now),)), ("To", (recipient,))]
    return _render("tarmac: test message", "This is a test message. If you read it, alerts can reach you.", lines, Origin.LIVE, ())


test_mail.__test__ = False  # type: ignore[attr-defined]


def compose_brief(facts: BriefFacts) -> Composed:
    """The morning page, under 60 lines."""

    def some(items: tuple[str, ...], none: str, most: int = 8) -> tuple[str, ...]:
        more = (f"… and {len(items) - most} more",) if len(items) > most else ()
        return (*items[:most], *more) or (none,)

    lines: Lines = [
        ("Sources", facts.state_lines[:6]),
        ("To look at", some(facts.to_look_at, "nothing", 3)),
        ("Changed", some(facts.changed, "nothing")),
        ("In the air", some(facts.in_the_air, "no watched aircraft seen flying")),
        ("Out of sight", some(facts.out_of_sight, "none lost in the air")),
        ("Routine", (f"{facts.routine_hidden} landings at home, in the own state or routine, not shown",)),
    ]
    subject = f"tarmac brief, {facts.as_of:%d %b %Y %H:%M} UTC"
    return _render(subject, subject, lines, facts.origin, facts.attribution)


def _headline(facts: LandingFacts) -> str:
    where = short_airport(facts.airport_name, facts.city)
    return f"{facts.aircraft.label} {landed(facts)} {where} {local_clock(facts.touchdown, facts.tz)}"


def _aircraft(facts: LandingFacts) -> Lines:
    a = facts.aircraft
    dates = "" if a.dates_known else "; since when is not known"
    doubt = ("The identity is disputed.",) if a.contested else ()
    what = f"{a.registration or a.icao24} ({a.icao24}), {a.type or 'type unknown'}, {a.operator or 'operator unknown'}"
    return [("Aircraft", (what, *doubt)), ("Who says so", (f"{a.source or 'no source'}{dates}",)), ("Not known", (NOT_ABOARD,))]


def _landing(facts: LandingFacts) -> Lines:
    span = max((facts.touchdown - facts.earliest).total_seconds(), (facts.latest - facts.touchdown).total_seconds())
    sure = f"± {span:.0f} s" if span < 120 else f"± {span / 60:.0f} min"
    runway = f", runway {facts.runway}" if facts.runway else ""
    came = f"{facts.from_name} ({facts.from_airport})" if facts.from_airport else "not seen"
    return [
        ("When", (f"{say_both(facts.touchdown, facts.tz)} {sure}",)),
        ("Where", (f"{facts.airport_name} ({facts.airport}), {facts.city}{runway}",)),
        ("From", (came,)),
        ("How known", (f"{facts.reason} (confidence {facts.confidence:.2f})", f"seen by: {', '.join(facts.networks) or 'unknown'}")),
    ]


def _some(name: str, values: tuple[str, ...]) -> Lines:
    return [(name, values[:4])] if values else []


def _footer(subject_id: str, attribution: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{subject_id} · more: tarmac explain {subject_id}", *attribution)


def _render(subject: str, headline: str, lines: Lines, origin: Origin, footer: Sequence[str], pictures: Sequence[Picture] = ()) -> Composed:
    subject = clean(labelled(subject, origin), 250)
    context = {
        "subject": subject,
        "headline": clean(headline, 400),
        "lines": [(name, [clean(v, 400) for v in values]) for name, values in lines],
        "reconstruction": RECONSTRUCTION_LINE if origin is Origin.RECONSTRUCTED else "",
        "footer": [clean(line, 300) for line in footer],
        "images": [(p.content_id, clean(p.alt, 400)) for p in pictures],
    }
    return Composed(
        subject=subject,
        text=_environment(html=False).get_template("mail.txt").render(context).strip() + "\n",
        html=_environment(html=True).get_template("mail.html").render(context),
        pictures=tuple(pictures),
    )


@cache
def _environment(*, html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).with_name("templates"))
    return Environment(loader=loader, autoescape=html, undefined=StrictUndefined, trim_blocks=False, keep_trailing_newline=True)  # noqa: S701

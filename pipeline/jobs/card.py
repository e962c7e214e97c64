"""``tarmac card``: one landing as a picture, its alternative text and a post, refused while an embargo holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.alerts.facts import LandingFacts
from pipeline.alerts.wording import NOT_ABOARD, RECONSTRUCTION, known_how, landed, local_clock
from pipeline.export.card import draw_card
from pipeline.export.text import clean, short_airport
from pipeline.jobs.announce import Announcer
from pipeline.jobs.world import World
from pipeline.model.errors import NotFound, UsageError
from pipeline.model.frames import records
from pipeline.model.ids import IdKind
from pipeline.model.origin import Origin
from pipeline.model.time import say_both, to_iso
from pipeline.store.store import Store

#: A post is at most this long.
POST = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    name: str
    png: bytes
    alt: str
    post: str


def make_card(store: Store, world: World, prefix: str, *, now: datetime) -> Card:
    """The card of a landing or of the landing that a stay began with.

    Raises:
        NotFound: no such landing, or its aircraft is not watched.
        UsageError: an embargo holds, or the landing was withdrawn.
    """
    with store.read() as session:
        kind, subject_id = session.resolve(prefix)
        if kind is IdKind.STAY:
            subject_id = records(session.stays.get(subject_id))[0]["landing_id"]
        elif kind is not IdKind.LANDING:
            raise NotFound(f"{subject_id} is not a landing", hint="tarmac export landings lists them")
        row = records(session.landings.get(subject_id))[0]
        if row["lifecycle"] in ("withdrawn", "superseded"):
            raise UsageError(f"{subject_id} was {row['lifecycle']}", hint=f"tarmac explain {subject_id} says why")
        reporter = Announcer(session, world, now)
        facts = reporter.landing_facts(row)
        if facts is None or row["kind"] == "open_approach":
            raise NotFound(f"{subject_id} is no landing of a watched aircraft", hint="tarmac watchlist list")
        held = reporter.held(facts)
        if held is not None and now < held.until:
            raise UsageError(f"an embargo holds until {to_iso(held.until)}: {held.why}", hint="config/embargo.toml; [alerts] embargo")
        sketch = reporter.sketch(facts)
    image = sketch.draw()
    lines = _lines(facts)
    how = f"Derived from positions received by {', '.join(facts.networks) or 'unknown'}; {known_how(facts.kind)}. {NOT_ABOARD}"
    label = "reconstruction-" if facts.origin is Origin.RECONSTRUCTED else ""
    return Card(
        name=f"{label}{subject_id}.png",
        png=draw_card(image, headline=_headline(facts), lines=lines, how=how, attribution=facts.attribution, origin=facts.origin),
        alt=clean(f"{_headline(facts)}. {' '.join(lines)} {how} {image.alt}", 1000),
        post=post_of(facts),
    )


def post_of(facts: LandingFacts) -> str:
    """At most 280 characters, whole words, in permitted words; a reconstruction says so first."""
    flag = f"[{RECONSTRUCTION}] " if facts.origin is Origin.RECONSTRUCTED else ""
    when = f"{facts.touchdown.day} {facts.touchdown:%b %Y}"
    head = f"{flag}{_headline(facts)}, {when} [{known_how(facts.kind)}]."
    came = f" From {facts.from_name or facts.from_airport}." if facts.from_airport else ""
    rest = [came, f" {NOT_ABOARD}", f" Positions: {', '.join(facts.networks)}." if facts.networks else ""]
    for part in sorted(rest, key=len):
        head = head + part if len(head) + len(part) <= POST else head
    return clean(head, POST)


def _headline(facts: LandingFacts) -> str:
    where = short_airport(facts.airport_name, facts.city)
    return clean(f"{facts.aircraft.label} {landed(facts)} {where} {local_clock(facts.touchdown, facts.tz)}", 200)


def _lines(facts: LandingFacts) -> tuple[str, ...]:
    a = facts.aircraft
    doubt = " The identity is disputed." if a.contested else ""
    came = f"From {facts.from_name} ({facts.from_airport})." if facts.from_airport else "Where it came from was not seen."
    return tuple(
        clean(line, 200)
        for line in (
            f"{say_both(facts.touchdown, facts.tz)}.",
            f"{a.type or 'Type unknown'}, {a.operator or 'operator unknown'}, says {a.source or 'no source'}.{doubt}",
            came,
        )
    )

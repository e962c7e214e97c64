"""Mentions of one meeting, and what they are together."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.meetings.extract.mentions import Mention
from pipeline.meetings.extract.where import Spot


@dataclass(slots=True)
class Group:
    """Mentions of one meeting; ``aside``: a plan without a place, told after what happened elsewhere."""

    spot: Spot | None
    mentions: list[Mention] = field(default_factory=list)
    background: bool = False
    aside: bool = False


def has_met(one: Group) -> bool:
    told = [m for m in one.mentions if m.what in ("meet", "receive", "summit") and not m.background]
    return any(m.tense == "past" or (m.tense == "noun" and m.dates and m.status == "reported") for m in told)


def is_weak(mention: Mention) -> bool:
    """Told by no word of meeting or visiting."""
    return all(e.weight == 0 for e in mention.clause.events)


def nobody_travels(one: Group) -> bool:
    """A visit of which no clause says who paid it."""
    return all(m.what in ("visit", "land") for m in one.mentions) and not any(p.strength for m in one.mentions for p in m.people)

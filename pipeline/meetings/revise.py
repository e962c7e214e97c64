"""A report that was read before and has changed: its meeting changes with it, and keeps what the report said first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from pipeline.meetings.describe import say_when
from pipeline.meetings.text import clean
from pipeline.model.entities import Meeting
from pipeline.places.gazetteer import fold

_MAX_NOTE: Final = 1000


def likeliest(known: Iterable[Meeting], one: Meeting) -> Meeting | None:
    """Of the meetings that a report told of before, the one that its new text tells of now; None when it tells of another.

    People in common say most, then the place, then the time: any one of the three may be what was corrected.
    """

    def likeness(m: Meeting) -> tuple[int, bool, float]:
        names = {fold(p.name) for p in m.participants if p.name} & {fold(p.name) for p in one.participants if p.name}
        return len(names), (m.city, m.country) == (one.city, one.country), -abs((m.start - one.start).total_seconds())

    best = max(known, key=likeness, default=None)
    if best is None:
        return None
    names, same_place, _ = likeness(best)
    states = {p.state for p in best.participants} & {p.state for p in one.participants} - {""}
    return best if names >= 2 or (same_place and (names or len(states) >= 2)) else None


def revise(old: Meeting, new: Meeting) -> Meeting:
    """``old``, which rests on one report alone, after that report changed to ``new``; what was said before stands in ``note``."""
    said = replace(
        new,
        meeting_id=old.meeting_id,
        sources=old.sources,
        published=min((p for p in (old.published, new.published) if p), default=None),
        origin=old.origin,
        note=old.note,
    )
    changes = [f"{name} {before}" for name, before, now in _told(old, said) if before != now]
    if not changes:
        return replace(old, participants=said.participants) if _known(said) > _known(old) else old
    note = f"changed by {new.sources[0]}; before: {', '.join(changes)}"
    return replace(said, note=clean("; ".join(n for n in (old.note, note) if n), limit=_MAX_NOTE))


def no_longer_told(old: Meeting, source: str) -> Meeting:
    """A record whose only report, changed, tells of it no more."""
    note = f"{source} no longer tells of it"
    return old if note in old.note else replace(old, note=clean("; ".join(n for n in (old.note, note) if n), limit=_MAX_NOTE))


def _told(old: Meeting, new: Meeting) -> Iterable[tuple[str, str, str]]:
    yield "days", say_when(old), say_when(new)
    yield "place", _place(old), _place(new)
    yield "status", old.status, new.status
    yield "who", _who(old), _who(new)


def _place(m: Meeting) -> str:
    return f"{m.city}, {m.country}" if m.city else m.country


def _who(m: Meeting) -> str:
    return " and ".join(sorted(p.name or f"{p.title} of {p.state}".strip() for p in m.participants))


def _known(m: Meeting) -> int:
    return sum(bool(p.name) + bool(p.title) + bool(p.agency) for p in m.participants)

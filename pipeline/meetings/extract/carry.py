"""What a meeting has from clauses that tell of no event: its day, where its own clauses say none, and whoever else took part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pipeline.meetings.extract.combine import meets
from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.groups import Group
from pipeline.meetings.extract.mentions import Mention
from pipeline.meetings.extract.people import Person, merged
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.resolve import resolve
from pipeline.model.extraction import Published

#: A date of a clause without an event belongs to one that begins so many words away at most.
_NEAR: Final = 80
#: News is told so many days afterwards at most.
_LATELY: Final = 3


def carry_dates(reading: Reading, groups: list[Group], published: Published) -> None:
    """A meeting whose clauses say no date has that of the clauses that tell of no event: the only one of a text, and the main one."""
    standing = [g for g in groups if not g.background and not g.aside]
    if not standing or any(m.dates for m in standing[0].mentions):
        return
    first = standing[0].mentions[0]
    near = [c for c in reading.clauses if abs(c.start - first.clause.start) <= _NEAR or c.end == first.clause.start]
    near = [c for c in near if not c.cue("call") and not c.cue("background")]
    dates: tuple[tuple[DateSpan, str], ...] = ()
    if len(standing) == 1:
        spare = [c for c in near if not c.events and not c.cue("say")]
        dates = tuple((d, _tense(c, first)) for c in spare for d in c.dates if d.kind != "length" and not d.ends)
    if not dates and first.tense != "future":
        dates = _days_before(near, first, published)
    if not dates and first.tense != "future":
        dates = tuple((d, "past") for d in reading.line_dates[:1] if d.kind == "day")
    if dates:
        standing[0].mentions[0] = replace(first, dates=dates)


def _tense(clause: Clause, first: Mention) -> str:
    """``arrived for two days; on Thursday they will sign``: a clause without an event has its own words of what is to come."""
    return "future" if clause.cue("future") or clause.cue("taking_place") else first.tense


def drop_overviews(groups: Sequence[Group]) -> None:
    """``will visit Albania and Serbia on 10-11 October; on Thursday he meets Rama in Tirana, on Friday …``: each stop has its own day."""
    dated = [g for g in groups if g.spot and g.spot.city and any(m.dates and not _is_overview(m) for m in g.mentions)]
    if len({g.spot.city for g in dated if g.spot}) < 2:
        return
    for one in dated:
        one.mentions[:] = [replace(m, dates=(), lengths=()) if _is_overview(m) else m for m in one.mentions]


def _is_overview(mention: Mention) -> bool:
    """A visit to no city, on several days."""
    several = bool(mention.lengths) or any(d.day2 or d.number2 >= 0 or d.kind in ("week", "month") for d, _ in mention.dates)
    return several and mention.what == "visit" and not any(s.role == "in" and s.city for s in mention.spots)


def _days_before(near: Sequence[Clause], first: Mention, published: Published) -> tuple[tuple[DateSpan, str], ...]:
    """``said on Sunday in Algiers … He met his colleague``: the day, shortly before publication, that the text tells it all of."""
    for clause in sorted(near, key=lambda c: abs(c.start - first.clause.start)):
        if clause.events and clause.start != first.clause.start:
            continue
        for span in clause.dates:
            days = resolve(span, published, "past") if span.kind in ("day", "weekday", "offset") and not span.ends else None
            if days is not None and published.day is not None and 0 <= (published.day - days.last).days <= _LATELY:
                return ((span, "past"),)
    return ()


def carry_people(groups: list[Group], all_people: Sequence[Person], present: Sequence[Person]) -> list[list[Person]]:
    """The participants of each group; one with a single state takes in those that other clauses name, and the main one those
    of whom the text says that they were ``present``."""
    out: list[list[Person]] = []
    for number, one in enumerate(groups):
        here = [p for m in one.mentions for p in m.people]
        if number == 0 and meets(one) and not one.background:
            here += [p for p in present if p.strength and not p.spokesman]
        told = {p.state for p in here if p.state}
        colleague = any(w.value == "counterpart" for m in one.mentions for w in m.clause.who)
        abroad = (number > 0 or colleague) and one.spot is not None and bool(told) and one.spot.country not in told
        if len(told) < 2 and not one.background and not one.aside and not abroad:
            elsewhere = [m.clause for g in groups if g is not one for m in g.mentions]
            free = [p for p in all_people if not any(c.start <= p.start < c.end for c in elsewhere)]
            named = any(p.strength == 2 for p in here)

            def acting(among: Sequence[Person], *, named: bool = named) -> list[Person]:
                return [p for p in among if (p.strength == 2 or (named and p.title == "state aircraft")) and not p.spokesman]

            strong = acting(free)
            if not here or len({p.state for p in (*here, *strong) if p.state}) < 2:
                strong = acting(all_people)
            if not here and not strong:  # "talks in Istanbul; X will lead the Greek delegation"
                strong = [p for p in free if p.strength == 1 and not p.spokesman]
            here += strong if here or one.spot else []
        strong_states = {p.state for p in here if p.strength and p.state}
        if len(strong_states) >= 2:
            here = [p for p in here if p.strength]
        out.append(merged(here))
    return out

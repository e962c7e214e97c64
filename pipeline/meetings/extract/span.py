"""The days of a meeting, from all that its mentions say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from pipeline.meetings.extract.groups import Group, has_met, is_weak
from pipeline.meetings.extract.mentions import Mention
from pipeline.meetings.extract.resolve import Days, resolve
from pipeline.model.extraction import Published

#: Dates of one stay in one place lie no farther apart than this.
MAX_STAY_DAYS: Final = 8
#: An announcement without a date is taken to mean the days after it.
OPEN_AHEAD_DAYS: Final = 14
#: A date so many words from a noun is the date of it.
_BESIDE: Final = 2


def days_of(one: Group, published: Published) -> tuple[Days | None, bool]:
    """The days of a meeting, and whether the text says them (else they follow from the day of publication)."""
    found: list[Days] = []
    dated_past = any(m.tense != "future" and m.dates and m.what != "land" for m in one.mentions) and has_met(one)
    met = any(m.what not in ("visit", "land") for m in one.mentions)
    told = any(m.dates and m.what != "land" for m in one.mentions)
    stops = [m for m in one.mentions if m.dates and not _is_tour(m) and not (told and m.what == "land")]
    firm = any(m.dates and not _in_passing(m) for m in one.mentions)
    for mention in one.mentions:
        if (firm and _in_passing(mention)) or (told and mention.what == "land"):
            continue
        # what comes next; "to Paris, Brussels and Kyiv May 27-30", and then each with its day
        if (mention.tense == "future" and mention.fresh and dated_past) or (stops and _is_tour(mention)):
            continue
        if met and mention.what in ("visit", "land") and _came_before(one, mention):
            continue
        exact_too = any(s.kind == "day" for s, _ in mention.dates)
        for span, tense in mention.dates:
            if exact_too and span.kind in ("week", "weekend", "month"):
                continue
            days = resolve(span, published, tense)
            if days is not None and (not found or _close(found, days)) and not _recalled(one, mention, days, published):
                found.append(days)
    lengths = [n for m in one.mentions for n in m.lengths]
    if (
        found
        and published.day is not None
        and any(_just_arrived(m) for m in one.mentions)
        and any(m.tense == "future" and m.dates for m in one.mentions)
        and abs((found[0].first - published.day).days) <= 2
    ):
        found.append(Days(published.day, published.day, "day"))
    if found:
        exact = [d for d in found if d.precision in ("day", "days")] or found[:1]
        first, last = min(d.first for d in exact), max(d.last for d in exact)
        if lengths and (last - first).days + 1 < lengths[0]:
            over = any(m.clause.cue("closing") for m in one.mentions)
            first = last - timedelta(days=lengths[0] - 1) if over else first
            last = first + timedelta(days=lengths[0] - 1)
        last = _till(one, last, published)
        precision = exact[0].precision if len(exact) == 1 and not lengths else "day" if first == last else "days"
        return Days(first, last, precision), True
    if published.day is None or one.background or one.mentions[0].dates:
        return None, False
    return _undated(one, published.day, lengths), False


def _till(one: Group, last: date, published: Published) -> date:
    """The end of a visit that the text says: "arrives on Monday and stays until Thursday"."""
    ends = [d.last for m in one.mentions for span in m.until if (d := resolve(span, published, "future")) is not None]
    return max([last, *(end for end in ends if 0 <= (end - last).days <= MAX_STAY_DAYS)])


def _recalled(one: Group, mention: Mention, days: Days, published: Published) -> bool:
    """A day of some time back that another clause than the first names, when the first names none: that one is of the day it is told."""
    first = one.mentions[0]
    if published.day is None or mention is first or first.dates or first.tense == "future" or is_weak(first):
        return False
    return (published.day - days.last).days > MAX_STAY_DAYS


def _in_passing(mention: Mention) -> bool:
    """``Plans for the trip were leaked on Monday``: a noun of visiting or meeting, neither people nor a place of its own, no date by it."""
    beside = any(
        0 <= d.start - e.end <= _BESIDE or 0 <= e.start - d.end <= _BESIDE for d, _ in mention.dates for e in mention.clause.events
    )
    return mention.tense == "noun" and not mention.people and not any(s.role == "in" for s in mention.spots) and not beside


def _came_before(one: Group, arrival: Mention) -> bool:
    """``had arrived the day before``; ``landed on 9 March``, where the talks are told from that day: ``on the following day``."""
    mine = {d.start for d, _ in arrival.dates}
    talks = [d for m in one.mentions if m.what not in ("visit", "land") for d, _ in m.dates]
    told_back = any(d.told_from_base and d.number < 0 for d, _ in arrival.dates)
    return told_back or any(d.base is not None and d.number > 0 and d.base.start in mine for d in talks)


def _is_tour(mention: Mention) -> bool:
    return len({s.city or s.country for s in mention.spots if s.role == "in"}) > 1


def _just_arrived(mention: Mention) -> bool:
    """Somebody's arrival without a date, beside a dated sequel, is of the day of publication; an aircraft with nobody named is no visit."""
    came = mention.what == "visit" or (mention.what == "land" and any(p.name for p in mention.people))
    return came and mention.tense == "past" and not mention.dates


def _undated(one: Group, day: date, lengths: list[int]) -> Days:
    if all(m.tense == "future" for m in one.mentions):
        return Days(day, day + timedelta(days=OPEN_AHEAD_DAYS), "unknown")
    rest = timedelta(days=lengths[0] - 1 if lengths else 0)
    over = any(m.clause.cue("closing") for m in one.mentions)
    day, last = (day - rest, day) if over else (day, day + rest)
    return Days(day, last, "day" if last == day else "days")


def _close(found: list[Days], new: Days) -> bool:
    return abs((new.first - found[0].first).days) <= MAX_STAY_DAYS

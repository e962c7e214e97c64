"""What days a date means in a report published on a day (or in a month, or on nobody knows what day)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from pipeline.meetings.extract.dates import DateSpan, real_day
from pipeline.model.extraction import Published

#: "He meets him on Friday", written on a Wednesday, is of the Friday to come.
_SOON: Final = 2


@dataclass(frozen=True, slots=True)
class Days:
    """``first`` to ``last``, both included. ``precision``: day, days, week or month (some day of them)."""

    first: date
    last: date
    precision: str


def resolve(span: DateSpan, published: Published, tense: str) -> Days | None:
    """The civil days that a date means, None when that depends on a day of publication that is not known.

    ``tense`` is past, present, future or noun: "on Monday" is the last Monday in a report of what was, the next one
    in a report of what will be, and the day itself in a report of a Monday.
    """
    if span.base is not None:
        base = resolve(span.base, published, "past" if span.number < 0 and tense != "future" else tense)
        day = (base.first if span.number < 0 else base.last) + timedelta(days=span.number) if base else None
        ahead = day is not None and published.day is not None and tense == "past" and day > published.day
        return Days(day, day, "day") if day and not ahead else None
    if span.part and (whole := resolve(replace(span, part=""), published, tense)) is not None:
        return _part_of(whole, span)
    if span.kind == "day":
        return _of_day(span, published, tense)
    if span.kind == "month":
        return _of_month(span, published, tense)
    if published.day is None:
        return None
    if span.kind == "weekday":
        return _of_weekday(span, published.day, tense)
    if span.kind == "offset":
        day = published.day + timedelta(days=span.number)
        return Days(day, day, "day")
    if span.kind in ("week", "weekend"):
        return _of_week(span, published.day, tense)
    return None


def _part_of(whole: Days, span: DateSpan) -> Days:
    """The first, middle or last third of a month; of a week its first three days, its middle, or Friday to Sunday."""
    if span.kind == "month":
        first, last = {"early": (0, 9), "mid": (9, 19), "late": (19, 30)}[span.part]
    else:
        first, last = {"early": (0, 2), "mid": (1, 3), "late": (4, 6)}[span.part]
    start = whole.first.replace(day=1) if span.kind == "month" else whole.first - timedelta(days=whole.first.weekday())
    days = (max(whole.first, start + timedelta(days=first)), min(whole.last, start + timedelta(days=last)))
    return Days(*days, whole.precision) if days[0] <= days[1] else whole


def _of_day(span: DateSpan, published: Published, tense: str) -> Days | None:
    year = span.year or _year(span, published, tense)
    first = real_day(year, span.month, span.day) if year else None
    if first is None:
        return None
    if not span.day2:
        return Days(first, first, "day")
    month2 = span.month2 or span.month
    last = real_day(first.year + (month2 < span.month), month2, span.day2)
    return Days(first, last, "days") if last and last > first else Days(first, first, "day")


def _year(span: DateSpan, published: Published, tense: str) -> int:
    """The year that brings the day closest to publication, on the side that the tense says."""
    anchor = published.day or (real_day(*published.month, 15) if published.month else None)
    if anchor is None:
        return 0
    found = [d for d in (real_day(anchor.year + n, span.month, span.day or 1) for n in (-1, 0, 1)) if d]
    if tense == "future":
        found = [d for d in found if d >= anchor - timedelta(days=7)] or found
    else:
        found = [d for d in found if d <= anchor + timedelta(days=31)] or found
    return min(found, key=lambda d: abs((d - anchor).days)).year if found else 0


def _of_month(span: DateSpan, published: Published, tense: str) -> Days | None:
    if not span.month:
        return _beside_month(published, 1 if span.modifier == "next" else -1)
    year = span.year or _year(span, published, tense)
    if not year:
        return None
    first = date(year, span.month, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Days(first, following - timedelta(days=1), "month")


def _beside_month(published: Published, step: int) -> Days | None:
    """The month after or before that of publication."""
    here = (published.day.year, published.day.month) if published.day else published.month
    if here is None:
        return None
    number = here[0] * 12 + here[1] - 1 + step
    first = date(number // 12, number % 12 + 1, 1)
    return Days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), "month")


def _of_weekday(span: DateSpan, published: date, tense: str) -> Days:
    def when(weekday: int) -> date:
        if span.modifier == "next":
            return published + timedelta(days=(weekday - published.weekday() - 1) % 7 + 1)
        if span.modifier == "last":
            return published - timedelta(days=(published.weekday() - weekday - 1) % 7 + 1)
        ahead = (weekday - published.weekday()) % 7
        if tense == "future" or (tense == "present" and ahead <= _SOON):
            return published + timedelta(days=ahead)
        return published - timedelta(days=(published.weekday() - weekday) % 7)

    first = when(span.number)
    if span.number2 < 0:
        return Days(first, first, "day")
    last = first + timedelta(days=(span.number2 - span.number) % 7)
    return Days(first, last, "days") if last > first else Days(first, first, "day")


def _of_week(span: DateSpan, published: date, tense: str) -> Days:
    monday = published - timedelta(days=published.weekday())
    if span.kind == "weekend":
        saturday = monday + timedelta(days=5)
        if tense != "future" and saturday > published:
            saturday -= timedelta(days=7)
        return Days(saturday, saturday + timedelta(days=1), "days")
    if span.modifier == "next":
        return Days(monday + timedelta(days=7), monday + timedelta(days=13), "week")
    if span.modifier == "last":
        return Days(monday - timedelta(days=7), monday - timedelta(days=1), "week")
    if tense == "future":
        return Days(published, monday + timedelta(days=6), "week")
    return Days(monday, published, "week")

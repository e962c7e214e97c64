"""What days a date means in a report published on a day (or in a month, or on nobody knows what day)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from pipeline.meetings.extract.dates import DateSpan, real_day
from pipeline.model.extraction import Published

#: "He meets him on Friday", written on a Wednesday, is of the Friday to come.
_SOON: Final = 4
_WEEK: Final = 7


#: "Later this week" is to come, whatever the tense of what is told.
_TENSE_OF_PART: Final = {"gone": "past", "rest": "future"}


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
        base = resolve(span.base, published, span.base.tense or ("past" if span.number < 0 and tense != "future" else tense))
        day = (base.first if span.number < 0 else base.last) + timedelta(days=span.number) if base else None
        ahead = day is not None and published.day is not None and tense == "past" and day > published.day
        return Days(day, day, "day") if day and not ahead else None
    if span.part and (whole := resolve(replace(span, part=""), published, _TENSE_OF_PART.get(span.part, tense))) is not None:
        return _part_of(whole, span)
    if span.kind == "day":
        return _of_day(span, published, tense)
    if span.kind == "month":
        return _of_month(span, published, tense)
    if span.kind == "weekday" and span.frame is not None and (framed := _in_frame(span, span.frame, published, tense)) is not None:
        return framed
    if published.day is None:
        return None
    if span.kind == "weekday":
        return _not_before(_of_weekday(span, published.day, tense), span, published, tense)
    if span.kind == "offset":
        if span.modifier == "ahead" and tense != "future":
            return None
        day = published.day + timedelta(days=span.number)
        return Days(day, day, "day")
    if span.kind in ("week", "weekend"):
        return _of_week(span, published.day, tense)
    return None


def _part_of(whole: Days, span: DateSpan) -> Days:
    """The first, middle or last third of a month; of a week its first three days, its middle, or Friday to Sunday."""
    if span.part in _TENSE_OF_PART:
        return _but_today(whole, span.part)
    if span.kind == "month":
        first, last = {"early": (0, 9), "mid": (9, 19), "late": (19, 30)}[span.part]
    else:
        first, last = {"early": (0, 2), "mid": (1, 3), "late": (4, 6)}[span.part]
    start = whole.first.replace(day=1) if span.kind == "month" else whole.first - timedelta(days=whole.first.weekday())
    days = (max(whole.first, start + timedelta(days=first)), min(whole.last, start + timedelta(days=last)))
    return Days(*days, whole.precision) if days[0] <= days[1] else whole


def _but_today(whole: Days, part: str) -> Days:
    """Earlier than the day of publication, which is the last of ``whole``; later than it, which is the first."""
    if whole.first == whole.last:
        return whole
    day = timedelta(days=1)
    return replace(whole, last=whole.last - day) if part == "gone" else replace(whole, first=whole.first + day)


def _of_day(span: DateSpan, published: Published, tense: str) -> Days | None:
    if not span.month:
        return _of_number(span, published, tense)
    year = span.year or _year(span, published, tense)
    first = real_day(year, span.month, span.day) if year else None
    if first is None:
        return None
    if not span.day2:
        return Days(first, first, "day")
    month2 = span.month2 or span.month
    last = real_day(first.year + (month2 < span.month), month2, span.day2)
    return Days(first, last, "days") if last and last > first else Days(first, first, "day")


def _of_number(span: DateSpan, published: Published, tense: str) -> Days | None:
    """``on the 9th``: the last such day up to publication, the next one of what is to come."""
    if published.day is None:
        return None
    here = published.day.year * 12 + published.day.month - 1
    ahead = tense == "future" or _soon(span, published.day, tense)
    for number in range(here, here + 3) if ahead else range(here, here - 3, -1):
        first = real_day(number // 12, number % 12 + 1, span.day)
        if first is None or (first < published.day if ahead else first > published.day):
            continue
        month2 = number + (span.day2 < span.day)
        last = real_day(month2 // 12, month2 % 12 + 1, span.day2) if span.day2 else None
        return Days(first, last, "days") if last is not None and last > first else Days(first, first, "day")
    return None


def _soon(span: DateSpan, published: date, tense: str) -> bool:
    """``meets Xi on the 9th``: the present is of a day at most so far ahead."""
    return tense == "present" and any((published + timedelta(days=n)).day == span.day for n in range(_SOON + 1))


def _year(span: DateSpan, published: Published, tense: str) -> int:
    """The year that brings the day closest to publication, on the side that the tense says."""
    anchor = published.day or (real_day(*published.month, 15) if published.month else None)
    if anchor is None:
        return 0
    found = [d for d in (real_day(anchor.year + n, span.month, span.day or 1) for n in (-1, 0, 1)) if d]
    if tense == "future":
        lasts = timedelta(days=7 if span.day else 31)  # a month that has begun may still be to come
        found = [d for d in found if d >= anchor - lasts] or found
    else:
        found = [d for d in found if d <= anchor + timedelta(days=31)] or found
    return min(found, key=lambda d: abs((d - anchor).days)).year if found else 0


def _of_month(span: DateSpan, published: Published, tense: str) -> Days | None:
    if not span.month and span.modifier == "this":
        return _this_month(published, tense)
    if not span.month:
        return _beside_month(published, 1 if span.modifier == "next" else -1)
    year = span.year or _year(span, published, tense)
    if not year:
        return None
    first = date(year, span.month, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Days(first, following - timedelta(days=1), "month")


def _this_month(published: Published, tense: str) -> Days | None:
    """The month of publication, up to that day or from it on."""
    whole = _beside_month(published, 0)
    if whole is None or published.day is None:
        return whole
    ahead = tense in ("future", "present")
    return Days(published.day if ahead else whole.first, whole.last if ahead else published.day, "month")


def _beside_month(published: Published, step: int) -> Days | None:
    """The month so many after that of publication."""
    here = (published.day.year, published.day.month) if published.day else published.month
    if here is None:
        return None
    number = here[0] * 12 + here[1] - 1 + step
    first = date(number // 12, number % 12 + 1, 1)
    return Days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), "month")


def _not_before(days: Days, span: DateSpan, published: Published, tense: str) -> Days:
    """``on Monday to Rabat, then on Wednesday to Cairo``: of a journey to come a later stop is no day of before."""
    before = resolve(span.after, published, tense) if span.after is not None and tense == "future" else None
    if before is None or days.first >= before.first:
        return days
    week = timedelta(days=_WEEK)
    return replace(days, first=days.first + week, last=days.last + week)


def _in_frame(span: DateSpan, frame: DateSpan, published: Published, tense: str) -> Days | None:
    """``will be in Greece from 30 to 31 May: talks on Monday``: the Monday of those days, unless they are of another time than it."""
    days = resolve(frame, published, tense)
    if days is None or span.modifier or (days.last - days.first).days >= _WEEK:
        return None
    if published.day is not None and (days.first > published.day if tense == "past" else tense == "future" and days.last < published.day):
        return None
    first = days.first + timedelta(days=(span.number - days.first.weekday()) % _WEEK)
    last = first + timedelta(days=(span.number2 - span.number) % _WEEK if span.number2 >= 0 else 0)
    return Days(first, last, "days" if last > first else "day") if last <= days.last else None


def _of_weekday(span: DateSpan, published: date, tense: str) -> Days:
    def when(weekday: int) -> date:
        if span.modifier in ("in_next", "in_last"):
            return published + timedelta(days=weekday - published.weekday() + (7 if span.modifier == "in_next" else -7))
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
    ahead = tense in ("future", "present")
    if span.kind == "weekend":
        saturday = monday + timedelta(days=span.number)  # in Israel a Friday
        if (span.modifier == "last" and saturday + timedelta(days=1) >= published) or (not ahead and saturday > published):
            saturday -= timedelta(days=7)
        if span.modifier == "next" and saturday <= published:
            saturday += timedelta(days=7)
        return Days(saturday, saturday + timedelta(days=1), "days")
    if span.modifier == "next":
        return Days(monday + timedelta(days=7), monday + timedelta(days=13), "week")
    if span.modifier == "last":
        return Days(monday - timedelta(days=7), monday - timedelta(days=1), "week")
    if ahead:
        return Days(published, monday + timedelta(days=6), "week")
    return Days(monday, published, "week")

"""When a report says that something took place: civil days at the place, clock times, or one of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.model.errors import BadTime
from pipeline.model.time import PLAUSIBLE_FROM, PLAUSIBLE_TO, civil_interval, local, parse_utc

#: How well the time of a meeting is known. ``minute``: clock times; ``days``: several civil days; ``unknown``: no more than a guess.
DATE_PRECISIONS = ("minute", "day", "days", "week", "month", "unknown")
#: An interval longer than this says nothing about one meeting.
MAX_DAYS = 366

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """UTC interval ``[start, end]`` and the civil days ``date_from … date_to`` at the place (both included)."""

    start: datetime
    end: datetime
    date_from: date
    date_to: date
    precision: str


@dataclass(frozen=True, slots=True)
class _Edge:
    start: datetime
    end: datetime
    date_from: date
    date_to: date
    precision: str


def parse_when(start: str, end: str, zones: Sequence[str], *, assume_utc: bool = False) -> When:
    """The interval that ``start`` and ``end`` say, each a civil day, a month (``2022-11``) or a time with an offset.

    Args:
        start: required.
        end: empty means: as ``start`` says by itself (that day; that moment).
        zones: IANA zones that the place may be in, its own (or the capital's) first; a civil day spans all of them.
        assume_utc: read a clock time without an offset as UTC.

    Raises:
        BadTime: not a time, a naive clock time, out of order, or longer than a year.
    """
    if not start.strip():
        raise BadTime("start is empty", hint="a civil day such as 2022-11-14, or a time such as 2022-11-14T09:00Z")
    first = _edge(start.strip(), zones, assume_utc)
    last = _edge(end.strip(), zones, assume_utc) if end.strip() else first
    if last.end < first.start or last.date_to < first.date_from:
        raise BadTime(f"end {end.strip()} is before start {start.strip()}", hint="start comes first")
    if last.end - first.start > timedelta(days=MAX_DAYS):
        raise BadTime(f"{start.strip()} to {end.strip() or start.strip()} is longer than {MAX_DAYS} days", hint="one row is one meeting")
    return _whole_days(first, last, zones[0])


def _edge(text: str, zones: Sequence[str], assume_utc: bool) -> _Edge:
    if _DAY.fullmatch(text):
        day = _day(text)
        return _civil(day, day, zones, "day")
    if _MONTH.fullmatch(text):
        first = _day(f"{text}-01")
        following = (first + timedelta(days=31)).replace(day=1)
        return _civil(first, following - timedelta(days=1), zones, "month")
    moment = parse_utc(text, assume_utc=assume_utc)
    there = local(moment, zones[0]).date()
    return _Edge(moment, moment, there, there, "minute")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadTime(f"{text!r} is not a day of the calendar", hint="year-month-day, such as 2022-11-14") from None
    if not PLAUSIBLE_FROM.date() <= day < PLAUSIBLE_TO.date():
        raise BadTime(f"{text!r} is not between 2000 and 2100", hint="check the year")
    return day


def _civil(date_from: date, date_to: date, zones: Sequence[str], precision: str) -> _Edge:
    spans = [civil_interval(date_from, date_to, tz) for tz in zones]
    return _Edge(min(s for s, _ in spans), max(e for _, e in spans), date_from, date_to, precision)


def _whole_days(first: _Edge, last: _Edge, tz: str) -> When:
    """An interval's end is not part of it: one that ends at local midnight ends on the day before."""
    if last.precision == "minute" and last.end > first.start:
        date_to = local(last.end - timedelta(microseconds=1), tz).date()
    else:
        date_to = last.date_to
    if first.precision == last.precision == "month" and first.date_from.replace(day=1) == last.date_from.replace(day=1):
        precision = "month"
    elif first.precision == last.precision == "minute" and not _is_civil(first.start, last.end, tz):
        precision = "minute"
    else:
        precision = "day" if first.date_from == date_to else "days"
    return When(start=first.start, end=last.end, date_from=first.date_from, date_to=date_to, precision=precision)


def _is_civil(start: datetime, end: datetime, tz: str) -> bool:
    there = (local(start, tz), local(end, tz))
    return end > start and all((t.hour, t.minute, t.second) == (0, 0, 0) for t in there)

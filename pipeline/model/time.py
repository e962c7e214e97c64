"""Time is timezone-aware UTC everywhere; people see UTC and the place's own time together.

A day without a clock time is a *civil day at the place*: ``civil_interval`` gives the UTC interval it spans.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.model.errors import BadTime

#: Outside this an epoch is a clock that jumped or a wrong unit, not a time of flight.
PLAUSIBLE_FROM = datetime(2000, 1, 1, tzinfo=UTC)
PLAUSIBLE_TO = datetime(2100, 1, 1, tzinfo=UTC)


def parse_utc(text: str, *, assume_utc: bool = False) -> datetime:
    """ISO 8601 text with an offset, or a numeric epoch in seconds or milliseconds, as aware UTC.

    Raises:
        BadTime: not a time, not plausible (before 2000 or after 2100), or no offset and not ``assume_utc``.
    """
    value = text.strip()
    try:
        return from_epoch(float(value))
    except ValueError:
        pass
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise BadTime(f"{text!r} is not a time", hint="ISO 8601 with an offset, such as 2022-11-14T08:26:00Z") from None
    if parsed.tzinfo is None:
        if not assume_utc:
            raise BadTime(f"{text!r} has no time zone", hint="end it with Z or +03:00, or pass --assume-utc")
        parsed = parsed.replace(tzinfo=UTC)
    return _plausible(parsed.astimezone(UTC), text)


def from_epoch(value: float) -> datetime:
    """Epoch seconds, or milliseconds when the number is too large to be seconds, as aware UTC.

    Raises:
        BadTime: not finite, or not between 2000 and 2100.
    """
    seconds = value / 1000 if abs(value) > 1e11 else value
    try:
        return _plausible(datetime.fromtimestamp(seconds, tz=UTC), str(value))
    except (OverflowError, OSError, ValueError):
        raise BadTime(f"{value!r} is not an epoch between 2000 and 2100", hint="seconds or milliseconds since 1970, UTC") from None


def _plausible(value: datetime, text: str) -> datetime:
    if not PLAUSIBLE_FROM <= value < PLAUSIBLE_TO:
        raise BadTime(f"{text!r} is not between 2000 and 2100", hint="check the sender's clock and the unit")
    return value


def require_utc(value: datetime) -> datetime:
    """The same instant as UTC.

    Raises:
        BadTime: naive.
    """
    if value.tzinfo is None:
        raise BadTime(f"{value.isoformat()} has no time zone", hint="attach a zone; tarmac stores aware UTC only")
    return value.astimezone(UTC)


def to_iso(value: datetime, *, microseconds: bool = False) -> str:
    """``2022-11-14T08:26:00Z``."""
    return require_utc(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ" if microseconds else "%Y-%m-%dT%H:%M:%SZ")


@cache
def zone(name: str) -> ZoneInfo:
    """An IANA time zone.

    Raises:
        BadTime: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise BadTime(f"{name!r} is not a time zone", hint="an IANA name, such as Europe/Istanbul") from None


def local(value: datetime, tz: str) -> datetime:
    """The same instant on the place's own clock."""
    return require_utc(value).astimezone(zone(tz))


def say_both(value: datetime, tz: str, *, with_day: bool = True) -> str:
    """``14 Nov 2022 08:26 UTC (11:26 local)``; the local day is named when it differs."""
    utc = require_utc(value)
    there = local(utc, tz)
    day = f"{utc.day} {utc:%b %Y} " if with_day else ""
    other = "" if there.date() == utc.date() else f" on {there.day} {there:%b}"
    return f"{day}{utc:%H:%M} UTC ({there:%H:%M} local{other})"


def credible_year(year: int) -> bool:
    """Whether anything that we read can have been said in it: an empty date is often written as the year 1 or 9999."""
    return 1900 <= year <= 2199


def civil_interval(date_from: date, date_to: date, tz: str) -> tuple[datetime, datetime]:
    """The UTC interval ``[start, end)`` that civil days ``date_from … date_to`` (both included) span at a place.

    Raises:
        BadTime: the days are in the wrong order.
    """
    if date_to < date_from:
        raise BadTime(f"{date_to} is before {date_from}", hint="date_from comes first")
    there = zone(tz)
    start = datetime(date_from.year, date_from.month, date_from.day, tzinfo=there)
    after = date_to + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=there)
    return start.astimezone(UTC), end.astimezone(UTC)

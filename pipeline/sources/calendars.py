"""iCalendar (RFC 5545) and the State Department Historian's XML of travels and visits: dated records, as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from pipeline.model.errors import BadAnswer

MAX_EVENTS: Final = 20_000
ATTRIBUTION: Final = "US Department of State, Office of the Historian (public domain)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """``first`` and ``last`` are civil days in the event's own zone, both included; ``start`` is None for an event of whole days."""

    uid: str
    summary: str
    description: str
    location: str
    url: str
    first: date
    last: date
    start: datetime | None
    end: datetime | None
    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRecord:
    """A journey of a US president or secretary of state, or (``to_us``) a visit of a foreign leader. Countries are names as written."""

    record_id: str
    person: str
    role: str
    country: str
    places: tuple[str, ...]
    first: date
    last: date
    remarks: str
    to_us: bool


def parse_calendar(body: bytes) -> tuple[list[CalendarEvent], list[str]]:
    """The events of an iCalendar text, and the reasons why some were left out.

    Raises:
        BadAnswer: not an iCalendar text.
    """
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(body, multiple=True)
    except (ValueError, IndexError, KeyError) as error:
        raise BadAnswer(f"not an iCalendar text: {str(error)[:120]}", hint="a file that begins with BEGIN:VCALENDAR") from None
    found: list[CalendarEvent] = []
    problems: list[str] = []
    for calendar in calendars:
        for event in calendar.walk("VEVENT")[:MAX_EVENTS]:
            try:
                found.append(_event(event))
            except (KeyError, ValueError, AttributeError, TypeError) as error:
                problems.append(f"{str(event.get('SUMMARY', 'an event'))[:80]}: {error or 'no start'}")
    if not calendars:
        raise BadAnswer("not an iCalendar text: empty", hint="a file that begins with BEGIN:VCALENDAR")
    return found, problems


def _event(event: Any) -> CalendarEvent:
    start = event.decoded("DTSTART")
    end = event.decoded("DTEND") if "DTEND" in event else start + event.decoded("DURATION") if "DURATION" in event else None
    whole = not isinstance(start, datetime)
    if whole:
        last = max(start, (end or start + timedelta(days=1)) - timedelta(days=1))
        first = start
    else:
        if start.tzinfo is None:
            raise ValueError("a clock time without a zone")
        first, last = start.date(), (end or start).date()
    return CalendarEvent(
        uid=str(event.get("UID", "")),
        summary=str(event.get("SUMMARY", "")),
        description=str(event.get("DESCRIPTION", "")),
        location=str(event.get("LOCATION", "")),
        url=str(event.get("URL", "")),
        first=first,
        last=last,
        start=None if whole else start.astimezone(UTC),
        end=None if whole else (end or start).astimezone(UTC),
        cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def parse_state_records(body: bytes) -> tuple[list[StateRecord], list[str]]:
    """The trips or visits of one of the Historian's XML files; of a record that is there twice, one.

    Raises:
        BadAnswer: not XML, XML with a DTD, or neither trips nor visits.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadAnswer(f"not plain XML: {error}", hint="travels/*.xml or visits/*.xml of the Office of the Historian") from None
    if root.tag not in ("trips", "visits"):
        raise BadAnswer(
            f"<{root.tag}> is neither <trips> nor <visits>", hint="travels/*.xml or visits/*.xml of the Office of the Historian"
        )
    found: dict[tuple[Any, ...], StateRecord] = {}
    problems: list[str] = []
    for element in root:
        for made in _records(element, problems):
            found.setdefault((made.person, made.country, made.places, made.first, made.last), made)
    return list(found.values()), problems


def _records(element: Element, problems: list[str]) -> Iterator[StateRecord]:
    to_us = element.tag == "visit"
    text = {child.tag: " ".join("".join(child.itertext()).split()) for child in element}
    name = text.get("visitor" if to_us else "name", "")
    try:
        first = date.fromisoformat(text.get("start-date", ""))
        last = date.fromisoformat(text.get("end-date") or text["start-date"])
    except ValueError:
        problems.append(f"{text.get('id', '?')}: no dates")
        return
    countries = [" ".join("".join(c.itertext()).split()) for c in element.findall("from" if to_us else "country")]
    if not name or not countries or last < first:
        problems.append(f"{text.get('id', '?')}: no name, no country, or dates out of order")
        return
    locale = text.get("locale", "")
    yield StateRecord(
        record_id=text.get("id", ""),
        person=name,
        role=text.get("role") or element.get("role") or "",
        country=countries[0],
        places=tuple(p.strip() for p in locale.replace(";", ",").split(",") if p.strip()),
        first=first,
        last=last,
        remarks=text.get("remarks") or text.get("description") or "",
        to_us=to_us,
    )

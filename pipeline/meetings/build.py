"""Making meetings: from what an analyst types, and between entities and frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import cast

import pandas as pd

from pipeline.meetings.place import PLACE_PRECISIONS, MeetingPlace, check_state, resolve_place, suggestions
from pipeline.meetings.text import clean
from pipeline.meetings.when import DATE_PRECISIONS, parse_when
from pipeline.model.entities import Meeting, Participant, PlacePrecision
from pipeline.model.errors import BadIdentifier, NotFound, UsageError
from pipeline.model.frames import MEETINGS
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.participants import format_participants, parse_participants
from pipeline.model.time import parse_utc, to_iso
from pipeline.places.gazetteer import Gazetteer, fold

__all__ = ["format_participants", "make_meeting", "meetings_frame", "meetings_from_frame", "parse_participants"]

STATUSES = tuple(s for s in MEETINGS.allowed["status"] if s)
KINDS = tuple(k for k in MEETINGS.allowed["kind"] if k)
_NO_CITY = "not a place we know: matched at the level of its country"


def make_meeting(
    *,
    gazetteer: Gazetteer,
    title: str,
    start: str,
    city: str = "",
    country: str = "",
    end: str = "",
    participants: str | Sequence[Participant] = (),
    sources: str | Sequence[str] = (),
    published: str = "",
    meeting_id: str = "",
    status: str = "",
    kind: str = "",
    precision: str = "",
    date_precision: str = "",
    note: str = "",
    origin: Origin = Origin.RECORDED,
    assume_utc: bool = False,
    keep_unknown: bool = False,
) -> Meeting:
    """A meeting from text fields, as a CSV row or a command line gives them.

    ``start`` and ``end`` are civil days at the place, months, or times with an offset (``when.parse_when``).
    An empty ``meeting_id`` is minted from title, place and interval, so that the same row gives the same id.
    A city that the gazetteer lacks is refused, or with ``keep_unknown`` kept by name with precision ``country``;
    so are state codes that are no state's.

    Raises:
        BadTime: the times cannot be read, or have no zone.
        BadIdentifier: a state, status, kind or precision that does not exist.
        NotFound: the place is not known; the hint names the closest.
        UsageError: no title.
    """
    name = clean(title)
    if not name:
        raise UsageError("the title is empty", hint="one line that says who met whom")
    place = resolve_place(city, country, gazetteer, keep_unknown=keep_unknown)
    if not place.known and not keep_unknown:
        raise _unknown_city(place, gazetteer)
    when = parse_when(start, end, place.zones, assume_utc=assume_utc)
    people = parse_participants(participants) if isinstance(participants, str) else tuple(participants)
    given = sources.split(";") if isinstance(sources, str) else sources
    said = clean(note, limit=1000)
    return Meeting(
        meeting_id=_identifier(meeting_id)
        or mint(IdKind.MEETING, fold(name), fold(place.city), place.country, to_iso(when.start), to_iso(when.end)),
        title=name,
        city=place.city,
        country=place.country,
        start=when.start,
        end=when.end,
        participants=tuple(_participant(p, keep_unknown=keep_unknown) for p in people),
        sources=tuple(dict.fromkeys(s for s in (clean(s, limit=500) for s in given) if s)),
        precision=_precision(precision, place),
        date_from=when.date_from,
        date_to=when.date_to,
        date_precision=_one_of(date_precision, DATE_PRECISIONS, "date_precision", when.precision),
        published=_published(published, assume_utc=assume_utc),
        status=_one_of(status, STATUSES, "status", "reported"),
        kind=_one_of(kind, KINDS, "kind", "meeting"),
        note=said if place.known else "; ".join(n for n in (said, f"{place.city}: {_NO_CITY}") if n),
        origin=origin,
    )


def meetings_frame(meetings: Iterable[Meeting]) -> pd.DataFrame:
    """Meetings as a ``MEETINGS`` frame, in the same order (``note`` has no column there); whoever takes it in validates it."""
    rows = [
        {
            "meeting_id": m.meeting_id,
            "title": m.title,
            "city": m.city,
            "country": m.country,
            "precision": m.precision,
            "date_from": m.date_from.isoformat() if m.date_from else "",
            "date_to": m.date_to.isoformat() if m.date_to else "",
            "date_precision": m.date_precision,
            "start": m.start,
            "end": m.end,
            "participants": format_participants(m.participants),
            "sources": ";".join(s.replace(";", ",") for s in m.sources),
            "published": m.published,
            "status": m.status,
            "kind": m.kind,
            "origin": str(m.origin),
        }
        for m in meetings
    ]
    return MEETINGS.cast(rows)


def meetings_from_frame(frame: pd.DataFrame) -> list[Meeting]:
    """The entities of a ``MEETINGS`` frame, in the same order.

    Raises:
        BadIdentifier: a participants text that cannot be read.
    """
    return [_from_row(cast("dict[str, object]", row)) for row in frame.to_dict("records")]


def _from_row(row: dict[str, object]) -> Meeting:
    text = {key: value if isinstance(value, str) else "" for key, value in row.items()}
    return Meeting(
        meeting_id=text["meeting_id"],
        title=text["title"],
        city=text["city"],
        country=text["country"],
        start=_moment(row["start"]),
        end=_moment(row["end"]),
        participants=parse_participants(text["participants"]),
        sources=tuple(s for s in text["sources"].split(";") if s),
        precision=cast("PlacePrecision", text["precision"] or ("city" if text["city"] else "country")),
        date_from=date.fromisoformat(text["date_from"]) if text["date_from"] else None,
        date_to=date.fromisoformat(text["date_to"]) if text["date_to"] else None,
        date_precision=text["date_precision"] or "unknown",
        published=None if pd.isna(cast("pd.Timestamp", row["published"])) else _moment(row["published"]),
        status=text["status"] or "reported",
        kind=text["kind"] or "meeting",
        origin=Origin(text["origin"]) if text["origin"] else Origin.RECORDED,
    )


def _moment(value: object) -> datetime:
    return cast("pd.Timestamp", value).to_pydatetime().astimezone(UTC)


def _participant(participant: Participant, *, keep_unknown: bool) -> Participant:
    return replace(
        participant,
        name=clean(participant.name, limit=120),
        title=clean(participant.title, limit=120),
        state=check_state(participant.state, keep_unknown=keep_unknown) if participant.state else "",
        agency=clean(participant.agency, limit=60),
    )


def _identifier(text: str) -> str:
    value = text.strip()
    if len(value) > 80 or not value.isprintable() or any(c in value for c in " ;,"):
        raise BadIdentifier(f"{value[:40]!r} is not a meeting_id", hint="up to 80 letters, digits, - or _, or leave it empty")
    return value


def _one_of(text: str, allowed: Sequence[str], column: str, default: str) -> str:
    value = text.strip().lower()
    if value and value not in allowed:
        raise BadIdentifier(f"{column} {text.strip()!r} is not one of {', '.join(allowed)}", hint=f"leave it empty for {default}")
    return value or default


def _precision(text: str, place: MeetingPlace) -> PlacePrecision:
    """A row may say venue or metro of a city we know; it cannot make a country into a city."""
    wanted = _one_of(text, PLACE_PRECISIONS, "precision", place.precision)
    return cast("PlacePrecision", place.precision if place.precision == "country" else wanted)


def _published(text: str, *, assume_utc: bool) -> datetime | None:
    """A day without a clock time is read as its first moment in UTC."""
    value = text.strip()
    if not value:
        return None
    return parse_utc(f"{value}T00:00:00Z" if len(value) == len("2022-11-14") and value.count("-") == 2 else value, assume_utc=assume_utc)


def _unknown_city(place: MeetingPlace, gazetteer: Gazetteer) -> NotFound:
    near = suggestions(place.city, place.country, gazetteer)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return NotFound(f"no city {place.city!r} in {place.country}", hint=f"{hint}leave the city empty to say the country only")

"""A meeting in words: one line for a list, labelled lines for a page."""

from __future__ import annotations

from datetime import date

from pipeline.model.entities import Meeting, Participant
from pipeline.model.origin import Origin
from pipeline.model.time import local, say_both
from pipeline.places.states import state_name

_STATUS = {
    "announced": "announced",
    "reported": "reported",
    "postponed": "reported as postponed",
    "cancelled": "reported as cancelled",
    "denied": "denied",
}


def story(meeting: Meeting) -> str:
    """``14 Nov 2022, Ankara, TR: CIA and SVR chiefs meet. William Burns (CIA Director, US); … Reported by 2 sources.``"""
    people = "; ".join(say_participant(p) for p in meeting.participants)
    made_up = "RECONSTRUCTION. " if meeting.origin is Origin.RECONSTRUCTED else ""
    return f"{made_up}{say_when(meeting)}, {say_where(meeting)}: {_sentence(meeting.title)}{_sentence(people)}{say_status(meeting)}."


def story_lines(meeting: Meeting, *, tz: str = "UTC") -> tuple[tuple[str, str], ...]:
    """(label, text) pairs for ``meetings show``; ``tz`` is the place's zone, for clock times."""
    if meeting.date_precision == "minute":
        when = (
            f"{say_both(meeting.start, tz)} to {say_both(meeting.end, tz)}" if meeting.end > meeting.start else say_both(meeting.start, tz)
        )
    else:
        when = f"{say_when(meeting)} at the place ({say_both(meeting.start, tz)} to {say_both(meeting.end, tz)})"
    pairs = [
        ("meeting", meeting.meeting_id),
        ("title", meeting.title),
        ("what", f"{meeting.kind}, {_STATUS.get(meeting.status, meeting.status)}"),
        ("where", say_where(meeting)),
        ("when", when),
        *(("who" if i == 0 else "", say_participant(p)) for i, p in enumerate(meeting.participants)),
        *(("source" if i == 0 else "", s) for i, s in enumerate(meeting.sources)),
        ("known since", say_both(meeting.published, tz) if meeting.published else "not stated"),
        ("origin", str(meeting.origin)),
    ]
    if meeting.note:
        pairs.append(("note", meeting.note))
    return tuple(pairs)


def say_when(meeting: Meeting) -> str:
    """The civil days at the place: ``14 Nov 2022``, ``12–13 Dec 2024``, ``some day of 12–18 Dec 2024``."""
    first = meeting.date_from or local(meeting.start, "UTC").date()
    last = meeting.date_to or local(meeting.end, "UTC").date()
    days = _days(first, last)
    vague = meeting.date_precision in ("week", "month", "unknown") and first != last
    return f"some day of {days}" if vague else days


def say_where(meeting: Meeting) -> str:
    """``Ankara, Türkiye``; a city that we do not know says so; a country alone says so."""
    country = state_name(meeting.country)
    if not meeting.city:
        return f"somewhere in {country}"
    return f"{meeting.city} (a place we do not know), {country}" if meeting.precision == "country" else f"{meeting.city}, {country}"


def say_participant(participant: Participant) -> str:
    """``William Burns (CIA Director, US)``."""
    inside = ", ".join(x for x in (participant.title, participant.agency, participant.state) if x)
    return f"{participant.name} ({inside})".strip() if inside else participant.name


def say_status_word(status: str) -> str:
    """``reported as cancelled``."""
    return _STATUS.get(status, status)


def say_status(meeting: Meeting) -> str:
    """``Reported by 2 sources, first on 14 Nov 2022``."""
    count = len(meeting.sources)
    by = f" by {count} source{'s' if count != 1 else ''}" if count else ", no source given"
    since = f", first on {_day(meeting.published.date())}" if meeting.published else ""
    status = _STATUS.get(meeting.status, meeting.status)
    return f"{status[:1].upper()}{status[1:]}{by}{since}"


def _sentence(text: str) -> str:
    return "" if not text else f"{text} " if text[-1] in ".!?" else f"{text}. "


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _days(first: date, last: date) -> str:
    if first == last:
        return _day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_day(last)}"
    return f"{_day(first)} – {_day(last)}"

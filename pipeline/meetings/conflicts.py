"""Who says what of one meeting, and where they differ: each report's own words kept beside the others'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pipeline.meetings.describe import say_status_word, say_when, say_where
from pipeline.meetings.merge import same_person
from pipeline.model.entities import Meeting, Participant, Report, Told
from pipeline.model.time import to_iso

#: Two clock times of one movement lie no farther apart than two reports of one flight would.
_ONE_FLIGHT_S: Final = 15 * 3600
_PLANS: Final = ("announced", "postponed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """``sides`` are (what is said, who says so), at least two, in the order in which they were said."""

    what: str
    sides: tuple[tuple[str, tuple[str, ...]], ...]


def conflicts(told: Sequence[Told]) -> tuple[Conflict, ...]:
    """Every point on which the reports of a meeting differ: days, place, whether it was, offices, spellings, times of a flight."""
    found = [
        _differ("held or not", ((_standing(t.record), t.report) for t in told)),
        _differ("days", ((say_when(t.record), t.report) for t in told if t.record.status not in _PLANS)),
        _differ("planned days", ((say_when(t.record), t.report) for t in told if t.record.status in _PLANS)),
        _differ("place", ((say_where(t.record), t.report) for t in told if t.record.city)),
        *_people(told),
        *_flights(told),
    ]
    return tuple(c for c in found if c is not None)


def plans(told: Sequence[Told]) -> tuple[str, str]:
    """(for when it was planned, when it was held), each as the last report says it, ``''`` where none does."""
    planned = [t for t in told if t.record.status in _PLANS]
    held = [t for t in told if t.record.status == "reported"]
    return tuple(f"{say_when(x[-1].record)} ({x[-1].report.source})" if x else "" for x in (planned, held))  # type: ignore[return-value]


def said_by(told: Told) -> tuple[str, str, str, str, str]:
    """(published, source, what it says of it, days, place) of one report, for a table."""
    r = told.report
    when = to_iso(r.published) if r.published else f"read {to_iso(r.read_at)}"
    return when, r.source, f"{told.record.kind}, {say_status_word(told.record.status)}", say_when(told.record), say_where(told.record)


def quotes(told: Told) -> tuple[tuple[str, str], ...]:
    """(field, the words of the text that gave it) of what a report says of a meeting."""
    mine = (told.record.city, told.record.date_from.isoformat() if told.record.date_from else None)
    for one in told.report.answer.get("meetings", ()):
        if (one["city"], one["date_from"]) == mine:
            return tuple(dict.fromkeys((str(e["field"]), str(e["text"])) for e in one.get("evidence", ())))
    return ()


def _standing(meeting: Meeting) -> str:
    """Announced and reported are two times of one tale; a denial or a cancellation is another one."""
    return "it takes or took place" if meeting.status in ("announced", "reported") else say_status_word(meeting.status)


def _differ(what: str, said: Iterable[tuple[str, Report]]) -> Conflict | None:
    sides: dict[str, list[str]] = defaultdict(list)
    for value, report in said:
        if report.source not in sides[value]:
            sides[value].append(report.source)
    return Conflict(what=what, sides=tuple((v, tuple(s)) for v, s in sides.items())) if len(sides) > 1 else None


def _people(told: Sequence[Told]) -> Iterator[Conflict | None]:
    """Spellings and offices of one person."""
    groups: list[list[tuple[Participant, Report]]] = []
    for t in told:
        for p in t.record.participants:
            if not p.name:
                continue
            group = next((g for g in groups if same_person(g[0][0], p)), None)
            if group is None:
                groups.append([(p, t.report)])
            else:
                group.append((p, t.report))
    for group in groups:
        name = group[0][0].name
        yield _differ(f"spelling of {name}", ((p.name, r) for p, r in group))
        yield _differ(f"agency of {name}", ((p.agency, r) for p, r in group if p.agency))
        yield _differ(f"office of {name}", ((p.title, r) for p, r in group if p.title))


def _flights(told: Sequence[Told]) -> Iterator[Conflict | None]:
    """Two times for one movement of one aircraft (of one field, where no tail is said)."""
    groups: dict[tuple[str, str, str], list[tuple[dict[str, Any], Report]]] = defaultdict(list)
    for t in {t.report.report_id: t for t in told}.values():
        for claim in t.report.answer.get("flight_claims", ()):
            if claim["time_utc"]:
                groups[claim["registration"] or "an aircraft", claim["event"], claim["airport"] or claim["city"]].append((claim, t.report))
    for (tail, event, where), claims in groups.items():
        first = datetime.fromisoformat(claims[0][0]["time_utc"])
        near = [(c, r) for c, r in claims if abs((datetime.fromisoformat(c["time_utc"]) - first).total_seconds()) <= _ONE_FLIGHT_S]
        yield _differ(f"{event} of {tail} at {where}", ((f"{c['time_utc']} (printed {c['time_text']}, {c['zone']})", r) for c, r in near))

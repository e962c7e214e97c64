"""Reports of one meeting → one record that keeps every source, the first time it was known, and what they disagree on.

Two reports are of one meeting when place, time and states fit: the same city (or country, where one says no more), days
that overlap or lie a day apart, and the same named people or the same states. The order in which reports come does not
change which of them belong together; reading one again changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Final

from pipeline.meetings.describe import say_participant, say_when
from pipeline.meetings.revise import likeliest, no_longer_told, revise
from pipeline.meetings.text import clean
from pipeline.model.entities import Meeting, Participant
from pipeline.model.extraction import ReadMeeting
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.time import to_iso
from pipeline.places.gazetteer import fold

#: Two reports of one day may differ by one: the other side of midnight, the day of departure.
SLACK: Final = timedelta(days=1)
#: A meeting of the same people that was announced for one day may be held so much later or earlier.
SLIP: Final = timedelta(days=3)
#: A record whose days are that vague says little of when.
VAGUE: Final = ("week", "month", "unknown")
#: Names of one state that are so alike are one name in two spellings.
ALIKE: Final = 0.82
_MIN_SPELT: Final = 5
_PLANS: Final = ("announced", "postponed")
_RANK: Final = {"minute": 0, "day": 1, "days": 2, "week": 3, "month": 4, "unknown": 5}
_STATUS_RANK: Final = {"announced": 0, "postponed": 1, "cancelled": 2, "denied": 3, "reported": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """``changed`` are the records to write; ``new`` how many of them were not known; ``into`` the record that each new one went into."""

    changed: tuple[Meeting, ...]
    new: int
    into: Mapping[str, str] = field(default_factory=dict)


def meeting_of(read: ReadMeeting, *, source: str, title: str, published: datetime | None, origin: Origin) -> Meeting | None:
    """What a text tells of as a record of its own; None without days or a place, for nothing could be compared with it."""
    if read.start is None or read.end is None or read.date_from is None or not (read.city or read.country):
        return None
    states = ",".join(sorted({p.state for p in read.participants if p.state}))
    return Meeting(
        meeting_id=mint(IdKind.MEETING, fold(read.city), read.country, states, read.date_from.isoformat(), source),
        title=clean(title) or ", ".join(say_participant(p) for p in read.participants),
        city=read.city,
        country=read.country,
        start=read.start,
        end=read.end,
        participants=read.participants,
        sources=(clean(source, limit=500),),
        precision="city" if read.city else "country",
        date_from=read.date_from,
        date_to=read.date_to,
        date_precision=read.date_precision,
        published=published,
        status=read.status,
        kind=read.kind,
        origin=origin,
    )


def merge_into(known: Iterable[Meeting], new: Sequence[Meeting], before: Mapping[str, Collection[str]] = MappingProxyType({})) -> Merge:
    """Fold new records into those that are known; the older one's id stays.

    ``before`` has, of each source that was read before with another text, the ids of the meetings that it told of then: they
    change with their report.
    """
    records = {m.meeting_id: m for m in known}
    changed: dict[str, Meeting] = {}
    into: dict[str, str] = {}
    added = 0
    revised: set[str] = set()
    for one in sorted(new, key=lambda m: (m.published is None, to_iso(m.published) if m.published else "", m.meeting_id)):
        told = [records[i] for s in one.sources for i in before.get(s, ()) if i in records and i not in revised]
        if (again := likeliest(told, one)) is not None:
            revised.add(again.meeting_id)
            into[one.meeting_id] = again.meeting_id
            others = tuple(s for s in again.sources if s not in one.sources)
            now = replace(merge_pair(replace(again, sources=others), one), sources=again.sources) if others else revise(again, one)
            if now != again:
                records[again.meeting_id] = changed[again.meeting_id] = now
            continue
        same = _best(records.values(), one)
        into[one.meeting_id] = same.meeting_id if same else one.meeting_id
        if same is None:
            records[one.meeting_id] = changed[one.meeting_id] = one
            added += 1
            continue
        both = merge_pair(same, one)
        if both != same:
            records[same.meeting_id] = changed[same.meeting_id] = both
    for source, ids in before.items():
        for silent in (records[i] for i in ids if i in records and i not in into.values() and records[i].sources == (source,)):
            if (now := no_longer_told(silent, source)) != silent:
                records[silent.meeting_id] = changed[silent.meeting_id] = now
    return Merge(changed=tuple(changed.values()), new=added, into=into)


def _best(known: Iterable[Meeting], one: Meeting) -> Meeting | None:
    fitting = [m for m in known if same_meeting(m, one)]
    return min(fitting, key=lambda m: (abs((m.start - one.start).total_seconds()), m.meeting_id), default=None)


def same_meeting(a: Meeting, b: Meeting) -> bool:
    """Whether two records may be of one meeting."""
    if a.meeting_id == b.meeting_id:
        return True
    if a.country != b.country or (a.city and b.city and a.city != b.city):
        return False
    slack = timedelta(0) if a.date_precision in VAGUE or b.date_precision in VAGUE else SLACK
    names = _common_names(a, b)
    if len(names) >= 2 and _one_planned(a, b):
        slack = SLIP
    if a.start > b.end + slack or b.start > a.end + slack:
        return False
    states_a, states_b = _states(a), _states(b)
    if len(names) >= 2:
        return True
    if not states_a or not states_b:
        return False
    small, large = sorted((states_a, states_b), key=len)
    if names:
        return bool((small & large) - {a.country}) or small <= large
    return small <= large and len(small) >= 2 and not _other_people(a, b)


def _one_planned(a: Meeting, b: Meeting) -> bool:
    """One tells of a plan, the other of what came of it."""
    return (a.status in _PLANS) != (b.status in _PLANS)


def _common_names(a: Meeting, b: Meeting) -> set[str]:
    """People of both, spelt alike or nearly so."""
    return {fold(p.name) for p in a.participants if p.name and any(same_person(p, q) for q in b.participants)}


def same_person(a: Participant, b: Participant) -> bool:
    """Whether two names are of one person: the same, or of one state and spelt in two ways (``Naryshkin``, ``Narishkin``)."""
    if not a.name or not b.name:
        return False
    one, other = fold(a.name), fold(b.name)
    if one == other:
        return True
    if a.state != b.state or min(len(one), len(other)) < _MIN_SPELT:
        return False
    if one.rsplit(maxsplit=1)[-1] == other.rsplit(maxsplit=1)[-1] and (" " not in one or " " not in other):
        return True  # a surname alone
    return SequenceMatcher(None, one, other).ratio() >= ALIKE


def _other_people(a: Meeting, b: Meeting) -> bool:
    """Both name people, and of a state in common nobody is the same: two pairs of ministers in one capital on one day."""
    if not _names(a) or not _names(b):
        return False
    return all(_names(a, s).isdisjoint(_names(b, s)) for s in _states(a) & _states(b) if _names(a, s) and _names(b, s)) and any(
        _names(a, s) and _names(b, s) for s in _states(a) & _states(b)
    )


def _names(meeting: Meeting, state: str = "") -> set[str]:
    return {fold(p.name) for p in meeting.participants if p.name and (not state or p.state == state)}


def _states(meeting: Meeting) -> set[str]:
    return {p.state for p in meeting.participants if p.state}


def merge_pair(old: Meeting, new: Meeting) -> Meeting:
    """One record of two; what they disagree on is in ``note``, with who says which. A source that is known changes nothing."""
    if set(new.sources) <= set(old.sources):
        return old
    when, conflict = _when(old, new)
    notes = [old.note, conflict, _said_otherwise(old, new), _agencies(old, new)]
    return replace(
        old,
        city=old.city or new.city,
        precision=old.precision if old.city or not new.city else new.precision,
        start=when.start,
        end=when.end,
        date_from=when.date_from,
        date_to=when.date_to,
        date_precision=when.date_precision,
        participants=_together(old.participants, new.participants),
        sources=tuple(dict.fromkeys((*old.sources, *new.sources))),
        published=min((p for p in (old.published, new.published) if p), default=None),
        status=max(old.status, new.status, key=lambda s: _STATUS_RANK.get(s, 0)) if old.status != new.status else old.status,
        kind="summit" if "summit" in (old.kind, new.kind) else "meeting" if "meeting" in (old.kind, new.kind) else old.kind,
        note=clean("; ".join(dict.fromkeys(n for n in notes if n)), limit=1000),
    )


def _when(old: Meeting, new: Meeting) -> tuple[Meeting, str]:
    """The sharper days where they overlap, all of them (and a note) where they do not."""
    if old.start < new.end and new.start < old.end:
        sharper = min((old, new), key=lambda m: (_RANK.get(m.date_precision, 9), m.end - m.start))
        return (sharper, "") if sharper is new and _within(new, old) else (_spanning(old, new) if _both_sure(old, new) else sharper, "")
    if _one_planned(old, new):
        plan, held = (old, new) if old.status in _PLANS else (new, old)
        return held, f"planned for {say_when(plan)} ({_who(plan)}), held {say_when(held)} ({_who(held)})"
    told = f"days: {say_when(old)} ({_who(old)}); {say_when(new)} ({_who(new)})"
    return _spanning(old, new), told


def _within(inner: Meeting, outer: Meeting) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _both_sure(old: Meeting, new: Meeting) -> bool:
    """Days that both say exactly: a stay of several days, of which each report tells a part."""
    return not {old.date_precision, new.date_precision} & set(VAGUE) and not _within(new, old)


def _spanning(old: Meeting, new: Meeting) -> Meeting:
    first, last = min(_first(old), _first(new)), max(_last(old), _last(new))
    return replace(
        old,
        start=min(old.start, new.start),
        end=max(old.end, new.end),
        date_from=first,
        date_to=last,
        date_precision="day" if first == last else "days",
    )


def _first(meeting: Meeting) -> date:
    return meeting.date_from or meeting.start.date()


def _last(meeting: Meeting) -> date:
    return meeting.date_to or meeting.end.date()


def _said_otherwise(old: Meeting, new: Meeting) -> str:
    if old.status == new.status or {old.status, new.status} == {"announced", "reported"}:
        return ""
    return f"{old.status} ({_who(old)}), {new.status} ({_who(new)})"


def _agencies(old: Meeting, new: Meeting) -> str:
    """One person of two agencies: ``FSB`` for ``SVR``."""
    mine = {fold(p.name): p for p in old.participants if p.name and p.agency}
    found = [
        (mine[fold(p.name)], p) for p in new.participants if p.agency and fold(p.name) in mine and mine[fold(p.name)].agency != p.agency
    ]
    return "; ".join(f"{a.name}: {a.agency} ({_who(old)}), {b.agency} ({_who(new)})" for a, b in found)


def _who(meeting: Meeting) -> str:
    return meeting.sources[0] if len(meeting.sources) == 1 else f"{meeting.sources[0]} and {len(meeting.sources) - 1} more"


def _together(old: Sequence[Participant], new: Sequence[Participant]) -> tuple[Participant, ...]:
    """Everyone once; a nameless one gives way to a named one of the same state and title."""
    out = [p for p in old if p.name or not any(q.name and q.state == p.state for q in new)]
    for person in new:
        known = any(same_person(p, person) for p in out) if person.name else any(p.state == person.state for p in out)
        if not known:
            out.append(person)
    return tuple(out)

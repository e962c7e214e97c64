"""Reported meetings, as entities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from pipeline.model.entities import Meeting, Participant, Revision
from pipeline.model.origin import Origin
from pipeline.store.kept import MEETING, Kept, Writing
from pipeline.store.tables import meetings


class Meetings(Kept):
    subject = MEETING

    def write(
        self, meeting: Meeting, *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str] = ()
    ) -> Revision | None:
        """Make ``meeting`` the current one of its id and append a revision; None when nothing changed.

        Raises:
            OriginMixed: its origin has no place in this store.
            StoreError: it has no id.
        """
        return self._keep(_row(meeting), change=change, reason=reason, version=version, at=at, capture_ids=capture_ids)

    def write_all(self, reported: Iterable[Meeting], *, change: str, reason: str, version: str, at: datetime) -> int:
        """As ``write``, many at once in a few statements. How many are new or changed.

        Raises:
            OriginMixed, StoreError: as ``write``.
        """
        writings = [Writing(row=_row(meeting), change=change, reason=reason, version=version) for meeting in reported]
        return sum(revision is not None for revision in self._keep_all(writings, at=at))

    def get(self, meeting_id: str) -> Meeting:
        """Withdrawn or not.

        Raises:
            NotFound: there is no such meeting.
        """
        return _meeting(self._current(meeting_id))

    def current(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        cities: Iterable[str] | None = None,
        countries: Iterable[str] | None = None,
        changed_since: datetime | None = None,
        include_withdrawn: bool = False,
    ) -> tuple[Meeting, ...]:
        """Meetings sorted by start: those whose interval touches [``since``, ``until``]. Cancelled and denied ones are among them."""
        conditions = self._standing(include_withdrawn)
        if since is not None:
            conditions.append(meetings.c.end >= since)
        if until is not None:
            conditions.append(meetings.c.start <= until)
        if changed_since is not None:
            conditions.append(meetings.c.changed_at >= changed_since)
        for column, wanted in ((meetings.c.city, cities), (meetings.c.country, countries)):
            if wanted is not None:
                conditions.append(column.in_(sorted(set(wanted))))
        statement = select(meetings).where(*conditions).order_by(meetings.c.start, meetings.c.meeting_id)
        return tuple(_meeting(row) for row in self._work.connection.execute(statement))


def _row(meeting: Meeting) -> dict[str, Any]:
    row = asdict(meeting)
    return {**row, **{name: _day_text(row[name]) for name in ("date_from", "date_to")}, "lifecycle": "current"}


def _meeting(row: Row[Any]) -> Meeting:
    values = {name: value for name, value in row._asdict().items() if name in Meeting.__dataclass_fields__}
    values |= {
        "participants": tuple(Participant(**participant) for participant in row.participants),
        "sources": tuple(row.sources),
        "date_from": _day(row.date_from),
        "date_to": _day(row.date_to),
        "origin": Origin(row.origin),
    }
    return Meeting(**values)


def _day_text(value: date | None) -> str:
    return value.isoformat() if value is not None else ""


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None

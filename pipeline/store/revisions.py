"""What changed, why, by which version and from which captures: one numbered list for each id."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from pipeline.model.entities import Revision
from pipeline.store.tables import revisions
from pipeline.store.work import Work


class Revisions:
    def __init__(self, work: Work) -> None:
        self._work = work

    def of(self, subject_id: str) -> list[Revision]:
        """The revisions of one landing, stay, meeting, match or lead, the first first; empty for an unknown id."""
        statement = select(revisions).where(revisions.c.subject_id == subject_id).order_by(revisions.c.number)
        return [_revision(row) for row in self._work.connection.execute(statement)]

    def between(self, start: datetime, end: datetime, *, kinds: Iterable[str] | None = None) -> list[Revision]:
        """All revisions with ``start`` < at ≤ ``end``, in order of time; ``kinds`` such as landing, match."""
        statement = select(revisions).where(revisions.c.at > start, revisions.c.at <= end)
        if kinds is not None:
            statement = statement.where(revisions.c.kind.in_(sorted(set(kinds))))
        statement = statement.order_by(revisions.c.at, revisions.c.subject_id, revisions.c.number)
        return [_revision(row) for row in self._work.connection.execute(statement)]


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        subject_id=row.subject_id,
        number=row.number,
        at=row.at,
        change=row.change,
        reason=row.reason,
        version=row.version,
        capture_ids=tuple(row.capture_ids),
        row=row.row,
    )

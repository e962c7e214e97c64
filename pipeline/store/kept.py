"""Kept rows: one current row an id, and a revision for each change of it. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Final

from sqlalchemy import Column, ColumnElement, Row, Select, Table, bindparam, func, select

from pipeline.model.entities import Revision
from pipeline.model.errors import NotFound, StoreError
from pipeline.model.ids import IdKind
from pipeline.model.time import require_utc
from pipeline.store.rows import canonical, chunks
from pipeline.store.tables import landings, leads, matches, meetings, revisions, stays
from pipeline.store.types import OUR_MISTAKE, plain
from pipeline.store.work import Work

#: Lifecycles of what no longer holds.
GONE: Final = ("withdrawn", "superseded")
_OWN = ("revision", "first_at", "changed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of kept row. A change of ``quiet`` columns alone updates the current row and is no revision."""

    kind: IdKind
    name: str
    table: Table
    key: str
    quiet: frozenset[str] = frozenset()

    @property
    def id(self) -> Column[Any]:
        return self.table.c[self.key]


#: Which captures stand behind a landing grows with every pass, and so does the time a parked aircraft was last heard.
LANDING: Final = Subject(kind=IdKind.LANDING, name="landing", table=landings, key="landing_id", quiet=frozenset({"capture_ids", "version"}))
STAY: Final = Subject(kind=IdKind.STAY, name="stay", table=stays, key="stay_id", quiet=frozenset({"last_seen"}))
MEETING: Final = Subject(kind=IdKind.MEETING, name="meeting", table=meetings, key="meeting_id")
MATCH: Final = Subject(kind=IdKind.MATCH, name="match", table=matches, key="match_id")
LEAD: Final = Subject(kind=IdKind.LEAD, name="lead", table=leads, key="lead_id")
SUBJECTS: Final = (LANDING, STAY, MEETING, MATCH, LEAD)


class Kept:
    """What the repositories of kept rows share. ``at`` is the time of the change: the caller's clock, not ours."""

    subject: ClassVar[Subject]

    def __init__(self, work: Work) -> None:
        self._work = work

    def withdraw(
        self,
        subject_id: str,
        *,
        reason: str,
        version: str,
        at: datetime,
        capture_ids: Iterable[str] = (),
        change: str = "withdrawn",
        lifecycle: str = "withdrawn",
    ) -> Revision | None:
        """Say that a kept row no longer holds (``withdrawn``, or ``superseded`` by another). None: it was said before.

        Raises:
            NotFound: there is no such row.
        """
        row = {**_content(self._current(subject_id)), "lifecycle": lifecycle}
        return self._keep(row, change=change, reason=reason, version=version, at=at, capture_ids=capture_ids)

    def has(self, subject_id: str) -> bool:
        """Whether there is such a row, withdrawn or not."""
        return self._work.connection.execute(select(self.subject.id).where(self.subject.id == subject_id)).first() is not None

    def count(self) -> int:
        """How many rows are kept, withdrawn or not."""
        return int(self._work.connection.execute(select(func.count()).select_from(self.subject.table)).scalar_one())

    def lifecycles(self, subject_ids: Iterable[str]) -> dict[str, str]:
        """The lifecycle of each of these that is kept."""
        table = self.subject.table
        found: dict[str, str] = {}
        for wanted in chunks(set(subject_ids)):
            rows = self._work.connection.execute(select(self.subject.id, table.c.lifecycle).where(self.subject.id.in_(wanted)))
            found |= {row[0]: row[1] for row in rows}
        return found

    def _current(self, subject_id: str) -> Row[Any]:
        row = self._work.connection.execute(_one(self.subject), {"wanted": subject_id}).first()
        if row is None:
            raise NotFound(f"no {self.subject.name} {subject_id}", hint="any unique beginning of an id will do; list them first")
        return row

    def _standing(self, include_withdrawn: bool) -> list[ColumnElement[bool]]:
        return [] if include_withdrawn else [self.subject.table.c.lifecycle.not_in(GONE)]

    def _keep(
        self, row: Mapping[str, Any], *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str]
    ) -> Revision | None:
        subject, work = self.subject, self._work
        new = canonical(subject.table, row)
        subject_id = str(new[subject.key])
        if not subject_id:
            raise StoreError(f"a {subject.name} without an id was written", hint=OUR_MISTAKE)
        work.admit([new["origin"]], what=f"{subject.name} {subject_id}")
        found = work.connection.execute(_one(subject), {"wanted": subject_id}).first()
        old = _content(found) if found is not None else {}
        differs = {name for name, value in new.items() if name not in old or old[name] != value}
        if found is not None and differs <= subject.quiet:
            if differs:
                work.write.execute(subject.table.update().where(subject.id == subject_id).values(**{name: new[name] for name in differs}))
            return None
        number = 1 if found is None else found.revision + 1
        first_at = at if found is None else found.first_at
        work.upsert(subject.table, [{**old, **new, "revision": number, "first_at": first_at, "changed_at": at}])
        revision = Revision(
            subject_id=subject_id,
            number=number,
            at=require_utc(at),
            change=change,
            reason=reason,
            version=version,
            capture_ids=tuple(capture_ids),
            row=plain({**old, **new}),
        )
        work.write.execute(
            revisions.insert().values(
                subject_id=subject_id,
                number=number,
                kind=subject.name,
                at=at,
                change=change,
                reason=reason,
                version=version,
                capture_ids=list(revision.capture_ids),
                row=revision.row,
            )
        )
        return revision


@cache
def _one(subject: Subject) -> Select[Any]:
    """The row ``wanted``: a pass asks a thousand times, and making the statement costs more than the answer."""
    return select(subject.table).where(subject.id == bindparam("wanted"))


def _content(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in _OWN}

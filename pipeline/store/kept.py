"""Kept rows: one current row an id, and a revision for each change of it. Nothing is deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Final

from sqlalchemy import Column, ColumnElement, Insert, Row, Select, Table, bindparam, func, select

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A row to be kept, and what its revision says."""

    row: Mapping[str, Any]
    change: str
    reason: str
    version: str
    capture_ids: tuple[str, ...] = ()


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
        self, row: Mapping[str, Any], *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str] = ()
    ) -> Revision | None:
        return self._keep_all([Writing(row=row, change=change, reason=reason, version=version, capture_ids=tuple(capture_ids))], at=at)[0]

    def _keep_all(self, writings: Sequence[Writing], *, at: datetime) -> list[Revision | None]:
        """Make each row the current one of its id, in their order; None for one that says what was said before.

        Many at once take a few statements, where one by one each would take three.
        """
        subject, work = self.subject, self._work
        rows = [canonical(subject.table, one.row) for one in writings]
        for row in rows:
            if not row[subject.key]:
                raise StoreError(f"a {subject.name} without an id was written", hint=OUR_MISTAKE)
        known = self._as_kept({str(row[subject.key]) for row in rows})
        made: list[Revision | None] = []
        changed: dict[str, dict[str, Any]] = {}
        for new, one in zip(rows, writings, strict=True):
            subject_id = str(new[subject.key])
            work.admit([new["origin"]], what=f"{subject.name} {subject_id}")
            old = known.get(subject_id)
            differs = {name for name, value in new.items() if old is None or name not in old or old[name] != value}
            if old is not None and differs <= subject.quiet:
                made.append(None)
                if differs:
                    known[subject_id] = changed[subject_id] = {**old, **new}
                continue
            number, first_at = (1, at) if old is None else (old["revision"] + 1, old["first_at"])
            content = {name: value for name, value in {**(old or {}), **new}.items() if name not in _OWN}
            known[subject_id] = changed[subject_id] = {**content, "revision": number, "first_at": first_at, "changed_at": at}
            made.append(
                Revision(
                    subject_id=subject_id,
                    number=number,
                    at=require_utc(at),
                    change=one.change,
                    reason=one.reason,
                    version=one.version,
                    capture_ids=one.capture_ids,
                    row=plain(content),
                )
            )
        alike: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
        for row in changed.values():
            alike[frozenset(row)].append(row)
        for some in alike.values():
            work.upsert(subject.table, some)
        if notes := [_noted(subject, revision, at) for revision in made if revision is not None]:
            work.write.execute(_note(), notes)
        return made

    def _as_kept(self, subject_ids: set[str]) -> dict[str, dict[str, Any]]:
        """The rows of these that are kept, whole."""
        connection = self._work.connection
        if len(subject_ids) == 1:
            found = connection.execute(_one(self.subject), {"wanted": next(iter(subject_ids))}).all()
        else:
            parts = (select(self.subject.table).where(self.subject.id.in_(part)) for part in chunks(sorted(subject_ids)))
            found = [row for part in parts for row in connection.execute(part)]
        return {str(row[self.subject.key]): row for row in (one._asdict() for one in found)}


@cache
def _one(subject: Subject) -> Select[Any]:
    """The row ``wanted``: a pass asks a thousand times, and making the statement costs more than the answer."""
    return select(subject.table).where(subject.id == bindparam("wanted"))


@cache
def _note() -> Insert:
    return revisions.insert()


def _noted(subject: Subject, revision: Revision, at: datetime) -> dict[str, Any]:
    return {
        "subject_id": revision.subject_id,
        "number": revision.number,
        "kind": subject.name,
        "at": at,
        "change": revision.change,
        "reason": revision.reason,
        "version": revision.version,
        "capture_ids": list(revision.capture_ids),
        "row": revision.row,
    }


def _content(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in _OWN}

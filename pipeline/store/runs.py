"""What was run and what was read: passes, and every question put to a source with what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, select, tuple_

from pipeline.model.errors import NotFound
from pipeline.store.tables import passes, source_reads
from pipeline.store.work import Work

SourceKind = Literal["positions", "reports"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One run of a job. ``ended`` None and an empty outcome: it runs, or it died. ``counts`` are new rows by name."""

    pass_id: int
    kind: str
    owner: str
    version: str
    started: datetime
    ended: datetime | None = None
    outcome: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """A source was asked. ``outcome`` is ok, empty, or a short reason; ``heard`` counts aircraft or documents, ``rows`` their rows."""

    kind: SourceKind
    provider: str
    at: datetime
    outcome: str
    detail: str = ""
    capture_id: str = ""
    heard: int = 0
    rows: int = 0
    new_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """The last word on a source; ``last_good`` is when it last answered (``ok`` or ``empty``), None: never."""

    last: SourceRead
    last_good: datetime | None
    reads: int


class Runs:
    def __init__(self, work: Work) -> None:
        self._work = work

    def begin(self, kind: str, *, at: datetime, owner: str, version: str) -> int:
        """Note that a pass began; returns its number."""
        statement = passes.insert().values(kind=kind, owner=owner, version=version, started=at, ended=None, outcome="", counts={})
        key = self._work.write.execute(statement).inserted_primary_key
        return int(key[0]) if key else 0

    def end(self, pass_id: int, *, at: datetime, outcome: str, counts: Mapping[str, int] | None = None) -> None:
        """Note how it ended.

        Raises:
            NotFound: there is no such pass.
        """
        change = passes.update().where(passes.c.pass_id == pass_id).values(ended=at, outcome=outcome, counts=dict(counts or {}))
        if not self._work.write.execute(change).rowcount:
            raise NotFound(f"no pass {pass_id}")

    def passes(self, *, kind: str = "", limit: int = 20) -> tuple[Pass, ...]:
        """The newest passes, the newest first."""
        statement = select(passes).order_by(passes.c.pass_id.desc()).limit(limit)
        if kind:
            statement = statement.where(passes.c.kind == kind)
        return tuple(Pass(**row._asdict()) for row in self._work.connection.execute(statement))

    def last_done(self) -> datetime | None:
        """When the newest whole pass began, however many failed since."""
        statement = select(passes.c.started).where(passes.c.outcome == "done").order_by(passes.c.pass_id.desc()).limit(1)
        return self._work.connection.execute(statement).scalar_one_or_none()

    def add_read(self, read: SourceRead) -> None:
        """Note that a source was asked, and what became of it."""
        self._work.write.execute(source_reads.insert().values(**{name: getattr(read, name) for name in _FIELDS}))

    def reads(self, *, since: datetime, until: datetime | None = None, kind: SourceKind | None = None) -> tuple[SourceRead, ...]:
        """Every read with ``since`` ≤ at ≤ ``until``, in order."""
        statement = select(source_reads).where(source_reads.c.at >= since).order_by(source_reads.c.at, source_reads.c.read_id)
        if until is not None:
            statement = statement.where(source_reads.c.at <= until)
        if kind is not None:
            statement = statement.where(source_reads.c.kind == kind)
        return tuple(_read(row) for row in self._work.connection.execute(statement))

    def sources(self, kind: SourceKind | None = None, *, counted: bool = True) -> tuple[SourceStatus, ...]:
        """Which sources were ever read, and when last: one row a (kind, provider), sorted by them.

        Every step is a look into an index, for months of passes leave millions of reads behind.

        Args:
            counted: False leaves ``reads`` at 0.
        """
        found = []
        for one, provider in self._pairs(kind):
            mine = (source_reads.c.kind == one, source_reads.c.provider == provider)
            newest = select(source_reads).where(*mine).order_by(source_reads.c.at.desc(), source_reads.c.read_id.desc()).limit(1)
            good = select(source_reads.c.at).where(*mine, source_reads.c.outcome.in_(("ok", "empty"))).order_by(source_reads.c.at.desc())
            reads = self._work.connection.execute(select(func.count()).where(*mine)).scalar_one() if counted else 0
            found.append(
                SourceStatus(
                    last=_read(self._work.connection.execute(newest).one()),
                    last_good=self._work.connection.execute(good.limit(1)).scalar_one_or_none(),
                    reads=int(reads),
                )
            )
        return tuple(found)

    def _pairs(self, kind: SourceKind | None) -> Iterator[tuple[str, str]]:
        """Every (kind, provider), each found by its index from the one before."""
        key = (source_reads.c.kind, source_reads.c.provider)
        after = (kind or "", "")
        while True:
            statement = select(*key).where(tuple_(*key) > after).order_by(*key).limit(1)
            row = self._work.connection.execute(statement).first()
            if row is None or (kind is not None and row.kind != kind):
                return
            after = (row.kind, row.provider)
            yield after


_FIELDS = tuple(SourceRead.__dataclass_fields__)


def _read(row: Row[Any]) -> SourceRead:
    return SourceRead(**{name: getattr(row, name) for name in _FIELDS})

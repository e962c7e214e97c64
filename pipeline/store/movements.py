"""Landings and open approaches, take-offs, stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import pandas as pd
from sqlalchemy import ColumnElement, and_, func, or_, select

from pipeline.model.entities import Revision, Span
from pipeline.model.frames import LANDINGS, STAYS, TAKE_OFFS
from pipeline.store.kept import LANDING, STAY, Kept, Writing
from pipeline.store.rows import ONCE, canonical, chunks, frame_rows, one_row, read_frame, read_rows, read_union
from pipeline.store.spans import in_any, in_span
from pipeline.store.tables import landings, stays, take_offs
from pipeline.store.work import Work

RowLike: TypeAlias = "pd.DataFrame | pd.Series[Any] | Mapping[str, Any]"


class Landings(Kept):
    subject = LANDING

    def write(
        self, row: RowLike, *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str] = ()
    ) -> Revision | None:
        """Make ``row`` (schema ``LANDINGS``, with its id) the current one and append a revision; None when nothing changed.

        Raises:
            InputError: it does not fit the schema.
            OriginMixed: its origin has no place in this store.
            StoreError: it has no id or no origin.
        """
        return self._keep(one_row(LANDINGS, row), change=change, reason=reason, version=version, at=at, capture_ids=capture_ids)

    def get(self, landing_id: str) -> pd.DataFrame:
        """One row, withdrawn or not.

        Raises:
            NotFound: there is no such landing.
        """
        self._current(landing_id)
        return read_frame(self._work.connection, LANDINGS, landings, select(landings).where(landings.c.landing_id == landing_id))

    def row(self, landing_id: str) -> dict[str, Any] | None:
        """One row as ``records`` gives it, withdrawn or not; None: there is no such landing."""
        narrow = select(landings).where(landings.c.landing_id == landing_id)
        return next(iter(read_rows(self._work.connection, LANDINGS, landings, narrow)), None)

    def by_ids(self, landing_ids: Iterable[str]) -> pd.DataFrame:
        """A ``LANDINGS`` frame of these that still stand, sorted by touchdown."""
        parts = (select(landings).where(*self._standing(False), landings.c.landing_id.in_(part)) for part in chunks(set(landing_ids)))
        return read_union(self._work.connection, LANDINGS, landings, parts, order=("touchdown", "landing_id"))

    def current(
        self,
        icao24s: Iterable[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        airports: Iterable[str] | None = None,
        *,
        kinds: Iterable[str] | None = None,
        include_withdrawn: bool = False,
    ) -> pd.DataFrame:
        """A ``LANDINGS`` frame sorted by touchdown: those whose [earliest, latest] touches [``since``, ``until``].

        Open approaches are among them, unless ``kinds`` says otherwise.
        """
        conditions = self._standing(include_withdrawn)
        if since is not None:
            conditions.append(landings.c.touchdown_latest >= since)
        if until is not None:
            conditions.append(landings.c.touchdown_earliest <= until)
        for column, wanted in ((landings.c.icao24, icao24s), (landings.c.airport, airports), (landings.c.kind, kinds)):
            if wanted is not None:
                conditions.append(column.in_(sorted(set(wanted))))
        narrow = select(landings).where(*conditions).order_by(landings.c.touchdown, landings.c.landing_id)
        return read_frame(self._work.connection, LANDINGS, landings, narrow)

    def kinds_at(self, airport: str, *, since: datetime) -> dict[str, int]:
        """How many landings of each kind a field has had since then; no open approaches, nothing reconstructed."""
        real = (landings.c.kind != "open_approach", landings.c.origin != "reconstructed")
        here = (landings.c.airport == airport, landings.c.touchdown_latest >= since)
        statement = select(landings.c.kind, func.count()).where(*self._standing(False), *real, *here).group_by(landings.c.kind)
        return {row[0]: row[1] for row in self._work.connection.execute(statement)}


class Stays(Kept):
    subject = STAY

    def write(
        self, row: RowLike, *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str] = ()
    ) -> Revision | None:
        """As ``Landings.write``, for a row of schema ``STAYS``. What was withdrawn holds again."""
        return self._keep(_standing_row(row), change=change, reason=reason, version=version, at=at, capture_ids=capture_ids)

    def write_all(self, rows: Iterable[RowLike], *, change: str, reason: str, version: str, at: datetime) -> int:
        """As ``write``, many at once in a few statements. How many are new or changed.

        Raises:
            InputError, OriginMixed, StoreError: as ``write``.
        """
        writings = [Writing(row=_standing_row(row), change=change, reason=reason, version=version) for row in rows]
        return sum(revision is not None for revision in self._keep_all(writings, at=at))

    def get(self, stay_id: str) -> pd.DataFrame:
        """One row, withdrawn or not.

        Raises:
            NotFound: there is no such stay.
        """
        self._current(stay_id)
        return read_frame(self._work.connection, STAYS, stays, select(stays).where(stays.c.stay_id == stay_id))

    def current(
        self,
        icao24s: Iterable[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        airports: Iterable[str] | None = None,
        *,
        cities: Iterable[str] | None = None,
        include_withdrawn: bool = False,
    ) -> pd.DataFrame:
        """A ``STAYS`` frame sorted by touchdown: those that touch [``since``, ``until``]. Not seen leaving counts as still there."""
        conditions = self._standing(include_withdrawn)
        if since is not None:
            conditions.append(or_(stays.c.take_off.is_(None), stays.c.take_off >= since))
        if until is not None:
            conditions.append(func.coalesce(stays.c.touchdown_earliest, stays.c.touchdown) <= until)
        for column, wanted in ((stays.c.icao24, icao24s), (stays.c.airport, airports), (stays.c.city, cities)):
            if wanted is not None:
                conditions.append(column.in_(sorted(set(wanted))))
        narrow = select(stays).where(*conditions).order_by(stays.c.touchdown, stays.c.stay_id)
        return read_frame(self._work.connection, STAYS, stays, narrow)

    def within(self, spans: Iterable[Span]) -> pd.DataFrame:
        """A ``STAYS`` frame of those that are in any of ``spans``, sorted by touchdown. The cost is that of what is found."""
        parts = [select(stays).where(*self._standing(False), in_any(part)) for part in chunks(spans, 50)]
        return read_union(self._work.connection, STAYS, stays, parts, order=("touchdown", "stay_id"), once=True)

    def by_ids(self, stay_ids: Iterable[str], *, include_withdrawn: bool = False) -> pd.DataFrame:
        """A ``STAYS`` frame of these that still stand, sorted by touchdown."""
        standing = self._standing(include_withdrawn)
        parts = (select(stays).where(*standing, stays.c.stay_id.in_(part)) for part in chunks(set(stay_ids)))
        return read_union(self._work.connection, STAYS, stays, parts, order=("touchdown", "stay_id"))

    def of_landing(self, landing_id: str) -> list[dict[str, Any]]:
        """The stay that a landing began, as ``records`` gives it; nothing where it began none that stands."""
        return self._rows(stays.c.landing_id == landing_id)

    def near(self, span: Span) -> list[dict[str, Any]]:
        """Those in a span, by touchdown, as ``records`` gives them: for a handful."""
        return self._rows(in_span(span))

    def about(self, city: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Those in a city that began in [``since``, ``until``], or that began before and ended in it or later, by touchdown."""
        landed = and_(stays.c.city == city, stays.c.touchdown >= since, stays.c.touchdown <= until)
        return self._rows(or_(landed, and_(stays.c.city == city, stays.c.take_off >= since, stays.c.touchdown <= until)))

    def _rows(self, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
        narrow = select(stays).where(*self._standing(False), condition).order_by(stays.c.touchdown, stays.c.stay_id)
        return read_rows(self._work.connection, STAYS, stays, narrow)


class TakeOffs:
    """Take-offs have no ids: detection says them anew, and what it no longer says is marked, not deleted."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def replace(self, frame: pd.DataFrame, *, since: Mapping[str, datetime], at: datetime) -> int:
        """Keep the rows of a ``TAKE_OFFS`` frame, and withdraw the known ones of each aircraft in ``since``, from its time on,
        that the frame no longer holds. Returns how many rows changed.

        Raises:
            InputError: the frame does not fit the schema.
            OriginMixed: a row's origin has no place in this store.
        """
        frame = TAKE_OFFS.make(frame)
        self._work.admit(frame["origin"].unique(), what="take-offs")
        new = {_key(row): row for row in (canonical(take_offs, row) for row in frame_rows(TAKE_OFFS, frame))}
        starts = {**{row["icao24"]: row["take_off"] for row in sorted(new.values(), key=_key, reverse=True)}, **since}
        known: dict[tuple[Any, ...], dict[str, Any]] = {}
        for wanted in chunks(sorted(starts.items()), 200):
            mine = or_(*(and_(take_offs.c.icao24 == icao24, take_offs.c.take_off >= start) for icao24, start in wanted))
            rows = self._work.connection.execute(select(take_offs).where(mine), execution_options=ONCE)
            known |= {_key(row): row for row in (r._asdict() for r in rows)}
        gone = [
            {**row, "withdrawn_at": at}
            for key, row in known.items()
            if key not in new and row["withdrawn_at"] is None and row["icao24"] in since
        ]
        changed = [row for key, row in new.items() if known.get(key) != {**row, "withdrawn_at": None}]
        self._work.upsert(take_offs, gone + [{**row, "withdrawn_at": None} for row in changed])
        return len(gone) + len(changed)

    def current(
        self,
        icao24s: Iterable[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        airports: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """A ``TAKE_OFFS`` frame sorted by icao24 and time, ``since`` ≤ take_off ≤ ``until``."""
        narrow = select(take_offs).where(take_offs.c.withdrawn_at.is_(None)).order_by(take_offs.c.icao24, take_offs.c.take_off)
        if since is not None:
            narrow = narrow.where(take_offs.c.take_off >= since)
        if until is not None:
            narrow = narrow.where(take_offs.c.take_off <= until)
        for column, wanted in ((take_offs.c.icao24, icao24s), (take_offs.c.airport, airports)):
            if wanted is not None:
                narrow = narrow.where(column.in_(sorted(set(wanted))))
        return read_frame(self._work.connection, TAKE_OFFS, take_offs, narrow)


def _standing_row(row: RowLike) -> dict[str, Any]:
    return {**one_row(STAYS, row), "lifecycle": "current"}


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["icao24"], row["take_off"], row["airport"]

"""Landings and open approaches, take-offs, stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import pandas as pd
from sqlalchemy import and_, func, or_, select

from pipeline.model.entities import Revision
from pipeline.model.frames import LANDINGS, STAYS, TAKE_OFFS
from pipeline.store.kept import LANDING, STAY, Kept
from pipeline.store.rows import canonical, chunks, frame_rows, made, one_row, read_frame
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


class Stays(Kept):
    subject = STAY

    def write(
        self, row: RowLike, *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str] = ()
    ) -> Revision | None:
        """As ``Landings.write``, for a row of schema ``STAYS``. What was withdrawn holds again."""
        kept = {**one_row(STAYS, row), "lifecycle": "current"}
        return self._keep(kept, change=change, reason=reason, version=version, at=at, capture_ids=capture_ids)

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
        frame = made(TAKE_OFFS, frame)
        self._work.admit(frame["origin"].unique(), what="take-offs")
        new = {_key(row): row for row in (canonical(take_offs, row) for row in frame_rows(TAKE_OFFS, frame))}
        starts = {**{row["icao24"]: row["take_off"] for row in sorted(new.values(), key=_key, reverse=True)}, **since}
        known: dict[tuple[Any, ...], dict[str, Any]] = {}
        for wanted in chunks(sorted(starts.items()), 200):
            mine = or_(*(and_(take_offs.c.icao24 == icao24, take_offs.c.take_off >= start) for icao24, start in wanted))
            known |= {_key(row): row for row in (r._asdict() for r in self._work.connection.execute(select(take_offs).where(mine)))}
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


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["icao24"], row["take_off"], row["airport"]

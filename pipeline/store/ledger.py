"""Why there was data on an aircraft, or none; and how low each field's traffic is usually seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import pandas as pd
from sqlalchemy import bindparam, select

from pipeline.model.errors import StoreError
from pipeline.model.frames import FLOORS
from pipeline.store.rows import chunks, frame_rows, read_frame
from pipeline.store.tables import floors, ledger
from pipeline.store.types import OUR_MISTAKE
from pipeline.store.work import Work

Reason = Literal["seen", "silent", "not_covered", "provider_down", "rate_limited", "not_running"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From ``start`` to ``end`` there was data on this aircraft (``seen``), or none for this reason."""

    icao24: str
    start: datetime
    end: datetime
    reason: Reason


class Ledger:
    """Run-length: an aircraft's last stretch grows while the reason stays and no time is left out."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def append(self, stretches: Iterable[Stretch]) -> int:
        """Note stretches, in order of time for each aircraft; returns how many runs began.

        What lies before an aircraft's last end was noted already and stays: a stretch counts from there on.
        One without length says nothing and is left out.

        Raises:
            StoreError: not a reason, or a stretch that ends before it starts.
        """
        given = list(stretches)
        for stretch in given:
            if stretch.reason not in get_args(Reason) or stretch.end < stretch.start:
                raise StoreError(f"not a stretch of the ledger: {stretch}", hint=OUR_MISTAKE)
        last = self.last({stretch.icao24 for stretch in given})
        grown: dict[str, Stretch] = {}
        begun: dict[str, list[Stretch]] = {}
        for stretch in given:
            before = last.get(stretch.icao24)
            now = _after(before, stretch)
            if now is None:
                continue
            last[stretch.icao24] = now
            mine = begun.setdefault(stretch.icao24, [])
            if before is None or now.start != before.start:
                mine.append(now)
            elif mine:
                mine[-1] = now
            else:
                grown[stretch.icao24] = now
        self._grow(grown.values())
        fresh = [stretch for mine in begun.values() for stretch in mine]
        self._begin(fresh, last)
        return len(fresh)

    def last(self, icao24s: Iterable[str]) -> dict[str, Stretch]:
        """The last stretch of each of these aircraft; those without one are left out."""
        found: dict[str, Stretch] = {}
        for wanted in chunks(set(icao24s)):
            rows = self._work.connection.execute(select(ledger).where(ledger.c.last, ledger.c.icao24.in_(wanted)))
            found |= {row.icao24: _stretch(row) for row in rows}
        return found

    def between(self, start: datetime, end: datetime, icao24s: Iterable[str] | None = None) -> tuple[Stretch, ...]:
        """The stretches that touch [``start``, ``end``], sorted by icao24 and time, as they were noted (not cut)."""
        statement = select(ledger).where(ledger.c.start <= end, ledger.c.end >= start).order_by(ledger.c.icao24, ledger.c.start)
        if icao24s is not None:
            statement = statement.where(ledger.c.icao24.in_(sorted(set(icao24s))))
        return tuple(_stretch(row) for row in self._work.connection.execute(statement))

    def _grow(self, stretches: Iterable[Stretch]) -> None:
        rows = [{"of": stretch.icao24, "until": stretch.end} for stretch in stretches]
        if rows:
            change = ledger.update().where(ledger.c.icao24 == bindparam("of"), ledger.c.last).values(end=bindparam("until"))
            self._work.write.execute(change, rows)

    def _begin(self, stretches: list[Stretch], last: dict[str, Stretch]) -> None:
        if not stretches:
            return
        closed = [{"of": icao24} for icao24 in sorted({stretch.icao24 for stretch in stretches})]
        self._work.write.execute(ledger.update().where(ledger.c.icao24 == bindparam("of"), ledger.c.last).values(last=False), closed)
        rows = [{"icao24": s.icao24, "start": s.start, "end": s.end, "reason": s.reason, "last": last[s.icao24] == s} for s in stretches]
        self._work.write.execute(ledger.insert(), rows)


class Floors:
    """Coverage floors: one row an airport and hour."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, frame: pd.DataFrame, *, at: datetime) -> None:
        """Replace all rows by those of a ``FLOORS`` frame: what is no longer known of a field is forgotten.

        Raises:
            InputError: the frame does not fit the schema.
        """
        rows = [{**row, "updated_at": at} for row in frame_rows(FLOORS, FLOORS.make(frame))]
        self._work.write.execute(floors.delete())
        self._work.upsert(floors, rows)

    def current(self) -> pd.DataFrame:
        """A ``FLOORS`` frame sorted by airport and hour."""
        return read_frame(self._work.connection, FLOORS, floors, select(floors).order_by(floors.c.airport, floors.c.hour))


def _after(before: Stretch | None, stretch: Stretch) -> Stretch | None:
    """The run that an aircraft's last one becomes with ``stretch``, or None when nothing of it is new."""
    if before is None:
        return stretch if stretch.start < stretch.end else None
    if stretch.end <= before.end or stretch.start == stretch.end:
        return None
    start = max(stretch.start, before.end)
    joins = stretch.reason == before.reason and start == before.end
    return Stretch(icao24=stretch.icao24, start=before.start if joins else start, end=stretch.end, reason=stretch.reason)


def _stretch(row: Any) -> Stretch:
    return Stretch(icao24=row.icao24, start=row.start, end=row.end, reason=row.reason)

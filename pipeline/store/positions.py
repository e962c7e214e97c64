"""Positions that are still hot, and how far detection has come with each aircraft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pandas as pd
from sqlalchemy import and_, case, func, or_, select

from pipeline.model.frames import POSITIONS
from pipeline.store.rows import chunks, frame_rows, made, read_frame
from pipeline.store.tables import aircraft_progress, positions
from pipeline.store.work import Work


class Positions:
    def __init__(self, work: Work) -> None:
        self._work = work

    def append(self, frame: pd.DataFrame) -> int:
        """Keep the rows of a ``POSITIONS`` frame whose (icao24, time, provider) is new, and count them; the first word stands.

        Raises:
            InputError: the frame does not fit the schema.
            OriginMixed: a row's origin has no place in this store.
        """
        frame = made(POSITIONS, frame)
        if frame.empty:
            return 0
        self._work.admit(frame["origin"].unique(), what="positions")
        new = self._work.insert_new(positions, frame_rows(POSITIONS, frame))
        if new:
            newest = frame.groupby("icao24")["time"].max()
            self._seen({str(icao24): time.to_pydatetime() for icao24, time in newest.items()})
        return new

    def window(self, icao24s: Iterable[str] | None = None, start: datetime | None = None, end: datetime | None = None) -> pd.DataFrame:
        """A ``POSITIONS`` frame, ``start`` ≤ time ≤ ``end``, sorted by icao24, time, provider. ``icao24s`` None: of all aircraft."""
        narrow = select(positions).order_by(positions.c.icao24, positions.c.time, positions.c.provider)
        if start is not None:
            narrow = narrow.where(positions.c.time >= start)
        if end is not None:
            narrow = narrow.where(positions.c.time <= end)
        if icao24s is None:
            return read_frame(self._work.connection, POSITIONS, positions, narrow)
        parts = [
            read_frame(self._work.connection, POSITIONS, positions, narrow.where(positions.c.icao24.in_(wanted)))
            for wanted in chunks(sorted(set(icao24s)))
        ]
        return _joined(parts)

    def since_each(self, starts: Mapping[str, datetime], end: datetime | None = None) -> pd.DataFrame:
        """A ``POSITIONS`` frame of several aircraft, each from its own start: a re-detection's window. Sorted as ``window``."""
        parts = []
        for wanted in chunks(sorted(starts.items()), 200):
            narrow = select(positions).order_by(positions.c.icao24, positions.c.time, positions.c.provider)
            narrow = narrow.where(or_(*(and_(positions.c.icao24 == icao24, positions.c.time >= start) for icao24, start in wanted)))
            if end is not None:
                narrow = narrow.where(positions.c.time <= end)
            parts.append(read_frame(self._work.connection, POSITIONS, positions, narrow))
        return _joined(parts)

    def last_seen(self, icao24s: Iterable[str] | None = None) -> dict[str, datetime]:
        """When each aircraft was last received, by anybody, ever: also when its positions have left the hot rows."""
        return {icao24: seen for icao24, (_, seen) in self._progress(icao24s).items() if seen is not None}

    def open_since(self, icao24s: Iterable[str] | None = None) -> dict[str, datetime]:
        """The start of each aircraft's last open flight; those without one are left out."""
        return {icao24: since for icao24, (since, _) in self._progress(icao24s).items() if since is not None}

    def set_open_since(self, open_since: Mapping[str, datetime | None]) -> None:
        """Remember where re-detection of these aircraft starts (None: nothing is open); the others stay as they are."""
        rows = [{"icao24": icao24, "open_since": since} for icao24, since in sorted(open_since.items())]
        self._work.upsert(aircraft_progress, rows)

    def days(self) -> tuple[datetime, datetime] | None:
        """The times of the first and the last hot position, or None without any."""
        first, last = self._work.connection.execute(select(func.min(positions.c.time), func.max(positions.c.time))).one()
        return (first, last) if first is not None else None

    def _progress(self, icao24s: Iterable[str] | None) -> dict[str, tuple[datetime | None, datetime | None]]:
        everything = select(aircraft_progress.c.icao24, aircraft_progress.c.open_since, aircraft_progress.c.last_seen)
        wanted = [everything] if icao24s is None else [everything.where(aircraft_progress.c.icao24.in_(c)) for c in chunks(set(icao24s))]
        return {row.icao24: (row.open_since, row.last_seen) for statement in wanted for row in self._work.connection.execute(statement)}

    def _seen(self, newest: Mapping[str, datetime]) -> None:
        statement = self._work.insert(aircraft_progress)
        old, new = aircraft_progress.c.last_seen, statement.excluded.last_seen
        later = case((or_(old.is_(None), old < new), new), else_=old)
        self._work.write.execute(
            statement.on_conflict_do_update(index_elements=["icao24"], set_={"last_seen": later}),
            [{"icao24": icao24, "last_seen": time} for icao24, time in sorted(newest.items())],
        )


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True) if parts else POSITIONS.cast()

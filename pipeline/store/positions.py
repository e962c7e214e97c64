"""Positions that are still hot, and how far detection has come with each aircraft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import pandas as pd
from sqlalchemy import and_, case, func, or_, select

from pipeline.model.frames import POSITIONS
from pipeline.store.rows import chunks, frame_rows, read_frame
from pipeline.store.tables import aircraft_progress, positions
from pipeline.store.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A position without its frame; units as in ``POSITIONS``."""

    icao24: str
    time: datetime
    lat: float
    lon: float
    alt_baro_ft: float | None
    ground_speed_kt: float | None
    track_deg: float | None
    vertical_rate_fpm: float | None
    on_ground: bool | None
    provider: str
    origin: str


class Positions:
    def __init__(self, work: Work) -> None:
        self._work = work

    def append(self, frame: pd.DataFrame) -> int:
        """Keep the rows of a ``POSITIONS`` frame whose (icao24, time, provider) is new, and count them; the first word stands.

        Raises:
            InputError: the frame does not fit the schema.
            OriginMixed: a row's origin has no place in this store.
        """
        return sum(self.append_each([frame]))

    def append_each(self, frames: Sequence[pd.DataFrame]) -> list[int]:
        """``append`` for several frames at once, in their order; how many rows of each are new.

        Raises:
            InputError: a frame does not fit the schema.
            OriginMixed: a row's origin has no place in this store.
        """
        given = [frame for frame in frames if len(frame)]
        if not given:
            return [0] * len(frames)
        frame = POSITIONS.make(given[0] if len(given) == 1 else pd.concat(given, ignore_index=True))
        self._work.admit(frame["origin"].unique(), what="positions")
        rows = frame_rows(POSITIONS, frame)
        known = self._known(frame) if len(given) > 1 else set()
        counts: list[int] = []
        at = 0
        for one in frames:
            keys = [(row["icao24"], row["time"], row["provider"]) for row in rows[at : at + len(one)]]
            fresh = set(keys) - known
            known |= fresh
            counts.append(len(fresh))
            at += len(one)
        new = self._work.insert_new(positions, rows)
        if new:
            ends = frame.groupby("icao24")["time"].agg(["min", "max"])
            self._seen(
                [
                    {"icao24": str(icao24), "last_seen": row["max"].to_pydatetime(), "pending_since": row["min"].to_pydatetime()}
                    for icao24, row in ends.iterrows()
                ]
            )
        return counts if len(given) > 1 else [new if len(one) else 0 for one in frames]

    def _known(self, frame: pd.DataFrame) -> set[tuple[str, datetime, str]]:
        between = positions.c.time.between(frame["time"].min().to_pydatetime(), frame["time"].max().to_pydatetime())
        known: set[tuple[str, datetime, str]] = set()
        for wanted in chunks(sorted(frame["icao24"].unique())):
            narrow = select(positions.c.icao24, positions.c.time, positions.c.provider).where(between, positions.c.icao24.in_(wanted))
            known |= {(row[0], row[1], row[2]) for row in self._work.connection.execute(narrow)}
        return known

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
            parts.append(read_frame(self._work.connection, POSITIONS, positions, narrow, once=True))
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

    def due(self, now: datetime) -> dict[str, datetime | None]:
        """Aircraft that detection must look at now, each with the first position it has not been given (None: a silence is up).

        What a dead process kept and never looked at is among them.
        """
        columns = (aircraft_progress.c.icao24, aircraft_progress.c.pending_since)
        statement = select(*columns).where(or_(aircraft_progress.c.pending_since.is_not(None), aircraft_progress.c.check_at <= now))
        return {row.icao24: row.pending_since for row in self._work.connection.execute(statement)}

    def looked_at(self, check_at: Mapping[str, datetime | None]) -> None:
        """Detection was given all positions of these aircraft; look again at the time given (None: only when there is something new)."""
        rows = [{"icao24": icao24, "pending_since": None, "check_at": at} for icao24, at in sorted(check_at.items())]
        self._work.upsert(aircraft_progress, rows)

    def newest(self, start: datetime, end: datetime) -> dict[str, Fix]:
        """The last position of every aircraft that was last received with ``start`` ≤ time ≤ ``end``."""
        columns = [positions.c[name] for name in Fix.__dataclass_fields__]
        mine = (positions.c.icao24 == aircraft_progress.c.icao24) & (positions.c.time == aircraft_progress.c.last_seen)
        between = aircraft_progress.c.last_seen.between(start, end)
        statement = select(*columns).select_from(aircraft_progress.join(positions, mine)).where(between).order_by(positions.c.provider)
        return {row.icao24: Fix(**row._asdict()) for row in self._work.connection.execute(statement)}

    def last_between(self, icao24: str, start: datetime, end: datetime) -> Fix | None:
        """An aircraft's last position with ``start`` ≤ time ≤ ``end``."""
        columns = [positions.c[name] for name in Fix.__dataclass_fields__]
        mine = positions.c.icao24 == icao24, positions.c.time.between(start, end)
        row = self._work.connection.execute(select(*columns).where(*mine).order_by(positions.c.time.desc()).limit(1)).first()
        return Fix(**row._asdict()) if row is not None else None

    def days(self) -> tuple[datetime, datetime] | None:
        """The times of the first and the last hot position, or None without any."""
        first, last = self._work.connection.execute(select(func.min(positions.c.time), func.max(positions.c.time))).one()
        return (first, last) if first is not None else None

    def _progress(self, icao24s: Iterable[str] | None) -> dict[str, tuple[datetime | None, datetime | None]]:
        everything = select(aircraft_progress.c.icao24, aircraft_progress.c.open_since, aircraft_progress.c.last_seen)
        wanted = [everything] if icao24s is None else [everything.where(aircraft_progress.c.icao24.in_(c)) for c in chunks(set(icao24s))]
        return {row.icao24: (row.open_since, row.last_seen) for statement in wanted for row in self._work.connection.execute(statement)}

    def _seen(self, rows: Sequence[Mapping[str, Any]]) -> None:
        statement = self._work.insert(aircraft_progress)
        seen, new = aircraft_progress.c.last_seen, statement.excluded.last_seen
        pending, from_here = aircraft_progress.c.pending_since, statement.excluded.pending_since
        later = case((or_(seen.is_(None), seen < new), new), else_=seen)
        earlier = case((or_(pending.is_(None), pending > from_here), from_here), else_=pending)
        self._work.write.execute(
            statement.on_conflict_do_update(index_elements=["icao24"], set_={"last_seen": later, "pending_since": earlier}),
            sorted(rows, key=itemgetter("icao24")),
        )


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True) if parts else POSITIONS.cast()

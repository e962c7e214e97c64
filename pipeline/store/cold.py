"""Positions that left the hot rows: ``positions/2022-11-14/bucket-3.1.parquet``, one verified file a (day, bucket, number)."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pandas as pd
from sqlalchemy import delete, func, select

from pipeline.model.errors import StoreError
from pipeline.model.frames import POSITIONS
from pipeline.store.rows import read_frame
from pipeline.store.tables import position_archives, positions
from pipeline.store.work import Work

#: By address, so that one aircraft's history is in one file a day.
BUCKETS: Final = 8
FOLDER: Final = "positions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdFile:
    """``path`` is relative to the data directory."""

    path: str
    day: str
    bucket: int
    rows: int
    bytes: int
    sha256: str
    made_at: datetime


def bucket_of(icao24: str) -> int:
    """Which of the ``BUCKETS`` an address is in; ``~`` addresses too."""
    return int(icao24.lstrip("~"), 16) % BUCKETS


def write_cold(frame: pd.DataFrame, folder: Path, *, day: str, bucket: int, made_at: datetime) -> ColdFile:
    """Write a ``POSITIONS`` frame of one day and bucket aside, read it back, compare, and give it its name.

    Raises:
        StoreError: what was read back is not what was written.
        OSError: the disk is full or cannot be written.
    """
    target = folder / FOLDER / day
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 1
    while (path := target / f"bucket-{bucket}.{number}.parquet").exists():
        number += 1
    aside = path.with_suffix(".tmp")
    frame.to_parquet(aside, index=False, compression="zstd")
    with aside.open("rb") as file:
        body = file.read()
        os.fsync(file.fileno())
    back = POSITIONS.cast(pd.read_parquet(aside))
    if not back.equals(POSITIONS.cast(frame)):
        aside.unlink()
        raise StoreError(f"{path.name} does not read back as it was written", hint="check the disk; nothing was deleted")
    aside.replace(path)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return ColdFile(
        path=path.relative_to(folder).as_posix(),
        day=day,
        bucket=bucket,
        rows=len(frame),
        bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        made_at=made_at,
    )


class ColdPositions:
    """Which files there are, and taking rows out of the hot table once they are in one."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def oldest_day(self, before: datetime) -> str:
        """The UTC day of the oldest hot position before ``before``, ``""`` without one."""
        first = self._work.connection.execute(select(func.min(positions.c.time)).where(positions.c.time < before)).scalar_one()
        return f"{first:%Y-%m-%d}" if first is not None else ""

    def hot(self, day: str) -> pd.DataFrame:
        """The hot positions of a UTC day, sorted by icao24, time, provider."""
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        narrow = select(positions).where(positions.c.time >= start, positions.c.time < start + timedelta(days=1))
        return read_frame(
            self._work.connection, POSITIONS, positions, narrow.order_by(positions.c.icao24, positions.c.time, positions.c.provider)
        )

    def moved(self, files: Iterable[ColdFile], frame: pd.DataFrame) -> int:
        """Note the files and take exactly the rows of ``frame`` out of the hot table; returns how many went.

        Raises:
            StoreError: the table holds other rows than the frame for these keys.
        """
        rows = [{name: getattr(file, name) for name in ColdFile.__dataclass_fields__} for file in files]
        self._work.upsert(position_archives, rows)
        gone = 0
        for icao24, mine in frame.groupby("icao24"):
            times = mine["time"]
            narrow = positions.c.icao24 == str(icao24), positions.c.time.between(times.min().to_pydatetime(), times.max().to_pydatetime())
            count = self._work.connection.execute(select(func.count()).select_from(positions).where(*narrow)).scalar_one()
            if count != len(mine):
                raise StoreError(f"positions of {icao24} arrived while they were moved", hint="the next run moves them")
            gone += self._work.write.execute(delete(positions).where(*narrow)).rowcount
        return gone

    def files(self, day: str = "") -> tuple[ColdFile, ...]:
        """The files noted, by path."""
        statement = select(position_archives).order_by(position_archives.c.path)
        if day:
            statement = statement.where(position_archives.c.day == day)
        return tuple(ColdFile(**row._asdict()) for row in self._work.connection.execute(statement))


def read_cold(files: Iterable[ColdFile], folder: Path, *, icao24: str, start: datetime, end: datetime) -> pd.DataFrame:
    """``POSITIONS`` of one aircraft in [``start``, ``end``] from the files of those days, verified.

    Raises:
        StoreError: a file that is noted is missing or was changed.
    """
    parts = []
    for one in files:
        if one.bucket != bucket_of(icao24) or not f"{start:%Y-%m-%d}" <= one.day <= f"{end:%Y-%m-%d}":
            continue
        try:
            body = (folder / one.path).read_bytes()
        except FileNotFoundError:
            raise StoreError(f"{one.path} is not in this data directory", hint="restore it from a backup") from None
        if hashlib.sha256(body).hexdigest() != one.sha256:
            raise StoreError(f"{one.path} was changed or damaged", hint="restore it from a backup")
        frame = POSITIONS.cast(pd.read_parquet(io.BytesIO(body)))
        parts.append(frame[(frame["icao24"] == icao24) & (frame["time"] >= start) & (frame["time"] <= end)])
    return POSITIONS.cast(pd.concat(parts)) if parts else POSITIONS.cast()

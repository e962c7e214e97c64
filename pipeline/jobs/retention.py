"""Old positions leave the hot rows for Parquet files, day by day: written, read back, noted, and only then taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.jobs.apart import apart
from pipeline.jobs.world import World
from pipeline.model.settings import Settings
from pipeline.store.cold import bucket_of
from pipeline.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    rows: int = 0
    files: int = 0


def retired(
    store: Store, settings: Settings, *, older_than: timedelta, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> Retired:
    """``retire`` in another process: what reads and writes the files keeps tens of megabytes for good. Nothing when told to stop.

    Args:
        store: the one that ``settings`` name.

    Raises:
        StoreError: it failed there; what was not moved stays where it is.
    """
    with store.read() as session:
        if not session.cold.oldest_day(_border(older_than, now)):
            return Retired()
    return apart(settings, stopping, _retire_there, older_than=older_than, now=now) or Retired()


def _retire_there(store: Store, _: World, *, older_than: timedelta, now: datetime) -> Retired:
    return retire(store, older_than=older_than, now=now)


def _border(older_than: timedelta, now: datetime) -> datetime:
    return (now - older_than).replace(hour=0, minute=0, second=0, microsecond=0)


def retire(store: Store, *, older_than: timedelta, now: datetime, most_days: int = 31) -> Retired:
    """Move whole UTC days that ended ``older_than`` ago.

    A process that dies between the file and the transaction leaves a file that no row names: harmless, and the next run
    writes its own. Nothing is read from such a file.

    Raises:
        StoreError: the disk is full, a file does not read back as written.
    """
    border = _border(older_than, now)
    rows = files = 0
    for _ in range(most_days):
        with store.read() as session:
            day = session.cold.oldest_day(border)
            if not day:
                break
            frame = session.cold.hot(day)
        made = [
            store.write_cold(mine.reset_index(drop=True), day=day, bucket=int(bucket), made_at=now)
            for bucket, mine in frame.groupby(frame["icao24"].map(bucket_of))
        ]
        with store.transaction() as tx:
            rows += tx.cold.moved(made, frame)
        files += len(made)
    return Retired(rows=rows, files=files)

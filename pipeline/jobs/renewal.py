"""When the calibration snapshot is made anew, and what happens when that fails: it is noted, stops no pass, and is tried again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pipeline.jobs.apart import FEW, apart, is_long
from pipeline.jobs.calibrated import due, renew, under_kept
from pipeline.jobs.world import World
from pipeline.model.errors import StoreError, TarmacError
from pipeline.model.settings import Settings
from pipeline.model.time import parse_utc, to_iso
from pipeline.store.store import Store

#: When it last failed, and why; ``tarmac status`` tells.
FAILED_NOTE: Final = "calibration_failed"
#: Beside the files that are made.
LOCK_FILE: Final = "calibration.lock"
_AGAIN: Final = timedelta(hours=1)


def wanted(store: Store, world: World, now: datetime) -> bool:
    """Whether the snapshot is due, or there is none for these settings, and making it did not just fail."""
    with store.read() as session:
        noted = session.notes.get(FAILED_NOTE)
    at = noted.partition(" ")[0] if noted else ""
    return (world.habits is None or due(store, now)) and not (at and timedelta(0) <= now - parse_utc(at) < _AGAIN)


def renewed(
    store: Store,
    world: World,
    settings: Settings,
    *,
    now: datetime,
    few: int = FEW,
    stopping: Callable[[], bool] = lambda: False,
    anew: bool = True,
) -> World:
    """Make the snapshot, and return the world under it; as it is when told to stop, or when somebody else is making it just now.

    Args:
        store: the one that ``settings`` name.
        few: with fewer stays it is done in this process.
        anew: False: one that somebody else made, and that is not due yet, will do.

    Raises:
        StoreError: it failed; the snapshot before stays in use.
    """
    with _alone(settings.data_dir) as alone:
        if not alone:
            return world
        if not anew and not due(store, now) and (kept := under_kept(world, settings.data_dir)).habits is not None:
            return kept
        return _renewed(store, world, settings, now=now, few=few, stopping=stopping)


def _renewed(store: Store, world: World, settings: Settings, *, now: datetime, few: int, stopping: Callable[[], bool]) -> World:
    said, found = "", world
    try:
        if not is_long(store, few):
            renew(store, world, settings.data_dir, now=now)
        elif apart(settings, stopping, make_snapshot, settings.data_dir, now) is None:
            return world
        found = under_kept(world, settings.data_dir)
        if found.habits is None:
            said = "it was made under other settings than this process began with; restart it"
    except Exception as error:
        said = str(error) if isinstance(error, TarmacError) else repr(error)
    with store.transaction() as tx:
        tx.notes.put(FAILED_NOTE, f"{to_iso(now)} {said}" if said else "")
    if said:
        raise StoreError(f"the history could not be summed up: {said}", hint="the one before stays in use; tarmac calibrate tries again")
    return found


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else, thread or process, is at it on this data directory: an open transaction, which ends with its process."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(closing(sqlite3.connect(folder / LOCK_FILE, timeout=0, isolation_level=None)))
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise StoreError(f"{LOCK_FILE}: {error}", hint="check the disk and the permissions of the data directory") from None
            yield False
            return
        yield True


def make_snapshot(store: Store, world: World, data_dir: Path, now: datetime) -> bool:
    """``renew`` for another process: only that it is done is told."""
    renew(store, world, data_dir, now=now)
    return True

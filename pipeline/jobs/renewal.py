"""The calibration snapshot made anew in a process of its own: the whole history is read there, and given back with it.

A daemon that read it itself would keep that memory for months. What goes wrong there is noted in the store, stops no pass, and is
tried again an hour later.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Final

from pipeline.jobs.calibrated import due, renew, under_kept
from pipeline.jobs.world import World, make_world
from pipeline.model.errors import StoreError, TarmacError
from pipeline.model.settings import Settings
from pipeline.model.time import parse_utc, to_iso
from pipeline.store.store import Store

#: When it last failed, and why; ``tarmac status`` tells.
FAILED_NOTE: Final = "calibration_failed"
#: So few stays are summed up in a moment, and another process would take seconds to begin.
FEW: Final = 2000
_AGAIN: Final = timedelta(hours=1)
_LOOK_S: Final = 0.5


def wanted(store: Store, now: datetime) -> bool:
    """Whether the snapshot is due, and making it did not just fail."""
    with store.read() as session:
        noted = session.notes.get(FAILED_NOTE)
    at = noted.partition(" ")[0] if noted else ""
    return due(store, now) and not (at and timedelta(0) <= now - parse_utc(at) < _AGAIN)


def renewed(
    store: Store, world: World, settings: Settings, *, now: datetime, few: int = FEW, stopping: Callable[[], bool] = lambda: False
) -> World:
    """Make the snapshot, and return the world under it; as it is when told to stop.

    Args:
        store: the one that ``settings`` name: the other process opens it by them.
        few: with fewer stays it is done here.
        stopping: asked twice a second.

    Raises:
        StoreError: it failed; the snapshot before stays in use.
    """
    with store.read() as session:
        count = session.stays.count()
    said: str | None = _tried(store, settings, now, world) if count < few else _apart(settings, now, stopping)
    if said is None:
        return world
    with store.transaction() as tx:
        tx.notes.put(FAILED_NOTE, f"{to_iso(now)} {said}" if said else "")
    if said:
        raise StoreError(f"the history could not be summed up: {said}", hint="the one before stays in use; tarmac calibrate tries again")
    return under_kept(world, settings.data_dir)


def _apart(settings: Settings, now: datetime, stopping: Callable[[], bool]) -> str | None:
    """What another process said of it, ``""``: it is done; None: it was told to stop."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_in_a_process, args=(settings, now, there), name="tarmac calibrate", daemon=True)
    process.start()
    there.close()
    while process.is_alive():
        process.join(_LOOK_S)
        if stopping():
            process.terminate()
            process.join()
            return None
    with here:
        try:
            return str(here.recv())
        except EOFError:
            return f"it ended with {process.exitcode} and said nothing"


def _in_a_process(settings: Settings, now: datetime, pipe: Connection) -> None:
    try:
        with Store.open(settings.store_url, data_dir=settings.data_dir) as store:
            pipe.send(_tried(store, settings, now))
    except TarmacError as error:
        pipe.send(str(error))


def _tried(store: Store, settings: Settings, now: datetime, world: World | None = None) -> str:
    """Why it failed, or ``""``."""
    try:
        renew(store, world or make_world(settings), settings.data_dir, now=now)
    except Exception as error:
        return str(error) if isinstance(error, TarmacError) else repr(error)
    return ""

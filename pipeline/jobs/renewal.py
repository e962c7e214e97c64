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

from pipeline.jobs.calibrated import due, renew
from pipeline.jobs.world import make_world
from pipeline.model.errors import StoreError, TarmacError
from pipeline.model.settings import Settings
from pipeline.model.time import parse_utc, to_iso
from pipeline.store.store import Store

#: When it last failed, and why; ``tarmac status`` tells.
FAILED_NOTE: Final = "calibration_failed"
_AGAIN: Final = timedelta(hours=1)
_LOOK_S: Final = 0.5


def wanted(store: Store, now: datetime) -> bool:
    """Whether the snapshot is due, and making it did not just fail."""
    with store.read() as session:
        noted = session.notes.get(FAILED_NOTE)
    at = noted.partition(" ")[0] if noted else ""
    return due(store, now) and not (at and timedelta(0) <= now - parse_utc(at) < _AGAIN)


def renew_apart(store: Store, settings: Settings, *, now: datetime, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Make the snapshot in another process and wait for it. False: it was told to stop, and left none.

    Args:
        store: for the note about a failure; the other process opens the store that ``settings`` name.
        stopping: asked twice a second.

    Raises:
        StoreError: it failed; the snapshot before stays in use.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_renew, args=(settings, now, there), name="tarmac calibrate", daemon=True)
    process.start()
    there.close()
    while process.is_alive():
        process.join(_LOOK_S)
        if stopping():
            process.terminate()
            process.join()
            return False
    try:
        said = str(here.recv())
    except EOFError:
        said = f"it ended with {process.exitcode} and said nothing"
    here.close()
    with store.transaction() as tx:
        tx.notes.put(FAILED_NOTE, f"{to_iso(now)} {said}" if said else "")
    if said:
        raise StoreError(
            f"the history could not be summed up: {said}", hint="the summary before stays in use; tarmac calibrate tries again"
        )
    return True


def _renew(settings: Settings, now: datetime, pipe: Connection) -> None:
    """The other process: says why it failed, or nothing."""
    try:
        with Store.open(settings.store_url, data_dir=settings.data_dir) as store:
            renew(store, make_world(settings), settings.data_dir, now=now)
    except TarmacError as error:
        pipe.send(str(error))
    except Exception as error:
        pipe.send(repr(error))
    else:
        pipe.send("")

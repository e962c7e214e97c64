"""Work on the whole history in a process of its own, which gives its memory back: a daemon would keep it for months."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Concatenate, Final, ParamSpec, TypeVar

from pipeline.jobs.calibrated import under_kept
from pipeline.jobs.health import notify
from pipeline.jobs.world import World, make_world
from pipeline.model.errors import StoreError, TarmacError
from pipeline.model.settings import Settings
from pipeline.store.store import Store

P = ParamSpec("P")
T = TypeVar("T")

#: A history of fewer stays is gone through in a moment, and another process would take seconds to begin.
FEW: Final = 2000
_LOOK_S: Final = 0.5
#: systemd is told so often that the daemon is alive while it waits, and no longer than this: then something hangs.
_ALIVE_S: Final = 30.0
_HANGS_S: Final = 3600.0


def is_long(store: Store, few: int = FEW) -> bool:
    """Whether a store holds so many stays that going through all of them is for another process."""
    with store.read() as session:
        return session.stays.count() >= few


def apart(
    settings: Settings, stopping: Callable[[], bool], work: Callable[Concatenate[Store, World, P], T], *args: P.args, **given: P.kwargs
) -> T | None:
    """What ``work`` (a function of a module) returns in another process, which opens the store and makes the world that
    ``settings`` name. None: told to stop, asked twice a second.

    Raises:
        StoreError: it failed there; the message says how.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_there, args=(there, settings, work, args, given), name=f"tarmac {work.__name__}", daemon=True)
    process.start()
    there.close()
    with here:
        # The answer is waited for, not the end: who sends more than a pipe holds does not end before it is taken.
        begun = told = time.monotonic()
        while not here.poll(_LOOK_S):
            if stopping():
                process.terminate()
                process.join()
                return None
            if time.monotonic() - told >= _ALIVE_S and told - begun < _HANGS_S:
                notify("WATCHDOG=1")
                told = time.monotonic()
        try:
            value, failed = here.recv()
        except EOFError:
            value, failed = None, "the other process ended and said nothing"
        except Exception as error:
            value, failed = None, f"what the other process said cannot be read: {error!r}"
    process.join()
    if failed:
        raise StoreError(f"{failed} (exit code {process.exitcode})" if process.exitcode else failed)
    return value  # type: ignore[no-any-return]


def _there(pipe: Connection, settings: Settings, work: Callable[..., object], args: tuple[object, ...], given: dict[str, object]) -> None:
    try:
        with Store.open(settings.store_url, data_dir=settings.data_dir) as store:
            value = work(store, under_kept(make_world(settings), settings.data_dir), *args, **given)
        pipe.send((value, ""))
    except TarmacError as error:
        pipe.send((None, str(error)))
    except Exception as error:
        pipe.send((None, repr(error)))

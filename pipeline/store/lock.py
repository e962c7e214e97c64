"""The pass lock: one process at a time polls, detects and correlates. It is the database's own lock, so it ends with its process.

SQLite: a write transaction held open on a small file beside the store (``<name>.pass``), so that the store itself
stays free. PostgreSQL: an advisory lock of a session. Who holds it is noted in the store, for people.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, delete, select, text

from pipeline.model.errors import Busy, StoreError, StoreLocked
from pipeline.model.time import to_iso
from pipeline.store.engine import PASS_KEY, Address, reading, writing
from pipeline.store.failures import is_lock_timeout, translated
from pipeline.store.tables import lock_holders

_NAME: Final = "pass"
#: A server takes a moment to notice that a client was killed, and a pass may be just ending.
_PATIENCE_S: Final = 0.5
_KEY: Final = {"key": PASS_KEY}
_ARGUMENTS: Final = "(:key, hashtext(coalesce(current_schema(), '')))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the pass."""

    owner: str
    pid: int
    host: str
    since: datetime


@contextmanager
def hold(engine: Engine, address: Address, *, owner: str, now: datetime) -> Iterator[None]:
    """Hold the pass lock.

    Raises:
        Busy: another process holds it; the message names it.
        StoreError: the lock cannot be taken at all.
    """
    with _sqlite_lock(engine, address, address.path) if address.path is not None else _postgresql_lock(engine, address):
        mine = Holder(owner=owner, pid=os.getpid(), host=platform.node(), since=now)
        with translated(address.said), writing(engine) as connection:
            connection.execute(delete(lock_holders).where(lock_holders.c.name == _NAME))
            connection.execute(lock_holders.insert().values(name=_NAME, owner=mine.owner, pid=mine.pid, host=mine.host, since=mine.since))
        try:
            yield
        finally:
            # The note is for people; a pass that did its work does not fail because it could not be wiped.
            with suppress(StoreError), translated(address.said), writing(engine) as connection:
                connection.execute(delete(lock_holders).where(lock_holders.c.name == _NAME))


def holder(engine: Engine) -> Holder | None:
    """Who noted that they hold the pass; after a crash this outlives the lock, until the next pass."""
    with reading(engine) as connection:
        row = connection.execute(select(lock_holders).where(lock_holders.c.name == _NAME)).first()
    return None if row is None else Holder(owner=row.owner, pid=row.pid, host=row.host, since=row.since)


@contextmanager
def _sqlite_lock(engine: Engine, address: Address, path: Path) -> Iterator[None]:
    beside = path.with_name(path.name + ".pass")
    with translated(address.said):
        connection = sqlite3.connect(beside, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    with closing(connection):
        try:
            with translated(address.said):
                connection.execute("BEGIN IMMEDIATE")
        except StoreLocked:
            raise _busy(engine, address) from None
        yield


@contextmanager
def _postgresql_lock(engine: Engine, address: Address) -> Iterator[None]:
    with translated(address.said):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        try:
            with translated(address.said):
                patience = {"patience": f"{int(_PATIENCE_S * 1000)}ms"}
                connection.execute(text("SELECT set_config('lock_timeout', :patience, false)"), patience)
                connection.execute(text(f"SELECT pg_advisory_lock{_ARGUMENTS}"), _KEY)
        except StoreLocked as error:
            if not is_lock_timeout(error):
                raise
            raise _busy(engine, address) from None
        finally:
            with suppress(StoreError), translated(address.said):
                connection.execute(text("RESET lock_timeout"))
        try:
            yield
        finally:
            # A connection that broke meanwhile has let go of the lock already.
            with suppress(StoreError), translated(address.said):
                connection.execute(text(f"SELECT pg_advisory_unlock{_ARGUMENTS}"), _KEY)


def _busy(engine: Engine, address: Address) -> Busy:
    with translated(address.said):
        found = holder(engine)
    who = f"{found.owner} (pid {found.pid} on {found.host}, since {to_iso(found.since)})" if found else "one that has only just begun"
    return Busy(f"another process holds the pass: {who}", hint="wait for it to end; if it hangs, end it: its lock goes with it")

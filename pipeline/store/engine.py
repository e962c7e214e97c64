"""Engines: the same promises on SQLite and PostgreSQL.

A write transaction is alone: ``BEGIN IMMEDIATE`` on SQLite, one advisory lock a schema on PostgreSQL, so that what a
writer has read is still true when it writes. A read transaction sees one moment throughout.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from pipeline.model.errors import ConfigError, StoreError
from pipeline.store.failures import translated

WRITES: Final = "tarmac_writes"
#: First half of our advisory locks' keys; the second is a hash of the schema's name.
_WRITE_KEY: Final = 0x7A4C
PASS_KEY: Final = 0x7A4D


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a store is. ``path`` is the file of an SQLite store, None for PostgreSQL; ``said`` never holds a password."""

    url: URL
    path: Path | None
    said: str


def parse_address(url: str, *, data_dir: Path) -> Address:
    """``sqlite:///relative/to/data_dir.db``, ``sqlite:////absolute.db`` or ``postgresql://user@host/name``.

    Raises:
        ConfigError: another kind of address.
    """
    hint = "sqlite:///tarmac.db (in the data directory), sqlite:////absolute/path.db or postgresql://user@host/database"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("[store] url is not an address", hint=hint) from None
    family = parsed.drivername.partition("+")[0]
    if family == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise ConfigError("[store] url names no file", hint=hint)
        path = data_dir / Path(parsed.database).expanduser()
        return Address(url=URL.create("sqlite+pysqlite", database=str(path)), path=path, said=path.name)
    if family in ("postgresql", "postgres"):
        chosen = parsed.set(drivername="postgresql+psycopg")
        return Address(url=chosen, path=None, said=chosen.set(drivername="postgresql", query={}).render_as_string(hide_password=True))
    raise ConfigError(f"[store] url: {family} is not a database that tarmac knows", hint=hint)


def make_engine(address: Address, *, readonly: bool, busy_timeout_s: float) -> Engine:
    """An engine with our transactions; nothing is opened yet.

    Raises:
        StoreError: PostgreSQL is asked for and its driver is not installed.
    """
    if address.path is not None:
        return _sqlite(address.path, readonly=readonly, busy_timeout_s=busy_timeout_s)
    return _postgresql(address.url, readonly=readonly, busy_timeout_s=busy_timeout_s)


def _sqlite(path: Path, *, readonly: bool, busy_timeout_s: float) -> Engine:
    target = str(path)
    if readonly:
        target = f"{path.resolve().as_uri()}?mode=ro{_immutable(path)}"

    def connect() -> sqlite3.Connection:
        # isolation_level None: the driver begins nothing by itself, so that DDL is transactional and BEGIN is ours.
        return sqlite3.connect(target, uri=readonly, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite+pysqlite:///" + str(path), creator=connect, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _immutable(path: Path) -> str:
    # In a directory that cannot be written, SQLite cannot make the -shm file that reading a WAL database needs.
    # Without a log beside it the file is complete as it is.
    wal = path.with_name(path.name + "-wal")
    writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return "" if writable or (wal.exists() and wal.stat().st_size) else "&immutable=1"


def _postgresql(url: URL, *, readonly: bool, busy_timeout_s: float) -> Engine:
    options = f"-c timezone=UTC -c lock_timeout={max(1, int(busy_timeout_s * 1000))}"
    if readonly:
        options += " -c default_transaction_read_only=on"
    given = url.query.get("options", "")
    query = {**url.query, "options": " ".join((given if isinstance(given, str) else " ".join(given), options)).strip()}
    try:
        engine = create_engine(url.set(query=query), pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs its driver", hint="pip install 'tarmac[postgres]'") from None

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES, False):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key, hashtext(coalesce(current_schema(), '')))"), {"key": _WRITE_KEY})

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a write transaction: committed at the end, rolled back on any exception."""
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment of the store; nothing is kept."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin() as transaction:
        try:
            yield connection
        finally:
            transaction.rollback()


def use_wal(engine: Engine, said: str) -> None:
    """Switch an SQLite file to write-ahead logging, which stays with the file: readers and the writer do not block each other.

    Raises:
        StoreError: the file system cannot do it (network file systems cannot).
    """
    with translated(said):
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            if mode != "wal":
                mode = cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        finally:
            raw.close()
    if mode != "wal":
        raise StoreError(
            f"{said}: this file system cannot keep the store",
            hint="network file systems cannot: use a local disk for it, or PostgreSQL ([store] url)",
        )

"""The store's door: open it, read one moment of it, change it in transactions, hold the pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pandas as pd
from sqlalchemy import Engine, func, select, text

from pipeline.model.errors import StoreError
from pipeline.store.archive import Appender, Archive
from pipeline.store.cold import ColdFile, write_cold
from pipeline.store.engine import Address, make_engine, parse_address, reading, use_wal, writing
from pipeline.store.failures import files_translated, translated
from pipeline.store.lock import Holder, hold, holder
from pipeline.store.migrate import is_head, require_head, revision_of, upgrade
from pipeline.store.session import Session
from pipeline.store.tables import METADATA, position_archives
from pipeline.store.work import OriginClass, Work

DEFAULT_URL: Final = "sqlite:///tarmac.db"

_POSTGRESQL_SIZE: Final = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(current_schema())"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes of the database (its log included), of the capture archives and of the Parquet files of old positions, and how
    many rows each table holds."""

    database_bytes: int
    archive_bytes: int
    archives: int
    cold_bytes: int
    rows: Mapping[str, int]


class Store:
    """An open store. Use ``Store.open``; close it, or use it in a ``with``.

    Reading and writing go through the repositories of a ``Session``. One transaction may change landings, matches and
    the outbox together. Keep transactions short: no network and no drawing inside.
    """

    def __init__(self, engine: Engine, address: Address, data_dir: Path, *, readonly: bool) -> None:
        self._engine = engine
        self._address = address
        self._archive = Archive(data_dir / "captures")
        self.data_dir = data_dir
        self.readonly = readonly

    @classmethod
    def open(
        cls,
        url: str = DEFAULT_URL,
        *,
        data_dir: Path,
        readonly: bool = False,
        migrate: bool = False,
        origin: OriginClass | None = None,
        busy_timeout_s: float = 10.0,
    ) -> Store:
        """Open a store, and make or migrate it where that is safe to do unasked.

        An SQLite file is made when it is missing, and migrated after a copy ``<name>.bak-<revision>`` of it. A
        PostgreSQL database is made or migrated only with ``migrate``.

        Args:
            url: ``sqlite:///name.db`` (relative to ``data_dir``), ``sqlite:////absolute.db``, ``postgresql://…``.
            data_dir: where captures are; made (0700) when it is missing.
            readonly: change nothing, not even the schema.
            origin: what the store may hold: ``live`` (and recorded) or ``demo`` (recorded and reconstructed) rows.
                None: the first live or reconstructed row decides.
            busy_timeout_s: how long to wait for another writer.

        Raises:
            ConfigError: ``url`` is not the address of a store.
            NeedsMigration: its schema is older (PostgreSQL, or ``readonly``) or newer than this version's.
            OriginMixed: the store holds the other kind of rows.
            StoreLocked: another writer held it too long, or the server cannot be reached now.
            StoreError: it cannot be opened, or is something else.
        """
        address = parse_address(url, data_dir=data_dir)
        with files_translated(address.said):
            _prepare(address, data_dir, readonly=readonly)
        engine = make_engine(address, readonly=readonly, busy_timeout_s=busy_timeout_s)
        try:
            _bring_up(engine, address, readonly=readonly, may_migrate=migrate or address.path is not None)
            store = cls(engine, address, data_dir, readonly=readonly)
            if origin is not None:
                store._declare(origin)
        except BaseException:
            engine.dispose()
            raise
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @property
    def said(self) -> str:
        """The store's name for people: never a password."""
        return self._address.said

    def revision(self) -> str:
        """The schema's revision."""
        with translated(self.said), reading(self._engine) as connection:
            return revision_of(connection)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Change the store: all of it or, on any exception, nothing. Raw bodies are durable before the rows that name them.

        Raises:
            StoreLocked: another writer held it too long.
            StoreError: the disk is full, the store is read-only, …
        """
        if self.readonly:
            raise StoreError(f"{self.said}: the store is open for reading only", hint="open it for writing")
        appender = Appender(self._archive.folder)
        with translated(self.said), writing(self._engine) as connection:
            try:
                yield Session(Work(connection, self._archive, said=self.said, appender=appender))
                with files_translated(self.said):
                    appender.sync()
            except BaseException:
                with suppress(OSError):
                    appender.undo()
                raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See one moment of the store; writing through it is refused."""
        with translated(self.said), reading(self._engine) as connection:
            yield Session(Work(connection, self._archive, said=self.said))

    @contextmanager
    def pass_lock(self, owner: str, now: datetime) -> Iterator[None]:
        """Be the only process that runs a pass. The lock ends with the process, however it ends.

        Raises:
            Busy: another process holds it; the message says which, where and since when.
        """
        if self.readonly:
            raise StoreError(f"{self.said}: the store is open for reading only", hint="open it for writing")
        with hold(self._engine, self._address, owner=owner, now=now):
            yield

    def write_cold(self, frame: pd.DataFrame, *, day: str, bucket: int, made_at: datetime) -> ColdFile:
        """Write positions of one day and bucket to a Parquet file in the data directory, verified; the rows stay where they are.

        Raises:
            StoreError: the disk is full, or it does not read back as it was written.
        """
        with files_translated(self.said):
            return write_cold(frame, self.data_dir, day=day, bucket=bucket, made_at=made_at)

    def pass_holder(self) -> Holder | None:
        """Who noted last that they hold the pass and have not let go of it; a killed process leaves its note behind."""
        with translated(self.said):
            return holder(self._engine)

    def sizes(self) -> Sizes:
        """How big the store is."""
        with translated(self.said), reading(self._engine) as connection:
            rows = {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in METADATA.sorted_tables}
            if self._address.path is None:
                database = int(connection.execute(text(_POSTGRESQL_SIZE)).scalar_one() or 0)
            else:
                files = [self._address.path, self._address.path.with_name(self._address.path.name + "-wal")]
                database = sum(path.stat().st_size for path in files if path.exists())
            archives, archive_bytes = self._archive.size()
            cold = int(connection.execute(select(func.coalesce(func.sum(position_archives.c.bytes), 0))).scalar_one())
        return Sizes(database_bytes=database, archive_bytes=archive_bytes, archives=archives, cold_bytes=cold, rows=rows)

    def _declare(self, origin: OriginClass) -> None:
        with self.read() as session:
            decided = session.origin_class()
        if decided == origin:
            return
        with translated(self.said), writing(self._engine) as connection:
            Work(connection, self._archive, said=self.said, appender=Appender(self._archive.folder)).declare(origin)


def _prepare(address: Address, data_dir: Path, *, readonly: bool) -> None:
    if not readonly:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if address.path is not None:
            address.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif address.path is not None and not address.path.is_file():
        raise StoreError(f"{address.said}: there is no store yet", hint="a first tarmac demo or tarmac poll makes it")


def _bring_up(engine: Engine, address: Address, *, readonly: bool, may_migrate: bool) -> None:
    with translated(address.said), reading(engine) as connection:
        found = revision_of(connection)
    if not is_head(found):
        if readonly or not may_migrate:
            require_head(found, address)
        upgrade(engine, address)
    if address.path is not None and not readonly:
        use_wal(engine, address.said)

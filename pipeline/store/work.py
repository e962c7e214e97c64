"""What the repositories of one transaction share: the connection, whether it may write, and the rule of origins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import Cast, Column, Connection, Table, Text, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from pipeline.model.errors import OriginMixed, StoreError
from pipeline.model.origin import Origin
from pipeline.model.time import require_utc
from pipeline.store.archive import Appender, Archive
from pipeline.store.rows import chunks
from pipeline.store.tables import meta
from pipeline.store.types import CleanText, UtcTime, clean_text

OriginClass = Literal["live", "demo"]

_CLASS_OF: dict[Origin, OriginClass] = {Origin.LIVE: "live", Origin.RECONSTRUCTED: "demo"}
_REFUSAL: dict[OriginClass, tuple[str, str]] = {
    "live": (
        "this store holds live rows and takes no reconstructed ones",
        "a demonstration has a store of its own: tarmac demo, or another --config with its own [store] url and data directory",
    ),
    "demo": ("this is a demonstration's store and takes no live rows", "use another [store] url and data directory for live data"),
}


#: SQLAlchemy forgets how many rows an INSERT made unless it is asked.
_COUNTED: Final = {"preserve_rowcount": True}


def _array(column: Column[Any], values: list[Any]) -> Cast[Any]:
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, CleanText):
        kind, values = Text(), [clean_text(str(value)) for value in values]
    elif isinstance(kind, UtcTime):
        kind = postgresql.TIMESTAMP(timezone=True)
        values = [None if value is None else require_utc(value) for value in values]
    return cast(values, postgresql.ARRAY(kind))


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@lru_cache(maxsize=256)
def _upserting(dialect: str, table: Table, given: frozenset[str]) -> sqlite.Insert | postgresql.Insert:
    """The statement of ``Work.upsert``: making it costs more than a small one takes to run."""
    key = [column.name for column in table.primary_key]
    statement = _insert(dialect, table)
    changed = {name: statement.excluded[name] for name in sorted(given) if name not in key}
    return (
        statement.on_conflict_do_update(index_elements=key, set_=changed)
        if changed
        else statement.on_conflict_do_nothing(index_elements=key)
    )


class Work:
    """One transaction. ``connection`` is for reading; what changes anything goes through ``write`` or ``appender``."""

    def __init__(self, connection: Connection, archive: Archive, *, said: str, appender: Appender | None = None) -> None:
        self.connection = connection
        self.archive = archive
        self.said = said
        self._appender = appender
        self._admitted: OriginClass | None = None

    @property
    def write(self) -> Connection:
        """The connection, for changing something.

        Raises:
            StoreError: this is a reading view.
        """
        self.appender  # noqa: B018 - raises
        return self.connection

    @property
    def appender(self) -> Appender:
        """The archives, for adding a body.

        Raises:
            StoreError: this is a reading view.
        """
        if self._appender is None:
            raise StoreError("the store is open for reading only", hint="open a transaction of a store that may be written")
        return self._appender

    def upsert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows; where the primary key is there, overwrite the columns that the rows give. Of rows with one key the last counts."""
        if not rows:
            return
        key = [column.name for column in table.primary_key]
        rows = list({tuple(row[name] for name in key): row for row in rows}.values())
        self.write.execute(_upserting(self.connection.dialect.name, table, frozenset(rows[0])), rows)

    def insert_new(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert the rows that break no unique key, and count them."""
        if not rows:
            return 0
        if self.connection.dialect.name != "postgresql":
            return self.write.execute(self.insert(table).on_conflict_do_nothing(), rows, execution_options=_COUNTED).rowcount
        return sum(self._insert_columns(table, part) for part in chunks(rows))

    def _insert_columns(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        # One array a column: row by row, PostgreSQL takes ten times as long, and its driver does not know how many were new.
        names = list(rows[0])
        arrays = [_array(table.c[name], [row[name] for row in rows]) for name in names]
        source = func.unnest(*arrays).table_valued(*names).render_derived(name="given")
        statement = postgresql.insert(table).from_select(names, select(*(source.c[name] for name in names)))
        return self.write.execute(statement.on_conflict_do_nothing(), execution_options=_COUNTED).rowcount

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT, which both databases spell alike."""
        return _insert(self.connection.dialect.name, table)

    def origin_class(self) -> OriginClass | None:
        """``live`` or ``demo`` once it is decided."""
        value = self.connection.execute(select(meta.c.value).where(meta.c.key == "origin_class")).scalar_one_or_none()
        return "live" if value == "live" else "demo" if value == "demo" else None

    def declare(self, wanted: OriginClass) -> None:
        """Decide what the store holds.

        Raises:
            OriginMixed: the other was decided.
        """
        decided = self.origin_class()
        if decided is None:
            self.upsert(meta, [{"key": "origin_class", "value": wanted}])
        elif decided != wanted:
            message, hint = _REFUSAL[decided]
            raise OriginMixed(message, hint=hint)
        self._admitted = wanted

    def admit(self, origins: Iterable[Origin | str], *, what: str) -> None:
        """Let rows of these origins in. The first live or reconstructed row decides what the store holds for ever.

        Raises:
            OriginMixed: live rows and reconstructed ones would share a store.
            StoreError: a row of ``what`` has no origin.
        """
        for origin in set(origins):
            try:
                wanted = _CLASS_OF.get(Origin(origin))
            except ValueError:
                raise StoreError(f"{what}: {str(origin)!r} is not an origin", hint="live, recorded or reconstructed") from None
            if wanted is not None and wanted != self._admitted:
                self.declare(wanted)

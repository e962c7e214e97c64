"""Which schema a store has, and bringing it to the one that this version knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from pipeline.model.errors import NeedsMigration, StoreError
from pipeline.store.engine import WRITES, Address
from pipeline.store.failures import translated

if TYPE_CHECKING:
    from alembic.config import Config

#: The schema of this version: the last revision in ``migrations/versions``.
HEAD: Final = "floors"
SCRIPTS: Final = Path(__file__).parent / "migrations"
_VERSION_TABLE: Final = "alembic_version"


def revision_of(connection: Connection) -> str:
    """The store's revision, ``""`` for a database without any table.

    Raises:
        StoreError: it has tables, but not ours.
    """
    tables = inspect(connection).get_table_names()
    if _VERSION_TABLE in tables:
        # An interrupted first migration leaves nothing: DDL is transactional on both databases.
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")
    if tables:
        raise StoreError(
            f"the database holds other tables ({', '.join(sorted(tables)[:3])}) and no tarmac store",
            hint="give tarmac a database of its own: [store] url",
        )
    return ""


def require_head(found: str, address: Address) -> None:
    """Raises:
    NeedsMigration: ``found`` is older or newer than this version's schema.
    """
    if found == HEAD:
        return
    if found and not _known(found):
        raise NeedsMigration(
            f"{address.said}: the store was written by a newer tarmac (its schema is {found}, this version knows {HEAD})",
            hint="install the newer tarmac; the .bak files beside an SQLite store are from before its migrations",
        )
    raise NeedsMigration(
        f"{address.said}: the store's schema is {found or 'missing'}, this version needs {HEAD}",
        hint="tarmac store migrate" if address.path is None else "tarmac store migrate; the next tarmac poll does it, too",
    )


def is_head(found: str) -> bool:
    """Whether a store of this revision is as this version needs it."""
    return found == HEAD


def upgrade(engine: Engine, address: Address) -> None:
    """Bring the store to ``HEAD``; an SQLite file that holds data is copied to ``<name>.bak-<revision>`` first.

    All in one write transaction: of two processes that open an old store at once, the second finds it done.

    Raises:
        NeedsMigration: the store is newer than this version.
        StoreError: the database holds other tables, or cannot be read or written.
    """
    with translated(address.said), engine.connect().execution_options(**{WRITES: True}) as connection:
        _enforce_foreign_keys(connection, on=False)
        try:
            with connection.begin():
                _upgrade(connection, address)
        finally:
            _enforce_foreign_keys(connection, on=True)


def _upgrade(connection: Connection, address: Address) -> None:
    found = revision_of(connection)
    if found == HEAD:
        return
    if found and not _known(found):
        require_head(found, address)
    if found and address.path is not None:
        back_up(address.path, found)
    from alembic import command

    command.upgrade(alembic_config(connection), "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise StoreError(
                f"{address.said}: after the migration {len(broken)} rows would name rows that are not there",
                hint="nothing was changed; please report it",
            )


def back_up(path: Path, revision: str) -> Path:
    """A complete copy of an SQLite file (its log included) as ``<name>.bak-<revision>``; written aside, then renamed."""
    target = path.with_name(f"{path.name}.bak-{revision}")
    aside = target.with_name(target.name + ".part")
    aside.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(aside)) as copy:
        source.backup(copy)
    aside.replace(target)
    return target


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings without a file: the scripts inside the package, and the connection to migrate."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _known(revision: str) -> bool:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(SCRIPTS))
    return any(script.revision == revision for script in scripts.walk_revisions())


def _enforce_foreign_keys(connection: Connection, *, on: bool) -> None:
    # Outside a transaction, the only place where SQLite obeys it: rebuilding a table must not trip over the rows that name it.
    driver = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" and driver is not None:
        driver.cursor().execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")

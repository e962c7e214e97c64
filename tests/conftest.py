"""Fixtures that several rooms share: stores on SQLite and on PostgreSQL.

PostgreSQL is the server that TARMAC_TEST_POSTGRES_URL names (each test uses a schema of its own in it), or else a
private one, started once a session when its programs are on this machine: no network, no trace left.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sqlalchemy import Engine

PRIVATE_SERVER = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
}


def _postgresql_program(name: str) -> str | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]) if p.parts[4].isdigit() else 0)
    return str(installed[-1]) if installed else shutil.which(name)


def _start(folder: Path) -> Callable[[], None]:
    """Make and start a server in ``folder``; returns what stops it. Its programs refuse to run as root."""
    initdb, pg_ctl = _postgresql_program("initdb"), _postgresql_program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("no PostgreSQL here: set TARMAC_TEST_POSTGRES_URL, or install initdb and pg_ctl")
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        who = {"user": "nobody", "extra_groups": []}
    log, data = folder / "log", folder / "data"
    settings = " ".join(f"-c {name}='{value}'" for name, value in PRIVATE_SERVER.items())

    def run(*command: str) -> None:
        # Into a file, not a pipe: the server inherits it and would keep a pipe open for ever.
        with (folder / "commands").open("ab") as said:
            done = subprocess.run(command, stdout=said, stderr=said, cwd=folder, timeout=120, check=False, **who)
        if done.returncode:
            pytest.skip(f"{Path(command[0]).name} failed: {(folder / 'commands').read_text()[-300:]}")

    run(initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    run(pg_ctl, "-D", str(data), "-l", str(log), "-w", "-o", f"{settings} -c unix_socket_directories='{folder}'", "start")
    return lambda: run(pg_ctl, "-D", str(data), "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL database in which tests may make schemas."""
    pytest.importorskip("psycopg", reason="no PostgreSQL driver: pip install 'tarmac[postgres]'")
    if given := os.environ.get("TARMAC_TEST_POSTGRES_URL"):
        yield given
        return
    # Not under pytest's own folder: the path of a socket may have 100 characters, and its owner must reach it.
    folder = Path(tempfile.mkdtemp(prefix="tarmac-pg-"))
    try:
        stop = _start(folder)
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _schema(server: str) -> Iterator[str]:
    from sqlalchemy import create_engine, make_url, text

    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"tarmac_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
        try:
            yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    admin.dispose()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The address of an empty schema on a PostgreSQL server; it is dropped after the test."""
    with _schema(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def _postgresql_store(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a schema that is migrated once a session."""
    from sqlalchemy import create_engine

    from pipeline.store.store import Store

    with _schema(postgresql_server) as url:
        Store.open(url, data_dir=tmp_path_factory.mktemp("postgresql"), migrate=True).close()
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def postgresql_store_url(_postgresql_store: Engine) -> str:
    """The address of an empty store on a PostgreSQL server; its schema is migrated."""
    from pipeline.store.tables import METADATA

    with _postgresql_store.begin() as connection:
        connection.exec_driver_sql(";".join(f"DELETE FROM {table.name}" for table in reversed(METADATA.sorted_tables)))
    return _postgresql_store.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def _sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with an empty store; making one from nothing takes longer than copying it."""
    from pipeline.store.store import Store

    folder = tmp_path_factory.mktemp("sqlite")
    Store.open(data_dir=folder).close()
    return folder / "tarmac.db"


@pytest.fixture
def sqlite_store_url(_sqlite_store: Path, tmp_path: Path) -> str:
    """The address of an empty store in an SQLite file, in the data directory ``tmp_path / "data"``."""
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copy(_sqlite_store, tmp_path / "data")
    return "sqlite:///tarmac.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store (see ``open_store``), on each kind of database in turn."""
    return str(request.getfixturevalue(f"{request.param}_store_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store_url(request: pytest.FixtureRequest) -> str:
    """The address of a store that has no schema yet, on each kind of database in turn."""
    return str(request.getfixturevalue("postgresql_url")) if request.param == "postgresql" else "sqlite:///tarmac.db"


@pytest.fixture
def open_store(store_url: str, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens the store at ``store_url`` with the data directory ``tmp_path / "data"``, anew at each call; all are closed at the end."""
    from pipeline.store.store import Store

    opened: list[Store] = []

    def open_again(**options: Any) -> Store:
        opened.append(Store.open(store_url, **{"data_dir": tmp_path / "data", "migrate": True, **options}))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Any]) -> Any:
    """A new, empty store, on each kind of database in turn."""
    return open_store()

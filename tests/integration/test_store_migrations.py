"""The schema: made, migrated, refused; the same on both databases as in ``pipeline.store.tables``."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import ProgrammingError
from store_builders import AT, a_capture

import pipeline.store.migrations
from pipeline.model.errors import ConfigError, NeedsMigration, StoreError
from pipeline.store import migrate
from pipeline.store.store import Store
from pipeline.store.tables import METADATA


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(pipeline.store.migrations.__file__).parent))


@pytest.fixture
def open_new(new_store_url: str, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the store at ``new_store_url``; all are closed at the end."""
    opened: list[Store] = []

    def open_it() -> Store:
        opened.append(Store.open(new_store_url, data_dir=tmp_path / "data", migrate=True))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


def test_the_history_is_one_line_and_ends_at_head() -> None:
    assert scripts().get_heads() == [migrate.HEAD]
    assert len(scripts().get_bases()) == 1
    assert all(not script.is_merge_point and not script.is_branch_point for script in scripts().walk_revisions())


def test_the_migrated_schema_is_the_one_in_the_tables(open_new: Callable[[], Store]) -> None:
    with open_new()._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_comparison_of_schemas_sees_a_difference(open_new: Callable[[], Store]) -> None:
    with open_new()._engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE landings ADD COLUMN extra TEXT")
        connection.exec_driver_sql("DROP INDEX ix_revisions_at")
        found = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert sorted(str(difference[0]) for difference in found) == ["add_index", "remove_column"]


def test_opening_again_finds_what_was_written(open_store: Callable[..., Store]) -> None:
    with open_store().transaction() as tx:
        tx.reviews.add("lnd-x", "confirmed", at=AT)
    with open_store(migrate=False).read() as view:
        assert [review.verdict for review in view.reviews.of("lnd-x")] == ["confirmed"]


def test_postgresql_is_not_migrated_unasked(postgresql_url: str, tmp_path: Path) -> None:
    with pytest.raises(NeedsMigration, match="schema is missing") as caught:
        Store.open(postgresql_url, data_dir=tmp_path)
    assert caught.value.hint == "tarmac store migrate"
    assert caught.value.exit_code == 4
    Store.open(postgresql_url, data_dir=tmp_path, migrate=True).close()
    Store.open(postgresql_url, data_dir=tmp_path).close()


def stamp(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()


@pytest.fixture
def next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds a revision 9999 with this body to a copy of the history, which still has only one, and makes it the head."""

    def add(body: str) -> None:
        history = tmp_path / "history"
        shutil.copytree(migrate.SCRIPTS, history, ignore=shutil.ignore_patterns("__pycache__"))
        (history / "versions" / "r9999_next.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = '9999'\ndown_revision = '{migrate.HEAD}'\nbranch_labels = depends_on = None\n"
            f"def upgrade():\n{textwrap.indent(body, '    ')}\n"
        )
        monkeypatch.setattr(migrate, "SCRIPTS", history)
        monkeypatch.setattr(migrate, "HEAD", "9999")

    return add


def test_an_older_sqlite_store_is_copied_and_then_migrated(tmp_path: Path, next_revision: Callable[[str], None]) -> None:
    data_dir, old = tmp_path / "data", migrate.HEAD
    with Store.open(data_dir=data_dir) as store, store.transaction() as tx:
        tx.reviews.add("lnd-x", "refuted", at=AT, note="kept through the migration")
    next_revision(
        "with op.batch_alter_table('reviews', recreate='always') as batch:\n"
        "    batch.add_column(sa.Column('colour', sa.Text(), nullable=False, server_default='none'))"
    )
    with pytest.raises(NeedsMigration, match="this version needs 9999"):
        Store.open(data_dir=data_dir, readonly=True)
    assert not list(data_dir.glob("*.bak-*"))

    with Store.open(data_dir=data_dir) as store, store.read() as view:
        assert store.revision() == "9999"
        assert [review.note for review in view.reviews.of("lnd-x")] == ["kept through the migration"]
        with store._engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT colour FROM reviews").scalar_one() == "none"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1

    backup = data_dir / f"tarmac.db.bak-{old}"
    assert [path.name for path in data_dir.glob("*.bak-*")] == [backup.name]
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(old,)]
        assert copy.execute("SELECT note FROM reviews").fetchall() == [("kept through the migration",)]


def test_an_older_postgresql_store_waits_to_be_asked(postgresql_url: str, tmp_path: Path, next_revision: Callable[[str], None]) -> None:
    Store.open(postgresql_url, data_dir=tmp_path, migrate=True).close()
    next_revision("op.add_column('reviews', sa.Column('colour', sa.Text(), nullable=False, server_default='none'))")
    with pytest.raises(NeedsMigration, match="this version needs 9999"):
        Store.open(postgresql_url, data_dir=tmp_path)
    with Store.open(postgresql_url, data_dir=tmp_path, migrate=True) as store:
        assert store.revision() == "9999"


def test_a_migration_that_fails_changes_nothing(
    open_new: Callable[[], Store], next_revision: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_new()
    next_revision("op.drop_table('reviews')\nop.execute('DROP TABLE no_such_table')")
    with pytest.raises((StoreError, ProgrammingError), match="no_such_table"):
        open_new()
    monkeypatch.undo()
    with open_new().read() as view:
        assert view.reviews.of("lnd-x") == []


def test_a_migration_that_orphans_rows_is_taken_back(tmp_path: Path, next_revision: Callable[[str], None]) -> None:
    with Store.open(data_dir=tmp_path / "data") as store, store.transaction() as tx:
        tx.captures.add(a_capture(b"{}"), b"{}")
    next_revision("op.execute('DELETE FROM bodies')")
    with pytest.raises(StoreError, match="1 rows would name rows that are not there"):
        Store.open(data_dir=tmp_path / "data")


@pytest.mark.parametrize("readonly", [False, True])
def test_a_store_of_a_newer_tarmac_is_left_alone(tmp_path: Path, readonly: bool) -> None:
    Store.open(data_dir=tmp_path).close()
    stamp(tmp_path / "tarmac.db", "7777")
    with pytest.raises(NeedsMigration, match=r"newer tarmac.*7777") as caught:
        Store.open(data_dir=tmp_path, readonly=readonly)
    assert "newer tarmac" in caught.value.hint
    assert not list(tmp_path.glob("*.bak-*"))


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "tarmac.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="other tables \\(recipes\\)"):
        Store.open(data_dir=tmp_path)


def test_a_schema_of_something_else_is_refused(postgresql_url: str, tmp_path: Path) -> None:
    engine = create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")
    engine.dispose()
    with pytest.raises(StoreError, match="other tables \\(recipes\\)"):
        Store.open(postgresql_url, data_dir=tmp_path, migrate=True)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "tarmac.db").write_bytes(b"icao24,time,lat,lon\n" * 300)
    with pytest.raises(StoreError, match="not a database") as caught:
        Store.open(data_dir=tmp_path)
    assert "[store] url" in caught.value.hint
    assert (tmp_path / "tarmac.db").read_bytes() == b"icao24,time,lat,lon\n" * 300


def test_reading_only_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store yet"):
        Store.open(data_dir=tmp_path / "none", readonly=True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x", "tarmac.db", ""])
def test_other_addresses_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Store.open(url, data_dir=tmp_path)
    assert "sqlite:///" in caught.value.hint


def test_processes_that_open_a_new_store_at_once_agree(open_new: Callable[[], Store], new_store_url: str, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pipeline.store.store import Store\n"
        "from datetime import datetime, UTC\n"
        "with Store.open(sys.argv[1], data_dir=Path(sys.argv[2]), migrate=True) as s, s.transaction() as tx:\n"
        "    tx.reviews.add('lnd-x', 'confirmed', at=datetime(2022, 11, 14, tzinfo=UTC), by=sys.argv[3])\n"
    )
    command = [sys.executable, "-c", program, new_store_url, str(tmp_path / "data")]
    running = [subprocess.Popen([*command, str(number)], stderr=subprocess.PIPE) for number in range(2)]
    assert [process.communicate(timeout=60)[1] for process in running] == [b""] * 2
    with open_new().read() as view:
        assert sorted(review.by for review in view.reviews.of("lnd-x")) == ["0", "1"]

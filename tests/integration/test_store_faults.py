"""A full disk, directories and files that may not be written, servers that are not there: a clear error, and nothing lost."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from store_builders import AT, BY, a_capture, a_landing

from pipeline.model.errors import ConfigError, StoreError, StoreLocked
from pipeline.store.engine import use_wal
from pipeline.store.store import Store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 1.5 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)], check=False, capture_output=True).returncode
    ):
        pytest.skip("a small file system cannot be mounted here (that takes root and Linux)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert shutil.disk_usage(folder).free == 0
    return ballast


def test_a_full_disk_is_named_and_what_was_committed_is_safe(small_disk: Path) -> None:
    noise = os.urandom(300_000)
    with Store.open(data_dir=small_disk) as store:
        with store.transaction() as tx:
            tx.captures.add(a_capture(b"before"), b"before")
        ballast = fill(small_disk)

        def write() -> None:
            with store.transaction() as tx:
                tx.landings.write(a_landing(), change="new", at=AT, **BY)
                tx.captures.add(a_capture(noise), noise)

        with pytest.raises(StoreError, match="disk is full") as caught:
            write()
        assert "free some space" in caught.value.hint

        def write_rows_only() -> None:
            with store.transaction() as tx:
                for number in range(200):
                    tx.landings.write(a_landing(f"lnd-{number}", reason="x" * 500), change="new", at=AT, **BY)

        with pytest.raises(StoreError, match="disk is full"):
            write_rows_only()
        with store.read() as view:
            assert view.landings.current().empty
            assert view.captures.body(a_capture(b"before").sha256) == b"before"
        ballast.unlink()
        write()
        with store.read() as view:
            assert len(view.landings.current()) == 1
            assert view.captures.body(a_capture(noise).sha256) == noise


def test_a_full_disk_at_the_first_start_is_named(small_disk: Path) -> None:
    fill(small_disk)
    with pytest.raises(StoreError, match="disk is full"):
        Store.open(data_dir=small_disk / "data")


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may write everywhere, so step down while testing that others may not."""
    import pwd

    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that everybody may reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="tarmac-test-"))
    folder.chmod(0o755)
    yield folder
    subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=True)
    shutil.rmtree(folder)


def closed_to_writing(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def test_a_data_directory_that_cannot_be_written_is_named(shared_folder: Path) -> None:
    closed_to_writing(shared_folder)
    with unprivileged(), pytest.raises(StoreError, match="cannot be written") as caught:
        Store.open(data_dir=shared_folder / "data")
    assert "permissions" in caught.value.hint


def test_a_store_that_may_only_be_read_is_read_and_not_written(shared_folder: Path) -> None:
    with Store.open(data_dir=shared_folder) as store, store.transaction() as tx:
        tx.landings.write(a_landing(), change="new", at=AT, **BY)
        tx.captures.add(a_capture(b"body"), b"body")
    closed_to_writing(shared_folder)
    with unprivileged():
        with Store.open(data_dir=shared_folder, readonly=True) as store, store.read() as view:
            assert len(view.landings.current()) == 1
            assert view.captures.body(a_capture(b"body").sha256) == b"body"
        with pytest.raises(StoreError, match=r"cannot be (written|opened)"):
            Store.open(data_dir=shared_folder)


def test_the_data_directory_is_only_its_owners(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path / "a" / "data") as store, store.transaction() as tx:
        tx.captures.add(a_capture(b"body"), b"body")
    modes = [stat.S_IMODE((tmp_path / "a" / "data" / name).stat().st_mode) for name in (".", "captures")]
    assert modes == [0o700, 0o700]


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path) as store, store.transaction() as tx:
        for number in range(50):
            tx.landings.write(a_landing(f"lnd-{number}"), change="new", at=AT, **BY)
    with (tmp_path / "tarmac.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 40)

    def use() -> None:
        with Store.open(data_dir=tmp_path) as store, store.transaction() as tx:
            tx.landings.write(a_landing("lnd-new"), change="new", at=AT, **BY)
            tx.landings.current()

    with pytest.raises(StoreError, match="damaged") as caught:
        use()
    assert ".bak" in caught.value.hint


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreLocked, match="cannot be reached") as caught:
        Store.open(f"postgresql://analyst:s3cret@/tarmac?host={tmp_path}", data_dir=tmp_path / "data")
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in caught.value.hint
    assert "analyst:***@" in str(caught.value)


def test_a_database_that_the_server_lacks_is_named(postgresql_server: str, tmp_path: Path) -> None:
    from sqlalchemy import make_url

    url = make_url(postgresql_server).set(database="no_such_tarmac").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match=r"refused the connection.*no_such_tarmac") as caught:
        Store.open(url, data_dir=tmp_path)
    assert "createdb" in caught.value.hint


def test_an_address_that_is_none_keeps_its_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Store.open("mysql://root:s3cret@localhost/x", data_dir=tmp_path)
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_a_transactions_own_file_errors_are_not_mistaken_for_the_stores(open_store: Callable[..., Store], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_store().transaction():
        (tmp_path / "recording.csv").read_bytes()


def test_a_file_system_on_which_several_processes_cannot_share_is_refused(tmp_path: Path) -> None:
    # Locking by files is what SQLite is left with on a network file system: no shared memory, so no WAL.
    engine = create_engine(f"sqlite:///file:{tmp_path / 't.db'}?vfs=unix-dotfile&uri=true")
    with pytest.raises(StoreError, match="this file system cannot keep the store") as refused:
        use_wal(engine, "t.db")
    engine.dispose()
    assert "network file systems" in refused.value.hint

"""Work in another process: systemd hears of a daemon that waits for it, and no longer of one that waits for ever."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.jobs import apart as module
from pipeline.jobs.apart import apart
from pipeline.jobs.health import notify
from pipeline.jobs.world import World
from pipeline.model.settings import Settings
from pipeline.store.store import Store


def slow(store: Store, world: World, seconds: float) -> str:
    time.sleep(seconds)
    return "done"


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.setblocking(False)
        yield sock


def heard(manager: socket.socket) -> list[bytes]:
    found = []
    with suppress(BlockingIOError):
        while True:
            found.append(manager.recv(100))
    return found


def test_a_daemon_that_waits_for_another_process_says_that_it_is_alive_for_a_while(
    tmp_path: Path, manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    Store.open(data_dir=settings.data_dir).close()
    monkeypatch.setattr(module, "_LOOK_S", 0.05)
    monkeypatch.setattr(module, "_ALIVE_S", 0.2)
    assert apart(settings, lambda: False, slow, 1.0) == "done"
    assert set(heard(manager)) == {b"WATCHDOG=1"}
    monkeypatch.setattr(module, "_HANGS_S", 0.0)
    assert apart(settings, lambda: False, slow, 1.0) == "done"
    assert len(heard(manager)) <= 1


def test_a_manager_that_reads_nothing_does_not_hold_the_daemon_up(manager: socket.socket) -> None:
    began = time.monotonic()
    while notify("WATCHDOG=1"):
        assert time.monotonic() - began < 20
    assert set(heard(manager)) == {b"WATCHDOG=1"}


def test_a_daemon_that_is_told_to_stop_does_not_wait(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    Store.open(data_dir=settings.data_dir).close()
    began = time.monotonic()
    assert apart(settings, lambda: True, slow, 60.0) is None
    assert time.monotonic() - began < 20

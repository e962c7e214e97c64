"""The daemon as a process: it runs, says so, shares the store, and ends when told; disks and locks that fail it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sky_server import SkyServer, small_sky

from pipeline.jobs.health import metrics_text
from pipeline.jobs.logs import hide_secrets
from pipeline.jobs.poll import poll
from pipeline.jobs.retention import Retired, retire, retired
from pipeline.jobs.schedule import JOBS, read_schedule
from pipeline.jobs.world import make_world
from pipeline.model.errors import ConfigError, StoreError, StoreLocked
from pipeline.model.frames import POSITIONS
from pipeline.model.settings import MailSettings, Settings
from pipeline.sources.replay import ReplaySource
from pipeline.store.store import Store

TARMAC = Path(sys.executable).with_name("tarmac")


class Now(SkyServer):
    """A sky at this machine's time."""

    def current(self) -> dict[str, object]:
        return {"now": time.time(), "aircraft": self._answers[-1]["aircraft"]}


@pytest.fixture
def sky() -> Iterator[Now]:
    with Now(small_sky()) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, sky: Now) -> Path:
    path = tmp_path / "tarmac.toml"
    path.write_text(
        f"""
data_dir = "{tmp_path / "data"}"
[sources.adsb_lol]
enabled = false
[sources.roof]
kind = "readsb"
url = "{sky.url("/re-api/")}"
[poll]
cadence = 5
approach = 5
parked = 5
[run]
metrics = "{tmp_path / "tarmac.prom"}"
"""
    )
    return path


@contextmanager
def daemon(config: Path, **env: str) -> Iterator[subprocess.Popen[str]]:
    command = [str(TARMAC), "--config", str(config), "daemon"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **env})
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


def wait_for(what: object, seconds: float = 40.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():  # type: ignore[operator]
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def ended(process: subprocess.Popen[str]) -> tuple[float, str]:
    """Seconds until it ended after SIGTERM, and its log."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    return time.monotonic() - began, log


@pytest.mark.slow
def test_the_daemon_says_that_it_is_ready_and_ends_when_told(config: Path, sky: Now, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(40)
        with daemon(config, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
            assert manager.recv(100) == b"READY=1"
            wait_for(lambda: (tmp_path / "tarmac.prom").exists())
            wait_for(lambda: sky.requests >= 2)
            said = {manager.recv(200).partition(b"\n")[0] for _ in range(4)}
            seconds, log = ended(process)
        manager.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                last = manager.recv(200)
    assert b"WATCHDOG=1" in said
    assert last == b"STOPPING=1"
    assert process.returncode == 0
    assert seconds < 10
    assert (tmp_path / "data" / "heartbeat").exists()
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["event"] for line in lines][:2] == ["the daemon runs", "pass"]
    metrics = (tmp_path / "tarmac.prom").read_text()
    assert "tarmac_up 1\n" in metrics
    assert 'tarmac_requests_today{host="127.0.0.1' in metrics


@pytest.mark.slow
def test_the_daemon_reads_the_feeds_beside_its_passes(config: Path, sky: Now, tmp_path: Path) -> None:
    told = "Sergei Lavrov met Hakan Fidan in Ankara on 26 May 2025."
    item = f"<item><title>Fidan and Lavrov</title><guid>1</guid><description>{told}</description></item>"
    answer = f'<rss version="2.0"><channel><title>x</title>{item}</channel></rss>'.encode()

    class Feed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own = tmp_path / "feeds.toml"
        own.write_text(f'[own]\nurl = "http://127.0.0.1:{server.server_port}/rss"\nlanguage = "en"\ncountry = "TR"\n')
        config.write_text(f'{config.read_text()}[meetings]\nfeeds = true\nfeeds_file = "feeds.toml"\n')
        with daemon(config) as process:
            said: list[dict[str, Any]] = []

            def listen() -> None:
                assert process.stderr is not None
                said.extend(json.loads(line) for line in process.stderr)

            threading.Thread(target=listen, daemon=True).start()
            wait_for(lambda: sky.requests >= 2)
            data = tmp_path / "data"

            def kept() -> bool:
                with Store.open(data_dir=data, readonly=True) as store, store.read() as session:
                    return bool(session.meetings.current()) and bool(session.reports.list())

            wait_for(kept)
            # On a busy machine it may be told to end between keeping what it read and saying so.
            wait_for(lambda: any(line["event"] == "reports" for line in said))
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        server.shutdown()
    assert [line["meetings"] for line in said if line["event"] == "reports"][:1] == [1]
    assert process.returncode == 0


@pytest.mark.slow
def test_sigterm_inside_a_request_that_never_ends_takes_less_than_ten_seconds(config: Path, sky: Now) -> None:
    sky.misbehave("drip", times=None, pause_s=1.0)
    with daemon(config) as process:
        wait_for(lambda: sky.requests >= 1)
        seconds, _ = ended(process)
    assert process.returncode == 0
    assert seconds < 10


@pytest.mark.slow
def test_two_daemons_and_cron_take_turns(config: Path, sky: Now, tmp_path: Path) -> None:
    with daemon(config) as one, daemon(config) as other:
        wait_for(lambda: sky.requests >= 4, 60)
        cron = subprocess.run([str(TARMAC), "--config", str(config), "poll"], capture_output=True, text=True, check=False, timeout=60)
        logs = ended(one)[1] + ended(other)[1]
    assert cron.returncode in (0, 6)
    assert sky.most_at_once == 1
    events = {json.loads(line)["event"] for line in logs.splitlines()}
    assert events <= {"the daemon runs", "pass", "another process is at it", "the daemon ends"}
    with Store.open(data_dir=tmp_path / "data", readonly=True) as store, store.read() as session:
        assert all(p.outcome == "done" for p in session.runs.passes())


def test_a_second_pass_says_who_holds_the_first_and_ends_with_six(config: Path, tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path / "data") as store, store.pass_lock("pid 1 on a test", datetime.now(UTC)):
        done = subprocess.run([str(TARMAC), "--config", str(config), "poll"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 6
    assert "pid 1 on a test" in done.stderr


# --- disks and locks, under a whole pass --------------------------------------------------------------------------


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "sky.jsonl"
    path.write_bytes(b"\n".join(small_sky(answers=60)))
    return path


def a_pass(store: Store, data: Path, recording: Path, now: datetime) -> int:
    settings = Settings(data_dir=data, mail=MailSettings(to=("desk@example.org",)))
    source = ReplaySource("sky", recording)
    try:
        return poll(store, make_world(settings), settings, [source], now=now).collected.new_positions
    finally:
        source.close()


@contextmanager
def watching(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    from pipeline.model.watchlist import Watchlist

    monkeypatch.setattr(Watchlist, "icao24s", property(lambda _: ("14fa39", "afff01", "4bff01")))
    yield


def end_of(data: Path) -> list[tuple[str, str]]:
    with Store.open(data_dir=data, readonly=True) as store, store.read() as session:
        return [(row.icao24, str(row.time)) for row in session.positions.window().itertuples()]


def test_a_full_disk_stops_the_pass_with_its_reason_and_the_next_one_catches_up(
    tmp_path: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2560k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here (that takes root and Linux)")
    start = datetime(2022, 11, 14, 8, 0, tzinfo=UTC)
    try:
        with watching(monkeypatch, tmp_path), Store.open(data_dir=disk / "data") as store:
            before = a_pass(store, disk / "data", recording, start + timedelta(minutes=1))
            assert before > 0
            ballast = disk / "ballast"
            with ballast.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(bytes(4096)):
                    pass

            def passes() -> None:
                for minute in range(2, 9):
                    a_pass(store, disk / "data", recording, start + timedelta(minutes=minute))

            with pytest.raises(StoreError, match="disk is full"):
                passes()
            ballast.unlink()
            a_pass(store, disk / "data", recording, start + timedelta(minutes=9))
        found = end_of(disk / "data")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    with watching(monkeypatch, tmp_path), Store.open(data_dir=tmp_path / "whole") as store:
        a_pass(store, tmp_path / "whole", recording, start + timedelta(minutes=9))
    assert found == end_of(tmp_path / "whole")


def test_a_disk_that_turns_read_only_stops_the_pass_and_the_next_one_catches_up(
    tmp_path: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Linux does with a file system that has errors."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here (that takes root and Linux)")
    start, data = datetime(2022, 11, 14, 8, 0, tzinfo=UTC), disk / "data"
    try:
        with watching(monkeypatch, tmp_path):
            with Store.open(data_dir=data) as store:
                assert a_pass(store, data, recording, start + timedelta(minutes=1)) > 0
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            # As cron's next run finds it.
            with pytest.raises(StoreError) as caught, Store.open(data_dir=data) as store:
                a_pass(store, data, recording, start + timedelta(minutes=2))
            assert caught.value.hint
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
            with Store.open(data_dir=data) as store:
                assert a_pass(store, data, recording, start + timedelta(minutes=9)) > 0
        found = end_of(data)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    with watching(monkeypatch, tmp_path), Store.open(data_dir=tmp_path / "whole") as store:
        a_pass(store, tmp_path / "whole", recording, start + timedelta(minutes=9))
    assert found == end_of(tmp_path / "whole")


def test_a_locked_database_stops_the_pass_and_the_next_one_catches_up(
    tmp_path: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2022, 11, 14, 8, 0, tzinfo=UTC)
    with watching(monkeypatch, tmp_path), Store.open(data_dir=tmp_path / "data", busy_timeout_s=0.2) as store:
        a_pass(store, tmp_path / "data", recording, start + timedelta(minutes=1))
        with closing(sqlite3.connect(tmp_path / "data" / "tarmac.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLocked):
                a_pass(store, tmp_path / "data", recording, start + timedelta(minutes=2))
        assert a_pass(store, tmp_path / "data", recording, start + timedelta(minutes=3)) > 0


# --- what a month of running needs ----------------------------------------------------------------------------------


def test_old_positions_move_to_verified_files_and_young_ones_stay(tmp_path: Path) -> None:
    import pandas as pd

    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    frame = POSITIONS.make(
        {
            "icao24": [f"{0xAE0000 + k % 20:06x}" for k in range(400)],
            "time": [now - timedelta(days=12) + timedelta(hours=k) for k in range(400)],
            "lat": [40.0] * 400,
            "lon": [33.0] * 400,
            "alt_baro_ft": [1000.25 + k if k % 7 else float("nan") for k in range(400)],
            "callsign": ["ÄÖ1"] * 400,
            "provider": ["feed"] * 400,
            "origin": ["recorded"] * 400,
        }
    )
    frame = frame[frame["time"] <= now]
    with Store.open(data_dir=tmp_path) as store:
        with store.transaction() as tx:
            tx.positions.append(frame)
        with store.read() as session:
            before = session.positions.window()
        done = retired(store, Settings(data_dir=tmp_path), older_than=timedelta(days=7), now=now)
        with store.read() as session:
            young, files = session.positions.window(), session.cold.files()
        border = datetime(2026, 3, 13, tzinfo=UTC)
        assert young["time"].min() >= pd.Timestamp(border)
        cold = [POSITIONS.cast(pd.read_parquet(tmp_path / file.path)) for file in files]
        whole = pd.concat([*cold, young]).sort_values(["icao24", "time"], ignore_index=True)
        pd.testing.assert_frame_equal(whole, before.sort_values(["icao24", "time"], ignore_index=True), check_dtype=False)
        assert done.rows == len(before) - len(young) == sum(file.rows for file in files)
        assert store.sizes().cold_bytes == sum(file.bytes for file in files)
        # Nothing is left to do, and what is there stays as it is.
        assert retired(store, Settings(data_dir=tmp_path), older_than=timedelta(days=7), now=now) == Retired()


def test_a_file_that_does_not_read_back_keeps_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    with Store.open(data_dir=tmp_path) as store:
        with store.transaction() as tx:
            tx.positions.append(
                POSITIONS.make(
                    {"icao24": ["ae0001"], "time": [now - timedelta(days=9)], "lat": [1.0], "lon": [1.0], "origin": ["recorded"]}
                )
            )
        honest = pd.read_parquet
        monkeypatch.setattr(pd, "read_parquet", lambda path: honest(path).assign(lat=2.0))
        with pytest.raises(StoreError, match="does not read back"):
            retire(store, older_than=timedelta(days=7), now=now)
        with store.read() as session:
            assert len(session.positions.window()) == 1
    assert not list(tmp_path.rglob("*.parquet"))


def test_secrets_stay_out_of_logs() -> None:
    said = hide_secrets(None, "info", {"event": "asked", "api_key": "k3y", "url": "https://u:p4ss@example.org/x?token=abc&a=1", "n": 3})
    assert "k3y" not in str(said)
    assert "p4ss" not in str(said)
    assert "abc" not in str(said)
    assert said["n"] == 3


def test_metrics_are_text_that_prometheus_reads(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path) as store:
        text = metrics_text(store, now=datetime.now(UTC))
    for line in text.splitlines():
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2
        if not line.startswith("#"):
            float(line.rsplit(" ", 1)[1])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[[job]]\nname = "pol"\nevery = 5', "no job 'pol'"),
        ('[[job]]\nname = "poll"', "either every"),
        ('[[job]]\nname = "poll"\nevery = 5\ncron = "* * * * *"', "either every"),
        ('[[job]]\nname = "poll"\ncron = "never"', "cron = 'never'"),
        ('[[job]]\nname = "poll"\nevery = 5\n[[job]]\nname = "poll"\nevery = 6', "there twice"),
        ("", "names no job"),
    ],
)
def test_a_schedule_that_is_wrong_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_schedule(path, ("poll", "deliver"))


def test_the_shipped_schedule_is_right() -> None:
    assert [entry.name for entry in read_schedule(None, JOBS)] == list(JOBS)


def test_a_postgresql_store_is_made_by_store_migrate_and_by_nothing_else(tmp_path: Path, postgresql_url: str) -> None:
    env = {**os.environ, "TARMAC_DATA_DIR": str(tmp_path / "data"), "TARMAC_STORE__URL": postgresql_url}

    def tarmac(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(TARMAC), *words], capture_output=True, text=True, check=False, timeout=120, env=env)

    before = tarmac("status")
    assert before.returncode == 4
    assert "tarmac store migrate" in before.stderr
    made = tarmac("store", "migrate")
    assert made.returncode == 0, made.stderr
    assert tarmac("status", "--json").returncode == 0

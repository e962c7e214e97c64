"""Figures over HTTP, as Prometheus reads them."""

from __future__ import annotations

import socket
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.jobs.metrics_server import metrics_served
from pipeline.jobs.world import ReplayClock
from pipeline.model.errors import ConfigError
from pipeline.store.store import Store

NOW = datetime(2022, 11, 14, 9, tzinfo=UTC)


def test_what_the_store_says_is_served_and_read_anew(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path) as store, metrics_served(store, "127.0.0.1:0", ReplayClock(NOW)) as port:
        first = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
        with store.transaction() as tx:
            number = tx.runs.begin("poll", at=NOW, owner="somebody", version="1")
            tx.runs.end(number, at=NOW, outcome="done", counts={"positions": 7})
        then = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    assert "tarmac_up 1.0" in first
    assert "tarmac_last_pass_timestamp_seconds" not in first
    assert "tarmac_last_pass_timestamp_seconds 1.6684164e+09" in then
    assert 'tarmac_pass_new{what="positions"} 7.0' in then
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)


@pytest.mark.parametrize("listen", ["9464", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999"])
def test_what_is_no_address_is_refused(tmp_path: Path, listen: str) -> None:
    with (
        Store.open(data_dir=tmp_path) as store,
        pytest.raises(ConfigError, match="metrics_listen"),
        metrics_served(store, listen, ReplayClock(NOW)),
    ):
        pass


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, Store.open(data_dir=tmp_path) as store:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match="in use"), metrics_served(store, listen, ReplayClock(NOW)):
            pass


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with (
        Store.open(data_dir=tmp_path) as store,
        pytest.raises(ConfigError) as caught,
        metrics_served(store, "127.0.0.1:0", ReplayClock(NOW)),
    ):
        pass
    assert "tarmac[metrics]" in caught.value.hint


def test_nothing_is_served_unasked(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path) as store, metrics_served(store, "", ReplayClock(NOW)) as port:
        assert port == 0

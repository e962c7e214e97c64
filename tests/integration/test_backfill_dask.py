"""``tarmac backfill --dask``: a real cluster of two processes on this machine finds what one process finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_backfill import HEADER, LISTED, archive
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.jobs.cluster import cluster_at
from pipeline.jobs.detect_parallel import _share, detect_parallel
from pipeline.model.errors import ConfigError, UsageError
from pipeline.store.store import Store

distributed = pytest.importorskip("distributed", reason="no Dask: pip install 'tarmac[dask]'")
DAYS = ["--from", "2024-08-01", "--to", "2024-08-31"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = [f"{i},{r},A319,Airbus A319,an operator,{s},government,operated,,,,,,listed,0" for i, r, s in LISTED]
    (tmp_path / "list.csv").write_text("\n".join([HEADER, *rows]))
    (tmp_path / "tarmac.toml").write_text('[watchlist]\nfiles = ["list.csv"]\n')
    monkeypatch.setenv("TARMAC_CONFIG", str(tmp_path / "tarmac.toml"))
    return archive(tmp_path / "archives")


def filled(data: Path, folder: Path, *how: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(data))
    done = CliRunner().invoke(app, ["backfill", *DAYS, "--path", str(folder), *how, "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    with Store.open(data_dir=data, readonly=True) as store, store.read() as session:
        return json.loads(done.stdout), session.landings.current().drop(columns=["landing_id"])


def test_a_cluster_finds_what_one_process_finds(address: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, landings = filled(tmp_path / "one", folder, monkeypatch=monkeypatch)
    shared, same = filled(tmp_path / "many", folder, "--dask", address, monkeypatch=monkeypatch)
    assert said == shared
    assert said["landings"] == said["new"] == 2
    assert landings.equals(same)


def test_progress_is_told_share_by_share(address: str, folder: Path) -> None:
    from pipeline.detect.detector import Detector
    from pipeline.places.airports import load_airports

    told: list[tuple[int, int]] = []
    with cluster_at(address) as cluster:
        assert cluster.workers == 2
        found = detect_parallel(
            [folder],
            Detector(load_airports()).settings,
            workers=cluster.workers,
            executor=cluster.executor,
            progress=lambda *now: told.append(now),
        )
    assert told == sorted(told)
    assert told[-1] == (found.files, found.positions)
    assert found.files == 5


def test_workers_that_lack_the_files_say_so(address: str, tmp_path: Path) -> None:
    with cluster_at(address) as cluster, pytest.raises(ConfigError, match="is not there where the workers run"):
        detect_parallel([tmp_path / "away"], None, workers=2, executor=cluster.executor)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="away"):
        _share([tmp_path / "away"], None, share=(0, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        (["--dask", "nonsense://x"], ConfigError, "no Dask scheduler answers at nonsense://x"),
        (["--dask", "tcp://127.0.0.1:8786", "--workers", "2"], UsageError, "--workers are processes here"),
    ],
)
def test_a_cluster_that_cannot_be_used_says_why(folder: Path, how: list[str], kind: type[Exception], said: str) -> None:
    done = CliRunner().invoke(app, ["backfill", *DAYS, "--path", str(folder), *how])
    assert isinstance(done.exception, kind)
    assert said in str(done.exception)


def test_a_scheduler_without_workers_is_named() -> None:
    nobody = distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0")
    with nobody, pytest.raises(ConfigError, match="has no workers"), cluster_at(nobody.scheduler_address):
        pass

"""``tarmac correlate`` over the store says what it says of the same rows in files, and writes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.jobs.calibrated import renew, under_kept
from pipeline.jobs.correlate_files import Chunk, correlate_files
from pipeline.jobs.correlate_store import correlate_store
from pipeline.jobs.world import World, make_world
from pipeline.meetings.csv_import import parse_meetings
from pipeline.model.errors import UsageError
from pipeline.model.files import shipped
from pipeline.model.frames import STAYS, records
from pipeline.model.origin import Origin
from pipeline.model.settings import Settings
from pipeline.model.time import parse_utc
from pipeline.model.watchlist import Watchlist
from pipeline.store.store import Store

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from worlds import make_world as made_world

CITIES = ("Ankara", "Geneva", "Doha")
BY = {"change": "seen", "reason": "in a test", "version": "1"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> World:
    return replace(make_world(Settings(data_dir=tmp_path_factory.mktemp("world"))), watchlist=Watchlist(()))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A year and a half of made-up stays and reports, as files."""
    folder, made = tmp_path_factory.mktemp("files"), made_world(11)
    paths = folder / "stays.csv", folder / "meetings.csv"
    stays = made.stays[made.stays["city"].isin(CITIES)]
    names = ["stay_id", "icao24", "state", "role", "airport", "city", "country", "touchdown", "take_off"]
    stays[names].to_csv(paths[0], index=False)
    made.meetings[made.meetings["city"].isin(CITIES)].to_csv(paths[1], index=False)
    return paths


def fill(store: Store, files: tuple[Path, Path], world: World) -> None:
    import pandas as pd

    stays = STAYS.make(pd.read_csv(files[0], dtype=str, keep_default_na=False).assign(origin="recorded"))
    meetings, problems = parse_meetings(files[1].read_bytes(), name="m", gazetteer=world.gazetteer, origin=Origin.RECORDED)
    assert not problems
    now = stays["touchdown"].max().to_pydatetime()
    with store.transaction() as tx:
        tx.stays.write_all(records(stays), at=now, **BY)
        tx.meetings.write_all(meetings, at=now, **BY)


def test_the_store_is_answered_as_files_are(open_store: Callable[..., Store], files: tuple[Path, Path], bare: World) -> None:
    store = open_store()
    fill(store, files, bare)
    calendar = shipped("events.csv")
    part = Chunk.parse("2/3")
    wanted, _ = correlate_files(*files, calendar=calendar, chunk=part)
    assert len(wanted["matches"]) > 3
    assert correlate_store(store, bare, chunk=part) == wanted
    days = {"since": parse_utc("2024-02-01T00:00:00Z"), "until": parse_utc("2024-04-01T00:00:00Z")}
    some = correlate_store(store, bare, **days)
    assert some == correlate_files(*files, calendar=calendar, **days)[0]
    assert some["leads"]
    assert some["null"]["rotations"] > 0


def test_passes_and_this_score_under_the_same_settings(tmp_path: Path, files: tuple[Path, Path], bare: World) -> None:
    with Store.open(data_dir=tmp_path) as store:
        fill(store, files, bare)
        with store.read() as session:
            last = session.stays.current()["touchdown"].max().to_pydatetime()
        renew(store, bare, tmp_path, now=last + timedelta(hours=1))
        world = under_kept(bare, tmp_path)
        assert world.calibration is not None
        found = correlate_store(store, world, since=last - timedelta(days=20), matches_only=True)
        again = correlate_store(store, bare, since=last - timedelta(days=20), matches_only=True)
        with store.read() as session:
            assert session.matches.count() == session.leads.count() == 0, "it writes nothing"
    assert found["null"]["calibration_id"] == again["null"]["calibration_id"]
    assert [m["posterior"] for m in found["matches"]] == pytest.approx([m["posterior"] for m in again["matches"]])


def test_the_command(tmp_path: Path, files: tuple[Path, Path], bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path / "data"))
    with Store.open(data_dir=tmp_path / "data") as store:
        fill(store, files, bare)
    out = tmp_path / "answer.json"
    done = CliRunner().invoke(app, ["correlate", "--from", "2024-01-01", "--to", "2024-04-30", "--out", str(out)])
    assert (done.exit_code, done.stdout) == (0, ""), done.exception
    answer = json.loads(out.read_text())
    with Store.open(data_dir=tmp_path / "data") as store, store.read() as session:
        landed = {row["stay_id"]: row["touchdown"].date().isoformat() for row in records(session.stays.current())}
    days = [landed[m["stay_ids"][0]] for m in answer["matches"]]
    assert len(days) > 1
    assert all("2024-01-01" <= day <= "2024-04-30" for day in days)
    day = days[-1]
    printed = CliRunner().invoke(app, ["correlate", "--from", day, "--to", day, "--matches-only", "--json"])
    of_a_day = json.loads(printed.stdout)["matches"]
    mine = [m for m in answer["matches"] if landed[m["stay_ids"][0]] == day]
    assert {m["match_id"]: m["posterior"] for m in of_a_day} == pytest.approx({m["match_id"]: m["posterior"] for m in mine})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--stays", "x.csv"], "go together"),
        (["--meetings", "x.csv"], "go together"),
        (["--stays", "x.csv", "--meetings", "x.csv", "--case", "taipei-2022-08-02"], "names a store"),
        (["--from", "2024-03-02", "--to", "2024-03-01"], "is before"),
    ],
)
def test_what_cannot_be_asked_says_why(given: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("")
    done = CliRunner().invoke(app, ["correlate", *given])
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)

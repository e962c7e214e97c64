"""``tarmac backfill`` and ``look``: past days from folders, archives and a source's traces; the store; nothing twice."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sky_server import SkyServer
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.cli.state import Progress
from pipeline.detect.detector import Detector
from pipeline.jobs.backfill import backfill, files_of
from pipeline.jobs.detect_files import detect_files
from pipeline.jobs.detect_parallel import detect_parallel
from pipeline.jobs.world import make_world
from pipeline.meetings.build import make_meeting
from pipeline.model.errors import TarmacError
from pipeline.model.frames import records
from pipeline.model.settings import MailSettings, Settings, WatchlistSettings
from pipeline.places.airports import load_airports
from pipeline.store.store import Store

HEADER = (
    "icao24,registration,type_code,type,operator,state,role,use,valid_from,valid_to,home_airport,source,source_date,confidence,contested"
)
DAY = datetime(2024, 8, 1, tzinfo=UTC)
NOW = datetime(2024, 9, 1, tzinfo=UTC)
LAT, LON, ELEVATION = 40.1150, 32.9860, 3125


def trace(icao24: str, day: datetime, *, lands: float = 0.0, leaves: float = 0.0) -> bytes:
    """A day file: down to 03R of Esenboga at ``lands``, up again at ``leaves`` (hours of the day; 0: not that day)."""
    points: list[tuple[float, float, float, float | str, float, float]] = []
    if lands:
        at = lands * 3600
        points += [
            (at - 20 * k, LAT - k * 0.0115, LON - k * 0.0088, ELEVATION + k * 320, 150.0 if k < 40 else 400.0, -900.0)
            for k in range(90, 0, -1)
        ]
        points += [(at + 10 * k, LAT + k * 0.001, LON + k * 0.0008, "ground", max(120.0 - 20 * k, 8.0), 0.0) for k in range(12)]
    if leaves:
        at = leaves * 3600
        points += [(at - 60 + 10 * k, LAT + k * 0.0005, LON + k * 0.0004, "ground", 10.0 + 20 * k, 0.0) for k in range(6)]
        points += [
            (at + 20 * k, LAT + 0.01 + k * 0.0115, LON + 0.008 + k * 0.0088, ELEVATION + k * 500, 180.0, 1500.0) for k in range(1, 60)
        ]
    rows = [[s, lat, lon, alt, gs, 38.0, 0, rate, None, "adsb_icao", None, None, None, None] for s, lat, lon, alt, gs, rate in points]
    return gzip.compress(json.dumps({"icao": icao24, "r": "", "timestamp": day.timestamp(), "trace": rows}).encode())


def days() -> dict[datetime, dict[str, bytes]]:
    """Two watched aircraft and one that nobody watches: in on the 1st, one out on the 2nd, another in on the 3rd."""
    return {
        DAY: {"14fa39": trace("14fa39", DAY, lands=9), "3c0001": trace("3c0001", DAY, lands=11)},
        DAY + timedelta(days=1): {"14fa39": trace("14fa39", DAY + timedelta(days=1), leaves=15)},
        DAY + timedelta(days=2): {"afff01": trace("afff01", DAY + timedelta(days=2), lands=20)},
        DAY + timedelta(days=40): {"afff01": trace("afff01", DAY + timedelta(days=40), lands=20)},
    }


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    rows = [f"{i},{r},A319,Airbus A319,an operator,{s},government,operated,,,,,,listed,0" for i, r, s in LISTED]
    path.write_text("\n".join([HEADER, *rows]))
    return path


LISTED = (("14fa39", "RA-1", "RU"), ("afff01", "US-1", "US"))


def archive(folder: Path) -> Path:
    """A release of each day, as adsb.lol makes them."""
    folder.mkdir()
    for day, traces in days().items():
        with tarfile.open(folder / f"v{day:%Y.%m.%d}-planes-readsb-prod-0.tar", "w") as tar:
            for icao24, body in traces.items():
                info = tarfile.TarInfo(f"./traces/{icao24[-2:]}/trace_full_{icao24}.json")
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
    return folder


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(store_url, data_dir=tmp_path / "data") as opened:
        yield opened


def world_of(watched: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    return make_world(Settings(data_dir=tmp_path / "data", watchlist=WatchlistSettings(files=(watched,))))


def test_a_folder_of_archives_becomes_landings_and_stays_once_and_tells_nobody(store: Store, watched: Path, tmp_path: Path) -> None:
    world, folder = world_of(watched, tmp_path), archive(tmp_path / "archives")
    given = {"now": NOW, "owner": "test", "provider": "adsb_lol"}
    done = backfill(store, world, folder, date(2024, 8, 1), date(2024, 8, 31), **given)  # type: ignore[arg-type]
    assert (done.landings, done.new, done.take_offs, done.passed_over) == (2, 2, 1, 1)
    with store.read() as session:
        stays = session.stays.current()
        assert [(s.icao24, s.airport, s.city, s.state) for s in stays.itertuples()] == [
            ("14fa39", "LTAC", "Ankara", "RU"),
            ("afff01", "LTAC", "Ankara", "US"),
        ]
        assert abs(stays["take_off"].iloc[0] - (DAY + timedelta(hours=39))) < timedelta(minutes=3)
        assert set(session.landings.current()["networks"]) == {"adsb_lol"}
        assert session.outbox.list() == ()
    again = backfill(store, world, folder, date(2024, 8, 1), date(2024, 8, 31), workers=2, **given)  # type: ignore[arg-type]
    assert (again.landings, again.new, again.better, again.take_offs) == (2, 0, 0, 0)


def test_processes_that_share_the_work_say_how_far_they_are_and_find_the_same(tmp_path: Path) -> None:
    folder, settings = archive(tmp_path / "archives"), Detector(load_airports()).settings
    told: list[tuple[int, int]] = []
    alone = detect_files([folder], Detector(load_airports(), settings), progress=lambda *said: told.append(said))
    assert told == [(alone.files, alone.positions)] == [(5, alone.positions)]
    told.clear()
    shared = detect_parallel([folder], settings, workers=2, progress=lambda *said: told.append(said))
    assert told == sorted(told)
    assert told[-1] == (5, alone.positions)
    pd.testing.assert_frame_equal(shared.landings, alone.landings)
    pd.testing.assert_frame_equal(shared.take_offs, alone.take_offs)
    with pytest.raises(AttributeError):
        detect_parallel([folder], "no settings", workers=2, progress=lambda *said: None)  # type: ignore[arg-type]


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    often, seldom = Progress(every_s=0.0), Progress()
    for files in (50, 100):
        often(files, files * 10)
        seldom(files, files * 10)
    often.end()
    assert capsys.readouterr().err.splitlines() == ["tarmac: read 50 files, 500 positions", "tarmac: read 100 files, 1000 positions"]


def test_progress_writes_over_its_line_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    told = Progress()
    told(50, 500)
    told(100, 1000)
    told.end()
    told.end()
    assert capsys.readouterr().err == "\rtarmac: read 50 files, 500 positions\rtarmac: read 100 files, 1000 positions\n"


def test_recipients_are_told_by_their_rules_where_that_is_asked_for(store: Store, watched: Path, tmp_path: Path) -> None:
    mails = MailSettings(to=("desk@example.org",))
    settings = Settings(data_dir=tmp_path / "data", watchlist=WatchlistSettings(files=(watched,)), mail=mails)
    world, folder = make_world(settings), archive(tmp_path / "archives")
    given: dict[str, Any] = {"now": NOW, "owner": "test", "provider": "adsb_lol"}
    report = make_meeting(
        gazetteer=world.gazetteer, title="B met C", city="Ankara", start="2024-08-01", participants="B|President|RU;C|President|TR"
    )
    with store.transaction() as tx:
        tx.meetings.write(report, change="reported", reason="a test", version="1", at=NOW)
    silent = backfill(store, world, folder, date(2024, 8, 3), date(2024, 8, 3), **given)
    assert (silent.new, silent.queued) == (1, 0)
    told = backfill(store, world, folder, date(2024, 8, 1), date(2024, 8, 31), alert=True, **given)
    with store.read() as session:
        queued = session.outbox.list()
        (landing,) = [row for row in records(session.landings.current()) if row["icao24"] == "14fa39"]
    assert (told.new, told.queued) == (1, len(queued)) == (1, 1), "what is known already is not told"
    (item,) = queued
    assert (item.event, item.subject_id, item.recipient) == ("landing", landing["landing_id"], "desk@example.org")
    assert item.subject.startswith("Russian state aircraft RA-1 landed Ankara Esenboğa 1 Aug 2024 11:59 local — ")
    assert "LATE: learned " in item.text
    assert (item.due, item.fold, item.created_at) == (NOW, False, NOW), "a month old, and told at once: that was asked for"
    again = backfill(store, world, folder, date(2024, 8, 1), date(2024, 8, 31), alert=True, **given)
    assert (again.new, again.queued) == (0, 0)


def test_what_is_known_better_stays_and_nothing_is_withdrawn(store: Store, watched: Path, tmp_path: Path) -> None:
    world, folder = world_of(watched, tmp_path), archive(tmp_path / "archives")
    backfill(store, world, folder, date(2024, 8, 1), date(2024, 8, 5), now=NOW, owner="test")
    with store.read() as session:
        before = session.landings.current()
    # The same days as another network saw them: one landing lost on the approach, the other not at all.
    poor = tmp_path / "poor"
    poor.mkdir()
    whole = json.loads(gzip.decompress(days()[DAY]["14fa39"]))
    whole["trace"] = [point for point in whole["trace"] if point[3] != "ground" and point[3] > ELEVATION + 900]
    (poor / "trace_full_14fa39.json").write_bytes(gzip.compress(json.dumps(whole).encode()))
    done = backfill(store, world, poor, date(2024, 8, 1), date(2024, 8, 5), now=NOW, owner="test")
    assert done.new == done.better == 0
    with store.read() as session:
        assert session.landings.current().equals(before)


def test_days_filled_in_leave_later_matches_as_they_are(store: Store, watched: Path, tmp_path: Path) -> None:
    mails = MailSettings(to=("desk@example.org",))
    settings = Settings(data_dir=tmp_path / "data", watchlist=WatchlistSettings(files=(watched,)), mail=mails)
    world, folder = make_world(settings), archive(tmp_path / "archives")
    late = datetime(2024, 12, 1, tzinfo=UTC)
    now = datetime(2024, 12, 20, tzinfo=UTC)
    given: dict[str, Any] = {"owner": "test", "provider": "adsb_lol"}
    report = make_meeting(
        gazetteer=world.gazetteer, title="B met C", city="Ankara", start="2024-12-01", participants="B|President|RU;C|President|TR"
    )
    with store.transaction() as tx:
        tx.meetings.write(report, change="reported", reason="a test", version="1", at=now)
    one = tmp_path / "december"
    one.mkdir()
    (one / "trace_full_14fa39.json").write_bytes(trace("14fa39", late, lands=9))
    backfill(store, world, one, date(2024, 12, 1), date(2024, 12, 1), now=now, **given)
    with store.read() as session:
        (before,) = session.matches.current()
    filled = backfill(store, world, folder, date(2024, 8, 1), date(2024, 8, 5), now=now, alert=True, **given)
    assert filled.new == 2
    with store.read() as session:
        assert before.match_id in {m.match_id for m in session.matches.current()}
        assert {item.event for item in session.outbox.list()} == {"landing"}


def test_files_of_other_days_are_passed_over_by_their_names(tmp_path: Path) -> None:
    for name in ("2024/07/30/traces/39/a.json", "2024/07/31/traces/39/a.json", "2024/08/02/b.json", "v2024.08.05-x.tar.aa", "any.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    kept, over = files_of(tmp_path, date(2024, 8, 1), date(2024, 8, 2))
    assert [path.relative_to(tmp_path).as_posix() for path in kept] == ["2024/07/31/traces/39/a.json", "2024/08/02/b.json", "any.json"]
    assert over == 2


def test_a_source_s_traces_of_past_days_are_asked_for_once(watched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        f"/globe_history/{day:%Y/%m/%d}/traces/{i[-2:]}/trace_full_{i}.json": body for day, of in days().items() for i, body in of.items()
    }
    with SkyServer([]) as sky:

        def route(path: str, query: object, headers: object) -> tuple[int, dict[str, object], dict[str, str]]:
            return (200, json.loads(gzip.decompress(known[path])), {}) if path in known else (404, {}, {})

        monkeypatch.setattr(sky, "route", route)
        (tmp_path / "tarmac.toml").write_text(
            f'data_dir = "{tmp_path / "data"}"\n[watchlist]\nfiles = ["{watched}"]\n'
            f'[sources.own]\nkind = "readsb"\nurl = "{sky.url("/data/aircraft.json")}"\ntraces = "{sky.url("/data/traces")}"\n'
        )
        monkeypatch.setattr("pipeline.sources.day_traces.LEAST_INTERVAL_S", 0.0)
        command = ["--config", str(tmp_path), "backfill", "--from", "2024-08-01", "--to", "2024-08-02", "--source", "own", "--json"]
        first = CliRunner().invoke(app, command)
        assert first.exit_code == 0, first.output
        # Two aircraft on two days and the one before.
        assert len(sky.seen) == 6
        assert json.loads(first.stdout)["new"] == 1
        assert json.loads(CliRunner().invoke(app, command).stdout)["new"] == 0
        assert len(sky.seen) == 6
    shown = CliRunner().invoke(app, ["--config", str(tmp_path), "look", "--place", "Ankara", "--from", "2024-08-01", "--json"])
    (row,) = json.loads(shown.stdout)
    assert (row["icao24"], row["registration"], row["airport"], row["take_off"][:10]) == ("14fa39", "RA-1", "LTAC", "2024-08-02")


def test_look_finds_aircraft_on_no_list_in_files_with_their_stays(watched: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "archives")
    (tmp_path / "tarmac.toml").write_text(f'data_dir = "{tmp_path / "data"}"\n[watchlist]\nfiles = ["{watched}"]\n')
    command = ["--config", str(tmp_path), "look", str(folder), "--json"]
    day = [*command, "--place", "LTAC", "--from", "2024-08-01", "--to", "2024-08-01"]
    rows = json.loads(CliRunner().invoke(app, day).stdout)
    assert [(row["icao24"], row["state"], bool(row["take_off"])) for row in rows] == [("14fa39", "RU", True), ("3c0001", "", False)]
    named = json.loads(CliRunner().invoke(app, [*command, "--aircraft", "us1"]).stdout)
    assert [row["icao24"] for row in named] == ["afff01", "afff01"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--from", "2024-08-02", "--to", "2024-08-01", "--path", "."], "is before"),
        (["--from", "yesterday", "--to", "2024-08-01", "--path", "."], "Invalid isoformat"),
        (["--from", "2024-08-01", "--to", "2024-08-01"], "from what"),
        (["--from", "2024-08-01", "--to", "2024-08-01", "--source", "nobody"], "there is no"),
        (["--from", "2024-08-01", "--to", "2024-08-01", "--source", "adsb_fi"], "not enabled"),
    ],
)
def test_a_back_fill_that_cannot_be_says_why(tmp_path: Path, given: list[str], said: str) -> None:
    (tmp_path / "tarmac.toml").write_text(f'data_dir = "{tmp_path / "data"}"\n')
    done = CliRunner().invoke(app, ["--config", str(tmp_path), "backfill", *given])
    assert isinstance(done.exception, TarmacError)
    assert said in str(done.exception)
    assert done.exception.hint

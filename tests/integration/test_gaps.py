"""Time in which nobody listened: what counts as such, and filling it from OpenSky."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from live_builders import START, WATCHED, aircraft, write_watchlist
from sky_server import SkyServer

from pipeline.jobs.gaps import read_gap
from pipeline.jobs.live_pass import Passes
from pipeline.jobs.world import ReplayClock, make_world
from pipeline.model.errors import Unreachable
from pipeline.model.settings import MailSettings, Settings, SourceSettings, UseSettings, WatchlistSettings
from pipeline.store.store import Store

pytestmark = pytest.mark.usefixtures("no_waiting")


def arrival(at: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """Down the approach to 03R at Ankara Esenboga, and off the runway, every 20 s; parked from then on."""
    lat0, lon0 = 40.1150, 32.9860
    found = []
    for k in range(-120, 40):
        lat, lon = lat0 - (40 - k) * 0.0115, lon0 - (40 - k) * 0.0088
        found.append(
            (
                at + timedelta(seconds=20 * k),
                aircraft("14fa39", lat=lat, lon=lon, alt_baro=min(3125 + (40 - k) * 320, 33_000), gs=150, track=30.0),
            )
        )
    for k in range(12):
        here = aircraft("14fa39", lat=lat0 + k * 0.001, lon=lon0 + k * 0.0008, alt_baro="ground", gs=max(120 - 20 * k, 8), track=30.0)
        found.append((at + timedelta(seconds=800 + 10 * k), here))
    return found


def recorded(flight: list[tuple[datetime, dict[str, Any]]]) -> list[bytes]:
    return [json.dumps({"now": at.timestamp(), "aircraft": [one, aircraft("afff01", lat=50.0)]}).encode() for at, one in flight]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_watchlist(tmp_path / "list.csv", dict.fromkeys(WATCHED, "RU"))
    return tmp_path


def settings_for(folder: Path, **sources: SourceSettings) -> Settings:
    return Settings(
        data_dir=folder / "data",
        sources=sources,
        use=UseSettings(kind="personal"),
        watchlist=WatchlistSettings(files=(folder / "list.csv",)),
        mail=MailSettings(to=("desk@example.org",)),
    )


def passes_of(folder: Path, url: str, settings: Settings, clock: ReplayClock) -> Passes:
    made = Passes(Store.open(url, data_dir=folder / "data"), make_world(settings), settings, clock=clock)
    made._pace._sleep = lambda seconds: clock.set(clock.now() + timedelta(seconds=seconds))
    return made


@pytest.mark.parametrize("hours", [0.6, 3.0])
def test_a_landing_while_nothing_ran_is_found_from_opensky(
    folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    """Within the last hour from states of the whole list, before it from the track of the flight that was cut."""
    clock = ReplayClock(START)
    touchdown = START + timedelta(minutes=20)
    monkeypatch.setenv("OPENSKY_SECRET", "hush")
    flight = arrival(touchdown - timedelta(seconds=800))
    with SkyServer(recorded(flight), clock=clock.now) as sky:
        source = SourceSettings(kind="opensky", url=sky.url("/api"), client_id="me", key_env="OPENSKY_SECRET", token_url=sky.url("/token"))
        settings = settings_for(folder, opensky=source)
        with passes_of(folder, store_url, settings, clock) as passes:
            passes.one()
            clock.set(START + timedelta(hours=hours))
            changes = []
            for _ in range(60):
                done = passes.one()
                changes += done.digest.changes
                if not done.gap_left and len(changes):
                    break
                clock.set(clock.now() + timedelta(seconds=60))
        asked = [one for one in sky.seen if one.path in ("/api/states/all", "/api/tracks/all")]
    landings = [change for change in changes if change.row["kind"] != "open_approach"]
    assert {(change.row["icao24"], change.row["airport"]) for change in landings} == {("14fa39", "LTAC")}
    assert len({change.landing_id for change in landings}) == 1
    assert abs(landings[-1].row["touchdown"] - touchdown) < timedelta(minutes=4)
    # The whole list is asked for at every moment, never one aircraft.
    assert {len(one.query["icao24"]) for one in asked if one.path == "/api/states/all"} == {3}
    assert any(one.path == "/api/tracks/all" for one in asked)
    with Store.open(store_url, data_dir=folder / "data", readonly=True) as store, store.read() as session:
        assert read_gap(session.notes.get("gap")) is None
        assert len(session.outbox.list(events=["landing"])) == 1


def trace_of(icao24: str, flight: list[tuple[datetime, dict[str, Any]]]) -> dict[str, Any]:
    start = flight[0][0]
    rows = [
        [
            (at - start).total_seconds(),
            e["lat"],
            e["lon"],
            e["alt_baro"],
            e["gs"],
            30.0,
            0,
            -900 if e["alt_baro"] != "ground" else 0,
            None,
            "adsb_icao",
            None,
            None,
            None,
            None,
        ]
        for at, e in flight
    ]
    return {"icao": icao24, "timestamp": start.timestamp(), "trace": rows}


def test_a_landing_while_nothing_ran_is_found_from_traces_once_and_late(
    folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ReplayClock(START)
    flight = arrival(START + timedelta(minutes=70))
    asked: list[str] = []
    with SkyServer(recorded(flight[:1])) as sky:
        ordinary = sky.route

        def route(path: str, query: Any, headers: Any) -> Any:
            if path.startswith("/data/traces/"):
                asked.append(path)
                return (200, trace_of("14fa39", flight), {}) if "14fa39" in path else (404, {}, {})
            return ordinary(path, query, headers)

        monkeypatch.setattr(sky, "route", route)
        shown = [aircraft("14fa39"), aircraft("afff01", lat=50.0)]
        monkeypatch.setattr(sky, "current", lambda: {"now": clock.now().timestamp(), "aircraft": shown})
        source = SourceSettings(kind="adsbx_v2", url=sky.url("/v2"), traces=sky.url("/data/traces"))
        with passes_of(folder, store_url, settings_for(folder, one=source), clock) as passes:
            passes.one()
            shown.clear()
            clock.set(START + timedelta(hours=3))
            changes = []
            for _ in range(5):
                changes += passes.one().digest.changes
                clock.set(clock.now() + timedelta(seconds=60))
    landings = [c for c in changes if c.row["kind"] != "open_approach"]
    assert [(c.change, c.row["icao24"], c.row["airport"]) for c in landings] == [("new", "14fa39", "LTAC")]
    # The full trace ends before the gap does, so the recent one is read, too.
    wanted = (("full", "14fa39"), ("recent", "14fa39"), ("full", "afff01"), ("full", "4bff01"))
    assert asked == [f"/data/traces/{i[-2:]}/trace_{which}_{i}.json" for which, i in wanted]
    with Store.open(store_url, data_dir=folder / "data", readonly=True) as store, store.read() as session:
        assert read_gap(session.notes.get("gap")) is None
        (item,) = session.outbox.list(events=["landing"])
        assert item.created_at - landings[0].row["touchdown"] > timedelta(hours=1)


def test_an_outage_of_the_providers_is_a_gap_and_so_is_one_in_which_no_pass_came_to_its_end(folder: Path, store_url: str) -> None:
    clock = ReplayClock(START)
    with SkyServer([json.dumps({"now": START.timestamp(), "aircraft": [aircraft("afff01")]}).encode()]) as sky:
        sky.current = lambda: {"now": clock.now().timestamp(), "aircraft": [aircraft("afff01")]}  # type: ignore[method-assign]
        source = SourceSettings(kind="adsbx_v2", url=sky.url("/v2"), traces=sky.url("/traces"))
        settings = settings_for(folder, one=source)
        with passes_of(folder, store_url, settings, clock) as passes, Store.open(store_url, data_dir=folder / "data") as store:
            passes.one()
            sky.misbehave("status", times=None, status=502)
            for _ in range(4):
                clock.set(clock.now() + timedelta(minutes=10))
                with pytest.raises(Unreachable):
                    passes.one()
            # Many passes that died inside: each noted its beginning, and none its end.
            with store.transaction() as tx:
                for _ in range(30):
                    tx.runs.begin("poll", at=clock.now(), owner="test", version="1")
            sky.behave()
            clock.set(clock.now() + timedelta(minutes=10))
            done = passes.one()
        full = [seen.path for seen in sky.seen if seen.path.startswith("/traces/")]
    assert [path.rpartition("_")[2] for path in full] == [f"{i}.json" for i in ("afff01", "14fa39", "4bff01")]
    assert done.gap_left == 0

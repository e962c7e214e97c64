"""The live pass against real servers on loopback: order, fail-over, shared manners, reasons for silence, gaps, clocks."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from live_builders import START, WATCHED, aircraft, write_watchlist
from sky_server import SkyServer

from pipeline.alerts.channels import EmlChannel
from pipeline.detect.identity import adopt
from pipeline.export.maps import LandingMap
from pipeline.jobs.clocks import on_one_scale
from pipeline.jobs.live_pass import Passes
from pipeline.jobs.poll import Polled
from pipeline.jobs.world import ReplayClock, make_world
from pipeline.model.errors import ConfigError, Unreachable
from pipeline.model.frames import LANDINGS
from pipeline.model.settings import MailSettings, PollSettings, Settings, SourceSettings, UseSettings, WatchlistSettings
from pipeline.net.client import Client
from pipeline.store.store import Store

pytestmark = pytest.mark.usefixtures("no_waiting")

A_LANDING = {
    "landing_id": "lnd-aaaaaaaaaa",
    "icao24": "14fa39",
    "airport": "LTAC",
    "touchdown": START,
    "touchdown_earliest": START,
    "touchdown_latest": START,
    "kind": "observed",
    "confidence": 0.97,
    "reason": "seen on the ground",
    "origin": "live",
    "lifecycle": "provisional",
}


class Sky:
    """A moment of the sky that a test writes and servers show."""

    def __init__(self) -> None:
        self.clock = ReplayClock(START)
        self.aircraft: list[dict[str, Any]] = [aircraft("14fa39"), aircraft("afff01", lat=50.0)]

    def line(self) -> bytes:
        return json.dumps({"now": self.clock.now().timestamp(), "aircraft": self.aircraft}).encode()


@dataclass
class Live:
    """Two networks, a store, and the passes of one process."""

    folder: Path
    sky: Sky
    one: SkyServer
    two: SkyServer
    settings: Settings
    url: str
    slept: list[float] = field(default_factory=list)

    def passes(self, settings: Settings | None = None) -> Passes:
        given = settings or self.settings
        made = Passes(self.store(), make_world(given), given, clock=self.sky.clock)
        made._pace._sleep = self.sleep
        return made

    def store(self, *, readonly: bool = False) -> Store:
        return Store.open(self.url, data_dir=self.folder / "data", readonly=readonly)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.sky.clock.set(self.sky.clock.now() + timedelta(seconds=seconds))

    def again(self, passes: Passes, *, after: float = 60.0) -> Polled:
        self.sky.clock.set(self.sky.clock.now() + timedelta(seconds=after))
        return passes.one()

    def reasons(self) -> dict[str, list[str]]:
        with self.store(readonly=True) as store, store.read() as session:
            found: dict[str, list[str]] = {}
            for stretch in session.ledger.between(START - timedelta(days=1), START + timedelta(days=30)):
                found.setdefault(stretch.icao24, []).append(stretch.reason)
            return found


@pytest.fixture
def live(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    sky = Sky()
    write_watchlist(tmp_path / "list.csv", dict(zip(WATCHED, ("RU", "US", "TR"), strict=True)))

    def now_shown(server: SkyServer) -> Callable[[], dict[str, Any]]:
        return lambda: json.loads(sky.line())

    with SkyServer([sky.line()], clock=sky.clock.now) as one, SkyServer([sky.line()], clock=sky.clock.now) as two:
        monkeypatch.setattr(one, "current", now_shown(one))
        monkeypatch.setattr(two, "current", now_shown(two))
        settings = Settings(
            data_dir=tmp_path / "data",
            sources={
                "first": SourceSettings(kind="adsbx_v2", url=one.url("/v2")),
                "second": SourceSettings(kind="adsbx_v2", url=two.url("/v2")),
            },
            use=UseSettings(kind="personal"),
            watchlist=WatchlistSettings(files=(tmp_path / "list.csv",)),
            mail=MailSettings(to=("desk@example.org",)),
        )
        yield Live(tmp_path, sky, one, two, settings, store_url)


def test_the_second_is_asked_only_when_the_first_leaves_something_open(live: Live) -> None:
    with live.passes() as passes:
        assert live.again(passes).collected.asked == ("first",)
        live.one.misbehave("status", times=None, status=500)
        assert live.again(passes).collected.asked == ("first", "second")
        live.one.behave()
        assert live.again(passes).collected.asked == ("first",)
    assert live.two.requests == 1


def test_what_a_process_keeps_for_good_is_left_out_of_the_search_for_garbage_while_it_makes_passes(live: Live) -> None:
    with live.passes() as passes:
        live.again(passes)
        assert gc.get_freeze_count() == 0
        live.again(passes)
        assert gc.get_freeze_count() > 100_000
    assert gc.get_freeze_count() == 0


def test_an_empty_answer_while_somebody_flew_a_minute_ago_is_asked_elsewhere_and_nobody_is_gone(live: Live) -> None:
    with live.passes() as passes:
        live.again(passes)
        live.one.misbehave("empty")
        done = live.again(passes)
    assert done.collected.asked == ("first", "second")
    assert set(done.collected.heard) == {"14fa39", "afff01"}
    assert not done.digest.changes
    assert live.reasons()["14fa39"] == ["seen"]


def test_an_empty_answer_of_the_only_network_while_somebody_flew_a_minute_ago_accounts_for_nobody(live: Live) -> None:
    alone = live.settings.model_copy(update={"sources": {"first": live.settings.sources["first"]}})
    with live.passes(alone) as passes:
        assert live.again(passes).collected.whole
        live.one.misbehave("empty")
        done = live.again(passes)
        assert not done.collected.whole
        assert "named no aircraft" in str(done.collected.failures[0])
        assert live.reasons()["14fa39"] == ["seen", "provider_down"]
        # A little later nobody is known to be in the air, and an empty sky is one.
        live.one.misbehave("empty", times=None)
        assert live.again(passes, after=300).collected.whole


def test_a_network_that_is_heard_of_later_is_one_more_witness(live: Live) -> None:
    landing = LANDINGS.cast([{**A_LANDING, "networks": "first"}])
    seen_later = LANDINGS.cast([{**A_LANDING, "landing_id": "", "networks": "second"}])
    (change,) = adopt(seen_later, landing, since={"14fa39": START - timedelta(hours=1)})
    assert (change.change, change.row["networks"]) == ("changed", "first;second")
    assert "networks first → first;second" in change.reason
    again = LANDINGS.cast([change.row])
    assert adopt(landing.assign(landing_id=""), again, since={"14fa39": START - timedelta(hours=1)}) == ()


def test_an_aircraft_missing_from_the_first_is_looked_for_in_the_second(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    with live.passes() as passes:
        live.again(passes)
        monkeypatch.setattr(live.one, "current", lambda: {"now": live.sky.clock.now().timestamp(), "aircraft": live.sky.aircraft[:1]})
        done = live.again(passes)
    assert done.collected.asked == ("first", "second")
    assert "afff01" in done.collected.heard
    # The whole list is asked for, never the one that is missing.
    assert all(seen.path.endswith(",".join(sorted(WATCHED))) for seen in live.two.seen)


def test_every_silence_has_its_reason(live: Live) -> None:
    with live.passes() as passes:
        live.again(passes)
        for server in (live.one, live.two):
            server.misbehave("status", times=None, status=502)
        with pytest.raises(Unreachable):
            live.again(passes)
        for server in (live.one, live.two):
            server.behave()
            server.misbehave("status", times=None, status=429)
        with pytest.raises(Unreachable):
            live.again(passes)
        for server in (live.one, live.two):
            server.behave()
        live.sky.aircraft = [aircraft("14fa39", alt_baro=3000)]
        live.again(passes, after=120)
        live.sky.aircraft = []
        live.again(passes)
        live.again(passes, after=3600)
    reasons = live.reasons()
    assert reasons["14fa39"] == ["seen", "provider_down", "rate_limited", "seen", "silent", "not_running", "silent"]
    assert reasons["afff01"] == ["seen", "provider_down", "rate_limited", "not_covered", "not_running", "not_covered"]
    assert reasons["4bff01"] == ["silent", "provider_down", "rate_limited", "silent", "not_running", "silent"]


def test_a_receiver_of_ones_own_speaks_for_what_it_hears_also_when_its_file_is_the_one_read_before(live: Live) -> None:
    roof = SourceSettings(kind="readsb", url=live.one.url("/data/aircraft.json"))
    with live.passes(live.settings.model_copy(update={"sources": {"roof": roof}})) as passes:
        live.again(passes)
        shown = live.one.current()
        live.one.current = lambda: shown  # type: ignore[method-assign]
        live.again(passes, after=30)
        assert live.again(passes, after=30).collected.answers == 0
    assert live.reasons()["4bff01"] == ["not_covered"]


def test_two_processes_share_the_interval_the_wish_to_wait_and_the_budget(live: Live) -> None:
    with live.passes() as mine, live.passes() as other:
        live.again(mine)
        live.again(other, after=1)
        # adsbx_v2 at an unknown address: one request in five seconds.
        assert live.slept == [pytest.approx(4.0, abs=0.1)]
        live.one.misbehave("status", status=429, retry_after=120)
        live.again(mine)
        asked = live.one.requests
        assert [str(f).partition(":")[0] for f in live.again(other).collected.failures] == ["held"]
        assert live.one.requests == asked
        mine._pace.set_budget(live.one.url(), 3)
        done = live.again(mine, after=300)
        assert str(done.collected.failures[0]).startswith("budget: the day's 3 requests")
        assert live.one.requests == asked
        # A new day, a new budget.
        assert not live.again(mine, after=86_400).collected.failures
    assert live.one.most_at_once == 1


def test_a_budget_that_runs_low_stretches_the_cadence(live: Live) -> None:
    with live.passes() as passes:
        assert live.again(passes).cadence.seconds == 60.0
        from dataclasses import replace

        first = passes.lineup.sources[0]
        first.manifest = replace(first.manifest, requests_per_day=100)
        done = live.again(passes)
        assert done.cadence.seconds > 500
        assert "first grants 98 more requests today" in done.cadence.why


def test_the_cadence_follows_the_sky(live: Live) -> None:
    with live.passes() as passes:
        assert live.again(passes).cadence.seconds == 60.0
        live.sky.aircraft = [aircraft("14fa39", lat=40.3, lon=32.9, alt_baro=7000, gs=180.0, baro_rate=-900)]
        assert live.again(passes).cadence.seconds == 15.0
        live.sky.aircraft = [aircraft("14fa39", lat=40.128, lon=32.995, alt_baro="ground", gs=3.0)]
        assert live.again(passes, after=1200).cadence.seconds == 300.0


def coming_down(now: datetime, down: datetime) -> dict[str, Any]:
    """On its last miles to Ankara, and on the ground there from ``down`` on."""
    nm = (down - now).total_seconds() * 140 / 3600
    if nm <= 0:
        return aircraft("14fa39", lat=40.128, lon=32.995, track=210.0, gs=30.0, alt_baro="ground")
    where = {"lat": 40.128 + nm / 60 * 0.866, "lon": 32.995 + nm / 60 * 0.5 / 0.765, "track": 210.0, "gs": 140.0}
    return aircraft("14fa39", **where, alt_baro=3125 + round(nm * 318), baro_rate=-740)


@pytest.mark.parametrize(("takes_s", "ahead_s"), [(7.0, 0.0), (0.0, 7.0)], ids=["an answer takes its time", "a provider's clock is ahead"])
def test_what_is_received_after_a_pass_began_counts_in_that_pass(
    live: Live, monkeypatch: pytest.MonkeyPatch, takes_s: float, ahead_s: float
) -> None:
    clock, down = live.sky.clock, START + timedelta(minutes=3)

    def answer() -> dict[str, Any]:
        clock.set(clock.now() + timedelta(seconds=takes_s))
        now = clock.now() + timedelta(seconds=ahead_s)
        return {"now": now.timestamp(), "aircraft": [coming_down(now, down)]}

    monkeypatch.setattr(live.one, "current", answer)
    with live.passes() as passes:
        done = live.again(passes, after=5)
        assert done.cadence.why == "1 approaching a place"
        assert [event.kind for event in done.aloft] == ["inbound"]
        while clock.now() < down:
            done = live.again(passes, after=30)
        assert [(change.change, change.row["airport"]) for change in done.digest.changes] == [("new", "LTAC")]


def test_maps_are_drawn_and_sources_asked_while_the_store_is_left_alone(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, down = live.sky.clock, START + timedelta(minutes=2)
    open_now: list[str] = []
    busy: list[tuple[str, tuple[str, ...]]] = []

    def counted(name: str) -> None:
        real = getattr(Store, name)

        @contextmanager
        def opened(self: Store) -> Iterator[Any]:
            with real(self) as session:
                open_now.append(name)
                try:
                    yield session
                finally:
                    open_now.remove(name)

        monkeypatch.setattr(Store, name, opened)

    def noting(what: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **given: Any) -> Any:
            busy.append((what, tuple(open_now)))
            return real(*args, **given)

        return noted

    counted("read")
    counted("transaction")
    monkeypatch.setattr(LandingMap, "draw", noting("drawn", LandingMap.draw))
    monkeypatch.setattr(Client, "get", noting("asked", Client.get))
    monkeypatch.setattr(EmlChannel, "send", noting("sent", EmlChannel.send))
    monkeypatch.setattr(live.one, "current", lambda: {"now": clock.now().timestamp(), "aircraft": [coming_down(clock.now(), down)]})
    with live.passes() as passes:
        while clock.now() < down:
            done = live.again(passes, after=30)
    assert done.delivered
    assert {what for what, _ in busy} == {"drawn", "asked", "sent"}
    assert {during for _, during in busy} == {()}


def test_aircraft_parked_at_the_first_pass_raise_nothing(live: Live) -> None:
    live.sky.aircraft = [aircraft("14fa39", lat=40.128, lon=32.995, alt_baro="ground", gs=0.0)]
    with live.passes() as passes:
        for _ in range(12):
            done = live.again(passes)
            assert not done.digest.changes
            assert not done.digest.queued


def test_state_aircraft_on_no_list_are_noticed_near_a_place_and_private_ones_are_not(live: Live) -> None:
    live.sky.aircraft += [
        aircraft("adfeb7", lat=40.2, lon=32.9, flight="SAM091  ", alt_baro=9000),
        aircraft("3f4abc", lat=40.1, lon=32.8, flight="DELUX1  ", alt_baro=9000, dbFlags=1, t="A343"),
        aircraft("4009f9", lat=40.3, lon=32.8, flight="GABCD   ", alt_baro=9000, t="GLF6", r="G-ABCD"),
        aircraft("4b8411", lat=40.1, lon=32.9, flight="TUAF123 ", alt_baro=9000, dbFlags=1),
    ]
    settings = live.settings.model_copy(update={"poll": PollSettings(places=("Ankara",))})
    with live.passes(settings) as passes:
        done = live.again(passes)
    found = {one.icao24: one for one in done.collected.candidates}
    assert set(found) == {"adfeb7", "3f4abc", "4b8411"}
    assert found["adfeb7"].why.startswith("callsign SAM091: US Air Force special air mission")
    assert "flagged military" in found["3f4abc"].why
    assert found["adfeb7"].city == "Ankara"
    assert any(seen.path.startswith("/v2/point/") for seen in live.one.seen)


def test_flights_are_asked_for_by_callsign_in_turn_and_noticed_anywhere(live: Live) -> None:
    live.sky.aircraft += [
        aircraft("adfeb7", lat=0.0, lon=-30.0, flight="SAM091  "),
        aircraft("3f4abc", lat=0.0, lon=-31.0, flight="GAF612  ", dbFlags=1),
        aircraft("155bcd", lat=1.0, lon=-32.0, flight="RSD420  "),
        aircraft("4009f9", lat=1.0, lon=-32.0, flight="SAMBA1  "),
    ]
    settings = live.settings.model_copy(update={"poll": PollSettings(callsigns=("RSD", "SAM"))})
    found: dict[str, str] = {}
    with live.passes(settings) as passes:
        for _ in range(12):
            found |= {one.icao24: one.why for one in live.again(passes).collected.candidates}
    assert set(found) == {"adfeb7", "155bcd"}
    assert found["155bcd"].startswith("callsign RSD420: Rossiya special flight detachment")
    asked = [seen.path.rpartition("/")[2].split(",") for seen in live.one.seen if seen.path.startswith("/v2/callsign/")]
    # All numbers of one beginning in two requests, every five minutes.
    assert 4 <= len(asked) <= 8
    assert {"SAM1", "SAM01", "SAM001", "SAM091", "RSD420", "RSD999"} <= {one for batch in asked for one in batch}
    assert max(len(batch) for batch in asked) <= 1000
    assert max(len(seen.path) for seen in live.one.seen) <= 6000


def test_clocks_that_differ_are_measured_and_set_right_for_detection(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = live.settings.model_copy(
        update={"sources": {name: one.model_copy(update={"ask": "always"}) for name, one in live.settings.sources.items()}}
    )
    live.sky.aircraft = [aircraft(icao24, lat=48 + n) for n, icao24 in enumerate((*WATCHED, "aaaaa1", "aaaaa2"))]

    def late() -> dict[str, Any]:
        return {"now": live.sky.clock.now().timestamp() - 4.0, "aircraft": live.sky.aircraft}

    monkeypatch.setattr(live.two, "current", late)
    with live.passes(settings) as passes:
        for n in range(4):
            for one in live.sky.aircraft:
                one["lon"] = round(20 + n / 10 + one["lat"] / 1000, 5)
            live.again(passes)
    with live.store(readonly=True) as store, store.read() as session:
        offset = session.clocks.current()["second"]
        stored = session.positions.window(["14fa39"])
        seen = on_one_scale(stored, session.clocks.current(), now=live.sky.clock.now())
    assert (offset.reference, offset.offset_s) == ("first", pytest.approx(-4.0, abs=0.01))
    assert offset.samples == 4 * len(WATCHED)
    # The store keeps what was said; detection sees one broadcast at one time.
    assert stored["time"].nunique() == 8
    assert seen["time"].nunique() == 4


def test_a_clock_set_back_an_hour_is_named_and_nothing_is_lost(live: Live) -> None:
    with live.passes() as passes:
        live.again(passes)
        live.again(passes)
        right = live.sky.clock.now()
        # Our clock, not the provider's.
        live.sky.clock._now = right - timedelta(hours=1)
        for server in (live.one, live.two):
            server.current = lambda: {"now": right.timestamp(), "aircraft": live.sky.aircraft}  # type: ignore[method-assign]
        with pytest.raises(Unreachable, match=r"stale: .* ahead of the request"):
            passes.one()
        live.sky.clock._now = right + timedelta(seconds=60)
        for server in (live.one, live.two):
            server.current = lambda: json.loads(live.sky.line())  # type: ignore[method-assign]
        done = passes.one()
        assert set(done.collected.heard) == {"14fa39", "afff01"}
    assert live.reasons()["14fa39"] == ["seen"]


def test_a_pass_without_a_source_says_so(live: Live) -> None:
    with live.passes(live.settings.model_copy(update={"sources": {}})) as passes, pytest.raises(ConfigError, match="no source may run"):
        passes.one()


def test_status_tells_budgets_reasons_and_what_flies(live: Live) -> None:
    from pipeline.jobs.status import look

    live.sky.aircraft = [aircraft("14fa39", lat=39.5, lon=32.55, alt_baro=12_000, gs=250.0, track=29.0, baro_rate=-1200)]
    with live.passes() as passes:
        live.again(passes)
    with live.store(readonly=True) as store:
        said = look(store, now=live.sky.clock.now()).plain()
    assert said["last_outcome"] == "done"
    assert [(b["spent"], b["host"].partition(":")[0]) for b in said["budgets"]] == [(1, "127.0.0.1")]
    assert said["ledger"] == {"seen": 1, "silent": 2}
    assert said["bytes_a_day"]["database"] > 0
    (event,) = said["in_the_air"]
    assert (event["icao24"], event["kind"]) == ("14fa39", "inbound")
    assert "Ankara" in event["said"]


def test_status_tells_what_providers_that_count_still_grant(live: Live) -> None:
    from pipeline.jobs.status import look

    url, token = live.one.url("/api"), live.one.url("/token")
    sky = SourceSettings(kind="opensky", url=url, token_url=token, client_id="me", key_env="PATH")
    with live.passes(live.settings.model_copy(update={"sources": {"opensky": sky}})) as passes:
        live.again(passes)
        live.again(passes)
    with live.store(readonly=True) as store:
        said = look(store, now=live.sky.clock.now()).plain()
    assert said["credits"] == [{"provider": "opensky", "bucket": "states", "left": 3992}]
    assert [budget["of"] for budget in said["budgets"]] == [1000]


def test_an_inbound_is_told_to_its_end_whatever_the_squawk(live: Live) -> None:
    def at(lat: float, lon: float, **given: Any) -> list[dict[str, Any]]:
        return [aircraft("14fa39", lat=lat, lon=lon, squawk="7700", emergency="general", **given)]

    kinds: list[str] = []
    with live.passes() as passes:
        for sky in (
            at(39.5, 32.55, alt_baro=12_000, gs=250.0, track=29.0, baro_rate=-1200),
            at(39.6, 32.60, alt_baro=11_000, gs=250.0, track=29.0, baro_rate=-1200),
            at(39.0, 32.20, alt_baro=20_000, gs=380.0, track=210.0, baro_rate=1500),
        ):
            live.sky.aircraft = sky
            done = live.again(passes)
            kinds += [event.kind for event in done.aloft]
            assert not done.digest.queued
        live.sky.aircraft = []
        kinds += [event.kind for _ in range(12) for event in live.again(passes).aloft]
        live.sky.aircraft = at(37.5, 31.0, alt_baro=33_000, gs=430.0, track=210.0)
        kinds += [event.kind for event in live.again(passes).aloft]
    assert kinds == ["inbound", "turned_back", "lost", "reappeared"]

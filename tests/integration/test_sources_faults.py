"""Providers that rate-limit, block, lie or die: each fault gets its recorded reason, and no request too many is sent."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from sky_server import SkyServer, small_sky

from pipeline.model.errors import BadAnswer, RateLimited, SourceError, Unreachable
from pipeline.model.protocols import WatchRequest
from pipeline.net.client import Client, Exchange
from pipeline.net.limits import MIB, Limits
from pipeline.net.pace import HostPace
from pipeline.sources.adsbx_v2 import AdsbxV2Source
from pipeline.sources.registry import v2_manifest

NOW = datetime(2022, 11, 14, 8, 1, 50, tzinfo=UTC)
QUICK = Limits(connect_s=1.0, read_s=0.4, total_s=0.6)


class FakeTime:
    """A monotonic clock that moves when someone sleeps."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


@pytest.fixture
def sky() -> Iterator[SkyServer]:
    with SkyServer(small_sky()) as server:
        yield server


class Bench:
    """A source against a server, with everything it was told written down."""

    def __init__(self, sky: SkyServer, *, limits: Limits = QUICK) -> None:
        self.sky = sky
        self.time = FakeTime()
        self.told: list[Exchange] = []
        self.client = Client(
            pace=HostPace(monotonic=self.time.monotonic, sleep=self.time.sleep), limits=limits, observe=self.told.append, now=lambda: NOW
        )
        self.source = AdsbxV2Source(v2_manifest("sky", sky.url("/v2")), self.client)
        (self.query,) = self.source.plan(WatchRequest(icao24s=("14fa39", "afff01"), now=NOW))

    def fetch(self) -> int:
        """How many positions came."""
        return sum(len(self.source.parse(raw).positions) for raw in self.source.fetch(self.query))

    def refused(self, error: type[SourceError], reason: str) -> SourceError:
        with pytest.raises(error) as caught:
            self.fetch()
        assert str(caught.value).startswith(f"{reason}: ")
        return caught.value


@pytest.fixture
def bench(sky: SkyServer) -> Iterator[Bench]:
    made = Bench(sky)
    yield made
    made.client.close()


#: fault, options, error, reason, requests made for one call
LASTING = [
    ("status", {"status": 429}, RateLimited, "429", 1),
    ("status", {"status": 429, "retry_after": 120}, RateLimited, "429", 1),
    ("status", {"status": 500}, Unreachable, "500", 3),
    ("status", {"status": 502}, Unreachable, "502", 3),
    ("status", {"status": 503, "retry_after": 3600}, RateLimited, "503", 1),
    ("status", {"status": 403}, BadAnswer, "403", 1),
    ("status", {"status": 404}, BadAnswer, "404", 1),
    ("status", {"status": 304}, BadAnswer, "redirect", 1),
    ("html", {}, BadAnswer, "html", 1),
    ("cut_json", {}, BadAnswer, "truncated", 1),
    ("cut_gzip", {}, BadAnswer, "truncated", 1),
    ("too_short", {}, Unreachable, "truncated", 3),
    ("too_long", {}, BadAnswer, "truncated", 1),
    ("drip", {}, Unreachable, "timeout", 3),
    ("silence", {"for_s": 2.0}, Unreachable, "timeout", 3),
    ("reset", {}, Unreachable, "reset", 3),
    ("redirect", {"to": "http://127.0.0.2:1/elsewhere"}, BadAnswer, "redirect", 1),
    ("redirect", {"to": "/v2/hex/again"}, BadAnswer, "redirect", 4),
    ("bomb", {}, BadAnswer, "bomb", 1),
    ("brotli", {}, BadAnswer, "encoding", 1),
    ("wrong_time", {"behind_s": 3600}, BadAnswer, "stale", 1),
    ("wrong_time", {"now": 12.0}, BadAnswer, "now", 1),
]


@pytest.mark.parametrize(
    ("fault", "options", "error", "reason", "requests"),
    LASTING,
    ids=[f"{row[0]}-{row[3]}-{'-'.join(map(str, row[1].values()))}" for row in LASTING],
)
def test_a_lasting_fault_has_its_reason_and_costs_few_requests(
    bench: Bench, fault: str, options: dict[str, object], error: type[SourceError], reason: str, requests: int
) -> None:
    bench.sky.misbehave(fault, times=None, **options)
    bench.refused(error, reason)
    assert bench.sky.requests <= requests
    assert bench.told, "a failed exchange is told too"
    assert len(bench.told[-1].body) <= 64 * 1024
    # Recovery without hands, once the fault and any wish to wait are over.
    bench.sky.behave()
    bench.time.at += 4000
    assert bench.fetch() == 2


@pytest.mark.parametrize(("fault", "options"), [("status", {"status": 503}), ("reset", {}), ("too_short", {}), ("drip", {})])
def test_a_passing_fault_is_asked_again(bench: Bench, fault: str, options: dict[str, object]) -> None:
    bench.sky.misbehave(fault, times=2, **options)
    assert bench.fetch() == 2
    assert bench.sky.requests == 3
    assert [exchange.outcome == "ok" for exchange in bench.told] == [False, False, True]


def test_a_short_wish_to_wait_is_granted_before_asking_again(bench: Bench) -> None:
    bench.sky.misbehave("status", status=429, retry_after=7)
    assert bench.fetch() == 2
    assert bench.time.slept == [pytest.approx(7.0)]
    assert [exchange.outcome for exchange in bench.told] == ["429", "ok"]


def test_a_date_is_a_wish_to_wait_too(bench: Bench) -> None:
    bench.sky.misbehave("status", status=429, retry_at=NOW + timedelta(minutes=5))
    error = bench.refused(RateLimited, "429")
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 300.0


def test_nothing_is_sent_while_a_host_asked_to_be_left_alone(bench: Bench) -> None:
    bench.sky.misbehave("status", status=429, retry_after=120)
    bench.refused(RateLimited, "429")
    for _ in range(5):
        bench.refused(RateLimited, "held")
    assert bench.sky.requests == 1
    bench.time.at += 111
    assert bench.fetch() == 2
    assert bench.time.slept == [pytest.approx(9.0)]


def test_a_host_that_does_not_say_how_long_is_left_alone_longer_each_time(bench: Bench) -> None:
    bench.sky.misbehave("status", times=None, status=429)
    held = []
    for _ in range(7):
        bench.refused(RateLimited, "429")
        error = bench.refused(RateLimited, "held")
        assert isinstance(error, RateLimited)
        assert error.retry_after_s is not None
        held.append(error.retry_after_s)
        bench.time.at += error.retry_after_s
    assert held == [pytest.approx(s) for s in (30, 60, 120, 240, 480, 900, 900)]
    bench.sky.behave()
    assert bench.fetch() == 2
    bench.sky.misbehave("status", status=429)
    bench.time.at += 5
    bench.refused(RateLimited, "429")
    error = bench.refused(RateLimited, "held")
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == pytest.approx(30)


def test_the_provider_s_least_interval_is_kept(bench: Bench) -> None:
    for _ in range(3):
        bench.fetch()
    assert bench.time.slept == [pytest.approx(5.0), pytest.approx(5.0)]


def test_an_empty_answer_is_marked_and_is_no_error(bench: Bench) -> None:
    bench.sky.misbehave("empty")
    (raw,) = bench.source.fetch(bench.query)
    assert raw.capture.outcome == "empty"
    assert bench.source.parse(raw).aircraft_heard == 0


def test_a_redirect_within_the_host_is_followed(bench: Bench) -> None:
    bench.sky.misbehave("redirect", to="/v2/icao/14fa39")
    assert bench.fetch() == 1
    assert [seen.path for seen in bench.sky.seen] == ["/v2/hex/14fa39,afff01", "/v2/icao/14fa39"]


def test_a_certificate_that_nobody_vouches_for(sky: SkyServer) -> None:
    with SkyServer(small_sky(), tls=True) as secret:
        bench = Bench(secret)
        bench.refused(BadAnswer, "certificate")
        assert secret.requests == 0
        bench.client.close()


def test_a_server_that_is_not_there(bench: Bench) -> None:
    bench.source = AdsbxV2Source(v2_manifest("sky", "http://127.0.0.1:9/v2"), bench.client)
    (bench.query,) = bench.source.plan(WatchRequest(icao24s=("14fa39",), now=NOW))
    bench.refused(Unreachable, "connect")
    assert [exchange.outcome for exchange in bench.told] == ["connect"] * 3


@pytest.mark.parametrize("fault", ["huge", "bomb"])
def test_memory_stays_bounded(sky: SkyServer, fault: str) -> None:
    bench = Bench(sky, limits=Limits())
    bench.sky.misbehave(fault)
    tracemalloc.start()
    bench.refused(BadAnswer, {"huge": "too_large", "bomb": "bomb"}[fault])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 160 * MIB
    bench.client.close()

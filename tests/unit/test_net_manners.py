"""Waiting, pacing, and what is said and kept of an address."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pipeline.model.errors import ConfigError, RateLimited, SourceError
from pipeline.model.origin import Origin
from pipeline.net.capture import make_answer
from pipeline.net.client import user_agent
from pipeline.net.pace import HOLD_S, LONGEST_HOLD_S, HostPace
from pipeline.net.reasons import reason_of
from pipeline.net.retry_after import LONGEST_S, retry_after_s
from pipeline.net.urls import host_of, public_url, same_host

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "1e12"}, LONGEST_S),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90.0),
        ({"retry-after": format_datetime(NOW - timedelta(days=1), usegmt=True)}, 0.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 -0000"}, 30.0),
        ({"x-rate-limit-retry-after-seconds": "600"}, 600.0),
        ({"retry-after": "soon", "x-rate-limit-retry-after-seconds": "600"}, 600.0),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


class FakeTime:
    def __init__(self) -> None:
        self.at = 50.0

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_an_interval_counts_from_the_end_of_the_request_before() -> None:
    fake = FakeTime()
    pace = HostPace(monotonic=fake.monotonic, sleep=fake.sleep)
    with pace.turn("a", 5.0):
        assert fake.at == 50.0
        fake.at += 3.0
    with pace.turn("b", 5.0):
        assert fake.at == 53.0
    with pace.turn("a", 5.0):
        assert fake.at == 58.0


def test_a_failed_request_counts_too() -> None:
    fake = FakeTime()
    pace = HostPace(monotonic=fake.monotonic, sleep=fake.sleep)
    with pytest.raises(ZeroDivisionError), pace.turn("a", 5.0):
        raise ZeroDivisionError
    with pace.turn("a", 5.0):
        assert fake.at == 55.0


def test_a_longer_hold_is_not_shortened_by_a_later_one() -> None:
    fake = FakeTime()
    pace = HostPace(monotonic=fake.monotonic, sleep=fake.sleep)
    assert pace.hold("a", 600.0) == 600.0
    assert pace.hold("a", 20.0) == 20.0
    with pytest.raises(RateLimited) as caught, pace.turn("a", 0.0):
        raise AssertionError("nothing may be sent")
    assert caught.value.retry_after_s == 600.0


def test_guessed_holds_double_up_to_a_limit_and_start_anew() -> None:
    pace = HostPace(monotonic=lambda: 0.0, sleep=lambda _: None)
    assert [pace.hold("a", None) for _ in range(7)] == [HOLD_S, 60, 120, 240, 480, LONGEST_HOLD_S, LONGEST_HOLD_S]
    assert pace.hold("b", None) == HOLD_S
    pace.eased("a")
    assert pace.hold("a", None) == HOLD_S


def test_one_at_a_time_per_host() -> None:
    pace = HostPace()
    inside, most, guard = 0, 0, threading.Lock()

    def ask() -> None:
        nonlocal inside, most
        with pace.turn("a", 0.0):
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.005)
            with guard:
                inside -= 1

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.example.org/v2/hex/a,b", "https://api.example.org/v2/hex/a,b"),
        ("https://me:hush@example.org:8080/x#part", "https://example.org:8080/x"),
        ("https://example.org/x?apikey=hush&y=1", "https://example.org/x?apikey=***&y=1"),
        ("https://example.org/x?y=1&access_token=hush", "https://example.org/x?y=1&access_token=***"),
        ("https://example.org/x?client_secret=hush&PASSWORD=hush", "https://example.org/x?client_secret=***&PASSWORD=***"),
        ("http://[", "(not an address)"),
    ],
)
def test_a_recorded_address_holds_no_secret(url: str, kept: str) -> None:
    assert public_url(url) == kept


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("https://a.org/x", "https://a.org/y", True),
        ("https://a.org/x", "https://A.ORG:443/y", True),
        ("http://a.org/x", "https://a.org/x", True),
        ("https://a.org/x", "http://a.org/x", False),
        ("https://a.org/x", "http://a.org:443/x", False),
        ("https://a.org/x", "https://b.org/x", False),
        ("https://a.org/x", "https://a.org.evil.net/x", False),
        ("http://a.org:8080/x", "https://a.org/x", False),
        ("http://a.org:8080/x", "http://a.org:8081/x", False),
    ],
)
def test_what_a_redirect_may_not_leave(url: str, other: str, same: bool) -> None:
    assert same_host(url, other) is same


@pytest.mark.parametrize(
    "url", ["", "api.example.org", "ftp://example.org/x", "https://", "http://[", "http://a:99999/", "file:///etc/passwd"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(ConfigError, match="not an http or https address"):
        host_of(url)


def test_who_asks() -> None:
    assert user_agent().startswith("tarmac/")
    assert user_agent("desk@example.org").endswith(" (contact: desk@example.org)")
    assert "\n" not in user_agent("x\r\nEvil: 1")
    assert "\r" not in user_agent("x\r\nEvil: 1")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("html: a page", "html"),
        ("429: a.org says no", "429"),
        ("something: odd", "something"),
        ("no colon", "sourceerror"),
        ("two words: x", "sourceerror"),
    ],
)
def test_the_short_reason(message: str, reason: str) -> None:
    assert reason_of(SourceError(message)) == reason


def test_a_capture_is_named_by_all_that_tells_it_from_another() -> None:
    def make(body: bytes = b"x", provider: str = "p", at: datetime = NOW, locator: str = "") -> str:
        return make_answer(body, provider=provider, url="u", fetched_at=at, origin=Origin.LIVE, locator=locator).capture.capture_id

    assert make() == make()
    others = {make(b"y"), make(provider="q"), make(at=NOW + timedelta(microseconds=1)), make(locator="line 2"), make()}
    assert len(others) == 5

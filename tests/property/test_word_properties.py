"""Addresses and times: what is written is read back, what is wrong is refused, nothing else happens."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import ids
from pipeline.model.errors import BadIdentifier, BadTime
from pipeline.model.time import civil_interval, from_epoch, parse_utc, to_iso

_moment = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis wants naive bounds)


@given(st.integers(0, 0xFFFFFF), st.booleans())
def test_every_address_is_read_back(number: int, anonymous: bool) -> None:
    text = f"{'~' if anonymous else ''}{number:06X}"
    assert ids.parse_icao24(f" {text} ") == text.lower()
    assert ids.is_icao_address(ids.parse_icao24(text)) is not anonymous


@given(st.text(max_size=12))
def test_any_other_text_is_refused_with_one_error(text: str) -> None:
    with suppress(BadIdentifier):
        assert ids.parse_icao24(ids.parse_icao24(text)) == text.strip().lower()


@given(_moment, st.integers(-14 * 60, 14 * 60))
def test_a_time_is_the_same_instant_whatever_its_offset(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_utc(elsewhere.isoformat()) == moment
    assert parse_utc(to_iso(moment, microseconds=True)) == moment
    with pytest.raises(BadTime, match=r"offset|zone"):
        parse_utc(moment.replace(tzinfo=None).isoformat())


@given(_moment)
def test_seconds_and_milliseconds_are_told_apart(moment: datetime) -> None:
    seconds = moment.replace(microsecond=0).timestamp()
    assert from_epoch(seconds) == from_epoch(seconds * 1000) == moment.replace(microsecond=0)


@given(st.text(max_size=25))
def test_text_is_a_time_or_an_error(text: str) -> None:
    with suppress(BadTime):
        assert parse_utc(text).tzinfo is UTC


@given(
    st.dates(date(2000, 1, 2), date(2099, 1, 1)),
    st.integers(0, 40),
    st.sampled_from(["Europe/Istanbul", "Pacific/Auckland", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_civil_days_follow_one_another_without_gap(day: date, length: int, tz: str) -> None:
    start, end = civil_interval(day, day + timedelta(days=length), tz)
    following, _ = civil_interval(day + timedelta(days=length + 1), day + timedelta(days=length + 1), tz)
    assert following == end
    assert timedelta(days=length - 1) < end - start <= timedelta(days=length + 1, hours=2)

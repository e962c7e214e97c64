"""A report's flight against the track: it agrees, was read by another clock, or differs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.meetings.claim_check import Tracked, compare
from pipeline.meetings.extract.extractor import default_extractor, parse_published

LANDING = datetime(2022, 11, 14, 8, 26, tzinfo=UTC)
TRACK = Tracked(event_id="lnd-a", icao24="14fa39", registration="", airport="LTAC", event="landing", earliest=LANDING, latest=LANDING)


def said(text: str, *tracks: Tracked) -> tuple[str, float]:
    (claim,) = default_extractor().extract(text, published=parse_published("2022-11-14"), language="en").flight_claims
    found = compare(claim, tracks)
    return found.verdict, found.hours


@pytest.mark.parametrize(
    ("clock", "verdict", "hours"),
    [
        ("11:26", "agrees", 0),
        ("11:20", "agrees", 0),
        ("11:26 GMT", "whole_hours_off", 3),
        ("8:25", "whole_hours_off", -3),
        ("11:50", "near", 0),
        ("about 11:50", "agrees", 0),
        ("13:06", "differs", 0),
    ],
)
def test_the_tail_of_the_ankara_case(clock: str, verdict: str, hours: float) -> None:
    assert said(f"RA-64057 landed at Esenboga at {clock} today.", TRACK) == (verdict, hours)


def test_another_aircraft_or_field_is_no_track() -> None:
    assert said("RA-64059 landed at Esenboga at 11:26 today.", TRACK)[0] == "no_track"
    assert said("RA-64057 landed at Vnukovo at 11:26 today.", TRACK)[0] == "no_track"
    assert said("RA-64057 took off from Esenboga at 11:26 today.", TRACK)[0] == "no_track"
    assert said("RA-64057 landed at Esenboga today.", TRACK)[0] == "no_time"


def test_without_a_tail_agreement_means_little() -> None:
    (claim,) = (
        default_extractor().extract("A Tu-204 landed at Esenboga at 11:26 today.", published=parse_published("2022-11-14")).flight_claims
    )
    found = compare(claim, [TRACK])
    assert found.verdict == "agrees"
    assert "no tail" in found.said

"""A sentence without an end costs little more than as much text in short ones: pages without full stops are real."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

_PUBLISHED = parse_published("2024-05-06")


def _calls(text: str) -> int:
    """How many calls reading a text takes: unlike its time, always the same."""
    count = 0

    def profile(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    extractor = default_extractor()
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        extractor.extract(text, published=_PUBLISHED, language="en")
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("Macron said Putin met Erdogan in Paris, and ", id="said"),
        pytest.param("the jet flew from Doha to Ankara and ", id="flew"),
    ],
)
def test_a_sentence_twice_as_long_takes_about_twice_as_many_calls(part: str) -> None:
    _calls(part)  # what is loaded once
    assert _calls(part * 48) < 3.2 * _calls(part * 24)

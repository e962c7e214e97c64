"""Meetings from a command line, to frames and back, and in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.meetings.build import format_participants, make_meeting, meetings_frame, meetings_from_frame, parse_participants
from pipeline.meetings.describe import story, story_lines
from pipeline.model.entities import Participant
from pipeline.model.errors import BadIdentifier, BadTime, NotFound, UsageError
from pipeline.model.origin import Origin
from pipeline.places.gazetteer import load_gazetteer


def make(**fields):
    given = {"title": "CIA and SVR chiefs meet", "city": "Ankara", "country": "TR", "start": "2022-11-14"} | fields
    return make_meeting(gazetteer=load_gazetteer(), **given)


def test_an_unknown_city_is_refused_with_the_nearest_names():
    with pytest.raises(NotFound, match="Ankra") as caught:
        make(city="Ankra")
    assert "Ankara, TR" in caught.value.hint


def test_a_city_in_the_wrong_country_names_the_right_one():
    with pytest.raises(NotFound) as caught:
        make(city="Ankara", country="GR")
    assert "Ankara, TR" in caught.value.hint


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"title": " \t"}, UsageError),
        ({"start": "14 November"}, BadTime),
        ({"start": ""}, BadTime),
        ({"start": "0202-11-14"}, BadTime),
        ({"country": "Turkey"}, BadIdentifier),
        ({"country": "ZZ"}, BadIdentifier),
        ({"kind": "call"}, BadIdentifier),
        ({"meeting_id": "two words"}, BadIdentifier),
        ({"participants": "a|b|US|d|e"}, BadIdentifier),
        ({"participants": "|President|US"}, BadIdentifier),
        ({"city": "", "country": ""}, NotFound),
    ],
)
def test_what_cannot_be_used_is_refused(fields, error):
    with pytest.raises(error):
        make(**fields)


def test_frame_and_back_is_the_same_meeting():
    meetings = [
        make(participants="William Burns|CIA Director|US|CIA;Sergei Naryshkin|SVR Director|RU", sources="https://a.example/x;Kommersant"),
        make(city="", start="2022-11-14T10:00+03:00", end="2022-11-14T12:00+03:00", published="2022-11-15", status="denied", kind="visit"),
        make(city="Taipei", country="TW", origin=Origin.RECONSTRUCTED, precision="venue", date_precision="week", end="2022-11-20"),
    ]
    frame = meetings_frame(meetings)
    assert list(frame["origin"]) == ["recorded", "recorded", "reconstructed"]
    assert meetings_from_frame(frame) == meetings
    assert meetings_frame([]).empty
    assert meetings_from_frame(meetings_frame([])) == []


def test_separators_inside_a_name_cannot_break_the_column():
    people = (Participant(name="A|B;C", title="x\ny", state="US"), Participant(name="D", agency="MI6"))
    assert parse_participants(format_participants(people)) == (
        Participant(name="A/B,C", title="x y", state="US"),
        Participant(name="D", agency="MI6"),
    )


def test_the_story_is_one_line_with_who_where_when_and_how_we_know():
    meeting = make(participants="William Burns|CIA Director|US", sources="a;b", published="2022-11-14")
    assert story(meeting) == (
        f"14 Nov 2022, Ankara, {_country()}: CIA and SVR chiefs meet. William Burns (CIA Director, US). "
        "Reported by 2 sources, first on 14 Nov 2022."
    )
    assert story(replace(meeting, origin=Origin.RECONSTRUCTED)).startswith("RECONSTRUCTION. ")
    week = make(start="2022-11-29", end="2022-12-02", date_precision="week", status="denied")
    assert story(week).startswith("some day of 29 Nov 2022 – 2 Dec 2022, Ankara")
    assert story(week).endswith("Denied, no source given.")
    assert "somewhere in" in story(make(city=""))


def test_the_page_gives_utc_and_local_time_together():
    meeting = make(start="2022-11-14T08:26Z", end="2022-11-14T22:26Z")
    lines = dict(story_lines(meeting, tz="Europe/Istanbul"))
    assert lines["when"] == "14 Nov 2022 08:26 UTC (11:26 local) to 14 Nov 2022 22:26 UTC (01:26 local on 15 Nov)"
    assert lines["known since"] == "not stated"
    assert meeting.end == datetime(2022, 11, 14, 22, 26, tzinfo=UTC)


def _country():
    from pipeline.places.states import state_name

    return state_name("TR")

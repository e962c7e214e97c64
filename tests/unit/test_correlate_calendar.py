"""The shipped calendar of known gatherings: dated facts with a source, at places that we know."""

from datetime import timedelta

from correlate_builders import load_gazetteer

from pipeline.jobs.correlate_files import read_calendar
from pipeline.model.files import shipped

KINDS = {"summit", "ceremony", "funeral", "sport", "air_show", "exhibition"}


def test_it_has_many_dated_facts_each_with_a_source_and_a_known_place():
    calendar = read_calendar(shipped("events.csv"))
    assert len(calendar) >= 150
    assert set(calendar["kind"]) == KINDS
    assert calendar["source"].str.startswith("https://").all()
    assert (calendar["start"].dt.year >= 2022).all()
    length = calendar["end"] - calendar["start"]
    assert length.min() >= timedelta(days=1)
    assert length.max() <= timedelta(days=20)
    for row in calendar.itertuples():
        assert load_gazetteer().find(row.city, row.country).city == row.city


def test_no_gathering_is_listed_twice():
    calendar = read_calendar(shipped("events.csv"))
    assert not calendar.duplicated(["title", "city", "start"]).any()

"""States of which one had closed its sky to the other, or that had no relations."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped
from pipeline.places.estranged import KINDS, estranged
from pipeline.places.states import states


def kind_on(one: str, other: str, day: str) -> str:
    hour = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() / 3600
    return next((kind for start, end, kind in estranged(one, other) if start <= hour < end), "")


@pytest.mark.parametrize(
    ("one", "other", "day", "kind"),
    [
        ("US", "RU", "2022-11-14", "closed_airspace"),
        ("RU", "US", "2022-11-14", "closed_airspace"),
        ("US", "RU", "2021-11-02", ""),
        ("RU", "TR", "2022-11-14", ""),
        ("KR", "KP", "2018-02-09", "no_relations"),
        ("IR", "SA", "2023-03-09", "no_relations"),
        ("IR", "SA", "2023-03-10", ""),
        # An embassy that only closed, and a state with two governments: no break that both would call one.
        ("US", "SY", "2015-05-12", ""),
        ("US", "SY", "2025-11-10", ""),
        ("TR", "SY", "2019-01-01", ""),
        ("DE", "SY", "2019-01-01", ""),
        ("US", "AF", "2022-01-01", ""),
        ("IR", "YE", "2020-10-17", ""),
        # What was true of a government that is gone is not known of the next.
        ("US", "VE", "2020-03-01", "no_relations"),
        ("US", "VE", "2026-03-01", ""),
    ],
)
def test_states_are_estranged_on_the_days_that_the_table_names(one: str, other: str, day: str, kind: str) -> None:
    assert kind_on(one, other, day) == kind


def test_every_row_names_states_days_and_a_source() -> None:
    rows, bad = read_file(shipped("places", "estranged.csv"), required=("one", "others", "kind", "start", "end", "source"))
    known = set(states())
    assert not bad
    for row in rows:
        others = row["others"].split(";")
        assert {row["one"], *others} <= known, row
        assert row["one"] not in others
        assert len(set(others)) == len(others), row
        assert row["kind"] in KINDS
        assert row["source"].startswith("https://")
        for other in others:
            spells = estranged(row["one"], other)
            assert all(start < end for start, end, _ in spells)
            assert all(before[1] <= after[0] for before, after in pairwise(spells)), (row["one"], other, spells)

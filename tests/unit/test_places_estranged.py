"""States that had closed their sky to each other, or had no relations."""

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

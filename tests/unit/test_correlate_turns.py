"""Rotations: what a weekly rhythm among earlier visits is worth, by how many there were and how many rotations there are."""

import numpy as np
import pandas as pd
import pytest
from correlate_builders import run, stay, stays, together, visits

from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.tables import Codes, stay_table, with_ids
from pipeline.correlate.turns import in_rhythm, likelier, rotation_bits, share_of_rotations
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

LAST = pd.Timestamp("2022-11-14T08:26:00Z")


def came(*days, **fields):
    """Visits so many days before the last one, and the last."""
    return stays(
        *(
            stay(f"v{n}", "LTAC", LAST - pd.Timedelta(days=d), take_off=LAST - pd.Timedelta(days=d - 0.2), **fields)
            for n, d in enumerate((*days, 0))
        )
    )


def rhythm(frame):
    table = stay_table([with_ids(frame)], names=PlaceNames(gazetteer=load_gazetteer(), airports=load_airports()), codes=Codes())
    found, seen = in_rhythm(table, np.arange(len(table)))
    return {str(i): (int(a), int(b)) for i, a, b in zip(table.stay_id, found, seen, strict=True)}


@pytest.mark.parametrize(
    ("days", "said"), [((14, 7), (2, 2)), ((14.9, 7), (2, 2)), ((12, 7), (1, 2)), ((0.5,), (0, 1)), ((), (0, 0)), ((7,) * 15, (12, 12))]
)
def test_earlier_visits_in_step_are_counted_the_latest_twelve(days, said):
    assert rhythm(came(*days))[f"v{len(days)}"] == said


def test_another_state_and_another_city_keep_no_rhythm_of_its_own():
    others = together(came(7).assign(stay_id=["a", "b"], state="DE"), came(7).assign(stay_id=["c", "d"], city="Istanbul", airport="LTFM"))
    assert rhythm(together(others.iloc[[0, 2]], came()))["v0"] == (0, 0)


def test_bits_are_the_chance_mean_of_one():
    """Over what chance gives of four visits, 2^-bits averages to one: a fixed penalty would not."""
    share, chance = 0.03, 2 / 7
    of = np.arange(5)
    probability = np.array([1, 4, 6, 4, 1]) * chance**of * (1 - chance) ** (4 - of)
    bits = [rotation_bits(float(likelier(np.int64(k), np.int64(4))), share, -9.0) for k in of]
    assert float((probability * 2.0 ** -np.array(bits)).sum()) == pytest.approx(1.0, abs=1e-6)


def test_few_visits_in_step_are_hardly_a_rotation_and_many_are():
    few, some, many = (rotation_bits(float(likelier(np.int64(n), np.int64(n))), 0.02, -5.0) for n in (2, 4, 12))
    assert -0.5 < few < 0
    assert -3 < some < -1
    assert many == -5.0


def test_where_rotations_are_many_they_are_known_sooner():
    weight = np.ones(400)
    some = share_of_rotations(np.where(np.arange(400) < 100, 500.0, 0.01), weight, 0.02)
    none = share_of_rotations(np.full(400, 0.2), weight, 0.02)
    assert some == pytest.approx(0.23, abs=0.02)
    assert none < 0.005
    assert share_of_rotations(np.empty(0), np.empty(0), 0.02) == pytest.approx(0.02)


def test_a_rare_visitor_is_not_pushed_down_for_three_of_four():
    def bits(*days):
        frame = came(*days, icao24="3f0001", state="DE")
        result = run(frame.tail(1), history=together(visits(60, state="US"), frame), with_rotations=False)
        lead = next(one for one in result.leads if one.kind == "visit")
        return next((e for e in lead.evidence if e.name == "rhythm"), None)

    assert bits(196, 140, 91, 17) is None
    turns = bits(*range(154, 0, -14))
    assert turns.bits < -4
    assert turns.said == "a rotation: 11 of 11 earlier visits of its state came a whole number of weeks before"

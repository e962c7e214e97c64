"""What holds for every landing: neither the day, nor the order or the doubling of points, nor 180° east changes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_flights import arrival

from pipeline.detect.detector import Detector
from pipeline.model.frames import POSITIONS
from pipeline.places.airports import load_airports

TOUCHDOWN = datetime(2022, 11, 14, 8, 26, tzinfo=UTC)
#: A plateau, the sea, a field whose approach crosses 180°, one below the Equator, one at 7,000 ft.
RUNWAYS = (("LTAC", "03R"), ("EHAM", "06"), ("NFNL", "31"), ("YSSY", "16R"), ("FAOR", "03L"), ("OMDB", "12L"))


def _landings(positions: pd.DataFrame) -> list[tuple[str, str, str, datetime]]:
    found = Detector(load_airports()).apply(positions).landings
    found = found[found["kind"] != "open_approach"]
    return [(str(r.airport), str(r.runway), str(r.kind), r.touchdown.to_pydatetime()) for r in found.itertuples()]


@pytest.mark.parametrize(("airport", "end"), RUNWAYS)
def test_a_landing_seen_to_the_ground_is_found_at_its_field_and_minute(airport: str, end: str) -> None:
    [(where, runway, kind, at)] = _landings(arrival("3fb001", airport, end, TOUCHDOWN))
    assert (where, kind) == (airport, "observed")
    assert runway in (end, "") or runway[:2] == end[:2]
    assert abs(at - TOUCHDOWN) <= timedelta(seconds=15)


@pytest.mark.parametrize(("airport", "end"), RUNWAYS)
def test_lost_low_on_the_approach_is_inferred(airport: str, end: str) -> None:
    [(where, _, kind, at)] = _landings(arrival("3fb001", airport, end, TOUCHDOWN, cut_below_ft=700))
    assert (where, kind) == (airport, "inferred")
    assert abs(at - TOUCHDOWN) <= timedelta(seconds=60)


@pytest.mark.parametrize("level_ft", [400.0, 1500.0, 6000.0])
def test_flying_past_is_no_landing(level_ft: float) -> None:
    assert _landings(arrival("3fb001", "LTAC", "03R", TOUCHDOWN, level_ft=level_ft)) == []


@settings(max_examples=20, deadline=None)
@given(days=st.integers(-5000, 5000), seconds=st.integers(0, 86_399))
def test_the_day_does_not_matter(days: int, seconds: int) -> None:
    shift = timedelta(days=days % 9000, seconds=seconds)
    before = _landings(arrival("3fb001", "LTAC", "03R", TOUCHDOWN))
    after = _landings(arrival("3fb001", "LTAC", "03R", TOUCHDOWN + shift))
    assert [(a, r, k, t + shift) for a, r, k, t in before] == after


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), doubled=st.floats(0, 0.5))
def test_order_and_repeats_do_not_matter(seed: int, doubled: float) -> None:
    first = arrival("3fb001", "LTAC", "03R", TOUCHDOWN)
    other = arrival("4b8001", "EHAM", "06", TOUCHDOWN + timedelta(minutes=3), cut_below_ft=500)
    both = pd.concat([first, other], ignore_index=True)
    again = both.sample(frac=doubled, random_state=np.random.RandomState(seed))
    mixed = pd.concat([both, again]).sample(frac=1.0, random_state=np.random.RandomState(seed)).reset_index(drop=True)
    assert sorted(_landings(POSITIONS.make(mixed))) == sorted(_landings(both))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.25, 0.9))
def test_thinned_reception_keeps_a_landing_that_was_seen_on_the_ground(seed: int, share: float) -> None:
    whole = arrival("3fb001", "LTAC", "03R", TOUCHDOWN)
    kept = np.random.RandomState(seed).random_sample(len(whole)) < share
    kept[whole["on_ground"].to_numpy(dtype=bool)] = True
    [(where, _, kind, at)] = _landings(whole[kept].reset_index(drop=True))
    assert (where, kind) == ("LTAC", "observed")
    assert abs(at - TOUCHDOWN) <= timedelta(seconds=60)

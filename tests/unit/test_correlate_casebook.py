"""Press-reported landings with a published time, among decoys: each belongs to its own meeting and to no other."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from casebook import judged

_DATA = os.environ.get("TARMAC_TEST_DATA", "")
pytestmark = pytest.mark.skipif(not _DATA, reason="TARMAC_TEST_DATA is not set: the casebook is not in this repository")


def test_each_timed_flight_matches_its_own_meeting_and_no_other():
    found = judged(Path(_DATA) / "casebook")
    assert len(found["landings"]) >= 10
    assert found["decoys"] > 20 * len(found["landings"])
    assert found["decoys matched"] == []
    assert found["matched with their own and no other"] == len(found["landings"])

"""The live pass, a minute at a time, finds what the detector finds at once."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import replay_run
from made_sky import MadeSky, write_meetings

from pipeline.store.store import Store

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.slow
def test_every_landing_of_a_made_up_sky_is_found_pass_by_pass_and_nothing_else(tmp_path: Path) -> None:
    sky = MadeSky(aircraft=120, airborne=12, start=START, days=1.75 / 24, seed=5, lost_share=0.3)
    sky.write_recording(tmp_path / "recording.jsonl", 60)
    sky.write_watchlist(tmp_path / "watchlist.csv")
    write_meetings(tmp_path / "meetings.csv", sky, every=1000)
    replay_run.run(tmp_path, tmp_path / "data", cadence=timedelta(seconds=60))
    with Store.open(data_dir=tmp_path / "data", readonly=True) as store, store.read() as session:
        found = session.landings.current(kinds=("observed", "inferred", "bracketed"))
        withdrawn = [
            r for r in session.revisions.between(START, sky.end + timedelta(hours=1), kinds=("landing",)) if r.change == "withdrawn"
        ]
    # What touches down in the first minutes was hardly seen in the air.
    made = {(leg.icao24, leg.end): sky.touchdown(leg) for leg in sky.legs()}
    wanted = {key for key, at in made.items() if START + timedelta(minutes=5) < at < sky.end - timedelta(minutes=2)}
    assert len(wanted) >= 6
    got = {(row.icao24, row.airport) for row in found.itertuples()}
    assert wanted <= got
    assert got <= set(made)
    assert len(found) == len(got)
    assert not withdrawn
    for row in found.itertuples():
        slack = timedelta(minutes=3)
        assert row.touchdown_earliest - slack <= made[row.icao24, row.airport] <= row.touchdown_latest + slack

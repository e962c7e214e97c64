"""A calibration is kept and used: under one, a part scored alone comes out as in a full run."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from correlate_builders import load_airports, load_gazetteer, load_scoring, meeting, reports, run, stay, stays, together, visits

from pipeline.correlate.engine import calibrate
from pipeline.correlate.snapshot import from_json, to_json
from pipeline.model.errors import ConfigError

FIELDS = [("LTAC", "Ankara", "TR"), ("RCSS", "Taipei", "TW")]


@pytest.fixture(scope="module")
def world():
    """Ninety reported visits, each seen, among ordinary ones."""
    rng, rows, meetings = np.random.default_rng(5), [], []
    first = pd.Timestamp("2021-03-01T00:00:00Z")
    for i in range(90):
        airport, city, country = FIELDS[i % 2]
        day = first + pd.Timedelta(days=6 * i)
        state = "US" if i % 3 else "RU"
        people = f"A|President|{state};B|President|{country}"
        meetings.append(meeting(meeting_id=f"m{i}", city=city, country=country, start=day.date().isoformat(), participants=people))
        at = day + pd.Timedelta(hours=float(rng.uniform(3, 7)))
        rows.append(stay(f"s{i}", airport, at, state=state, city=city, country=country, take_off=at + pd.Timedelta(hours=9)))
    return together(visits(30, until="2022-09-01"), stays(*rows)), meetings


@pytest.fixture(scope="module")
def settled(world):
    history, meetings = world
    return calibrate(history, reports(*meetings), scoring=load_scoring(), gazetteer=load_gazetteer(), airports=load_airports())


def test_it_learns_from_the_history(settled):
    assert settled.fingerprint != load_scoring().fingerprint
    assert settled.prior.seen > load_scoring().prior.seen


def test_it_is_read_back_as_written(settled):
    again = from_json(to_json(settled, under=load_scoring()), under=load_scoring())
    assert to_json(again, under=load_scoring()) == to_json(settled, under=load_scoring())
    assert again.fingerprint == settled.fingerprint


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"under": "other"}'])
def test_what_is_no_calibration_is_refused(text):
    with pytest.raises(ConfigError, match="calibration"):
        from_json(text, under=load_scoring())


def test_what_a_new_stay_touches_scored_alone_is_as_in_the_full_run(world, settled):
    history, meetings = world
    options = {"calibration": settled, "with_leads": False, "with_rotations": False}
    full = {m.match_id: m for m in run(history, *meetings, **options).matches}
    touched = history[history["stay_id"].isin(["s3", "s4", "s40"])]
    alone = run(touched, *meetings, history=history, **options).matches
    assert {m.stay_id for m in alone} == {"s3", "s4", "s40"}
    for match in alone:
        same = full[match.match_id]
        assert match.calibration_id == same.calibration_id
        assert match.posterior == pytest.approx(same.posterior, abs=1e-9)
        assert {e.name: round(e.bits, 6) for e in match.evidence} == {e.name: round(e.bits, 6) for e in same.evidence}


def test_the_store_keeps_one_and_the_next_pass_uses_it(tmp_path):
    from pipeline.jobs.calibrated import kept, renew
    from pipeline.jobs.world import make_world
    from pipeline.model.settings import load_settings
    from pipeline.store.store import Store

    now = datetime(2022, 11, 14, tzinfo=UTC)
    world = make_world(load_settings(None, {"TARMAC_DATA_DIR": str(tmp_path)}).settings)
    assert kept(tmp_path, world.scoring) is None
    with Store.open(f"sqlite:///{tmp_path / 'tarmac.db'}", data_dir=tmp_path) as store:
        renew(store, world, tmp_path, now=now)
    found = kept(tmp_path, world.scoring)
    assert found is not None
    assert found.fingerprint == world.scoring.fingerprint
    (tmp_path / "calibration.json").write_text("half a fi")
    assert kept(tmp_path, world.scoring) is None

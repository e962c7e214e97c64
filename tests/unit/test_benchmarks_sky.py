"""The made-up sky is one that could have been flown, and its truth is what was flown and heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sky
import sky_path
from sky_fields import Field, load_fields
from sky_path import Plane, strip
from sky_world import Made, World
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.detect.detector import Detector
from pipeline.model.origin import Origin
from pipeline.places.airports import load_airports
from pipeline.sources.trace_json import parse_trace

FLIGHTS = 160


@pytest.fixture(scope="module")
def made() -> list[Made]:
    rng = np.random.default_rng(3)
    world = World(load_fields(rng), rng)
    flights: list[Made] = []
    while len(flights) < FLIGHTS:
        flights += sky.draw(world)
    return flights


@pytest.fixture(scope="module")
def small() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return sky.build(FLIGHTS, 5)


def test_the_same_seed_gives_the_same_sky_and_another_another() -> None:
    first, again, other = sky.build(25, 9), sky.build(25, 9), sky.build(25, 10)
    for a, b in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(a, b)
    assert len(first[0]) != len(other[0])


def test_every_flight_could_be_flown(made: list[Made]) -> None:
    for one in made:
        flown = one.flown
        t = np.arange(4.0, float(flown.t[-1]) - 4, 1.0)
        step = np.diff(flown.at(t))
        speed = np.abs(step)
        change = np.abs(np.diff(np.convolve(speed, np.ones(3) / 3, "valid")))
        assert change.max(initial=0) < 3.5, (one.situation, "speeds up or brakes too hard, m/s²")
        turn = np.abs(np.angle(step[1:] / np.where(speed[:-1] > 0.5, step[:-1], 1))) * np.where(speed[:-1] > 20, speed[1:], 0)
        assert turn.max(initial=0) < 10, (one.situation, "turns too hard, m/s²")
        climb = np.abs(np.diff(flown.altitude(t)))
        assert climb.max(initial=0) < (180 if "contact lost" in one.situation else 90), (one.situation, "feet a second")
        assert (np.diff(flown.t) >= 0).all()


def test_wheels_touch_where_and_when_the_truth_says(made: list[Made]) -> None:
    landed = 0
    for one in made:
        for mark, code, runway in one.landings:
            if not runway:
                continue
            landed += 1
            field = next(q.field for q in one.zones if q.field.code == code)
            st = strip(one.flown.plane, field, next(e for e in field.ends if e.name == runway))
            td = one.flown.stations[mark]
            rel = (one.flown.at(np.array([td]))[0] - st.threshold) / st.along
            assert abs(rel.imag) < 5
            assert 100 < rel.real < 0.5 * st.length_m
            on = one.flown.on_ground(np.array([td - 2.0, td + 2.0]))
            assert on.tolist() == [False, True]
            assert abs(one.flown.altitude(np.array([td + 8.0]))[0] - st.elevation_ft) < 1
            before = np.interp(td - 60, one.flown.t, one.flown.alt) - st.elevation_ft
            assert 100 < before < 1200, (one.situation, "a minute before the wheels touch", before)
    assert landed > 80


def test_a_runway_and_a_plane_agree_with_the_geodesic() -> None:
    fields = load_fields(np.random.default_rng(0))
    assert len(fields) > 250
    ltac: Field = fields["LTAC"]
    plane = Plane(ltac.lat, ltac.lon)
    z = plane.z(41.0, 35.0)
    lat, lon = plane.latlon(np.array([z]))
    assert (round(float(lat[0]), 6), round(float(lon[0]), 6)) == (41.0, 35.0)
    azimuth, _, metres = sky_path.GEOD.inv(ltac.lon, ltac.lat, 35.0, 41.0)
    assert abs(z) == pytest.approx(metres)
    assert 90 - np.degrees(np.angle(z)) == pytest.approx(azimuth)
    assert min(f.elevation_ft for f in fields.values()) < -50
    assert max(f.elevation_ft for f in fields.values()) > 10000
    assert {f.floor_ft == 0 for f in fields.values()} == {True, False}


def test_truth_says_what_was_heard(small: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> None:
    positions, truth, negatives, about = small
    assert set(truth["seen"]) >= {"observed", "low", "bracket"}
    assert (truth.loc[truth["seen"] == "observed", "ground_points"] >= 2).all()
    low = truth[truth["seen"] == "low"]
    assert (low["last_height_ft"].astype(float) < 3000).all()
    assert (low["ground_points"] < 2).all()
    bracket = truth[truth["seen"] == "bracket"]
    assert (bracket["take_off"].astype(float) > bracket["touchdown"]).all()
    assert set(about["icao24"]) == set(positions["icao24"])
    assert (negatives["t1"] > negatives["t0"]).all()
    # Nothing of a flight that is heard above the coverage floor only is on the ground.
    unseen = set(low["icao24"]) - set(truth.loc[truth["seen"] == "observed", "icao24"])
    alone = positions[positions["icao24"].isin(unseen)]
    assert not alone.loc[alone["time"] > alone["icao24"].map(low.groupby("icao24")["touchdown"].max()), "on_ground"].fillna(False).any()


def test_the_tool_reads_every_position(small: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame], tmp_path: Path) -> None:
    positions, truth, negatives, about = small
    sky.write(tmp_path / "sky", positions, truth, negatives, about)
    out = tmp_path / "claims.csv"
    ran = CliRunner().invoke(app, ["detect", str(tmp_path / "sky" / "positions.parquet"), "--as", "csv", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    claims = pd.read_csv(out, dtype=str, keep_default_na=False)
    seen = truth[(truth["situation"] == "seen landing") & (truth["seen"] == "observed")]
    assert len(seen) > 5
    both = seen.merge(claims, on=["icao24", "airport"])
    assert len(both) >= 0.8 * len(seen)


def test_traces_hold_the_same_positions(small: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame], tmp_path: Path) -> None:
    positions = small[0]
    some = positions[positions["icao24"].isin(sorted(set(positions["icao24"]))[:8])]
    sky.write_traces(some, tmp_path)
    files = sorted(tmp_path.rglob("trace_full_*.json"))
    read = pd.concat([parse_trace(f.read_bytes(), provider="t", capture_id="c", origin=Origin.RECONSTRUCTED).positions for f in files])
    assert len(read) == len(some.drop_duplicates(["icao24", "time"]))
    assert set(read["icao24"]) == set(some["icao24"])
    assert Detector(load_airports()).apply(read).landings is not None

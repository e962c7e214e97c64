"""Made-up arrivals whose positions lie for a while: spoofed, held, drawn off, sent again; the docstring says why it is hard."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.model.frames import POSITIONS
from pipeline.places.airports import load_airports

sys.path.insert(0, str(Path(__file__).parents[1] / "property"))
from made_flights import arrival, detected, landed

TOUCHDOWN = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def test_a_position_that_stands_still_while_the_altitude_falls() -> None:
    """Spoofed onto another field's coordinates at 8,000 ft and held there; pressure altitude comes from another instrument and goes on."""
    flight = arrival("abc004", "LLBG", "12", TOUCHDOWN)
    beirut = load_airports().get("OLBA")
    low = flight.index[(flight["alt_baro_ft"] < 8_000) | flight["on_ground"].fillna(False)]
    rng = np.random.default_rng(1)
    flight.loc[low, "lat"] = beirut.lat + rng.normal(0, 5e-5, len(low))
    flight.loc[low, "lon"] = beirut.lon + rng.normal(0, 5e-5, len(low))
    found = detected(flight)
    assert landed(found) == []
    assert len(found.rejected) >= 0.9 * len(low)


def test_circles_round_another_field() -> None:
    """A spoofer that makes positions circle: plausible speed, no jump while it lasts, the altitude that of the true descent."""
    flight = arrival("abc005", "LLBG", "12", TOUCHDOWN)
    beirut = load_airports().get("OLBA")
    bad = flight.index[flight["time"] > TOUCHDOWN - timedelta(minutes=14)]
    angle = np.linspace(0, 8 * np.pi, len(bad))
    flight.loc[bad, "lat"] = beirut.lat + 0.02 * np.sin(angle)
    flight.loc[bad, "lon"] = beirut.lon + 0.024 * np.cos(angle)
    flight.loc[bad, "on_ground"] = False
    assert "OLBA" not in {airport for airport, _ in landed(detected(flight))}


def test_an_earlier_position_sent_again_is_no_second_aircraft() -> None:
    """Every tenth message is an old one, up to a minute late: exact copies, 7 km back. They made two aircraft, and two landings."""
    flight = arrival("abc015", "LTAC", "03R", TOUCHDOWN)
    flight = flight[~flight["on_ground"].fillna(False)].reset_index(drop=True)
    late = flight.iloc[30:-20:10].copy()
    late["time"] += timedelta(seconds=47)
    found = detected(pd.concat([flight, late], ignore_index=True))
    assert landed(found) == [("LTAC", "inferred")]
    assert set(found.rejected["reason"]) == {"earlier position sent again"}


def test_positions_drawn_off_slowly_are_given_up_where_the_flight_is_found_again() -> None:
    """Drawn aside at 250 kt for a quarter of an hour, then back: no step on the way off is impossible, only the one that ends it."""
    flight = arrival("abc016", "LTAC", "03R", TOUCHDOWN)
    seconds = (flight["time"] - flight["time"].min()).dt.total_seconds().to_numpy()
    start = 200.0
    far = seconds[-1] - 700
    bad = (seconds > start) & (seconds < far)
    at = flight[seconds <= start].iloc[-1]
    rng = np.random.default_rng(2)
    flight.loc[bad, "lat"] = at["lat"] - (seconds[bad] - start) * 0.0011 + rng.normal(0, 1e-5, bad.sum())
    flight.loc[bad, "lon"] = at["lon"] + (seconds[bad] - start) * 0.0006 + rng.normal(0, 1e-5, bad.sum())
    found = detected(flight)
    assert landed(found) == [("LTAC", "observed")]
    assert (found.rejected["reason"] == "impossible jump").sum() >= 0.7 * bad.sum()


@pytest.mark.parametrize("unknown", [0, 1, 5])
def test_drawn_off_on_the_way_down_and_back_before_the_runway(unknown: int) -> None:
    """After a turn no course leads to where the flight goes on: that it lands there, at the altitude that it had, says which part lies."""
    flight = arrival("abc031", "LTAC", "03R", TOUCHDOWN)
    to_go = (TOUCHDOWN - flight["time"]).dt.total_seconds().to_numpy()
    bad = (to_go < 900) & (to_go > 90)
    at = flight[to_go >= 900].iloc[-1]
    rng = np.random.default_rng(4)
    flight.loc[bad, "lat"] = at["lat"] - (900 - to_go[bad]) * 0.0011 + rng.normal(0, 1e-5, bad.sum())
    flight.loc[bad, "lon"] = at["lon"] - (900 - to_go[bad]) * 0.0006 + rng.normal(0, 1e-5, bad.sum())
    # On the ground speeds are often missing.
    flight.loc[flight.index[len(flight) - unknown :], "ground_speed_kt"] = np.nan
    found = detected(flight)
    assert landed(found) == [("LTAC", "observed")]
    assert (found.rejected["reason"] == "impossible jump").sum() >= 0.5 * bad.sum()


@pytest.mark.parametrize("back", [True, False])
def test_at_a_field_near_by_while_the_altitude_falls(back: bool) -> None:
    """Held at another field 15 NM away, so near that the way there is possible: back on the runway, that is where it landed; if it never
    comes back, nobody knows where it stands, though it says that it is on the ground."""
    flight = arrival("abc032", "LTAC", "03R", TOUCHDOWN)
    to_go = (TOUCHDOWN - flight["time"]).dt.total_seconds().to_numpy()
    bad = (to_go < 330) & ((to_go > -20) | (not back))
    other = load_airports().get("LTAD")
    rng = np.random.default_rng(5)
    flight.loc[bad, "lat"] = other.lat + rng.normal(0, 5e-5, bad.sum())
    flight.loc[bad, "lon"] = other.lon + rng.normal(0, 5e-5, bad.sum())
    flight.loc[bad, "ground_speed_kt"] = 0.0
    # A garbage altitude among them is no height that it came down from.
    flight.loc[np.flatnonzero(bad)[3], "alt_baro_ft"] = 32_000.0
    found = detected(flight)
    assert landed(found) == ([("LTAC", "observed")] if back else [])


@pytest.mark.parametrize("flag", [False, None])
def test_an_altitude_that_drifts_at_the_stand_does_not_undo_the_landing(flag: bool | None) -> None:
    """An altimeter is tested after the flight, and one position somewhere before was bad: what stands still lies, the flight does not."""
    flight = arrival("abc044", "LTAC", "03R", TOUCHDOWN)
    stand = pd.concat([flight.tail(1)] * 300, ignore_index=True)
    stand["time"] = TOUCHDOWN + pd.to_timedelta(600 + 10 * np.arange(300), unit="s")
    stand["alt_baro_ft"] = 3_125 + np.minimum(60.0 * np.arange(300), 6_000)
    stand["ground_speed_kt"], stand["on_ground"] = 0.0, pd.array([flag] * 300, dtype="boolean")
    stand["lat"] += np.random.default_rng(1).normal(0, 1e-5, 300)
    flight.loc[100, "lat"] += 3
    found = detected(POSITIONS.make(pd.concat([flight, stand], ignore_index=True)))
    assert landed(found) == [("LTAC", "observed")]


def test_an_aircraft_of_which_every_position_lies_is_no_error() -> None:
    """Held at one place and then at another while the altitude falls: nothing is left, nothing is claimed, and the others are judged."""
    flight = arrival("abc041", "LTAC", "03R", TOUCHDOWN)
    half = len(flight) // 2
    rng = np.random.default_rng(6)
    flight["lat"] = np.r_[np.full(half, 41.0), np.full(len(flight) - half, 43.0)] + rng.normal(0, 2e-5, len(flight))
    flight["lon"] = 33.0 + rng.normal(0, 2e-5, len(flight))
    flight["on_ground"] = False
    flight["alt_baro_ft"] = np.linspace(20_000, 1_000, len(flight))
    other = arrival("abc042", "LLBG", "12", TOUCHDOWN)
    found = detected(POSITIONS.make(pd.concat([flight, other], ignore_index=True)))
    assert list(found.landings["icao24"]) == ["abc042"]


def test_a_circle_after_a_silence_is_one_all_the_same() -> None:
    """From cruise to circles 170 NM away in ten minutes: longer than the track before it, and no more credible for it."""
    cruise = arrival("abc043", "LTAC", "03R", TOUCHDOWN).iloc[:40]
    around = arrival("abc043", "LTAC", "03R", TOUCHDOWN + timedelta(minutes=15)).tail(100).reset_index(drop=True)
    angle = np.linspace(0, 6 * np.pi, 100)
    around["time"] = cruise["time"].max() + timedelta(seconds=600) + pd.to_timedelta(np.arange(100) * 5, unit="s")
    around["lat"], around["lon"] = 43.5 + 0.05 * np.sin(angle), 33.0 + 0.06 * np.cos(angle)
    around["alt_baro_ft"], around["on_ground"] = np.linspace(11_000, 5_000, 100), False
    found = detected(POSITIONS.make(pd.concat([cruise, around], ignore_index=True)))
    assert landed(found) == []
    assert (found.rejected["reason"] == "impossible jump").sum() == 100


def test_two_rows_on_a_circle_do_not_stand_still() -> None:
    """Half a circle flown unheard brings it back beside where it was, 900 ft lower; with a bad position elsewhere that looked like a lie,
    and all that came after went with it."""
    flight = arrival("abc039", "LTAC", "03R", TOUCHDOWN)
    to_go = (TOUCHDOWN - flight["time"]).dt.total_seconds().to_numpy()
    flight.loc[np.flatnonzero(to_go > 1_500)[-1], "lat"] += 0.9
    start = np.flatnonzero(to_go >= 80)[-1]
    flight.loc[: start - 1, "time"] -= timedelta(seconds=75)
    flight.loc[start, "time"] -= timedelta(seconds=75)
    flight.loc[start, ["lat", "lon"]] = flight.loc[start + 1, ["lat", "lon"]] + 0.003
    flight.loc[:start, "alt_baro_ft"] += 900.0
    later = arrival("abc039", "LTAC", "03R", TOUCHDOWN + timedelta(hours=3))
    assert landed(detected(POSITIONS.make(pd.concat([flight, later], ignore_index=True)))) == [("LTAC", "observed")] * 2

"""Made-up arrivals, each with one difficulty that real data have; the docstring says why it is hard."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.detect.detector import Detector
from pipeline.detect.floors import Heard
from pipeline.model.frames import FLOORS, POSITIONS
from pipeline.places.airports import load_airports
from pipeline.places.geo import destination

sys.path.insert(0, str(Path(__file__).parents[1] / "property"))
from made_flights import arrival, detected, landed

TOUCHDOWN = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def test_altitude_zero_means_the_ground_at_any_elevation() -> None:
    """Some networks write 0 ft on the ground and send no flag; Ankara stands at 3,125 ft, so 0 looks like garbage."""
    flight = arrival("abc001", "LTAC", "03R", TOUCHDOWN)
    flight.loc[flight["on_ground"].fillna(False), "alt_baro_ft"] = 0.0
    flight["on_ground"] = pd.array([None] * len(flight), dtype="boolean")
    assert landed(detected(flight)) == [("LTAC", "observed")]


def test_altitude_zero_means_the_ground_also_where_every_height_is_said_to_be_in_the_air() -> None:
    """A trace has no flag but the word "ground" in place of an altitude: a network that writes 0 instead says "in the air" by it."""
    flight = arrival("abc034", "EDDS", "25", TOUCHDOWN)
    flight.loc[flight["on_ground"].fillna(False), "alt_baro_ft"] = 0.0
    flight["on_ground"] = False
    assert landed(detected(flight)) == [("EDDS", "observed")]


def test_altitude_zero_is_no_height_even_when_the_aircraft_sends_its_altimeter_setting() -> None:
    """Corrected for pressure like a height, 0 becomes 97 ft, and is no longer known for what it is."""
    flight = arrival("abc002", "LEMD", "32L", TOUCHDOWN)
    flight.loc[flight["on_ground"].fillna(False), "alt_baro_ft"] = 0.0
    flight["nav_qnh_hpa"] = 1016.8
    assert landed(detected(flight)) == [("LEMD", "observed")]


def test_garbage_altitude_on_the_roll() -> None:
    """38,000 ft from touchdown on, as an encoder fault sends it: a climb that no aircraft makes is no climb."""
    flight = arrival("abc003", "LFPG", "08L", TOUCHDOWN)
    ground = flight["on_ground"].fillna(False).to_numpy(dtype=bool)
    flight.loc[ground, "alt_baro_ft"] = 38_000.0
    assert landed(detected(flight)) == [("LFPG", "observed")]


def test_two_aircraft_under_one_address() -> None:
    """A mistyped or copied address: every other position is 1,500 NM away. Both land, and neither claim may hide the other's."""
    one, other = arrival("abc006", "LTAC", "03R", TOUCHDOWN), arrival("abc006", "EGLL", "27L", TOUCHDOWN + timedelta(seconds=2))
    found = detected(pd.concat([one, other]))
    assert sorted(landed(found)) == [("EGLL", "observed"), ("LTAC", "observed")]
    assert found.landings["reason"].str.contains("two aircraft flew under this address").all()


def test_a_network_whose_clock_is_late_is_no_second_aircraft() -> None:
    """The same rows again 45 s later look like an aircraft that jumps to and fro."""
    one = arrival("abc007", "LTAC", "03R", TOUCHDOWN)
    late = one.iloc[::2].assign(time=one["time"].iloc[::2] + timedelta(seconds=45.5))
    assert [airport for airport, _ in landed(detected(pd.concat([one, late])))] == ["LTAC"]


def test_a_gap_drawn_as_a_straight_line_is_a_gap() -> None:
    """Some archives join the last position on the approach and the first after take-off by a line: slow, low, and never flown."""
    landing = arrival("abc008", "LTAC", "03R", TOUCHDOWN, cut_below_ft=1_500)
    last = landing.iloc[-1]
    steps = np.arange(1, 720)
    drawn = pd.DataFrame([last] * len(steps)).reset_index(drop=True)
    drawn["time"] = [last["time"] + timedelta(seconds=5 * int(s)) for s in steps]
    drawn["lat"], drawn["lon"] = last["lat"] + steps * 1e-5, last["lon"] + steps * 1e-5
    drawn["alt_baro_ft"] = last["alt_baro_ft"] + steps * 0.7
    assert landed(detected(pd.concat([landing, drawn]))) == [("LTAC", "inferred")]


@pytest.mark.parametrize("qnh_hpa", [985.0, 1040.0])
def test_pressure_altitude_is_off_by_hundreds_of_feet(qnh_hpa: float) -> None:
    """At 985 hPa an aircraft on the runway reads 770 ft too high: a gate on raw altitude fails."""
    flight = arrival("abc009", "EDDB", "25R", TOUCHDOWN)
    flight["alt_baro_ft"] += (1013.25 - qnh_hpa) * 27.3
    assert landed(detected(flight)) == [("EDDB", "observed")]


def test_geometric_altitude_tells_how_far_pressure_is_off_once_the_geoid_is_taken_from_it() -> None:
    """At 990 hPa, without a setting sent, 1,000 ft up reads 1,640; the receiver's height is from the ellipsoid, at Delhi 177 ft too low."""
    flight = arrival("abc040", "VIDP", "28", TOUCHDOWN, cut_below_ft=1_000.0)
    flight["alt_geom_ft"] = flight["alt_baro_ft"] - 177.0
    flight["alt_baro_ft"] += (1013.25 - 990) * 27.3
    found = detected(flight)
    assert landed(found) == [("VIDP", "inferred")]
    assert "last seen 1,000 ft up" in found.landings["reason"].iloc[0]


def test_an_altimeter_setting_said_now_and_then_holds_until_it_is_set_anew() -> None:
    """At 1040 hPa, corrected at first and then no more, a taxiing aircraft would sink by 730 ft: its positions would lie."""
    flight = arrival("abc035", "KBOS", "04L", TOUCHDOWN)
    ground = flight["on_ground"].fillna(False).to_numpy()
    flight.loc[ground, "alt_baro_ft"] = 20.0
    flight["alt_baro_ft"] -= (1040 - 1013.25) * 27.3
    flight["nav_qnh_hpa"] = np.where(np.arange(len(flight)) < len(flight) - 10, 1040.0, np.nan)
    flight["on_ground"] = False
    assert landed(detected(flight)) == [("KBOS", "observed")]


def test_one_position_out_of_line_at_the_very_end_is_noise() -> None:
    """Heard elsewhere a moment after it was lost an aircraft has not landed; one bad position that ends the track says nothing."""
    flight = arrival("abc036", "LTAC", "03R", TOUCHDOWN, cut_below_ft=900.0)
    flight.loc[flight.index[-1], "lat"] += 0.6
    assert landed(detected(flight)) == [("LTAC", "inferred")]


def test_a_parked_aircraft_does_not_fly_to_the_next_field_in_two_minutes() -> None:
    """A spoofer puts the receivers of one airport at another: the aircraft that landed here stands there a moment later."""
    flight = arrival("abc037", "RKSS", "14R", TOUCHDOWN)
    other = load_airports().get("RKSI")
    after = flight.tail(6).assign(time=TOUCHDOWN + pd.to_timedelta(np.arange(180, 600, 70), unit="s"), ground_speed_kt=1.0)
    after["lat"], after["lon"] = other.lat + np.arange(6) * 1e-5, other.lon
    assert landed(detected(POSITIONS.make(pd.concat([flight, after], ignore_index=True)))) == [("RKSS", "observed")]


def test_a_helicopter_comes_down_anywhere() -> None:
    """On the ground 2.8 NM from the middle of an airport an aeroplane stands on a runway that the table lacks; a helicopter on a lawn."""
    flight = arrival("abc038", "LTAC", "03R", TOUCHDOWN)
    field = load_airports().get("LTAC")
    last = flight.iloc[-1]
    flight["category"] = "A7"
    flight["lat"] += field.lat + 2.8 / 60 - last["lat"]
    flight["lon"] += field.lon - last["lon"]
    assert "observed" not in {kind for _, kind in landed(detected(flight))}


def test_a_touch_and_go_of_a_slow_aeroplane_is_no_landing() -> None:
    """Touching down at 45 kt looks like taxiing; what matters is that it is in the air again within seconds."""
    flight = arrival("abc010", "EDAZ", "25", TOUCHDOWN)
    air, ground = flight[~flight["on_ground"].fillna(False)], flight[flight["on_ground"].fillna(False)].iloc[:4]
    again = air.iloc[::-1].reset_index(drop=True)
    again["time"] = [ground["time"].iloc[-1] + timedelta(seconds=5 * (k + 1)) for k in range(len(again))]
    again["vertical_rate_fpm"] = -again["vertical_rate_fpm"]
    slow = pd.concat([air, ground.assign(ground_speed_kt=44.0), again])
    assert [kind for _, kind in landed(detected(slow)) if kind == "observed"] == []


def test_an_aircraft_heard_elsewhere_a_moment_later_is_not_lost() -> None:
    """The last good position is low on an approach, but the aircraft goes on sending positions, false ones: nothing is inferred."""
    flight = arrival("abc011", "LTAC", "03R", TOUCHDOWN, cut_below_ft=1_200)
    last = flight.iloc[-1]
    lies = pd.DataFrame([last] * 12).reset_index(drop=True)
    lies["time"] = [last["time"] + timedelta(seconds=4 * (k + 1)) for k in range(12)]
    lies["lat"] = 36.9 + np.arange(12) * 1e-4
    lies["lon"] = 30.8
    assert landed(detected(pd.concat([flight, lies]))) == []


def test_lost_low_and_heard_hours_later_on_the_stand_it_landed_when_it_was_lost() -> None:
    """Coverage ends on the approach and begins again when the aircraft is switched on to leave: it did not land in between."""
    flight = arrival("abc012", "LTAC", "03R", TOUCHDOWN, cut_below_ft=1_000)
    stand = arrival("abc012", "LTAC", "03R", TOUCHDOWN).iloc[[-1] * 6].reset_index(drop=True)
    stand["time"] = [TOUCHDOWN + timedelta(hours=5, seconds=10 * k) for k in range(6)]
    stand["ground_speed_kt"] = 0.0
    found = detected(pd.concat([flight, stand]))
    assert landed(found) == [("LTAC", "observed")]
    assert abs(found.landings["touchdown"].iloc[0] - TOUCHDOWN) < timedelta(minutes=3)


def test_geometric_altitude_on_the_ground_is_no_second_opinion() -> None:
    """At 1038 hPa pressure altitude ends 690 ft below the field; on the ground only geometric altitude is sent: no climb of 690 ft."""
    flight = arrival("abc014", "MDPC", "08", TOUCHDOWN)
    ground = flight["on_ground"].fillna(False)
    flight["alt_geom_ft"] = flight["alt_baro_ft"]
    flight["alt_baro_ft"] -= 690.0
    flight.loc[ground, ["lat", "lon"]] = flight.loc[ground, ["lat", "lon"]].iloc[0].to_numpy()
    late = flight.index[ground][:4]
    flight.loc[late, "on_ground"], flight.loc[late, "alt_baro_ft"] = False, flight["alt_baro_ft"][~ground].iloc[-1]
    flight.loc[flight.index[ground][4:], "alt_baro_ft"] = np.nan
    flight.loc[ground, "alt_geom_ft"] = 0.0
    assert landed(detected(flight)) == [("MDPC", "observed")]


def test_what_hovers_beside_a_field_has_notlanded() -> None:
    """A helicopter that nobody says is one: 400 ft up, 10 kt, beside the runways. Pressure alone could put it on the ground."""
    flight = arrival("abc017", "LTAC", "03R", TOUCHDOWN)
    field = load_airports().get("LTAC")
    n = len(flight)
    flight["on_ground"] = False
    flight["ground_speed_kt"] = np.r_[np.linspace(130, 60, n // 2), np.full(n - n // 2, 10.0)]
    flight["alt_baro_ft"] = np.r_[
        np.linspace(field.elevation_ft + 1_500, field.elevation_ft + 400, n // 2), np.full(n - n // 2, field.elevation_ft + 400)
    ]
    along = np.r_[np.linspace(0.25, 0.006, n // 2), 0.004 + 0.002 * np.sin(np.arange(n - n // 2) / 3.0)]
    flight["lat"], flight["lon"] = field.lat + 0.3 * along, field.lon + along
    flight["track_deg"] = 250.0
    assert "observed" not in {kind for _, kind in landed(detected(flight))}


def test_so_low_so_far_from_the_only_field_it_lands_somewhere_else() -> None:
    """Lost 300 ft up and 10 NM from the only field that the table knows: it came down to a strip that the table lacks."""
    flight = arrival("abc018", "LTAC", "03R", TOUCHDOWN)
    flight = flight[~flight["on_ground"].fillna(False)]
    flight["lat"] += 0.11
    flight["lon"] -= 0.18
    assert landed(detected(flight)) == []


def test_multilateration_scatters_a_parked_aircraft_by_hundreds_of_metres() -> None:
    """Said to stand, but its positions move at 60 kt to and fro: no new flight, and no second landing when it falls silent."""
    flight = arrival("abc019", "LEMD", "32L", TOUCHDOWN)
    parked = flight[flight["on_ground"].fillna(False)].iloc[[-1]]
    rng = np.random.default_rng(3)
    more = pd.concat([parked.assign(time=flight["time"].max() + timedelta(seconds=8 * k), ground_speed_kt=0.0) for k in range(1, 90)])
    more["lat"] += rng.normal(0, 0.0025, len(more))
    more["lon"] += rng.normal(0, 0.0025, len(more))
    more.iloc[-2:, more.columns.get_loc("lat")] += [0.004, -0.004]
    both = pd.concat([flight, more], ignore_index=True)
    both["position_source"] = "mlat"
    both["on_ground"] = False
    assert landed(detected(both)) == [("LEMD", "observed")]


def test_the_wheels_touch_before_the_last_row_that_says_airborne() -> None:
    """The ground flag comes 25 s late, at a field whose runways the table does not place: the altitude had stopped falling long before."""
    flight = arrival("abc020", "LTAC", "03R", TOUCHDOWN)
    rolling = flight["on_ground"].fillna(False) & (flight["time"] < TOUCHDOWN + timedelta(seconds=25))
    flight.loc[rolling, "on_ground"] = False
    flight.loc[rolling, "alt_baro_ft"] = flight.loc[flight["time"] <= TOUCHDOWN, "alt_baro_ft"].iloc[-1]
    # Turned, so that no runway is in line.
    flight["lon"] += 0.012
    row = detected(flight).landings.iloc[0]
    assert row["kind"] == "observed"
    assert row["touchdown_earliest"] <= TOUCHDOWN <= row["touchdown_latest"]


def _turning_in(airport: str, end: str, *, final_nm: float, base_nm: float, height_ft: float) -> pd.DataFrame:
    """A base leg from the left, at 165 kt, cut where it is ``base_nm`` from the extended centre line."""
    runway = next(r for r in load_airports().runways(airport) if r.name == end)
    field_ft = load_airports().get(airport).elevation_ft or 0.0
    corner = destination(runway.lat, runway.lon, (runway.heading_deg + 180) % 360, final_nm)
    seconds = np.arange(-600.0, 0.0, 4.0)
    lat, lon = destination(corner[0], corner[1], (runway.heading_deg - 90) % 360, base_nm - seconds / 3600 * 165)
    return pd.DataFrame(
        {
            "icao24": "abc021",
            "time": [TOUCHDOWN + timedelta(seconds=float(s)) for s in seconds],
            "lat": lat,
            "lon": lon,
            "alt_baro_ft": field_ft + height_ft - seconds / 60 * 700,
            "ground_speed_kt": 165.0,
            "track_deg": (runway.heading_deg + 90) % 360,
            "vertical_rate_fpm": -700.0,
            "origin": "reconstructed",
        }
    )


def test_lost_on_base_nearer_to_another_field_than_to_its_own() -> None:
    """Coverage ends before the turn to final, 2,400 ft up: Old Doha is the nearer field, but nobody turns in to it from there."""
    found = detected(_turning_in("OTHH", "34R", final_nm=5.0, base_nm=2.5, height_ft=2_300))
    assert landed(found) == [("OTHH", "inferred")]
    assert found.landings["runner_up"].iloc[0].startswith("OTBD")


def test_between_two_fields_that_the_way_in_fits_alike_the_answer_is_none() -> None:
    """The same base leg, moved step by step from one field's runway to its neighbour's, which points the same way."""
    airports = load_airports()
    one = next(r for r in airports.runways("LTBY") if r.name == "27")
    other = next(r for r in airports.runways("LTBI") if abs(r.heading_deg - one.heading_deg) < 20)
    answers = []
    for share in np.linspace(0.0, 1.0, 9):
        flight = _turning_in("LTBY", "27", final_nm=4.0, base_nm=2.0, height_ft=1_800)
        flight["lat"] += (other.lat - one.lat) * share
        flight["lon"] += (other.lon - one.lon) * share
        answers.append("".join(airport for airport, _ in landed(detected(flight))))
    assert (answers[0], answers[-1]) == ("LTBY", "LTBI")
    assert "" in answers
    assert [a for a in answers if a] == sorted((a for a in answers if a), reverse=True)


def test_lost_at_12000_ft_and_first_heard_again_over_the_runway() -> None:
    """Far out and high for a descent, and so low at the next take-off that its height says nothing but "here"."""
    down = arrival("abc022", "HUEN", "17", TOUCHDOWN, cut_below_ft=11_500)
    up = arrival("abc022", "HUEN", "17", TOUCHDOWN, cut_below_ft=100).iloc[::-1].iloc[:60]
    leaving = up.assign(
        time=[TOUCHDOWN + timedelta(hours=7, seconds=5.0 * k) for k in range(len(up))],
        vertical_rate_fpm=-up["vertical_rate_fpm"],
        track_deg=(up["track_deg"] + 180) % 360,
    )
    assert landed(detected(pd.concat([down, leaving]))) == [("HUEN", "bracketed")]


def test_positions_that_fly_on_along_the_runway_lie() -> None:
    """Drawn off on the approach: the altitude has stopped at the field's, the positions go on at 190 kt for a minute and a half."""
    flight = arrival("abc023", "LTAC", "03R", TOUCHDOWN)
    down = flight["on_ground"].fillna(False).to_numpy(dtype=bool)
    flight["on_ground"] = pd.array([None] * len(flight), dtype="boolean")
    ends = load_airports().get("LTAC")
    rolling = flight[down].iloc[:18].copy()
    seconds = np.arange(len(rolling)) * 5.0
    rolling["lat"], rolling["lon"] = destination(ends.lat, ends.lon, 32.0, (seconds - 85.0) / 3600 * 190 + 0.0)
    rolling["alt_baro_ft"], rolling["ground_speed_kt"] = ends.elevation_ft, 190.0
    stands = rolling.iloc[[-1] * 10].assign(ground_speed_kt=0.0)
    stands["time"] = [rolling["time"].iloc[-1] + timedelta(seconds=10.0 * (k + 1)) for k in range(10)]
    assert "observed" not in {kind for _, kind in landed(detected(pd.concat([flight[~down], rolling, stands])))}


def test_a_silence_that_coverage_does_not_explain_makes_a_landing_less_sure() -> None:
    """Everybody else is heard to the ground here, this one fell silent 2,000 ft up: it may have landed, or flown on without a word."""
    flight = arrival("abc024", "LTAC", "03R", TOUCHDOWN, cut_below_ft=2_000)
    usual = {"airport": ["LTAC"], "hour": ["all"], "floor_ft": [0.0], "seen": [0.9], "flights": [200]}
    plain, low, high = (
        Detector(load_airports()).apply(flight, heard=heard).landings.iloc[0]
        for heard in (None, Heard(FLOORS.make(usual | {"usual_ft": [200.0]})), Heard(FLOORS.make(usual | {"usual_ft": [1_900.0]})))
    )
    assert high["confidence"] == plain["confidence"] > 0.95 > low["confidence"]
    assert "heard down to 200 ft, so coverage is unlikely to explain the silence" in low["reason"]


def test_a_light_aircraft_heard_every_second_does_not_stand_still() -> None:
    """At 76 kt it moves 39 m between two rows, less than noise; an hour on the stand follows. Its descent is no lie."""
    flight = arrival("abc025", "EDAZ", "25", TOUCHDOWN, from_nm=10.0)
    air = flight[~flight["on_ground"].fillna(False)].reset_index(drop=True)
    seconds = (air["time"] - air["time"].iloc[0]).dt.total_seconds().to_numpy()
    fine = np.arange(0.0, seconds[-1], 0.5)
    dense = pd.DataFrame({c: np.interp(fine, seconds, air[c].to_numpy(dtype=float)) for c in ("lat", "lon", "alt_baro_ft", "track_deg")})
    dense = dense.round({"lat": 5, "lon": 5}).assign(alt_baro_ft=25 * np.round(dense["alt_baro_ft"] / 25))
    dense = dense.assign(
        icao24="abc025",
        time=[TOUCHDOWN - timedelta(seconds=140 / 76 * float(fine[-1] - s)) for s in fine],
        ground_speed_kt=76.0,
        vertical_rate_fpm=-400.0,
        origin="reconstructed",
    )
    stand = dense.iloc[[-1] * 300].assign(ground_speed_kt=0.0, time=[TOUCHDOWN + timedelta(seconds=10.0 * k) for k in range(1, 301)])
    found = detected(pd.concat([dense, stand], ignore_index=True))
    assert landed(found) == [("EDAZ", "observed")]
    assert "position stands still while the altitude changes" not in set(found.rejected["reason"])


def test_a_runway_that_the_table_lacks_is_on_its_field_all_the_same() -> None:
    """A second runway was built 3.5 km west of the first and of the field's point; the table is older."""
    flight = arrival("abc026", "OEPS", "17", TOUCHDOWN)
    flight["lon"] -= 0.036
    assert landed(detected(flight)) == [("OEPS", "observed")]


def test_altitude_that_is_no_longer_received_has_not_stopped_changing() -> None:
    """A fast landing whose altitude is missing for the last fifty seconds: what is not known is no proof of a lie."""
    flight = arrival("abc027", "LTAC", "03R", TOUCHDOWN).assign(ground_speed_kt=lambda x: x["ground_speed_kt"].replace(140.0, 145.0))
    flight.loc[flight["time"] > TOUCHDOWN - timedelta(seconds=50), "alt_baro_ft"] = np.nan
    assert landed(detected(flight)) == [("LTAC", "observed")]


def test_overhead_a_field_of_unknown_height_nothing_is_known() -> None:
    """No table says how high CN-0014 lies: one that fell silent over it, coming down, may as well have flown on."""
    field = load_airports().get("CN-0014")
    seconds = np.arange(-900.0, 0.0, 5.0)
    lat, lon = destination(field.lat, field.lon, 200.0, -seconds / 3600 * 150)
    flight = pd.DataFrame(
        {
            "icao24": "abc028",
            "time": [TOUCHDOWN + timedelta(seconds=float(s)) for s in seconds],
            "lat": lat,
            "lon": lon,
            "alt_baro_ft": 25 * np.round((5_000 - seconds * 400 / 60) / 25),
            "ground_speed_kt": 150.0,
            "track_deg": 20.0,
            "vertical_rate_fpm": -400.0,
            "origin": "reconstructed",
        }
    )
    assert landed(detected(flight)) == []


def test_what_only_taxied_has_notlanded() -> None:
    """No ground flag, and the pressure puts it 250 ft above the field; between two stands it was heard, and then no more."""
    flight = arrival("abc029", "LTAC", "03R", TOUCHDOWN)
    taxi = flight[flight["on_ground"].fillna(False)].iloc[[-1] * 120].copy()
    field_ft = load_airports().get("LTAC").elevation_ft or 0.0
    taxi["time"] = [TOUCHDOWN + timedelta(seconds=5.0 * k) for k in range(120)]
    taxi["lat"] += np.linspace(0.0, 0.012, 120).round(5)
    taxi["on_ground"], taxi["ground_speed_kt"] = False, np.where(np.arange(120) < 90, 11.0, 0.0)
    taxi["alt_baro_ft"] = field_ft + np.where(np.arange(120) < 110, 275.0, 200.0)
    taxi["vertical_rate_fpm"] = 0.0
    assert landed(detected(taxi)) == []

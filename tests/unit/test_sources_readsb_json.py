"""One answer of the readsb family: what becomes a row, what is heard, what is refused and why."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from pipeline.model.errors import BadAnswer
from pipeline.model.frames import POSITIONS
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed
from pipeline.net.reasons import reason_of
from pipeline.sources.readsb_json import POSITION_SOURCE, check_answer, parse_answer

NOW = datetime(2022, 11, 14, 8, 26, 6, tzinfo=UTC)
FULL: dict[str, Any] = {
    "hex": "14FA39",
    "type": "adsb_icao",
    "flight": "RSD64057",
    "r": "RA-64057",
    "t": "T204",
    "dbFlags": 1,
    "alt_baro": 36850,
    "alt_geom": 37075,
    "gs": 433.0,
    "track": 207.5,
    "baro_rate": -64,
    "squawk": "0213",
    "emergency": "none",
    "category": "A3",
    "nav_qnh": 1019.2,
    "lat": 44.09,
    "lon": 35.49,
    "nic": 8,
    "nac_p": 9,
    "sil": 3,
    "seen_pos": 2.5,
    "seen": 0.1,
    "gpsOkBefore": 1668414000.5,
    "mlat": [],
    "tisb": [],
}


def parse(body: bytes, **kwargs: Any) -> Parsed:
    parsed = parse_answer(body, provider="test", capture_id="cap-1", origin=Origin.LIVE, **kwargs)
    POSITIONS.validate(parsed.positions)
    return parsed


def native(*aircraft: object, now: float | None = None) -> bytes:
    return json.dumps({"now": NOW.timestamp() if now is None else now, "aircraft": aircraft, "resultCount": len(aircraft)}).encode()


def v2(*aircraft: object) -> bytes:
    return json.dumps({"ac": aircraft, "msg": "No error", "now": int(NOW.timestamp() * 1000), "total": len(aircraft), "ctime": 0}).encode()


def only(parsed: Parsed) -> pd.Series[Any]:
    assert len(parsed.positions) == 1
    return parsed.positions.iloc[0]


def without(*names: str, **changes: object) -> dict[str, object]:
    return {k: v for k, v in (FULL | changes).items() if k not in names}


@pytest.mark.parametrize("dialect", [native, v2])
def test_every_field_arrives_in_our_words_and_units(dialect: Any) -> None:
    row = only(parse(dialect(FULL)))
    assert row.to_dict() == {
        "icao24": "14fa39",
        "time": pd.Timestamp(NOW - timedelta(seconds=2.5)),
        "lat": 44.09,
        "lon": 35.49,
        "alt_baro_ft": 36850.0,
        "alt_geom_ft": 37075.0,
        "ground_speed_kt": 433.0,
        "track_deg": 207.5,
        "vertical_rate_fpm": -64.0,
        "on_ground": False,
        "callsign": "RSD64057",
        "registration": "RA-64057",
        "type_code": "T204",
        "category": "A3",
        "squawk": "0213",
        "emergency": "none",
        "nic": 8.0,
        "nac_p": 9.0,
        "sil": 3.0,
        "gps_ok_before": pd.Timestamp("2022-11-14T08:20:00.5Z"),
        "nav_qnh_hpa": 1019.2,
        "position_source": "adsb",
        "position_age_s": 2.5,
        "provider": "test",
        "military": True,
        "capture_id": "cap-1",
        "origin": "live",
    }


def test_ground_is_a_flag_and_not_an_altitude() -> None:
    row = only(parse(native(without("track", alt_baro="ground", true_heading=31.0))))
    assert bool(row["on_ground"])
    assert math.isnan(row["alt_baro_ft"])
    assert row["track_deg"] == 31.0


def test_heading_is_no_track_in_the_air() -> None:
    assert math.isnan(only(parse(native(without("track", true_heading=31.0))))["track_deg"])


def test_an_unknown_altitude_says_nothing_about_the_ground() -> None:
    row = only(parse(native(without("alt_baro"))))
    assert pd.isna(row["on_ground"])
    assert math.isnan(row["alt_baro_ft"])


def test_old_dump1090_names() -> None:
    old = {"hex": "3c6444", "flight": "DLH9  ", "lat": 50.0, "lon": 8.5, "seen_pos": 0.5, "altitude": 2500, "speed": 150, "vert_rate": -700}
    row = only(parse(native(old | {"track": 250, "squawk": "1000", "mlat": [], "tisb": []})))
    assert (row["alt_baro_ft"], row["ground_speed_kt"], row["vertical_rate_fpm"], row["squawk"]) == (2500, 150, -700, "1000")
    assert not bool(row["on_ground"])
    assert row["position_source"] == "adsb"
    assert bool(only(parse(native(old | {"altitude": "ground"})))["on_ground"])


def test_new_names_win_over_old_ones_one_aircraft_at_a_time() -> None:
    frame = parse(native(without(altitude=1, speed=2), without("gs", "alt_baro", hex="4b8e01", altitude=900, speed=140))).positions
    assert frame["alt_baro_ft"].tolist() == [36850.0, 900.0]
    assert frame["ground_speed_kt"].tolist() == [433.0, 140.0]


def test_an_old_position_keeps_its_own_time_and_nothing_newer() -> None:
    old = without("lat", "lon", "seen_pos", alt_baro=900, lastPosition={"lat": 40.2, "lon": 33.1, "nic": 7, "rc": 300, "seen_pos": 95.0})
    row = only(parse(native(old)))
    assert row["time"] == pd.Timestamp(NOW - timedelta(seconds=95))
    assert (row["lat"], row["lon"], row["nic"], row["position_age_s"]) == (40.2, 33.1, 7.0, 95.0)
    assert pd.isna(row[["alt_baro_ft", "alt_geom_ft", "ground_speed_kt", "track_deg", "vertical_rate_fpm", "on_ground"]]).all()
    assert (row["registration"], row["callsign"], row["military"], row["position_source"]) == ("RA-64057", "RSD64057", True, "")


def test_a_current_position_wins_over_the_last_one() -> None:
    assert only(parse(native(without(lastPosition={"lat": 1.0, "lon": 1.0, "seen_pos": 300}))))["lat"] == 44.09


def test_a_guess_from_the_receiver_is_never_a_position() -> None:
    parsed = parse(native(without("lat", "lon", "seen_pos", rr_lat=40.0, rr_lon=33.0)))
    assert len(parsed.positions) == 0
    assert parsed.aircraft_heard == 1
    assert parsed.problems == ()


@pytest.mark.parametrize(("kind", "ours"), sorted(POSITION_SOURCE.items()))
def test_position_sources(kind: str, ours: str) -> None:
    assert only(parse(native(without(type=kind))))["position_source"] == ours


@pytest.mark.parametrize(
    ("entry", "ours"),
    [
        (without(type="adsb_icao", mlat=["alt_baro", "lat", "lon"]), "mlat"),
        (without("type", tisb=["lat", "lon"]), "tisb"),
        (without("type", "mlat", "tisb"), ""),
        (without(type="something_new"), "other"),
    ],
)
def test_position_source_from_the_lists(entry: dict[str, object], ours: str) -> None:
    assert only(parse(native(entry)))["position_source"] == ours


def test_a_non_icao_address_keeps_its_mark() -> None:
    assert only(parse(native(without(hex="~2A01F3"))))["icao24"] == "~2a01f3"


@pytest.mark.parametrize(("flags", "military"), [(1, True), (3, True), (2, False), (8, False), (0, False)])
def test_only_bit_one_is_military(flags: int, military: bool) -> None:
    assert bool(only(parse(native(without(dbFlags=flags))))["military"]) is military


def test_military_is_unknown_without_a_database() -> None:
    assert not bool(only(parse(native(without("dbFlags"))))["military"])
    assert pd.isna(only(parse(native(without("dbFlags", "r", "t"))))["military"])


@pytest.mark.parametrize("body", [native(), v2(), b'{"now": 1668414366.0, "ac": null}'])
def test_an_empty_sky_is_an_answer(body: bytes) -> None:
    parsed = parse(body)
    assert (len(parsed.positions), parsed.aircraft_heard, parsed.problems) == (0, 0, ())
    assert str(parsed.positions["time"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("bad", "where", "says"),
    [
        ("not an object", "test aircraft[0]", "not an aircraft"),
        (without(hex="12345"), "test aircraft[0]", "not an address"),
        (without(hex=890000), "test aircraft[0]", "not an address"),
        (without("hex"), "test aircraft[0]", "not an address"),
        (without(lat="44.1"), "test 14FA39", "no position"),
        (without(lat=91.0), "test 14FA39", "no position"),
        (without("lon"), "test 14FA39", "no position"),
        (without(lat=True), "test 14FA39", "no position"),
        (without("seen_pos"), "test 14FA39", "age is unknown"),
        (without(seen_pos=-3), "test 14FA39", "age is unknown"),
        (without(seen_pos=1e12), "test 14FA39", "age is unknown"),
        (without("lat", "lon", lastPosition={"lat": 1.0, "lon": 2.0}), "test 14FA39", "age is unknown"),
    ],
)
def test_one_bad_aircraft_is_a_problem_and_the_others_go_on(bad: object, where: str, says: str) -> None:
    parsed = parse(native(bad, without(hex="aaaaaa")))
    assert parsed.positions["icao24"].tolist() == ["aaaaaa"]
    ((problem),) = parsed.problems
    assert problem.where == where
    assert says in problem.reason


def test_one_bad_field_costs_the_field_alone() -> None:
    parsed = parse(native(without(gs="fast", alt_baro="FL100", nic=[8], gpsOkBefore=12), without(hex="aaaaaa")))
    assert len(parsed.positions) == 2
    assert math.isnan(parsed.positions["ground_speed_kt"][0])
    assert parsed.positions["ground_speed_kt"][1] == 433.0
    assert pd.isna(parsed.positions["on_ground"][0])
    assert sorted(problem.reason.split(" ")[0] for problem in parsed.problems) == ["alt_baro", "gpsOkBefore", "gs", "nic"]


def test_a_squawk_keeps_its_zeros_even_as_a_number() -> None:
    assert only(parse(native(without(squawk=213))))["squawk"] == "0213"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "html"),
        (b"\xef\xbb\xbf\n <html>", "html"),
        (native(FULL)[:-30], "truncated"),
        (b"Too many requests", "json"),
        (b'{"now": 1668414366.0, "aircraft": [}', "json"),
        (b"[]", "format"),
        (b'{"now": 1668414366.0}', "format"),
        (b'{"now": 1668414366.0, "aircraft": {}}', "format"),
        (b'{"aircraft": []}', "format"),
        (b'{"now": "yesterday", "aircraft": []}', "format"),
        (b'{"now": true, "aircraft": []}', "format"),
        (b'{"now": 12.0, "aircraft": []}', "now"),
        (b'{"now": 0, "ac": []}', "now"),
        (b'{"error": "upstream timed out"}', "error"),
        (b'{"detail": [{"msg": "bad hex"}]}', "error"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        parse(body)
    assert reason_of(caught.value) == reason
    assert not caught.value.retryable


@pytest.mark.parametrize(("off_s", "fits"), [(0, True), (-290, True), (290, True), (-310, False), (310, False), (86_400, False)])
def test_a_frozen_provider_is_noticed(off_s: int, fits: bool) -> None:
    asked = NOW + timedelta(seconds=off_s)
    if fits:
        assert parse(native(FULL), fetched_at=asked).aircraft_heard == 1
        return
    with pytest.raises(BadAnswer, match=r"stale: the answer's time 2022-11-14T08:26:06Z is \d+ s (behind|ahead of) the request"):
        parse(native(FULL), fetched_at=asked)


def test_check_tells_time_and_count_without_reading_aircraft() -> None:
    assert check_answer(v2(FULL, "rubbish")) == (NOW, 2)
    with pytest.raises(BadAnswer, match="web page"):
        check_answer(b"<html>")

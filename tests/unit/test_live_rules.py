"""Cadence, silence and heading: the pure rules of the live pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.jobs.aloft import heading_for
from pipeline.jobs.cadence import Allowance, Wanted, next_pass
from pipeline.jobs.candidates import CandidateRules
from pipeline.jobs.digest import next_look
from pipeline.jobs.silence import Heard, stretches
from pipeline.jobs.world import make_world
from pipeline.model.settings import Settings
from pipeline.sources.manifests import independent
from pipeline.sources.registry import SourceSpec, build_source, kinds
from pipeline.store.ledger import Stretch
from pipeline.store.positions import Fix

NOW = datetime(2022, 11, 14, 8, 0, tzinfo=UTC)


def fix(**given: object) -> Fix:
    known = {
        "icao24": "14fa39",
        "time": NOW,
        "lat": 48.0,
        "lon": 20.0,
        "alt_baro_ft": 33_000.0,
        "ground_speed_kt": 420.0,
        "track_deg": 90.0,
        "vertical_rate_fpm": 0.0,
        "on_ground": False,
        "provider": "feed",
        "origin": "recorded",
    }
    return Fix(**{**known, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "near", "seconds"),
    [
        (fix(), (200.0, 0.0), 60.0),
        (fix(alt_baro_ft=9000.0, vertical_rate_fpm=-900.0), (20.0, 3000.0), 15.0),
        (fix(alt_baro_ft=9000.0, vertical_rate_fpm=1800.0), (20.0, 3000.0), 60.0),
        (fix(alt_baro_ft=9000.0), (80.0, 3000.0), 60.0),
        (fix(on_ground=True, alt_baro_ft=None), (1.0, 3000.0), 300.0),
        (fix(time=NOW - timedelta(minutes=40)), (200.0, 0.0), 300.0),
    ],
)
def test_the_next_pass_is_as_near_as_the_sky_asks_for(one: Fix, near: tuple[float, float], seconds: float) -> None:
    assert next_pass({one.icao24: one}, {one.icao24: near}, Wanted(), [], now=NOW).seconds == seconds


def test_a_budget_lasts_to_the_end_of_the_day() -> None:
    scarce = [Allowance(provider="feed", left=96, a_pass=2)]
    slow = next_pass({"14fa39": fix()}, {}, Wanted(), scarce, now=NOW).seconds
    assert slow * 96 / 2 >= 16 * 3600
    assert next_pass({}, {}, Wanted(), [Allowance(provider="feed", left=None, a_pass=2)], now=NOW).seconds == 300.0
    assert next_pass({}, {}, Wanted(), [Allowance(provider="feed", left=0, a_pass=2)], now=NOW).seconds == 3600.0


def test_a_silence_is_looked_at_less_and_less_often_and_then_no_more() -> None:
    looks, now = [], NOW
    while (at := next_look(NOW, now, timedelta(minutes=8))) is not None:
        looks.append((at - NOW).total_seconds() / 60)
        now = at
    assert looks == [8, 10, 15, 20, 25, 30, 45, 60, 90, 120, 180]


@pytest.mark.parametrize("apart_s", [1, 19, 21, 40, 60, 61, 300])
def test_the_ledger_has_whole_stretches_however_close_passes_follow_one_another(apart_s: int) -> None:
    before = Stretch(icao24="14fa39", start=NOW - timedelta(hours=1), end=NOW, reason="seen")
    heard = Heard(newest={}, everywhere=True, nearby=False, rate_limited=False, fixes={})
    now = NOW + timedelta(seconds=apart_s)
    found = list(stretches(["14fa39"], heard, last={"14fa39": before}, now=now, longest_gap=timedelta(seconds=20)))
    assert [one.start for one in found] == [NOW, *(one.end for one in found[:-1])]
    assert all(one.start < one.end for one in found)
    assert found[-1].end == now
    assert [one.reason for one in found] == (["silent"] if apart_s <= 60 else ["not_running", "silent"])


def test_networks_that_share_feeders_count_once() -> None:
    assert independent(["adsb_lol", "airplanes_live", "adsb_fi"]) == 1
    assert independent(["adsb_lol", "opensky", "roof"]) == 3
    assert independent([]) == 0


@pytest.mark.parametrize(
    ("callsign", "state"),
    [("SAM091", "US"), ("SPAR19", "US"), ("RSD088", "RU"), ("GAF613", "DE"), ("SAMOA1", ""), ("SAM", ""), ("THY1", "")],
)
def test_callsigns_of_states_are_known_by_their_beginning_and_a_number(callsign: str, state: str) -> None:
    rule = CandidateRules.shipped().of(callsign)
    assert (rule.state if rule else "") == state


def test_built_in_kinds_come_by_the_same_door_as_others() -> None:
    assert {"adsbx_v2", "readsb", "opensky", "replay"} <= set(kinds())


def test_a_third_partys_kind_is_found_by_its_entry_point(tmp_path, monkeypatch) -> None:
    package = tmp_path / "their_source-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: their-source\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[tarmac.sources]\ntheirs = their_source:build\n")
    (tmp_path / "their_source.py").write_text(
        "from pipeline.sources.registry import replay\n\ndef build(spec, client):\n    return replay(spec, client)\n"
    )
    (tmp_path / "sky.csv").write_text("timestamp,icao24,latitude,longitude,altitude_ft\n2022-11-14T08:00:00Z,14fa39,40.0,33.0,9000\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    source = build_source(SourceSpec(name="mine", kind="theirs", url=str(tmp_path / "sky.csv")), None)  # type: ignore[arg-type]
    assert source.manifest.name == "mine"


def test_a_descent_on_the_path_to_a_capital_is_inbound_and_cruise_is_not(tmp_path) -> None:
    fields = make_world(Settings(data_dir=tmp_path)).fields()
    down = heading_for(
        fix(lat=39.5, lon=32.55, alt_baro_ft=16_000.0, ground_speed_kt=300.0, track_deg=29.0, vertical_rate_fpm=-1500.0), fields
    )
    assert down is not None
    assert (down.city, down.chance >= 0.5) == ("Ankara", True)
    assert NOW + timedelta(minutes=5) < down.eta < NOW + timedelta(minutes=25)
    cruise = heading_for(fix(lat=39.5, lon=32.55, track_deg=29.0), fields)
    assert cruise is None or cruise.chance < 0.5
    sea = heading_for(fix(lat=0.0, lon=-150.0), fields)
    assert sea is None

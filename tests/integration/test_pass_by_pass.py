"""The live pass, a minute at a time, finds what the detector finds at once."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from store_builders import a_landing, take_offs

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import replay_run
from made_sky import MadeSky, write_meetings

from pipeline.detect.stays import build_stays
from pipeline.jobs.poll import poll
from pipeline.jobs.world import make_world
from pipeline.model.frames import LANDINGS, TAKE_OFFS, records
from pipeline.model.settings import Settings, WatchlistSettings
from pipeline.sources.replay import ReplaySource
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


def test_an_aircraft_that_was_parked_for_longer_than_a_month_keeps_its_stay_and_is_seen_leaving(store_url: str, tmp_path: Path) -> None:
    sky = MadeSky(aircraft=20, airborne=4, start=START, days=0.5, seed=5)
    sky.write_watchlist(tmp_path / "watchlist.csv")
    leg = next(leg for leg in sorted(sky.legs(), key=lambda leg: leg.off) if leg.off > START + timedelta(minutes=20))
    settings = Settings(data_dir=tmp_path, watchlist=WatchlistSettings(files=(tmp_path / "watchlist.csv",)))
    world = make_world(settings)
    long_ago = leg.off - timedelta(days=70)
    # Before that it was there twice; of the first time nobody saw it leave.
    elsewhere = next(code for code in ("LTAC", "UUWW") if code != leg.start)
    visits = ((leg.start, 120, None), (elsewhere, 100, 99), (leg.start, 90, 85), (leg.start, 70, None))
    rows, gone = [], []
    for number, (airport, came, left) in enumerate(visits):
        moments = dict.fromkeys(("touchdown", "touchdown_earliest", "touchdown_latest"), leg.off - timedelta(days=came))
        rows.append({**a_landing(landing_id=f"lnd-{number}", icao24=leg.icao24, airport=airport, lifecycle="final"), **moments})
        if left is not None:
            gone.append(take_offs(leg.off - timedelta(days=left), icao24=leg.icao24, airport=airport))
    landed, departures = records(LANDINGS.cast(rows)), TAKE_OFFS.make(pd.concat(gone))
    stays = build_stays(LANDINGS.cast(landed), departures, identify=world.identify, airports=world.airports, gazetteer=world.gazetteer)
    assert list(stays["take_off"].isna()) == [True, False, False, True]
    with Store.open(store_url, data_dir=tmp_path) as store:
        with store.transaction() as tx:
            for landing, stay in zip(landed, records(stays), strict=True):
                tx.landings.write(landing, change="new", reason="in a test", version="1", at=long_ago)
                tx.stays.write(stay, change="seen", reason="in a test", version="1", at=long_ago)
            tx.take_offs.replace(departures, since={}, at=long_ago)
        at = leg.off - timedelta(minutes=6)
        while at < leg.off + timedelta(minutes=12):
            at += timedelta(minutes=2)
            tape = tmp_path / "answer.jsonl"
            tape.write_text(json.dumps({**sky.answer(at, [leg.icao24]), "now": at.timestamp()}) + "\n", encoding="utf-8")
            source = ReplaySource("made_sky", tape)
            poll(store, world, settings, [source], now=at)
            source.close()
        with store.read() as session:
            found = session.stays.current([leg.icao24])
    assert list(found["stay_id"]) == list(stays["stay_id"])
    assert abs(found["take_off"].iloc[-1] - leg.off) < timedelta(minutes=3)
    assert list(found["take_off"].iloc[:-1].isna()) == [True, False, False], "nobody saw it leave the first time, and nobody does now"

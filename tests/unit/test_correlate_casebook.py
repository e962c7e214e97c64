"""Press-reported landings with a published time, among decoys: each belongs to its own meeting and to no other."""

import csv
import os
from pathlib import Path

import pandas as pd
import pytest
from correlate_builders import load_airports, load_gazetteer, load_scoring

from pipeline.correlate.engine import correlate
from pipeline.meetings.build import make_meeting, meetings_frame
from pipeline.model.frames import STAYS

_DATA = os.environ.get("TARMAC_TEST_DATA", "")
pytestmark = pytest.mark.skipif(not _DATA, reason="TARMAC_TEST_DATA is not set: the casebook is not in this repository")


def rows(name):
    with (Path(_DATA) / "casebook" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_timed_flight_matches_its_own_meeting_and_no_other():
    meetings = [
        make_meeting(
            gazetteer=load_gazetteer(),
            keep_unknown=True,
            meeting_id=case["case_id"],
            title=case["title"],
            city=case["city"],
            country=case["country_iso2"],
            start=case["date_from"],
            end=case["date_to"],
            participants=case["participants"],
        )
        for case in rows("cases.csv")
    ]
    guests = {(m.meeting_id, p.state) for m in meetings for p in m.participants if p.state != m.country}
    flights = [f for f in rows("flights.csv") if f["event"] == "landing" and f["time_utc"]]
    flights = [f for f in flights if (f["case_id"], f["operator_country_iso2"]) in guests]
    stays = []
    for number, flight in enumerate(flights):
        place = load_gazetteer().of_airport(flight["airport_icao"])
        for weeks in range(-8, 9):
            name = "true" if weeks == 0 else f"decoy{weeks:+}"
            stays.append(
                {
                    "stay_id": f"{flight['case_id']}.{number}.{name}",
                    "icao24": f"{number:06x}",
                    "state": flight["operator_country_iso2"],
                    "role": "unknown",
                    "airport": flight["airport_icao"],
                    "city": place.city if place else "",
                    "country": load_airports().get(flight["airport_icao"]).country,
                    "touchdown": pd.Timestamp(flight["time_utc"]) + pd.Timedelta(weeks=weeks),
                    "kind": "observed",
                    "confidence": 0.95,
                    "origin": "reconstructed",
                }
            )
    result = correlate(
        STAYS.make(stays),
        meetings_frame(meetings),
        scoring=load_scoring(),
        gazetteer=load_gazetteer(),
        airports=load_airports(),
        with_leads=False,
    )
    assert len(flights) >= 10
    assert not [m for m in result.matches if m.posterior >= 0.5 and ".decoy" in m.stay_id]
    best = {}
    for match in result.matches:
        best.setdefault(match.stay_id, match)
    wrong = [s["stay_id"] for s in stays if s["stay_id"].endswith("true") and best[s["stay_id"]].meeting_id != s["stay_id"].split(".")[0]]
    assert wrong == []
    # One report names a place that no table of ours has; its country alone is not enough for even odds.
    weak = [m.stay_id for m in best.values() if m.stay_id.endswith("true") and m.posterior < 0.5]
    assert len(weak) <= 1

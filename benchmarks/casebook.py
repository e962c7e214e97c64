"""Press-reported landings with a published time, among decoys: does each match its own meeting and no other?

    python benchmarks/casebook.py DIR/casebook

Every landing of a guest's aircraft with a clock time is rebuilt as a stay. Beside it are put the same state's stays one to eight weeks
before and after at the same field, and on the same day and the days around it in other cities. Stays and meetings go through the files of
``tarmac correlate``; all cases are in one run, so that each landing may go with any of them. Not seen leaving, role unknown: no more is
known of most.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.jobs.correlate_files import correlate_files
from pipeline.model.participants import parse_participants
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

WEEKS = 8
#: Capitals in which decoys land, a day or so from the landing; a state is never a decoy where one of its own cases is.
ELSEWHERE = ("LTAC", "UUWW", "LOWW", "OMAA", "LFPG", "ZBAA", "EFHK", "HECA")
HOURS_OFF = (-26.0, -3.0, 0.0, 5.0, 22.0)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def meetings_of(folder: Path) -> pd.DataFrame:
    """The cases as ``tarmac correlate`` reads meetings."""
    return pd.DataFrame(
        {
            "meeting_id": case["case_id"],
            "title": case["title"],
            "city": case["city"],
            "country": case["country_iso2"],
            "start": case["date_from"],
            "end": case["date_to"],
            "participants": case["participants"],
            "sources": "",
            "published": "",
        }
        for case in rows(folder, "cases.csv")
    )


def stays_of(folder: Path) -> pd.DataFrame:
    """The timed landings of guests, ``CASE.NUMBER.true``, and their decoys, as ``tarmac correlate`` reads stays."""
    cases = {case["case_id"]: case for case in rows(folder, "cases.csv")}
    guests = {
        (c, p.state) for c, case in cases.items() for p in parse_participants(case["participants"]) if p.state != case["country_iso2"]
    }
    there = {(state, cases[c]["country_iso2"]) for c, state in guests}
    found: list[dict[str, str]] = []
    for number, flight in enumerate(rows(folder, "flights.csv")):
        state, case = flight["operator_country_iso2"], flight["case_id"]
        if flight["event"] != "landing" or not flight["time_utc"] or (case, state) not in guests:
            continue
        for name, airport, at in _moments(flight, state, there):
            place = load_gazetteer().of_airport(airport)
            found.append(
                {
                    "stay_id": f"{case}.{number}.{name}",
                    "icao24": f"{number:06x}",
                    "state": state,
                    "role": "unknown",
                    "airport": airport,
                    "city": place.city if place else "",
                    "country": load_airports().get(airport).country,
                    "touchdown": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                    "take_off": "",
                    "kind": "observed",
                    "confidence": "0.95",
                    "origin": "reconstructed",
                }
            )
    return pd.DataFrame(found)


def _moments(flight: dict[str, str], state: str, there: set[tuple[str, str]]) -> Iterator[tuple[str, str, pd.Timestamp]]:
    at = pd.Timestamp(flight["time_utc"])
    for weeks in range(-WEEKS, WEEKS + 1):
        yield "true" if weeks == 0 else f"week{weeks:+}", flight["airport_icao"], at + pd.Timedelta(weeks=weeks)
    for airport in ELSEWHERE:
        country = load_airports().get(airport).country
        if country != state and (state, country) not in there:
            for hours in HOURS_OFF:
                yield f"{airport}{hours:+.0f}", airport, at + pd.Timedelta(hours=hours)


def judged(folder: Path) -> dict[str, Any]:
    """Of each landing, the posterior of its own meeting and the best of another; and decoys at one half or more."""
    stays, meetings = stays_of(folder), meetings_of(folder)
    with tempfile.TemporaryDirectory() as made:
        paths = [Path(made) / name for name in ("stays.csv", "meetings.csv")]
        for frame, path in zip((stays, meetings), paths, strict=True):
            frame.to_csv(path, index=False)
        answer, problems = correlate_files(*paths)
    own: dict[str, float] = {}
    other: dict[str, float] = {}
    decoys = []
    for match in answer["matches"]:
        (stay_id,), meeting, posterior = match["stay_ids"], match["meeting_id"], match["posterior"]
        if not stay_id.endswith(".true"):
            decoys += [(stay_id, meeting, round(posterior, 3))] if posterior >= 0.5 else []
        elif stay_id.split(".")[0] == meeting:
            own[stay_id] = posterior
        else:
            other[stay_id] = max(other.get(stay_id, 0.0), posterior)
    landings = [s for s in stays["stay_id"] if s.endswith(".true")]
    return {
        "landings": {s: {"own": round(own.get(s, 0.0), 3), "other": round(other.get(s, 0.0), 3)} for s in landings},
        "matched with their own and no other": sum(own.get(s, 0.0) >= 0.5 > other.get(s, 0.0) for s in landings),
        "decoys": len(stays) - len(landings),
        "decoys matched": decoys,
        "read with a remark": [str(problem) for problem in problems],
    }


def main() -> None:
    """Prints the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, help="a folder with cases.csv and flights.csv of press-reported cases")
    print(json.dumps(judged(options.parse_args().folder), indent=2))


if __name__ == "__main__":
    main()

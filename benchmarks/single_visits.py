"""One rare visit among a month of the whole watch list: how high is it on the list of its day, and are rotations lower?

    python benchmarks/single_visits.py --seed 7                                made-up visits
    python benchmarks/single_visits.py --seed 7 --casebook DIR/casebook        press-reported landings with a published time

A year and a month of ordinary travel are made up (`benchmarks/month_of_mail.py`). Into the month are put visits that mattered: those of
the casebook, on the same weekday and at the same hour, or invented ones of states that hardly ever come there; and embassies'
rotations, the same aircraft at the same field every second week, all year. Nothing is reported of any of them.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from month_of_mail import HISTORY_DAYS, MONTH_DAYS, START, made_stays

from pipeline.correlate.engine import correlate
from pipeline.jobs.world import World, make_world
from pipeline.model.frames import CALENDAR, MEETINGS, STAYS
from pipeline.model.settings import Settings

BEGIN = START + timedelta(days=HISTORY_DAYS)
MADE, ROTATIONS, EVERY_DAYS = 40, 12, 14
#: Aircraft that carry a delegation; a case that names none is flown by one of these.
CARRIERS = ("head_of_state", "government", "air_force_vip", "intelligence")


def planted(world: World, icao24: str, airport: str, touchdown: datetime, stay_id: str, **fields: Any) -> dict[str, Any]:
    one = next(a for a in world.watchlist.aircraft if a.icao24 == icao24)
    place = world.gazetteer.of_airport(airport)
    return {
        "stay_id": stay_id,
        "icao24": icao24,
        "registration": one.registration,
        "state": one.state,
        "operator": one.operator,
        "role": one.role,
        "airport": airport,
        "city": place.city if place else "",
        "country": world.airports.get(airport).country,
        "touchdown": touchdown,
        "kind": "observed",
        "confidence": 0.95,
        "origin": "recorded",
        **fields,
    }


def field_of(world: World, state: str) -> str:
    """The field that serves a state's capital."""
    capital = next(p for p in world.gazetteer.places if p.kind == "capital" and p.country == state)
    return next(s.airport for s in world.gazetteer.airfields(capital) if not s.gateway)


def reported(world: World, folder: Path, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Landings of the casebook with a published time, of states that the watch list has, moved by whole weeks into the month."""
    flights = list(csv.DictReader((folder / "flights.csv").open(encoding="utf-8", newline="")))
    for number, flight in enumerate(flights):
        state, airport = flight["operator_country_iso2"], flight["airport_icao"]
        fleet = [a for a in world.watchlist.aircraft if a.state == state]
        if flight["event"] != "landing" or not flight["time_utc"] or not fleet or state == world.airports.get(airport).country:
            continue
        named = [a for a in fleet if a.registration == flight["registration"]] or [a for a in fleet if a.role in CARRIERS] or fleet
        left = [
            f
            for f in flights
            if f["case_id"] == flight["case_id"] and f["event"] == "takeoff" and f["operator_country_iso2"] == state and f["time_utc"]
        ]
        before = [f for f in left if f["time_utc"] < flight["time_utc"] and f["airport_icao"] != airport]
        after = [f for f in left if f["time_utc"] > flight["time_utc"] and f["airport_icao"] == airport]
        landed = pd.Timestamp(flight["time_utc"])
        weeks = -((landed - pd.Timestamp(BEGIN)) // pd.Timedelta(weeks=1)) + int(rng.integers(0, MONTH_DAYS // 7))
        length = pd.Timestamp(after[0]["time_utc"]) - landed if after else pd.Timedelta(hours=float(rng.uniform(4, 30)))
        touchdown = (landed + pd.Timedelta(weeks=weeks)).to_pydatetime()
        yield planted(
            world,
            named[int(rng.integers(len(named)))].icao24,
            airport,
            touchdown,
            f"case-{flight['case_id']}-{number}",
            from_airport=before[-1]["airport_icao"] if before else field_of(world, state),
            take_off=touchdown + length.to_pytimedelta(),
        )


def invented(world: World, stays: pd.DataFrame, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Visits of a day to capitals where their state was twice at most in the year before: most are like that."""
    fleet = [a for a in world.watchlist.aircraft if a.role in CARRIERS]
    capitals = [p for p in world.gazetteer.places if p.kind == "capital" and world.gazetteer.airfields(p)]
    visits = stays.groupby(["state", "city"]).size()
    made = 0
    while made < MADE:
        one, place = fleet[int(rng.integers(len(fleet)))], capitals[int(rng.integers(len(capitals)))]
        fields = [s.airport for s in world.gazetteer.airfields(place) if not s.gateway]
        if not fields or place.country == one.state or visits.get((one.state, place.city), 0) > 2:
            continue
        touchdown = BEGIN + timedelta(days=int(rng.integers(MONTH_DAYS)), hours=float(rng.uniform(5, 20)))
        stop = capitals[int(rng.integers(len(capitals)))]
        third = [s.airport for s in world.gazetteer.airfields(stop) if not s.gateway and stop.country not in (one.state, place.country)]
        origin = third[0] if third and rng.random() < 0.3 else field_of(world, one.state)
        leave = touchdown + timedelta(hours=float(rng.uniform(3, 30)))
        yield planted(world, one.icao24, fields[0], touchdown, f"case-{made:02}", from_airport=origin, take_off=leave)
        made += 1


def rotations(world: World, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """The same aircraft at the same field every second week, within an hour or two."""
    fleet = [a for a in world.watchlist.aircraft if a.role in ("government", "military_vip", "air_force_vip")]
    capitals = [p for p in world.gazetteer.places if p.kind == "capital"]
    made = 0
    while made < ROTATIONS:
        one, place = fleet[int(rng.integers(len(fleet)))], capitals[int(rng.integers(len(capitals)))]
        fields = [s.airport for s in world.gazetteer.airfields(place) if not s.gateway]
        if not fields or place.country == one.state:
            continue
        first = START + timedelta(days=float(rng.uniform(0, EVERY_DAYS)))
        for turn in range((HISTORY_DAYS + MONTH_DAYS) // EVERY_DAYS):
            touchdown = first + timedelta(days=turn * EVERY_DAYS, hours=float(rng.normal(0, 1)))
            leave = touchdown + timedelta(hours=float(rng.uniform(2, 24)))
            yield planted(
                world, one.icao24, fields[0], touchdown, f"rotation-{made}-{turn}", from_airport=field_of(world, one.state), take_off=leave
            )
        made += 1


def ranks(leads: Sequence[Any], name: str) -> dict[str, tuple[float, int]]:
    """Of each planted visit of the month: its rank among the visit leads of its day (ties in the middle), and how many there were."""
    found = {}
    for lead in leads:
        if not lead.stay_ids[0].startswith(name) or lead.start < BEGIN:
            continue
        that_day = [other.score for other in leads if other.start.date() == lead.start.date() and other is not lead]
        better = sum(score > lead.score + 1e-9 for score in that_day)
        alike = sum(abs(score - lead.score) <= 1e-9 for score in that_day)
        found[lead.stay_ids[0]] = (1 + better + alike / 2, len(that_day) + 1)
    return found


def as_rare(leads: Sequence[Any], name: str) -> list[int]:
    """Of each planted visit of the month, how many ordinary ones of its day are as rare: no order by rarity can tell them from it."""

    def bits(lead: Any) -> float:
        return float(next((e.bits for e in lead.evidence if e.name == "rarity"), 0.0))

    return [
        sum(other.start.date() == lead.start.date() and other is not lead and bits(other) >= bits(lead) for other in leads)
        for lead in leads
        if lead.stay_ids[0].startswith(name) and lead.start >= BEGIN
    ]


def a_month(world: World, seed: int, casebook: Path | None) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    stays = made_stays(world, rng)
    # Where an ordinary flight came from: mostly from the capital.
    homes = {state: field_of(world, state) for state in stays["state"].unique()}
    stays["from_airport"] = [homes[s] if rng.random() < 0.85 else "" for s in stays["state"]]
    cases = list(reported(world, casebook, rng) if casebook else invented(world, stays, rng))
    everything = STAYS.make(pd.concat([stays, pd.DataFrame([*cases, *rotations(world, rng)])], ignore_index=True))
    month = everything[everything["touchdown"] >= BEGIN]
    found = correlate(
        STAYS.cast(month),
        MEETINGS.cast(),
        history=everything,
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
        calendar=CALENDAR.cast(),
        with_rotations=False,
    )
    leads = [lead for lead in found.leads if lead.kind == "visit"]
    told, routine = ranks(leads, "case-"), ranks(leads, "rotation-")
    at = np.array([rank for rank, _ in told.values()])
    return {
        "cases": len(cases),
        "of them leads": len(told),
        "visits a day (median)": float(np.median([n for _, n in told.values()])),
        "ordinary ones of the day as rare (median)": float(np.median(as_rare(leads, "case-"))),
        "median rank (<= 3)": float(np.median(at)),
        "share within 10 (>= 0.9)": round(float((at <= 10).mean()), 3),
        "rotations in the month": len(routine),
        "of them within the first 10 (0)": sum(rank <= 10 for rank, _ in routine.values()),
        "ranks": {name: rank for name, (rank, _) in sorted(told.items(), key=lambda item: -item[1][0])[:12]},
    }


def main() -> None:
    """Prints the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--casebook", type=Path, help="a folder with flights.csv of press-reported landings")
    given = options.parse_args()
    world = make_world(Settings(data_dir=Path("unused")))
    print(json.dumps(a_month(world, given.seed, given.casebook), indent=2))


if __name__ == "__main__":
    main()

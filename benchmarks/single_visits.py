"""One rare visit among a month of the whole watch list: how high is it on the list of its day, and are rotations lower?

    python benchmarks/single_visits.py --seeds 7 8                             made-up visits
    python benchmarks/single_visits.py --seeds 7 8 --announced 0.7             among delegations of which most are in the news
    python benchmarks/single_visits.py --seeds 7 8 --casebook DIR/casebook     press-reported cases of one visiting state
    python benchmarks/single_visits.py --seeds 7 8 --politics                  among aircraft that keep away where theirs has fallen out
    python benchmarks/single_visits.py --seeds 7 --plain                       among visits drawn one by one
    python benchmarks/single_visits.py --seeds 7 8 --history-days 30           with a month of history before the month

A year and a month of ordinary travel are made up (`benchmarks/travel.py`; plain: `month_of_mail.py`). Into the month are put visits that
mattered: those of the casebook, on the same weekday and at the same hour, or invented ones of states that hardly ever come there; and
embassies' rotations, the same aircraft at the same field every second week, all year. Nothing is reported of any of them.
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

from month_of_mail import ABROAD, HISTORY_DAYS, MONTH_DAYS, START, TECHNICAL_STOP, TRIPS, capitals_of, liking_of, made_stays
from travel import travelled

from pipeline.correlate.engine import correlate
from pipeline.jobs.world import World, make_world
from pipeline.model.errors import NotFound
from pipeline.model.frames import CALENDAR, MEETINGS, STAYS
from pipeline.model.settings import Settings

BEGIN = START + timedelta(days=HISTORY_DAYS)
MADE, ROTATIONS, EVERY_DAYS = 40, 12, 14
#: Whose state came so often at most in the year before is a rare visitor.
RARE = 2
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
    """The field that serves a state's capital, ``''`` where none does."""
    capital = next(p for p in world.gazetteer.places if p.kind == "capital" and p.country == state)
    return next((s.airport for s in world.gazetteer.airfields(capital) if not s.gateway), "")


def reported(world: World, folder: Path, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """The casebook's cases of one visiting state that the watch list has, moved by whole weeks into the month: landed at the published
    time, else at an hour of the day; by the published aircraft, else by one that carries delegations; from where and how
    long as published, else from its capital for some hours or a night."""
    flights, cases = (list(csv.DictReader((folder / f"{n}.csv").open(encoding="utf-8", newline=""))) for n in ("flights", "cases"))
    for case in cases:
        host = case["country_iso2"]
        guests = {p.split("|")[2] for p in case["participants"].split(";") if p.count("|") == 2} - {host}
        state = min(guests) if len(guests) == 1 else ""
        fleet = [a for a in world.watchlist.aircraft if a.state == state]
        mine = [f for f in flights if f["case_id"] == case["case_id"] and f["operator_country_iso2"] == state]
        there = [f for f in mine if f["event"] == "landing" and world.airports.get(f["airport_icao"]).country == host]
        there.sort(key=lambda f: f["time_utc"] == "")
        airport = there[0]["airport_icao"] if there else _served(world, case["city"], host)
        if not fleet or not airport:
            continue
        known = {f["registration"] for f in there}
        named = [a for a in fleet if a.registration in known] or [a for a in fleet if a.role in CARRIERS] or fleet
        published = there[0]["time_utc"] if there else ""
        landed = pd.Timestamp(published or f"{case['date_from']}T00:00Z") + pd.Timedelta(
            minutes=0 if published else int(rng.uniform(300, 1200))
        )
        timed = [f for f in mine if f["event"] == "takeoff" and f["time_utc"] and published]
        before = [f for f in timed if pd.Timestamp(f["time_utc"]) < landed and f["airport_icao"] != airport]
        after = [f for f in timed if pd.Timestamp(f["time_utc"]) > landed and f["airport_icao"] == airport]
        weeks = -((landed - pd.Timestamp(BEGIN)) // pd.Timedelta(weeks=1)) + int(rng.integers(0, MONTH_DAYS // 7))
        length = pd.Timestamp(after[0]["time_utc"]) - landed if after else pd.Timedelta(hours=float(rng.uniform(4, 30)))
        touchdown = (landed + pd.Timedelta(weeks=weeks)).floor("s").to_pydatetime()
        yield planted(
            world,
            named[int(rng.integers(len(named)))].icao24,
            airport,
            touchdown,
            f"case-{case['case_id']}{'' if published else '-untimed'}",
            from_airport=before[-1]["airport_icao"] if before else field_of(world, state),
            take_off=touchdown + length.to_pytimedelta(),
        )


def _served(world: World, city: str, country: str) -> str:
    try:
        place = world.gazetteer.find(city, country)
    except NotFound:
        return ""
    return next((s.airport for s in world.gazetteer.airfields(place) if not s.gateway), "")


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


def cleared(world: World, stays: pd.DataFrame, put: pd.DataFrame) -> pd.DataFrame:
    """``stays`` without those of the same aircraft within a day of what is put in (it cannot be in two places at once), with where
    it was before and, after, with its return home."""
    near, flight = pd.Timedelta(hours=20), pd.Timedelta(hours=4)
    gone, around = np.zeros(len(stays), dtype=bool), []
    for one in put.itertuples():
        close = (stays["touchdown"] < one.take_off + near) & (stays["take_off"] > one.touchdown - near)
        gone |= ((stays["icao24"] == one.icao24) & close).to_numpy()
        left, back = one.touchdown - flight, one.take_off + flight
        for field, begin, end in ((one.from_airport, left - near / 2, left), (field_of(world, one.state), back, back + near / 2)):
            if field:
                stay = planted(world, one.icao24, field, begin, f"around-{one.stay_id}-{begin < one.touchdown}")
                around.append({**stay, "take_off": end, "from_airport": one.airport if begin > one.touchdown else ""})
    return pd.concat([stays[~gone], pd.DataFrame(around)], ignore_index=True)


def history(world: World, rng: np.random.Generator, *, plain: bool, announced: float, politics: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``STAYS`` of a year and a month, and ``MEETINGS``."""
    if not plain:
        return travelled(world, rng, reported=announced, politics=politics)
    stays = made_stays(world, rng)
    # Where an ordinary flight came from: mostly from the capital.
    homes = {state: field_of(world, state) for state in stays["state"].unique()}
    stays["from_airport"] = [homes[s] if rng.random() < 0.85 else "" for s in stays["state"]]
    return stays, MEETINGS.cast()


def everything_of(
    world: World, seed: int, casebook: Path | None, *, plain: bool = False, announced: float = 0.0, politics: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """``STAYS`` of the year and the month with the cases among them, ``MEETINGS``, and how many cases there are."""
    rng = np.random.default_rng(seed)
    stays, meetings = history(world, rng, plain=plain, announced=announced, politics=politics)
    cases = pd.DataFrame(reported(world, casebook, rng) if casebook else invented(world, stays, rng))
    put = pd.concat([cases, pd.DataFrame(rotations(world, rng))], ignore_index=True)
    return STAYS.make(pd.concat([stays if plain else cleared(world, stays, put), put], ignore_index=True)), meetings, len(cases)


def a_month(
    everything: pd.DataFrame, meetings: pd.DataFrame, world: World, *, history_days: int = HISTORY_DAYS
) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
    """Of each case that is a lead (name, rank, of how many, as rare ones that day, earlier visits of its state there), and of rotations
    rank and how many turns of it were seen before; with so long a history before the month."""
    month = everything[everything["touchdown"] >= BEGIN]
    known = STAYS.cast(everything[everything["touchdown"] >= BEGIN - timedelta(days=history_days)])
    found = correlate(
        STAYS.cast(month),
        meetings,
        history=known,
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
        calendar=CALENDAR.cast(),
        with_rotations=False,
    )
    leads = [lead for lead in found.leads if lead.kind == "visit"]
    told, routine = ranks(leads, "case-"), ranks(leads, "rotation-")
    at = dict(zip(known["stay_id"], known["touchdown"], strict=True))
    before = everything[everything["touchdown"] < BEGIN].groupby(["state", "city", "country"]).size()
    cell = everything.drop_duplicates("stay_id").set_index("stay_id")[["state", "city", "country"]]
    rows = [(name, rank, of, int(before.get(tuple(cell.loc[name]), 0))) for name, (rank, of) in told.items()]
    return pd.DataFrame(rows, columns=["name", "rank", "of", "before"]).assign(as_rare=as_rare(leads, "case-")), [
        (int(rank), int((known["stay_id"].str.startswith(f"{name.rpartition('-')[0]}-") & (known["touchdown"] < at[name])).sum()))
        for name, (rank, _) in routine.items()
    ]


def ceiling(world: World, seed: int) -> dict[str, float]:
    """What one who knows every rate of the plain world, and how cases are drawn, would reach by place and state alone."""
    from scipy.stats import poisson

    rng = np.random.default_rng(seed)
    capitals = capitals_of(world)
    liking = liking_of(capitals, rng)
    flying = [a for a in world.watchlist.aircraft if a.state in liking]
    states = sorted({a.state for a in flying})
    trips = np.array([sum(TRIPS.get(a.role, 0.2) for a in flying if a.state == s) for s in states]) * ABROAD * (1 + TECHNICAL_STOP)
    carriers = np.array([sum(a.role in CARRIERS for a in flying if a.state == s) for s in states], dtype=np.float64)
    rate = trips[:, None] * np.array([liking[s] for s in states])
    drawn = np.where(rate > 0, carriers[:, None] * poisson.cdf(2, rate * HISTORY_DAYS), 0.0)
    order = np.argsort(-(drawn / np.maximum(rate, 1e-12)).ravel())
    above = np.cumsum(rate.ravel()[order]) - rate.ravel()[order]
    share = drawn.ravel()[order] / drawn.sum()
    return {
        "median rank": round(1 + float(above[np.searchsorted(np.cumsum(share), 0.5)]), 1),
        "share within 10": round(float((share * poisson.cdf(9, above)).sum()), 3),
    }


def main() -> None:
    """Prints the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[7], metavar="SEED")
    options.add_argument("--casebook", type=Path, help="a folder with cases.csv and flights.csv of press-reported cases")
    options.add_argument("--plain", action="store_true", help="every visit drawn by itself, as in month_of_mail.py")
    options.add_argument("--history-days", type=int, default=HISTORY_DAYS, metavar="N", help="days of history before the month")
    options.add_argument("--announced", type=float, default=0.0, help="so large a share of the delegations' trips has reports")
    options.add_argument(
        "--politics", action="store_true", help="aircraft keep away from states that theirs has fallen out with, as in life"
    )
    given = options.parse_args()
    world = make_world(Settings(data_dir=Path("unused")))
    found, cases, routine = [], 0, []
    for seed in given.seeds:
        everything, meetings, count = everything_of(
            world, seed, given.casebook, plain=given.plain, announced=given.announced, politics=given.politics
        )
        told, rotated = a_month(everything, meetings, world, history_days=given.history_days)
        found.append(told.assign(seed=seed))
        cases, routine = cases + count, routine + rotated
    frame = pd.concat(found, ignore_index=True)
    rare = frame[frame["before"] <= RARE]
    figures = {
        "cases": cases,
        "of them leads": len(frame),
        "visit leads a day (median)": float(frame["of"].median()),
        "ordinary ones of the day as rare (median)": float(frame["as_rare"].median()),
        "median rank (<= 3)": float(frame["rank"].median()),
        "share within 10 (>= 0.9)": round(float((frame["rank"] <= 10).mean()), 3),
        f"of states that came {RARE} times at most in the year before": len(rare),
        "their median rank": float(rare["rank"].median()),
        "their share within 10": round(float((rare["rank"] <= 10).mean()), 3),
        "rotations in the month": len(routine),
        "of them within the first 10 (0)": sum(rank <= 10 for rank, _ in routine),
        "by turns seen before: of how many": {
            str(turns): f"{sum(rank <= 10 for rank, seen in routine if seen == turns)} of {sum(seen == turns for _, seen in routine)}"
            for turns in sorted({seen for _, seen in routine})[:3]
        },
        "lowest": {f"{r.name_}/{r.seed}": r.rank for r in frame.nlargest(8, "rank").rename(columns={"name": "name_"}).itertuples()},
    }
    if given.plain and not given.casebook:
        figures["who knows every rate"] = ceiling(world, given.seeds[0])
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()

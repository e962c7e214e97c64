"""A month of the whole watch list for a default recipient: how many mails come at once, how many wait, how many are hidden.

    python benchmarks/month_of_mail.py --seed 7

Movements are invented, not recorded: every listed aircraft travels at a rate set by its role, less than half of it abroad,
to capitals that its state prefers by distance and habit, at times with a second aircraft and a technical stop. The
decisions are tarmac's own: the background of each stay (`correlate.background`), the default rule, flood control.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.alerts.recipients import Recipient, parse_rules
from pipeline.alerts.rules import Decision, Subject, decide, due_at
from pipeline.correlate.background import Backgrounds
from pipeline.jobs.world import World, make_world
from pipeline.model.files import shipped
from pipeline.model.frames import MEETINGS, STAYS, records
from pipeline.model.settings import Settings
from pipeline.places.geo import distance_nm

#: Trips a day by role; assumed, on the busy side.
TRIPS = {"head_of_state": 0.12, "government": 0.2, "air_force_vip": 0.25, "military_vip": 0.3, "intelligence": 0.1, "unknown": 0.2}
ABROAD, TECHNICAL_STOP, SECOND_AIRCRAFT = 0.45, 0.12, 0.1
#: A preference falls with its rank as rank^-HABIT; how far a capital is decides its rank, with noise.
HABIT = 1.1
START, HISTORY_DAYS, MONTH_DAYS = datetime(2022, 1, 1, tzinfo=UTC), 365, 30


def capitals_of(world: World) -> list[tuple[Any, str]]:
    """Every capital with the first field that serves it."""
    capitals = [
        (p, next((s.airport for s in world.gazetteer.airfields(p) if not s.gateway), ""))
        for p in world.gazetteer.places
        if p.kind == "capital"
    ]
    return [(p, field) for p, field in capitals if field]


def liking_of(capitals: Sequence[tuple[Any, str]], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The share of each capital in the visits of each state."""
    lat, lon = np.array([p.lat for p, _ in capitals]), np.array([p.lon for p, _ in capitals])
    weights: dict[str, np.ndarray] = {}
    for at, (capital, _) in enumerate(capitals):
        miles = np.asarray(distance_nm(lat, lon, [lat[at]] * len(lat), [lon[at]] * len(lon)))
        rank = np.argsort(np.argsort(miles * rng.lognormal(0, 0.9, len(miles))))
        share = 1.0 / (rank + 1.0) ** HABIT
        share[at] = 0
        weights[capital.country] = share / share.sum()
    return weights


def made_stays(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """``STAYS`` of a year and a month."""
    capitals = capitals_of(world)
    weights = liking_of(capitals, rng)
    rows: list[dict[str, Any]] = []
    for one in world.watchlist.aircraft:
        if one.state not in weights:
            continue
        trips = rng.poisson(TRIPS.get(one.role, 0.2) * (HISTORY_DAYS + MONTH_DAYS))
        for day in np.sort(rng.uniform(0, HISTORY_DAYS + MONTH_DAYS, trips)):
            if rng.random() > ABROAD:
                continue  # at home: hidden by the rules, and by far the most of what is hidden
            when = START + timedelta(days=float(day))
            if rng.random() < TECHNICAL_STOP:
                where = int(rng.choice(len(capitals), p=weights[one.state]))
                rows.append(_stay(one, capitals[where], when - timedelta(hours=5), hours=0.8))
            where = int(rng.choice(len(capitals), p=weights[one.state]))
            rows.append(_stay(one, capitals[where], when, hours=float(rng.lognormal(2.5, 0.8))))
    return STAYS.make(rows)


def _stay(one: Any, at: tuple[Any, str], when: datetime, *, hours: float) -> dict[str, Any]:
    place, field = at
    return {
        "icao24": one.icao24,
        "registration": one.registration,
        "state": one.state,
        "operator": one.operator,
        "role": one.role,
        "airport": field,
        "city": place.city,
        "country": place.country,
        "touchdown": when,
        "take_off": when + timedelta(hours=hours),
        "kind": "observed",
        "confidence": 0.95,
        "origin": "recorded",
        "stay_id": f"sty-{one.icao24}-{when:%Y%m%d%H%M%S}",
    }


def a_month(world: World, stays: pd.DataFrame, recipient: Recipient) -> dict[str, Any]:
    """Per day: decided at once, of these sent singly, digests; and why the others were not."""
    begin = START + timedelta(days=HISTORY_DAYS)
    events: list[tuple[datetime, str, Decision]] = []
    hidden: Counter[str] = Counter()
    for number in range(MONTH_DAYS):
        since, until = begin + timedelta(days=number), begin + timedelta(days=number + 1)
        known = STAYS.cast(stays[stays["touchdown"] < until])
        looked = Backgrounds(
            known,
            MEETINGS.cast(),
            scoring=world.scoring,
            gazetteer=world.gazetteer,
            airports=world.airports,
            watched=world.watchlist.aircraft,
        )
        for row in records(known[known["touchdown"] >= since]):
            background = looked.of(row["stay_id"])
            subject = _subject(world, row, background.a_year, background.innocent)
            decision = decide(subject, recipient, max_age=timedelta(hours=6))
            if decision.when == "at_once":
                left = replace(decision, why="to those who were told what came before")
                events += [(row["touchdown"], "landing", decision), (row["take_off"], "left", left)]
            else:
                hidden[decision.why.partition(":")[0].partition(" (")[0]] += 1
    singly: list[datetime] = []
    slots: set[datetime] = set()
    for when, event, decision in sorted(events, key=lambda e: e[0]):
        recent = sum(when - timedelta(days=1) < past <= when for past in singly)
        due, fold = due_at(recipient, UTC, event=event, now=when, recent=recent, decision=decision)
        if fold:
            slots.add(due)
        else:
            singly.append(when)
    days = [begin + timedelta(days=number) for number in range(MONTH_DAYS)]
    decided = [when for when, event, _ in events if event == "landing"]
    rare = [when for when, event, decision in events if event == "landing" and not decision.together]
    single, digests = _a_day(singly, days), _a_day(slots, days)
    return {
        "landings abroad a day": round(float((stays["touchdown"] >= begin).sum()) / MONTH_DAYS, 1),
        "decided at once a day (median)": float(np.median(_a_day(decided, days))),
        "of these rare (median)": float(np.median(_a_day(rare, days))),
        "immediate mails a day (median)": float(np.median(single)),
        "immediate mails a day (most)": max(single),
        "digests a day (median)": float(np.median(digests)),
        "left to the brief in the month": dict(hidden.most_common()),
    }


def _a_day(moments: Iterable[datetime], days: Sequence[datetime]) -> list[int]:
    return [sum(day <= moment < day + timedelta(days=1) for moment in moments) for day in days]


def _subject(world: World, row: dict[str, Any], a_year: float | None, innocent: tuple[str, ...]) -> Subject:
    who = world.identify(row["icao24"], row["touchdown"].date())
    return Subject(
        event="landing",
        icao24=row["icao24"],
        registration=row["registration"],
        state=row["state"],
        operator=row["operator"],
        role=row["role"],
        airport=row["airport"],
        city=row["city"],
        country=row["country"],
        place_kind="capital",
        kind=row["kind"],
        confidence=row["confidence"],
        contested=bool(who and who.contested),
        a_year=a_year,
        stop=any(text.startswith("a technical or crew stop") for text in innocent),
    )


def main() -> None:
    """Prints the counts as JSON, for the shipped defaults and without flood control."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--routine", type=float, default=0.0, help="visits a year; the shipped default when not given")
    given = options.parse_args()
    world = make_world(Settings(data_dir=Path("unused")))
    rules = parse_rules(shipped("alerts.toml").read_text(encoding="utf-8"), name="alerts.toml")
    (recipient,) = rules.told(["desk@example.org"])
    if given.routine:
        recipient = recipient.model_copy(update={"routine_a_year": given.routine})
    stays = made_stays(world, np.random.default_rng(given.seed))
    found = a_month(replace(world, recipients=(recipient,)), stays, recipient)
    print(json.dumps({"aircraft": len(world.watchlist), "routine_a_year": recipient.routine_a_year, **found}, indent=2))


if __name__ == "__main__":
    main()

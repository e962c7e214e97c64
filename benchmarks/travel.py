"""A made-up year and month of travel of the whole watch list, as real travel is known to be.

``benchmarks/month_of_mail.py`` draws every visit by itself from a state's liking for capitals. Real aircraft carry ministers from
one capital to the next, go home in between, refuel on the way, are based abroad, and are sent to a workshop. Where figures are
known they are used:

* How many places a trip of a minister or president has, how flat their liking for places is, and how many nights they stay: the
  travels of presidents and secretaries of state of the United States, 2009 to 2025 (US Department of State, Office of the
  Historian; public domain): 993 stops of 357 trips, 109 of one stop, 85 of two, 63, 46, 19, 18, 9 and 8 of more; the ten favourite
  countries have 39 % of the stops; 36 % stay no night, 39 % one, 18 % two.
* Home is near for most who go to a neighbour, and they go home: assumed, as are the other figures below.

    python benchmarks/travel.py DIR/statevisits/travels        counts these figures from the Historian's XML

Nothing here knows how tarmac ranks.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline.jobs.world import World
from pipeline.meetings.build import make_meeting, meetings_frame
from pipeline.model.csvfile import read_file
from pipeline.model.entities import Meeting
from pipeline.model.files import shipped
from pipeline.model.frames import STAYS
from pipeline.places.estranged import estranged
from pipeline.places.geo import distance_nm

START, HISTORY_DAYS, MONTH_DAYS = datetime(2022, 1, 1, tzinfo=UTC), 365, 30
DAYS = HISTORY_DAYS + MONTH_DAYS
#: Trips abroad a day by role; makes about as many visits a day as ``month_of_mail`` does.
TRIPS = {"head_of_state": 0.035, "government": 0.055, "air_force_vip": 0.065, "military_vip": 0.09, "intelligence": 0.04, "unknown": 0.055}
#: The share of trips with a delegation to capitals; the others go where the fleet goes every month. [assumed]
DELEGATIONS = {"military_vip": 0.2, "intelligence": 0.6}
MOST = 0.5
#: Stops of a delegation's trip. [counted, see above]
STOPS = np.array([109, 85, 63, 46, 19, 18, 9, 8]) / 357
#: Within so many miles of home the next stop is home, so often. [assumed]
NEAR_NM, NEAR_HOME = 1500.0, 0.7
#: Liking falls with the rank of a place as rank^-h: of delegations [fitted to the 39 % above], and of the others, who have so
#: many places to go to. [assumed, as in ``month_of_mail``]
HABIT, OTHERS_HABIT, OTHERS_PLACES = 0.85, 1.1, 12
#: Stops on a trip are near each other. [assumed]
REGION_NM = 800.0
#: How much more some capitals draw everybody than others: spread of a lognormal factor. [assumed, as in ``worlds``]
DRAW = 0.8
#: With ``politics``: so much farther are states that its own has fallen out with. [assumed]
ESTRANGED = 30.0
NIGHTS = np.array([0.36, 0.39, 0.18, 0.07])
SECOND_AIRCRAFT = 0.12
#: Legs longer than this have a stop to refuel; light aircraft reach less far.
REACH_NM, LIGHT_REACH_NM = 4800.0, 2600.0
LIGHT = frozenset({"C560", "C56X", "C680", "LJ45", "LJ60", "GLF4", "F900", "CL60", "FA50", "RJ85", "B461", "B462", "E35L", "T134", "B732"})
#: Fields where aircraft stop that have no business in the country.
REFUELLING = (
    "EINN", "CYQX", "BIKF", "LPLA", "GCLP", "GOBD", "GVAC", "LCLK", "HDAM", "OOMS", "VCBI", "PANC", "PHNL", "KBGR", "PGUM", "FHSH",
    "TBPB", "MPTO", "USSS", "UAAA", "UHPP", "WSSS", "HAAB", "FAOR", "SBRF", "NTAA",
)  # fmt: skip
SPEED_KT = 440.0
#: Visits a year to a workshop, and how many days they last. [assumed]
WORKSHOP_A_YEAR, WORKSHOP_DAYS = 1.2, (4.0, 30.0)
#: The share of military aircraft of a large fleet that are based abroad. [assumed; a third of the list's US ones are]
BASED_ABROAD, LARGE_FLEET = 0.35, 20


class Travel:
    """The stays of every listed aircraft, one after the other, at home and abroad; ``reports``: of what delegations came for."""

    def __init__(self, world: World, rng: np.random.Generator, *, reported: float = 0.0, politics: bool = False) -> None:
        self.world, self.rng, self.reported, self.politics = world, rng, reported, politics
        self.reports: list[Meeting] = []
        fields = ((p, next((s.airport for s in world.gazetteer.airfields(p) if not s.gateway), "")) for p in world.gazetteer.places)
        self.capitals = [(p, field) for p, field in fields if field and p.kind == "capital"]
        self.home = {p.country: number for number, (p, _) in enumerate(self.capitals)}
        workshops, _ = read_file(shipped("places/maintenance.csv"), required=("airport",))
        others = [code for code in dict.fromkeys((*REFUELLING, *(w["airport"] for w in workshops))) if code in world.airports]
        self.codes = [field for _, field in self.capitals]
        self.codes += [code for code in others if code not in self.codes]
        known = [world.airports.get(code) for code in self.codes]
        self.lat, self.lon = np.array([a.lat for a in known]), np.array([a.lon for a in known])
        self.refuelling = np.array([i for i, code in enumerate(self.codes) if code in REFUELLING])
        self.workshops = np.array([i for i, code in enumerate(self.codes) if code in {w["airport"] for w in workshops}])
        self.where = [(a.country, self._city(a.code)) for a in known]
        self.zone = [ZoneInfo(place.tz) if (place := world.gazetteer.of_airport(code)) else ZoneInfo("UTC") for code in self.codes]
        self.draw = rng.lognormal(0, DRAW, len(self.capitals))
        self.liking = {state: self._liking(at) for state, at in self.home.items()}
        self.rows: list[dict[str, Any]] = []

    def _city(self, code: str) -> str:
        place = self.world.gazetteer.of_airport(code)
        return place.city if place else ""

    def miles(self, a: int, b: Any) -> Any:
        b = np.asarray(b)
        return np.asarray(distance_nm(np.full(b.shape, self.lat[a]), np.full(b.shape, self.lon[a]), self.lat[b], self.lon[b]))

    def _liking(self, at: int) -> np.ndarray:
        """The rank of each capital for a state, by distance, how much it draws everybody, and taste; its own last."""
        far = self.miles(at, np.arange(len(self.capitals))) * self.rng.lognormal(0, 0.9, len(self.capitals)) / self.draw
        if self.politics:
            state, hour = self.where[at][0], (START - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(hours=1)
            spells = [estranged(state, place.country) for place, _ in self.capitals]
            far[[any(begin <= hour + 24 * DAYS and hour < end for begin, end, _ in one) for one in spells]] *= ESTRANGED
        far[at] = np.inf
        return np.argsort(np.argsort(far))

    def stays(self) -> pd.DataFrame:
        """``STAYS`` of the year and the month, those at home among them."""
        fleet = [a for a in self.world.watchlist.aircraft if a.state in self.home]
        size = pd.Series([a.state for a in fleet]).value_counts()
        for one in fleet:
            base = self.home[one.state]
            if one.role == "military_vip" and size[one.state] >= LARGE_FLEET and self.rng.random() < BASED_ABROAD:
                base = int(np.argmin(np.abs(self.liking[one.state] - self.rng.integers(0, 3))))
            mates = [a for a in fleet if a.state == one.state and a.icao24 != one.icao24]
            self._aircraft(one, base, mates)
        return STAYS.make(sorted(self.rows, key=lambda r: r["touchdown"]))

    def _aircraft(self, one: Any, base: int, mates: list[Any]) -> None:
        rng = self.rng
        free, came_from = -float(rng.exponential(10.0)) * 24, base
        while free < DAYS * 24:
            rate = TRIPS.get(one.role, 0.05) + WORKSHOP_A_YEAR / 365
            leave = self._daytime(base, free + max(float(rng.exponential(24 / rate)), 10.0))
            self._row(one, base, free, leave, came_from)
            official = False
            if rng.random() < WORKSHOP_A_YEAR / 365 / rate:
                stops = [(int(rng.choice(self.workshops)), float(rng.uniform(*WORKSHOP_DAYS)) * 24)]
            elif official := bool(rng.random() < DELEGATIONS.get(one.role, MOST)):
                stops = self._tour(one, base)
            else:
                stops = [(self._usual(one.state), float(rng.lognormal(2.5, 0.8)))]
            second = mates[int(rng.integers(len(mates)))] if mates and rng.random() < SECOND_AIRCRAFT else None
            known = official and rng.random() < self.reported
            free, came_from = self._trip(one, base, leave, stops, second, reported=known)

    def _tour(self, one: Any, base: int) -> list[tuple[int, float]]:
        rng = self.rng
        share = (self.liking[one.state] + 1.0) ** -HABIT
        share[self.home[one.state]] = 0
        share[base] = 0
        first = int(rng.choice(len(share), p=share / share.sum()))
        count = 1 + int(rng.choice(len(STOPS), p=STOPS))
        if self.miles(base, first) < NEAR_NM and rng.random() < NEAR_HOME:
            count = 1
        found = [first]
        while len(found) < count:
            near = share / (1 + (self.miles(found[-1], np.arange(len(share))) / REGION_NM) ** 2)
            near[found] = 0
            found.append(int(rng.choice(len(share), p=near / near.sum())))
        return [(at, self._length()) for at in found]

    def _length(self) -> float:
        nights = int(self.rng.choice(len(NIGHTS), p=NIGHTS))
        return float(self.rng.uniform(2, 9)) if nights == 0 else nights * 24 - float(self.rng.uniform(-4, 10))

    def _usual(self, state: str) -> int:
        rank = self.liking[state]
        share = np.where(rank < OTHERS_PLACES, (rank + 1.0) ** -OTHERS_HABIT, 0.0)
        return int(self.rng.choice(len(share), p=share / share.sum()))

    def _daytime(self, at: int, hour: float) -> float:
        """A departure by day, at the weekend half as often."""
        rng = self.rng
        day = int(hour // 24)
        if (START + timedelta(days=day)).weekday() >= 5 and rng.random() < 0.5:
            day += 2
        clock = float(np.clip(rng.normal(10.5, 4.0), 0, 23.9)) if rng.random() < 0.85 else float(rng.uniform(0, 24))
        noon = (START + timedelta(days=day)).replace(tzinfo=self.zone[at])
        return max((noon - START).total_seconds() / 3600 + clock, hour - 12)

    def _trip(self, one: Any, base: int, leave: float, stops: list[tuple[int, float]], second: Any, *, reported: bool) -> tuple[float, int]:
        at, here = leave, base
        for where, length in [*stops, (base, 0.0)]:
            at, here = self._leg(one, here, where, at)
            if where == base:
                break
            self._row(one, where, at, at + length, here)
            if reported:
                self._report(one.state, where, at, at + length)
            if second is not None:
                apart = float(self.rng.normal(0, 0.7))
                self._row(second, where, at + apart, at + apart + length, here)
            at, here = at + length, where
        return at, here

    def _report(self, state: str, where: int, arrive: float, leave: float) -> None:
        """A civil day, as most reports give it."""
        (country, city), middle = self.where[where], min(arrive + float(self.rng.uniform(2, 16)), leave)
        day = (START + timedelta(hours=middle)).astimezone(self.zone[where]).date()
        if not 0 <= middle < DAYS * 24 or not city:
            return
        self.reports.append(
            make_meeting(
                gazetteer=self.world.gazetteer,
                meeting_id=f"made-{len(self.reports):05}",
                title=f"Talks in {city}",
                city=city,
                country=country,
                start=day.isoformat(),
                participants=f"A|Foreign Minister|{state};B|Foreign Minister|{country}",
                sources="made up",
                status="reported",
            )
        )

    def _leg(self, one: Any, here: int, where: int, leave: float) -> tuple[float, int]:
        """Arrival at ``where``, and the field it came from: with a stop to refuel where it is far."""
        reach = LIGHT_REACH_NM if one.type_code in LIGHT else REACH_NM
        miles = float(self.miles(here, where))
        if miles <= reach:
            return leave + miles / SPEED_KT + 0.3, here
        one_way, other = self.miles(here, self.refuelling), self.miles(where, self.refuelling)
        detour = one_way + other + 3 * np.clip(one_way - reach, 0, None) + 3 * np.clip(other - reach, 0, None)
        stop = int(self.refuelling[int(np.argmin(detour * self.rng.lognormal(0, 0.05, len(detour))))])
        if stop in (here, where):
            return leave + miles / SPEED_KT + 0.3, here
        arrive = leave + float(self.miles(here, stop)) / SPEED_KT + 0.3
        ground = float(self.rng.lognormal(np.log(1.1), 0.25)) if self.rng.random() < 0.9 else float(self.rng.uniform(9, 14))
        self._row(one, stop, arrive, arrive + ground, here)
        return arrive + ground + float(self.miles(stop, where)) / SPEED_KT + 0.3, stop

    def _row(self, one: Any, where: int, arrive: float, leave: float, came_from: int) -> None:
        if not 0 <= arrive < DAYS * 24 or leave <= arrive:
            return
        country, city = self.where[where]
        touchdown = START + timedelta(hours=arrive)
        self.rows.append(
            {
                "icao24": one.icao24,
                "registration": one.registration,
                "state": one.state,
                "operator": one.operator,
                "role": one.role,
                "airport": self.codes[where],
                "city": city,
                "country": country,
                "touchdown": touchdown,
                "take_off": START + timedelta(hours=leave),
                "from_airport": self.codes[came_from] if self.rng.random() < 0.85 else "",
                "kind": "observed",
                "confidence": 0.95,
                "origin": "recorded",
                "stay_id": f"sty-{one.icao24}-{touchdown:%Y%m%d%H%M%S}",
            }
        )


def travelled(
    world: World, rng: np.random.Generator, *, reported: float = 0.0, politics: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``STAYS`` of a made-up year and month, and ``MEETINGS`` for so large a share of the delegations' trips."""
    travel = Travel(world, rng, reported=reported, politics=politics)
    stays = travel.stays().drop_duplicates("stay_id", ignore_index=True)
    return stays, meetings_frame(travel.reports)


def counted(folder: Path) -> dict[str, Any]:
    """What the travels of presidents and secretaries of state say."""
    from defusedxml.ElementTree import parse

    stops = set()
    for path in sorted(folder.glob("*.xml")):
        for trip in parse(path).getroot().iter("trip"):
            first, last, country, city = (trip.findtext(name, "").strip() for name in ("start-date", "end-date", "country", "locale"))
            if len(first) == 10:
                last = last if len(last) == 10 else first
                stops.add((trip.get("who", ""), date.fromisoformat(first), date.fromisoformat(last), country, city))
    order = sorted(stops)
    trips: list[list[Any]] = [[order[0]]]
    for one, two in pairwise(order):
        same = one[0] == two[0] and (two[1] - max(stop[2] for stop in trips[-1])).days <= 1
        trips[-1].append(two) if same else trips.append([two])
    days = pd.Series([(last - first).days for _, first, last, _, _ in order])
    by_country = pd.Series([country for _, _, _, country, _ in order]).value_counts()
    known_from = min(first for _, first, _, _, _ in order) + timedelta(days=365)
    later = [stop for stop in order if stop[1] >= known_from]
    new = [not any(other[3:] == stop[3:] and 3 < (stop[1] - other[1]).days <= 365 for other in order) for stop in later]
    return {
        "stops": len(order),
        "trips": len(trips),
        "trips by stops": pd.Series([len(trip) for trip in trips]).value_counts().sort_index().to_dict(),
        "share of stops that are their trip's only one": round(sum(len(t) == 1 for t in trips) / len(order), 2),
        "share in the ten countries with most": round(float(by_country.head(10).sum() / len(order)), 2),
        "share by nights": days.clip(upper=3).value_counts(normalize=True).sort_index().round(2).to_dict(),
        "share in cities that none of them was in the year before": round(float(np.mean(new)), 2),
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, help="XML of the travels of presidents and secretaries of state")
    print(json.dumps(counted(options.parse_args().folder), indent=2))

"""Made-up diplomatic worlds with truth: what ``benchmarks/diplomacy.py`` judges the correlation on.

Nothing here knows how the engine scores. A world's own habits (how many frequent visitors, how early delegations come, how
sloppy reports are, which optional columns exist) are drawn from wide ranges by its seed, so that no setting can fit one world.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline.places.gazetteer import load_gazetteer

WEEKS = 78
START = datetime(2023, 1, 2, tzinfo=UTC)
HOURS = WEEKS * 168
#: 50 cities in 34 countries; ten countries have several.
CITIES = """Ankara TR;Istanbul TR;Antalya TR;Moscow RU;Saint Petersburg RU;Sochi RU;Washington US;New York US;Geneva CH;Bern CH;Zurich CH;
Berlin DE;Munich DE;Hamburg DE;Rome IT;Milan IT;Abu Dhabi AE;Dubai AE;Riyadh SA;Jeddah SA;Beijing CN;Shanghai CN;New Delhi IN;Mumbai IN;
Cairo EG;Sharm el-Sheikh EG;Paris FR;London GB;Brussels BE;Vienna AT;Budapest HU;Warsaw PL;Prague CZ;Belgrade RS;Athens GR;Madrid ES;
Lisbon PT;Helsinki FI;Oslo NO;Stockholm SE;Doha QA;Muscat OM;Amman JO;Baghdad IQ;Tokyo JP;Singapore SG;Nairobi KE;Addis Ababa ET;
Astana KZ;Tashkent UZ"""
# fmt: off
STATES = [
    "TR", "RU", "US", "CH", "DE", "IT", "AE", "SA", "CN", "IN", "EG", "FR", "GB", "BE", "AT", "HU", "PL", "CZ", "RS", "GR", "ES", "PT",
    "FI", "NO", "SE", "QA", "OM", "JO", "IQ", "JP", "SG", "KE", "ET", "KZ", "UZ", "AZ", "GE", "AM", "UA", "BY", "RO", "BG", "SK", "SI",
    "HR", "NL", "DK", "IE", "CA", "MX", "BR", "AR", "ZA", "NG", "MA", "DZ", "TN", "IL", "PK", "KR",
]
# fmt: on
SURE = {"observed": 0.99, "inferred": 0.93, "bracketed": 0.88}
ROLES = ("head_of_state", "government", "air_force_vip", "military_vip", "intelligence", "unknown")
ROLE_SHARE = (0.10, 0.33, 0.27, 0.12, 0.05, 0.13)
TITLES = {
    "head": ("President", "Prime Minister", "King"),
    "minister": ("Foreign Minister", "Minister of Energy", "Minister of Trade"),
    "military": ("Minister of Defence", "Chief of the General Staff"),
    "intelligence": ("Director of the Intelligence Service",),
    "official": ("Deputy Foreign Minister", "Special Envoy"),
}
#: Of which role is the aircraft that carries a rank.
CARRIED = {
    "head": (0.55, 0.25, 0.15, 0.02, 0.0, 0.03),
    "minister": (0.10, 0.45, 0.30, 0.05, 0.02, 0.08),
    "military": (0.05, 0.25, 0.20, 0.40, 0.02, 0.08),
    "intelligence": (0.03, 0.30, 0.22, 0.10, 0.27, 0.08),
    "official": (0.05, 0.35, 0.30, 0.17, 0.03, 0.10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Frames as ``tarmac correlate`` reads them, and the truth: (stay, event) pairs, reports of events, gatherings."""

    seed: int
    null: bool
    stays: pd.DataFrame
    meetings: pd.DataFrame
    coverage: pd.DataFrame
    calendar: pd.DataFrame
    truth: frozenset[tuple[str, str]]
    event_of: dict[str, str]
    hidden: dict[str, tuple[str, ...]]
    innocent: dict[str, tuple[str, ...]]
    habits: dict[str, Any]


class _Maker:
    def __init__(self, rng: np.random.Generator, *, null: bool) -> None:
        self.rng, self.null = rng, null
        self.rows: list[dict[str, Any]] = []
        self.cities = [tuple(c.strip().rsplit(" ", 1)) for c in CITIES.replace("\n", "").split(";")]
        self.places = [load_gazetteer().find(*c) for c in self.cities]
        self.country = [c[1] for c in self.cities]
        self.zone = [ZoneInfo(p.tz) for p in self.places]
        self.habits = {
            "affinity": float(rng.uniform(1.0, 1.5)),
            "evening_before": float(rng.uniform(0.2, 0.45)),
            "days_before": float(rng.uniform(0.03, 0.12)),
            "leave_same_day": float(rng.uniform(0.45, 0.7)),
            "seen": float(rng.uniform(0.75, 0.95)),
            "misdated": float(rng.uniform(0.03, 0.08)),
            "local_days": float(rng.uniform(0.35, 0.6)),
            "vague": float(rng.uniform(0.06, 0.16)),
            "country_only": float(rng.uniform(0.04, 0.09)),
            "doubled": float(rng.uniform(0.06, 0.15)),
            "cancelled": float(rng.uniform(0.04, 0.10)),
            "announced_only": float(rng.uniform(0.01, 0.04)),
            "two_aircraft": float(rng.uniform(0.08, 0.2)),
            "no_take_off": float(rng.uniform(0.0, 0.06)),
            "apart": float(rng.uniform(0.05, 0.2)),
            "programme_h": float(rng.uniform(0.4, 1.4)),
            "loose": bool(rng.random() < 0.5),
            "optional_columns": bool(rng.random() < 0.5),
        }

    # ---- ordinary traffic -------------------------------------------------------------------------------------------
    def ordinary(self) -> None:
        rng, n_s, n_c = self.rng, len(STATES), len(self.cities)
        log = rng.normal(0, 0.8, n_s)[:, None] + rng.normal(0, 0.8, n_c)[None, :] + rng.normal(0, self.habits["affinity"], (n_s, n_c))
        weight = np.exp(log)
        for s, state in enumerate(STATES):
            weight[s, [c == state for c in self.country]] = 0.0
        weight = np.minimum(weight, np.quantile(weight, 0.995))
        self.rate = weight / weight.sum() * 14_300
        self.fleet = {
            s: [(f"{self.rng.integers(0x010000, 0xFFFFFF):06x}", str(rng.choice(ROLES, p=ROLE_SHARE))) for _ in range(rng.integers(3, 13))]
            for s in STATES
        }
        self.season = rng.uniform(0, 0.45, n_c), rng.uniform(0, 2 * np.pi, n_c)
        for s, state in enumerate(STATES):
            for c in range(n_c):
                for _ in range(rng.poisson(self.rate[s, c])):
                    self.visit(state, c, self.moment(c), self.length())
                if self.rate[s, c] > 2 and rng.random() < 0.15:
                    self.burst(state, c)
        for _ in range(420):
            self.tour()

    def moment(self, city: int) -> float:
        """Hours since the start: seasonal week, working days and day hours at the place likelier."""
        rng, (depth, phase) = self.rng, self.season
        while True:
            hour = rng.uniform(0, HOURS)
            if rng.random() * 1.45 < 1 + depth[city] * np.cos(2 * np.pi * hour / 8766 + phase[city]):
                break
        day = int(hour // 24)
        if day % 7 >= 5 and rng.random() < 0.5:
            day = min(day - day % 7 + int(rng.integers(0, 5)), WEEKS * 7 - 1)
        local_hour = float(np.clip(rng.normal(13, 4.5), 0, 23.9)) if rng.random() < 0.85 else rng.uniform(0, 24)
        return self.utc(city, day, local_hour)

    def utc(self, city: int, day: int, local_hour: float) -> float:
        at = (START + timedelta(days=day)).replace(tzinfo=self.zone[city]) + timedelta(hours=local_hour)
        return (at - START).total_seconds() / 3600

    def length(self) -> float:
        rng = self.rng
        kind = rng.random()
        if kind < 0.12:
            return float(rng.uniform(0.6, 2.0))
        return float(np.clip(rng.lognormal(np.log(20), 1.1), 0.8, 600))

    def burst(self, state: str, city: int) -> None:
        centre = self.moment(city)
        for _ in range(self.rng.integers(3, 9)):
            self.visit(state, city, centre + self.rng.uniform(-8, 8) * 24, self.length())

    def tour(self) -> None:
        rng = self.rng
        state, at = str(rng.choice(STATES)), rng.uniform(0, HOURS - 200)
        tail = self.tail(state)
        before = ""
        for city in rng.choice(len(self.cities), size=rng.integers(3, 6), replace=False):
            if self.country[city] == state:
                continue
            stop = float(rng.uniform(6, 40))
            self.visit(state, int(city), at, stop, tail=tail, came_from=before)
            before = self.field(int(city))
            at += stop + rng.uniform(1.5, 8)

    def tail(self, state: str, rank: str = "") -> tuple[str, str]:
        fleet = self.fleet[state]
        if not rank:
            return fleet[self.rng.integers(len(fleet))]
        weight = np.array([dict(zip(ROLES, CARRIED[rank], strict=True))[role] + 0.01 for _, role in fleet])
        return fleet[self.rng.choice(len(fleet), p=weight / weight.sum())]

    def field(self, city: int) -> str:
        fields = [s.airport for s in self.places[city].airfields if not s.gateway]
        return str(fields[0]) if fields else "ZZZZ"

    def visit(
        self,
        state: str,
        city: int,
        at: float,
        length: float,
        *,
        tail: tuple[str, str] | None = None,
        came_from: str = "",
        alone: bool = False,
    ) -> list[int]:
        """One delegation, of one aircraft or two; returns its rows."""
        rng, made = self.rng, []
        for number in range(1 if alone or rng.random() >= self.habits["two_aircraft"] else 2):
            icao24, role = tail if tail and number == 0 else self.tail(state)
            shift = 0.0 if number == 0 else float(rng.normal(0, 1.2))
            leave = at + length + (0.0 if number == 0 else float(rng.normal(0, 1.0)))
            arrive = at + shift
            if not 0 <= arrive < HOURS:
                continue
            made.append(len(self.rows))
            self.rows.append(
                {
                    "icao24": icao24,
                    "state": state,
                    "role": role,
                    "city": city,
                    "arrive": arrive,
                    "leave": np.nan if rng.random() < self.habits["no_take_off"] else max(leave, arrive + 0.4),
                    "from": came_from,
                }
            )
        return made

    # ---- what brings delegations together ---------------------------------------------------------------------------
    def delegation(self, state: str, city: int, start: float, end: float, *, rank: str = "") -> list[int]:
        """A visit for a meeting from ``start`` to ``end``: the same morning, the evening before or some days before."""
        rng, habits = self.rng, self.habits
        u = rng.random()
        if u < habits["days_before"]:
            lead = rng.uniform(26, 80)
        elif u < habits["days_before"] + habits["evening_before"]:
            lead = rng.uniform(10, 24)
        else:
            lead = rng.gamma(2.2, 1.3) + 0.4 if not habits["loose"] else rng.uniform(0.4, 9)
        u = rng.random()
        if u < habits["leave_same_day"]:
            lag = rng.gamma(1.8, 1.6) + 0.4
        elif u < 0.9:
            lag = rng.uniform(9, 30)
        else:
            lag = rng.uniform(30, 110)
        return self.visit(state, city, start - lead, lead + (end - start) + lag, tail=self.tail(state, rank))

    def quiet(self, state: str, city: int, start: float, end: float) -> list[int]:
        """A visit to a gathering that nobody announced: most keep one programme, some come and go as to any meeting."""
        rng = self.rng
        rank = str(rng.choice(list(TITLES), p=[0.2, 0.3, 0.1, 0.25, 0.15]))
        if rng.random() < self.habits["apart"]:
            return self.delegation(state, city, start, end, rank=rank)
        spread = self.habits["programme_h"]
        arrive, leave = start - 1.5 + rng.laplace(0, spread), end + 1.0 + rng.laplace(0, spread)
        return self.visit(state, city, min(arrive, start), max(leave, end) - min(arrive, start), tail=self.tail(state, rank))

    def meetings(self, count: int = 400) -> None:
        rng, self.events = self.rng, []
        busy: dict[tuple[str, int], list[float]] = {}
        while len(self.events) < count:
            city = int(rng.choice(len(self.cities), p=self._hosting()))
            day = int(rng.integers(10, WEEKS * 7 - 10))
            if day % 7 >= 5 and rng.random() < 0.6:
                continue
            start = self.utc(city, day, float(np.clip(rng.normal(12.5, 2.8), 7.5, 20)))
            end = start + (rng.uniform(1, 4) if rng.random() < 0.85 else rng.uniform(20, 50))
            guests = self._guests(city, int(rng.choice([1, 2, 3, 4, 6], p=[0.55, 0.22, 0.12, 0.07, 0.04])))
            if any(abs(start - t) < 24 * 4 for g in guests for t in busy.get((g, city), [])):
                continue
            for g in guests:
                busy.setdefault((g, city), []).append(start)
            u = rng.random()
            fate = (
                "cancelled"
                if u < self.habits["cancelled"]
                else "empty"
                if u < self.habits["cancelled"] + self.habits["announced_only"]
                else "held"
            )
            ranks = {g: str(rng.choice(list(TITLES), p=[0.3, 0.4, 0.1, 0.08, 0.12])) for g in (*guests, self.country[city])}
            rows: list[int] = []
            if fate == "held" and not self.null:
                for g in guests:
                    if rng.random() < self.habits["seen"]:
                        rows += self.delegation(g, city, start, end, rank=ranks[g])
            self.events.append({"city": city, "start": start, "end": end, "guests": guests, "ranks": ranks, "fate": fate, "rows": rows})

    def _hosting(self) -> Any:
        weight = self.rate.sum(axis=0) ** 0.7
        return weight / weight.sum()

    def _guests(self, city: int, count: int) -> list[str]:
        weight = np.sqrt(self.rate[:, city]) * (self.rate[:, city] > 0)
        return [STATES[i] for i in self.rng.choice(len(STATES), size=count, replace=False, p=weight / weight.sum())]

    def gatherings(self) -> None:
        """Company without a report, and gatherings that are nobody's secret."""
        rng = self.rng
        self.hidden: dict[str, list[int]] = {}
        self.innocent: dict[str, list[int]] = {}
        self.known: list[dict[str, Any]] = []
        for number in range(0 if self.null else 18):
            size = 2 if number < 8 else int(rng.integers(3, 6))
            city = int(rng.choice(len(self.cities)))
            # States that meet unreported are any states, whoever usually comes here.
            able = [x for x in STATES if x != self.country[city]]
            guests = [str(g) for g in rng.choice(able, size=size, replace=False)]
            start = self.utc(city, int(rng.integers(10, WEEKS * 7 - 10)), float(rng.uniform(8, 20)))
            end = start + rng.uniform(1.5, 6)
            rows = [r for g in guests for r in self.quiet(g, city, start, end)]
            self.hidden[f"hid{number:02}"] = rows
        for number in range(14):
            listed = number < 11
            if self.null and not listed:
                continue
            city, day = int(rng.choice(len(self.cities))), int(rng.integers(10, WEEKS * 7 - 10))
            start = self.utc(city, day, 9.0)
            end = start + rng.uniform(8, 60)
            able = [s for s in STATES if s != self.country[city]]
            guests = [str(g) for g in rng.choice(able, size=int(rng.integers(6, 20)), replace=False)]
            rows = [r for g in guests for r in self.delegation(g, city, start, end)]
            self.innocent[f"inn{number:02}"] = rows
            if listed:
                self.known.append(
                    {"kind": str(rng.choice(["summit", "funeral", "sport", "air_show"])), "city": city, "start": start, "end": end}
                )

    # ---- what is written down ---------------------------------------------------------------------------------------
    def outages(self) -> None:
        rng = self.rng
        self.dark = [[(a := rng.uniform(0, HOURS), a + rng.uniform(3, 24) * 24) for _ in range(rng.integers(0, 4))] for _ in self.cities]
        for _ in range(2):
            a = rng.uniform(0, HOURS)
            span = (a, a + rng.uniform(1, 4) * 24)
            for dark in self.dark:
                dark.append(span)

    def reports(self) -> tuple[list[dict[str, Any]], dict[str, str]]:
        rng, habits, rows, event_of = self.rng, self.habits, [], {}
        for number, event in enumerate(self.events):
            event_id = f"ev{number:03}"
            copies = 2 if rng.random() < habits["doubled"] else 1
            for copy in range(copies):
                meeting_id = f"m{number:03}{'ab'[copy]}"
                event_of[meeting_id] = event_id
                rows.append(self._report(event, meeting_id, wrong=rng.random() < habits["misdated"]))
        order = rng.permutation(len(rows))
        return [rows[i] for i in order], event_of

    def _report(self, event: dict[str, Any], meeting_id: str, *, wrong: bool) -> dict[str, Any]:
        rng, habits, city = self.rng, self.habits, event["city"]
        zone = self.zone[city]
        start, end = (START + timedelta(hours=event[k]) for k in ("start", "end"))
        if wrong:
            slip = timedelta(days=int(rng.choice([-7, -3, -2, -1, 1, 2, 3, 7], p=[0.06, 0.06, 0.14, 0.24, 0.24, 0.14, 0.06, 0.06])))
            start, end = start + slip, end + slip
        u = rng.random()
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        if u < habits["vague"]:
            first -= timedelta(days=int(rng.integers(0, 5)))
            last += timedelta(days=int(rng.integers(0, 5)))
        if u < habits["vague"] + habits["local_days"]:
            when = first.isoformat(), last.isoformat()
            if rng.random() < 0.5:
                midnight = datetime(first.year, first.month, first.day, tzinfo=zone)
                after = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
                when = _iso(midnight), _iso(after)
        else:
            when = _iso(start + timedelta(minutes=int(rng.normal(0, 20)))), _iso(end + timedelta(minutes=int(abs(rng.normal(0, 20)))))
        people = [
            f"Person {rng.integers(1000)}|{rng.choice(TITLES[event['ranks'][s]])}|{s}" for s in (self.country[city], *event["guests"])
        ]
        status = {
            "cancelled": str(rng.choice(["cancelled", "postponed", "announced"], p=[0.75, 0.1, 0.15])),
            "empty": "announced",
            "held": str(rng.choice(["reported", "announced"], p=[0.8, 0.2])),
        }[event["fate"]]
        sources = [
            f"https://{name}.example/{meeting_id}" for name in rng.choice(list("abcdefghij"), size=rng.integers(1, 4), replace=False)
        ]
        return {
            "meeting_id": meeting_id,
            "title": f"Talks in {self.cities[city][0]}",
            "city": "" if rng.random() < habits["country_only"] else self.cities[city][0],
            "country": self.country[city],
            "start": when[0],
            "end": when[1],
            "participants": ";".join(people),
            "sources": ";".join(sources),
            "published": _iso(end + timedelta(hours=float(rng.uniform(2, 60)))),
            "status": status,
            "kind": str(rng.choice(["meeting", "visit", "summit"], p=[0.6, 0.3, 0.1])),
        }

    def world(self, seed: int) -> World:
        self.ordinary()
        self.meetings()
        self.gatherings()
        self.outages()
        ids = {row: f"s{i:05}" for i, row in enumerate(np.argsort([r["arrive"] for r in self.rows]).tolist())}
        lost = {i for i, r in enumerate(self.rows) if any(a <= r["arrive"] < b for a, b in self.dark[r["city"]])}
        reports, event_of = self.reports()
        stays = pd.DataFrame([self._stay(r, ids[i]) for i, r in enumerate(self.rows) if i not in lost]).sort_values("stay_id")

        def kept(rows: list[int]) -> tuple[str, ...]:
            return tuple(ids[i] for i in rows if i not in lost)

        truth = frozenset((s, f"ev{n:03}") for n, e in enumerate(self.events) for s in kept(e["rows"]))
        calendar = [
            {"kind": k["kind"], "city": self.cities[k["city"]][0], "country": self.country[k["city"]]}
            | {x: _iso(START + timedelta(hours=k[x])) for x in ("start", "end")}
            for k in self.known
        ]
        return World(
            seed=seed,
            null=self.null,
            stays=stays,
            meetings=pd.DataFrame(reports),
            coverage=pd.DataFrame(self._coverage()),
            calendar=pd.DataFrame(calendar),
            truth=truth,
            event_of=event_of,
            hidden={k: kept(v) for k, v in self.hidden.items()},
            innocent={k: kept(v) for k, v in self.innocent.items()},
            habits=self.habits,
        )

    def _stay(self, row: dict[str, Any], stay_id: str) -> dict[str, Any]:
        rng, city = self.rng, row["city"]
        made = {
            "stay_id": stay_id,
            "icao24": row["icao24"],
            "state": row["state"],
            "role": row["role"],
            "airport": self.field(city),
            "city": self.cities[city][0],
            "country": self.country[city],
            "touchdown": _iso(START + timedelta(hours=row["arrive"])),
            "take_off": "" if row["leave"] != row["leave"] else _iso(START + timedelta(hours=row["leave"])),
        }
        if self.habits["optional_columns"]:
            kind = str(rng.choice(["observed", "inferred", "bracketed"], p=[0.8, 0.13, 0.07]))
            made |= {"kind": kind, "confidence": str(SURE[kind]), "from_airport": row["from"]}
        return made

    def _coverage(self) -> list[dict[str, str]]:
        rows = []
        for city, dark in zip(self.cities, self.dark, strict=True):
            at = 0.0
            for a, b in sorted(dark):
                if a > at:
                    rows.append(
                        {"city": city[0], "start": _iso(START + timedelta(hours=at)), "end": _iso(START + timedelta(hours=min(a, HOURS)))}
                    )
                at = max(at, b)
            if at < HOURS:
                rows.append({"city": city[0], "start": _iso(START + timedelta(hours=at)), "end": _iso(START + timedelta(hours=HOURS))})
        return rows


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_world(seed: int, *, null: bool = False) -> World:
    """The world of a seed; with ``null`` the same habits, traffic and reports with nothing behind the reports."""
    return _Maker(np.random.default_rng(seed), null=null).world(seed)

"""A made-up sky for the long runs: invented aircraft on schedules between real runways, answered as a readsb receiver would.

Everything is a function of the seed and the time asked for, so that two runs see the same sky.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.model.entities import Runway
from pipeline.places.airports import load_airports
from pipeline.places.geo import bearing_deg, destination, distance_nm

#: Capitals' fields with thresholds that are known; the sky's traffic is between them.
FIELDS = ("LTAC", "EDDB", "LFPO", "EPWA", "LHBP", "LOWW", "LROP", "LBSF", "LGAV", "EKCH", "ESSA", "EFHK", "LEMD", "LPPT", "EIDW", "OMAA")
MEETING_COLUMNS = ("meeting_id", "title", "city", "country", "start", "end", "participants", "sources", "published", "status", "kind")
CRUISE_KT, FINAL_KT, CRUISE_FT = 440.0, 140.0, 35_000.0
FINAL_NM, DESCENT_NM, CLIMB_NM = 12.0, 110.0, 90.0
TAXI_S = 180.0
STEP_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One flight. ``lost_below_ft``: nothing is received below this height, nor on the ground, at the arrival."""

    icao24: str
    start: str
    end: str
    off: datetime
    lost_below_ft: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flown:
    """A leg flown: arrays by ``seconds`` after ``off``; ``on_s`` is when the wheels touch."""

    seconds: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    alt_ft: np.ndarray
    kt: np.ndarray
    track: np.ndarray
    rate: np.ndarray
    ground: np.ndarray
    on_s: float


def runway_of(field: str) -> Runway:
    """The field's first runway whose threshold is known."""
    return next(r for r in load_airports().runways(field) if not np.isnan(r.lat))


@lru_cache(maxsize=1000)  # all pairs of fields, lost or not
def fly(start: str, end: str, lost_below_ft: float) -> Flown:
    """From the brakes off at one field to the end of the taxi at the other."""
    take_off, landing = runway_of(start), runway_of(end)
    up_ft = max(take_off.elevation_ft, 0.0) if not np.isnan(take_off.elevation_ft) else 0.0
    down_ft = max(landing.elevation_ft, 0.0) if not np.isnan(landing.elevation_ft) else 0.0
    gate = destination(landing.lat, landing.lon, (landing.heading_deg + 180) % 360, FINAL_NM)
    leave = destination(take_off.lat, take_off.lon, take_off.heading_deg, 6.0)
    whole_nm = float(distance_nm(leave[0], leave[1], gate[0], gate[1]))
    # Distance flown by time: roll, climb-out, en route, final.
    speed, flown, at = 0.0, 0.0, 0.0
    rows: list[tuple[float, float, float]] = []
    total = 6.0 + whole_nm + FINAL_NM
    while flown < total:
        to_go = total - flown
        wanted = (
            CRUISE_KT
            if to_go > DESCENT_NM
            else max(FINAL_KT, FINAL_KT + (CRUISE_KT - FINAL_KT) * (to_go - FINAL_NM) / (DESCENT_NM - FINAL_NM))
        )
        speed = min(speed + 4.0 * STEP_S if speed < 160 else speed + 0.6 * STEP_S, wanted)
        rows.append((at, flown, speed))
        flown += speed * STEP_S / 3600
        at += STEP_S
    s, nm, kt = (np.array(column) for column in zip(*rows, strict=True))
    to_go = total - nm
    cruise = min(CRUISE_FT, 250.0 * total)
    alt = np.minimum.reduce([np.full_like(nm, cruise), up_ft + np.maximum(nm - 1.0, 0) * 330.0, down_ft + to_go * 318.0])
    lat, lon = np.empty_like(nm), np.empty_like(nm)
    first, last = nm <= 6.0, to_go <= FINAL_NM
    lat[first], lon[first] = destination(take_off.lat, take_off.lon, take_off.heading_deg, nm[first])
    lat[last], lon[last] = destination(landing.lat, landing.lon, (landing.heading_deg + 180) % 360, to_go[last])
    middle = ~first & ~last
    course = float(bearing_deg(leave[0], leave[1], gate[0], gate[1]))
    lat[middle], lon[middle] = destination(leave[0], leave[1], course, nm[middle] - 6.0)
    ground = nm < 1.0
    after = np.arange(0, TAXI_S, STEP_S)
    rolling = np.maximum(FINAL_KT - 4 * after, 12.0)
    glat, glon = destination(landing.lat, landing.lon, landing.heading_deg, np.cumsum(rolling * STEP_S / 3600) - rolling[0] * STEP_S / 3600)
    on_s = float(s[-1] + STEP_S)
    seconds = np.concatenate([s, on_s + after])
    lat, lon = np.concatenate([lat, glat]), np.concatenate([lon, glon])
    alt = np.concatenate([alt, np.full_like(after, down_ft)])
    ahead = bearing_deg(lat[:-1], lon[:-1], lat[1:], lon[1:])
    path = Flown(
        seconds=seconds,
        lat=lat,
        lon=lon,
        alt_ft=alt,
        kt=np.concatenate([kt, rolling]),
        track=np.concatenate([ahead, ahead[-1:]]) % 360,
        rate=np.gradient(alt, seconds) * 60,
        ground=np.concatenate([ground, np.ones_like(after, dtype=bool)]),
        on_s=on_s,
    )
    if not lost_below_ft:
        return path
    keep = (path.seconds < on_s / 2) | ((path.alt_ft - down_ft >= lost_below_ft) & ~path.ground)
    columns = {name: getattr(path, name)[keep] for name in ("seconds", "lat", "lon", "alt_ft", "kt", "track", "rate", "ground")}
    return Flown(**columns, on_s=on_s)


class MadeSky:
    """Schedules and answers.

    Args:
        aircraft: how many are watched.
        airborne: how many of them are in the air at any time, about.
    """

    def __init__(self, *, aircraft: int, airborne: int, start: datetime, days: float, seed: int = 1, lost_share: float = 0.15) -> None:
        rng = np.random.default_rng(seed)
        self.start, self.end = start, start + timedelta(days=days)
        self.icao24s = tuple(f"{0xF00000 + 17 * number:06x}" for number in range(aircraft))
        self._legs: dict[str, list[tuple[float, float, Leg]]] = {}
        for number, icao24 in enumerate(self.icao24s):
            home = here = FIELDS[number % len(FIELDS)]
            # Under way before the start, so that the sky is as full then as later.
            at = start - timedelta(hours=float(rng.uniform(0, 3 * aircraft / max(airborne, 1))))
            legs = []
            while at < self.end:
                # Out and home again.
                there = home if here != home else FIELDS[int(rng.integers(len(FIELDS)))]
                if there == here:
                    continue
                lost = 900.0 if rng.random() < lost_share else 0.0
                leg = Leg(icao24=icao24, start=here, end=there, off=at, lost_below_ft=lost)
                path = fly(here, there, lost)
                begin = (at - start).total_seconds()
                legs.append((begin, begin + float(path.seconds[-1]), leg))
                # On the ground long enough that about ``airborne`` of all are in the air.
                stay_h = path.on_s / 3600 * (aircraft / max(airborne, 1) - 1) * float(rng.uniform(0.7, 1.3))
                at, here = at + timedelta(seconds=path.on_s, hours=max(stay_h, 1.0)), there
            self._legs[icao24] = legs

    def state_of(self, number: int) -> str:
        """The state of an aircraft, by its number: where its home is."""
        return load_airports().get(FIELDS[number % len(FIELDS)]).country

    def legs(self) -> Iterator[Leg]:
        """All flights, by aircraft."""
        for legs in self._legs.values():
            for _, _, leg in legs:
                yield leg

    def touchdown(self, leg: Leg) -> datetime:
        return leg.off + timedelta(seconds=fly(leg.start, leg.end, leg.lost_below_ft).on_s)

    def answer(self, at: datetime, wanted: Iterable[str] | None = None) -> dict[str, object]:
        """What a receiver that hears everything says at ``at``; an aircraft unheard for 60 s is not in it."""
        return {"now": at.timestamp(), "messages": 1, "aircraft": self._heard(at, wanted)}

    def _heard(self, at: datetime, wanted: Iterable[str] | None = None) -> list[dict[str, Any]]:
        s = (at - self.start).total_seconds()
        entries = (self._entry(icao24, s) for icao24 in (self.icao24s if wanted is None else wanted))
        return [entry for entry in entries if entry is not None]

    def _entry(self, icao24: str, s: float) -> dict[str, Any] | None:
        for begin, end, leg in self._legs.get(icao24, ()):
            if begin > s:
                return None
            if s <= end + 60.0:
                path = fly(leg.start, leg.end, leg.lost_below_ft)
                i = int(np.searchsorted(path.seconds, s - begin, side="right")) - 1
                if i < 0 or s - begin - path.seconds[i] > 60.0:
                    return None
                ground = bool(path.ground[i])
                return {
                    "hex": icao24,
                    "type": "adsb_icao",
                    "flight": f"MADE{int(icao24, 16) % 1000:03d} ",
                    "alt_baro": "ground" if ground else round(float(path.alt_ft[i]) / 25) * 25,
                    "gs": round(float(path.kt[i]), 1),
                    "track": round(float(path.track[i]), 2),
                    "baro_rate": round(float(path.rate[i]) / 64) * 64,
                    "lat": round(float(path.lat[i]), 6),
                    "lon": round(float(path.lon[i]), 6),
                    "seen_pos": round(s - begin - float(path.seconds[i]), 2),
                    "seen": 0.2,
                    "nic": 8,
                    "nac_p": 9,
                    "sil": 3,
                    "mlat": [],
                    "tisb": [],
                }
        return None

    def write_recording(self, path: Path, every_s: float, cruise_every_s: float = 0.0) -> int:
        """One answer a line, for a replay; moments without aircraft are left out. Returns the lines.

        Args:
            cruise_every_s: the step while nobody is below 12,000 ft; 0: the same.
        """
        lines, step = 0, 0
        cruise = max(round(cruise_every_s / every_s), 1)
        with path.open("wb") as file:
            while (at := self.start + timedelta(seconds=every_s * step)) < self.end:
                heard = self._heard(at)
                low = any(entry["alt_baro"] == "ground" or entry["alt_baro"] < 12_000 for entry in heard)
                if heard and (low or step % cruise == 0):
                    file.write(json.dumps({"now": at.timestamp(), "messages": 1, "aircraft": heard}).encode() + b"\n")
                    lines += 1
                step += 1
        return lines

    def write_watchlist(self, path: Path) -> None:
        columns = ("icao24", "registration", "type_code", "type", "operator", "state", "role", "use", "valid_from", "valid_to")
        more = ("home_airport", "source", "source_date", "confidence", "contested")
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow([*columns, *more])
            for number, icao24 in enumerate(self.icao24s):
                state = self.state_of(number)
                who = [icao24, f"MADE-{number:04d}", "A320", "Airbus A320", "an invented operator", state, "government", "operated"]
                out.writerow([*who, "", "", "", "invented", "2026-01-01", "listed", "0"])


def write_meetings(path: Path, sky: MadeSky, *, every: int) -> None:
    """A reported meeting at every so-many-th landing."""
    airports = load_airports()
    rows: list[Sequence[str]] = []
    numbers = {icao24: number for number, icao24 in enumerate(sky.icao24s)}
    for number, leg in enumerate(sky.legs()):
        if number % every:
            continue
        field = airports.get(leg.end)
        state = sky.state_of(numbers[leg.icao24])
        if field.country == state:
            continue
        day = f"{sky.touchdown(leg):%Y-%m-%d}"
        who = f"A. Made-Up|minister|{state};B. Invented|minister|{field.country}"
        rows.append(
            [
                "",
                f"Ministers meet {number}",
                field.municipality,
                field.country,
                day,
                day,
                who,
                "https://example.org/1",
                day,
                "reported",
                "meeting",
            ]
        )
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(MEETING_COLUMNS)
        out.writerows(rows)

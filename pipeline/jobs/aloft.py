"""What happens while an aircraft is in the air: inbound, lost, reappeared, turned_back, arrived. Pure.

Only what a watched aircraft's own positions show; a squawk plays no part, and an emergency alerts nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.model.frames import records
from pipeline.model.ids import IdKind, mint
from pipeline.model.time import to_iso
from pipeline.places.geo import bearing_deg, chord_of_nm, distance_nm, unit_vectors
from pipeline.store.aloft import AirEvent
from pipeline.store.positions import Fix

#: Looked at: fields no further ahead than this.
REACH_NM: Final = 300.0
#: One degree off the nose halves nothing; this many make a field unlikely.
_AIM_DEG: Final = 7.0
#: A descent of 318 ft a nautical mile; so far off it a field ahead becomes unlikely.
_PATH_FT_PER_NM: Final = 318.0
_PATH_SPREAD_FT: Final = 6_000.0
_CRUISE_FT: Final = 24_000.0
_HIGHEST_FT: Final = 38_000.0
#: Weight of "somewhere else" against the fields ahead: in descent, low and level, in climb or cruise.
_ELSEWHERE_DESCENDING: Final = 0.25
_ELSEWHERE_LOW: Final = 0.8
_ELSEWHERE_CRUISING: Final = 4.0
#: How much a field counts by its size: small ones near a capital serve it, too, and seldom.
SIZE: Final[Mapping[str, float]] = {"large": 1.0, "medium": 0.5}
SMALL: Final = 0.1
#: Said from here on.
LEAST_CHANCE: Final = 0.5
#: Lost after this long without a position while in the air.
LOST_AFTER: Final = timedelta(minutes=10)
#: Further from the field than it was at its nearest, and heading away: it turned back.
AWAY_NM: Final = 25.0
#: An inbound that nothing was heard of for this long after its arrival time is forgotten.
STALE: Final = timedelta(hours=6)
_APPROACH_KT: Final = 180.0
_LAST_MILES: Final = 25.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fields:
    """Fields that serve places: codes, cities, states, and arrays of latitude, longitude, elevation in feet, weight by size
    (0-1) and unit vectors."""

    codes: tuple[str, ...]
    cities: tuple[str, ...]
    states: tuple[str, ...]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    elevation_ft: NDArray[np.float64]
    size: NDArray[np.float64]
    vectors: NDArray[np.float64]

    def city_of(self, code: str) -> str:
        """The city that a field serves, ``""`` when it is none of these."""
        return self.cities[self.codes.index(code)] if code in self.codes else ""

    def nearest(self, lat: float, lon: float) -> tuple[float, float]:
        """(NM, elevation in feet) of the nearest within ``REACH_NM``; infinitely far when none is."""
        index, nm = self.within_reach(lat, lon)
        if not len(index):
            return float("inf"), 0.0
        i = int(np.argmin(nm))
        return float(nm[i]), float(self.elevation_ft[index[i]])

    def within_reach(self, lat: float, lon: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Indexes and geodesic NM of the fields within ``REACH_NM``."""
        # The chord picks generously, the geodesic decides.
        apart = np.linalg.norm(self.vectors - unit_vectors(np.array([lat]), np.array([lon])), axis=1)
        index = np.flatnonzero(apart <= chord_of_nm(REACH_NM * 1.02)).astype(np.int64)
        here = np.full(len(index), lat), np.full(len(index), lon)
        nm = np.asarray(distance_nm(here[0], here[1], self.lat[index], self.lon[index]))
        return index[nm <= REACH_NM], nm[nm <= REACH_NM]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Where an aircraft seems to be going: field, chance (0-1), distance and arrival time."""

    airport: str
    city: str
    chance: float
    nm: float
    eta: datetime


def heading_for(fix: Fix, fields: Fields) -> Heading | None:
    """The likeliest field ahead, by aim and by height against a 3° descent; None when nothing is.

    The chance is that of one city's fields against the others ahead and against going elsewhere. Not calibrated: a rule of
    thumb.
    """
    if fix.track_deg is None or fix.alt_baro_ft is None or not fix.ground_speed_kt or fix.ground_speed_kt < 80:
        return None
    ahead, nm = fields.within_reach(fix.lat, fix.lon)
    if not len(ahead):
        return None
    toward = np.asarray(bearing_deg(np.full(len(ahead), fix.lat), np.full(len(ahead), fix.lon), fields.lat[ahead], fields.lon[ahead]))
    # Over the field its direction says nothing.
    off = np.where(nm < 3.0, 0.0, np.abs((toward - fix.track_deg + 180) % 360 - 180))
    descending, climbing = (fix.vertical_rate_fpm or 0.0) < -300, (fix.vertical_rate_fpm or 0.0) > 300
    ideal = np.minimum(fields.elevation_ft[ahead] + nm * _PATH_FT_PER_NM, _HIGHEST_FT)
    above = fix.alt_baro_ft - ideal
    # Too high for a field is unlikely; who descends far below the path to one goes to another; level and low is on the way.
    below = np.exp(-0.5 * (above / (2 * _PATH_SPREAD_FT)) ** 2) if descending else 1.0 if fix.alt_baro_ft < _CRUISE_FT else 0.6
    fit = np.where(above > 0, np.exp(-0.5 * (above / _PATH_SPREAD_FT) ** 2), below)
    # An approach is flown round a circuit: near the field its direction says less.
    spread = _AIM_DEG + 60.0 * np.exp(-nm / 8.0)
    weight = np.exp(-0.5 * (off / spread) ** 2) * fit * fields.size[ahead]
    low = fix.alt_baro_ft < _CRUISE_FT / 2
    elsewhere = _ELSEWHERE_DESCENDING if descending else _ELSEWHERE_LOW if low and not climbing else _ELSEWHERE_CRUISING
    by_city: dict[str, float] = defaultdict(float)
    for index, one in zip(ahead, weight, strict=True):
        by_city[fields.cities[int(index)]] += float(one)
    city = max(by_city, key=lambda name: by_city[name])
    chance = by_city[city] / (sum(by_city.values()) + elsewhere)
    mine = np.array([fields.cities[int(index)] == city for index in ahead])
    best = int(np.argmax(np.where(mine, weight, -1.0)))
    i, to_go = int(ahead[best]), float(nm[best])
    fast = max(to_go - _LAST_MILES, 0.0) / fix.ground_speed_kt
    slow = min(to_go, _LAST_MILES) / min(_APPROACH_KT, fix.ground_speed_kt)
    eta = fix.time + timedelta(hours=fast + slow)
    return Heading(airport=fields.codes[i], city=city, chance=round(chance, 2), nm=to_go, eta=eta.replace(microsecond=0))


def watch(
    fixes: Mapping[str, Fix],
    before: Mapping[str, Sequence[AirEvent]],
    landings: Iterable[Mapping[str, Any]],
    fields: Fields,
    *,
    now: datetime,
) -> list[AirEvent]:
    """What is new in the air.

    Args:
        fixes: the newest position of each watched aircraft received in the last hours.
        before: what was said of each aircraft of late, in order of time.
        landings: rows of ``LANDINGS`` that are new or better known, open approaches left out.
    """
    found: list[AirEvent] = []
    for row in landings:
        inbound = open_inbound(before.get(str(row["icao24"]), ()), now)
        if inbound is not None and row["touchdown_latest"] >= inbound.at:
            there = row["airport"] == inbound.airport or fields.city_of(row["airport"]) == fields.city_of(inbound.airport)
            said = f"landed at {row['airport']}" + ("" if there else f", not in {fields.city_of(inbound.airport)}")
            found.append(_event(row["icao24"], "arrived", now, row["airport"], said, inbound, origin=row["origin"]))
    ended = {event.icao24 for event in found}
    for icao24, fix in fixes.items():
        if icao24 not in ended:
            found += _of_one(fix, before.get(icao24, ()), fields, now)
    return found


def open_inbound(events: Sequence[AirEvent], now: datetime) -> AirEvent | None:
    """The inbound that has not ended yet."""
    found = None
    for event in events:
        if event.kind == "inbound":
            found = event
        elif event.kind in ("arrived", "turned_back"):
            found = None
    stale = found is not None and found.eta is not None and now - found.eta > STALE
    return None if stale else found


def landed_since(landings: pd.DataFrame, since: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """Rows of ``LANDINGS`` that may end an inbound: of each aircraft those that are not over before its inbound was said."""
    return [row for row in records(landings) if row["icao24"] in since and row["touchdown_latest"] >= since[row["icao24"]]]


def _of_one(fix: Fix, events: Sequence[AirEvent], fields: Fields, now: datetime) -> list[AirEvent]:
    found: list[AirEvent] = []
    last = events[-1] if events else None
    silent = now - fix.time
    inbound = open_inbound(events, now)
    if fix.on_ground is True:
        return found
    lost = next((e for e in reversed(events) if e.kind in ("lost", "reappeared")), None)
    is_lost = lost is not None and lost.kind == "lost"
    if silent >= LOST_AFTER:
        if not (is_lost and lost is not None and lost.eta == fix.time) and (last is None or last.kind != "arrived" or last.at < fix.time):
            height = "height unknown" if fix.alt_baro_ft is None else f"{fix.alt_baro_ft:.0f} ft (pressure altitude)"
            said = f"no position since {to_iso(fix.time)}, {height}"
            found.append(_event(fix.icao24, "lost", now, "", said, inbound, origin=fix.origin, fix=fix, eta=fix.time))
        return found
    if is_lost and lost is not None and lost.eta is not None and fix.time > lost.eta:
        minutes = (fix.time - lost.eta).total_seconds() / 60
        found.append(
            _event(fix.icao24, "reappeared", now, "", f"received again after {minutes:.0f} min", inbound, origin=fix.origin, fix=fix)
        )
    if inbound is not None:
        if _turned_back(fix, inbound, fields):
            said = f"heads away from {inbound.airport}"
            found.append(_event(fix.icao24, "turned_back", now, inbound.airport, said, inbound, origin=fix.origin, fix=fix))
        return found
    going = heading_for(fix, fields)
    if going is not None and going.chance >= LEAST_CHANCE:
        said = f"heading for {going.city} ({going.airport}), {going.nm:.0f} NM to go, about {to_iso(going.eta)}, chance {going.chance:.2f}"
        event = _event(
            fix.icao24, "inbound", now, going.airport, said, None, origin=fix.origin, fix=fix, eta=going.eta, chance=going.chance
        )
        found.append(event)
    return found


def _turned_back(fix: Fix, inbound: AirEvent, fields: Fields) -> bool:
    if inbound.airport not in fields.codes or inbound.lat is None or inbound.lon is None or fix.track_deg is None:
        return False
    i = fields.codes.index(inbound.airport)
    lat, lon = float(fields.lat[i]), float(fields.lon[i])
    then, nm = float(distance_nm(inbound.lat, inbound.lon, lat, lon)), float(distance_nm(fix.lat, fix.lon, lat, lon))
    off = abs((float(bearing_deg(fix.lat, fix.lon, lat, lon)) - fix.track_deg + 180) % 360 - 180)
    # Near the field an aircraft flies its circuit; away from it, and growing further, it goes elsewhere.
    return off > 100 and (nm > then + AWAY_NM or (nm > 60 and nm < then and off > 150))


def _event(
    icao24: str,
    kind: str,
    now: datetime,
    airport: str,
    said: str,
    follows: AirEvent | None,
    *,
    origin: str,
    fix: Fix | None = None,
    eta: datetime | None = None,
    chance: float | None = None,
) -> AirEvent:
    return AirEvent(
        event_id=mint(IdKind.ALERT, "air", icao24, kind, airport, to_iso(now)),
        icao24=icao24,
        kind=kind,
        at=now,
        airport=airport,
        eta=eta,
        chance=chance,
        height_ft=fix.alt_baro_ft if fix else None,
        lat=fix.lat if fix else None,
        lon=fix.lon if fix else None,
        said=said,
        follows=follows.event_id if follows else "",
        origin=origin,
    )

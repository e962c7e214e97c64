"""Landings and take-offs → stays: touchdown to the next take-off at one airfield, and where the aircraft went on to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

import pandas as pd

from pipeline.model.entities import WatchedAircraft
from pipeline.model.frames import STAYS, records
from pipeline.model.ids import IdKind, mint
from pipeline.places.airports import Airports
from pipeline.places.gazetteer import Gazetteer

#: Who an aircraft is on a day, or None when it is not watched then.
Identify = Callable[[str, date], WatchedAircraft | None]


def build_stays(
    landings: pd.DataFrame,
    take_offs: pd.DataFrame,
    *,
    identify: Identify,
    airports: Airports,
    gazetteer: Gazetteer,
    last_seen: Mapping[str, datetime] | None = None,
) -> pd.DataFrame:
    """A ``STAYS`` frame, one row a landing (open approaches have none), sorted by touchdown.

    A stay's id is made from its landing's id, so it is kept as the landing's is.
    """
    rows: list[dict[str, Any]] = []
    landed, left = defaultdict(list), defaultdict(list)
    for row in records(landings[landings["kind"] != "open_approach"].sort_values("touchdown", kind="stable")):
        landed[row["icao24"]].append(row)
    for row in records(take_offs[take_offs["icao24"].isin(landed)].sort_values("take_off", kind="stable")):
        left[row["icao24"]].append(row)
    for icao24, own in landed.items():
        for landing, after in zip_longest(own, own[1:]):
            rows.append(_stay(landing, after, left[icao24], identify, airports, gazetteer, (last_seen or {}).get(icao24)))
    return STAYS.make(rows).sort_values(["touchdown", "stay_id"], kind="stable", ignore_index=True)


def _stay(
    landing: Mapping[str, Any],
    after: Mapping[str, Any] | None,
    departures: list[dict[str, Any]],
    identify: Identify,
    airports: Airports,
    gazetteer: Gazetteer,
    last_seen: datetime | None,
) -> dict[str, Any]:
    left = [
        d
        for d in departures
        if d["take_off"] > landing["touchdown"]
        and d["airport"] == landing["airport"]
        and (after is None or d["take_off"] < after["touchdown"])
    ]
    take_off = left[0]["take_off"] if left else None
    day = landing["touchdown"].date()
    who = identify(landing["icao24"], day)
    airport = airports.get(landing["airport"])
    place = gazetteer.of_airport(landing["airport"], day)
    return {
        "stay_id": mint(IdKind.STAY, landing["landing_id"]),
        "landing_id": landing["landing_id"],
        "icao24": landing["icao24"],
        "registration": who.registration if who else landing["registration"],
        "callsign": landing["callsign"],
        "type_code": who.type_code if who else landing["type_code"],
        "state": who.state if who else "",
        "operator": who.operator if who else "",
        "role": who.role if who else "",
        "airport": landing["airport"],
        "city": place.city if place else airport.municipality,
        "country": airport.country,
        "touchdown": landing["touchdown"],
        "take_off": take_off,
        "touchdown_earliest": landing["touchdown_earliest"],
        "touchdown_latest": landing["touchdown_latest"],
        "kind": landing["kind"],
        "confidence": landing["confidence"],
        "from_airport": landing["from_airport"],
        "to_airport": after["airport"] if after is not None and take_off is not None else "",
        "last_seen": take_off if take_off is not None else last_seen,
        "origin": landing["origin"],
    }

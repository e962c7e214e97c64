"""One-off questions: every arrival at a place, or of one aircraft, with where it came from and how long it stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import pandas as pd

from pipeline.detect.stays import Identify, build_stays
from pipeline.jobs.detect_files import FilesFound
from pipeline.jobs.world import World
from pipeline.model.errors import BadIdentifier, NotFound
from pipeline.model.frames import LANDINGS, STAYS, records
from pipeline.model.ids import parse_icao24
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer
from pipeline.store.store import Store

COLUMNS: Final = (
    *("icao24", "registration", "state", "callsign", "type_code", "airport", "city", "touchdown", "kind", "confidence"),
    *("from_airport", "take_off", "to_airport", "touchdown_earliest", "touchdown_latest", "runway", "runner_up", "reason"),
)
#: What a terminal is wide enough for.
SHOWN: Final = ("icao24", "registration", "state", "airport", "touchdown", "kind", "confidence", "from_airport", "take_off", "to_airport")


def address_of(world: World, aircraft: str) -> str:
    """The icao24 of an aircraft that is named by it or by a registration of the watch list; ``""``: not known from these."""
    name = aircraft.strip()
    with suppress(BadIdentifier):
        return parse_icao24(name)
    wanted = _plain(name)
    return next((one.icao24 for one in reversed(world.watchlist.aircraft) if _plain(one.registration) == wanted), "")


def in_files(
    found: FilesFound, world: World, *, place: str, aircraft: str, start: datetime | None, end: datetime | None
) -> list[dict[str, Any]]:
    """Arrivals in files, of aircraft on any list or none. Rows with the keys ``COLUMNS``.

    Raises:
        NotFound: ``place`` is neither an airfield's code nor a city.
    """
    real = found.landings[found.landings["kind"] != "open_approach"].reset_index(drop=True)
    # Nothing here has an id of the store: a row's number serves as its landing's.
    real = LANDINGS.cast(real.assign(landing_id=[f"lnd-{number:08d}" for number in range(len(real))]))
    identify: Identify = world.identify
    stays = build_stays(real, found.take_offs, identify=identify, airports=world.airports, gazetteer=world.gazetteer)
    return _joined(arrivals(real, place=place, aircraft=aircraft, start=start, end=end), stays)


def in_store(store: Store, *, place: str, aircraft: str, start: datetime | None, end: datetime | None) -> list[dict[str, Any]]:
    """Arrivals that the store holds: of watched aircraft. Rows with the keys ``COLUMNS``.

    Raises:
        NotFound: ``place`` is neither an airfield's code nor a city.
    """
    with store.read() as session:
        known = session.landings.current(since=start, until=end, kinds=("observed", "inferred", "bracketed"))
        stays = session.stays.current()
    return _joined(arrivals(known, place=place, aircraft=aircraft, start=start, end=end), STAYS.cast(stays))


def arrivals(landings: pd.DataFrame, *, place: str, aircraft: str, start: datetime | None, end: datetime | None) -> pd.DataFrame:
    """Rows of a ``LANDINGS`` frame.

    Raises:
        NotFound: ``place`` is neither an airfield's code nor a city.
    """
    found = landings
    if place:
        found = found[found["airport"].isin(_fields(place))]
    if aircraft:
        wanted = aircraft.strip()
        found = found[(found["icao24"] == wanted.lower()) | (found["registration"].map(_plain) == _plain(wanted))]
    if start is not None:
        found = found[found["touchdown_latest"] >= start]
    if end is not None:
        found = found[found["touchdown_earliest"] <= end]
    return found


def _joined(landings: pd.DataFrame, stays: pd.DataFrame) -> list[dict[str, Any]]:
    of: Mapping[str, dict[str, Any]] = {
        row["landing_id"]: row for row in records(stays[stays["landing_id"].isin(set(landings["landing_id"]))])
    }
    rows = []
    for landing in records(landings):
        stay = of.get(landing["landing_id"], {})
        said = {**landing, **{name: stay.get(name) for name in ("state", "city", "take_off", "to_airport")}}
        said["registration"] = stay.get("registration") or landing["registration"]
        rows.append({name: said.get(name) for name in COLUMNS})
    return rows


def _plain(registration: str) -> str:
    return registration.replace("-", "").replace(" ", "").upper()


def _fields(place: str) -> Sequence[str]:
    if place.strip().upper() in load_airports():
        return [place.strip().upper()]
    gazetteer = load_gazetteer()
    try:
        return sorted({s.airport for s in gazetteer.airfields(gazetteer.find(place)) if not s.gateway})
    except NotFound as error:
        raise NotFound(f"{place!r} is neither an airfield nor a city", hint=error.hint) from None

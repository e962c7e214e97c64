"""``tarmac export``: the store's rows as files for other tools; with ``public``, without what an embargo holds back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from pipeline.alerts.facts import AircraftFacts
from pipeline.export.files import as_csv, as_geojson, as_kml
from pipeline.export.geofiles import as_gpkg, as_ics, as_parquet
from pipeline.export.text import short_airport
from pipeline.jobs.told import aircraft_facts
from pipeline.jobs.world import World
from pipeline.model.errors import UsageError
from pipeline.model.frames import records
from pipeline.store.session import Session
from pipeline.store.store import Store

KINDS = ("landings", "stays", "matches", "tracks")
FORMS: Final[dict[str, Callable[[str, pd.DataFrame, Sequence[str]], str | bytes]]] = {
    "csv": as_csv,
    "geojson": as_geojson,
    "kml": as_kml,
    "gpkg": as_gpkg,
    "parquet": as_parquet,
    "ics": as_ics,
}
#: These are not text: they go into a file.
BINARY: Final = ("gpkg", "parquet")
_LANDED: Final = ("observed", "inferred", "bracketed")
#: A track belongs to a landing from so long before it, where its take-off is not known, until so long after it.
_LONGEST, _AFTER = timedelta(hours=21), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """``left_out``: rows that an embargo or the publication delay holds back."""

    body: bytes
    rows: int
    left_out: int


def exported(store: Store, world: World, what: str, form: str, *, now: datetime, public: bool = False) -> Exported:
    """One file.

    Args:
        public: leave out what may not be published yet; of tracks only flights stay that ended in a landing that may.

    Raises:
        UsageError: no such kind or format.
    """
    if what not in KINDS or form not in FORMS or (what, form) == ("tracks", "ics"):
        raise UsageError(f"cannot export {what!r} as {form!r}", hint=f"{', '.join(KINDS)} as {', '.join(FORMS)} (no tracks as ics)")
    with store.read() as session:
        frame = _frame(session, what)
        held = _held(session, world, now) if public else []
    whole = len(frame)
    frame = _placed(world, what, frame)
    if public:
        free = _free_track(frame, held) if what == "tracks" else [not _holds(world, row, now) for row in records(frame)]
        frame = frame[pd.Series(free, index=frame.index, dtype=bool)].reset_index(drop=True)
    body = FORMS[form](what, frame, world.attribution)
    return Exported(body=body.encode() if isinstance(body, str) else body, rows=len(frame), left_out=whole - len(frame))


def _frame(session: Session, what: str) -> pd.DataFrame:
    if what == "tracks":
        return session.positions.window()
    if what == "matches":
        return _matches(session)
    return session.landings.current() if what == "landings" else session.stays.current()


def _matches(session: Session) -> pd.DataFrame:
    columns = ("match_id", "stay_id", "meeting_id", "posterior")
    matches = session.matches.current()
    rows = [{**{c: getattr(m, c) for c in columns}, "title": session.meetings.get(m.meeting_id).title} for m in matches]
    table = pd.DataFrame(rows, columns=[*columns, "title"])
    stays = session.stays.current()
    kept = ["stay_id", "icao24", "registration", "state", "operator", "airport", "city", "country", "touchdown", "take_off", "kind"]
    return table.merge(stays[[*kept, "from_airport", "to_airport", "origin"]], on="stay_id", how="inner")


def _placed(world: World, what: str, frame: pd.DataFrame) -> pd.DataFrame:
    """With where each field is and whose the aircraft is; tracks as they are."""
    if what == "tracks":
        return frame
    rows = records(frame)
    at = [world.airports.get(row["airport"]) for row in rows]
    cities = [_city(world, row) for row in rows]
    return frame.assign(
        lat=[a.lat for a in at],
        lon=[a.lon for a in at],
        label=[_label(world, row) for row in rows],
        where=[short_airport(a.name, city) for a, city in zip(at, cities, strict=True)],
    )


def _city(world: World, row: dict[str, Any]) -> str:
    place = world.gazetteer.of_airport(row["airport"], row["touchdown"].date())
    return place.city if place else world.airports.get(row["airport"]).municipality


def _label(world: World, row: dict[str, Any]) -> str:
    who = world.identify(row["icao24"], row["touchdown"].date())
    facts: AircraftFacts | None = aircraft_facts(who) if who else None
    return facts.label if facts else f"aircraft {row['registration'] or row['icao24']}"


def _holds(world: World, row: dict[str, Any], now: datetime) -> bool:
    """Whether an embargo on its field, or on where it came from or went, holds now."""
    country = world.airports.get(row["airport"]).country
    for also, since in ((row.get("from_airport"), row["touchdown"]), (row.get("to_airport"), row.get("take_off") or row["touchdown"])):
        held = world.embargoes.held(airport=row["airport"], city=_city(world, row), country=country, since=since, also=also or "")
        if held is not None and now < held.until:
            return True
    return False


def _held(session: Session, world: World, now: datetime) -> list[tuple[str, datetime, datetime, bool]]:
    """(icao24, from, until, held) of the flight that each landing ended."""
    spans = []
    for row in records(session.landings.current(kinds=_LANDED)):
        start = (row["from_time"] or row["touchdown"] - _LONGEST) - _AFTER
        spans.append((row["icao24"], start, row["touchdown_latest"] + _AFTER, _holds(world, row, now)))
    return spans


def _free_track(frame: pd.DataFrame, spans: list[tuple[str, datetime, datetime, bool]]) -> pd.Series[bool]:
    free, held = pd.Series(False, index=frame.index), pd.Series(False, index=frame.index)
    for icao24, start, end, holds in spans:
        mine = (frame["icao24"] == icao24) & (frame["time"] >= start) & (frame["time"] <= end)
        if holds:
            held |= mine
        else:
            free |= mine
    return free & ~held

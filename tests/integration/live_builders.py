"""Invented skies and lists for the tests of the live pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

START = datetime(2022, 11, 14, 8, 0, tzinfo=UTC)
WATCHED = ("14fa39", "afff01", "4bff01")
_HEADER = (
    "icao24,registration,type_code,type,operator,state,role,use,valid_from,valid_to,home_airport,source,source_date,confidence,contested"
)


def aircraft(icao24: str, **given: Any) -> dict[str, Any]:
    """What a readsb receiver says of one, high over the Balkans unless told otherwise."""
    known = {"type": "adsb_icao", "seen": 0.1, "seen_pos": 0.0, "alt_baro": 33_000, "gs": 420.0, "track": 90.0, "lat": 48.0, "lon": 20.0}
    return {"hex": icao24, "mlat": [], "tisb": [], **known, **given}


def write_watchlist(path: Path, states: Mapping[str, str]) -> None:
    """A list of these aircraft, each with its state."""
    rows = [f"{i},,A319,Airbus A319,an operator,{s},government,operated,,,,,,listed,0" for i, s in states.items()]
    path.write_text("\n".join([_HEADER, *rows]))

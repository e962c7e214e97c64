"""Tables of positions (CSV) → frame. A *dialect* says which columns mean what, and in which units.

========  ===========================================================================================
dialect   recognised by
========  ===========================================================================================
tarmac    units in the names: ``alt_baro_ft`` or ``altitude_ft``, ``ground_speed_kt`` or ``gs_kt``, …
opensky   ``baroaltitude``, ``geoaltitude``, ``velocity``, ``lastcontact``: metres and m/s
feet      the usual aliases without units: ``altitude``, ``groundspeed``, ``track``: feet and knots
========  ===========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from pipeline.model.csvfile import read_rows
from pipeline.model.entities import Problem
from pipeline.model.errors import BadIdentifier, BadTime, InputError
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import clean_callsign, clean_registration, parse_icao24
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed
from pipeline.model.time import parse_utc
from pipeline.model.units import FPM_PER_MPS, FT_PER_M, KT_PER_MPS

_IDENTITY: Final = {
    "icao24": ("icao24", "hex", "icao", "icao_address", "mode_s"),
    "time": ("time", "timestamp", "time_utc", "utc", "snapshot_time", "datetime"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "longitude"),
    "callsign": ("callsign", "flight", "cs"),
    "registration": ("registration", "reg", "tail"),
    "type_code": ("type_code", "typecode", "aircraft_type", "icao_type"),
    "category": ("category",),
    "squawk": ("squawk",),
    "on_ground": ("on_ground", "onground", "ground"),
    "nic": ("nic",),
    "nav_qnh_hpa": ("nav_qnh_hpa", "nav_qnh"),
    "heard": ("lastposupdate", "last_position", "time_position"),
}
DIALECTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "tarmac": {
        "alt_baro_ft": ("alt_baro_ft", "altitude_ft", "baro_altitude_ft"),
        "alt_geom_ft": ("alt_geom_ft", "geoaltitude_ft", "geo_altitude_ft"),
        "ground_speed_kt": ("ground_speed_kt", "gs_kt", "groundspeed_kt", "speed_kt"),
        "track_deg": ("track_deg", "heading_deg"),
        "vertical_rate_fpm": ("vertical_rate_fpm", "vrate_fpm"),
    },
    "opensky": {
        "alt_baro_ft": ("baroaltitude", "baro_altitude"),
        "alt_geom_ft": ("geoaltitude", "geo_altitude"),
        "ground_speed_kt": ("velocity",),
        "track_deg": ("heading", "true_track", "track"),
        "vertical_rate_fpm": ("vertrate", "vertical_rate"),
    },
    "feet": {
        "alt_baro_ft": ("altitude", "alt_baro", "alt", "baro_alt"),
        "alt_geom_ft": ("alt_geom", "geoaltitude_feet"),
        "ground_speed_kt": ("groundspeed", "ground_speed", "gs", "speed"),
        "track_deg": ("track", "heading"),
        "vertical_rate_fpm": ("vertical_rate", "baro_rate", "vrate", "vert_rate"),
    },
}
FACTORS: Final[dict[str, dict[str, float]]] = {
    "opensky": {"alt_baro_ft": FT_PER_M, "alt_geom_ft": FT_PER_M, "ground_speed_kt": KT_PER_MPS, "vertical_rate_fpm": FPM_PER_MPS}
}
_NO_NUMBER: Final = frozenset({"", "nan", "none", "null", "<na>"})
TRUE: Final = frozenset({"1", "true", "t", "yes", "ground", "1.0"})
FALSE: Final = frozenset({"0", "false", "f", "no", "air", "0.0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedTable(Parsed):
    """``dialect`` is the one that was used, to be printed and kept."""

    dialect: str = ""


def parse_table(
    body: bytes,
    *,
    name: str,
    provider: str,
    capture_id: str,
    origin: Origin,
    dialect: str | None = None,
    assume_utc: bool = False,
) -> ParsedTable:
    """A CSV table of positions.

    Raises:
        InputError: no header, a column that is needed is missing, or no dialect fits.
    """
    rows, problems = read_rows(body, name=name)
    header = list(rows[0].cells) if rows else body.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip().split(",")
    columns, used = choose_columns(header, dialect, name)
    bad = [Problem(where=p.where, reason=p.reason) for p in problems]
    records: list[dict[str, object]] = []
    for row in rows:
        try:
            record = _record(row.cells, columns, used, assume_utc=assume_utc)
            if record is not None:
                records.append(record)
        except (BadIdentifier, BadTime, InputError) as error:
            bad.append(Problem(where=f"{name} line {row.line}", reason=str(error)))
    frame = POSITIONS.cast(records)
    frame["provider"], frame["capture_id"], frame["origin"] = provider, capture_id, origin.value
    frame["position_source"] = frame["position_source"].where(frame["position_source"] != "", "other")
    POSITIONS.validate(frame)
    return ParsedTable(positions=frame, problems=tuple(bad), aircraft_heard=frame["icao24"].nunique(), dialect=used)


def choose_columns(header: list[str], wanted: str | None, name: str) -> tuple[dict[str, str], str]:
    """Our columns by the table's own names for them, and the dialect that says so.

    Raises:
        InputError: a column that is needed is missing, or no dialect fits.
    """
    have = {h.strip().lower(): h.strip() for h in header}
    identity = {ours: have[a] for ours, aliases in _IDENTITY.items() for a in aliases[::-1] if a in have}
    missing = [c for c in ("icao24", "time", "lat", "lon") if c not in identity]
    if missing:
        raise InputError(
            f"has no column for {', '.join(missing)}",
            where=name,
            hint=f"a table of positions needs icao24, time, lat and lon; this one has {', '.join(header)[:200]}",
        )
    if wanted and wanted not in DIALECTS:
        raise InputError(f"there is no dialect {wanted!r}", where=name, hint=f"one of {', '.join(DIALECTS)}")
    for dialect in (wanted,) if wanted else DIALECTS:
        found = {ours: have[a] for ours, aliases in DIALECTS[dialect].items() for a in aliases[::-1] if a in have}
        if "alt_baro_ft" in found or (wanted and found):
            return identity | found, dialect
    raise InputError(
        "has no altitude in a unit that can be told", where=name, hint="name it altitude_ft, or baroaltitude (metres), or pass --dialect"
    )


def _record(cells: Mapping[str, str], columns: Mapping[str, str], dialect: str, *, assume_utc: bool) -> dict[str, object] | None:
    """None: the row has no position."""
    out: dict[str, object] = {}
    factor = FACTORS.get(dialect, {})
    if all(cells[columns[ours]].lower() in _NO_NUMBER for ours in ("lat", "lon")):
        return None
    for ours, theirs in columns.items():
        cell = cells[theirs]
        if ours == "icao24":
            out[ours] = parse_icao24(cell)
        elif ours == "time":
            out[ours] = parse_utc(cell, assume_utc=assume_utc)
        elif ours == "callsign":
            out[ours] = clean_callsign(cell)
        elif ours == "registration":
            out[ours] = clean_registration(cell)
        elif ours == "on_ground":
            out[ours] = True if cell.lower() in TRUE else False if cell.lower() in FALSE else None
        elif ours in ("type_code", "category", "squawk"):
            out[ours] = cell
        elif cell.lower() == "ground":
            out["on_ground"] = True
        else:
            out[ours] = _number(cell, theirs) * factor.get(ours, 1.0)
    heard, time = out.pop("heard", np.nan), out["time"]
    if isinstance(heard, float) and isinstance(time, datetime):
        out["position_age_s"] = time.timestamp() - heard
    lat, lon = out.get("lat", np.nan), out.get("lon", np.nan)
    if not (isinstance(lat, float) and isinstance(lon, float) and abs(lat) <= 90 and abs(lon) <= 180):
        raise InputError(f"position {cells[columns['lat']]!r}, {cells[columns['lon']]!r} is not on the globe")
    return out


def _number(cell: str, column: str) -> float:
    if cell.lower() in _NO_NUMBER:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        raise InputError(f"{column} {cell!r} is not a number") from None

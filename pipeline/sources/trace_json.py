"""readsb trace files (``trace_full_<hex>.json``, ``trace_recent_<hex>.json``): gzip or plain, 9 or 14 columns a point."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import orjson

from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, BadIdentifier
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import clean_callsign, clean_registration, parse_icao24
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed
from pipeline.sources.unpack import unpack

_STALE, _GEOMETRIC_RATE, _GEOMETRIC_ALTITUDE = 1, 4, 8
_MILITARY = 1
#: ``type`` of readsb → ``position_source``.
_SOURCES: Final = {
    "adsb_icao": "adsb",
    "adsb_icao_nt": "adsb",
    "adsb_other": "adsb",
    "adsr_icao": "adsr",
    "adsr_other": "adsr",
    "mlat": "mlat",
    "tisb_icao": "tisb",
    "tisb_other": "tisb",
    "tisb_trackfile": "tisb",
    "adsc": "adsc",
    "mode_s": "mode_s",
}


def parse_trace(body: bytes, *, provider: str, capture_id: str, origin: Origin) -> Parsed:
    """One aircraft's trace.

    A point that the file marks as stale is left out: nothing was received in the 20 s before it.

    Raises:
        BadAnswer: not gzip or JSON as promised, or not a trace.
    """
    try:
        data = orjson.loads(unpack(body))
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"not JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("trace"), list) or "timestamp" not in data:
        raise BadAnswer("not a trace file: no timestamp and trace", hint="a readsb trace_full_<hex>.json")
    try:
        icao24 = parse_icao24(str(data.get("icao", "")))
    except BadIdentifier as error:
        raise BadAnswer(str(error)) from None
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    base, callsign = float(data["timestamp"]), ""
    details: dict[str, Any] = {}
    for number, point in enumerate(data["trace"]):
        try:
            row, details = _point(point, base, details)
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            problems.append(Problem(where=f"{icao24} point {number}", reason=str(error)))
            continue
        if row is None:
            continue
        callsign = clean_callsign(details.get("flight")) or callsign
        rows.append(row | {"callsign": callsign})
    frame = POSITIONS.cast(rows)
    frame["icao24"], frame["provider"], frame["capture_id"], frame["origin"] = icao24, provider, capture_id, origin.value
    frame["registration"] = clean_registration(data.get("r"))
    frame["type_code"] = str(data.get("t") or "")
    frame["military"] = bool(int(data.get("dbFlags") or 0) & _MILITARY)
    return Parsed(positions=POSITIONS.cast(frame), problems=tuple(problems), aircraft_heard=1)


def _point(point: list[Any], base: float, details: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    flags = int(point[6] or 0)
    if len(point) > 8 and isinstance(point[8], dict):
        details = point[8]
    if flags & _STALE:
        return None, details
    lat, lon = float(point[1]), float(point[2])
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(f"position {lat}, {lon} is not on the globe")
    ground = point[3] == "ground"
    altitude = np.nan if ground or point[3] is None else float(point[3])
    geometric = bool(flags & _GEOMETRIC_ALTITUDE)
    alt_geom = altitude if geometric else (point[10] if len(point) > 10 and point[10] is not None else np.nan)
    return {
        "time": datetime.fromtimestamp(base + float(point[0]), tz=UTC),
        "lat": lat,
        "lon": lon,
        "alt_baro_ft": np.nan if geometric else altitude,
        "alt_geom_ft": alt_geom,
        "ground_speed_kt": point[4],
        # On the ground the column is a heading, which is not a direction of travel.
        "track_deg": None if ground else point[5],
        "vertical_rate_fpm": point[7] if len(point) > 7 else None,
        "on_ground": ground,
        "category": str(details.get("category") or ""),
        "squawk": str(details.get("squawk") or ""),
        "nic": details.get("nic"),
        "nac_p": details.get("nac_p"),
        "sil": details.get("sil"),
        "nav_qnh_hpa": details.get("nav_qnh"),
        "position_source": _SOURCES.get(point[9] if len(point) > 9 and point[9] else "", "other"),
    }, details

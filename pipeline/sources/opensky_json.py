"""OpenSky state vectors (``/states/all``) and tracks (``/tracks/all``): metres and m/s → our units."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import orjson

from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, BadIdentifier
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import clean_callsign, parse_icao24
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed
from pipeline.model.units import FPM_PER_MPS, FT_PER_M, KT_PER_MPS

_SOURCES: Final = ("adsb", "other", "mlat", "other")


def parse_states(body: bytes, *, provider: str, capture_id: str, origin: Origin) -> Parsed:
    """One answer. A state vector without a position of its own time is heard but gives no row.

    Raises:
        BadAnswer: not JSON, or not OpenSky's envelope.
    """
    states = _envelope(body, "states").get("states") or []
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, state in enumerate(states):
        try:
            row = _row(state)
        except (BadIdentifier, TypeError, ValueError, IndexError, OverflowError) as error:
            problems.append(Problem(where=f"state {number}", reason=str(error)))
            continue
        if row is not None:
            rows.append(row | {"provider": provider, "capture_id": capture_id, "origin": origin.value})
    return Parsed(positions=POSITIONS.cast(rows), problems=tuple(problems), aircraft_heard=len(states))


def parse_track(body: bytes, *, provider: str, capture_id: str, origin: Origin) -> Parsed:
    """The points of one flight: where it turned, climbed or descended, or flew on for a quarter of an hour.

    Raises:
        BadAnswer: not JSON, or not OpenSky's track.
    """
    data = _envelope(body, "path")
    try:
        icao24 = parse_icao24(str(data.get("icao24")))
    except BadIdentifier as error:
        raise BadAnswer(f"format: {error}") from None
    same = {"icao24": icao24, "callsign": clean_callsign(data.get("callsign") or data.get("calllsign"))}
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, point in enumerate(data["path"] or []):
        try:
            at, lat, lon, alt, track, ground = point[:6]
            if lat is None or lon is None:
                continue
            rows.append(
                {
                    **same,
                    "time": datetime.fromtimestamp(float(at), tz=UTC),
                    "lat": float(lat),
                    "lon": float(lon),
                    "alt_baro_ft": _scaled(alt, FT_PER_M),
                    "track_deg": _scaled(track, 1.0),
                    "on_ground": bool(ground),
                    "provider": provider,
                    "capture_id": capture_id,
                    "origin": origin.value,
                }
            )
        except (TypeError, ValueError, OverflowError) as error:
            problems.append(Problem(where=f"{icao24} point {number}", reason=str(error)))
    return Parsed(positions=POSITIONS.cast(rows), problems=tuple(problems), aircraft_heard=1)


def _envelope(body: bytes, key: str) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"html: {error}" if body.lstrip()[:1] == b"<" else f"not JSON: {error}") from None
    if not isinstance(data, dict) or key not in data:
        raise BadAnswer(f"format: no {key} in the answer")
    return data


def _row(state: list[Any]) -> dict[str, Any] | None:
    icao24 = parse_icao24(str(state[0]))
    if state[3] is None or state[5] is None or state[6] is None:
        return None
    source = int(state[16]) if len(state) > 16 and state[16] is not None else 0
    return {
        "icao24": icao24,
        "callsign": clean_callsign(state[1]),
        "time": datetime.fromtimestamp(float(state[3]), tz=UTC),
        "lon": float(state[5]),
        "lat": float(state[6]),
        "alt_baro_ft": _scaled(state[7], FT_PER_M),
        "on_ground": bool(state[8]),
        "ground_speed_kt": _scaled(state[9], KT_PER_MPS),
        "track_deg": _scaled(state[10], 1.0),
        "vertical_rate_fpm": _scaled(state[11], FPM_PER_MPS),
        "alt_geom_ft": _scaled(state[13], FT_PER_M),
        "squawk": str(state[14] or ""),
        "position_source": _SOURCES[source] if 0 <= source < len(_SOURCES) else "other",
        "position_age_s": float(state[4]) - float(state[3]) if state[4] is not None else None,
    }


def _scaled(value: Any, factor: float) -> float | None:
    return None if value is None else float(value) * factor

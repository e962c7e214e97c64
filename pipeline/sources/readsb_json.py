"""One answer of the readsb family, bytes → positions. Pure.

Reads readsb's and tar1090's ``aircraft.json``, readsb's own API (``now`` in seconds, ``aircraft``), the
ADSBexchange-v2 dialect of adsb.lol, airplanes.live and adsb.fi (``now`` in milliseconds, ``ac``), and the older
dump1090 field names. Fields and units: ``README-json.md`` of wiedehopf/readsb.

What is easy to get wrong here, and where it is settled:

* ``seen_pos`` is the position's age: a row's ``time`` is ``now`` less it, never the time of the request.
* ``lastPosition`` is an OLD position. It becomes a row at its own time, without the altitude, speed and ground flag
  beside it, which are newer. ``rr_lat``/``rr_lon`` (guessed from the receiver's place) are never used.
* ``alt_baro`` is a number or ``"ground"``.
* An aircraft without a position is heard and gives no row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, TypeGuard

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, BadTime
from pipeline.model.frames import POSITIONS, TIME_DTYPE
from pipeline.model.ids import clean_callsign, clean_registration
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed
from pipeline.model.time import from_epoch
from pipeline.sources.answers import MAX_CLOCK_ERROR_S, answer_now, load_json, require_fresh

#: Older than this is not a position but a remnant; ADS-C positions may be 40 minutes old.
MAX_POSITION_AGE_S: Final = 86_400.0

POSITION_SOURCE: Final[Mapping[str, str]] = {
    "adsb_icao": "adsb",
    "adsb_icao_nt": "adsb",
    "adsb_other": "adsb",
    "adsr_icao": "adsr",
    "adsr_other": "adsr",
    "tisb_icao": "tisb",
    "tisb_other": "tisb",
    "tisb_trackfile": "tisb",
    "mlat": "mlat",
    "adsc": "adsc",
    "mode_s": "mode_s",
    "other": "other",
    "unknown": "other",
}

_HEX = re.compile(r"~?[0-9a-fA-F]{6}")
_MILITARY = 1
#: What an aircraft is does not age with its position.
_IDENTITY = ("hex", "flight", "r", "t", "category", "dbFlags")

Entry = dict[str, object]
FloatArray = npt.NDArray[np.float64]


def parse_answer(
    body: bytes,
    *,
    provider: str,
    capture_id: str,
    origin: Origin,
    fetched_at: datetime | None = None,
    max_clock_error_s: float = MAX_CLOCK_ERROR_S,
) -> Parsed:
    """Positions (``frames.POSITIONS``, in the answer's order) of one answer.

    An entry that cannot be used becomes a ``Problem``; the others go on. An answer without aircraft is an
    answer: ``aircraft_heard`` is 0.

    Args:
        body: the decoded bytes of the answer.
        fetched_at: when it was asked for; ``now`` must be within ``max_clock_error_s`` of it. None: not checked.

    Raises:
        BadAnswer: not JSON (a web page, cut short, empty), not this dialect, an error said in words, or a ``now`` that
            is missing, implausible or far from ``fetched_at``. The message begins with the short reason and a colon.
    """
    answer = load_json(body)
    entries = _entries(answer)
    now = require_fresh(answer_now(answer), fetched_at, max_clock_error_s=max_clock_error_s)
    rows: list[Entry] = []
    problems: list[Problem] = []
    heard = 0
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(address := entry.get("hex"), str) or not _HEX.fullmatch(address.strip()):
            problems.append(Problem(where=f"{provider} aircraft[{number}]", reason=_say_bad_entry(entry)))
            continue
        heard += 1
        try:
            row = _with_position(entry)
        except ValueError as error:
            problems.append(Problem(where=f"{provider} {address}", reason=str(error)))
            continue
        if row is not None:
            rows.append(row)
    columns = _to_columns(rows, now, problems, provider)
    positions = POSITIONS.cast({**columns, "provider": provider, "capture_id": capture_id, "origin": str(origin)})
    return Parsed(positions=positions, problems=tuple(problems), aircraft_heard=heard)


def check_answer(body: bytes, *, fetched_at: datetime | None = None, max_clock_error_s: float = MAX_CLOCK_ERROR_S) -> tuple[datetime, int]:
    """The ``now`` of an answer and how many aircraft are in it, without reading them.

    Raises:
        BadAnswer: as ``parse_answer``.
    """
    answer = load_json(body)
    entries = _entries(answer)
    return require_fresh(answer_now(answer), fetched_at, max_clock_error_s=max_clock_error_s), len(entries)


def _entries(answer: Entry) -> Sequence[object]:
    for key in ("aircraft", "ac"):
        if key in answer:
            entries = answer[key]
            if entries is None:
                return ()
            if isinstance(entries, list):
                return entries
            raise BadAnswer(f"format: {key!r} is not a list")
    said = answer.get("error") or answer.get("msg") or answer.get("detail") or answer.get("message")
    if said:
        raise BadAnswer(f"error: the provider says {str(said)[:200]!r}")
    raise BadAnswer("format: neither 'aircraft' nor 'ac' in the answer", hint="check that the url is that of a readsb or ADSBx-v2 service")


def _say_bad_entry(entry: object) -> str:
    if not isinstance(entry, dict):
        return f"not an aircraft: {str(entry)[:40]!r}"
    return f"hex {str(entry.get('hex'))[:40]!r} is not an address"


def _with_position(entry: Entry) -> Entry | None:
    """The entry with a usable position, or None when it has none; an old fix loses all that is newer than it.

    Raises:
        ValueError: the position cannot be used, and why.
    """
    if entry.get("lat") is not None or entry.get("lon") is not None:
        _check_position(entry)
        return entry
    old = entry.get("lastPosition")
    if not isinstance(old, dict):
        return None
    _check_position(old)
    fix = {key: old[key] for key in ("lat", "lon", "seen_pos", "nic") if key in old}
    return {key: entry[key] for key in _IDENTITY if key in entry} | fix


def _check_position(entry: Mapping[str, object]) -> None:
    lat, lon, age = entry.get("lat"), entry.get("lon"), entry.get("seen_pos")
    if not (_is_number(lat) and _is_number(lon) and -90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"no position: lat {str(lat)[:20]!r}, lon {str(lon)[:20]!r}")
    if not _is_number(age) or not 0 <= age <= MAX_POSITION_AGE_S:
        raise ValueError(f"seen_pos {str(age)[:20]!r}: the position's age is unknown")


def _is_number(value: object) -> TypeGuard[int | float]:
    return type(value) is float or type(value) is int


def _to_columns(rows: Sequence[Entry], now: datetime, problems: list[Problem], provider: str) -> dict[str, object]:
    def numbers(*names: str) -> FloatArray:
        return _numbers(_column(rows, *names), names[0], rows, problems, provider)

    def text(name: str) -> list[str]:
        return [value.strip() if isinstance(value, str) else "" for value in _column(rows, name)]

    altitude = _column(rows, "alt_baro", "altitude")
    ground = np.array([value == "ground" for value in altitude], dtype=bool)
    alt_baro = _numbers([None if g else v for v, g in zip(altitude, ground, strict=True)], "alt_baro", rows, problems, provider)
    age = numbers("seen_pos")
    now_us = np.datetime64(now.replace(tzinfo=None), "us")
    track = numbers("track")
    return {
        "icao24": [value.lower() for value in text("hex")],
        "time": pd.DatetimeIndex(now_us - (age * 1e6).round().astype("timedelta64[us]")).tz_localize("UTC"),
        "lat": numbers("lat"),
        "lon": numbers("lon"),
        "alt_baro_ft": alt_baro,
        "alt_geom_ft": numbers("alt_geom"),
        "ground_speed_kt": numbers("gs", "speed"),
        # A surface position carries the heading of the nose, and no track.
        "track_deg": np.where(np.isnan(track) & ground, numbers("true_heading"), track),
        "vertical_rate_fpm": numbers("baro_rate", "geom_rate", "vert_rate"),
        "on_ground": pd.arrays.BooleanArray(ground, mask=np.isnan(alt_baro) & ~ground),
        "callsign": [clean_callsign(value) for value in text("flight")],
        "registration": [clean_registration(value) for value in text("r")],
        "type_code": [value.upper() for value in text("t")],
        "category": [value.upper() for value in text("category")],
        "squawk": [f"{value:04d}" if type(value) is int else str(value or "").strip() for value in _column(rows, "squawk")],
        "emergency": [value.lower() for value in text("emergency")],
        "nic": numbers("nic"),
        "nac_p": numbers("nac_p"),
        "sil": numbers("sil"),
        "gps_ok_before": pd.DatetimeIndex([_gps_ok(row, problems, provider) for row in rows], dtype=TIME_DTYPE),
        "nav_qnh_hpa": numbers("nav_qnh"),
        "position_source": [_position_source(row) for row in rows],
        "position_age_s": age,
        "military": pd.array([_military(row) for row in rows], "boolean"),
    }


def _column(rows: Sequence[Entry], *names: str) -> list[object]:
    """The first known of some names, newest name first."""
    values = [row.get(names[0]) for row in rows]
    for name in names[1:]:
        if None in values:
            values = [row.get(name) if value is None else value for value, row in zip(values, rows, strict=True)]
    return values


def _numbers(values: list[object], name: str, rows: Sequence[Entry], problems: list[Problem], provider: str) -> FloatArray:
    try:
        out = np.array(values, dtype=np.float64)
        if out.ndim == 1:
            return out
    except (TypeError, ValueError, OverflowError):
        pass
    out = np.full(len(values), np.nan, dtype=np.float64)
    for index, value in enumerate(values):
        if _is_number(value):
            out[index] = value
        elif value is not None:
            problems.append(Problem(where=f"{provider} {rows[index]['hex']}", reason=f"{name} {str(value)[:20]!r} is not a number"))
    return out


def _gps_ok(row: Entry, problems: list[Problem], provider: str) -> datetime | None:
    value = row.get("gpsOkBefore")
    if value is None:
        return None
    try:
        return from_epoch(float(value))  # type: ignore[arg-type]
    except (BadTime, TypeError, ValueError):
        problems.append(Problem(where=f"{provider} {row['hex']}", reason=f"gpsOkBefore {str(value)[:20]!r} is not a time"))
        return None


def _position_source(row: Entry) -> str:
    # dump1090 has no "type", and every dialect lists there the fields that came by another way.
    for listed in ("mlat", "tisb"):
        fields = row.get(listed)
        if fields and isinstance(fields, list) and "lat" in fields:
            return listed
    kind = row.get("type")
    if isinstance(kind, str):
        return POSITION_SOURCE.get(kind, "other")
    return "adsb" if "mlat" in row else ""


def _military(row: Entry) -> bool | None:
    flags = row.get("dbFlags")
    if type(flags) is int:
        return bool(flags & _MILITARY)
    # readsb leaves the key out when no flag is set; only a registration or type shows that it has a database at all.
    return False if row.get("r") or row.get("t") else None

"""One aircraft's own record in a raw answer, and that record read again. Pure bytes → bytes → frame.

An answer holds the whole sky round a place, and some of it says where the receiver stands. What is handed on as evidence
is what the answer says of one aircraft, in the answer's own form, so that the same parser reads it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import orjson
import pandas as pd

from pipeline.model.errors import InputError, SourceError
from pipeline.model.origin import Origin
from pipeline.sources.opensky_json import parse_states
from pipeline.sources.readsb_json import parse_answer
from pipeline.sources.tables import parse_table
from pipeline.sources.trace_json import parse_trace
from pipeline.sources.unpack import unpack

#: ``aircraft`` and ``ac``: the two names of a readsb answer's list; ``table``: CSV.
Form = Literal["ac", "aircraft", "states", "trace", "table"]
#: Distance and direction from the receiver (or from the point that was asked about), and places guessed from the receiver's.
_OF_THE_RECEIVER: Final = frozenset({"r_dst", "r_dir", "dst", "dir", "rr_lat", "rr_lon", "rssi", "recentReceiverIds"})
#: What a trace says of the aircraft; the owner's name, which some networks add, is not needed.
_OF_A_TRACE: Final = ("icao", "r", "t", "dbFlags", "timestamp", "trace")
_SENSORS: Final = 12
_ADDRESSES: Final = ("icao24", "hex", "icao", "icao_address", "mode_s")


def own_record(body: bytes, icao24: str) -> tuple[Form, bytes] | None:
    """The form of an answer and what it says of one aircraft; None: nothing, or not a form that we know."""
    try:
        plain = unpack(body)
    except SourceError:
        return None
    try:
        answer = orjson.loads(plain)
    except orjson.JSONDecodeError:
        return _table(plain, icao24)
    if not isinstance(answer, dict):
        return None
    if isinstance(answer.get("trace"), list):
        own = {key: answer[key] for key in _OF_A_TRACE if key in answer}
        return ("trace", _dumped(own)) if str(answer.get("icao", "")).strip().lower() == icao24 else None
    if isinstance(answer.get("states"), list):
        states = [_without_sensors(one) for one in answer["states"] if isinstance(one, list) and one and _is(one[0], icao24)]
        return ("states", _dumped({"time": answer.get("time"), "states": states})) if states else None
    for form in ("ac", "aircraft"):
        if isinstance(answer.get(form), list):
            entries = [_of_the_aircraft(one) for one in answer[form] if isinstance(one, dict) and _is(one.get("hex"), icao24)]
            return (form, _dumped({"now": answer.get("now"), form: entries})) if entries else None
    return None


def positions_of(form: str, record: bytes, *, provider: str, capture_id: str, origin: Origin) -> pd.DataFrame:
    """``POSITIONS`` of a record that ``own_record`` gave; empty where it does not hold a position.

    Raises:
        InputError: not such a form, or the record is not of it.
    """
    if form not in get_args(Form):
        raise InputError(f"{form!r} is not a form of a record", where=capture_id)
    given: dict[str, Any] = {"provider": provider, "capture_id": capture_id, "origin": origin}
    try:
        if form == "trace":
            return parse_trace(record, **given).positions
        if form == "states":
            return parse_states(record, **given).positions
        if form == "table":
            return parse_table(record, name=capture_id, assume_utc=True, **given).positions
        return parse_answer(record, **given).positions
    except SourceError as error:
        raise InputError(str(error), where=capture_id) from None


def _of_the_aircraft(entry: Mapping[str, Any]) -> dict[str, Any]:
    inner = {key: _of_the_aircraft(value) if isinstance(value, dict) else value for key, value in entry.items()}
    return {key: value for key, value in inner.items() if key not in _OF_THE_RECEIVER}


def _without_sensors(state: list[Any]) -> list[Any]:
    return [None if number == _SENSORS else value for number, value in enumerate(state)]


def _table(body: bytes, icao24: str) -> tuple[Form, bytes] | None:
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        return None
    header = [name.strip().lower() for name in rows[0]] if rows else []
    at = next((header.index(name) for name in _ADDRESSES if name in header), None)
    if at is None:
        return None
    own = [row for row in rows[1:] if len(row) > at and _is(row[at], icao24)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([rows[0], *own])
    return ("table", out.getvalue().encode()) if own else None


def _is(value: object, icao24: str) -> bool:
    return isinstance(value, str) and value.strip().lower() == icao24


def _dumped(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"

"""Frame schemas and their constructors: the tables that cross rooms.

A schema lists columns and kinds; ``make`` casts anything (dict of lists, records, a frame) into it, adds
missing columns as unknown, orders them and validates with pandera. Kinds and their *unknown*:

========  =========================  =========
kind      dtype                      unknown
========  =========================  =========
text      ``str``                    ``""``
time      ``datetime64[us, UTC]``    ``NaT``
number    ``float64``                ``NaN``
flag      ``boolean`` (nullable)     ``<NA>``
========  =========================  =========

Text is never null. A unit is part of a column's name. Lists inside a cell are text joined by ``;``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from pipeline.model.errors import BadTime, InputError

if TYPE_CHECKING:
    import pandera.pandas as pa

Kind = Literal["text", "time", "number", "flag"]
TIME_DTYPE = "datetime64[us, UTC]"


@dataclass(frozen=True, kw_only=True)
class FrameSchema:
    """A named table: ``columns`` in order, ``required`` must be known in every row, ``ranges`` are inclusive bounds."""

    name: str
    columns: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def make(self, data: pd.DataFrame | Mapping[str, Any] | Iterable[Mapping[str, Any]] | None = None) -> pd.DataFrame:
        """A frame of this schema with a fresh index; unknown columns are dropped.

        Raises:
            BadTime: a time column holds naive times.
            InputError: a value does not fit the schema.
        """
        frame = self.cast(data)
        self.validate(frame)
        return frame

    def cast(self, data: pd.DataFrame | Mapping[str, Any] | Iterable[Mapping[str, Any]] | None = None) -> pd.DataFrame:
        """``make`` without validation, for inside a room."""
        if data is None:
            return self._empty.copy()
        if isinstance(data, pd.DataFrame):
            if self._fits(data):
                return data.reset_index(drop=True)
            source = data
        elif isinstance(data, Mapping):
            source = pd.DataFrame(dict(data))
        else:
            source = pd.DataFrame(list(data))
        rows = len(source)
        out = {name: _cast(source.get(name), kind, rows, name) for name, kind in self.columns.items()}
        return pd.DataFrame(out, index=pd.RangeIndex(rows))

    def _fits(self, frame: pd.DataFrame) -> bool:
        """Whether casting would change nothing: most frames that are handed on have been cast before."""
        if type(frame) is not pd.DataFrame or list(frame.columns) != list(self.columns):
            return False
        if frame.dtypes.tolist() != [_KNOWN[kind] for kind in self.columns.values()]:
            return False
        return not any(frame[name].hasnans for name, kind in self.columns.items() if kind == "text")

    def validate(self, frame: pd.DataFrame) -> None:
        """Check dtypes, required values and ranges once, at a room's boundary.

        Raises:
            InputError: with the first failing column, value and check.
        """
        import pandera.errors

        wrong = [n for n, kind in self.columns.items() if n not in frame or str(frame[n].dtype) != _DTYPES[kind]]
        if wrong or len(frame.columns) != len(self.columns):
            raise InputError(f"column {', '.join(wrong) or 'too many'} is not of its type", where=self.name, hint="use the schema's make()")
        if self._holds(frame):
            return  # pandera says what is wrong, and takes several times as long to find that nothing is
        try:
            self._pandera.validate(frame, lazy=False)
        except pandera.errors.SchemaError as error:
            raise InputError(str(error).splitlines()[0], where=self.name) from None

    def _holds(self, frame: pd.DataFrame) -> bool:
        """Whether every rule is kept, in a frame whose columns are of their types."""
        for name in self.required:
            values = frame[name]
            if values.hasnans or (self.columns[name] == "text" and bool((values == "").any())):
                return False
        for name, (low, high) in self.ranges.items():
            values = frame[name]
            if not bool((values.between(low, high) | values.isna()).all()):
                return False
        return all(bool(frame[name].isin(allowed).all()) for name, allowed in self.allowed.items())

    @cached_property
    def _empty(self) -> pd.DataFrame:
        return self.cast({})

    @cached_property
    def _pandera(self) -> pa.DataFrameSchema:
        import pandera.pandas as pa

        # A column without a rule has been cast to its dtype already; pandera costs about 2 ms a column.
        columns = {}
        for name, kind in self.columns.items():
            checks = []
            if name in self.ranges:
                checks.append(pa.Check.in_range(*self.ranges[name]))
            if name in self.allowed:
                checks.append(pa.Check.isin([*self.allowed[name]]))
            if kind == "text" and name in self.required:
                checks.append(pa.Check.str_length(min_value=1))
            if checks or name in self.required:
                columns[name] = pa.Column(checks=checks, nullable=name not in self.required and kind != "text")
        return pa.DataFrameSchema(columns, strict=False, name=self.name)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as dictionaries; times are aware datetimes, an unknown time is None."""
    names = [str(name) for name in frame.columns]
    # A column at a time: ``to_dict("records")`` looks at every cell, which is most of what a small frame costs.
    columns = [_cells(frame.iloc[:, at]) for at in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)] if names else [{} for _ in range(len(frame))]


def _cells(values: pd.Series[Any]) -> list[Any]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return [None if value is pd.NaT else value for value in pd.DatetimeIndex(values).to_pydatetime()]
    if values.dtype.kind in "MO" and not isinstance(values.dtype, pd.StringDtype):
        return [None if value is pd.NaT else value.to_pydatetime() if isinstance(value, pd.Timestamp) else value for value in values]
    if isinstance(values.dtype, pd.BooleanDtype):
        return list(values.array.to_numpy(dtype=object, na_value=None))
    return values.tolist()


_DTYPES: dict[Kind, str] = {"text": "str", "time": TIME_DTYPE, "number": "float64", "flag": "boolean"}
_KNOWN = {kind: pd.api.types.pandas_dtype(name) for kind, name in _DTYPES.items()}


def _cast(values: Any, kind: Kind, rows: int, name: str) -> Any:
    if values is None:
        empty: Any = {"text": "", "time": pd.NaT, "number": np.nan, "flag": pd.NA}[kind]
        return pd.Series([empty] * rows, dtype=_DTYPES[kind])
    values = pd.Series(values).reset_index(drop=True)
    if str(values.dtype) == _DTYPES[kind] and not (kind == "text" and values.hasnans):
        return values
    if kind == "number":
        return pd.to_numeric(values, errors="coerce").astype("float64")
    if kind == "flag":
        return values.astype("boolean")
    if kind == "text":
        return values.astype("object").where(values.notna(), "").astype("str")
    return _cast_time(values, name)


def _cast_time(values: pd.Series[Any], name: str) -> Any:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.as_unit("us")
    if values.empty or values.isna().all():
        return pd.Series([pd.NaT] * len(values), dtype=TIME_DTYPE)
    if pd.api.types.is_numeric_dtype(values.dtype):
        micros = (values.astype("float64") * 1e6).round()
        return pd.to_datetime(micros.astype("Int64"), unit="us", utc=True).dt.as_unit("us")
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or any(getattr(v, "tzinfo", True) is None for v in values if not pd.isna(v)):
        raise BadTime(f"column {name} holds times without a zone", hint="make them aware UTC before they enter a frame")
    known = values.where(values.notna() & (values.astype("object") != ""), None)
    return pd.to_datetime(known, utc=True, format="ISO8601").dt.as_unit("us")


POSITION_SOURCES = ("adsb", "adsr", "mlat", "tisb", "adsc", "mode_s", "other", "")
ORIGINS = ("live", "recorded", "reconstructed")
LANDING_KINDS = ("observed", "inferred", "bracketed", "open_approach")
LIFECYCLES = ("provisional", "final", "withdrawn", "superseded")
ROLES = ("head_of_state", "government", "air_force_vip", "military_vip", "intelligence", "unknown")

#: One row a received position (or a ground/altitude report with a position). Sorted by icao24, time where a room asks for it.
POSITIONS = FrameSchema(
    name="positions",
    columns={
        "icao24": "text",
        "time": "time",
        "lat": "number",
        "lon": "number",
        "alt_baro_ft": "number",
        "alt_geom_ft": "number",
        "ground_speed_kt": "number",
        "track_deg": "number",
        "vertical_rate_fpm": "number",
        "on_ground": "flag",
        "callsign": "text",
        "registration": "text",
        "type_code": "text",
        "category": "text",
        "squawk": "text",
        "emergency": "text",
        "nic": "number",
        "nac_p": "number",
        "sil": "number",
        "gps_ok_before": "time",
        "nav_qnh_hpa": "number",
        "position_source": "text",
        "position_age_s": "number",
        "provider": "text",
        "military": "flag",
        "capture_id": "text",
        "origin": "text",
    },
    required=("icao24", "time", "lat", "lon", "origin"),
    ranges={"lat": (-90, 90), "lon": (-180, 180)},
    allowed={"position_source": POSITION_SOURCES, "origin": ORIGINS},
)

#: A position that screening set aside: its key and why.
REJECTED = FrameSchema(
    name="rejected",
    columns={"icao24": "text", "time": "time", "lat": "number", "lon": "number", "reason": "text", "capture_id": "text", "origin": "text"},
    required=("icao24", "reason"),
)

#: Landings (kinds observed, inferred, bracketed) and open approaches. ``landing_id`` is empty until the store's ids are adopted.
#: ``runner_up`` is text such as ``LTAB 16.5 NM``; ``networks`` are provider names joined by ``;``.
#: ``last_height_ft`` and ``last_distance_nm`` say where the aircraft was last seen before touchdown (above and from the field).
LANDINGS = FrameSchema(
    name="landings",
    columns={
        "landing_id": "text",
        "icao24": "text",
        "registration": "text",
        "callsign": "text",
        "type_code": "text",
        "airport": "text",
        "touchdown": "time",
        "touchdown_earliest": "time",
        "touchdown_latest": "time",
        "kind": "text",
        "confidence": "number",
        "runway": "text",
        "from_airport": "text",
        "from_kind": "text",
        "from_time": "time",
        "runner_up": "text",
        "last_seen": "time",
        "last_height_ft": "number",
        "last_distance_nm": "number",
        "networks": "text",
        "reason": "text",
        "capture_ids": "text",
        "version": "text",
        "origin": "text",
        "lifecycle": "text",
    },
    required=("icao24", "airport", "touchdown", "touchdown_earliest", "touchdown_latest", "kind", "confidence", "reason", "origin"),
    ranges={"confidence": (0, 1)},
    allowed={"kind": LANDING_KINDS, "origin": ORIGINS},
)

#: Departures, for a stay's end and the next flight's origin.
TAKE_OFFS = FrameSchema(
    name="take_offs",
    columns={
        "icao24": "text",
        "airport": "text",
        "take_off": "time",
        "take_off_earliest": "time",
        "take_off_latest": "time",
        "kind": "text",
        "confidence": "number",
        "reason": "text",
        "origin": "text",
    },
    required=("icao24", "airport", "take_off", "kind", "origin"),
)

#: Touchdown to next take-off at one airfield. An empty take_off: not seen leaving. ``last_seen`` is the aircraft's last position anywhere.
STAYS = FrameSchema(
    name="stays",
    columns={
        "stay_id": "text",
        "landing_id": "text",
        "icao24": "text",
        "registration": "text",
        "callsign": "text",
        "type_code": "text",
        "state": "text",
        "operator": "text",
        "role": "text",
        "airport": "text",
        "city": "text",
        "country": "text",
        "touchdown": "time",
        "take_off": "time",
        "touchdown_earliest": "time",
        "touchdown_latest": "time",
        "kind": "text",
        "confidence": "number",
        "from_airport": "text",
        "to_airport": "text",
        "last_seen": "time",
        "origin": "text",
    },
    required=("icao24", "airport", "touchdown"),
)

#: One row a meeting. ``start``/``end`` is the UTC interval in which it may have taken place, as wide as the truth is vague.
#: ``participants`` are ``Name|title|state`` joined by ``;``; ``sources`` are addresses or names joined by ``;``.
MEETINGS = FrameSchema(
    name="meetings",
    columns={
        "meeting_id": "text",
        "title": "text",
        "city": "text",
        "country": "text",
        "precision": "text",
        "date_from": "text",
        "date_to": "text",
        "date_precision": "text",
        "start": "time",
        "end": "time",
        "participants": "text",
        "sources": "text",
        "published": "time",
        "status": "text",
        "kind": "text",
        "origin": "text",
    },
    required=("meeting_id", "title", "country", "start", "end"),
    allowed={"status": ("announced", "reported", "postponed", "cancelled", "denied", ""), "kind": ("meeting", "visit", "summit", "")},
)

#: Spells in which a city was covered; without a row a city was not covered.
COVERAGE = FrameSchema(name="coverage", columns={"city": "text", "start": "time", "end": "time"}, required=("city", "start", "end"))

#: Known innocent gatherings.
CALENDAR = FrameSchema(
    name="calendar",
    columns={"kind": "text", "title": "text", "city": "text", "country": "text", "start": "time", "end": "time", "source": "text"},
    required=("kind", "country", "start", "end"),
)

#: How a state's aircraft visited a city: ``visits`` in ``covered_days`` days.
BASE_RATES = FrameSchema(
    name="base_rates",
    columns={"state": "text", "city": "text", "country": "text", "visits": "number", "covered_days": "number"},
    required=("state", "city"),
)

#: How low arrivals are heard at a field in an hour of the day (UTC, "all": in all), from ``flights`` flights: half down to ``floor_ft``
#: above it, nine in ten down to ``usual_ft``; ``seen``: the share that was seen on the ground.
FLOORS = FrameSchema(
    name="floors",
    columns={"airport": "text", "hour": "text", "floor_ft": "number", "usual_ft": "number", "seen": "number", "flights": "number"},
    required=("airport", "hour"),
)

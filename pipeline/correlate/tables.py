"""Stays and meetings as columns of numbers: what candidate search and scoring run on. Times are hours since 1970, UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.scoring import Scoring
from pipeline.model.entities import Participant
from pipeline.model.errors import InputError
from pipeline.model.frames import MEETINGS, STAYS
from pipeline.model.ids import IdKind, mint
from pipeline.model.participants import parse_participants
from pipeline.model.time import to_iso, zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_HOUR_US = 3_600_000_000


@dataclass(slots=True)
class Codes:
    """Small whole numbers for strings, shared by the tables of one run; the empty string is -1."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers)) if text else -1

    def column(self, values: pd.Series[Any]) -> Ints:
        """One code a row."""
        inverse, unique = pd.factorize(values)
        return np.array([self.of(str(u)) for u in unique], dtype=np.int64)[inverse] if len(unique) else np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StayTable:
    """``frame`` is a ``STAYS`` frame in the order of (touchdown, stay_id); the arrays follow it.

    ``place`` is the code of the stay's meeting place, ``second_place`` of another one that its airfield serves
    (-1: none); ``foreign`` is False at home and where state or country is unknown; ``away`` is True abroad and in the own
    country, but for the capital, the seat of government and the aircraft's home field; ``leave_h`` is NaN when it was
    not seen leaving; ``came_from`` and ``went_to`` are the fields before and after, as far as the stay itself says; ``counts``
    is False for reconstructed stays, which never feed a base rate or a precedent.
    """

    frame: pd.DataFrame
    stay_id: NDArray[np.object_]
    state: Ints
    place: Ints
    second_place: Ints
    country: Ints
    airport: Ints
    came_from: Ints
    went_to: Ints
    arrive_h: Floats
    leave_h: Floats
    foreign: Flags
    away: Flags
    counts: Flags
    cells: dict[str, NDArray[np.object_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.stay_id)

    def text(self, row: int, column: str) -> str:
        """A text cell."""
        return str(_cells(self.frame, column, self.cells)[row])

    def texts(self, rows: Iterable[int], column: str) -> list[str]:
        """The text cells of some rows."""
        return [self.text(int(row), column) for row in rows]

    def number(self, row: int, column: str) -> float:
        """A number cell, NaN when unknown."""
        return float(cast("float", _cells(self.frame, column, self.cells)[row]))

    def touchdown(self, row: int) -> datetime:
        """Aware UTC."""
        return cast("pd.Timestamp", _cells(self.frame, "touchdown", self.cells)[row]).to_pydatetime()

    def take_off(self, row: int) -> datetime | None:
        """Aware UTC; None when it was not seen leaving."""
        moment = cast("pd.Timestamp", _cells(self.frame, "take_off", self.cells)[row])
        return None if pd.isna(moment) else moment.to_pydatetime()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeetingTable:
    """``frame`` is a ``MEETINGS`` frame in the order of meeting_id; arrays of its length follow.

    The meeting began at some moment of ``[from_h, to_h]`` and took at least ``hold_h`` hours; ``weighted`` says that
    only days are known, so that day hours at ``offset_h`` from UTC are likelier; ``long``, that clock times a day or more
    apart were given. ``place`` is -1 when only the country
    is known, ``placeless`` marks a city that the gazetteer lacks. ``guests`` are (meeting, state) pairs: who has to travel
    there, the host too where the meeting is not at its own seat; ``fetch`` are (meeting, state, field): where each guest from
    abroad would have been fetched from. ``states`` name the guests' codes.
    """

    frame: pd.DataFrame
    people: tuple[tuple[Participant, ...], ...]
    country: Ints
    place: Ints
    placeless: Flags
    from_h: Floats
    to_h: Floats
    hold_h: Floats
    offset_h: Floats
    weighted: Flags
    long: Flags
    guest_meeting: Ints
    guest_state: Ints
    gateway_meeting: Ints
    gateway_airport: Ints
    fetch_meeting: Ints
    fetch_state: Ints
    fetch_airport: Ints
    states: Mapping[int, str]
    zones: tuple[str, ...]
    cells: dict[str, NDArray[np.object_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def text(self, row: int, column: str) -> str:
        """A text cell."""
        return str(_cells(self.frame, column, self.cells)[row])


def _cells(frame: pd.DataFrame, column: str, kept: dict[str, NDArray[np.object_]]) -> NDArray[np.object_]:
    """A column as objects, made once: looking cells up in a frame one by one costs a hundred times as much."""
    if column not in kept:
        kept[column] = frame[column].to_numpy(dtype=object)
    return kept[column]


def stay_table(
    frames: Sequence[pd.DataFrame], *, names: PlaceNames, codes: Codes, homes: Mapping[str, str] = MappingProxyType({})
) -> StayTable:
    """One table of all stays in some frames that ``with_ids`` made; a stay that is in several is taken from the last.

    Args:
        homes: the home field of aircraft of which one is known, by address.
    """
    frame = frames[0] if len(frames) == 1 else pd.concat(list(frames), ignore_index=True).drop_duplicates("stay_id", keep="last")
    frame = frame.sort_values(["touchdown", "stay_id"], kind="stable", ignore_index=True)
    where = frame[["airport", "city", "country"]].drop_duplicates()
    known = {tuple(row): names.of_stay(*row) for row in where.itertuples(index=False, name=None)}
    inverse = pd.MultiIndex.from_frame(where).get_indexer(pd.MultiIndex.from_frame(frame[["airport", "city", "country"]]))
    found = list(known.values())
    place = np.array([codes.of(f.key) for f in found], dtype=np.int64)[inverse] if found else np.empty(0, dtype=np.int64)
    second = np.array([codes.of(f.second_key) for f in found], dtype=np.int64)[inverse] if found else place
    country = np.array([codes.of(f.country) for f in found], dtype=np.int64)[inverse] if found else place
    state = codes.column(frame["state"])
    landed = (state >= 0) & (country >= 0) & (frame["kind"] != "open_approach").to_numpy()
    seat = np.array([f.key in names.seats for f in found], dtype=bool)[inverse] if found else np.empty(0, dtype=bool)
    based = (frame["icao24"].map(dict(homes)) == frame["airport"]).to_numpy()
    return StayTable(
        frame=frame,
        stay_id=frame["stay_id"].to_numpy(dtype=object),
        state=state,
        place=place,
        second_place=second,
        country=country,
        airport=codes.column(frame["airport"]),
        came_from=codes.column(frame["from_airport"]),
        went_to=codes.column(frame["to_airport"]),
        arrive_h=hours(frame["touchdown"]),
        leave_h=hours(frame["take_off"]),
        foreign=landed & (state != country),
        away=landed & ((state != country) | ~(seat | based)),
        counts=(frame["origin"] != "reconstructed").to_numpy(),
    )


def with_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """A valid ``STAYS`` frame in which every stay has an id, minted from aircraft, field and touchdown where it has none.

    Raises:
        InputError: an id occurs twice, or the frame does not fit the schema.
    """
    made = STAYS.make(frame)
    blank = made["stay_id"] == ""
    if blank.any():
        rows = made.loc[blank, ["icao24", "airport", "touchdown"]]
        made.loc[blank, "stay_id"] = [mint(IdKind.STAY, a, f, to_iso(t)) for a, f, t in rows.itertuples(index=False, name=None)]
    twice = made.loc[made["stay_id"].duplicated(), "stay_id"]
    if len(twice):
        raise InputError(f"stay_id {twice.iloc[0]} occurs twice", where="stays", hint="give each stay its own id")
    return made


def hours(times: pd.Series[Any]) -> Floats:
    """Hours since 1970 of a time column, NaN where unknown."""
    known = times.notna().to_numpy()
    values = times.dt.as_unit("us").astype("int64").to_numpy() / _HOUR_US
    return np.where(known, values, np.nan)


def meeting_table(meetings: pd.DataFrame, *, names: PlaceNames, codes: Codes, scoring: Scoring) -> MeetingTable:
    """The table of a ``MEETINGS`` frame.

    Raises:
        InputError: an id occurs twice, or the frame does not fit the schema.
        BadIdentifier: participants that cannot be read.
    """
    frame = MEETINGS.make(meetings)
    twice = frame.loc[frame["meeting_id"].duplicated(), "meeting_id"]
    if len(twice):
        raise InputError(f"meeting_id {twice.iloc[0]} occurs twice", where="meetings", hint="give each meeting its own id")
    frame = frame.sort_values("meeting_id", kind="stable", ignore_index=True)
    places = [names.of_meeting(city, country) for city, country in zip(frame["city"], frame["country"], strict=True)]
    people = tuple(parse_participants(text) for text in frame["participants"])
    country = np.array([codes.of(c) for c in frame["country"]], dtype=np.int64)
    travels = [
        {x.state for x in p if x.state and not (codes.of(x.state) == country[i] and places[i].key in names.seats)}
        for i, p in enumerate(people)
    ]
    guests = [(i, codes.of(s)) for i, states in enumerate(travels) for s in sorted(states)]
    days = [_day(text, moment) for text, moment in zip(frame["date_from"], frame["start"], strict=True)]
    gateways = [(i, codes.of(a)) for i, p in enumerate(places) for a in p.gateways(days[i])]
    visitors = [(i, s) for i, states in enumerate(travels) for s in sorted(states) if codes.of(s) != country[i]]
    fetch = [(i, codes.of(s), codes.of(a)) for i, s in visitors for a in names.seat_fields(s, days[i])]
    start, end = hours(frame["start"]), hours(frame["end"])
    day = scoring.day
    sitting = (end - start <= day.sitting_h) & frame["date_precision"].isin(["minute", ""]).to_numpy()
    return MeetingTable(
        frame=frame,
        people=people,
        country=country,
        place=np.array([codes.of(p.key) for p in places], dtype=np.int64),
        placeless=np.array([not p.known for p in places], dtype=bool),
        from_h=np.where(sitting, start - day.clock_h, start),
        to_h=np.where(sitting, start + day.clock_h, np.maximum(end, start + 2 * day.clock_h)),
        hold_h=np.where(sitting & (end > start), end - start, day.hold_h),
        offset_h=np.array([_offset_h(p.tz, t) for p, t in zip(places, frame["start"], strict=True)], dtype=np.float64),
        long=~sitting & frame["date_precision"].isin(["minute", ""]).to_numpy(),
        weighted=~sitting & np.array([bool(p.tz) for p in places], dtype=bool),
        guest_meeting=np.array([g[0] for g in guests], dtype=np.int64),
        guest_state=np.array([g[1] for g in guests], dtype=np.int64),
        gateway_meeting=np.array([g[0] for g in gateways], dtype=np.int64),
        gateway_airport=np.array([g[1] for g in gateways], dtype=np.int64),
        fetch_meeting=np.array([f[0] for f in fetch], dtype=np.int64),
        fetch_state=np.array([f[1] for f in fetch], dtype=np.int64),
        fetch_airport=np.array([f[2] for f in fetch], dtype=np.int64),
        states={codes.of(s): s for states in travels for s in states},
        zones=tuple(p.tz or "UTC" for p in places),
    )


@lru_cache(maxsize=8192)
def _offset_h(tz: str, moment: pd.Timestamp) -> float:
    offset = moment.tz_convert(zone(tz)).utcoffset() if tz else None
    return (offset or timedelta(0)).total_seconds() / 3600


def _day(text: str, start: pd.Timestamp) -> date:
    return date.fromisoformat(text) if text else start.date()

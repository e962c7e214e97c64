"""When ordinary visits come: by the hour and the day of the week at the place, in bursts, and in a city's busy season.

A state's mean rate says how often it comes, not when. Chance arrivals crowd into the working day, and a state that was
there last week is likelier to be there this week. Both are measured on the history itself; with a short one they are 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.tables import StayTable
from pipeline.model.time import zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

#: Visits that a profile takes.
_LEAST_VISITS = 500
#: Visits that each hour of the week is smoothed with.
_SMOOTHING = 20.0
_BURST_H, _SEASON_H = 240.0, 720.0
#: Visits to a city that its season is smoothed with.
_SEASON_VISITS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tempo:
    """Per stay, how much likelier than on average an ordinary visit is at that ``hour`` and in that ``spell``."""

    hour: Floats
    spell: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rhythm:
    """What a whole history says of when visits come: ``profile`` [weekday or weekend, hour] against the average, the length of
    its era in hours, and the ``shape`` of bursts (the smaller the stronger; infinite: there are none)."""

    profile: Floats
    era_h: float
    shape: float


def rhythm_of(stays: StayTable, visits: Flags, leader: Ints, names: PlaceNames) -> Rhythm | None:
    """None where there are too few visits to say.

    Args:
        visits: one flag a stay: it stands for a visit that counts.
        leader: the first stay of each stay's delegation, which is left out of its own spell.
    """
    if int(visits.sum()) < _LEAST_VISITS:
        return None
    free, hour = _clock(stays, names)
    counts = np.zeros((2, 24))
    np.add.at(counts, (free[visits], hour[visits]), 1.0)
    # Weekday and weekend apart, each hour with its neighbours.
    counts = (np.roll(counts, 1, axis=1) + 2 * counts + np.roll(counts, -1, axis=1)) / 4
    days = np.array([[5.0], [2.0]]) / 7
    expected = counts.sum() * days / 24
    era = float(np.ptp(stays.arrive_h[visits])) or 1.0
    cell, _ = _usual(stays, visits)
    own = _near(_cell(stays), stays, visits, leader, _BURST_H)
    clustered = own[visits].sum() / max((cell * min(2 * _BURST_H / era, 1.0))[visits].sum(), 1e-9)
    return Rhythm(
        profile=(counts + _SMOOTHING * days) / (expected + _SMOOTHING * days),
        era_h=era,
        shape=1.0 / (clustered - 1.0) if clustered > 1.05 else np.inf,
    )


def tempo_at(
    rhythm: Rhythm | None, stays: StayTable, visits: Flags, leader: Ints, names: PlaceNames, usual: tuple[Floats, Floats] | None = None
) -> Tempo:
    """The tempo at every stay's touchdown: visits of the same state within ten days either way, and of all states to the city
    within a month, against the mean.

    Args:
        usual: per stay, all other visits of its state to its place, and of all states to it; None: counted here.
    """
    if rhythm is None:
        return Tempo(hour=np.ones(len(stays)), spell=np.ones(len(stays)))
    free, hour = _clock(stays, names)
    cell, place = usual or _usual(stays, visits)
    burst = np.ones(len(stays))
    if np.isfinite(rhythm.shape):
        expected = cell * min(2 * _BURST_H / rhythm.era_h, 1.0)
        burst = (rhythm.shape + _near(_cell(stays), stays, visits, leader, _BURST_H)) / (rhythm.shape + expected)
    city = _near(stays.place, stays, visits, leader, _SEASON_H)
    season = (city + _SEASON_VISITS) / (place * min(2 * _SEASON_H / rhythm.era_h, 1.0) + _SEASON_VISITS)
    hours: Floats = rhythm.profile[free, hour]
    return Tempo(hour=hours, spell=np.where(stays.place >= 0, burst * season, 1.0))


def _clock(stays: StayTable, names: PlaceNames) -> tuple[Ints, Ints]:
    """Whether each touchdown was at the weekend (0 or 1), and its hour, at the place."""
    local_h = stays.arrive_h + local_offsets(stays, names)
    day = np.floor(local_h / 24).astype(np.int64)
    hour = np.floor(local_h - day * 24).astype(np.int64) % 24
    return ((day + 3) % 7 >= 5).astype(np.int64), hour  # 1 January 1970 was a Thursday.


def _cell(stays: StayTable) -> Ints:
    return stays.state * (int(stays.place.max(initial=0)) + 2) + stays.place


def _usual(stays: StayTable, visits: Flags) -> tuple[Floats, Floats]:
    """Per stay, all other visits of its state to its place, and of all states to it."""
    return np.maximum(_counts(_cell(stays), visits) - visits, 0.0), np.maximum(_counts(stays.place, visits) - visits, 0.0)


def local_offsets(stays: StayTable, names: PlaceNames) -> Floats:
    """Hours to add to UTC at each stay's airfield, 0 where its zone is not known."""
    airports = stays.frame["airport"]
    places = {a: names.served_by(a) for a in airports.unique()}
    zones = airports.map({a: p.tz if p else "" for a, p in places.items()})
    offset = np.zeros(len(stays))
    moments = stays.frame["touchdown"]
    for tz, rows in zones.groupby(zones).indices.items():
        if tz:
            there = pd.DatetimeIndex(moments.iloc[rows]).tz_convert(zone(str(tz)))
            wall = there.tz_localize(None).as_unit("us").asi8 - pd.DatetimeIndex(moments.iloc[rows]).tz_localize(None).as_unit("us").asi8
            offset[rows] = wall / 3_600_000_000
    return offset


def _near(key: Ints, stays: StayTable, visits: Flags, leader: Ints, within_h: float) -> Floats:
    """Visits with the same key within some hours of each stay; its own delegation's left out."""
    arrive = stays.arrive_h
    origin, span = float(arrive.min()), float(np.ptp(arrive)) + 4 * within_h
    _, code = np.unique(key, return_inverse=True)
    number = code * span + (arrive - origin)
    known = np.sort(number[visits])
    found = np.searchsorted(known, number + within_h, side="right") - np.searchsorted(known, number - within_h, side="left")
    mine = np.zeros(len(arrive), dtype=bool)
    mine[np.unique(leader[visits])] = True
    return np.asarray(np.maximum(found - mine[leader], 0), dtype=np.float64)


def _counts(key: Ints, visits: Flags) -> Floats:
    _, code = np.unique(key, return_inverse=True)
    return np.asarray(np.bincount(code, weights=visits.astype(np.float64))[code], dtype=np.float64)

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


def tempo_of(stays: StayTable, visits: Flags, leader: Ints, names: PlaceNames) -> Tempo:
    """The tempo at every stay's touchdown.

    Args:
        visits: one flag a stay: it stands for a visit that counts.
        leader: the first stay of each stay's delegation, which is left out of its own spell.
    """
    flat = np.ones(len(stays))
    if int(visits.sum()) < _LEAST_VISITS:
        return Tempo(hour=flat, spell=flat)
    return Tempo(hour=_hours(stays, visits, names), spell=_spells(stays, visits, leader))


def _hours(stays: StayTable, visits: Flags, names: PlaceNames) -> Floats:
    """Weekday and weekend apart, each hour with its neighbours."""
    local_h = stays.arrive_h + local_offsets(stays, names)
    day = np.floor(local_h / 24).astype(np.int64)
    hour = np.floor(local_h - day * 24).astype(np.int64) % 24
    free = ((day + 3) % 7 >= 5).astype(np.int64)  # 1 January 1970 was a Thursday.
    counts = np.zeros((2, 24))
    np.add.at(counts, (free[visits], hour[visits]), 1.0)
    counts = (np.roll(counts, 1, axis=1) + 2 * counts + np.roll(counts, -1, axis=1)) / 4
    days = np.array([[5.0], [2.0]]) / 7
    expected = counts.sum() * days / 24
    profile: Floats = (counts + _SMOOTHING * days) / (expected + _SMOOTHING * days)
    return np.asarray(profile[free, hour], dtype=np.float64)


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


def _spells(stays: StayTable, visits: Flags, leader: Ints) -> Floats:
    """Visits of the same state within ten days either way, and of all states to the city within a month, against the mean."""
    width = int(stays.place.max(initial=0)) + 2
    era = float(np.ptp(stays.arrive_h[visits])) or 1.0
    own = _near(stays.state * width + stays.place, stays, visits, leader, _BURST_H)
    cell = _counts(stays.state * width + stays.place, visits)
    expected = np.maximum(cell - visits, 0.0) * min(2 * _BURST_H / era, 1.0)
    clustered = own[visits].sum() / max(expected[visits].sum(), 1e-9)
    burst = np.ones(len(stays))
    if clustered > 1.05:
        shape = 1.0 / (clustered - 1.0)
        burst = (shape + own) / (shape + expected)
    city = _near(stays.place, stays, visits, leader, _SEASON_H)
    usual = np.maximum(_counts(stays.place, visits) - visits, 0.0) * min(2 * _SEASON_H / era, 1.0)
    season = (city + _SEASON_VISITS) / (usual + _SEASON_VISITS)
    return np.where(stays.place >= 0, burst * season, 1.0)


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

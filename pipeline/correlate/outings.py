"""What an aircraft did just before a stay and just after it: came on from another place abroad, went on to one, fetched its
passengers, parked elsewhere.

Stops to refuel are looked through: an aircraft that stopped on its way from home came from home. Where the stay before was
not seen, the field that the flight came from speaks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.itinerary import flights
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.tables import StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]

#: An aircraft that fetches its passengers waits for them so long at most, after a flight so long at most.
_WAIT_H, _HOP_H = 4.0, 1.5
#: One that parks elsewhere in the country leaves so soon, for so short a flight.
_DROP_H = 3.0
#: Stops on one way that are looked through.
_STOPS = 2
#: How exactly a rotation keeps its hour, and how many earlier visits are looked at for it.
_WEEK_H, _STEP_H, _LOOK_BACK = 168.0, 4.0, 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outings:
    """One value a stay.

    ``origin_known``, ``onward_known``: whether ``came_on`` and ``went_on`` say anything. ``stop``: short, with nobody set down;
    ``dropped``: short, and the aircraft then parked elsewhere in the country, which is ``positioned`` there; ``pick_up``: 1 when it
    was fetched from another field of its own country just before, 0 when it was not, -1 when where it was before is not known.
    """

    came_on: Flags
    went_on: Flags
    origin_known: Flags
    onward_known: Flags
    stop: Flags
    dropped: Flags
    positioned: Flags
    pick_up: Ints


def outings_of(stays: StayTable, names: PlaceNames, *, stop_h: float) -> Outings:
    """The outings of all stays.

    Args:
        stop_h: a stay shorter than this is a stop.
    """
    count = len(stays)
    short = np.nan_to_num(stays.leave_h - stays.arrive_h, nan=np.inf) < stop_h
    before, after, flight_h = _neighbours(stays)
    abroad, same_field = stays.foreign, stays.airport[before] == stays.airport
    seen = before >= 0
    same_country = seen & abroad & (stays.country[before] == stays.country) & ~same_field
    ground_h = np.nan_to_num(stays.leave_h - stays.arrive_h, nan=np.inf)
    positioned = same_country & (ground_h[before] < _DROP_H) & (flight_h <= _HOP_H)
    dropped = np.zeros(count, dtype=bool)
    dropped[before[positioned]] = True
    stop = short & ~dropped
    from_abroad = _from_abroad(stays, names)
    # Seen before: from there; else from where the flight is said to have come.
    came = np.where(seen, abroad[before] & ~same_field, from_abroad)
    went = (after >= 0) & abroad[after] & (stays.airport[after] != stays.airport)
    for _ in range(_STOPS):
        came = np.where(seen & stop[before] & abroad[before], came[before], came)
        went = np.where((after >= 0) & stop[after] & abroad[after], went[after], went)
    own = seen & ~abroad[before] & (stays.state[before] == stays.state)
    first = before[before]
    fetched = own & (before[before] >= 0) & ~abroad[first] & (stays.airport[first] != stays.airport[before])
    fetched &= (ground_h[before] <= _WAIT_H) & (flight_h[before] <= _HOP_H)
    return Outings(
        came_on=came & abroad,
        went_on=went & abroad,
        origin_known=seen | (stays.frame["from_airport"] != "").to_numpy(),
        onward_known=after >= 0,
        stop=stop,
        dropped=dropped,
        positioned=positioned,
        pick_up=np.where(own, fetched.astype(np.int64), -1),
    )


def in_step(stays: StayTable) -> Ints:
    """Of its last visits to the same field, how many the same aircraft made a whole number of weeks before, to within some hours; -1
    where it made none."""
    found = np.full(len(stays), -1, dtype=np.int64)
    _, aircraft = np.unique(stays.frame["icao24"].to_numpy(dtype=str), return_inverse=True)
    field = aircraft * (int(stays.airport.max(initial=0)) + 2) + stays.airport
    order = np.lexsort((stays.arrive_h, field))
    for back in range(1, _LOOK_BACK + 1):
        one, two = order[:-back], order[back:]
        weeks = (stays.arrive_h[two] - stays.arrive_h[one]) / _WEEK_H
        same = field[one] == field[two]
        found[two[same]] = np.maximum(found[two[same]], 0)
        near = np.abs(weeks - np.round(weeks)) * _WEEK_H <= _STEP_H
        found[two[same & (np.round(weeks) > 0) & near]] += 1
    return found


def _neighbours(stays: StayTable) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """The aircraft's stay before and after each (-1: none within a flight), and the hours of the flight from the one before."""
    before, after = np.full(len(stays), -1, dtype=np.int64), np.full(len(stays), -1, dtype=np.int64)
    flight_h = np.full(len(stays), np.inf)
    one, two, on_the_way = flights(stays)
    before[two], after[one] = one, two
    flight_h[two] = on_the_way
    return before, after, flight_h


def _from_abroad(stays: StayTable, names: PlaceNames) -> Flags:
    fields = stays.frame["from_airport"]
    country = fields.map({code: names.country_of(code) if code else "" for code in fields.unique()})
    return ((country != "") & (country != stays.frame["state"])).to_numpy()

"""What was there before: the same aircraft, route or state at the same place, and what was reported of it then.

Reconstructed stays are never precedents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from pipeline.correlate.tables import MeetingTable, StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

#: So many of a kind are named, the latest first; the rest are counted.
_NAMED = 3
#: A stay that began within this many hours before a reported meeting, or during it, was "reported then".
_REPORTED_WITHIN_H = 48.0


class Precedents:
    """Looks back from a stay over a table of stays and of meetings."""

    def __init__(self, stays: StayTable, meetings: MeetingTable, leader: Ints) -> None:
        self._stays, self._meetings, self._leader = stays, meetings, leader
        usable = np.flatnonzero(stays.away & stays.counts)
        keys = stays.frame.iloc[usable]
        self._rows = usable
        self._by_aircraft = _index(keys["icao24"], keys["airport"])
        self._by_route = _index(keys["state"], keys["from_airport"], keys["airport"])
        self._by_place = _index(pd.Series(stays.state[usable]), pd.Series(stays.place[usable]))
        guests = pd.DataFrame({"state": meetings.guest_state, "place": meetings.place[meetings.guest_meeting]})
        self._reports = _index(guests["state"], guests["place"])

    def visits_before(self, row: int) -> Ints:
        """Rows of earlier visits of the same state to the same place, oldest first; its own delegation left out."""
        stays = self._stays
        if stays.place[row] < 0 or stays.state[row] < 0:
            return np.empty(0, dtype=np.int64)
        return self._before(row, self._by_place.get((int(stays.state[row]), int(stays.place[row]))))

    def same_aircraft(self, row: int) -> Ints:
        """Rows of earlier stays of the same aircraft at the same field, oldest first."""
        key = (self._stays.text(row, "icao24"), self._stays.text(row, "airport"))
        return self._before(row, self._by_aircraft.get(key))

    def of(self, row: int) -> tuple[str, ...]:
        """Sentences such as ``same aircraft at LTAC on 2021-03-02``, the strongest kind first."""
        stays = self._stays
        aircraft, state, airport = (stays.text(row, c) for c in ("icao24", "state", "airport"))
        origin, city = stays.text(row, "from_airport"), stays.text(row, "city")
        same_aircraft = self._before(row, self._by_aircraft.get((aircraft, airport)))
        same_route = self._before(row, self._by_route.get((state, origin, airport))) if origin else same_aircraft[:0]
        same_place = self.visits_before(row)
        told = set(same_aircraft.tolist())
        same_route = np.array([r for r in same_route if r not in told], dtype=np.int64)
        told |= set(same_route.tolist())
        same_place = np.array([r for r in same_place if r not in told], dtype=np.int64)
        said = [
            *self._say(f"same aircraft at {airport}", same_aircraft),
            *self._say(f"same route {origin}–{airport}, same state", same_route),
            *self._say(f"same state at {city or airport}", same_place),
        ]
        return tuple(said)

    def _before(self, row: int, found: Ints | None) -> Ints:
        if found is None:
            return np.empty(0, dtype=np.int64)
        rows = self._rows[found]
        stays = self._stays
        rows = rows[(stays.arrive_h[rows] < stays.arrive_h[row]) & (self._leader[rows] != self._leader[row])]
        oldest_first: Ints = rows[np.argsort(stays.arrive_h[rows], kind="stable")].astype(np.int64)
        return oldest_first

    def _say(self, what: str, rows: Ints) -> list[str]:
        latest = rows[::-1][:_NAMED]
        said = [f"{what} on {self._stays.touchdown(int(r)):%Y-%m-%d}{self._reported(int(r))}" for r in latest]
        if said and len(rows) > _NAMED:
            said[-1] += f" (and {len(rows) - _NAMED} before)"
        return said

    def _reported(self, row: int) -> str:
        stays, meetings = self._stays, self._meetings
        if stays.place[row] < 0:
            return ""
        guests = self._reports.get((int(stays.state[row]), int(stays.place[row])), ())
        arrive = stays.arrive_h[row]
        for guest in guests:
            meeting = int(meetings.guest_meeting[guest])
            if meetings.from_h[meeting] - _REPORTED_WITHIN_H <= arrive <= meetings.to_h[meeting]:
                return f", reported then: “{meetings.text(meeting, 'title')}”"
        return ""


def _index(*columns: pd.Series[Any]) -> dict[tuple[object, ...], Ints]:
    """Row numbers by the values of some columns."""
    if not len(columns[0]):
        return {}
    frame = pd.DataFrame({str(i): c.to_numpy() for i, c in enumerate(columns)})
    return cast("dict[tuple[object, ...], Ints]", frame.groupby(list(frame.columns)).indices)

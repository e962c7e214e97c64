"""Candidate pairs: a stay of a participant's state away from home, at the meeting's place, within the window of arrivals.

Blocked by state, place and time without ever forming a pair outside the block: stays are sorted by (state, place,
touchdown) and each meeting's window is found in that order by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.scoring import Density
from pipeline.correlate.tables import MeetingTable, StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

#: How a stay's place agrees with the report's, best first; the names of the levels of the evidence ``place``.
LEVELS = ("city", "metro", "gateway", "country", "other_city")
_CITY, _METRO, _GATEWAY, _COUNTRY, _OTHER_CITY = range(len(LEVELS))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Indices into the two tables and the place level of each pair; sorted by stay, then meeting; each pair once.

    ``guest`` is the participant that the stay would be of: the aircraft's own state but where another's is the carrier."""

    stay: Ints
    meeting: Ints
    level: Ints
    guest: Ints

    def __len__(self) -> int:
        return len(self.stay)

    def where(self, keep: Flags | Ints) -> Pairs:
        """Some of them: those flagged, or of these indices."""
        return Pairs(stay=self.stay[keep], meeting=self.meeting[keep], level=self.level[keep], guest=self.guest[keep])

    def beside(self, others: Pairs) -> Pairs:
        """These and others, of which none is among these."""
        both = (np.concatenate([getattr(self, name), getattr(others, name)]) for name in Pairs.__slots__)
        return distinct(Pairs(**dict(zip(Pairs.__slots__, both, strict=True))))


def candidate_pairs(
    stays: StayTable, meetings: MeetingTable, *, arrival: Density, reach_h: float = 0.0, only_meetings: Flags | None = None
) -> Pairs:
    """All candidate pairs.

    Args:
        arrival: its outer edges are the window: hours from touchdown to the start of the meeting.
        reach_h: the window is wider by this on both sides, for reports that name a wrong day.
        only_meetings: look at these meetings alone (one flag a row of ``meetings``).
    """
    guest_meeting, guest_state = meetings.guest_meeting, meetings.guest_state
    if only_meetings is not None:
        wanted = only_meetings[guest_meeting]
        guest_meeting, guest_state = guest_meeting[wanted], guest_state[wanted]
    rows = np.flatnonzero(stays.away)
    search = _Search(stays, rows, meetings, guest_meeting, guest_state, arrival, reach_h)
    place = meetings.place[guest_meeting]
    country = meetings.country[guest_meeting]
    vague = (place < 0) | meetings.placeless[guest_meeting]
    found = [
        search.run(stays.place, place, place >= 0, _CITY),
        search.run(stays.second_place, place, place >= 0, _METRO),
        search.gateways(),
        search.run(stays.country, country, vague, _COUNTRY),
    ]
    stay = np.concatenate([f[0] for f in found])
    meeting = np.concatenate([f[1] for f in found])
    level = np.concatenate([f[2] for f in found])
    level = np.where((level == _COUNTRY) & meetings.placeless[meeting], _OTHER_CITY, level)
    return distinct(Pairs(stay=stay, meeting=meeting, level=level, guest=stays.state[stay]))


def distinct(pairs: Pairs) -> Pairs:
    """In order, and of several with the same stay and meeting the one with the best level."""
    order = np.lexsort((pairs.level, pairs.meeting, pairs.stay))
    pairs = pairs.where(order)
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (pairs.stay[1:] != pairs.stay[:-1]) | (pairs.meeting[1:] != pairs.meeting[:-1])
    return pairs.where(first)


class _Search:
    """Bisection over stays sorted by (state and place, touchdown)."""

    def __init__(
        self, stays: StayTable, rows: Ints, meetings: MeetingTable, guest_meeting: Ints, guest_state: Ints, arrival: Density, reach_h: float
    ) -> None:
        self.stays, self.rows, self.meetings = stays, rows, meetings
        self.guest_meeting, self.guest_state = guest_meeting, guest_state
        self.from_h = meetings.from_h - arrival.edges[-1] - reach_h
        self.to_h = meetings.to_h - arrival.edges[0] + reach_h

    def run(self, stay_key: Ints, guest_key: Ints, use: Flags, level: int) -> tuple[Ints, Ints, Ints]:
        """Pairs whose keys are equal, for the guests that ``use`` marks."""
        return self._find(stay_key, self.guest_meeting[use], self.guest_state[use], guest_key[use], level)

    def gateways(self) -> tuple[Ints, Ints, Ints]:
        """Pairs at an airfield across the border through which the meeting's place was reached on its day."""
        order = np.argsort(self.guest_meeting, kind="stable")
        meeting = self.guest_meeting[order]
        low = np.searchsorted(meeting, self.meetings.gateway_meeting, side="left")
        high = np.searchsorted(meeting, self.meetings.gateway_meeting, side="right")
        gateway, at = spread(low, high)
        guest = order[at]
        airport = self.meetings.gateway_airport[gateway]
        return self._find(self.stays.airport, self.guest_meeting[guest], self.guest_state[guest], airport, _GATEWAY)

    def _find(self, stay_key: Ints, meeting: Ints, state: Ints, key: Ints, level: int) -> tuple[Ints, Ints, Ints]:
        rows = self.rows[stay_key[self.rows] >= 0]
        width = int(max(stay_key.max(initial=0), key.max(initial=0))) + 1
        block = self.stays.state[rows] * width + stay_key[rows]
        wanted = state * width + key
        guest, hit = in_window(block, self.stays.arrive_h[rows], wanted, self.from_h[meeting], self.to_h[meeting])
        return rows[hit], meeting[guest], np.full(len(hit), level, dtype=np.int64)


def in_window(block: Ints, arrive_h: Floats, wanted: Ints, from_h: Floats, to_h: Floats) -> tuple[Ints, Ints]:
    """For each wanted block and window of hours, whatever of that block arrived in it: (index of the window, index of the arrival).

    By bisection, so that no pair outside a block is formed.
    """
    names = np.unique(block)
    at = np.searchsorted(names, wanted)
    known = (at < len(names)) & (names[np.minimum(at, len(names) - 1)] == wanted) if len(names) else np.zeros(len(wanted), dtype=bool)
    which, at = np.flatnonzero(known), at[known]
    # Block and touchdown share one sortable number; a double keeps it to well under a second for any real history.
    origin = float(arrive_h.min()) if len(arrive_h) else 0.0
    span = float(arrive_h.max()) - origin + 1.0 if len(arrive_h) else 1.0
    number = np.searchsorted(names, block) * (2 * span) + (arrive_h - origin)
    order = np.argsort(number, kind="stable")
    number = number[order]
    low = np.searchsorted(number, at * (2 * span) + np.clip(from_h[which] - origin, -span / 2, span), side="left")
    high = np.searchsorted(number, at * (2 * span) + np.clip(to_h[which] - origin, -span / 2, span), side="right")
    window, hit = spread(low, high)
    return which[window], order[hit]


def spread(low: NDArray[np.intp], high: NDArray[np.intp]) -> tuple[Ints, Ints]:
    """For ranges ``[low, high)``: the range's number and each index in it, e.g. [2,4),[7,8) → [0,0,1], [2,3,7]."""
    count = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(count)), count)
    starts = np.repeat(low - np.concatenate(([0], np.cumsum(count)[:-1])) if len(count) else low, count)
    return owner, starts + np.arange(len(owner))

"""Delegations that another's aircraft may have brought: the host's, sent to fetch them, or one of a state that takes no part.

Looked for only where the aircraft came straight from a field of the participant's capital, or from one through which that
capital was reached on the day (Kyiv's delegations board in Rzeszów). What speaks against it is how often that state's
aircraft fly that route anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.candidates import LEVELS, Pairs, distinct, in_window
from pipeline.correlate.events import Events
from pipeline.correlate.scoring import Density
from pipeline.correlate.tables import MeetingTable, StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def carried_pairs(stays: StayTable, meetings: MeetingTable, events: Events, *, disputed: Flags, arrival: Density, reach_h: float) -> Pairs:
    """Stays at a meeting's city of aircraft that came from a guest's capital and are of no guest's state.

    Args:
        disputed: one flag a stay: whose aircraft it is is not agreed, so that it is nobody else's.
        arrival, reach_h: as in ``candidate_pairs``.
    """
    known = (stays.state >= 0) & (stays.country >= 0) & (stays.came_from >= 0) & ~disputed
    rows = np.flatnonzero(known & (stays.frame["kind"] != "open_approach").to_numpy())
    meeting, state, airport = meetings.fetch_meeting, meetings.fetch_state, meetings.fetch_airport
    where = meetings.place[meeting]
    use = (where >= 0) & ~meetings.placeless[meeting]
    meeting, state, airport, where = meeting[use], state[use], airport[use], where[use]
    width = int(max(stays.place.max(initial=0), stays.second_place.max(initial=0), where.max(initial=0))) + 1
    low, high = meetings.from_h[meeting] - arrival.edges[-1] - reach_h, meetings.to_h[meeting] - arrival.edges[0] + reach_h
    found: list[tuple[Ints, Ints, Ints, Ints]] = []
    for place, name in ((stays.place, "city"), (stays.second_place, "metro")):
        some = rows[place[rows] >= 0]
        guest, hit = in_window(stays.came_from[some] * width + place[some], stays.arrive_h[some], airport * width + where, low, high)
        found.append((some[hit], meeting[guest], state[guest], np.full(len(hit), LEVELS.index(name), dtype=np.int64)))
    stay, of, guest, level = (np.concatenate([f[i] for f in found]) for i in range(4))
    # Who takes part by any report of the event comes for himself.
    count = int(max(stays.state.max(initial=0), events.guest_state.max(initial=0))) + 1
    visitors = np.unique(events.guest_event * count + events.guest_state)
    own = np.isin(events.of_meeting[of] * count + stays.state[stay], visitors)
    pairs = Pairs(stay=stay[~own], meeting=of[~own], level=level[~own], guest=guest[~own])
    # One capital's field may serve another's: the stay stands for one guest of an event, the same for all of its reports.
    order = np.lexsort((pairs.guest, pairs.stay, events.of_meeting[pairs.meeting]))
    key = np.stack([events.of_meeting[pairs.meeting[order]], pairs.stay[order]])
    new = np.concatenate(([True], (np.diff(key, axis=1) != 0).any(axis=0))) if len(pairs) else np.empty(0, dtype=bool)
    first = pairs.guest[order][np.flatnonzero(new)[np.cumsum(new) - 1]] if len(pairs) else pairs.guest
    keep = np.zeros(len(pairs), dtype=bool)
    keep[order] = pairs.guest[order] == first
    return distinct(pairs.where(keep))


def went_back(stays: StayTable, rows: Ints, meetings: MeetingTable, meeting: Ints, guest: Ints) -> Ints:
    """Of aircraft that came from a guest's capital: 1 where it took off for it again, 0 for elsewhere, -1 not known.

    Args:
        rows, meeting, guest: the stay, the meeting and the guest of each.
    """
    onward = stays.went_to
    fields = pd.MultiIndex.from_arrays([meetings.fetch_meeting, meetings.fetch_state, meetings.fetch_airport])
    home = pd.MultiIndex.from_arrays([meeting, guest, onward[rows]]).isin(fields)
    return np.where(onward[rows] < 0, -1, home.astype(np.int64))

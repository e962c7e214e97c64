"""Reports of one meeting taken together, and when it may have begun.

Two reports of one place with the same participants and (nearly) the same time are of one event: it has one moment, both
reports say something about it, and one of them may name a wrong day. A wrong day is wrong for all participants at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.columns import probability
from pipeline.correlate.evidence import publishers
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import MeetingTable
from pipeline.correlate.timing import likely_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Cells of a wrong day's reach, in hours.
_SLIP_H = 3.0
#: (hours that the reports leave open, cells into which they are cut); the last is for everything longer.
_CELLS = ((6.0, 24), (96.0, 48), (240.0, 96), (np.inf, 192))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Events:
    """``of_meeting`` is the event of each row of a ``MeetingTable``; everything else has one row an event.

    The reports name ``[from_h, to_h]``. ``status`` is what the latest report says; ``publishers`` are distinct;
    ``held`` is the chance that the meeting took place at all, ``held_by_status`` the same before publishers are
    counted. ``guest_event``, ``guest_state``: its participants who have to travel; ``guest_hosts``: in their own country.
    """

    of_meeting: Ints
    members: tuple[tuple[int, ...], ...]
    from_h: Floats
    to_h: Floats
    status: NDArray[np.object_]
    publishers: Ints
    held: Floats
    held_by_status: Floats
    guest_event: Ints
    guest_state: Ints
    guest_hosts: Flags

    def __len__(self) -> int:
        return len(self.members)

    def under(self, scoring: Scoring) -> Events:
        """The same with the chances of having taken place that ``scoring`` gives."""
        by_status = np.array([scoring.held[s] for s in self.status], dtype=np.float64)
        worth = np.array([scoring.levels["sources"][name].bits for name in ("none", "one", "several")])
        bits = np.log2(by_status / (1 - by_status)) + worth[np.minimum(self.publishers, 2)]
        return replace(self, held=probability(bits), held_by_status=by_status)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """When each of some events may have begun: [events, cells]. ``weight`` adds up to 1 a row.

    ``edges_h`` has one more column; ``hold_h`` is how long it then lasts; ``slip`` marks the days that no report names.
    """

    edges_h: Floats
    weight: Floats
    hold_h: Floats
    slip: NDArray[np.bool_]


def events_of(meetings: MeetingTable, scoring: Scoring) -> Events:
    """Which reports are of one meeting, and how likely it took place."""
    of_meeting = _joined(meetings, scoring)
    count = int(of_meeting.max(initial=-1)) + 1
    order = np.argsort(of_meeting, kind="stable")
    parts = np.split(order, np.searchsorted(of_meeting[order], np.arange(1, count))) if count else []
    members = tuple(tuple(part.tolist()) for part in parts)
    said = meetings.frame["status"].to_numpy(dtype=object)
    published = meetings.frame["published"].dt.as_unit("us").astype("int64").to_numpy()
    latest = [max(rows, key=lambda r: (published[r], r)) for rows in members]
    status = np.array([str(said[r]) or "unknown" for r in latest], dtype=object)
    sources = meetings.frame["sources"].to_numpy(dtype=object)
    number = np.array([len(set().union(*(publishers(str(sources[r])) for r in rows))) for rows in members], dtype=np.int64)
    country = np.array([meetings.country[rows[0]] for rows in members], dtype=np.int64)
    pairs = pd.MultiIndex.from_arrays([of_meeting[meetings.guest_meeting], meetings.guest_state]).unique().sort_values()
    found = Events(
        of_meeting=of_meeting,
        members=members,
        from_h=np.array([meetings.from_h[list(rows)].min() for rows in members], dtype=np.float64),
        to_h=np.array([meetings.to_h[list(rows)].max() for rows in members], dtype=np.float64),
        status=status,
        publishers=number,
        held=np.empty(0),
        held_by_status=np.empty(0),
        guest_event=np.asarray(pairs.get_level_values(0), dtype=np.int64),
        guest_state=np.asarray(pairs.get_level_values(1), dtype=np.int64),
        guest_hosts=np.asarray(pairs.get_level_values(1) == country[pairs.get_level_values(0)], dtype=bool),
    )
    return found.under(scoring)


def _joined(meetings: MeetingTable, scoring: Scoring) -> Ints:
    """The event of each report, numbered in the order of their first rows."""
    count = len(meetings)
    guests = [frozenset(s for s in states) for states in _guests(meetings)]
    parent = np.arange(count, dtype=np.int64)

    def root(at: int) -> int:
        while parent[at] != at:
            at = int(parent[at])
        return at

    order = np.lexsort((meetings.from_h, meetings.country))
    near = scoring.report.same_meeting_h
    for i, one in enumerate(order.tolist()):
        for other in order[i + 1 :].tolist():
            if meetings.country[other] != meetings.country[one] or meetings.from_h[other] > meetings.to_h[one] + near:
                break
            places = meetings.place[one], meetings.place[other]
            if (places[0] == places[1] or min(places) < 0) and _same(guests[one], guests[other]):
                a, b = sorted((root(one), root(other)))
                parent[b] = a
    roots = np.array([root(i) for i in range(count)], dtype=np.int64)
    return np.unique(roots, return_inverse=True)[1].astype(np.int64) if count else roots


def _guests(meetings: MeetingTable) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(len(meetings))]
    for meeting, state in zip(meetings.guest_meeting.tolist(), meetings.guest_state.tolist(), strict=True):
        found[meeting].append(state)
    return found


def _same(one: frozenset[int], other: frozenset[int]) -> bool:
    """One list of visitors holds the other, and they have at least half in common."""
    return bool(one) and (one <= other or other <= one) and 2 * len(one & other) >= len(one | other)


def cell_number(events: Events) -> Ints:
    """How many cells the named time of each event is cut into; events that have the same can be worked on together."""
    width = events.to_h - events.from_h
    return np.array([n for _, n in _CELLS], dtype=np.int64)[np.searchsorted([h for h, _ in _CELLS[:-1]], width, side="left")]


def moments_of(which: Ints, events: Events, meetings: MeetingTable, scoring: Scoring) -> Moments:
    """When the events of ``which`` (all with the same ``cell_number``) may have begun."""
    cells = int(cell_number(events)[which[0]])
    side = int(np.ceil(scoring.report.reach_days * 24 / _SLIP_H))
    low, high = events.from_h[which, None], events.to_h[which, None]
    before = low + _SLIP_H * np.arange(-side, 0)
    after = high + _SLIP_H * np.arange(1, side + 1)
    edges = np.concatenate([before, low + (high - low) * np.linspace(0.0, 1.0, cells + 1), after], axis=1)
    mid = (edges[:, 1:] + edges[:, :-1]) / 2
    first = np.array([events.members[e][0] for e in which], dtype=np.int64)
    day_hours = np.diff(likely_hours(edges, meetings, first, scoring, always=True), axis=1)
    weight, hold = np.ones_like(mid), np.full_like(mid, scoring.day.hold_h)
    for turn in range(max(len(events.members[e]) for e in which)):
        rows = np.array([events.members[e][turn] if turn < len(events.members[e]) else -1 for e in which], dtype=np.int64)
        have = np.flatnonzero(rows >= 0)
        said, lasts = _said(rows[have], edges[have], mid[have], day_hours[have], meetings, scoring)
        weight[have] *= said / (1.0 if turn == 0 else day_hours[have])
        hold[have] = np.where(lasts > 0, lasts, hold[have])
    weight /= weight.sum(axis=1, keepdims=True)
    slip = np.zeros(edges.shape[1] - 1, dtype=bool)
    slip[:side], slip[-side:] = True, True
    return Moments(edges_h=edges, weight=weight, hold_h=hold, slip=np.broadcast_to(slip, mid.shape))


def _said(rows: Ints, edges: Floats, mid: Floats, day_hours: Floats, meetings: MeetingTable, scoring: Scoring) -> tuple[Floats, Floats]:
    """What one report says of each cell (a row adds up to 1), and how long the meeting then lasts (0: it does not say)."""
    settings, day = scoring.report, scoring.day
    low, high = meetings.from_h[rows, None], meetings.to_h[rows, None]
    share = np.clip(np.minimum(edges[:, 1:], high) - np.maximum(edges[:, :-1], low), 0.0, None) / np.diff(edges, axis=1)
    spread = share * np.where(meetings.weighted[rows, None], day_hours, np.diff(edges, axis=1))
    spread /= spread.sum(axis=1, keepdims=True)
    starts = (np.abs(mid - low) <= 2 * day.clock_h) & meetings.long[rows, None]
    at_start = np.where(starts, share * np.diff(edges, axis=1), 0.0)
    total = at_start.sum(axis=1, keepdims=True)
    sure = np.where(total > 0, settings.start_share, 0.0)
    core = (1 - sure) * spread + sure * at_start / np.where(total > 0, total, 1.0)
    away = np.maximum(np.maximum(low - mid, mid - high), 0.0) / 24
    slip = np.where(share > 0, 0.0, day_hours * np.exp(-away / settings.scale_days))
    slip /= np.maximum(slip.sum(axis=1, keepdims=True), 1e-12)
    given = np.where(meetings.long[rows, None], np.where(starts, high - low, 0.0), meetings.hold_h[rows, None])
    exact = ~meetings.weighted[rows, None] & np.ones_like(mid, dtype=bool)
    return (1 - settings.misdated) * core + settings.misdated * slip, np.where(exact, given, 0.0)

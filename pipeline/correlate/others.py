"""Whether aircraft of the other visiting participants were there: evidence that counts once, however many there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate import candidates
from pipeline.correlate.candidates import Pairs
from pipeline.correlate.columns import Column
from pipeline.correlate.evidence import identity_column
from pipeline.correlate.listed import Listed
from pipeline.correlate.rates import Rates
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import MeetingTable, StayTable
from pipeline.correlate.timing import time_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

LEVELS = ("seen", "none_seen")
_NEAR = [candidates.LEVELS.index(level) for level in ("city", "metro", "gateway")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """(meeting, state) pairs with an aircraft there at a fitting time: of known and of disputed identity."""

    sure: frozenset[tuple[int, int]]
    disputed: frozenset[tuple[int, int]]


def presence_of(here: Pairs, stays: StayTable, meetings: MeetingTable, *, listed: Listed, scoring: Scoring) -> Presence:
    """Who was there among all known stays.

    A stay fits in time when its times are likelier than those of a chance visit anywhere in the meeting's window.

    Args:
        here: candidate pairs of all stays that are known, not only of those under test.
    """
    timing = time_pairs(here, stays, meetings, scoring)
    flat = np.log2(scoring.window_days / _window_days(here.meeting, meetings, scoring))
    fits = np.isin(here.level, _NEAR) & (timing.arrival_bits + timing.departure_bits > flat)
    identity = identity_column(here, stays, listed, scoring)
    disputed = identity.index == identity.levels.index("contested")
    return Presence(sure=_who(here, stays, fits & ~disputed), disputed=_who(here, stays, fits & disputed))


def others_column(pairs: Pairs, stays: StayTable, meetings: MeetingTable, *, presence: Presence, rates: Rates, scoring: Scoring) -> Column:
    """m: the share of participants whose aircraft we see; u: the chance that one would have been there anyway.

    Unknown where no other visiting state takes part, or where only an aircraft of disputed identity was seen.
    """
    wanted = list(zip(pairs.meeting.tolist(), stays.state[pairs.stay].tolist(), strict=True))
    rate = _guest_rates(meetings, presence, rates, scoring)
    guests: dict[int, list[int]] = {}
    for meeting, state in rate:
        guests.setdefault(meeting, []).append(state)
    worth: dict[tuple[int, int], tuple[int, float]] = {}
    for meeting, state in set(wanted):
        others = [(meeting, s) for s in guests.get(meeting, []) if s != state]
        worth[meeting, state] = _worth(others, presence, rate, _window_days(np.array([meeting]), meetings, scoring).item(), scoring)
    return Column(
        name="others",
        levels=LEVELS,
        index=np.array([worth[key][0] for key in wanted], dtype=np.int64),
        bits=np.array([worth[key][1] for key in wanted], dtype=np.float64),
    )


def _worth(
    others: list[tuple[int, int]], presence: Presence, rate: Mapping[tuple[int, int], float], window_days: float, scoring: Scoring
) -> tuple[int, float]:
    settings = scoring.others
    there = any(key in presence.sure for key in others)
    if not others or (not there and any(key in presence.disputed for key in others)):
        return -1, 0.0
    if not there:
        return LEVELS.index("none_seen"), float(np.log2(1 - settings.seen))
    expected = window_days * sum(rate[key] for key in others)
    if np.isnan(expected):
        expected = -np.log1p(-settings.by_chance) * window_days / scoring.window_days
    u = float(np.clip(-np.expm1(-expected), 0.02, 0.95))
    return LEVELS.index("seen"), float(np.log2((settings.seen + (1 - settings.seen) * u) / u))


def _guest_rates(meetings: MeetingTable, presence: Presence, rates: Rates, scoring: Scoring) -> dict[tuple[int, int], float]:
    """Visits per day of each visiting state to the meeting's place, the one seen left out; NaN unknown."""
    place = meetings.place[meetings.guest_meeting]
    keys = list(zip(meetings.guest_meeting.tolist(), meetings.guest_state.tolist(), strict=True))
    own = np.array([key in presence.sure for key in keys], dtype=np.float64)
    visits = np.maximum(rates.visits(meetings.guest_state, place) - own, 0.0)
    days = rates.days(place)
    known = days >= scoring.rates.min_covered_days
    return dict(zip(keys, np.where(known, rates.per_day(visits, days), np.nan).tolist(), strict=True))


def _window_days(meeting: NDArray[np.int64], meetings: MeetingTable, scoring: Scoring) -> NDArray[np.float64]:
    """How long the window of candidate arrivals is."""
    return scoring.window_days + (meetings.to_h[meeting] - meetings.from_h[meeting]) / 24


def _who(here: Pairs, stays: StayTable, rows: Flags) -> frozenset[tuple[int, int]]:
    return frozenset(zip(here.meeting[rows].tolist(), stays.state[here.stay[rows]].tolist(), strict=True))

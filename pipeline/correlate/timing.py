"""How well a stay's arrival and departure fit a meeting whose moment is only known to lie in an interval.

Let M be the moment the meeting began, spread over the report's interval (day hours likelier than night when only days
are known), f the density of M − arrival among true pairs and g that of departure − end of the meeting. Then

    arrival   = E[f(M − A)] · window                      chance arrivals are uniform over the window
    departure = E[f(M − A) g(B − M)] / E[f(M − A)] / h(B − A)   h: the length of an ordinary stay

and the product of the two is the likelihood ratio of both times together. A vague report spreads M and so earns less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.candidates import Pairs
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import MeetingTable, StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Cells into which the part of the interval within reach of an arrival is cut.
_CELLS = 48
#: Pairs worked on at once: bounds the memory at about 100 MB.
_BLOCK = 40_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timing:
    """One value a pair: bits, the index of the level's bin, and the expected lead and lag in hours.

    ``lag_h`` is NaN and ``departure_level`` -1 where the stay was not seen to end (0 bits).
    """

    arrival_bits: Floats
    arrival_level: Ints
    lead_h: Floats
    departure_bits: Floats
    departure_level: Ints
    lag_h: Floats


def time_pairs(pairs: Pairs, stays: StayTable, meetings: MeetingTable, scoring: Scoring) -> Timing:
    """The timing evidence of every pair."""
    parts = [_block(pairs, slice(i, i + _BLOCK), stays, meetings, scoring) for i in range(0, max(len(pairs), 1), _BLOCK)]
    arrival, lead, departure, lag = (np.concatenate([p[i] for p in parts]) for i in range(4))
    seen = ~np.isnan(lag)
    return Timing(
        arrival_bits=arrival,
        arrival_level=scoring.arrival.bin_of(lead),
        lead_h=lead,
        departure_bits=departure,
        departure_level=np.where(seen, scoring.departure.bin_of(np.where(seen, lag, 0.0)), -1),
        lag_h=lag,
    )


def _block(pairs: Pairs, part: slice, stays: StayTable, meetings: MeetingTable, scoring: Scoring) -> tuple[Floats, Floats, Floats, Floats]:
    stay, meeting = pairs.stay[part], pairs.meeting[part]
    arrive, leave = stays.arrive_h[stay], stays.leave_h[stay]
    from_h, to_h = meetings.from_h[meeting], meetings.to_h[meeting]
    edges = scoring.arrival.edges
    low = np.maximum(from_h, arrive + edges[0])
    high = np.maximum(np.minimum(to_h, arrive + edges[-1]), low)
    cut = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _CELLS + 1)
    moment = (cut[:, 1:] + cut[:, :-1]) / 2
    weight = np.diff(likely_hours(cut, meetings, meeting, scoring), axis=1)
    whole = np.diff(likely_hours(np.stack([from_h, to_h], axis=1), meetings, meeting, scoring), axis=1)
    weight /= whole
    joint = weight * scoring.arrival.at(moment - arrive[:, None])
    fit = joint.sum(axis=1)
    best = np.maximum(fit, scoring.arrival.floor)
    lead = np.where(fit > 0, (joint * (moment - arrive[:, None])).sum(axis=1) / np.where(fit > 0, fit, 1.0), low - arrive)
    after = leave[:, None] - moment - meetings.hold_h[meeting][:, None]
    left = (joint * scoring.departure.at(after)).sum(axis=1) / best
    ordinary = scoring.stay_length.at(leave - arrive)
    seen = ~np.isnan(leave)
    ratio = np.where(seen, np.maximum(left, scoring.departure.floor) / ordinary, 1.0)
    lag = np.where(seen, leave - arrive - lead - meetings.hold_h[meeting], np.nan)
    return np.log2(best * scoring.arrival.width_h), lead, np.log2(ratio), lag


def likely_hours(at: Floats, meetings: MeetingTable, meeting: Ints, scoring: Scoring, *, always: bool = False) -> Floats:
    """Hours up to each moment, those of the night counted at their weight where only days are known (or ``always``)."""
    day = scoring.day
    clock = at + meetings.offset_h[meeting][:, None]
    days, hour = np.divmod(clock, 24.0)
    waking = np.clip(hour, day.from_hour, day.to_hour) - day.from_hour
    weighted = waking + day.night_weight * (hour - waking)
    full = (day.to_hour - day.from_hour) * (1 - day.night_weight) + 24.0 * day.night_weight
    by_day = days * full + weighted
    return by_day if always else np.where(meetings.weighted[meeting][:, None], by_day, at)

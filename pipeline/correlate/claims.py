"""Which stays claim which meetings: candidate pairs joined over the reports of one meeting, and what fits besides the times."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate import candidates, carriers, evidence
from pipeline.correlate.candidates import Pairs
from pipeline.correlate.columns import Column
from pipeline.correlate.events import Events
from pipeline.correlate.evidence import Rarity
from pipeline.correlate.inference import Claims, Found, Seen, count_unclaimed, infer, rivals_of
from pipeline.correlate.listed import Listed
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.rates import Rates
from pipeline.correlate.routes import Routes
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import MeetingTable, StayTable
from pipeline.correlate.tempo import Tempo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_WIDE = [candidates.LEVELS.index("country"), candidates.LEVELS.index("other_city")]
#: Visits that cities of a country may have had that no history shows.
_UNSEEN_VISITS = 3.0
#: Events that settings are fitted to at most.
_FIT_EVENTS = 3000
OTHERS_LEVELS = ("seen", "none_seen")
RIVAL_LEVELS = ("alone", "better_elsewhere", "second_aircraft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all claims are looked at with. ``flown`` marks the stays whose flights are among ``routes``, ``watched`` the events of
    which a visit would have been seen."""

    stays: StayTable
    meetings: MeetingTable
    events: Events
    watched: Flags
    counted: Flags
    flown: Flags
    rates: Rates
    routes: Routes
    tempo: Tempo
    names: PlaceNames
    listed: Listed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claimed:
    """Claims, their evidence but for the times, and which of them each candidate pair is (-1: none).

    ``hour_bits`` say how usual each stay's hour of landing is; they are taken off what its arrival is worth; ``carrier`` whose
    aircraft it is (``evidence.CARRIER_LEVELS``).
    """

    claims: Claims
    pairs: Pairs
    rarity: Rarity
    hour_bits: Floats
    place: Column
    fixed: tuple[Column, ...]
    carrier: Ints
    of_pair: Ints


def claims_of(pairs: Pairs, context: Context, scoring: Scoring) -> Claimed:
    """One claim a (stay, event); a city that any report of the event names is the event's city."""
    stays, meetings, events = context.stays, context.meetings, context.events
    event = events.of_meeting[pairs.meeting]
    named = np.zeros(len(events), dtype=bool)
    named[events.of_meeting[(meetings.place >= 0) & ~meetings.placeless]] = True
    wide = np.isin(pairs.level, _WIDE)
    usable = np.flatnonzero(~(wide & named[event]))
    where = np.where(stays.place >= 0, stays.place, stays.airport.max(initial=0) + stays.place.max(initial=0) + 2 + stays.airport)
    scene = np.where(wide, where[pairs.stay] + 1, 0)
    state = pairs.guest
    order = usable[np.lexsort([a[usable] for a in (pairs.level, pairs.stay, stays.arrive_h[pairs.stay], state, scene, event)])]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (event[order[1:]] != event[order[:-1]]) | (pairs.stay[order[1:]] != pairs.stay[order[:-1]])
    rows = order[first]
    claim_key, pair_key = (pd.MultiIndex.from_arrays([event[r], pairs.stay[r]]) for r in (rows, np.arange(len(pairs))))
    of_pair = np.asarray(claim_key.get_indexer(pair_key), dtype=np.int64)
    speaks = _speaker(events, meetings)
    one = Pairs(stay=pairs.stay[rows], meeting=speaks[event[rows]], level=pairs.level[rows], guest=state[rows])
    carried = one.guest != stays.state[one.stay]
    rarity = evidence.rarity_of(
        one,
        stays,
        context.counted,
        context.rates,
        context.tempo.spell,
        scoring,
        carried=carried,
        flown=context.flown,
        routes=context.routes,
    )
    others = pairs.where(rows[carried])
    back = carriers.went_back(stays, others.stay, meetings, others.meeting, others.guest)
    parted = np.zeros(len(one), dtype=bool)
    parted[carried] = back != 1
    origin = evidence.with_rides(evidence.origin_column(one, stays, context.names, context.listed, scoring), carried, back, scoring)
    identity = evidence.identity_column(one, stays, context.listed, scoring)
    lone = identity.index == identity.levels.index("contested")
    level = evidence.place_column(one, scoring)
    fixed = (
        evidence.rarity_column(rarity, scoring).silenced(lone),
        origin.silenced(lone),
        evidence.role_column(one, stays, meetings, scoring).silenced(lone),
        identity,
        evidence.landing_column(one, stays, scoring),
    )
    share = _shares(one, scene[rows], context, level)
    whose = evidence.carriers_of(one, stays, meetings)
    carrier = evidence.carrier_column(whose, scoring).silenced(lone)
    reference = scoring.reference_per_day
    hour_bits = np.log2(context.tempo.hour[one.stay])
    return Claimed(
        claims=Claims(
            stay=one.stay,
            event=event[rows],
            scene=scene[rows],
            state=state[rows],
            share=share,
            fit_bits=np.where(share < 1, 0.0, level.bits) - hour_bits + np.sum([c.bits for c in fixed], axis=0) + carrier.bits,
            per_hour=reference * np.exp2(-fixed[0].bits) / 24,
            lone=lone,
            host=whose == evidence.CARRIER_LEVELS.index("host"),
            carried=carried,
            parted=parted,
        ),
        pairs=one,
        rarity=rarity,
        hour_bits=hour_bits,
        place=Column(name="place", levels=level.levels, index=level.index, bits=np.where(share < 1, np.log2(share), level.bits)),
        fixed=fixed,
        carrier=whose,
        of_pair=of_pair,
    )


def sample(context: Context) -> Flags:
    """So many events, chosen by their ids, that settings can be fitted to: the same whatever is asked about."""
    events = context.events
    if len(events) <= _FIT_EVENTS:
        return np.ones(len(events), dtype=bool)
    ids = context.meetings.frame["meeting_id"].to_numpy(dtype=object)
    number = np.array([zlib.crc32(str(ids[rows[0]]).encode()) for rows in events.members])
    chosen = np.zeros(len(events), dtype=bool)
    chosen[np.argsort(number, kind="stable")[:_FIT_EVENTS]] = True
    return chosen


def concerning(pairs: Pairs, asked: Flags, context: Context) -> Pairs:
    """All pairs of the events that the stays asked about may belong to, and of the events that those events' stays may."""
    events, stays = context.events, context.stays
    event = events.of_meeting[pairs.meeting]
    wanted = asked[pairs.stay]
    for _ in range(2):
        touched = np.zeros(len(events), dtype=bool)
        touched[event[wanted]] = True
        near = np.zeros(len(stays), dtype=bool)
        near[pairs.stay[touched[event]]] = True
        wanted = near[pairs.stay]
    return pairs.where(touched[event])


def search(claimed: Claimed, context: Context, scoring: Scoring, *, seen: Seen | None = None) -> Found:
    """Every meeting by itself first, then with the claims that other meetings have on its stays."""
    stays, meetings, events = context.stays, context.meetings, context.events.under(scoring)
    alone = infer(claimed.claims, stays, meetings, events, scoring, rival=np.zeros(len(claimed.claims)))
    rival = rivals_of(claimed.claims, alone, stays, events)
    return infer(claimed.claims, stays, meetings, events, scoring, rival=rival, seen=seen)


def searcher(claimed: Claimed, context: Context, chosen: Flags) -> Callable[[Scoring, Seen], Found]:
    """For ``fitting.fitted``: counts the ``chosen`` events, those without any claim among them where a visit would have been seen."""
    unclaimed = chosen & context.watched
    unclaimed[claimed.claims.event] = False

    def found(scoring: Scoring, seen: Seen) -> Found:
        count_unclaimed(seen, np.flatnonzero(unclaimed), context.events.under(scoring), scoring)
        return search(claimed, context, scoring, seen=seen)

    return found


def timed_columns(claimed: Claimed, found: Found, context: Context, scoring: Scoring) -> list[Column]:
    """All evidence of every claim in the order of the waterfall."""
    claims, events = claimed.claims, context.events.under(scoring)
    names = tuple(dict.fromkeys(scoring.arrival.names))
    arrival = _by_name(scoring.arrival.names, scoring.arrival.bin_of(found.lead_h))
    gone = ~np.isnan(found.lag_h)
    lag = np.where(gone, found.lag_h, 0.0)
    departure = _by_name(scoring.departure.names, scoring.departure.bin_of(lag))
    seen = scoring.prior.seen
    held = events.held_by_status[claims.event]
    status_bits = np.log2(held / (held + (1 - held) / (1 - seen)))
    statuses = tuple(scoring.held)
    status = np.array([statuses.index(s) for s in events.status], dtype=np.int64)[claims.event] if len(claims) else claims.event
    guests = np.bincount(events.guest_event, minlength=len(events))[claims.event]
    others = np.where(claims.lone | (guests < 2), -1, np.where(found.company >= 0.5, 0, 1))
    rivals = np.where(np.abs(found.rivals_bits) < 0.1, 0, np.where(found.rivals_bits < 0, 1, 2))
    return [
        claimed.place,
        Column(
            name="arrival",
            levels=(*names, "wrong_day"),
            index=np.where(found.slip > 0.5, len(names), arrival),
            bits=found.arrival_bits - claimed.hour_bits,
        ),
        Column(
            name="departure",
            levels=tuple(dict.fromkeys(scoring.departure.names)),
            index=np.where(gone, departure, -1),
            bits=found.departure_bits,
        ),
        *claimed.fixed,
        evidence.carrier_column(claimed.carrier, scoring).silenced(claims.lone),
        Column(name="status", levels=statuses, index=np.where(status == statuses.index("unknown"), -1, status), bits=status_bits),
        Column(
            name="sources",
            levels=("none", "one", "several"),
            index=np.minimum(events.publishers[claims.event], 2),
            bits=found.held_bits - status_bits,
        ),
        Column(name="others", levels=OTHERS_LEVELS, index=others, bits=found.others_bits),
        Column(name="rivals", levels=RIVAL_LEVELS, index=rivals, bits=found.rivals_bits),
    ]


def _by_name(names: tuple[str, ...], at: Ints) -> Ints:
    unique = list(dict.fromkeys(names))
    return np.array([unique.index(n) for n in names], dtype=np.int64)[at]


def _speaker(events: Events, meetings: MeetingTable) -> Ints:
    """The report of each event that names the most participants, the first of them."""
    named = np.bincount(meetings.guest_meeting, minlength=len(meetings))
    return np.array([min(rows, key=lambda r: (-named[r], r)) for rows in events.members], dtype=np.int64)


def _shares(one: Pairs, scene: Ints, context: Context, level: Column) -> Floats:
    """The chance that an event of which only the country is known was in the city of each claim: its share of all visits."""
    wide = scene > 0
    share = np.ones(len(one))
    if not wide.any():
        return share
    stays, rates = context.stays, context.rates
    visits = rates.cells.groupby(level=1).sum() if len(rates.cells) else pd.Series(dtype=np.float64)
    place, country = stays.place[one.stay[wide]], stays.country[one.stay[wide]]
    here = np.asarray(visits.reindex(place).fillna(0.0), dtype=np.float64) + 1.0
    total = rates.country_cells.groupby(level=1).sum() if len(rates.country_cells) else pd.Series(dtype=np.float64)
    count = pd.Series(rates.place_country.to_numpy()).value_counts() if len(rates.place_country) else pd.Series(dtype=np.float64)
    everywhere = np.asarray(total.reindex(country).fillna(0.0), dtype=np.float64)
    everywhere = everywhere + np.asarray(count.reindex(country).fillna(1.0), dtype=np.float64)
    share[wide] = here / (everywhere + _UNSEEN_VISITS) * np.exp2(level.bits[wide])
    # A named city that the gazetteer lacks is still the likeliest place, where stays name it the same way.
    placeless = ~wide & context.meetings.placeless[one.meeting]
    share[placeless] = 1.0 - 2.0 ** float(level.bits[wide].min())
    return np.minimum(share, 1.0)

"""How probable it is that a stay belongs to a meeting, with everything that is shared looked at once.

A meeting has one moment M (its reports may name a wrong day, for everyone), one city (its reports may name only the
country), and took place or did not. Given those, each visiting state either was seen (share s; a host that comes from elsewhere
in its country: a share of its own) by one true delegation among its ordinary visits, or was not. A true delegation
with times A, B has density s·f(M − A)·g(B − M), ordinary visits have λ·h(B − A); their ratio times what else fits is R.
With L = 1 − s + Σ R over the state's stays there,

    P(stay i is of the meeting) = Σ over M and city of  P(held, M, city) · R_i / L · (Π of the other states' L),  normalised

so that stays of a state compete for a meeting, other participants count once, and a wrong day is wrong for all. A second
aircraft of the delegation is compared with an ordinary visit by how close to the first it landed and left, or (an advance
party, another participant) comes by itself. Meetings compete for a stay: where another one claims it with odds w, its
ordinary rate counts as λ·(1 + w), unless the stay spans both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.events import Events, Moments, cell_number, moments_of
from pipeline.correlate.scoring import Density, Scoring
from pipeline.correlate.tables import MeetingTable, StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

#: Pair × cell numbers held at once: bounds the memory at some 120 MB.
_BLOCK = 1_000_000
_TINY = 1e-300
#: Differences of bits below this are rounding.
_NOISE_BITS = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claims:
    """Candidate (stay, event) pairs, sorted by (event, scene, state, arrival).

    ``scene`` is the city that the event would then have been in (0 where the report names it) and ``share`` the chance
    that it was there; ``fit_bits`` is everything but times and ``share``; ``per_hour`` the state's ordinary visits; a
    ``lone`` claim (of disputed identity) counts for nobody else. ``state`` is the participant's. ``host``: it is in another city of
    its own; ``carried``: by an aircraft of another; ``parted``: when that left says nothing of a delegation.
    """

    stay: Ints
    event: Ints
    scene: Ints
    state: Ints
    share: Floats
    fit_bits: Floats
    per_hour: Floats
    lone: Flags
    host: Flags
    carried: Flags
    parted: Flags

    def __len__(self) -> int:
        return len(self.stay)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """One value a claim. ``alone_bits`` are the odds of the claim by itself, of a meeting that did take place; ``others_bits`` and
    ``rivals_bits`` add what the other participants, and other stays and meetings, change.

    ``lead_h`` and ``lag_h`` are expected hours from touchdown to the meeting and from its end to take-off; ``slip``
    is the chance that the report then names a wrong day; ``company`` the expected number of other participants seen.
    """

    arrival_bits: Floats
    departure_bits: Floats
    held_bits: Floats
    others_bits: Floats
    rivals_bits: Floats
    posterior: Floats
    primary: Floats
    lead_h: Floats
    lag_h: Floats
    slip: Floats
    company: Floats


@dataclass(slots=True, kw_only=True)
class Seen:
    """Expected counts over all claims, from which settings are fitted: one a bin between the edges, in hours."""

    arrival_edges: Floats
    departure_edges: Floats
    arrival: Floats
    departure: Floats
    second_landed: Floats
    second_left: Floats
    visits: float = 0.0
    chances: float = 0.0
    host_visits: float = 0.0
    host_chances: float = 0.0
    slips: float = 0.0
    together: float = 0.0
    again: float = 0.0
    held: dict[str, list[float]] = field(default_factory=dict)


def infer(
    claims: Claims, stays: StayTable, meetings: MeetingTable, events: Events, scoring: Scoring, *, rival: Floats, seen: Seen | None = None
) -> Found:
    """The posterior of every claim.

    Args:
        rival: per claim, the odds with which other meetings claim its stay (0: none).
        seen: if given, expected counts are added to it.
    """
    out = {name: np.zeros(len(claims)) for name in Found.__slots__}
    cells = cell_number(events)
    guests, hosts = (
        np.bincount(events.guest_event[who], minlength=len(events)).astype(np.float64) for who in (~events.guest_hosts, events.guest_hosts)
    )
    for rows in _blocks(claims, cells):
        which, at = np.unique(claims.event[rows], return_inverse=True)
        moments = moments_of(which, events, meetings, scoring)
        for name, values in _block(claims, rows, at, which, moments, stays, events, guests, hosts, scoring, rival, seen).items():
            out[name][rows] = values
    return Found(**out)


def count_unclaimed(seen: Seen, which: Ints, events: Events, scoring: Scoring) -> None:
    """Add what events say on which no stay has a claim: they did not take place, or nobody who came was seen.

    Left out, only meetings at which somebody was would count, and visits would seem to be seen more often than they are.
    """
    guests, hosts = (
        np.bincount(events.guest_event[who], minlength=len(events))[which] for who in (~events.guest_hosts, events.guest_hosts)
    )
    held = events.held[which]
    unseen = held * (1 - scoring.prior.seen) ** guests * (1 - scoring.prior.seen_host) ** hosts
    took_place = unseen / (unseen + 1 - held)
    seen.chances += float((took_place * guests).sum())
    seen.host_chances += float((took_place * hosts).sum())
    _count_held(seen, events, which, took_place)


def rivals_of(claims: Claims, found: Found, stays: StayTable, events: Events) -> Floats:
    """Per claim, the odds with which other meetings claim its stay; a stay that spans both meetings has no rivals in them."""
    odds = np.minimum(found.primary / np.maximum(1 - found.primary, 1e-4), 1e4) * ~claims.lone
    order = np.argsort(claims.stay, kind="stable")
    stay = claims.stay[order]
    edge = np.flatnonzero(np.concatenate(([True], stay[1:] != stay[:-1], [True])))
    out = np.zeros(len(claims))
    for low, high in zip(edge[:-1].tolist(), edge[1:].tolist(), strict=True):
        if high - low > 1:
            rows = order[low:high]
            arrive, leave = stays.arrive_h[stay[low]], stays.leave_h[stay[low]]
            leave = leave if leave == leave else arrive + 24.0
            spans = (events.from_h[claims.event[rows]] <= leave) & (events.to_h[claims.event[rows]] >= arrive)
            rivals = ~(spans[:, None] & spans[None, :]) & ~np.eye(len(rows), dtype=bool)
            out[rows] = (rivals * odds[rows][None, :]).sum(axis=1)
    return out


def _blocks(claims: Claims, cells: Ints) -> Iterator[Ints]:
    """Rows of whole events that have the same number of cells, a bounded number at once."""
    if not len(claims):
        return
    number = cells[claims.event]
    for count in np.unique(number):
        rows = np.flatnonzero(number == count)
        step = max(_BLOCK // (int(count) + 140), 1)
        start = 0
        while start < len(rows):
            end = min(start + step, len(rows))
            while end < len(rows) and claims.event[rows[end]] == claims.event[rows[end - 1]]:
                end += 1
            yield rows[start:end]
            start = end


def _block(
    claims: Claims,
    rows: Ints,
    at: Ints,
    which: Ints,
    moments: Moments,
    stays: StayTable,
    events: Events,
    guests: Floats,
    hosts: Floats,
    scoring: Scoring,
    rival: Floats,
    seen: Seen | None,
) -> dict[str, Floats]:
    s = scoring.prior.seen
    own_s = np.where(claims.host[rows], scoring.prior.seen_host, s)
    arrive, leave = stays.arrive_h[claims.stay[rows]], np.where(claims.parted[rows], np.nan, stays.leave_h[claims.stay[rows]])
    edges, weight = moments.edges_h, moments.weight
    mid = (edges[:, 1:] + edges[:, :-1]) / 2
    f = _mean_density(scoring.arrival, edges[at] - arrive[:, None])
    ended = mid + moments.hold_h
    gone = ~np.isnan(leave)
    after = np.where(gone, leave, 0.0)[:, None] - ended[at]
    ordinary = scoring.stay_length.at(np.where(gone, leave - arrive, 1.0))
    g = np.where(gone[:, None], scoring.departure.at(after) / ordinary[:, None], 1.0)
    base = weight[at] * f
    arrival = base.sum(axis=1)
    joint = base * g
    both = joint.sum(axis=1)
    ratio = f * g * (np.exp2(scoring.prior_bits + claims.fit_bits[rows]) * scoring.arrival.width_h)[:, None]

    # Rows of one (event, scene, state), scenes of one event.
    scene_key = np.stack([at, claims.scene[rows]])
    new_scene = np.concatenate(([True], (np.diff(scene_key, axis=1) != 0).any(axis=0)))
    new_row = new_scene | np.concatenate(([True], np.diff(claims.state[rows]) != 0))
    row_of, scene_of = np.cumsum(new_row) - 1, np.cumsum(new_scene) - 1
    first_row, first_scene = np.flatnonzero(new_row), np.flatnonzero(new_scene)
    mates = np.where(claims.lone[rows] | claims.carried[rows], -1 - np.arange(len(rows)), row_of)
    one, other, same = _companions(mates, arrive, leave, claims.per_hour[rows], scoring)
    crowd = 1.0 + np.bincount(one, weights=same, minlength=len(rows))
    counted = np.where(claims.lone[rows], 0.0, 1.0 / (crowd * (1.0 + rival[rows])))
    weighed = ratio * counted[:, None]
    likely = 1.0 + np.add.reduceat(weighed, first_row, axis=0)
    scene = np.exp(np.add.reduceat(np.log(likely), np.flatnonzero(new_scene[first_row]), axis=0))
    share = claims.share[rows][first_scene]
    event_of_scene = at[first_scene]
    begin = np.flatnonzero(np.concatenate(([True], np.diff(event_of_scene) != 0)))
    rest = np.clip(1.0 - np.add.reduceat(share, begin), 0.0, None)
    total = np.add.reduceat(share[:, None] * scene, begin, axis=0) + rest[:, None]
    held = events.held[which]
    # A state of which only aircraft of disputed identity were seen may have been there or not: it says nothing.
    disputed, at_home = (
        np.bincount(event_of_scene[scene_of[first_row]], weights=np.bitwise_and.reduceat(who, first_row), minlength=len(which))
        for who in (claims.lone[rows] & ~claims.host[rows], claims.lone[rows] & claims.host[rows])
    )
    absent = (1 - held) * (1 - s) ** -np.maximum(guests[which] - disputed, 0.0)
    absent *= (1 - scoring.prior.seen_host) ** -np.maximum(hosts[which] - at_home, 0.0)
    evidence = held * (weight * total).sum(axis=1) + absent

    without = scene[scene_of] / likely[row_of]
    portion = share[scene_of][:, None] * weight[at] * held[at][:, None]
    primary_at = portion * without * weighed / evidence[at][:, None]
    primary = np.clip(primary_at.sum(axis=1), 0.0, 1.0)
    together = np.bincount(one, weights=same * primary[other], minlength=len(rows))
    again = scoring.delegation.another * ratio * ((1 - own_s) / own_s)[:, None]
    again = np.where((claims.lone | claims.carried)[rows][:, None], 0.0, again / (1 + again) / (1.0 + rival[rows][:, None]))
    separately = ((np.add.reduceat(primary_at, first_row, axis=0)[row_of] - primary_at) * again).sum(axis=1)
    posterior = np.clip(primary + np.maximum(together, separately), 0.0, 1.0 - 1e-9)
    # The same with no other stay of its own state, and by itself.
    shared = share[scene_of][:, None] * without
    mine = (portion * without * ratio).sum(axis=1)
    nobody = held[at] * (weight[at] * (total[at] - share[scene_of][:, None] * scene[scene_of] + shared)).sum(axis=1) + absent[at]
    with_others = np.log2(np.maximum(mine / nobody, _TINY))
    taken = held / (held + (1 - held) / (1 - s))
    alone = np.log2(np.maximum(both * scoring.arrival.width_h * share[scene_of], _TINY))
    alone += scoring.prior_bits + claims.fit_bits[rows] + np.log2(taken)[at]
    lone = claims.lone[rows]
    others = np.where(lone | (np.abs(with_others - alone) < _NOISE_BITS), 0.0, with_others - alone)
    posterior = np.where(lone, 1 / (1 + np.exp2(-alone)), posterior)
    posterior = np.maximum(posterior, 1e-12)
    final = np.log2(posterior / (1 - posterior))
    believed = joint * without * share[scene_of][:, None]
    norm = np.maximum(believed.sum(axis=1), _TINY)
    lead = (believed * (mid[at] - arrive[:, None])).sum(axis=1) / norm
    lag = np.where(gone, (believed * after).sum(axis=1) / norm, np.nan)
    slip = (believed * moments.slip[at]).sum(axis=1) / norm
    there = 1.0 - 1.0 / likely
    company_at = np.add.reduceat(there, np.flatnonzero(new_scene[first_row]), axis=0)[scene_of] - there[row_of]
    if seen is not None:
        seen.together += float(together.sum())
        beside = same * primary[other]
        seen.second_landed += _apart(arrive[one] - arrive[other], beside, scoring.second_landed)
        seen.second_left += _apart(leave[one] - leave[other], beside, scoring.second_left)
        seen.again += float(np.maximum(separately - together, 0.0).sum())
        _count(
            seen,
            claims,
            rows,
            at,
            which,
            primary_at,
            mid[at] - arrive[:, None],
            after,
            gone,
            moments,
            events,
            guests,
            hosts,
            evidence,
            absent,
        )
    return {
        "arrival_bits": np.log2(np.maximum(arrival, scoring.arrival.floor) * scoring.arrival.width_h),
        "departure_bits": np.log2(np.maximum(both, _TINY) / np.maximum(arrival, scoring.arrival.floor)),
        "held_bits": np.log2(taken)[at],
        "others_bits": others,
        "rivals_bits": np.where(lone, 0.0, final - alone - others),
        "posterior": posterior,
        "primary": primary,
        "lead_h": lead,
        "lag_h": lag,
        "slip": slip,
        "company": (believed * company_at).sum(axis=1) / norm,
    }


def _mean_density(density: Density, edges: Floats) -> Floats:
    """The mean of a density over each cell between ``edges`` [rows, cells + 1]."""
    mass = np.concatenate(([0.0], np.cumsum(density.per_hour * np.diff(density.edges))))
    total = np.interp(edges, density.edges, mass)
    return np.maximum(np.diff(total, axis=1) / np.diff(edges, axis=1), density.floor)


def _companions(row_of: Ints, arrive: Floats, leave: Floats, per_hour: Floats, scoring: Scoring) -> tuple[Ints, Ints, Floats]:
    """Pairs of claims of one state there, and the chance that the two are one delegation: (claim, other, chance), both ways.

    Landing and leaving so far apart against another ordinary visit at the state's own rate.
    """
    settings, left_h = scoring.delegation, scoring.second_left.edges
    alone_h, alone = left_h[-2], scoring.second_left.per_hour[-1] * (left_h[-1] - left_h[-2])
    ones: list[Ints] = []
    others: list[Ints] = []
    chance: list[Floats] = []
    step = 1
    while step < len(row_of):
        near = np.flatnonzero((row_of[step:] == row_of[:-step]) & (arrive[step:] - arrive[:-step] <= settings.hours))
        if not len(near):
            break
        a, b = near, near + step
        landed = scoring.second_landed.at(arrive[b] - arrive[a]) / 2
        apart = np.abs(leave[b] - leave[a])
        length = np.where(np.isnan(leave[b]), 24.0, leave[b] - arrive[b])
        left = scoring.second_left.at(np.nan_to_num(apart)) / 2 / scoring.stay_length.at(length)
        left = np.where(np.isnan(apart), 1.0, np.where(apart < alone_h, left, 0.0) + alone)
        odds = settings.second_aircraft * landed * left / per_hour[b]
        ones += [a, b]
        others += [b, a]
        chance += [odds / (1 + odds)] * 2
        step += 1
    if not ones:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, np.empty(0)
    return np.concatenate(ones), np.concatenate(others), np.concatenate(chance)


def _apart(hours: Floats, weight: Floats, density: Density) -> Floats:
    """Weights by hours apart, those not known left out."""
    known = ~np.isnan(hours)
    return np.histogram(np.abs(hours[known]), density.edges, weights=weight[known])[0].astype(np.float64)


def _count(
    seen: Seen,
    claims: Claims,
    rows: Ints,
    at: Ints,
    which: Ints,
    primary_at: Floats,
    lead: Floats,
    after: Floats,
    gone: Flags,
    moments: Moments,
    events: Events,
    guests: Floats,
    hosts: Floats,
    evidence: Floats,
    absent: Floats,
) -> None:
    """Add what this block is expected to have shown."""
    sure = ~claims.lone[rows] & ~claims.carried[rows]
    w = primary_at * sure[:, None]
    seen.arrival += np.histogram(lead, seen.arrival_edges, weights=w)[0]
    seen.departure += np.histogram(after, seen.departure_edges, weights=w * gone[:, None])[0]
    took_place = 1.0 - absent / evidence
    by_host = claims.host[rows]
    seen.visits += float(w[~by_host].sum())
    seen.chances += float((took_place * guests[which]).sum())
    seen.host_visits += float(w[by_host].sum())
    seen.host_chances += float((took_place * hosts[which]).sum())
    seen.slips += float((w * moments.slip[at]).sum())
    _count_held(seen, events, which, took_place)


def _count_held(seen: Seen, events: Events, which: Ints, took_place: Floats) -> None:
    for event, p in zip(which.tolist(), took_place.tolist(), strict=True):
        entry = seen.held.setdefault(str(events.status[event]), [0.0, 0.0])
        entry[0] += p
        entry[1] += 1.0

"""States' aircraft together in one city with no meeting reported: found as groups, and tested by doing the whole search again.

A group is an anchor delegation and those of other states whose company makes it less probable: each adds
log2(π·t(ΔA, ΔB) / (λ·h)) bits, where π is the share of states that join a gathering, t how near in time delegations to
one gathering land and leave (``programme``), λ and h the other state's own rate and lengths of stay there. The best group
takes its stays and the search goes on with the rest, so that every stay is used once. Choosing what was seen together and then
testing it with a model of independent visits finds thousands of leads where there is nothing; so the same search runs on
worlds in which every state's visits to every city are moved by whole weeks of their own, and what it finds there is what
chance gives.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.candidates import spread
from pipeline.correlate.programme import Programme, count, real_share
from pipeline.correlate.scoring import CompanySettings
from pipeline.correlate.weeks import Weeks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_NEVER = -1e9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delegations:
    """One row a delegation: hours since 1970 (``leave_h`` NaN: not seen leaving), ordinary visits per hour of its
    state there at such an hour, the density of its length among ordinary stays, per hour, and what else about it looks like a
    meeting: in any member, and further in an anchor. ``fold``: the part of the cities that its place belongs to.
    """

    row: Ints
    state: Ints
    place: Ints
    arrive_h: Floats
    leave_h: Floats
    per_hour: Floats
    length_density: Floats
    member_bits: Floats
    anchor_bits: Floats
    fold: Ints

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """``members`` are indices of delegations, the anchor first; ``bits`` what each adds."""

    score: float
    members: tuple[int, ...]
    bits: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Chance leads of all rotated worlds, ascending, and each world's best."""

    scores: Floats
    best: Floats
    rotations: int
    seed: int

    def expected(self, score: float) -> float:
        """Chance leads per world with at least this score."""
        return float(len(self.scores) - np.searchsorted(self.scores, score - 1e-9)) / self.rotations

    def p_value(self, score: float) -> float:
        """The share of chance leads that are as surprising."""
        above = len(self.scores) - np.searchsorted(self.scores, score - 1e-9)
        return float(above + 1) / (len(self.scores) + 1)

    def p_world(self, best: float) -> float:
        """The share of worlds whose best lead is as surprising as this one."""
        return float((self.best >= best - 1e-9).sum() + 1) / (self.rotations + 1)

    def q_values(self, scores: list[float]) -> list[float]:
        """Chance leads at each score over leads seen, for scores in descending order; never smaller for a lower score."""
        share = [self.expected(s) / (i + 1) for i, s in enumerate(scores)]
        return [float(min(q, 1.0)) for q in np.minimum.accumulate(share[::-1])[::-1]] if share else []


def search(world: Delegations, settings: CompanySettings, programme: Programme, *, least: float, most: int | None = None) -> list[Group]:
    """Groups with at least the score ``least``, the most surprising first; every delegation in one of them at most."""
    order = np.lexsort((world.arrive_h, world.place))
    place, arrive, leave = world.place[order], world.arrive_h[order], world.leave_h[order]
    state, per_hour, fold = world.state[order], world.per_hour[order], world.fold[order]
    anchor_bits = np.log2(settings.reference_per_year / 8766.0 / per_hour) + world.anchor_bits[order]
    anchor_bits += programme.length_bits(fold, leave - arrive, world.length_density[order])
    reach = _reach(per_hour, world.member_bits[order], fold, settings, programme)
    span = float(np.ptp(arrive)) + 4 * programme.reach_h if len(arrive) else 1.0
    number = place * span + (arrive - (arrive.min() if len(arrive) else 0.0))
    partner, anchor = spread(np.searchsorted(number, number - reach, side="left"), np.searchsorted(number, number + reach, side="right"))
    keep = state[partner] != state[anchor]
    partner, anchor = partner[keep], anchor[keep]
    bits = _company_bits(arrive, leave, per_hour, world.length_density[order], fold, anchor, partner, settings, programme)
    bits += world.member_bits[order][partner]
    keep = bits >= settings.least_bits
    partner, anchor, bits = partner[keep], anchor[keep], bits[keep]
    upper = anchor_bits + np.bincount(anchor, weights=bits, minlength=len(arrive))
    able = np.flatnonzero((upper >= least) & (np.bincount(anchor, minlength=len(arrive)) > 0))
    at = np.argsort(anchor, kind="stable")
    anchor, partner, bits = anchor[at], partner[at], bits[at]
    low, high = np.searchsorted(anchor, able, side="left"), np.searchsorted(anchor, able, side="right")
    around = {
        int(a): list(zip(partner[i:j].tolist(), bits[i:j].tolist(), state[partner[i:j]].tolist(), strict=True))
        for a, i, j in zip(able, low, high, strict=True)
    }
    heap = [(-float(upper[a]), int(a)) for a in able]
    heapq.heapify(heap)
    used: set[int] = set()
    found: list[Group] = []
    while heap and (most is None or len(found) < most):
        said, a = heapq.heappop(heap)
        if a in used:
            continue
        best: dict[int, tuple[float, int]] = {}
        for other, worth, whose in around[a]:
            if other not in used and worth > best.get(whose, (_NEVER, 0))[0]:
                best[whose] = (worth, other)
        score = float(anchor_bits[a]) + sum(w for w, _ in best.values())
        if not best or score < least:
            continue
        if score < -said - 1e-9:
            heapq.heappush(heap, (-score, a))
            continue
        chosen = sorted(best.values(), reverse=True)
        members = (a, *(o for _, o in chosen))
        used.update(members)
        found.append(
            Group(score=score, members=tuple(int(order[m]) for m in members), bits=(float(anchor_bits[a]), *(w for w, _ in chosen)))
        )
    return found


def learned(world: Delegations, weeks: dict[int, Ints], start_h: float, settings: CompanySettings) -> Programme:
    """How gatherings keep time: what is expected, moved by the company beyond chance that the other cities show."""
    expected = programme = Programme.of(settings)
    turns = int(settings.learning_rotations)
    for _ in range(int(settings.learning_rounds)):
        groups = [(g.score, g.members) for g in search(world, settings, programme, least=settings.learning_least)]
        chance: list[float] = []
        for there in _rotations(world, weeks, start_h, turns, int(settings.seed) + 1):
            chance += [g.score for g in search(there, settings, programme, least=settings.learning_least - 2.0)]
        real = real_share(np.array([score for score, _ in groups]), np.sort(np.array(chance)), turns)
        seen = count(programme, world.fold, world.arrive_h, world.leave_h, [m for _, m in groups], real)
        programme = expected.after(seen, settings.strength)
    return programme


def rotated(
    world: Delegations,
    weeks: dict[int, Ints],
    start_h: float,
    settings: CompanySettings,
    programme: Programme,
    *,
    least: float,
    seed: int,
) -> Pooled:
    """The same search on ``rotations`` worlds in which each state's visits to each city moved by some whole weeks.

    Args:
        weeks: per place, the numbers (from ``start_h``) of the weeks in which it was covered; visits move among these.
    """
    count = int(settings.rotations)
    scores: list[float] = []
    best = np.full(count, _NEVER)
    for turn, there in enumerate(_rotations(world, weeks, start_h, count, seed)):
        groups = search(there, settings, programme, least=least)
        scores += [g.score for g in groups]
        best[turn] = groups[0].score if groups else _NEVER
    return Pooled(scores=np.sort(np.array(scores, dtype=np.float64)), best=best, rotations=count, seed=seed)


def without(world: Delegations, groups: Iterable[Group]) -> Delegations:
    """The delegations that are in none of some groups."""
    keep = np.ones(len(world), dtype=bool)
    for group in groups:
        keep[list(group.members)] = False
    return Delegations(**{f.name: getattr(world, f.name)[keep] for f in fields(world)})


def _rotations(world: Delegations, weeks: dict[int, Ints], start_h: float, turns: int, seed: int) -> Iterator[Delegations]:
    rng = np.random.default_rng(seed)
    cells, cell = np.unique(world.state * (world.place.max(initial=0) + 1) + world.place, return_inverse=True)
    layout = Weeks.of(world.place, world.arrive_h, weeks, start_h)
    stayed = world.leave_h - world.arrive_h
    for _ in range(turns):
        shift = rng.integers(0, 1 << 31, size=len(cells))[cell]
        moved = layout.moved(shift)
        yield replace(world, arrive_h=moved, leave_h=moved + stayed)


def _reach(per_hour: Floats, member_bits: Floats, fold: Ints, settings: CompanySettings, programme: Programme) -> Floats:
    """How far in time from an anchor a delegation can still be company: beyond, its bits are below ``least_bits`` whatever it does."""
    best = np.maximum.accumulate((programme.landed() + settings.most_departure_bits)[:, ::-1], axis=1)[:, ::-1]
    wanted = settings.least_bits + np.log2(per_hour / settings.joins) - member_bits
    bins = (best[fold] >= wanted[:, None]).sum(axis=1)
    # Half of the next bin is still between the middles of the two.
    return np.asarray(programme.edges_h[np.where(bins > 0, np.minimum(bins + 1, best.shape[1]), 0)], dtype=np.float64)


def _company_bits(
    arrive: Floats,
    leave: Floats,
    per_hour: Floats,
    length: Floats,
    fold: Ints,
    anchor: Ints,
    partner: Ints,
    settings: CompanySettings,
    programme: Programme,
) -> Floats:
    near = (leave[anchor] >= arrive[partner]) & (leave[partner] >= arrive[anchor])
    left = np.abs(leave[partner] - leave[anchor])
    at = np.flatnonzero(np.isnan(left) | (near & (left < programme.reach_h)))
    anchor, partner, left = anchor[at], partner[at], left[at]
    known = ~np.isnan(left)
    landed = np.minimum(np.abs(arrive[partner] - arrive[anchor]), np.nextafter(programme.reach_h, 0.0))
    joined, departed = programme.apart_bits(fold[anchor], landed, np.where(known, left, 0.0))
    # A long ordinary stay that happens to end with the anchor's is no better evidence than a short one: both ends are capped.
    departed -= np.log2(length[partner])
    limit = settings.most_departure_bits
    bits = np.full(len(near), _NEVER)
    bits[at] = np.log2(settings.joins / per_hour[partner]) + joined + np.where(known, np.clip(departed, -limit, limit), 0.0)
    return bits

"""The search for company on the world as it was and on rotated ones, put together from the tables."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.company import Delegations, Group, Pooled, learned, rotated, search, without
from pipeline.correlate.covered import Covered
from pipeline.correlate.likeness import Likeness
from pipeline.correlate.programme import Programme
from pipeline.correlate.rates import Rates
from pipeline.correlate.scoring import CompanySettings, Scoring
from pipeline.correlate.tables import StayTable
from pipeline.correlate.tempo import Tempo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: No state comes to a place more often than this a day, as far as its rate says (keeps logarithms finite).
_LEAST_PER_HOUR = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Yardstick:
    """What a whole history says of company: how it keeps ``programme``, what ``chance`` gives, and the scores of the groups
    that were found in it, descending; ``least`` is the score from which groups are looked for."""

    programme: Programme
    chance: Pooled
    scores: Floats
    least: float

    def q_values(self, scores: list[float]) -> list[float]:
        """Chance groups over groups seen at each score (of any, in the history or since): never smaller for a lower score."""
        known = self.chance.q_values(self.scores.tolist())
        found = []
        for score in scores:
            above = int((self.scores >= score - 1e-9).sum())
            q = min(self.chance.expected(score) / max(above, 1), 1.0)
            found.append(min(q, known[above]) if above < len(known) else q)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Groups found, the most surprising first, and what chance gives; ``rows`` are the stays of each delegation."""

    found: tuple[Group, ...]
    rows: tuple[Ints, ...]
    yardstick: Yardstick
    most_q: float
    era_days: float

    @property
    def chance(self) -> Pooled:
        return self.yardstick.chance

    def groups(self) -> Iterator[tuple[Group, float, float, float]]:
        """Each group worth naming, with its p, q and the number of chance groups as surprising per world."""
        q = self.yardstick.q_values([g.score for g in self.found])
        for group, share in zip(self.found, q, strict=True):
            if share <= self.most_q:
                yield group, self.chance.p_value(group.score), share, self.chance.expected(group.score)

    @property
    def p_world(self) -> float | None:
        """The share of rotated worlds whose best group is as surprising as the best of this one."""
        return self.chance.p_world(self.found[0].score) if self.found else None


def tested_company(
    stays: StayTable,
    *,
    usable: Flags,
    leader: Ints,
    counted: Flags,
    rates: Rates,
    tempo: Tempo,
    likeness: Likeness,
    covered: Covered,
    scoring: Scoring,
    yardstick: Yardstick | None,
) -> Tested | None:
    """The search over the stays marked ``usable``; None where the history is too short to say what chance gives.

    Args:
        yardstick: made before, from a whole history; None: made here.
    """
    settings, least_days = scoring.company, scoring.rates.min_covered_days
    if covered.era_days < least_days:
        return None
    known = usable & (stays.place >= 0) & (rates.days(stays.place) >= least_days)
    world, rows = _delegations(stays, np.flatnonzero(known), leader, counted, rates, tempo, likeness, scoring)
    if len(world) < 2:
        return None
    names = {number: text for text, number in covered.codes.numbers.items()}
    places = np.unique(world.place)
    fold = np.array([zlib.crc32(names.get(int(p), "").encode()) % int(settings.folds) for p in places], dtype=np.int64)
    world = replace(world, fold=fold[np.searchsorted(places, world.place)])
    if yardstick is None:
        weeks = {int(p): covered.weeks(names.get(int(p), "")) for p in places}
        programme = learned(world, weeks, covered.era[0], settings)
        first = search(world, settings, programme, least=-np.inf, most=int(settings.most))
        least = first[-1].score if len(first) >= int(settings.most) else 0.0
        found = [g for g in first if g.score >= least]
        pooled = _chance(world, found, weeks, covered.era[0], settings, programme, least)
        yardstick = Yardstick(programme=programme, chance=pooled, scores=np.array([g.score for g in found]), least=least)
    else:
        found = search(world, settings, yardstick.programme, least=yardstick.least)
    return Tested(found=tuple(found), rows=rows, yardstick=yardstick, most_q=settings.most_q, era_days=covered.era_days)


def _chance(
    world: Delegations,
    found: list[Group],
    weeks: dict[int, Ints],
    start_h: float,
    settings: CompanySettings,
    programme: Programme,
    least: float,
) -> Pooled:
    """What chance gives of the visits that are there by chance: those in groups which it hardly explains are left out.

    Delegations that met are rare visitors with the hours and the length of a meeting; moved about, they would meet others
    and make chance look better than it is (step-down: P. H. Westfall and S. S. Young, *Resampling-Based Multiple Testing*, 1993).
    """
    few = replace(settings, rotations=settings.first_rotations)
    first = rotated(world, weeks, start_h, few, programme, least=least, seed=int(settings.seed) + 2)
    shares = first.q_values([g.score for g in found])
    rest = without(world, (g for g, share in zip(found, shares, strict=True) if share <= settings.sure_q))
    return rotated(rest, weeks, start_h, settings, programme, least=least, seed=int(settings.seed))


def _delegations(
    stays: StayTable, usable: Ints, leader: Ints, counted: Flags, rates: Rates, tempo: Tempo, likeness: Likeness, scoring: Scoring
) -> tuple[Delegations, tuple[Ints, ...]]:
    """The stays of a delegation as one: it came with the first and left with the last that was seen leaving.

    Its role is that of the aircraft most like one for a meeting. Its rate is that of its state's visits there at such a time: in a
    burst or a busy season company is less surprising. An anchor's hour is worth nothing: those who tell nobody keep no known hours
    (most delegations to reported meetings land in the morning, 2 of 14 press-reported landings did). A member comes when the
    anchor does, and how usual that hour is says what chance gives.
    """
    order = usable[np.lexsort((stays.arrive_h[usable], leader[usable]))]
    begin = np.flatnonzero(np.concatenate(([True], np.diff(leader[order]) != 0))) if len(order) else np.empty(0, dtype=np.int64)
    rows = tuple(np.split(order, begin[1:])) if len(order) else ()
    first = order[begin] if len(order) else order
    leave = np.fmax.reduceat(stays.leave_h[order], begin) if len(order) else np.empty(0)
    arrive = stays.arrive_h[first]
    visits = np.maximum(rates.visits(stays.state[first], stays.place[first]) - counted[leader[first]], 0.0)
    per_day = rates.per_day(visits, rates.days(stays.place[first]), state=stays.state[first], where=stays.place[first])
    length = scoring.stay_length.at(np.where(np.isnan(leave), 24.0, leave - arrive))
    like = (np.maximum.reduceat(likeness.role[order], begin) if len(order) else np.empty(0)) + likeness.itinerary[first]
    return Delegations(
        row=first,
        state=stays.state[first],
        place=stays.place[first],
        arrive_h=arrive,
        leave_h=leave,
        per_hour=np.maximum(per_day / 24 * tempo.hour[first] * tempo.spell[first], _LEAST_PER_HOUR),
        length_density=length,
        member_bits=like,
        anchor_bits=like + np.log2(tempo.hour[first]),
        fold=np.zeros(len(first), dtype=np.int64),
    ), rows

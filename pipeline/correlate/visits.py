"""Whether a visit looks like one that matters or like an ordinary one: log2 of how likely each property is in either.

How ordinary visits look (itinerary, length, moment, role, second aircraft) is counted in the history itself, drawn towards
``[visit]`` in ``scoring.toml`` where it is short; what visits that matter look like is written there. Most visits to a place
where a state hardly ever comes are stops of a tour or to refuel, so itinerary and length are counted among visits about as
rare; itinerary, roles and second aircraft among those of the same state, for what one fleet does all the time is news of another:
one with aircraft based abroad seldom flies from its capital, and where its transports come every week its ministers may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.innocence import relations, works_there
from pipeline.correlate.listed import Listed
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.outings import Outings, in_step, outings_of
from pipeline.correlate.scoring import Level, Scoring
from pipeline.correlate.tables import StayTable
from pipeline.correlate.tempo import local_offsets
from pipeline.correlate.turns import in_rhythm, likelier, rotation_bits, share_of_rotations
from pipeline.model.frames import ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

#: Visits a year between which visits are about as rare.
_RARE = np.array([0.7, 2.0, 12.0])
#: Visits that what is expected of a class, or of a state, counts for.
_CLASS, _STATE = 40.0, 15.0
#: Hours from which a stay is the next of these lengths.
_LENGTH_H = np.array([9.0, 16.0, 36.0, 72.0, 168.0])
#: Lengths from this on are those of an overhaul.
_LONG = 4
#: Properties of which the figures for visits that matter are written halfway to the ordinary ones: they move with what is counted.
_HALFWAY = frozenset({"length"})
#: Local hours of morning, afternoon, evening and night.
_PARTS_H = np.array([6.0, 12.0, 18.0, 22.0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """Per stay, the level of each property of its delegation, as an index; -1: not known. ``possible`` [stay, level]: the
    itineraries that fit what is known, of which ``itinerary`` is the plainest. ``works``: whether such aircraft are overhauled at
    that field; ``relation``: whether its state and the host had fallen out; ``in_rhythm`` of the ``before`` last visits of its state there
    came a whole number of weeks before."""

    itinerary: Ints
    possible: Flags
    length: Ints
    moment: Ints
    role: Ints
    second: Ints
    pick_up: Ints
    step: Ints
    works: Ints
    relation: Ints
    in_rhythm: Ints
    before: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ordinary:
    """Shares of each level among ordinary visits: all but ``moment`` and ``pick_up`` [how rare, level], ``works`` [short or long, level].
    Each state has its own ``itinerary``, ``roles`` (their last row: however rare) and ``second`` (the share with another aircraft); the
    empty string stands for all. ``rotations``: the share of visits that are turns of one."""

    itinerary: Mapping[str, Floats]
    length: Floats
    moment: Floats
    pick_up: Floats
    step: Floats
    works: Floats
    relation: Floats
    roles: Mapping[str, Floats]
    second: Mapping[str, float]
    rotations: float


def look_of(stays: StayTable, leader: Ints, names: PlaceNames, listed: Listed, scoring: Scoring) -> Look:
    """How every stay's delegation looks.

    Args:
        leader: the first stay of each stay's delegation.
    """
    outings = outings_of(stays, names, stop_h=scoring.leads.technical_stop_min / 60)
    stop = ~_any(~outings.stop, leader)
    gone = ~_any(np.isnan(stays.leave_h), leader)
    possible = _possible(outings, leader, stop=stop, gone=gone, levels=tuple(scoring.visit["itinerary"]))
    hours = np.zeros(len(stays))
    np.maximum.at(hours, leader, np.nan_to_num(stays.leave_h - stays.arrive_h))
    length = np.where(gone & ~stop & ~_any(outings.dropped, leader), np.searchsorted(_LENGTH_H, hours[leader], side="right"), -1)
    worth = np.array([scoring.leads.role[role] for role in ROLES])
    own = stays.frame["role"].map({r: i for i, r in enumerate(ROLES)}).fillna(ROLES.index("unknown")).to_numpy(dtype=np.int64)
    order = np.argsort(worth[own], kind="stable")
    best = np.zeros(len(stays), dtype=np.int64)
    best[leader[order]] = own[order]  # the most telling aircraft is written last
    _, aircraft = np.unique(stays.frame["icao24"].to_numpy(dtype=str), return_inverse=True)
    other = np.zeros(len(stays), dtype=bool)
    other[leader[aircraft != aircraft[leader]]] = True
    known, steps = _any(outings.pick_up >= 0, leader), in_step(stays)
    rhythm, before = in_rhythm(stays, leader)
    return Look(
        itinerary=np.where(possible.all(axis=1) | ~possible.any(axis=1), -1, possible.argmax(axis=1)),
        possible=possible,
        length=length,
        moment=_moment(stays, names)[leader],
        role=best[leader],
        second=other[leader].astype(np.int64),
        pick_up=np.where(known, _any(outings.pick_up == 1, leader).astype(np.int64), -1),
        works=works_there(stays, listed)[leader],
        relation=relations(stays),
        step=np.where(_any(steps >= 0, leader), _any(steps >= 1, leader).astype(np.int64) + _any(steps >= 2, leader), -1),
        in_rhythm=rhythm,
        before=before,
    )


def ordinary_of(stays: StayTable, look: Look, *, weight: Floats, a_year: Floats, scoring: Scoring) -> Ordinary:
    """What ordinary visits look like.

    Args:
        weight: per stay, how surely it stands for an ordinary visit (0: for none).
        a_year: how often its state comes to its place otherwise.
    """
    expected = {family: np.array([x.u for x in levels.values()]) for family, levels in scoring.visit.items()}
    rare = np.searchsorted(_RARE, a_year)
    sure = weight * (look.possible.sum(axis=1) == 1)
    second = _shares(look.second, weight, expected["second"])
    again = look.before > 0
    ratio = likelier(look.in_rhythm[again], look.before[again])
    seconds = {"": float(second[1])}
    itinerary = {"": _by_class(look.itinerary, rare, sure, expected["itinerary"])}
    pooled = _shares(look.role, weight, np.full(len(ROLES), 1 / len(ROLES)))
    roles = {"": np.repeat(pooled[None], len(_RARE) + 2, axis=0)}
    for code in np.unique(stays.state[weight > 0]):
        rows = stays.state == code
        state = stays.text(int(np.flatnonzero(rows)[0]), "state")
        own = _shares(look.role[rows], weight[rows], pooled, _STATE)
        here = _within(look.role[rows], rare[rows], weight[rows], np.repeat(own[None], len(_RARE) + 1, axis=0))
        roles[state] = np.concatenate([here, own[None]])
        itinerary[state] = _within(look.itinerary[rows], rare[rows], sure[rows], itinerary[""])
        seconds[state] = float(_shares(look.second[rows], weight[rows], second, _STATE)[1])
    return Ordinary(
        itinerary=itinerary,
        length=_by_class(look.length, rare, weight, expected["length"]),
        moment=_shares(look.moment, weight, expected["moment"]),
        pick_up=_shares(look.pick_up, weight, expected["pick_up"]),
        step=_by_class(look.step, rare, weight, expected["step"]),
        works=_by_length(look, weight, expected["works"]),
        relation=_by_class(look.relation, rare, weight, expected["relation"]),
        roles=roles,
        second=seconds,
        rotations=share_of_rotations(ratio, weight[again], scoring.leads.rotations),
    )


class Visits:
    """Bits of single stays."""

    def __init__(self, look: Look, ordinary: Ordinary, *, a_year: Floats, scoring: Scoring) -> None:
        self._look, self._ordinary, self._scoring = look, ordinary, scoring
        self._rare = np.searchsorted(_RARE, a_year)

    def itinerary(self, row: int, state: str) -> tuple[str, float]:
        """Level and bits, of what is known of it: one still there may go on or not."""
        levels, at = self._scoring.visit["itinerary"], int(self._look.itinerary[row])
        if at < 0:
            return "unknown", 0.0
        fits, m = self._look.possible[row], np.array([x.m for x in levels.values()])
        usual = _of(self._ordinary.itinerary, state)[self._rare[row]]
        return tuple(levels)[at], float(np.log2(m[fits].sum() / usual[fits].sum()))

    def itineraries(self, row: int) -> frozenset[str]:
        """All that fit what is known."""
        return frozenset(level for level, fits in zip(self._scoring.visit["itinerary"], self._look.possible[row], strict=True) if fits)

    def property(self, name: str, row: int) -> tuple[str, float]:
        """Level and bits of ``length``, ``moment``, ``pick_up`` or ``step``."""
        usual = getattr(self._ordinary, name)
        if name == "works":
            usual = usual[int(self._look.length[row] >= _LONG)]
        return self._level(name, int(getattr(self._look, name)[row]), usual if usual.ndim == 1 else usual[self._rare[row]])

    def role(self, row: int, state: str) -> tuple[str, float]:
        """How telling its role is against the roles that its state usually sends to places where it comes as often."""
        worth = np.array([self._scoring.leads.role[role] for role in ROLES])
        by_class, at = _of(self._ordinary.roles, state), int(self._look.role[row])
        sent = worth * by_class[-1]
        return ROLES[at], float(np.log2(sent[at] / sent.sum() / by_class[self._rare[row]][at]))

    def second(self, row: int, state: str) -> tuple[str, float]:
        share = self._ordinary.second.get(state, self._ordinary.second[""])
        return self._level("second", int(self._look.second[row]), np.array([1 - share, share]))

    def rhythm(self, row: int) -> tuple[int, int, float]:
        """How many of how many earlier visits were a whole number of weeks before, and its bits."""
        found, seen = self._look.in_rhythm[row], self._look.before[row]
        bits = rotation_bits(float(likelier(found, seen)), self._ordinary.rotations, self._scoring.leads.rotation)
        return int(found), int(seen), bits

    def _level(self, family: str, at: int, usual: Floats) -> tuple[str, float]:
        if at < 0:
            return "unknown", 0.0
        level: Level = tuple(self._scoring.visit[family].values())[at]
        m = max(level.m - level.u / 2, 0.0) + usual[at] / 2 if family in _HALFWAY else level.m
        return level.name, float(np.log2(m / usual[at]))


def _possible(outings: Outings, leader: Ints, *, stop: Flags, gone: Flags, levels: tuple[str, ...]) -> Flags:
    """Which itineraries fit what is known of each delegation; the last two levels exclude all others."""
    came, went = _any(outings.came_on, leader), _any(outings.went_on, leader)
    no_origin, no_onward = (
        ~known & ~flag for known, flag in ((_any(outings.origin_known, leader), came), (_any(outings.onward_known, leader), went))
    )
    found = np.zeros((len(leader), len(levels)), dtype=bool)
    for at, (on, off) in enumerate(((False, False), (True, False), (False, True), (True, True))):
        found[:, at] = (no_origin | (came == on)) & (no_onward | ~gone | (went == off))
    found[:, levels.index("stop")] = ~gone
    for name, flag in (("stop", stop), ("positioned", _any(outings.positioned, leader))):
        found[flag] = np.arange(len(levels)) == levels.index(name)
    return found


def _any(flag: NDArray[np.bool_], leader: Ints) -> Flags:
    """Whether it is true of any stay of each stay's delegation."""
    found = np.zeros(len(flag), dtype=bool)
    found[leader[flag]] = True
    return found[leader]


def _moment(stays: StayTable, names: PlaceNames) -> Ints:
    local_h = stays.arrive_h + local_offsets(stays, names)
    part = (np.searchsorted(_PARTS_H, local_h % 24, side="right") + 3) % 4  # morning, afternoon, evening, night
    weekend = (np.floor(local_h / 24).astype(np.int64) + 3) % 7 >= 5
    return np.where(weekend, np.where(part == 3, 5, 4), part)


def _shares(level: Ints, weight: Floats, expected: Floats, strength: float = _CLASS) -> Floats:
    known = level >= 0
    counts = np.bincount(level[known], weights=weight[known], minlength=len(expected)) + strength * expected
    found: Floats = counts / counts.sum()
    return found


def _by_class(level: Ints, rare: Ints, weight: Floats, expected: Floats) -> Floats:
    pooled = _shares(level, weight, expected)
    return np.stack([_shares(level[rare == c], weight[rare == c], pooled) for c in range(len(_RARE) + 1)])


def _by_length(look: Look, weight: Floats, expected: Floats) -> Floats:
    """Shares among visits that were short, or not seen to end, and among long ones."""
    long = look.length >= _LONG
    return np.stack([_shares(look.works[which], weight[which], expected) for which in (~long, long)])


def _within(level: Ints, rare: Ints, weight: Floats, expected: Floats) -> Floats:
    """Shares of one state's visits, among those about as rare: ``expected`` [how rare, level] counts for ``_STATE`` of them."""
    return np.stack([_shares(level[rare == c], weight[rare == c], usual, _STATE) for c, usual in enumerate(expected)])


def _of(by_state: Mapping[str, Floats], state: str) -> Floats:
    return by_state.get(state, by_state[""])

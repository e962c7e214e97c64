"""How delegations to one gathering keep time: how far apart they land and leave, and how long they stay.

The settings say what to expect of a gathering that nobody announced. What the cities at hand show moves it: company beyond
what chance makes there (rotated worlds say how much that is) is counted by its hours apart and its length, each group by the
chance that it is real (B. Efron, *Large-Scale Inference*, 2010: one minus the local false-discovery rate). A city is
scored with what the *other* cities showed, so that no group is judged by a yardstick that it has bent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.scoring import CompanySettings, Density

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Groups so much alike in score (bits, either way) are taken together when the share of chance among them is measured.
_WINDOW_BITS = 1.5
#: Hours apart are interpolated by their logarithm, from so many on.
_SOON_H = 0.5
#: Lengths of stay speak for or against a gathering no louder than this.
_LENGTH_BITS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """One per fold of cities. ``apart`` [folds, landings, leavings]: shares of partners by hours apart from the anchor,
    between ``edges_h``; ``length`` [folds, bins]: shares of anchors by hours of stay, between ``length_edges_h``.
    """

    edges_h: Floats
    apart: Floats
    length_edges_h: Floats
    length: Floats

    @classmethod
    def of(cls, settings: CompanySettings) -> Programme:
        """What the settings expect: landing and leaving are apart independently of each other."""
        one, length = _shares(settings.apart), _shares(settings.length)
        folds = int(settings.folds)
        return cls(
            edges_h=settings.apart.edges,
            apart=np.repeat(np.outer(one, one)[None], folds, axis=0),
            length_edges_h=settings.length.edges,
            length=np.repeat(length[None], folds, axis=0),
        )

    @property
    def reach_h(self) -> float:
        """How far apart company is looked for."""
        return float(self.edges_h[-1])

    def landed(self) -> Floats:
        """log2 of the density per hour, either way, of landing so far apart, in the middle of each bin: [folds, landings]."""
        found: Floats = np.log2(self.apart.sum(axis=2) / (2 * np.diff(self.edges_h)))
        return found

    def together(self) -> Floats:
        """log2 of the density per hour of landing and per hour of leaving so far apart: [folds, landings, leavings]."""
        width = 2 * np.diff(self.edges_h)
        found: Floats = np.log2(self.apart / np.outer(width, width))
        return found

    def apart_bits(self, fold: Ints, landed_h: Floats, left_h: Floats) -> tuple[Floats, Floats]:
        """What landing so far apart is worth by itself, and leaving so far apart besides, in log2 of densities per hour.

        Between the middles of the bins densities are interpolated: a table of steps would call pairs equal that are
        twice as far apart. Both numbers of hours must be within reach.
        """
        at, part = self._between(landed_h)
        to, share = self._between(left_h)
        one, both = self.landed(), self.together()
        landed = one[fold, at] * (1 - part) + one[fold, at + 1] * part
        early, late = (both[fold, i, to] * (1 - share) + both[fold, i, to + 1] * share for i in (at, at + 1))
        return landed, early * (1 - part) + late * part - landed

    def _between(self, hours: Floats) -> tuple[Ints, Floats]:
        """The bin whose middle is at or below each number of hours, and how far it is on the way to the next one's."""
        middle = (self.edges_h[1:] + self.edges_h[:-1]) / 2
        at = np.interp(np.log(hours + _SOON_H), np.log(middle + _SOON_H), np.arange(len(middle)))
        below = np.minimum(at.astype(np.int64), len(middle) - 2)
        return below, at - below

    def bin_of(self, hours: Floats) -> Ints:
        """The bin of each number of hours apart, which must be within reach."""
        return np.searchsorted(self.edges_h, hours, side="right") - 1

    def length_bits(self, fold: Ints, stayed_h: Floats, ordinary: Floats) -> Floats:
        """What an anchor's length of stay is worth against the density of ordinary ones; 0 where it is not known."""
        known = ~np.isnan(stayed_h)
        at = np.clip(np.searchsorted(self.length_edges_h, np.where(known, stayed_h, 1.0), side="right") - 1, 0, self.length.shape[1] - 1)
        density = (self.length / np.diff(self.length_edges_h))[fold, at]
        return np.where(known, np.clip(np.log2(density / ordinary), -_LENGTH_BITS, _LENGTH_BITS), 0.0)

    def after(self, seen: Seen, strength: float) -> Programme:
        """With what was counted, each fold by what the others showed; what is expected counts for ``strength`` partners."""
        others = seen.apart.sum(axis=0) - seen.apart, seen.length.sum(axis=0) - seen.length
        apart = others[0] + strength * self.apart
        length = others[1] + strength * self.length
        return replace(self, apart=apart / apart.sum(axis=(1, 2), keepdims=True), length=length / length.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """Expected counts of real company by the fold of its city: partners apart and anchors' lengths."""

    apart: Floats
    length: Floats


def count(programme: Programme, fold: Ints, arrive_h: Floats, leave_h: Floats, groups: list[tuple[int, ...]], real: Floats) -> Seen:
    """What groups show, each counted by the chance that it is ``real``.

    Args:
        groups: the members of each, the anchor first, as indices of the other arrays.
    """
    apart, length = np.zeros_like(programme.apart), np.zeros_like(programme.length)
    for members, sure in zip(groups, real.tolist(), strict=True):
        anchor, others = members[0], np.array(members[1:], dtype=np.int64)
        where = int(fold[anchor])
        stayed = float(leave_h[anchor] - arrive_h[anchor])
        if stayed == stayed:
            length[where, np.clip(np.searchsorted(programme.length_edges_h, stayed, side="right") - 1, 0, length.shape[1] - 1)] += sure
        landed, left = np.abs(arrive_h[others] - arrive_h[anchor]), np.abs(leave_h[others] - leave_h[anchor])
        near = (landed < programme.reach_h) & (left < programme.reach_h)
        np.add.at(apart[where], (programme.bin_of(landed[near]), programme.bin_of(left[near])), sure)
    return Seen(apart=apart, length=length)


def real_share(scores: Floats, chance: Floats, worlds: int) -> Floats:
    """One minus the local false-discovery rate at each score (descending): it never grows as the score falls.

    Args:
        chance: the scores of the groups in so many ``worlds`` of chance, ascending.
    """
    ordered = np.sort(scores)

    def around(values: Floats) -> Floats:
        return np.asarray(
            np.searchsorted(values, scores + _WINDOW_BITS, side="right") - np.searchsorted(values, scores - _WINDOW_BITS, side="left"),
            dtype=np.float64,
        )

    share = around(chance) / worlds / np.maximum(around(ordered), 1.0)
    return np.asarray(1.0 - np.maximum.accumulate(np.clip(share, 0.0, 1.0)), dtype=np.float64)


def _shares(density: Density) -> Floats:
    return np.asarray(density.per_hour * np.diff(density.edges), dtype=np.float64)

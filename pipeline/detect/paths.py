"""How well what an aircraft does fits a way in to a landing end: straight in, or by turns that are still to be flown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from pipeline.detect.turns import ways
from pipeline.model.columns import Bools, Floats
from pipeline.model.units import M_PER_NM, MPS_PER_KT

#: Final approaches begin at one of these distances before the threshold, in miles; the visual ones near, the others far.
FINALS_NM: Final = (0.4, 0.8, 1.5, 2.5, 4.0, 6.0, 9.0)
#: Feet of height a nautical mile on a 3° path, and how high above its threshold that leads.
GLIDE_FT_PER_NM: Final = 318.4
THRESHOLD_HEIGHT_FT: Final = 50.0
_GRAVITY: Final = 9.81
#: Ways are weighed for so many rows at once: few enough to stay in the processor's cache.
_BLOCK: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Approach:
    """One row a (track's end, landing end). Miles ``along`` the runway's direction from its threshold and ``cross`` right of it,
    ``turn`` (direction of travel less the runway's, radians), feet above the field, knots, feet a minute (negative: down) and
    degrees a second (positive: to the right)."""

    along_nm: Floats
    cross_nm: Floats
    turn: Floats
    height_ft: Floats
    speed_kt: Floats
    sink_fpm: Floats
    turning_dps: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Natural logarithms of how likely each way in is, of what the track shows; 0 is a perfect one.

    The height is compared with ``GLIDE_FT_PER_NM`` × ``turning_slope`` or ``straight_slope`` along the way that is left (pressure
    altitude alone is off by up to 640 ft, and aircraft are held level on the way), with a standard deviation of ``height_ft``
    and tails that are heavier above the path than below it: Student's of ``above`` and ``below`` degrees of freedom, nearly. Every
    radian still to be turned costs ``per_radian``, turning the other way at present ``against``, a final approach longer than 3 NM
    ``per_final`` each time it is e times as long. One straight in sinks at 5.3 ft/min a knot, give or take ``sink_fpm``, worth
    ``sink`` a square; how well it is lined up counts to the power ``in_line``. ``bank_deg``: how hard it turns. ``turned`` is what
    any way with turns is worth beside a straight one, ``unknown`` a height that is not known, ``vague`` a threshold that is not.

    The weights were found by maximum likelihood, telling the field landed at among all in reach, on made-up flights by two authors
    that were lost below 3,000 ft (conditional logit, D. McFadden 1974), and rounded.
    """

    turning_slope: float = 0.96
    straight_slope: float = 1.06
    height_ft: float = 500.0
    above: float = 6.0
    below: float = 16.0
    per_radian: float = 0.6
    against: float = 1.2
    per_final: float = 0.95
    sink: float = 0.35
    sink_fpm: float = 400.0
    bank_deg: float = 25.0
    turned: float = -2.2
    unknown: float = -1.1
    in_line: float = 1.75
    vague: float = -0.85

    def turning_in(self, a: Approach) -> Floats:
        """Over all ways in that begin with a turn, at any length of final approach."""
        out = np.empty(len(a.turn))
        for start in range(0, len(out), _BLOCK):
            part = slice(start, start + _BLOCK)
            out[part] = self._turning_in(Approach(**{f.name: getattr(a, f.name)[part] for f in fields(a)}))
        return out

    def _turning_in(self, a: Approach) -> Floats:
        speed = np.clip(np.nan_to_num(a.speed_kt, nan=140.0), 80.0, 190.0) * MPS_PER_KT
        radius = speed**2 / (_GRAVITY * np.tan(np.radians(self.bank_deg))) / M_PER_NM
        # One more axis of final approaches, and one of four ways each.
        final = np.array(FINALS_NM)
        way = ways((a.along_nm[:, None] + final) / radius[:, None], (-a.cross_nm / radius)[:, None], -a.turn[:, None])
        miles = way.length * radius[:, None, None] + final[:, None]
        possible = np.isfinite(miles)
        expected = THRESHOLD_HEIGHT_FT + self.turning_slope * GLIDE_FT_PER_NM * np.where(possible, miles, 0.0)
        turning = a.turning_dps[:, None, None]
        other_way = np.where(way.first > 0.15, np.where(turning * way.sense > 0, 1.0, 0.0), 0.5)
        nats = self._height(a.height_ft[:, None, None], expected) - self.per_radian * way.turn
        nats -= (self.per_final * np.log(final / 3.0))[:, None] + self.against * np.where(np.abs(turning) > 0.6, other_way, 0.0)
        nats += np.where(way.turn < 0.8, self._level(a)[:, None, None], 0.0)
        total: Floats = np.where(possible, np.exp(nats), 0.0).sum(axis=(-2, -1))
        likely: Floats = np.log(total / (4 * len(FINALS_NM)) + 1e-30)
        return self.turned + likely

    def straight_in(self, a: Approach, geometry: Floats, placed: Bools) -> Floats:
        """Along the final approach, ``geometry`` (0–1) being how well direction and cross-track fit it, ``placed`` whether the threshold's
        place is known."""
        expected = THRESHOLD_HEIGHT_FT + self.straight_slope * GLIDE_FT_PER_NM * np.maximum(-a.along_nm, 0.0)
        return (
            self.in_line * np.log(geometry + 1e-30)
            + self._height(a.height_ft, expected)
            + self._level(a)
            + np.where(placed, 0.0, self.vague)
        )

    def _level(self, a: Approach) -> Floats:
        off = np.clip((a.sink_fpm + 5.3 * np.nan_to_num(a.speed_kt, nan=140.0)) / self.sink_fpm, -2.0, 2.5)
        return -self.sink * off * off

    def _height(self, height_ft: Floats, expected_ft: Floats) -> Floats:
        off = (height_ft - expected_ft) / self.height_ft
        freedom = np.where(off > 0, self.above, self.below)
        return np.where(np.isnan(off), self.unknown, -freedom / 2 * np.log1p(off * off / freedom))

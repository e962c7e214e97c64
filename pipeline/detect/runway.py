"""Runway geometry: how well the ends of many tracks fit each landing end of the fields in reach, all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.nearby import fields_near
from pipeline.detect.reach import DOWN, FINAL_NM, way_nm
from pipeline.detect.segments import max_of, spread
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import Bools, Columns, Floats, Ints
from pipeline.model.units import M_PER_FT, M_PER_NM
from pipeline.places.airports import Airports
from pipeline.places.geo import local_xy_m

#: Feet of height a nautical mile on a 3° path.
GLIDE_FT_PER_NM = 318.4
THRESHOLD_HEIGHT_FT = 50.0
#: Aeroplanes touch down about this far beyond the threshold.
AIM_M = 350.0
#: Never faster than this, any strip will do.
_SLOW_KT = 150.0
#: What a field is worth whose circuit the track does not join, and one whose runways' places are not known.
_NO_JOIN, _UNKNOWN_JOINS = 0.12, 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fits:
    """One row an (end of track, field in reach): its best runway end there. Rows of end ``e`` are ``start[e] … start[e + 1]``.

    ``runway`` is an index into the runway ends, -1 for none. ``along_m`` and ``cross_m`` are of the aimed row, from the
    threshold (along: positive beyond it), ``distance_nm`` and ``edge_m`` of the placed row, to the field's own point and
    to its nearest known runway. ``height_ft`` is the aimed row's above the field. ``score`` is 0–1.
    """

    start: Ints
    field: Ints
    runway: Ints
    score: Floats
    aligned: Bools
    along_m: Floats
    cross_m: Floats
    distance_nm: Floats
    edge_m: Floats
    height_ft: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class RunwayFit:
    """Cross-track within 60 m + 3 % of the distance, direction within 8°, height within 700 ft of a 3° path, each soft.

    The direction and the cross-track are those of the last ``window_s`` and ``near_s``, from at most ``samples`` rows.
    """

    cross_m: float = 60.0
    cross_share: float = 0.03
    direction_deg: float = 8.0
    height_ft: float = 700.0
    window_s: float = 150.0
    near_s: float = 45.0
    samples: int = 16
    turned: float = 0.3
    speed_s: float = 900.0
    leg_m: float = 400.0
    decay_nm: float = 8.0
    level_ft: float = 1_500.0

    def apply(self, line: Timeline, aimed: Ints, placed: Ints, airports: Airports, *, within_nm: Floats) -> Fits:
        """Fits of each track's end to the fields within reach, best first.

        Args:
            aimed: the row whose approach is judged, and the rows before it.
            placed: the row that must be near the field (the same, or the first on the ground).
            within_nm: how far the field may be from it.
        """
        some = line.some
        event, field, nm = fields_near(some.lat[placed], some.lon[placed], airports, within_nm=float(within_nm.max(initial=1.0)))
        rotor = some.rotorcraft[some.aircraft[placed]][event]
        usable = (nm <= within_nm[event]) & (rotor | airports.for_aeroplanes[field])
        event, field, nm = event[usable], field[usable], nm[usable]
        rows = self._rows(line, aimed)
        alt = _latest_known(some.alt_ft[rows])
        height = alt[event] - airports.ground_ft[field]
        direction = self._direction(some, rows)
        suits = suitability(airports, field, _top_speed(line, aimed, self.speed_s)[event]) * airports.prominence[field]
        ends = airports.ends
        first, after = np.searchsorted(ends.airport_index, field), np.searchsorted(ends.airport_index, field, side="right")
        end, pair = spread(first, after - 1)
        scored = self._ends(some, rows, placed[event][pair], event[pair], end, nm[pair], height[pair], direction[event][pair], airports)
        score, aligned, along, cross, edge, joins, way = scored

        score = score * suits[pair]
        nearest = np.full(len(field), np.inf)
        np.minimum.at(nearest, pair, np.where(np.isnan(edge), np.inf, edge))
        nearest = np.where(np.isfinite(nearest), nearest, np.maximum(0.0, nm * M_PER_NM - 1_500.0))
        reach = _most(np.exp2(DOWN.bits(height[pair], way)) * joins, pair, len(field), otherwise=np.nan)
        unplaced = np.exp2(DOWN.bits(height, nearest / M_PER_NM + 1.0)) * _UNKNOWN_JOINS
        reach = np.where(np.isnan(reach), unplaced, reach)
        plain = 0.25 * suits * np.where(np.isnan(height), 0.6, reach) * np.exp(-nearest / M_PER_NM / self.decay_nm)

        best = np.full(len(field), -1, dtype=np.int64)
        order = np.lexsort((-score, pair))
        leads = order[np.r_[True, np.diff(pair[order]) != 0]] if len(order) else order
        leads = leads[score[leads] > plain[pair[leads]]]
        best[pair[leads]] = leads
        has = best >= 0

        def chosen(values: NDArray[np.float64], otherwise: NDArray[np.float64]) -> NDArray[np.float64]:
            out = otherwise.copy()
            out[has] = values[best[has]]
            return out

        total = chosen(score, plain)
        unknown = np.full(len(field), np.nan)
        by = np.lexsort((nm, -total, event))
        runway = np.full(len(field), -1, dtype=np.int64)
        runway[has] = end[best[has]]
        straight = np.zeros(len(field), dtype=np.bool_)
        straight[has] = aligned[best[has]]
        return Fits(
            start=np.searchsorted(event[by], np.arange(len(aimed) + 1)),
            field=field[by],
            runway=runway[by],
            score=total[by],
            aligned=straight[by],
            along_m=chosen(along, unknown)[by],
            cross_m=chosen(cross, unknown)[by],
            distance_nm=nm[by],
            edge_m=nearest[by],
            height_ft=height[by],
        )

    def _rows(self, line: Timeline, aimed: Ints) -> Ints:
        """Shape (ends, samples): rows spread over the window that ends with the aimed one."""
        first = line.before(aimed, self.window_s)
        share = np.linspace(0.0, 1.0, self.samples)
        return np.rint(first[:, None] + (aimed - first)[:, None] * share).astype(np.int64)

    def _direction(self, some: Columns, rows: Ints) -> Floats:
        """The direction of travel into the last row, from displacement where it moved, else as broadcast; NaN when neither."""
        last = rows[:, -1]
        x, y = local_xy_m(some.lat[rows], some.lon[rows], some.lat[last][:, None], some.lon[last][:, None])
        far = np.hypot(x, y) > self.leg_m
        at = rows.shape[1] - 1 - np.argmax(far[:, ::-1], axis=1)
        moved = far.any(axis=1)
        each = np.arange(len(rows))
        direction = np.degrees(np.arctan2(-x[each, at], -y[each, at])) % 360
        said = _latest_known(some.track_deg[rows])
        return np.where(moved, direction, said)

    def _ends(
        self,
        some: Columns,
        rows: Ints,
        placed: Ints,
        event: Ints,
        end: Ints,
        nm: Floats,
        height: Floats,
        direction: Floats,
        airports: Airports,
    ) -> tuple[Floats, Bools, Floats, Floats, Floats, Floats, Floats]:
        """For each (end of track, runway end): score, aligned, along and cross of the aimed row, how far the placed row is from it,
        how well the track joins its circuit, and how many miles it has left on that way."""
        e = airports.ends
        heading = np.radians(e.heading_deg[end])
        turn = np.abs(np.mod(direction - e.heading_deg[end] + 180.0, 360.0) - 180.0)
        allowed = self.direction_deg + 1.5 * e.heading_sigma_deg[end]
        agree = np.where(turn <= 3 * allowed, np.exp(-0.5 * (turn / allowed) ** 2), 0.0)
        placeless = np.isnan(e.lat[end])
        length = np.where(e.length_ft[end] > 0, e.length_ft[end] * M_PER_FT, 3_000.0)
        # The placed row's own distance from the strip between the thresholds.
        on, off = e.along_cross_m(end, some.lat[placed], some.lon[placed])
        edge = np.hypot(np.maximum(np.maximum(-on, on - length), 0.0), off)

        at = rows[event, -1]
        on, off = e.along_cross_m(end, some.lat[at], some.lon[at])
        joins = _joins(on / M_PER_NM, off / M_PER_NM, np.radians(direction) - heading, length / M_PER_NM)
        way = way_nm(on / M_PER_NM, off / M_PER_NM, np.clip(0.7 * np.nan_to_num(height, nan=1_500.0) / GLIDE_FT_PER_NM, 1.0, FINAL_NM))

        score, aligned = np.zeros(len(end)), np.zeros(len(end), dtype=np.bool_)
        along, cross = np.full(len(end), np.nan), np.full(len(end), np.nan)
        likely = np.flatnonzero((agree > 0) & ~placeless)
        if len(likely):
            at = rows[event[likely]]
            forward, aside = e.along_cross_m(end[likely][:, None], some.lat[at], some.lon[at])
            near = some.t[at] >= some.t[at[:, -1]][:, None] - self.near_s
            off_by = np.where(near, np.abs(aside) / (self.cross_m + self.cross_share * np.abs(forward)), np.nan)
            # Just out of a turn only the last row is in line.
            off_by[np.isnan(off_by).all(axis=1)] = np.inf
            middle = np.minimum(np.nanmedian(off_by, axis=1), self.turned + off_by[:, -1])
            along[likely], cross[likely] = forward[:, -1], aside[:, -1]
            to_go = np.maximum(0.0, -forward[:, -1] / M_PER_NM)
            past = np.maximum(0.0, forward[:, -1] - length[likely] - 300.0) / 300.0
            score[likely] = (
                agree[likely] / (1 + (middle / 1.5) ** 2) * self._height_credit(height[likely], to_go) * np.exp(-past) * np.exp(-to_go / 30)
            )
            aligned[likely] = (middle <= 1.5) & (turn[likely] <= allowed[likely]) & (past == 0)
        vague = placeless & (agree > 0)
        score[vague] = 0.5 * agree[vague] * np.exp(-nm[vague] / 5.0) * self._height_credit(height[vague], nm[vague])
        aligned[vague] = (turn[vague] <= allowed[vague]) & (nm[vague] < 8)
        return score, aligned, along, cross, edge, joins, way

    def _height_credit(self, height_ft: Floats, to_go_nm: Floats) -> Floats:
        """1 on a 3° path or level below it before it is met, less the farther off; 0.6 when the height is unknown."""
        path = THRESHOLD_HEIGHT_FT + GLIDE_FT_PER_NM * to_go_nm
        off = np.maximum(height_ft - path, np.minimum(path, self.level_ft) - height_ft)
        credit = np.where(off > self.height_ft / 2, np.exp(-0.5 * (off / self.height_ft) ** 2), 1.0)
        return np.where(np.isnan(height_ft), 0.6, credit)


def _joins(along_nm: Floats, cross_nm: Floats, turn: Floats, length_nm: Floats) -> Floats:
    """How well a track that is not lined up joins a runway's circuit, 0–1.

    1 when it meets the extended centre line ahead of the threshold at a base leg's angle, or flies downwind a mile or
    two beside the runway; less when it does neither.

    Args:
        along_nm: where the aircraft is from the threshold (positive: beyond it), and ``cross_nm`` right of the line.
        turn: its direction less the runway's, radians.
    """
    toward = -np.sign(cross_nm) * np.sin(turn)
    with np.errstate(divide="ignore", invalid="ignore"):
        meets = along_nm + np.abs(cross_nm) * np.cos(turn) / np.where(toward > 0.05, toward, np.nan)
    base = (toward > 0.05) & (meets > -14) & (meets < -0.5) & (np.cos(turn) > -0.7) & (np.abs(cross_nm) < 9)
    downwind = (np.cos(turn) < -0.85) & (np.abs(cross_nm) > 0.6) & (np.abs(cross_nm) < 5) & (along_nm > -10) & (along_nm < length_nm + 5)
    joins = np.where(downwind, 0.8, np.where(base, 1.0, _NO_JOIN))
    return np.where(np.isnan(turn) | np.isnan(along_nm), _UNKNOWN_JOINS, joins)


def _most(values: Floats, owner: Ints, owners: int, *, otherwise: float) -> Floats:
    """The greatest value of each owner."""
    out = np.full(owners, -np.inf)
    known = ~np.isnan(values)
    np.maximum.at(out, owner[known], values[known])
    return np.where(np.isfinite(out), out, otherwise)


def suitability(airports: Airports, field: Ints, top_speed_kt: Floats) -> Floats:
    """How likely an aircraft that flew this fast would use a field at all, 0–1: a fast one needs a long runway."""
    length = airports.longest_ft[field]
    fits = np.interp(np.nan_to_num(length), (2_000, 3_000, 4_000, 5_500), (0.03, 0.1, 0.4, 1.0))
    small = airports.is_small[field]
    fits = np.where(np.isnan(length), np.where(small, 0.08, 0.7), fits)
    return np.where(top_speed_kt < _SLOW_KT, np.where(small, 0.8, 1.0), fits)


def _top_speed(line: Timeline, rows: Ints, seconds: float) -> Floats:
    """How fast each aircraft was at most in the last while: a jet on short final is no light aircraft. Unknown: infinite."""
    first = line.before(rows, seconds)
    flat, _ = spread(first, rows)
    start = np.cumsum(rows - first + 1) - (rows - first + 1)
    top = max_of(line.some.speed_kt[flat], start)
    return np.where(np.isfinite(top), top, np.inf)


def _latest_known(values: Floats) -> Floats:
    """The last value of each row of a table that is not NaN; NaN when none is."""
    known = ~np.isnan(values)
    at = values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    latest: Floats = values[np.arange(len(values)), at]
    return latest

"""How well the ends of many tracks fit each landing end of the fields in reach, all at once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from pipeline.detect.nearby import fields_near
from pipeline.detect.paths import Approach, Paths
from pipeline.detect.rates import sink_fpm
from pipeline.detect.segments import max_of, spread
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import Bools, Columns, Floats, Ints
from pipeline.model.units import M_PER_FT, M_PER_NM
from pipeline.places.airports import Airports
from pipeline.places.geo import local_xy_m
from pipeline.places.geoid import undulation_ft

#: Aeroplanes touch down about this far beyond the threshold.
AIM_M = 350.0
#: Never faster than this, any strip will do.
_SLOW_KT = 150.0
#: A field of which no runway is known may have one in any of these directions.
_SUPPOSED_DEG = np.arange(0.0, 360.0, 30.0)
_USUAL_LENGTH_M = 2_500.0
_STEP_M = 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fits:
    """One row an (end of track, field in reach): its best runway end there. Rows of end ``e`` are ``start[e] … start[e + 1]``.

    ``runway`` is an index into the runway ends, -1 for none.
    ``along_m`` and ``cross_m`` are of the aimed row, from the threshold (along: positive beyond it), NaN where no threshold is known,
    ``distance_nm`` and ``edge_m`` of the placed row, to the field's own point and to its nearest known runway. ``height_ft`` is the
    aimed row's above the field. ``nats`` says how well the track fits the field, 0 being perfectly, and ``score`` how likely that
    makes it, by how often fields of its kind are landed at.
    """

    start: Ints
    field: Ints
    runway: Ints
    nats: Floats
    score: Floats
    aligned: Bools
    along_m: Floats
    cross_m: Floats
    distance_nm: Floats
    edge_m: Floats
    height_ft: Floats

    @property
    def event(self) -> Ints:
        """Which end of track each row is of."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def weighed(self, factor: Floats) -> Fits:
        """With each row's score times ``factor``, best first again."""
        score = self.score * factor
        by = np.lexsort((self.distance_nm, -score, self.event))
        rows = {f.name: getattr(self, f.name)[by] for f in fields(self) if f.name not in ("start", "score")}
        return Fits(start=self.start, score=score[by], **rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ends:
    """The landing ends of many fields, one row a (pair, end): ``index`` into the runway ends, -1 where a field's runway is supposed.

    ``placed``: is its threshold known? Where not, it is thought half a runway from the field's own point.
    """

    pair: Ints
    index: Ints
    heading_deg: Floats
    sigma_deg: Floats
    lat: Floats
    lon: Floats
    length_m: Floats
    placed: Bools
    ends: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class RunwayFit:
    """In line with a runway: cross-track within 60 m + 3 % of the distance, direction within 8°, each soft; else by ``paths``.

    The direction and the cross-track are those of the last ``window_s`` and ``near_s``, from at most ``samples`` rows; how fast
    it turns is that of the last ``turning_s``. A threshold that is not known may be ``vague_m`` to the side. ``many_ends``: of
    fields that fit as well, one with e times as many runway ends is the less likely by so much. A supposed runway is worth ``supposed``, a
    direction of travel that is not known ``no_direction``. ``most_error_ft``: pressure altitude is never farther off.
    """

    cross_m: float = 60.0
    cross_share: float = 0.03
    vague_m: float = 900.0
    direction_deg: float = 8.0
    window_s: float = 150.0
    near_s: float = 45.0
    sink_s: float = 90.0
    turning_s: float = 20.0
    samples: int = 16
    turned: float = 0.3
    speed_s: float = 900.0
    leg_m: float = 400.0
    many_ends: float = 0.27
    supposed: float = -3.6
    no_direction: float = -2.2
    most_error_ft: float = 1_000.0
    paths: Paths = field(default_factory=Paths)

    def apply(self, line: Timeline, aimed: Ints, placed: Ints, airports: Airports, *, within_nm: Floats, turning_in: bool = True) -> Fits:
        """Fits of each track's end to the fields within reach, best first.

        Args:
            aimed: the row whose approach is judged, and the rows before it.
            placed: the row that must be near the field (the same, or the first on the ground).
            within_nm: how far the field may be from it.
            turning_in: False: only straight approaches count; for those that are seen on the ground, other ways tell nothing.
        """
        some = line.some
        event, reached, nm = fields_near(some.lat[placed], some.lon[placed], airports, within_nm=float(within_nm.max(initial=1.0)))
        rotor = some.rotorcraft[some.aircraft[placed]][event]
        usable = (nm <= within_nm[event]) & (rotor | airports.for_aeroplanes[reached])
        event, reached, nm = event[usable], reached[usable], nm[usable]
        rows = self._rows(line, aimed, self.window_s)
        height = self._height(some, rows)[event] - airports.ground_ft[reached]
        ends = _ends_of(reached, airports)
        nats, aligned, along, cross, edge = self._ends(
            line, aimed, rows, placed[event][ends.pair], event[ends.pair], ends, height[ends.pair], turning_in=turning_in
        )

        nearest = np.full(len(reached), np.inf)
        np.minimum.at(nearest, ends.pair, np.where(np.isnan(edge), np.inf, edge))
        nearest = np.where(np.isfinite(nearest), nearest, np.maximum(0.0, nm * M_PER_NM - 1_500.0))
        best = _best_of(nats, ends.pair, len(reached))
        total = _total_of(nats, best, ends.pair, len(reached))
        suits = suitability(airports, reached, _top_speed(line, aimed, self.speed_s)[event]) * airports.prominence[reached]
        score = np.exp(total) * suits
        index = ends.index[best]
        by = np.lexsort((nm, -score, event))
        at = best[by]
        return Fits(
            start=np.searchsorted(event[by], np.arange(len(aimed) + 1)),
            field=reached[by],
            runway=index[by],
            nats=total[by],
            score=score[by],
            aligned=aligned[at],
            along_m=np.where(ends.placed, along, np.nan)[at],
            cross_m=np.where(ends.placed, cross, np.nan)[at],
            distance_nm=nm[by],
            edge_m=nearest[by],
            height_ft=height[by],
        )

    def _height(self, some: Columns, rows: Ints) -> Floats:
        """Feet above sea level at the end of each track: by pressure, its error taken from the geometric altitude where the altimeter
        setting is not known and the two are no farther apart than pressure ever is."""
        height = _latest_known(some.alt_ft[rows])
        above = some.geom_ft[rows] - undulation_ft(some.lat[rows], some.lon[rows])
        error = _latest_known(above - some.alt_ft[rows])
        use = np.isnan(some.qnh_hpa[rows[:, -1]]) & (np.abs(error) <= self.most_error_ft)
        return np.where(use, height + error, height)

    def _rows(self, line: Timeline, aimed: Ints, seconds: float) -> Ints:
        """Shape (ends, samples): rows spread over the window that ends with the aimed one."""
        first = line.before(aimed, seconds)
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
        line: Timeline,
        aimed: Ints,
        rows: Ints,
        placed: Ints,
        event: Ints,
        ends: _Ends,
        height: Floats,
        *,
        turning_in: bool,
    ) -> tuple[Floats, Bools, Floats, Floats, Floats]:
        """For each (end of track, landing end): nats, aligned, along and cross of the aimed row, how far the placed row is from it."""
        some = line.some
        forward, aside = self._along_cross(some, rows[event], ends)
        along, cross = forward[:, -1], aside[:, -1]
        heading = np.radians(ends.heading_deg)
        turn = np.mod(np.radians(self._direction(some, rows)[event]) - heading + np.pi, 2 * np.pi) - np.pi
        off_deg, allowed = np.degrees(np.abs(turn)), self.direction_deg + 1.5 * ends.sigma_deg
        agree = np.exp(-0.5 * (off_deg / allowed) ** 2)
        near = some.t[rows] >= some.t[rows[:, -1]][:, None] - self.near_s
        width = np.where(ends.placed, self.cross_m, self.vague_m)[:, None] + self.cross_share * np.abs(forward)
        off_by = np.where(near[event], np.abs(aside) / width, np.nan)
        off_by[:, -1] = np.nan_to_num(off_by[:, -1], nan=np.inf)
        # Just out of a turn only the last row is in line.
        middle = np.minimum(np.nanmedian(off_by, axis=1), self.turned + off_by[:, -1])
        past = np.maximum(0.0, along - ends.length_m - 300.0) / 300.0
        geometry = np.nan_to_num(agree / (1 + (middle / 1.5) ** 2) * np.exp(-past))
        approach = Approach(
            along_nm=along / M_PER_NM,
            cross_nm=cross / M_PER_NM,
            turn=np.nan_to_num(turn),
            height_ft=height,
            speed_kt=some.speed_kt[aimed][event],
            sink_fpm=sink_fpm(some, line.before(aimed, self.sink_s), aimed)[event],
            turning_dps=self._turning(line, aimed)[event] if turning_in else np.zeros(len(event)),
        )
        nats = self.paths.straight_in(approach, geometry, ends.placed)
        if turning_in:
            nats = np.logaddexp(nats, self.paths.turning_in(approach) + np.where(np.isnan(turn), self.no_direction, 0.0))
        nats += np.where(ends.index < 0, self.supposed, 0.0) - self.many_ends * np.log(ends.ends)
        aligned = (middle <= 1.5) & (off_deg <= allowed) & (past == 0) & (ends.index >= 0)
        # The placed row's own distance from the strip between the thresholds.
        on, off = (values[:, 0] for values in self._along_cross(some, placed[:, None], ends))
        edge = np.hypot(np.maximum(np.maximum(-on, on - ends.length_m), 0.0), off)
        return nats, aligned, along, cross, np.where(ends.placed, edge, np.nan)

    def _along_cross(self, some: Columns, rows: Ints, ends: _Ends) -> tuple[Floats, Floats]:
        """Metres along and right of each landing end's axis, of a table of rows: one line of it an end."""
        x, y = local_xy_m(some.lat[rows], some.lon[rows], ends.lat[:, None], ends.lon[:, None])
        heading = np.radians(ends.heading_deg)[:, None]
        half = np.where(ends.placed, 0.0, ends.length_m / 2)[:, None]
        return x * np.sin(heading) + y * np.cos(heading) + half, x * np.cos(heading) - y * np.sin(heading)

    def _turning(self, line: Timeline, aimed: Ints) -> Floats:
        """How fast each turns, in degrees a second, to the right; 0 where too few rows tell."""
        rows = self._rows(line, aimed, self.near_s)
        some = line.some
        x, y = local_xy_m(some.lat[rows], some.lon[rows], some.lat[aimed][:, None], some.lon[aimed][:, None])
        east, north = np.diff(x, axis=1), np.diff(y, axis=1)
        t = some.t[rows[:, 1:]]
        # A short step's direction is its rounding.
        tells = (np.hypot(east, north) > _STEP_M) & (t >= t[:, -1:] - self.turning_s)
        course = np.arctan2(east, north)
        first, last = np.argmax(tells, axis=1), tells.shape[1] - 1 - np.argmax(tells[:, ::-1], axis=1)
        each = np.arange(len(rows))
        dt = t[each, last] - t[each, first]
        turned = np.mod(course[each, last] - course[each, first] + np.pi, 2 * np.pi) - np.pi
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(tells.any(axis=1) & (dt > 3), np.degrees(turned) / dt, 0.0)


def _ends_of(fields: Ints, airports: Airports) -> _Ends:
    """Every landing end of each field; supposed ones where the table has none."""
    e = airports.ends
    first, after = np.searchsorted(e.airport_index, fields), np.searchsorted(e.airport_index, fields, side="right")
    index, pair = spread(first, after - 1)
    usable = ~np.isnan(e.heading_deg[index])
    index, pair = index[usable], pair[usable]
    bare = np.flatnonzero(np.bincount(pair, minlength=len(fields)) == 0)
    supposed = len(_SUPPOSED_DEG)
    index = np.concatenate([index, np.full(len(bare) * supposed, -1, dtype=np.int64)])
    pair = np.concatenate([pair, np.repeat(bare, supposed)])
    real = index >= 0
    placed = real & ~np.isnan(e.lat[index])
    here = fields[pair]
    return _Ends(
        pair=pair,
        index=index,
        heading_deg=np.where(real, e.heading_deg[index], np.tile(_SUPPOSED_DEG, len(index) // supposed + 1)[np.cumsum(~real) - 1]),
        sigma_deg=np.where(real, e.heading_sigma_deg[index], 0.0),
        lat=np.where(placed, e.lat[index], airports.lat[here]),
        lon=np.where(placed, e.lon[index], airports.lon[here]),
        length_m=np.where(real & (e.length_ft[index] > 0), e.length_ft[index] * M_PER_FT, _USUAL_LENGTH_M),
        placed=placed,
        ends=np.bincount(pair, minlength=len(fields))[pair],
    )


def _best_of(values: Floats, owner: Ints, owners: int) -> Ints:
    """The row of each owner's greatest value; every owner has one."""
    order = np.lexsort((-values, owner))
    return order[np.searchsorted(owner[order], np.arange(owners))] if owners else order


def _total_of(nats: Floats, best: Ints, owner: Ints, owners: int) -> Floats:
    """The logarithm of the sum of each owner's likelihoods."""
    top = nats[best]
    total: Floats = top + np.log(np.bincount(owner, weights=np.exp(nats - top[owner]), minlength=owners))
    return total


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

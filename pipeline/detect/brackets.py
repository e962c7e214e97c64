"""Lost coming down, next seen climbing out: which field lies between, if only one can."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.detect.events import EventSettings, Touchdown, say_height
from pipeline.detect.nearby import fields_near
from pipeline.detect.rates import sink_fpm
from pipeline.detect.reach import DOWN, FINAL_NM, UP, way_nm
from pipeline.detect.runway import suitability
from pipeline.detect.segments import spread
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import Columns, Floats, Ints
from pipeline.model.units import M_PER_NM
from pipeline.places.airports import Airports
from pipeline.places.geo import bearing_deg, near_m

#: Feet a nautical mile of a descent at 3°, roughly.
_DOWN_FT_PER_NM = 320.0


class Brackets:
    """Weighs every field that both ends can reach; abstains when a second one is nearly as likely."""

    def __init__(self, airports: Airports, settings: EventSettings) -> None:
        self.airports, self.settings = airports, settings

    def apply(self, line: Timeline, last: Ints, again: Ints, again_last: Ints, sink: Floats) -> dict[int, Touchdown]:
        """Touchdowns by the index of the lost track; those that nothing proves are missing."""
        s, some = self.settings, line.some
        seen_again = again >= 0
        quiet = np.where(seen_again, some.t[again] - some.t[last], 0.0)
        asked = np.flatnonzero(seen_again & (quiet >= s.turnaround_s) & (sink < -100))
        climb = sink_fpm(some, again[asked], np.minimum(again[asked] + 6, again_last[asked]))
        apart = near_m(some.lat[last[asked]], some.lon[last[asked]], some.lat[again[asked]], some.lon[again[asked]])
        asked = asked[(climb > 100) & (apart < 2 * s.bracket_nm * M_PER_NM)]
        near = [_by_point(some, rows[asked], self.airports, s.bracket_nm) for rows in (last, again)]
        found: dict[int, Touchdown] = {}
        for k, i in enumerate(asked.tolist()):
            one = self._one(line, int(last[i]), int(again[i]), near[0](k), near[1](k))
            if one is not None:
                found[i] = one
        return found

    def _one(
        self, line: Timeline, last: int, again: int, near_last: tuple[Ints, Floats], near_again: tuple[Ints, Floats]
    ) -> Touchdown | None:
        s, some = self.settings, line.some
        both, at_last, at_again = np.intersect1d(near_last[0], near_again[0], return_indices=True)
        rotor = bool(some.rotorcraft[some.aircraft[last]])
        usable = rotor | self.airports.for_aeroplanes[both]
        both, at_last, at_again = both[usable], at_last[usable], at_again[usable]
        if not len(both):
            return None
        down_nm, up_nm = near_last[1][at_last], near_again[1][at_again]
        elevation = np.nan_to_num(self.airports.ground_ft[both])
        down_ft, up_ft = some.alt_ft[last] - elevation, some.alt_ft[again] - elevation
        if np.isnan(down_ft).any() or np.isnan(up_ft).any():
            return None
        score = DOWN.bits(down_ft, self._way_nm(some, last, both, down_nm, down_ft)) + self._course(some, last, both, down_nm, toward=True)
        score += UP.bits(up_ft, up_nm) + self._course(some, again, both, up_nm, toward=False)
        reach = score.copy()
        score += np.log2(suitability(self.airports, both, np.full(len(both), 0.0 if rotor else np.inf)))
        best = int(np.argmax(score))
        share = float(1 / np.exp2(score - score[best]).sum())
        field = int(both[best])
        if share < s.bracket_share or reach[best] < -6.0 or not (down_ft[best] < s.bracket_ft and up_ft[best] < s.bracket_ft):
            return None
        return self._touchdown(line, last, again, field, float(down_ft[best]), float(down_nm[best]), float(up_nm[best]), share, both, score)

    def _way_nm(self, some: Columns, row: int, fields: Ints, nm: Floats, height_ft: Floats) -> Floats:
        """Miles left to each field by the runway end whose approach the height fits best."""
        e = self.airports.ends
        first, after = np.searchsorted(e.airport_index, fields), np.searchsorted(e.airport_index, fields, side="right")
        end, pair = spread(first, after - 1)
        along, cross = e.along_cross_m(end, some.lat[row], some.lon[row])
        way = way_nm(along / M_PER_NM, cross / M_PER_NM, np.full(len(end), FINAL_NM))
        fit = np.where(np.isnan(way), -np.inf, DOWN.bits(height_ft[pair], np.nan_to_num(way)))
        order = np.lexsort((-fit, pair))
        best = order[np.r_[True, np.diff(pair[order]) != 0]] if len(order) else order
        best = best[np.isfinite(fit[best])]
        out = nm + 1.0
        out[pair[best]] = way[best]
        return out

    def _course(self, some: Columns, row: int, fields: Ints, nm: Floats, *, toward: bool) -> Floats:
        """Bits for the direction of travel. A circuit or a turn after take-off points anywhere; far out a track points at its field."""
        track = some.track_deg[row]
        if np.isnan(track):
            return np.zeros(len(fields))
        n = len(fields)
        here = np.full(n, some.lat[row]), np.full(n, some.lon[row])
        there = self.airports.lat[fields], self.airports.lon[fields]
        bearing = bearing_deg(*here, *there) if toward else bearing_deg(*there, *here)
        off = np.abs(np.mod(bearing - track + 180.0, 360.0) - 180.0)
        weight = np.clip((nm - 4.0) / 12.0, 0.0, 1.0)
        bits: Floats = -weight * np.clip((off - 30.0) / 25.0, 0.0, 4.0)
        return bits

    def _touchdown(
        self,
        line: Timeline,
        last: int,
        again: int,
        field: int,
        height_ft: float,
        down_nm: float,
        up_nm: float,
        share: float,
        fields: Ints,
        score: Floats,
    ) -> Touchdown:
        some = line.some
        seen, left = float(some.t[last]), float(some.t[again])
        code = self.airports.codes[field]
        how = (
            f"lost {say_height(height_ft)} above {code}, {down_nm:.0f} NM out and descending; "
            f"next seen climbing away from there {(left - seen) / 3600:.1f} h later"
        )
        others = [int(k) for k in np.argsort(-score)[1:3]]
        path_nm = max(down_nm, height_ft / _DOWN_FT_PER_NM)
        t = min(seen + path_nm / 190 * 3600 + 30, left - 300)
        return Touchdown(
            aircraft=int(some.aircraft[last]),
            airport=field,
            t=t,
            earliest=min(t, seen + down_nm / 300 * 3600),
            latest=max(t, min(left - up_nm / 250 * 3600, t + 1_200)),
            kind="bracketed",
            confidence=0.985 - 0.45 * (1 - share) ** 1.3,
            runway="",
            runner_up="; ".join(f"{self.airports.codes[int(fields[k])]} {2.0 ** (score[k] - score.max()):.2f} as likely" for k in others),
            last_seen=seen,
            last_height_ft=height_ft,
            last_distance_nm=down_nm,
            reason=how,
            rows=(int(line.before(np.array([last]), 120.0)[0]), again),
        )


def _by_point(some: Columns, rows: Ints, airports: Airports, within_nm: float) -> Callable[[int], tuple[Ints, Floats]]:
    """The fields near each row, and their distances, asked for all rows at once."""
    point, field, nm = fields_near(some.lat[rows], some.lon[rows], airports, within_nm=within_nm)
    start = np.searchsorted(point, np.arange(len(rows) + 1))
    return lambda k: (field[start[k] : start[k + 1]], nm[start[k] : start[k + 1]])

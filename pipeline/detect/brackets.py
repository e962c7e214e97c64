"""Lost coming down, next seen climbing out: which field lies between, if only one can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.detect.events import EventSettings, Touchdown, say_height
from pipeline.detect.nearby import fields_near
from pipeline.detect.rates import sink_fpm
from pipeline.detect.reach import DOWN_FROM_HIGH, FINAL_NM, UP, way_nm
from pipeline.detect.runway import suitability
from pipeline.detect.segments import spread
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import Bools, Columns, Floats, Ints
from pipeline.model.units import M_PER_NM
from pipeline.places.airports import Airports
from pipeline.places.geo import local_xy_m, near_m

#: Feet a nautical mile of a descent at 3°, roughly.
_DOWN_FT_PER_NM = 320.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairs:
    """A row for each field that both ends of a silence can reach, sorted by ``event``: miles and feet down to it, and up from it."""

    event: Ints
    field: Ints
    down_nm: Floats
    up_nm: Floats
    down_ft: Floats
    up_ft: Floats
    rotor: Bools


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
        use = (climb > 100) & (apart < 2 * s.bracket_nm * M_PER_NM)
        asked, climb = asked[use], climb[use]
        pairs = self._pairs(some, last[asked], again[asked])
        if not len(pairs.event):
            return {}
        score, reach = self._scored(some, last[asked], again[asked], climb, pairs)
        by = np.lexsort((-score, pairs.event))
        leads = by[np.r_[True, np.diff(pairs.event[by]) != 0]]
        total = np.bincount(pairs.event, weights=np.exp2(score - score[leads][np.searchsorted(pairs.event[leads], pairs.event)]))
        share = 1 / total[pairs.event[leads]]
        sure = (share >= s.bracket_share) & (reach[leads] >= s.reach_bits)
        sure &= (pairs.down_ft[leads] < s.bracket_ft) & (pairs.up_ft[leads] < s.bracket_ft)
        # Heard at neither end from near the ground, it may have used a strip that no table knows: one field has to stand out.
        high = np.minimum(pairs.down_ft[leads], pairs.up_ft[leads]) > s.both_high_ft
        sure &= ~high | (share >= s.both_high_share)
        found: dict[int, Touchdown] = {}
        start = np.searchsorted(pairs.event[by], pairs.event[leads])
        for lead, first, how_sure in zip(leads[sure].tolist(), start[sure].tolist(), share[sure].tolist(), strict=True):
            i = int(asked[pairs.event[lead]])
            others = [k for k in by[first + 1 : first + 3].tolist() if pairs.event[k] == pairs.event[lead]]
            names = "; ".join(f"{self.airports.codes[int(pairs.field[k])]} {2.0 ** (score[k] - score[lead]):.2f} as likely" for k in others)
            found[i] = self._touchdown(line, int(last[i]), int(again[i]), pairs, lead, how_sure, names)
        return found

    def leaving(self, line: Timeline, again: Ints, again_last: Ints, event: Ints, fields: Ints) -> Floats:
        """How likely each aircraft left from each field, 0–1 beside the likeliest of its event, by how it is next seen; 1 where that
        says nothing: it is not heard again (``again`` -1), does not climb, or comes from none of these fields."""
        some = line.some
        climb = np.zeros(len(again))
        heard = np.flatnonzero(again >= 0)
        climb[heard] = sink_fpm(some, again[heard], np.minimum(again[heard] + 6, again_last[heard]))
        use = (climb > 100)[event]
        event, fields, row = event[use], fields[use], again[event[use]]
        nm = near_m(some.lat[row], some.lon[row], self.airports.lat[fields], self.airports.lon[fields]) / M_PER_NM
        up_ft = some.alt_ft[row] - self.airports.ground_ft[fields]
        bits = UP.bits(up_ft, nm, ft_per_nm=self._climb_slope(some, np.maximum(again, 0), climb)[event])
        bits = np.nan_to_num(bits + self._course(some, row, fields, nm, toward=False), nan=UP.least_bits)
        most = np.full(len(again), -np.inf)
        np.maximum.at(most, event, bits)
        out = np.ones(len(use))
        out[use] = np.where(most[event] > self.settings.reach_bits, np.exp2(bits - most[event]), 1.0)
        return out

    def _pairs(self, some: Columns, last: Ints, again: Ints) -> _Pairs:
        """The fields in reach of both ends, where an aircraft of its kind can land."""
        fields = len(self.airports.codes)
        near = [fields_near(some.lat[rows], some.lon[rows], self.airports, within_nm=self.settings.bracket_nm) for rows in (last, again)]
        keys = [event * fields + field for event, field, _ in near]
        both, at_last, at_again = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
        event, field = both // fields, both % fields
        rotor = some.rotorcraft[some.aircraft[last[event]]]
        elevation = self.airports.ground_ft[field]
        down_ft, up_ft = some.alt_ft[last[event]] - elevation, some.alt_ft[again[event]] - elevation
        use = (rotor | self.airports.for_aeroplanes[field]) & ~np.isnan(down_ft) & ~np.isnan(up_ft)
        return _Pairs(
            event=event[use],
            field=field[use],
            down_nm=near[0][2][at_last][use],
            up_nm=near[1][2][at_again][use],
            down_ft=down_ft[use],
            up_ft=up_ft[use],
            rotor=rotor[use],
        )

    def _scored(self, some: Columns, last: Ints, again: Ints, climb: Floats, pairs: _Pairs) -> tuple[Floats, Floats]:
        """Bits for each pair, and how many of them are of reach and course alone."""
        lost, heard = last[pairs.event], again[pairs.event]
        way = self._way_nm(some, lost, pairs.field, pairs.down_nm, pairs.down_ft)
        reach = DOWN_FROM_HIGH.bits(pairs.down_ft, way) + self._course(some, lost, pairs.field, pairs.down_nm, toward=True)
        slope = self._climb_slope(some, again, climb)[pairs.event]
        reach += UP.bits(pairs.up_ft, pairs.up_nm, ft_per_nm=slope) + self._course(some, heard, pairs.field, pairs.up_nm, toward=False)
        suits = suitability(self.airports, pairs.field, np.where(pairs.rotor, 0.0, np.inf))
        # Of two fields of size neither is the likelier: which one it was cannot be told, and is not.
        known = np.where(self.airports.of_size[pairs.field], 1.0, self.airports.prominence[pairs.field])
        return reach + np.log2(suits * known), reach

    def _climb_slope(self, some: Columns, again: Ints, climb_fpm: Floats) -> Floats:
        """Feet a mile that each has climbed on the whole: half its slope when first heard, steeper before, half that of all."""
        with np.errstate(divide="ignore", invalid="ignore"):
            now = climb_fpm / some.speed_kt[again] * 60
        own = np.clip(np.nan_to_num(1.25 * now, nan=UP.ft_per_nm), 200.0, 900.0)
        return np.sqrt(own * UP.ft_per_nm)

    def _way_nm(self, some: Columns, row: Ints, fields: Ints, nm: Floats, height_ft: Floats) -> Floats:
        """Miles left to each field by the runway end whose approach the height fits best."""
        e = self.airports.ends
        first, after = np.searchsorted(e.airport_index, fields), np.searchsorted(e.airport_index, fields, side="right")
        end, pair = spread(first, after - 1)
        along, cross = e.along_cross_m(end, some.lat[row[pair]], some.lon[row[pair]])
        way = way_nm(along / M_PER_NM, cross / M_PER_NM, np.full(len(end), FINAL_NM))
        fit = np.where(np.isnan(way), -np.inf, DOWN_FROM_HIGH.bits(height_ft[pair], np.nan_to_num(way)))
        order = np.lexsort((-fit, pair))
        best = order[np.r_[True, np.diff(pair[order]) != 0]] if len(order) else order
        best = best[np.isfinite(fit[best])]
        out = nm + 1.0
        out[pair[best]] = way[best]
        return out

    def _course(self, some: Columns, row: Ints, fields: Ints, nm: Floats, *, toward: bool) -> Floats:
        """Bits for the direction of travel. A circuit or a turn after take-off points anywhere; far out a track points at its field."""
        here = some.lat[row], some.lon[row]
        there = self.airports.lat[fields], self.airports.lon[fields]
        east, north = local_xy_m(*there, *here)
        bearing = np.degrees(np.arctan2(east, north) if toward else np.arctan2(-east, -north))
        off = np.abs(np.mod(bearing - some.track_deg[row] + 180.0, 360.0) - 180.0)
        weight = np.clip((nm - 4.0) / 12.0, 0.0, 1.0)
        bits: Floats = -weight * np.clip((off - 30.0) / 25.0, 0.0, 4.0)
        return np.nan_to_num(bits)

    def _touchdown(self, line: Timeline, last: int, again: int, pairs: _Pairs, lead: int, share: float, others: str) -> Touchdown:
        some = line.some
        field, height_ft = int(pairs.field[lead]), float(pairs.down_ft[lead])
        down_nm, up_nm = float(pairs.down_nm[lead]), float(pairs.up_nm[lead])
        seen, left = float(some.t[last]), float(some.t[again])
        code = self.airports.codes[field]
        how = (
            f"lost {say_height(height_ft)} above {code}, {down_nm:.0f} NM out and descending; "
            f"next seen climbing away from there {(left - seen) / 3600:.1f} h later"
        )
        path_nm = max(down_nm, height_ft / _DOWN_FT_PER_NM)
        t = min(seen + path_nm / 190 * 3600 + 30, left - 300)
        return Touchdown(
            aircraft=int(some.aircraft[last]),
            airport=field,
            t=t,
            earliest=min(t, seen + down_nm / 300 * 3600),
            latest=max(t, min(left - up_nm / 250 * 3600, t + 1_200)),
            kind="bracketed",
            confidence=0.985 - 2.9 * (1 - share) ** 3,
            runway="",
            runner_up=others,
            last_seen=seen,
            last_height_ft=height_ft,
            last_distance_nm=down_nm,
            reason=how,
            rows=(line.first_before(last, 120.0), again),
        )

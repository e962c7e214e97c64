"""Spells → touchdowns: seen on the ground, or lost coming down and inferred, bracketed, or left open."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from pipeline.detect.brackets import Brackets
from pipeline.detect.events import EventSettings, Touchdown, say_height
from pipeline.detect.floors import Heard
from pipeline.detect.paths import GLIDE_FT_PER_NM
from pipeline.detect.rates import level, sink_fpm
from pipeline.detect.runway import AIM_M, Fits, RunwayFit
from pipeline.detect.segments import first_true, max_of, spread
from pipeline.detect.spells import Spells
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import Bools, Floats, Ints, address
from pipeline.model.units import M_PER_NM
from pipeline.places.airports import Airports
from pipeline.places.geo import near_nm

#: A landing seen within this long of the last position in the air is timed by what lies between.
_CLOSE_S = 900.0


class Arrivals:
    """The rules of landing, for one batch of many aircraft."""

    def __init__(self, line: Timeline, airports: Airports, settings: EventSettings, fit: RunwayFit, *, heard: Heard | None = None) -> None:
        self.line, self.some, self.heard = line, line.some, heard
        self.airports, self.settings, self.fit = airports, settings, fit
        self._brackets = Brackets(airports, settings)

    def apply(self, spells: Spells, *, now: float | None) -> list[Touchdown]:
        """Touchdowns and open approaches, in order of aircraft and time."""
        found = self._seen(spells) + self._lost(spells, now)
        return sorted(self._once(found), key=lambda one: (one.aircraft, one.t))

    def _once(self, found: list[Touchdown]) -> list[Touchdown]:
        """Two tracks of one address that come to one field at one time are one aircraft, heard twice: the better seen stands."""
        shared = {name for name, tracks in Counter(map(address, self.some.icao24)).items() if tracks > 1}
        if not shared:
            return found
        names = [address(self.some.icao24[one.aircraft]) for one in found]

        def better(other: Touchdown, one: Touchdown) -> bool:
            return (other.kind != "observed", other.last_height_ft, other.aircraft) < (
                one.kind != "observed",
                one.last_height_ft,
                one.aircraft,
            )

        def heard_twice(name: str, one: Touchdown) -> bool:
            others = (other for whose, other in zip(names, found, strict=True) if whose == name and other.aircraft != one.aircraft)
            return any(other.airport == one.airport and abs(other.t - one.t) < _CLOSE_S and better(other, one) for other in others)

        return [one for name, one in zip(names, found, strict=True) if name not in shared or not heard_twice(name, one)]

    # ── seen on the ground ──

    def _seen(self, spells: Spells) -> list[Touchdown]:
        at = np.flatnonzero(spells.ground & spells.before)
        if not len(at):
            return []
        first, last, air = spells.first[at], spells.last[at], spells.last[at - 1]
        unseen = spells.ground[at - 1]
        gap = self.some.t[first] - self.some.t[air]
        aimed = np.where((gap <= _CLOSE_S) & ~unseen, air, first)
        fits = self.fit.apply(self.line, aimed, first, self.airports, within_nm=np.full(len(at), 5.0), turning_in=False)
        choice = self._on_the_ground(fits, self.some.rotorcraft[self.some.aircraft[first]])
        crossing = self._crossings(fits, choice, self.line.before(first, self.fit.window_s), first, last)
        out = []
        lies = self._rolls_on(first, last) | self._rolls_too_long(air, gap)
        for i in np.flatnonzero((choice >= 0) & ~lies).tolist():
            one = self._seen_one(fits, int(choice[i]), int(first[i]), int(air[i]), int(last[i]), float(crossing[i]), bool(unseen[i]))
            out.append(self._with_others(fits, i, int(choice[i]), one))
        return out

    def _rolls_on(self, first: Ints, last: Ints) -> Bools:
        """True where an aircraft said to be on the ground goes on as fast as if it flew: its positions are another's."""
        s = self.settings
        since, until = np.minimum(self.line.until(first, s.roll_s) + 1, last), np.minimum(self.line.until(first, 3 * s.roll_s), last)
        rows, owner = spread(since, until)
        fast = np.bincount(owner, weights=self.some.speed_kt[rows] > s.roll_kt, minlength=len(first))
        return (fast >= 3) & (fast > 0.8 * np.bincount(owner, minlength=len(first)))

    def _rolls_too_long(self, air: Ints, gap: Floats) -> Bools:
        """True where one that stands at once went on at flying speed long after its altitude stopped changing: its positions lie."""
        s = self.settings
        since = self.line.before(air, s.stop_s)
        rows, owner = spread(since, air)
        fast = np.bincount(owner, weights=self.some.speed_kt[rows] > s.flying_kt, minlength=len(air)) > 0
        out = np.zeros(len(air), dtype=np.bool_)
        for i in np.flatnonzero(fast & (gap < s.roll_s)).tolist():
            span = level(self.line, int(air[i]), 2 * s.longest_roll_s, s.level_ft)
            out[i] = span is not None and self.some.t[span[1]] - self.some.t[span[0]] > s.longest_roll_s
        return out

    def _on_the_ground(self, fits: Fits, rotor: Bools) -> Ints:
        """The fit whose runway is nearest to the first place on the ground, one in line with the approach having 300 m of credit.

        -1 where no known runway is near enough.

        Args:
            rotor: which can come down anywhere, one an event.
        """
        events = len(rotor)
        owner = np.repeat(np.arange(events), np.diff(fits.start))
        cost = fits.edge_m - np.where(fits.aligned, 300.0, 0.0) + np.where(np.isnan(fits.height_ft), 500.0, 0.0)
        order = np.lexsort((-fits.score, cost, owner))
        choice = np.full(events, -1, dtype=np.int64)
        leads = order[np.r_[True, np.diff(owner[order]) != 0]] if len(order) else order
        # A large field may have a runway that the table lacks.
        inside = (fits.distance_nm[leads] <= self.settings.centre_nm) & self.airports.of_size[fits.field[leads]] & ~rotor[owner[leads]]
        beside_m = np.where(rotor, self.settings.rotor_beside_m, self.settings.beside_m)[owner[leads]]
        leads = leads[(fits.edge_m[leads] <= beside_m) | inside]
        choice[owner[leads]] = leads
        return choice

    def _crossings(self, fits: Fits, choice: Ints, start: Ints, first: Ints, last: Ints) -> Floats:
        """When each was ``AIM_M`` beyond the threshold; NaN: not known. A better clock than the ground flag, about 20 s late."""
        out = np.full(len(choice), np.nan)
        e = self.airports.ends
        has = np.flatnonzero((choice >= 0) & (fits.runway[choice] >= 0) & fits.aligned[choice]) if len(fits.field) else np.empty(0, int)
        has = has[~np.isnan(e.lat[fits.runway[choice[has]]])]
        if not len(has):
            return out
        end = fits.runway[choice[has]]
        stop = np.minimum(self.line.until(first[has], 60.0), last[has])
        rows, owner = spread(start[has], np.maximum(stop, first[has]))
        along, _ = e.along_cross_m(end[owner], self.some.lat[rows], self.some.lon[rows])
        passed = np.zeros(len(rows), dtype=np.bool_)
        passed[1:] = (along[1:] >= AIM_M) & (along[:-1] < AIM_M) & (owner[1:] == owner[:-1]) & (np.diff(self.some.t[rows]) < 120)
        at = first_true(passed, owner, len(has))
        ok = at > 0
        k = at[ok]
        share = (AIM_M - along[k - 1]) / (along[k] - along[k - 1])
        before, after = self.some.t[rows[k - 1]], self.some.t[rows[k]]
        out[has[ok]] = before + share * (after - before)
        return out

    def _seen_one(self, fits: Fits, fit: int, first: int, air: int, last: int, crossing: float, unseen: bool) -> Touchdown:
        earliest, t = float(self.some.t[air]), float(self.some.t[first])
        latest, gap = t, t - earliest
        runway = self._runway(fits, fit)
        if earliest - 90 <= crossing <= t + 60 and gap <= _CLOSE_S:
            later = max(0.0, t - crossing)
            t = crossing
            earliest, latest = min(t - 10, max(earliest, t - 60)), max(t + 10, min(latest, t + 60))
            how = f"crossed the threshold of runway {runway} and was seen on the ground {later:.0f} s later"
            sure = 0.995
        elif gap <= _CLOSE_S and not unseen:
            to_go = max(0.0, AIM_M - float(fits.along_m[fit])) if fits.aligned[fit] and not np.isnan(fits.along_m[fit]) else np.nan
            speed = float(np.clip(np.nan_to_num(self.some.speed_kt[air], nan=135.0), 90.0, 200.0))
            if np.isnan(to_go):
                to_go = max(0.0, self._apart_nm(air, first) * M_PER_NM - 1_000.0)
            t = float(np.clip(earliest + to_go / (0.93 * speed * 0.5144), earliest + 0.1 * gap, earliest + 0.9 * gap))
            level = self._level_since(air)
            if level < earliest:
                # It rolled already: the ground flag comes late.
                t = min(t, level + 5)
            earliest = min(earliest, level - 10, t - 5)
            latest = max(latest, t + 5)
            how = f"in the air, then seen on the ground {gap:.0f} s later"
            sure = 0.99 if gap <= 120 else 0.97
        else:
            how = f"seen on the ground after {gap / 60:.0f} minutes without a position"
            sure = 0.95 if gap < 3600 else 0.9
            nm, field = self._nm(air, int(fits.field[fit])), int(fits.field[fit])
            height = float(self.some.alt_ft[air] - self.airports.ground_ft[field])
            earliest = min(latest, earliest + nm / 520 * 3600)
            t = latest if gap > _CLOSE_S else (earliest + latest) / 2
            if not unseen and height < self.settings.inferred_ft and nm < self.settings.circuit_nm:
                # It was on its way in when it was lost: it landed then, and not when it was heard again.
                t = min(latest, float(self.some.t[air]) + (1.2 * nm + 1.0) / 140 * 3600)
                latest = min(latest, t + 3600)
                place = f"{say_height(height)} up, {nm:.1f} NM from {self._code(fits, fit)}"
                how = f"last seen {place}, and on the ground there {gap / 60:.0f} minutes later"
        return self._touchdown(fits, fit, t=t, earliest=earliest, latest=latest, kind="observed", sure=sure, at=air, end=last, how=how)

    def _level_since(self, air: int) -> float:
        """Since when, at most a minute ago, the altitude has been what it was at the end of the flight; the end when it still changed."""
        span = level(self.line, air, 60.0, self.settings.level_ft)
        return float(self.some.t[air if span is None else span[0]])

    # ── lost ──

    def _lost(self, spells: Spells, now: float | None) -> list[Touchdown]:
        s = self.settings
        after, ground = spells.after, spells.ground
        next_ground = np.append(ground[1:], False) & after
        at = np.flatnonzero(~ground & ~next_ground)
        if not len(at):
            return []
        last = spells.last[at]
        again = np.where(after[at], spells.first[np.minimum(at + 1, len(spells) - 1)], -1)
        quiet = np.where(again >= 0, self.some.t[again] - self.some.t[last], np.inf if now is None else now - self.some.t[last])
        low = ~(self.some.alt_ft[last] > self.airports.ceiling_ft(self.some.lat[last], self.some.lon[last]) + s.bracket_ft)
        use = low & (quiet >= s.silence_s)
        at, last, again, quiet = at[use], last[use], again[use], quiet[use]
        if not len(at):
            return []
        # Lost climbing, or higher than any open approach, only what it does later can tell.
        high = self.some.alt_ft[last] > self.airports.ceiling_ft(self.some.lat[last], self.some.lon[last]) + s.open_ft
        sink = sink_fpm(self.some, self.line.before(last, 90.0), last)
        fits = self.fit.apply(self.line, last, last, self.airports, within_nm=np.where(high | (sink > s.climb_fpm), 0.0, 15.0))
        again_last = spells.last[np.minimum(at + 1, len(spells) - 1)]
        fits = fits.weighed(self._brackets.leaving(self.line, again, again_last, fits.event, fits.field))
        came_down = self._came_down(last)
        proven = self._brackets.apply(self.line, last, again, again_last, sink)
        out: list[Touchdown] = []
        for i in range(len(at)):
            start, stop = int(fits.start[i]), int(fits.start[i + 1])
            low_down = start < stop and self._coming_in(
                fits, start, int(last[i]), float(sink[i]), float(came_down[i]), self._share(fits, start, stop)
            )
            agree = i in proven and start < stop and proven[i].airport == int(fits.field[start])
            contradicted = bool(self.some.elsewhere_s[last[i]] < self.settings.silence_s)
            if again[i] >= 0 and not contradicted:
                contradicted = self._went_on(fits, start, int(last[i]), int(again[i]), float(quiet[i]), proven=agree)
            lined_up = low_down and bool(fits.aligned[start])
            if low_down and not contradicted and (lined_up or agree or i not in proven):
                out.append(self._with_others(fits, i, start, self._inferred(fits, start, int(last[i]), proven=agree)))
            elif i in proven:
                out.append(proven[i])
            elif start < stop and not contradicted and self._open(fits, start, int(last[i]), float(sink[i])):
                out.append(self._with_others(fits, i, start, self._left_open(fits, start, int(last[i]))))
        return out

    def _came_down(self, last: Ints) -> Floats:
        """How far each aircraft has come down in the last while, in feet."""
        first = self.line.before(last, self.settings.came_down_s)
        rows, _ = spread(first, last)
        start = np.cumsum(last - first + 1) - (last - first + 1)
        top = max_of(self.some.alt_ft[rows], start)
        return top - np.where(np.isnan(self.some.alt_ft[last]), np.inf, self.some.alt_ft[last])

    def _coming_in(self, fits: Fits, fit: int, last: int, sink: float, came_down_ft: float, share: float) -> bool:
        s = self.settings
        nm, speed = float(fits.edge_m[fit]) / M_PER_NM, float(self.some.speed_kt[last])
        height = float(fits.height_ft[fit])
        supposed = np.isnan(height) and nm > s.hover_nm and came_down_ft > s.came_down_ft and self._low_there(last)
        if supposed and self.airports.of_size[fits.field[fit]] and not self.some.rotorcraft[self.some.aircraft[last]]:
            # Nobody knows how high the field lies: as high as an approach from here would have it.
            height = GLIDE_FT_PER_NM * nm
        if np.isnan(height) or sink > s.climb_fpm or height > s.inferred_ft or share < s.least_share or self._only_taxied(last):
            return False
        if self.some.rotorcraft[self.some.aircraft[last]]:
            return bool(height < s.flare_ft and nm < s.hover_nm and sink < 0)
        if fits.aligned[fit] and fits.nats[fit] >= s.inferred_nats and fits.distance_nm[fit] < s.inferred_nm:
            return True
        if speed > s.circuit_kt:
            return False
        if height < s.short_final_ft / 2 and nm < s.hover_nm and sink < 0:
            return True
        if height + s.pressure_ft < min(s.level_flight_ft, GLIDE_FT_PER_NM * nm):
            # Lower than anyone flies level and below every path to it: it comes down somewhere else.
            return False
        alone = share >= s.alone_share
        coming = sink < s.circuit_fpm or came_down_ft > s.came_down_ft
        # Level at a circuit's height beside the only field there is, having come down to it.
        coming = coming or (alone and nm < s.pattern_nm and height < s.pattern_ft and came_down_ft > s.pattern_down_ft)
        soon = nm < s.circuit_nm and not nm * 3600 > s.circuit_s * speed
        return bool(soon and coming and sink > s.steepest_fpm and share >= s.circuit_share)

    def _only_taxied(self, row: int) -> bool:
        """Never as fast as anything flies: what its altitude says is the pressure's doing."""
        speed = self.some.speed_kt[self.line.first_before(row, self.settings.came_down_s) : row + 1]
        return bool((speed < self.settings.taxi_kt).any() and not (speed >= self.settings.taxi_kt).any())

    def _low_there(self, row: int) -> bool:
        """Not higher than a landing could begin at the highest field in the country round."""
        ceiling = float(self.airports.ceiling_ft(self.some.lat[[row]], self.some.lon[[row]])[0])
        return bool(self.some.alt_ft[row] < ceiling + self.settings.unknown_ft)

    def _went_on(self, fits: Fits, fit: int, last: int, again: int, quiet: float, *, proven: bool) -> bool:
        """Back in the air too soon for a stop, or as far away as only flying on can bring it."""
        nm = self._apart_nm(last, again)
        height = float(fits.height_ft[fit]) if fit < int(fits.start[-1]) else np.nan
        if quiet < self.settings.turnaround_s and not height < self.settings.flare_ft:
            return True
        short_final = bool(fit < int(fits.start[-1]) and fits.aligned[fit]) and height < self.settings.short_final_ft
        if quiet < self.settings.circuits_s and not short_final and not height < self.settings.flare_ft and not proven:
            return True
        return bool(quiet < self.settings.silence_s + 120 or nm > max(25.0, (quiet - 900) / 3600 * 300))

    def _inferred(self, fits: Fits, fit: int, last: int, *, proven: bool) -> Touchdown:
        s = self.settings
        seen, aligned = float(self.some.t[last]), bool(fits.aligned[fit])
        speed = float(self.some.speed_kt[last]) if self.some.speed_kt[last] > 60 else 140.0
        along = float(fits.along_m[fit])
        to_go_m = max(0.0, AIM_M - along) if aligned and not np.isnan(along) else 1.3 * float(fits.edge_m[fit]) + AIM_M
        t = seen + to_go_m / (0.5 * (speed + min(speed, 135.0)) * 0.5144)
        height = float(fits.height_ft[fit])
        share = min(1.0, max(0.0, height / self.settings.inferred_ft))
        sure = 0.995 - 0.01 * share if aligned else 0.985 - 0.02 * share
        sure = 0.99 if proven else sure
        up = f"{say_height(height)} up"
        if np.isnan(height):
            sure -= 0.05
            up = f"at {self.some.alt_ft[last]:,.0f} ft, how high the field lies not being known"
        where = f", in line with runway {self._runway(fits, fit)}" if aligned else ""
        before = "before" if aligned else "of way from"
        how = f"last seen {up}, {to_go_m / M_PER_NM:.1f} NM {before} {self._code(fits, fit)}{where}, descending, and not seen since"
        usual = self.heard.usual_ft(self._code(fits, fit), seen) if self.heard else None
        if proven:
            how += " until it left from there"
        elif usual is not None and height > usual + s.pressure_ft:
            sure *= s.unexplained
            how += (
                f"; nine in ten landings known here were heard down to {say_height(usual)}, so coverage is unlikely to explain the silence"
            )
        slack = 20.0 + 0.25 * (t - seen)
        # One that was on a circuit may have flown another.
        more = 0.0 if aligned else 600.0
        return self._touchdown(
            fits,
            fit,
            t=t,
            earliest=min(max(seen, t - slack - 0.25 * more), self._level_since(last) - 10)
            if height < s.flare_ft
            else max(seen, t - slack - 0.25 * more),
            latest=t + max(1.5 * slack, self.settings.flare_s) + more,
            kind="inferred",
            sure=sure,
            at=last,
            end=last,
            how=how,
        )

    def _open(self, fits: Fits, fit: int, last: int, sink: float) -> bool:
        field = int(fits.field[fit])
        start = self.line.first_before(last, self.fit.window_s)
        closing = self._nm(start, field) > float(fits.distance_nm[fit])
        return bool(fits.height_ft[fit] < self.settings.open_ft and sink < 0 and closing)

    def _left_open(self, fits: Fits, fit: int, last: int) -> Touchdown:
        nm, seen = float(fits.distance_nm[fit]), float(self.some.t[last])
        line = "in line with a runway" if fits.aligned[fit] else "not in line with a runway"
        how = f"lost {say_height(float(fits.height_ft[fit]))} above {self._code(fits, fit)}, {nm:.0f} NM out, {line}: no landing is claimed"
        t = seen + nm / 180 * 3600
        return self._touchdown(
            fits, fit, t=t, earliest=seen, latest=seen + 1800, kind="open_approach", sure=0.3, at=last, end=last, how=how
        )

    # ── words ──

    def _with_others(self, fits: Fits, event: int, fit: int, one: Touchdown) -> Touchdown:
        """The same, naming the runners-up, and less sure of an inferred one the better the first of them fits."""
        rest = [k for k in range(int(fits.start[event]), int(fits.start[event + 1])) if k != fit][:2]
        sure = one.confidence
        if one.kind == "inferred":
            sure -= 0.8 * (1 - self._share(fits, int(fits.start[event]), int(fits.start[event + 1]))) ** 1.5
        names = "; ".join(f"{self._code(fits, k)} {fits.distance_nm[k]:.1f} NM" for k in rest)
        return replace(one, runner_up=names, confidence=sure)

    def _touchdown(
        self, fits: Fits, fit: int, *, t: float, earliest: float, latest: float, kind: str, sure: float, at: int, end: int, how: str
    ) -> Touchdown:
        field = int(fits.field[fit])
        earliest, latest = min(earliest, t), max(latest, t)
        return Touchdown(
            aircraft=int(self.some.aircraft[at]),
            airport=field,
            t=t,
            earliest=earliest,
            latest=latest,
            kind=kind,
            confidence=sure,
            runway=self._runway(fits, fit) if fits.aligned[fit] else "",
            runner_up="",
            last_seen=float(self.some.t[at]),
            last_height_ft=float(self.some.alt_ft[at] - self.airports.ground_ft[field]),
            last_distance_nm=self._nm(at, field),
            reason=how,
            rows=(self.line.first_before(at, max(0.0, float(self.some.t[at]) - earliest) + 60), end),
        )

    def _share(self, fits: Fits, start: int, stop: int) -> float:
        """How likely the first field is, beside all the others and one that the table lacks."""
        return float(fits.score[start]) / (float(fits.score[start:stop].sum()) + self.settings.nowhere)

    def _nm(self, row: int, field: int) -> float:
        return near_nm(self.some.lat[row], self.some.lon[row], self.airports.lat[field], self.airports.lon[field])

    def _apart_nm(self, row: int, other: int) -> float:
        return near_nm(self.some.lat[row], self.some.lon[row], self.some.lat[other], self.some.lon[other])

    def _runway(self, fits: Fits, fit: int) -> str:
        return str(self.airports.ends.name[fits.runway[fit]]) if fits.runway[fit] >= 0 else ""

    def _code(self, fits: Fits, fit: int) -> str:
        return self.airports.codes[int(fits.field[fit])]

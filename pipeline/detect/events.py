"""What one aircraft's spells mean: touchdowns seen, inferred and bracketed; approaches left open; departures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.phases import Spell
from pipeline.detect.runway import AIM_M, Fit, RunwayFit
from pipeline.detect.track import Track
from pipeline.places.airports import AEROPLANE_KINDS, ALL_KINDS, Airports
from pipeline.places.geo import distance_nm


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchdown:
    """One landing, or an approach left open. Times are epoch seconds; ``airport`` is an index."""

    airport: int
    t: float
    earliest: float
    latest: float
    kind: str
    confidence: float
    runway: str
    runner_up: str
    last_seen: float
    last_height_ft: float
    last_distance_nm: float
    reason: str
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One take-off; times are epoch seconds."""

    airport: int
    t: float
    earliest: float
    latest: float
    kind: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """Thresholds in feet above the aerodrome, nautical miles and seconds.

    ``inferred_ft``: coverage usually ends 500–3,000 ft above a capital's runways; ``bracket_ft``: higher than this an
    aircraft lost may have gone on; ``bracket_clear_nm``: a second field this near makes a bracket a guess.
    """

    silence_s: float = 480.0
    inferred_ft: float = 3_000.0
    inferred_score: float = 0.25
    open_ft: float = 6_000.0
    open_nm: float = 20.0
    bracket_ft: float = 9_000.0
    bracket_nm: float = 30.0
    bracket_clear_nm: float = 10.0
    bracket_least_s: float = 1_200.0
    climb_fpm: float = 300.0


class EventFinder:
    """Applies the rules to one aircraft."""

    def __init__(self, airports: Airports, settings: EventSettings, fit: RunwayFit) -> None:
        self.airports, self.settings, self.fit = airports, settings, fit

    def apply(self, track: Track, spells: list[Spell], *, now: float | None) -> tuple[list[Touchdown], list[Departure]]:
        """Touchdowns and departures in order of time."""
        landings: list[Touchdown] = []
        departures: list[Departure] = []
        for i, spell in enumerate(spells):
            before = spells[i - 1] if i else None
            after = spells[i + 1] if i + 1 < len(spells) else None
            if spell.ground:
                if before is not None:
                    landings += self._seen_on_ground(track, before, spell)
                continue
            departures += self._departure(track, before, spell)
            if after is None or not after.ground:
                landings += self._lost(track, spell, after, now)
        return landings, departures

    def _seen_on_ground(self, track: Track, before: Spell, spell: Spell) -> list[Touchdown]:
        first, last_air = spell.first, before.last
        gap = float(track.t[first] - track.t[last_air])
        start = int(np.searchsorted(track.t, track.t[first] - 150))
        fast = np.flatnonzero(~(track.speed_kt[first : spell.last + 1] < 50) & (track.t[first : spell.last + 1] < track.t[first] + 45))
        stop = first + (int(fast[-1]) if len(fast) else 0) + 1
        if gap > 900 or before.ground:
            start = first
        fits = self._fits(track, slice(start, max(stop, first + 1)), first, within_nm=5.0)
        if not fits:
            return []
        best = self._ground_choice(fits)
        crossing = _crossing(track, best, start)
        t = float(track.t[first])
        earliest, latest = float(track.t[last_air]), t
        if crossing is not None and earliest - 90 <= crossing <= t + 45 and gap <= 900:
            t = crossing
            earliest, latest = min(t - 10, earliest), max(t + 10, latest)
            later = max(0.0, float(track.t[first]) - t)
            how = f"crossed the threshold of runway {best.runway} and was seen on the ground {later:.0f} s later"
            sure = 0.99
        elif gap <= 120:
            t = earliest + 0.6 * gap
            how = f"in the air, then seen on the ground {gap:.0f} s later"
            sure = 0.97
        else:
            how = f"seen on the ground after {gap / 60:.0f} minutes without a position"
            sure = 0.93 if gap < 3600 else 0.85
            earliest = self._soonest(track, last_air, best.airport, earliest, latest)
            t = latest if gap > 900 else (earliest + latest) / 2
        return [
            self._touchdown(
                track, best, fits, t=t, earliest=earliest, latest=latest, kind="observed", sure=sure, at=last_air, end=spell.last, how=how
            )
        ]

    def _soonest(self, track: Track, at: int, airport: int, earliest: float, latest: float) -> float:
        nm = distance_nm(float(track.lat[at]), float(track.lon[at]), float(self.airports.lat[airport]), float(self.airports.lon[airport]))
        return min(latest, earliest + nm / 520 * 3600)

    @staticmethod
    def _ground_choice(fits: list[Fit]) -> Fit:
        """On the ground nearness decides, unless a runway fits and the nearest field has none that does."""
        nearest = min(fits, key=lambda fit: fit.distance_nm)
        aligned = [fit for fit in fits if fit.aligned and fit.distance_nm < 3.0 and np.isfinite(fit.cross_m).any()]
        close = [fit for fit in aligned if abs(float(fit.cross_m[-1])) < 150]
        return max(close, key=lambda fit: fit.score) if close else nearest

    def _lost(self, track: Track, spell: Spell, after: Spell | None, now: float | None) -> list[Touchdown]:
        s = self.settings
        last = spell.last
        seen = float(track.t[last])
        quiet = (float(track.t[after.first]) if after else np.inf if now is None else now) - seen
        if quiet < s.silence_s:
            return []
        if after is not None:
            bracket = self._bracketed(track, last, after)
            if bracket and quiet >= s.bracket_least_s:
                return [bracket]
            if self._went_on(track, last, after):
                return []
        start = max(spell.first, int(np.searchsorted(track.t, seen - 150)))
        fits = self._fits(track, slice(start, last + 1), last, within_nm=15.0)
        best = next(iter(fits), None)
        if best is None:
            return []
        sink = _sink_fpm(track, start, last)
        low = best.height_ft < s.inferred_ft
        if np.isnan(best.height_ft) or sink > s.climb_fpm:
            return []
        if low and best.aligned and best.score >= s.inferred_score and best.distance_nm < 14:
            return [self._inferred(track, best, fits, last)]
        if best.height_ft < 700 and best.distance_nm < 3 and sink < -100 and not track.rotorcraft:
            return [self._inferred(track, best, fits, last)]
        if best.height_ft < s.open_ft and sink < 0 and self._closing(track, start, best):
            how = (
                f"lost {_say_height(best.height_ft)} above {self._name(best)}, {best.distance_nm:.0f} NM out, "
                "not in line with a runway: no landing is claimed"
            )
            t, latest = seen + best.distance_nm / 180 * 3600, seen + 1800
            return [
                self._touchdown(
                    track, best, fits, t=t, earliest=seen, latest=latest, kind="open_approach", sure=0.3, at=last, end=last, how=how
                )
            ]
        return []

    def _inferred(self, track: Track, best: Fit, fits: list[Fit], last: int) -> Touchdown:
        seen = float(track.t[last])
        speed = float(track.speed_kt[last]) if track.speed_kt[last] > 60 else 140.0
        to_go_m = max(0.0, AIM_M - float(best.along_m[-1])) if np.isfinite(best.along_m).any() else best.distance_nm * 1852
        t = seen + to_go_m / (speed * 0.95 * 0.5144)
        height_share = min(1.0, max(0.0, best.height_ft / self.settings.inferred_ft))
        sure = float(np.clip(0.97 - 0.15 * height_share, 0.5, 0.98)) if best.aligned else 0.75
        runway = f", in line with runway {best.runway}" if best.aligned else ""
        how = (
            f"last seen {_say_height(best.height_ft)} up, {to_go_m / 1852:.1f} NM before {self._name(best)}{runway}, "
            "descending, and not seen since"
        )
        return self._touchdown(
            track,
            best,
            fits,
            t=t,
            earliest=max(seen, t - 45),
            latest=t + max(45.0, 0.5 * (t - seen)),
            kind="inferred",
            sure=sure,
            at=last,
            end=last,
            how=how,
        )

    def _went_on(self, track: Track, last: int, after: Spell) -> bool:
        """Back in the air too soon for a stop, or as far away as only flying on can bring it."""
        quiet = float(track.t[after.first] - track.t[last])
        nm = distance_nm(float(track.lat[last]), float(track.lon[last]), float(track.lat[after.first]), float(track.lon[after.first]))
        climbing_away = track.alt_ft[after.first] > track.alt_ft[last] + 500 and quiet < 900
        return bool(climbing_away or quiet < self.settings.silence_s + 120 or nm > max(25.0, (quiet - 900) / 3600 * 300))

    def _bracketed(self, track: Track, last: int, after: Spell) -> Touchdown | None:
        """Lost coming down near a field and next seen climbing out of the same one, with no other field as likely."""
        s, first = self.settings, after.first
        kinds = ALL_KINDS if track.rotorcraft else AEROPLANE_KINDS
        near = [dict(zip(f.tolist(), d.tolist(), strict=True)) for _, f, d in (self._near(track, i, kinds) for i in (last, first))]
        both = sorted((near[0][f] + near[1][f], f) for f in near[0] if f in near[1] and self.airports.kind[f] != "small")
        if not both:
            return None
        total, field = both[0]
        elevation = np.nan_to_num(self.airports.elevation_ft[field])
        down, up = track.alt_ft[last] - elevation, track.alt_ft[first] - elevation
        if not (down < s.bracket_ft and up < s.bracket_ft):
            return None
        stop = min(first + 6, after.last)
        start = int(np.searchsorted(track.t, track.t[last] - 150))
        if _sink_fpm(track, start, last) > -100 or _sink_fpm(track, first, stop) < 100:
            return None
        if len(both) > 1 and both[1][0] - total < s.bracket_clear_nm:
            return None
        seen, again = float(track.t[last]), float(track.t[first])
        t = seen + near[0][field] / 190 * 3600
        fit = Fit(
            airport=field,
            runway="",
            score=0.8,
            aligned=False,
            along_m=np.empty(0),
            cross_m=np.empty(0),
            distance_nm=near[0][field],
            height_ft=float(down),
            elevation_ft=float(elevation),
        )
        how = (
            f"lost {_say_height(float(down))} above {self._name(fit)}, {near[0][field]:.0f} NM out and descending; "
            f"next seen climbing away from there {(again - seen) / 3600:.1f} h later"
        )
        return self._touchdown(
            track,
            fit,
            [],
            t=t,
            earliest=self._soonest(track, last, field, seen, again),
            latest=again - near[1][field] / 250 * 3600,
            kind="bracketed",
            sure=0.85,
            at=last,
            end=first,
            how=how,
        )

    def _near(self, track: Track, index: int, kinds: frozenset[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        return self.airports.near_many(
            track.lat[index : index + 1], track.lon[index : index + 1], within_nm=self.settings.bracket_nm, kinds=kinds
        )

    def _departure(self, track: Track, before: Spell | None, spell: Spell) -> list[Departure]:
        first = spell.first
        if before is not None and before.ground:
            at = before.last
            near = self.airports.nearest(
                float(track.lat[at]), float(track.lon[at]), within_nm=5, limit=1, kinds=ALL_KINDS if track.rotorcraft else AEROPLANE_KINDS
            )
            if not near:
                return []
            earliest, latest = float(track.t[at]), float(track.t[first])
            how = f"seen on the ground, then in the air {latest - earliest:.0f} s later"
            t = latest - 20 if latest - earliest > 60 else (earliest + latest) / 2
            return [
                Departure(
                    airport=self.airports.index_of(near[0][0].code),
                    t=t,
                    earliest=earliest,
                    latest=latest,
                    kind="observed",
                    confidence=0.98,
                    reason=how,
                )
            ]
        stop = min(first + 6, spell.last)
        near = self.airports.nearest(float(track.lat[first]), float(track.lon[first]), within_nm=10, limit=2)
        if not near or _sink_fpm(track, first, stop) < self.settings.climb_fpm:
            return []
        height = float(track.alt_ft[first]) - near[0][0].elevation_ft
        if not height < self.settings.inferred_ft:
            return []
        latest = float(track.t[first])
        earliest = latest - 600 if before is None else float(track.t[before.last])
        sure = 0.9 if len(near) == 1 or near[1][1] - near[0][1] > 4 else 0.7
        how = f"first seen {_say_height(height)} above {near[0][0].code} and climbing"
        t = latest - max(0.0, height) / 2000 * 60
        return [
            Departure(
                airport=self.airports.index_of(near[0][0].code),
                t=t,
                earliest=earliest,
                latest=latest,
                kind="inferred",
                confidence=sure,
                reason=how,
            )
        ]

    def _closing(self, track: Track, start: int, fit: Fit) -> bool:
        where = float(self.airports.lat[fit.airport]), float(self.airports.lon[fit.airport])
        return distance_nm(float(track.lat[start]), float(track.lon[start]), *where) > fit.distance_nm

    def _fits(self, track: Track, part: slice, last: int, *, within_nm: float) -> list[Fit]:
        kinds = ALL_KINDS if track.rotorcraft else AEROPLANE_KINDS
        return replace(self.fit, within_nm=within_nm, kinds=kinds).apply(track, part, self.airports, last=last)

    def _touchdown(
        self,
        track: Track,
        best: Fit,
        fits: list[Fit],
        *,
        t: float,
        earliest: float,
        latest: float,
        kind: str,
        sure: float,
        at: int,
        end: int,
        how: str,
    ) -> Touchdown:
        others = [fit for fit in fits if fit.airport != best.airport][:2]
        runner_up = "; ".join(f"{self._name(fit)} {fit.distance_nm:.1f} NM" for fit in others)
        if others and kind == "inferred" and best.score > 0:
            sure *= 1 - 0.5 * min(1.0, others[0].score / best.score) ** 2
        return Touchdown(
            airport=best.airport,
            t=t,
            earliest=min(earliest, t),
            latest=max(latest, t),
            kind=kind,
            confidence=sure,
            runway=best.runway if best.aligned else "",
            runner_up=runner_up,
            last_seen=float(track.t[at]),
            last_height_ft=float(track.alt_ft[at] - best.elevation_ft),
            last_distance_nm=distance_nm(
                float(track.lat[at]), float(track.lon[at]), float(self.airports.lat[best.airport]), float(self.airports.lon[best.airport])
            ),
            reason=how,
            rows=(int(np.searchsorted(track.t, min(earliest, t) - 60)), end),
        )

    def _name(self, fit: Fit) -> str:
        return self.airports.codes[fit.airport]


def _crossing(track: Track, fit: Fit, start: int) -> float | None:
    """When the aircraft was ``AIM_M`` beyond the threshold: a better clock than the ground flag, which comes about 20 s late."""
    along = fit.along_m
    if not fit.aligned or not np.isfinite(along).any():
        return None
    beyond = np.flatnonzero(along >= AIM_M)
    if not len(beyond) or beyond[0] == 0:
        return None
    k = int(beyond[0])
    share = (AIM_M - along[k - 1]) / (along[k] - along[k - 1])
    before, after = float(track.t[start + k - 1]), float(track.t[start + k])
    return before + float(share) * (after - before) if after - before < 120 else None


def _sink_fpm(track: Track, start: int, last: int) -> float:
    """Vertical speed over a stretch from its altitudes (negative: down); NaN-safe, 0 when unknown."""
    alt, t = track.alt_ft[start : last + 1], track.t[start : last + 1]
    known = ~np.isnan(alt)
    if known.sum() >= 2 and t[known][-1] > t[known][0]:
        return float((alt[known][-1] - alt[known][0]) / (t[known][-1] - t[known][0]) * 60)
    rate = track.vrate_fpm[last]
    return 0.0 if np.isnan(rate) else float(rate)


def _say_height(feet: float) -> str:
    return f"{max(0, round(feet, -2 if feet > 300 else -1)):,.0f} ft"

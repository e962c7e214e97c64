"""Runway geometry: how well a stretch of track fits each landing end of the fields in reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.track import Track
from pipeline.model.units import M_PER_FT, M_PER_NM
from pipeline.places.airports import AEROPLANE_KINDS, Airports
from pipeline.places.geo import local_xy_m

#: Feet of height a nautical mile on a 3° path.
GLIDE_FT_PER_NM = 318.4
THRESHOLD_HEIGHT_FT = 50.0
#: Aeroplanes touch down about this far beyond the threshold.
AIM_M = 350.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a stretch of track fits a field's best runway end.

    ``along_m`` and ``cross_m`` are of each point of the stretch, from the threshold (along: positive beyond it); both are
    NaN where the threshold is unknown. ``score`` is 0–1; ``height_ft`` is the last point's height above the field.
    """

    airport: int
    runway: str
    score: float
    aligned: bool
    along_m: NDArray[np.float64]
    cross_m: NDArray[np.float64]
    distance_nm: float
    height_ft: float
    elevation_ft: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunwayFit:
    """Cross-track within 40 m + 2 % of the distance, direction within 8°, height within 700 ft of a 3° path, each soft."""

    within_nm: float = 15.0
    cross_m: float = 60.0
    cross_share: float = 0.03
    direction_deg: float = 8.0
    height_ft: float = 700.0
    kinds: frozenset[str] = AEROPLANE_KINDS

    def apply(self, track: Track, part: slice, airports: Airports, *, last: int) -> list[Fit]:
        """Fits of the stretch ``part`` to each field within reach of point ``last``, best first."""
        _, fields, nm = airports.near_many(
            track.lat[last : last + 1], track.lon[last : last + 1], within_nm=self.within_nm, kinds=self.kinds
        )
        stretch = track.take(part)
        at = last - part.start
        fits = [self._field(stretch, at, airports, int(f), float(d)) for f, d in zip(fields, nm, strict=True)]
        return sorted(fits, key=lambda fit: -fit.score)

    def _field(self, stretch: Track, at: int, airports: Airports, field: int, nm: float) -> Fit:
        e, ends = airports.ends, airports.ends.of(field)
        elevation = airports.elevation_ft[field]
        unknown = np.full(len(stretch), np.nan)
        height = stretch.alt_ft[at] - elevation
        best = Fit(
            airport=field,
            runway="",
            score=0.25 * float(np.exp(-nm / 3.0)) * _height_credit(height, nm, self.height_ft),
            aligned=False,
            along_m=unknown,
            cross_m=unknown,
            distance_nm=nm,
            height_ft=float(height),
            elevation_ft=float(elevation),
        )
        direction = _direction(stretch)
        for i in range(ends.start, ends.stop):
            turn = abs((direction - e.heading_deg[i] + 180) % 360 - 180)
            allowed = self.direction_deg + 1.5 * e.heading_sigma_deg[i]
            if np.isnan(turn) or turn > 3 * allowed:
                continue
            agree = float(np.exp(-0.5 * (turn / allowed) ** 2))
            if np.isnan(e.lat[i]):
                score = 0.5 * agree * float(np.exp(-nm / 5.0)) * _height_credit(height, nm, self.height_ft)
                if score > best.score:
                    best = _with(best, str(e.name[i]), score, turn <= allowed and nm < 8, unknown, unknown)
                continue
            x, y = local_xy_m(stretch.lat, stretch.lon, e.lat[i], e.lon[i])
            heading = np.radians(e.heading_deg[i])
            along, cross = x * np.sin(heading) + y * np.cos(heading), x * np.cos(heading) - y * np.sin(heading)
            near = slice(max(0, at - 8), at + 1)
            off = np.abs(cross[near]) / (self.cross_m + self.cross_share * np.abs(along[near]))
            to_go_nm = max(0.0, -along[at] / M_PER_NM)
            runway_m = e.length_ft[i] * M_PER_FT if e.length_ft[i] > 0 else 3_000.0
            past = max(0.0, float(along[at]) - runway_m - 300.0) / 300.0
            middle = float(np.median(off))
            score = (
                agree
                / (1 + (middle / 1.5) ** 2)
                * _height_credit(height, to_go_nm, self.height_ft)
                * float(np.exp(-past))
                * float(np.exp(-to_go_nm / 30))
            )
            if score > best.score:
                best = _with(best, str(e.name[i]), score, middle <= 1.5 and turn <= allowed and past == 0, along, cross)
        return best


def _with(fit: Fit, runway: str, score: float, aligned: bool, along: NDArray[np.float64], cross: NDArray[np.float64]) -> Fit:
    return replace(fit, runway=runway, score=float(score), aligned=bool(aligned), along_m=along, cross_m=cross)


def _height_credit(height_ft: float, to_go_nm: float, scale_ft: float) -> float:
    """1 on a 3° path, less the farther off it; 0.6 when the height is unknown."""
    if np.isnan(height_ft):
        return 0.6
    off = height_ft - (THRESHOLD_HEIGHT_FT + GLIDE_FT_PER_NM * to_go_nm)
    return float(np.exp(-0.5 * (off / scale_ft) ** 2)) if abs(off) > scale_ft / 2 else 1.0


def _direction(stretch: Track) -> float:
    """The direction of travel over the stretch's last moving points, from displacement; NaN when it did not move."""
    x, y = local_xy_m(stretch.lat, stretch.lon, stretch.lat[-1], stretch.lon[-1])
    far = np.flatnonzero(np.hypot(x, y) > 400)
    if len(far):
        return float(np.degrees(np.arctan2(-x[far[-1]], -y[far[-1]])) % 360)
    known = stretch.track_deg[~np.isnan(stretch.track_deg)]
    return float(known[-1]) if len(known) else float("nan")

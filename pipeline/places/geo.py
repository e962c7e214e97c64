"""Geodesic distance, bearing and destination on WGS 84; floats and arrays alike. Nothing is ever measured in degrees."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.model.units import M_PER_NM

if TYPE_CHECKING:
    from pyproj import Geod

_EQUATOR_M = 6378137.0
_ECCENTRICITY2 = 6.69437999014e-3
_M_PER_DEGREE = 111_195.0


@cache
def _geod() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")


@overload
def distance_nm(lat1: float, lon1: float, lat2: float, lon2: float) -> float: ...
@overload
def distance_nm(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> NDArray[np.float64]: ...
def distance_nm(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> float | NDArray[np.float64]:
    """Geodesic distance in nautical miles; NaN where a coordinate is NaN."""
    _, _, metres = _inverse(lat1, lon1, lat2, lon2)
    return _like(metres / M_PER_NM, lat1, lon1, lat2, lon2)


@overload
def bearing_deg(lat1: float, lon1: float, lat2: float, lon2: float) -> float: ...
@overload
def bearing_deg(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> NDArray[np.float64]: ...
def bearing_deg(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> float | NDArray[np.float64]:
    """Initial true bearing from the first point to the second, 0 ≤ bearing < 360."""
    azimuth, _, _ = _inverse(lat1, lon1, lat2, lon2)
    return _like(np.mod(azimuth, 360.0), lat1, lon1, lat2, lon2)


@overload
def destination(lat: float, lon: float, bearing: float, nm: float) -> tuple[float, float]: ...
@overload
def destination(lat: ArrayLike, lon: ArrayLike, bearing: ArrayLike, nm: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def destination(
    lat: ArrayLike, lon: ArrayLike, bearing: ArrayLike, nm: ArrayLike
) -> tuple[float, float] | tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The point ``nm`` nautical miles from (lat, lon) on a true bearing, as (lat, lon); arrays broadcast."""
    lats, lons, bearings, metres = np.broadcast_arrays(lat, lon, bearing, np.multiply(nm, M_PER_NM))
    end_lon, end_lat, _ = _geod().fwd(lons, lats, bearings, metres)
    return (float(end_lat), float(end_lon)) if lats.ndim == 0 else (end_lat, end_lon)


def local_xy_m(lat: ArrayLike, lon: ArrayLike, lat0: ArrayLike, lon0: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metres east and north of a reference, on the ellipsoid's radii at the reference's latitude.

    Within 50 km and 70° of latitude the error against the geodesic is under 0.5 %; crosses the antimeridian.
    """
    lat_a, lon_a, lat0_a, lon0_a = (np.asarray(v, dtype=np.float64) for v in (lat, lon, lat0, lon0))
    sin2 = np.sin(np.radians(lat0_a)) ** 2
    w = 1 - _ECCENTRICITY2 * sin2
    meridian = _EQUATOR_M * (1 - _ECCENTRICITY2) / w**1.5
    normal = _EQUATOR_M / np.sqrt(w)
    dlon = lon_a - lon0_a
    # np.mod takes twenty times as long.
    dlon = dlon - 360.0 * np.floor((dlon + 180.0) / 360.0)
    return np.radians(dlon) * normal * np.cos(np.radians(lat0_a)), np.radians(lat_a - lat0_a) * meridian


def near_m(
    lat1: NDArray[np.float64], lon1: NDArray[np.float64], lat2: NDArray[np.float64], lon2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Metres between points that are near each other, at a fraction of the geodesic's cost.

    On a sphere of the mean radius, at the mean latitude: within 300 km and 75° of latitude the error is under 1 %;
    farther apart it only says "far".
    """
    north = lat2 - lat1
    east = lon2 - lon1
    over = np.abs(east) > 180
    if over.any():
        east = np.where(over, east - np.copysign(360.0, east), east)
    east *= np.cos((lat1 + lat2) * (np.pi / 360))
    metres: NDArray[np.float64] = np.sqrt(north * north + east * east) * _M_PER_DEGREE
    return metres


def near_nm(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """``near_m`` of one pair of points, in nautical miles, at a tenth of an array's cost."""
    east = (lon2 - lon1 + 180.0) % 360.0 - 180.0
    return math.hypot(lat2 - lat1, east * math.cos(math.radians((lat1 + lat2) / 2))) * _M_PER_DEGREE / M_PER_NM


def unit_vectors(lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
    """Points on the unit sphere, shape (n, 3): for indexes only; answers are measured again on the ellipsoid."""
    phi, lam = np.radians(np.atleast_1d(lat).astype(np.float64)), np.radians(np.atleast_1d(lon).astype(np.float64))
    return np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))


def chord_of_nm(nm: float) -> float:
    """The straight chord on the unit sphere that spans at least ``nm`` (0.5 % spare for the ellipsoid)."""
    return float(2 * np.sin(min(nm * 1.005 * M_PER_NM / 6371008.8, np.pi) / 2))


def _inverse(*coordinates: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    lat1, lon1, lat2, lon2 = np.broadcast_arrays(*(np.asarray(c, dtype=np.float64) for c in coordinates))
    known = np.isfinite(lat1) & np.isfinite(lon1) & np.isfinite(lat2) & np.isfinite(lon2)
    forward, back, metres = (np.full(lat1.shape, np.nan) for _ in range(3))
    if known.any():
        a, b, c = _geod().inv(lon1[known], lat1[known], lon2[known], lat2[known])
        forward[known], back[known], metres[known] = a, b, c
    return forward, back, metres


def _like(values: NDArray[np.float64], *inputs: ArrayLike) -> float | NDArray[np.float64]:
    return float(values) if all(np.ndim(i) == 0 for i in inputs) else values

"""Which fields are near which rows, for many rows at once: rows of one small cell ask once."""

from __future__ import annotations

import numpy as np

from pipeline.model.columns import Floats, Ints
from pipeline.model.units import M_PER_NM
from pipeline.places.airports import ALL_KINDS, Airports
from pipeline.places.geo import near_m

#: Cells of this many degrees; their half diagonal is at most 0.85 NM.
_CELL_DEG = 0.02
_HALF_DIAGONAL_NM = 0.9


def fields_near(
    lat: Floats, lon: Floats, airports: Airports, *, within_nm: float, kinds: frozenset[str] = ALL_KINDS
) -> tuple[Ints, Ints, Floats]:
    """All (point, field) pairs within a distance, sorted by point: point indexes, airport indexes, NM."""
    if not len(lat):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    row = np.floor((lat + 90) / _CELL_DEG).astype(np.int64)
    column = np.floor((lon + 180) / _CELL_DEG).astype(np.int64)
    cells, cell = np.unique(row * 100_000 + column, return_inverse=True)
    middle_lat = (cells // 100_000 + 0.5) * _CELL_DEG - 90
    middle_lon = (cells % 100_000 + 0.5) * _CELL_DEG - 180
    of_cell, field = airports.reach(middle_lat, middle_lon, within_nm=within_nm + _HALF_DIAGONAL_NM, kinds=kinds)
    counts = np.bincount(of_cell, minlength=len(cells))
    start = np.cumsum(counts) - counts
    point = np.repeat(np.arange(len(lat)), counts[cell])
    offset = np.arange(len(point)) - np.repeat(np.cumsum(counts[cell]) - counts[cell], counts[cell])
    airport = field[start[cell][point] + offset]
    nm = near_m(lat[point], lon[point], airports.lat[airport], airports.lon[airport]) / M_PER_NM
    near = nm <= within_nm
    return point[near], airport[near], nm[near]

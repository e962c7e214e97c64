"""One aircraft's positions as arrays sorted by time: what every rule of the detector looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.model.units import FT_PER_HPA, M_PER_NM, STANDARD_QNH_HPA
from pipeline.places.geo import distance_nm

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Rotorcraft: ICAO emitter category A7. Slow is not on the ground for them.
ROTORCRAFT = "A7"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """Arrays of one length, strictly increasing in ``t`` (epoch seconds). NaN is unknown.

    ``flag`` is 1 on the ground, 0 in the air, -1 unknown, as broadcast; ``alt_ft`` is pressure altitude corrected by
    the aircraft's own altimeter setting where it broadcasts one; ``row`` is the position's row in the frame.
    """

    icao24: str
    row: NDArray[np.int64]
    t: Floats
    lat: Floats
    lon: Floats
    alt_ft: Floats
    speed_kt: Floats
    track_deg: Floats
    vrate_fpm: Floats
    flag: NDArray[np.int8]
    rotorcraft: bool

    def __len__(self) -> int:
        return len(self.t)

    def take(self, keep: Bools | NDArray[np.int64] | slice) -> Track:
        """The same aircraft with some of the points."""
        arrays = {n: getattr(self, n)[keep] for n in ("row", "t", "lat", "lon", "alt_ft", "speed_kt", "track_deg", "vrate_fpm", "flag")}
        return replace(self, **arrays)

    def steps(self) -> tuple[Floats, Floats]:
        """Seconds and metres from each point to the next; length len(track) − 1."""
        nm = np.asarray(distance_nm(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:]))
        return np.diff(self.t), nm * M_PER_NM


def epoch_seconds(times: pd.Series) -> Floats:
    """``datetime64[us, UTC]`` as epoch seconds."""
    return times.astype("int64").to_numpy(dtype=np.float64) / 1e6


def tracks(positions: pd.DataFrame) -> Iterator[Track]:
    """A ``POSITIONS`` frame aircraft by aircraft, sorted by time; of several points at one time the first is kept."""
    t = epoch_seconds(positions["time"])
    codes, names = pd.factorize(positions["icao24"])
    order = np.lexsort((t, codes))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(codes[order]) != 0) | (np.diff(t[order]) > 0)
    order = order[first]
    codes = codes[order]
    qnh = positions["nav_qnh_hpa"].to_numpy()
    usable = (qnh > 940) & (qnh < 1060)
    alt = positions["alt_baro_ft"].to_numpy() + np.where(usable, (qnh - STANDARD_QNH_HPA) * FT_PER_HPA, 0.0)
    flag = positions["on_ground"].astype("Int8").fillna(-1).to_numpy(dtype=np.int8)
    category = positions["category"].to_numpy(dtype=object)
    columns = {n: positions[n].to_numpy(dtype=np.float64) for n in ("lat", "lon", "ground_speed_kt", "track_deg", "vertical_rate_fpm")}
    edges = np.flatnonzero(np.diff(codes, prepend=-1, append=-1))
    for start, stop in pairwise(edges.tolist()):
        rows = order[start:stop]
        yield Track(
            icao24=str(names[codes[start]]),
            row=rows,
            t=t[rows],
            lat=columns["lat"][rows],
            lon=columns["lon"][rows],
            alt_ft=alt[rows],
            speed_kt=columns["ground_speed_kt"][rows],
            track_deg=columns["track_deg"][rows],
            vrate_fpm=columns["vertical_rate_fpm"][rows],
            flag=flag[rows].astype(np.int8),
            rotorcraft=bool((category[rows] == ROTORCRAFT).any()),
        )

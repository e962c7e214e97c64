"""Cities of 15,000 inhabitants or more (GeoNames), so that every landing gets a city and a report's city a position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipeline.places.airports import DATA
from pipeline.places.geo import chord_of_nm, distance_nm, unit_vectors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cities:
    """Struct of arrays, the largest city first."""

    name: NDArray[np.object_]
    country: NDArray[np.object_]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    tz: NDArray[np.object_]
    population: NDArray[np.float64]
    other_names: NDArray[np.object_]
    tree: cKDTree

    def serving(self, lat: float, lon: float, country: str, *, within_nm: float) -> int | None:
        """The city that an airfield most likely serves: of the same country, large for its distance. None: none is near."""
        near = np.asarray(self.tree.query_ball_point(unit_vectors(lat, lon)[0], chord_of_nm(within_nm)), dtype=np.int64)
        near = near[self.country[near] == country] if near.size else near
        if not near.size:
            return None
        nm = np.asarray(distance_nm(np.full(near.size, lat), np.full(near.size, lon), self.lat[near], self.lon[near]))
        # People name a field by the town beside it, or by the metropolis that it was built for, which may be 30 NM away.
        return int(near[np.argmax(np.log(np.maximum(self.population[near], 1)) - nm / 8.0)])


@cache
def load_cities() -> Cities:
    """The shipped table."""
    numbers = dict.fromkeys(("lat", "lon", "population"), "float64")
    texts = dict.fromkeys(("name", "country", "tz", "other_names"), "str")
    table = pd.read_csv(DATA / "cities.csv.gz", dtype={**numbers, **texts}, keep_default_na=False)
    lat, lon = table["lat"].to_numpy(dtype=np.float64), table["lon"].to_numpy(dtype=np.float64)
    return Cities(
        lat=lat,
        lon=lon,
        population=table["population"].to_numpy(dtype=np.float64),
        tree=cKDTree(unit_vectors(lat, lon)),
        **{c: table[c].to_numpy(dtype=object) for c in ("name", "country", "tz", "other_names")},
    )

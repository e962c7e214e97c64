"""Airfields and their runway ends: struct of arrays for the detector, entities for people, a spatial index for both."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.model.entities import Airport, Runway
from pipeline.model.errors import NotFound
from pipeline.places.geo import chord_of_nm, distance_nm, local_xy_m, unit_vectors

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

DATA: Final = Path(__file__).with_name("data")

#: Fields that an aeroplane can land at; military fields are of these kinds too.
AEROPLANE_KINDS: Final = frozenset({"large", "medium", "small"})
ALL_KINDS: Final = AEROPLANE_KINDS | {"heliport", "seaplane"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunwayEnds:
    """All landing ends, sorted by airport. ``lat``/``lon`` is the landing threshold, NaN where unknown."""

    airport_index: NDArray[np.int64]
    name: NDArray[np.object_]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    heading_deg: NDArray[np.float64]
    heading_sigma_deg: NDArray[np.float64]
    elevation_ft: NDArray[np.float64]
    length_ft: NDArray[np.float64]

    def of(self, airport_index: int) -> slice:
        """The ends of one airfield."""
        first, after = np.searchsorted(self.airport_index, [airport_index, airport_index + 1])
        return slice(int(first), int(after))

    def along_cross_m(
        self, end: NDArray[np.int64], lat: NDArray[np.float64], lon: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Metres beyond each landing end's threshold in its direction, and right of its axis; arrays broadcast, NaN where unknown."""
        x, y = local_xy_m(lat, lon, self.lat[end], self.lon[end])
        heading = np.radians(self.heading_deg[end])
        return x * np.sin(heading) + y * np.cos(heading), x * np.cos(heading) - y * np.sin(heading)


class Airports:
    """Every open airfield of the table, in the order of its code."""

    def __init__(self, table: pd.DataFrame, ends: pd.DataFrame) -> None:
        """``table`` and ``ends`` have the columns of ``places.build``, sorted by code and airport."""
        self.codes: list[str] = table["code"].tolist()
        self.lat: NDArray[np.float64] = table["lat"].to_numpy(dtype=np.float64)
        self.lon: NDArray[np.float64] = table["lon"].to_numpy(dtype=np.float64)
        self.elevation_ft: NDArray[np.float64] = table["elevation_ft"].to_numpy(dtype=np.float64)
        self.kind: NDArray[np.object_] = table["kind"].to_numpy(dtype=object)
        self._text = {c: table[c].to_numpy(dtype=object) for c in ("name", "country", "municipality", "tz", "iata")}
        self._index = {code: i for i, code in enumerate(self.codes)}
        self.ends = RunwayEnds(
            airport_index=np.array([self._index[a] for a in ends["airport"]], dtype=np.int64),
            name=ends["name"].to_numpy(dtype=object),
            **{f.name: ends[f.name].to_numpy(dtype=np.float64) for f in fields(RunwayEnds) if f.name not in ("airport_index", "name")},
        )

    def __contains__(self, code: object) -> bool:
        return code in self._index

    def __len__(self) -> int:
        return len(self.codes)

    def index_of(self, code: str) -> int:
        """Raises:
        NotFound: no open airfield has this code.
        """
        try:
            return self._index[code]
        except KeyError:
            raise NotFound(f"no airfield {code!r}", hint="an ICAO code, such as LTAC, or the OurAirports ident") from None

    def get(self, code: str) -> Airport:
        """Raises:
        NotFound: no open airfield has this code.
        """
        return self.at(self.index_of(code))

    def at(self, index: int) -> Airport:
        """The airfield at an index of the arrays."""
        text = {name: str(values[index]) for name, values in self._text.items()}
        return Airport(
            code=self.codes[index],
            name=text["name"],
            country=text["country"],
            municipality=text["municipality"],
            tz=text["tz"],
            iata=text["iata"],
            kind=str(self.kind[index]),
            lat=float(self.lat[index]),
            lon=float(self.lon[index]),
            elevation_ft=float(self.elevation_ft[index]),
        )

    def runways(self, code: str) -> tuple[Runway, ...]:
        """Every landing end of a field.

        Raises:
            NotFound: no open airfield has this code.
        """
        found = self.ends.of(self.index_of(code))
        e = self.ends
        return tuple(
            Runway(
                airport=code,
                name=str(e.name[i]),
                lat=float(e.lat[i]),
                lon=float(e.lon[i]),
                heading_deg=float(e.heading_deg[i]),
                heading_sigma_deg=float(e.heading_sigma_deg[i]),
                elevation_ft=float(e.elevation_ft[i]),
                length_ft=float(e.length_ft[i]),
            )
            for i in range(found.start, found.stop)
        )

    def nearest(
        self, lat: float, lon: float, *, within_nm: float = 30.0, limit: int = 5, kinds: frozenset[str] = AEROPLANE_KINDS
    ) -> list[tuple[Airport, float]]:
        """Fields of these kinds and their geodesic distance in NM, nearest first."""
        _, found, nm = self.near_many(np.array([lat]), np.array([lon]), within_nm=within_nm, kinds=kinds)
        order = np.argsort(nm, kind="stable")[:limit]
        return [(self.at(int(found[i])), float(nm[i])) for i in order]

    def near_many(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64], *, within_nm: float, kinds: frozenset[str] = AEROPLANE_KINDS
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """All (point, field) pairs within a distance: point indexes, airport indexes, geodesic NM."""
        point, airport = self.reach(lat, lon, within_nm=within_nm, kinds=kinds)
        nm = np.asarray(distance_nm(np.asarray(lat)[point], np.asarray(lon)[point], self.lat[airport], self.lon[airport]))
        near = nm <= within_nm
        return point[near], airport[near], nm[near]

    def reach(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64], *, within_nm: float, kinds: frozenset[str] = AEROPLANE_KINDS
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """At least the (point, field) pairs within a distance, sorted by point; some are a little farther apart."""
        members, tree = self._trees(kinds)
        hits = tree.query_ball_point(unit_vectors(lat, lon), chord_of_nm(within_nm))
        counts = np.fromiter(map(len, hits), dtype=np.int64, count=len(lat))  # type: ignore[arg-type]  # scipy's stubs give one point's answer
        point = np.repeat(np.arange(len(counts)), counts)
        flat = np.concatenate([np.asarray(h, dtype=np.int64) for h in hits]) if counts.sum() else np.empty(0, dtype=np.int64)
        return point, members[flat]

    def ceiling_ft(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
        """The elevation of the highest field within about a degree of each point; 0 where there is none."""
        row = np.clip(np.floor(lat).astype(np.int64) + 90, 0, 179)
        column = np.mod(np.floor(lon).astype(np.int64) + 180, 360)
        found: NDArray[np.float64] = self._ceiling[row * 360 + column]
        return found

    @cached_property
    def _ceiling(self) -> NDArray[np.float64]:
        cells = np.zeros((180, 360))
        known = ~np.isnan(self.elevation_ft)
        row = np.clip(np.floor(self.lat[known]).astype(np.int64) + 90, 0, 179)
        column = np.mod(np.floor(self.lon[known]).astype(np.int64) + 180, 360)
        np.maximum.at(cells, (row, column), self.elevation_ft[known])
        tall = np.maximum.reduce([np.roll(cells, shift, axis=0) for shift in (-1, 0, 1)])
        wide: NDArray[np.float64] = np.maximum.reduce([np.roll(tall, shift, axis=1) for shift in (-1, 0, 1)])
        return wide.ravel()

    @cached_property
    def for_aeroplanes(self) -> NDArray[np.bool_]:
        """Whether an aeroplane can land at each field."""
        return np.isin(self.kind.astype(str), sorted(AEROPLANE_KINDS))

    @cached_property
    def is_small(self) -> NDArray[np.bool_]:
        """Whether each field is a small one."""
        return np.asarray(self.kind == "small", dtype=np.bool_)

    @cached_property
    def prominence(self) -> NDArray[np.float64]:
        """How much more often an aircraft of which nothing else is known comes to a field of this kind, 0–1."""
        return np.select([self.kind == "large", self.kind == "medium"], [1.0, 0.5], 0.2)

    @cached_property
    def of_size(self) -> NDArray[np.bool_]:
        """Whether each field is a large or a medium one."""
        return np.isin(self.kind.astype(str), ["large", "medium"])

    @cached_property
    def ground_ft(self) -> NDArray[np.float64]:
        """Each field's elevation; where the table has none, that of a field within 15 NM that has one, else NaN."""
        from scipy.spatial import cKDTree

        known = np.flatnonzero(~np.isnan(self.elevation_ft))
        unknown = np.flatnonzero(np.isnan(self.elevation_ft))
        filled = self.elevation_ft.copy()
        if len(known) and len(unknown):
            chord, nearest = cKDTree(unit_vectors(self.lat[known], self.lon[known])).query(
                unit_vectors(self.lat[unknown], self.lon[unknown])
            )
            filled[unknown] = np.where(chord <= chord_of_nm(15.0), self.elevation_ft[known[nearest]], np.nan)
        return filled

    @cached_property
    def longest_ft(self) -> NDArray[np.float64]:
        """The length of each field's longest runway, NaN where none is known."""
        longest = np.full(len(self.codes), -np.inf)
        length = self.ends.length_ft
        known = length > 0
        np.maximum.at(longest, self.ends.airport_index[known], length[known])
        return np.where(np.isfinite(longest), longest, np.nan)

    def _trees(self, kinds: frozenset[str]) -> tuple[NDArray[np.int64], cKDTree]:
        if kinds not in self._tree_cache:
            from scipy.spatial import cKDTree

            members = np.flatnonzero(np.isin(self.kind.astype(str), sorted(kinds)))
            self._tree_cache[kinds] = members, cKDTree(unit_vectors(self.lat[members], self.lon[members]))
        return self._tree_cache[kinds]

    @cached_property
    def _tree_cache(self) -> dict[frozenset[str], tuple[NDArray[np.int64], cKDTree]]:
        return {}


@cache
def load_airports() -> Airports:
    """The shipped table."""
    return read_airports(DATA)


def read_airports(folder: Path) -> Airports:
    """A folder's ``airports.csv.gz`` and ``runway_ends.csv.gz``, as ``places.build`` makes them."""
    numbers = dict.fromkeys(("lat", "lon", "elevation_ft", "heading_deg", "heading_sigma_deg", "length_ft"), "float64")
    texts = ("code", "kind", "country", "municipality", "tz", "iata", "airport", "name")
    tables = [
        pd.read_csv(
            folder / name, dtype={**numbers, **dict.fromkeys(texts, "str")}, keep_default_na=False, na_values={c: [""] for c in numbers}
        )
        for name in ("airports.csv.gz", "runway_ends.csv.gz")
    ]
    return Airports(*tables)

"""The real airfields over which the made-up flights fly: capitals, military fields, close pairs, high fields, fields below the sea."""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.model.entities import Airport, Runway
from pipeline.places.airports import AEROPLANE_KINDS, Airports, load_airports
from pipeline.places.geo import destination, distance_nm

FT_M = 0.3048
NM_M = 1852.0


@dataclass(frozen=True, slots=True)
class End:
    """One landing direction: its own threshold, the far end, length in metres, elevation in feet."""

    name: str
    lat: float
    lon: float
    far_lat: float
    far_lon: float
    length_m: float
    elevation_ft: float


@dataclass(slots=True)
class Field:
    """An airfield with what a network of receivers sees there. ``floor_ft`` is above the field; 0 with ``ground`` sees the taxiways."""

    code: str
    lat: float
    lon: float
    elevation_ft: float
    kind: str
    undulation_ft: float
    ends: list[End]
    floor_ft: float = 0.0
    surveyed: bool = True
    near: list[tuple[str, float]] = field(default_factory=list)

    def longest(self) -> float:
        return max(e.length_m for e in self.ends)


def field_table() -> dict[str, float]:
    """The fields of the sky, and how high the geoid (EGM96) lies above the ellipsoid there, feet.

    ``fields.csv``: the capitals' fields of the shipped table, high fields, fields below the sea, in valleys, with curved approaches,
    close pairs, busy ones, and some whose runways have no thresholds in our table. The geoid was read off RTKLIB's embedded 1° EGM96
    grid (public domain, NGA) by the package pyrtklib.
    """
    with Path(__file__).with_name("fields.csv").open(newline="", encoding="utf-8") as file:
        return {row["airport"]: float(row["undulation_ft"]) for row in csv.DictReader(file)}


def load_fields(rng: np.random.Generator, *, shortest_ft: float = 4500.0) -> dict[str, Field]:
    """Every field with its coverage floor drawn: a third see the ground, a third end below 3,000 ft, a third at 3,000 to 9,000 ft."""
    airports = load_airports()
    height = field_table()
    out: dict[str, Field] = {}
    for code in height:
        made = _field(airports, code, height, shortest_ft)
        if made is not None:
            out[code] = made
    lat, lon = np.array([f.lat for f in out.values()]), np.array([f.lon for f in out.values()])
    point, other, nm = airports.near_many(lat, lon, within_nm=14.0, kinds=AEROPLANE_KINDS)
    codes = list(out)
    for p, o, d in zip(point.tolist(), other.tolist(), nm.tolist(), strict=True):
        name = airports.codes[o]
        if name != codes[p] and (name in out or airports.kind[o] in ("large", "medium")):
            out[codes[p]].near.append((name, d))
    # Receivers serve a region: fields close together share a floor, more or less.
    groups = _clusters(out)
    for rank, members in zip(rng.permutation(len(groups)), groups, strict=True):
        floor = _floor(rank / len(groups), rng)
        for code in members:
            out[code].floor_ft = floor * float(rng.uniform(0.85, 1.15))
    return out


def _floor(share: float, rng: np.random.Generator) -> float:
    if share < 0.36:
        return 0.0
    low, high = (60, 500) if share < 0.48 else (500, 2600) if share < 0.72 else (3600, 8500)
    return float(rng.uniform(low, high))


def _clusters(fields: dict[str, Field]) -> list[list[str]]:
    """Fields of the sky in groups within 14 NM of one another, in order."""
    group = {code: code for code in fields}
    for code, one in fields.items():
        for other, _ in one.near:
            if other in fields and group[other] != group[code]:
                old, new = group[other], group[code]
                group = {c: new if g == old else g for c, g in group.items()}
    members: dict[str, list[str]] = {}
    for code, name in group.items():
        members.setdefault(name, []).append(code)
    return list(members.values())


def _field(airports: Airports, code: str, height: dict[str, float], shortest_ft: float) -> Field | None:
    if code not in airports:
        return None
    about = airports.get(code)
    if not np.isfinite(about.elevation_ft):
        return None
    runways = [r for r in airports.runways(code) if r.length_ft >= shortest_ft]
    known = {r.name: r for r in runways if np.isfinite(r.lat) and np.isfinite(r.lon)}
    ends = []
    for name, r in known.items():
        far = known.get(opposite(name))
        if far is None:
            continue
        length = distance_nm(r.lat, r.lon, far.lat, far.lon) * NM_M
        # A displaced threshold shortens it; thresholds that disagree with the length are an error of the table, not a runway.
        if not 0.6 < length / (r.length_ft * FT_M) < 1.12:
            continue
        level = r.elevation_ft if abs(r.elevation_ft - about.elevation_ft) < 300 else about.elevation_ft
        ends.append(End(name, r.lat, r.lon, far.lat, far.lon, length, level))
    if not ends and not known:
        ends = _unsurveyed(about, runways)
    if not ends:
        return None
    return Field(code, about.lat, about.lon, about.elevation_ft, about.kind, height[code], ends, surveyed=bool(known))


def _unsurveyed(about: Airport, runways: list[Runway]) -> list[End]:
    """Where the table has no threshold: the longest runway, somewhere near the field's point, about in the direction the table gives.

    The table's heading comes from the runway's number (of magnetic north, rounded), or was written down; the true one differs.
    """
    rng = np.random.default_rng(zlib.crc32(about.code.encode()))
    first = max((r for r in runways if np.isfinite(r.heading_deg)), key=lambda r: r.length_ft, default=None)
    if first is None or not opposite(first.name):
        return []
    heading = first.heading_deg + rng.normal(0, min(first.heading_sigma_deg, 8.0) / 2)
    middle = destination(about.lat, about.lon, float(rng.uniform(0, 360)), float(abs(rng.normal(0, 250)) / NM_M))
    half = first.length_ft * FT_M / 2 / NM_M
    lat, lon = destination(*middle, heading + 180, half)
    far_lat, far_lon = destination(*middle, heading, half)
    name, length = first.name, 2 * half * NM_M
    return [
        End(name, lat, lon, far_lat, far_lon, length, about.elevation_ft),
        End(opposite(name), far_lat, far_lon, lat, lon, length, about.elevation_ft),
    ]


def opposite(name: str) -> str:
    """``09L`` → ``27R``."""
    digits = "".join(c for c in name if c.isdigit())
    if not digits:
        return ""
    side = {"L": "R", "R": "L", "C": "C"}.get(name[len(digits) :], name[len(digits) :])
    return f"{(int(digits) + 17) % 36 + 1:0{len(digits)}d}{side}"

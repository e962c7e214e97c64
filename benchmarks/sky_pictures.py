"""Pictures of made-up flights, to look at: path near the field, height, speed.

python benchmarks/sky_pictures.py DIR --out FILE.png [--situation REGEX] [--flights F00001,...]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

from pipeline.places.airports import load_airports
from pipeline.places.geo import local_xy_m

mpl.use("Agg")
import matplotlib.pyplot as plt


def main() -> None:
    """The command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--situation", default="")
    ask.add_argument("--flights", default="")
    ask.add_argument("--count", type=int, default=6)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--span-nm", type=float, default=25.0)
    given = ask.parse_args()
    about = pd.read_csv(given.folder / "flights.csv", dtype={"icao24": str})
    truth = pd.read_csv(given.folder / "truth.csv", dtype={"icao24": str})
    negatives = pd.read_csv(given.folder / "negatives.csv", dtype={"icao24": str})
    positions = pd.read_parquet(given.folder / "positions.parquet")
    chosen = (
        about[about["flight_id"].isin(given.flights.split(","))]
        if given.flights
        else about[about["situation"].str.contains(given.situation)]
    )
    chosen = chosen.sample(min(given.count, len(chosen)), random_state=given.seed)
    fig, axes = plt.subplots(len(chosen), 3, figsize=(17, 3.4 * len(chosen)), squeeze=False)
    airports = load_airports()
    for row, (_, one) in zip(axes, chosen.iterrows(), strict=True):
        p = positions[(positions["icao24"] == one["icao24"])].sort_values("time", kind="stable")
        own = truth[truth["flight_id"] == one["flight_id"]]
        code = (
            own["airport"].iloc[0]
            if len(own)
            else (negatives.loc[negatives["flight_id"] == one["flight_id"], "airport"].iloc[:1].tolist() or [""])[0]
        )
        code = code if isinstance(code, str) and code in airports else ""
        field = (
            airports.get(code)
            if code
            else airports.nearest(float(p["lat"].iloc[-1]), float(p["lon"].iloc[-1]), within_nm=500, limit=1)[0][0]
        )
        x, y = local_xy_m(p["lat"], p["lon"], field.lat, field.lon)
        t = (p["time"] - p["time"].min()) / 60
        ground = p["on_ground"].fillna(False).astype(bool).to_numpy()
        near = (np.hypot(x, y) < given.span_nm * 1852) | True
        row[0].plot(x[near] / 1852, y[near] / 1852, ".-", ms=2, lw=0.4)
        row[0].plot(x[ground] / 1852, y[ground] / 1852, "r.", ms=2)
        for r in airports.runways(field.code):
            if np.isfinite(r.lat):
                rx, ry = local_xy_m(r.lat, r.lon, field.lat, field.lon)
                u = np.radians(r.heading_deg)
                row[0].plot(
                    [rx / 1852, rx / 1852 + np.sin(u) * r.length_ft / 6076],
                    [ry / 1852, ry / 1852 + np.cos(u) * r.length_ft / 6076],
                    "k-",
                    lw=2,
                )
        row[0].set_xlim(-given.span_nm, given.span_nm)
        row[0].set_ylim(-given.span_nm, given.span_nm)
        row[0].set_aspect("equal")
        row[0].set_title(f"{one['flight_id']} {one['situation']} · {one['type_code']} · {field.code}", fontsize=9)
        row[1].plot(t, p["altitude_ft"], ".", ms=2)
        row[1].plot(t[ground], p["altitude_ft"][ground], "r.", ms=3)
        row[1].axhline(field.elevation_ft, color="k", lw=0.5)
        row[1].set_ylim(min(-500, field.elevation_ft - 1000), None)
        row[2].plot(t, p["gs_kt"], ".", ms=2)
        ax = row[2].twinx()
        ax.plot(t, p["vrate_fpm"], "g.", ms=1)
        ax.set_ylim(-4000, 4000)
        for _, landing in own.iterrows():
            for a in (row[1], row[2]):
                a.axvline((landing["touchdown"] - p["time"].min()) / 60, color="m", lw=0.7)
        row[1].set_title(
            f"qnh {one['qnh_hpa']} flag {one['flag']} floor {one['floor_ft']} {'/'.join(own['seen'])} keep {one['keep']}", fontsize=8
        )
    fig.tight_layout()
    fig.savefig(given.out, dpi=60)
    print(given.out)


if __name__ == "__main__":
    main()

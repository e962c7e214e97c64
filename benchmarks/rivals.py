"""The same flights through two rules in public use: five silent minutes, and the library ``traffic``.

    python benchmarks/rivals.py --sky DIR [--venv DIR]        (and the real flights where TARMAC_TEST_DATA is set)

``traffic`` wants pandas 2, so it is installed into a virtual environment of its own (``.benchmarks/traffic``) and given our table of
fields and runways, as it would download the same from OurAirports.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from landings import match, pads_near, read_sky

from pipeline.places.airports import AEROPLANE_KINDS, load_airports
from pipeline.places.geo import unit_vectors

VENV = Path(".benchmarks") / "traffic"
SILENCE_S = 300.0
BELOW_FT = 10000.0
COLUMNS = ["icao24", "airport", "touchdown", "runway"]


def five_minutes(positions: pd.DataFrame) -> pd.DataFrame:
    """Landed, at the nearest field: the ground flag comes on after flight, or five minutes of silence below 10,000 ft pressure altitude."""
    from scipy.spatial import cKDTree

    altitude = "altitude_ft" if "altitude_ft" in positions else "alt_baro_ft"
    p = positions.sort_values(["icao24", "time"], kind="stable").reset_index(drop=True)
    new = p["icao24"].ne(p["icao24"].shift()).to_numpy()
    last = np.append(new[1:], True)
    t = p["time"].to_numpy(dtype=float)
    silence = np.where(last, np.inf, np.append(np.diff(t), np.inf))
    ground = p["on_ground"].astype("boolean").fillna(False).to_numpy(dtype=bool) if "on_ground" in p else np.zeros(len(p), dtype=bool)
    before = np.concatenate(([False], ground[:-1]))
    came_down = ground & ~before & ~new
    went_quiet = (silence >= SILENCE_S) & (p[altitude].to_numpy(dtype=float) < BELOW_FT) & ~ground
    at = np.flatnonzero(came_down | went_quiet)
    airports = load_airports()
    members = np.flatnonzero(np.isin(airports.kind.astype(str), sorted(AEROPLANE_KINDS)))
    tree = cKDTree(unit_vectors(airports.lat[members], airports.lon[members]))
    _, nearest = tree.query(unit_vectors(p["lat"].to_numpy()[at], p["lon"].to_numpy()[at]))
    codes = np.array(airports.codes, dtype=object)[members[nearest]] if len(at) else np.empty(0, dtype=object)
    return pd.DataFrame({"icao24": p["icao24"].to_numpy()[at], "airport": codes, "touchdown": t[at], "runway": ""}, columns=COLUMNS)


def library(venv: Path) -> Path:
    """The Python of an environment with the library, made when it is not there."""
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    if subprocess.run([str(python), "-c", "import traffic"], check=False, capture_output=True).returncode:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "traffic>=2.13", "pandas<3"], check=True)
    return python


def traffic_tables(folder: Path) -> None:
    """Our fields and runways in the files in which the library keeps what it downloads."""
    airports = load_airports()
    keep = np.flatnonzero(np.isin(airports.kind.astype(str), sorted(AEROPLANE_KINDS)))
    about = [airports.at(int(i)) for i in keep]
    table = pd.DataFrame(
        {
            "name": [a.name for a in about],
            "iata": [a.iata for a in about],
            "icao": [a.code for a in about],
            "latitude": airports.lat[keep],
            "longitude": airports.lon[keep],
            "country": [a.country for a in about],
            "altitude": np.nan_to_num(airports.elevation_ft[keep]),
            "type": [a.kind + "_airport" for a in about],
            "municipality": [a.municipality for a in about],
        }
    )
    ends = airports.ends
    rows = []
    named = {(int(a), str(n)): i for i, (a, n) in enumerate(zip(ends.airport_index, ends.name, strict=True))}
    for (a, name), i in named.items():
        digits = "".join(c for c in name if c.isdigit())
        if not digits or int(digits) > 18:
            continue
        j = named.get((a, f"{int(digits) + 18:02d}" + {"L": "R", "R": "L"}.get(name[len(digits) :], name[len(digits) :])))
        if j is not None:
            rows.append((airports.codes[a], ends.lat[i], ends.lon[i], name, ends.lat[j], ends.lon[j], str(ends.name[j])))
    columns = ["airport_ident", "le_latitude_deg", "le_longitude_deg", "le_ident", "he_latitude_deg", "he_longitude_deg", "he_ident"]
    folder.mkdir(parents=True, exist_ok=True)
    table.to_parquet(folder / "airports_ourairports.parquet", index=False)
    pd.DataFrame(rows, columns=columns).to_parquet(folder / "runways_ourairports.parquet", index=False)


def traffic(positions: Path, venv: Path, room: Path) -> tuple[pd.DataFrame, float, int]:
    """Claims of the library, its processor seconds, positions."""
    python = library(venv)
    cache = room / "cache" / "traffic"
    traffic_tables(cache)
    out = room / "traffic.csv"
    environment = {**os.environ, "XDG_CACHE_HOME": str(room / "cache"), "XDG_CONFIG_HOME": str(room / "config")}
    script = Path(__file__).with_name("rival_traffic.py")
    done = subprocess.run([str(python), str(script), str(positions), str(out)], check=True, capture_output=True, text=True, env=environment)
    spent, count = done.stdout.strip().splitlines()[-1].split()
    claims = pd.read_csv(out, dtype=str, keep_default_na=False)
    when = pd.to_datetime(claims["touchdown"], utc=True, format="ISO8601")
    claims["touchdown"] = ((when - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)
    return claims, float(spent), int(count)


def sky_row(claims: pd.DataFrame, truth: pd.DataFrame, about: pd.DataFrame) -> dict[str, object]:
    """The bars that any rule can be asked: found by what was heard, false claims a flight, from spoofing, runway."""
    for column in ("touchdown_earliest", "touchdown_latest"):
        if column not in claims:
            claims = claims.assign(**{column: claims["touchdown"]})
    truth = truth.reset_index(drop=True)
    heli = truth.loc[truth["situation"].str.startswith("helicopter"), "airport"].tolist()
    of_claim, of_truth = match(claims, truth, pads_near(heli))
    found, plain = of_truth >= 0, (truth["spoofed"] == "").to_numpy()
    seen, thin = truth["seen"].to_numpy(), (truth["keep"] < 1).to_numpy()
    spoofed = (
        claims["icao24"]
        .map(about.drop_duplicates("icao24").set_index("icao24")["situation"])
        .fillna("")
        .str.startswith("spoofed")
        .to_numpy()
    )
    wrong = of_claim < 0

    def share(of: np.ndarray) -> float:
        return float(found[of].mean()) if of.any() else float("nan")

    right = claims[of_claim >= 0]
    error = np.abs(right["touchdown"].to_numpy() - truth["touchdown"].to_numpy()[of_claim[of_claim >= 0]])
    return {
        "claims": len(claims),
        "seen on the ground": share((seen == "observed") & plain),
        "lost below 3,000 ft": share((seen == "low") & plain & ~thin),
        "one point in five": share((seen == "low") & plain & thin),
        "lost high, departs later": share((seen == "bracket") & plain),
        "false claims a flight": float((wrong & ~spoofed).sum() / len(about)),
        "false from spoofing": int((wrong & spoofed).sum()),
        "error median s": float(np.median(error)) if len(error) else float("nan"),
        "error p95 s": float(np.percentile(error, 95)) if len(error) else float("nan"),
    }


def sky_rows(folder: Path, venv: Path, room: Path) -> pd.DataFrame:
    """A row for each rival on a sky."""
    truth, _, about = read_sky(folder)
    positions = pd.read_parquet(folder / "positions.parquet")
    started = time.process_time()
    five = five_minutes(positions)
    five_s = time.process_time() - started
    lib, lib_s, _ = traffic(folder / "positions.parquet", venv, room)
    return pd.DataFrame(
        [
            {"rule": name, **sky_row(claims, truth, about), "positions a CPU second": round(len(positions) / spent)}
            for name, claims, spent in (("five silent minutes", five, five_s), ("traffic 2.13", lib, lib_s))
        ]
    )


def real_rows(data: Path, venv: Path, room: Path) -> pd.DataFrame | None:
    """A row for each rival on the labelled real flights, by that data's own score.py."""
    from landings import real_rules

    module = real_rules(data)
    if module is None:
        return None
    claims: dict[str, list[pd.DataFrame]] = {"five silent minutes": [], "traffic 2.13": []}
    for path in sorted((data / "landings" / "sets").glob("*.parquet")):
        for name, found in (("five silent minutes", five_minutes(pd.read_parquet(path))), ("traffic 2.13", traffic(path, venv, room)[0])):
            claims[name].append(found.rename(columns={"touchdown": "time"}).assign(set=path.stem))
    keep = ("precision", "recall", "airport_acc", "terr_median", "terr_p95", "TP", "FP", "FN")
    rows = []
    for name, of in claims.items():
        result = module.score(pd.concat(of), quiet=True)
        rows.append({"rule": name, **{k: result[k] for k in keep}})
    return pd.DataFrame(rows)


def main() -> None:
    """The command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--sky", type=Path, required=True)
    ask.add_argument("--venv", type=Path, default=VENV)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as room:
        print(sky_rows(given.sky, given.venv.absolute(), Path(room)).T.to_string(header=False))
        data = os.environ.get("TARMAC_TEST_DATA", "")
        real = real_rows(Path(data), given.venv.absolute(), Path(room)) if data else None
        print("\nReal flights:", "TARMAC_TEST_DATA is not set" if real is None else "\n" + real.T.to_string(header=False))


if __name__ == "__main__":
    main()

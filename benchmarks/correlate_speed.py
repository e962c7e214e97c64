"""Time and memory of the correlation at sizes that grow tenfold.

    python benchmarks/correlate_speed.py --stays 20000 --meetings 500 --full
    python benchmarks/correlate_speed.py --stays 1000000 --meetings 100000 --chunks 4 --workers 2

The tables are made up: states, cities and years in proportion, so that a cell is as busy at every size. ``--full`` adds all
shifts and the pooled rotations of the leads. Each chunk is a process of its own, as ``tarmac correlate --chunk k/n`` is.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.places.gazetteer import load_gazetteer
from pipeline.places.states import states as all_states


def write_tables(folder: Path, stays: int, meetings: int, seed: int = 1) -> None:
    """``stays.csv`` and ``meetings.csv``."""
    rng = np.random.default_rng(seed)
    years = max(1.5, min(stays / 20_000 * 1.5, 15.0))
    cities = [p for p in load_gazetteer().places if p.kind in ("capital", "seat")][: 50 if stays <= 50_000 else 180]
    states = sorted(all_states())[: 60 if stays <= 50_000 else 180]
    start = pd.Timestamp("2010-01-01", tz="UTC")
    hours = years * 8766
    s, c = rng.integers(len(states), size=stays), rng.integers(len(cities), size=stays)
    at = start + pd.to_timedelta(rng.uniform(0, hours, stays), unit="h")
    who, where = rng.integers(len(states), size=(meetings, 2)), rng.integers(len(cities), size=meetings)
    day = start + pd.to_timedelta(rng.integers(10, int(hours / 24) - 10, meetings), unit="D")
    # The first stays belong to the meetings: both visitors of four in five, on the morning of the day.
    held = np.flatnonzero(rng.random(meetings) < 0.8)[: stays // 4]
    for guest in range(2):
        rows = np.arange(len(held)) + guest * len(held)
        s[rows], c[rows] = who[held, guest], where[held]
        at = at.to_series(index=range(stays)) if isinstance(at, pd.DatetimeIndex) else at
        at.iloc[rows] = day[held] + pd.to_timedelta(rng.uniform(3, 9, len(held)), unit="h")
    at = pd.DatetimeIndex(at)
    city = np.array([p.city for p in cities], dtype=object)
    country = np.array([p.country for p in cities], dtype=object)
    field = np.array([p.airfields[0].airport if p.airfields else "ZZZZ" for p in cities], dtype=object)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    pd.DataFrame(
        {
            "stay_id": np.char.add("s", np.arange(stays).astype(str)),
            "icao24": [f"{x:06x}" for x in rng.integers(0x010000, 0xFFFFFF, stays)],
            "state": np.array(states, dtype=object)[s],
            "role": "government",
            "airport": field[c],
            "city": city[c],
            "country": country[c],
            "touchdown": at.strftime(stamp),
            "take_off": (at + pd.to_timedelta(rng.lognormal(3, 1, stays), unit="h")).strftime(stamp),
        }
    ).to_csv(folder / "stays.csv", index=False)
    c = where
    chosen = np.array(states, dtype=object)[who]
    pd.DataFrame(
        {
            "meeting_id": np.char.add("m", np.arange(meetings).astype(str)),
            "title": "Talks",
            "city": city[c],
            "country": country[c],
            "start": day.strftime("%Y-%m-%d"),
            "end": day.strftime("%Y-%m-%d"),
            "participants": [
                f"A|President|{h};B|Foreign Minister|{a};C|Foreign Minister|{b}" for h, a, b in zip(country[c], *chosen.T, strict=True)
            ],
            "sources": "https://a.example/1",
            "published": (day + pd.Timedelta(days=1)).strftime(stamp),
        }
    ).to_csv(folder / "meetings.csv", index=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stays", type=int, default=20_000)
    parser.add_argument("--meetings", type=int, default=500)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--chunks", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(folder, options.stays, options.meetings)
        begun = time.perf_counter()
        waiting = list(range(1, options.chunks + 1))
        running: list[subprocess.Popen[bytes]] = []
        outs = []
        while waiting or running:
            while waiting and len(running) < options.workers:
                k = waiting.pop(0)
                outs.append(folder / f"out{k}.json")
                command = [sys.executable, "-m", "pipeline.cli.main", "correlate"]
                command += ["--stays", str(folder / "stays.csv"), "--meetings", str(folder / "meetings.csv"), "--out", str(outs[-1])]
                if not options.full:
                    command += ["--matches-only"]
                if options.chunks > 1:
                    command += ["--chunk", f"{k}/{options.chunks}"]
                running.append(subprocess.Popen(command))
            done = running.pop(0)
            if done.wait():
                raise SystemExit("a chunk failed")
        seconds = time.perf_counter() - begun
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = used.ru_maxrss / 1024
        size = sum(out.stat().st_size for out in outs) / 1e6
    print(
        f"{options.stays} stays x {options.meetings} meetings, {options.chunks} chunks, {options.workers} at once:"
        f" {seconds:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of processor), {peak:.0f} MB a process, answer {size:.1f} MB"
    )


if __name__ == "__main__":
    main()

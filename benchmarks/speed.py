"""Speed of reading and detecting, beside what reading alone costs; CPU time, medians of five, ratios within one run.

    python benchmarks/speed.py [--traces 400] [--rounds 5] [--no-traffic] [--out docs/performance.md]

The library ``traffic``, in a virtual environment of its own, detects the landings of 200 flights of the made-up sky beside ours.
The traces are copies of the real one in ``tests/zoo/data`` under made-up addresses: as they are ("rich": 14 columns and an
aircraft object in every fourth row), and cut to nine columns without objects ("lean").
"""

from __future__ import annotations

import argparse
import csv
import gc
import os
import platform
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from day import BEGIN, END, SOURCE, day_of
from isal import igzip, isal_zlib

from pipeline.detect.detector import Detector
from pipeline.jobs.detect_files import detect_files
from pipeline.jobs.detect_parallel import detect_parallel
from pipeline.places.airports import load_airports


def write_traces(folder: Path, count: int, *, lean: bool) -> int:
    """Trace files in the layout of globe_history; returns the positions in them."""
    trace: dict[str, Any] = orjson.loads(SOURCE.read_bytes())
    if lean:
        trace["trace"] = [[*point[:8], None] for point in trace["trace"]]
    for k in range(count):
        trace["icao"] = f"{0x400000 + k:06x}"
        sub = folder / trace["icao"][-2:]
        sub.mkdir(parents=True, exist_ok=True)
        (sub / f"trace_full_{trace['icao']}.json").write_bytes(igzip.compress(orjson.dumps(trace), 2))
    return count * len(trace["trace"])


def write_table(file: Path, aircraft: int) -> int:
    """A CSV table of the same flights."""
    trace: dict[str, Any] = orjson.loads(SOURCE.read_bytes())
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["icao24", "time", "lat", "lon", "altitude_ft", "gs_kt", "track_deg", "vrate_fpm", "on_ground", "callsign"])
        for k in range(aircraft):
            for p in trace["trace"]:
                ground = p[3] == "ground"
                row = [f"{0x400000 + k:06x}", trace["timestamp"] + p[0], p[1], p[2], "" if ground else p[3], p[4], p[5], p[7], ground, ""]
                writer.writerow(["" if cell is None else cell for cell in row])
    return aircraft * len(trace["trace"])


def cpu(work: Callable[[], object], rounds: int) -> float:
    """Median CPU seconds of this process."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def wall(work: Callable[[], object], rounds: int) -> float:
    """Median seconds on the clock."""
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def read_alone(folder: Path) -> None:
    """Inflate and parse, and nothing else."""
    gc.disable()
    for file in sorted(folder.rglob("*.json")):
        orjson.loads(isal_zlib.decompress(file.read_bytes(), 31))
    gc.enable()


def beside_traffic(work: Path, detector: Detector, rounds: int) -> dict[str, float]:
    """Positions a second of CPU on the same made-up flights: the library's detection alone, and ours with the reading of the files."""
    import rivals

    sky = work / "sky"
    command = [
        sys.executable,
        str(Path(__file__).with_name("sky.py")),
        "--flights",
        "200",
        "--seed",
        "5",
        "--out",
        str(sky),
        "--csv",
        "--traces",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    _, spent, positions = rivals.traffic(sky / "positions.parquet", rivals.VENV, work)
    found = {"traffic": positions / spent}
    for kind, path in (("table", sky / "positions.csv"), ("traces", sky / "traces")):
        read = detect_files([path], detector).positions
        found[kind] = read / cpu(lambda p=path: detect_files([p], detector), rounds)  # type: ignore[misc]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-traffic", action="store_true", help="leave the library traffic out: it is installed from the package index")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    detector = Detector(load_airports())
    rows: list[tuple[str, str, str, str]] = []

    def row(what: str, value: str, asked: str, met: bool | None) -> None:
        rows.append((what, value, asked, "" if met is None else "met" if met else "NOT MET"))
        print(f"{what:75} {value:>24} {asked:>14} {rows[-1][3]}", flush=True)

    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        rates: dict[str, float] = {}
        for kind, limit in (("rich", 2.5), ("lean", 3.5)):
            folder = work / kind
            positions = write_traces(folder, given.traces, lean=kind == "lean")
            detect_files([next(folder.rglob("*.json"))], detector)
            ratios = []
            for _ in range(given.rounds):
                alone, all_of_it = cpu(lambda f=folder: read_alone(f), 1), cpu(lambda f=folder: detect_files([f], detector), 1)  # type: ignore[misc]
                ratios.append(all_of_it / alone)
                rates.setdefault(kind, 0.0)
                rates[kind] = max(rates[kind], positions / all_of_it)
            ratio = statistics.median(ratios)
            row(f"traces, {kind}: all of it ÷ inflating and parsing alone", f"{ratio:.2f}", f"≤ {limit}", ratio <= limit)
            row(f"traces, {kind}: positions a second of CPU, best of {given.rounds}", f"{rates[kind]:,.0f}", "", None)
        table = work / "table.csv"
        positions = write_table(table, given.traces // 2)
        spent = cpu(lambda: detect_files([table], detector), given.rounds)
        rates["table"] = positions / spent
        row("table (CSV): positions a second of CPU", f"{rates['table']:,.0f}", "", None)

        if not given.no_traffic:
            rate = beside_traffic(work, detector, given.rounds)
            row("the library traffic: positions a second of CPU", f"{rate['traffic']:,.0f}", "", None)
            for kind, limit in (("table", 50), ("traces", 20)):
                times = rate[kind] / rate["traffic"]
                row(f"{kind} of the same 200 made-up flights: times the library", f"{times:.0f}", f"≥ {limit}", times >= limit)

        # Enough that starting the workers, a tenth of a second, is not what is measured.
        write_traces(work / "many", 4 * given.traces, lean=False)
        one = wall(lambda: detect_files([work / "many"], detector), 3)
        two = wall(lambda: detect_parallel([work / "many"], detector.settings, workers=2), 3)
        row("two workers: how much sooner than one", f"{one / two:.2f}", "≥ 1.7", one / two >= 1.7)

        archive = work / "day.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(work / "rich", arcname="traces")
        chosen = frozenset(f"{0x400000 + k:06x}" for k in range(0, given.traces, 100))
        through = cpu(archive.read_bytes, 3)
        picked = cpu(lambda: detect_files([archive], detector, only=chosen), 3)
        each = (picked - through) / given.traces * 1e3
        row("one in a hundred picked from an archive, over reading it: ms a trace in it", f"{each:.3f}", "", None)
        growth = []
        for share in (8, 4, 2, 1):
            some = work / f"part{share}"
            count = write_traces(some, given.traces // share, lean=False)
            growth.append(cpu(lambda f=some: detect_files([f], detector), 3) / count * 1e6)  # type: ignore[misc]
        level = growth[-1] <= 1.25 * growth[0]
        row("µs a position at 1/8, 1/4, 1/2 and all of the traces", " ".join(f"{g:.2f}" for g in growth), "level", level)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row("most memory of this run, MB", f"{memory:.0f}", "≤ 1500", memory <= 1500)
    if given.out:
        before = given.out.read_text(encoding="utf-8") if given.out.exists() else ""
        given.out.write_text(_page(rows, day_of(before)), encoding="utf-8")


def _page(rows: list[tuple[str, str, str, str]], day: str) -> str:
    head = f"""# Speed

Made by `make bench` (`benchmarks/speed.py`): CPU time, medians, ratios within one run. The flights are copies of one real
trace. {os.cpu_count()} cores, {platform.machine()}, Python {sys.version.split()[0]}; machines are noisy, the ratios less so.

| what | measured | asked | |
|---|---|---|---|
"""
    table = "".join(f"| {' | '.join(line)} |\n" for line in rows)
    return f"{head}{table}\n## A whole made-up day\n\n`python benchmarks/day.py --out docs/performance.md`\n\n{BEGIN}\n{day}\n{END}\n"


if __name__ == "__main__":
    main()

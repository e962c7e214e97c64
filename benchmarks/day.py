"""A whole made-up day through ``tarmac detect``: time and memory of two workers, and of picking a watch list from its archive.

    python benchmarks/day.py [--traces 60000] [--points 2000] [--workers 2] [--watch 600] [--keep FILE.tar] [--out docs/performance.md]

The archive holds copies of one real trace, cut to the number of points asked for, under made-up addresses; it is written to a
temporary folder (3.6 GB for the whole day) and removed, unless kept. CPU seconds are of all processes. ``--out`` puts what was
measured between the marks of a page.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from isal import igzip

from pipeline.detect.detector import Detector
from pipeline.jobs.detect_files import detect_files
from pipeline.jobs.detect_parallel import detect_parallel
from pipeline.places.airports import load_airports

SOURCE = Path(__file__).parents[1] / "tests" / "zoo" / "data" / "trace_full_ac671b.json"
BEGIN, END = "<!-- day: begin -->", "<!-- day: end -->"


def write_day(file: Path, traces: int, points: int) -> int:
    """The archive; returns the positions in it."""
    trace: dict[str, Any] = orjson.loads(SOURCE.read_bytes())
    trace["trace"] = trace["trace"][-points:]
    trace["icao"] = "xxxxxx"
    body = orjson.dumps(trace)
    with tarfile.open(file, "w", bufsize=1 << 20) as tar:
        for k in range(traces):
            icao24 = f"{0x400000 + k:06x}"
            packed = igzip.compress(body.replace(b"xxxxxx", icao24.encode(), 1), 1)
            member = tarfile.TarInfo(f"./traces/{icao24[-2:]}/trace_full_{icao24}.json")
            member.size = len(packed)
            tar.addfile(member, io.BytesIO(packed))
    return traces * len(trace["trace"])


def day_of(page: str) -> str:
    """What stands between the marks of a page."""
    return page.partition(BEGIN)[2].partition(END)[0].strip() if BEGIN in page else ""


def measured(what: str, work: Callable[[], object]) -> str:
    """Run it; seconds on the clock, CPU seconds of this process and its children, and the most memory of one of them so far."""
    before, start = os.times(), time.perf_counter()
    work()
    after, taken = os.times(), time.perf_counter() - start
    spent = sum(after[:4]) - sum(before[:4])
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    line = f"| {what} | {taken:.0f} | {spent:.0f} | {most:.0f} |"
    print(line, flush=True)
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=60_000)
    parser.add_argument("--points", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--watch", type=int, default=600)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    detector = Detector(load_airports())
    with tempfile.TemporaryDirectory() as folder:
        archive = given.keep or Path(folder) / "day.tar"
        positions = write_day(archive, given.traces, given.points)
        size = archive.stat().st_size / 1e6
        print(f"{given.traces:,} traces, {positions:,} positions, {size:,.0f} MB", flush=True)
        chosen = frozenset(f"{0x400000 + k:06x}" for k in range(0, given.traces, max(1, given.traces // given.watch)))

        def read_once() -> None:
            with archive.open("rb") as stream:
                while stream.read(1 << 20):
                    pass

        lines = [
            measured("the archive read once", read_once),
            measured(f"{len(chosen)} aircraft picked from it", lambda: detect_files([archive], detector, only=chosen)),
            measured(
                f"the whole day, {given.workers} workers", lambda: detect_parallel([archive], detector.settings, workers=given.workers)
            ),
        ]
    if given.out:
        machine = f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.0f}"
        head = f"{given.traces:,} traces with {positions:,} positions in an archive of {size:,.0f} MB; {machine}.\n"
        table = "| what | s on the clock | s of CPU | MB of a process, at most |\n|---|---|---|---|\n" + "\n".join(lines)
        page = given.out.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        given.out.write_text(f"{before}{BEGIN}\n{head}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()

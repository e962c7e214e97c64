"""A month of passes in hours: memory, CPU a pass and growth of the store, over a real server that knows the simulated time.

    python benchmarks/soak.py [--days 3] [--cadence 60] [--aircraft 1000] [--airborne 100] [--json FILE]
    python benchmarks/soak.py --report docs/reliability.md FILE...      the tables, from those files

The sky is made up (``made_sky``) and served by a process of its own over HTTP on loopback; what is measured is the live pass
(ask, keep, detect, correlate, announce, hand over as .eml) of this process.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import matplotlib.pyplot  # noqa: F401  # the cost of imports is measured with all of them
import numpy as np
import psutil
from made_sky import MadeSky, write_meetings
from sqlalchemy import create_engine, func, select

from pipeline.jobs.memory import settle
from pipeline.jobs.poll import poll
from pipeline.jobs.renewal import renewed
from pipeline.jobs.retention import retired
from pipeline.jobs.world import ReplayClock, make_world
from pipeline.model.settings import MailSettings, MeetingsSettings, Settings, WatchlistSettings
from pipeline.net.client import Client
from pipeline.net.pace import HostPace
from pipeline.sources.adsbx_v2 import AdsbxV2Source
from pipeline.sources.registry import v2_manifest
from pipeline.store.kept import GONE
from pipeline.store.store import Store
from pipeline.store.tables import landings

START = datetime(2026, 3, 2, tzinfo=UTC)
#: The report's own part of docs/reliability.md.
BEGIN, END = "<!-- soak: begin -->", "<!-- soak: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Sizes in MB, CPU in seconds; ``rss_day`` is at the end of each simulated day, ``cpu_day_s`` the median pass of each;
    ``renew_s`` is what summing up the history cost then, ``brief_s`` what the day's brief did: both in processes of their own.
    """

    days: float
    cadence_s: float
    aircraft: int
    airborne: int
    passes: int
    landings: int
    true_landings: int
    mails: int
    imports_mb: float
    world_mb: float
    rss_day: list[float]
    cpu_median_s: float
    cpu_p95_s: float
    cpu_p99_s: float
    cpu_day_s: list[float]
    renew_s: list[float]
    brief_s: list[float]
    wall_s: float
    store_mb: float
    captures_mb: float
    cold_mb: float
    airborne_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the serving process tells of its sky."""

    port: int
    touchdowns: list[float]
    airborne: float


def serve(sky_args: dict[str, Any], folder: Path, pipe: Connection) -> None:
    """The made-up sky at ``/at/<epoch>/v2/hex/<list>``; its lists go into ``folder``. It costs the process measured no memory."""
    sky = MadeSky(**sky_args)
    sky.write_watchlist(folder / "watchlist.csv")
    write_meetings(folder / "meetings.csv", sky, every=50)
    length = sky.end - sky.start
    flown = sum((max(min(sky.end, sky.touchdown(leg)) - max(leg.off, sky.start), timedelta(0)) for leg in sky.legs()), timedelta(0))
    touchdowns = sorted(sky.touchdown(leg).timestamp() for leg in sky.legs() if sky.start < sky.touchdown(leg) < sky.end)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _, _, epoch, _, _, wanted = self.path.split("/", 5)
            said = sky.answer(datetime.fromtimestamp(float(epoch), tz=UTC), wanted.split(","))
            answer = {"ac": said["aircraft"], "now": int(float(epoch) * 1000), "msg": "No error", "total": 0}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(Made(port=server.server_address[1], touchdowns=touchdowns, airborne=flown / length))
    server.serve_forever()


def children_s() -> float:
    """CPU of the processes of ours that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def landings_kept(url: str) -> int:
    """How many stand. Counted there: reading a month of them would take more memory than what is measured."""
    one = create_engine(url)
    standing = landings.c.lifecycle.not_in(GONE) & landings.c.kind.in_(("observed", "inferred", "bracketed"))
    with one.connect() as connection:
        found = connection.execute(select(func.count()).select_from(landings).where(standing)).scalar_one()
    one.dispose()
    return int(found)


def rss_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def soak(
    days: float, cadence_s: float, aircraft: int, airborne: int, folder: Path, *, tell: Callable[[Measured], None] = lambda _: None
) -> Measured:
    """Play ``days``; ``tell`` is given the figures so far every eighth of a day."""
    imports = rss_mb()
    sky_args: dict[str, Any] = {"aircraft": aircraft, "airborne": airborne, "start": START, "days": days}
    end = START + timedelta(days=days)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(sky_args, folder, there), daemon=True)
    server.start()
    made: Made = here.recv()
    settings = Settings(
        data_dir=folder / "data",
        watchlist=WatchlistSettings(files=(folder / "watchlist.csv",)),
        meetings=MeetingsSettings(files=(folder / "meetings.csv",)),
        mail=MailSettings(to=("desk@example.org",)),
    )
    world = make_world(settings)
    world.fields()
    loaded = rss_mb()
    clock = ReplayClock(START)
    cpu: list[float] = []
    daily: list[float] = []
    medians: list[float] = []
    summed: list[float] = []
    briefs: list[float] = []
    apart = 0.0
    a_day = round(86400 / cadence_s)
    began = time.monotonic()
    client = Client(pace=HostPace(sleep=lambda _: None), now=clock.now)

    def so_far(store: Store) -> Measured:
        sizes = store.sizes()
        return Measured(
            days=(clock.now() - START) / timedelta(days=1),
            cadence_s=cadence_s,
            aircraft=aircraft,
            airborne=airborne,
            passes=len(cpu),
            landings=landings_kept(settings.store_url),
            true_landings=sum(at <= clock.now().timestamp() for at in made.touchdowns),
            mails=len(list((settings.data_dir / "outbox").glob("*.eml"))),
            imports_mb=imports,
            world_mb=loaded,
            rss_day=daily or [rss_mb()],
            cpu_median_s=float(np.median(cpu)),
            cpu_p95_s=float(np.quantile(cpu, 0.95)),
            cpu_p99_s=float(np.quantile(cpu, 0.99)),
            cpu_day_s=medians or [float(np.median(cpu))],
            renew_s=summed or [0.0],
            brief_s=briefs or [0.0],
            wall_s=time.monotonic() - began,
            store_mb=sizes.database_bytes / 1e6,
            captures_mb=sizes.archive_bytes / 1e6,
            cold_mb=sizes.cold_bytes / 1e6,
            airborne_now=made.airborne,
        )

    with Store.open(settings.store_url, data_dir=settings.data_dir) as store, client:
        while clock.now() < end:
            clock.set(clock.now() + timedelta(seconds=cadence_s))
            base = f"http://127.0.0.1:{made.port}/at/{clock.now().timestamp():.0f}/v2"
            source = AdsbxV2Source(v2_manifest("made_sky", base), client)
            before, others = time.process_time(), children_s()
            poll(store, world, settings, [source], now=clock.now())
            cpu.append(time.process_time() - before)
            apart += children_s() - others
            if len(cpu) == 1:
                settle()  # as the daemon does
            if len(cpu) % max(a_day // 8, 1) == 0:
                tell(so_far(store))
            if len(cpu) % a_day == 0:
                daily.append(rss_mb())
                medians.append(float(np.median(cpu[-a_day:])))
                # What the daemon does once a day.
                retired(store, settings, older_than=timedelta(days=7), now=clock.now())
                before = children_s()
                world = renewed(store, world, settings, now=clock.now(), few=0)
                summed.append(children_s() - before)
                briefs.append(apart)
                apart = 0.0
                print(f"day {len(daily)}: {daily[-1]:.0f} MB, {medians[-1]:.2f} s a pass, {time.monotonic() - began:.0f} s", flush=True)
        done = so_far(store)
    server.terminate()
    return done


def table(runs: Sequence[dict[str, Any]]) -> str:
    """Markdown: one column a run."""

    def row(what: str, say: Any) -> str:
        return f"| {what} | " + " | ".join(str(say(run)) for run in runs) + " |"

    def per_aircraft_day(run: dict[str, Any], what: str) -> str:
        return f"{run[what] * 1000 / (run['aircraft'] * run['days']):.1f} kB"

    def first_day(run: dict[str, Any], what: str, form: str, which: int = 0) -> str:
        """A run that was cut before its first day was over has none."""
        return format(run[what][which], form) if run["days"] >= 1 else "–"

    lines = [
        row("", lambda r: f"{r['days']:.3g} days at {r['cadence_s']:.0f} s"),
        "|" + "---|" * (len(runs) + 1),
        row("passes", lambda r: r["passes"]),
        row("watched; in the air on average", lambda r: f"{r['aircraft']}; {r['airborne_now']:.0f}"),
        row("landings found; made", lambda r: f"{r['landings']}; {r['true_landings']}"),
        row("mails", lambda r: r["mails"]),
        row("memory after the imports; with places and list", lambda r: f"{r['imports_mb']:.0f} MB; {r['world_mb']:.0f} MB"),
        row("memory after the first day; at the end", lambda r: f"{first_day(r, 'rss_day', '.0f')} MB; {r['rss_day'][-1]:.0f} MB"),
        row("growth after the first day", lambda r: f"{(r['rss_day'][-1] / r['rss_day'][0] - 1) * 100:.1f} %" if r["days"] > 1 else "–"),
        row("most above the imports", lambda r: f"{max(r['rss_day']) - r['imports_mb']:.0f} MB"),
        row("CPU a pass: median; 95 %; 99 %", lambda r: f"{r['cpu_median_s']:.2f}; {r['cpu_p95_s']:.2f}; {r['cpu_p99_s']:.2f} s"),
        row("the median pass of the first day; of the last", lambda r: f"{first_day(r, 'cpu_day_s', '.2f')}; {r['cpu_day_s'][-1]:.2f} s"),
        row(
            "summing up the history, once a day: the first; the last",
            lambda r: f"{first_day(r, 'renew_s', '.1f')}; {first_day(r, 'renew_s', '.1f', -1)} s",
        ),
        row(
            "the brief, once a day: the first made apart; the last",
            lambda r: f"{next(filter(None, r['brief_s']), 0):.1f}; {r['brief_s'][-1]:.1f} s",
        ),
        row("database an aircraft-day", lambda r: per_aircraft_day(r, "store_mb")),
        row("captures an aircraft-day", lambda r: per_aircraft_day(r, "captures_mb")),
        row("Parquet an aircraft-day (older than 7 days here)", lambda r: per_aircraft_day(r, "cold_mb")),
        row("it took", lambda r: f"{r['wall_s'] / 60:.0f} min"),
    ]
    return "\n".join(lines)


def report(page: Path, files: Sequence[Path]) -> None:
    """Put the tables where the page has a place for them."""
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(f"{head}{BEGIN}\n\n{table(runs)}\n\n{END}{tail}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=3)
    parser.add_argument("--cadence", type=float, default=60)
    parser.add_argument("--aircraft", type=int, default=1000)
    parser.add_argument("--airborne", type=int, default=100)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--report", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    given = parser.parse_args()
    if given.report:
        report(given.report, given.files)
        return 0

    def keep(measured: Measured) -> None:
        """A run that is cut short has its figures of the days before."""
        if given.json:
            given.json.write_text(json.dumps(asdict(measured)), encoding="utf-8")

    with tempfile.TemporaryDirectory(prefix="tarmac-soak-", dir=os.environ.get("TMPDIR")) as name:
        done = soak(given.days, given.cadence, given.aircraft, given.airborne, Path(name), tell=keep)
    keep(done)
    print(table([asdict(done)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

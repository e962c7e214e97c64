"""Kills a replay of two days again and again with SIGKILL, and compares its end with that of a run nobody disturbed.

    python benchmarks/torture.py [--kills 200] [--seed 1] [--store URL] [--a-run 20]

Some kills fall just before or after a commit, by the table that it wrote to; the others at any moment. Exit code 1, and
the difference, when an end state is not the same.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from made_sky import MadeSky, write_meetings
from sqlalchemy import Engine, create_engine, inspect, text

RUN = Path(__file__).with_name("replay_run.py")
START = datetime(2026, 3, 2, tzinfo=UTC)
#: Tables whose commits are aimed at: positions and their bytes, what was found, what is to be said, what was said, the pass.
AIMED_AT = ("captures", "landings", "outbox", "outbox_attempts", "passes")
#: What must be the same, column by column. Left out: who tried a delivery when, for a killed try is tried again.
COMPARED: dict[str, tuple[str, ...]] = {
    "captures": ("capture_id", "sha256", "outcome"),
    "positions": ("icao24", "time", "provider", "lat", "lon"),
    "landings": ("*",),
    "take_offs": ("*",),
    "stays": ("*",),
    "meetings": ("*",),
    "matches": ("*",),
    "leads": ("*",),
    "revisions": ("*",),
    "ledger": ("*",),
    "air_events": ("*",),
    "outbox": ("alert_id", "key", "event", "subject_id", "recipient", "thread", "created_at", "subject", "text", "html", "lifecycle"),
    "outbox_images": ("*",),
}


def prepare(folder: Path, *, seed: int = 4) -> None:
    """Two made-up days of three aircraft, with reported meetings."""
    folder.mkdir(parents=True, exist_ok=True)
    sky = MadeSky(aircraft=3, airborne=1, start=START, days=2, seed=seed)
    sky.write_recording(folder / "recording.jsonl", 30, 300)
    sky.write_watchlist(folder / "watchlist.csv")
    write_meetings(folder / "meetings.csv", sky, every=2)


def play(folder: Path, data: Path, *, store: str = "", kill: str = "") -> int:
    """One process; returns its exit code (negative: the signal that ended it)."""
    command = [sys.executable, str(RUN), str(folder), "--data", str(data)]
    command += ["--store", store] if store else []
    command += ["--kill", kill] if kill else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the replay failed with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.returncode


def end_state(store: str) -> dict[str, list[Any]]:
    """What is compared of a store, sorted."""
    engine = create_engine(store)
    try:
        return {table: _rows(engine, table, columns) for table, columns in COMPARED.items()}
    finally:
        engine.dispose()


def _rows(engine: Engine, table: str, columns: tuple[str, ...]) -> list[Any]:
    names = [c["name"] for c in inspect(engine).get_columns(table)] if columns == ("*",) else list(columns)
    quoted = ", ".join(f'"{name}"' for name in names)
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {quoted} FROM {table}"))  # names of our own
        return sorted(tuple(_plain(value) for value in row) for row in found)


def _plain(value: object) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes | memoryview) else repr(value)


def mails(data: Path) -> list[str]:
    """The messages that were handed over, by file name."""
    return sorted(path.name for path in (data / "outbox").glob("*.eml"))


def differences(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> list[str]:
    """What is in one end state and not in the other, a few rows a table."""
    said = []
    for table in COMPARED:
        missing, extra = Counter(one[table]) - Counter(other[table]), Counter(other[table]) - Counter(one[table])
        said += [f"{table}: missing {row}"[:600] for row in list(missing)[:3]] + [f"{table}: extra {row}"[:600] for row in list(extra)[:3]]
    return said


def kill_points(rng: np.random.Generator, count: int) -> list[str]:
    """Half at commits, before and after by turns, half at any moment."""
    points = []
    for number in range(count):
        if number % 2:
            points.append(f"ms:{int(rng.integers(5, 4000))}")
        else:
            table = (*AIMED_AT, "*")[int(rng.integers(len(AIMED_AT) + 1))]
            most = {"landings": 2, "outbox": 3, "outbox_attempts": 2}.get(table, 60)
            points.append(f"{('before', 'after')[number // 2 % 2]}:{table}:{int(rng.integers(1, most + 1))}")
    return points


def killed_run(folder: Path, data: Path, points: list[str], *, store: str = "") -> tuple[int, int]:
    """Play to the end, killed at each point in turn; returns (kills that struck, processes started)."""
    struck = started = 0
    for point in points:
        started += 1
        if play(folder, data, store=store, kill=point) == 0:
            break
        struck += 1
    else:
        started += 1
        if play(folder, data, store=store) != 0:
            raise RuntimeError("the last run was killed by somebody else")
    return struck, started


def sqlite_url(data: Path) -> str:
    return f"sqlite:///{data / 'tarmac.db'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--a-run", type=int, default=20, help="kills in one run of two days")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    begun, struck, runs, wrong = time.monotonic(), 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="tarmac-torture-") as name:
        folder = Path(name)
        prepare(folder)
        play(folder, folder / "whole")
        wanted, wanted_mails = end_state(sqlite_url(folder / "whole")), mails(folder / "whole")
        print({table: len(rows) for table, rows in wanted.items()}, f"{len(wanted_mails)} mails", flush=True)
        while struck < given.kills:
            runs += 1
            data = folder / f"run-{runs}"
            points = kill_points(rng, min(given.a_run, given.kills - struck))
            hit, started = killed_run(folder, data, points)
            struck += hit
            found = differences(wanted, end_state(sqlite_url(data)))
            if mails(data) != wanted_mails:
                found.append(f"mails: {sorted(set(mails(data)) ^ set(wanted_mails))}")
            wrong += bool(found)
            print(
                f"run {runs}: {hit} kills, {started} processes, {'the same end' if not found else 'ANOTHER END'}",
                *found,
                sep="\n  ",
                flush=True,
            )
    print(f"{struck} kills in {runs} runs, {wrong} with another end, {time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Plays a recording through the live pass, on a clock that the store remembers; may be told to kill itself.

    python benchmarks/replay_run.py FOLDER --data DIR [--store URL] [--cadence 600] [--kill before:outbox:2]

FOLDER holds ``recording.jsonl``, ``watchlist.csv`` and ``meetings.csv`` (``made_sky`` writes them). ``--kill before:outbox:2``
ends the process with SIGKILL just before the second commit that wrote to the table ``outbox``, ``after:outbox:2`` just after
it; ``*`` is any table, and ``ms:350`` is that long after the first commit of all. Started again, the run goes on where the
store says that it was.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from pipeline.jobs.poll import poll
from pipeline.jobs.world import make_world
from pipeline.model.origin import Origin
from pipeline.model.settings import MailSettings, MeetingsSettings, Settings, StoreSettings, WatchlistSettings
from pipeline.sources.replay import ReplaySource
from pipeline.store.store import Store

KIND = "replay"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(kill: str) -> None:
    """Have this process end itself as ``kill`` says."""
    how, _, rest = kill.partition(":")
    if how == "ms":
        event.listen(Engine, "commit", lambda _: threading.Timer(int(rest) / 1000, die).start(), once=True)
        return
    table, _, count = rest.partition(":")
    left = int(count)
    written: set[str] = set()

    def executing(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := re.match(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", statement):
            written.add(found.group(1))

    def before(_connection: Any) -> None:
        nonlocal left
        left -= table == "*" or table in written
        written.clear()
        if how == "before" and left <= 0:
            die()

    def later(*_: Any) -> None:
        # SQLAlchemy tells of a commit before it is made; the next thing it does on any connection comes after it.
        if left <= 0:
            die()

    event.listen(Engine, "before_cursor_execute", executing)
    event.listen(Engine, "commit", before)
    if how == "after":
        event.listen(Engine, "checkin", later)
        event.listen(Engine, "begin", later)


def settings_for(folder: Path, data: Path, store: str) -> Settings:
    return Settings(
        data_dir=data,
        store=StoreSettings(url=store),
        watchlist=WatchlistSettings(files=(folder / "watchlist.csv",)),
        meetings=MeetingsSettings(files=(folder / "meetings.csv",)),
        mail=MailSettings(to=("desk@example.org",)),
    )


def played_until(store: Store) -> datetime | None:
    """The clock of the last whole pass."""
    with store.read() as session:
        return max((p.started for p in session.runs.passes(kind=KIND) if p.outcome == "done"), default=None)


def run(
    folder: Path, data: Path, *, store_url: str = "", cadence: timedelta = timedelta(minutes=10), origin: Origin = Origin.RECORDED
) -> int:
    """Play to the end; returns how many passes this process made."""
    settings = settings_for(folder, data, store_url)
    # Every message on its own: a brief counts the reads, which a killed run has more of, and a digest is no file of its alerts.
    world = make_world(settings)
    alone = {"brief": None, "most_a_day": 10**6, "flood": 10**6}
    world = replace(world, recipients=tuple(one.model_copy(update=alone) for one in world.recipients))
    source = ReplaySource("made-sky", folder / "recording.jsonl", origin)
    passes = 0
    with Store.open(settings.store_url, data_dir=data, migrate=True) as store:
        at = played_until(store) or source.first_time
        end = source.last_time + timedelta(minutes=20)
        while at < end:
            at += cadence
            poll(store, world, settings, [source], now=at, kind=KIND)
            passes += 1
    source.close()
    return passes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", default="")
    parser.add_argument("--cadence", type=float, default=600.0)
    parser.add_argument("--kill", default="")
    given = parser.parse_args()
    if given.kill:
        arm(given.kill)
    run(given.folder, given.data, store_url=given.store, cadence=timedelta(seconds=given.cadence))
    return 0


if __name__ == "__main__":
    sys.exit(main())

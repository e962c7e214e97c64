"""CPU time of a pass by the length of the history behind it: it must depend on what changed, not on what was.

    python benchmarks/pass_cost.py [--days 1 30 365] [--passes 24] [--cadence 900] [--profile FILE]

Landings, take-offs, stays and meetings of so many days of the made-up sky (1,000 aircraft, 100 of them in the air, some 1,000
landings a day) are put into a store as passes would have left them; then passes run over the hours that follow, asked of the
sky in this process. The first hours are left out of the figures: flights must have begun while somebody watched.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib.pyplot  # noqa: F401  # the first map of a process would pay for it
import numpy as np
import pandas as pd
from made_sky import MadeSky, write_meetings

from pipeline.correlate.engine import correlate
from pipeline.detect.stays import build_stays
from pipeline.jobs.calibrated import renew
from pipeline.jobs.digest import REPORTS_NOTE
from pipeline.jobs.own_meetings import keep_own_meetings
from pipeline.jobs.poll import poll
from pipeline.jobs.world import World, make_world
from pipeline.meetings.build import meetings_frame
from pipeline.model.frames import LANDINGS, STAYS, TAKE_OFFS
from pipeline.model.settings import MailSettings, MeetingsSettings, Settings, WatchlistSettings
from pipeline.model.time import to_iso
from pipeline.sources.replay import ReplaySource
from pipeline.store.rows import frame_rows
from pipeline.store.store import Store
from pipeline.store.tables import landings, stays

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WARM = timedelta(hours=4)


def past(sky: MadeSky) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``LANDINGS`` and ``TAKE_OFFS`` of every leg that ended before ``NOW``."""
    landed, gone = [], []
    for number, leg in enumerate(sorted(sky.legs(), key=lambda leg: (leg.icao24, leg.off))):
        on = sky.touchdown(leg)
        shared = {"icao24": leg.icao24, "confidence": 0.95, "origin": "live", "reason": "seen on the ground"}
        if leg.off < NOW:
            gone.append(
                {**shared, "airport": leg.start, "take_off": leg.off, "to_airport": leg.end if on < NOW else "", "kind": "observed"}
            )
        if on < NOW:
            moments = dict.fromkeys(("touchdown", "touchdown_earliest", "touchdown_latest"), on)
            kind = "inferred" if leg.lost_below_ft else "observed"
            known = {"landing_id": f"lnd-{number:010}", "airport": leg.end, "from_airport": leg.start, "networks": "made_sky"}
            landed.append({**shared, **moments, **known, "kind": kind, "lifecycle": "final"})
    return LANDINGS.cast(landed), TAKE_OFFS.cast(gone)


def fill(store: Store, sky: MadeSky, world: World) -> int:
    """Put the past into the store; returns how many stays."""
    landed, gone = past(sky)
    there = build_stays(landed, gone, identify=world.identify, airports=world.airports, gazetteer=world.gazetteer, last_seen={})
    own = {"revision": 1, "first_at": NOW, "changed_at": NOW}
    with store.transaction() as tx:
        work = tx.stays._work  # noqa: SLF001 - in bulk, without a revision each
        work.admit(["live"], what="history")
        work.upsert(landings, [{**row, **own} for row in frame_rows(LANDINGS, landed)])
        work.upsert(stays, [{**row, **own, "lifecycle": "current"} for row in frame_rows(STAYS, there)])
        tx.take_offs.replace(gone, since={}, at=NOW)
        # No positions are kept behind them: what is looked at begins now, or all that the last hours lack would be withdrawn.
        tx.positions.set_open_since(dict.fromkeys(landed["icao24"].unique(), NOW))
    return len(there)


def score(store: Store, world: World) -> None:
    """Keep the matches of the past, so that the passes that follow find nothing new in it."""
    with store.read() as session:
        history, meetings = session.stays.current(), meetings_frame(session.meetings.current(until=NOW))
    found = correlate(
        history,
        meetings,
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
        calibration=world.calibration,
        habits=world.habits,
        with_leads=False,
        with_rotations=False,
    )
    with store.transaction() as tx:
        for match in found.matches:
            tx.matches.write(match, change="scored", reason="at the start", version="0", at=NOW)


def measure(days: float, passes: int, cadence: timedelta, folder: Path, profile: cProfile.Profile | None) -> list[float]:
    """CPU seconds of each pass over so many days of history."""
    until = NOW + WARM + passes * cadence
    length = (until - NOW) / timedelta(days=1) + days
    sky = MadeSky(aircraft=1000, airborne=100, start=NOW - timedelta(days=days), days=length)
    sky.write_watchlist(folder / "watchlist.csv")
    write_meetings(folder / "meetings.csv", sky, every=50)
    settings = Settings(
        data_dir=folder / "data",
        watchlist=WatchlistSettings(files=(folder / "watchlist.csv",)),
        meetings=MeetingsSettings(files=(folder / "meetings.csv",)),
        mail=MailSettings(to=("desk@example.org",)),
    )
    world = make_world(settings)
    world.fields()
    cpu: list[float] = []
    with Store.open(settings.store_url, data_dir=settings.data_dir) as store:
        count = fill(store, sky, world)
        keep_own_meetings(store, world, settings, NOW)
        with store.transaction() as tx:
            tx.notes.put(REPORTS_NOTE, to_iso(NOW))  # as if each had been looked at when it came
        began = time.process_time()
        world = renew(store, world, settings.data_dir, now=NOW)
        score(store, world)
        print(f"{days:g} days: {count:,} stays; calibrated in {time.process_time() - began:.1f} s", flush=True)
        at = NOW
        while at < until:
            at += cadence if at >= NOW + WARM else timedelta(minutes=15)
            tape = folder / "answer.jsonl"
            tape.write_text(json.dumps({**sky.answer(at), "now": at.timestamp()}) + "\n", encoding="utf-8")
            source = ReplaySource("made_sky", tape)
            before = time.process_time()
            measured = at > NOW + WARM
            if profile and measured:
                profile.enable()
            found = poll(store, world, settings, [source], now=at)
            if profile and measured:
                profile.disable()
            if measured:
                cpu.append(time.process_time() - before)
                if os.environ.get("VERBOSE"):
                    print(to_iso(at), f"{cpu[-1]:.2f} s", len(found.digest.changes), "changes", flush=True)
            source.close()
    return cpu


def table(found: Sequence[tuple[float, list[float]]]) -> str:
    lines = ["| history | passes | median | 95 % |", "|---|---|---|---|"]
    lines += [f"| {days:g} days | {len(cpu)} | {np.median(cpu):.2f} s | {np.quantile(cpu, 0.95):.2f} s |" for days, cpu in found]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, nargs="+", default=[1, 30, 365])
    parser.add_argument("--passes", type=int, default=24)
    parser.add_argument("--cadence", type=float, default=900)
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    found = []
    for days in given.days:
        profile = cProfile.Profile() if given.profile else None
        with tempfile.TemporaryDirectory(prefix="tarmac-pass-") as name:
            found.append((days, measure(days, given.passes, timedelta(seconds=given.cadence), Path(name), profile)))
        if profile:
            profile.dump_stats(f"{given.profile}.{days:g}")
        print(table(found[-1:]), flush=True)
    print(table(found))


if __name__ == "__main__":
    main()

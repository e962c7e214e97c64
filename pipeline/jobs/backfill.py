"""Landings of past days from files of positions, into the store. What the store knows already stays, or is known better.

Nothing is withdrawn (another network may have seen what these files lack) and nobody is told, unless that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd

from pipeline.detect.detector import Detector
from pipeline.detect.identity import SLACK, Change, adopt
from pipeline.jobs.cluster import Cluster
from pipeline.jobs.detect_files import FilesFound, detect_files
from pipeline.jobs.detect_parallel import detect_parallel
from pipeline.jobs.digest import take_in
from pipeline.jobs.world import World
from pipeline.model.entities import Problem
from pipeline.model.errors import UsageError
from pipeline.model.frames import LANDINGS, TAKE_OFFS, records
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store

#: Written and scored together: the reports of so long a time are looked at.
CHUNK: Final = timedelta(days=28)
_RANK: Final = {"open_approach": 0, "inferred": 1, "bracketed": 2, "observed": 3}
_DAY: Final = re.compile(r"(20\d\d)[./_-]?([01]\d)[./_-]?([0-3]\d)(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a back-fill found and what was new of it. ``queued``: messages; ``passed_over``: files of other days, by their names."""

    files: int
    positions: int
    landings: int
    new: int
    better: int
    take_offs: int
    matches: int
    queued: int
    passed_over: int
    kinds: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse_days(start: str, end: str) -> tuple[date, date]:
    """First and last UTC day.

    Raises:
        UsageError: not days, or the wrong way round.
    """
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError as error:
        raise UsageError(f"{error}", hint="--from 2024-08-01 --to 2024-08-31") from None
    if last < first:
        raise UsageError(f"--to {last} is before --from {first}", hint="the last day is included")
    return first, last


def files_of(path: Path, first: date, last: date) -> tuple[list[Path], int]:
    """The files under ``path`` that may hold these days, and how many were passed over: those whose names say another day.

    The day before and the day after count: a flight goes on past midnight.
    """
    if not path.is_dir():
        return [path], 0
    files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".") and p.suffix not in (".none", ".tmp"))
    kept = [file for file in files if _may_hold(file.relative_to(path).as_posix(), first, last)]
    return kept, len(files) - len(kept)


def _may_hold(name: str, first: date, last: date) -> bool:
    for found in _DAY.finditer(name):
        try:
            day = date(*(int(part) for part in found.groups()))
        except ValueError:
            continue
        return first - timedelta(days=1) <= day <= last + timedelta(days=1)
    return True


def backfill(
    store: Store,
    world: World,
    path: Path,
    first: date,
    last: date,
    *,
    now: datetime,
    owner: str,
    provider: str = "",
    workers: int = 1,
    cluster: Cluster | None = None,
    alert: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Filled:
    """Detect in the files, compare with the store, write. Reading takes its time and holds no lock; writing does.

    Args:
        first, last: UTC days of touchdowns and take-offs, the last included.
        provider: whose data the files are; the landings name it as their network.
        workers: processes of this machine that share the aircraft.
        cluster: who shares them instead.
        alert: queue messages about what is new or known better, as the recipients' rules ask for them.
        progress: told the files and positions read, now and then, and at the end.

    Raises:
        Busy: another process holds the pass.
    """
    files, passed_over = files_of(path, first, last)
    found = _detect(files, world.detector, frozenset(world.watchlist.icao24s), workers, cluster, progress)
    start, end = datetime.combine(first, time(), UTC), datetime.combine(last + timedelta(days=1), time(), UTC)
    landings = _within(found.landings, "touchdown", start, end)
    take_offs = _within(found.take_offs, "take_off", start, end)
    if provider:
        landings = landings.assign(networks=landings["networks"].str.replace(r"\bfile\b", provider, regex=True))
    new = better = departed = matches = queued = 0
    with store.pass_lock(owner, now):
        at = start
        while at < end:
            until = min(at + CHUNK, end)
            mine = _within(landings, "touchdown", at, until)
            left = _within(take_offs, "take_off", at, until)
            changes, unknown = _news(store, mine, left)
            if changes or len(unknown):
                done = take_in(store, world, changes, unknown, as_of=min(until, now), now=now, alert=alert)
                matches += len(done.new_matches)
                queued += len(done.queued)
            new += sum(change.change == "new" for change in changes)
            better += sum(change.change == "changed" for change in changes)
            departed += len(unknown)
            at = until
        read = SourceRead(
            kind="positions",
            provider=provider or "file",
            at=now,
            outcome="ok",
            detail=f"back-fill {first} to {last}: {found.files} files",
            heard=landings["icao24"].nunique(),
            rows=found.positions,
            new_rows=0,
        )
        with store.transaction() as tx:
            tx.runs.add_read(read)
    return Filled(
        files=found.files,
        positions=found.positions,
        landings=int((landings["kind"] != "open_approach").sum()),
        new=new,
        better=better,
        take_offs=departed,
        matches=matches,
        queued=queued,
        passed_over=passed_over,
        kinds=found.kinds,
        problems=found.problems,
    )


def _detect(
    files: Sequence[Path],
    detector: Detector,
    only: frozenset[str],
    workers: int,
    cluster: Cluster | None,
    progress: Callable[[int, int], None] | None,
) -> FilesFound:
    if cluster is not None:
        return detect_parallel(files, detector.settings, workers=cluster.workers, only=only, progress=progress, executor=cluster.executor)
    if workers > 1:
        return detect_parallel(files, detector.settings, workers=workers, only=only, progress=progress)
    return detect_files(files, detector, only=only, progress=progress)


def _within(frame: pd.DataFrame, column: str, start: datetime, end: datetime) -> pd.DataFrame:
    inside: pd.DataFrame = frame[(frame[column] >= start) & (frame[column] < end)].reset_index(drop=True)
    return inside


def _news(store: Store, landings: pd.DataFrame, take_offs: pd.DataFrame) -> tuple[list[Change], pd.DataFrame]:
    """Landings that the store lacks or knows less well, and departures that it lacks."""
    with store.read() as session:
        known = session.landings.current(since=_first(landings, "touchdown_earliest"), until=_last(landings, "touchdown_latest"))
        departed = session.take_offs.current(since=_first(take_offs, "take_off"), until=_last(take_offs, "take_off"))
    old = {row["landing_id"]: row for row in records(known)}
    mine = known[known["icao24"].isin(set(landings["icao24"]))]
    changes = [
        change
        for change in adopt(LANDINGS.cast(landings), LANDINGS.cast(mine), since={})
        if (change.change == "new" and change.row["kind"] != "open_approach")
        or (change.change == "changed" and _is_better(change.row, old[change.landing_id]))
    ]
    left = {(row["icao24"], row["airport"], row["take_off"]) for row in records(departed)}
    unknown = [
        row
        for row in records(take_offs)
        if not any(i == row["icao24"] and a == row["airport"] and abs(t - row["take_off"]) <= SLACK for i, a, t in left)
    ]
    return changes, TAKE_OFFS.cast(unknown)


def _first(frame: pd.DataFrame, column: str) -> datetime:
    return frame[column].min().to_pydatetime() - 2 * SLACK if len(frame) else datetime(1970, 1, 1, tzinfo=UTC)


def _last(frame: pd.DataFrame, column: str) -> datetime:
    return frame[column].max().to_pydatetime() + 2 * SLACK if len(frame) else datetime(1970, 1, 2, tzinfo=UTC)


def _is_better(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Seen on the ground beats inferred; of one kind the surer; where it came from beats not knowing."""

    def rank(row: Mapping[str, Any]) -> tuple[int, bool, float]:
        return _RANK[row["kind"]], bool(row["from_airport"]), row["confidence"]

    return rank(new) > rank(old)


def days_between(first: date, last: date) -> Iterable[date]:
    """The day before the first, for the flights that ended after midnight, and every day to the last."""
    day = first - timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)

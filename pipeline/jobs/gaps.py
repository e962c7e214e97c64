"""Time in which nothing ran is filled from trace files, a few aircraft a pass, the whole watch list in the end.

What is still to do is kept in the store: a process that dies goes on where it was. A landing found so is found once, like
any other, and is late: older than ``[alerts] max_age`` it waits for the brief.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pipeline.model.errors import BadAnswer, RateLimited, SourceError
from pipeline.model.protocols import Parsed, RawAnswer
from pipeline.model.time import parse_utc, to_iso
from pipeline.sources.traces import TraceFiles
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store

#: Trace files asked for in one pass.
A_PASS: Final = 8
#: Trace files go back about a day.
REACH: Final = timedelta(hours=24)
#: A flight that the gap cut is wanted from before it.
MARGIN: Final = timedelta(minutes=30)
_NOTE: Final = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """From ``start`` to ``end`` nothing ran; ``todo``: aircraft whose traces were not read yet, the likeliest first."""

    start: datetime
    end: datetime
    todo: tuple[str, ...]

    def to_text(self) -> str:
        return json.dumps({"start": to_iso(self.start), "end": to_iso(self.end), "todo": self.todo}) if self.todo else ""


def read_gap(text: str) -> Gap | None:
    """The gap that a note tells of."""
    if not text:
        return None
    said = json.loads(text)
    return Gap(start=parse_utc(said["start"]), end=parse_utc(said["end"]), todo=tuple(said["todo"]))


def note_gap(store: Store, watched: Collection[str], *, previous: datetime | None, now: datetime, longest: timedelta) -> Gap | None:
    """The gap still to fill: the one noted before, or the one that has just ended. Nothing ran before the first pass: no gap."""
    with store.read() as session:
        gap = read_gap(session.notes.get(_NOTE))
        if previous is None or now - previous <= longest:
            return gap
        fixes = session.positions.newest(previous - timedelta(hours=3), previous)
    first = sorted(icao24 for icao24, fix in fixes.items() if fix.on_ground is not True)
    unread = set(gap.todo) if gap else set()
    rest = sorted(set(watched) - set(first))
    start = max(min(gap.start, previous) if gap and unread else previous, now - REACH)
    fresh = Gap(start=start, end=now, todo=(*first, *rest))
    with store.transaction() as tx:
        tx.notes.put(_NOTE, fresh.to_text())
    return fresh


def fill(store: Store, gap: Gap, traces: Sequence[TraceFiles], watched: Collection[str], *, now: datetime) -> tuple[int, list[SourceError]]:
    """Read the next few traces; returns how many positions are new, and what went wrong.

    A source that wants to be left alone is, and the rest waits for a later pass.
    """
    if not traces or not gap.todo:
        return 0, []
    source = traces[0]
    got: list[tuple[RawAnswer, Parsed]] = []
    failures: list[SourceError] = []
    done = 0
    for icao24 in gap.todo[:A_PASS]:
        try:
            answer = source.fetch(icao24)
            if answer is not None:
                got.append((answer, source.parse(answer)))
        except BadAnswer as error:
            failures.append(error)
        except SourceError as error:
            failures.append(error)
            if isinstance(error, RateLimited) or error.retryable:
                break
        done += 1
    left = Gap(start=gap.start, end=gap.end, todo=gap.todo[done:])
    with store.transaction() as tx:
        new = 0
        for answer, parsed in got:
            frame = parsed.positions
            wanted = frame["icao24"].isin(list(watched)) & (frame["time"] >= gap.start - MARGIN) & (frame["time"] <= gap.end + MARGIN)
            tx.captures.add(answer.capture, answer.body)
            added = tx.positions.append(frame[wanted].reset_index(drop=True))
            new += added
            tx.runs.add_read(
                SourceRead(
                    kind="positions",
                    provider=answer.capture.provider,
                    at=now,
                    outcome="ok",
                    detail="trace, to fill a gap",
                    capture_id=answer.capture.capture_id,
                    heard=1,
                    rows=int(wanted.sum()),
                    new_rows=added,
                )
            )
        tx.notes.put(_NOTE, left.to_text())
    return new, failures

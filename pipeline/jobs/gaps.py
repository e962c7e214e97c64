"""Time without a whole answer is filled from what providers still know of it, a little a pass, the whole list in the end.

A gap is any time in which nothing ran, or no provider answered. What is still to do is kept in the store: a process that
dies goes on where it was. A landing found so is found once, like any other, and is late: older than ``[alerts] max_age``
it waits for the brief.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pipeline.jobs.clocks import AHEAD
from pipeline.model.errors import BadAnswer, RateLimited, SourceError
from pipeline.model.protocols import Historic, History, Parsed, RawAnswer, Source
from pipeline.model.time import parse_utc, to_iso
from pipeline.store.positions import Fix
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store

#: Asked for in one pass at most.
A_PASS: Final = 40
#: A flight that the gap cut is wanted from before it.
MARGIN: Final = timedelta(minutes=30)
#: Received in the air so recently it still flies.
_STILL_FLIES: Final = timedelta(minutes=15)
_NOTE: Final = "gap"
#: When the whole list was last accounted for; written with the positions.
WHOLE_NOTE: Final = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """From ``start`` to ``end`` nobody listened; ``todo``: the history's keys that were not asked for yet, the likeliest first."""

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


def histories(sources: Sequence[Source]) -> tuple[History, ...]:
    """What the sources that run can tell of the past, in their order."""
    return tuple(found for source in sources if isinstance(source, Historic) and (found := source.history()) is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """As it was before a pass: when the whole list was last accounted for (None: never), and who was in the air then."""

    whole: datetime | None
    aloft: tuple[str, ...] = ()


def look_back(store: Store) -> Before:
    """To be asked before a pass keeps anything."""
    with store.read() as session:
        noted = session.notes.get(WHOLE_NOTE)
        whole = parse_utc(noted) if noted else session.runs.last_done()
        if whole is None:
            return Before(whole=None)
        fixes = session.positions.newest(whole - timedelta(hours=3), whole + AHEAD)
    return Before(whole=whole, aloft=tuple(sorted(_aloft(fixes))))


def note_gap(
    store: Store, history: History, watched: Collection[str], *, before: Before, fixes: Mapping[str, Fix], now: datetime, longest: timedelta
) -> Gap | None:
    """The gap still to fill: the one noted before, or the one that has just ended. Nothing ran before the first pass: no gap.

    Args:
        before: as it was before this pass, in which the whole list was accounted for again.
        fixes: the newest position of each aircraft received of late.
    """
    with store.read() as session:
        gap = read_gap(session.notes.get(_NOTE))
    if before.whole is None or now - before.whole <= longest:
        return gap
    start = max(min(gap.start, before.whole) if gap else before.whole, now - history.reach)
    here = _aloft({icao24: fix for icao24, fix in fixes.items() if now - fix.time <= _STILL_FLIES})
    todo = history.keys(start, now, aloft=sorted(here | set(before.aloft)), watched=sorted(watched))
    fresh = Gap(start=start, end=now, todo=todo)
    with store.transaction() as tx:
        tx.notes.put(_NOTE, fresh.to_text())
    return fresh if todo else None


def _aloft(fixes: Mapping[str, Fix]) -> set[str]:
    return {icao24 for icao24, fix in fixes.items() if fix.on_ground is not True}


def fill(
    store: Store,
    gap: Gap,
    history: History,
    watched: Collection[str],
    *,
    now: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> tuple[Gap, list[SourceError]]:
    """Ask for the next few; returns what is left of the gap, and what went wrong.

    A source that wants to be left alone is, and the rest waits for a later pass.

    Args:
        enough: asked before each but the first; True leaves the rest to a later pass.
    """
    got: list[tuple[RawAnswer, Parsed]] = []
    failures: list[SourceError] = []
    done = 0
    for key in gap.todo[:A_PASS]:
        if done and enough():
            break
        try:
            got += [(answer, history.parse(answer)) for answer in history.fetch(key, gap.start, gap.end)]
        except BadAnswer as error:
            failures.append(error)
        except SourceError as error:
            failures.append(error)
            if isinstance(error, RateLimited) or error.retryable:
                break
        done += 1
    left = replace(gap, todo=gap.todo[done:])
    with store.transaction() as tx:
        for answer, parsed in got:
            frame = parsed.positions
            wanted = frame["icao24"].isin(list(watched)) & (frame["time"] >= gap.start - MARGIN) & (frame["time"] <= gap.end + MARGIN)
            tx.captures.add(answer.capture, answer.body)
            added = tx.positions.append(frame[wanted].reset_index(drop=True))
            tx.runs.add_read(
                SourceRead(
                    kind="positions",
                    provider=answer.capture.provider,
                    at=now,
                    outcome="ok",
                    detail="to fill a gap",
                    capture_id=answer.capture.capture_id,
                    heard=1,
                    rows=int(wanted.sum()),
                    new_rows=added,
                )
            )
        tx.notes.put(_NOTE, left.to_text())
    return left, failures

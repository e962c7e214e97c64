"""The first half of a pass: ask every source, keep the bytes, keep the positions of watched aircraft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pipeline.jobs.world import World
from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, SourceError
from pipeline.model.frames import POSITIONS
from pipeline.model.protocols import Parsed, RawAnswer, Source, WatchRequest
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """``heard``: aircraft of the watch list with new positions; ``failures``: sources that gave nothing usable, and why."""

    heard: tuple[str, ...]
    new_positions: int
    answers: int
    problems: tuple[Problem, ...]
    failures: tuple[SourceError, ...]


def collect(store: Store, world: World, sources: Sequence[Source], *, now: datetime, since: datetime | None) -> Collected:
    """Ask every source for the whole watch list; what one says wrong is recorded, and the others go on."""
    request = WatchRequest(icao24s=world.watchlist.icao24s, now=now, since=since)
    gathered: list[tuple[Source, RawAnswer, Parsed | SourceError]] = []
    failures: list[SourceError] = []
    reads: list[SourceRead] = []
    for source in sources:
        name = source.manifest.name
        for query in source.plan(request):
            try:
                answers = source.fetch(query)
            except SourceError as error:
                failures.append(error)
                reads.append(_refusal(name, error, now))
                continue
            for answer in answers:
                try:
                    gathered.append((source, answer, source.parse(answer)))
                except BadAnswer as error:
                    failures.append(error)
                    gathered.append((source, answer, error))
    watched = set(world.watchlist.icao24s)
    problems: list[Problem] = []
    frames: list[pd.DataFrame] = []
    with store.transaction() as tx:
        for read in reads:
            tx.runs.add_read(read)
        good = [(answer.capture, parsed) for _, answer, parsed in gathered if isinstance(parsed, Parsed)]
        mine = [parsed.positions[parsed.positions["icao24"].isin(watched)] for _, parsed in good]
        for _, answer, _ in gathered:
            tx.captures.add(answer.capture, answer.body)
        added = tx.positions.append_each(mine)
        for (capture, parsed), frame, new in zip(good, mine, added, strict=True):
            problems += parsed.problems
            if new:
                frames.append(frame)
            tx.runs.add_read(
                SourceRead(
                    kind="positions",
                    provider=capture.provider,
                    at=now,
                    outcome=capture.outcome,
                    capture_id=capture.capture_id,
                    heard=parsed.aircraft_heard,
                    rows=len(parsed.positions),
                    new_rows=new,
                )
            )
        for _, answer, refused in gathered:
            if isinstance(refused, SourceError):
                tx.runs.add_read(_refusal(answer.capture.provider, refused, now, capture_id=answer.capture.capture_id))
    heard = POSITIONS.cast(pd.concat(frames))["icao24"].unique().tolist() if frames else []
    return Collected(
        heard=tuple(sorted(heard)), new_positions=sum(added), answers=len(gathered), problems=tuple(problems), failures=tuple(failures)
    )


def _refusal(provider: str, error: SourceError, now: datetime, *, capture_id: str = "") -> SourceRead:
    return SourceRead(kind="positions", provider=provider, at=now, outcome=_reason(error), detail=str(error)[:300], capture_id=capture_id)


def _reason(error: SourceError) -> str:
    return {"RateLimited": "rate_limited", "Unreachable": "provider_down", "BadAnswer": "bad_answer"}.get(type(error).__name__, "failed")

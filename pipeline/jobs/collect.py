"""The first half of a pass: ask sources in their order until the sky is accounted for, keep the bytes, keep the positions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from pipeline.jobs.candidates import CandidateRules, find_candidates
from pipeline.jobs.clocks import AHEAD, measure
from pipeline.jobs.gaps import WHOLE_NOTE
from pipeline.jobs.silence import Heard, stretches
from pipeline.jobs.world import World
from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, RateLimited, SourceError
from pipeline.model.protocols import Parsed, Query, RawAnswer, Source, WatchRequest
from pipeline.model.time import to_iso
from pipeline.store.candidates import Candidate
from pipeline.store.positions import Fix
from pipeline.store.runs import SourceRead
from pipeline.store.session import Session
from pipeline.store.store import Store

#: An aircraft that was received in the air this recently is asked for elsewhere when an answer does not hold it.
LATELY: Final = timedelta(seconds=150)
#: For how long the last position still says where an aircraft was when it fell silent.
REMEMBERED: Final = timedelta(hours=3)
#: Purposes of queries that are not about the watch list.
EXTRA: Final = ("area", "callsign", "military")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """``heard``: aircraft of the watch list with new positions; ``failures``: sources that gave nothing usable, and why;
    ``fixes``: the newest position of each aircraft received of late; ``candidates``: unlisted aircraft noticed just now;
    ``whole``: the whole list is accounted for; ``heard_at``: when all that were asked had answered."""

    heard: tuple[str, ...]
    new_positions: int
    answers: int
    problems: tuple[Problem, ...]
    failures: tuple[SourceError, ...]
    heard_at: datetime
    asked: tuple[str, ...] = ()
    fixes: Mapping[str, Fix] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    whole: bool = False


@dataclass(slots=True)
class _Gathered:
    """What came of asking, before anything is kept."""

    answers: list[tuple[Source, Query, RawAnswer, Parsed | SourceError]] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)
    reads: list[SourceRead] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    #: Names of sources that answered everything they were asked about the watch list.
    whole: dict[str, bool] = field(default_factory=dict)


def collect(
    store: Store,
    world: World,
    sources: Sequence[Source],
    *,
    now: datetime,
    since: datetime | None,
    always: Collection[str] | None = None,
    anywhere: Collection[str] = (),
    longest_gap: timedelta = timedelta(minutes=20),
    clock: Callable[[], datetime] | None = None,
) -> Collected:
    """Ask for the whole watch list; what a source says wrong is recorded, and the next in order is asked.

    Args:
        sources: in the configured order. The first is asked; a later one when an earlier one failed, or did not hold an
            aircraft that was in the air a minute ago (an empty answer is never read as gone).
        always: names of sources that are asked in any case; None: all.
        anywhere: beginnings of callsigns that are a reason to notice an aircraft wherever it is.
        longest_gap: a longer time without a pass is noted as ``not_running``.
        clock: reads the time anew when all have answered, which may take many seconds; None: ``now`` stands.
    """
    with store.read() as session:
        fixes = session.positions.newest(now - REMEMBERED, now + AHEAD)
    aloft = {icao24 for icao24, fix in fixes.items() if fix.on_ground is not True and now - fix.time <= LATELY}
    request = WatchRequest(icao24s=world.watchlist.icao24s, now=now, since=since)
    gathered = _Gathered()
    answered = False
    empty: list[str] = []
    for source in sources:
        name = source.manifest.name
        satisfied = answered and aloft <= gathered.heard
        if always is not None and name not in always and satisfied:
            continue
        good = _ask(source, source.plan(request), gathered, now)
        if not good and gathered.whole[name] and not source.manifest.local:
            empty.append(name)
        answered = good or answered
    if aloft and not answered and len(empty) == 1:
        # One network named nobody, while some were in the air a minute ago, and no other bears it out: it accounts for no one.
        gathered.whole[empty[0]] = False
        gathered.failures.append(BadAnswer(f"{empty[0]} named no aircraft, while {len(aloft)} were in the air a minute ago"))
    # What was received while others were asked is of this pass, too.
    heard_at = now if clock is None else max(now, clock())
    return _keep(store, world, sources, gathered, now=heard_at, fixes=fixes, longest_gap=longest_gap, anywhere=anywhere)


def look_round(
    store: Store,
    world: World,
    sources: Sequence[Source],
    request: WatchRequest,
    *,
    anywhere: Collection[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[tuple[Candidate, ...], tuple[SourceError, ...]]:
    """Look for state aircraft on no list at what else the request names (areas, callsigns, the military list): of the first
    source that answers. What it shows of watched aircraft is kept, too. Returns the candidates, and what went wrong.
    """
    gathered = _Gathered()
    for source in sources:
        queries = [query for query in source.plan(request) if query.purpose in EXTRA]
        if queries and _ask(source, queries, gathered, request.now, stopping):
            break
    good = [(answer.capture, parsed) for _, _, answer, parsed in gathered.answers if isinstance(parsed, Parsed)]
    watched = set(world.watchlist.icao24s)
    frames = [parsed.positions for _, parsed in good]
    rules = CandidateRules.shipped()
    candidates = tuple(find_candidates(frames, watched=watched, rules=rules, world=world, now=request.now, anywhere=anywhere))
    with store.transaction() as tx:
        _keep_answers(tx, gathered, [frame[frame["icao24"].isin(watched)] for frame in frames], request.now)
        tx.candidates.notice(candidates)
    return candidates, tuple(gathered.failures)


def _ask(
    source: Source, queries: Sequence[Query], gathered: _Gathered, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> bool:
    """Whether the source answered all of these, with at least one aircraft in it."""
    name = source.manifest.name
    gathered.asked.append(name)
    whole, heard = True, 0
    for query in queries:
        if stopping():
            return False
        try:
            answers = source.fetch(query)
        except SourceError as error:
            gathered.failures.append(error)
            gathered.reads.append(_refusal(name, error, now))
            whole = False
            continue
        for answer in answers:
            try:
                parsed = source.parse(answer)
            except BadAnswer as error:
                gathered.failures.append(error)
                gathered.answers.append((source, query, answer, error))
                whole = False
                continue
            gathered.answers.append((source, query, answer, parsed))
            heard += parsed.aircraft_heard
            gathered.heard |= set(parsed.positions["icao24"])
        heard += not answers
    gathered.whole[name] = whole
    return whole and heard > 0


def _keep(
    store: Store,
    world: World,
    sources: Sequence[Source],
    gathered: _Gathered,
    *,
    now: datetime,
    fixes: Mapping[str, Fix],
    longest_gap: timedelta,
    anywhere: Collection[str],
) -> Collected:
    watched = set(world.watchlist.icao24s)
    good = [parsed for *_, parsed in gathered.answers if isinstance(parsed, Parsed)]
    mine = [parsed.positions[parsed.positions["icao24"].isin(watched)] for parsed in good]
    rules = CandidateRules.shipped()
    account = _account(gathered, mine, fixes, local={source.manifest.name for source in sources if source.manifest.local})
    whole = account.everywhere or (account.nearby and all(source.manifest.local for source in sources))
    frames = [parsed.positions for parsed in good]
    candidates = find_candidates(frames, watched=watched, rules=rules, world=world, now=now, anywhere=anywhere)
    with store.transaction() as tx:
        offsets = measure(frames, now=now, known=tx.clocks.current()) if len(good) > 1 else ()
        added = _keep_answers(tx, gathered, mine, now)
        if offsets:
            tx.clocks.put(offsets)
        tx.candidates.notice(candidates)
        last = tx.ledger.last(watched)
        tx.ledger.append(stretches(sorted(watched), account, last=last, now=now, longest_gap=longest_gap))
        newest = tx.positions.newest(now - REMEMBERED, now + AHEAD)
        if whole:
            tx.notes.put(WHOLE_NOTE, to_iso(now))
    new_rows = [frame for frame, new in zip(mine, added, strict=True) if new]
    return Collected(
        heard=tuple(sorted({str(icao24) for frame in new_rows for icao24 in frame["icao24"].unique()})),
        new_positions=sum(added),
        answers=len(gathered.answers),
        problems=tuple(problem for parsed in good for problem in parsed.problems),
        failures=tuple(gathered.failures),
        heard_at=now,
        asked=tuple(gathered.asked),
        fixes=newest,
        candidates=tuple(candidates),
        whole=whole,
    )


def _keep_answers(tx: Session, gathered: _Gathered, mine: Sequence[pd.DataFrame], now: datetime) -> list[int]:
    """Keep what was answered and refused, and of each good answer the rows in ``mine``; returns how many of these are new."""
    good = [(answer.capture, parsed) for _, _, answer, parsed in gathered.answers if isinstance(parsed, Parsed)]
    for read in gathered.reads:
        tx.runs.add_read(read)
    for _, _, answer, _ in gathered.answers:
        tx.captures.add(answer.capture, answer.body)
    added = tx.positions.append_each(mine)
    for (capture, parsed), new in zip(good, added, strict=True):
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
    for _, _, answer, refused in gathered.answers:
        if isinstance(refused, SourceError):
            tx.runs.add_read(_refusal(answer.capture.provider, refused, now, capture_id=answer.capture.capture_id))
    return added


def _account(gathered: _Gathered, mine: Iterable[pd.DataFrame], fixes: Mapping[str, Fix], *, local: Collection[str]) -> Heard:
    """Why there is data, or none, in terms of what was asked."""
    good = {name for name, whole in gathered.whole.items() if whole}
    newest: dict[str, datetime] = {}
    for frame in mine:
        for icao24, time in frame.groupby("icao24")["time"].max().items():
            at = time.to_pydatetime()
            newest[str(icao24)] = max(at, newest.get(str(icao24), at))
    limited = bool(gathered.failures) and all(isinstance(f, RateLimited) for f in gathered.failures)
    return Heard(newest=newest, everywhere=bool(good - set(local)), nearby=bool(good & set(local)), rate_limited=limited, fixes=fixes)


def _refusal(provider: str, error: SourceError, now: datetime, *, capture_id: str = "") -> SourceRead:
    outcome = {"RateLimited": "rate_limited", "Unreachable": "provider_down", "BadAnswer": "bad_answer"}.get(type(error).__name__, "failed")
    return SourceRead(kind="positions", provider=provider, at=now, outcome=outcome, detail=str(error)[:300], capture_id=capture_id)

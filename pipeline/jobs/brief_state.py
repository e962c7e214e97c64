"""The first lines of the brief: whether tarmac saw, read and sent at all, and how much its silence is worth."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from pipeline.alerts.wording import say_gap, say_utc
from pipeline.jobs.world import World
from pipeline.store.runs import SourceStatus
from pipeline.store.session import Session

_GOOD: Final = ("ok", "empty")
#: Landings of so many days say how well the watched aircraft are seen to land.
_SEEN_DAYS: Final = 30
#: So many failing sources are named; the others are counted.
_NAMED: Final = 4


def state_lines(session: Session, world: World, history: pd.DataFrame, *, now: datetime) -> tuple[str, ...]:
    """Positions, reports, history, coverage, messages, mutes: one line each.

    Args:
        history: ``STAYS``, all that is known.
    """
    lines = [
        _positions(session, now),
        _reports(session, now),
        _history(history, world, now),
        _coverage(session, now),
        _messages(session, now),
    ]
    muted = session.mutes.current(now)
    if muted:
        lines.append("Muted: " + ", ".join(m.value + (f" until {m.until:%d %b}" if m.until else "") for m in muted[:6]))
    return tuple(lines)


def failing(session: Session) -> str:
    """What does not work, short enough for a subject; ``''``: everything answers."""
    bad = [s for s in session.runs.sources() if s.last.outcome not in _GOOD]
    dead = session.outbox.counts().get("dead", 0)
    said = [f"{len(bad)} source{'s' if len(bad) > 1 else ''} failing"] if bad else []
    return ", ".join([*said, *([f"{dead} dead letter{'s' if dead > 1 else ''}"] if dead else [])])


def _positions(session: Session, now: datetime) -> str:
    found, days = session.runs.sources("positions"), session.positions.days()
    kept = f"; the newest is of {say_utc(days[1])}" if days else "; none is kept yet"
    if not found:
        return f"Positions: no source was asked yet{kept}"
    return f"Positions: {_answering(found, now)}{kept}"


def _reports(session: Session, now: datetime) -> str:
    found = session.runs.sources("reports")
    return f"Reports: {_answering(found, now)}" if found else "Reports: no source was read yet, so none can be found"


def _answering(found: tuple[SourceStatus, ...], now: datetime) -> str:
    """``14 of 16 sources answer, last good 15 Nov 2022 03:40 UTC; failing: tass (bad_answer, last good 3 d ago), …``."""
    bad = [s for s in found if s.last.outcome not in _GOOD]
    last = max((s.last_good for s in found if s.last_good is not None), default=None)
    names = ", ".join(s.last.provider for s in found) if len(found) <= _NAMED else f"{len(found)} sources"
    answer = f"{len(found) - len(bad)} of {len(found)} answer ({names}), last good {say_utc(last) if last else 'never'}"
    if not bad:
        return answer
    said = []
    for one in bad[:_NAMED]:
        good = f"{say_gap((now - one.last_good).total_seconds())} ago" if one.last_good else "never"
        said.append(f"{one.last.provider} ({one.last.outcome}, last good {good})")
    more = f" and {len(bad) - _NAMED} more: tarmac doctor" if len(bad) > _NAMED else ""
    return f"{answer}; FAILING: {', '.join(said)}{more}"


def _history(history: pd.DataFrame, world: World, now: datetime) -> str:
    if history.empty:
        return f"History: none yet; {len(world.watchlist)} aircraft watched"
    since = history["touchdown"].min()
    days = (now - since).total_seconds() / 86400
    enough = world.scoring.rates.min_covered_days
    rarity = "" if days >= enough else f"; under {enough:.0f} days, so how unusual a visit is cannot be told"
    aircraft = history["icao24"].nunique()
    length = f"{days:.0f} day{'' if round(days) == 1 else 's'}"
    return f"History: {length}, {len(history)} stays of {aircraft} of the {len(world.watchlist)} aircraft watched{rarity}"


def _coverage(session: Session, now: datetime) -> str:
    known = session.landings.current(since=now - timedelta(days=_SEEN_DAYS), kinds=("observed", "inferred", "bracketed"))
    if known.empty:
        return f"Coverage: not measured, no landing known in {_SEEN_DAYS} days"
    seen = int((known["kind"] == "observed").sum())
    base = f"of {len(known)} landings known in {_SEEN_DAYS} days {seen} were seen on the ground"
    return f"Coverage: {base}; those that nobody received are in no count"


def _messages(session: Session, now: datetime) -> str:
    counts, stuck = session.outbox.counts(), session.outbox.oldest_waiting(now)
    waits = f", the oldest since {say_utc(stuck)}" if stuck else ""
    waiting = counts.get("pending", 0) + counts.get("failed", 0)
    dead = counts.get("dead", 0)
    return f"Messages: {waiting} waiting{waits}, {dead} dead letters{': tarmac alerts list --failed' if dead else ''}"

"""Whose turn it is to ask a provider's host, shared by all processes on this store; how far providers' clocks are apart; notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from pipeline.store.tables import hosts, meta, provider_clocks
from pipeline.store.work import Work

#: A process that was killed inside a request keeps the host for this long.
LEASE: Final = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """``wait_s`` 0: it is ours now. ``why`` is interval, busy, held or budget."""

    wait_s: float
    why: str = ""
    strikes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What is known of a host. ``spent`` counts the requests of the UTC day ``day``."""

    host: str
    taken_by: str = ""
    taken_until: datetime | None = None
    free_at: datetime | None = None
    held_until: datetime | None = None
    strikes: int = 0
    day: str = ""
    spent: int = 0


class Hosts:
    """One request at a time per host, its interval, its wish to be left alone, and the requests of the day."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def take(self, host: str, *, owner: str, now: datetime, min_interval_s: float, budget: int = 0) -> Turn:
        """Take the host's turn if it is free, or say how long to wait.

        Args:
            budget: requests a UTC day; 0: no limit.
        """
        state = self.get(host)
        day = f"{now:%Y-%m-%d}"
        spent = state.spent if state.day == day else 0
        held = _left(state.held_until, now, 86_400.0)
        if held > 0:
            return Turn(wait_s=held, why="held", strikes=state.strikes)
        if budget and spent >= budget:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            return Turn(wait_s=(midnight - now).total_seconds(), why="budget", strikes=state.strikes)
        if state.taken_by not in ("", owner) and (left := _left(state.taken_until, now, LEASE.total_seconds())) > 0:
            return Turn(wait_s=left, why="busy", strikes=state.strikes)
        if (left := _left(state.free_at, now, min_interval_s)) > 0:
            return Turn(wait_s=left, why="interval", strikes=state.strikes)
        row = {"host": host, "taken_by": owner, "taken_until": now + LEASE, "free_at": state.free_at, "held_until": state.held_until}
        self._work.upsert(hosts, [{**row, "strikes": state.strikes, "day": day, "spent": spent + 1}])
        return Turn(wait_s=0.0, strikes=state.strikes)

    def give_back(self, host: str, *, free_at: datetime) -> None:
        """The request is over; the next may come at ``free_at``."""
        self._work.write.execute(hosts.update().where(hosts.c.host == host).values(taken_by="", taken_until=None, free_at=free_at))

    def hold(self, host: str, *, until: datetime, strikes: int) -> None:
        """The host wants to be left alone; a longer wish stands."""
        state = self.get(host)
        later = max(until, state.held_until) if state.held_until else until
        values = {name: getattr(state, name) for name in HostState.__dataclass_fields__}
        self._work.upsert(hosts, [{**values, "held_until": later, "strikes": strikes}])

    def ease(self, host: str) -> None:
        """The host answered properly."""
        self._work.write.execute(hosts.update().where(hosts.c.host == host).values(strikes=0))

    def get(self, host: str) -> HostState:
        """What is known of a host; of an unknown one nothing."""
        row = self._work.connection.execute(select(hosts).where(hosts.c.host == host)).first()
        return HostState(**row._asdict()) if row else HostState(host=host)

    def list(self) -> tuple[HostState, ...]:
        """All hosts that were ever asked, by name."""
        return tuple(HostState(**row._asdict()) for row in self._work.connection.execute(select(hosts).order_by(hosts.c.host)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset:
    """``provider``'s times less those of ``reference`` for the same fixes, in seconds, with the spread of ``samples`` of them."""

    provider: str
    reference: str
    offset_s: float
    spread_s: float
    samples: int
    at: datetime


class Clocks:
    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, offsets: Iterable[ClockOffset]) -> None:
        """Keep the newest word on each provider."""
        names = ClockOffset.__dataclass_fields__
        self._work.upsert(provider_clocks, [{name: getattr(offset, name) for name in names} for offset in offsets])

    def current(self) -> dict[str, ClockOffset]:
        """By provider."""
        found = self._work.connection.execute(select(provider_clocks).order_by(provider_clocks.c.provider))
        return {row.provider: ClockOffset(**row._asdict()) for row in found}


class Notes:
    """Short texts that outlive a process, by name: when the next pass is due, which gap is still to be filled."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, name: str) -> str:
        """The note, ``""`` when there is none."""
        return str(self._work.connection.execute(select(meta.c.value).where(meta.c.key == f"note:{name}")).scalar_one_or_none() or "")

    def put(self, name: str, value: str) -> None:
        """Keep a note in place of the one before."""
        self._work.upsert(meta, [{"key": f"note:{name}", "value": value}])


def _left(until: datetime | None, now: datetime, most_s: float) -> float:
    """Seconds left; 0 when more are left than there can be: then the clock was set back since."""
    left = 0.0 if until is None else max((until - now).total_seconds(), 0.0)
    return left if left <= most_s else 0.0

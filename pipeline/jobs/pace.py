"""A pace that processes and machines share through the store: one request at a time per host, its interval, its budget."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from pipeline.model.errors import RateLimited
from pipeline.net.pace import HOLD_S, LONGEST_HOLD_S, LONGEST_WAIT_S
from pipeline.net.urls import host_of
from pipeline.store.store import Store

#: How long a process waits while others ask the same host, before it leaves it for this pass.
PATIENCE_S: Final = 60.0


class StorePace:
    """``net``'s ``Pace``, kept in the store. No transaction is open while a request is under way.

    Args:
        budgets: requests a UTC day by host; a host that is not in it has none.
        now: the wall clock; what the store says is in its times.
    """

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime],
        budgets: Mapping[str, int] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._now = now
        self._budgets = dict(budgets or {})
        self._sleep = sleep
        self._owner = f"{os.getpid()}@{socket.gethostname()}/{uuid.uuid4().hex[:6]}"
        self._strikes: dict[str, int] = {}

    def set_budget(self, url: str, requests_a_day: int) -> None:
        """The most requests a UTC day to the host of ``url``; 0: no limit."""
        self._budgets[host_of(url)] = requests_a_day

    @property
    def budgets(self) -> Mapping[str, int]:
        """Requests a UTC day by host."""
        return self._budgets

    @contextmanager
    def turn(self, host: str, min_interval_s: float) -> Iterator[None]:
        waited = 0.0
        while True:
            with self._store.transaction() as tx:
                turn = tx.hosts.take(
                    host, owner=self._owner, now=self._now(), min_interval_s=min_interval_s, budget=self._budgets.get(host, 0)
                )
            self._strikes[host] = turn.strikes
            if not turn.wait_s:
                break
            patient = turn.why in ("busy", "interval") and waited < PATIENCE_S
            if not patient and turn.wait_s > LONGEST_WAIT_S:
                raise self._refusal(host, turn.why, turn.wait_s)
            step = min(turn.wait_s, 1.0) if turn.why == "busy" else turn.wait_s
            self._sleep(step)
            waited += step
        try:
            yield
        finally:
            with self._store.transaction() as tx:
                tx.hosts.give_back(host, free_at=self._now() + timedelta(seconds=min_interval_s))

    def hold(self, host: str, seconds: float | None) -> float:
        strikes = self._strikes.get(host, 0)
        wait = min(HOLD_S * 2**strikes, LONGEST_HOLD_S) if seconds is None else seconds
        self._strikes[host] = strikes + 1
        with self._store.transaction() as tx:
            tx.hosts.hold(host, until=self._now() + timedelta(seconds=wait), strikes=strikes + 1)
        return wait

    def eased(self, host: str) -> None:
        if self._strikes.pop(host, 0):
            with self._store.transaction() as tx:
                tx.hosts.ease(host)

    def _refusal(self, host: str, why: str, wait_s: float) -> RateLimited:
        said = {
            "held": f"held: {host} asked us to wait; {wait_s:.0f} s are left",
            "budget": f"budget: the day's {self._budgets.get(host, 0)} requests to {host} are spent",
            "busy": f"busy: another process is asking {host}",
            "interval": f"interval: {host} may be asked again in {wait_s:.0f} s",
        }
        return RateLimited(said[why], retry_after_s=wait_s)

"""One request at a time per host, not sooner than its terms allow, and none while it asked us to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

from pipeline.model.errors import RateLimited

#: How long a host that says 429 without a Retry-After is left alone; doubled each time it says so again, up to the second.
HOLD_S: Final = 30.0
LONGEST_HOLD_S: Final = 900.0
#: A wish to wait that is granted on the spot; a longer one is left to a later pass.
LONGEST_WAIT_S: Final = 10.0


class Pace(Protocol):
    """What the client needs; one kept in the store lets two processes share it."""

    def turn(self, host: str, min_interval_s: float) -> AbstractContextManager[None]:
        """Wait for the host's turn and keep it for the length of the block.

        Raises:
            RateLimited: ``held``: the host asked us to wait longer than ``LONGEST_WAIT_S``; nothing may be sent.
        """
        ...

    def hold(self, host: str, seconds: float | None) -> float:
        """Send nothing for ``seconds`` (None: our own guess, longer each time), and return how long that is."""
        ...

    def eased(self, host: str) -> None:
        """The host answered properly."""
        ...


class HostPace:
    """A ``Pace`` within one process. Intervals count from the end of the request before."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._ended: dict[str, float] = {}
        self._held_until: dict[str, float] = {}
        self._strikes: dict[str, int] = {}

    @contextmanager
    def turn(self, host: str, min_interval_s: float) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(host, threading.Lock())
        with lock:
            now = self._monotonic()
            left = self._held_until.get(host, now) - now
            if left > LONGEST_WAIT_S:
                raise RateLimited(f"held: {host} asked us to wait; {left:.0f} s are left", retry_after_s=left)
            wait = max(left, self._ended.get(host, now - min_interval_s) + min_interval_s - now)
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                self._ended[host] = self._monotonic()

    def hold(self, host: str, seconds: float | None) -> float:
        strikes = self._strikes.get(host, 0)
        self._strikes[host] = strikes + 1
        wait = min(HOLD_S * 2**strikes, LONGEST_HOLD_S) if seconds is None else seconds
        until = self._monotonic() + wait
        self._held_until[host] = max(until, self._held_until.get(host, until))
        return wait

    def eased(self, host: str) -> None:
        self._strikes.pop(host, None)

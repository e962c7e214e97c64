"""The pass for ever, on APScheduler: coalesced, one at a time, in UTC."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType


def run_forever(step: Callable[[], None], cadence_s: float) -> None:
    """Run ``step`` now and every ``cadence_s`` seconds until SIGTERM or SIGINT; the step under way ends first."""
    from datetime import UTC, datetime

    from apscheduler.schedulers.blocking import BlockingScheduler

    scheduler = BlockingScheduler(timezone="UTC")
    scheduler.add_job(
        step, "interval", seconds=cadence_s, max_instances=1, coalesce=True, misfire_grace_time=None, next_run_time=datetime.now(UTC)
    )

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's signature
        scheduler.shutdown(wait=False)

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)
    scheduler.start()

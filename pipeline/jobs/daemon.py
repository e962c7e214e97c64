"""Everything for ever, on APScheduler: coalesced, one at a time, in UTC, jobs in memory. What must last is in the store."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any, Final

from pipeline.jobs.deliver import deliver, router_of
from pipeline.jobs.health import LOG, notify
from pipeline.jobs.live_pass import Passes
from pipeline.jobs.metrics_server import metrics_served
from pipeline.jobs.poll import DUE_NOTE, Polled, owner
from pipeline.jobs.retention import retired
from pipeline.jobs.schedule import JOBS, read_schedule
from pipeline.jobs.world import SystemClock, World
from pipeline.model.errors import Busy, NeedsMigration, OriginMixed, TarmacError
from pipeline.model.protocols import Clock
from pipeline.model.settings import Settings
from pipeline.model.time import parse_utc
from pipeline.store.store import Store

#: After SIGTERM a step may take this long to end; then the process goes, and the next one finishes what it left.
GRACE_S: Final = 8.0
#: When a pass fails, the next is tried after this long.
AFTER_FAILURE: Final = timedelta(seconds=30)
#: A due time further ahead than this is from a clock that was set back since.
_FURTHEST: Final = timedelta(hours=2)


class Daemon:
    """``run`` comes back after SIGTERM or SIGINT.

    Args:
        open_store, make_world: called once at the start.
        tell: is given what each pass did.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        open_store: Callable[[], Store],
        make_world: Callable[[], World],
        tell: Callable[[Polled], None] = lambda _: None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._open_store, self._make_world, self._tell = open_store, make_world, tell
        self._clock = clock or SystemClock()
        self._due: datetime | None = None
        self._stopping = threading.Event()
        self._scheduler: Any = None
        self._failed: TarmacError | None = None
        self.jobs: Mapping[str, Callable[[], None]] = dict(
            zip(JOBS, (self._poll, self._deliver, self._reports, self._retire, self._calibrate), strict=True)
        )

    def run(self) -> None:
        """Until told to stop.

        Raises:
            TarmacError: something that only a person can mend: the settings, a store that needs migrating.
        """
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.blocking import BlockingScheduler

        entries = read_schedule(self._settings.run.schedule, self.jobs)
        self._scheduler = BlockingScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(1), "reports": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # A job that is still at it when its time comes is no news, and its line would be none of our log's.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._stop)
        with (
            self._open_store() as self._store,
            metrics_served(self._store, self._settings.run.metrics_listen, self._clock),
            Passes(self._store, self._make_world(), self._settings, clock=self._clock) as self._passes,
        ):
            for number, entry in enumerate(entries):
                first = {"next_run_time": datetime.now(UTC) + timedelta(milliseconds=10 * number)} if entry.every else {}
                # A feed that does not answer must not hold up a pass, nor a long history that is summed up.
                thread = "reports" if entry.name in ("reports", "calibrate") else "default"
                self._scheduler.add_job(self._guarded(entry.name), entry.trigger(), id=entry.name, executor=thread, **first)
            notify("READY=1")
            LOG.info("the daemon runs", jobs=[entry.name for entry in entries], store=self._store.said)
            self._scheduler.start()
        LOG.info("the daemon ends")
        if self._failed is not None:
            raise self._failed

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's signature
        if self._stopping.is_set():
            return
        self._stopping.set()
        notify("STOPPING=1")
        # Every step may be cut anywhere without losing anything; it is only politer to end it.
        last_resort = threading.Timer(GRACE_S, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        threading.Thread(target=self._scheduler.shutdown, kwargs={"wait": True}, daemon=True).start()

    def _guarded(self, name: str, step: Callable[[], object] | None = None) -> Callable[[], None]:
        def job() -> None:
            if self._stopping.is_set():
                return
            notify("WATCHDOG=1")
            try:
                (step or self.jobs[name])()
            except Busy as error:
                LOG.info("another process is at it", job=name, why=str(error))
                self._due = self._clock.now() + AFTER_FAILURE
            except (NeedsMigration, OriginMixed) as error:
                self._failed = error
                threading.Thread(target=self._scheduler.shutdown, kwargs={"wait": False}, daemon=True).start()
            except TarmacError as error:
                LOG.error("failed", job=name, error=str(error), hint=error.hint)
                if name == "poll":
                    self._due = self._clock.now() + AFTER_FAILURE
            except Exception:
                # A bug in one pass must not end the watch.
                LOG.exception("a bug", job=name)
                if name == "poll":
                    self._due = self._clock.now() + AFTER_FAILURE

        return job

    def _poll(self) -> None:
        now = self._clock.now()
        if self._due is not None and now < self._due <= now + _FURTHEST:
            return
        # A pass of cron's counts, too.
        with self._store.read() as session:
            noted = session.notes.get(DUE_NOTE)
        if self._due is not None and noted and now < parse_utc(noted) <= now + _FURTHEST:
            self._due = parse_utc(noted)
            return
        done = self._passes.one(stopping=self._stopping.is_set)
        self._due = now + timedelta(seconds=done.cadence.seconds)
        self._tell(done)
        LOG.info(
            "pass",
            asked=done.collected.asked,
            heard=len(done.collected.heard),
            positions=done.collected.new_positions,
            changes=len(done.digest.changes),
            queued=len(done.digest.queued),
            next=f"{done.cadence.seconds:.0f} s",
            why=done.cadence.why,
            failures=[str(failure) for failure in done.collected.failures],
            **({"problems": [f"{one.where}: {one.reason}" for one in done.problems[:10]]} if done.problems else {}),
        )

    def _deliver(self) -> None:
        world = self._passes.world
        router = router_of(world, self._settings.mail, self._settings.data_dir / "outbox")
        now = self._clock.now()
        for subject, outcome, said in deliver(
            self._store, router, now=now, owner=owner(), clock=self._clock.now, templates=world.templates
        ):
            LOG.info("mail", subject=subject, outcome=outcome, said=said)

    def _reports(self) -> None:
        if not self._settings.meetings.feeds:
            return
        done = self._passes.reports(stopping=self._stopping.is_set)
        if done.meetings:
            self._scheduler.add_job(self._guarded("correlate", self._passes.correlate), id="correlate", replace_existing=True)
        LOG.info("reports", feeds=done.feeds, items=done.items, meetings=done.meetings, failed=[name for name, _ in done.failed])

    def _retire(self) -> None:
        older_than = timedelta(days=self._settings.run.retention)
        done = retired(self._store, self._settings, older_than=older_than, now=self._clock.now(), stopping=self._stopping.is_set)
        LOG.info("retention", rows=done.rows, files=done.files)

    def _calibrate(self) -> None:
        settled = self._passes.calibrate(stopping=self._stopping.is_set)
        LOG.info("calibrated", settings=settled.fingerprint[:10])

"""Live passes of one process: the client, the pace that the store shares, the sources; cron makes one, the daemon many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from pipeline.correlate.scoring import Scoring
from pipeline.jobs.cadence import Allowance
from pipeline.jobs.calibrated import renew
from pipeline.jobs.health import after_pass
from pipeline.jobs.lineup import Lineup, line_up
from pipeline.jobs.pace import StorePace
from pipeline.jobs.poll import Polled, poll, trace_files
from pipeline.jobs.world import World
from pipeline.model.protocols import Clock
from pipeline.model.settings import Settings
from pipeline.net.client import Client
from pipeline.sources.traces import TraceFiles
from pipeline.store.hosts import HostState
from pipeline.store.store import Store


class Passes:
    """``with Passes(...) as passes``, then ``passes.one()`` as often as one likes.

    Raises:
        ConfigError: a source's settings are wrong.
    """

    def __init__(self, store: Store, world: World, settings: Settings, *, clock: Clock) -> None:
        self._store, self._world, self._settings, self._clock = store, world, settings, clock
        self._pace = StorePace(store, now=clock.now)
        self.client = Client(contact=settings.use.contact, pace=self._pace, now=clock.now)
        try:
            self.lineup: Lineup = line_up(settings, self.client)
        except BaseException:
            self.client.close()
            raise
        self.lineup.set_budgets(self._pace)
        self._traces: Sequence[TraceFiles] = trace_files(self.lineup, self.client)

    @property
    def world(self) -> World:
        """What the passes know besides the store."""
        return self._world

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def calibrate(self) -> Scoring:
        """Fit the correlation's settings anew; the passes that follow use them."""
        settled = renew(self._store, self._world, self._settings.data_dir, now=self._clock.now())
        self._world = replace(self._world, calibration=settled)
        return settled

    def one(self, *, stopping: Callable[[], bool] = lambda: False) -> Polled:
        """One pass; the heartbeat, the metrics and the dead-man address follow a good one.

        Raises:
            TarmacError: as ``poll``.
        """
        now = self._clock.now()
        done = poll(
            self._store,
            self.world,
            self._settings,
            self.lineup.sources,
            now=now,
            always=self.lineup.always,
            traces=self._traces,
            allowances=lambda hosts: self._allowances(hosts, now),
            stopping=stopping,
            clock=self._clock.now,
        )
        after_pass(self._store, self._settings, self.client, now=now)
        return done

    def _allowances(self, hosts: Sequence[HostState], now: datetime) -> list[Allowance]:
        return self.lineup.allowances(hosts, aircraft=len(self.world.watchlist), today=f"{now:%Y-%m-%d}")

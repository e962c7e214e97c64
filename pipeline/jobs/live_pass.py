"""Live passes of one process: the client, the pace that the store shares, the sources; cron makes one, the daemon many."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Self

from pipeline.correlate.scoring import Scoring
from pipeline.jobs.cadence import Allowance
from pipeline.jobs.digest import Digest, digest
from pipeline.jobs.extractors import extractor_of
from pipeline.jobs.gaps import histories
from pipeline.jobs.health import LOG, after_pass
from pipeline.jobs.lineup import Lineup, line_up
from pipeline.jobs.memory import settle, unsettle
from pipeline.jobs.pace import StorePace
from pipeline.jobs.poll import Polled, places_round, poll
from pipeline.jobs.pull_reports import Pulled, pull_feeds
from pipeline.jobs.renewal import renewed, wanted
from pipeline.jobs.status import TERMS_NOTE
from pipeline.jobs.world import World
from pipeline.model.errors import StoreError
from pipeline.model.protocols import Clock
from pipeline.model.settings import Settings
from pipeline.net.client import Client
from pipeline.net.limits import MIB, Limits
from pipeline.sources.feeds import load_feeds
from pipeline.store.hosts import HostState
from pipeline.store.store import Store

#: A feed that is slower than this is read the next time.
_FEED_LIMITS: Final = Limits(max_bytes=8 * MIB, connect_s=5.0, read_s=10.0, total_s=20.0)


class Passes:
    """``with Passes(...) as passes``, then ``passes.one()`` as often as one likes.

    Raises:
        ConfigError: a source's settings are wrong, or a place of ``[poll] places`` is not known.
    """

    def __init__(self, store: Store, world: World, settings: Settings, *, clock: Clock) -> None:
        self._store, self._world, self._settings, self._clock = store, world, settings, clock
        places_round(settings, world)
        self._pace = StorePace(store, now=clock.now)
        self.client = Client(contact=settings.use.contact, pace=self._pace, now=clock.now)
        try:
            self.lineup: Lineup = line_up(settings, self.client)
        except BaseException:
            self.client.close()
            raise
        self.lineup.set_budgets(self._pace)
        self._said, self._passes = "", 0
        self._past = histories(self.lineup.sources)

    @property
    def world(self) -> World:
        """What the passes know besides the store."""
        return self._world

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        unsettle()

    def reports(self, *, stopping: Callable[[], bool] = lambda: False) -> Pulled:
        """Read the feeds and keep what tells of a meeting; ``correlate`` is next when there was any."""
        feeds = [f for f in load_feeds(self._settings.meetings.feeds_file) if f.enabled]
        with Client(contact=self._settings.use.contact, now=self._clock.now, attempts=1, limits=_FEED_LIMITS) as client:
            return pull_feeds(
                self._store,
                client,
                feeds,
                extractor_of(self._settings, self._world.gazetteer),
                state_file=self._settings.data_dir / "feeds.json",
                now=self._clock.now(),
                stopping=stopping,
            )

    def correlate(self) -> Digest:
        """Ask again which stays fit the meetings that are known now, and tell what follows."""
        return digest(self._store, self._world, heard=(), now=self._clock.now(), meetings_changed=True)

    def calibrate(self, *, stopping: Callable[[], bool] = lambda: False, anew: bool = True) -> Scoring:
        """Fit the correlation's settings anew, and sum the history up; the passes that follow use both.

        Args:
            anew: False: what another process made meanwhile will do.

        Raises:
            StoreError: it failed, and what was in use stays so.
        """
        self._world = renewed(self._store, self._world, self._settings, now=self._clock.now(), stopping=stopping, anew=anew)
        return self._world.calibration or self._world.scoring

    def one(self, *, stopping: Callable[[], bool] = lambda: False) -> Polled:
        """One pass; the heartbeat, the metrics and the dead-man address follow a good one.

        Raises:
            TarmacError: as ``poll``.
        """
        self._passes += 1
        if self._passes == 2:  # the first has loaded what is loaded late, and a process that makes only one has nothing of it
            settle()
        now = self._clock.now()
        done = poll(
            self._store,
            self.world,
            self._settings,
            self.lineup.sources,
            now=now,
            always=self.lineup.always,
            past=self._past,
            allowances=lambda hosts: self._allowances(hosts, now),
            stopping=stopping,
            clock=self._clock.now,
        )
        self._note_terms()
        after_pass(self._store, self._settings, self.client, now=now)
        if not stopping() and wanted(self._store, self._world, now):
            try:
                self.calibrate(stopping=stopping, anew=False)
            except StoreError as error:
                LOG.error("not calibrated", error=str(error), hint=error.hint)
        return done

    def _note_terms(self) -> None:
        """What the providers grant, for ``tarmac status``, which knows neither their settings nor their answers."""
        said = json.dumps({"budgets": dict(self._pace.budgets), "credits": self.lineup.granted()})
        if said != self._said:
            with self._store.transaction() as tx:
                tx.notes.put(TERMS_NOTE, said)
            self._said = said

    def _allowances(self, hosts: Sequence[HostState], now: datetime) -> list[Allowance]:
        return self.lineup.allowances(hosts, aircraft=len(self.world.watchlist), today=f"{now:%Y-%m-%d}")

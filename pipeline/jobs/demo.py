"""A recorded case played through the live code: a source, a clock that is set by hand, pass by pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path

from pipeline.alerts.channels import EmlChannel
from pipeline.detect.detector import VERSION
from pipeline.jobs.collect import collect
from pipeline.jobs.deliver import deliver
from pipeline.jobs.digest import Digest, digest, keep_meetings
from pipeline.jobs.story import Story
from pipeline.jobs.world import ReplayClock, World, make_world
from pipeline.meetings.csv_import import parse_meetings
from pipeline.model.cases import Case
from pipeline.model.entities import Meeting
from pipeline.model.errors import ConfigError
from pipeline.model.settings import Settings
from pipeline.sources.replay import ReplaySource
from pipeline.store.store import Store

CADENCE = timedelta(seconds=60)
OWNER = "demo"
KIND = "demo"
#: After the recording the clock runs on this long, so that a silence can end as one.
AFTERWARDS = timedelta(minutes=12)

Tell = Callable[[datetime, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolder:
    """Where a case lives: a store, an outbox and a report of its own."""

    root: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.root / 'tarmac.db'}"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"


def demo_folder(settings: Settings, case: Case) -> DemoFolder:
    return DemoFolder(root=settings.data_dir / "demo" / case.name)


def run_case(case: Case, settings: Settings, tell: Tell) -> World:
    """Play a case into its own store. A second run adds nothing.

    Args:
        tell: is given what happens: the clock's time, a kind (seen, landing, reports, match, mail, note) and a sentence.

    Raises:
        ConfigError: the case is damaged.
    """
    bare = Settings(data_dir=settings.data_dir)
    world = make_world(bare, watchlist_files=(case.watchlist,), attribution=(f"Positions: {case.provider}",))
    # A demonstration shows every message; flood control would fold the fourth into a digest.
    world = replace(world, recipients=tuple(one.model_copy(update={"most_a_day": 99}) for one in world.recipients))
    folder = demo_folder(settings, case)
    source = ReplaySource(case.name, case.recording, case.origin, provider=case.provider)
    meetings = _meetings(case, world)
    clock = ReplayClock(source.first_time - timedelta(seconds=1))
    with Store.open(folder.url, data_dir=folder.root, origin="demo") as store, store.pass_lock(OWNER, clock.now()):
        story = Story(world, tell)
        since = _played_until(store)
        if since is not None:
            clock.set(since)
        with store.transaction() as tx:
            number = tx.runs.begin(KIND, at=clock.now(), owner=OWNER, version=VERSION)
        ahead = source.next_time_after(clock.now())
        while ahead is not None:
            clock.set(_next_pass(source.first_time, ahead))
            since = _pass(store, world, source, clock.now(), since, story, folder)
            ahead = source.next_time_after(clock.now())
        while clock.now() < source.last_time + AFTERWARDS:
            clock.set(clock.now() + CADENCE)
            since = _pass(store, world, source, clock.now(), since, story, folder)
        for meeting in sorted(meetings, key=_known_from):
            clock.set(_known_from(meeting))
            if keep_meetings(store, [meeting], provider=case.meetings.name, now=clock.now()):
                story.report(clock.now(), meeting)
            _conclude(store, digest(store, world, heard=(), now=clock.now(), meetings_changed=True), clock.now(), story, folder)
        with store.transaction() as tx:
            tx.runs.end(number, at=clock.now(), outcome="done")
    source.close()
    return world


def _played_until(store: Store) -> datetime | None:
    """The clock at the end of the last whole run, None before there was one."""
    with store.read() as session:
        return max((p.ended for p in session.runs.passes(kind=KIND) if p.ended and p.outcome == "done"), default=None)


def _known_from(meeting: Meeting) -> datetime:
    """When the report was there to be read: at the end of the day where only its day of publication is known."""
    if meeting.published is None:
        return meeting.end
    day_only = meeting.published.time() == time(0)
    return meeting.published + timedelta(days=1) if day_only else meeting.published


def _next_pass(start: datetime, due: datetime) -> datetime:
    """The first tick of the live cadence at which the data are there."""
    ticks = -((start - due) // CADENCE)
    return start + ticks * CADENCE


def _pass(
    store: Store, world: World, source: ReplaySource, now: datetime, since: datetime | None, story: Story, folder: DemoFolder
) -> datetime:
    collected = collect(store, world, [source], now=now, since=since)
    story.heard(now, collected)
    _conclude(store, digest(store, world, heard=collected.heard, now=now), now, story, folder)
    return now


def _conclude(store: Store, found: Digest, now: datetime, story: Story, folder: DemoFolder) -> None:
    story.found(now, found, store)
    sent = deliver(store, EmlChannel(folder=folder.outbox, sender="tarmac demo <demo@tarmac.invalid>"), now=now, owner=OWNER)
    story.sent(now, sent)


def _meetings(case: Case, world: World) -> list[Meeting]:
    meetings, problems = parse_meetings(case.meetings.read_bytes(), name=case.meetings.name, gazetteer=world.gazetteer, origin=case.origin)
    if problems:
        raise ConfigError(str(problems[0]), hint="correct the case's meetings.csv")
    return meetings

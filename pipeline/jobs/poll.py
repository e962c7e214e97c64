"""One live pass: the sources that may run, in their order, then everything that follows."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from pipeline.detect.detector import VERSION
from pipeline.jobs import aloft
from pipeline.jobs.announce_air import AirAnnouncer
from pipeline.jobs.announce_leads import tell_leads
from pipeline.jobs.cadence import Allowance, Cadence, Wanted, is_aloft, next_pass
from pipeline.jobs.collect import Collected, collect, look_round
from pipeline.jobs.deliver import deliver, router_of
from pipeline.jobs.digest import Digest, digest
from pipeline.jobs.gaps import fill, look_back, note_gap
from pipeline.jobs.lineup import line_up
from pipeline.jobs.memory import give_back
from pipeline.jobs.morning import send_briefs
from pipeline.jobs.own_meetings import keep_own_meetings
from pipeline.jobs.queue import queue
from pipeline.jobs.watchdog import last_good, watch
from pipeline.jobs.world import World
from pipeline.model.entities import OutboxItem, Place, Problem
from pipeline.model.errors import ConfigError, NotFound, SourceError, Unreachable
from pipeline.model.protocols import History, Source, WatchRequest
from pipeline.model.settings import Settings
from pipeline.model.time import to_iso
from pipeline.net.client import Client
from pipeline.store.aloft import AirEvent
from pipeline.store.hosts import HostState
from pipeline.store.store import Store

#: Notes of the store that other processes and ``tarmac status`` read.
DUE_NOTE: Final = "next_pass"
WHY_NOTE: Final = "cadence"
#: How far round a watched place the sky is looked at.
AREA_NM: Final = 40.0
#: The networks' military lists are long and change slowly.
MILITARY_EVERY: Final = timedelta(minutes=10)
#: Asking for all numbers of a callsign takes two requests.
CALLSIGN_EVERY: Final = timedelta(minutes=5)
#: Events in the air are remembered for this long.
_ALOFT_BACK: Final = timedelta(hours=24)
_LANDED: Final = ("observed", "inferred", "bracketed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a pass did; ``gap_left``: aircraft whose traces are still to be read; ``cadence``: when the next pass is due, and why."""

    collected: Collected
    digest: Digest
    delivered: tuple[tuple[str, str, str], ...]
    problems: tuple[Problem, ...]
    aloft: tuple[AirEvent, ...] = ()
    gap_left: int = 0
    cadence: Cadence = field(default_factory=lambda: Cadence(seconds=60.0, why=""))


def owner() -> str:
    """Who holds the pass, for people."""
    return f"pid {os.getpid()} on {socket.gethostname()}"


def live_sources(settings: Settings, client: Client) -> tuple[list[Source], list[str]]:
    """The sources that may run, and why each of the others does not.

    Raises:
        ConfigError: a source's settings are wrong.
    """
    found = line_up(settings, client)
    return list(found.sources), list(found.off)


def poll(
    store: Store,
    world: World,
    settings: Settings,
    sources: Sequence[Source],
    *,
    now: datetime,
    kind: str = "poll",
    alert: bool = True,
    always: Collection[str] | None = None,
    past: Sequence[History] = (),
    allowances: Callable[[Sequence[HostState]], Sequence[Allowance]] | None = None,
    stopping: Callable[[], bool] = lambda: False,
    clock: Callable[[], datetime] | None = None,
) -> Polled:
    """Fetch, detect, correlate, announce, watch over ourselves, deliver. Whatever a killed pass left undone, the next one finishes.

    Args:
        kind: under which the pass is noted in the store.
        alert: False: nothing is queued.
        always: names of the sources that are asked in any case; None: all.
        past: for filling the time that nothing ran or nobody answered; the first is asked.
        allowances: what the providers still grant today.
        stopping: asked between steps; True ends the pass early, and the next one goes on.
        clock: reads the time anew when the sources have answered, and while messages are handed over; None: ``now`` stands.

    Raises:
        Busy: another process holds the pass.
        Unreachable: no source gave an answer.
        ConfigError: no source may run, or a place of ``[poll] places`` is not known.
    """
    if not sources:
        raise ConfigError("no source may run", hint="tarmac doctor says why; set [use] kind, or a [sources.NAME] of your own")
    longest, around = longest_gap(settings), places_round(settings, world)
    with store.pass_lock(owner(), now):
        with store.read() as session:
            days = session.positions.days()
            previous = session.runs.last_done()
        earlier = look_back(store)
        with store.transaction() as tx:
            number = tx.runs.begin(kind, at=now, owner=owner(), version=VERSION)
        before = last_good(store)
        collected = collect(
            store,
            world,
            sources,
            now=now,
            since=days[1] if days else None,
            always=always,
            anywhere=settings.poll.callsigns,
            longest_gap=longest,
            clock=clock,
        )
        begun, now = now, collected.heard_at
        changed, problems = keep_own_meetings(store, world, settings, now)
        found = digest(store, world, heard=collected.heard, now=now, meetings_changed=changed, alert=alert)
        events = _watch_the_air(store, world, collected, now, alert=alert)
        if alert:
            watch(store, world, now=now, after=timedelta(seconds=settings.alerts.dead_man), before=before)
            tell_leads(store, world, collected.candidates, now=now, owner=owner())
            send_briefs(store, world, settings, now=now, stopping=stopping)
        router = router_of(world, settings.mail, settings.data_dir / "outbox")
        sent = [] if stopping() else deliver(store, router, now=now, owner=owner(), clock=clock, templates=world.templates)
        # Nothing that is known already waits for what follows, which takes its time with the providers.
        noticed, failures = collected.candidates, list(collected.failures)
        extra = _elsewhere(settings, around, previous, begun)
        if extra is not None and not stopping():
            more, wrong = look_round(store, world, sources, extra, anywhere=settings.poll.callsigns, stopping=stopping)
            noticed, failures = (*noticed, *more), [*failures, *wrong]
            if alert and more:
                tell_leads(store, world, more, now=now, owner=owner())
        watched, gap = world.watchlist.icao24s, None
        if past and collected.whole:
            gap = note_gap(store, past[0], watched, before=earlier, fixes=collected.fixes, now=now, longest=longest)
        cadence = _cadence(store, world, settings, collected, allowances, now, filling=gap is not None)
        if gap is not None and not stopping():
            # The next pass looks at what is found.
            gap, missing = fill(store, gap, past[0], watched, now=now, enough=_enough(cadence, begun, stopping, clock))
            failures += missing
        counts = {"answers": collected.answers, "heard": len(collected.heard), "positions": collected.new_positions}
        with store.transaction() as tx:
            tx.notes.put(DUE_NOTE, to_iso(begun + timedelta(seconds=cadence.seconds)))
            tx.notes.put(WHY_NOTE, f"{cadence.seconds:.0f} s: {cadence.why}")
            tx.runs.end(number, at=now, outcome="done", counts={**counts, "changes": len(found.changes), "queued": len(found.queued)})
    give_back()
    if not collected.answers and collected.failures:
        raise _none_reachable(collected.failures)
    return Polled(
        collected=replace(collected, failures=tuple(failures), candidates=tuple(noticed)),
        digest=found,
        delivered=tuple(sent),
        problems=collected.problems + tuple(problems),
        aloft=events,
        gap_left=len(gap.todo) if gap else 0,
        cadence=cadence,
    )


def longest_gap(settings: Settings) -> timedelta:
    """A longer time without a pass means that nothing ran."""
    return timedelta(seconds=4 * max(settings.poll.cadence, settings.poll.parked))


def _enough(cadence: Cadence, now: datetime, stopping: Callable[[], bool], clock: Callable[[], datetime] | None) -> Callable[[], bool]:
    """Whether filling a gap has taken half of the time until the next pass."""
    most = timedelta(seconds=cadence.seconds / 2)
    return lambda: stopping() or (clock is not None and clock() - now > most)


def _another(previous: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether a multiple of ``every`` lies between the two."""
    return previous is None or int(now.timestamp() // every.total_seconds()) != int(previous.timestamp() // every.total_seconds())


def places_round(settings: Settings, world: World) -> tuple[Place, ...]:
    """The places of ``[poll] places``: a city's name, or ``Córdoba, AR`` where several have it.

    Raises:
        ConfigError: one is not known, or there are several.
    """
    found = []
    for text in settings.poll.places:
        city, _, country = text.partition(",")
        try:
            found.append(world.gazetteer.find(city.strip(), country.strip().upper()))
        except NotFound as error:
            raise ConfigError(f"[poll] places: {error}", hint=f"{error.hint}, such as 'Ankara' or 'Córdoba, AR'") from None
    return tuple(found)


def _area(places: Sequence[Place], now: datetime) -> tuple[tuple[float, float, float], ...]:
    """One of the places, in turn."""
    if not places:
        return ()
    place = places[int(now.timestamp() // 60) % len(places)]
    return ((place.lat, place.lon, AREA_NM),)


def _elsewhere(settings: Settings, around: Sequence[Place], previous: datetime | None, now: datetime) -> WatchRequest | None:
    """What is looked at beside the watch list in this pass, None: nothing."""
    request = WatchRequest(
        icao24s=(),
        now=now,
        areas=_area(around, now),
        callsigns=_callsigns(settings, previous, now),
        military=settings.poll.military and _another(previous, now, MILITARY_EVERY),
    )
    return request if request.areas or request.callsigns or request.military else None


def _callsigns(settings: Settings, previous: datetime | None, now: datetime) -> tuple[str, ...]:
    """One of the beginnings of the settings, in turn."""
    names = settings.poll.callsigns
    if not names or not _another(previous, now, CALLSIGN_EVERY):
        return ()
    return (names[int(now.timestamp() // CALLSIGN_EVERY.total_seconds()) % len(names)],)


def _watch_the_air(store: Store, world: World, collected: Collected, now: datetime, *, alert: bool) -> tuple[AirEvent, ...]:
    """What is new in the air, kept with its messages in a transaction of its own: asked again, the same moment says the same."""
    with store.read() as session:
        before = session.air_events.by_aircraft(now - _ALOFT_BACK)
        bound = {icao24: aloft.open_inbound(events, now) for icao24, events in before.items()}
        since = {icao24: event.at for icao24, event in bound.items() if event is not None}
        landings = session.landings.current(sorted(since), since=min(since.values()), kinds=_LANDED) if since else None
    rows = [] if landings is None else aloft.landed_since(landings, since)
    events = tuple(aloft.watch(collected.fixes, before, rows, world.fields(), now=now))
    told: list[OutboxItem] = []
    if alert:
        with store.read() as session:
            announcer = AirAnnouncer(session, world, now)
            told = announcer.items(events) + announcer.unknown(e for known in before.values() for e in known)
    if events or told:
        with store.transaction() as tx:
            tx.air_events.add(events)
            queue(tx, told, now=now, owner=owner())
    return events


def _cadence(
    store: Store,
    world: World,
    settings: Settings,
    collected: Collected,
    allowances: Callable[[Sequence[HostState]], Sequence[Allowance]] | None,
    now: datetime,
    *,
    filling: bool,
) -> Cadence:
    fields = world.fields()
    near = {icao24: fields.nearest(fix.lat, fix.lon) for icao24, fix in collected.fixes.items() if is_aloft(fix, now)}
    granted: Sequence[Allowance] = ()
    if allowances is not None:
        with store.read() as session:
            granted = allowances(session.hosts.list())
    parked = settings.poll.cadence if filling else settings.poll.parked
    wanted = Wanted(approach=settings.poll.approach, airborne=settings.poll.cadence, parked=parked)
    return next_pass(collected.fixes, near, wanted, granted, now=now)


def _none_reachable(failures: Sequence[SourceError]) -> Unreachable:
    said = "; ".join(dict.fromkeys(str(f) for f in failures))
    hints = "; ".join(dict.fromkeys(f.hint for f in failures if f.hint))
    asks = "no answer is not 'no aircraft'; tarmac doctor --ask asks each source"
    return Unreachable(f"no source answered: {said}"[:600], hint=f"{hints}; {asks}" if hints else asks)

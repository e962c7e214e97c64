"""One live pass: every source that the settings name and the terms allow, then everything that follows."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.jobs.collect import Collected, collect
from pipeline.jobs.deliver import deliver, router_of
from pipeline.jobs.digest import Digest, digest, keep_meetings
from pipeline.jobs.morning import send_briefs
from pipeline.jobs.watchdog import last_good, watch
from pipeline.jobs.world import World
from pipeline.meetings.csv_import import parse_meetings
from pipeline.model.entities import Problem
from pipeline.model.errors import ConfigError, SourceError, TermsForbid, Unreachable
from pipeline.model.origin import Origin
from pipeline.model.protocols import Source
from pipeline.model.settings import Settings
from pipeline.net.client import Client
from pipeline.sources.registry import SourceSpec, build_source
from pipeline.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    collected: Collected
    digest: Digest
    delivered: tuple[tuple[str, str, str], ...]
    problems: tuple[Problem, ...]


def owner() -> str:
    """Who holds the pass, for people."""
    return f"pid {os.getpid()} on {socket.gethostname()}"


def live_sources(settings: Settings, client: Client) -> tuple[list[Source], list[str]]:
    """The sources that may run, and why each of the others does not.

    Raises:
        ConfigError: a source's settings are wrong.
    """
    sources: list[Source] = []
    off: list[str] = []
    for name, one in settings.sources.items():
        if not one.enabled:
            off.append(f"{name}: not enabled")
            continue
        spec = SourceSpec(name=name, kind=one.kind, url=one.url)
        try:
            sources.append(build_source(spec, client, use_kind=settings.use.kind or None))
        except TermsForbid as error:
            off.append(f"{name}: {error}")
    return sources, off


def poll(
    store: Store,
    world: World,
    settings: Settings,
    sources: Sequence[Source],
    *,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
) -> Polled:
    """Fetch, detect, correlate, announce, watch over ourselves, deliver.

    Args:
        clock: reads the time anew while messages are handed over; None: ``now`` stands.

    Raises:
        Busy: another process holds the pass.
        Unreachable: no source gave an answer.
        ConfigError: no source may run.
    """
    if not sources:
        raise ConfigError("no source may run", hint="tarmac doctor says why; set [use] kind, or a [sources.NAME] of your own")
    with store.pass_lock(owner(), now):
        with store.read() as session:
            days = session.positions.days()
        before = last_good(store)
        collected = collect(store, world, sources, now=now, since=days[1] if days else None)
        changed, problems = _own_meetings(store, world, settings, now)
        found = digest(store, world, heard=collected.heard, now=now, meetings_changed=changed)
        watch(store, world, now=now, after=timedelta(seconds=settings.alerts.dead_man), before=before)
        send_briefs(store, world, now=now)
        router = router_of(world, settings.mail, settings.data_dir / "outbox")
        sent = deliver(store, router, now=now, owner=owner(), clock=clock, templates=world.templates)
    if not collected.answers and collected.failures:
        raise _none_reachable(collected.failures)
    return Polled(collected=collected, digest=found, delivered=tuple(sent), problems=collected.problems + tuple(problems))


def _own_meetings(store: Store, world: World, settings: Settings, now: datetime) -> tuple[bool, list[Problem]]:
    changed, problems = False, []
    for path in settings.meetings.files:
        meetings, bad = parse_meetings(_bytes(path), name=path.name, gazetteer=world.gazetteer, origin=Origin.RECORDED)
        problems += [Problem(where=p.where, reason=p.reason) for p in bad]
        changed |= bool(keep_meetings(store, meetings, provider=path.name, now=now))
    return changed, problems


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}", hint="[meetings] files names it") from None


def _none_reachable(failures: Sequence[SourceError]) -> Unreachable:
    said = "; ".join(dict.fromkeys(str(f) for f in failures))
    return Unreachable(f"no source answered: {said}"[:600], hint="no answer is not 'no aircraft'; tarmac doctor checks each source")

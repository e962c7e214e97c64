"""The user's own files of reported meetings, looked at in every pass. What is wrong with one is said and stops no pass."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from pipeline.detect.detector import VERSION
from pipeline.jobs.digest import keep_meetings
from pipeline.jobs.world import World
from pipeline.meetings.csv_import import parse_meetings
from pipeline.model.entities import Problem
from pipeline.model.errors import ConfigError, InputError
from pipeline.model.origin import Origin
from pipeline.model.settings import Settings
from pipeline.store.store import Store


def keep_own_meetings(store: Store, world: World, settings: Settings, now: datetime) -> tuple[bool, list[Problem]]:
    """Whether the files of ``[meetings] files`` tell of other meetings than before, and what is wrong with them: with a row, or
    with a whole file, which may lie on a disk that is away for a while."""
    changed, problems = False, list[Problem]()
    for path in settings.meetings.files:
        try:
            new, bad = _keep(store, world, path, now)
        except (ConfigError, InputError) as error:
            new, bad = False, [Problem(where=path.name, reason=f"{error}; {error.hint}")]
        changed, problems = changed or new, problems + bad
    return changed, problems


def _keep(store: Store, world: World, path: Path, now: datetime) -> tuple[bool, list[Problem]]:
    body = _bytes(path)
    # A file that is what it was an hour ago or less holds nothing new.
    name = f"meetings {hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    mark = f"{hashlib.sha256(body).hexdigest()} {VERSION} {now:%Y-%m-%dT%H}"
    with store.read() as session:
        if session.notes.get(name) == mark:
            return False, []
    meetings, bad = parse_meetings(body, name=path.name, gazetteer=world.gazetteer, origin=Origin.RECORDED)
    changed = bool(keep_meetings(store, meetings, provider=path.name, now=now))
    if not bad:
        with store.transaction() as tx:
            tx.notes.put(name, mark)
    return changed, [Problem(where=one.where, reason=one.reason) for one in bad]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}", hint="[meetings] files names it") from None

"""The calibration snapshot of a store: made by ``tarmac calibrate`` or once a day by the daemon, used by every pass.

Two files: the fitted settings, and the habits, which sum up the whole history so that a pass need not read it. Both can be made
again from the store at any time.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pipeline.correlate.engine import calibrate, habits_of
from pipeline.correlate.habits import Habits, read_habits
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.snapshot import from_json, to_json
from pipeline.detect.floors import learn_floors
from pipeline.jobs.world import World
from pipeline.meetings.build import meetings_frame
from pipeline.model.errors import ConfigError
from pipeline.model.frames import STAYS
from pipeline.model.time import parse_utc, to_iso
from pipeline.store.store import Store

FILE, HABITS_FILE = "calibration.json", "habits.json"
#: When the snapshot was made; kept in the store.
RENEWED_NOTE: Final = "calibrated"
#: Where nobody makes a new one (cron alone, a machine that slept), the first pass after so long does.
_AT_LEAST_EVERY: Final = timedelta(hours=30)
_HISTORY = timedelta(days=3650)
#: Receivers come and go: what was heard longer ago says nothing of coverage now.
_COVERAGE = timedelta(days=180)


def renew(store: Store, world: World, data_dir: Path, *, now: datetime) -> World:
    """Fit the settings to everything that the store holds, sum it up, and keep both; returns the world under them.

    Without history enough the settings are the shipped ones. How low aircraft are heard at each field is learned at the same
    time.
    """
    with store.read() as session:
        history = session.stays.current(since=now - _HISTORY)
        reports = session.meetings.current(now - _HISTORY, now + timedelta(days=30))
        landings = session.landings.current(since=now - _COVERAGE)
    floors = learn_floors(landings)
    with store.transaction() as session:
        session.floors.put(floors, at=now)
    known, meetings = STAYS.cast(history[history["state"] != ""]), meetings_frame(reports)
    settled = calibrate(
        known,
        meetings,
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
    )
    habits = habits_of(
        known,
        meetings,
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
        calibration=settled,
        calendar=world.calendar,
    )
    _write(data_dir / FILE, to_json(settled, under=world.scoring))
    _write(data_dir / HABITS_FILE, habits.to_json())
    with store.transaction() as session:
        session.notes.put(RENEWED_NOTE, to_iso(now))
    return replace(world, calibration=settled, habits=habits)


def due(store: Store, now: datetime) -> bool:
    """Whether the snapshot is older than it should get, or there is none."""
    with store.read() as session:
        noted = session.notes.get(RENEWED_NOTE)
    return not noted or now - parse_utc(noted) > _AT_LEAST_EVERY


def under_kept(world: World, data_dir: Path) -> World:
    """The world under the snapshot in use; as it is where there is none, or where it was made under other settings (then it is due)."""
    settled = kept(data_dir, world.scoring)
    return replace(world, calibration=settled, habits=None if settled is None else _kept_habits(data_dir))


def kept(data_dir: Path, scoring: Scoring) -> Scoring | None:
    """The fitted settings in use."""
    path = data_dir / FILE
    if not path.is_file():
        return None
    try:
        return from_json(path.read_text(encoding="utf-8"), under=scoring)
    except ConfigError:
        return None


def _kept_habits(data_dir: Path) -> Habits | None:
    path = data_dir / HABITS_FILE
    try:
        return read_habits(path.read_text(encoding="utf-8")) if path.is_file() else None
    except ConfigError:
        return None


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)

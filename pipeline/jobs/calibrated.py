"""The calibration snapshot of a store: made by ``tarmac calibrate`` or once a week by the daemon, used by every pass."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pipeline.correlate.engine import calibrate
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.snapshot import from_json, to_json
from pipeline.detect.floors import learn_floors
from pipeline.jobs.world import World
from pipeline.meetings.build import meetings_frame
from pipeline.model.errors import ConfigError
from pipeline.model.frames import STAYS
from pipeline.store.store import Store

FILE = "calibration.json"
_HISTORY = timedelta(days=3650)
#: Receivers come and go: what was heard longer ago says nothing of coverage now.
_COVERAGE = timedelta(days=180)


def renew(store: Store, world: World, data_dir: Path, *, now: datetime) -> Scoring:
    """Fit the settings to everything that the store holds and keep them; without history enough they are the shipped ones.

    How low aircraft are heard at each field is learned at the same time.
    """
    with store.read() as session:
        history = session.stays.current(since=now - _HISTORY)
        reports = session.meetings.current(now - _HISTORY, now + timedelta(days=30))
        landings = session.landings.current(since=now - _COVERAGE)
    floors = learn_floors(landings)
    with store.transaction() as session:
        session.floors.put(floors, at=now)
    settled = calibrate(
        STAYS.cast(history[history["state"] != ""]),
        meetings_frame(reports),
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
    )
    path = data_dir / FILE
    fresh = path.with_suffix(".new")
    fresh.write_text(to_json(settled, under=world.scoring), encoding="utf-8")
    fresh.replace(path)
    return settled


def kept(data_dir: Path, scoring: Scoring) -> Scoring | None:
    """The snapshot in use; None where there is none, or where it was made under other settings (then it is due)."""
    path = data_dir / FILE
    if not path.is_file():
        return None
    try:
        return from_json(path.read_text(encoding="utf-8"), under=scoring)
    except ConfigError:
        return None

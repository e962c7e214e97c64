"""``tarmac correlate`` over the store: everything that it holds is history, the stays of some days are asked about."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.correlate.engine import correlate
from pipeline.jobs.correlate_files import Chunk, landed_in, read_calendar, read_coverage
from pipeline.jobs.world import World
from pipeline.meetings.build import meetings_frame
from pipeline.model.frames import STAYS
from pipeline.store.store import Store


def correlate_store(
    store: Store,
    world: World,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    coverage: Path | None = None,
    calendar: Path | None = None,
    matches_only: bool = False,
    chunk: Chunk | None = None,
) -> dict[str, Any]:
    """The answer of ``correlate_files`` for what the store holds, under the settings that passes use. Nothing is written.

    Args:
        since, until: only stays that landed in [``since``, ``until``) are asked about.
        calendar: known gatherings instead of the shipped ones.

    Raises:
        InputError: a file cannot be read, lacks a column, or a row is wrong.
    """
    with store.read() as session:
        history = session.stays.current()
        meetings = session.meetings.current()
    history = STAYS.cast(history[history["state"] != ""])
    matches_only = matches_only or chunk is not None
    return correlate(
        landed_in(history, since, until),
        meetings_frame(meetings),
        history=history,
        within=None if chunk is None else chunk.countries(history),
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
        coverage=None if coverage is None else read_coverage(coverage),
        calendar=world.calendar if calendar is None else read_calendar(calendar),
        calibration=world.calibration,
        with_leads=not matches_only,
        with_rotations=not matches_only,
        with_details=False,
    ).as_dict()

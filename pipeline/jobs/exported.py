"""``tarmac export``: the store's rows as files for other tools."""

from __future__ import annotations

import pandas as pd

from pipeline.export.files import as_csv, as_geojson, as_kml
from pipeline.jobs.world import World
from pipeline.model.errors import UsageError
from pipeline.store.store import Store

KINDS = ("landings", "stays", "matches", "tracks")
FORMS = {"csv": as_csv, "geojson": as_geojson, "kml": as_kml}


def exported(store: Store, world: World, what: str, form: str) -> str:
    """Text of one file.

    Raises:
        UsageError: no such kind or format.
    """
    if what not in KINDS or form not in FORMS:
        raise UsageError(f"cannot export {what!r} as {form!r}", hint=f"{', '.join(KINDS)} as {', '.join(FORMS)}")
    with store.read() as session:
        if what == "tracks":
            frame = session.positions.window()
        elif what == "matches":
            frame = _matches(session.stays.current(), session.matches.current())
        else:
            frame = session.landings.current() if what == "landings" else session.stays.current()
    if what != "tracks" and len(frame):
        at = [world.airports.get(code) for code in frame["airport"]]
        frame = frame.assign(lat=[a.lat for a in at], lon=[a.lon for a in at])
    return FORMS[form](what, frame, world.attribution)


def _matches(stays: pd.DataFrame, matches: tuple[object, ...]) -> pd.DataFrame:
    columns = ("match_id", "stay_id", "meeting_id", "posterior")
    table = pd.DataFrame([{c: getattr(m, c) for c in columns} for m in matches], columns=list(columns))
    kept = stays[["stay_id", "icao24", "registration", "state", "airport", "city", "touchdown", "take_off", "origin"]]
    return table.merge(kept, on="stay_id", how="inner")

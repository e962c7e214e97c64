"""Frames as GeoPackage and GeoParquet, for GIS; and as iCalendar. Attribution inside, every row with its origin."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from pipeline.export.files import BULKY, LABEL
from pipeline.export.text import clean
from pipeline.model.frames import records

if TYPE_CHECKING:
    import geopandas as gpd

_ABOUT: Final = "about"


def as_gpkg(what: str, frame: pd.DataFrame, attribution: Sequence[str]) -> bytes:
    """A layer of points (of positions, for tracks) named ``what``, and a table ``about`` with the attribution."""
    import geopandas as gpd
    import pyogrio

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.gpkg"
        pyogrio.write_dataframe(_points(frame), path, driver="GPKG", layer=what)
        about = gpd.GeoDataFrame({"attribution": list(attribution)}, geometry=[None] * len(attribution), crs="EPSG:4326")
        pyogrio.write_dataframe(about, path, driver="GPKG", layer=_ABOUT, append=True, geometry_type="Point")
        return path.read_bytes()


def as_parquet(what: str, frame: pd.DataFrame, attribution: Sequence[str]) -> bytes:
    """GeoParquet; the attribution is in the file's metadata under ``attribution``."""
    import pyarrow.parquet as pq

    whole = io.BytesIO()
    _points(frame).to_parquet(whole, index=False)
    table = pq.read_table(whole)
    kept = {**(table.schema.metadata or {}), b"attribution": "\n".join(attribution).encode(), b"tarmac": what.encode()}
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(kept), out, compression="zstd")
    return out.getvalue()


def as_ics(what: str, frame: pd.DataFrame, attribution: Sequence[str]) -> bytes:
    """One event a row, from touchdown to take-off (no end: not seen leaving), for a calendar beside the announced visits.

    Args:
        frame: with ``label`` (whose aircraft), ``where`` and ``lat``, ``lon`` besides its own columns.
    """
    from icalendar import Calendar, Event

    rows = records(frame)
    calendar = Calendar()
    calendar.add("prodid", "-//tarmac//export//EN")
    calendar.add("version", "2.0")
    marked = any(row.get("origin") == "reconstructed" for row in rows)
    calendar.add("x-wr-calname", f"{LABEL if marked else ''}tarmac {what}")
    for row in rows:
        event = Event()
        event.add("uid", f"{row.get('match_id') or row.get('stay_id') or row.get('landing_id')}@tarmac.invalid")
        event.add("dtstamp", row["touchdown"])
        event.add("dtstart", row["touchdown"])
        if isinstance(row.get("take_off"), datetime):
            event.add("dtend", row["take_off"])
        made_up = LABEL if row.get("origin") == "reconstructed" else ""
        event.add("summary", clean(f"{made_up}{row['label']} at {row['where']}{_doubt(row)}", 200))
        event.add("location", clean(f"{row['where']} ({row['airport']})", 120))
        event.add("geo", (row["lat"], row["lon"]))
        event.add("description", clean("; ".join([*_said(row), *attribution]), 1500))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd

    plain = frame.drop(columns=[c for c in frame.columns if c in BULKY])
    for column in plain.columns:
        if plain[column].dtype == object or str(plain[column].dtype) == "str":
            plain[column] = plain[column].map(lambda v: clean(v, 1000) if isinstance(v, str) else v)
    return gpd.GeoDataFrame(plain, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")


def _doubt(row: dict[str, Any]) -> str:
    return "" if row.get("kind", "observed") in ("observed", "") else " (landing not seen)"


def _said(row: dict[str, Any]) -> list[str]:
    names = ("icao24", "operator", "from_airport", "to_airport", "kind", "reason", "networks", "title", "origin")
    said = [f"{name.replace('_', ' ')}: {row[name]}" for name in names if row.get(name)]
    return said if isinstance(row.get("take_off"), datetime) or "take_off" not in row else [*said, "not seen leaving"]

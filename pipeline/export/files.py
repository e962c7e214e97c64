"""Frames as CSV, GeoJSON and KML. Every file carries its attribution, every row its origin; a reconstruction says so by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import pandas as pd

from pipeline.export.text import clean
from pipeline.model.csvfile import write_rows
from pipeline.model.frames import records
from pipeline.model.time import to_iso

LABEL: Final = "[RECONSTRUCTION] "
BULKY: Final = frozenset({"capture_ids", "capture_id"})


def landings_as(form: str, landings: pd.DataFrame, columns: Sequence[str]) -> str:
    """``csv``, ``json`` or ``geojson`` of exactly these columns (GeoJSON without geometry: the airport is the place)."""
    rows = [{c: _plain(row[c]) for c in columns} for row in records(landings)]
    if form == "csv":
        return write_rows(columns, ([row[c] for c in columns] for row in rows), for_spreadsheet=True)
    if form == "json":
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    features = [{"type": "Feature", "geometry": None, "properties": row} for row in rows]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False) + "\n"


def as_csv(what: str, frame: pd.DataFrame, attribution: Sequence[str]) -> str:  # noqa: ARG001 - one signature for all formats
    """A table for spreadsheets; the attribution is its last comment lines."""
    columns = [c for c in frame.columns if c not in BULKY]
    body = write_rows(columns, ([_plain(row[c]) for c in columns] for row in records(frame)), for_spreadsheet=True)
    return body + "".join(f"# {line}\n" for line in attribution)


def as_geojson(what: str, frame: pd.DataFrame, attribution: Sequence[str]) -> str:
    """Points, or one line a track with its times."""
    rows = records(frame)
    features = [_line(track) for track in _tracks(rows)] if what == "tracks" else [_point(row) for row in rows]
    return json.dumps({"type": "FeatureCollection", "attribution": list(attribution), "features": features}, ensure_ascii=False) + "\n"


def as_kml(what: str, frame: pd.DataFrame, attribution: Sequence[str]) -> str:
    """KML 2.2; tracks have times (gx:Track), points a description."""
    rows = records(frame)
    marks = [_kml_track(track) for track in _tracks(rows)] if what == "tracks" else [_kml_point(row) for row in rows]
    about = escape("; ".join(attribution))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>\n'
        f"<name>tarmac {escape(what)}</name><description>{about}</description>\n" + "\n".join(marks) + "\n</Document></kml>\n"
    )


def _tracks(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    by: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["icao24"], []).append(row)
    return list(by.values())


def _name(row: dict[str, Any]) -> str:
    tail = row.get("registration") or row["icao24"]
    label = LABEL if row.get("origin") == "reconstructed" else ""
    return clean(f"{label}{tail} {row.get('airport', '')}".strip(), 120)


def _line(track: list[dict[str, Any]]) -> dict[str, Any]:
    first = track[0]
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[p["lon"], p["lat"]] for p in track]},
        "properties": {
            "name": _name(first),
            "icao24": first["icao24"],
            "origin": first["origin"],
            "times": [to_iso(p["time"]) for p in track],
        },
    }


def _point(row: dict[str, Any]) -> dict[str, Any]:
    properties = {k: _plain(v) for k, v in row.items() if k not in ("lat", "lon") and k not in BULKY}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {"name": _name(row), **properties},
    }


def _kml_track(track: list[dict[str, Any]]) -> str:
    say: Callable[[dict[str, Any]], str] = lambda p: f"<when>{to_iso(p['time'])}</when>"  # noqa: E731
    whens = "".join(map(say, track))
    places = "".join(f"<gx:coord>{p['lon']} {p['lat']} {_metres(p['alt_baro_ft'])}</gx:coord>" for p in track)
    line = f"<gx:Track><altitudeMode>absolute</altitudeMode>{whens}{places}</gx:Track>"
    return f"<Placemark><name>{escape(_name(track[0]))}</name>{line}</Placemark>"


def _kml_point(row: dict[str, Any]) -> str:
    said = escape(clean("; ".join(f"{k}: {_plain(v)}" for k, v in row.items() if k not in BULKY and _plain(v) not in ("", None)), 1500))
    at = f"<Point><coordinates>{row['lon']},{row['lat']}</coordinates></Point>"
    return f"<Placemark><name>{escape(_name(row))}</name><description>{said}</description>{at}</Placemark>"


def _metres(feet: float) -> int:
    return 0 if feet != feet else round(feet * 0.3048)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_iso(value)
    if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
        return None
    return clean(value, 1000) if isinstance(value, str) else value

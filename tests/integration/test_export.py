"""``tarmac export`` in each form, read by the tools that users have, and what is held back from publication."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import icalendar
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest

from pipeline.alerts.embargo import Embargoes
from pipeline.detect.stays import build_stays
from pipeline.jobs.exported import FORMS, KINDS, exported
from pipeline.jobs.world import World, make_world
from pipeline.model.errors import UsageError
from pipeline.model.frames import LANDINGS, POSITIONS, TAKE_OFFS, records
from pipeline.model.settings import Settings
from pipeline.model.watchlist import COLUMNS
from pipeline.store.store import Store

NOW = datetime(2022, 11, 14, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("world") / "list.csv"
    row = "afff01,RA-00001,T204,Tupolev,=Flight Detachment,RU,government,operated,,,UUWW,a test,2022-01-01,listed,0"
    path.write_text(f"{','.join(COLUMNS)}\n{row}\n")
    return make_world(Settings(data_dir=path.parent), watchlist_files=(path,))


@pytest.fixture
def store(tmp_path: Path, world: World) -> Iterator[Store]:
    """Two landings, at Ankara and at a gateway into Ukraine, each with its track."""
    rows, track = [], []
    said = {"icao24": "afff01", "provider": "feed", "origin": "recorded"}
    for number, (airport, at) in enumerate((("LTAC", NOW - 30 * HOUR), ("EPRZ", NOW - HOUR))):
        field = world.airports.get(airport)
        rows.append(
            {
                "landing_id": f"lnd-{number:010}",
                "icao24": "afff01",
                "airport": airport,
                "touchdown": at,
                "touchdown_earliest": at,
                "touchdown_latest": at,
                "kind": "inferred" if number else "observed",
                "confidence": 0.9,
                "from_time": at - HOUR,
                "reason": "seen \u202e there",
                "networks": "feed",
                "origin": "recorded",
                "lifecycle": "final",
            }
        )
        track += [{**said, "time": at - minute * HOUR / 60, "lat": field.lat, "lon": field.lon} for minute in range(5)]
    left = TAKE_OFFS.make(
        [{"icao24": "afff01", "airport": "LTAC", "take_off": NOW - 3 * HOUR, "kind": "observed", "confidence": 0.9, "origin": "recorded"}]
    )
    frame = LANDINGS.make(rows)
    stays = build_stays(frame, left, identify=world.identify, airports=world.airports, gazetteer=world.gazetteer, last_seen={"afff01": NOW})
    with Store.open("sqlite:///t.db", data_dir=tmp_path) as opened:
        with opened.transaction() as tx:
            for row in records(frame):
                tx.landings.write(row, change="new", reason="t", version="t", at=NOW)
            for row in records(stays):
                tx.stays.write(row, change="seen", reason="t", version="t", at=NOW)
            tx.positions.append(POSITIONS.make(track))
        yield opened


def test_every_form_opens_where_it_is_meant_to(store: Store, world: World, tmp_path: Path) -> None:
    for what in ("landings", "stays", "tracks"):
        path = tmp_path / f"{what}.gpkg"
        path.write_bytes(exported(store, world, what, "gpkg", now=NOW).body)
        frame = gpd.read_file(path, layer=what)
        assert (len(frame), frame.crs.to_epsg()) == ((10 if what == "tracks" else 2), 4326)
        assert any("plane-alert-db" in line for line in pyogrio.read_dataframe(path, layer="about", read_geometry=False)["attribution"])
        body = exported(store, world, what, "parquet", now=NOW).body
        assert len(gpd.read_parquet(io.BytesIO(body))) == len(frame)
        assert b"plane-alert-db" in pq.read_schema(io.BytesIO(body)).metadata[b"attribution"]
        assert ElementTree.fromstring(exported(store, world, what, "kml", now=NOW).body).tag.endswith("kml")
        assert json.loads(exported(store, world, what, "geojson", now=NOW).body)["attribution"]
    table = pd.read_csv(io.BytesIO(exported(store, world, "stays", "csv", now=NOW).body), comment="#")
    assert list(table["operator"]) == ["'=Flight Detachment"] * 2, "no formula in a spreadsheet"


def test_stays_are_events_of_a_calendar(store: Store, world: World) -> None:
    calendar = icalendar.Calendar.from_ical(exported(store, world, "stays", "ics", now=NOW).body)
    first, second = sorted(calendar.walk("VEVENT"), key=lambda event: event["DTSTART"].dt)
    assert str(first["SUMMARY"]) == "Russian state aircraft RA-00001 at Ankara Esenboğa"
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (NOW - 30 * HOUR, NOW - 3 * HOUR)
    assert str(second["SUMMARY"]).endswith("(landing not seen)")
    assert "DTEND" not in second
    assert "not seen leaving" in str(second["DESCRIPTION"])
    landings = icalendar.Calendar.from_ical(exported(store, world, "landings", "ics", now=NOW).body)
    assert not any("\u202e" in str(event["DESCRIPTION"]) for event in landings.walk("VEVENT"))


def test_what_is_for_publication_leaves_out_what_is_held_back(store: Store, world: World) -> None:
    for what, whole, public in (("landings", 2, 1), ("stays", 2, 0), ("tracks", 10, 5), ("matches", 0, 0)):
        assert exported(store, world, what, "csv", now=NOW).rows == whole
        made = exported(store, world, what, "csv", now=NOW, public=True)
        assert (made.rows, made.left_out) == (public, whole - public), what
        assert b"EPRZ" not in made.body, "nor that the stay in Ankara ended with a flight to there"
    assert exported(store, world, "landings", "csv", now=NOW + 40 * HOUR, public=True).rows == 2
    slow = replace(world, embargoes=Embargoes(delay=timedelta(hours=48)))
    assert exported(store, slow, "tracks", "geojson", now=NOW, public=True).rows == 0
    assert exported(store, slow, "landings", "csv", now=NOW + 20 * HOUR, public=True).rows == 1


def test_what_cannot_be_is_refused_with_what_can(store: Store, world: World) -> None:
    for what, form in (("tracks", "ics"), ("landings", "docx"), ("mails", "csv")):
        with pytest.raises(UsageError, match="cannot export"):
            exported(store, world, what, form, now=NOW)
    for what in KINDS:
        for form in set(FORMS) - {"ics"}:
            assert exported(store, world, what, form, now=NOW).body, (what, form)

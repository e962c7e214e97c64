"""Opens a store for reading and gives frames and figures. No logic of its own."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pandas as pd

from pipeline.correlate.explain import Explanation, explain
from pipeline.export.maps import LandingMap, MapImage
from pipeline.meetings.build import meetings_frame
from pipeline.model.cases import Case, load_case
from pipeline.model.entities import Match
from pipeline.model.errors import NotFound
from pipeline.model.frames import records
from pipeline.model.origin import Origin
from pipeline.model.settings import load_settings
from pipeline.model.watchlist import Watchlist, read_watchlist
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer
from pipeline.store.store import Store

if TYPE_CHECKING:
    import geopandas as gpd


class Desk:
    """Frames of one store. Times are aware UTC."""

    def __init__(self, store: Store, *, case: Case | None = None, watchlist: Watchlist | None = None) -> None:
        self._store = store
        self.case = case
        self.watchlist = watchlist

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._store.close()

    def landings(self) -> pd.DataFrame:
        """``LANDINGS``, open approaches too."""
        with self._store.read() as session:
            return session.landings.current()

    def stays(self) -> gpd.GeoDataFrame:
        """``STAYS`` with the airfield's point (EPSG:4326)."""
        import geopandas as gpd

        with self._store.read() as session:
            stays = session.stays.current()
        fields = [load_airports().get(code) for code in stays["airport"]]
        points = gpd.points_from_xy([f.lon for f in fields], [f.lat for f in fields])
        return gpd.GeoDataFrame(stays, geometry=points, crs="EPSG:4326")

    def meetings(self) -> pd.DataFrame:
        """``MEETINGS``."""
        with self._store.read() as session:
            return meetings_frame(session.meetings.current())

    def matches(self) -> tuple[Match, ...]:
        """The most probable first."""
        with self._store.read() as session:
            return session.matches.current()

    def track(self, icao24: str, start: datetime | None = None, end: datetime | None = None) -> pd.DataFrame:
        """``POSITIONS`` of one aircraft."""
        with self._store.read() as session:
            return session.positions.window([icao24], start, end)

    def explain(self, match: Match) -> Explanation:
        """A match in permitted words, with its waterfall."""
        with self._store.read() as session:
            stay = records(session.stays.get(match.stay_id))[0]
            meeting = session.meetings.get(match.meeting_id)
        return explain(match, stay=stay, meeting=meeting, airports=load_airports())

    def map(self, landing_id: str) -> MapImage:
        """The last half hour before a landing.

        Raises:
            NotFound: there is no such landing.
        """
        with self._store.read() as session:
            _, found = session.resolve(landing_id)
            row = records(session.landings.get(found))[0]
            around = timedelta(minutes=35)
            track = session.positions.window([row["icao24"]], row["touchdown"] - around, row["touchdown"] + around)
        airports = load_airports()
        return LandingMap(
            track=track,
            airport=airports.get(row["airport"]),
            runways=airports.runways(row["airport"]),
            touchdown=row["touchdown"],
            label=row["registration"] or row["icao24"],
            origin=Origin(row["origin"]),
            attribution=row["networks"].replace(";", "; "),
        ).draw()

    def who_was_in(self, city: str, day: date) -> gpd.GeoDataFrame:
        """Stays in a city that touch a UTC day.

        Raises:
            NotFound: no such city.
        """
        place = load_gazetteer().find(city)
        stays = self.stays()
        start = pd.Timestamp(day, tz="UTC")
        here = (stays["city"] == place.city) & (stays["country"] == place.country)
        there_then = (stays["touchdown"] < start + pd.Timedelta(days=1)) & (stays["take_off"].isna() | (stays["take_off"] >= start))
        return stays[here & there_then]


def open_case(name: str, *, data_dir: Path | None = None) -> Desk:
    """The store of a demo case.

    Raises:
        NotFound: no such case, or it has not been played.
    """
    case = load_case(name)
    root = (data_dir or load_settings(None, os.environ).settings.data_dir) / "demo" / name
    if not (root / "tarmac.db").is_file():
        raise NotFound(f"the case {name} has not been played here", hint=f"run: tarmac demo {name}")
    store = Store.open(f"sqlite:///{root / 'tarmac.db'}", data_dir=root, readonly=True)
    return Desk(store, case=case, watchlist=read_watchlist([case.watchlist]))


def open_store(config: Path | None = None) -> Desk:
    """The live store that the settings name.

    Raises:
        StoreError: there is none yet.
    """
    settings = load_settings(config, os.environ).settings
    return Desk(Store.open(settings.store_url, data_dir=settings.data_dir, readonly=True))

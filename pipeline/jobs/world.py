"""What a job knows besides the store: places, the watch list, the scoring, the settings, the clock."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.alerts.embargo import Embargoes, parse_embargoes
from pipeline.alerts.recipients import AlertRules, Recipient, parse_rules
from pipeline.alerts.render import check_templates
from pipeline.correlate.habits import Habits
from pipeline.correlate.reach import Neighbours
from pipeline.correlate.scoring import Scoring, load_scoring
from pipeline.detect.detector import Detector, DetectorSettings
from pipeline.detect.events import EventSettings
from pipeline.jobs import aloft
from pipeline.jobs.aloft import Fields
from pipeline.jobs.correlate_files import read_calendar
from pipeline.model.entities import Place, WatchedAircraft
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped
from pipeline.model.frames import CALENDAR
from pipeline.model.settings import Settings
from pipeline.model.time import zone
from pipeline.model.watchlist import Watchlist, read_watchlist
from pipeline.places.airports import Airports, load_airports
from pipeline.places.gazetteer import Gazetteer, load_gazetteer
from pipeline.places.geo import distance_nm, unit_vectors


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(tz=UTC)


class ReplayClock:
    """A clock that is set by hand."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        self._now = max(now, self._now)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Loaded once a run. ``attribution`` is carried by everything that is made.

    ``viewers`` are (name, address with {icao24} and {day}); ``channels`` name the environment variable of each.
    """

    airports: Airports
    gazetteer: Gazetteer
    watchlist: Watchlist
    scoring: Scoring
    detector: Detector
    recipients: tuple[Recipient, ...]
    attribution: tuple[str, ...]
    viewers: tuple[tuple[str, str], ...] = ()
    channels: Mapping[str, str] = field(default_factory=dict)
    embargoes: Embargoes = field(default_factory=Embargoes)
    templates: Path | None = None
    silence: timedelta = timedelta(minutes=8)
    max_age: timedelta = timedelta(hours=6)
    reach: timedelta = field(default=timedelta(days=30))
    calendar: pd.DataFrame = field(default_factory=CALENDAR.cast)
    calibration: Scoring | None = None
    habits: Habits | None = None

    def near_place(self, lat: float, lon: float, *, within_nm: float) -> tuple[str, str] | None:
        """(city, state) of the nearest place where meetings happen, None when none is that near."""
        places = self.gazetteer.places
        lats, lons = _coordinates(places)
        nm = distance_nm(np.full_like(lats, lat), np.full_like(lons, lon), lats, lons)
        nearest = int(np.argmin(nm))
        return (places[nearest].city, places[nearest].country) if nm[nearest] <= within_nm else None

    def fields(self) -> Fields:
        """The fields that serve places where meetings happen."""
        return _fields(self.gazetteer, self.airports)

    def neighbours(self) -> Neighbours:
        """Countries that are reached through one another's airfields."""
        return _neighbours(self.gazetteer, self.airports)

    def identify(self, icao24: str, day: date) -> WatchedAircraft | None:
        return self.watchlist.on(icao24, day)


@lru_cache(maxsize=2)
def _fields(gazetteer: Gazetteer, airports: Airports) -> Fields:
    served: dict[str, tuple[str, str]] = {}
    for place in gazetteer.places:
        for serving in gazetteer.airfields(place):
            served.setdefault(serving.airport, (place.city, place.country))
    known = [airports.get(code) for code in sorted(served) if code in airports]
    lat, lon = np.array([a.lat for a in known]), np.array([a.lon for a in known])
    return Fields(
        codes=tuple(a.code for a in known),
        cities=tuple(served[a.code][0] for a in known),
        states=tuple(served[a.code][1] for a in known),
        lat=lat,
        lon=lon,
        elevation_ft=np.nan_to_num(np.array([a.elevation_ft for a in known])),
        size=np.array([aloft.SIZE.get(a.kind, aloft.SMALL) for a in known]),
        vectors=unit_vectors(lat, lon),
    )


@lru_cache(maxsize=2)
def _neighbours(gazetteer: Gazetteer, airports: Airports) -> Neighbours:
    return Neighbours.known(gazetteer, airports)


@lru_cache(maxsize=2)
def _coordinates(places: tuple[Place, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([p.lat for p in places]), np.array([p.lon for p in places])


LIST_ATTRIBUTION = "Watch list: derived from plane-alert-db (ODbL 1.0), https://github.com/sdr-enthusiasts/plane-alert-db"


def make_world(settings: Settings, *, watchlist_files: tuple[Path, ...] = (), attribution: tuple[str, ...] = ()) -> World:
    """Everything that the settings name, loaded.

    Raises:
        ConfigError: a file is wrong.
    """
    files = watchlist_files or settings.watchlist.files or (shipped("watchlist", "aircraft.csv"),)
    rules, embargoes = load_alerting(settings)
    airports = load_airports()
    events = EventSettings(silence_s=settings.alerts.silence)
    return World(
        airports=airports,
        gazetteer=load_gazetteer(),
        watchlist=read_watchlist(files),
        scoring=load_scoring(),
        calendar=read_calendar(shipped("events.csv")),
        detector=Detector(airports, DetectorSettings(events=events)),
        recipients=rules.told(settings.mail.to or (() if rules.recipients else ("analyst@localhost",))),
        viewers=tuple(rules.viewers.items()),
        channels={name: one.url_env for name, one in rules.channels.items()},
        embargoes=embargoes,
        templates=settings.alerts.templates,
        attribution=(*attribution, LIST_ATTRIBUTION, "Airfields: OurAirports (public domain); cities: GeoNames (CC BY 4.0)"),
        silence=timedelta(seconds=settings.alerts.silence),
        max_age=timedelta(seconds=settings.alerts.max_age),
    )


def zone_of(recipient: Recipient) -> tzinfo:
    """A recipient's time zone; the machine's own where none is given."""
    if recipient.time_zone:
        return zone(recipient.time_zone)
    return datetime.now(tz=UTC).astimezone().tzinfo or UTC


def load_alerting(settings: Settings) -> tuple[AlertRules, Embargoes]:
    """Who is told what, and what is held back: the shipped files, and the user's own over them.

    Raises:
        ConfigError: a file cannot be read, or a key or value in it is wrong: the message names file, line and key.
    """
    base = shipped("alerts.toml").read_text(encoding="utf-8")
    own = settings.alerts.rules
    rules = parse_rules(base, name="alerts.toml")
    if own is not None:
        rules = parse_rules(_text(own, "rules"), name=own.name, base=tomllib.loads(base))
    held = settings.alerts.embargo
    text = shipped("embargo.toml").read_text(encoding="utf-8") if held is None else _text(held, "embargo")
    if settings.alerts.templates is not None:
        check_templates(settings.alerts.templates)
    return rules, parse_embargoes(text, name=held.name if held else "embargo.toml")


def _text(path: Path, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}", hint=f"[alerts] {key} names it") from None

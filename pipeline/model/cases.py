"""Recorded cases that ship with tarmac: a recording, its reported meetings, its own watch list, and what is real."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.model.errors import BadTime, ConfigError, NotFound
from pipeline.model.files import shipped
from pipeline.model.origin import Origin
from pipeline.model.time import parse_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody said an aircraft did, to be held against the track. ``icao24`` empty: the case's only aircraft."""

    said: str
    airport: str
    start: datetime
    end: datetime
    icao24: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    title: str
    city: str
    country: str
    origin: Origin
    recording: Path
    provider: str
    meetings: Path
    watchlist: Path
    real: tuple[str, ...]
    reported: tuple[str, ...]
    invented: tuple[str, ...]
    claims: tuple[Claim, ...]
    sources: tuple[tuple[str, str], ...]


def list_cases() -> list[str]:
    """Names of the shipped cases."""
    return sorted(path.parent.name for path in shipped("cases").glob("*/case.toml"))


def load_case(name: str) -> Case:
    """Raises:
    NotFound: there is no such case.
    ConfigError: its case.toml is damaged.
    """
    if name not in list_cases():
        raise NotFound(f"no case {name!r}", hint=f"one of {', '.join(list_cases())}")
    folder = shipped("cases", name)
    try:
        return _parse(name, folder, tomllib.loads((folder / "case.toml").read_text(encoding="utf-8")))
    except (KeyError, ValueError, BadTime) as error:
        raise ConfigError(f"cases/{name}/case.toml: {error}", hint="compare it with another case") from None


def _parse(name: str, folder: Path, table: dict[str, Any]) -> Case:
    facts = table["facts"]
    return Case(
        name=name,
        title=table["title"],
        city=table["city"],
        country=table["country"],
        origin=Origin(table["origin"]),
        recording=folder / table["recording"]["file"],
        provider=table["recording"]["provider"],
        meetings=folder / "meetings.csv",
        watchlist=folder / "watchlist.csv",
        real=tuple(facts["real"]),
        reported=tuple(facts["reported"]),
        invented=tuple(facts["invented"]),
        claims=tuple(
            Claim(said=c["said"], airport=c["airport"], icao24=c.get("icao24", ""), start=parse_utc(c["from"]), end=parse_utc(c["to"]))
            for c in table.get("claims", ())
        ),
        sources=tuple((s["title"], s["url"]) for s in table.get("sources", ())),
    )

"""Airfields where works overhaul aircraft of states: an innocent cause of a visit. ``config/places/maintenance.csv``."""

from __future__ import annotations

from functools import cache

from pipeline.model.csvfile import read_file
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped


def works_at(airport: str, aircraft_type: str) -> str:
    """Whose works at a field are known to take aircraft of that type, ``""``: none are."""
    who, types = _works().get(airport, ("", ()))
    if not who or (types and not any(part in aircraft_type.casefold() for part in types)):
        return ""
    return who


def works_fields() -> tuple[str, ...]:
    """All fields with works that are known."""
    return tuple(_works())


@cache
def _works() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Field → whose works, and parts of the names of the types they take (none: any).

    Raises:
        ConfigError: the file is wrong.
    """
    path = shipped("places", "maintenance.csv")
    rows, bad = read_file(path, required=("airport", "who", "types", "source"))
    if bad:
        raise ConfigError(str(bad[0]), hint=f"correct {path.name}")
    return {
        row["airport"]: (row["who"], tuple(part.strip().casefold() for part in row["types"].split(";") if part.strip())) for row in rows
    }

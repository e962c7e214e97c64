"""Pairs of states whose aircraft hardly ever visit each other, because one closed its sky to the other or they broke off relations.

``config/places/estranged.csv``: public facts with their days; a visit across such a line is seldom routine.
An embassy that only closed is no break, and what is not known of a new government ends with the old one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

from pipeline.model.csvfile import read_file
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped

KINDS = ("closed_airspace", "no_relations")
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def estranged(one: str, other: str) -> tuple[tuple[float, float, str], ...]:
    """Spells (from, until, kind) in which two states were estranged, in hours since 1970 and in either order; empty: none known."""
    return _spells().get(frozenset((one, other)), ())


@cache
def _spells() -> dict[frozenset[str], tuple[tuple[float, float, str], ...]]:
    """By pair of states.

    Raises:
        ConfigError: the file is wrong.
    """
    path = shipped("places", "estranged.csv")
    rows, bad = read_file(path, required=("one", "others", "kind", "start", "end", "source"))
    if bad:
        raise ConfigError(str(bad[0]), hint=f"correct {path.name}")
    found: dict[frozenset[str], list[tuple[float, float, str]]] = {}
    for row in rows:
        try:
            start = _hours(row["start"])
            end = _hours(row["end"]) + 24.0 if row["end"] else float("inf")
        except ValueError:
            raise ConfigError(f"{path.name} line {row.line}: no day", hint="write days as 2022-02-28") from None
        if row["kind"] not in KINDS or end <= start:
            raise ConfigError(f"{path.name} line {row.line}: no known kind, or it ends before it starts", hint=f"kinds: {', '.join(KINDS)}")
        for other in row["others"].split(";"):
            found.setdefault(frozenset((row["one"], other.strip())), []).append((start, end, row["kind"]))
    return {pair: tuple(sorted(spells)) for pair, spells in found.items()}


def _hours(day: str) -> float:
    at = date.fromisoformat(day)
    return (datetime(at.year, at.month, at.day, tzinfo=UTC) - _EPOCH) / _HOUR

"""What an import would change in a watch list. Rows that a person curated are kept; nothing is removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pipeline.model.entities import WatchedAircraft

#: What an imported list knows better than ours; role, dates and home are our own work.
_TAKEN: Final = ("registration", "type_code", "type", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """``new`` and ``changed`` carry the row to write; ``gone`` is no longer in the source and stays in the list."""

    kind: Literal["new", "changed", "gone"]
    aircraft: WatchedAircraft
    what: str


def list_changes(ours: Sequence[WatchedAircraft], imported: Iterable[WatchedAircraft], *, source: str) -> list[ListChange]:
    """How ``imported`` rows differ from ours, by address.

    A row of ours from another source than ``source``, or with dates, or contested, is a person's work and is left as it is.
    """
    by_hex = {one.icao24: one for one in ours}
    changes: list[ListChange] = []
    seen: set[str] = set()
    for theirs in imported:
        seen.add(theirs.icao24)
        mine = by_hex.get(theirs.icao24)
        if mine is None:
            changes.append(ListChange(kind="new", aircraft=theirs, what=f"{theirs.type or theirs.type_code}, {theirs.operator}"))
        elif _imported(mine, source):
            differ = [name for name in _TAKEN if getattr(theirs, name) and getattr(theirs, name) != getattr(mine, name)]
            if differ:
                what = "; ".join(f"{name}: {getattr(mine, name) or '(empty)'} → {getattr(theirs, name)}" for name in differ)
                row = replace(mine, **{name: getattr(theirs, name) for name in differ}, source_date=theirs.source_date)
                changes.append(ListChange(kind="changed", aircraft=row, what=what))
    missing = (mine for mine in ours if mine.icao24 not in seen and _imported(mine, source))
    stays = "not among the rows kept from the source; it stays in the list"
    changes.extend(ListChange(kind="gone", aircraft=mine, what=stays) for mine in missing)
    return changes


def changed_list(ours: Sequence[WatchedAircraft], changes: Iterable[ListChange]) -> list[WatchedAircraft]:
    """Ours with the new and changed rows, in the order of state and address."""
    rows = {(one.icao24, one.valid_from): one for one in ours}
    for change in changes:
        if change.kind != "gone":
            rows[change.aircraft.icao24, change.aircraft.valid_from] = change.aircraft
    return sorted(rows.values(), key=lambda one: (one.state, one.icao24, str(one.valid_from or "")))


def _imported(one: WatchedAircraft, source: str) -> bool:
    return one.source == source and one.valid_from is None and one.valid_to is None and not one.contested

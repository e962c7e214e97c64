"""A landing keeps its id when a later detection says it better, moves it, or withdraws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import pandas as pd

from pipeline.model.frames import records
from pipeline.model.ids import IdKind, mint
from pipeline.model.time import to_iso

#: Two detections of one aircraft this near in time are the same landing, wherever they put it.
SLACK: Final = timedelta(minutes=30)
_COMPARED: Final = ("airport", "touchdown", "kind", "confidence", "runway", "from_airport", "lifecycle", "networks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the store must write of one landing. ``row`` is a ``LANDINGS`` row with its id."""

    landing_id: str
    change: Literal["new", "changed", "withdrawn", "superseded"]
    reason: str
    row: Mapping[str, Any]


def adopt(
    detected: pd.DataFrame, known: pd.DataFrame, *, since: Mapping[str, datetime], until: datetime | None = None
) -> tuple[Change, ...]:
    """Compare a detection with what the store holds.

    Args:
        detected: ``LANDINGS`` without ids.
        known: ``LANDINGS`` of the same aircraft with ids, neither withdrawn nor superseded.
        since: where the re-detected stretch of each aircraft begins; known landings before it are left alone.
        until: where it ends; known landings after it are left alone (a clock may have been set back).
    """
    changes: list[Change] = []
    taken: set[str] = set()
    old_rows = records(known.sort_values("touchdown", kind="stable"))
    for new in records(detected.sort_values(["icao24", "touchdown"], kind="stable")):
        same = [old for old in old_rows if old["icao24"] == new["icao24"] and _overlap(old, new) and old["landing_id"] not in taken]
        if not same:
            landing_id = mint(IdKind.LANDING, str(new["icao24"]), str(new["airport"]), to_iso(new["touchdown"]))
            changes.append(Change(landing_id=landing_id, change="new", reason=str(new["reason"]), row={**new, "landing_id": landing_id}))
            taken.add(landing_id)
            continue
        oldest = same[0]
        taken.update(old["landing_id"] for old in same)
        # Who saw it once has seen it, and a network that says so later is one more witness.
        networks = _joined(*(str(old["networks"]) for old in same), str(new["networks"]))
        row = {**new, "networks": networks, "landing_id": oldest["landing_id"]}
        if any(not _equal(oldest[c], row[c]) for c in _COMPARED):
            changes.append(Change(landing_id=oldest["landing_id"], change="changed", reason=_difference(oldest, row), row=row))
        changes += [
            Change(
                landing_id=old["landing_id"],
                change="superseded",
                reason=f"the same landing as {oldest['landing_id']}",
                row={**old, "lifecycle": "superseded"},
            )
            for old in same[1:]
        ]
    for old in old_rows:
        start = since.get(old["icao24"])
        ahead = until is not None and old["touchdown_latest"] > until
        if old["landing_id"] not in taken and start is not None and old["touchdown_earliest"] >= start and not ahead:
            reason = f"no longer found with the positions since received; it had said: {old['reason']}"
            changes.append(Change(landing_id=old["landing_id"], change="withdrawn", reason=reason, row={**old, "lifecycle": "withdrawn"}))
    return tuple(changes)


def _joined(*networks: str) -> str:
    return ";".join(sorted({name for several in networks for name in several.split(";") if name}))


def _overlap(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(
        old["touchdown_earliest"] - SLACK <= new["touchdown_latest"] + SLACK
        and new["touchdown_earliest"] - SLACK <= old["touchdown_latest"] + SLACK
    )


def _equal(a: object, b: object) -> bool:
    return bool(a == b) or (a != a and b != b)


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    said = [f"{c} {_say(old[c])} → {_say(new[c])}" for c in _COMPARED if not _equal(old[c], new[c])]
    return "; ".join(said)


def _say(value: object) -> str:
    return to_iso(value) if isinstance(value, datetime) else str(value) or "unknown"

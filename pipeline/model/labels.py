"""What is said beside the positions, for whoever works on ``Columns``: asked only for the few rows that an answer names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from pipeline.model.columns import Columns, Ints
from pipeline.model.ids import clean_callsign


class Labels(Protocol):
    """By icao24, and by ``row`` of the ``Columns``."""

    def identity(self, icao24: str) -> tuple[str, str]:
        """Registration and type code, empty where not said."""
        ...

    def callsign(self, rows: Ints) -> str:
        """The last one sent in these rows of one aircraft, else the last before them; cleaned."""
        ...

    def networks(self, rows: Ints, /) -> Sequence[str]: ...

    def captures(self, rows: Ints, /) -> Sequence[str]: ...

    def origins(self, rows: Ints, /) -> Sequence[str]: ...


class FrameLabels:
    """Labels from the ``POSITIONS`` frame that the ``Columns`` were made of."""

    def __init__(self, positions: pd.DataFrame, seen: Columns) -> None:
        self._frame = {
            name: positions[name].to_numpy(dtype=object)
            for name in ("registration", "type_code", "callsign", "provider", "capture_id", "origin")
        }
        self._seen = seen

    def identity(self, icao24: str) -> tuple[str, str]:
        rows = self._rows(self._seen.icao24.index(icao24))
        return _last_known(self._frame["registration"][rows]), _last_known(self._frame["type_code"][rows])

    def callsign(self, rows: Ints) -> str:
        here = _last_known(self._frame["callsign"][rows])
        if not here and len(rows):
            aircraft = int(self._seen.aircraft[np.flatnonzero(self._seen.row == rows[-1])[0]])
            here = _last_known(self._frame["callsign"][self._rows(aircraft)])
        return clean_callsign(here)

    def networks(self, rows: Ints) -> Sequence[str]:
        return sorted({str(p) for p in self._frame["provider"][rows]} - {""})

    def captures(self, rows: Ints) -> Sequence[str]:
        return list(dict.fromkeys(str(c) for c in self._frame["capture_id"][rows] if c))

    def origins(self, rows: Ints) -> Sequence[str]:
        return sorted({str(o) for o in self._frame["origin"][rows]})

    def _rows(self, aircraft: int) -> Ints:
        start, stop = np.searchsorted(self._seen.aircraft, [aircraft, aircraft + 1])
        return self._seen.row[start:stop]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLabels:
    """What one aircraft's trace says. ``changes`` are the rows, in order, at which another callsign was sent, ``callsigns`` these."""

    icao24: str
    registration: str
    type_code: str
    provider: str
    capture_id: str
    origin: str
    changes: Ints
    callsigns: Sequence[str]

    def identity(self, icao24: str) -> tuple[str, str]:
        return (self.registration, self.type_code) if icao24 == self.icao24 else ("", "")

    def callsign(self, rows: Ints) -> str:
        before = int(np.searchsorted(self.changes, rows[-1], side="right")) if len(rows) else 0
        return clean_callsign(self.callsigns[before - 1]) if before else ""

    def networks(self, _rows: Ints, /) -> Sequence[str]:
        return [self.provider]

    def captures(self, _rows: Ints, /) -> Sequence[str]:
        return [self.capture_id]

    def origins(self, _rows: Ints, /) -> Sequence[str]:
        return [self.origin]


@dataclass(frozen=True, slots=True)
class _Numbered:
    labels: Labels
    start: int
    icao24: Sequence[str]

    @classmethod
    def all_of(cls, labels: Labels, start: int, icao24: Sequence[str]) -> list[_Numbered]:
        """The labels, or, where they are joined already, each of theirs."""
        if isinstance(labels, JoinedLabels):
            return [cls(one.labels, one.start + start, one.icao24) for one in labels.parts]
        return [cls(labels, start, icao24)]


class JoinedLabels:
    """Labels of parts whose rows were numbered on: part ``k`` has rows ``starts[k] … starts[k + 1] − 1`` and aircraft ``icao24[k]``."""

    def __init__(self, parts: Sequence[Labels], starts: Sequence[int], icao24: Sequence[Sequence[str]]) -> None:
        joined = [_Numbered.all_of(part, start, names) for part, start, names in zip(parts, starts, icao24, strict=True)]
        self.parts = [one for some in joined for one in some]
        self._starts = np.array([one.start for one in self.parts], dtype=np.int64)
        self._owners: dict[str, list[Labels]] = {}
        for one in self.parts:
            for name in one.icao24:
                self._owners.setdefault(name, []).insert(0, one.labels)
        self._last: tuple[Ints | None, list[tuple[Labels, Ints]]] = None, []

    def identity(self, icao24: str) -> tuple[str, str]:
        return next((known for part in self._owners.get(icao24, ()) if any(known := part.identity(icao24))), ("", ""))

    def callsign(self, rows: Ints) -> str:
        return next((text for part, own in reversed(self._split(rows)) if (text := part.callsign(own))), "")

    def networks(self, rows: Ints) -> Sequence[str]:
        return sorted({name for part, own in self._split(rows) for name in part.networks(own)} - {""})

    def captures(self, rows: Ints) -> Sequence[str]:
        return list(dict.fromkeys(one for part, own in self._split(rows) for one in part.captures(own)))

    def origins(self, rows: Ints) -> Sequence[str]:
        return sorted({one for part, own in self._split(rows) for one in part.origins(own)})

    def _split(self, rows: Ints) -> list[tuple[Labels, Ints]]:
        if self._last[0] is not rows:
            owner = np.searchsorted(self._starts, rows, side="right") - 1
            if len(owner) and owner[0] == owner[-1] and (owner == owner[0]).all():
                split = [(self.parts[owner[0]].labels, rows - self._starts[owner[0]])]
            else:
                split = [(self.parts[k].labels, rows[owner == k] - self._starts[k]) for k in dict.fromkeys(owner.tolist())]
            # The same rows are asked for one label after another.
            self._last = rows, split
        return self._last[1]


def _last_known(values: np.ndarray[tuple[int], np.dtype[np.object_]]) -> str:
    return next((str(v) for v in values[::-1] if v), "")

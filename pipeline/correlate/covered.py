"""Which days of which cities were covered: without coverage, no visit is not a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.tables import Codes, StayTable, hours
from pipeline.model.frames import COVERAGE
from pipeline.places.gazetteer import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WEEK_H, _MONTH_H = 168.0, 720.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covered:
    """Spells of coverage by city, in hours since 1970, sorted and without overlap; or one era for all places.

    ``spells`` is None when no coverage was given: then ``era`` runs from the first stay to the last, every city is taken
    as covered, and its weeks without a single stay anywhere do not count: nobody may have been watching.
    """

    spells: Mapping[str, NDArray[np.float64]] | None
    era: tuple[float, float]
    era_days: float
    codes: Codes

    def days(self, key: str) -> float:
        """Covered days of a place (by its key)."""
        if self.spells is None:
            return self.era_days
        spells = self.spells.get(key.partition("/")[2])
        return 0.0 if spells is None else float((spells[:, 1] - spells[:, 0]).sum()) / 24

    def weeks(self, key: str) -> NDArray[np.int64]:
        """The weeks of the era, numbered from its start, of which at least half was covered at a place."""
        edges = np.arange(self.era[0], max(self.era[1], self.era[0] + _WEEK_H), _WEEK_H)
        if self.spells is None:
            return np.arange(len(edges), dtype=np.int64)
        spells = self.spells.get(key.partition("/")[2])
        if spells is None:
            return np.empty(0, dtype=np.int64)
        inside = np.minimum(edges[:, None] + _WEEK_H, spells[:, 1]) - np.maximum(edges[:, None], spells[:, 0])
        return np.flatnonzero(np.clip(inside, 0, None).sum(axis=1) >= _WEEK_H / 2).astype(np.int64)

    def keys_of(self, stays: StayTable) -> NDArray[np.object_]:
        """The place key of each stay."""
        names = {number: text for text, number in self.codes.numbers.items()}
        return np.array([names.get(int(p), "") for p in stays.place], dtype=object)

    def holds(self, stays: StayTable) -> NDArray[np.bool_]:
        """Whether each stay's touchdown lies in a covered spell of its city."""
        return np.ones(len(stays), dtype=bool) if self.spells is None else self._inside(self.keys_of(stays), stays.arrive_h)

    def watched(self, place: NDArray[np.int64], at_h: NDArray[np.float64], stays: StayTable) -> NDArray[np.bool_]:
        """Whether a visit to each place at each time would have been seen, as far as one can tell: the time is covered, and
        somebody's stay was seen there within a month.

        Args:
            place: codes, -1 unknown.
        """
        names = {number: text for text, number in self.codes.numbers.items()}
        inside = (at_h >= self.era[0]) & (at_h <= self.era[1])
        if self.spells is not None:
            inside = self._inside(np.array([names.get(int(p), "") for p in place], dtype=object), at_h)
        usable = stays.counts & (stays.place >= 0)
        order = np.lexsort((stays.arrive_h[usable], stays.place[usable]))
        # Place and time as one number that sorts: hours since 1970 take six digits.
        seen = stays.place[usable][order] * 1e7 + stays.arrive_h[usable][order]
        wanted = place * 1e7 + at_h
        near = np.searchsorted(seen, wanted + _MONTH_H, side="right") > np.searchsorted(seen, wanted - _MONTH_H, side="left")
        return np.asarray(inside & near & (place >= 0), dtype=bool)

    def _inside(self, keys: NDArray[np.object_], at_h: NDArray[np.float64]) -> NDArray[np.bool_]:
        spells_of = self.spells or {}
        series = pd.Series(keys, dtype="object")
        inside = np.zeros(len(keys), dtype=bool)
        for key, rows in series.groupby(series).indices.items():
            spells = spells_of.get(str(key).partition("/")[2])
            if spells is not None:
                at = np.searchsorted(spells[:, 0], at_h[rows], side="right") - 1
                inside[rows] = (at >= 0) & (at_h[rows] <= spells[np.maximum(at, 0), 1])
        return inside


def covered_of(coverage: pd.DataFrame | None, stays: StayTable, *, names: PlaceNames, codes: Codes) -> Covered:
    """Coverage from a ``COVERAGE`` frame, or the era of the stays that count when there is none."""
    arrive = stays.arrive_h[stays.counts]
    era = (float(arrive.min()), float(arrive.max())) if len(arrive) else (0.0, 0.0)
    if coverage is None:
        return Covered(spells=None, era=era, era_days=_watched_days(arrive), codes=codes)
    frame = COVERAGE.make(coverage)
    spans = pd.DataFrame({"city": frame["city"], "start": hours(frame["start"]), "end": hours(frame["end"])})
    spells: dict[str, NDArray[np.float64]] = {}
    for city, rows in spans.groupby("city"):
        merged = _merge(rows[["start", "end"]].to_numpy(dtype=np.float64))
        for name in {fold(str(city)), *(fold(p.city) for p in names.gazetteer.search(str(city)))}:
            spells[name] = _merge(np.concatenate([spells[name], merged])) if name in spells else merged
    if len(spans):
        era = (float(spans["start"].min()), float(spans["end"].max()))
    return Covered(spells=spells, era=era, era_days=(era[1] - era[0]) / 24, codes=codes)


def _watched_days(arrive: NDArray[np.float64]) -> float:
    """Days of the weeks in which anything was seen, and no more than lie between the first stay and the last."""
    if not len(arrive):
        return 0.0
    weeks = len(np.unique(np.floor(arrive / _WEEK_H)))
    return float(min(7 * weeks, np.ceil((arrive.max() - arrive.min()) / 24) + 1))


def _merge(spans: NDArray[np.float64]) -> NDArray[np.float64]:
    """Overlapping spells joined."""
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reach = np.maximum.accumulate(spans[:, 1])
    new = np.ones(len(spans), dtype=bool)
    new[1:] = spans[1:, 0] > reach[:-1]
    starts = np.flatnonzero(new)
    return np.column_stack([spans[starts, 0], np.maximum.reduceat(spans[:, 1], starts)])

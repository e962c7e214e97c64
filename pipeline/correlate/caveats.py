"""What else would explain a stay, and what is not known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.listed import Listed
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import StayTable, hours
from pipeline.correlate.words import say_rotation
from pipeline.model.frames import CALENDAR
from pipeline.places.gazetteer import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A weekly rotation shows in at least this many earlier visits ...
_ROTATION_VISITS = 4
#: ... of which at least this share came a whole number of weeks before, to within a day.
_ROTATION_SHARE = 0.7
#: So many visits a year are a frequent visitor's. The table of chances in docs/method-correlation.md shows why.
_FREQUENT_PER_YEAR = 24.0

#: Delegations to a gathering come and go this many hours before and after it.
_BEFORE_H, _AFTER_H = 48.0, 24.0


class Caveats:
    """Innocent explanations and gaps for rows of a table of stays."""

    def __init__(
        self, stays: StayTable, *, listed: Listed, scoring: Scoring, calendar: pd.DataFrame | None, networks: dict[str, str]
    ) -> None:
        self._stays, self._listed, self._scoring, self._networks = stays, listed, scoring, networks
        self._calendar = CALENDAR.cast() if calendar is None else CALENDAR.make(calendar)
        self._from_h, self._to_h = hours(self._calendar["start"]), hours(self._calendar["end"])
        self._city = np.array([fold(c) for c in self._calendar["city"]], dtype=object)
        self._country = self._calendar["country"].to_numpy(dtype=object)

    def ground_minutes(self, row: int) -> float:
        """Minutes on the ground, NaN when it was not seen leaving."""
        return float(self._stays.leave_h[row] - self._stays.arrive_h[row]) * 60

    def technical_stop(self, row: int) -> bool:
        return self.ground_minutes(row) < self._scoring.leads.technical_stop_min

    def rotation(self, row: int, before: NDArray[np.int64]) -> str:
        """A weekly rhythm among the earlier visits, in words, or ``''``."""
        if len(before) < _ROTATION_VISITS:
            return ""
        weeks = (self._stays.arrive_h[row] - self._stays.arrive_h[before]) / (24.0 * 7)
        in_step = int((np.abs(weeks - np.round(weeks)) * 7 <= 1.0).sum())
        if in_step < _ROTATION_SHARE * len(before):
            return ""
        return say_rotation(in_step, len(before))

    def gathering(self, row: int) -> str:
        """A known gathering in that city at that time, in words, or ``''``."""
        if not len(self._country):
            return ""
        stays = self._stays
        leave = stays.leave_h[row]
        until = leave if leave == leave else stays.arrive_h[row]
        near = (self._from_h - _BEFORE_H <= until) & (self._to_h + _AFTER_H >= stays.arrive_h[row])
        city = fold(stays.text(row, "city"))
        here = (self._country == stays.text(row, "country")) & ((self._city == city) | (self._city == ""))
        for at in np.flatnonzero(near & here):
            gathering = self._calendar.iloc[int(at)]
            return f"a known gathering there: {gathering['title'] or gathering['kind']}"
        return ""

    def gathered(self) -> NDArray[np.bool_]:
        """One flag a stay: a known gathering was there at that time."""
        stays = self._stays
        until = np.where(np.isnan(stays.leave_h), stays.arrive_h, stays.leave_h)
        country = stays.frame["country"].to_numpy(dtype=object)
        folded = {c: fold(c) for c in stays.frame["city"].unique()}
        city = stays.frame["city"].map(folded).to_numpy(dtype=object)
        found = np.zeros(len(stays), dtype=bool)
        for start, end, where, whose in zip(self._from_h, self._to_h, self._city, self._country, strict=True):
            near = (start - _BEFORE_H <= until) & (end + _AFTER_H >= stays.arrive_h) & (country == whose)
            found |= near & ((city == where) | (where == ""))
        return found

    def innocent(self, row: int, before: NDArray[np.int64], *, visits: float, days: float) -> tuple[str, ...]:
        """Explanations other than the meeting that fit what was seen."""
        said = []
        if self.technical_stop(row):
            said.append(f"a technical or crew stop: {self.ground_minutes(row):.0f} min on the ground")
        if home := self._at_home(row):
            said.append(home)
        said += [text for text in (self.rotation(row, before), self.gathering(row)) if text]
        if days >= self._scoring.rates.min_covered_days and visits / days * 365.25 >= _FREQUENT_PER_YEAR:
            said.append(f"a frequent visitor: {visits:.0f} other visits of its state in {days:.0f} covered days")
        return tuple(said)

    def missing(self, row: int, *, days: float) -> tuple[str, ...]:
        """What is not known, the weightiest first."""
        stays, said = self._stays, []
        icao24, day = stays.text(row, "icao24"), stays.touchdown(row).date()
        if self._listed.level(icao24, day) == "contested":
            said.append("whose aircraft it is: its identity is disputed")
        elif self._listed.dates_unknown(icao24, day):
            said.append("since when and until when the aircraft is its state's: the watch list has no dates")
        if not stays.text(row, "from_airport"):
            said.append("where it came from")
        if np.isnan(stays.leave_h[row]):
            said.append("when it left: no departure seen")
        if stays.text(row, "kind") in ("inferred", "bracketed"):
            said.append("the touchdown itself: it was not seen on the ground")
        network = self._networks.get(stays.text(row, "landing_id"), "")
        if network and ";" not in network:
            said.append(f"a second network: only {network} saw it")
        if days < self._scoring.rates.min_covered_days:
            said.append(f"how unusual it is: history {days:.0f} day{'' if round(days) == 1 else 's'}, rarity unknown")
        said.append("who was aboard")
        return tuple(said)

    def _at_home(self, row: int) -> str:
        home = self._listed.home(self._stays.text(row, "icao24"))
        return f"it is based there: {home} is its home field" if home and home == self._stays.text(row, "airport") else ""

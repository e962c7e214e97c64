"""How unusual a stay is and what was there before, for a message written before any report is known.

The same counts, rates and precedents that matches are scored with (``rates``, ``precedents``, ``caveats``), in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from pipeline.correlate import words
from pipeline.correlate.caveats import Caveats
from pipeline.correlate.covered import covered_of
from pipeline.correlate.delegations import delegations
from pipeline.correlate.habits import Habits
from pipeline.correlate.listed import listed_of
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.precedents import Precedents
from pipeline.correlate.rates import count_visits, counted_visits, rates_of
from pipeline.correlate.scoring import DAYS_PER_YEAR, Scoring
from pipeline.correlate.standing import standing_of
from pipeline.correlate.tables import Codes, meeting_table, stay_table, with_ids
from pipeline.model.entities import WatchedAircraft
from pipeline.places.airports import Airports
from pipeline.places.gazetteer import Gazetteer

#: What is said of a stay that is no visit.
AT_HOME: Final = "at home: landings of a state's own aircraft at its seat are not counted as visits"
_SUFFIX: Final = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """``visits`` of its state to the place other than this one, in ``days`` covered days; ``last`` is the one before.

    ``a_year`` is the rate per year, None while the history is too short to tell. ``said`` is the sentence for people.
    """

    visits: int
    days: float
    last: datetime | None
    a_year: float | None
    said: str
    precedents: tuple[str, ...]
    innocent: tuple[str, ...]


class Backgrounds:
    """Looks stays up in a history.

    Args:
        history: ``STAYS``, all that is known, those to be asked about among them.
        meetings: ``MEETINGS``, for what was reported of earlier visits.
        coverage: ``COVERAGE``; None: the weeks in which anything was seen.
        calendar: ``CALENDAR`` of known gatherings.
        habits: what a whole history says; ``history`` is then only what is to be asked about, and what was there before it.

    Raises:
        InputError: a frame does not fit its schema, or an id occurs twice in it.
    """

    def __init__(
        self,
        history: pd.DataFrame,
        meetings: pd.DataFrame,
        *,
        scoring: Scoring,
        gazetteer: Gazetteer,
        airports: Airports,
        watched: Iterable[WatchedAircraft] = (),
        coverage: pd.DataFrame | None = None,
        calendar: pd.DataFrame | None = None,
        habits: Habits | None = None,
    ) -> None:
        names = PlaceNames(gazetteer=gazetteer, airports=airports)
        standing = None if habits is None else standing_of(habits, names, scoring.rates)
        codes = Codes() if standing is None else standing.codes
        self._scoring = scoring
        known = listed_of(watched)
        self._stays = stay_table([with_ids(history)], names=names, codes=codes, homes=known.homes)
        leader = delegations(self._stays, within_h=scoring.delegation.hours)
        covered = covered_of(coverage, self._stays, names=names, codes=codes) if habits is None else habits.covered(codes)
        visits = counted_visits(self._stays, leader, covered)
        self._counted = visits if habits is None else visits & (self._stays.arrive_h <= habits.until_h)
        if standing is None:
            counts = count_visits(self._stays, leader, covered)
            self._rates = rates_of(counts, names=names, codes=codes, settings=scoring.rates, covered=covered)
        else:
            self._rates = standing.rates
        self._caveats = Caveats(self._stays, listed=known, scoring=scoring, calendar=calendar, networks={})
        reports = meeting_table(meetings, names=names, codes=codes, scoring=scoring)
        self._precedents = Precedents(self._stays, reports, leader)
        self._cells: dict[tuple[int, int], tuple[float, float]] = {}
        self._row = {str(stay_id): row for row, stay_id in enumerate(self._stays.stay_id)}
        self._reach = covered.era_days

    def of(self, stay_id: str) -> Background:
        """What is known before and beside a stay; nothing for one that the history lacks."""
        row = self._row.get(stay_id)
        if row is None:
            return Background(
                visits=0, days=0.0, last=None, a_year=None, said=words.say_history("unknown", 0, 0), precedents=(), innocent=()
            )
        stays = self._stays
        visits, days, known = self._counts(row)
        per_day = float(self._rates.per_day(np.array([float(visits)]), np.array([days]))[0]) if known else float("nan")
        before = self._precedents.visits_before(row)
        last = stays.touchdown(int(before[-1])) if len(before) else None
        return Background(
            visits=visits,
            days=days,
            last=last,
            a_year=per_day * DAYS_PER_YEAR if known else None,
            said=AT_HOME if self._at_home(row) else _say(visits, days or self._reach, last, per_day),
            precedents=self._precedents.of(row),
            innocent=self._caveats.innocent(row, before, visits=float(visits), days=days),
        )

    def how_often(self, stay_id: str) -> str:
        """How often aircraft of a stay's state come to its place: ``12 other visits in 214 days``."""
        row = self._row.get(stay_id)
        if row is not None and self._at_home(row):
            return AT_HOME
        visits, days, known = self._counts(row) if row is not None else (0, 0.0, False)
        if not known:
            return f"how often they come is not known: history {_days(days or self._reach)}"
        return f"their state: {visits} other visit{'' if visits == 1 else 's'} in {_days(days)}"

    def _at_home(self, row: int) -> bool:
        """At its state's seat, or at its own field: no visit, and not counted."""
        stays = self._stays
        return bool(stays.state[row] >= 0 and stays.state[row] == stays.country[row] and not stays.away[row])

    def _counts(self, row: int) -> tuple[int, float, bool]:
        """Other visits of a stay's state to its place, the days in which they were counted, and whether these are enough."""
        state, place = int(self._stays.state[row]), int(self._stays.place[row])
        if (state, place) not in self._cells:
            # One cell at a time: an array of one costs ten times as much.
            days = float(self._rates.place_days.get(place, 0.0)) if place >= 0 else 0.0
            seen = float(self._rates.cells.get((state, place), 0.0)) if place >= 0 and state >= 0 else 0.0
            self._cells[state, place] = (seen, days)
        seen, days = self._cells[state, place]
        known = days >= self._scoring.rates.min_covered_days and not self._at_home(row)
        return max(0, round(seen - float(self._counted[row]))), days, known


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``11th``, ``23rd``."""
    return f"{number}{'th' if number % 100 in (11, 12, 13) else _SUFFIX.get(number % 10, 'th')}"


def _say(visits: int, days: float, last: datetime | None, per_day: float) -> str:
    """``4th in 214 days; the last on 22 Sep 2022; chance alone: about one such day in seven weeks``."""
    if per_day != per_day:
        return words.say_history("unknown", visits, days)
    before = f"; the last on {last.day} {last:%b %Y}" if last else "; none before it in that time"
    chance = words.chance(per_day, float(visits), days).partition(" (")[0]
    return f"{ordinal(visits + 1)} visit of its state in {_days(days)}{before}; {chance}"


def _days(days: float) -> str:
    return f"{days:.0f} day{'' if round(days) == 1 else 's'}"

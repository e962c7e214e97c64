"""Everything that scoring looks at, put together from the frames of a run, or from kept habits and a few stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate.candidates import Pairs, candidate_pairs
from pipeline.correlate.carriers import carried_pairs
from pipeline.correlate.caveats import Caveats
from pipeline.correlate.claims import Claimed, Context
from pipeline.correlate.covered import Covered, covered_of
from pipeline.correlate.delegations import delegations
from pipeline.correlate.events import Events, events_of
from pipeline.correlate.habits import Habits
from pipeline.correlate.inference import Found
from pipeline.correlate.likeness import Leanings, leanings_of
from pipeline.correlate.listed import Listed, listed_of
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.rates import Rates, count_visits, counted_visits, rates_of
from pipeline.correlate.routes import Routes, count_routes, counts_flight
from pipeline.correlate.scoring import DAYS_PER_YEAR, Scoring
from pipeline.correlate.standing import standing_of
from pipeline.correlate.tables import Codes, MeetingTable, StayTable, meeting_table, stay_table, with_ids
from pipeline.correlate.tempo import Rhythm, Tempo, rhythm_of, tempo_at
from pipeline.correlate.tested import Tested, Yardstick, tested_company
from pipeline.correlate.visits import Look, Ordinary, look_of, ordinary_of
from pipeline.model.entities import WatchedAircraft
from pipeline.model.frames import BASE_RATES

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """Everything that scoring looks at. ``under_test`` marks the stays that were asked about, ``visits`` those that stand for a
    visit, ``counted`` those of them that are among the ``counts``, ``flown`` those whose flights are among the counts ``flights`` of
    routes. ``leanings`` and ``ordinary`` None: still to be learned."""

    stays: StayTable
    meetings: MeetingTable
    under_test: NDArray[np.bool_]
    leader: NDArray[np.int64]
    counted: NDArray[np.bool_]
    rates: Rates
    covered: Covered
    listed: Listed
    events: Events
    names: PlaceNames
    scoring: Scoring
    counts: pd.DataFrame
    flights: pd.DataFrame
    flown: NDArray[np.bool_]
    routes: Routes
    visits: NDArray[np.bool_]
    rhythm: Rhythm | None
    leanings: Leanings | None
    ordinary: Ordinary | None
    calibration_id: str = ""

    def usual_a_year(self) -> NDArray[np.float64]:
        """Per stay, how often its state comes to its place in a year, this visit left out."""
        stays, rates = self.stays, self.rates
        visits = np.maximum(rates.visits(stays.state, stays.place) - self.counted[self.leader], 0.0)
        return rates.per_day(visits, rates.days(stays.place), state=stays.state, where=stays.place) * DAYS_PER_YEAR

    def learned(self, best: NDArray[np.float64]) -> Leanings:
        """What stays that reports explain have more of than others; ``best``: the posterior of each stay's best match."""
        return leanings_of(self.stays, best, self.counted, leader=self.leader, a_year=self.usual_a_year())

    def looked(self, best: NDArray[np.float64]) -> tuple[Look, Ordinary]:
        """How every visit looks, and ordinary ones do: as was kept, or learned from those that no report explains.

        Args:
            best: the posterior of each stay's best match.
        """
        look = look_of(self.stays, self.leader, self.names, self.listed, self.scoring)
        if self.ordinary is not None:
            return look, self.ordinary
        weight: NDArray[np.float64] = (self.counted & self.stays.foreign) * (1.0 - best)
        return look, ordinary_of(self.stays, look, weight=weight, a_year=self.usual_a_year(), scoring=self.scoring)

    def context(self) -> Context:
        return Context(
            stays=self.stays,
            meetings=self.meetings,
            events=self.events,
            watched=self.covered.watched(self._places(), (self.events.from_h + self.events.to_h) / 2, self.stays),
            counted=self.counted,
            flown=self.flown,
            rates=self.rates,
            routes=self.routes,
            tempo=self.tempo(),
            names=self.names,
            listed=self.listed,
        )

    def _places(self) -> NDArray[np.int64]:
        """The place of each event, -1 where no report names one that is known."""
        found = np.full(len(self.events), -1, dtype=np.int64)
        named = np.flatnonzero((self.meetings.place >= 0) & ~self.meetings.placeless)
        found[self.events.of_meeting[named]] = self.meetings.place[named]
        return found

    def pairs(self) -> Pairs:
        """All candidate pairs, those in which another's aircraft may be the carrier among them."""
        arrival, reach_h = self.scoring.arrival, self.scoring.report.reach_days * 24
        found = candidate_pairs(self.stays, self.meetings, arrival=arrival, reach_h=reach_h)
        others = carried_pairs(self.stays, self.meetings, self.events, disputed=_disputed(self), arrival=arrival, reach_h=reach_h)
        return found.beside(others)

    def tempo(self) -> Tempo:
        """How likely ordinary visits are at each stay's time."""
        usual = None
        if self.leanings is not None:  # the table is not the whole history
            everywhere = self.rates.cells.groupby(level=1).sum().reindex(self.stays.place).fillna(0.0).to_numpy(dtype=np.float64)
            cell = self.rates.visits(self.stays.state, self.stays.place)
            usual = np.maximum(cell - self.counted, 0.0), np.maximum(everywhere - self.counted, 0.0)
        return tempo_at(self.rhythm, self.stays, self.visits, self.leader, self.names, usual)

    @classmethod
    def prepare(
        cls,
        stays: pd.DataFrame,
        meetings: pd.DataFrame,
        history: pd.DataFrame | None,
        scoring: Scoring,
        names: PlaceNames,
        base_rates: pd.DataFrame | None,
        coverage: pd.DataFrame | None,
        watched: Iterable[WatchedAircraft],
        habits: Habits | None,
    ) -> Run:
        standing = None if habits is None else standing_of(habits, names, scoring.rates)
        codes = Codes() if standing is None else standing.codes
        asked = with_ids(stays)
        known = listed_of(watched)
        table = stay_table([asked] if history is None else [with_ids(history), asked], names=names, codes=codes, homes=known.homes)
        reports = meeting_table(meetings, names=names, codes=codes, scoring=scoring)
        leader = delegations(table, within_h=scoring.delegation.hours)
        covered = covered_of(coverage, table, names=names, codes=codes) if habits is None else habits.covered(codes)
        visits = counted = counted_visits(table, leader, covered)
        flown = counts_flight(table, covered)
        known_cover = covered if base_rates is None or coverage is not None else None
        if habits is not None:
            counts, counted = habits.counts, visits & (table.arrive_h <= habits.until_h)
            flights, flown = habits.flights, flown & (table.arrive_h <= habits.until_h)
        else:
            flights = count_routes(table, flown, covered, names.all_seat_fields())
            counts = count_visits(table, leader, covered) if base_rates is None else BASE_RATES.make(base_rates)
        if standing is None:
            rates = rates_of(counts, names=names, codes=codes, settings=scoring.rates, covered=known_cover)
        else:
            rates = standing.rates
        return cls(
            stays=table,
            meetings=reports,
            under_test=table.frame["stay_id"].isin(asked["stay_id"]).to_numpy() if history is not None else np.ones(len(table), dtype=bool),
            leader=leader,
            counted=counted,
            rates=rates,
            covered=covered,
            listed=known,
            events=events_of(reports, scoring),
            names=names,
            scoring=scoring,
            counts=counts,
            flights=flights,
            flown=flown,
            routes=Routes.of(flights, codes) if standing is None else standing.routes,
            visits=visits,
            rhythm=rhythm_of(table, visits, leader, names) if habits is None else habits.rhythm,
            leanings=None if habits is None else habits.leanings,
            ordinary=None if habits is None else habits.ordinary,
        )


def best_of(
    run: Run, claimed: Claimed, answer: Found, *, scored: NDArray[np.bool_] | None = None, explained: Mapping[str, float] | None = None
) -> NDArray[np.float64]:
    """The posterior of the best match of each stay's delegation.

    Args:
        scored, explained: of stays that are not ``scored`` here, what was found before counts; None: all are.
    """
    best = np.zeros(len(run.stays))
    np.maximum.at(best, claimed.claims.stay, answer.posterior)
    if scored is not None and explained is not None:
        before = [explained.get(str(stay_id), 0.0) for stay_id in run.stays.stay_id]
        best = np.where(scored, best, np.array(before, dtype=np.float64))
    np.maximum.at(best, run.leader, best.copy())
    return best[run.leader]


def company_of(
    run: Run, best: NDArray[np.float64], tempo: Tempo, caveats: Caveats, settled: Scoring, yardstick: Yardstick | None
) -> Tested | None:
    """The search for company among the stays that no report explains."""
    if run.leanings is not None and yardstick is None:
        return None  # the history was too short when it was looked at
    explained = best >= run.scoring.company.explained_from
    leanings = run.leanings or run.learned(best)
    return tested_company(
        run.stays,
        usable=run.stays.foreign & run.stays.counts & ~explained & ~caveats.gathered() & ~_disputed(run),
        leader=run.leader,
        counted=run.counted,
        rates=run.rates,
        tempo=tempo,
        likeness=leanings.at(run.stays, leader=run.leader, a_year=run.usual_a_year()),
        covered=run.covered,
        scoring=settled,
        yardstick=yardstick,
    )


def _disputed(run: Run) -> NDArray[np.bool_]:
    """Stays of aircraft whose identity is disputed."""
    stays = run.stays
    asked = stays.frame["icao24"].isin([a for a, rows in run.listed.rows.items() if any(r.contested for r in rows)]).to_numpy()
    found = np.zeros(len(stays), dtype=bool)
    for row in np.flatnonzero(asked).tolist():
        found[row] = run.listed.level(stays.text(row, "icao24"), stays.touchdown(row).date()) == "contested"
    return found

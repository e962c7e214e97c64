"""Stays × reported meetings → matches and leads. Pure: the same frames give the same answer, in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.correlate import columns, words
from pipeline.correlate.candidates import Pairs
from pipeline.correlate.caveats import Caveats
from pipeline.correlate.claims import Context, claims_of, concerning, sample, search, searcher, timed_columns
from pipeline.correlate.columns import Column
from pipeline.correlate.covered import covered_of
from pipeline.correlate.delegations import delegations
from pipeline.correlate.evidence import Rarity
from pipeline.correlate.fitting import fitted, fitted_lengths, fitted_roles
from pipeline.correlate.habits import Habits
from pipeline.correlate.leads import LeadMaker
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.null import Rotation, not_rotated, rotate
from pipeline.correlate.precedents import Precedents
from pipeline.correlate.rates import count_visits
from pipeline.correlate.result import Correlation, Null
from pipeline.correlate.run import Run, best_of, company_of
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import Codes, stay_table, with_ids
from pipeline.correlate.tested import Tested
from pipeline.correlate.visits import Visits
from pipeline.model.entities import Evidence, Lead, Match, WatchedAircraft
from pipeline.model.frames import BASE_RATES
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin, weakest
from pipeline.model.time import to_iso
from pipeline.places.airports import Airports
from pipeline.places.gazetteer import Gazetteer

if TYPE_CHECKING:
    from numpy.typing import NDArray


def correlate(
    stays: pd.DataFrame,
    meetings: pd.DataFrame,
    *,
    scoring: Scoring,
    gazetteer: Gazetteer,
    airports: Airports,
    history: pd.DataFrame | None = None,
    base_rates: pd.DataFrame | None = None,
    coverage: pd.DataFrame | None = None,
    calendar: pd.DataFrame | None = None,
    watched: Iterable[WatchedAircraft] = (),
    landings: pd.DataFrame | None = None,
    with_leads: bool = True,
    with_rotations: bool = True,
    with_details: bool = True,
    within: Collection[str] | None = None,
    calibration: Scoring | None = None,
    habits: Habits | None = None,
    spreading: bool = False,
    explained: Mapping[str, float] | None = None,
    unless: Callable[[Mapping[str, float], Collection[str]], bool] | None = None,
) -> Correlation:
    """Matches and leads of ``stays``.

    Args:
        stays: ``STAYS``, those to give matches and leads for.
        meetings: ``MEETINGS``, all that were reported.
        history: ``STAYS``, all that is known (with or without ``stays``): rates, delegations, who else was there and
            precedents come from it. None: from ``stays`` alone. Cutting ``stays`` into parts under one history gives
            the matches of the whole.
        base_rates: ``BASE_RATES`` counted beforehand over a history that includes ``stays``; None: counted here.
        coverage: ``COVERAGE``; None: the era from the first stay to the last, and the answer says so.
        calendar: ``CALENDAR`` of known gatherings.
        watched: the watch list: disputed identities, home fields and missing dates come from it.
        landings: ``LANDINGS`` behind the stays, for the networks that saw them.
        with_leads: False for matches alone.
        with_rotations: False to leave the null uncomputed (``p_value`` None), as a live pass does.
        within: only stays in these countries are asked about; the others are history.
        calibration: settings fitted before (``calibrate``); None: fitted here. Under one calibration, what a change touches can
            be scored alone and comes out as in a full run.
        with_details: False to leave out what only people read: sentences, precedents, what is missing.
        habits: what a whole history says (``habits_of``). ``history`` is then only what ``stays`` are looked at beside (``reach``
            says which stays these are), and rates, tempo, likeness and what chance gives of company come from there.
        explained: the posterior of the best match that each stay had before: what the stays that are not scored here are taken to
            have. None: all that are at hand are scored for this.
        unless: given the posterior of each stay's best match, and all the stays scored; True: the caller does not want this answer,
            and gets none but ``scored``.
        spreading: matches also of the stays whose matches ``stays`` may change; ``Correlation.scored`` names them all.

    Raises:
        InputError: a frame does not fit its schema, or an id occurs twice in it.
    """
    names = PlaceNames(gazetteer=gazetteer, airports=airports)
    run = Run.prepare(stays, meetings, history, scoring, names, base_rates, coverage, watched, habits)
    if within is not None:
        run = replace(run, under_test=run.under_test & run.stays.frame["country"].isin(list(within)).to_numpy())
    context = run.context()
    pairs = run.pairs()
    settled = _settled(pairs, context, fitted_lengths(run.stays, scoring)) if calibration is None else calibration
    close = concerning(pairs, run.under_test, context) if spreading or not with_leads else pairs
    touched = run.under_test.copy()
    if spreading:
        touched[close.stay] = True
    if not with_leads:
        pairs = close
    claimed = claims_of(pairs, context, settled)
    answer = search(claimed, context, settled)
    everything = timed_columns(claimed, answer, context, settled)
    asked = (claimed.of_pair >= 0) & touched[pairs.stay]
    of_pair, under_test = claimed.of_pair[asked], pairs.where(asked)
    found = [c.at(of_pair) for c in everything]
    rarity = claimed.rarity.at(of_pair)
    posterior = columns.probability(columns.log_odds(settled.prior_bits, found)) if len(under_test) else np.empty(0)
    scored = tuple(str(stay_id) for stay_id in run.stays.stay_id[touched])
    if unless is not None and unless(_bests(run, under_test, posterior), scored):
        return Correlation(matches=(), leads=(), null=Null(), scored=scored)
    caveats = Caveats(run.stays, listed=run.listed, scoring=scoring, calendar=calendar, networks=_networks(landings))
    precedents = Precedents(run.stays, run.meetings, run.leader) if with_details or with_leads else None
    rotation = (
        rotate(under_test, run.stays, run.meetings, run.events, covered=run.covered, scoring=scoring)
        if with_rotations
        else not_rotated(under_test, "not computed: not asked for")
    )
    run = replace(run, scoring=settled, calibration_id=_calibration_id(settled, run.counts if habits is None else habits.fingerprint))
    matches = _matches(run, under_test, posterior, found, rarity, rotation, caveats, precedents if with_details else None)
    leads: tuple[Lead, ...] = ()
    tested = None
    if with_leads and precedents is not None:
        best = best_of(run, claimed, answer, scored=touched, explained=explained)
        if with_rotations or habits is not None:
            tested = company_of(run, best, context.tempo, caveats, settled, None if habits is None else habits.company)
        leads = _leads(run, tested, best, caveats, precedents)
    return Correlation(matches=matches, leads=leads, null=_null(run, rotation, tested, coverage, calendar), scored=scored)


def calibrate(
    history: pd.DataFrame,
    meetings: pd.DataFrame,
    *,
    scoring: Scoring,
    gazetteer: Gazetteer,
    airports: Airports,
    coverage: pd.DataFrame | None = None,
    watched: Iterable[WatchedAircraft] = (),
) -> Scoring:
    """The settings fitted to a history and its reports, to be kept and given to ``correlate`` later.

    Raises:
        InputError: a frame does not fit its schema, or an id occurs twice in it.
    """
    names = PlaceNames(gazetteer=gazetteer, airports=airports)
    run = Run.prepare(history, meetings, None, scoring, names, None, coverage, watched, None)
    pairs = run.pairs()
    return _settled(pairs, run.context(), fitted_lengths(run.stays, scoring))


def habits_of(
    history: pd.DataFrame,
    meetings: pd.DataFrame,
    *,
    scoring: Scoring,
    gazetteer: Gazetteer,
    airports: Airports,
    calibration: Scoring,
    coverage: pd.DataFrame | None = None,
    calendar: pd.DataFrame | None = None,
    watched: Iterable[WatchedAircraft] = (),
) -> Habits:
    """What a history and its reports say as a whole, to be kept and given to ``correlate`` later.

    Raises:
        InputError: a frame does not fit its schema, or an id occurs twice in it.
    """
    names = PlaceNames(gazetteer=gazetteer, airports=airports)
    run = Run.prepare(history, meetings, None, scoring, names, None, coverage, watched, None)
    context = run.context()
    pairs = run.pairs()
    claimed = claims_of(pairs, context, calibration)
    best = best_of(run, claimed, search(claimed, context, calibration))
    caveats = Caveats(run.stays, listed=run.listed, scoring=scoring, calendar=calendar, networks={})
    tested = company_of(run, best, context.tempo, caveats, calibration, None)
    return Habits(
        until_h=float(run.stays.arrive_h[run.stays.counts].max(initial=0.0)),
        era=run.covered.era,
        era_days=run.covered.era_days,
        counts=run.counts,
        flights=run.flights,
        places=tuple(sorted(key for key in run.covered.codes.numbers if "/" in key)),
        rhythm=run.rhythm,
        leanings=run.learned(best),
        ordinary=run.looked(best)[1],
        company=tested.yardstick if tested else None,
    )


def _settled(pairs: Pairs, context: Context, lengths: Scoring) -> Scoring:
    chosen = sample(context)
    claimed = claims_of(pairs.where(chosen[context.events.of_meeting[pairs.meeting]]), context, lengths)
    settled = fitted(lengths, searcher(claimed, context, chosen))
    if settled is lengths:
        return lengths
    role = next(column for column in claimed.fixed if column.name == "role")
    return fitted_roles(settled, role, search(claimed, context, settled).posterior)


def base_rates_of(
    history: pd.DataFrame, *, scoring: Scoring, gazetteer: Gazetteer, airports: Airports, coverage: pd.DataFrame | None = None
) -> pd.DataFrame:
    """``BASE_RATES`` of a history, to be kept and given to ``correlate`` later.

    Raises:
        InputError: a frame does not fit its schema.
    """
    names, codes = PlaceNames(gazetteer=gazetteer, airports=airports), Codes()
    stays = stay_table([with_ids(history)], names=names, codes=codes)
    leader = delegations(stays, within_h=scoring.delegation.hours)
    return BASE_RATES.make(count_visits(stays, leader, covered_of(coverage, stays, names=names, codes=codes)))


def _bests(run: Run, pairs: Pairs, posterior: NDArray[np.float64]) -> dict[str, float]:
    """The posterior of the best match of each stay that has one."""
    kept = posterior >= run.scoring.output.least_posterior
    best = np.zeros(len(run.stays))
    np.maximum.at(best, pairs.stay[kept], posterior[kept])
    return {str(run.stays.stay_id[row]): float(best[row]) for row in np.unique(pairs.stay[kept]).tolist()}


def _matches(
    run: Run,
    pairs: Pairs,
    posterior: NDArray[np.float64],
    found: list[Column],
    rarity: Rarity,
    rotation: Rotation,
    caveats: Caveats,
    precedents: Precedents | None,
) -> tuple[Match, ...]:
    ids = run.stays.stay_id
    meeting_ids = run.meetings.frame["meeting_id"].to_numpy(dtype=object)
    keep = np.flatnonzero(posterior >= run.scoring.output.least_posterior)
    order = sorted(keep.tolist(), key=lambda p: (-posterior[p], str(ids[pairs.stay[p]]), str(meeting_ids[pairs.meeting[p]])))
    maker = _MatchMaker(run, found, rarity, rotation, caveats, precedents)
    stays, states = run.stays, run.meetings.states
    guests = [states[g] if g != s else "" for g, s in zip(pairs.guest.tolist(), stays.state[pairs.stay].tolist(), strict=True)]
    return tuple(maker.make(p, int(pairs.stay[p]), int(pairs.meeting[p]), float(posterior[p]), guests[p]) for p in order)


class _MatchMaker:
    """Turns one row of every column into a match with its words."""

    def __init__(
        self, run: Run, found: list[Column], rarity: Rarity, rotation: Rotation, caveats: Caveats, precedents: Precedents | None
    ) -> None:
        self.run, self.found, self.rarity, self.rotation = run, found, rarity, rotation
        self.caveats, self.precedents = caveats, precedents

    def make(self, pair: int, stay: int, meeting: int, posterior: float, guest: str) -> Match:
        """``guest``: the state of whom another's aircraft may have brought, else ``""``."""
        run, stays, reports = self.run, self.run.stays, self.run.meetings
        facts = self._facts(pair, stay, meeting, guest) if self.precedents is not None else None
        rows = tuple(
            Evidence(
                name=c.name,
                level=c.level(pair),
                bits=float(c.bits[pair]),
                said="" if facts is None else words.say(c.name, c.level(pair), facts),
            )
            for c in self.found
        )
        stay_id, meeting_id = stays.text(stay, "stay_id"), reports.text(meeting, "meeting_id")
        visits, days, per_day = (float(x[pair]) for x in (self.rarity.visits, self.rarity.days, self.rarity.per_day))
        window = run.scoring.window_days + float(reports.to_h[meeting] - reports.from_h[meeting]) / 24
        detailed = self.precedents is not None and posterior >= run.scoring.output.details_from
        before = self.precedents.visits_before(stay) if self.precedents and detailed else np.empty(0, dtype=np.int64)
        origins = [text for text in (stays.text(stay, "origin"), reports.text(meeting, "origin")) if text]
        return Match(
            match_id=mint(IdKind.MATCH, stay_id, meeting_id),
            stay_id=stay_id,
            meeting_id=meeting_id,
            prior_bits=run.scoring.prior_bits,
            posterior=posterior,
            evidence=rows,
            precedents=self.precedents.of(stay) if self.precedents and detailed else (),
            innocent=self.caveats.innocent(stay, before, visits=visits, days=days) if detailed else (),
            missing=self.caveats.missing(stay, days=days) if detailed else (),
            chance=words.chance(per_day, visits, days, route=bool(guest)),
            p_value=None if np.isnan(self.rotation.p_value[pair]) else float(self.rotation.p_value[pair]),
            p_model=None if per_day != per_day else float(-np.expm1(-per_day * window)),
            calibration_id=run.calibration_id,
            group=stays.text(int(run.leader[stay]), "stay_id"),
            origin=weakest(origins) if origins else Origin.RECORDED,
        )

    def _facts(self, pair: int, stay: int, meeting: int, guest: str) -> words.Facts:
        stays, table = self.run.stays, self.run.meetings
        return words.Facts(
            touchdown=stays.touchdown(stay),
            take_off=stays.take_off(stay),
            zone=table.zones[meeting],
            from_airport=stays.text(stay, "from_airport"),
            role=stays.text(stay, "role") or "unknown",
            confidence=stays.number(stay, "confidence"),
            interval_days=float(table.to_h[meeting] - table.from_h[meeting]) / 24,
            visits=float(self.rarity.visits[pair]),
            history_days=float(self.rarity.days[pair]),
            guest=guest,
        )


def _leads(run: Run, tested: Tested | None, best: NDArray[np.float64], caveats: Caveats, precedents: Precedents) -> tuple[Lead, ...]:
    look, ordinary = run.looked(best)
    maker = LeadMaker(
        run.stays,
        under_test=run.under_test,
        leader=run.leader,
        rates=run.rates,
        counted=run.counted,
        names=run.names,
        listed=run.listed,
        caveats=caveats,
        precedents=precedents,
        visits=Visits(look, ordinary, a_year=run.usual_a_year(), scoring=run.scoring),
        scoring=run.scoring,
    )
    return maker.make(tested, matched=best >= run.scoring.leads.matched_from)


def _networks(landings: pd.DataFrame | None) -> dict[str, str]:
    if landings is None:
        return {}
    return dict(zip(landings["landing_id"].astype(str), landings["networks"].astype(str), strict=True))


def _calibration_id(scoring: Scoring, rates: pd.DataFrame | str) -> str:
    """Names the settings and base rates (or the habits) that a result was scored under."""
    if isinstance(rates, pd.DataFrame):
        rates = rates.sort_values([c for c in ("state", "country", "city") if c in rates.columns], kind="stable").to_csv(index=False)
    return f"cal-{hashlib.sha256((scoring.fingerprint + rates).encode()).hexdigest()[:10]}"


def _null(run: Run, rotation: Rotation, tested: Tested | None, coverage: pd.DataFrame | None, calendar: pd.DataFrame | None) -> Null:
    era = tuple(to_iso(datetime.fromtimestamp(h * 3600, tz=UTC)) for h in run.covered.era)
    rates = run.rates
    per_year = rates.mean_per_day * 365.25
    return Null(
        shifts=rotation.shifts,
        rotations=tested.chance.rotations if tested else 0,
        seed=tested.chance.seed if tested else None,
        p_world_leads=tested.p_world if tested else None,
        excess=rotation.excess,
        excess_low=rotation.excess_low,
        excess_high=rotation.excess_high,
        p_world=rotation.p_world,
        p_deciles=rotation.deciles,
        eras=((era[0], era[1]),) if run.covered.era[1] > 0 else (),
        coverage="as given"
        if coverage is not None
        else "none given: one era from the first stay to the last, every city taken as covered in the weeks in which anything was seen",
        calendar="none given" if calendar is None else f"{len(calendar)} known gatherings",
        prior=f"{'fitted to' if rates.fitted else 'set, not fitted:'} {rates.cell_count} state-city cells:"
        f" shape {rates.shape:.2f}, mean {per_year:.2f} visits a year",
        reason=rotation.reason
        or "matches tested against all whole-week rotations, company against the same search on worlds rotated at random",
        calibration_id=run.calibration_id,
    )

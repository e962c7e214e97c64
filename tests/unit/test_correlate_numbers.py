"""The arithmetic: candidate windows, integration over a vague report, rates, delegations, coverage."""

import numpy as np
import pandas as pd
import pytest
from correlate_builders import bits, meeting, posteriors, run, stay, stays, together, visits

from pipeline.correlate import words
from pipeline.correlate.candidates import candidate_pairs, spread
from pipeline.correlate.columns import probability
from pipeline.correlate.covered import Covered, covered_of
from pipeline.correlate.delegations import delegations
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.rate_prior import fit_prior
from pipeline.correlate.rates import count_visits, rates_of
from pipeline.correlate.scoring import load_scoring
from pipeline.correlate.tables import Codes, meeting_table, stay_table, with_ids
from pipeline.correlate.timing import time_pairs
from pipeline.meetings.build import meetings_frame
from pipeline.model.errors import InputError
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

DAY = pd.Timestamp("2022-11-13T21:00:00Z")


def tables(stay_frame, *meetings):
    names, codes = PlaceNames(gazetteer=load_gazetteer(), airports=load_airports()), Codes()
    table = stay_table([with_ids(stay_frame)], names=names, codes=codes)
    return table, meeting_table(meetings_frame(meetings), names=names, codes=codes, scoring=load_scoring()), names, codes


def test_spread_lists_every_index_of_every_range():
    owner, index = spread(np.array([2, 5, 7]), np.array([4, 5, 8]))
    assert (owner.tolist(), index.tolist()) == ([0, 0, 2], [2, 3, 7])


def test_candidates_are_those_that_a_plain_search_finds():
    rng = np.random.default_rng(7)
    states, fields = ["RU", "US", "DE"], ["LTAC", "LTFM", "RCSS", "UUWW"]
    rows = [
        stay(f"s{i}", fields[rng.integers(4)], DAY + pd.Timedelta(hours=float(rng.uniform(-400, 400))), state=states[rng.integers(3)])
        for i in range(300)
    ]
    meetings = [
        meeting(
            meeting_id=f"m{i}", city=city, country=country, start=(DAY + pd.Timedelta(days=int(rng.integers(-9, 9)))).date().isoformat()
        )
        for i, (city, country) in enumerate([("Ankara", "TR"), ("Istanbul", "TR"), ("", "TR"), ("Taipei", "TW"), ("Moscow", "RU")] * 3)
    ]
    table, reports, _, _ = tables(stays(*rows), *meetings)
    pairs = candidate_pairs(table, reports, arrival=load_scoring().arrival)
    found = {(table.stay_id[s], reports.frame["meeting_id"][m]) for s, m in zip(pairs.stay, pairs.meeting, strict=True)}
    expected = {
        (r["stay_id"], m.meeting_id)
        for r in rows
        for m in meetings
        if r["state"] in ("US", "RU")
        and r["state"] != r["country"]
        and r["country"] == m.country
        and m.city in ("", r["city"])
        and m.start - pd.Timedelta(hours=96) <= r["touchdown"] <= m.end + pd.Timedelta(hours=24)
    }
    assert found == expected
    assert len(expected) > 30


def timing_of(touchdown, take_off=None, **fields):
    table, reports, _, _ = tables(stays(stay("s", "LTAC", touchdown, take_off=take_off)), meeting(**fields))
    pairs = candidate_pairs(table, reports, arrival=load_scoring().arrival)
    return time_pairs(pairs, table, reports, load_scoring())


def test_the_likelihood_ratio_of_arrivals_averages_to_one_over_the_window():
    # E[ratio] under chance = 1: otherwise the bits would be worth more, or less, than they claim.
    window = pd.date_range(DAY - pd.Timedelta(hours=96), DAY + pd.Timedelta(hours=48), periods=400)
    table, reports, _, _ = tables(stays(*(stay(f"s{i}", "LTAC", moment) for i, moment in enumerate(window))), meeting())
    scoring = load_scoring()
    pairs = candidate_pairs(table, reports, arrival=scoring.arrival)
    assert len(pairs) == 400
    ratio = 2 ** time_pairs(pairs, table, reports, scoring).arrival_bits
    assert np.mean(ratio) * (144 / scoring.arrival.width_h) == pytest.approx(1.0, abs=0.03)


def test_an_exact_moment_uses_the_density_as_it_stands():
    timing = timing_of("2022-11-14T08:00:00Z", start="2022-11-14T10:00Z", end="2022-11-14T12:00Z")
    scoring = load_scoring()
    density = scoring.arrival.at(np.array([2.0]))[0]
    assert timing.arrival_bits[0] == pytest.approx(np.log2(density * scoring.arrival.width_h), abs=0.05)
    assert timing.lead_h[0] == pytest.approx(2.0, abs=0.05)


def test_integration_agrees_with_a_fine_grid():
    scoring = load_scoring()
    arrive, leave = pd.Timestamp("2022-11-14T08:26:00Z"), pd.Timestamp("2022-11-14T19:10:00Z")
    timing = timing_of(arrive, leave)
    minutes = np.arange(0.5, 24 * 60) / 60
    weight = np.where((minutes >= 8) & (minutes < 21), 1.0, scoring.day.night_weight)
    weight /= weight.sum()
    lead = minutes - (arrive - DAY).total_seconds() / 3600
    lag = (leave - DAY).total_seconds() / 3600 - minutes - scoring.day.hold_h
    f = scoring.arrival.at(lead)
    arrival = (weight * f).sum() * scoring.arrival.width_h
    joint = (weight * f * scoring.departure.at(lag)).sum() / (weight * f).sum()
    ordinary = scoring.stay_length.at(np.array([(leave - arrive).total_seconds() / 3600]))[0]
    assert timing.arrival_bits[0] == pytest.approx(np.log2(arrival), abs=0.05)
    assert timing.departure_bits[0] == pytest.approx(np.log2(joint / ordinary), abs=0.1)


@pytest.mark.parametrize("count", [0, 3, 30])
def test_rarity_leaves_the_visit_itself_out_and_shrinks(count):
    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    history = together(visits(count), test) if count else together(visits(1, airport="RCSS"), test)
    (match,) = run(test, meeting(), history=history).matches
    scoring = load_scoring()
    settings = scoring.rates
    counted = int(match.chance.rpartition("(")[2].split()[0])
    days = int(match.chance.split()[-3])
    assert 600 <= days <= 616
    rate = (settings.shape + counted) / (settings.shape / (settings.mean_visits_per_year / 365.25) + days)
    assert count - 1 <= counted <= count
    (row,) = [e for e in match.evidence if e.name == "rarity"]
    assert row.bits == pytest.approx(min(np.log2(scoring.reference_per_day / rate), settings.max_bits), abs=0.02)
    assert match.p_model == pytest.approx(1 - np.exp(-rate * 6), rel=0.02)


def test_the_prior_is_fitted_over_empty_cells_too():
    rng = np.random.default_rng(3)
    truth = rng.gamma(0.5, 2.0 / 0.5, size=(40, 40))
    days = 730.0
    counts = rng.poisson(truth * days / 365.25)
    states = [f"{a}{b}" for a in "ABCDE" for b in "KLMNOPQR"]
    table = pd.DataFrame(
        [
            {"state": states[i], "city": f"City{j}", "country": "ZZ", "visits": counts[i, j], "covered_days": days}
            for i in range(40)
            for j in range(40)
            if counts[i, j]
        ]
    )
    names, codes = PlaceNames(gazetteer=load_gazetteer(), airports=load_airports()), Codes()
    rates = rates_of(table, names=names, codes=codes, settings=load_scoring().rates, covered=None)
    assert rates.fitted
    assert rates.cell_count == 1600
    assert rates.mean_per_day * 365.25 == pytest.approx(2.0, rel=0.1)
    assert rates.shape == pytest.approx(0.5, rel=0.25)


@pytest.mark.parametrize("keys", [None, ("TR/ankara", "HU/budapest")])
def test_a_covered_place_without_a_visit_is_a_fact(keys):
    names, codes = PlaceNames(gazetteer=load_gazetteer(), airports=load_airports()), Codes()
    empty = codes.of("HU/budapest")
    covered = Covered(spells=None, era=(0.0, 24 * 300.0), era_days=300.0, codes=codes)
    table = pd.DataFrame([{"state": "RU", "city": "Ankara", "country": "TR", "visits": 3.0, "covered_days": 300.0}])
    rates = rates_of(table, names=names, codes=codes, settings=load_scoring().rates, covered=covered, keys=keys)
    assert rates.days(np.array([codes.of("TR/ankara"), empty, -1])).tolist() == [300.0, 300.0, 0.0]
    assert rates.cell_count == 2


def test_rates_after_few_visits_are_what_such_cells_go_on_to_have():
    """Cells visited by tours besides their own traffic: no Gamma fits them, and a cell without a visit is not that rare."""
    rng = np.random.default_rng(5)
    count, days = 20_000, 500.0
    expected = np.exp(rng.normal(0, 0.7, count)) * 2.0 / 365.25
    truth = expected * np.exp(rng.normal(-0.5, 1.0, count)) + 0.4 / 365.25
    first, then = rng.poisson(truth * days), rng.poisson(truth * days)
    prior = fit_prior(first.astype(float), np.full(count, days), expected)
    said = prior.mean(first.astype(float), np.full(count, days), expected) * days
    for seen in range(4):
        assert said[first == seen].mean() == pytest.approx(then[first == seen].mean(), rel=0.08)


def test_delegations_are_linked_one_to_the_next_by_state_and_place():
    frame = stays(
        stay("a", "LTAC", "2022-11-14T00:00:00Z"),
        stay("b", "LTAC", "2022-11-14T10:00:00Z"),
        stay("c", "LTAC", "2022-11-14T20:00:00Z"),
        stay("d", "LTAC", "2022-11-15T20:00:00Z"),
        stay("us", "LTAC", "2022-11-14T01:00:00Z", state="US"),
        stay("ist", "LTFM", "2022-11-14T02:00:00Z"),
    )
    table, _, names, codes = tables(frame, meeting())
    leader = delegations(table, within_h=12.0)
    assert {table.stay_id[i]: table.stay_id[leader[i]] for i in range(6)} == {
        "a": "a", "b": "a", "c": "a", "d": "d", "us": "us", "ist": "ist",
    }  # fmt: skip
    counts = count_visits(table, leader, covered_of(None, table, names=names, codes=codes))
    assert counts.set_index(["state", "city"])["visits"].to_dict() == {
        ("RU", "Ankara"): 2.0,
        ("RU", "Istanbul"): 1.0,
        ("US", "Ankara"): 1.0,
    }


def test_overlapping_spells_of_coverage_count_once():
    frame = stays(stay("in", "LTAC", "2022-01-05T00:00:00Z"), stay("out", "LTAC", "2022-03-05T00:00:00Z"))
    table, _, names, codes = tables(frame, meeting())
    spells = [("2022-01-01", "2022-01-11"), ("2022-01-06", "2022-01-21"), ("2022-04-01", "2022-04-03")]
    coverage = pd.DataFrame([{"city": "ankara", "start": pd.Timestamp(a, tz="UTC"), "end": pd.Timestamp(b, tz="UTC")} for a, b in spells])
    covered = covered_of(coverage, table, names=names, codes=codes)
    assert covered.days("TR/ankara") == pytest.approx(22.0)
    assert covered.days("TR/istanbul") == 0.0
    assert covered.holds(table).tolist() == [True, False]


def test_probability_is_never_nought_or_one():
    values = probability(np.array([-1e9, -60.0, 0.0, 60.0, 1e9]))
    assert values[2] == 0.5
    assert (values > 0).all()
    assert (values < 1).all()


@pytest.mark.parametrize(
    ("days", "said"), [(1, "one day"), (9.6, "ten days"), (49, "seven weeks"), (100, "three months"), (1200, "three years")]
)
def test_periods_are_said_as_people_say_them(days, said):
    assert words.say_period(days) == said


def test_a_bracketed_landing_is_worth_its_confidence():
    sure, unsure = (
        run(stays(stay("s", "LTAC", "2022-11-14T08:26:00Z", kind=kind, confidence=c)), meeting())
        for kind, c in (("observed", 0.99), ("bracketed", 0.6))
    )
    assert bits(unsure, "landing") == pytest.approx(np.log2(0.6))
    assert posteriors(unsure)["s", "ankara"] < posteriors(sure)["s", "ankara"]


def test_ids_that_occur_twice_are_refused():
    twice = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"), stay("s", "LTAC", "2022-11-15T08:26:00Z"))
    with pytest.raises(InputError, match="stay_id s occurs twice"):
        run(twice, meeting())
    with pytest.raises(InputError, match="meeting_id ankara occurs twice"):
        run(stays(stay("s", "LTAC", "2022-11-14T08:26:00Z")), meeting(), meeting())


def test_nothing_in_gives_nothing_out():
    result = run(stays(), meeting())
    assert (result.matches, result.leads) == ((), ())
    result = run(stays(stay("s", "LTAC", "2022-11-14T08:26:00Z")))
    assert result.matches == ()
    assert len(result.leads) == 1
    assert run(stays()).as_dict()["matches"] == []

"""Company: the search for groups, and what the same search finds in rotated worlds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from correlate_builders import run, stay, stays

from pipeline.correlate.company import Delegations, Pooled, learned, rotated, search, without
from pipeline.correlate.programme import Programme, count, real_share
from pipeline.correlate.scoring import load_scoring

SETTINGS = load_scoring().company
EXPECTED = Programme.of(SETTINGS)
WEEKS = 78
FIELDS = [("LTAC", "Ankara", "TR"), ("RCSS", "Taipei", "TW"), ("LOWW", "Vienna", "AT"), ("LSGG", "Geneva", "CH"), ("OERK", "Riyadh", "SA")]
STATES = ["RU", "US", "DE", "FR", "GB", "IT", "ES", "PL", "SE", "NO", "FI", "JP"]


def delegations(rows):
    """(state, place, arrive, leave) rows, every state three times in 18 months."""
    state, place, arrive, leave = (np.array(c) for c in zip(*rows, strict=True))
    count = len(rows)
    return Delegations(
        row=np.arange(count),
        state=state.astype(np.int64),
        place=place.astype(np.int64),
        arrive_h=arrive.astype(np.float64),
        leave_h=leave.astype(np.float64),
        per_hour=np.full(count, 3 / (WEEKS * 168)),
        length_density=np.full(count, 0.03),
        member_bits=np.zeros(count),
        anchor_bits=np.zeros(count),
        fold=place.astype(np.int64) % int(SETTINGS.folds),
    )


def test_a_group_is_one_anchor_and_its_company_and_every_delegation_is_used_once():
    world = delegations(
        [
            (1, 0, 100.0, 110.0),
            (2, 0, 100.5, 110.2),
            (3, 0, 101.0, 111.0),
            (1, 0, 104.0, 109.0),  # a second delegation of state 1
            (4, 1, 100.0, 110.0),  # elsewhere
            (5, 0, 900.0, 910.0),
            (6, 0, 901.0, 909.5),
        ]
    )
    first, second, *rest = search(world, SETTINGS, EXPECTED, least=-np.inf)
    assert set(first.members) <= {0, 1, 2, 3}
    assert {0, 1, 2} == set(first.members)
    assert set(second.members) == {5, 6}
    assert first.score > second.score
    assert rest == []
    assert first.score == pytest.approx(sum(first.bits))


def test_tighter_and_rarer_company_scores_higher():
    def score(apart, leave=190.0):
        return search(delegations([(1, 0, 100.0, 190.0), (2, 0, 100.0 + apart, leave)]), SETTINGS, EXPECTED, least=-np.inf)[0].score

    assert score(0.5) > score(1.5) > score(3.0) > score(6.0)
    assert score(0.5) > score(0.5, leave=196.0)


def test_hours_apart_are_worth_no_steps_and_nobody_in_reach_is_missed():
    fold = np.zeros(400, dtype=np.int64)
    hours = np.linspace(0.0, 29.9, 400)
    landed, _ = EXPECTED.apart_bits(fold, hours, hours)
    assert np.abs(np.diff(landed)).max() < 0.4
    assert landed[0] == EXPECTED.landed()[0, 0]
    assert landed[-1] == EXPECTED.landed()[0, -1]
    middle = np.full(1, 1.5)
    assert EXPECTED.apart_bits(fold[:1], middle, middle)[0] == pytest.approx(EXPECTED.landed()[0, 2])
    assert sum(EXPECTED.apart_bits(fold[:1], middle, middle))[0] == pytest.approx(EXPECTED.together()[0, 2, 2])
    # Whoever is worth enough is found, however far apart: the search does not stop at the edge of a bin.
    for apart in np.linspace(0.2, 29.5, 60):
        pair = replace(delegations([(1, 0, 100.0, 160.0), (2, 0, 100.0 + apart, 160.0)]), per_hour=np.full(2, 2e-3))
        bits = np.log2(SETTINGS.joins / 2e-3) + sum(EXPECTED.apart_bits(fold[:1], np.array([apart]), np.zeros(1)))[0] - np.log2(0.03)
        assert bool(search(pair, SETTINGS, EXPECTED, least=-np.inf)) == (bits >= SETTINGS.least_bits)


def test_what_certainly_met_is_left_out_of_chance():
    world = delegations([(1, 0, 100.0, 110.0), (2, 0, 100.5, 110.2), (3, 0, 500.0, 510.0), (4, 1, 100.0, 110.0)])
    (group,) = search(world, SETTINGS, EXPECTED, least=-np.inf)
    rest = without(world, [group])
    assert rest.state.tolist() == [3, 4]
    assert rest.arrive_h.tolist() == [500.0, 100.0]
    nobody = rotated(
        without(world, [replace(group, members=(0, 1, 2, 3))]), {}, 0.0, replace(SETTINGS, rotations=3), EXPECTED, least=0.0, seed=1
    )
    assert len(nobody.scores) == 0


def test_those_who_had_left_are_no_company():
    assert search(delegations([(1, 0, 100.0, 101.0), (2, 0, 102.0, 110.0)]), SETTINGS, EXPECTED, least=-np.inf) == []


def test_rotation_moves_visits_by_whole_weeks_within_covered_ones():
    world = delegations([(1, 0, 100.0, 110.0), (2, 0, 100.5, 110.2), (3, 0, 268.0 + 5, 280.0)])
    few = replace(SETTINGS, rotations=400)
    pooled = rotated(world, {0: np.array([0, 1, 2, 3])}, 0.0, few, EXPECTED, least=-np.inf, seed=1)
    # Two visits at the same hours of the week are together again in a quarter of the worlds: four weeks are covered.
    found = search(world, few, EXPECTED, least=-np.inf)[0].score
    assert pooled.expected(found) == pytest.approx(0.25, abs=0.07)
    assert pooled.p_world(found) == pytest.approx(0.25, abs=0.07)


def test_how_gatherings_keep_time_is_learned_from_the_other_cities():
    rng = np.random.default_rng(2)
    rows = []
    for state in range(40):
        for place in range(8):
            rows += [(state, place, at, at + rng.lognormal(3, 0.8)) for at in rng.uniform(0, WEEKS * 168, rng.poisson(3))]
    # Six gatherings in the cities of fold 0 (places 0 and 4): everyone lands within minutes and leaves five hours apart.
    for number in range(6):
        at = 700.0 + 2000 * number
        rows += [(state, 4 * (number % 2), at + 0.1 * i, at + 8 + 5.0 * i) for i, state in enumerate(rng.choice(40, 4, replace=False))]
    world = delegations(rows)
    few = replace(SETTINGS, learning_rotations=20)
    found = learned(world, {p: np.arange(WEEKS) for p in range(8)}, 0.0, few)
    late = found.bin_of(np.array([5.0]))[0]
    share = found.apart[:, 0, late]
    # Each fold is scored with what the others showed: only the fold that had the gatherings knows nothing of them.
    assert share[0] == pytest.approx(EXPECTED.apart[0, 0, late], abs=0.02)
    assert (share[1:] > 2 * EXPECTED.apart[0, 0, late]).all()
    assert found.apart.sum(axis=(1, 2)) == pytest.approx(np.ones(4))
    assert found.length.sum(axis=1) == pytest.approx(np.ones(4))


def test_groups_as_chance_makes_them_teach_nothing():
    chance = np.repeat(np.arange(0.0, 12.0, 0.25), 10)
    share = real_share(np.array([20.0, 11.0, 6.0, 6.0, 5.9]), chance, 10)
    assert share[0] == 1.0
    assert share[-1] == 0.0
    assert list(share) == sorted(share, reverse=True)
    nothing = count(EXPECTED, np.zeros(2, dtype=np.int64), np.array([0.0, 1.0]), np.array([5.0, 6.0]), [(0, 1)], np.zeros(1))
    assert EXPECTED.after(nothing, 15.0).apart == pytest.approx(EXPECTED.apart)
    assert EXPECTED.after(nothing, 15.0).length == pytest.approx(EXPECTED.length)


def test_q_never_falls_with_the_score_and_is_a_share():
    pooled = Pooled(scores=np.array([1.0, 2.0, 3.0, 4.0, 10.0]), best=np.array([10.0, 3.0]), rotations=2, seed=0)
    q = pooled.q_values([11.0, 9.0, 3.5, 0.5])
    assert q == sorted(q)
    assert q[0] == 0.0
    assert max(q) <= 1.0
    assert pooled.expected(3.5) == 1.0


def world(seed, *, planted):
    rng = np.random.default_rng(seed)
    first, rows = pd.Timestamp("2021-01-04T00:00:00Z"), []

    def add(state, place, at, length):
        airport, city, country = FIELDS[place]
        touchdown = first + pd.Timedelta(hours=at)
        ends = touchdown + pd.Timedelta(hours=length)
        rows.append(stay(f"s{len(rows)}", airport, touchdown, state=state, city=city, country=country, take_off=ends, from_airport=""))

    for state in STATES:
        for place in range(len(FIELDS)):
            for _ in range(rng.poisson(3)):
                add(state, place, float(rng.uniform(0, WEEKS * 168)), float(rng.lognormal(3, 0.8)))
    if planted:
        for i, state in enumerate(STATES[:4]):
            add(state, 1, 5000.0 + 0.4 * i, 8.0 + 0.3 * i)
    return stays(*rows)


def company(result):
    return [lead for lead in result.leads if lead.kind == "company"]


def test_planted_company_is_found_and_tested():
    result = run(world(3, planted=True))
    best = company(result)[0]
    assert set(best.states) >= {"RU", "US", "DE", "FR"} - {"TW"}
    assert best.q_value <= 0.01
    assert best.p_value <= 0.01
    assert best.expected <= 0.01
    assert "no report found in the sources read" in best.said
    assert result.null.rotations == 1000
    assert result.null.p_world_leads <= 0.01


def test_worlds_without_company_give_hardly_any():
    found = [sum(lead.q_value <= 0.1 for lead in company(run(world(seed, planted=False)))) for seed in range(3)]
    assert sum(found) <= 1


def test_a_known_gathering_explains_before_chance_is_asked():
    start = pd.Timestamp("2021-01-04T00:00:00Z") + pd.Timedelta(hours=4990)
    games = pd.DataFrame(
        [{"kind": "sport", "title": "games", "city": "Taipei", "country": "TW", "start": start, "end": start + pd.Timedelta(days=1)}]
    )
    result = run(world(3, planted=True), calendar=games)
    assert not [lead for lead in company(result) if len(lead.states) >= 4]

"""Settings fitted to a history, and when ordinary visits come."""

import numpy as np
import pandas as pd
import pytest
from correlate_builders import load_airports, load_gazetteer, meeting, reports, stay, stays

from pipeline.correlate.columns import from_levels
from pipeline.correlate.engine import calibrate
from pipeline.correlate.fitting import fitted, fitted_roles
from pipeline.correlate.scoring import load_scoring


def told(true_lead, *, pairs, held=0.5):
    """A search in which ``pairs`` meetings' visitors landed ``true_lead`` hours before and every other meeting was held."""

    def search(scoring, seen):
        seen.arrival += np.histogram([true_lead], seen.arrival_edges)[0] * pairs * 0.8
        seen.departure += np.histogram([1.5], seen.departure_edges)[0] * pairs * 0.8
        seen.visits += 0.8 * pairs
        seen.chances += pairs
        seen.held["announced"] = [held * pairs, pairs]

    return search


def test_few_pairs_change_nothing():
    scoring = load_scoring()
    assert fitted(scoring, told(2.5, pairs=30)) is scoring


def test_many_pairs_outweigh_the_shipped_figures_and_the_id_says_so():
    scoring = load_scoring()
    after = fitted(scoring, told(2.5, pairs=1000))
    assert after.fingerprint != scoring.fingerprint
    assert after.prior.seen == pytest.approx(0.8, abs=0.02)
    assert after.held["announced"] == pytest.approx(0.5, abs=0.03)
    assert after.held["reported"] == scoring.held["reported"]
    assert after.arrival.at(np.array([2.5]))[0] > 5 * scoring.arrival.at(np.array([2.5]))[0]
    assert (after.arrival.per_hour * np.diff(after.arrival.edges)).sum() == pytest.approx(1.0)
    assert set(after.arrival.names) == set(scoring.arrival.names)


def test_the_same_counts_give_the_same_settings():
    scoring = load_scoring()
    assert fitted(scoring, told(2.5, pairs=500)).fingerprint == fitted(scoring, told(2.5, pairs=500)).fingerprint


def test_how_far_second_aircraft_are_apart_is_fitted_and_a_guess_from_few_cases_soon_gives_way():
    scoring = load_scoring()
    plain = told(2.5, pairs=1000)

    def search(now, seen):
        plain(now, seen)
        seen.together, seen.again = 120.0, 0.0
        seen.second_landed += 120.0 * (np.arange(len(seen.second_landed)) == 1)  # all within an hour
        seen.second_left += 60.0 * np.isin(np.arange(len(seen.second_left)), (1, 3))

    after = fitted(scoring, search)
    assert after.delegation.another < scoring.delegation.another / 30
    landed, left = (d.per_hour * np.diff(d.edges) for d in (after.second_landed, after.second_left))
    assert landed.sum() == pytest.approx(1.0)
    assert landed[1] == pytest.approx((120 + 12 * 0.17) / 132, abs=0.01)
    assert landed[5:].max() < 0.01 < 0.4 < left[3]


def test_how_often_hosts_come_by_their_own_aircraft_is_learned_apart_from_guests():
    scoring = load_scoring()

    def search(_, seen):
        seen.visits, seen.chances, seen.host_visits, seen.host_chances = 60.0, 100.0, 300.0, 400.0

    learned = fitted(scoring, search).prior
    assert learned.seen == pytest.approx((60 + 40 * scoring.prior.seen) / 140)
    assert learned.seen_host == pytest.approx((300 + 40 * scoring.prior.seen_host) / 440)


def test_roles_are_fitted_to_who_came_and_to_who_was_there_anyway():
    scoring = load_scoring()
    levels = scoring.levels["role"]
    found = ["fits"] * 400 + ["unstated"] * 20 + [""] * 50 + ["fits"] * 150 + ["unstated"] * 150
    role, posterior = from_levels("role", levels, found), np.array([0.99] * 470 + [0.01] * 300)
    after = fitted_roles(scoring, role, posterior).levels["role"]
    assert levels["unstated"].bits == 0.0
    assert after["unstated"].bits < -2.0
    assert after["fits"].bits > 0.3
    for side in ("m", "u"):
        assert sum(getattr(level, side) for level in after.values()) == pytest.approx(1.0)


def test_fitted_roles_are_named_in_the_id_of_the_calibration():
    scoring = load_scoring()
    role = from_levels("role", scoring.levels["role"], ["fits"] * 100)
    assert fitted_roles(scoring, role, np.full(100, 0.9)).fingerprint != scoring.fingerprint


def seen_share(*, more=(), until=120):
    """What is fitted where every second of ``until`` weekly meetings has a visit; at the others only a Swiss aircraft is about."""
    first = pd.Timestamp("2020-01-06T09:00:00Z")
    moments = [first + pd.Timedelta(weeks=i) for i in range(until)]
    came = [
        stay(f"s{i}", "LTAC", at - pd.Timedelta(hours=3), take_off=at + pd.Timedelta(hours=5)) for i, at in enumerate(moments) if i % 2 == 0
    ]
    about = [stay(f"o{i}", "LTAC", at + pd.Timedelta(days=3), state="CH", icao24="3f0009") for i, at in enumerate(moments)]
    told = [
        meeting(meeting_id=f"m{i}", start=f"{at:%Y-%m-%dT%H:%MZ}", participants="Sergei Lavrov|Foreign Minister|RU;Hakan Fidan|Minister|TR")
        for i, at in enumerate(moments)
    ]
    where = {"gazetteer": load_gazetteer(), "airports": load_airports(), "scoring": load_scoring()}
    return calibrate(stays(*came, *about), reports(*told, *more), **where).prior.seen


def test_meetings_at_which_nobody_was_seen_count_among_the_visits_that_are_not_seen():
    assert seen_share() == pytest.approx(0.5, abs=0.05)


def test_meetings_where_a_visit_could_not_have_been_seen_do_not_count():
    party = "Sergei Lavrov|Foreign Minister|RU"
    never = [
        meeting(meeting_id=f"n{i}", start=f"2021-{i % 12 + 1:02}-11", city="Taipei", country="TW", participants=party) for i in range(60)
    ]
    before = [meeting(meeting_id=f"b{i}", start=f"20{10 + i % 8}-0{i // 8 + 1}-11", participants=party) for i in range(60)]
    assert seen_share(more=(*never, *before)) == pytest.approx(seen_share(), abs=0.005)

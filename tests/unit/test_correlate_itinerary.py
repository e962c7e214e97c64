"""Tours: which stays are stops of one, and what that is worth beside how rare a visit is."""

from dataclasses import replace

import numpy as np
import pytest
from correlate_builders import stay, stays

from pipeline.correlate.itinerary import LEVELS, legs_of
from pipeline.correlate.likeness import leanings_of
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.tables import Codes, stay_table
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

NAMES = PlaceNames(gazetteer=load_gazetteer(), airports=load_airports())


def table(*rows):
    return stay_table([stays(*rows)], names=NAMES, codes=Codes())


def at(stay_id, airport, touchdown, take_off, **fields):
    return stay(stay_id, airport, f"2022-11-{touchdown}Z", take_off=f"2022-11-{take_off}Z" if take_off else None, **fields)


def likeness_of_all(found, explained, visits, *, leader, a_year):
    """Of stays from which it is learned, too."""
    learned = leanings_of(found, explained, visits, leader=leader, a_year=a_year)
    return learned.at(found, leader=leader, a_year=a_year)


def levels(found, leader=None):
    return [LEVELS[i] for i in legs_of(found, np.arange(len(found)) if leader is None else leader)]


def test_a_tour_is_told_from_a_visit_and_from_a_flight_home():
    vienna = {"city": "Vienna", "country": "AT"}
    tour = table(
        at("a", "LTAC", "01T08:00:00", "01T20:00:00"),
        at("b", "LOWW", "01T23:00:00", "02T10:00:00", **vienna),
        at("c", "LTFM", "02T13:00:00", "02T18:00:00"),
        at("d", "UUWW", "02T21:00:00", "04T08:00:00"),  # home
        at("e", "LTAC", "04T12:00:00", "04T18:00:00"),
        at("f", "LOWW", "06T12:00:00", "06T18:00:00", **vienna),  # two days later: another visit
    )
    assert levels(tour) == ["went_on", "between", "came_on", "direct", "direct", "direct"]


def test_any_aircraft_of_a_delegation_may_be_on_a_tour_and_two_aircraft_are_no_tour():
    both = table(
        at("a", "LTFM", "01T02:00:00", "01T05:00:00", icao24="14fa3a"),
        at("b", "LTAC", "01T08:00:00", "01T20:00:00"),
        at("c", "LTAC", "01T08:30:00", "01T20:00:00", icao24="14fa3a"),
        at("d", "LTFM", "01T23:00:00", "02T05:00:00", icao24="14fa3b"),
    )
    assert levels(both, np.array([0, 1, 1, 3])) == ["went_on", "came_on", "came_on", "direct"]


def test_a_stay_that_was_not_seen_to_end_is_not_taken_to_have_gone_on_for_ever():
    unseen = table(at("a", "LTAC", "01T08:00:00", None), at("b", "LTFM", "08T08:00:00", "08T18:00:00"))
    assert levels(unseen) == ["direct", "direct"]


def test_a_direct_visit_to_a_rare_place_speaks_for_a_meeting_where_rare_places_are_reached_on_tours():
    rng = np.random.default_rng(1)
    rows, explained, a_year = [], [], []
    for number in range(900):
        day, rare = rng.integers(1, 28), number % 3 == 0
        tour = rng.random() < (0.5 if rare else 0.1)
        hexes = {"icao24": f"{0x140000 + number:06x}"}
        if tour:
            rows.append(at(f"t{number}", "LTFM", f"{day:02}T00:00:00", f"{day:02}T03:00:00", **hexes))
            explained.append(0.0)
            a_year.append(30.0)
        rows.append(at(f"s{number}", "LTAC", f"{day:02}T06:00:00", f"{day:02}T16:00:00", **hexes))
        meeting = not tour and number % 6 == 0
        explained.append(0.9 if meeting else 0.0)
        a_year.append(0.5 if rare else 20.0)
    found = table(*rows)
    order = [[r["stay_id"] for r in rows].index(s) for s in found.stay_id]
    explained, a_year = np.array(explained)[order], np.array(a_year)[order]
    leader = np.arange(len(found))
    likeness = likeness_of_all(found, explained, np.ones(len(found), dtype=bool), leader=leader, a_year=a_year)
    level = legs_of(found, leader)
    here = np.array([s.startswith("s") for s in found.stay_id])
    rare_direct = likeness.itinerary[here & (a_year < 1) & (level == 0)]
    usual_direct = likeness.itinerary[here & (a_year > 1) & (level == 0)]
    rare_tour = likeness.itinerary[here & (a_year < 1) & (level == 1)]
    assert rare_direct[0] > usual_direct[0] + 0.3 > 0.3
    assert rare_tour[0] < -1.5
    # Who has not left may yet go on: worth what both together are.
    two = [int(np.flatnonzero(here & (a_year < 1) & (level == which))[0]) for which in (0, 1)]
    still = replace(found, leave_h=np.where(np.isin(np.arange(len(found)), two), np.nan, found.leave_h))
    waiting = likeness_of_all(still, explained, np.ones(len(found), dtype=bool), leader=leader, a_year=a_year).itinerary
    assert 0 < waiting[two[0]] < rare_direct[0] + 0.1
    assert waiting[two[1]] < -1.5
    # Without explained stays nothing is known of meetings.
    nothing = likeness_of_all(found, explained * 0, np.ones(len(found), dtype=bool), leader=leader, a_year=a_year)
    assert nothing.itinerary == pytest.approx(np.zeros(len(found)))

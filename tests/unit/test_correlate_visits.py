"""What a visit looks like: where it came from and went on to, how long, with whom; and what of that is ordinary."""

import numpy as np
import pandas as pd
import pytest
from correlate_builders import load_airports, load_gazetteer, load_scoring, run, stay, stays

from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.outings import in_step, outings_of
from pipeline.correlate.tables import Codes, stay_table, with_ids
from pipeline.correlate.words import say_part_of_itinerary

HOME = stay("home", "UUWW", "2022-11-13T08:00:00Z", take_off="2022-11-14T04:00:00Z", from_airport="")
THERE = stay("there", "LTAC", "2022-11-14T08:00:00Z", take_off="2022-11-14T20:00:00Z", from_airport="")
BACK = stay("back", "UUWW", "2022-11-15T00:00:00Z", take_off="2022-11-20T00:00:00Z", from_airport="")


def outings(*rows):
    """What is known of the stay ``there``, by name."""
    names = PlaceNames(gazetteer=load_gazetteer(), airports=load_airports())
    table = stay_table([with_ids(stays(*rows))], names=names, codes=Codes())
    found = outings_of(table, names, stop_h=1.5)
    at = {stay_id: row for row, stay_id in enumerate(table.stay_id)}
    return {name: {stay_id: getattr(found, name)[row] for stay_id, row in at.items()} for name in found.__slots__}


def test_there_and_back_is_direct():
    found = outings(HOME, THERE, BACK)
    assert not found["came_on"]["there"]
    assert not found["went_on"]["there"]
    assert found["origin_known"]["there"]
    assert found["onward_known"]["there"]


def test_what_was_not_seen_is_not_known():
    found = outings(THERE)
    assert not found["origin_known"]["there"]
    assert not found["onward_known"]["there"]
    assert found["pick_up"]["there"] == -1


def test_a_tour_came_on_and_went_on():
    before = stay("before", "LTFM", "2022-11-13T20:00:00Z", take_off="2022-11-14T06:30:00Z", from_airport="")
    after = stay("after", "RCSS", "2022-11-15T06:00:00Z", take_off="2022-11-15T20:00:00Z", from_airport="")
    found = outings(before, THERE, after)
    assert found["came_on"]["there"]
    assert found["went_on"]["there"]
    assert found["went_on"]["before"]
    assert found["came_on"]["after"]


def test_a_stop_to_refuel_is_looked_through():
    stop = stay("stop", "EPRZ", "2022-11-14T05:00:00Z", take_off="2022-11-14T05:50:00Z", from_airport="UUWW")
    found = outings(HOME, stop, THERE | {"from_airport": "EPRZ"}, BACK)
    assert found["stop"]["stop"]
    assert not found["came_on"]["there"]


def test_the_field_that_it_came_from_speaks_where_the_stay_there_was_not_seen():
    assert outings(THERE | {"from_airport": "LTFM"})["came_on"]["there"]
    assert not outings(THERE | {"from_airport": "UUWW"})["came_on"]["there"]


def test_who_is_set_down_was_no_stop_and_who_parks_nearby_no_visit():
    drop = THERE | {"stay_id": "drop", "take_off": "2022-11-14T09:00:00Z", "from_airport": "UUWW"}
    park = stay("there", "LTFM", "2022-11-14T09:50:00Z", take_off="2022-11-14T18:00:00Z", from_airport="LTAC")
    found = outings(drop, park)
    assert not found["stop"]["drop"]
    assert found["dropped"]["drop"]
    assert found["positioned"]["there"]


def test_passengers_are_fetched_from_another_field_of_the_own_country():
    base = stay("base", "UUMO", "2022-11-12T08:00:00Z", take_off="2022-11-14T02:00:00Z", from_airport="")
    capital = stay("capital", "UUWW", "2022-11-14T02:30:00Z", take_off="2022-11-14T04:00:00Z", from_airport="UUMO")
    assert outings(base, capital, THERE)["pick_up"]["there"] == 1
    assert outings(HOME, THERE)["pick_up"]["there"] == 0


@pytest.mark.parametrize(("days", "found"), [(14, True), (14.1, True), (12.5, False), (0.1, False)])
def test_a_whole_number_of_weeks_is_in_step(days, found):
    later = pd.Timestamp("2022-11-14T08:00:00Z") + pd.Timedelta(days=days)
    table = stay_table(
        [with_ids(stays(THERE, THERE | {"stay_id": "later", "touchdown": later, "take_off": later + pd.Timedelta(hours=5)}))],
        names=PlaceNames(gazetteer=load_gazetteer(), airports=load_airports()),
        codes=Codes(),
    )
    assert list(in_step(table)) == [-1, found]


def test_an_aircraft_that_comes_every_second_week_is_lower_the_second_time_and_lower_still_the_third():
    """Where nothing else is known: nothing but one visit is no rhythm, whatever the history's length."""
    turns = [
        stay(
            f"turn{n}",
            "RCSS",
            pd.Timestamp("2022-10-03T08:00:00Z") + pd.Timedelta(days=14 * n, hours=n % 2),
            take_off=None,
            from_airport="",
        )
        for n in range(3)
    ]
    odd = [
        stay(f"odd{n}", "RCSS", pd.Timestamp("2022-10-03T08:00:00Z") + pd.Timedelta(days=d), state="JP", icao24="840001", from_airport="")
        for n, d in enumerate((0, 11.4, 24.6))
    ]
    found = {lead.stay_ids[0]: {e.name: e for e in lead.evidence} for lead in run(stays(*turns, *odd)).leads if lead.kind == "visit"}
    assert "step" not in found["turn0"]
    assert [found[f"turn{n}"]["step"].level for n in (1, 2)] == ["in_step", "twice"]
    assert found["turn2"]["step"].bits < found["turn1"]["step"].bits < -1
    assert [found[f"odd{n}"]["step"].level for n in (1, 2)] == ["none", "none"]
    assert found["odd2"]["step"].bits > 0


def abroad(number, airport, state, *, via="", role="government", hour=9, day=0):
    """A trip from home to a field and back, at some hour of some day, or by way of another place abroad."""
    start = pd.Timestamp("2022-01-03T00:00Z") + pd.Timedelta(days=3 * day, hours=hour)
    tail = f"{0x140000 + number:06x}"
    rows = [stay(f"{number}.home", "UUWW", start - pd.Timedelta(hours=20), take_off=start - pd.Timedelta(hours=4), from_airport="")]
    if via:
        rows = [stay(f"{number}.via", via, start - pd.Timedelta(hours=20), take_off=start - pd.Timedelta(hours=4), from_airport="UUWW")]
    rows += [
        stay(f"{number}.there", airport, start, take_off=start + pd.Timedelta(hours=8), from_airport=via or "UUWW"),
        stay(f"{number}.back", "UUWW", start + pd.Timedelta(hours=12), take_off=start + pd.Timedelta(hours=30), from_airport=airport),
    ]
    return [row | {"icao24": tail, "state": state, "role": role} for row in rows]


def test_a_direct_visit_is_news_where_rare_visits_are_stops_of_tours():
    history = [row for i in range(90) for row in abroad(i, "LTAC", "RU", via="LTFM" if i % 10 else "", day=i)]
    direct, tour = abroad(901, "LTAC", "RU", day=95), abroad(902, "LTAC", "RU", via="LTFM", day=97)
    result = run(stays(*history, *direct, *tour), with_rotations=False)
    score = {lead.stay_ids[0]: {e.name: (e.level, e.bits) for e in lead.evidence}["itinerary"] for lead in result.leads}
    assert score["901.there"][0] == "direct"
    assert score["902.there"][0] == "came_on"
    assert score["901.there"][1] > 1.0 > -1.0 > score["902.there"][1]


def test_a_role_says_nothing_of_a_fleet_that_has_no_other():
    only = [row for i in range(60) for row in abroad(i, "LTAC", "RU", role="head_of_state", day=i)]
    mixed = [row for i in range(60, 120) for row in abroad(i, "RCSS", "RU", role="military_vip", day=i)]

    def bits(rows):
        leads = run(stays(*rows), with_rotations=False).leads
        return np.mean([e.bits for lead in leads if int(lead.stay_ids[0].split(".")[0]) < 60 for e in lead.evidence if e.name == "role"])

    assert abs(bits(only)) < 0.15
    assert bits([*only[:60], *mixed]) > bits(only) + 0.3


def test_what_is_expected_of_visits_adds_up():
    for family in load_scoring().visit.values():
        assert sum(level.m for level in family.values()) == pytest.approx(1.0)
        assert sum(level.u for level in family.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("fits", "said"),
    [
        ({"direct", "went_on"}, "came from home; where it went on to is not known"),
        ({"came_on", "between"}, "came on from another place abroad (from EPRZ); where it went on to is not known"),
        ({"direct", "came_on"}, "went on to no other place abroad; where it came from is not known"),
        ({"went_on", "between"}, "went on to another place abroad; where it came from is not known"),
        ({"direct", "came_on", "went_on"}, "where it came from and went on to is not known"),
    ],
)
def test_of_an_itinerary_only_what_was_seen_is_said(fits, said):
    assert say_part_of_itinerary(frozenset(fits), "EPRZ") == said


def test_a_lead_on_an_aircraft_still_there_does_not_say_where_it_went():
    history = [row for i in range(90) for row in abroad(i, "LTAC", "RU", via="LTFM" if i % 10 else "", day=i)]
    there = abroad(901, "LTAC", "RU", day=95)[:2]
    there[1] |= {"take_off": None}
    lead = next(one for one in run(stays(*history, *there), with_rotations=False).leads if one.stay_ids[0] == "901.there")
    said = {e.name: e.said for e in lead.evidence}["itinerary"]
    assert said == "came from home; where it went on to is not known"


def evidence(result, stay_id):
    lead = next(one for one in result.leads if one.kind == "visit" and one.stay_ids[0] == stay_id)
    return {e.name: e for e in lead.evidence}


def test_a_visit_between_states_that_fell_out_is_higher_than_one_between_others():
    history = [row for i in range(90) for row in abroad(i, "LTAC", "RU", day=i)]
    across, usual = (
        [row | {"state": state} for row in abroad(number, "UUWW", state, day=100)[1:2]] for number, state in ((901, "US"), (902, "CN"))
    )
    result = run(stays(*history, *across, *usual), with_rotations=False)
    one, other = evidence(result, "901.there")["relation"], evidence(result, "902.there")["relation"]
    assert (one.level, other.level) == ("closed_airspace", "usual")
    assert one.bits > 1.5 > 0 >= other.bits
    assert "airspace" in one.said


def test_weeks_at_a_field_with_works_are_lower_than_weeks_elsewhere_and_hours_are_not():
    def weeks(number, airport, day, hours):
        row = abroad(number, airport, "RU", day=day)[1]
        return row | {"take_off": row["touchdown"] + pd.Timedelta(hours=hours)}

    history = [weeks(i, "EDDH" if i % 3 == 0 else "LTAC", i, 400 if i % 3 == 0 else 8) for i in range(90)]
    asked = [weeks(901, "EDDH", 95, 400), weeks(902, "LTAC", 96, 400), weeks(903, "EDDH", 97, 8)]
    result = run(stays(*history, *asked), with_rotations=False)
    works = {name: evidence(result, f"{name}.there")["works"] for name in (901, 902, 903)}
    assert works[901].level == works[903].level == "fitting"
    assert works[901].bits < -2 < 0 < works[902].bits
    assert works[903].bits > -0.5


def test_a_length_that_all_visits_have_is_held_against_none_by_more_than_a_bit():
    """What visits that matter look like is known half by what visits look like at all."""
    history = [row for i in range(120) for row in abroad(i, "LTAC", "RU", day=i)]
    result = run(stays(*history), with_rotations=False)
    length = evidence(result, "119.there")["length"]
    assert length.level == "hours"
    assert -1.0 < length.bits < -0.2


def test_an_itinerary_is_held_against_what_the_same_state_does():
    """A fleet that always goes straight there and back, among others that go on tours."""
    straight = [row for i in range(60) for row in abroad(i, "LTAC", "RU", day=i)]
    tours = [row | {"icao24": f"{0x300000 + i:06x}"} for i in range(100, 220) for row in abroad(i, "RCSS", "JP", via="LTFM", day=i % 90)]
    result = run(stays(*straight, *tours), with_rotations=False)
    assert evidence(result, "59.there")["itinerary"].level == "direct"
    assert evidence(result, "59.there")["itinerary"].bits < 0.1

"""Delegations that another's aircraft may have brought: looked for, at a stated price, and never where it flies anyway."""

import math
from datetime import timedelta

import pandas as pd
import pytest
from correlate_builders import (
    bits,
    listed,
    load_airports,
    load_gazetteer,
    load_scoring,
    meeting,
    posteriors,
    reports,
    run,
    stay,
    stays,
    together,
    visits,
)

from pipeline.correlate.background import AT_HOME, Backgrounds
from pipeline.correlate.claims import claims_of
from pipeline.correlate.engine import calibrate, correlate, habits_of
from pipeline.correlate.habits import read_habits
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.reach import Neighbours, claimants_of, reach_of
from pipeline.correlate.run import Run

AT = "2022-11-14T08:26:00Z"
#: Where Kabul's delegation would be fetched from, and a meeting in Ankara that it is reported at.
KABUL = {"participants": "Amir Khan Muttaqi|Foreign Minister|AF;Hakan Fidan|Foreign Minister|TR"}
HISTORY = visits(8, airport="LTAC", state="FR", from_airport="LFPV")


def brought(state="QA", **fields):
    """A Qatari aircraft that came from Kabul and went back there, unless told otherwise."""
    given = {"icao24": "06a001", "from_airport": "OAKB", "to_airport": "OAKB", "take_off": "2022-11-14T17:00:00Z", "role": "government"}
    return stay("s", "LTAC", AT, state=state, **(given | fields))


def found(*rows, history=HISTORY, report=None, **options):
    return run(together(history, stays(*rows)), meeting(**(KABUL | (report or {}))), **options)


def levels(result, stay_id="s"):
    (match,) = [m for m in result.matches if m.stay_id == stay_id]
    return {e.name: e.level for e in match.evidence}


def test_another_states_aircraft_that_came_from_a_participants_capital_and_went_back():
    result = found(brought())
    assert 0.5 < posteriors(result)["s", "ankara"] < 0.97
    assert levels(result)["carrier"] == "lent"
    assert levels(result)["origin"] == "there_and_back"
    said = {e.name: e.said for m in result.matches for e in m.evidence if m.stay_id == "s"}
    assert said["carrier"].startswith("an aircraft of a state that takes no part, such as may bring a delegation of Afghanistan")
    assert said["origin"] == "came from OAKB, which serves the capital of Afghanistan, and took off for there again"
    assert said["rarity"] == "rare: 0 other flights of its state on this route in 609 covered days"


def test_the_penalty_is_the_stated_one():
    prior = load_scoring().prior
    assert bits(found(brought()), "carrier") == pytest.approx(math.log2(prior.seen_lent / prior.seen))
    home = found(brought(state="TR"))
    assert bits(home, "carrier") == pytest.approx(math.log2(prior.seen_fetched / prior.seen))


def test_the_hosts_own_aircraft_that_fetched_the_guest():
    result = found(brought(state="TR"))
    assert posteriors(result)["s", "ankara"] > 0.9
    assert levels(result)["carrier"] == "fetched"
    assert not [lead for lead in result.leads if "s" in lead.stay_ids]


@pytest.mark.parametrize(
    "fields",
    [
        {"from_airport": "OTHH"},  # its own capital
        {"from_airport": ""},  # nobody knows
        {"from_airport": "EDDB"},  # a state's that takes no part
        {"kind": "open_approach"},
    ],
)
def test_what_did_not_come_from_there_is_no_candidate(fields):
    assert not [m for m in found(brought(**fields)).matches if m.stay_id == "s"]


def test_at_another_time_or_in_another_city_it_is_nothing():
    week_later = stay("s", "LTAC", "2022-11-21T08:26:00Z", state="QA", from_airport="OAKB", to_airport="OAKB")
    assert posteriors(found(week_later)).get(("s", "ankara"), 0.0) < 0.02
    elsewhere = stay("s", "LTFM", AT, state="QA", from_airport="OAKB", to_airport="OAKB")
    assert not [m for m in found(elsewhere).matches if m.stay_id == "s"]


def test_going_on_elsewhere_speaks_against_it_and_leaving_then_says_nothing():
    onward = found(brought(to_airport="OTHH"))
    unknown = found(brought(to_airport="", take_off=None))
    back = found(brought())
    order = [posteriors(r)["s", "ankara"] for r in (onward, unknown, back)]
    assert order == sorted(order)
    assert levels(onward)["origin"] == "one_way"
    assert levels(onward)["departure"] == "unknown"
    assert bits(onward, "departure") == 0.0
    (said,) = [e.said for m in onward.matches for e in m.evidence if m.stay_id == "s" and e.name == "departure"]
    assert said.endswith("which says nothing of a delegation")
    assert levels(unknown)["origin"] == "onward_unknown"


def test_a_route_that_its_state_flies_anyway_proves_nothing():
    regular = visits(60, airport="LTAC", state="QA", from_airport="OAKB")
    result = found(brought(), history=regular)
    assert posteriors(result)["s", "ankara"] < 0.1
    assert levels(result)["rarity"] == "frequent"
    # Flown often from there, and often to Ankara, though never one after the other.
    ends = together(
        visits(60, airport="LTFM", state="QA", from_airport="OAKB"), visits(60, airport="LTAC", state="QA", from_airport="OTHH", seed=1)
    )
    ends = ends.assign(stay_id=[f"{s}-{n}" for n, s in enumerate(ends["stay_id"])])
    busy = found(brought(), history=ends)
    assert posteriors(busy)["s", "ankara"] < posteriors(found(brought()))["s", "ankara"]


def test_the_states_own_aircraft_is_the_likelier_carrier():
    own = stay("own", "LTAC", "2022-11-14T08:00:00Z", state="AF", icao24="700001", from_airport="OAKB", take_off="2022-11-14T16:00:00Z")
    both = posteriors(found(brought(), own))
    assert both["own", "ankara"] > 0.9
    assert both["s", "ankara"] < 0.1
    alone = posteriors(found(own))
    assert both["own", "ankara"] == pytest.approx(alone["own", "ankara"], abs=0.1)


def test_who_takes_part_comes_for_himself():
    report = {"participants": f"{KABUL['participants']};Sheikh Mohammed|Foreign Minister|QA"}
    assert levels(found(brought(), report=report))["carrier"] == "guest"


def test_kyivs_delegations_board_across_the_border():
    report = {"participants": "Dmytro Kuleba|Foreign Minister|UA;Mevlüt Çavuşoğlu|Foreign Minister|TR"}
    result = found(brought(state="GB", from_airport="EPRZ", to_airport="EPRZ"), report=report)
    assert levels(result)["carrier"] == "lent"
    before_the_war = {"start": "2021-11-14"} | report
    early = stay("s", "LTAC", "2021-11-14T08:26:00Z", state="GB", from_airport="EPRZ", to_airport="EPRZ")
    assert not [m for m in found(early, report=before_the_war).matches if m.stay_id == "s"]


def test_an_aircraft_of_disputed_identity_is_not_taken_for_anothers():
    watched = (listed("06a001", state="QA", contested=True),)
    assert not [m for m in found(brought(), watched=watched).matches if m.stay_id == "s"]


def test_such_a_pair_is_not_rotated():
    (match,) = [m for m in found(brought()).matches if m.stay_id == "s"]
    assert match.p_value is None
    assert match.p_model is not None
    assert "other flights of its state on this route" in match.chance


def test_it_is_no_second_aircraft_and_fits_nothing():
    second = brought() | {"stay_id": "t", "icao24": "06a002", "touchdown": "2022-11-14T08:40:00Z"}
    pair = posteriors(found(brought(), second))
    assert max(pair["s", "ankara"], pair["t", "ankara"]) < 0.9  # they compete


def test_two_reports_of_one_event_have_one_claim_on_a_stay():
    names = PlaceNames(gazetteer=load_gazetteer(), airports=load_airports())
    both = [meeting(**KABUL), meeting(**(KABUL | {"meeting_id": "again", "start": "2022-11-14T09:00:00Z"}))]
    prepared = Run.prepare(together(HISTORY, stays(brought())), reports(*both), None, load_scoring(), names, None, None, (), None)
    pairs = prepared.pairs()
    assert len(pairs) == 2
    claimed = claims_of(pairs, prepared.context(), load_scoring())
    assert len(claimed.claims) == 1
    assert claimed.of_pair.tolist() == [0, 0]


def within(row, spans):
    """Whether any of the spans asks for this stay."""
    moment = pd.Timestamp(row["touchdown"])
    return any(
        all(getattr(s, name) in ("", row.get(name, "")) for name in ("icao24", "airport", "state", "city", "country"))
        and (s.since is None or s.since <= moment)
        and (s.until is None or moment <= s.until)
        and (not s.from_airports or row["from_airport"] in s.from_airports)
        and not (row["state"] == row["country"] and row["city"] in s.but_home)
        for s in spans
    )


@pytest.mark.parametrize("state", ["QA", "TR"])
def test_a_pass_reads_and_scores_it(state):
    neighbours = Neighbours.known(load_gazetteer(), load_airports())
    report, one = meeting(**KABUL), brought(state=state)
    assert len(neighbours.away(stays(one))) == 1
    assert neighbours.away(stays(brought(state="TR", from_airport="LTFM"))).empty
    assert within(one, claimants_of([report], scoring=load_scoring(), neighbours=neighbours))
    rival = stay("own", "LTAC", pd.Timestamp(AT) + timedelta(days=3), state="AF", icao24="700001")
    for asked, other in ((one, rival), (rival, one)):
        spans = reach_of(stays(asked), [report], scoring=load_scoring(), neighbours=neighbours, with_rates=False)
        assert within(other, spans)


def test_at_home_it_is_no_rare_visitor():
    where = {"scoring": load_scoring(), "gazetteer": load_gazetteer(), "airports": load_airports()}
    home = Backgrounds(together(HISTORY, stays(brought(state="TR"))), reports(meeting(**KABUL)), **where)
    assert home.of("s").said == home.how_often("s") == AT_HOME
    assert home.of("s").a_year is None
    abroad = Backgrounds(together(HISTORY, stays(brought())), reports(meeting(**KABUL)), **where)
    assert abroad.of("s").said.startswith("1st visit of its state")


@pytest.mark.parametrize("state", ["QA", "TR"])
def test_under_kept_habits_it_comes_out_as_in_the_full_run(state):
    where = {"scoring": load_scoring(), "gazetteer": load_gazetteer(), "airports": load_airports()}
    rival = stay("own", "LTAC", "2022-11-13T20:00:00Z", state="AF", icao24="700001", from_airport="OAKB")
    everything = together(visits(30, state=state, from_airport="OAKB", airport="LTFM"), stays(brought(state=state), rival))
    report = meeting(**KABUL)
    settled = calibrate(everything, reports(report), **where)
    habits = read_habits(habits_of(everything, reports(report), calibration=settled, **where).to_json())
    assert habits.flights["flights"].sum() >= 30
    neighbours = Neighbours.known(load_gazetteer(), load_airports())
    found = []
    for row in (None, brought(state=state), rival):
        asked = everything if row is None else stays(row)
        spans = [] if row is None else reach_of(asked, [report], scoring=load_scoring(), neighbours=neighbours, with_rates=True)
        beside = everything if row is None else everything[[within(r, spans) for r in everything.to_dict("records")]]
        options = {"with_rotations": False, "spreading": True}
        found.append(posteriors(correlate(asked, reports(report), history=beside, calibration=settled, habits=habits, **options, **where)))
    full = found[0]
    assert full.keys() >= {("s", "ankara"), ("own", "ankara")}
    for part in found[1:]:
        assert part["s", "ankara"] == pytest.approx(full["s", "ankara"], abs=1e-9)
        assert part["own", "ankara"] == pytest.approx(full["own", "ankara"], abs=1e-9)

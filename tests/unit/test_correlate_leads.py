"""Leads: visits without a report, ranked; company, not tested and saying so."""

import pandas as pd
import pytest
from correlate_builders import listed, meeting, run, stay, stays, together, visits

RARE = stay("rare", "LTAC", "2022-11-14T08:26:00Z", state="DE", icao24="3f0001", from_airport="")


def leads(result, kind="visit"):
    return [lead for lead in result.leads if lead.kind == kind]


def test_a_visit_without_a_report_is_a_lead_in_permitted_words():
    (lead,) = leads(run(stays(stay("s", "LTAC", "2022-11-14T08:26:00Z", registration="RA-64057"))))
    assert lead.said == "Russian state aircraft RA-64057 landed in Ankara; no report found in the sources read"
    assert (lead.p_value, lead.q_value, lead.expected) == (None, None, None)
    assert (lead.start, lead.end) == (pd.Timestamp("2022-11-14T08:26:00Z"), None)


def test_a_report_turns_the_lead_into_a_match():
    row = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    assert leads(run(row))
    assert not leads(run(row, meeting()))


def test_one_delegation_is_one_lead():
    second = stay("s2", "LTAC", "2022-11-14T09:26:00Z", icao24="14fa3b", take_off="2022-11-15T09:00:00Z")
    (lead,) = leads(run(stays(stay("s1", "LTAC", "2022-11-14T08:26:00Z", take_off="2022-11-15T08:00:00Z"), second)))
    assert lead.stay_ids == ("s1", "s2")
    assert lead.end == pd.Timestamp("2022-11-15T09:00:00Z")


def test_the_rare_visitor_is_ranked_above_the_frequent_one_and_says_how_many_chance_makes():
    frequent = stay("frequent", "LTAC", "2022-11-14T18:26:00Z", from_airport="", state="US", icao24="ae0001")
    both = stays(RARE, frequent)
    history = together(visits(60, state="US"), visits(3, state="DE", seed=5).assign(stay_id=lambda f: "d" + f["stay_id"]), both)
    first, second = leads(run(both, history=history))
    assert (first.stay_ids, second.stay_ids) == (("rare",), ("frequent",))
    assert first.score > second.score
    assert 0 < first.expected < second.expected


def test_what_is_ordinary_is_pushed_down():
    plain = leads(run(stays(RARE)))[0].score
    stop = leads(run(stays(RARE | {"take_off": "2022-11-14T09:00:00Z"})))[0].score
    weekly = stays(
        *(RARE | {"stay_id": f"w{i}", "touchdown": pd.Timestamp("2022-11-14T09:00:00Z") - pd.Timedelta(weeks=i)} for i in range(1, 7))
    )
    rotation = leads(run(stays(RARE), history=together(weekly, stays(RARE))))[0].score
    games = pd.DataFrame(
        [{"kind": "sport", "title": "cup final", "city": "Ankara", "country": "TR", "start": pd.Timestamp("2022-11-14", tz="UTC"),
          "end": pd.Timestamp("2022-11-15", tz="UTC")}]
    )  # fmt: skip
    calendar = leads(run(stays(RARE), calendar=games))[0].score
    assert max(stop, rotation, calendar) < plain


def test_company_is_several_states_at_once_and_not_tested():
    us = stay("us", "LTAC", "2022-11-14T07:58:00Z", state="US", icao24="ae0001")
    result = run(stays(RARE, us, stay("late", "LTAC", "2022-11-16T07:58:00Z")))
    (lead,) = leads(result, "company")
    assert lead.stay_ids == ("us", "rare")
    assert lead.states == ("DE", "US")
    assert (lead.p_value, lead.q_value, lead.expected) == (None, None, None)
    assert "not tested against chance" in lead.said
    assert "no report found in the sources read" in lead.said


@pytest.mark.parametrize(
    "other",
    [
        stay("same", "LTAC", "2022-11-14T07:58:00Z", state="DE", icao24="3f0002"),
        stay("gone", "LTAC", "2022-11-14T04:00:00Z", take_off="2022-11-14T06:00:00Z", state="US"),
        stay("home", "LTAC", "2022-11-14T07:58:00Z", state="TR"),
        stay("elsewhere", "LTFM", "2022-11-14T07:58:00Z", state="US"),
        stay("disputed", "LTAC", "2022-11-14T07:58:00Z", state="US", icao24="afff01"),
    ],
)
def test_what_is_not_company(other):
    watched = (listed("afff01", state="US", contested=True),)
    assert leads(run(stays(RARE, other), watched=watched), "company") == []


def test_a_disputed_aircraft_is_nobodys_in_a_lead():
    (lead,) = leads(run(stays(RARE), watched=(listed("3f0001", contested=True),)))
    assert lead.said.startswith("aircraft of disputed identity 3f0001 landed")
    assert {e.name: e.bits for e in lead.evidence}["rarity"] == 0.0


def test_ids_are_the_same_in_every_run_and_the_json_keeps_its_contract():
    frame = stays(RARE, stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    first, second = run(frame, meeting()), run(frame, meeting())
    assert first.as_dict() == second.as_dict()
    data = first.as_dict()
    assert set(data) == {"matches", "leads", "null"}
    assert {"stay_ids", "group", "meeting_id", "posterior", "p_value", "p_model", "evidence"} <= set(data["matches"][0])
    assert set(data["matches"][0]["evidence"][0]) == {"name", "level", "bits"}
    assert {
        "kind",
        "stay_ids",
        "airport",
        "city",
        "country",
        "states",
        "start",
        "end",
        "score",
        "expected",
        "p_value",
        "q_value",
        "evidence",
    } <= set(data["leads"][0])
    assert {
        "shifts", "rotations", "seed", "eras", "excess", "excess_low", "excess_high", "p_world", "coverage", "calendar", "calibration_id"
    } <= set(data["null"])  # fmt: skip
    assert data["null"]["shifts"] == 0
    assert data["null"]["reason"]
    import json

    assert json.loads(json.dumps(data))

"""Real cases and their decoys: what must match, and what must not."""

import pytest
from correlate_builders import bits, listed, meeting, posteriors, run, stay, stays, together, visits

SPAR19 = stay(
    "spar19", "RCSS", "2022-08-02T14:43:30Z", icao24="ae503d", state="US", role="air_force_vip", from_airport="WMSA", registration="09-0540"
)
PELOSI = {
    "meeting_id": "taipei",
    "title": "Speaker of the US House met Taiwan's president",
    "city": "Taipei",
    "country": "TW",
    "start": "2022-08-03",
    "participants": "Nancy Pelosi|Speaker of the House|US;Tsai Ing-wen|President|TW",
}
RA64057 = stay("ra64057", "LTAC", "2022-11-14T08:26:00Z", registration="RA-64057", origin="reconstructed")
AFFF01 = stay(
    "afff01", "LTAC", "2022-11-14T07:58:00Z", icao24="afff01", state="US", role="unknown", from_airport="", origin="reconstructed"
)


def test_taipei_the_evening_before_the_civil_day():
    result = run(stays(SPAR19), meeting(**PELOSI))
    assert posteriors(result)["spar19", "taipei"] > 0.5
    (match,) = result.matches
    assert {e.name: e.level for e in match.evidence}["arrival"] == "evening_before"
    assert match.group == "spar19"
    assert not [lead for lead in result.leads if "spar19" in lead.stay_ids]


def test_ankara_the_morning_of_the_day():
    result = run(stays(RA64057), meeting())
    assert posteriors(result)["ra64057", "ankara"] > 0.5
    (match,) = result.matches
    assert match.origin == "reconstructed"
    assert {e.name: e.level for e in match.evidence}["origin"] == "capital"


@pytest.mark.parametrize("watched", [(), (listed("14fa39"), listed("afff01", state="US", role="unknown", contested=True))])
def test_an_aircraft_that_nobody_has_identified_matches_more_weakly(watched):
    found = posteriors(run(stays(RA64057, AFFF01), meeting(), watched=watched))
    assert 0.5 < found["afff01", "ankara"] < found["ra64057", "ankara"]


def test_a_disputed_identity_is_worth_nothing_to_anyone():
    watched = (listed("14fa39"), listed("afff01", state="US", contested=True))
    result = run(stays(RA64057, AFFF01), meeting(), watched=watched)
    for name in ("rarity", "origin", "role", "identity", "others"):
        assert bits(result, name, "afff01") == 0.0
    assert bits(result, "others", "ra64057") == 0.0
    said = {m.stay_id: [e.said for e in m.evidence if e.name == "carrier"] for m in result.matches}
    assert said == {"afff01": ["whose aircraft it is is disputed"], "ra64057": ["an aircraft of a visiting participant's state"]}


def test_a_week_later_is_not_the_meeting():
    found = posteriors(run(stays(stay("late", "LTAC", "2022-11-21T08:26:00Z")), meeting()))
    assert found.get(("late", "ankara"), 0.0) < 0.5


@pytest.mark.parametrize("days", [-56, -14, -7, 7, 28])
def test_decoys_weeks_away_lose_to_the_real_one(days):
    import pandas as pd

    decoy = stay("decoy", "LTAC", pd.Timestamp("2022-11-14T08:26:00Z") + pd.Timedelta(days=days))
    found = posteriors(run(stays(RA64057, decoy), meeting()))
    assert found["ra64057", "ankara"] > 0.5 > found.get(("decoy", "ankara"), 0.0)


def test_another_city_that_day_is_not_the_meeting():
    result = run(stays(stay("ist", "LTFM", "2022-11-14T08:26:00Z")), meeting())
    assert posteriors(result).get(("ist", "ankara"), 0.0) < 0.5
    assert [lead.stay_ids for lead in result.leads] == [("ist",)]


def test_a_field_named_otherwise_still_serves_the_city():
    odd = stay("odd", "LTAC", "2022-11-14T08:26:00Z", city="Esenboga Merkez")
    assert posteriors(run(stays(odd), meeting()))["odd", "ankara"] > 0.5


def test_the_hosts_own_aircraft_at_home_is_nothing():
    home = stay("home", "LTAC", "2022-11-14T08:26:00Z", state="TR", from_airport="LTFM")
    result = run(stays(home), meeting(participants="Hakan Fidan|MIT Director|TR;Sergei Naryshkin|SVR Director|RU"))
    assert result.matches == ()
    assert result.leads == ()


def test_a_state_that_did_not_take_part_is_nothing():
    other = stay("s", "LTAC", "2022-11-14T08:26:00Z", state="DE", from_airport="EDDB")
    assert run(stays(other), meeting()).matches == ()


def test_a_denied_meeting_is_worth_less_than_a_reported_one():
    found = {s: posteriors(run(stays(RA64057), meeting(status=s)))["ra64057", "ankara"] for s in ("reported", "denied", "cancelled")}
    assert found["cancelled"] < found["denied"] < found["reported"]


def test_reports_of_one_meeting_are_taken_together_and_the_latest_says_whether_it_was_held():
    reported = meeting(published="2022-11-14T12:00Z")
    for status, better in (("cancelled", False), ("reported", True)):
        later = meeting(meeting_id="later", status=status, published="2022-11-15T12:00Z", sources="Reuters")
        alone, both = posteriors(run(stays(RA64057), reported)), posteriors(run(stays(RA64057), reported, later))
        assert both["ra64057", "ankara"] == both["ra64057", "later"]
        assert (both["ra64057", "ankara"] > alone["ra64057", "ankara"]) is better


def test_a_wrong_day_is_wrong_for_all_participants_at_once():
    american = stay("us", "LTAC", "2022-11-11T07:58:00Z", state="US", icao24="ae0001", take_off="2022-11-11T19:00:00Z")
    russian = stay("ru", "LTAC", "2022-11-11T08:26:00Z", take_off="2022-11-11T19:20:00Z")
    alone = posteriors(run(stays(russian), meeting())).get(("ru", "ankara"), 0.0)
    both = posteriors(run(stays(russian, american), meeting()))["ru", "ankara"]
    assert alone < 0.5 < both


def test_stays_of_a_state_compete_for_a_meeting():
    late = stay("late", "LTAC", "2022-11-13T06:00:00Z", take_off="2022-11-13T23:00:00Z", icao24="14fa3c")
    alone = posteriors(run(stays(late), meeting()))["late", "ankara"]
    good = stay("s", "LTAC", "2022-11-14T05:26:00Z", take_off="2022-11-14T18:00:00Z")
    both = posteriors(run(stays(late, good), meeting()))
    assert both["late", "ankara"] < alone
    assert both["s", "ankara"] > both["late", "ankara"]


def test_meetings_compete_for_a_stay_unless_it_spans_both():
    first = meeting(participants="X|President|TR;Y|President|RU")
    second = meeting(meeting_id="second", start="2022-11-17", participants="X|President|TR;Y|President|RU")
    short = stays(stay("s", "LTAC", "2022-11-14T06:00:00Z", take_off="2022-11-14T17:00:00Z"))
    found = posteriors(run(short, first, second))
    assert found["s", "ankara"] > 0.8
    assert found.get(("s", "second"), 0.0) < posteriors(run(short, second)).get(("s", "second"), 0.0)
    long = posteriors(run(stays(stay("s", "LTAC", "2022-11-14T06:00:00Z", take_off="2022-11-17T20:00:00Z")), first, second))
    assert long["s", "ankara"] > 0.5


def test_where_only_the_country_is_named_all_participants_were_in_one_city():
    country = meeting(meeting_id="c", city="")
    here = stay("here", "LTAC", "2022-11-14T05:26:00Z", take_off="2022-11-14T18:00:00Z")
    us = {"state": "US", "icao24": "ae0001", "take_off": "2022-11-14T18:10:00Z"}
    same = posteriors(run(stays(here, stay("us", "LTAC", "2022-11-14T05:46:00Z", **us)), country))
    other = posteriors(run(stays(here, stay("us", "LTFM", "2022-11-14T05:46:00Z", **us)), country))
    assert same["here", "c"] > other["here", "c"]


def test_a_vague_report_is_worth_less_than_an_exact_day():
    day = meeting()
    week = meeting(meeting_id="week", start="2022-11-11", end="2022-11-17", date_precision="week")
    month = meeting(meeting_id="month", start="2022-11", date_precision="month")
    results = [run(stays(RA64057), one) for one in (day, week, month)]
    found = [result.matches[0].posterior for result in results]
    assert found == sorted(found, reverse=True)
    assert bits(results[0], "arrival", "ra64057") > bits(results[1], "arrival", "ra64057", "week")


def test_only_the_country_known_is_worth_less_than_the_city():
    city, country = run(stays(RA64057), meeting()), run(stays(RA64057), meeting(city=""))
    assert posteriors(country)["ra64057", "ankara"] < posteriors(city)["ra64057", "ankara"]
    assert bits(country, "place", "ra64057") < 0


def test_a_city_that_we_cannot_place_hardly_counts_elsewhere_in_the_country():
    vague = meeting(meeting_id="village", city="Unknownville", keep_unknown=True)
    found = posteriors(run(stays(RA64057), vague))
    assert found.get(("ra64057", "village"), 0.0) < 0.5
    named = stay("there", "XX01", "2022-11-14T08:26:00Z", city="Unknownville", country="TR")
    assert posteriors(run(stays(named), vague))["there", "village"] > 0.5


def test_kyiv_was_reached_through_rzeszow_since_the_invasion():
    kyiv = {"city": "Kyiv", "country": "UA", "participants": "William Burns|CIA Director|US;Volodymyr Zelensky|President|UA"}
    aircraft = {"icao24": "ae0001", "state": "US", "role": "air_force_vip", "from_airport": ""}
    after = run(stays(stay("s", "EPRZ", "2022-11-15T05:00:00Z", **aircraft)), meeting(meeting_id="m", start="2022-11-15", **kyiv))
    before = run(stays(stay("s", "EPRZ", "2021-11-15T05:00:00Z", **aircraft)), meeting(meeting_id="m", start="2021-11-15", **kyiv))
    assert bits(after, "place", "s", "m") < 0
    assert before.matches == ()


def test_a_frequent_visitor_earns_fewer_bits_than_a_rare_one():
    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z", origin="recorded"))
    seen = {count: run(test, meeting(), history=together(visits(count), test)) for count in (1, 82)}
    rare, frequent = bits(seen[1], "rarity"), bits(seen[82], "rarity")
    assert frequent < 0 < rare
    assert posteriors(seen[82])["s", "ankara"] < posteriors(seen[1])["s", "ankara"]


def test_a_short_history_says_nothing_of_rarity():
    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    result = run(test, meeting(), history=together(visits(3, days=100), test))
    assert bits(result, "rarity") == 0.0
    (match,) = result.matches
    assert match.p_model is None
    assert match.chance == "not known: history 105 days, rarity unknown"


def test_an_aircraft_of_another_participant_counts_once():
    us = [stay(f"us{i}", "LTAC", f"2022-11-14T0{i}:00:00Z", icao24=f"ae000{i}", state="US") for i in (6, 7)]
    alone, one, two = (run(stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"), *us[:n]), meeting()) for n in (0, 1, 2))
    assert bits(alone, "others") < 0 < bits(one, "others")
    assert bits(one, "others") == pytest.approx(bits(two, "others"), abs=0.1)


def test_leaving_before_it_began_speaks_against_it_and_the_next_day_for_it():
    def left(when):
        return bits(run(stays(stay("s", "LTAC", "2022-11-13T08:26:00Z", take_off=when)), meeting()), "departure")

    assert left("2022-11-13T12:00:00Z") < -3
    assert left(None) == 0.0
    assert left("2022-11-15T07:00:00Z") > 0


def test_a_technical_stop_is_not_a_visit():
    stop = stay("s", "LTAC", "2022-11-14T08:26:00Z", take_off="2022-11-14T09:06:00Z")
    (match,) = run(stays(stop), meeting()).matches
    assert match.posterior < 0.8
    assert any("40 min on the ground" in text for text in match.innocent)


def test_two_aircraft_of_one_delegation_share_a_group():
    second = stay("second", "LTAC", "2022-11-14T05:00:00Z", icao24="14fa3b")
    found = {m.stay_id: m.group for m in run(stays(RA64057, second), meeting()).matches}
    assert found == {"ra64057": "second", "second": "second"}


def test_reconstructed_stays_feed_neither_rates_nor_precedents():
    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    real = together(visits(20), test)
    made_up = together(visits(20), visits(40, seed=1, origin="reconstructed").assign(stay_id=lambda f: "x" + f["stay_id"]), test)
    a, b = (run(test, meeting(), history=h).matches[0] for h in (real, made_up))
    assert a.evidence == b.evidence
    assert a.precedents == b.precedents
    assert a.chance == b.chance


def test_precedents_name_the_same_aircraft_first_and_what_was_reported_then():
    earlier = stay("then", "LTAC", "2021-03-02T09:00:00Z")
    other = stay("other", "LTAC", "2021-05-02T09:00:00Z", icao24="14fa40", from_airport="ULLI")
    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    then = meeting(meeting_id="then", title="Lavrov in Ankara", start="2021-03-02", participants="Sergei Lavrov|Foreign Minister|RU")
    (match,) = run(test, meeting(), then, history=together(stays(earlier, other), test)).matches
    assert match.precedents == (
        "same aircraft at LTAC on 2021-03-02, reported then: “Lavrov in Ankara”",
        "same state at Ankara on 2021-05-02",
    )


def test_a_weekly_rotation_is_an_innocent_explanation():
    import pandas as pd

    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    weekly = stays(*(stay(f"w{i}", "LTAC", pd.Timestamp("2022-11-14T09:00:00Z") - pd.Timedelta(weeks=i)) for i in range(1, 7)))
    (match,) = run(test, meeting(), history=together(weekly, test)).matches
    assert any("rotation: 6 of 6" in text for text in match.innocent)


def test_coverage_is_counted_and_an_uncovered_city_has_no_rarity():
    import pandas as pd

    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    history = together(visits(20), test)
    spell = {"start": pd.Timestamp("2022-01-01T00:00:00Z"), "end": pd.Timestamp("2022-12-31T00:00:00Z")}
    covered = run(test, meeting(), history=history, coverage=pd.DataFrame([{"city": "Ankara"} | spell]))
    elsewhere = run(test, meeting(), history=history, coverage=pd.DataFrame([{"city": "Istanbul"} | spell]))
    assert "364 covered days" in covered.matches[0].chance
    assert elsewhere.matches[0].chance.startswith("not known: history 0 days")
    assert covered.null.coverage == "as given"


def test_base_rates_given_beforehand_say_the_same_as_counting_here():
    from correlate_builders import load_airports, load_gazetteer, load_scoring

    from pipeline.correlate.engine import base_rates_of

    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    history = together(visits(20), test)
    rates = base_rates_of(history, scoring=load_scoring(), gazetteer=load_gazetteer(), airports=load_airports())
    assert rates.loc[rates["state"] == "RU", "visits"].tolist() == [20.0]  # two of the 21 are one delegation
    counted = run(test, meeting(), history=history)
    given = run(test, meeting(), history=history, base_rates=rates)
    assert given.matches == counted.matches


def test_a_hosts_own_aircraft_in_another_of_its_cities_is_a_candidate_and_one_at_its_seat_is_not():
    rows = [
        stay("home", "LTAC", "2022-11-14T06:00Z", state="TR", take_off="2022-11-14T09:00Z", icao24="4b8001", from_airport="LTFM"),
        stay("host", "LTFM", "2022-11-14T10:00Z", state="TR", take_off="2022-11-14T20:00Z", icao24="4b8001", from_airport="LTAC"),
        stay("guest", "LTFM", "2022-11-14T10:30Z", take_off="2022-11-14T19:00Z"),
        *[stay(f"before{i}", "LTFM", f"2022-{m:02}-03T10:00Z", state="TR", icao24="4b8001") for i, m in enumerate((2, 5, 8))],
    ]
    talks = {"participants": "Recep Tayyip Erdogan|President|TR;Sergei Naryshkin|SVR Director|RU", "start": "2022-11-14T12:00Z"}
    there = meeting(meeting_id="istanbul", city="Istanbul", end="2022-11-14T16:00Z", **talks)
    at_home = meeting(meeting_id="ankara", city="Ankara", **talks)
    result = run(stays(*rows), there, at_home)
    found = posteriors(result)
    assert set(found) == {("host", "istanbul"), ("guest", "istanbul")}
    assert found["guest", "istanbul"] > found["host", "istanbul"] > 0.5
    # Fewer hosts than guests come by their own aircraft, and the row says whose it is.
    assert bits(result, "carrier", "guest", "istanbul") == 0
    assert bits(result, "carrier", "host", "istanbul") < -1
    (row,) = [e for m in result.matches if m.stay_id == "host" for e in m.evidence if e.name == "carrier"]
    assert "host" in row.said
    # It is nobody's visit abroad: no lead.
    assert not [lead for lead in result.leads if {"host", "home"} & set(lead.stay_ids)]


def test_a_second_aircraft_that_came_along_but_left_much_later_is_hardly_of_the_delegation():
    def odds(take_off):
        rows = [
            stay("first", "LTAC", "2022-11-14T08:00Z", take_off="2022-11-14T18:00Z", icao24="14fa39"),
            stay("second", "LTAC", "2022-11-14T09:30Z", take_off=take_off, icao24="14fa3a"),
        ]
        talks = meeting(start="2022-11-14T11:00Z", end="2022-11-14T15:00Z")
        found = posteriors(run(together(stays(*rows), visits(50)), talks))["second", "ankara"]
        return found / (1 - found)

    assert odds("2022-11-14T18:20Z") > odds("2022-11-14T20:30Z") > odds("2022-11-14T22:30Z") > odds("2022-11-15T22:00Z")
    assert odds("2022-11-14T18:20Z") > 5 * odds("2022-11-15T22:00Z")


def test_an_aircraft_is_at_home_at_the_field_that_the_watch_list_names():
    based = listed("3c0001", state="TR", home_airport="LTFM")
    rows = [
        stay("base", "LTFM", "2022-11-14T10:00Z", state="TR", icao24="3c0001", from_airport="LTAC"),
        stay("other", "LTFM", "2022-11-14T10:00Z", state="TR", icao24="3c0002", from_airport="LTAC"),
    ]
    talks = {"participants": "Recep Tayyip Erdogan|President|TR;Sergei Naryshkin|SVR Director|RU", "start": "2022-11-14T12:00Z"}
    there = meeting(meeting_id="istanbul", city="Istanbul", end="2022-11-14T16:00Z", **talks)
    assert set(posteriors(run(stays(*rows), there, watched=[based]))) == {("other", "istanbul")}

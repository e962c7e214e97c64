"""What holds for every input: order, cutting into parts and running again change nothing; more bits, more probability."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.correlate.columns import probability
from pipeline.correlate.engine import correlate
from pipeline.correlate.explain import waterfall
from pipeline.correlate.scoring import load_scoring
from pipeline.meetings.build import make_meeting, meetings_frame
from pipeline.model.frames import STAYS
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

DAY = pd.Timestamp("2022-11-14T00:00:00Z")
WHERE = {"LTAC": ("Ankara", "TR"), "LTFM": ("Istanbul", "TR"), "RCSS": ("Taipei", "TW"), "UUWW": ("Moscow", "RU")}

_stay = st.fixed_dictionaries(
    {
        "airport": st.sampled_from(sorted(WHERE)),
        "state": st.sampled_from(["RU", "US", "TR", ""]),
        "role": st.sampled_from(["government", "intelligence", "unknown", "head_of_state"]),
        "hours": st.floats(-24 * 300, 24 * 5, allow_nan=False),
        "stayed": st.one_of(st.none(), st.floats(0.2, 200)),
        "confidence": st.floats(0.1, 1.0),
        "from_airport": st.sampled_from(["", "UUWW", "LTAC"]),
        "origin": st.sampled_from(["recorded", "live", "reconstructed"]),
    }
)
_meeting = st.tuples(
    st.sampled_from([("Ankara", "TR"), ("", "TR"), ("Taipei", "TW"), ("Moscow", "RU")]),
    st.integers(-10, 4),
    st.integers(0, 5),
    st.sampled_from(["A|CIA Director|US;B|SVR Director|RU", "A|President|RU", "A||US;B||RU;C||TR", "A"]),
    st.sampled_from(["reported", "denied", "announced"]),
)


def stays_frame(drawn):
    rows = []
    for i, d in enumerate(drawn):
        city, country = WHERE[d["airport"]]
        touchdown = DAY + pd.Timedelta(hours=d["hours"])
        rows.append(
            {k: v for k, v in d.items() if k not in ("hours", "stayed")}
            | {
                "stay_id": f"s{i:02}",
                "icao24": f"{i % 5:06x}",
                "city": city,
                "country": country,
                "kind": "observed",
                "touchdown": touchdown,
            }
            | {"take_off": None if d["stayed"] is None else touchdown + pd.Timedelta(hours=d["stayed"])}
        )
    return STAYS.cast(rows)


def meetings_of(drawn):
    made = []
    for i, ((city, country), day, length, people, status) in enumerate(drawn):
        start, end = ((DAY + pd.Timedelta(days=day + extra)).date().isoformat() for extra in (0, length))
        made.append(
            make_meeting(
                gazetteer=load_gazetteer(),
                meeting_id=f"m{i:02}",
                title=f"meeting {i}",
                city=city,
                country=country,
                start=start,
                end=end,
                participants=people,
                status=status,
            )
        )
    return meetings_frame(made)


def run(stays, meetings, **options):
    return correlate(stays, meetings, scoring=load_scoring(), gazetteer=load_gazetteer(), airports=load_airports(), **options)


def shuffled(frame, seed):
    return frame.iloc[np.random.default_rng(seed).permutation(len(frame))].reset_index(drop=True)


@settings(max_examples=5, deadline=None)
@given(st.lists(_stay, max_size=25), st.lists(_meeting, max_size=6), st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(stays, meetings, seed):
    stays, meetings = stays_frame(stays), meetings_of(meetings)
    assert run(shuffled(stays, seed), shuffled(meetings, seed)) == run(stays, meetings)


def but_for_the_last_digit(matches):
    """By stay and meeting; sums of other lengths are added up in another order."""
    rounded = []
    for match in sorted(matches, key=lambda m: (m.stay_id, m.meeting_id)):
        evidence = tuple(replace(row, bits=round(row.bits, 9)) for row in match.evidence)
        rounded.append(replace(match, posterior=round(match.posterior, 12), evidence=evidence))
    return rounded


@settings(max_examples=5, deadline=None)
@given(st.lists(_stay, min_size=1, max_size=25), st.lists(_meeting, max_size=6), st.integers(2, 3))
def test_parts_under_one_history_give_the_matches_of_the_whole(stays, meetings, parts):
    stays, meetings = stays_frame(stays), meetings_of(meetings)
    whole = run(stays, meetings, history=stays)
    found = [m for k in range(parts) for m in run(stays.iloc[k::parts].reset_index(drop=True), meetings, history=stays).matches]
    assert but_for_the_last_digit(found) == but_for_the_last_digit(whole.matches)
    assert run(stays, meetings).matches == whole.matches


@settings(max_examples=5, deadline=None)
@given(st.lists(_stay, max_size=20), st.lists(_meeting, max_size=5))
def test_matches_are_in_bounds_add_up_and_obey_the_blocks(stays, meetings):
    stays, meetings = stays_frame(stays), meetings_of(meetings)
    result = run(stays, meetings)
    by_stay, by_meeting = stays.set_index("stay_id"), meetings.set_index("meeting_id")
    for match in result.matches:
        assert 0.001 <= match.posterior < 1
        assert abs(list(waterfall(match))[-1].probability - match.posterior) < 1e-9
        stay, meeting = by_stay.loc[match.stay_id], by_meeting.loc[match.meeting_id]
        states = [p.split("|")[2] for p in meeting["participants"].split(";") if p.count("|") >= 2]
        carried = any(row.name == "carrier" and row.level in ("fetched", "lent") for row in match.evidence)
        assert stay["country"] == meeting["country"]
        # An aircraft that may have carried another state's delegation is the host's, or of a state that takes no part.
        assert carried or (stay["state"] in states and stay["state"] != stay["country"])
        assert not carried or stay["state"] == stay["country"] or stay["state"] not in states
        assert not carried or stay["from_airport"]
        assert match.origin == ("reconstructed" if stay["origin"] == "reconstructed" else "recorded")
    good = {m.group for m in result.matches if m.posterior >= 0.5}
    for lead in result.leads:
        assert not good & set(lead.stay_ids)
    used = [s for lead in result.leads if lead.kind == "visit" for s in lead.stay_ids]
    assert len(used) == len(set(used))


@settings(max_examples=200, deadline=None)
@given(st.floats(-30, 30), st.lists(st.floats(-15, 15), min_size=1, max_size=12), st.data())
def test_the_posterior_grows_with_every_bit(prior, bits, data):
    at = data.draw(st.integers(0, len(bits) - 1))
    more = data.draw(st.floats(0.01, 5))
    raised = [b + more if i == at else b for i, b in enumerate(bits)]
    low, high = (float(probability(prior + sum(b))) for b in (bits, raised))
    assert 0 < low <= high < 1
    if abs(prior + sum(raised)) < 40 and abs(prior + sum(bits)) < 40:
        assert low < high


@settings(max_examples=5, deadline=None)
@given(_stay, st.floats(0.01, 0.98), st.floats(0.01, 0.9))
def test_a_surer_landing_is_never_a_weaker_match(drawn, low, step):
    drawn = drawn | {"hours": 8.0, "airport": "LTAC", "state": "RU"}
    meetings = meetings_of([(("Ankara", "TR"), 0, 0, "A|CIA Director|US;B|SVR Director|RU", "reported")])
    high = min(low + step, 0.999)
    weaker, surer = (run(stays_frame([drawn | {"confidence": c}]), meetings, with_leads=False).matches for c in (low, high))
    assert len(weaker) <= len(surer) <= 1
    for a, b in zip(weaker, surer, strict=False):
        assert a.posterior <= b.posterior
        # What another state's absence says depends on how sure everything else is.
        same = [{e.name: round(e.bits, 9) for e in m.evidence if e.name not in ("landing", "others", "rivals")} for m in (a, b)]
        assert same[0] == same[1]


@settings(max_examples=5, deadline=None)
@given(st.integers(-200, 200), st.floats(-60, 40))
def test_whole_weeks_later_is_the_same(weeks, hours):
    # In Taipei the clocks never change, so that a shift by weeks shifts everything.
    def shifted(by):
        touchdown = DAY + pd.Timedelta(hours=hours) + by
        frame = stays_frame([{"airport": "RCSS", "state": "US", "role": "government", "hours": 0.0, "stayed": None, "confidence": 0.9}])
        frame["touchdown"] = [touchdown]
        frame = STAYS.cast(frame)
        meeting = make_meeting(
            gazetteer=load_gazetteer(),
            meeting_id="m",
            title="t",
            city="Taipei",
            country="TW",
            participants="A|Speaker|US",
            start=(DAY + by).date().isoformat(),
        )
        return [m.posterior for m in run(frame, meetings_frame([meeting])).matches]

    here, there = shifted(pd.Timedelta(0)), shifted(pd.Timedelta(weeks=weeks))
    assert len(here) == len(there)
    assert all(abs(a - b) < 1e-9 for a, b in zip(here, there, strict=True))

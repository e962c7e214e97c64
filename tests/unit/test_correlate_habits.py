"""Habits are kept and used: under them a few stays, with those that bear on them, come out as in a full run."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from correlate_builders import load_airports, load_gazetteer, load_scoring

from pipeline.correlate.engine import calibrate, correlate, habits_of
from pipeline.correlate.habits import read_habits
from pipeline.correlate.reach import Neighbours, reach_of, tours_of
from pipeline.meetings.build import make_meeting, meetings_frame
from pipeline.model.errors import ConfigError
from pipeline.model.frames import STAYS

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from worlds import make_world

#: Some of the made-up world's cities: enough for rates, tempo and company, few enough for a test.
CITIES = ("Ankara", "Istanbul", "Moscow", "Geneva", "Abu Dhabi", "Dubai", "Riyadh", "Cairo", "Vienna", "Amman", "Doha", "Paris")
WHERE = {"scoring": load_scoring(), "gazetteer": load_gazetteer(), "airports": load_airports()}


@pytest.fixture(scope="module")
def world():
    """A year and a half of stays and reports, with the calibration and habits that sum them up."""
    made = make_world(11)
    stays = STAYS.make(made.stays[made.stays["city"].isin(CITIES)].reset_index(drop=True))
    rows = made.meetings[made.meetings["city"].isin([*CITIES, ""])].to_dict("records")
    meetings = [make_meeting(gazetteer=load_gazetteer(), **row) for row in rows]
    settled = calibrate(stays, meetings_frame(meetings), **WHERE)
    habits = habits_of(stays, meetings_frame(meetings), calibration=settled, **WHERE)
    return stays, meetings, settled, habits


@pytest.fixture(scope="module")
def full(world):
    stays, meetings, settled, habits = world
    return scored(stays, meetings, stays, settled, habits)


def scored(asked, meetings, history, settled, habits, explained=None, unless=None):
    return correlate(
        asked,
        meetings_frame(meetings),
        history=history,
        calibration=settled,
        habits=habits,
        with_rotations=False,
        spreading=True,
        explained=explained,
        unless=unless,
        **WHERE,
    )


def within(stays, spans):
    """What ``Stays.within`` finds."""
    keep = np.zeros(len(stays), dtype=bool)
    for span in spans:
        one = np.ones(len(stays), dtype=bool)
        for name in ("icao24", "airport", "state", "city", "country"):
            one &= (stays[name] == getattr(span, name)).to_numpy() if getattr(span, name) else True
        one &= (stays["touchdown"] >= span.since).to_numpy() if span.since else True
        one &= (stays["touchdown"] <= span.until).to_numpy() if span.until else True
        one &= stays["from_airport"].isin(span.from_airports).to_numpy() if span.from_airports else True
        home = (stays["state"] == stays["country"]) & stays["city"].isin(span.but_home)
        keep |= one & ~home.to_numpy()
    return stays[keep]


def plain(rows):
    """Evidence without the last digits, which depend on the order of a sum."""
    return [(row.name, row.level, round(row.bits, 6), row.said) for row in rows]


def test_the_world_has_what_there_is_to_be_kept(world, full):
    _, _, _, habits = world
    assert habits.company is not None
    assert habits.rhythm is not None
    assert any(lead.kind == "company" for lead in full.leads)
    assert any(match.posterior > 0.9 for match in full.matches)


def test_they_are_read_back_as_written(world):
    habits = world[3]
    again = read_habits(habits.to_json())
    assert again.to_json() == habits.to_json()
    assert again.fingerprint == habits.fingerprint


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"rhythm": null}'])
def test_what_is_no_habits_is_refused(text):
    with pytest.raises(ConfigError, match="habits"):
        read_habits(text)


def test_a_few_stays_with_those_that_bear_on_them_come_out_as_in_the_full_run(world, full):
    stays, meetings, settled, habits = world
    best: dict[str, float] = {}
    for match in full.matches:
        best[match.stay_id] = max(match.posterior, best.get(match.stay_id, 0.0))
    neighbours = Neighbours.known(load_gazetteer(), load_airports())
    companies = [lead.stay_ids[0] for lead in full.leads if lead.kind == "company"]
    chosen = [*companies[:4], *list(best)[:4], *np.random.default_rng(3).choice(stays["stay_id"], 4)]
    matches, leads, read = 0, 0, []
    for stay_id in chosen:
        asked = STAYS.cast(stays[stays["stay_id"] == stay_id])
        at = asked["touchdown"].iloc[0]
        countries, reach = neighbours.meetings_in(asked), timedelta(days=67)
        near = [m for m in meetings if m.country in countries and m.end >= at - reach and m.start <= at + reach]
        beside = within(stays, reach_of(asked, near, scoring=WHERE["scoring"], neighbours=neighbours, with_rates=True))
        tours = within(stays, tours_of(asked, beside, scoring=WHERE["scoring"]))
        history = STAYS.cast(pd.concat([beside, tours]).drop_duplicates("stay_id"))
        read.append(len(history))
        part = scored(asked, near, history, settled, habits, best)
        wanted = {m.match_id: m for m in full.matches if m.stay_id in part.scored}
        found = {m.match_id: m for m in part.matches}
        assert found.keys() == wanted.keys()
        for match_id, match in found.items():
            same = wanted[match_id]
            assert match.posterior == pytest.approx(same.posterior, abs=1e-9)
            assert plain(match.evidence) == plain(same.evidence)
            assert match.calibration_id == same.calibration_id
            if match.stay_id == stay_id:
                assert (match.precedents, match.innocent, match.chance) == (same.precedents, same.innocent, same.chance)
        expected = {lead.lead_id: lead for lead in full.leads if stay_id in lead.stay_ids}
        assert {lead.lead_id for lead in part.leads} == expected.keys()
        for lead in part.leads:
            same = expected[lead.lead_id]
            assert (lead.stay_ids, lead.said) == (same.stay_ids, same.said)
            assert plain(lead.evidence) == plain(same.evidence)
            assert lead.q_value == pytest.approx(same.q_value, abs=1e-9)
        matches, leads = matches + len(found), leads + len(part.leads)
    assert matches >= 8
    assert leads >= 8
    assert np.median(read) < len(stays) / 8


def test_who_wants_no_answer_is_given_none_but_whose_it_would_be(world):
    stays, meetings, settled, habits = world
    asked, heard = STAYS.cast(stays.iloc[-300:]), []

    def ask(answer, least):
        output = replace(settled.output, least_posterior=least)
        given = {**WHERE, "scoring": replace(WHERE["scoring"], output=output), "calibration": replace(settled, output=output)}
        given |= {"history": stays, "habits": habits, "spreading": True, "with_rotations": False}
        return correlate(asked, meetings_frame(meetings), unless=lambda *said: heard.append(said) or answer, **given)

    least = WHERE["scoring"].output.least_posterior
    whole, none, high = ask(False, least), ask(True, least), ask(False, 0.97)
    best: dict[str, float] = {}
    for match in whole.matches:
        best[match.stay_id] = max(match.posterior, best.get(match.stay_id, 0.0))
    assert heard[0] == heard[1] == (best, whole.scored)
    assert set(whole.scored) > set(asked["stay_id"]), "others' matches are among them"
    assert (none.matches, none.leads, none.scored) == ((), (), whole.scored)
    kept = {stay_id: posterior for stay_id, posterior in best.items() if posterior >= 0.97}
    assert 0 < len(kept) < len(best)
    assert heard[2] == (kept, high.scored), "what would be no match is none"

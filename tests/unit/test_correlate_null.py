"""The rotation null: planted visits stand out, chance ones do not, and the number of shifts is honest."""

import numpy as np
import pandas as pd
import pytest
from correlate_builders import meeting, run, stay, stays, together, visits

from pipeline.correlate.weeks import Weeks

STATES = ["RU", "US", "DE", "FR", "GB", "IT"]
PLACES = [("LTAC", "Ankara", "TR"), ("RCSS", "Taipei", "TW"), ("UUWW", "Moscow", "RU")]
FIRST = pd.Timestamp("2021-01-04T00:00:00Z")
WEEKS = 60


def world(seed, *, planted):
    """Visits at random and meetings at random; ``planted`` of the meetings have a visit of their own as well."""
    rng = np.random.default_rng(seed)
    rows = []
    for state in STATES:
        for airport, city, country in PLACES:
            if state == country:
                continue
            for _ in range(rng.poisson(6)):
                touchdown = FIRST + pd.Timedelta(hours=float(rng.uniform(0, WEEKS * 168)))
                where = {"state": state, "city": city, "country": country, "from_airport": ""}
                rows.append(stay("", airport, touchdown, take_off=touchdown + pd.Timedelta(hours=20), **where))
    meetings = []
    for i in range(24):
        airport, city, country = PLACES[i % 2]
        day = (FIRST + pd.Timedelta(days=int(rng.integers(10, WEEKS * 7 - 10)))).date()
        state = STATES[int(rng.integers(len(STATES)))]
        meetings.append(
            meeting(meeting_id=f"m{i:02}", city=city, country=country, start=day.isoformat(), participants=f"A|President|{state}")
        )
        if i < planted:
            touchdown = pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=4)
            take_off = touchdown + pd.Timedelta(hours=11)
            where = {"state": state, "city": city, "country": country, "from_airport": ""}
            rows.append(stay(f"planted{i:02}", airport, touchdown, take_off=take_off, **where))
    weekly = (*range(0, WEEKS * 168, 168), WEEKS * 168 - 1)
    ends = [stay(f"end{h}", "LTFM", FIRST + pd.Timedelta(hours=h), state="JP", icao24="840001") for h in weekly]
    return stays(*[r | {"icao24": f"{i:06x}", "stay_id": r["stay_id"] or f"chance{i:04}"} for i, r in enumerate(rows)], *ends), meetings


def best_p(result, meetings):
    """The best p of each meeting; without any candidate it is 1."""
    found = dict.fromkeys((m.meeting_id for m in meetings), 1.0)
    for match in result.matches:
        assert match.p_value is not None
        found[match.meeting_id] = min(found[match.meeting_id], match.p_value)
    return np.array(list(found.values()))


def test_planted_visits_stand_out_of_the_rotated_worlds():
    frame, meetings = world(1, planted=12)
    result = run(frame, *meetings, with_leads=False)
    planted = {m.meeting_id: m.p_value for m in result.matches if m.stay_id == f"planted{m.meeting_id[1:]}"}
    assert len(planted) == 12
    assert np.median(list(planted.values())) < 0.1
    assert min(planted.values()) >= 1 / WEEKS
    assert result.null.shifts == WEEKS
    assert result.null.excess_low > 5
    assert result.null.excess_low <= result.null.excess <= result.null.excess_high
    assert result.null.p_world == pytest.approx(1 / WEEKS)


def test_chance_worlds_do_not():
    p, world_p, excess = [], [], []
    for seed in range(10, 18):
        frame, meetings = world(seed, planted=0)
        result = run(frame, *meetings, with_leads=False)
        p += best_p(result, meetings).tolist()
        world_p.append(result.null.p_world)
        excess.append(result.null.excess)
    # 192 guests: a valid p is at most 0.1 in at most a tenth of them; 31 would be three standard deviations more.
    assert np.mean(np.array(p) <= 0.1) <= 31 / 192
    assert min(world_p) > 1 / WEEKS
    assert abs(np.mean(excess)) < 1.5


def test_visits_move_among_the_weeks_in_which_their_city_was_covered():
    place, arrive = np.array([0, 0, 1]), np.array([10.0, 3 * 168 + 20.0, 168 + 5.0])
    layout = Weeks.of(place, arrive, {0: np.array([0, 2, 3]), 1: np.arange(4)}, 0.0)
    assert layout.size.tolist() == [3, 3, 4]
    assert layout.moved(np.array([1, 1, 1])).tolist() == [2 * 168 + 10.0, 20.0, 2 * 168 + 5.0]
    assert layout.moved(np.zeros(3, dtype=np.int64)).tolist() == arrive.tolist()


def test_a_city_dark_for_half_the_era_has_half_the_shifts_and_never_the_identity_twice():
    frame, meetings = world(1, planted=12)
    dark = FIRST + pd.Timedelta(weeks=30)
    spells = [(c, FIRST, FIRST + pd.Timedelta(weeks=WEEKS)) for c in ("Taipei", "Moscow", "Istanbul")] + [("Ankara", FIRST, dark)]
    coverage = pd.DataFrame([{"city": c, "start": a, "end": b} for c, a, b in spells])
    seen = frame[(frame["city"] != "Ankara") | (frame["touchdown"] < dark)]
    result = run(seen, *meetings, coverage=coverage, with_leads=False)
    cities = dict(zip(seen["stay_id"], seen["city"], strict=True))
    least = {city: min(m.p_value for m in result.matches if cities[m.stay_id] == city) for city in ("Ankara", "Taipei")}
    assert least["Taipei"] >= 1 / WEEKS
    assert 1 / 30 - 1e-9 <= least["Ankara"] <= 4 / 30
    assert sum(result.null.p_deciles) == len(meetings)


def test_too_short_a_history_is_not_tested_and_says_so():
    result = run(stays(stay("s", "LTAC", "2022-11-14T08:26:00Z")), meeting())
    assert result.matches[0].p_value is None
    assert result.null.shifts == 0
    assert "180 are needed" in result.null.reason


def test_reconstructed_stays_are_neither_tested_nor_part_of_a_world():
    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z", origin="reconstructed"))
    real, made_up = visits(20), visits(200, seed=4, origin="reconstructed").assign(stay_id=lambda f: "x" + f["stay_id"])
    one = stays(stay("r", "LTAC", "2022-11-14T06:26:00Z", icao24="14fa40"))
    with_them, without = (run(one, meeting(), history=together(*frames, one)) for frames in ((real, made_up), (real,)))
    assert with_them.matches[0].p_value == without.matches[0].p_value is not None
    assert run(test, meeting(), history=together(real, test)).matches[0].p_value is None


def test_a_live_pass_may_leave_it_out():
    test = stays(stay("s", "LTAC", "2022-11-14T08:26:00Z"))
    result = run(test, meeting(), history=together(visits(20), test), with_rotations=False)
    assert (result.null.shifts, result.null.reason) == (0, "not computed: not asked for")
    assert result.matches[0].p_value is None
    assert result.matches[0].p_model is not None

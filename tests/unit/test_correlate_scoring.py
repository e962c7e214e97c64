"""The settings file: its numbers are consistent, and a mistake in it is named."""

import math
import re

import numpy as np
import pytest

from pipeline.correlate.ranks import Ranker
from pipeline.correlate.scoring import load_scoring, parse_scoring
from pipeline.model.entities import Participant
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped


def text():
    return shipped("scoring.toml").read_text(encoding="utf-8")


def test_the_shipped_file_is_whole_and_every_block_says_where_it_comes_from():
    scoring = load_scoring()
    assert scoring.window_days == 5.0
    assert scoring.prior_bits == pytest.approx(math.log2(0.5 / (1 - 0.5) / (12 / 365.25 * 5)))
    source, unsourced = "", []
    for line in text().partition('version = "5"')[2].splitlines():
        if line.startswith("#"):
            source += line
        elif re.match(r"\[[a-z]", line):
            source = ""
        elif re.search(r"=.*\d", line) and not re.search(r"\[(press|method|judged)", source):
            unsourced.append(line)
    assert unsourced == []


def test_densities_integrate_to_one_and_are_small_outside():
    scoring = load_scoring()
    for density in (scoring.arrival, scoring.departure, scoring.stay_length):
        assert float((density.per_hour * np.diff(density.edges)).sum()) == pytest.approx(1.0, abs=0.005)
        assert list(density.at(np.array([density.edges[0] - 1, density.edges[-1] + 1]))) == [density.floor] * 2


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("seen = 0.5", "seen = 1.5", "seen"),
        ("seen = 0.5", "seen = 0.5\nsean = 1", "sean"),
        ("reference_visits_per_year = 12.0", "", "reference_visits_per_year"),
        ("capital = { m = 0.55, u = 0.45 }", "capital = { m = 0.95, u = 0.45 }", r"\[origin\].*add up"),
        ("capital = { m = 0.55, u = 0.45 }", "capital = { m = 0.55, u = 0.0 }", "capital"),
        ("from_h = 8.0\nto_h = 24.0", "from_h = 9.0\nto_h = 24.0", r"\[\[arrival\]\].*gap"),
        ("shape = 0.3", 'shape = "small"', "shape"),
        ('intelligence = "made_for"', 'intelligence = "perfect"', "perfect"),
        ('[[rank]]\nname = "military"', '[[rank]]\nname = "soldier"', "role_fit"),
        ('version = "5"', 'version = "5', "scoring.toml"),
    ],
)
def test_a_mistake_is_named(old, new, named):
    assert old in text()
    with pytest.raises(ConfigError, match=named):
        parse_scoring(text().replace(old, new, 1))


@pytest.mark.parametrize(
    ("title", "agency", "rank"),
    [
        ("CIA Director", "", "intelligence"),
        ("Director", "MİT", "intelligence"),
        ("Prime Minister", "", "head"),
        ("Vice President", "", "minister"),
        ("Deputy Prime Minister", "", "minister"),
        ("Deputy Assistant Secretary of State", "", "official"),
        ("Secretary of State", "", "minister"),
        ("Defence Minister", "", "military"),
        ("Presidential aide", "", "official"),
        ("Speaker of the House", "", "minister"),
        ("SPA Presidium President", "", "head"),
        ("delegation", "", ""),
        ("permit officer", "", ""),
    ],
)
def test_ranks_by_whole_words(title, agency, rank):
    assert Ranker(load_scoring()).rank(Participant(name="x", title=title, agency=agency)) == rank


def test_the_best_fitting_participant_counts():
    ranker = Ranker(load_scoring())
    spy, minister = Participant(name="a", title="SVR Director"), Participant(name="b", title="Foreign Minister")
    assert ranker.role_level("intelligence", [minister]) == ("unlikely", "minister")
    assert ranker.role_level("intelligence", [minister, spy]) == ("made_for", "intelligence")
    assert ranker.role_level("unknown", [spy]) == ("unstated", "intelligence")
    assert load_scoring().levels["role"]["unstated"].bits == 0.0
    assert ranker.role_level("government", [Participant(name="c")]) == ("", "")

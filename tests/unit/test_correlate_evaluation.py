"""Posteriors against verdicts."""

import json
import os
import re
import subprocess
import sys

import pytest

from pipeline.correlate.evaluation import evaluate


def test_figures_of_a_small_case():
    found = evaluate([0.9, 0.8, 0.6, 0.3, 0.1], [True, True, False, True, False])
    assert (found.count, found.true) == (5, 3)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.brier == pytest.approx((0.01 + 0.04 + 0.36 + 0.49 + 0.01) / 5)
    assert sum(b.count for b in found.reliability) == 5
    assert all(b.low <= b.said <= b.high for b in found.reliability)


def test_nothing_said_is_not_nought():
    found = evaluate([], [])
    assert (found.precision, found.recall, found.brier, found.reliability) == (None, None, None, ())


def tarmac(*arguments, data):
    env = {"PATH": os.environ["PATH"], "HOME": str(data), "TARMAC_DATA_DIR": str(data)}
    done = subprocess.run([sys.executable, "-m", "pipeline.cli.main", *arguments], env=env, capture_output=True, text=True, cwd=data)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_verdicts_recorded_on_a_case_are_what_evaluate_counts(tmp_path):
    case = ("--case", "taipei-2022-08-02")
    tarmac("demo", "taipei-2022-08-02", data=tmp_path)
    assert "Nothing to compare with yet" in tarmac("evaluate", *case, data=tmp_path)
    (match,) = set(re.findall(r"mat-[0-9a-z]+", tarmac("export", "matches", *case, data=tmp_path)))
    tarmac("review", match, "confirmed", "--note", "named in the communiqué", *case, data=tmp_path)
    found = json.loads(tarmac("evaluate", "--json", *case, data=tmp_path))
    assert found["reviewed"]["count"] == found["reviewed"]["true"] == 1
    assert found["reviewed"]["recall"] == 1.0
    tarmac("review", match, "refuted", *case, data=tmp_path)
    found = json.loads(tarmac("evaluate", "--json", *case, data=tmp_path))
    assert found["reviewed"]["true"] == 0
    assert found["reviewed"]["precision"] == 0.0


def test_a_report_turns_the_lead_into_a_match_and_the_record_says_which_came_first(tmp_path):
    case = ("--case", "taipei-2022-08-02")
    tarmac("demo", "taipei-2022-08-02", data=tmp_path)
    from sqlalchemy import create_engine, text

    (database,) = tmp_path.glob("demo/taipei-2022-08-02/*.db")
    with create_engine(f"sqlite:///{database}").connect() as connection:
        ((lead, lifecycle, reported, seen),) = connection.execute(text("select lead_id, lifecycle, changed_at, first_at from leads"))
        ((match,),) = connection.execute(text("select match_id from matches"))
        ((said,),) = connection.execute(text("select reason from revisions where subject_id = :m and number = 1"), {"m": match})
    assert lifecycle == "superseded"
    assert seen < reported
    assert said.endswith(f"; lead {lead} came first")
    told = tarmac("explain", lead, *case, data=tmp_path)
    assert f"a report now fits its stays: {match}" in told
    assert "Chance: not known, the history is too short." in told

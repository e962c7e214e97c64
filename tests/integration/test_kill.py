"""SIGKILL at chosen points, before and after commits: two days end as if nothing had happened."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import torture

#: Each process goes on where the one before it was killed. The counts are of commits that wrote to the table.
POINTS = [
    "before:captures:9",
    "after:captures:17",
    "before:landings:1",
    "after:landings:1",
    "before:outbox:1",
    "after:outbox:1",
    "before:outbox_attempts:1",
    "after:outbox_attempts:1",
    "before:passes:31",
    "after:passes:30",
]


@pytest.mark.slow
def test_ten_kills_before_and_after_commits_change_nothing_of_the_end(tmp_path: Path) -> None:
    torture.prepare(tmp_path)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    with ThreadPoolExecutor(2) as pool:
        undisturbed = pool.submit(torture.play, tmp_path, whole)
        struck, started = pool.submit(torture.killed_run, tmp_path, killed, POINTS).result()
        assert undisturbed.result() == 0
    assert (struck, started) == (10, 11)
    wanted = torture.end_state(torture.sqlite_url(whole))
    assert len(wanted["landings"]) >= 8
    assert len(wanted["matches"]) >= 3
    assert len(wanted["outbox"]) >= 6
    assert torture.differences(wanted, torture.end_state(torture.sqlite_url(killed))) == []
    assert torture.mails(killed) == torture.mails(whole)
    assert len(torture.mails(whole)) == len(wanted["outbox"])

"""Summing up the history is for one process at a time; where that cannot be held, what is wrong is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.jobs.renewal import LOCK_FILE, _alone
from pipeline.model.errors import StoreError


def test_one_at_a_time(tmp_path: Path) -> None:
    with _alone(tmp_path) as first, _alone(tmp_path) as second:
        assert (first, second) == (True, False)
    with _alone(tmp_path) as later:
        assert later


def test_a_lock_that_cannot_be_opened_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(StoreError, match=LOCK_FILE), _alone(tmp_path):
        pass

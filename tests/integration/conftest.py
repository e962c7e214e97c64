"""Fixtures of the live pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """What is asked again is asked twice at most, at once."""
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)

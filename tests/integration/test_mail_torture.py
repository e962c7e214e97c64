"""``make torture`` in small: ten seeded kills of tarmac, three of the server, real TLS and login."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "torture_mail.py"


@pytest.mark.skipif(sys.platform == "win32", reason="kills processes as POSIX does")
def test_nothing_is_lost_and_nothing_doubled_without_a_cause(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("torture_mail", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    torture = importlib.util.module_from_spec(spec)
    sys.modules["torture_mail"] = torture
    spec.loader.exec_module(torture)
    found = torture.torture(tmp_path, alerts=100, kills=10, seed=11, server_kills=3)
    assert found["recorded as sent"] == 100
    assert found["lost"] == 0
    assert found["of these unexplained"] == 0
    assert sum(found["faults"].values()) > 5, "the server misbehaved"

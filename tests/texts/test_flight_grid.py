"""Flight claims in a grid: a class of wording a row, a language a column; one sentence each, published on Wednesday, 15 May 2024.

A claim is written ``event TAIL FIELD TIME``: the tail or callsign and the field may be ``-`` for none, the time is that of UTC,
``14T13:25``, or ``-``. A row without claims tells of no flight, or of one to come.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import FlightClaim

ROWS = [json.loads(line) for line in Path(__file__).with_name("flight_grid.jsonl").read_text(encoding="utf-8").splitlines()]


def told(claim: FlightClaim) -> str:
    tail = re.sub("[^A-Z0-9]", "", claim.registration or claim.callsign)
    return f"{claim.event} {tail or '-'} {claim.airport or '-'} {claim.time_utc.strftime('%dT%H:%M') if claim.time_utc else '-'}"


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['lang']}-{i}-{r['class']}".replace(" ", "-") for i, r in enumerate(ROWS)])
def test_claims(row: dict[str, object]) -> None:
    found = default_extractor().extract(str(row["text"]), published=parse_published("2024-05-15"), language=str(row["lang"]))
    wanted = row["claims"]
    assert isinstance(wanted, list)
    assert sorted(told(c) for c in found.flight_claims) == sorted(wanted)

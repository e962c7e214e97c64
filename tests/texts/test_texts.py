"""The extractor on texts written for this project, each with its trap: what it is told to reach, language by language.

The same texts are measured and their misses listed by ``benchmarks/meetings.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import Extraction

HERE = Path(__file__).parent
MAIN = ("en", "tr", "ru", "ar")
OTHERS = ("fr", "de", "es", "uk", "pl", "hu", "he")


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def answer(row: dict[str, Any]) -> Extraction:
    return default_extractor().extract(row["text"], published=parse_published(row["published"] or "unknown"))


@pytest.mark.parametrize("language", MAIN)
def test_there_are_enough_texts_with_traps(language: str) -> None:
    rows = lines(language)
    assert len(rows) >= 30
    assert sum(not r["is_meeting"] for r in rows) >= 10


@pytest.mark.parametrize("language", [*MAIN, *OTHERS])
def test_meeting_or_not(language: str) -> None:
    rows = lines(language)
    wrong = [r["id"] for r in rows if answer(r).is_meeting != r["is_meeting"]]
    assert len(wrong) <= len(rows) * 0.06, wrong


@pytest.mark.parametrize("language", [*MAIN, *OTHERS])
def test_where_and_when(language: str) -> None:
    rows = [r for r in lines(language) if r["is_meeting"]]
    wrong = []
    for r in rows:
        found = [m for m in answer(r).meetings if m.status in ("announced", "reported")][:1]
        said = [(m.city, str(m.date_from or ""), str(m.date_to or "")) for m in found]
        if said != [(r["city"], r["date_from"] or "", r["date_to"] or "")]:
            wrong.append((r["id"], said))
    assert len(wrong) <= max(1, len(rows) * 0.1), wrong


@pytest.mark.parametrize("row", lines("flights"), ids=lambda r: r["id"])
def test_flight_claims(row: dict[str, Any]) -> None:
    found = default_extractor().extract(row["text"], published=parse_published(row["published"] or "unknown"), language=row["lang"])
    said = [{k: c[k] for k in ("event", "registration", "airport", "time_utc")} for c in found.to_json()["flight_claims"]]
    assert said == row["claims"]

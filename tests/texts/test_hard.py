"""Texts written hard on purpose: most are read right, and no change makes that fewer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import Extraction, ReadMeeting

HARD = Path(__file__).parent / "hard"


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(HARD.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]


def answer(row: dict[str, Any]) -> Extraction:
    return default_extractor().extract(row["text"], published=parse_published(row["published"]), language=row["lang"])


def nearest(found: Extraction, row: dict[str, Any]) -> ReadMeeting | None:
    live = [m for m in found.meetings if m.status in ("announced", "reported")]
    return next((m for m in live if m.city == row["city"]), live[0] if live else None)


def test_meeting_or_not() -> None:
    every = rows()
    wrong = [r["id"] for r in every if answer(r).is_meeting != r["is_meeting"]]
    assert len(wrong) <= len(every) * 0.07, wrong


def test_where() -> None:
    every = [r for r in rows() if r["is_meeting"]]
    wrong = [r["id"] for r in every if (m := nearest(answer(r), r)) is None or m.city != r["city"]]
    assert len(wrong) <= len(every) * 0.12, wrong


def test_when() -> None:
    every = [r for r in rows() if r["is_meeting"]]
    said = [(r, nearest(answer(r), r)) for r in every]
    wrong = [r["id"] for r, m in said if m is None or (str(m.date_from), str(m.date_to)) != (r["date_from"], r["date_to"])]
    assert len(wrong) <= len(every) * 0.18, wrong

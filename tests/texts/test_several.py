"""Texts of several meetings, or of a meeting with what came before and after: each is found with its place, days and people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import Extraction, ReadMeeting

TEXTS = Path(__file__).parent / "several.jsonl"
BODIES = {"EU", "UN"}


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]


def answer(row: dict[str, Any]) -> Extraction:
    return default_extractor().extract(row["text"], published=parse_published(row["published"] or ""), language=row["lang"])


def city_right(found: ReadMeeting, truth: dict[str, Any]) -> bool:
    return found.city in truth["city"].split("|")


def days_right(found: ReadMeeting, truth: dict[str, Any]) -> bool:
    said = tuple(str(d) if d else None for d in (found.date_from, found.date_to))
    return said == (truth["date_from"], truth["date_to"])


@dataclass
class Sums:
    meetings: int = 0
    city: int = 0
    days: int = 0


@pytest.fixture(scope="module")
def sums() -> Sums:
    """Of every true meeting, how the answer that is nearest to it reads."""
    out = Sums()
    for row in rows():
        live = [m for m in answer(row).meetings if m.status in ("announced", "reported")]
        for truth in row["meetings"]:
            out.meetings += 1
            best = max(live, key=lambda m, t=truth: city_right(m, t) + days_right(m, t), default=None)
            if best is not None:
                out.city += city_right(best, truth)
                out.days += days_right(best, truth)
    return out


def test_meeting_or_not() -> None:
    every = rows()
    wrong = [r["id"] for r in every if answer(r).is_meeting != r["is_meeting"]]
    assert len(wrong) <= len(every) * 0.03, wrong


def test_where(sums: Sums) -> None:
    assert sums.city >= sums.meetings * 0.85


def test_when(sums: Sums) -> None:
    assert sums.days >= sums.meetings * 0.82


def meetings_of(text: str, published: str, language: str = "en") -> set[tuple[str, str, frozenset[str]]]:
    found = default_extractor().extract(text, published=parse_published(published), language=language)
    return {(m.city, str(m.date_from), frozenset(p.state for p in m.participants) - BODIES) for m in found.meetings}


def test_one_verb_two_cities() -> None:
    text = "Hakan Fidan met Fuad Hussein in Baghdad on Monday and Badr Abdelatty in Cairo on Tuesday."
    assert meetings_of(text, "2024-11-14") == {
        ("Baghdad", "2024-11-11", frozenset({"TR", "IQ"})),
        ("Cairo", "2024-11-12", frozenset({"TR", "EG"})),
    }


def test_a_call_in_the_lead_and_a_visit_of_before() -> None:
    text = (
        "Vladimir Putin and Emmanuel Macron spoke by phone on Monday, the Elysee said.\n\n"
        "The call lasted ninety minutes.\n\nMr Macron was last received in the Kremlin in February 2022."
    )
    found = default_extractor().extract(text, published=parse_published("2024-03-12"), language="en")
    assert not found.is_meeting
    assert "call" in {r.kind for r in found.rejected}


def test_a_guest_still_to_come_is_another_meeting() -> None:
    text = "Keir Starmer met Erdogan in Ankara on Monday. Friedrich Merz will be in the Turkish capital on Thursday."
    assert {(c, d) for c, d, _ in meetings_of(text, "2025-10-27")} == {("Ankara", "2025-10-27"), ("Ankara", "2025-10-30")}


def test_whoever_is_abroad_has_come_there() -> None:
    found = default_extractor().extract(
        "Ibrahim Kalin prayed at the Umayyad Mosque in Damascus on Thursday.", published=parse_published("2024-12-13"), language="en"
    )
    assert [(m.kind, m.city, str(m.date_from)) for m in found.meetings] == [("visit", "Damascus", "2024-12-12")]

"""Constructions by languages: how a day is said beside other days and verbs. Each text is one of Wednesday, 11 June 2025."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

with (Path(__file__).parent / "days_grid.csv").open(encoding="utf-8", newline="") as _file:
    _ROWS = list(csv.DictReader(_file))


@pytest.mark.parametrize("row", _ROWS, ids=[f"{r['what']}-{r['language']}-{i}" for i, r in enumerate(_ROWS)])
def test_the_days_of_a_meeting_are_those_that_are_said_of_it(row: dict[str, str]) -> None:
    found = default_extractor().extract(row["text"], published=parse_published("2025-06-11"), language=row["language"])
    assert (row["first"], row["last"]) in {(str(m.date_from), str(m.date_to)) for m in found.meetings}, row["text"]


@pytest.mark.parametrize(
    "text",
    [
        "Fidan met Lavrov on the 9th floor of a hotel in Moscow.",
        "Lavrov received Fidan in Moscow for the 9th round of talks.",
        "Лавров и Фидан встретились в Москве на полях 9-го саммита.",
        "Emmanuel Macron a rencontré Keir Starmer au 10 Downing Street à Londres.",
    ],
)
def test_what_a_number_counts_is_no_day(text: str) -> None:
    language = "ru" if "Лавров" in text else "fr" if "rencontré" in text else "en"
    found = default_extractor().extract(text, published=parse_published("2025-06-11"), language=language)
    assert {str(m.date_from) for m in found.meetings} == {"2025-06-11"}

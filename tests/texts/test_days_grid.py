"""Constructions by languages: how a day is said beside other days and verbs. Each text is one of Wednesday, 11 June 2025."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

with (Path(__file__).parent / "days_grid.csv").open(encoding="utf-8", newline="") as _file:
    _ROWS = list(csv.DictReader(_file))

_LONG_AGO = (
    "Since the invasion of 24 February 2022 much has changed between the two neighbours, their armies and the blocs behind each of them, "
    "as many say. Zelensky met Duda in Warsaw on the 9th."
)


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


@pytest.mark.parametrize(
    ("language", "text", "published", "days"),
    [
        ("en", "It had been planned. On Monday Putin met Xi in Beijing.", "2025-06-11", [("2025-06-09", "2025-06-09")]),
        ("ar", "وصل لافروف الأحد إلى القاهرة والتقى وزير الخارجية المصري يوم الاثنين.", "2025-06-11", [("2025-06-09", "2025-06-09")]),
        ("en", _LONG_AGO, "2025-06-11", [("2025-06-09", "2025-06-09")]),
        ("en", "Fidan met Lavrov in Moscow from 28 December 2022 to 2 January 2023.", "2023-01-05", [("2022-12-28", "2023-01-02")]),
        ("en", "Putin meets Xi in Beijing on the 9th.", "2024-11-07", [("2024-11-09", "2024-11-09")]),
        ("en", "❶ Putin met Erdogan in Ankara on Monday.", "2025-06-11", [("2025-06-09", "2025-06-09")]),
        ("es", "Sánchez se reunió con Xi en Pekín el lunes para evitar el 25 por ciento de aranceles.", "2025-06-11",
         [("2025-06-09", "2025-06-09")]),
        ("hu", "Orbán hétfőn Moszkvában találkozott Putyinnal, 12-en vettek részt.", "2025-06-11", [("2025-06-09", "2025-06-09")]),
    ],
)  # fmt: skip
def test_each_day_is_the_one_that_is_meant(language: str, text: str, published: str, days: list[tuple[str, str]]) -> None:
    found = default_extractor().extract(text, published=parse_published(published), language=language)
    assert [(str(m.date_from), str(m.date_to)) for m in found.meetings if not m.background] == days

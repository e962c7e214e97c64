"""One rule a test: what the extractor does with a dateline, a capital by its rank, people side by side, a plan told after the fact."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import ReadMeeting

PUBLISHED = "2024-06-14"  # a Friday


def first(text: str, language: str = "en") -> ReadMeeting | None:
    found = default_extractor().extract(text, published=parse_published(PUBLISHED), language=language)
    return next((m for m in found.meetings if m.status in ("announced", "reported") and not m.background), None)


@pytest.mark.parametrize(
    ("text", "language", "city"),
    [
        ("HELSINKI (wire) - Trump and Putin met on Monday.", "en", "Helsinki"),
        ("SINGAPORE, June 12 - Trump and Kim Jong Un met on Tuesday.", "en", "Singapore"),
        ("WASZYNGTON. Andrzej Duda spotkał się we wtorek z Joe Bidenem.", "pl", "Washington"),
        ("مسقط (وكالات) - التقى عباس عراقجي ستيف ويتكوف السبت.", "ar", "Muscat"),
        ("BEIJING - Macron met Xi in Guangzhou on Friday.", "en", "Guangzhou"),
        ("Burns met Barnea in the Egyptian capital on Thursday.", "en", "Cairo"),
        ("Лукашенко встретился с Мнангагвой в столице Зимбабве в четверг.", "ru", "Harare"),
        ("Fidan perşembe günü Suudi Arabistan'ın başkentinde Faysal bin Ferhan ile görüştü.", "tr", "Riyadh"),
        ("Blinken met Wang Yi on the sidelines of the Munich Security Conference on Thursday.", "en", "Munich"),
        ("Erdogan and Putin spoke of the Astana format when they met in Tehran on Tuesday.", "en", "Tehran"),
        ("Pelosi landed in Taipei on Tuesday. She met Tsai Ing-wen on Wednesday and left in the evening for Seoul.", "en", "Taipei"),
    ],
)
def test_where_it_was(text: str, language: str, city: str) -> None:
    meeting = first(text, language)
    assert meeting is not None
    assert meeting.city == city


def test_officials_of_two_states_side_by_side_met_whatever_the_verb() -> None:
    meeting = first("Emmanuel Macron and Xi Jinping fed the carp of a garden in Guangzhou on Thursday.")
    assert meeting is not None
    assert (meeting.city, {p.state for p in meeting.participants}) == ("Guangzhou", {"FR", "CN"})
    plain = first("Emmanuel Macron and Xi Jinping met in Guangzhou on Thursday.")
    assert plain is not None
    assert meeting.confidence < plain.confidence


@pytest.mark.parametrize(
    "text",
    [
        "Emmanuel Macron said in Guangzhou that Vladimir Putin was to blame.",
        "A portrait of Emmanuel Macron with Xi Jinping may be shown in Paris.",
        "No further talks between Burns and Naryshkin have been fixed.",
        "Macron and Biden attended the funeral of the queen in London on Monday.",
    ],
)
def test_what_is_said_possible_denied_or_a_ceremony_is_none(text: str) -> None:
    assert first(text) is None


def test_a_plan_told_after_what_happened_is_another_one() -> None:
    found = default_extractor().extract(
        "Araghchi met Witkoff in Muscat on Thursday. They will hold a second round next Saturday.", published=parse_published(PUBLISHED)
    )
    assert (found.meetings[0].date_from, found.meetings[0].date_to) == (date(2024, 6, 13), date(2024, 6, 13))


def test_whoever_joined_took_part_and_who_stayed_away_did_not() -> None:
    meeting = first("Zelensky and Trump met at the White House on Monday. Macron and Meloni joined them. No Turkish official took part.")
    assert meeting is not None
    assert {p.state for p in meeting.participants} == {"UA", "US", "FR", "IT"}


def test_after_a_full_name_its_surname_is_the_same_person() -> None:
    meeting = first("Kim Jong Un came by train on Tuesday. Putin met Kim in Vladivostok on Wednesday.")
    assert meeting is not None
    assert {p.state for p in meeting.participants} == {"RU", "KP"}


def test_a_separable_verb_calls_off() -> None:
    assert first("Lawrow sagte ein für Donnerstag geplantes Gespräch mit Heiko Maas in Berlin ab.", "de") is None


def test_the_day_of_a_departure_is_not_that_of_the_meeting() -> None:
    meeting = first("Лукашенко вылетел из Минска 12 июня и прибыл в Хараре в четверг, где его принял Эммерсон Мнангагва.", "ru")
    assert meeting is not None
    assert (meeting.date_from, meeting.date_to) == (date(2024, 6, 13), date(2024, 6, 13))

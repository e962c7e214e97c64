"""Reports of one meeting become one record; reports of two do not."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.meetings.merge import meeting_of as record_of
from pipeline.meetings.merge import merge_into, merge_pair
from pipeline.model.entities import Meeting
from pipeline.model.origin import Origin

ANKARA = (
    ("a.example/1", "2022-11-14", "CIA Director William Burns met SVR director Sergey Naryshkin in Ankara on Monday."),
    ("b.example/2", "2022-11-14", "Директор СВР Нарышкин и глава ЦРУ Бёрнс встретились в понедельник в Анкаре."),
    ("c.example/3", "2022-11-15", "William Burns ile Sergey Narışkin 14 Kasım'da Ankara'da bir araya geldi."),
)


def read(source: str, published: str, text: str) -> list[Meeting]:
    found = default_extractor().extract(text, published=parse_published(published))
    when = datetime.fromisoformat(published).replace(tzinfo=UTC)
    records = [record_of(m, source=source, title=text, published=when, origin=Origin.RECORDED) for m in found.meetings]
    return [m for m in records if m is not None]


def all_of(*reports: tuple[str, str, str]) -> tuple[Meeting, ...]:
    known: dict[str, Meeting] = {}
    for report in reports:
        known |= {m.meeting_id: m for m in merge_into(known.values(), read(*report)).changed}
    return tuple(known.values())


@pytest.mark.parametrize("order", list(permutations(ANKARA)))
def test_three_languages_one_meeting_in_any_order(order: tuple[tuple[str, str, str], ...]) -> None:
    (one,) = all_of(*order)
    assert set(one.sources) == {r[0] for r in ANKARA}
    assert one.published == datetime(2022, 11, 14, tzinfo=UTC)
    assert (one.city, str(one.date_from), str(one.date_to)) == ("Ankara", "2022-11-14", "2022-11-14")
    assert {p.state for p in one.participants} == {"US", "RU"}
    assert len(one.participants) == 2


def test_reading_again_changes_nothing() -> None:
    (one,) = all_of(*ANKARA)
    again = [m for r in ANKARA for m in read(*r)]
    assert merge_into([one], again).changed == ()
    assert merge_pair(one, one) == one


def test_the_older_id_stays() -> None:
    (first,) = read(*ANKARA[0])
    (both,) = all_of(*ANKARA[:2])
    assert both.meeting_id == first.meeting_id


def test_two_pairs_in_one_capital_on_one_day_are_two() -> None:
    found = all_of(
        ("a.example/1", "2025-02-18", "Marco Rubio met Sergei Lavrov in Riyadh on Tuesday."),
        ("b.example/2", "2025-02-18", "Hakan Fidan met Faisal bin Farhan in Riyadh on Tuesday."),
        ("c.example/3", "2025-02-18", "Vladimir Putin's envoy Kirill Dmitriev met Steve Witkoff in Riyadh on Tuesday."),
    )
    assert len(found) == 3


def test_a_week_apart_is_another_meeting() -> None:
    found = all_of(
        ("a.example/1", "2025-04-12", "Witkoff met Araghchi in Muscat on Saturday."),
        ("b.example/2", "2025-04-26", "Witkoff met Araghchi in Muscat on Saturday."),
    )
    assert len(found) == 2


def test_an_announcement_becomes_a_report_and_a_second_day_widens() -> None:
    (one,) = all_of(
        ("a.example/1", "2023-06-16", "Antony Blinken will meet Qin Gang in Beijing on June 18."),
        ("b.example/2", "2023-06-19", "Antony Blinken met Qin Gang in Beijing on Sunday and Monday."),
    )
    assert one.status == "reported"
    assert (str(one.date_from), str(one.date_to)) == ("2023-06-18", "2023-06-19")


def test_who_says_otherwise_is_kept() -> None:
    (one,) = all_of(
        ("a.example/1", "2020-11-23", "Benjamin Netanyahu met Mohammed bin Salman in Riyadh on Sunday."),
        ("b.example/2", "2020-11-23", "Riyadh denied that Mohammed bin Salman met Benjamin Netanyahu in Riyadh on Sunday."),
    )
    assert one.status == "reported"
    assert "denied (b.example/2)" in one.note
    assert "reported (a.example/1)" in one.note

"""A report that is read again with another text: its meeting changes with it, and keeps what was said before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.jobs.reports import Document, keep_documents
from pipeline.meetings.extract.extractor import default_extractor
from pipeline.model.entities import Meeting, Told
from pipeline.store.store import Store

NOW = datetime(2022, 11, 16, 12, tzinfo=UTC)
DAY = date(2022, 11, 14)
FIRST = "William Burns met Sergei Naryshkin in Ankara on Monday."


def read(store: Store, *texts: str, source: str = "a.example/1", now: datetime = NOW) -> tuple[tuple[Meeting, ...], tuple[Told, ...]]:
    for text in texts:
        document = Document(source=source, provider="test", text=text, published=DAY)
        keep_documents(store, [document], default_extractor(), reason="test", now=now)
    with store.read() as session:
        meetings = session.meetings.current()
        return meetings, session.reports.told(meetings[0].meeting_id)


def test_a_corrected_day_moves_the_meeting(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        (first,), _ = read(store, FIRST)
        (now,), told = read(store, "Correction: William Burns met Sergei Naryshkin in Ankara on 9 November.", now=NOW.replace(hour=13))
    assert now.meeting_id == first.meeting_id
    assert (str(now.date_from), str(now.date_to)) == ("2022-11-09", "2022-11-09")
    assert "changed by a.example/1; before: days 14 Nov 2022" in now.note
    assert [str(t.record.date_from) for t in told] == ["2022-11-14", "2022-11-09"]


def test_a_corrected_city_moves_the_meeting(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        (now,), _ = read(store, FIRST, "William Burns met Sergei Naryshkin in Istanbul on Monday.")
    assert now.city == "Istanbul"
    assert "place Ankara, TR" in now.note


def test_another_source_is_not_forgotten(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        read(store, FIRST)
        read(store, "Burns, of the CIA, met Sergei Naryshkin in Ankara on Monday.", source="b.example/2")
        (now,), _ = read(store, "William Burns met Sergei Naryshkin in Ankara on Monday and Tuesday.")
    assert (str(now.date_from), set(now.sources)) == ("2022-11-14", {"a.example/1", "b.example/2"})


def test_a_report_that_takes_it_back_says_so(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        (now,), _ = read(store, FIRST, "An earlier version of this article was wrong. The weather in Ankara is fine.")
    assert "a.example/1 no longer tells of it" in now.note


def test_the_same_text_changes_nothing(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        (first,), _ = read(store, FIRST)
        (again,), told = read(store, FIRST, FIRST)
    assert again == first
    assert len(told) == 1


def test_a_new_paragraph_adds_a_meeting_and_leaves_the_first(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        longer = FIRST + " On Tuesday William Burns arrived in Kyiv and met Volodymyr Zelensky."
        meetings, _ = read(store, FIRST, longer)
    assert {m.city: str(m.date_from) for m in meetings}["Ankara"] == "2022-11-14"
    assert {m.city for m in meetings} == {"Ankara", "Kyiv"}

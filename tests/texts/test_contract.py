"""``tarmac extract``: the shape of its answers and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.errors import BadTime

MEETING_KEYS = {
    "kind",
    "status",
    "city",
    "country",
    "date_from",
    "date_to",
    "date_precision",
    "start",
    "end",
    "participants",
    "confidence",
    "evidence",
}


def run(*arguments: str, given: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["extract", *arguments], input=given)
    return result.exit_code, result.stdout


def test_a_text_from_standard_input() -> None:
    code, out = run("-", "--published", "2025-05-27", given="Lavrov met Fidan in Ankara on Monday.")
    answer = json.loads(out)
    assert code == 0
    assert answer["is_meeting"] is True
    (meeting,) = answer["meetings"]
    assert set(meeting) >= MEETING_KEYS
    assert (meeting["city"], meeting["country"], meeting["date_from"]) == ("Ankara", "TR", "2025-05-26")
    assert (meeting["start"], meeting["end"]) == ("2025-05-25T21:00:00Z", "2025-05-26T21:00:00Z")
    assert [p["state"] for p in meeting["participants"]] == ["RU", "TR"]


def test_every_piece_of_evidence_is_where_it_says() -> None:
    text = "  ANKARA — Dışişleri Bakanı Hakan Fidan, 14 Kasım 2024'te İstanbul’da Sergey Lavrov ile görüştü.\n"
    found = default_extractor().extract(text, published=parse_published("2024-11-14"))
    assert found.meetings
    for meeting in found.meetings:
        assert {e.field for e in meeting.evidence} >= {"kind", "place", "date", "participant"}
        for e in meeting.evidence:
            assert text[e.start : e.end] == e.text


def test_without_a_day_of_publication_weekday_and_year_stay_open() -> None:
    code, out = run("-", given="Burns met Naryshkin in Ankara on Monday.")
    (meeting,) = json.loads(out)["meetings"]
    assert code == 0
    assert (meeting["date_from"], meeting["date_precision"], meeting["start"]) == (None, "unknown", None)
    _, out = run("-", given="Burns met Naryshkin in Ankara on 14 November 2022.")
    assert json.loads(out)["meetings"][0]["date_from"] == "2022-11-14"


def test_a_batch_answers_each_line_and_names_the_bad_one(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    lines = [
        {"id": "a", "text": "Lavrov met Fidan in Ankara on Monday.", "published": "2025-05-27", "lang": "en"},
        {"id": "b", "text": "Фидан позвонил Лаврову по телефону.", "published": None, "lang": None},
        {"id": "c", "published": "2025-05-27"},
        {"id": "d", "text": "x", "published": "yesterday"},
        {"id": "e", "text": "They met in Ankara last month.", "published": "0001-01-01"},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + "\nnot json\n", encoding="utf-8")
    code, out = run("--batch", str(file))
    answers = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert code == 1
    assert [a["id"] for a in answers] == ["a", "b", "c", "d", "e", None]
    assert [a.get("is_meeting") for a in answers] == [True, False, None, None, None, None]
    assert answers[1]["rejected"][0]["kind"] == "call"
    assert all("error" in a for a in answers[2:])


@pytest.mark.parametrize("given", ["tr", "TR", "tr-TR", "", "xx", "../../secrets", "zh"])
def test_a_language_is_read_as_given_or_guessed(given: str) -> None:
    text = "Fidan dün Ankara'da Lavrov ile görüştü."
    found = default_extractor().extract(text, published=parse_published("2025-05-27"), language=given)
    assert found.language == "tr"
    assert found.is_meeting


def test_what_is_not_a_day_is_refused() -> None:
    with pytest.raises(BadTime, match="is not a day"):
        parse_published("last week")
    code, _ = run("-", "--published", "14/11/2022", given="x")
    assert code != 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "'",
        "…",
        "\x00\x01",
        "a" * 200_000,
        "." * 5000,
        "met " * 5000,
        "<script>alert(1)</script>",
        "\u202eLavrov met Fidan\u202c in Ankara",
        "'" * 999,
    ],
)
def test_any_text_gets_an_answer(text: str) -> None:
    found = default_extractor().extract(text, published=parse_published("2025-05-27"))
    json.dumps(found.to_json())


def test_a_long_text_is_read_at_its_beginning_and_says_so() -> None:
    text = "Lavrov met Fidan in Ankara on Monday. " + "Nothing else. " * 20_000
    found = default_extractor().extract(text, published=parse_published("2025-05-27"))
    assert found.truncated
    assert found.is_meeting

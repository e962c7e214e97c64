"""Texts that are no news: tables, and texts made to cost time, are read whole, in parts that cost no more than sentences."""

from __future__ import annotations

import pytest

from pipeline.meetings.extract.aircraft import find_aircraft
from pipeline.meetings.extract.clock import find_times
from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.meetings.extract.flight_sentences import sentences
from pipeline.meetings.extract.reading import read


def test_a_sentence_without_an_end_is_read_in_parts() -> None:
    text = "The aircraft RA-64057 landed in Ankara at 10:25 local time, " * 200
    reading = read(text, "en")
    parts = sentences(reading)
    assert max(part.end - part.start for part in parts) <= 400
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert parts[-1].end == len(reading.tokens)
    found = default_extractor().extract(text, published=parse_published("2022-11-14"), language="en")
    assert {(c.registration, c.city, c.event) for c in found.flight_claims} == {("RA-64057", "Ankara", "landing")}
    assert len(found.flight_claims) > 190


@pytest.mark.parametrize("words", ["Ankara, Moscow ", "talks in Ankara and Moscow ", "visited Ankara "])
def test_a_clause_without_an_end_is_read_in_parts(words: str) -> None:
    reading = read(words * 2_000, "en")
    assert max(clause.end - clause.start for clause in reading.clauses) <= 400
    assert [c.start for c in reading.clauses[1:]] == [c.end for c in reading.clauses[:-1]]


def test_a_time_has_its_zone_however_far_the_next_one_is() -> None:
    text = "landed at 10:25 (UTC+3) " + "and taxied " * 300 + "until 11:40 GMT"
    assert [(t.minute, t.zone) for t in find_times(text, 0, len(text), "en")] == [(625, "Etc/GMT-3")]


@pytest.mark.parametrize(("text", "callsign"), [("позывным RSD111", "RSD111"), ("THY3 sefer sayılı", "THY3"), ("rejsem LOT 45", "LOT45")])
def test_words_of_callsigns_take_endings(text: str, callsign: str) -> None:
    assert [a.callsign for a in find_aircraft(text, 0, len(text))] == [callsign]


def test_what_one_pattern_took_no_other_names_again() -> None:
    text = "Gulfstream G550 4X-ICE, callsign RSD111, hex 15002f; Boeing 737 RA-73025"
    found = find_aircraft(text, 0, len(text))
    assert [(a.type_name, a.registration, a.callsign, a.icao24) for a in found] == [
        ("Gulfstream G550", "4X-ICE", "RSD111", "15002f"),
        ("Boeing 737", "RA-73025", "", ""),
    ]

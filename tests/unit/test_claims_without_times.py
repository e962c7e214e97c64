"""Movements that a text tells without a clock time, and fields that only the table of airports has."""

from __future__ import annotations

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

TOLD = (
    ("en", "A government Falcon landed in Valletta on Tuesday.", [("landing", "LMML", None)]),
    ("en", "The presidential plane left Tbilisi on Tuesday after the talks.", [("takeoff", "UGTB", None)]),
    ("tr", "Cumhurbaşkanlığı uçağı salı günü Bakü'ye indi.", [("landing", "UBBB", None)]),
    ("ru", "Самолёт делегации приземлился во вторник в Ереване.", [("landing", "UDYZ", None)]),
    ("ar", "هبطت طائرة الوفد في مسقط الثلاثاء.", [("landing", "OOMS", None)]),
    ("de", "Der Regierungsjet landete am Dienstag in Amman.", [("landing", "OJAI", None)]),
    ("fr", "L'avion de la délégation a décollé mardi de Belgrade.", [("takeoff", "LYBE", None)]),
    # where an aircraft was says nothing of when it came
    ("en", "The delegation's plane was seen on the ground in Tbilisi on Tuesday.", []),
    ("en", "The plane is expected to land in Tbilisi on Tuesday.", []),
    ("en", "He said the plane would leave Tbilisi on Tuesday.", []),
    # a field of the table, its own clock, and another aircraft at the same place
    ("en", "The jet landed at Al Asad Air Base at 7:16 p.m. on Tuesday.", [("landing", "ORAA", "2024-05-14T16:16:00Z")]),
    ("fr", "L'avion s'est posé mardi à 9h05 sur l'aéroport de Ouarzazate.", [("landing", "GMMZ", "2024-05-14T08:05:00Z")]),
    ("en", "The jet landed at Fairford at 10:20 on Tuesday.", [("landing", "EGVA", "2024-05-14T09:20:00Z")]),
    (
        "en",
        "The first jet was on the ground in Doha at 10:20 a.m. on Tuesday and the Il-96 landed at 10:55.",
        [("landing", "OTHH", "2024-05-14T07:20:00Z"), ("landing", "OTHH", "2024-05-14T07:55:00Z")],
    ),
    ("en", "Air Force One brought the president to Muscat at 8:22 p.m. on Tuesday.", [("landing", "OOMS", "2024-05-14T16:22:00Z")]),
)


@pytest.mark.parametrize(("language", "text", "wanted"), TOLD, ids=[t[1][:40] for t in TOLD])
def test_a_movement_of_an_aircraft_is_a_claim(language: str, text: str, wanted: list[tuple[str, str, str | None]]) -> None:
    found = default_extractor().extract(text, published=parse_published("2024-05-15"), language=language).to_json()
    assert [(c["event"], c["airport"], c["time_utc"]) for c in found["flight_claims"]] == wanted

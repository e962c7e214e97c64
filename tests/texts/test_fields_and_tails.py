"""Fields by the names that eleven languages give them, and tails of the watch list, each in the plainest sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.meetings.extract.tails import find_tails
from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped

FIELDS = [json.loads(line) for line in Path(__file__).with_name("fields.jsonl").read_text(encoding="utf-8").splitlines()]
SENTENCES = {
    "en": "RA-64059 landed at {x} at 16:25 on Tuesday.",
    "ru": "RA-64059 сел в аэропорту {x} во вторник в 16:25.",
    "uk": "RA-64059 сів в аеропорту {x} у вівторок о 16:25.",
    "ar": "هبطت الطائرة RA-64059 في مطار {x} الثلاثاء الساعة 16:25.",
    "tr": "RA-64059 salı günü 16.25'te {x} Havalimanı'na indi.",
    "de": "Die RA-64059 landete am Dienstag um 16.25 Uhr am Flughafen {x}.",
    "fr": "Le RA-64059 s'est posé mardi à 16h25 à l'aéroport {x}.",
    "he": "RA-64059 נחת בנמל התעופה {x} ביום שלישי ב-16:25.",
    "pl": "RA-64059 wylądował we wtorek o 16.25 na lotnisku {x}.",
    "es": "El RA-64059 aterrizó el martes a las 16.25 en el aeropuerto {x}.",
    "hu": "Az RA-64059 kedden 16.25-kor szállt le a(z) {x} repülőtéren.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_fields_by_name(language: str) -> None:
    wrong = {}
    for row in FIELDS:
        if name := row["names"].get(language):
            text = SENTENCES[language].format(x=name)
            found = default_extractor().extract(text, published=parse_published("2024-05-15"), language=language).flight_claims
            if [c.airport for c in found] != [row["airport"]]:
                wrong[row["airport"], name] = [c.airport for c in found]
    assert wrong == {}


def test_every_tail_of_the_watch_list_is_read() -> None:
    """But bare numbers, most of which other things share."""
    rows, _ = read_file(shipped("watchlist", "aircraft.csv"), required=("registration",))
    names = [row["registration"] for row in rows if row["registration"] and not row["registration"].isdigit()]
    names = [n for n in names if any(c.isdigit() or c == "-" for c in n)]
    missed = [n for n in names if n not in [t for t, _, _ in find_tails(f"The plane {n} landed in Ankara.")]]
    assert len(names) > 400
    assert missed == []


@pytest.mark.parametrize(
    "text",
    [
        "The jet flew 1200 km and landed in Ankara at 16:25.",
        "The Boeing 737 landed in Ankara.",
        "A Gulfstream 550 and a Falcon 2000 landed in Ankara.",
        "In 2024 an Airbus 330 landed in Ankara.",
        "The Boeing 2024 deal was signed in Ankara.",
        "T-11 tanks arrived in Ankara.",
        "A resolution, 22-001, was passed in Ankara.",
    ],
)
def test_what_is_no_tail(text: str) -> None:
    assert find_tails(text) == []

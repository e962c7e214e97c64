"""Talks that are to come: the noun has no tense of its own, the verb of taking place beside the day has."""

from __future__ import annotations

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import Extraction

#: A Tuesday; each text is of talks on the day after.
_PUBLISHED = "2025-07-22"
_TO_COME = {
    "en": (
        "The next round of talks between Russia and Ukraine in Istanbul {} Wednesday.",
        ("is on", "takes place on", "opens on", "begins", "gets under way on", "is set for", "is due", "resumes on", "will be held on"),
    ),
    "ru": (
        "Третий раунд переговоров России и Украины {} в Стамбуле в среду.",
        ("пройдёт", "состоится", "начнётся", "откроется", "возобновится", "стартует", "проходит", "начинается"),
    ),
    "uk": (
        "Третій раунд переговорів України та Росії {} у Стамбулі у середу.",
        ("відбудеться", "пройде", "почнеться", "розпочнеться", "відбувається"),
    ),
    "tr": (
        "Rusya ile Ukrayna arasındaki üçüncü tur görüşmeler İstanbul'da çarşamba günü {}.",
        ("yapılacak", "başlıyor", "gerçekleşecek", "yapılıyor", "toplanacak"),
    ),
    "ar": (
        "الجولة الثالثة من المحادثات بين روسيا وأوكرانيا في إسطنبول {} يوم الأربعاء.",
        ("ستعقد", "تعقد", "تبدأ", "من المقرر أن تنطلق"),
    ),
    "de": (
        "Die nächste Runde der Gespräche zwischen Russland und der Ukraine in Istanbul {}.",
        ("findet am Mittwoch statt", "beginnt am Mittwoch", "soll am Mittwoch stattfinden", "steht am Mittwoch an"),
    ),
    "fr": (
        "La prochaine rencontre entre Poutine et Erdogan à Istanbul {} mercredi.",
        ("aura lieu", "se tient", "s'ouvre", "débutera", "est prévue"),
    ),
    "es": (
        "La próxima reunión de Putin y Erdogan en Estambul {} miércoles.",
        ("será el", "tendrá lugar el", "se celebra el", "empieza el", "está prevista para el"),
    ),
    "pl": (
        "Kolejne spotkanie Putina i Erdogana w Stambule {} w środę.",
        ("odbędzie się", "rozpocznie się", "odbywa się"),
    ),
    "hu": ("Putyin és Erdogan következő találkozója Isztambulban szerdán {}.", ("lesz", "kezdődik")),
    "he": ("הפגישה הבאה בין פוטין לארדואן באיסטנבול {} ביום רביעי.", ("תתקיים", "תיפתח", "תתחיל")),
}  # fmt: skip


@pytest.mark.parametrize(("language", "verb"), [(language, verb) for language, (_, verbs) in _TO_COME.items() for verb in verbs])
def test_talks_that_are_to_come_are_of_the_day_ahead(language: str, verb: str) -> None:
    assert _days(_TO_COME[language][0].format(verb), language) == [("2025-07-23", "2025-07-23")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Talks between Russia and Ukraine opened in Istanbul on Wednesday."),
        ("ru", "Переговоры России и Украины прошли в Стамбуле в среду."),
        ("de", "Die Gespräche zwischen Russland und der Ukraine fanden am Mittwoch in Istanbul statt."),
        ("tr", "Rusya ile Ukrayna arasındaki görüşmeler İstanbul'da çarşamba günü başladı."),
        ("ar", "عقدت المحادثات بين روسيا وأوكرانيا في إسطنبول يوم الأربعاء."),
    ],
)
def test_talks_that_were_are_of_the_day_before(language: str, text: str) -> None:
    assert _days(text, language) == [("2025-07-16", "2025-07-16")]


def test_what_was_flown_is_of_no_day_to_come() -> None:
    text = "Самолёт Ил-96 вылетел из Внукова в 15:10 и в 20:40 по московскому времени сел в Эр-Рияде, там завтра встреча с американцами."
    times = [claim.time_utc for claim in _read(text, "ru", "2025-02-17").flight_claims]
    assert [time.isoformat()[:16] for time in times if time] == ["2025-02-17T12:10", "2025-02-17T17:40"]


def _read(text: str, language: str, published: str) -> Extraction:
    return default_extractor().extract(text, published=parse_published(published), language=language)


def _days(text: str, language: str) -> list[tuple[str, str]]:
    return [(str(m.date_from), str(m.date_to)) for m in _read(text, language, _PUBLISHED).meetings]

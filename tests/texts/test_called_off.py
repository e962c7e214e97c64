"""Meetings that are off: the noun of meeting with each language's ways of saying that it does not take place."""

from __future__ import annotations

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

_OFF = {
    "en": (
        "The meeting between Putin and Erdogan in Ankara on Friday {}.",
        (
            "will not take place",
            "would not take place",
            "won't take place",
            "is not going to happen",
            "will not go ahead",
            "has been called off",
            "was scrapped",
            "has been cancelled",
            "did not take place",
            "fell through",
            "will not be held",
            "was shelved",
        ),
    ),
    "ru": (
        "Встреча Путина и Эрдогана в Анкаре в пятницу {}.",
        ("не состоится", "не состоялась", "не пройдёт", "отменена", "сорвалась", "отменяется", "не будет", "снята с повестки"),
    ),
    "tr": (
        "Putin ile Erdoğan'ın cuma günü Ankara'da yapacağı görüşme {}.",
        (
            "yapılmayacak",
            "iptal edildi",
            "gerçekleşmeyecek",
            "olmayacak",
            "yapılamadı",
            "gerçekleşmedi",
            "düzenlenmeyecek",
            "rafa kaldırıldı",
        ),
    ),
    "uk": (
        "Зустріч Путіна та Ердогана в Анкарі у п'ятницю {}.",
        ("не відбудеться", "не відбулася", "скасована", "зірвалася", "не пройде"),
    ),
    "de": (
        "Das Treffen zwischen Putin und Erdogan am Freitag in Ankara {}.",
        (
            "findet nicht statt",
            "wird nicht stattfinden",
            "fand nicht statt",
            "ist abgesagt",
            "fällt aus",
            "kommt nicht zustande",
            "wurde gestrichen",
            "ist geplatzt",
        ),
    ),
    "fr": (
        "La rencontre entre Poutine et Erdogan vendredi à Ankara {}.",
        ("n'aura pas lieu", "n'a pas eu lieu", "est annulée", "ne se tiendra pas", "a été annulée", "tombe à l'eau"),
    ),
    "es": (
        "La reunión entre Putin y Erdogan el viernes en Ankara {}.",
        ("no se celebrará", "no tendrá lugar", "no se realizará", "fue cancelada", "ha sido suspendida", "no se llevará a cabo"),
    ),
    "pl": (
        "Spotkanie Putina i Erdogana w piątek w Ankarze {}.",
        ("nie odbędzie się", "nie odbyło się", "zostało odwołane", "odwołano", "nie dojdzie do skutku"),
    ),
    "hu": (
        "Putyin és Erdogan pénteki ankarai találkozója {}.",
        ("elmarad", "nem jön létre", "nem lesz megtartva", "nem valósul meg", "elmaradt"),
    ),
    "he": (
        "הפגישה בין פוטין לארדואן ביום שישי באנקרה {}.",
        ("לא תתקיים", "בוטלה", "לא התקיימה", "לא תצא לפועל"),
    ),
    "ar": (
        "اللقاء بين بوتين وأردوغان يوم الجمعة في أنقرة {}.",
        ("لن يعقد", "ألغي", "لم يعقد"),
    ),
}
_TOLD_OTHERWISE = [
    ("en", "Trump told Kim Jong Un in a letter that their summit in Singapore would not take place."),
    ("en", "Zelensky cancelled his trip to Riyadh; he had been due to meet Mohammed bin Salman there on Wednesday."),
    ("en", "Putin would not be going to Ankara for the talks with Erdogan."),
    ("tr", "Aliyev, Granada'da Paşinyan'la yapılması planlanan toplantıya katılmama kararı aldı."),
    ("tr", "Bulgaristan hava sahasını kapattı; Lavrov'un Belgrad ziyareti yapılamıyor."),
    ("ru", "Поездка Лаврова в Белград не состоится: соседи закрыли небо."),
    ("fr", "Macron n'ira finalement pas à Moscou rencontrer Poutine."),
]
_MET_ALL_THE_SAME = [
    ("en", "Lavrov and Blinken met in Jakarta; no joint statement was issued."),
    ("en", "Putin did not shake hands when he met Erdogan in Ankara on Friday."),
    ("ru", "Переговоры Лаврова и Блинкена в Женеве прошли без прорыва."),
    ("tr", "Lavrov ile Blinken Cenevre'de görüştü, ortak açıklama yapılmadı."),
    ("fr", "Lavrov et Blinken se sont vus à Genève, sans percée."),
]


def _is_meeting(text: str, language: str) -> bool:
    return default_extractor().extract(text, published=parse_published("2025-06-11"), language=language).is_meeting


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text.format(words)) for language, (text, ways) in _OFF.items() for words in ways] + _TOLD_OTHERWISE,
)
def test_what_does_not_take_place_is_no_meeting(language: str, text: str) -> None:
    assert not _is_meeting(text, language)


@pytest.mark.parametrize(("language", "text"), _MET_ALL_THE_SAME)
def test_what_was_not_done_there_calls_no_meeting_off(language: str, text: str) -> None:
    assert _is_meeting(text, language)

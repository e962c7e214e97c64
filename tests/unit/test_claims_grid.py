"""Flight claims in grids: language by verb by order of tail, day and time by the words that say whose clock it is."""

from __future__ import annotations

from itertools import product

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

#: Of each language: sentences of a landing, of a take-off, and ways to say 13:25 UTC on the day before publication, in Ankara.
GRID: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("RA-64059 landed in Ankara on Tuesday {t}.", "On Tuesday, {t}, the jet RA-64059 arrived at Ankara's Esenboga airport."),
        ("The Tu-204 RA-64059 left Ankara {t} on Tuesday.", "RA-64059 departed Ankara for Moscow on Tuesday {t}."),
        ("at 16:25", "at 4:25 p.m. local time", "at 16:25 Ankara time", "at 1325Z", "at 16:25 (1325 GMT)", "at 16:25 Moscow time"),
    ),
    "tr": (
        ("RA-64059 tescilli Tu-204 salı günü {t} Ankara'ya indi.", "Salı günü {t} RA-64059 tescilli uçak Esenboğa'ya iniş yaptı."),
        ("RA-64059 tescilli uçak salı günü {t} Ankara'dan havalandı.",),
        ("saat 16.25'te", "TSİ 16.25'te", "yerel saatle 16.25 sularında", "13.25 UTC'de", "Moskova saatiyle 16.25'te"),
    ),
    "ru": (
        ("Ту-204 RA-64059 сел в Анкаре во вторник {t}.", "Во вторник {t} борт RA-64059 совершил посадку в Эсенбоге."),
        ("Борт RA-64059 вылетел из Анкары во вторник {t}.", "Во вторник {t} самолёт RA-64059 покинул Анкару."),
        ("в 16:25", "в 16:25 мск", "в 16:25 по местному времени", "в 16 часов 25 минут", "в 13:25 UTC", "около 16:25"),
    ),
    "ar": (
        ("هبطت الطائرة RA-64059 في أنقرة الثلاثاء {t}.", "وصلت طائرة روسية RA-64059 إلى أنقرة {t} الثلاثاء."),
        ("أقلعت الطائرة RA-64059 من أنقرة الثلاثاء {t}.",),
        ("الساعة 16:25", "الساعة 16:25 بتوقيت أنقرة", "الساعة 13:25 بتوقيت غرينتش", "الساعة الرابعة وخمس وعشرين دقيقة عصرا"),
    ),
    "de": (
        ("Die Tu-204 RA-64059 landete am Dienstag {t} in Ankara.", "Am Dienstag {t} setzte die RA-64059 in Esenboga auf."),
        ("Die RA-64059 startete am Dienstag {t} in Ankara.", "Die Maschine RA-64059 verließ Ankara am Dienstag {t}."),
        ("um 16.25 Uhr", "um 16:25 Uhr Ortszeit", "um 13:25 UTC", "um 15:25 Uhr deutscher Zeit"),
    ),
    "fr": (
        ("Le Tu-204 RA-64059 s'est posé à Ankara mardi {t}.", "Mardi {t}, l'avion RA-64059 est arrivé à Ankara."),
        ("Le Tu-204 RA-64059 a décollé d'Ankara mardi {t}.",),
        ("à 16h25", "à 16 h 25 (heure locale)", "à 13h25 TU", "à 15h25, heure de Paris"),
    ),
    "hu": (
        ("A Tu-204-es RA-64059 kedden {t} leszállt Ankarában.",),
        ("A Tu-204-es RA-64059 kedden {t} felszállt Ankarából.",),
        ("16:25-kor", "16 óra 25 perckor", "helyi idő szerint 16.25-kor"),
    ),
}
CASES = [
    (language, event, sentence.format(t=time))
    for language, (landings, take_offs, times) in GRID.items()
    for event, sentences in (("landing", landings), ("takeoff", take_offs))
    for sentence, time in product(sentences, times)
]
#: Out of Vnukovo at 12:43 there, in Ankara at 16:25 there.
LEGS = (
    ("en", "RA-64059 landed in Ankara at 16:25 on Tuesday after leaving Vnukovo at 12:43."),
    ("en", "RA-64059, which left Vnukovo at 0943Z on Tuesday, was on the ground in Ankara at 1325Z."),
    ("tr", "Salı günü Moskova saatiyle 12.43'te Vnukovo'dan kalkan RA-64059 tescilli uçak, TSİ 16.25'te Ankara'ya iniş yaptı."),
    ("ru", "Борт RA-64059 приземлился в Анкаре во вторник в 16:25 по местному времени, вылетев из Внуково в 12:43 мск."),
    ("ar", "هبطت الطائرة RA-64059 في أنقرة الثلاثاء الساعة 16:25 بعد إقلاعها من فنوكوفو الساعة 12:43 بتوقيت موسكو."),
    ("de", "Die Tu-204 RA-64059 landete am Dienstag um 16.25 Uhr in Ankara, gestartet war sie um 12.43 Uhr in Wnukowo."),
    ("fr", "Parti de Vnoukovo à 12h43, le Tu-204 RA-64059 a atterri mardi à Ankara à 16h25."),
    ("es", "El Tu-204 RA-64059 aterrizó el martes en Ankara a las 16:25 tras salir de Vnukovo a las 12:43."),
    ("uk", "У вівторок о 12:43 борт RA-64059 вилетів з Внуково, а о 16:25 приземлився в Анкарі."),
    ("pl", "Tu-204 RA-64059 wylądował we wtorek w Ankarze o 16:25; z Wnukowa wystartował o 12:43."),
    ("he", "המטוס RA-64059 המריא מוונוקובו ביום שלישי ב-12:43 ונחת באנקרה ב-16:25."),
)


def claims(text: str, language: str) -> set[tuple[str, str, str, str | None]]:
    found = default_extractor().extract(text, published=parse_published("2024-05-15"), language=language).to_json()
    return {(c["event"], c["registration"], c["airport"], c["time_utc"]) for c in found["flight_claims"]}


@pytest.mark.parametrize(("language", "event", "text"), CASES, ids=[c[2][:60] for c in CASES])
def test_one_movement(language: str, event: str, text: str) -> None:
    assert claims(text, language) == {(event, "RA-64059", "LTAC", "2024-05-14T13:25:00Z")}


@pytest.mark.parametrize(("language", "text"), LEGS, ids=[c[0] + c[1][:20] for c in LEGS])
def test_both_ends_of_a_leg(language: str, text: str) -> None:
    assert claims(text, language) == {
        ("takeoff", "RA-64059", "UUWW", "2024-05-14T09:43:00Z"),
        ("landing", "RA-64059", "LTAC", "2024-05-14T13:25:00Z"),
    }

"""Which city and which states a digest of one or two sentences is about, in systematic grids: stops of tours, own titles, moved talks."""

from __future__ import annotations

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import Extraction

Told = list[tuple[str, set[str]]]


def read_on(text: str, language: str, published: str = "2024-05-15") -> Extraction:
    return default_extractor().extract(text, published=parse_published(published), language=language)


def told(text: str, language: str) -> Told:
    live = [m for m in read_on(text, language).meetings if m.status in ("announced", "reported")]
    return [(m.city, {p.state for p in m.participants if p.state}) for m in live]


STOPS = (
    ("en", "Abbas Araghchi flew to Beirut on Friday and to Damascus on Saturday, where Bashar al-Assad received him."),
    ("tr", "Arakçi cuma günü Beyrut'a, cumartesi Şam'a gitti; Şam'da Beşar Esad ile görüştü."),
)
OWN = (
    ("de", "Am Samstag empfing Ilham Alijew die Kanzlerin in Baku.", "Baku", {"AZ", "DE"}),
    ("fr", "Le chef de l'État s'est entretenu mardi à Astana avec Kassym-Jomart Tokaïev.", "Astana", {"FR", "KZ"}),
    ("tr", "Cumhurbaşkanı salı günü Bakü'de İlham Aliyev ile görüştü.", "Baku", {"AZ", "TR"}),
    ("hu", "A miniszterelnök kedden Bakuban tárgyalt Ilham Alijevvel.", "Baku", {"AZ", "HU"}),
)
MOVED = (
    (
        "en",
        "The US-Iran talks set for Friday in Istanbul will take place in Muscat instead; Steve Witkoff and Abbas Araghchi attend.",
        "Muscat",
    ),
    ("en", "Steve Witkoff and Abbas Araghchi met on Friday in Muscat instead of Istanbul.", "Muscat"),
    ("es", "La reunión de Claudia Sheinbaum con Donald Trump en Toronto es mañana.", "Toronto"),
    ("de", "Wladimir Putin landete am Samstag in Graz und sprach am Abend auf Schloss Meseberg mit Angela Merkel.", "Meseberg"),
    (
        "en",
        "Azerbaijan's government Airbus took off from Baku for Moscow on Monday. Aliyev, Pashinyan and Putin held talks the same day.",
        "Moscow",
    ),
    ("ru", "Gulfstream спецпосланника США покинул Внуково. Беседа Уиткоффа с президентом России длилась три часа.", "Moscow"),
    ("tr", "Erdoğan, Aliyev ve Şahbaz Şerif salı günü Laçın'da üçlü zirvede buluştu.", "Lachin"),
    ("ru", "Завтра в Лачине пройдёт саммит с участием Ильхама Алиева и Реджепа Эрдогана.", "Lachin"),
)
SAID = (
    (
        "en",
        "Israel's Eli Cohen disclosed on Sunday that he met Libya's Najla Mangoush in Rome last week, hosted by Antonio Tajani.",
        {"IL", "LY"},
    ),
    ("ar", "أعلن أردوغان بعد محادثات في أنقرة مساء الأربعاء مع آبي أحمد وحسن شيخ محمود أن الجانبين توصلا إلى اتفاق.", {"TR", "ET", "SO"}),
)


@pytest.mark.parametrize(("language", "text"), STOPS)
def test_each_stop_of_a_tour_has_its_own_host(language: str, text: str) -> None:
    found = dict(told(text, language))
    assert "SY" not in found["Beirut"]
    assert {"IR", "SY"} <= found["Damascus"]


@pytest.mark.parametrize(("language", "text", "city", "states"), OWN)
def test_a_bare_title_is_of_the_languages_own_state(language: str, text: str, city: str, states: set[str]) -> None:
    assert told(text, language) == [(city, states)]


def test_a_bare_title_is_of_whoever_was_named_with_it() -> None:
    found = told("Bundeskanzler Karl Nehammer traf am Dienstag Ilham Alijew in Baku. Der Kanzler blieb zwei Tage.", "de")
    assert found[0] == ("Baku", {"AT", "AZ"})


@pytest.mark.parametrize(("language", "text", "city"), MOVED, ids=[m[1][:40] for m in MOVED])
def test_where_it_was(language: str, text: str, city: str) -> None:
    assert [c for c, _ in told(text, language)][:1] == [city]


@pytest.mark.parametrize(("language", "text", "states"), SAID)
def test_whoever_tells_of_his_own_meeting_took_part(language: str, text: str, states: set[str]) -> None:
    assert states <= told(text, language)[0][1]


def test_a_meeting_that_will_not_take_place_is_none() -> None:
    text = "La rencontre prévue ce dimanche à Luanda entre Félix Tshisekedi et Paul Kagame n'aura pas lieu, a fait savoir la présidence."
    assert not read_on(text, "fr").is_meeting


@pytest.mark.parametrize(
    ("language", "text", "city"),
    [
        pytest.param("ar", "التقى الرئيس في البيت الأزرق وزير الخارجية الأميركي بلينكن.", "", id="the Blue House is not Azraq"),
        pytest.param("ar", "التقى الصفدي بلينكن في مدينة الأزرق يوم الاثنين.", "Azraq", id="Azraq by its whole name"),
        pytest.param("en", "Putin met Erdogan at the Valdai forum in Sochi.", "Sochi", id="a club that meets elsewhere"),
        pytest.param("en", "Lavrov met Fidan at the Hive in Ankara.", "Ankara", id="a word that is no city"),
    ],
)
def test_a_small_place_takes_no_meeting_from_where_it_was(language: str, text: str, city: str) -> None:
    assert city or "Azraq" not in [c for c, _ in told(text, language)]
    assert not city or [c for c, _ in told(text, language)] == [city]


@pytest.mark.parametrize(
    ("language", "text", "wrong"),
    [
        ("uk", "Кремль повідомив, що в Москві президент зустрівся з Сі Цзіньпіном.", "UA"),
        ("pl", "W Moskwie prezydent spotkał się z Xi Jinpingiem, podał Kreml.", "PL"),
    ],
)
def test_what_another_state_says_of_its_president_is_not_of_ours(language: str, text: str, wrong: str) -> None:
    assert all(wrong not in states for _, states in told(text, language))

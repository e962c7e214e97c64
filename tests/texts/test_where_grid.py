"""A class of wording a row, a language a column: that two states met, and in which city, whatever the construction."""

from __future__ import annotations

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import ReadMeeting

PUBLISHED = "2024-06-14"  # a Friday


def told(text: str, language: str) -> list[ReadMeeting]:
    found = default_extractor().extract(text, published=parse_published(PUBLISHED), language=language)
    return [m for m in found.meetings if m.status in ("announced", "reported") and not m.background]


def states(meeting: ReadMeeting) -> set[str]:
    return {p.state for p in meeting.participants if p.state}


GRID = [
    # one who was able to meet another
    ("en", "Macron was able to meet Aliyev in Baku on Tuesday.", "Baku", {"FR", "AZ"}),
    ("fr", "Emmanuel Macron a pu rencontrer Ilham Aliev mardi à Bakou.", "Baku", {"FR", "AZ"}),
    ("de", "Olaf Scholz konnte am Dienstag in Baku Ilham Alijew treffen.", "Baku", {"DE", "AZ"}),
    ("es", "Pedro Sánchez pudo reunirse el martes en Bakú con Ilham Aliyev.", "Baku", {"ES", "AZ"}),
    ("ru", "Макрон смог встретиться с Алиевым в Баку во вторник.", "Baku", {"FR", "AZ"}),
    ("uk", "Макрон зміг зустрітися з Алієвим у Баку у вівторок.", "Baku", {"FR", "AZ"}),
    ("pl", "Macronowi udało się spotkać z Alijewem w Baku we wtorek.", "Baku", {"FR", "AZ"}),
    ("tr", "Macron salı günü Bakü'de Aliyev ile görüşebildi.", "Baku", {"FR", "AZ"}),
    ("hu", "Macron kedden Bakuban találkozhatott Alijevvel.", "Baku", {"FR", "AZ"}),
    # nations as parties
    ("en", "The Iranians met the Americans in Muscat on Tuesday.", "Muscat", {"IR", "US"}),
    ("en", "Steve Witkoff held talks with the Iranians in Muscat on Tuesday.", "Muscat", {"IR", "US"}),
    ("ru", "Украинцы провели переговоры с американцами в Джидде во вторник.", "Jeddah", {"UA", "US"}),
    ("uk", "Українці провели переговори з американцями у Джидді у вівторок.", "Jeddah", {"UA", "US"}),
    ("de", "Abbas Araghtschi sprach am Dienstag in Maskat mit den Amerikanern.", "Muscat", {"IR", "US"}),
    ("fr", "Abbas Araghchi a négocié mardi à Mascate avec les Américains.", "Muscat", {"IR", "US"}),
    ("pl", "Ukraińcy spotkali się z Amerykanami w Dżuddzie we wtorek.", "Jeddah", {"UA", "US"}),
    ("uk", "Іранці зустрілися з американцями в Маскаті у вівторок.", "Muscat", {"IR", "US"}),
    ("ru", "Уиткофф встретился с иранцами в Маскате во вторник.", "Muscat", {"IR", "US"}),
    # capitals that stand for governments
    ("en", "An Eritrean delegation was in Nairobi on Tuesday for talks with Addis Ababa.", "Nairobi", {"ER", "ET"}),
    # what a third says of two others
    ("en", "Josep Borrell said Vucic and Kurti had agreed, after ten hours in Ohrid on Tuesday, what comes next.", "Ohrid", {"RS", "XK"}),
    ("en", "The ministry disclosed that Eli Cohen met Najla Mangoush in Rome on Tuesday.", "Rome", {"IL", "LY"}),
    # verbs of every tense to come
    ("en", "Putin would go to Baku on Monday and hold talks with Aliyev.", "Baku", {"RU", "AZ"}),
    ("en", "Lavrov was expected to fly to Muscat on Monday to meet Badr Albusaidi.", "Muscat", {"RU", "OM"}),
    # a clause without a subject of its own
    ("en", "Barnea flew home on Tuesday after a meeting in Rome with Burns and Abbas Kamel.", "Rome", {"IL", "US", "EG"}),
    # guests named first
    ("en", "Zelensky was received by Macron in Paris on Tuesday.", "Paris", {"UA", "FR"}),
    ("ru", "Эрдогана примет в Сочи Путин во вторник.", "Sochi", {"TR", "RU"}),
    # cities by their adjective, houses in quotes
    ("ru", "Путин принял Эрдогана в сочинской резиденции во вторник.", "Sochi", {"TR", "RU"}),
    ("ru", "Лавров и Блинкен встретились в женевском отеле во вторник.", "Geneva", {"US", "RU"}),
    ("uk", "Лавров і Блінкен зустрілися в женевському готелі у вівторок.", "Geneva", {"US", "RU"}),
    ("ru", "Путин встретился с Эрдоганом в резиденции «Бочаров ручей» во вторник.", "Sochi", {"TR", "RU"}),
    # small towns by their case
    ("tr", "Trump salı günü Biarritz'e gitti, orada Macron ile görüştü.", "Biarritz", {"US", "FR"}),
    # compounds, and rounds
    ("de", "Die Atomgespräche zwischen Iran und den USA begannen am Dienstag in Maskat.", "Muscat", {"IR", "US"}),
    ("de", "Steve Witkoff und Abbas Araghtschi beendeten am Dienstag in Rom eine weitere Runde.", "Rome", {"IR", "US"}),
    ("fr", "Un nouveau round entre Steve Witkoff et Abbas Araghchi a eu lieu mardi à Rome.", "Rome", {"IR", "US"}),
    # bodies of states
    ("en", "An ECOWAS delegation met President Bazoum in Niamey on Tuesday.", "Niamey", {"NE"}),
    ("fr", "Une délégation de la Cédéao a pu voir le président Bazoum mardi à Niamey.", "Niamey", {"NE"}),
    # by land, sea and a detour
    ("ru", "Лавров долетел до Скопье во вторник.", "Skopje", {"RU", "MK"}),
    ("tr", "Putin salı günü Bakü'ye uğradı, Aliyev ile görüştü.", "Baku", {"RU", "AZ"}),
    # titles that one state has
    ("en", "The Taoiseach met Zelensky in Dublin on Tuesday.", "Dublin", {"IE", "UA"}),
    # the city that is called the place of it
    ("en", "Muscat was the venue on Tuesday for talks between Araghchi and Witkoff.", "Muscat", {"IR", "US"}),
    ("en", "The Turkish capital will be the scene of a meeting between Burns and Naryshkin on Monday.", "Ankara", {"US", "RU"}),
    ("en", "The meeting between Macron and Aliyev was held on Tuesday; the venue was Baku.", "Baku", {"FR", "AZ"}),
    ("ru", "Маскат во вторник стал местом переговоров Аракчи и Уиткоффа.", "Muscat", {"IR", "US"}),
    ("ru", "Местом встречи Аракчи и Уиткоффа в понедельник выбран Рим.", "Rome", {"IR", "US"}),
    ("tr", "Arakçi ile Witkoff'un görüşmesinin adresi salı günü Maskat oldu.", "Muscat", {"IR", "US"}),
    ("tr", "Arakçi ve Witkoff'un pazartesi yapacağı görüşme için Roma seçildi.", "Rome", {"IR", "US"}),
    ("tr", "Rusya ile Ukrayna arasındaki yeni tura pazartesi İstanbul ev sahipliği yapacak.", "Istanbul", {"RU", "UA"}),
    ("de", "Istanbul ist am Montag Schauplatz einer neuen Runde zwischen Russland und der Ukraine.", "Istanbul", {"RU", "UA"}),
    ("es", "Mascate fue el martes escenario de una reunión entre Araqchi y Witkoff.", "Muscat", {"IR", "US"}),
    ("pl", "Stambuł będzie w poniedziałek gospodarzem kolejnej rundy rozmów Rosji i Ukrainy.", "Istanbul", {"RU", "UA"}),
    ("hu", "Isztambul ad otthont hétfőn az orosz-ukrán tárgyalások újabb fordulójának.", "Istanbul", {"RU", "UA"}),
    ("he", "איסטנבול תארח ביום שני סבב שיחות חדש בין רוסיה לאוקראינה.", "Istanbul", {"RU", "UA"}),
    # two capitals that meet in a third city
    ("ar", "عقدت موسكو وواشنطن محادثات في الرياض يوم الثلاثاء.", "Riyadh", {"RU", "US"}),
    ("he", "דמשק וירושלים קיימו שיחות בבאקו ביום שלישי.", "Baku", {"SY", "IL"}),
    ("tr", "Şam ile Tel Aviv arasındaki görüşme salı günü Bakü'de yapıldı.", "Baku", {"SY", "IL"}),
    ("en", "Kyiv and Moscow agreed on a swap at talks in Istanbul on Tuesday.", "Istanbul", {"UA", "RU"}),
    # forums and houses by their whole name
    ("tr", "Fidan, Antalya Diplomasi Forumu kapsamında salı günü Lavrov ile görüştü.", "Antalya", {"TR", "RU"}),
    ("hu", "Szijjártó Péter kedden a müncheni biztonsági konferencia keretében tárgyalt Lavrovval.", "Munich", {"HU", "RU"}),
    ("uk", "Макрон прийняв Зеленського в Єлисейському палаці у вівторок.", "Paris", {"FR", "UA"}),
    ("fr", "Benyamin Netanyahou a rencontré Donald Trump mardi à la Maison-Blanche.", "Washington", {"IL", "US"}),
    # on from one city to the next, and with whom in which
    ("ru", "Аракчи прилетел из Тегерана в Анкару во вторник и встретился с Фиданом, вечером вылетел в Москву.", "Ankara", {"IR", "TR"}),
    ("ru", "Уиткофф во вторник встретился с премьером Катара в Дохе, а в среду — с Аббасом Камелем в Каире.", "Doha", {"US", "QA"}),
    ("uk", "Віткофф у вівторок зустрівся з прем'єром Катару в Досі, а в середу — з Аббасом Камелем у Каїрі.", "Doha", {"US", "QA"}),
    ("ru", "Перед поездкой в Белград Рубио встретился с Рамой в Тиране во вторник.", "Tirana", {"US", "AL"}),
    ("ru", "Борт взлетел из Кызыла и сел в Улан-Баторе; завтра Путина примет Хурэлсух.", "Ulan Bator", {"RU", "MN"}),
    (
        "tr",
        "Ankara'da planlanan Rusya-Ukrayna görüşmesi İstanbul'a alındı; Umerov ile Medinskiy salı günü burada görüştü.",
        "Istanbul",
        {"UA", "RU"},
    ),
    # houses with the ending of their city, who spoke with whom, who joined from afar
    ("tr", "Ukrayna ve Rusya heyetleri salı günü İstanbul Kalender Kasrı'nda toplandı.", "Istanbul", {"UA", "RU"}),
    ("tr", "Paşinyan, Dolmabahçe'de Erdoğan'la iki saat konuştu.", "Istanbul", {"AM", "TR"}),
    ("tr", "Trump, Riyad'da Şara'yla görüştü, Erdoğan telefonla katıldı.", "Riyadh", {"US", "SY"}),
    ("tr", "Tajani, Roma'da Umman aracılığıyla yapılan İran-ABD görüşmelerine ev sahipliği yaptı.", "Rome", {"IR", "US"}),
    ("de", "Merz wurde im Oval Office von Trump empfangen.", "Washington", {"DE", "US"}),
    ("de", "Auf dem Stützpunkt Ramstein trafen sich Austin und Resnikow.", "Ramstein-Miesenbach", {"US", "UA"}),
    ("ar", "استقبل محمد بن سلمان أمير قطر في العلا.", "Al-`Ula", {"SA", "QA"}),
    ("ar", "استضاف الكاظمي في بغداد جولة حوار بين السعودية وإيران.", "Baghdad", {"SA", "IR"}),
    ("uk", "У готелі в Ер-Ріяді Умєров провів технічні переговори з американцями.", "Riyadh", {"UA", "US"}),
    ("ru", "С Ким Чен Ыном Путин виделся в Пекине.", "Beijing", {"RU", "KP"}),
    ("el", "Ο Κυριάκος Μητσοτάκης συναντήθηκε με τον Ταγίπ Ερντογάν στην Άγκυρα την Τρίτη.", "Ankara", {"GR", "TR"}),
    ("el", "Ο Βλαντίμιρ Πούτιν υποδέχθηκε τον Γουίτκοφ στο Κρεμλίνο την Τρίτη.", "Moscow", {"RU", "US"}),
    ("el", "Ο Γεραπετρίτης βρέθηκε στη Βεγγάζη, όπου τον δέχθηκε ο Χαλίφα Χαφτάρ.", "Benghazi", {"GR", "LY"}),
    ("ru", "В минской резиденции Лукашенко во вторник принял Коула.", "Minsk", {"BY", "US"}),
    ("he", "פוטין קיבל את פני נתניהו בקרמלין ביום שלישי.", "Moscow", {"RU", "IL"}),
    ("ar", "استقبلت الرياض الشيباني يوم الثلاثاء.", "Riyadh", {"SY"}),
    ("ar", "وصل الرئيس الإيراني بزشكيان إلى القاهرة وأجرى محادثات مع السيسي بعد توقف في الدوحة.", "Cairo", {"IR", "EG"}),
    ("en", "Fidan met Sisi in Cairo on Tuesday after a stop in Doha.", "Cairo", {"TR", "EG"}),
    # towns by what they are
    ("en", "Fidan hosted Safadi in the Aegean resort of Bodrum on Tuesday.", "Bodrum", {"TR", "JO"}),
    ("tr", "Fidan, Safadi'yi salı günü Muğla'nın Bodrum ilçesinde ağırladı.", "Bodrum", {"TR", "JO"}),
    ("ar", "التقى روبيو ويرماك يوم الثلاثاء في مدينة جدة السعودية.", "Jeddah", {"US", "UA"}),
    ("hu", "Macron és Alijev keddi bakui találkozója három órán át tartott.", "Baku", {"FR", "AZ"}),
]


@pytest.mark.parametrize(("language", "text", "city", "who"), GRID)
def test_that_they_met_and_where(language: str, text: str, city: str, who: set[str]) -> None:
    found = told(text, language)
    assert city in {m.city for m in found}
    assert who <= set().union(*(states(m) for m in found if m.city == city))


#: Cities whose form in a language no rule gives, each with its ending there.
IN_TOWN = [
    ("tr", "Fidan El Alameyn'de Lavrov ile görüştü.", "El Alamein"),
    ("tr", "Fidan Pretorya'da Lavrov ile görüştü.", "Pretoria"),
    ("ru", "Фидан и Лавров встретились в Неоме.", "NEOM"),
    ("uk", "Фідан і Лавров зустрілися в Анталії.", "Antalya"),
    ("uk", "Фідан і Лавров зустрілися в Бодрумі.", "Bodrum"),
    ("uk", "Фідан і Лавров зустрілися у Владивостоці.", "Vladivostok"),
    ("uk", "Фідан і Лавров зустрілися в Празі.", "Prague"),
    ("pl", "Fidan spotkał się z Ławrowem w Pradze.", "Prague"),
    ("pl", "Fidan spotkał się z Ławrowem w Canberze.", "Canberra"),
    ("pl", "Fidan spotkał się z Ławrowem w Dżuddzie.", "Jeddah"),
    ("hu", "Hakan Fidan Szalonikiben tárgyalt Szergej Lavrovval.", "Thessaloníki"),
    ("hu", "Hakan Fidan Sarm es-Sejkben tárgyalt Szergej Lavrovval.", "Sharm el-Sheikh"),
    ("hu", "Hakan Fidan Ungváron tárgyalt Szergej Lavrovval.", "Uzhhorod"),
    ("ar", "التقى هاكان فيدان سيرغي لافروف في بودروم.", "Bodrum"),
    ("ar", "التقى هاكان فيدان سيرغي لافروف في دوشانبه.", "Dushanbe"),
    ("he", "האקן פידאן נפגש עם סרגיי לברוב בבודרום.", "Bodrum"),
    ("he", "האקן פידאן נפגש עם סרגיי לברוב באל-עלמיין.", "El Alamein"),
    ("es", "Hakan Fidan se reunió con Serguéi Lavrov en Túnez.", "Tunis"),
    ("el", "Ο Φιντάν συναντήθηκε με τον Λαβρόφ στο Βίλνιους.", "Vilnius"),
    ("el", "Ο Φιντάν συναντήθηκε με τον Λαβρόφ στη Δαμασκό.", "Damascus"),
]


@pytest.mark.parametrize(("language", "text", "city"), IN_TOWN)
def test_a_city_in_the_case_of_being_there(language: str, text: str, city: str) -> None:
    assert [m.city for m in told(text, language)] == [city]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The presidency said Paul Kagame would not come and that Sunday's summit with Felix Tshisekedi was off."),
        ("en", "A football club's president hosted Turkish and Finnish journalists during the summit in Madrid."),
        ("de", "Die Maschine mit Kanzlerin Merkel kehrte am Dienstag auf dem Weg nach Buenos Aires um und landete in Köln."),
        ("fr", "L'avion d'Emmanuel Macron, parti pour Bakou, a fait demi-tour mardi."),
        ("ru", "Самолёт Лаврова, летевший в Баку, развернулся над Каспием во вторник."),
    ],
)
def test_what_came_to_nothing_is_no_meeting(language: str, text: str) -> None:
    assert not told(text, language)


@pytest.mark.parametrize(
    ("language", "text", "city"),
    [
        ("tr", "Kudüs'teki bakanlık, Macron'un salı günü Roma'da Meloni ile görüştüğünü cuma günü açıkladı.", "Rome"),
        ("en", "At a news conference in Berlin, Wadephul said he met Lavrov in Moscow on Tuesday.", "Moscow"),
    ],
)
def test_where_it_was_told_is_not_where_it_was(language: str, text: str, city: str) -> None:
    assert {m.city for m in told(text, language)} == {city}


def test_who_is_received_is_not_at_home() -> None:
    (meeting,) = told("Zelensky was received by Macron on Tuesday.", "en")
    assert meeting.country == "FR"

"""How days are said, language by language: each way of saying one, in a report of every day of a week, must give the right civil days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from pipeline.meetings.extract.extractor import default_extractor, parse_published

MONDAY = date(2024, 9, 16)
WEEK = [MONDAY + timedelta(days=n) for n in range(7)]
#: What was, what will be, the days of the week (as after "on"), and how the coming and the next week's day is said.
SAID = {
    "en": ("William Burns met Sergey Naryshkin in Ankara {}.", "William Burns will meet Sergey Naryshkin in Ankara {}.",
           "on Monday,on Tuesday,on Wednesday,on Thursday,on Friday,on Saturday,on Sunday", "{} next week"),
    "tr": ("William Burns {} Ankara'da Sergey Narışkin ile görüştü.", "William Burns {} Ankara'da Sergey Narışkin ile görüşecek.",
           "pazartesi,salı,çarşamba,perşembe,cuma,cumartesi,pazar", "gelecek hafta {} günü"),
    "ru": ("Уильям Бёрнс {} встретился в Анкаре с Сергеем Нарышкиным.", "Уильям Бёрнс {} встретится в Анкаре с Сергеем Нарышкиным.",
           "в понедельник,во вторник,в среду,в четверг,в пятницу,в субботу,в воскресенье", "{} на следующей неделе"),
    "ar": ("التقى هاكان فيدان {} سيرغي لافروف في موسكو.", "يلتقي هاكان فيدان {} سيرغي لافروف في موسكو.",
           "يوم الاثنين,يوم الثلاثاء,يوم الأربعاء,يوم الخميس,يوم الجمعة,يوم السبت,يوم الأحد", "{} من الأسبوع المقبل"),
    "de": ("William Burns traf {} in Ankara Sergej Naryschkin.", "Annalena Baerbock reist {} nach Kairo, um Badr Abdelatty zu treffen.",
           "am Montag,am Dienstag,am Mittwoch,am Donnerstag,am Freitag,am Samstag,am Sonntag", "{} kommender Woche"),
    "fr": ("William Burns a rencontré {} à Ankara Sergueï Narychkine.", "William Burns rencontrera {} à Ankara Sergueï Narychkine.",
           "lundi,mardi,mercredi,jeudi,vendredi,samedi,dimanche", "{} de la semaine prochaine"),
    "es": ("William Burns se reunió {} en Ankara con Serguéi Narishkin.", "William Burns se reunirá {} en Ankara con Serguéi Narishkin.",
           "el lunes,el martes,el miércoles,el jueves,el viernes,el sábado,el domingo", "{} de la próxima semana"),
    "uk": ("Вільям Бернс {} зустрівся в Анкарі з Сергієм Наришкіним.", "Вільям Бернс {} зустрінеться в Анкарі з Сергієм Наришкіним.",
           "у понеділок,у вівторок,у середу,у четвер,у п'ятницю,у суботу,у неділю", "{} наступного тижня"),
    "pl": ("William Burns spotkał się {} w Ankarze z Siergiejem Naryszkinem.", "Burns spotka się {} w Ankarze z Siergiejem Naryszkinem.",
           "w poniedziałek,we wtorek,w środę,w czwartek,w piątek,w sobotę,w niedzielę", "{} przyszłego tygodnia"),
}  # fmt: skip
#: Of a report of Monday, 16 September 2024: a way of saying, the first and the last day (of that month). ``-``: past, ``+``: to come.
ONE_BY_ONE = {
    "en": ("-yesterday,15,15 -two days ago,14,14 -earlier this week,16,16 -from 11 to 13 September,11,13 -on Friday and Saturday,13,14 "
           "+in two days,18,18 +later this week,17,22 +next week,23,29 +early next week,23,25 +over the weekend,21,22 "
           "+from Friday to Sunday,20,22 +on September 19-20,19,20 +later this month,17,30"),
    "tr": ("-dün,15,15 -iki gün önce,14,14 -geçen hafta,9,15 -11-13 Eylül'de,11,13 +iki gün sonra,18,18 +haftaya,23,29 "
           "+gelecek hafta başında,23,25 +hafta sonunda,21,22 +cuma gününden pazar gününe kadar,20,22 +19 Eylül'den 20 Eylül'e kadar,19,20 "
           "+haftaya salı,24,24 +bu ay içinde,16,30"),
    "ru": ("-вчера,15,15 -два дня назад,14,14 -на прошлой неделе,9,15 -с 11 по 13 сентября,11,13 +через два дня,18,18 "
           "+на следующей неделе,23,29 +в начале следующей недели,23,25 +в выходные,21,22 "
           "+с пятницы по воскресенье,20,22 +19-20 сентября,19,20"),
    "ar": ("-أمس,15,15 -قبل يومين,14,14 -الأسبوع الماضي,9,15 -من 11 إلى 13 سبتمبر,11,13 +بعد يومين,18,18 +الأسبوع المقبل,23,29 "
           "+مطلع الأسبوع المقبل,23,25 +يومي 19 و20 سبتمبر,19,20"),
    "de": ("-vor zwei Tagen,14,14 -am 12.9.,12,12 -vom 11. bis zum 13. September,11,13 +in zwei Tagen,18,18 +nächste Woche,23,29 "
           "+am Wochenende,21,22 +am Donnerstag\N{SINGLE LOW-9 QUOTATION MARK} dem 19. September,19,19"),
    "fr": ("-il y a deux jours,14,14 -entre le 11 et le 13 septembre,11,13 +dans deux jours,18,18 +la semaine prochaine,23,29 "
           "+en début de semaine prochaine,23,25 +fin septembre,20,30"),
    "es": ("-hace dos días,14,14 -del 11 al 13 de septiembre,11,13 +dentro de dos días,18,18 +la próxima semana,23,29 "
           "+a finales de septiembre,20,30 +este fin de semana,21,22"),
    "uk": "-два дні тому,14,14 +через два дні,18,18 +наступного тижня,23,29 +19-20 вересня,19,20",
    "pl": "-dwa dni temu,14,14 -14 września,14,14 +za dwa dni,18,18 +w przyszłym tygodniu,23,29 +pod koniec września,20,30",
}  # fmt: skip


def days(text: str, published: date, language: str) -> list[tuple[str, date | None, date | None]]:
    found = default_extractor().extract(text, published=parse_published(published.isoformat()), language=language)
    return [(m.city, m.date_from, m.date_to) for m in found.meetings if m.status in ("announced", "reported")]


@pytest.mark.parametrize("language", SAID)
def test_a_weekday_is_the_last_of_what_was_and_the_next_of_what_will_be(language: str) -> None:
    past, future, names, _ = SAID[language]
    for published in WEEK:
        for number, name in enumerate(names.split(",")):
            was = published - timedelta(days=(published.weekday() - number) % 7)
            comes = published + timedelta(days=(number - published.weekday()) % 7)
            assert [d[1:] for d in days(past.format(name), published, language)] == [(was, was)], (name, published)
            assert [d[1:] for d in days(future.format(name), published, language)] == [(comes, comes)], (name, published)


@pytest.mark.parametrize("language", SAID)
def test_a_weekday_of_next_week_is_not_the_next_one(language: str) -> None:
    _, future, names, of_next_week = SAID[language]
    for published in WEEK:
        for number, name in enumerate(names.split(",")):
            day = MONDAY + timedelta(days=7 + number)
            text = future.format(of_next_week.format(name))
            assert [d[1:] for d in days(text, published, language)] == [(day, day)], (text, published)


def ways() -> Iterator[tuple[str, str, int, int]]:
    for language, said in ONE_BY_ONE.items():
        for way in said.replace(" -", "\n-").replace(" +", "\n+").splitlines():
            words, first, last = way.rsplit(",", 2)
            template = SAID[language][words[0] == "+"]
            yield language, template.format(words[1:].replace("\N{SINGLE LOW-9 QUOTATION MARK}", ",")), int(first), int(last)


@pytest.mark.parametrize(("language", "text", "first", "last"), list(ways()))
def test_ways_of_saying_a_day(language: str, text: str, first: int, last: int) -> None:
    assert [d[1:] for d in days(text, MONDAY, language)] == [(MONDAY.replace(day=first), MONDAY.replace(day=last))]


@pytest.mark.parametrize(
    ("language", "text", "stops"),
    [
        ("en", "Antony Blinken will be in Cairo on Tuesday and Amman on Thursday.", {"Cairo": 17, "Amman": 19}),
        ("en", "Blinken met Badr Abdelatty in Cairo on Friday and Ayman Safadi in Amman a day after.", {"Cairo": 13, "Amman": 14}),
        ("en", "Antony Blinken tours the region next week: Cairo on Monday, Amman on Wednesday.", {"Cairo": 23, "Amman": 25}),
        ("tr", "Erdoğan 17-19 Eylül'de Körfez turuna çıkıyor: salı Cidde, çarşamba Doha, perşembe Abu Dabi.",
         {"Jeddah": 17, "Doha": 18, "Abu Dhabi": 19}),
        ("tr", "Erdoğan 19-20 Eylül'de Arnavutluk'la Sırbistan'a gidecek; perşembe Tiran'da Rama, cuma Belgrad'da Vucic ile görüşecek.",
         {"Tirana": 19, "Belgrade": 20}),
        ("de", "Annalena Baerbock reist in den Kaukasus: Donnerstag Tiflis, Freitag Eriwan, Samstag Baku.",
         {"Tbilisi": 19, "Yerevan": 20, "Baku": 21}),
        ("ru", "Сергей Лавров во вторник проведёт переговоры в Каире, а в четверг в Аммане.", {"Cairo": 17, "Amman": 19}),
        ("ar", "يزور أنتوني بلينكن القاهرة الثلاثاء وعمان الخميس.", {"Cairo": 17, "Amman": 19}),
        ("ar", "التقى هاكان فيدان سيرغي لافروف في موسكو الجمعة وبدر عبد العاطي في القاهرة الأحد.", {"Moscow": 13, "Cairo": 15}),
        ("tr", "Pazar günü Moskova'da Lavrov ile görüşen Hakan Fidan, perşembe günü Kahire'de Bedr Abdulati ile bir araya gelecek.",
         {"Moscow": 15, "Cairo": 19}),
        ("tr", "Lavrov perşembe Ankara'da, cumartesi Kahire'de olacak.", {"Ankara": 19, "Cairo": 21}),
        ("ru", "Лавров в четверг будет в Анкаре, в субботу — в Каире.", {"Ankara": 19, "Cairo": 21}),
        ("fr", "Emmanuel Macron se rendra mardi à Rabat puis lundi au Caire.", {"Rabat": 17, "Cairo": 23}),
        ("uk", "Андрій Сибіга в четвер відвідає Варшаву, а в п'ятницю — Берлін.", {"Warsaw": 19, "Berlin": 20}),
        ("pl", "Radosław Sikorski w czwartek odwiedzi Kijów, a w piątek Berlin.", {"Kyiv": 19, "Berlin": 20}),
    ],
)  # fmt: skip
def test_each_stop_has_its_own_day(language: str, text: str, stops: dict[str, int]) -> None:
    found = {city: (first, last) for city, first, last in days(text, MONDAY, language)}
    assert found == {city: (MONDAY.replace(day=day), MONDAY.replace(day=day)) for city, day in stops.items()}


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        ("en", "The Foreign Ministry said on 13 September that Sergey Lavrov would visit Ankara on 24 and 25 September.", 24, 25),
        ("en", "Talks between Hakan Fidan and Sergey Lavrov, planned for Friday, were held in Ankara on Sunday.", 15, 15),
        ("en", "Putin told Aliyev in Dushanbe on Thursday that air defence had downed the airliner last December.", 12, 12),
        ("tr", "Kremlin, Putin'in cuma günü Moskova'da Mesud Pezeşkiyan'ı kabul edeceğini pazar günü açıkladı.", 20, 20),
        ("tr", "CIA Başkanı Burns'ün geçen hafta Kiev'i gizlice ziyaret ettiği pazar günü açıklandı.", 9, 15),
        ("ru", "МИД 13 сентября объявил, что Лавров посетит Анкару 24 и 25 сентября.", 24, 25),
        ("ru", "Лавров и Фидан, говорившие по телефону в воскресенье, встретятся в Анкаре в пятницу.", 20, 20),
        ("ar", "أعلنت وزارة الخارجية في 13 سبتمبر أن لافروف سيزور أنقرة يومي 24 و25 سبتمبر.", 24, 25),
        ("de", "Der Kreml teilte am Sonntag mit, Wladimir Putin werde am Freitag in Moskau Massud Peseschkian empfangen.", 20, 20),
        ("fr", "Le Kremlin a annoncé dimanche que Vladimir Poutine recevrait vendredi à Moscou Massoud Pezeshkian.", 20, 20),
    ],
)
def test_when_it_was_said_or_planned_is_not_when_it_was(language: str, text: str, first: int, last: int) -> None:
    assert [d[1:] for d in days(text, MONDAY, language)] == [(MONDAY.replace(day=first), MONDAY.replace(day=last))]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("tr", "Hakan Fidan ve Sergey Lavrov cuma günü Antalya'da görüşmeye karar verdi.", 20),
        ("tr", "Aliyev ve Paşinyan çarşamba günü Münih'te bir araya gelmeyi kabul etti.", 18),
        ("ru", "Алиев и Пашинян решили провести переговоры в Мюнхене в четверг.", 19),
        ("ar", "اتفق أردوغان وبوتين على الاجتماع في سوتشي يوم الخميس.", 19),
        ("fr", "Sergueï Lavrov et Hakan Fidan ont décidé de se rencontrer vendredi à Antalya.", 20),
        ("de", "Merz und Macron einigten sich darauf, am Donnerstag in Berlin zusammenzukommen.", 19),
        ("tr", "Zelenski'nin pazar günü Ankara'ya ulaşması planlanıyor.", 22),
    ],
)
def test_what_was_decided_or_is_expected_is_still_to_come(language: str, text: str, day: int) -> None:
    assert [d[1:] for d in days(text, MONDAY, language)] == [(MONDAY.replace(day=day),) * 2]


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        ("ar", "وصل سيرغي لافروف إلى أنقرة مساء الأحد قادماً من بغداد، ويلتقي اليوم نظيره التركي هاكان فيدان.", 15, 16),
        ("en", "Lavrov flew into Ankara on Saturday, coming from Baghdad, and will meet Hakan Fidan on Tuesday.", 14, 17),
    ],
)
def test_a_day_goes_with_the_verb_that_no_comma_parts_from_it(language: str, text: str, first: int, last: int) -> None:
    found = days(text, MONDAY, language)
    assert {d[2] for d in found} == {MONDAY.replace(day=last)}
    assert min(d[1] for d in found) >= MONDAY.replace(day=first)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Mohammed bin Zayed received Vladimir Putin in Abu Dhabi on Sunday; he was expected in Riyadh later that day."),
        ("fr", "Poutine a rencontré Mohammed ben Zayed dimanche à Abou Dhabi ; il était attendu à Riyad plus tard dans la journée."),
    ],
)
def test_a_stop_later_that_day_is_of_the_day_as_it_was_told(language: str, text: str) -> None:
    sunday = MONDAY.replace(day=15)
    assert {d[0]: d[1:] for d in days(text, MONDAY, language)} == {"Abu Dhabi": (sunday, sunday), "Riyadh": (sunday, sunday)}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Peace talks between Armenia and Azerbaijan in Geneva, opened on Saturday and concluded on Sunday, brought no treaty."),
        ("tr", "Rusya ve Ukrayna heyetlerinin İstanbul'da cumartesi başlayan ve dün sona eren müzakerelerinde esir takası ele alındı."),
        ("ru", "Переговоры Ирана и США, начавшиеся в Маскате в субботу и закончившиеся вчера, не дали результата."),
        (
            "de",
            "Die Verhandlungen zwischen Armenien und Aserbaidschan in Genf, die am Samstag begannen und gestern endeten, scheiterten.",
        ),
        (
            "pl",
            "Negocjacje Armenii i Azerbejdżanu w Genewie, które zaczęły się w sobotę i zakończyły się wczoraj, nic nie dały.",
        ),
        ("uk", "Переговори Вірменії та Азербайджану в Женеві, які розпочалися в суботу і закінчилися вчора, не дали результату."),
    ],
)
def test_talks_last_from_the_day_they_began_to_the_day_they_ended(language: str, text: str) -> None:
    assert [d[1:] for d in days(text, MONDAY, language)] == [(MONDAY.replace(day=14), MONDAY.replace(day=15))]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "The talks between Russia and Ukraine in Istanbul have been postponed to Friday.", 20),
        ("tr", "Lavrov ile Fidan'ın Antalya'daki görüşmesi cumartesi gününe ertelendi.", 21),
        ("ar", "تأجل لقاء لافروف وفيدان في أنطاليا إلى السبت.", 21),
        ("de", "Das Treffen von Lawrow und Fidan in Antalya wurde auf Samstag verschoben.", 21),
        ("fr", "La rencontre entre Lavrov et Fidan à Antalya a été reportée à samedi.", 21),
        ("es", "La reunión de Lavrov y Fidan en Antalya fue aplazada al sábado.", 21),
        ("uk", "Зустріч Кулеби і Фідана в Анталії перенесено на суботу.", 21),
        ("pl", "Spotkanie Ławrowa i Fidana w Antalyi przełożono na sobotę.", 21),
        ("ru", "Встреча Лаврова и Фидана в Анталье, намеченная на пятницу, перенесена.", 0),
        ("fr", "Antony Blinken a reporté vendredi son déplacement à Pékin.", 0),
        ("es", "La reunión de Lavrov y Fidan en Antalya, prevista para el viernes, fue aplazada.", 0),
    ],
)
def test_talks_put_off_to_a_day_are_of_that_day(language: str, text: str, day: int) -> None:
    """0: none is named, so nothing stands."""
    found = default_extractor().extract(text, published=parse_published(MONDAY.isoformat()), language=language).meetings
    standing = [(m.date_from, m.date_to) for m in found if m.status == "announced"]
    assert standing == ([(MONDAY.replace(day=day),) * 2] if day else [])


def test_talks_told_from_the_day_of_a_landing_are_not_on_it() -> None:
    text = "Борт Лаврова RA-96023 приземлился в Анталье 14 сентября 2024 года. Переговоры с Кулебой состоятся на следующий день."
    assert {d[1:] for d in days(text, MONDAY, "ru")} == {(MONDAY.replace(day=15),) * 2}

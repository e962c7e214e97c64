"""The officials most often reported are found as the press of seven languages writes them, and no form is two people's."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

import pytest

from pipeline.meetings.extract.folded import fold_text, tokenize
from pipeline.meetings.extract.names import find_names, surname_of
from pipeline.meetings.extract.officials import load_officials

#: Of each official: Turkish, Russian, Ukrainian, Polish, Hungarian, Arabic, Hebrew.
LANGUAGES = ("tr", "ru", "uk", "pl", "hu", "ar", "he")
SAMPLE = {
    "Vladimir Putin": ("Putin", "Путин", "Путін", "Putin", "Putyin", "بوتين", "פוטין"),
    "Sergei Lavrov": ("Sergey Lavrov", "Лавров", "Лавров", "Ławrow", "Lavrov", "لافروف", "לברוב"),
    "Sergei Shoigu": ("Şoygu", "Шойгу", "Шойгу", "Szojgu", "Sojgu", "شويغو", "שויגו"),
    "Sergei Naryshkin": ("Narışkin", "Нарышкин", "Наришкін", "Naryszkin", "Nariskin", "ناريشكين", "נרישקין"),
    "Recep Tayyip Erdogan": ("Erdoğan", "Эрдоган", "Ердоган", "Erdogan", "Erdogan", "أردوغان", "ארדואן"),
    "Hakan Fidan": ("Fidan", "Фидан", "Фідан", "Fidan", "Fidan", "فيدان", "פידאן"),
    "Volodymyr Zelensky": ("Zelenskiy", "Зеленский", "Зеленський", "Zełenski", "Zelenszkij", "زيلينسكي", "זלנסקי"),
    "Andriy Sybiha": ("Andriy Sibiha", "Сибига", "Сибіга", "Sybiha", "Szibiha", "سيبيها", "סיביהא"),
    "Denys Shmyhal": ("Şmıgal", "Шмыгаль", "Шмигаль", "Szmyhal", "Smihal", "شميهال", "שמיהל"),
    "Donald Trump": ("Trump", "Трамп", "Трамп", "Trump", "Trump", "ترامب", "טראמפ"),
    "Steve Witkoff": ("Witkoff", "Уиткофф", "Віткофф", "Witkoff", "Witkoff", "ويتكوف", "ויטקוף"),
    "Marco Rubio": ("Rubio", "Рубио", "Рубіо", "Rubio", "Rubio", "روبيو", "רוביו"),
    "Emmanuel Macron": ("Macron", "Макрон", "Макрон", "Macron", "Macron", "ماكرون", "מקרון"),
    "Radoslaw Sikorski": ("Sikorski", "Сикорский", "Сікорський", "Sikorski", "Sikorski", "سيكورسكي", "סיקורסקי"),
    "Viktor Orban": ("Orban", "Орбан", "Орбан", "Orban", "Orbán Viktor", "أوربان", "אורבן"),
    "Peter Szijjarto": ("Szijjarto", "Сийярто", "Сійярто", "Szijjarto", "Szijjártó Péter", "سيارتو", "סיירטו"),
    "Peter Magyar": ("Peter Magyar", "Мадьяр", "Петер Мадяр", "Peter Magyar", "Magyar Péter", "بيتر ماغيار", "פטר מדיאר"),
    "Benjamin Netanyahu": ("Netanyahu", "Нетаньяху", "Нетаньягу", "Netanjahu", "Netanjahu", "نتنياهو", "נתניהו"),
    "Mahmoud Abbas": ("Mahmud Abbas", "Махмуд Аббас", "Махмуд Аббас", "Mahmud Abbas", "Mahmúd Abbász", "محمود عباس", "מחמוד עבאס"),
    "Mohammed bin Salman": ("Bin Selman", "бин Салман", "бін Салман", "bin Salman", "bin Szalmán", "محمد بن سلمان", "בן סלמאן"),
    "Mohamed bin Zayed": ("bin Zayed", "Мухаммед бен Заид", "Мухаммед бін Заїд", "bin Zayed", "bin Zayed", "محمد بن زايد", "בן זאיד"),
    "Abdel Fattah el-Sisi": ("es-Sisi", "ас-Сиси", "Сісі", "as-Sisi", "Sziszi", "السيسي", "סיסי"),
    "Ahmed al-Sharaa": ("Ahmed Şara", "Шараа", "Ахмед аш-Шараа", "asz-Szara", "Ahmed as-Saraa", "الشرع", "א-שרע"),
    "Asaad al-Shaibani": ("Şeybani", "аш-Шейбани", "аш-Шейбані", "asz-Szajbani", "al-Shaibani", "الشيباني", "א-שייבאני"),
    "Nawaf Salam": ("Nevvaf Selam", "Наваф Салам", "Наваф Салам", "Nawaf Salam", "Navaf Salam", "نواف سلام", "נוואף סלאם"),
    "Masoud Pezeshkian": ("Pezeşkiyan", "Пезешкиан", "Пезешкіан", "Pezeszkian", "Peszeskján", "بزشكيان", "פזשכיאן"),
    "Abbas Araghchi": ("Erakçi", "Аракчи", "Аракчі", "Aragczi", "Arakcsi", "عراقجي", "עראקצ'י"),
    "Ali Larijani": ("Laricani", "Лариджани", "Ларіджані", "Laridżani", "Larijani", "لاريجاني", "לאריג'אני"),
    "Ilham Aliyev": ("Aliyev", "Алиев", "Алієв", "Alijew", "Alijev", "علييف", "אלייב"),
    "Nikol Pashinyan": ("Paşinyan", "Пашинян", "Пашинян", "Paszynian", "Pasinján", "باشينيان", "פשיניאן"),
    "Alexander Lukashenko": ("Lukaşenko", "Лукашенко", "Лукашенко", "Łukaszenka", "Lukasenka", "لوكاشينكو", "לוקשנקו"),
    "Kassym-Jomart Tokayev": ("Tokayev", "Токаев", "Токаєв", "Tokajew", "Tokajev", "توكاييف", "טוקאייב"),
    "Shavkat Mirziyoyev": ("Mirziyoyev", "Мирзиёев", "Мірзійоєв", "Mirzijojew", "Mirzijojev", "ميرضيائيف", "מירזיוייב"),
    "Irakli Kobakhidze": ("Kobakhidze", "Кобахидзе", "Кобахідзе", "Kobachidze", "Kobahidze", "كوباخيدزه", "קובחידזה"),
    "Wang Yi": ("Vang Yi", "Ван И", "Ван Ї", "Wang Yi", "Vang Ji", "وانغ يي", "וואנג יי"),
    "S. Jaishankar": ("Caişankar", "Джайшанкар", "Джайшанкар", "Jaishankar", "Jaishankar", "جايشانكار", "ג'יישנקר"),
    "Antonio Guterres": ("Guterres", "Гутерриш", "Гутерріш", "Guterres", "Guterres", "غوتيريش", "גוטרש"),
    "Ursula von der Leyen": (
        "von der Leyen", "фон дер Ляйен", "фон дер Ляєн", "von der Leyen", "von der Leyen",
        "فون دير لاين", "פון דר ליין",
    ),
    "Aleksandar Vucic": ("Vuçiç", "Вучич", "Вучич", "Vučić", "Vucsics", "فوتشيتش", "ווצ'יץ'"),
    "Abdelmadjid Tebboune": ("Tebbun", "Теббун", "Теббун", "Tebboune", "Tebboune", "تبون", "תבון"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_most_reported_are_found_as_each_language_writes_them(language: str) -> None:
    missed = []
    for official, forms in SAMPLE.items():
        form = forms[LANGUAGES.index(language)]
        tokens = tokenize(form)
        found = {n.value.value for n in find_names(tokens, language, [()] * len(tokens)) if n.value.kind == "person"}
        if found != {official}:
            missed.append((official, form, found))
    assert not missed, missed


def test_a_form_is_one_person_s_and_of_one_script() -> None:
    people: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for official in load_officials():
        for form in official.written:
            people[fold_text(form)].add((official.state, official.name))
            scripts = {unicodedata.name(c).split()[0] for c in form if c.isalpha() and c not in "XVI"}
            assert len(scripts) <= 1, form
    assert {form: of for form, of in people.items() if len(of) > 1} == {}


def test_the_family_s_name_is_first_in_hungarian() -> None:
    people = {o.name: o for o in load_officials()}
    assert surname_of(people["Peter Magyar"], ["magyar", "peter"]) == "magyar"
    assert surname_of(people["Peter Magyar"], ["peter", "magyar"]) == "magyar"
    assert surname_of(people["Xi Jinping"], ["xi", "jinping"]) == "xi"
    assert surname_of(people["Sergei Lavrov"], ["sergei", "lavrov"]) == "lavrov"

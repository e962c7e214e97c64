"""Registrations and serial numbers of aircraft, by their own shape or by the word that stands beside them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped
from pipeline.model.ids import clean_registration

#: Cyrillic letters that stand for Latin ones in registrations typed on a Russian keyboard.
_LOOKALIKES: Final = str.maketrans("АВЕКМНОРСТХУавекмнорстху", "ABEKMHOPCTXYabekmhopctxy")

#: Nationality marks (ICAO Annex 7) that government aircraft bear; with a hyphen in the mark.
_MARKS: Final = (
    "RA|RF|EW|UR|UP|UK|EX|EY|EZ|4K|EK|4L|ER|TC|D|F|G|I|EC|CS|OO|PH|LX|HB|OE|SP|OK|OM|HA|YR|LZ|YU|9A|S5|E7|4O|Z3|ZA|SX|5B|LY|YL|ES|"
    "OH|SE|LN|OY|TF|EI|9H|M|"
    "SU|JY|4X|OD|YK|YI|HZ|A6|A7|A9C|A4O|9K|7O|EP|YA|AP|VT|VP|VQ|P4|T7|9M|9V|HS|XU|VN|PK|RP|B|HL|P|JA|JU|7T|CN|TS|5A|ST|ET|5Y|5X|9XR|"
    "9Q|9S|9T|9L|9N|9U|9J|3B|A3|A5|A8|C6|D4|D6|EL|J2|S2|S7|S9|T2|V7|V8|VH|XT|XY|XZ|Z8|ZK|4R|5H|5R|5T|5U|5V|6O|7Q|8P|8Q|8R|"
    "3C|TJ|P2|TN|TR|TT|TZ|TU|5N|"
    "6V|9G|3X|C5|J5|D2|C9|Z|ZS|V5|A2|7P|3DA|C|XA|XB|XC|TG|YS|HR|YN|TI|HP|CU|HI|HH|6Y|YV|HK|HC|OB|CP|CC|LV|CX|ZP|PP|PR|PT|PU"
)
_REGISTRATIONS: Final = (
    re.compile(r"(?<![\w-])(R[AF])-?(\d{5})(?![\w])"),
    re.compile(r"(?<![\w-])(EW)-?(\d{3}[A-Z]{2})(?!\w)"),
    re.compile(rf"(?<![\w-])((?:{_MARKS}))-([A-Z]{{3,5}}\d{{0,2}}|[A-Z]{{1,2}}\d{{1,4}}[A-Z]?|\d{{3,5}}[A-Z]{{0,2}})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])(A4O|A9C|9XR)-([A-Z]{2,3})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])()(A\d{2}-\d{3})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])()(N[1-9]\d{0,4}[A-HJ-NP-Z]{0,2})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])()(\d{2}-\d{4,5}|\d{2}\+\d{2})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])()([A-Z]{1,2}\.\d{1,2}-\d{1,2})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])()(\d{3}L-\d{3})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])()(YV-?\d{3,4}|HI-?\d{3,4}|FA[A-Z]-?\d{3,4})(?!\w|-[A-Z\d])"),
    re.compile(r"(?<![\w-])()(MM\s?\d{5}|Z[A-Z]\d{3}|HL\d{4}|CNA-[A-Z]{2}|JA\d{3}[0-9A-Z]|ARG-0\d)(?!\w|-[A-Z\d])"),
)
#: Particles written on to a tail: "ו-RA-64532", "وRA-64532".
_GLUED: Final = re.compile(r"(?<!\w)(?:[ובלמהשכ]{1,2}-|[وبلف]{1,2})(?=[A-Z\d])")
#: Designators of aircraft that look like registrations.
_NOT_TAILS: Final = re.compile(r"(?:C-\d{1,3}[A-Z]?|F-\d{1,3}[A-Z]?|P-\d{1,2}|B-\d{1,3}[A-Z]?|M-\d{1,3}|I-\d+|D-\d+|G-\d+|Z-\d+|CC-1\d\d)$")
#: Words that make a bare number beside them that of an aircraft, whatever the ending.
_NUMBERED: Final = (
    r"tail(?: number| no\.?)?|serial(?: number| no\.?)?|registration(?: number)?|registered(?: as)?|side number|aircraft number|"
    r"hull number|"
    r"(?:luftfahrzeug)?kennung|kennzeichen|kennnummer|taktische\w* \w+|immatricul\w+|matricule|matrícula|numeral|matricola|marche|"
    r"matricolare|"
    r"бортов\w+ номер\w*|бортов\w+|борт\w{0,2} ?№|хвостов\w+ номер\w*|регистраци\w+|реєстраці\w+|lajstrom\w*|oldalszám\w*|farokszám\w*|"
    r"numer\w{0,2} (?:boczn|rejestracyjn|ogonow)\w+|boczn\w+|znak\w* rejestracyjn\w+|rejestracj\w+|kuyruk (?:numara|kod|tescil|"
    r"no)\w*|tescil\w*|"
    r"registratie\w*|staartnummer|(?:ال)?تسجيل\w{0,2}|(?:برقم|الرقم|رقم)(?: الذيل| التسجيل| ذيلها| ذيل)?|מספר (?:ה)?(?:זנב|רישום)|רישום"
)
#: The same words, where only an aircraft close by says what was numbered.
_NUMBER: Final = r"numbered|number|no\.|nummer|nr\.?|numéro|n°|nº|número|numero|номер\w{0,3}|№|numer\w{0,3}|numara\w*|szám\w*|מספר"
_SERIAL: Final = r"\d{2}[-+]\d{2,5}|[A-Z]{1,4}-?[A-Z]?\d{2,5}|\d{3,5}"
_AFTER_WORD: Final = re.compile(
    rf"(?i:(?<![^\W_])(?:{_NUMBERED})(?:\s(?:is|of|as|als|jest|est|es|هو|הוא))?)[\s:=#№»«„“”\"'(–-]{{1,4}}({_SERIAL})(?![\w:]|-\d|[.,]\d)"
)
_BEFORE_WORD: Final = re.compile(
    rf"(?<![\w:.,+-])({_SERIAL})(?:-?[a-zöőáé]{{1,3}})?\s(?i:kuyruk|tescil|lajstrom|oldalszám|farokszám|tail number|numaralı (?:uça|"
    rf"jet|gulfstream|airbus|boeing|falcon|helikopter)|számú (?:gép|repülő))"
)
#: Four digits that begin with a nought, at the beginning of a sentence, or beside a type.
_NOUGHT: Final = re.compile(r"(?:^|[.!?:;(«\"“]\s?)(0\d{3})(?=\s[^\W\d]{1,}\s)(?!\s(?:UTC|GMT|local|hrs|hours|L)\b)", re.MULTILINE)
_NEAR_CRAFT: Final = re.compile(rf"(?i:(?<![^\W_])(?:{_NUMBER}))[\s:]{{0,2}}({_SERIAL})(?![\w:]|-\d|[.,]\d)")
#: What no number of an aircraft is: a year, or a number with a unit or a clock behind it.
_COUNTED: Final = (
    r"(?:19[5-9]|20[0-3])\d|\d+\s?(?i:km|mi|miles?|meilen|m|met\w+|mèt\w+|feet|ft|fuß|fuss|pies|pieds|láb|км|м|мил\w+|мет\w+|фут\w*|ton\w*|"
    r"passe\w+|pasa\w+|people|hours?|hrs|seats?|utc|gmt|z|local|lt|l|uhr|h|мск|мск|tsİ)\b"
)
_MAKER: Final = (
    r"(?i:gulfstream|airbus|boeing|embraer|bombardier|dassault|falcon|learjet|cessna|antonov|lockheed|гольфстрим|аэробус|аеробус|"
    r"боинг|боїнг|эмбраер|фалькон|غلف ?ستريم|إيرباص|ايرباص|بوينغ|بوينج|فالكون|גאלפסטרים|גולפסטרים|איירבוס|בואינג|פלקון)[’']?\w{0,4}[»\"”]?"
)
_CRAFT_WORD: Final = (
    r"(?i:aircraft|plane|jet|avión|avion|appareil|aeronave|flugzeug|maschine|aereo|velivolo|vliegtuig|toestel|samolot|самол[её]т|борт|"
    r"літак)"
)
#: Types and nouns behind or before which a bare number is a serial: "Gulfstream 0001", "a 605-ös Airbus", "a gép, a 604-es".
_BARE: Final = (
    re.compile(
        r"(?:(?i:airbus|boeing)\s(?:A?[37]\d[0-9](?:neo|-\d{2,4})?|BBJ\d?)|A3[1-5]\d(?:neo|-\d{3})?|"
        r"(?i:dassault )?(?i:falcon)\s(?:7X|8X|6X|900\w{0,2}|2000\w{0,2})|"
        r"G(?:450|500|550|600|650|700)(?:ER)?|C-?130[HJ]?|(?i:ту|ил|tu|il)-?\d{2,3}\w{0,2})\s(?:№\s?)?(\d{3,4})"
        r"(?=[,;)]?\s(?i:left|took|landed|touched|departed|arrived|lifted|was|is|has|had|flew|from|reached|set|out of|"
        r"вылет|приземл|взлет|взлёт|сел|прилет|прибыл|покинул|совершил|из |"
        r"a |est |s'|quitt|aterriz|despeg|sali|lleg|tom|ist |hat |setzte|landete|startete|hob|verlie|"
        r"indi|kalk|haval|ayr|هبط|أقلع|غادر|وصل|decoll|atterr))"
    ),
    re.compile(r"(?i:gulfstream\w{0,2}|falcon\w{0,2}(?: 7x)?|a319\w{0,2}|boeing\w{0,2}(?: 737)?)\s(0\d{3}|6\d{2})(?![\w:.+-])"),
    re.compile(
        r"(?:737|A3[1234]\d|[Gg]ulfstream\w{0,9}|G550|Falcon \w{1,9}|[Aa]irbus \w{1,9}|[Bb]oeing \w{1,9})"
        r"[^().;\d]{0,25}\((0\d{3}|[1-9]\d{2})\)"
    ),
    re.compile(rf"(?<![\w-])(?:{_MAKER}|{_CRAFT_WORD})\s(?!(?:2000|[5-8][05]00)(?!\d))(?!{_COUNTED})(\d{{4}})(?![\w:/+-]|[.,]\d)"),
    re.compile(r"(?<![\w-])(?i:airbus\w{0,3})\s(0\d{2}|[4-9]\d{2})(?![\w:/+-]|[.,]\d)"),
    re.compile(rf"(?<![\w-]){_MAKER}(?:\s[A-Z]?\d{{3}}[\w-]*)?\s([A-Z]{{1,2}}-?\d{{3,5}})(?![\w-])"),
    re.compile(
        rf"(?<![\w-])(?:(?:K?C|CC|VC|RC|E)-?\d{{1,3}}[A-Z]?|C295\w?|CN-235|A400M|(?i:il|ил|іл|an|ан)-\d{{2,3}}\w{{0,2}})\s(?!{_COUNTED})(\d{{4,5}})(?![\w:/+-]|[.,]\d)"
    ),
    re.compile(r"(?<=\ba )(\d{3})(?=-[aeoö]s\b)"),
    re.compile(r"(?<![\w:.,])(\d{3,4})(?=-[aeoö]s (?:[Aa]irbus|[Ff]alcon|[Bb]oeing|[Gg]ulfstream|gép|repülő|járat|Embraer))"),
    re.compile(
        r"(?:C-17A?|C-130J?|CC-\d{3}|A400M|سي-\d{2,3}|C-37B?|C-40[BC]?|Il-76\w{0,2}|"
        r"Ил-76\w{0,2})(?: [^\W\d]+){0,2} (\d{4,5})(?=[:,)؛ ]{1,2}(?!\d))"
    ),
)
#: Words for an aircraft and the names of types, as written or folded.
CRAFT: Final = re.compile(
    r"(?i)aircraft|plane|\bjet|avion|avión|appareil|flugzeug|maschine|самол[её]т|борт|літак|samolot|maszyn|gép|rep[üu]l[őo]|u[çc]a[kğg]|טיס|"
    r"מטוס|طائر|aereo|"
    r"vliegtuig|\b7[0-9]7\b|\ba3\d\d|boeing|airbus|gulfstream|falcon|\btu ?-? ?\d|\bil ?-? ?\d|"
    r"\bту ?-? ?\d|\bил ?-? ?\d|боинг|بوينغ|إيرباص|בואינג"
)
_CRAFT_REACH: Final = 70
#: What looks like a serial and is a type.
_TYPE: Final = re.compile(
    r"(?:A3\d\d|A400|B7\d7|B-?52|C-?\d{2,3}|G\d{3}|KC-?\d+|RC-?\d+|E-?\d+|MC-?\d+|IL-?\d+|TU-?\d+|AN-?\d+|CRJ\d+|ATR\d+)", re.IGNORECASE
)
_YEAR: Final = re.compile(r"(?:19[89]|20[0-3])\d")


#: What may be a registration of the watch list: letters and digits in parts, one digit or hyphen at least.
_WRITTEN: Final = re.compile(r"(?<![\w.,:+-])(?=[A-Z]*[-\d])[A-Z\d]+(?:-[A-Z\d]+)*(?![\w+]|-[A-Z\d]|[.,:]\d)")
#: Short ones, and those of digits alone, need a word for an aircraft beside them.
_SHORT: Final = 5


@cache
def _listed() -> frozenset[str]:
    """The registrations of the shipped watch list without their hyphens; bare numbers of four digits and fewer are too often others."""
    rows, _ = read_file(shipped("watchlist", "aircraft.csv"), required=("registration",))
    names = (row["registration"].replace("-", "") for row in rows)
    return frozenset(n for n in names if (not n.isdigit() and len(n) > 2) or len(n) > 4)


def _of_the_list(part: str, latin: str) -> list[tuple[int, int]]:
    """Where the watch list's own registrations stand; short ones and bare numbers need a word for an aircraft beside them."""
    found = []
    for m in _WRITTEN.finditer(latin):
        plain = m[0].replace("-", "")
        beside = part[max(0, m.start() - _CRAFT_REACH) : m.end() + _CRAFT_REACH]
        if plain in _listed() and ((len(plain) > _SHORT and not plain.isdigit()) or CRAFT.search(beside)):
            found.append((m.start(), m.end()))
    return found


def find_tails(part: str) -> list[tuple[str, int, int]]:
    """``(registration, start, end)`` in order, as often as each is named."""
    # "РА-64059" is typed by its sound, other letters by their looks.
    latin = part.replace("РА-", "RA-").replace("РФ-", "RF-").translate(_LOOKALIKES)
    latin = _GLUED.sub(lambda m: " " * len(m[0]), latin)
    found: list[tuple[str, int, int]] = []
    taken = bytearray(len(part))

    def keep(name: str, start: int, end: int) -> None:
        known = name.replace("-", "") in _listed()
        if (known or not (_NOT_TAILS.fullmatch(name) or _TYPE.fullmatch(name))) and not any(taken[start:end]):
            found.append((name, start, end))
            taken[start:end] = b"\1" * (end - start)

    for pattern in _REGISTRATIONS:
        for m in pattern.finditer(latin):
            mark, rest = m[1], m[2]
            keep(clean_registration(f"{mark}-{rest}" if mark else rest), m.start(), m.end())
    for start, end in _of_the_list(part, latin):
        keep(clean_registration(latin[start:end]), start, end)
    if not any(c.isdigit() for c in part):
        return sorted(found, key=lambda t: t[1])
    numbered = [m for pattern in (_AFTER_WORD, _BEFORE_WORD, *_BARE) for m in pattern.finditer(part)]
    for m in (*numbered, *(_NOUGHT.finditer(part) if CRAFT.search(part) else ())):
        keep(clean_registration(m[1]), m.start(1), m.end(1))
    for m in _NEAR_CRAFT.finditer(part):
        beside = part[max(0, m.start() - _CRAFT_REACH) : m.end() + _CRAFT_REACH]
        if CRAFT.search(beside) and not _YEAR.fullmatch(m[1]):
            keep(clean_registration(m[1]), m.start(1), m.end(1))
    return sorted(found, key=lambda t: t[1])

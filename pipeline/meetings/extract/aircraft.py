"""Tails, callsigns, addresses and types as a text writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.model.ids import clean_callsign, clean_registration

#: Cyrillic letters that stand for Latin ones in registrations typed on a Russian keyboard.
_LOOKALIKES: Final = str.maketrans("АВЕКМНОРСТХУавекмнорстху", "ABEKMHOPCTXYabekmhopctxy")

#: Nationality marks (ICAO Annex 7) that government aircraft bear; with a hyphen in the mark.
_MARKS: Final = (
    "RA|RF|EW|UR|UP|UK|EX|EY|EZ|4K|EK|4L|ER|TC|D|F|G|I|EC|CS|OO|PH|LX|HB|OE|SP|OK|OM|HA|YR|LZ|YU|9A|S5|E7|4O|Z3|ZA|SX|5B|LY|YL|ES|OH|SE|LN|OY|TF|EI|9H|M|"
    "SU|JY|4X|OD|YK|YI|HZ|A6|A7|A9C|A4O|9K|7O|EP|YA|AP|VT|VP|VQ|P4|T7|9M|9V|HS|XU|VN|PK|RP|B|HL|P|JA|JU|7T|CN|TS|5A|ST|ET|5Y|5X|9XR|9Q|TN|TR|TT|TZ|TU|5N|"
    "6V|9G|3X|C5|J5|D2|C9|Z|ZS|V5|A2|7P|3DA|C|XA|XB|XC|TG|YS|HR|YN|TI|HP|CU|HI|HH|6Y|YV|HK|HC|OB|CP|CC|LV|CX|ZP|PP|PR|PT|PU"
)
_REGISTRATIONS: Final = (
    re.compile(r"(?<![\w-])(R[AF])-?(\d{5})(?![\w])"),
    re.compile(r"(?<![\w-])(EW)-?(\d{3}[A-Z]{2})(?!\w)"),
    re.compile(rf"(?<![\w-])((?:{_MARKS}))-([A-Z]{{3,4}}\d{{0,2}}|[A-Z]{{1,2}}\d{{1,4}}|\d{{3,5}}[A-Z]{{0,2}})(?![\w-])"),
    re.compile(r"(?<![\w-])()(N[1-9]\d{0,4}[A-HJ-NP-Z]{0,2})(?![\w-])"),
    re.compile(r"(?<![\w-])()(\d{2}-\d{4,5}|\d{2}\+\d{2})(?![\w-])"),
    re.compile(r"(?<![\w-])()([A-Z]{1,2}\.\d{1,2}-\d{1,2})(?![\w-])"),
    re.compile(r"(?<![\w-])()(YV-?\d{3,4}|HI-?\d{3,4}|FA[A-Z]-?\d{3,4})(?![\w-])"),
    re.compile(r"(?<![\w-])()(MM\s?\d{5}|Z[A-Z]\d{3})(?![\w-])"),
    # "a 604-es", as Hungarian writes of its air force's
    re.compile(r"(?<=\ba )()(\d{3})(?=-[aeoö]s\b)"),
    # serials of air forces: "Gulfstream 0001", "serial 605"
    re.compile(
        r"(?i)(?:(?<=gulfstream )|(?<=gulfstreamem )|(?<=serial )|(?<=serial number )|(?<=nr boczny )|(?<=numerze bocznym )"
        r"|(?<=numéro )|(?<=número )|(?<=matrícula )|(?<=номером )|(?<=oldalszámú ))"
        r"()(0\d{3}|[1-9]\d{2,3})(?![\w:.-])"
    ),
)
#: Designators of aircraft that look like registrations.
_NOT_TAILS: Final = re.compile(r"(?:C-\d{1,3}[A-Z]?|F-\d{1,3}[A-Z]?|P-\d{1,2}|B-\d{1,3}[A-Z]?|M-\d{1,3}|I-\d+|D-\d+|G-\d+|Z-\d+)$")
_KNOWN_CALLSIGNS: Final = (
    "RSD|SAM|RCH|SPAR|HUAF|GAF|TRK|CTM|IAM|AME|PLF|RRR|KRF|CFC|ASY|MMF|BAF|NAF|SVF|DAF|CEF|LYF|ROF|HAF|"
    "AFO|VENUS|EXEC|SVA|QAF|UAF|THY|RFF|DUKE|JAKE|REACH|SHUK|IRI|RJF|EGY"
)
_CALLSIGN: Final = re.compile(rf"(?<![\w-])((?:{_KNOWN_CALLSIGNS})\s?\d{{1,4}}[A-Z]{{0,2}})(?![\w]|-\d)")
_CALLSIGN_SAID: Final = re.compile(
    r"(?i:call ?sign|позывн\w+|çağrı (?:kodu|adı|işareti)|"
    r"rufzeichen|indicatif|hívójel\w*|indicativo|znak\w* wywoławcz\w*|نداء|אות קריאה)\W{0,3}"
    r"([A-Z]{2,5}\s?\d{1,4}[A-Z]{0,2})(?!\w)"
)
_ADDRESS: Final = re.compile(r"(?i:icao|hex|mode.?s|24-bit)[^.;]{0,24}?(?<!\w)([0-9a-fA-F]{6})(?!\w)")
_TYPES: Final = re.compile(
    r"(?<![\w-])(?:"
    r"(?:Туполев |Tupolev )?(?:Ту|Tu|TU|Tou)-?\s?(?:134|154|204|214)(?:-?\d{3}|[А-ЯA-Z]{1,3})?(?:-\d{3})?"
    r"|(?:Ильюшин |Ilyushin |Іл|Iljuschin )?(?:Ил|Іл|Il|IL|Iľ)-?\s?(?:18|62|76|86|96)(?:-?\d{3})?(?:[А-ЯA-Z]{1,3})?"
    r"|(?:Ан|An|AN)-?(?:12|26|72|124|148|158)(?:-\d{3})?"
    r"|(?:Boeing|Боинг|Боїнг|بوينغ|Бойнг)\s?(?:BBJ\d?|7\d7(?:-\w{2,4})?)(?:\s?(?:BBJ\d?|MAX))?"
    r"|(?:Airbus|Аэробус|Аеробус|إيرباص)\s?(?:ACJ|A?3\d\d|A400M)(?:-\d{3})?"
    r"|A(?:319|320|321|330|340|350)(?:neo|-\d{3})?|A400M|(?:Gulfstream|Гольфстрим|غلف ستريم)\s?(?:G\d{3,4}(?:ER)?|G?[IV]{1,3}|G-?V)?"
    r"|(?:Bombardier|Бомбардье)?\s?(?:Global|Challenger|Глобал)\s?(?:Express|\d{3,4})"
    r"|(?:Dassault )?Falcon\s?(?:7X|8X|6X|50|900\w{0,2}|2000\w{0,2})|Embraer\s?(?:Legacy|Lineage|Praetor)?\s?\d{0,4}|Legacy\s?\d{3}"
    r"|(?:Cessna )?Citation(?: \w+)?|C-(?:17A?|32A?|37[AB]?|40[ABC]?|130[JH]?)"
    r"|VC-25[AB]?|KC-(?:135|46|10)|E-4B|SSJ-?100|Superjet(?: 100)?|Hawker \d{3}|Learjet \d{2}"
    r")(?![\w])"
)


#: Whose aircraft a nationality mark says it is (Annex 7), for the states whose government aircraft are told by their tails.
STATE_OF_MARK: Final = {
    "RA": "RU", "RF": "RU", "EW": "BY", "UR": "UA", "UP": "KZ", "UK": "UZ", "EX": "KG", "EY": "TJ", "EZ": "TM", "4K": "AZ", "EK": "AM",
    "4L": "GE", "TC": "TR", "SU": "EG", "JY": "JO", "4X": "IL", "OD": "LB", "YK": "SY", "YI": "IQ", "HZ": "SA", "A6": "AE", "A7": "QA",
    "A9C": "BH", "A4O": "OM", "9K": "KW", "EP": "IR", "YA": "AF", "AP": "PK", "VT": "IN", "5A": "LY", "ST": "SD", "7T": "DZ", "CN": "MA",
    "TS": "TN", "HA": "HU", "SP": "PL", "OK": "CZ", "OM": "SK", "LZ": "BG", "YR": "RO", "YU": "RS", "SX": "GR", "5B": "CY", "EC": "ES",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aircraft:
    """An aircraft named at characters ``[start, end)``; what a text does not say is ''."""

    registration: str
    callsign: str
    icao24: str
    type_name: str
    start: int
    end: int


def find_aircraft(text: str, start: int, end: int) -> list[Aircraft]:
    """The aircraft that ``text[start:end]`` names: each tail (or callsign, address, type alone) with what stands beside it."""
    # "РА-64059" is typed by its sound, other letters by their looks.
    part = text[start:end].replace("РА-", "RA-").replace("РФ-", "RF-").translate(_LOOKALIKES)
    tails = _tails(part)
    types = [(m[0].strip(), m.start(), m.end()) for m in _TYPES.finditer(text[start:end])]
    calls = [(clean_callsign(m[1]), m.start(1), m.end(1)) for p in (_CALLSIGN_SAID, _CALLSIGN) for m in p.finditer(part)]
    address = _ADDRESS.search(part)
    anchors = tails or [("", a, b) for _, a, b in (calls[:1] or types)]
    if not anchors and address:
        anchors = [("", address.start(1), address.end(1))]
    found = []
    for name, a, b in anchors:
        found.append(
            Aircraft(
                registration=name,
                callsign=_nearest(calls, a),
                icao24=address[1].lower() if address else "",
                type_name=_nearest(types, a),
                start=start + a,
                end=start + b,
            )
        )
    return found


def _tails(part: str) -> list[tuple[str, int, int]]:
    found: dict[str, tuple[str, int, int]] = {}
    for pattern in _REGISTRATIONS:
        for m in pattern.finditer(part):
            mark, rest = m[1], m[2]
            name = clean_registration(f"{mark}-{rest}" if mark else rest)
            if not _NOT_TAILS.fullmatch(name) and not any(a <= m.start() < b for _, a, b in found.values()):
                found.setdefault(name, (name, m.start(), m.end()))
    return sorted(found.values(), key=lambda t: t[1])


def _nearest(found: list[tuple[str, int, int]], at: int) -> str:
    return min(found, key=lambda f: abs(f[1] - at))[0] if found else ""

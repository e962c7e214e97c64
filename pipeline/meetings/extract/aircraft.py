"""The aircraft that a text names: tails, callsigns, addresses and types, those that stand together as one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pipeline.meetings.extract.tails import find_tails
from pipeline.model.ids import clean_callsign

_KNOWN_CALLSIGNS: Final = (
    "RSD|SAM|RCH|SPAR|HUAF|GAF|TRK|CTM|IAM|AME|PLF|RRR|KRF|CFC|ASY|MMF|BAF|NAF|SVF|DAF|CEF|LYF|ROF|HAF|"
    "AFO|VENUS|EXEC|SVA|QAF|UAF|THY|RFF|DUKE|JAKE|REACH|SHUK|IRI|RJF|EGY|SYR|COTAM|BRS"
)
_CALLSIGN: Final = re.compile(rf"(?<![\w-])((?:{_KNOWN_CALLSIGNS})\s?\d{{1,4}}[A-Z]{{0,2}})(?![\w]|-\d)", re.IGNORECASE)
_CALLSIGN_SAID: Final = re.compile(
    r"(?i:call ?sign|позывн\w{1,9}|позивн\w{1,9}|çağrı (?:kodu|adı|işareti)\w{0,9}|rufzeichen|funkrufname\w{0,9}|indicatif|hívójel\w{0,9}|"
    r"indicativo|"
    r"nominativo|"
    r"znak\w{0,9} wywoławcz\w{0,9}|(?:علامة )?(?:ال)?نداء\w{0,9}|אות (?:ה)?קריאה|roepnaam)\W{0,3}([A-Z]{2,6}\s?\d{1,4}[A-Z]{0,2})(?!\w)"
)
_CALLSIGN_BEFORE: Final = re.compile(r"(?<![\w-])([A-Z]{2,6}\s?\d{1,4}[A-Z]{0,2})\s(?i:çağrı|hívójel)")
_FLIGHT_NUMBER: Final = re.compile(
    r"(?i:flight|рейс\w{0,3}|flug|vol|vuelo|járat\w{0,9}|sefer\w{0,9}|(?:ال)?رحلة|טיסה|lot|rejs\w{0,9}|volo|"
    r"vlucht)\s(?:[A-Z]{1,2} )?([A-Z]{2,4}\s?\d{2,4})(?!\w)"
)
_ADDRESS: Final = re.compile(r"(?i:icao|hex|mode.?s|24-bit)[^.;]{0,24}?(?<!\w)([0-9a-fA-F]{6})(?!\w)")
_TYPES: Final = re.compile(
    r"(?<![\w-])(?:"
    r"(?:Туполев |Tupolev )?(?:Ту|Tu|TU|Tou)-?\s?(?:134|154|204|214)(?:-?\d{3}|[А-ЯA-Z]{1,3})?(?:-\d{3})?"
    r"|(?:Ильюшин |Ilyushin |Іл|Iljuschin )?(?:Ил|Іл|Il|IL|Iľ)-?\s?(?:18|62|76|86|96)(?:-?\d{3})?(?:[А-ЯA-Z]{1,3})?"
    r"|(?:Ан|An|AN|Antonov|Антонов)[ -]?(?:12|26|72|124|148|158)(?:-\d{3})?"
    r"|(?:Boeing|boeing|boeing\w{1,3}|Боинг|Боїнг|боинг|بوينغ|بوينج|Бойнг|בואינג)\s?(?:BBJ\d?|7\d7(?:-\w{2,4})?)(?:\s?(?:BBJ\d?|MAX))?"
    r"|(?:Airbus|airbus|Аэробус|איירבוס|Аеробус|إيرباص)\s?(?:ACJ|[AА]?-?3\d\d|[AА]400M)(?:-\d{3})?"
    r"|[AА]-?(?:319|320|321|330|340|350)(?:neo|-\d{3})?|A400M|(?:Gulfstream|Гольфстрим|غلف ستريم)\s?(?:G\d{3,4}(?:ER)?|G?[IV]{1,3}|G-?V)?"
    r"|(?:Bombardier|Бомбардье)?\s?(?:Global|Challenger|Глобал)\s?(?:Express|\d{3,4})"
    r"|(?:Dassault )?(?:Falcon|פלקון|فالكون|Фалькон)\s?(?:7X|8X|6X|50|900\w{0,2}|2000\w{0,2})|Embraer\s?(?:Legacy|Lineage|"
    r"Praetor)?\s?\d{0,4}|Legacy\s?\d{3}"
    r"|(?:Cessna )?Citation(?: \w+)?|C-(?:17A?|32A?|37[AB]?|40[ABC]?|130[JH]?)"
    r"|سي-?\s?(?:17|130)|(?:إليوشن|اليوشن|توبوليف|أنتونوف)\s?-?\d{2,3}|(?:גולפסטרים|אירבוס)\s?(?:G?\d{1,3}|A?\d{3})?|"
    r"غلفستريم(?:\s\d{3})?|RQ-4|MC-12|RC-135\w?"
    r"|VC-25[AB]?|KC-(?:135|46|10)|E-4B|SSJ-?100|Superjet(?: 100)?|Dornier \d{3}|Saab \d{3,4}|(?:Mi|Ми|Мі)-\d{1,2}\w{0,3}|(?:Yak|"
    r"Як)-\d{2}|CRJ-?\d{3}|C-12|C295|PC-(?:12|24)|King Air(?: \d{3})?|Hawker \d{3}|Learjet \d{2}"
    r")(?![\w])"
)
#: What stands so near together is one aircraft.
_TOGETHER: Final = 60
#: "RA-96022 and callsign RSD111".
_SAID: Final = 24
#: Between two of these a new aircraft begins.
_APART: Final = re.compile(r"[;\n]|\d[:.h]\d\d|(?<!\w)(?:and|und|et|y|e|и|та|i|oraz|ve|és|then|while|ise|а|а также|puis|ثم)(?!\w)")

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
    #: What was written of it, each part at its characters: a tail may stand far behind its type.
    parts: tuple[tuple[int, int], ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is told apart from others of its type."""
        return bool(self.registration or self.callsign or self.icao24)


def find_aircraft(text: str, start: int, end: int) -> list[Aircraft]:
    """The aircraft that ``text[start:end]`` names, in order: a type, a tail and a callsign side by side are one."""
    part = text[start:end]
    told: list[tuple[int, int, str, str]] = []
    taken = bytearray(len(part))

    def keep(a: int, b: int, field: str, value: str) -> None:
        if not any(taken[a:b]):
            told.append((a, b, field, value))
            taken[a:b] = b"\1" * (b - a)

    for name, a, b in find_tails(part):
        keep(a, b, "registration", name)
    for pattern in (_CALLSIGN_SAID, _CALLSIGN_BEFORE, _CALLSIGN, _FLIGHT_NUMBER):
        for m in pattern.finditer(part):
            keep(m.start(1), m.end(1), "callsign", clean_callsign(m[1]))
    for m in _ADDRESS.finditer(part):
        keep(m.start(1), m.end(1), "icao24", m[1].lower())
    for m in _TYPES.finditer(part):
        keep(m.start(), m.end(), "type_name", m[0].strip())
    out: list[Aircraft] = []
    for a, b, field, value in sorted(told):
        last = out[-1] if out else None
        between = part[last.end - start : a] if last else ""
        said = field == "callsign" and len(between) <= _SAID
        if last is None or getattr(last, field) or len(between) > _TOGETHER or (_APART.search(between) and not said):
            out.append(_with(Aircraft("", "", "", "", start + a, start + b, ((start + a, start + b),)), field, value))
        else:
            out[-1] = _with(replace(last, end=start + b, parts=(*last.parts, (start + a, start + b))), field, value)
    return out


def _with(one: Aircraft, field: str, value: str) -> Aircraft:
    if field == "registration":
        return replace(one, registration=value)
    if field == "callsign":
        return replace(one, callsign=value)
    return replace(one, icao24=value) if field == "icao24" else replace(one, type_name=value)


def same_type(a: Aircraft, b: Aircraft) -> bool:
    """Whether two may be of one type: "A319" and "Airbus A319", or one whose type nobody said."""
    one, other = _plain(a.type_name), _plain(b.type_name)
    return not one or not other or one in other or other in one


@lru_cache(maxsize=1024)
def _plain(type_name: str) -> str:
    return re.sub(r"[^0-9a-zа-яіїء-يא-ת]", "", type_name.casefold().replace("airbus", "").replace("boeing", "").replace("ильюшин", ""))

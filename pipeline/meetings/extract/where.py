"""Which of the places that a clause names is where it happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from pipeline.meetings.extract.aliases import Name, nominatives
from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.inflect import INTO, OUT_OF
from pipeline.meetings.extract.itinerary import days_of_stops
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.scenes import in_byline, in_quotes, only_said_there

Role = Literal["in", "from", "topic", "said", ""]

#: Arabic and Hebrew particles written on to a name.
_INTO_PARTICLES: Final = frozenset(("ب", "ل", "وب", "لل", "بال", "ב", "ל", "וב", "ול", "ול"))
_FROM_PARTICLES: Final = frozenset(("מ", "ומ"))
#: How many words may stand between a preposition and its place: "in the Turkish capital Ankara".
_REACH: Final = 5
_KIND_WORDS: Final = ("kent", "sehr", "sehir", "baskent", "ilce", "kasaba", "adasi")
_FIELD_WORDS: Final = (
    "havaliman",
    "havaalan",
    "ofis",
    "saray",
    "kosk",
    "kulliye",
    "otel",
    "merkez",
    "konut",
    "bina",
    "salon",
    "ussu",
    "universite",
    "meydan",
    "kasr",
    "konsolos",
    "baskonsolos",
    "buyukelcili",
    "konag",
    "konak",
    "kongre",
    "fuar",
    "karargah",
    "yerleske",
    "misafirhane",
    "kale",
    "liman",
    "parlamento",
    "meclis",
)
#: What is called after a city without taking place there, by its beginning.
_PROCESSES: Final = (
    "format", "process", "surec", "accord", "agreement", "protocol", "declaration", "memorandum", "convention", "treaty", "anlasma",
    "mutabakat", "bildiri", "формат", "процесс", "процес", "соглашени", "протокол", "меморандум", "договор", "угод", "abkommen",
    "prozess", "vertrag", "memorand", "porozumieni", "proces", "egyezmeny", "folyamat", "مسار", "عمليه", "صيغه", "اتفاق", "اعلان",
    "תהליך", "הסכם", "הסכמי",
)  # fmt: skip
_PROCESS_BEFORE: Final = frozenset(("ar", "he", "fr", "es", "it", "pt"))
#: Beginnings of nouns for a stop on the way, and words for "after".
_STOP_NOUNS: Final = (
    "stop",
    "توقف",
    "остановк",
    "зупинк",
    "zwischenstopp",
    "zwischenlandung",
    "escale",
    "escala",
    "postoj",
    "עצירה",
    "scalo",
)
_AFTER: Final = frozenset(("after", "following", "بعد", "عقب", "после", "після", "nach", "apres", "tras", "po", "לאחר", "אחרי", "dopo"))
_STOPS: Final = frozenset(".;:!?()")
#: What a place is, between its preposition and its name: "in the Saudi port city of Jeddah".
_KINDS: Final = frozenset(
    (
        "the", "of", "city", "town", "port", "resort", "capital", "village", "northern", "southern", "eastern", "western", "coastal",
        "ancient", "old", "black", "red", "sea", "central", "border", "palace", "hotel", "airport", "ville", "de", "la", "du", "stadt",
        "ciudad", "городе", "город", "столице", "курортном", "miescie", "місті", "مدينه", "عاصمه",
    )
)  # fmt: skip
#: What joins a word for a field to its name, adjectives between them, and the beginnings of words for a field.
_JOIN_NAMES: Final = frozenset(("de", "d", "du", "des", "del", "di", "of", "von", "do", "da"))
_OF_A_KIND: Final = ("internacional", "international", "internazional", "militar", "aere", "aerienne", "civil")
_FIELDS: Final = ("aeropuerto", "aeroport", "aerodrom", "flughafen", "airport", "airfield", "base", "luftwaffenstutzpunkt")
#: Prepositions of being there; "to" says where one went.
_LOCATIVES: Final = frozenset(("in", "at", "в", "во", "у", "im", "en", "a", "w", "we", "في"))
_LEFT_REACH: Final = 5
_SIGNS: Final = ("signed", "подписал", "підписал", "unterzeichne", "firmaron", "signe", "podpisal")
#: In these one word says wherefrom and by whom.
_BY_WHOM: Final = frozenset({"de", "fr", "es", "it", "pt", "nl", "ru", "uk", "pl"})
#: Of these the case of what follows says which.
_WITH_OR_FROM: Final = frozenset(("с", "со", "з", "із", "зі", "z", "ze"))
_MEETS: Final = ("meet", "receive", "summit")
_NOT: Final = frozenset(("not", "не", "nicht", "no", "pas", "nie", "nem", "non", "ليس", "לא", "than"))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a clause; ``city`` is empty for a country."""

    city: str
    country: str
    role: Role
    start: int
    end: int
    airport: str = ""


def spots(reading: Reading, clause: Clause) -> list[Spot]:
    """Every city, venue, field and country of a clause, with its part in the sentence."""
    found: list[Spot] = []
    for name in clause.names:
        value = name.value
        if value.kind in ("city", "venue"):
            part = _part(reading, clause, name)
            found.append(Spot(value.value, value.state, part, name.start, name.end, value.airport))
        elif value.kind == "country" or (value.kind == "demonym" and _is_country(reading, clause, name)):
            found.append(Spot("", value.state, role(reading, clause, name), name.start, name.end))
    dated = days_of_stops(reading, clause.heads or clause)
    found = [replace(s, role="in") if s.city and s.role in ("", "topic") and s.start in dated else s for s in found]
    return _left_behind(_listed_together(found, reading, clause.dates), reading)


def _part(reading: Reading, clause: Clause, name: Found[Name]) -> Role:
    quoted = in_quotes(reading, clause, name) and not name.value.airport  # an airport's name may stand in quotation marks
    if _names_a_process(reading, name) or quoted or in_byline(reading, clause, name):
        return "topic"
    part = role(reading, clause, name)
    return "said" if part == "in" and only_said_there(reading, clause, name) else part


def _left_behind(found: list[Spot], reading: Reading) -> list[Spot]:
    """``flew from the summit in Washington to Palm Beach``: a place of what was left, when the clause has another place to be in."""
    found = [replace(s, role="from") if s.role == "in" and s.city and _after_a_stop(reading, s) else s for s in found]
    left = [s for s in found if s.role == "in" and s.city and _after_from(reading, s)]
    stays = any(s.role == "in" and s.city and s not in left for s in found)
    return [replace(s, role="from") if s in left else s for s in found] if stays else found


def _after_a_stop(reading: Reading, spot: Spot) -> bool:
    """``talked with Sisi after a stop in Doha``: on the way there."""
    before = [t.text for t in reading.tokens[max(0, spot.start - _REACH) : spot.start]]
    stops = [i for i, w in enumerate(before) if w.startswith(_STOP_NOUNS)]
    return any(w in _AFTER for i in stops for w in before[max(0, i - 2) : i])


def _after_from(reading: Reading, spot: Spot) -> bool:
    """A word of leaving stands before the preposition of the place, with what was left between: ``from the summit in``."""
    at = spot.start - 1
    while at > 0 and reading.tokens[at].text not in _LOCATIVES:
        if spot.start - at > _REACH or not reading.tokens[at].is_word:
            return False
        at -= 1
    for back in range(at - 1, max(-1, at - 1 - _LEFT_REACH), -1):
        if reading.tokens[back].text in _STOPS or reading.tokens[back].text == ",":
            return False
        if reading.language in _BY_WHOM and any(
            n.start <= back < n.end and n.value.kind == "person" for c in reading.clauses for n in c.names
        ):
            return False  # "von Kanzler Scholz in Berlin empfangen": by whom, not wherefrom
        if _with_whom(reading, back):
            return False
        if any(p.value == "from" and p.end == back + 1 for p in reading.lexicon.preps.at(reading.tokens, reading.variants, back)):
            return back < at - 1 and not _is_place(reading, back + 1)  # "from Tehran to Ankara": to it
    return False


def _with_whom(reading: Reading, at: int) -> bool:
    """``встретился с премьером Катара в Дохе``: behind a verb of meeting, or before a title, the word says with whom."""
    if reading.tokens[at].text not in _WITH_OR_FROM:
        return False
    met = any(e.start <= at <= e.end and e.value[0] in _MEETS for c in reading.clauses for e in c.events)
    return met or any(w.start == at + 1 for c in reading.clauses for w in c.who)


def _is_place(reading: Reading, at: int) -> bool:
    return any(n.start == at and n.value.kind in ("city", "venue", "country") for c in reading.clauses for n in c.names)


def _names_a_process(reading: Reading, name: Found[Name]) -> bool:
    """``the Astana format``, ``процесс Астана``: a city that something is called after."""
    after, before = reading.tokens[name.end : name.end + 1], reading.tokens[max(0, name.start - 1) : name.start]
    if any(t.text.startswith(_PROCESSES) for t in after) and not reading.tokens[name.end - 1].suffix:
        return True
    return reading.language in _PROCESS_BEFORE and any(t.text.removeprefix("ال").startswith(_PROCESSES) for t in before)


def _is_country(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """A word that serves for the adjective and the country is a place in a case of place (``Rusya'da``), or as a noun (``ОАЭ``)."""
    if name.value.capital and not any(w.start == name.end for w in clause.who):
        return reading.language not in INTO
    return reading.language in INTO and bool(reading.tokens[name.end - 1].suffix)


def role(reading: Reading, clause: Clause, name: Found[Name]) -> Role:
    """Whether a place is where or whereto, wherefrom, what it was about, or none of these (a government's seat, a subject)."""
    if name.value.kind in ("country", "demonym") and _compound(reading, name):
        return ""
    by_case = _case(reading, name)
    if by_case is not None:
        return by_case
    best: Role = ""
    distance = 0
    i = name.start - 1
    while i >= clause.start and distance < _REACH and reading.tokens[i].text not in _STOPS:
        if _of_a_field(reading, clause, i):
            distance += 1
            i -= 1
            continue
        ending = _preposition(reading, clause, i)
        if ending is not None:
            if ending == "topic" and reading.has_comma(i + 1, name.start):
                break  # "on the first day, Tashkent on the second"
            if ending == "topic" and any(t.text.startswith(_SIGNS) for t in reading.tokens[max(clause.start, i - _LEFT_REACH) : i]):
                return "in"  # "signed a truce in Pretoria"
            return "topic" if ending == "in" and _not_there(reading, clause, i) else ending
        if any(d.start <= i < d.end for d in clause.dates) and distance:
            break  # "on Tuesday and Doha"
        if _breaks(clause, i) or (reading.tokens[i].text == "-" and reading.tokens[i].start > reading.tokens[i - 1].end):
            break
        distance += reading.tokens[i].text not in _KINDS
        i -= 1
    return best


def _of_a_field(reading: Reading, clause: Clause, i: int) -> bool:
    """``en el aeropuerto de Barajas``: the word that joins a field to its name says nothing of where one went."""
    if reading.tokens[i].text not in _JOIN_NAMES:
        return False
    before = i - 1
    if before > clause.start and reading.tokens[before].text.startswith(_OF_A_KIND):
        before -= 1
    return before >= clause.start and reading.tokens[before].text.startswith(_FIELDS)


def _compound(reading: Reading, name: Found[Name]) -> bool:
    """``im Taiwan-Konflikt``: the first part of a longer word."""
    after = reading.tokens[name.end : name.end + 2]
    return len(after) == 2 and after[0].text == "-" and after[0].start == reading.tokens[name.end - 1].end == after[1].start - 1


def _not_there(reading: Reading, clause: Clause, i: int) -> bool:
    """``not in Beijing``, ``а не в Пекине``: the word before the preposition that ends at token ``i``."""
    return i - 1 >= clause.start and reading.tokens[i - 1].text in _NOT


def _preposition(reading: Reading, clause: Clause, i: int) -> Role | None:
    """The role that words ending at token ``i`` give to what follows."""
    for length in (5, 4, 3, 2, 1):
        first = i - length + 1
        if first < clause.start:
            continue
        for found in reading.lexicon.preps.at(reading.tokens, reading.variants, first):
            if found.end == i + 1:
                return "in" if found.value == "in" else "from" if found.value == "from" else "topic" if found.value == "topic" else ""
    return None


def _breaks(clause: Clause, i: int) -> bool:
    """Words that a preposition does not reach across."""
    if any(e.start <= i < e.end for e in clause.events):
        return True
    return any(n.start <= i < n.end and n.value.kind not in ("country", "demonym") for n in clause.names)


def _case(reading: Reading, name: Found[Name]) -> Role | None:
    """The role that the name's own ending or particle gives; None where the language does not say it that way."""
    if name.particle:
        if name.particle in _INTO_PARTICLES:
            return "in"
        if name.particle in _FROM_PARTICLES:
            return "from"
    into = INTO.get(reading.language)
    if into is None:
        return "in" if name.value.kind == "venue" and _listed_with_in(reading, name) and not name.value.airport else None
    if (hyphened := _hyphened(reading, name)) in into:
        return "in"
    if hyphened in OUT_OF[reading.language]:
        return "from"
    kind = _kind_word(reading, name)
    last = _field_word(reading, name) or reading.tokens[name.end - 1]
    ending = (
        _ending(kind.text, reading)
        if kind
        else last.suffix or ("" if last.text in nominatives(reading.language) else _ending(last.text, reading))
    )
    if ending in into:
        return "in"
    if ending in OUT_OF[reading.language]:
        return "from"
    return ""


def _listed_with_in(reading: Reading, name: Found[Name]) -> bool:
    """A house that the list has with its preposition: ``au Kremlin``, ``בקרמלין``."""
    written = reading.quote(name.start, name.end)[0]
    return " " in written or (reading.language == "he" and written.startswith("ב"))


def _hyphened(reading: Reading, name: Found[Name]) -> str:
    """The ending that Hungarian writes to a foreign name with a hyphen: ``Anchorage-ban``."""
    after = reading.tokens[name.end : name.end + 2]
    joined = len(after) == 2 and after[0].text == "-" and reading.tokens[name.end - 1].end == after[0].start == after[1].start - 1
    return after[1].text if joined and reading.language == "hu" else ""


def _kind_word(reading: Reading, name: Found[Name]) -> Token | None:
    """The word for a town that takes its ending: ``Cidde kentinde``, ``Rzeszów şehrinden``."""
    if reading.language != "tr" or reading.tokens[name.end - 1].suffix or name.end >= len(reading.tokens):
        return None
    after = reading.tokens[name.end]
    return after if after.text.startswith(_KIND_WORDS) else None


def _field_word(reading: Reading, name: Found[Name]) -> Token | None:
    """The word for an airport or a house that takes the ending of the name before it: ``Şam Uluslararası Havalimanı'na``."""
    following = reading.tokens[name.end : name.end + 3]
    if reading.tokens[name.end - 1].suffix:
        return None
    return next((t for t in following if t.text.startswith(_FIELD_WORDS) and t.suffix), None)


def _ending(written: str, reading: Reading) -> str:
    """The ending written on to a name without an apostrophe."""
    cases = sorted(INTO[reading.language] | OUT_OF[reading.language], key=len, reverse=True)
    return next((c for c in cases if len(c) > 1 and written.endswith(c) and len(written) - len(c) >= 3), "")


def _listed_together(found: list[Spot], reading: Reading, dates: tuple[DateSpan, ...]) -> list[Spot]:
    """``to Riyadh, Doha and Abu Dhabi``: the later ones of a list have the role of the first (of the last, where cases end it)."""
    out = list(found)
    order = range(len(out) - 2, -1, -1) if reading.language in INTO else range(1, len(out))
    for i in order:
        j = i + 1 if reading.language in INTO else i - 1
        a, b = min(i, j), max(i, j)
        dated = {k for d in dates for k in range(d.start - 1, d.end)}
        between = [reading.tokens[k].text for k in range(out[a].end, out[b].start) if k not in dated]
        if between == [","] and out[a].city and not out[b].city and out[a].country != out[b].country:
            continue  # "talks in Pretoria, Ethiopia's government": no list
        if out[i].role == "" and out[j].role in ("in", "from") and between and len(between) <= 3 and all(w in _JOINS for w in between):
            s = out[i]
            out[i] = Spot(s.city, s.country, out[j].role, s.start, s.end, s.airport)
    return out


_JOINS: Final = frozenset(
    (",", "and", "ve", "и", "та", "і", "y", "e", "et", "und", "i", "oraz", "és", "es", "en", "dhe", "then", "затем", "sonra", "puis")
)

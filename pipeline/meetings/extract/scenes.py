"""Places that a text names without anything having happened there: where somebody spoke, who wrote from where, what stands in quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading

#: What may stand between a word of saying and the place where it was said: "told reporters in Ankara".
_HEARERS: Final = frozenset(
    (
        "reporters", "journalists", "lawmakers", "parliament", "media", "press", "the", "late", "also", "in", "at", "to", "a",
        "журналистам", "репортерам", "в", "на", "брифинге", "قال", "للصحفيين", "للصحافيين", "في", "journalisten", "vor", "journalistes",
        "aux", "a", "los", "periodistas", "en", "dziennikarzom", "w", "z", "журналістам", "у", "לעיתונאים", "ב",
    )
)  # fmt: skip
_MAX_HEARERS: Final = 4
#: Quotation marks this near together (characters) around a word for an airfield hold its name.
_LONGEST_TITLE: Final = 50
_FIELD_IN_TITLE: Final = re.compile(
    r"(?i)airport|air ?base|a[ée]roport|aeropuerto|flughafen|аэропорт|аэродром|аеропорт|авиабаз|havaliman|lotnisk|مطار|repülőtér"
)
#: Who may speak from a place, between it and the word of saying: "in Kyiv officials said".
_SPEAKERS: Final = frozenset(
    (
        "officials", "diplomats", "analysts", "sources", "experts", "authorities", "also", "officiels", "behorden", "diplomaten",
        "официально", "уже", "позже", "власти", "также", "тогда", "yetkililer", "kaynaklar", "مسؤولون", "مصادر",
    )
)  # fmt: skip
_MAX_SPEAKERS: Final = 2
_SPEAKER_REACH: Final = 2
#: A verb of the event so near before a place takes it: "the two who met in Sochi said".
_EVENT_REACH: Final = 3
#: Where those who write of the affairs of others sit.
NEWSROOMS: Final = frozenset(
    ("London", "Washington", "New York City", "Paris", "Brussels", "Berlin", "Moscow", "Kyiv", "Istanbul", "Dubai", "Beirut", "Cairo",
     "Amman", "Jerusalem", "Nicosia", "Nairobi", "Hong Kong", "Tbilisi", "Warsaw", "Vienna", "Rome", "Johannesburg", "Mexico City")
)  # fmt: skip
#: A word that opens the line of who wrote it.
_BY: Final = frozenset(("by", "von", "par", "por"))
_BYLINE_REACH: Final = 8
#: Beginnings of the words for a press conference, words that are one of its parts, how far before its city, and what makes it one of both.
_PRESS: Final = (
    "news", "briefing", "pressekonferenz", "пресс-конференц", "прес-конференц", "брифинг", "sajtotajekoz", "صحفي", "صحافي",
    "persconferenti",
)  # fmt: skip
_PRESS_WORDS: Final = frozenset(("press", "presse", "prensa", "prasowej", "basin", "пресс", "прес", "עיתונאים", "stampa"))
_PRESS_REACH: Final = 4
_JOINT: Final = (
    "joint", "ortak", "совместн", "спільн", "gemeinsam", "conjoint", "commun", "conjunt", "wspoln", "kozos", "مشترك", "משותפת",
    "congiunt", "gezamenlijk",
)  # fmt: skip
_OFFICES: Final = ("bakanli", "yetkili", "kaynak", "hukumet", "yonetim", "buyukelci", "diplomat", "sozcu")
#: Words of saying that are also what somebody does at the meeting itself.
_ALSO_THERE: Final = frozenset(("speaking", "statement", "تصريح", "asked", "konustu", "konusan", "заявлени"))


def in_quotes(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """Inside quoted speech that tells of no event of its own: "the ball is in Moscow's court"."""
    token = reading.tokens[name.start]
    span = next((s for s in reading.quoted if s[0] <= token.start < s[1]), None)
    if span is not None and span[1] - span[0] <= _LONGEST_TITLE and _FIELD_IN_TITLE.search(reading.text[span[0] : span[1]]):
        return False  # «Национальный аэропорт Минск»: a field's own name, not speech
    if span is not None and name.value.kind == "venue" and reading.tokens[name.end - 1].end >= span[1] - 1 and token.start <= span[0] + 1:
        return False  # «Бочаров ручей»: the name of a house
    return span is not None and not any(span[0] <= reading.tokens[e.start].start < span[1] for e in clause.events)


def in_byline(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """``By our correspondent in Istanbul - …``, at the beginning of a line."""
    first = clause.start
    opens = first == 0 or "\n" in reading.text[reading.tokens[first - 1].end : reading.tokens[first].start]
    if not opens or reading.tokens[first].text not in _BY or name.start - first > _BYLINE_REACH:
        return False
    ends = any(t.text in "-:" for t in reading.tokens[name.end : name.end + 3])
    return all(e.start > name.start for e in clause.events) and (ends or not clause.events)


def only_said_there(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """``his office said in Ankara``, ``officials in Washington said``, ``в Анкаре заявили``; not where a guest said it: he was there."""
    if _at_a_press_conference(reading, clause, name) or _adjective_of_who_speaks(reading, name):
        return True
    dated = {i for d in clause.dates for i in range(d.start, d.end)}
    for cue in clause.cue("say"):
        if name.start - cue.end > _MAX_HEARERS + len(dated) or cue.start - name.end > _MAX_SPEAKERS:
            continue  # too far: a sentence without an end has thousands of both
        if any(t.text.startswith(tuple(_ALSO_THERE)) for t in reading.tokens[cue.start : cue.end]):
            continue
        if cue.end <= name.start:
            between = [reading.tokens[i] for i in range(cue.end, name.start) if i not in dated]
            if (
                len(between) <= _MAX_HEARERS
                and all(t.text in _HEARERS for t in between)
                and not _guest(reading, clause, cue, name.value.state)
            ):
                return True
        elif name.end <= cue.start:
            between = reading.tokens[name.end : cue.start]
            near = all(t.text in _SPEAKERS for t in between)
            told = any(0 <= name.start - e.end <= _EVENT_REACH for e in clause.events)
            if near and not told:
                return True
    return False


def _at_a_press_conference(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """``At a news conference in Berlin, he said``, ``Berlin'deki basın toplantısında``; a joint one is where they met."""
    before = [t.text for t in reading.tokens[max(clause.start, name.start - _PRESS_REACH) : name.start]]
    after = [t.text for t in reading.tokens[name.end : name.end + 3]] if reading.language in ("tr", "hu") else []
    near = [*before, *after]
    return any(w in _PRESS_WORDS or w.startswith(_PRESS) for w in near) and not any(w.startswith(_JOINT) for w in near)


def _adjective_of_who_speaks(reading: Reading, name: Found[Name]) -> bool:
    """``Kudüs'teki bakanlık``: an office in a city tells of something that was elsewhere."""
    if reading.language != "tr" or reading.tokens[name.end - 1].suffix not in ("daki", "deki", "taki", "teki"):
        return False
    return any(t.text.startswith(_OFFICES) for t in reading.tokens[name.end : name.end + 1])


def _guest(reading: Reading, clause: Clause, cue: Found[str], state: str) -> bool:
    """Whether the one named right before a word of saying is of another state than the place."""
    return any(
        0 <= cue.start - n.end <= _SPEAKER_REACH
        and not reading.has_comma(n.end, cue.start)
        and n.value.state not in ("", state)
        and n.value.kind in ("person", "demonym", "country")
        for n in clause.names
    )


def elsewhere(reading: Reading, clause: Clause, start: int, end: int) -> bool:
    """``In Damascus, he called it …``: a place that opens a sentence without an event, before its comma, is another scene."""
    tokens: Sequence[Token] = reading.tokens
    return not clause.events and start - clause.start <= 1 and end < len(tokens) and tokens[end].text == ","

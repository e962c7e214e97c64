"""Which verb of a sentence a date goes with: it belongs to its own part of the sentence, and parts that hang on a noun tell of others."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.telling import and_glued

#: Words that begin a part of a sentence which says what somebody or something is, does or did besides.
_RELATIVE: Final = frozenset(
    ("which", "who", "whose", "whom", "because", "although", "though", "whereas", "unless",
     "чей", "чья", "чье", "чьи", "чьего", "чьей", "хотя", "потому", "если", "чтобы", "хоча", "якщо", "щоб",
     "الذي", "التي", "الذين", "اللذان", "اللذين", "لان", "رغم",
     "dessen", "deren", "weil", "obwohl", "wenn", "dass", "qui", "dont", "lequel", "laquelle", "puisque", "parce", "quien", "quienes",
     "cuyo", "cuya", "aunque", "porque", "poniewaz", "choc", "jesli", "hogy", "mert", "אשר", "cui", "perche", "omdat", "hoewel")
)  # fmt: skip
#: The same, by their beginnings.
_RELATIVE_STEMS: Final = ("котор", "якии", "яка", "яке", "який", "які", "якого", "якои", "якої", "ktor", "amely", "akik", "akit", "akinek")
#: Only after a comma.
_AFTER_COMMA: Final = frozenset(
    ("as", "since", "that", "der", "die", "das", "den", "dem", "denen", "que", "что", "що", "ze", "aki", "ami", "וש", "כי", "when",
     "когда", "коли", "als", "gdy", "amikor", "lorsque", "quand", "cuando")
)  # fmt: skip
#: Words that, after a comma, begin a part with a verb of its own.
_JOINED: Final = frozenset(
    ("and", "but", "while", "then",
     "а", "но", "и", "затем", "та", "але", "і", "й", "und", "aber", "dann", "et", "mais", "puis", "y", "pero",
     "luego", "a", "i", "ale", "potem", "es", "de", "majd", "ثم", "لكن", "אך", "אבל")
)  # fmt: skip
#: The same where a day before it says that the part has one of its own.
_AND: Final = frozenset(("and", "и", "та", "і", "й", "und", "et", "y", "e", "i", "es", "en", "majd"))
#: In these a comma alone parts two sentences.
_COMMA_JOINS: Final = frozenset({"pl", "hu", "ru", "uk"})
_WHO_AND_WHERE: Final = ("person", "city", "venue", "seat", "country", "demonym")
_CONTINUES: Final = ("продолж", "возобнов", "продовж", "віднов", "continu", "resum", "fortges", "weiter", "poursuiv", "repren", "kontynu",
                     "devam", "folytat", "reanud", "prosig", "ימשכ", "ימשיכ", "תתחדש")  # fmt: skip
_MIN_OWN: Final = 3
_OWN_WORDS: Final = 2
#: Participles, by their endings, that begin such a part after a comma: "случившееся там же пять дней назад".
_PARTICIPLE_AFTER_COMMA: Final = {
    "ru": ("вшии", "вшая", "вшее", "вшие", "вшего", "вшеи", "вших", "вшую", "вшим", "вшаяся", "вшееся", "вшиеся", "вшиися", "вшегося",
           "ющии", "ющая", "ющее", "ющие", "ющего", "ющеи", "ющих", "нныи", "нная", "нное", "нные", "нного", "ннои", "нных", "нную"),
    "uk": ("нии", "ного", "нои", "них", "вшии", "чии"),
    "pl": ("jacy", "jaca", "jace", "jacego", "jacej", "jacych", "any", "ana", "ane", "anego", "anej", "anych"),
}  # fmt: skip
_MIN_WORD: Final = 7
#: In these the verb ends its part of the sentence, and a participle ends one that hangs on a noun: "savaşın başladığı".
_VERB_LAST: Final = frozenset({"tr"})
_PARTICIPLES: Final = (
    "layan", "leyen", "lan", "len", "nan", "nen", "ayan", "eyen", "iyen", "uyan", "aran", "eren", "uran", "iren", "iran", "digi", "dugu",
    "tigi", "tugu", "acagi", "ecegi",
)  # fmt: skip
_MIN_PARTICIPLE: Final = 6
_OF_AN_EVENT: Final = 2
#: Verbs of beginning and of ending, by their beginnings.
_BEGUN: Final = (
    "began", "begun", "start", "opened", "kicked", "basla", "нача", "откры", "поча", "розпоча", "بدا", "انطلق", "begann", "begonnen",
    "gestartet", "eroffnet", "commenc", "debut", "ouvert", "entam", "comenz", "empez", "inici", "rozpocz", "zacz",
)  # fmt: skip
_ENDED: Final = (
    "ended", "conclu", "wrapped", "finish", "closed", "заверш", "закончи", "окончи", "закінчи", "tamamla", "sona", "biten", "bitti",
    "انته", "اختتم", "endet", "beendet", "abgeschlossen", "acheve", "termin", "clos", "finaliz", "zakoncz",
)  # fmt: skip
#: So many words at most stand between such a verb and its day, and between the two verbs.
_BESIDE_ITS_VERB: Final = 4
_FROM_BEGIN_TO_END: Final = 9


def hangs_on_a_noun(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """``whose country has presided since 1 July``, ``as a balloon went down in February``: a part of its own that tells of no meeting."""
    if _begins_what_ended(reading, clause, span):
        return False
    if reading.language in _VERB_LAST:
        return _before_a_participle(reading, clause, span)
    first = _opening(reading, clause, span.start)
    if first is None:
        return False
    end = next((i for i in range(span.end, clause.end) if reading.tokens[i].text in ",;:()"), clause.end)
    return not any(e.end > first and e.start < end for e in clause.events)


def _begins_what_ended(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """``the talks, which began on Saturday and ended today``: each of two days has its verb, of beginning and of ending."""
    days = [d for d in clause.dates if d.kind in ("day", "weekday", "offset")]
    for one, other in pairwise(days):
        if span not in (one, other):
            continue
        begun, ended = (_near(reading, clause, d, words) for d, words in ((one, _BEGUN), (other, _ENDED)))
        if begun is not None and ended is not None and begun < ended <= begun + _FROM_BEGIN_TO_END:
            # not "met him on Tuesday after an exercise that began on 1 June and ended on Sunday"
            return bool(clause.events) and all(e.value[0] in ("meet", "summit") and e.value[1] == "noun" for e in clause.events)
    return False


def _near(reading: Reading, clause: Clause, span: DateSpan, words: tuple[str, ...]) -> int | None:
    """Where a word that begins so stands beside a day."""
    around = range(max(clause.start, span.start - _BESIDE_ITS_VERB), min(clause.end, span.end + _BESIDE_ITS_VERB))
    found = [i for i in around if not span.start <= i < span.end and reading.tokens[i].text.startswith(words)]
    return min(found, key=lambda i: abs(i - span.start), default=None)


def in_an_aside(reading: Reading, clause: Clause, at: int) -> bool:
    """Whether token ``at`` stands in a part of the sentence that a word of relation or a participle opens after a comma."""
    return _opening(reading, clause, at) is not None


def _opening(reading: Reading, clause: Clause, at: int) -> int | None:
    """Where the part of the sentence that holds token ``at`` begins, when a word of relation opens it."""
    for i in range(at - 1, clause.start, -1):
        text = reading.tokens[i].text
        after_comma = reading.tokens[i - 1].text == ","
        participle = len(text) >= _MIN_WORD and text.endswith(_PARTICIPLE_AFTER_COMMA.get(reading.language, ("\0",)))
        if text in _RELATIVE or text.startswith(_RELATIVE_STEMS) or (after_comma and (participle or text in _AFTER_COMMA)):
            told = any(0 <= i - e.end <= _OF_AN_EVENT for e in clause.events)  # "the talks which began on Monday"
            return None if told else i
        if text in ",;:()":
            return None
    return None


def _before_a_participle(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    for i in range(span.end, clause.end):
        token = reading.tokens[i]
        if any(e.start <= i < e.end for e in clause.events) or token.text in ",;:()":
            return False
        if not token.capital and len(token.text) >= _MIN_PARTICIPLE and token.text.endswith(_PARTICIPLES):
            return not any(0 <= e.start - i - 1 <= _OF_AN_EVENT for e in clause.events)  # "pazar günü yapılan görüşme"
    return False


def goes_on(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """``met senators that day, and on Saturday made a speech``: a part of its own, behind a comma and "and", that tells of no meeting.

    Where another day stands before it, "and" or the comma is enough: "met him on Tuesday and will brief reporters on Friday".
    """
    if _near(reading, clause, span, _ENDED) is not None:
        return False  # "began on Saturday and ended today"
    dated = any(d.end <= span.start and d.kind != "length" for d in clause.dates)
    told = [e for e in clause.events if e.end <= span.start]
    if reading.language in _VERB_LAST:
        after = any(reading.tokens[i].text == "," for i in range(told[-1].end, span.start)) if told else False
        return dated and after and not any(e.start >= span.end for e in clause.events)
    for i in range(span.start - 1, clause.start, -1):
        text = reading.tokens[i].text
        comma = text == "," and dated and reading.language in _COMMA_JOINS
        if text in _JOINED and reading.tokens[i - 1].text == ",":
            return not any(e.end > i for e in clause.events)
        joined = dated and bool(told) and (text in _AND or and_glued(reading, i)) and not comma
        if (joined or comma) and told and told[0].start < i and any(d.end <= i for d in clause.dates):
            if any(d.start < i < d.end for d in clause.dates):
                return False
            return _tells_of_no_meeting(reading, clause, i, span)
        if text in ",;:()":
            return False
    return False


def _tells_of_no_meeting(reading: Reading, clause: Clause, at: int, span: DateSpan) -> bool:
    """A part that begins at ``at`` with no event, no place and nobody, and more words than its day."""
    if any(e.end > at for e in clause.events) or any(t.text.startswith(_CONTINUES) for t in reading.tokens[at : clause.end]):
        return False
    if any(n.start >= at and n.value.kind in _WHO_AND_WHERE for n in clause.names):
        return False
    glued = and_glued(reading, at)
    own = [i for i in range(at + (not glued), clause.end) if not span.start <= i < span.end and reading.tokens[i].is_word]
    return len([i for i in own if len(reading.tokens[i].text) >= _MIN_OWN]) >= _OWN_WORDS

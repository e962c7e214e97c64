"""Whether a date of a clause is of its event, not of when it was said or planned for, and in what tense it is to be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.whereabouts import Event

_VERB_TENSES: Final = frozenset(("past", "present", "future", "back"))
#: In these the verb ends the sentence.
_VERB_LAST: Final = frozenset({"tr"})
#: In these the present tense does not tell what was.
_PRESENT_AHEAD: Final = frozenset({"tr", "ru", "ar", "uk", "pl", "de", "nl", "hu", "he"})
#: With these a form of the present is a participle: "ist in Berlin empfangen worden".
_WAS_DONE: Final = frozenset(("worden", "wurde", "wurden"))
#: Words of a plan, by their beginnings, that a day which was meant stands beside.
_PLANNED: Final = (
    "planned", "scheduled", "slated", "originally", "намечен", "запланирован", "назначен", "планировавш", "planlan", "geplant",
    "angesetzt", "prevu", "previst", "запланован", "призначен", "planowan", "المقرر", "مقرره", "tervez", "kituz", "שתוכנ", "שנקבע",
    "מתוכננ", "programad",
)  # fmt: skip
_BESIDE: Final = 2
#: "prevista para el": short words may stand between.
_SHORT: Final = 4
#: Words that lead from who said it, and when, to what was said.
THAT: Final = frozenset(("that", "ان", "بان", "что", "що", "ze", "que", "dass", "hogy", "mit", "כי", "ש", "che", "dat"))
_SAID_REACH: Final = 6
#: Words that join a part with a verb of its own, and what stands on a verb for one.
AND: Final = frozenset(
    ("and", "but", "then", "и", "а", "затем", "та", "і", "й", "und", "dann", "et", "puis", "y", "e", "i", "a", "potem", "es", "majd", "en",
     "ثم")
)  # fmt: skip
_AND_GLUED: Final = {"ar": ("و", "ف"), "he": ("ו",)}
#: Words that begin with that letter themselves, by their beginnings: "arrived", "agreed", "minister", "conference".
_NO_AND: Final = (
    "وصل", "وقع", "واف", "وجه", "ودع", "واصل", "وضع", "ورد", "وزير", "وزرا", "وفد", "وفود", "واشنطن", "وكال", "وساط", "وثيق", "وقت",
    "وسط", "وحد", "وعد", "ولي", "وارسو", "في", "فيدان", "فلاديمير", "فيين", "ועידה", "ועידת", "ועד", "וושינגטון", "ורשה", "וינה", "ותיקן",
    "ולדימיר",
)  # fmt: skip
_SHOULD: Final = frozenset(("soll", "sollen", "zou", "zouden"))
_HAVE: Final = frozenset(("haben", "sein", "hebben", "zijn"))
#: A word behind a date counts as if so many words farther, the second where a verb before it has that date.
_LATER: Final = 4
_OWNED: Final = 12
#: Before a day that something is meant for.
_FOR_DAY: Final = frozenset(("fur", "for", "pour", "para", "per", "на", "na"))
#: So many words stand between such a word and its verb at most: "and then also met".
_OPENS: Final = 2
#: Before the day that something was moved to; in Turkish the endings of such a day.
_TO: Final = frozenset(
    ("to", "until", "till", "for", "на", "до", "الي", "حتي", "auf", "bis", "a", "au", "al", "para", "hasta", "na", "do", "op", "tot",
     "עד", "ל")
)  # fmt: skip
_TO_ENDINGS: Final = ("maya", "baya", "beye", "iye", "liya", "pazara")
_TO_SUFFIXES: Final = frozenset(("a", "e", "ya", "ye"))
_MOVED_REACH: Final = 4
#: Where the verb opens the sentence its day may be far behind; where it closes it, the day stands before it.
_VERB_FIRST: Final = frozenset({"ar"})
_VERB_FIRST_REACH: Final = 12
_VERB_CLOSES: Final = frozenset({"tr", "de", "nl", "hu"})
#: In these an ending says what elsewhere a preposition does.
_ENDINGS_SAY: Final = frozenset({"tr", "hu"})
_HU_TO: Final = ("ra", "re")
#: Before a noun that looks like a verb.
_FOR: Final = frozenset(("for", "of", "in", "into", "after", "pour", "para", "per"))


def date_tense(reading: Reading, clause: Clause, span: DateSpan, tense: str) -> str:
    """The tense by which a date is read; in many languages the present is of today and what is to come, never of what was."""
    found = _nearest_tense(reading, clause, span, tense)
    if found == "noun" and (_follows_today(clause, span) or _meant_for(reading, clause, span)):
        return "future"
    if found != "present" or reading.language not in _PRESENT_AHEAD:
        return found
    return "past" if any(t.text in _WAS_DONE for t in reading.tokens[clause.start : clause.end]) else "future"


def _follows_today(clause: Clause, span: DateSpan) -> bool:
    """``dinner today and full talks on Tuesday``: a day told after that of publication, or a later one, is to come."""
    return span.kind == "weekday" and any(
        d.kind == "offset" and d.number >= 0 and d.base is None and not d.told_from_base and d.end <= span.start for d in clause.dates
    )


def _meant_for(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """``kündigte für Mittwoch die nächste Runde an``: a weekday that something is announced for."""
    before = reading.tokens[max(clause.start, span.start - 2) : span.start]
    return span.kind == "weekday" and any(t.text in _FOR_DAY for t in before)


def _hearsay(reading: Reading, clause: Clause) -> bool:
    """``soll am Sonntag nach Neom geflogen sein``: German tells so of what is said to have happened."""
    if reading.language not in ("de", "nl"):
        return False
    words = [t.text for t in reading.tokens[clause.start : clause.end]]
    done = [e.end - clause.start for e in clause.events if e.value[1] == "past"]
    return any(w in _SHOULD for w in words) and any(w in _HAVE for end in done for w in words[end : end + 1])


def _nearest_tense(reading: Reading, clause: Clause, span: DateSpan, tense: str) -> str:
    """The tense of the word nearest to a date: "landed on Thursday and was due to meet him on Friday" has two."""
    ahead = [] if _hearsay(reading, clause) else clause.cue("future")
    verbs = [e for e in clause.events if e.value[1] in _VERB_TENSES]
    told = [e for e in verbs if not (e.value[1] == "present" and reading.tokens[max(0, e.start - 1)].text in _FOR)]  # "for talks with"
    near = [
        (distance(e.start, e.end, span), e.start >= span.end, _tense_of(clause, e), parted(reading, clause, e, span)) for e in told or verbs
    ]
    near += [
        (distance(c.start, c.end, span) + _behind(reading, clause, c, span), c.start >= span.end, "future", _begins(reading, c, span))
        for c in ahead
        if not _overlaps(c, span)
    ]
    near += [
        (distance(c.start, c.end, span), c.start >= span.end, "present", _begins(reading, c, span))
        for c in clause.cue("taking_place")  # "the talks open in Istanbul on Wednesday": the noun itself has no tense
    ]
    # "landed on Sunday, coming from Baghdad, and will meet him today": a verb that no comma parts from the date, where there is one
    near = [n for n in near if not n[3]] or near
    return min(near, default=(0, False, tense))[2]  # "was in Ankara on Monday to meet him": of two as near the one before it


def parted(reading: Reading, clause: Clause, event: Event, span: DateSpan) -> bool:
    """Whether a date stands in another part of the sentence than a verb: a comma is between them, or "and" right before the verb."""
    if _comma(reading, event.start, event.end, span):
        return True
    if event.value[1] not in _VERB_TENSES:
        return False
    if reading.language in _VERB_LAST:  # behind the verb something else begins
        return event.end <= span.start and any(e.start >= span.end and e.value[1] in _VERB_TENSES for e in clause.events)
    return _begins(reading, event, span)


def _behind(reading: Reading, clause: Clause, word: Found[Any], span: DateSpan) -> int:
    """How much farther a word behind a date counts; most where the date has its verb: "met him in Paris on Tuesday to discuss"."""
    if word.start < span.end:
        return 0
    led = [e for e in clause.events if e.value[1] in _VERB_TENSES and e.end <= span.start and reading.language not in _VERB_LAST]
    own = led and not any(t.text == "," or t.text in AND for t in reading.tokens[led[-1].end : span.start])
    return _OWNED if own else _LATER


def and_glued(reading: Reading, i: int) -> bool:
    """Whether the word at token ``i`` has "and" written on to it: "والتقى", but not "وصل"."""
    text = reading.tokens[i].text
    return text.startswith(_AND_GLUED.get(reading.language, "\0")) and not text.startswith(_NO_AND)


def _begins(reading: Reading, word: Found[Any], span: DateSpan) -> bool:
    """Whether a word behind a date begins another part of the sentence than the date's: "… on Monday and will meet"."""
    if _comma(reading, word.start, word.end, span):
        return True
    if word.start < span.end:
        return False
    opens = reading.tokens[max(span.end, word.start - _OPENS) : word.start]
    return and_glued(reading, word.start) or any(t.text in AND for t in opens)


def _tense_of(clause: Clause, event: Event) -> str:
    """A bare verb right after a word of the future is of the future: "was due to meet"."""
    tense = event.value[1]
    if tense == "present" and any(0 <= event.start - c.end <= 3 or c.start <= event.start < c.end for c in clause.cue("future")):
        return "future"
    return "past" if tense == "back" else tense


def _overlaps(cue: Found[str], span: DateSpan) -> bool:
    return cue.start < span.end and span.start < cue.end


def said_on(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """A date of saying, not of meeting: next to a verb of saying and farther from the event."""
    if _before_that(reading, clause, span):
        return True
    silent = clause.cue("none")  # "without a statement"
    last = reading.language in _VERB_LAST
    says = [
        c
        for c in clause.cue("say")
        if not _overlaps(c, span) and not (last and c.end <= span.start) and not any(0 <= c.start - n.end <= 1 for n in silent)
    ]
    if not says:
        return False
    nearest_say = min(says, key=lambda c: distance(c.start, c.end, span))
    say = distance(nearest_say.start, nearest_say.end, span)
    event = min((distance(e.start, e.end, span) + 3 * _comma(reading, e.start, e.end, span) for e in clause.events), default=99)
    return say <= 3 and say < event and not _comma(reading, nearest_say.start, nearest_say.end, span)


def planned_for(reading: Reading, span: DateSpan) -> bool:
    """``planned for Monday, was held on Tuesday``: the day that it had been meant for."""
    reach = _BESIDE + all(len(t.text) <= _SHORT for t in reading.tokens[max(0, span.start - _BESIDE) : span.start])
    before: list[Token] = []
    for token in reversed(reading.tokens[max(0, span.start - reach) : span.start]):
        if not token.is_word:
            break  # "As planned, on Monday he met"
        before.append(token)
    after = reading.tokens[span.end : span.end + _BESIDE + 1] if reading.language in _ENDINGS_SAY else []
    return any(t.text.startswith(_PLANNED) for t in (*before, *after))


def moved_to(reading: Reading, clause: Clause) -> DateSpan | None:
    """``talks have been moved to Friday``, ``görüşme cumaya ertelendi``: the new day of what was put off, None when none is named."""
    if any(e.value[1] == "past" and e.value[0] in ("meet", "receive") for e in clause.events):
        return None
    for span in clause.dates:
        if span.kind not in ("day", "weekday", "offset"):
            continue
        beside = [c for c in (*clause.cue("postpone"), *clause.cue("moved")) if _moves(reading, c, span)]
        if any(_is_goal(reading, c, span) for c in beside):
            return replace(span, day=span.day2 or span.day, month=span.month2 or span.month, day2=0, month2=0,
                           number=span.number2 if span.number2 >= 0 else span.number, number2=-1)  # fmt: skip
    return None


def _moves(reading: Reading, cue: Found[str], span: DateSpan) -> bool:
    """Not the day that what was put off had been planned for: "намеченная на пятницу, перенесена"."""
    after = reading.language in _VERB_CLOSES or cue.end <= span.start
    reach = _VERB_FIRST_REACH if reading.language in _VERB_FIRST else _MOVED_REACH
    near = distance(cue.start, cue.end, span) <= reach and not _comma(reading, cue.start, cue.end, span)
    return after and near and not planned_for(reading, span)


def _is_goal(reading: Reading, cue: Found[str], span: DateSpan) -> bool:
    """Whether "to" stands before a day (not in "a reporté vendredi"), or Turkish says so by its ending."""
    if reading.language == "hu":  # "szombatra", "június 20-ra"
        behind = [t.text for t in reading.tokens[span.end - 1 : span.end + 2]]
        return behind[0].endswith(_HU_TO) or (behind[1:2] == ["-"] and behind[-1] in _HU_TO)
    if reading.language == "he" and reading.tokens[span.start].text.startswith("ל"):
        return True
    if reading.language not in _VERB_LAST:
        first = max(cue.end - 1 if cue.end <= span.start else 0, span.start - 2)
        return any(t.text in _TO for t in reading.tokens[first : span.start])
    last, after = reading.tokens[span.end - 1], reading.tokens[span.end : span.end + 1]
    return last.suffix in _TO_SUFFIXES or last.text.endswith(_TO_ENDINGS) or any(t.text == "gunune" for t in after)


def _before_that(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """``said on Tuesday that``, ``teilte am Dienstag mit, …``; where verbs come last, right before it: ``salı günü açıkladı``."""
    if reading.language in _VERB_LAST:
        told = any(e.end <= span.start for e in clause.events)
        if _opens_for_the_end(reading, clause, span):
            return True
        return told and any(0 <= c.start - span.end <= 1 for c in clause.cue("say"))
    said = [c for c in clause.cue("say") if c.end <= span.start and not any(c.end <= e.start < span.start for e in clause.events)]
    after = [t.text for t in reading.tokens[span.end : span.end + 1]]
    told = any(e.start > span.end for e in clause.events)  # not "told him in Dushanbe on Thursday that he regretted it"
    return told and bool(said) and bool(after) and after[0] in THAT and span.start - said[-1].end <= _SAID_REACH


def _opens_for_the_end(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """``Yetkililer salı günü, … görüştüğünü açıkladı``: a comma behind the first day leaves it to the verb at the end."""
    last = max((e.end for e in clause.events), default=clause.end)
    behind = [t.text for t in reading.tokens[span.end : span.end + 2]]
    others = any(d.start > span.end and d.end <= last for d in clause.dates)
    return "," in behind and others and any(c.start >= last for c in clause.cue("say"))


def _comma(reading: Reading, start: int, end: int, span: DateSpan) -> bool:
    return reading.has_comma(min(end, span.end), max(start, span.start))


def distance(start: int, end: int, span: DateSpan) -> int:
    return span.start - end if end <= span.start else start - span.end if span.end <= start else 0

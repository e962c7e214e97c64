"""Dates of a clause that are of something else than what it tells: "the first since the coup of 15 July", "after the mutiny in June"."""

from __future__ import annotations

from datetime import date
from typing import Final

from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.resolve import resolve
from pipeline.model.extraction import Published

_AFTER: Final = frozenset(
    ("after", "following", "since", "до", "после", "с", "со", "після", "з", "nach", "seit", "depuis", "apres", "tras", "despues", "desde",
     "po", "od", "ota", "بعد", "منذ", "عقب", "אחרי", "לאחר", "מאז", "dopo", "dal", "sinds", "before", "avant", "antes", "vor", "перед")
)  # fmt: skip
#: Turkish and Hungarian say so behind: "15 Temmuz darbe girişiminden sonra".
_AFTER_BEHIND: Final = ("sonra", "itibaren", "oncesi", "once", "beri", "ardindan", "ota", "utan")
_REACH: Final = 7
#: "With" as well as "since": the latter only before a word of beginning ("с момента вторжения").
_WITH: Final = frozenset(("с", "со", "з"))
_BEGINNINGS: Final = ("момент", "нача", "почат", "врем", "вторж", "вторг", "избрани", "обранн", "приход", "последн", "останн")
_BEFORE: Final = frozenset(
    ("before", "avant", "antes", "vor", "перед", "до", "przed", "prior", "قبل", "قبيل", "לפני", "לקראת", "prima", "voor", "ahead")
)
_BEHIND: Final = {"tr": ("oncesi", "once"), "hu": ("elott",)}
#: Nearer to publication than this, "after the attack on Monday" may well say when they met.
_RECENT: Final = 10


def before_others(reading: Reading, clause: Clause, dates: list[DateSpan]) -> list[DateSpan]:
    """``Ahead of Sunday's summit he met him on Tuesday``, ``24 Haziran'daki zirve öncesi``: without the days of what came later,
    where another day is left."""
    if all(e.value[0] in ("visit", "land") for e in clause.events if e.value[1] != "noun"):
        return dates  # "landed on Sunday ahead of Tuesday's summit": the summit is what is told of
    return [d for d in dates if not _leads_to(reading, clause, d)] or dates


def _leads_to(reading: Reading, clause: Clause, span: DateSpan) -> bool:
    """Whether a word of before stands before what the date is the date of, with no verb and no comma between."""
    if reading.language in _BEHIND:
        following = reading.tokens[span.end : min(clause.end, span.end + _REACH)]
        at = next((k for k, t in enumerate(following) if t.text.startswith(_BEHIND[reading.language])), 0)
        verbs = any(e.value[1] != "noun" and e.start < span.end + at and e.end > span.end for e in clause.events)
        return at > 0 and not verbs and all(t.text != "," for t in following[:at])
    for i in range(span.start - 1, max(clause.start, span.start - 1 - _REACH) - 1, -1):
        token = reading.tokens[i]
        if token.text == "," or any(e.start <= i < e.end and e.value[1] != "noun" for e in clause.events):
            return False
        if token.text in _BEFORE:
            own = i == span.start - 1 and not reading.tokens[span.end - 1].suffix  # "before Sunday", but "before Sunday's summit"
            return not own
    return False


def of_something_else(reading: Reading, clause: Clause, span: DateSpan, day: date | None) -> bool:
    """Whether a word of after leads to the date, over what it is the date of, and that lies some time back."""
    if span.kind not in ("day", "month"):
        return False
    if day is not None:
        days = resolve(span, Published(day=day), "past")
        if days is None or (day - days.last).days <= _RECENT:
            return False
    if reading.language in ("tr", "hu"):
        following = [t.text for t in reading.tokens[span.end : min(clause.end, span.end + _REACH)]]
        return any(w.startswith(_AFTER_BEHIND) for w in following[1:])
    for i in range(span.start - 2, max(clause.start, span.start - 1 - _REACH) - 1, -1):
        token = reading.tokens[i]
        if token.text == "," or any(e.start <= i < e.end and e.value[1] != "noun" for e in clause.events):
            return False
        if token.text in _WITH and not reading.tokens[i + 1].text.startswith(_BEGINNINGS):
            continue
        if token.text in _AFTER:
            return True
    return False

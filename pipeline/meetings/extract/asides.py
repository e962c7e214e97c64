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
#: Nearer to publication than this, "after the attack on Monday" may well say when they met.
_RECENT: Final = 10


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
        if token.text in _AFTER:
            return True
    return False

"""A journey told as a list: places beside their days, "Monday Jeddah, Tuesday Doha", "Dushanbe on Monday and Tashkent on Tuesday"."""

from __future__ import annotations

from typing import Final

from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading

#: What may stand between a stop and its day.
_BETWEEN: Final = frozenset(
    (
        "in", "to", "on", "at", "the", "and", "nach", "am", "le", "el", "a", "au", "en", "es", "ve", "ise", "gunu", "в", "во", "на", "-",
        ":", "(", "у", "w", "we", "do", "ב", "ل", "في", "يوم", "ce", "este", "is", "will", "be", "ya", "ye", "за",
    )
)  # fmt: skip
_REACH: Final = 3
_PLACES: Final = ("city", "venue")
_DAYS: Final = ("day", "weekday", "offset")


def days_of_stops(reading: Reading, sentence: Clause) -> dict[int, DateSpan]:
    """The day beside each city of a list of at least two that have one, by the token where the city begins; else nothing.

    Either every day stands before its city or every one behind it; which, the first of the list says.
    """
    cities = [n for n in sentence.names if n.value.kind in _PLACES]
    days = [d for d in sentence.dates if d.kind in _DAYS and not d.ends]
    if len(cities) < 2 or len(days) < 2:
        return {}
    verbs = {i for e in sentence.events for i in range(e.start, e.end)}
    before = {c.start: d for c in cities for d in days if _beside(reading, d.end, c.start, verbs)}
    behind = {c.start: d for c in cities for d in days if _beside(reading, c.end, d.start, set())}
    for found in sorted((before, behind), key=lambda f: min(f, default=sentence.end)):
        if len({id(d) for d in found.values()}) >= 2 and len({_city(cities, at) for at in found}) >= 2:
            return found
    return {}


def _city(cities: list[Found[Name]], at: int) -> str:
    return next(c.value.value for c in cities if c.start == at)


def _beside(reading: Reading, end: int, start: int, verbs: set[int]) -> bool:
    """Nothing else between them: ``в четверг посетит Варшаву``."""
    return 0 <= start - end <= _REACH and all(i in verbs or reading.tokens[i].text in _BETWEEN for i in range(end, start))

"""What day a movement is of: that of its own words, of its sentence, of the flight told before, or of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from pipeline.meetings.extract.clock import ClockTime
from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.moves import Movement, belongs_to
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.resolve import resolve
from pipeline.model.extraction import Published

#: Before this minute of the day "the night between Wednesday and Thursday" is of the second.
_DAWN: Final = 360
_DATED: Final = ("day", "weekday", "offset")
#: Behind these a day is one since when or until when something lasts.
_SINCE: Final = frozenset(
    (
        "since",
        "seit",
        "depuis",
        "desde",
        "منذ",
        "מאז",
        "с",
        "со",
        "od",
        "sinds",
        "until",
        "till",
        "bis",
        "jusqu",
        "hasta",
        "до",
        "до",
        "حتى",
        "עד",
    )
)
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d\d)")
#: In these a day and its month are written so.
_DOTTED_DAYS: Final = frozenset({"ru", "uk", "pl", "de", "tr", "hu"})
#: Nothing was done on the day before or by which it was.
_BEFORE: Final = frozenset(("before", "לפני", "قبل", "avant", "перед", "przed", "antes", "prior", "elott", "by"))
_NIGHT: Final = ("ноч", "нiч", "нич", "noc", "nuit", "noche")
#: So many words before a verb "had" makes it one of before.
_HAD_REACH: Final = 3
_HAD: Final = frozenset(("had", "hatte", "hatten", "avait", "avaient", "habia", "habian", "s'etait", "etait", "mial"))


def days_of(
    reading: Reading, sentence: Clause, moves: Sequence[Movement], published: Published, clocks: Sequence[ClockTime]
) -> dict[int, list[date]]:
    """The days that a sentence gives each of its verbs, first to last; one that stands before all of them is of all."""
    found: dict[int, list[date]] = {}
    for span in (*sentence.dates, *_short_days(reading, sentence, published, clocks)):
        days = resolve(span, published, "past") if span.kind in _DATED and not _since(reading, span) else None
        if days is None or not moves:
            continue
        owner = belongs_to(reading, moves, span.start, span.end)
        if moves[owner].event and published.day is not None and days.first > published.day:
            continue  # "took off at 15:10, tomorrow there are talks": what happened was not on a day to come
        found.setdefault(owner, []).extend((days.first, days.last))
    return found


def day_of(found: dict[int, list[date]], i: int, moves: Sequence[Movement], clock: ClockTime | None) -> date | None:
    """The day that the sentence gives its ``i``-th verb: its own, that of another flight in it, that of what else happened."""
    own = found.get(i)
    if own is None:
        others = [k for k in found if moves[k].event] or [k for k in found if moves[k].kind != "plan"]
        own = found[min(others, key=lambda k: abs(k - i))] if others else None
    if not own:
        return None
    if clock is not None and clock.minute < _DAWN and len(own) > 1 and max(own) - own[0] == timedelta(days=1):
        return max(own)
    return own[0]


def day_told(
    reading: Reading, sentence: Clause, moves: Sequence[Movement], published: Published, clocks: Sequence[ClockTime]
) -> date | None:
    """The day that a sentence leaves what follows it to be of; None when it only looks back or ahead."""
    if sentence.cue("background"):
        return None
    found = days_of(reading, sentence, moves, published, clocks)
    if not moves:
        dated = [*sentence.dates, *_short_days(reading, sentence, published, clocks)]
        spans = [s for s in dated if s.kind in _DATED and s.base is None and not _since(reading, s)]
        days = [d for s in spans if (d := resolve(s, published, "past")) is not None]
        return days[0].first if days and not sentence.cue("future") else None
    told = [k for k in found if moves[k].kind != "plan" and (moves[k].event or not _had(reading, moves[k]))]
    bases = {s.start for s in sentence.dates if s.base is not None}
    if not told or (bases and not any(moves[k].event for k in told)):
        return None
    flown = [k for k in told if moves[k].event]
    return found[max(flown)][-1] if flown else found[min(told)][0]


def _short_days(reading: Reading, sentence: Clause, published: Published, clocks: Sequence[ClockTime]) -> list[DateSpan]:
    """``14.11`` that is no time: a day of the month."""
    if published.day is None:
        return []
    tokens = reading.tokens
    told = {i for d in sentence.dates for i in range(d.start, d.end)}
    out = []
    for i in range(sentence.start, sentence.end):
        if i in told or not tokens[i].text[:1].isdigit() or any(c.start <= tokens[i].start < c.end for c in clocks):
            continue
        if (dotted := _DOTTED.fullmatch(tokens[i].text)) and reading.language in _DOTTED_DAYS:
            out.append(DateSpan(i, i + 1, "day", int(dotted[1]), int(dotted[2])))
    return [s for s in out if 1 <= s.day <= 31 and 1 <= s.month <= 12]


def _since(reading: Reading, span: DateSpan) -> bool:
    if any(t.text in _BEFORE for t in reading.tokens[max(0, span.start - 2) : span.start]):
        return True
    if (
        span.kind not in ("day", "weekday")
        or span.day2
        or span.number2 >= 0
        or span.start == 0
        or reading.tokens[span.start - 1].text not in _SINCE
    ):
        return False
    return not any(t.text.startswith(_NIGHT) for t in reading.tokens[max(0, span.start - 3) : span.start])


def _had(reading: Reading, move: Movement) -> bool:
    return any(t.text in _HAD for t in reading.tokens[max(0, move.start - _HAD_REACH) : move.start + 1])

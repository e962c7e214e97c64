"""Dates in tokens: days with a month, weekdays, "yesterday", "next week", "a two-day visit". Found here, resolved in ``resolve``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from pipeline.meetings.extract.arabic_numbers import arabic_day
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.lexicon import Lexicon
from pipeline.meetings.extract.patterns import Found

DateKind = Literal["day", "month", "weekday", "offset", "week", "weekend", "length"]
Variants = Sequence[Sequence[tuple[str, str]]]

_ORDINALS: Final = frozenset(("st", "nd", "rd", "th", "er", "го", "е", "е", "-", "го", "ого", "en", "an", "a", "e", "i", "te", "den", "º"))
_LINKS: Final = frozenset((".", ",", "de", "of", "del", "di", "do", "של", "من", "ב", "-", "de's"))
_DASHES: Final = frozenset(("-", "/", "–"))
_OFFSETS: Final = {"today": 0, "yesterday": -1, "tomorrow": 1, "day_before_yesterday": -2, "day_after_tomorrow": 2}
#: Days told from the day that the text named last.
_FROM_BASE: Final = {"eve": -1, "next_day": 1, "same_day": 0}
#: After these "the day before" is told from what follows, not from a day named before.
_OF_WHAT: Final = frozenset(
    (
        "of", "the", "his", "her", "their", "a", "an", "de", "del", "du", "des", "d", "la", "der", "dem", "den", "einem", "einer", "seinem",
        "seiner", "ihrem", "встречи", "саммита", "визита", "переговоров", "зустрiчi", "саміту", "візиту", "szczytu", "wizyty", "من",
        "הפגישה",
    )
)  # fmt: skip
#: After these a number of days is a distance.
_LATER: Final = frozenset(
    (
        "after", "before", "later", "earlier", "ago", "despues", "antes", "apres", "avant", "plus", "nach", "nachdem", "zuvor", "vor",
        "dopo", "prima", "fa", "depois", "geleden", "спустя", "назад", "после", "тому", "sonra", "once", "pozniej", "wczesniej",
        "po", "בטרם", "אחרי",
    )
)  # fmt: skip
#: Until when something lasts; Turkish says so behind, Hungarian by an ending.
_UNTIL: Final = frozenset(("until", "till", "до", "bis", "jusqu'a", "jusqu'au", "hasta", "حتى", "עד", "fino", "tot"))
_UNTIL_BEHIND: Final = frozenset(("kadar", "dek"))
_UNTIL_ENDING: Final = {"hu": "ig"}
_PARTS: Final = ("early", "mid", "late")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d\d)")


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date at tokens ``[start, end)``. ``day``/``month``/``year`` are 0 where not said; ``day2``/``month2`` end a range.

    ``number`` is a weekday (0 Monday), an offset in days or weeks, or a length in days; ``number2`` the weekday that ends a range;
    ``modifier`` is next, last, this or ''; ``part`` early, mid, late or '' of a week or month. ``base`` is the date before it in the
    text from which an offset is told ("the day before"), where ``told_from_base``. ``ends``: until
    then something lasts.
    """

    start: int
    end: int
    kind: DateKind
    day: int = 0
    month: int = 0
    year: int = 0
    day2: int = 0
    month2: int = 0
    number: int = 0
    number2: int = -1
    modifier: str = ""
    part: str = ""
    base: DateSpan | None = None
    told_from_base: bool = False
    ends: bool = False


class _Scan:
    def __init__(self, tokens: Sequence[Token], variants: Variants, lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.words: list[dict[str, Found[tuple[str, int]]]] = []
        for i in range(len(tokens)):
            here: dict[str, Found[tuple[str, int]]] = {}
            for found in lexicon.time.at(tokens, variants, i):
                here.setdefault(found.value[0], found)
            self.words.append(here)

    def text(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def word(self, i: int, kind: str) -> Found[tuple[str, int]] | None:
        return self.words[i].get(kind) if 0 <= i < len(self.words) else None

    def number(self, i: int, top: int = 31) -> int:
        text = self.text(i)
        if not text.isdigit() and len(text) > 1 and text[1:].isdigit() and not text[0].isascii():
            text = text[1:]  # an Arabic particle written on to the number
        return int(text) if text.isdigit() and len(text) <= 2 and 1 <= int(text) <= top else 0

    def year(self, i: int) -> int:
        return int(self.text(i)) if _YEAR.fullmatch(self.text(i)) else 0

    def until(self, i: int) -> int:
        """The index after words that join two ends of a range at ``i``, or ``i`` when there are none."""
        if self.text(i) in _DASHES:
            return i + 1
        found = self.word(i, "until")
        return found.end if found else i


def find_dates(tokens: Sequence[Token], variants: Variants, lexicon: Lexicon) -> list[DateSpan]:
    """Every date in order; neighbours that say the same day in two ways are one."""
    scan = _Scan(tokens, variants, lexicon)
    found: list[DateSpan] = []
    i = 0
    while i < len(tokens):
        if (clock := scan.word(i, "clock")) is not None:
            i = clock.end  # "de la mañana" is no tomorrow
            continue
        span = _numeric(scan, i) or _with_month(scan, i) or _weekday(scan, i) or _relative(scan, i)
        if span is not None:
            found.append(span)
            i = max(span.end, i + 1)
        else:
            i += 1
    spans = _on_their_bases(_joined([_with_part(s, scan) for s in found], scan), scan)
    return [replace(s, ends=_ends(s, scan, lexicon.language)) for s in spans]


def _ends(span: DateSpan, scan: _Scan, language: str) -> bool:
    """``until Friday``, ``péntekig``: the end of what lasts, not when it was."""
    if span.kind not in ("day", "weekday", "offset") or span.day2 or span.number2 >= 0:
        return False
    ending = _UNTIL_ENDING.get(language)
    return (
        scan.text(span.start - 1) in _UNTIL
        or scan.text(span.end) in _UNTIL_BEHIND
        or (ending is not None and span.kind == "weekday" and scan.text(span.end - 1).endswith(ending))
    )


def _with_part(span: DateSpan, scan: _Scan) -> DateSpan:
    """``late last month``, ``Anfang November``, ``ayın sonunda``: the part of a week or month, said beside it."""
    if span.kind not in ("week", "month"):
        return span
    for part in _PARTS:
        for back in (1, 2, 3):
            word = scan.word(span.start - back, f"part_{part}")
            if word and word.end <= span.start and span.start - word.end <= 1:
                return replace(span, start=word.start, part=part)
        if after := scan.word(span.end, f"part_{part}"):
            return replace(span, end=after.end, part=part)
    return span


def _on_their_bases(found: list[DateSpan], scan: _Scan) -> list[DateSpan]:
    """``On Tuesday … The day before``: counted from the day named last; without one what lies before counts from publication."""
    out: list[DateSpan] = []
    for span in found:
        if not span.told_from_base:
            out.append(span)
            continue
        if scan.text(span.end) in _OF_WHAT:
            continue  # "a day before the summit"
        base = next((s for s in reversed(out) if s.kind in ("day", "weekday", "offset") and s.base is None), None)
        if base is not None:
            out.append(replace(span, base=base))
        elif span.number < 0:
            out.append(span)
    return out


def _numeric(scan: _Scan, i: int) -> DateSpan | None:
    """``2022-11-14``, ``14.11.2022``, ``14/11/2022``."""
    if (year := scan.year(i)) and scan.text(i + 1) == "-" and scan.text(i + 3) == "-":
        month, day = scan.number(i + 2, 12), scan.number(i + 4)
        return DateSpan(i, i + 5, "day", day, month, year) if month and day else None
    dotted = _DOTTED.fullmatch(scan.text(i))
    if dotted and scan.text(i + 1) == "." and scan.year(i + 2):
        day, month = int(dotted[1]), int(dotted[2])
        return DateSpan(i, i + 3, "day", day, month, scan.year(i + 2)) if 1 <= day <= 31 and 1 <= month <= 12 else None
    if (day := scan.number(i)) and scan.text(i + 1) == "/" and (month := scan.number(i + 2, 12)) and scan.text(i + 3) == "/":
        return DateSpan(i, i + 5, "day", day, month, scan.year(i + 4)) if scan.year(i + 4) else None
    return None


def _with_month(scan: _Scan, i: int) -> DateSpan | None:
    return _day_month(scan, i) or _month_day(scan, i)


def _ordinal(scan: _Scan, i: int) -> int:
    while scan.text(i) in _ORDINALS and scan.text(i + 1) and (scan.text(i) != "-" or scan.text(i + 1) in _ORDINALS):
        i += 1
    return i


def _day_month(scan: _Scan, i: int) -> DateSpan | None:
    """``14 November 2022``, ``28-30 Mart``, ``2 and 3 November``, ``le 20 juin``, ``5 de septiembre de 2024``."""
    day = scan.number(i)
    spelt, width = arabic_day([scan.text(i), scan.text(i + 1)]) if not day else (0, 0)
    if not day and not spelt:
        return None
    at, day2 = (_ordinal(scan, i + 1), 0) if day else (i + width, 0)
    day = day or spelt
    if scan.text(at) == "." and scan.number(scan.until(at + 1)) and scan.until(at + 1) > at + 1:
        at += 1
    joined = scan.until(at)
    if joined > at and scan.number(joined):
        day2, at = scan.number(joined), _ordinal(scan, joined + 1)
    elif (glued := scan.number(at)) and not scan.text(at).isdigit():
        day2, at = glued, at + 1
    for _ in range(2):
        if scan.text(at) in _LINKS:
            at += 1
    month = scan.word(at, "month")
    if month is None or (month.value[1] == 0):
        return None
    end, year = _year_after(scan, month.end)
    return DateSpan(i, end, "day", day, month.value[1], year, day2 if day2 > day else 0)


def _month_day(scan: _Scan, i: int) -> DateSpan | None:
    """``November 14, 2022``, ``May 10-11``, ``2022. november 14-én``; a month alone is all of it."""
    month = scan.word(i, "month")
    if month is None or month.value[1] == 0:
        return None
    number = month.value[1]
    start, before = i, scan.year(i - 1) or (scan.year(i - 2) if scan.text(i - 1) == "." else 0)
    at = month.end + (scan.text(month.end) == ".")
    day = scan.number(at)
    if not day:
        end, year = _year_after(scan, month.end)
        said = year or before or scan.tokens[i].capital or not scan.tokens[i].text[:1].isascii()
        return DateSpan(start, end, "month", month=number, year=year or before) if said and len(scan.text(i)) > 3 else None
    at, day2 = _ordinal(scan, at + 1), 0
    joined = scan.until(at)
    if joined > at and scan.number(joined) and not scan.word(joined + 1, "month"):
        day2, at = scan.number(joined), _ordinal(scan, joined + 1)
    end, year = _year_after(scan, at)
    return DateSpan(start, end, "day", day, number, year or before, day2 if day2 > day else 0)


def _year_after(scan: _Scan, i: int) -> tuple[int, int]:
    at = i
    for _ in range(3):
        if year := scan.year(at):
            return at + 1, year
        if scan.text(at) not in _LINKS:
            break
        at += 1
    return i, 0


def _modifier(scan: _Scan, start: int, end: int) -> tuple[str, int, int]:
    """next, last or this, before or after what stands at ``[start, end)``."""
    for kind in ("next", "last", "this"):
        for back in (1, 2):
            found = scan.word(start - back, kind)
            if found and found.end == start - back + 1 and (back == 1 or len(scan.text(start - 1)) <= 3):
                return kind, start - back, end
        after = scan.word(end, kind)
        if after and kind != "this":
            return kind, start, after.end
    return "", start, end


def _weekday(scan: _Scan, i: int) -> DateSpan | None:
    found = scan.word(i, "weekday")
    if found is None:
        return None
    end, second = found.end, -1
    joined = scan.until(end)
    if joined > end and (other := scan.word(joined, "weekday")):
        second, end = other.value[1], other.end
    modifier, start, end = _modifier(scan, i, end)
    return DateSpan(start, end, "weekday", number=found.value[1], number2=second, modifier=modifier)


def _relative(scan: _Scan, i: int) -> DateSpan | None:
    longest = max(
        (f for k, f in scan.words[i].items() if k in (*_OFFSETS, *_FROM_BASE, "early_week", "weekend", "length")),
        key=lambda f: f.weight,
        default=None,
    )
    if longest is not None:
        kind, number = longest.value
        if kind == "length":
            # "dos días después" is no length
            return None if scan.text(longest.end) in _LATER else DateSpan(i, longest.end, "length", number=number)
        if kind in _FROM_BASE:
            return DateSpan(i, longest.end, "offset", number=_FROM_BASE[kind], told_from_base=True)
        if kind in _OFFSETS:
            return DateSpan(i, longest.end, "offset", number=_OFFSETS[kind])
        return DateSpan(i, longest.end, "week" if kind == "early_week" else "weekend")
    return _ago(scan, i) or _week(scan, i)


def _ago(scan: _Scan, i: int) -> DateSpan | None:
    """``three days ago``, ``قبل 3 أيام``; ``two days later`` is told from the day named last."""
    spelled = scan.word(i, "number")
    count = scan.number(i, 20) or (spelled.value[1] if spelled else 0)
    if not count or scan.word(i + 1, "days_word") is None:
        return None
    after, before = scan.word(i + 2, "ago"), scan.word(i - 1, "ago")
    if after or before:
        return DateSpan(i, after.end if after else i + 2, "offset", number=-count)
    for kind, sign in (("days_later", 1), ("days_earlier", -1)):
        after, before = scan.word(i + 2, kind), scan.word(i - 1, kind)
        if after or (before and before.end == i):
            return DateSpan(i if after else i - 1, after.end if after else i + 2, "offset", number=sign * count, told_from_base=True)
    return None


def _week(scan: _Scan, i: int) -> DateSpan | None:
    for unit in ("week", "month"):
        found = scan.word(i, unit)
        if found is None or (unit == "month" and found.value[1]):
            continue
        modifier, start, end = _modifier(scan, i, found.end)
        if modifier in ("next", "last") and unit == "week":
            return DateSpan(start, end, "week", modifier=modifier)
        if modifier in ("next", "last"):
            return DateSpan(start, end, "month", modifier=modifier)
    return None


def _joined(found: list[DateSpan], scan: _Scan) -> list[DateSpan]:
    """``Monday, November 24`` is one date; so are ``March 28 to April 2`` and ``yesterday, Tuesday``."""
    out: list[DateSpan] = []
    for span in found:
        before = out[-1] if out else None
        if before is None or span.start - before.end > 2:
            out.append(span)
            continue
        between = [scan.text(k) for k in range(before.end, span.start)]
        marks = ",()." if before.kind == "weekday" and span.kind == "day" else ",()"  # "Mon. 24 November", but "on Wednesday. Tomorrow"
        if {before.kind, span.kind} <= {"weekday", "day", "offset"} and before.kind != span.kind and all(b in marks for b in between):
            from_base = before.told_from_base or span.told_from_base
            kinds = ("offset", "weekday", "day") if from_base else ("weekday", "offset", "day")
            keep = max((before, span), key=lambda s: kinds.index(s.kind))
            out[-1] = replace(keep, start=before.start, end=span.end)
        elif before.kind == span.kind == "day" and between and scan.until(before.end) == span.start and not before.day2:
            out[-1] = replace(span, start=before.start, day=before.day, month=before.month, day2=span.day, month2=span.month)
        else:
            out.append(span)
    return out


def real_day(year: int, month: int, day: int) -> date | None:
    """None for the 31st of a short month."""
    try:
        return date(year, month, day)
    except ValueError:
        return None

"""Single dates in tokens: days with a month, weekdays, "yesterday", "next week", "a two-day visit". Put together in ``date_joins``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from pipeline.meetings.extract.arabic_numbers import arabic_day
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.lexicon import Lexicon
from pipeline.meetings.extract.patterns import Found

DateKind = Literal["day", "month", "weekday", "offset", "week", "weekend", "length"]
Variants = Sequence[Sequence[tuple[str, str]]]

_ORDINALS: Final = frozenset(("st", "nd", "rd", "th", "er", "го", "е", "е", "-", "го", "ого", "en", "an", "a", "e", "i", "te", "den", "º"))
_ALSO_WORDS: Final = frozenset(("a", "e", "i", "an", "en"))
_LINKS: Final = frozenset((".", ",", "de", "of", "del", "di", "do", "של", "من", "ב", "-", "de's"))
_DASHES: Final = frozenset(("-", "/", "–"))
#: What may stand between the words of a range and its end, or between a weekday and its day: "bis zum 14.", "et le 26".
ARTICLES: Final = frozenset(("the", "le", "el", "los", "zum", "den", "dem", "il", "les", "يوم"))
#: Before these "14.9." is a day.
_ON_DAY: Final = frozenset(("am", "vom", "zum", "bis", "den", "dem", "seit"))
_OFFSETS: Final = {"today": 0, "yesterday": -1, "tomorrow": 1, "day_before_yesterday": -2, "day_after_tomorrow": 2}
#: Days told from the day that the text named last.
_FROM_BASE: Final = {"eve": -1, "next_day": 1, "day_after": 1, "same_day": 0}
#: Before these "a day after" says after what was told.
_STOPS: Final = frozenset((",", ".", ";", ")", ""))
#: Longer than so many days no talks last.
_LONG: Final = 7
_SPELLS: Final = ("next_week", "early_week", "early_month", "weekend")
#: After these a number of days is so many of something.
_OF_WHAT_DAYS: Final = frozenset(("of", "de", "من", "der", "von", "d"))
#: After these a number of days is a distance.
_LATER: Final = frozenset(
    (
        "after",
        "before",
        "later",
        "earlier",
        "ago",
        "despues",
        "antes",
        "apres",
        "avant",
        "plus",
        "nach",
        "nachdem",
        "zuvor",
        "vor",
        "dopo",
        "prima",
        "fa",
        "depois",
        "geleden",
        "спустя",
        "назад",
        "после",
        "тому",
        "sonra",
        "once",
        "pozniej",
        "wczesniej",
        "po",
        "בטרם",
        "אחרי",
    )
)  #: After these a word of a month is one, whether or not it has a capital.
_IN_MONTH: Final = frozenset(("in", "im", "en", "w", "we", "em", "au", "since", "until", "seit", "depuis", "desde"))
#: What "in" is at the end of a Turkish or Hungarian month.
_IN_ENDINGS: Final = ("da", "de", "ta", "te", "daki", "deki", "taki", "teki", "ban", "ben")
#: In these the names of weekdays are numerals, too, and a capital letter tells them apart.
_CAPITAL_WEEKDAYS: Final = frozenset({"el"})
#: On what weekday the weekend begins, where that is not Saturday.
_WEEKENDS: Final = {"he": 4}
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_YEAR_MONTH: Final = re.compile(r"((?:19|20)\d\d)\.(\d\d)")
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d\d)")


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date at tokens ``[start, end)``. ``day``/``month``/``year`` are 0 where not said; ``day2``/``month2`` end a range.

    ``month`` is 0 too of a day told without one ("on the 9th").
    ``number`` is a weekday (0 Monday; of a weekend its first), an offset in days or weeks, or a length in days;
    ``number2`` the weekday that ends a range;
    ``modifier`` is next, last, this or ''; of a weekday also in_next and in_last (of the week after or before that of publication), of
    an offset ahead (only where something is still to come). ``part`` is early, mid, late, gone (before publication), rest (after it) or
    '' of a week or month. ``base`` is the date before it in the
    text from which an offset is told ("the day before"), where ``told_from_base``; ``frame`` the days of which a weekday is one,
    ``after`` the day of the stop before it, of a journey to come.
    ``ends``: until then something lasts. ``tense``: in which the text tells of a ``base``, '' where that is not known.
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
    frame: DateSpan | None = None
    after: DateSpan | None = None
    told_from_base: bool = False
    ends: bool = False
    tense: str = ""


class Scan:
    """Tokens and the words of time that begin at each."""

    def __init__(self, text: str, tokens: Sequence[Token], variants: Variants, lexicon: Lexicon) -> None:
        self._text = text
        self.tokens = tokens
        self.language = lexicon.language
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

    def capital(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].capital

    def written(self, i: int) -> str:
        """A token with its accents."""
        return self._text[self.tokens[i].start : self.tokens[i].end] if 0 <= i < len(self.tokens) else ""

    def glued(self, i: int) -> bool:
        """Whether nothing stands between a token and the one before it."""
        return 0 < i < len(self.tokens) and self.tokens[i].start == self.tokens[i - 1].end

    def day(self, i: int) -> tuple[int, int]:
        """A day of the month in digits or, in Arabic, in words, and how many tokens it takes; ``(0, 0)`` where there is none."""
        if number := self.number(i):
            return number, 1
        return arabic_day([self.text(i), self.text(i + 1)]) if self.language == "ar" else (0, 0)

    def number(self, i: int, top: int = 31) -> int:
        text = self.text(i)
        if not text.isdecimal() and len(text) > 1 and text[1:].isdecimal() and not text[0].isascii():
            text = text[1:]  # an Arabic particle written on to the number
        return int(text) if text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= top else 0

    def year(self, i: int) -> int:
        return int(self.text(i)) if _YEAR.fullmatch(self.text(i)) else 0

    def until(self, i: int) -> int:
        """The index after words that join two ends of a range at ``i``, or ``i`` when there are none."""
        if self.text(i) in _DASHES:
            return i + 1
        found = self.word(i, "until")
        if found is None:
            return i
        return found.end + (self.text(found.end) in ARTICLES)

    def before(self, i: int, kind: str) -> Found[tuple[str, int]] | None:
        """A word of the kind that ends at ``i``, or one word before it."""
        for back in (1, 2, 3, 4):
            word = self.word(i - back, kind)
            if word and word.end <= i and i - word.end <= 1:
                return word
        return None


def single_date(scan: Scan, i: int) -> DateSpan | None:
    """The date that begins at token ``i``."""
    return _numeric(scan, i) or _with_month(scan, i) or _weekday(scan, i) or _relative(scan, i)


def _numeric(scan: Scan, i: int) -> DateSpan | None:
    """``2022-11-14``, ``14.11.2022``, ``14/11/2022``."""
    if (year := scan.year(i)) and scan.text(i + 1) == "-" and scan.text(i + 3) == "-":
        month, day = scan.number(i + 2, 12), scan.number(i + 4)
        return DateSpan(i, i + 5, "day", day, month, year) if month and day else None
    if (joined := _YEAR_MONTH.fullmatch(scan.text(i))) and scan.text(i + 1) == "." and (day := scan.number(i + 2)):  # "2024.09.06"
        return DateSpan(i, i + 3, "day", day, int(joined[2]), int(joined[1])) if 1 <= int(joined[2]) <= 12 else None
    dotted = _DOTTED.fullmatch(scan.text(i))
    if dotted and scan.text(i + 1) == "." and scan.year(i + 2):
        day, month = int(dotted[1]), int(dotted[2])
        return DateSpan(i, i + 3, "day", day, month, scan.year(i + 2)) if 1 <= day <= 31 and 1 <= month <= 12 else None
    if (day := scan.number(i)) and (month := scan.number(i + 2, 12)) and scan.text(i + 1) == scan.text(i + 3) == ".":  # "12.9."
        if year := scan.year(i + 4):
            return DateSpan(i, i + 5, "day", day, month, year)
        if scan.text(i - 1) in _ON_DAY:
            return DateSpan(i, i + 4, "day", day, month)
    short = _DOTTED.fullmatch(scan.text(i)) if scan.text(i - 1) in _ON_DAY and scan.text(i + 1) == "." else None
    if short and 1 <= int(short[1]) <= 31 and 1 <= int(short[2]) <= 12:
        return DateSpan(i, i + 2, "day", int(short[1]), int(short[2]))
    if (day := scan.number(i)) and scan.text(i + 1) == "/" and (month := scan.number(i + 2, 12)) and scan.text(i + 3) == "/":
        return DateSpan(i, i + 5, "day", day, month, scan.year(i + 4)) if scan.year(i + 4) else None
    return None


def _with_month(scan: Scan, i: int) -> DateSpan | None:
    return _day_month(scan, i) or _month_day(scan, i)


def _ordinal(scan: Scan, i: int) -> int:
    """Behind the ending of a number: "9th", "1er", "9-го", "9-i"; "i", "a", "e" by themselves are "and" or "to"."""
    while scan.text(i) in _ORDINALS and scan.text(i + 1) and (scan.text(i) != "-" or scan.text(i + 1) in _ORDINALS):
        if scan.text(i) in _ALSO_WORDS and not scan.glued(i):
            break
        i += 1
    return i


def _day_month(scan: Scan, i: int) -> DateSpan | None:
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
    elif (glued := scan.number(at)) and not scan.text(at).isdecimal():
        day2, at = glued, at + 1
    for _ in range(2):
        if scan.text(at) in _LINKS:
            at += 1
    month = scan.word(at, "month")
    if month is None or (month.value[1] == 0):
        return None
    end, year = _year_after(scan, month.end)
    return DateSpan(i, end, "day", day, month.value[1], year, day2 if day2 > day else 0)


def _month_day(scan: Scan, i: int) -> DateSpan | None:
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
        if not (year or before or _told_of_month(scan, i, month.end)):
            bare = scan.tokens[i].capital or not scan.tokens[i].text[:1].isascii()
            if not bare or len(scan.text(i)) <= 3:  # "may", "mar": words of other meanings
                return None
        return DateSpan(start, end, "month", month=number, year=year or before)
    at, day2 = _ordinal(scan, at + 1), 0
    joined = scan.until(at)
    if joined > at and scan.number(joined) and not scan.word(joined + 1, "month"):
        day2, at = scan.number(joined), _ordinal(scan, joined + 1)
    end, year = _year_after(scan, at)
    return DateSpan(start, end, "day", day, number, year or before, day2 if day2 > day else 0)


def _told_of_month(scan: Scan, i: int, end: int) -> bool:
    """``in May``, ``late May``, ``mayıs sonunda``, ``mart ayında``, ``temmuzda``: a word or an ending beside it says that it is a month."""
    part = any(scan.before(i, f"part_{p}") or scan.word(end, f"part_{p}") for p in ("early", "mid", "late"))
    unit = scan.word(end, "month") or scan.word(i - 2, "month")
    return part or scan.text(i - 1) in _IN_MONTH or bool(unit and not unit.value[1]) or scan.text(i).endswith(_IN_ENDINGS)


def _year_after(scan: Scan, i: int) -> tuple[int, int]:
    at = i
    for _ in range(3):
        if year := scan.year(at):
            return at + 1, year
        if scan.text(at) not in _LINKS:
            break
        at += 1
    return i, 0


def _modifier(scan: Scan, start: int, end: int) -> tuple[str, int, int]:
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


def _weekday(scan: Scan, i: int) -> DateSpan | None:
    found = scan.word(i, "weekday")
    if scan.language in _CAPITAL_WEEKDAYS and not scan.capital(i):
        return None  # "την τέταρτη φορά" is no Wednesday
    if found is None:
        return None
    end, second = found.end, -1
    joined = scan.until(end)
    if joined > end and (other := scan.word(joined, "weekday")):
        second, end = other.value[1], other.end
    modifier, start, end = _modifier(scan, i, end)
    return DateSpan(start, end, "weekday", number=found.value[1], number2=second, modifier=modifier)


def _relative(scan: Scan, i: int) -> DateSpan | None:
    if (counted := _ago(scan, i)) is not None:
        return counted
    longest = max(
        (f for k, f in scan.words[i].items() if k in (*_OFFSETS, *_FROM_BASE, *_SPELLS, "length")),
        key=lambda f: f.weight,
        default=None,
    )
    if longest is None:
        return _week(scan, i)
    kind, number = longest.value
    if kind == "length":
        # "dos días después" is no length
        return None if scan.text(longest.end) in _LATER else DateSpan(i, longest.end, "length", number=number)
    if kind == "day_after" and scan.text(longest.end) not in _STOPS:
        return None
    if kind in _FROM_BASE:
        return DateSpan(i, longest.end, "offset", number=_FROM_BASE[kind], told_from_base=True)
    if kind in _OFFSETS:
        return DateSpan(i, longest.end, "offset", number=_OFFSETS[kind])
    if kind == "next_week":
        return DateSpan(i, longest.end, "week", modifier="next")
    if kind == "weekend":
        modifier, start, end = _modifier(scan, i, longest.end)
        return DateSpan(start, end, "weekend", number=_WEEKENDS.get(scan.language, 5), modifier=modifier)
    if (other := _week(scan, i)) is not None:  # "gelecek hafta başında"
        return other
    return DateSpan(i, longest.end, "week" if kind == "early_week" else "month", modifier="this")


def _ago(scan: Scan, i: int) -> DateSpan | None:
    """``three days ago``, ``قبل 3 أيام``; ``in two days``; ``two days later`` is told from the day named last."""
    spelled, dual = scan.word(i, "number"), scan.word(i, "two_days")
    count = 2 if dual else scan.number(i, 20) or (spelled.value[1] if spelled else 0)
    end = i + 1 if dual else i + 2
    if not count or not (dual or scan.word(i + 1, "days_word")):
        return None
    if (after := scan.word(end, "ago")) is not None:
        return DateSpan(i, after.end, "offset", number=-count)
    lasting = scan.word(end, "lasting") or ((word := scan.before(i, "lasting")) and word.end == i)
    if lasting and count <= _LONG:
        return DateSpan(i, end, "length", number=count)
    if scan.text(end) in _OF_WHAT_DAYS:
        return None  # "بعد يومين من المحادثات"
    before = scan.before(i, "ago")
    if before is not None and before.end == i:
        return DateSpan(before.start, end, "offset", number=-count)
    ahead = scan.before(i, "ahead")
    if (ahead is not None and ahead.end == i) or (ahead := scan.word(end, "ahead_behind")):
        return DateSpan(min(i, ahead.start), max(end, ahead.end), "offset", number=count, modifier="ahead")
    for kind, sign in (("days_later", 1), ("days_earlier", -1)):
        after, before = scan.word(end, kind), scan.word(i - 1, kind)
        if after or (before and before.end == i):
            return DateSpan(i if after else i - 1, after.end if after else end, "offset", number=sign * count, told_from_base=True)
    return None


def _week(scan: Scan, i: int) -> DateSpan | None:
    """``next week``, ``Anfang der Woche``: a week or month that a modifier or a part of it makes one."""
    for unit in ("week", "month"):
        found = scan.word(i, unit)
        if found is None or (unit == "month" and found.value[1]):
            continue
        kind: DateKind = "week" if unit == "week" else "month"
        modifier, start, end = _modifier(scan, i, found.end)
        if modifier in ("next", "last"):
            return DateSpan(start, end, kind, modifier=modifier)
        if any(scan.before(i, f"part_{p}") or scan.word(found.end, f"part_{p}") for p in ("early", "mid", "late")):
            return DateSpan(i, found.end, kind, modifier="this")
    return None


def real_day(year: int, month: int, day: int) -> date | None:
    """None for the 31st of a short month."""
    try:
        return date(year, month, day)
    except ValueError:
        return None

"""Every date of a text: single ones put together ("Monday, 24 November", "Tuesday of next week"), and told from one another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pipeline.meetings.extract.bare_days import bare_day, with_months
from pipeline.meetings.extract.dates import ARTICLES, DateSpan, Scan, Variants, single_date
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.lexicon import Lexicon

#: After these "the day before" is told from what follows, not from a day named before.
_OF_WHAT: Final = frozenset(
    (
        "of", "the", "his", "her", "their", "a", "an", "de", "del", "du", "des", "d", "la", "der", "dem", "den", "einem", "einer", "seinem",
        "seiner", "ihrem", "встречи", "саммита", "визита", "переговоров", "зустрiчi", "саміту", "візиту", "szczytu", "wizyty", "من",
        "הפגישה",
    )
)  # fmt: skip
#: Until when something lasts; Turkish says so behind, Hungarian by an ending.
_UNTIL: Final = frozenset(("until", "till", "до", "bis", "jusqu", "hasta", "حتي", "עד", "fino", "tot"))
_UNTIL_BEHIND: Final = frozenset(("kadar", "dek"))
_UNTIL_ENDING: Final = {"hu": "ig"}
#: Endings of "from" that begin a range which one of ``_UNTIL_BEHIND`` ends.
_FROM_ENDINGS: Final = ("den", "dan", "ten", "tan")
_SENTENCE_ENDS: Final = frozenset(".!?")
_PARTS: Final = ("early", "mid", "late", "gone", "rest")
#: What may stand between a weekday and its day of the month.
_BESIDE: Final = frozenset((",", "(", ")", *ARTICLES, "الموافق", "г"))
#: What may stand between a weekday and its week.
_OF_WEEK: Final = frozenset((",", "of", "in", "de", "la", "der", "в", "на", "у", "من", "w", "i", "del", "van", "della"))


def find_dates(text: str, tokens: Sequence[Token], variants: Variants, lexicon: Lexicon) -> list[DateSpan]:
    """Every date in order; neighbours that say the same day in two ways are one."""
    scan = Scan(text, tokens, variants, lexicon)
    found: list[DateSpan] = []
    i = 0
    while i < len(tokens):
        if (clock := scan.word(i, "clock")) is not None:
            i = clock.end  # "de la mañana" is no tomorrow
            continue
        span = single_date(scan, i) or bare_day(scan, i)
        if span is not None:
            found.append(span)
            i = max(span.end, i + 1)
        else:
            i += 1
    joined = with_months(_joined([_with_part(s, scan) for s in found], scan))
    spans = _in_frames(_on_their_bases(joined, scan), scan)
    return [replace(s, ends=_ends(s, scan, lexicon.language)) for s in spans]


def _ends(span: DateSpan, scan: Scan, language: str) -> bool:
    """``until Friday``, ``péntekig``: the end of what lasts, not when it was."""
    if span.kind not in ("day", "weekday", "offset") or span.day2 or span.number2 >= 0:
        return False
    ending = _UNTIL_ENDING.get(language)
    before = span.start - 1 - (scan.text(span.start - 1) in ARTICLES)
    return (
        scan.text(before) in _UNTIL
        or _kadar(scan, span)
        or (ending is not None and span.kind == "weekday" and scan.text(span.end - 1).endswith(ending))
    )


def _kadar(scan: Scan, span: DateSpan) -> bool:
    """``salıya kadar``, ``salı gününe kadar``"""
    return scan.text(span.end) in _UNTIL_BEHIND or (scan.text(span.end).startswith("gun") and scan.text(span.end + 1) in _UNTIL_BEHIND)


def _with_part(span: DateSpan, scan: Scan) -> DateSpan:
    """``late last month``, ``Anfang November``, ``ayın sonunda``, ``later this week``: the part of a week or month, said beside it."""
    if span.kind not in ("week", "month") or span.part:
        return span
    for part in _PARTS:
        if (word := scan.before(span.start, f"part_{part}")) is not None:
            return replace(span, start=word.start, part=part)
        if after := scan.word(span.end, f"part_{part}"):
            return replace(span, end=after.end, part=part)
    return span


def _on_their_bases(found: list[DateSpan], scan: Scan) -> list[DateSpan]:
    """``On Tuesday … The day before``: counted from the day named last; without one, from publication."""
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
        elif span.number > 1:  # "через два дня": days after publication, where something is still to come
            out.append(replace(span, told_from_base=False, modifier="ahead"))
    return out


def _in_frames(found: list[DateSpan], scan: Scan) -> list[DateSpan]:
    """Weekdays told within days of several: of the same sentence, or of a week to come."""
    out: list[DateSpan] = []
    frame: DateSpan | None = None
    ends = [i for i, token in enumerate(scan.tokens) if token.text in _SENTENCE_ENDS]
    for span in found:
        ended = frame is not None and bisect_left(ends, frame.end) < bisect_left(ends, span.start)
        if span.kind == "weekday" and not span.modifier and frame is not None and not (ended and frame.modifier != "next"):
            out.append(replace(span, frame=frame))
            continue
        if (span.kind == "week" and span.modifier in ("next", "last")) or (span.kind == "day" and span.day2):
            frame = span
        elif ended:
            frame = None
        out.append(span)
    return out


def _joined(found: list[DateSpan], scan: Scan) -> list[DateSpan]:
    """``Monday, November 24`` is one date; so are ``March 28 to April 2``, ``yesterday, Tuesday`` and ``Tuesday of next week``."""
    out: list[DateSpan] = []
    for span in found:
        one = _one(out[-1], span, scan) if out and span.start - out[-1].end <= 3 else None
        if one is not None:
            out[-1] = one
        else:
            out.append(span)
    return out


def _one(before: DateSpan, span: DateSpan, scan: Scan) -> DateSpan | None:
    """What two neighbours are together, None when they are two dates."""
    between = [scan.text(k) for k in range(before.end, span.start)]
    kinds = {before.kind, span.kind}
    if kinds <= {"weekday", "day", "offset"} and len(kinds) == 2:
        # "Mon. 24 November", but "on Wednesday. Tomorrow"
        marks = _BESIDE | {"."} if before.kind == "weekday" and span.kind == "day" else _BESIDE
        if not all(b in marks for b in between):
            return None
        from_base = before.told_from_base or span.told_from_base
        order = ("offset", "weekday", "day") if from_base else ("weekday", "offset", "day")
        keep = max((before, span), key=lambda s: order.index(s.kind))
        return replace(keep, start=before.start, end=span.end)
    if kinds == {"weekday", "week"} and all(b in _OF_WEEK for b in between):
        day, week = (before, span) if before.kind == "weekday" else (span, before)
        modifier = {"next": "in_next", "last": "in_last"}.get(week.modifier, day.modifier)
        return replace(day, start=before.start, end=span.end, modifier=modifier)
    if before.kind == span.kind == "day" and not before.day2:
        joined = bool(between) and scan.until(before.end) == span.start
        if joined or _from_to(span, scan):
            month = before.month or (span.month if before.day < span.day else (span.month - 2) % 12 + 1 if span.month else 0)
            year = before.year or (span.year and span.year - (month > span.month))
            return replace(span, start=before.start, day=before.day, month=month, year=year, day2=span.day, month2=span.month)
    if before.kind == span.kind == "weekday" and before.number2 < 0 and _from_to(span, scan):
        return replace(before, end=span.end, number2=span.number)
    return None


def _from_to(span: DateSpan, scan: Scan) -> bool:
    """``14 Eylül'den 15 Eylül'e kadar``, ``pazartesi gününden salı gününe kadar``, ``hétfőtől szerdáig``"""
    if scan.language == "hu":
        return scan.text(span.end - 1).endswith("ig") and scan.text(span.start - 1).endswith("tol")
    if not _kadar(scan, span):
        return False
    last = scan.tokens[span.start - 1]
    return (last.suffix or last.text).endswith(_FROM_ENDINGS)

"""Days of the month that are told without a month: "on the 9th", "9-го", "am 9. in Moskau", "ayın 9'unda", "9-én"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pipeline.meetings.extract.dates import DateSpan, Scan

#: What may stand behind such a day: with a noun there it would count something ("the 9th summit", "le 9 Downing Street").
_CLOSES: Final = {
    "en": frozenset(
        ("at", "and", "in", "from", "touching", "landing", "by", "for", "with", "until", "after", "when", "as", "but", "local")
    ),
    "ru": frozenset(("в", "во", "на", "с", "со", "и", "по", "для", "а", "утром", "вечером", "днем", "ночью")),
    "uk": frozenset(("в", "у", "на", "з", "із", "зі", "і", "та", "и", "до", "для", "по", "а")),
    "fr": frozenset(("a", "au", "en", "dans", "avec", "pour", "et", "puis", "sur", "lors", "aux")),
    "de": frozenset(("in", "im", "an", "mit", "nach", "zu", "bei", "und", "auf", "fur", "um", "sowie")),
    "es": frozenset(("en", "a", "al", "con", "y", "para", "sobre")),
    "it": frozenset(("a", "in", "con", "e", "al")),
    "nl": frozenset(("in", "met", "naar", "op", "en", "voor", "bij")),
    "pl": frozenset(("w", "we", "z", "ze", "do", "na", "i", "o", "u")),
}
#: So many words lie between a month and a day that is of it at most.
_NEAR: Final = 25
_DECEMBER: Final = 12
_MARKS: Final = frozenset((".", ",", ";", ")", ""))
#: What stands before it where the number alone would not be a day.
_BEFORE: Final = {
    "en": frozenset(("the",)),
    "fr": frozenset(("le", "du", "au")),
    "de": frozenset(("am", "vom")),
    "es": frozenset(("el", "dia")),
    "it": frozenset(("il", "giorno")),
    "nl": frozenset(("de",)),
}
_ENDINGS: Final = {
    "en": frozenset(("st", "nd", "rd", "th")),
    "ru": frozenset(("го",)),
    "uk": frozenset(("го",)),
    "hu": frozenset(("an", "en", "ai", "ei", "i", "are", "ere", "ra", "re", "ig", "aig", "eig", "tol", "atol", "etol")),
    "nl": frozenset(("e", "de", "ste")),
    "pl": frozenset(("go", "ego")),
}
#: "of this month", as each language says it behind the number, and whether that alone makes it a day.
_OF_MONTH: Final = {
    "en": ("of the month", "of this month"),
    "ru": ("числа", "числа этого месяца", "числа текущего месяца"),
    "uk": ("числа", "числа цього місяця"),
    "fr": ("du mois", "de ce mois", "courant"),
    "de": ("des monats", "dieses monats"),
    "es": ("del mes", "de este mes", "del corriente", "del presente mes"),
    "pl": ("bm", "tego miesiaca"),
    "ar": ("من الشهر الجاري", "من هذا الشهر", "من الشهر الحالي", "الجاري", "الحالي"),
    "he": ("בחודש", "לחודש", "החודש"),
}
#: The same, before the number.
_MONTH_BEFORE: Final = {"tr": ("ayin",), "hu": ("honap", "ho")}
#: The vowel that the ending of a day has in Hungarian, as written.
_OF_A_DAY: Final = ("á", "é", "i")
_MONTH_ENDINGS: Final = ("inda", "unda", "sinda", "sinde", "inde", "unde", "ine", "una", "sina", "sine", "u", "i", "si")


def bare_day(scan: Scan, i: int) -> DateSpan | None:
    """The day, with month 0, that the number at token ``i`` says by the words around it; None where it may count anything else."""
    day, width = scan.day(i)
    if not day:
        return None
    language, at = scan.language, i + width
    end = _ending(scan, at)
    if (after := _phrase(scan, end, _OF_MONTH.get(language, ()))) > end:
        return DateSpan(i, after, "day", day)
    if scan.text(i - 1) in _MONTH_BEFORE.get(language, ()):
        return DateSpan(i, _apostrophe(scan, end), "day", day)
    if language == "hu":  # "9-én"; "12-en" are twelve people
        return DateSpan(i, end, "day", day) if end > at and scan.written(end - 1)[:1] in _OF_A_DAY else None
    if language in _ENDINGS and end == at:
        return None
    if language not in _CLOSES or (language in _BEFORE and scan.text(i - 1) not in _BEFORE[language]):
        return None
    if language == "de":
        if scan.text(end) != ".":
            return None
        end += 1
    closes = scan.text(end) in _CLOSES[language] or (language != "de" and scan.text(end) in _MARKS)
    closes = closes or (scan.text(end) == "to" and (scan.text(end + 1) == "the" or scan.number(end + 1) > 0))
    return DateSpan(i, end, "day", day) if closes and not scan.capital(end) else None


def with_months(spans: Sequence[DateSpan]) -> list[DateSpan]:
    """``arrived on 3 June and left on the 5th``: a day without a month is of the month that was named shortly before, or of the next."""
    out: list[DateSpan] = []
    named: DateSpan | None = None
    for span in spans:
        if span.kind == "day" and not span.month and named is not None and span.start - named.end <= _NEAR:
            month = named.month2 or named.month
            later = named.kind == "day" and span.day < (named.day2 or named.day)
            year = named.year + (later and month == _DECEMBER) if named.year else 0
            out.append(replace(span, month=month % _DECEMBER + 1 if later else month, year=year))
            continue
        if span.kind in ("day", "month") and span.month:
            named = span
        out.append(span)
    return out


def _ending(scan: Scan, at: int) -> int:
    """Behind the ending of an ordinal, glued or after a hyphen."""
    endings = _ENDINGS.get(scan.language, frozenset())
    if scan.text(at) == "-" and scan.text(at + 1) in endings and scan.glued(at) and scan.glued(at + 1):
        return at + 2
    return at + 1 if scan.text(at) in endings and scan.glued(at) else at


def _apostrophe(scan: Scan, at: int) -> int:
    return at + 2 if scan.text(at) == "'" and scan.text(at + 1).startswith(_MONTH_ENDINGS) else at


def _phrase(scan: Scan, at: int, phrases: Sequence[str]) -> int:
    """The index behind the longest of the phrases that stands at ``at``; ``at`` where none does."""
    found = [p.split() for p in phrases]
    return max((at + len(w) for w in found if [scan.text(at + k) for k in range(len(w))] == w), default=at)

"""Clock times in words and with words for their units: ``half past eight``, ``в 3 часа 40 минут``, ``العاشرة والنصف``."""

from __future__ import annotations

import re
from typing import Final

_EN_HOURS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DE_HOURS: Final = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")
_AR_HOURS: Final = {
    "الواحدة": 1, "الثانية عشرة": 12, "الثانية عشر": 12, "الثانية": 2, "الثالثة": 3, "الرابعة": 4, "الخامسة": 5, "السادسة": 6,
    "السابعة": 7, "الثامنة": 8, "التاسعة": 9, "العاشرة": 10, "الحادية عشرة": 11, "الحادية عشر": 11,
}  # fmt: skip
_AR_NAMES: Final = "|".join(sorted(_AR_HOURS, key=len, reverse=True))
_EN_NAMES: Final = "|".join(_EN_HOURS)

_ENGLISH: Final = re.compile(
    rf"(?i)\b(?:(?P<part>half past|(?:a )?quarter past|(?:a )?quarter to)\s(?P<hour>{_EN_NAMES}|1[0-2]|[1-9])"
    rf"|(?:at|around|about|before|after|by)\s(?P<fixed>noon|midday|midnight)"
    rf"|(?:at|around|about|before|after|by)\s(?P<sharp>{_EN_NAMES})"
    r"(?=\s(?:o'clock|o’clock|in the (?:morning|afternoon|evening)|a\.?m\b|p\.?m\b)))"
)
_UNITS: Final = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])\s(?:час(?:а|ов)?|годин[иуаі]?|óra(?:kor)?|ore|heures?|horas)\b"
    r"(?:\s(?:и\s|та\s|és\s|et\s|y\s|e\s)?(?P<minute>[0-5]?\d)(?:\s(?:минут\w*|хвилин\w*|perc\w*|minutes?|minutos|minuti))?\b)?"
)
_ARABIC: Final = re.compile(
    rf"(?:الساعة|عند|عند الساعة|في|في الساعة|حوالي|نحو|قرابة)\s(?P<hour>{_AR_NAMES})"
    r"(?:\s?(?:(?P<half>والنصف)|(?P<quarter>والربع)|(?P<less>إلا\sربع\w*)|و\s?(?P<minute>[0-5]?\d)\s(?:دقيقة|دقائق)))?"
)
_GERMAN: Final = re.compile(rf"(?i)\b(?:um|gegen|nach|vor)\s(?P<hour>{'|'.join(_DE_HOURS)})\sUhr\b")
#: Before "hours" a number may also be a length: these words make it a time of day.
_AT: Final = re.compile(r"(?i)(?:\b(?:в|об?|у|à|a las|alle|kl|около|близько|reggel|este|délután|hajnali|hajnalban|délelőtt|éjjel)|^)\s?$")


def spoken(text: str, start: int, end: int, language: str) -> list[tuple[int, int, int]]:
    """``(minute of the day, start, end)`` of every such time in ``text[start:end]``; the part of the day is still to be read."""
    if language == "en":
        return [_english(m) for m in _ENGLISH.finditer(text, start, end)]
    if language == "ar":
        return [_arabic(m) for m in _ARABIC.finditer(text, start, end)]
    if language == "de":
        found = _GERMAN.finditer(text, start, end)
        return [((_DE_HOURS.index(m["hour"].casefold()) + 1) * 60, m.start("hour"), m.end()) for m in found]
    return [
        (int(m["hour"]) * 60 + int(m["minute"] or 0), m.start(), m.end())
        for m in _UNITS.finditer(text, start, end)
        if _AT.search(text[max(start, m.start() - 12) : m.start()])
    ]


def _english(match: re.Match[str]) -> tuple[int, int, int]:
    if fixed := match["fixed"]:
        return (0 if fixed.casefold() == "midnight" else 720), match.start("fixed"), match.end()
    word = (match["hour"] or match["sharp"]).casefold()
    hour = int(word) if word.isdigit() else _EN_HOURS.index(word) + 1
    part = (match["part"] or "").casefold()
    minute = 30 if part.startswith("half") else 15 if part.endswith("past") else -15 if part.endswith("to") else 0
    return hour * 60 + minute, match.start("sharp") if match["sharp"] else match.start(), match.end()


def _arabic(match: re.Match[str]) -> tuple[int, int, int]:
    minute = 30 if match["half"] else 15 if match["quarter"] else -15 if match["less"] else int(match["minute"] or 0)
    return _AR_HOURS[match["hour"]] * 60 + minute, match.start("hour"), match.end()

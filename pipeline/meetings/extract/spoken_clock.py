"""Clock times told in words or by a bare hour: ``half past eight``, ``в девять утра``, ``halb neun``, ``العاشرة والنصف``.

The words are in ``config/extract/spoken_clock.csv``. Kinds: ``hours``, the hours one to twelve in the forms that tell a time, parted
by a slash (an underscore is a space); ``told``, a pattern in which ``{H}`` is an hour in words, ``{D}`` in digits and ``{N}`` a number
of minutes, with the minutes that it adds to the hour (before ``{N}`` only their sign); ``fixed``, noon and midnight; ``minutes``, numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped

_UNITS: Final = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])\s(?:час(?:а|ов)?|ч\.?|годин[иуаі]?|год\.?|óra(?:kor)?|ore|heures?|horas)\b"
    r"(?:\s(?:и\s|та\s|és\s|et\s|y\s|e\s)?(?P<minute>[0-5]?\d)(?:\s(?:мин(?:ут\w*|\.)?|хв(?:илин\w*|\.)?|perc\w*|minutes?|minutos|minuti))?\b)?"
)
#: Before "hours" a number may also be a length: these words make it a time of day.
_AT: Final = re.compile(r"(?i)(?:\b(?:в|об?|у|à|a las|alle|kl|около|близько|reggel|este|délután|hajnali|hajnalban|délelőtt|éjjel)|^)\s?$")


#: In these an ending is written on to the hour.
_GLUED: Final = frozenset({"tr", "hu"})


@dataclass(slots=True)
class _Words:
    """``told``: a pattern, the minutes it adds, the sign of those it names; ``fixed``: a pattern and its minute of the day."""

    hours: dict[str, int] = field(default_factory=dict)
    told: list[tuple[re.Pattern[str], int, int]] = field(default_factory=list)
    fixed: list[tuple[re.Pattern[str], int]] = field(default_factory=list)
    minutes: dict[str, int] = field(default_factory=dict)


@cache
def _words(language: str) -> _Words:
    rows, _ = read_file(shipped("extract", "spoken_clock.csv"), required=("language", "kind", "minutes", "text"))
    mine = [r for r in rows if r["language"] in ("", language)]
    out = _Words(minutes={r["text"]: int(r["minutes"]) for r in mine if r["kind"] == "minutes"})
    for row in mine:
        if row["kind"] == "hours":
            listed = row["text"].split()
            out.hours = {form.replace("_", " "): hour for hour, forms in enumerate(listed, start=1) for form in forms.split("/")}
    close = "" if language in _GLUED else r"(?!\w)"
    hours = "|".join(sorted(map(re.escape, out.hours), key=len, reverse=True))
    numbers = "|".join(sorted(out.minutes, key=len, reverse=True))
    for row in mine:
        added, text = int(row["minutes"]), row["text"]
        if row["kind"] == "fixed":
            out.fixed.append((re.compile(rf"(?i)(?<!\w){text}(?!\w)"), added))
        elif row["kind"] == "told":
            filled = text.format(
                H=f"(?P<word>{hours}){close}", D=r"(?P<digit>[01]?\d|2[0-3])(?![\d:])", N=rf"(?P<minutes>{numbers}|[1-5]?\d)"
            )
            named = "{N}" in text
            out.told.append((re.compile(rf"(?i)(?<![\w.:]){filled}"), 0 if named else added, -1 if named and added < 0 else 1))
    return out


def spoken(text: str, start: int, end: int, language: str) -> list[tuple[int, int, int]]:
    """``(minute of the day, start, end)`` of every such time in ``text[start:end]``; the part of the day is still to be read."""
    found: list[tuple[int, int, int]] = []
    words = _words(language)

    def keep(minute: int, first: int, last: int) -> None:
        if not any(a < last and first < b for _, a, b in found):
            found.append((minute % 1440, first, last))

    for m in _UNITS.finditer(text, start, end):
        if m[0].endswith("kor") or _AT.search(text[max(start, m.start() - 12) : m.start()]):
            keep(int(m["hour"]) * 60 + int(m["minute"] or 0), m.start(), m.end())
    for pattern, added, sign in words.told:
        for m in pattern.finditer(text, start, end):
            said = m.groupdict()
            word, digit, minutes = said.get("word"), said.get("digit"), said.get("minutes")
            hour = int(digit) if digit else words.hours.get(" ".join((word or "").casefold().split()), 1)
            more = 0 if not minutes else int(minutes) if minutes.isdigit() else words.minutes[minutes.casefold()]
            keep(hour * 60 + added + sign * more, m.start("word") if word and not added and not more else m.start(), m.end())
    for pattern, minute in words.fixed:
        for m in pattern.finditer(text, start, end):
            keep(minute, m.start(), m.end())
    return sorted(found, key=lambda f: f[1])

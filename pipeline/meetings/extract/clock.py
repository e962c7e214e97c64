"""Clock times with the words that say whose clock: ``8:14 pm (1714 GMT)``, ``в 16:25 по московскому времени``, ``1h45``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipeline.meetings.extract.folded import fold_text
from pipeline.meetings.extract.spoken_clock import spoken
from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped

_CLOCK: Final = re.compile(
    r"(?:(?<![\d.,:/-])|(?<=\bב-))(?:(?P<h>[01]?\d|2[0-3])(?::|(?P<dot>\.)|(?P<letter>\s?[hH]\s?))(?P<m>[0-5]\d)(?![\d:]|\.\d)"
    r"|(?P<military>(?:[01]\d|2[0-3])[0-5]\d)(?=\s?(?:GMT|UTC|[Zz]\b|UT\b|hrs\b|local\b|L\b|мск|MSK))"
    r"|(?P<whole>1[0-2]|0?[1-9])(?=\s?(?:a\.?m\b|p\.?m\b))"
    r"|(?P<hours>[01]?\d|2[0-3])\s?(?=heures?\b|Uhr\b|h\b))"
)
_PM: Final = re.compile(
    r"^(?:'?\w{0,3})?\W{0,2}(?:p\.?\s?m\b|de la (?:noche|tarde)|مساء|عصرا|ظهرا|ليلا|بعد الظهر|"
    r"du soir|de l'après-midi|вечера|дня\b|in the (?:afternoon|evening)|пополудни|вечора|wieczorem|este\b|délután|בערב|אחר הצהריים|"
    r"del pomeriggio|di sera|da noite|da tarde)"
)
_AM: Final = re.compile(
    r"^(?:'?\w{0,3})?\W{0,2}(?:a\.?\s?m\b|de la (?:mañana|madrugada)|صباحا|du matin|"
    r"утра|ночи|rano|בבוקר|reggel|del mattino|di notte|da manhã|فجرا|in the morning|ранку|de mañana|de la madrugada)"
)
#: In these a full stop parts hours and minutes; elsewhere "28.03" is a date.
_DOTTED: Final = frozenset({"tr", "en", "de", "it", "pl", "he", "ar", "uk", "ru", "es", "hu"})
_SAYS_CLOCK: Final = re.compile(
    r"(?:\bsaat(?:i|ler\w*|iyle)?|\bTSİ|\bat|\baround|\babout|\bby|\bum|\bgegen|\bhacia las?|\ba la|\bsobre las|o godz\.?"
    r"|\bo|\bkoło|\bw|в|о|об|alle(?: ore)?|الساعة|בשעה|à|a las|kl\.?)\s*$",
    re.IGNORECASE,
)
_CASE_AFTER: Final = re.compile(r"^['’](?:de|da|te|ta|den|dan|ten|tan|e|a|ye|ya|sularında)\b")
_ZONE_REACH: Final = 34
#: ``13:25Z``, ``0910z``; ``19:48 UTC+3`` is no UTC.
_ZULU: Final = re.compile(r"\s?[Zz](?!\w)")
_OFFSET: Final = re.compile(r"\s?\(?(?:UTC|GMT)\s?([+\-−–])\s?0?(1[0-4]|\d)(?::?00)?(?![\d:])\)?")
#: The zone of a heading stands right behind its word for times.
_HEADING_REACH: Final = 20
#: "all times UTC", "mon relevé, en heure de Paris", "Zeiten in UTC": a heading over times.
_HEADING: Final = re.compile(
    r"(?i)\b(?:all times?|times? (?:are|in|is)|times?:|(?:en |toutes )?heures?\b|(?:alle )?zeiten|время|времена|час(?= (?:київ|місц|utc))|"
    r"saatler|(?:todas )?(?:las )?horas|czasy?|godziny|az idő(?:k|pontok)|جميع الأوقات|الأوقات|כל השעות|השעות)"
)
#: Arabic and Persian digits, one character each.
_DIGITS: Final = {base + n: str(n) for base in (0x660, 0x6F0) for n in range(10)}
#: In these the part of the day stands before the time: "este 10:35", "öğleden sonra 2.30".
_PART_BEFORE: Final = frozenset({"hu", "tr"})
_PM_BEFORE: Final = re.compile(r"(?i)(?:\beste|\bdélután|\bakşam|öğleden sonra|\bgece)\s(?:saat\s)?$")
#: Turkish and Hungarian name the clock before the time: "Moskova saatiyle 08.03'te", "helyi idő szerint 5:40-kor".
_ZONE_BEFORE: Final = re.compile(
    r"(?i)(?:\bTSİ|\bTRT|\w+ saatiyle|\w+ saati(?: ile)?|helyi idő szerint|magyar idő szerint|moszkvai idő szerint|بتوقيت \w+)\W{0,2}$"
)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """``minute`` of the day on the clock of ``zone`` ('' : not said, 'local': the place's own); at characters ``[start, end)``."""

    minute: int
    zone: str
    text: str
    start: int
    end: int


@cache
def _zones() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows, _ = read_file(shipped("extract", "zones.csv"), required=("zone", "words"))
    found = []
    for row in rows:
        for words in row["words"].split("|"):
            plain = fold_text(words)
            ending = r"\w*" if plain.endswith("*") else r"\b"
            found.append((re.compile(rf"(?<!\w){re.escape(plain.rstrip('*'))}{ending}"), row["zone"]))
    return tuple(sorted(found, key=lambda z: -len(z[0].pattern)))


def find_times(text: str, start: int, end: int, language: str) -> list[ClockTime]:
    """The clock times of ``text[start:end]`` in order; of two that say one moment in two zones, the one in UTC."""
    text = text.translate(_DIGITS)
    found = [_read(m, text, end, language) for m in _CLOCK.finditer(text, start, end) if _is_time(m, text, language)]
    for minute, first, last in spoken(text, start, end, language):
        if not any(t.start < last and first < t.end for t in found):
            found.append(_told(minute, first, last, text, end, language))
    found.sort(key=lambda t: t.start)
    out: list[ClockTime] = []
    for one in found:
        if out and one.zone == "UTC" and one.start - out[-1].end <= _ZONE_REACH and text[out[-1].end : one.start].count("(") == 1:
            out[-1] = ClockTime(one.minute, "UTC", text[out[-1].start : one.end], out[-1].start, one.end)
        else:
            out.append(one)
    return out


def heading_zone(text: str, start: int, end: int) -> str:
    """The zone that a line without a time says all times are of; '' when it says none."""
    for match in _HEADING.finditer(text, start, end):
        if zone := _zone_of(text, match.end(), min(end, match.end() + _HEADING_REACH))[0]:
            return zone
    return ""


def _is_time(match: re.Match[str], text: str, language: str) -> bool:
    if not match["dot"]:
        return True
    if language not in _DOTTED:
        return False
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 14]
    if re.match(r"\s?(?:Uhr|h|hrs?)\b", after):
        return True
    if _AM.match(after) or _PM.match(after) or _CASE_AFTER.match(after):
        return True
    return bool(_SAYS_CLOCK.search(before)) and not re.match(r"\s?(?:%|млн|млрд|million|milyon|billion|percent)", after)


def _read(match: re.Match[str], text: str, end: int, language: str) -> ClockTime:
    if match["military"]:
        hour, minute = int(match["military"][:2]), int(match["military"][2:])
    elif match["whole"] or match["hours"]:
        hour, minute = int(match["whole"] or match["hours"]), 0
    else:
        hour, minute = int(match["h"]), int(match["m"])
    return _told(hour * 60 + minute, match.start(), match.end(), text, end, language)


def _told(minute: int, first: int, last: int, text: str, end: int, language: str) -> ClockTime:
    """A time with the part of the day that stands beside it, and its zone."""
    after, before = text[last : last + 22], text[max(0, first - 24) : first]
    evening = _PM.match(after) or (language in _PART_BEFORE and _PM_BEFORE.search(before))
    if evening and minute < 720:
        minute += 720
    elif _AM.match(after) and minute // 60 == 12:
        minute -= 720
    zone, stop = _zone_of(text, last, end)
    if not zone and (said := _ZONE_BEFORE.search(before)):
        zone = _zone_of(f"00:00 {said[0]}", 5, 6 + len(said[0]))[0]
    return ClockTime(minute % 1440, zone, text[first:stop].strip(), first, stop)


def _zone_of(text: str, at: int, end: int) -> tuple[str, int]:
    """The zone that words right after a clock time name, and where they end."""
    limit = min(end, at + _ZONE_REACH)
    following = _CLOCK.search(text, at, limit)
    part = text[at : following.start() if following else limit]
    if zulu := _ZULU.match(part):
        return "UTC", at + zulu.end()
    if offset := _OFFSET.match(part):
        # the names of these zones have the sign of POSIX
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{offset[2]}", at + offset.end()
    folded = fold_text(part)
    for pattern, zone in _zones():
        match = pattern.search(folded)
        if match is None or match.start() > 20:
            continue
        if len(match[0]) <= 4 and match[0].isascii() and not (part[match.start() : match.end()].isupper() and match.start() <= 9):
            continue  # "est" is a French verb
        closing = 1 if part[match.end() : match.end() + 1] == ")" else 0
        return zone, min(limit, at + match.end() + closing)
    return "", at

"""Clock times with the words that say whose clock: ``8:14 pm (1714 GMT)``, ``в 16:25 по московскому времени``, ``1h45``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.meetings.extract.clock_zones import OFFSET, zone_after, zone_before, zone_in
from pipeline.meetings.extract.spoken_clock import spoken

_CLOCK: Final = re.compile(
    r"(?:(?<![\d.,:/-])|(?<=\bב-)|(?<=\d:\d\d-)|(?<=\dT))"
    r"(?:(?P<h>[01]?\d|2[0-3])(?::|(?P<dot>\.)|(?P<letter>\s?(?:[hH]|Uhr)\s?))(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d:]|\.\d)"
    r"|(?P<military>(?:[01]\d|2[0-3])[0-5]\d)(?=\s?(?:GMT|UTC|[Zz]\b|UT\b|hrs\b|hours\b|local\b|LT\b|L\b|мск|MSK|CES?T\b|EES?T\b|"
    r"MES?Z\b|E[SD]T\b|TSİ))"
    r"|(?P<four>(?:[01]\d|2[0-3])[0-5]\d)(?=\s?(?:\w+ time\b|the same|this |that |on |and |,|\.|;|\)|$|\n))"
    r"|(?P<whole>1[0-2]|0?[1-9])(?=\s?(?:a\.?m\b|p\.?m\b))"
    r"|(?P<hours>[01]?\d|2[0-3])\s?(?=heures?\b|Uhr\b|h\b))"
)
_EVENING: Final = (
    r"p\.?\s?m\b|in the (?:afternoon|evening)|this (?:afternoon|evening)|(?:that|the same) (?:afternoon|evening)|at night|tonight|"
    r"de la (?:noche|tarde)|مساء|عصرا|ظهرا|ليلا|بعد الظهر|du soir|de l['’]après-midi|вечера|дня\b|"
    r"пополудни|пополудні|вечора|дня\b|wieczorem|po południu|este\b|délután|בערב|אחר הצהריים|בצהריים|בלילה|del pomeriggio|di sera|"
    r"da noite|da tarde|"
    r"abends|nachmittags|am abend|am nachmittag|'s avonds|s middags"
)
_MORNING: Final = (
    r"a\.?\s?m\b|in the morning|this morning|de la (?:mañana|madrugada)|صباحا|فجرا|du matin|утра|ночи|ранку|ночі|rano|w nocy|"
    r"nad ranem|בבוקר|לפנות בוקר|"
    r"reggel|hajnal\w*|del mattino|di notte|da manhã|da madrugada|de mañana|de madrugada|morgens|früh\b|nachts"
)
_PM: Final = re.compile(rf"(?i)^(?:['’]?\w{{0,3}})?\W{{0,2}}(?:{_EVENING})")
_AM: Final = re.compile(rf"(?i)^(?:['’]?\w{{0,3}})?\W{{0,2}}(?:{_MORNING})")
#: The part of the day before the time: "este 10:35", "öğleden sonra 2.30", "вечером в 9 часов".
_PM_BEFORE: Final = re.compile(
    r"(?i)(?:\beste|\bdélután|\bakşam\w*|öğleden sonra|вечером|\bувечері|abends|nachmittags|wieczorem|po południu|مساء(?: \S+)?|"
    r"עם ערב|בערב)"
    r"(?:,? (?:saat|um|gegen|о|об|в|около|o|godz\.|عند الساعة|الساعة|בשעה))?[ ,]*$"
)
#: At night the hours before this are of the morning.
_NIGHT_BEFORE: Final = re.compile(r"(?i)(?:\bgece\w*|éjjel|ночью|вночі|w nocy|nachts)(?: (?:saat|um|в|о|o))?\s$")
_DAWN_HOUR: Final = 6
#: In these a full stop parts hours and minutes; elsewhere "28.03" is a date.
_DOTTED: Final = frozenset({"tr", "en", "de", "it", "pl", "he", "ar", "uk", "ru", "es", "hu", "nl", "pt"})
#: Behind it a time is the length of a flight: "3 h 20 de vol", "3 годин 20 хвилин польоту".
_LENGTH: Final = re.compile(
    r"(?i)^\s?(?:\d+\s(?:minut\w*|минут\w*|хвилин\w*|perc\w*|dakika\w*|min\.?)\s)?(?:(?:long\w*|of|de|di|в|у)\s)?"
    r"(?:flight|flying|vol\b|route\b|vuelo|viaje|volo\b|voo\b|flug|flugzeit|полёт\w*|полет\w*|польот\w*|пути\b|lotu\b|podróży|perces|"
    r"percnyi|óra repül|repül\w+|uçuş\w*)"
)
_SAYS_CLOCK: Final = re.compile(
    r"(?:\bsaat(?:i|ler\w*|iyle)?|\bTSİ|\bat|\baround|\babout|\bby|\bfrom|\bum|\bgegen|\bhacia las?|\ba la|\bsobre las|o godz\.?|"
    r"godz\.?|godzinie"
    r"|\bo|\bkoło|\bw|\bo około|в|о|об|около|близько|alle(?: ore)?|الساعة|בשעה|à|a las|kl\.?|\bom"
    r"|\breggel|\beste|\bdélután|\bdélelőtt|\bhajnali?|\bsabah|\bakşam)\s*$",
    re.IGNORECASE,
)
_CASE_AFTER: Final = re.compile(
    r"^(?:['’](?:de|da|te|ta|den|dan|ten|tan|e|a|ye|ya|i|ı|sularında)\b|-(?:kor|ig|tól|től)\b|[’']?\s(?:sularında|sıralarında|civarında))"
)
_MEASURE: Final = re.compile(r"\s?(?:%|млн|млрд|million|milyon|billion|percent|mrd|руб|dollar|euro|доллар|yüzde|puan|kilomet|km\b)")
#: "at 1608", "touched down 1857": four digits are a time behind these.
_SAYS_FOUR: Final = re.compile(
    r"(?i)\b(?:at|around|about|by|landed|landing|down|off|up|airborne|arrived|departed|dep|arr|out|ground|leaving)\s$"
)
#: Since and until when something lasted is no time at which something was done.
_LASTS: Final = re.compile(
    r"(?i)(?<!\w)(?:since|until|till|depuis|jusqu['’]à|seit|bis|desde las?|hasta las?|منذ|حتى|מאז|עד)(?: (?:about|around|um|etwa|"
    r"الساعة|השעה))?\s$"
)
#: What stands there since a time has come at it.
_STOOD: Final = re.compile(
    r"(?i)\b(?:on the ground|on the tarmac|parked|on stand|am boden|auf dem rollfeld|au sol|en tierra|на земле|на землі|"
    r"pistte|yerde|na ziemi|a terra)"
    r"\b[^.;]{0,60}\b(?:since|seit|depuis|desde|dal?|od)\b"
)
#: Before these a dotted number is a day and month.
_SAYS_DATE: Final = re.compile(r"(?i)(?<!\w)(?:am|vom|dem|dnia|от|від|du|le|el|dated|on)\s$")
#: Arabic and Persian digits, one character each; dashes between times.
_DIGITS: Final = {**{base + n: str(n) for base in (0x660, 0x6F0) for n in range(10)}, 0x2013: "-", 0x2014: "-"}
_BRACKET_REACH: Final = 34
#: Words of a zone end so near behind a time, with room to spare.
_ZONE_REACH: Final = 64
#: In these a time of two digits and two may be of either half of the day.
_TWELVE: Final = frozenset({"en", "ar"})
_PART_REACH: Final = 44
_LATE: Final = re.compile(
    r"(?i)\b(?:evening|afternoon|soir|après-midi|\w*abend|\w*nachmittag|tarde|noche|вечер\w*|вечора|увечері|ввечері|wiecz\w+|popołudni\w*|akşam\w*|este|délután|"
    r"sera|pomeriggio|noite|avond|middag)\b|مساء|عصر|ظهر|الليل|ערב|צהריים"
)
_EARLY: Final = re.compile(
    r"(?i)\b(?:morning|dawn|matin|morgens|früh|\w*morgen|\w*vormittag|mañana|madrugada|утр\w*|ранк\w*|вранці|rano|ran[ek]\w*|świt\w*|sabah\w*|reggel|délelőtt|hajnal\w*|"
    r"mattin\w*|manhã|ochtend|noon)\b|صباح|فجر|בוקר"
)
_LENGTH_REACH: Final = 34
#: Four digits of a log: "0512".
_LOGGED: Final = re.compile(r"(?<![\w.,:/+-])(?P<four>(?:[01]\d|2[0-3])[0-5]\d)(?![\w:/+-]|[.,]\d)")
_YEAR: Final = re.compile(r"(?:19[5-9]|20[0-3])\d")


@dataclass(frozen=True, slots=True)
class ClockTime:
    """``minute`` of the day on the clock of ``zone`` ('' : not said, 'local': the place's own); at characters ``[start, end)``.

    ``beside``: it stands in brackets or behind a stroke beside the one before: the same moment on another clock.
    """

    minute: int
    zone: str
    text: str
    start: int
    end: int
    beside: bool = False


def plain_digits(text: str) -> str:
    """``text`` with digits and dashes as ``find_times`` reads them, character by character."""
    return text.translate(_DIGITS)


def find_times(text: str, start: int, end: int, language: str, *, flown: bool = False, logged: bool = False) -> list[ClockTime]:
    """The clock times of ``text[start:end]`` (digits as of ``plain_digits``) in order; of two that say one moment, the one in UTC.

    ``flown``: the sentence tells of a flight, so that dotted numbers in it are times: "Cidde 16.22 iniş"; ``logged``: a heading
    says whose clock all times are of, so that four digits are one: "Mehrabad 0512 - Beirut 0748".
    """
    matches = [m for m in _CLOCK.finditer(text, start, end) if _is_time(m, text, end, language, flown=flown)]
    if any(m["h"] and not m["dot"] for m in matches):  # "14.11 Внуково 08:03" is a date
        matches = [m for m in matches if not m["dot"] or _is_time(m, text, end, language, flown=False)]
    if logged and not matches:
        matches = [m for m in _LOGGED.finditer(text, start, end) if not _YEAR.fullmatch(m["four"])]
    matches = [m for m in matches if not _lasts(text, start, m.start()) and not _is_length(m, text, end)]
    found = [_read(m, text, start, end, twelve=language in _TWELVE and _is_short(m)) for m in matches]
    for minute, first, last in spoken(text, start, end, language):
        if not any(t.start < last and first < t.end for t in found) and not _LENGTH.match(text[last : min(end, last + _LENGTH_REACH)]):
            found.append(_told(minute, first, last, text, start, end, twelve=True))
    found.sort(key=lambda t: t.start)
    out: list[ClockTime] = []
    for one in found:
        between = text[out[-1].end : one.start] if out else ""
        opened = between.count("(") - between.count(")") == 1 or between.strip() in ("/", "=")
        beside = bool(out) and len(between) <= _BRACKET_REACH and opened
        if beside and one.zone == "UTC":
            out[-1] = ClockTime(one.minute, "UTC", text[out[-1].start : one.end], out[-1].start, one.end)
        else:
            out.append(ClockTime(one.minute, one.zone, one.text, one.start, one.end, beside))
    return out


def _lasts(text: str, start: int, at: int) -> bool:
    """Whether a time is one since or until when something lasted; "on the ground since 10:20" says when an aircraft came."""
    return bool(_LASTS.search(text[max(start, at - 24) : at])) and not _STOOD.search(text[start:at])


def _is_length(match: re.Match[str], text: str, end: int) -> bool:
    said = match.groupdict()
    return bool(said.get("letter")) and _LENGTH.match(text[match.end() : min(end, match.end() + _LENGTH_REACH)]) is not None


def _is_short(match: re.Match[str]) -> bool:
    """``7:40``, of whose two the day has the words beside it must say which."""
    said = match.groupdict()
    return bool(said.get("h")) and not said["h"].startswith("0") and not said["letter"]


def heading_zone(text: str, start: int, end: int) -> str:
    """The zone that words without a time beside them say all times are of; '' when they say none."""
    return zone_in(text, start, end)


def _is_time(match: re.Match[str], text: str, end: int, language: str, *, flown: bool) -> bool:
    if match["four"]:
        return language == "en" and bool(_SAYS_FOUR.search(text[max(0, match.start() - 12) : match.start()]))
    if not match["dot"]:
        return True
    if language not in _DOTTED:
        return False
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 14]
    if re.match(r"\s?(?:Uhr|h|hrs?|uur)\b", after) or _AM.match(after) or _PM.match(after) or _CASE_AFTER.match(after):
        return True
    if zone_after(text, match.end(), _limit(text, match.end(), end))[0]:
        return True
    if _MEASURE.match(after):
        return False
    return bool(_SAYS_CLOCK.search(before)) or (
        flown and len(match["h"]) == 2 and not _SAYS_DATE.search(before) and before[-1:] not in "$€£%"
    )


def _read(match: re.Match[str], text: str, start: int, end: int, *, twelve: bool) -> ClockTime:
    said = match.groupdict()
    if four := said.get("military") or said["four"]:
        hour, minute = int(four[:2]), int(four[2:])
    elif match["whole"] or match["hours"]:
        hour, minute = int(match["whole"] or match["hours"]), 0
    else:
        hour, minute = int(match["h"]), int(match["m"])
    return _told(hour * 60 + minute, match.start(), match.end(), text, start, end, twelve=twelve)


def _told(minute: int, first: int, last: int, text: str, start: int, end: int, *, twelve: bool) -> ClockTime:
    """A time with the part of the day that stands beside it (``twelve``: or farther off), and its zone."""
    after, before = text[last : min(end, last + 26)], text[max(start, first - 30) : first]
    hour = minute // 60
    if _PM.match(after):
        night = after.lstrip(" ,'’").startswith(("בלילה", "at night", "ليلا")) and hour < _DAWN_HOUR
        minute += 720 if hour < 12 and not night else 0
    elif _AM.match(after):
        minute -= 720 if hour == 12 else 0
    elif _PM_BEFORE.search(before) and hour < 12:
        minute += 720
    elif _NIGHT_BEFORE.search(before):
        minute += 720 if _DAWN_HOUR < hour < 12 else 0
    elif twelve and 0 < hour < 12 and _in_the_evening(text, max(start, first - _PART_REACH), first, last, min(end, last + _PART_REACH)):
        minute += 720
    zone, stop = zone_after(text, last, _limit(text, last, end))
    if not zone:
        zone = zone_before(text, max(start, first - 34), first)
    return ClockTime(minute % 1440, zone, text[first:stop].strip(), first, stop)


def _in_the_evening(text: str, low: int, first: int, last: int, high: int) -> bool:
    """Whether the words around a time, up to the next number or comma, say that it is of the second half of the day."""
    before = re.split(r"[\d,،;.]", text[low:first].rstrip(" ,"))[-1]
    after = re.split(r"[\d,،;]", text[last:high])[0]
    around = f"{before} {after}"
    return bool(_LATE.search(around)) and not _EARLY.search(around)


def _limit(text: str, at: int, end: int) -> int:
    """Words of a zone are looked for up to the next time; the number of an offset is none."""
    end = min(end, at + _ZONE_REACH)
    following = _CLOCK.search(text, at, end)
    while (
        following
        and OFFSET.search(text, at, following.end() + 1)
        and (m := OFFSET.search(text, at, following.end() + 1))
        and m.end() >= following.end()
    ):
        following = _CLOCK.search(text, following.end(), end)
    return following.start() if following else end

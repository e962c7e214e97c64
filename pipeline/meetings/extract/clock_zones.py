"""The words that say whose clock a time is of: ``GMT``, ``по московскому времени``, ``local time``, ``UTC+3``."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pipeline.meetings.extract.folded import fold_text
from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped

_REACH: Final = 34
#: So near behind a number, words of a zone are that number's.
_OWN: Final = 3
#: Words of a zone begin so near behind the time.
_BEGINS: Final = 20
#: ``13:25Z``, ``0910z``; ``19:48 UTC+3`` is no UTC.
_ZULU: Final = re.compile(r"\s?[Zz](?!\w)")
OFFSET: Final = re.compile(r"\s?\(?(?:UTC|GMT|MSK|мск|Z)\s?([+\-−–])\s?0?(1[0-4]|\d)(?::?([0-5]\d))?(?![\d:])\)?")
_BARE_OFFSET: Final = re.compile(r"([+\-−])0?(1[0-4]|\d):?([0-5]\d)(?!\d)")
#: An acronym so short is one in capitals alone: "est" is a French verb.
_ACRONYM: Final = 4
#: ``ET-AVS`` is a tail.
_TAIL: Final = re.compile(r"-\w")
#: Words for time and clock; beside a zone and no time they say all times are of it.
_TIMES: Final = re.compile(
    r"(?i)\b(?:times?|clock|hours?|heures?|(?:uhr)?zeit(?:en|angaben)?|время|времена|времени|час(?:ы|и|у)?|часі|saatler\w*|saat|"
    r"zaman\w*|horas?|horario|czas\w*|godziny|"
    r"idő\w*|ora|ore|orari|tijd\w*|horários?|zulu)\b|الأوقات|أوقات|التوقيت|بتوقيت|השעות|שעון|שעות|הזמנים"
)
#: A line that says so begins or ends with it, or names all times.
_ALL: Final = re.compile(
    r"(?i)\b(?:all|alle|toutes|tous|все|всё|усі|всі|tüm|bütün|todas|todos|wszystkie|minden|összes|az|her|both|beide|tutti|alle)\b|"
    r"جميع|كل|כל|^\W*\w+\W+\w+\W+\w+\W*$|"
    r"\b(?:in|en|in der|по|за|w|według|según|ile|göre|are|is|sind|sont|son|szerint)\b"
)
_BOTH: Final = re.compile(
    r"(?i)\b(?:both|beides?|alle|all|her iki|оба|обе|обидва|обидві|oba|oboje|tous|toutes|les deux|ambas|ambos|todo|mindkét|"
    r"mindkettő|entrambi)\b|كلاهما|שניהם|שתיהן"
)
#: Bare adjectives of a clock behind the word for time: "время московское", "час київський".
_BARE: Final = (
    (re.compile(r"(?:время|время везде|времена) (?:везде )?(?:-|—|–)? ?московск|московск\w{1,9} время|мск"), "Europe/Moscow"),
    (re.compile(r"час (?:скрізь )?(?:-|—|–)? ?киівськ|киівськ\w{1,9} час"), "Europe/Kyiv"),
    (
        re.compile(
            r"время (?:везде )?(?:-|—|–)? ?местн|местн\w{1,9} время|час (?:-|—|–)? ?місцев|місцевий час|"
            r"hep\w{0,9} yerel|saat\w{0,9} (?:de )?yerel"
        ),
        "local",
    ),
)


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


@cache
def _any() -> re.Pattern[str]:
    """One pattern for all, so that a text without a zone is passed over quickly."""
    return re.compile("|".join(p.pattern for p, _ in _zones()))


def zone_after(text: str, at: int, end: int) -> tuple[str, int]:
    """The zone that words right after a clock time name, and where they end; ('', ``at``) when none does."""
    limit = min(end, at + _REACH)
    part = text[at:limit]
    if zulu := _ZULU.match(part):
        return "UTC", at + zulu.end()
    if offset := OFFSET.match(part):
        return _of_offset(offset, part), at + offset.end()
    if offset := _BARE_OFFSET.match(part):
        return _of_offset(offset, part), at + offset.end()
    zone, first, last = _named(part)
    if not zone or first > _BEGINS:
        return "", at
    if zone == "local" and (offset := OFFSET.match(text, at + last)):
        return _of_offset(offset, text[at + last :]), offset.end()
    closing = 1 if part[last : last + 1] == ")" else 0
    return zone, min(limit, at + last + closing)


def zone_before(text: str, start: int, at: int) -> str:
    """The zone that words right before a clock time name: ``Moskova saatiyle 08.03``, ``helyi idő szerint 5:40``, ``UTC 1325``."""
    part = text[start:at]
    cut = max((m.end() for m in re.finditer(r"\d|[.;:!?\n]\s", part)), default=0)
    zone, first, last = _named(part[cut:], last=True)
    if cut and zone and first <= _OWN:
        return ""  # "06:12 мск и в 09:52": of the time before
    rest = part[cut + last :]
    return zone if zone and len(rest.split()) <= 2 and len(rest) <= 16 and "," not in rest.strip() else ""


def zone_in(text: str, start: int, end: int) -> str:
    """The zone that a line without a time says all times are of; '' when it says none."""
    part = text[start:end]
    folded = fold_text(part)
    for pattern, zone in _BARE:
        if pattern.search(folded):
            return zone
    for m in _TIMES.finditer(part):
        around = part[max(0, m.start() - 30) : m.end() + 24]
        zone, _, _ = _named(around)
        inside = part.rfind("(", 0, m.start()) > part.rfind(")", 0, m.start()) and ")" in part[m.end() :]
        if zone and (inside or _ALL.search(around)):
            return zone
    return ""


def zone_of_all(text: str, start: int, end: int) -> str:
    """The zone that the end of a sentence says all its times are of: "both UTC"; '' when it says none."""
    return _named(text[start:end])[0] if _BOTH.search(text, start, end) else ""


def _named(part: str, *, last: bool = False) -> tuple[str, int, int]:
    """The longest words for a zone that ``part`` holds: ``(zone, start, end)``; with ``last`` those that end farthest on."""
    folded = fold_text(part)
    if not _any().search(folded):
        return "", 0, 0
    best: tuple[str, int, int] = ("", 0, 0)
    for pattern, zone in _zones():
        for match in pattern.finditer(folded):
            if len(match[0]) <= _ACRONYM and match[0].isascii() and match[0] != "zulu" and not part[match.start() : match.end()].isupper():
                continue
            if len(match[0]) <= _ACRONYM and _TAIL.match(part, match.end()):
                continue
            if (not last and (not best[0] or match.start() < best[1] - 2)) or (last and match.end() > best[2]):
                best = (zone, match.start(), match.end())
    return best


def _of_offset(match: re.Match[str], part: str) -> str:
    """The name of a zone of fixed offset; those of whole hours have the sign of POSIX."""
    hours = int(match[2]) * (-1 if match[1] != "+" else 1)
    if part.lstrip(" (").casefold().startswith(("msk", "мск")):
        hours += 3
    if match[3] and match[3] != "00":
        return {
            (5, "30"): "Asia/Kolkata",
            (4, "30"): "Asia/Kabul",
            (3, "30"): "Asia/Tehran",
            (5, "45"): "Asia/Kathmandu",
            (6, "30"): "Asia/Yangon",
        }.get((hours, match[3]), "")
    return "UTC" if hours == 0 else f"Etc/GMT{'-' if hours > 0 else '+'}{abs(hours)}"

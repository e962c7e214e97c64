"""Airfields that no list of ours has, by their own name beside the word for a field: ``Al Asad Air Base``, ``aéroport de Parme``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final

from pipeline.meetings.extract.aliases import FIELD_WORDS, Name
from pipeline.meetings.extract.folded import Token, tokenize
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.tails import CRAFT
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

#: Beginnings of the words for a field, and of those that may stand beside them.
_FIELD: Final = (
    "airport", "airbase", "airfield", "aerodrome", "aeroport", "aeropuerto", "aeroporto", "aerodrom", "flughafen", "flugplatz",
    "fliegerhorst", "luftwaffenstutzpunkt", "stutzpunkt", "militarstutzpunkt",
    "luftwaffenbasis", "militarbasis", "militarflughafen", "havaliman", "havaalan", "lotnisk", "repuloter", "legibazis", "luchthaven",
    "vliegbasis", "aeroporti",
)  # fmt: skip
#: Two words for a field, by the beginning of each.
_PAIRS: Final = (
    ("air", "base"), ("air", "station"), ("base", "aerienne"), ("base", "aerea"), ("baz", "lotnicz"), ("hava", "us"), ("hava", "liman"),
    ("hava", "alan"), ("force", "base"), ("force", "station"), ("naval", "air"), ("joint", "base"),
)  # fmt: skip
_OF: Final = frozenset(("de", "du", "d", "la", "le", "del", "di", "of", "in", "von", "w", "pod", "international", "militaire", "militar"))
#: Verbs of leaving, and what follows them before the field that was left.
_OFF: Final = frozenset(
    (
        "off", "airborne", "up", "out", "departed", "departs", "departing", "left", "flew", "decolle", "decollait", "parti", "partie",
        "envole", "despego", "despega", "partio", "salio", "decollato", "decollo", "partito", "startete", "gestartet", "abgehoben",
    )
)  # fmt: skip
_FROM: Final = frozenset(("from", "of", "de", "von", "aus", "da", "desde"))
_FROM_REACH: Final = 2
#: Verbs whose object is what was left.
_LEFT: Final = frozenset(
    ("left", "leaves", "leaving", "departed", "departs", "departing", "quitte", "quittait", "verliess", "verlasst", "dejo", "abandono")
)
#: Beginnings of verbs of flight that come behind a name with an ending of its own: "Boufarik'ten havalandı".
_FLOWN: Final = ("indi", "inis", "inen", "kalkti", "kalkan", "havaland", "ayrildi", "teker", "kondu")
_FLOWN_REACH: Final = 8
#: A word for an aircraft stands so near before what it left.
_CRAFT_REACH: Final = 14
#: What stands between a verb of landing and its place.
_AT: Final = frozenset(("at", "in", "en", "a", "auf", "su", "na", "w", "op", "em"))
#: Large and medium fields, and those of air forces.
_KINDS: Final = frozenset({"large", "medium"})
_MILITARY: Final = re.compile(r"(?i)air base|air force|airbase|naval air")
_LONGEST: Final = 4
_MIN: Final = 4


def with_named_fields(tokens: Sequence[Token], names: list[Found[Name]], landed: Sequence[int]) -> list[Found[Name]]:
    """``names`` and the airfields of the table that a text calls by their own name and a word for a field, in order.

    Behind a verb of landing, which ends at one of the tokens ``landed``, the name alone will do: "aterrizó en Las Américas"; so it
    does behind a verb of leaving of an aircraft: "left Boufarik", "took off from Boufarik".
    """
    ends = [(i, j) for i in range(len(tokens)) if (j := _field_word(tokens, i))]
    left = [i + 1 for i in range(len(tokens) - 1) if tokens[i + 1].capital and _leaves(tokens, i)]
    flown = [i for i, t in enumerate(tokens) if t.suffix and t.capital and _flown(tokens, i)]
    if not ends and not landed and not left and not flown:
        return names
    taken = {i for n in names if n.value.kind in ("city", "venue") for i in range(n.start, n.end)}
    states = {n.value.state for n in names if n.value.state}
    out: list[Found[Name]] = []
    for start, end in ends:
        found = _before(tokens, start, taken, states) or _after(tokens, end, taken, states)
        if found is not None and not any(found.start < o.end and o.start < found.end for o in out):
            out.append(found)
    alone = [_after(tokens, at, taken, states) for at in left] + [_before(tokens, i + 1, taken, states) for i in flown]
    for end in landed:
        behind = end < len(tokens) and tokens[end].text in _AT
        alone.append(_after(tokens, end + behind, taken, states) if behind or tokens[end - 1].text in _AT else None)
    for found in alone:
        if found is not None and not any(found.start < o.end and o.start < found.end for o in out):
            out.append(found)
    held = {i for o in out for i in range(o.start, o.end)}
    return sorted([*(n for n in names if n.start not in held), *out], key=lambda n: n.start) if out else names


def _field_word(tokens: Sequence[Token], i: int) -> int:
    """Where the word for a field that begins at token ``i`` ends; 0 when none does."""
    if tokens[i].text.startswith(_FIELD):
        return i + 1
    if i + 1 < len(tokens) and any(tokens[i].text.startswith(a) and tokens[i + 1].text.startswith(b) for a, b in _PAIRS):
        return i + 2
    return 0


def _leaves(tokens: Sequence[Token], i: int) -> bool:
    """Whether what stands behind token ``i`` is what an aircraft left: ``left``, ``took off from``, ``airborne out of``."""
    last = tokens[i].text
    from_there = last in _FROM and any(t.text in _OFF for t in tokens[max(0, i - _FROM_REACH) : i])
    return (from_there or last in _LEFT) and _of_an_aircraft(tokens, i)


def _flown(tokens: Sequence[Token], i: int) -> bool:
    return any(t.text.startswith(_FLOWN) for t in tokens[i + 1 : i + 1 + _FLOWN_REACH]) and _of_an_aircraft(tokens, i)


def _of_an_aircraft(tokens: Sequence[Token], i: int) -> bool:
    return CRAFT.search(" ".join(t.text for t in tokens[max(0, i - _CRAFT_REACH) : i])) is not None


def _before(tokens: Sequence[Token], end: int, taken: set[int], states: set[str]) -> Found[Name] | None:
    """The capitalised words right before a word for a field."""
    while end and tokens[end - 1].text in FIELD_WORDS:
        end -= 1
    start = end
    while start and end - start < 2 * _LONGEST and (tokens[start - 1].capital or _hyphen(tokens, start - 1)):
        start -= 1
    return _longest(tokens, start, end, taken, states)


def _after(tokens: Sequence[Token], start: int, taken: set[int], states: set[str]) -> Found[Name] | None:
    """The capitalised words behind a word for a field, and behind "of"."""
    while start < len(tokens) and (tokens[start].text in _OF or tokens[start].text in ("'", "’")):
        start += 1
    end = start
    while end < len(tokens) and end - start < 2 * _LONGEST and (tokens[end].capital or _hyphen(tokens, end)):
        end += 1
    return _longest(tokens, start, end, taken, states)


def _hyphen(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].text == "-" and 0 < i < len(tokens) - 1 and tokens[i - 1].end == tokens[i].start == tokens[i + 1].start - 1


def _longest(tokens: Sequence[Token], start: int, end: int, taken: set[int], states: set[str]) -> Found[Name] | None:
    """The longest part of the words ``[start, end)`` that names one field, unless a list has a place there."""
    if taken.intersection(range(start, end)):
        return None
    parts = [(a, b) for a in range(start, end) for b in range(a + 1, end + 1)]
    for a, b in sorted(parts, key=lambda p: p[0] - p[1]):
        key = " ".join(t.text for t in tokens[a:b] if t.is_word and t.text not in FIELD_WORDS)
        if len(key) < _MIN or not (tokens[a].is_word and tokens[b - 1].is_word):
            continue
        fields = _by_name().get(key, ())
        near = [n for n in fields if n.state in states] or list(fields)
        if len(near) == 1:
            return Found(a, b, near[0], len(key))
    return None


@cache
def _by_name() -> dict[str, tuple[Name, ...]]:
    """Every such field by what is its own in its name, and by each of the names that a stroke or a hyphen joins."""
    airports, gazetteer = load_airports(), load_gazetteer()
    found: dict[str, dict[str, Name]] = defaultdict(dict)
    for i, code in enumerate(airports.codes):
        field = airports.at(i)
        if field.kind not in _KINDS and not (field.kind == "small" and _MILITARY.search(field.name)):
            continue
        keys = {" ".join(t.text for t in tokenize(part) if t.is_word and t.text not in FIELD_WORDS) for part in _parts(field.name)}
        keys = {k for k in keys if len(k) >= _MIN}
        if keys:
            place = gazetteer.of_airport(code)
            city, country = (place.city, place.country) if place else (field.municipality or field.name, field.country)
            for key in keys:
                found[key][code] = Name("venue", city, country, airport=code)
    return {key: tuple(fields.values()) for key, fields in found.items()}


def _parts(name: str) -> list[str]:
    name = name.removeprefix("RAF ")
    return [name, *re.split(r"[/()]", name), *re.split(r"[/()–-]", name)]

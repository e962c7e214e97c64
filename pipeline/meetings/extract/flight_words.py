"""The words of flights of one language, from ``config/extract/flights.csv``, found in the tokens of a reading.

Kinds: ``land`` and ``off`` are what nothing but an aircraft does (``landing`` and ``offing`` the same as nouns); ``settle`` are
landings by words that people use of themselves too; ``come`` and ``go`` are arrivals and departures, which need an aircraft, a
field or a city beside them; ``fly`` whole legs; ``carry`` legs of those on board; ``back`` returns; ``same`` what another aircraft
did too; ``plane`` nouns that stand for an aircraft; ``ground`` trains, ships and cars; ``plan`` and ``no`` make of what stands
beside them something that did not happen; ``rumour`` with a denial too.
Words are separated by ``|``; ``*`` stands for any ending, ``**`` for some words between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.lexicon import FALLBACK, load_lexicon, words_of
from pipeline.meetings.extract.patterns import Found, Patterns
from pipeline.meetings.extract.reading import Reading
from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped

#: Kinds that tell of a movement; the others stand beside one.
MOVES: Final = ("land", "landing", "settle", "come", "off", "offing", "go", "fly", "carry", "back", "same")


#: Makers, in any language.
_MAKERS: Final = (
    "airbus",
    "boeing",
    "gulfstream",
    "falcon",
    "bombardier",
    "embraer",
    "dassault",
    "tupolev",
    "ilyushin",
    "learjet",
    "cessna",
)
#: The last part of a word for an aircraft, and first parts with which it is none: "Regierungsmaschine", "Waschmaschine".
_COMPOUNDS: Final = {
    "de": ("maschine", "maschinen", "flugzeug", "flugzeuge", "flugzeugs", "flieger", "jet", "jets", "airbus", "hubschrauber", "helikopter"),
    "nl": ("vliegtuig", "vliegtuigen", "toestel", "helikopter"),
}
_NO_COMPOUNDS: Final = ("wasch", "such", "naeh", "nah", "kriegs", "propaganda", "schreib", "druck", "bau", "geld", "foto", "radio")


#: Words that are another's without its marks: "wurde" is no "würde", "maja" no "mają".
_OTHERS: Final = {"de": frozenset(("wurde", "wurden")), "pl": frozenset(("maja",))}


@dataclass(frozen=True, slots=True)
class FlightWords:
    """``moves``: values are ``MOVES``; ``beside``: plane, plan, no or rumour. Each in the order of the text."""

    moves: tuple[Found[str], ...]
    beside: tuple[Found[str], ...]

    def moved(self, start: int, end: int) -> tuple[Found[str], ...]:
        """The movements that begin at tokens ``[start, end)``."""
        return _between(self.moves, start, end)

    def within(self, kind: str, start: int, end: int) -> list[Found[str]]:
        return [f for f in _between(self.beside, start, end) if f.value == kind]


def _between(found: tuple[Found[str], ...], start: int, end: int) -> tuple[Found[str], ...]:
    """Those in order that begin at tokens ``[start, end)``: every sentence of a text asks."""
    return found[bisect_left(found, start, key=lambda f: f.start) : bisect_left(found, end, key=lambda f: f.start)]


@cache
def _tables(language: str) -> tuple[Patterns[str], Patterns[str], Patterns[str]]:
    rows, _ = read_file(shipped("extract", "flights.csv"), required=("language", "kind", "words"))
    lists: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for row in rows:
        lists[row["language"]][row["kind"]] = words_of(row["words"].replace("|", ","))
    mine = lists.get(language) or lists[FALLBACK]
    particles = load_lexicon(language).proclitics
    moves, planes, other = Patterns[str](particles), Patterns[str](particles), Patterns[str](particles)
    for maker in _MAKERS:
        planes.add(maker, "plane")
    for kind, phrases in mine.items():
        table = moves if kind in MOVES else planes if kind == "plane" else other
        for phrase in phrases:
            table.add(phrase, kind)
    return moves, planes, other


def flight_words(reading: Reading) -> FlightWords:
    """Every word of a movement, an aircraft, a plan or a denial; a word of what is no movement hides none."""
    moves, planes, other = _tables(reading.language)
    tokens: list[Token] = reading.tokens
    found = moves.all(tokens, reading.variants)
    if not found:
        return FlightWords((), ())
    beside = [*planes.all(tokens, reading.variants), *other.all(tokens, reading.variants)]
    others = _OTHERS.get(reading.language, frozenset())
    if others:
        beside = [b for b in beside if reading.text[tokens[b.start].start : tokens[b.start].end].lower() not in others]
    ends = _COMPOUNDS.get(reading.language, ())
    beside += (
        [
            Found(i, i + 1, "plane", 1)
            for i, t in enumerate(tokens)
            if t.capital and t.text.endswith(ends) and t.text not in ends and not t.text.startswith(_NO_COMPOUNDS)
        ]
        if ends
        else []
    )
    return FlightWords(tuple(found), tuple(sorted(beside, key=lambda f: f.start)))

"""Towns of 40,000 inhabitants or more by what other languages call them, where the sentence says that they are places.

The names of so many towns are also words and surnames: one counts after a preposition of place or a word for a town, in a case of
place, or at the beginning of a page.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from functools import cache
from typing import Final

from pipeline.meetings.extract.aliases import NOT_CITIES, Name, of_script
from pipeline.meetings.extract.folded import Token, fold_text
from pipeline.meetings.extract.inflect import INTO, OUT_OF, SHIFTING, inflected, shifted
from pipeline.meetings.extract.lexicon import Lexicon, load_lexicon
from pipeline.meetings.extract.officials import load_officials
from pipeline.meetings.extract.patterns import Found, Patterns, parse_phrase
from pipeline.places.airports import DATA
from pipeline.places.gazetteer import load_gazetteer

Variants = Sequence[Sequence[tuple[str, str]]]

#: Shorter names are too often words, by whether letters are Latin.
_MIN: Final = {True: 5, False: 4}
#: Without its state in the text a town must be so large.
_MIN_ALONE: Final = 90_000
#: A word for a town right before its name.
_TOWN_WORDS: Final = frozenset(
    ("city", "town", "resort", "port", "город", "городе", "города", "городом", "місто", "місті", "مدينه", "بلده", "منتجع", "עיר", "בעיר",
     "ville", "ciudad", "stadt", "miasto", "miescie", "miasta", "varos")
)  # fmt: skip
_PARTICLES: Final = frozenset(("ب", "ل", "وب", "لل", "بال", "ב", "ל", "וב", "ול", "מ", "ומ"))
_ADJECTIVES: Final = ("ском", "ской", "ского", "скому", "ским", "ских", "ська", "ському", "ського", "ськіи", "ськом")
_AFTER_LINE: Final = frozenset("-,(:./")
#: "Im Namen der EU" is no Namur.
_CAPITAL_NOUNS: Final = frozenset({"de"})
_NO_CASE: Final = frozenset({"ar", "he", "fa"})


@cache
def _rows() -> tuple[tuple[Name, float, tuple[tuple[str, str], ...]], ...]:
    """Every town with its inhabitants and its names, as written and folded."""
    text = gzip.decompress((DATA / "town_names.csv.gz").read_bytes()).decode("utf-8")
    curated = {(p.city, p.country) for p in load_gazetteer().places}
    found = []
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if (row["city"], row["country"]) not in curated:
            names = dict.fromkeys((row["city"], *row["names"].split("|")))
            folded = tuple((written, fold_text(written).strip()) for written in names)
            found.append((Name("city", row["city"], row["country"]), float(row["population"]), folded))
    return tuple(found)


@cache
def _people() -> frozenset[str]:
    return frozenset(word for official in load_officials() for written in official.written for word in fold_text(written).split())


def _towns(language: str) -> Patterns[tuple[Name, float]]:
    """Languages that put no endings on a name and have no particles share one table."""
    plain = language not in SHIFTING and of_script("a", language) and not load_lexicon(language).proclitics
    return _table("en" if plain else language)


@cache
def _table(language: str) -> Patterns[tuple[Name, float]]:
    found: Patterns[tuple[Name, float]] = Patterns(load_lexicon(language).proclitics)
    shortest, scripted = _MIN[of_script("a", language)], not of_script("a", language)
    for name, population, names in _rows():
        seen: set[str] = set()
        for written, plain in names:
            if plain in seen or len(plain) < shortest or not of_script(written if scripted else plain, language):
                continue
            seen.add(plain)
            found.add(inflected(plain, language), (name, population))
            for form in shifted(plain, language):
                found.add(parse_phrase(form), (name, population))
    return found


def _is_word(tokens: Sequence[Token], variants: Variants, found: Found[tuple[Name, float]], lexicon: Lexicon) -> bool:
    """A word of the language, or of somebody's name, that a town shares."""
    words = [t.text for t in tokens[found.start : found.end]]
    if len(words) == 1 and (words[0] in lexicon.stopwords or words[0] in NOT_CITIES or words[0] in _people()):
        return True
    tables = (lexicon.events, lexicon.cues, lexicon.who, lexicon.time)
    return any(f.end >= found.end for table in tables for f in table.at(tokens, variants, found.start))


def with_towns(
    text: str, tokens: Sequence[Token], variants: Variants, names: Sequence[Found[Name]], lexicon: Lexicon, language: str
) -> list[Found[Name]]:
    """The names with the towns among what no list knows; of several of one name the one whose state the text names, or the largest."""
    taken = {i for n in names for i in range(n.start, n.end)}
    of_text = {n.value.state for n in names if n.value.state}
    out: list[Found[Name]] = []
    towns = _towns(language)
    for i, token in enumerate(tokens):
        if i in taken or not token.is_word or not (token.capital or language in _NO_CASE):
            continue
        fitting = [
            f
            for f in towns.at(tokens, variants, i)
            if not taken.intersection(range(f.start, f.end))
            and _is_place(text, tokens, variants, f, lexicon, language)
            and not _is_word(tokens, variants, f, lexicon)
        ]
        if not fitting:
            continue
        longest = max(f.end for f in fitting)
        best = max((f for f in fitting if f.end == longest), key=lambda f: (f.value[0].state in of_text, f.weight, f.value[1]))
        if best.value[0].state in of_text or (best.value[1] >= _MIN_ALONE and language not in (_CAPITAL_NOUNS | _NO_CASE)):
            out.append(Found(best.start, best.end, best.value[0], best.weight, best.particle))
            taken.update(range(best.start, best.end))
    return sorted([*names, *out], key=lambda n: n.start)


def _is_place(
    text: str, tokens: Sequence[Token], variants: Variants, found: Found[tuple[Name, float]], lexicon: Lexicon, language: str
) -> bool:
    i = found.start
    last = tokens[found.end - 1]
    if found.end < len(tokens) and tokens[found.end].capital and tokens[found.end].is_word and language not in _NO_CASE:
        return False  # the beginning of a longer name
    if last.text.endswith(_ADJECTIVES) and found.end < len(tokens) and tokens[found.end].is_word and not tokens[found.end].capital:
        return False  # "на Каспийском саммите"
    if i == 0 or "\n" in text[tokens[i - 1].end : tokens[i].start]:
        return found.end < len(tokens) and tokens[found.end].text in _AFTER_LINE and (tokens[i].shouted or language in _NO_CASE)
    if found.particle in _PARTICLES or tokens[i - 1].text in _TOWN_WORDS:
        return True
    if language in INTO:
        cases = INTO[language] | OUT_OF[language]
        return last.suffix in cases or (language == "hu" and any(len(c) > 1 and last.text.endswith(c) for c in cases))
    return any(p.value in ("in", "from") and p.end == i for p in lexicon.preps.at(tokens, variants, i - 1))

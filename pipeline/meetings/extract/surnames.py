"""Officials by title and surname alone, where the surname is too common to be looked for without one: ``President Moon``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final

from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.folded import Token, fold_text
from pipeline.meetings.extract.lexicon import TITLES, Lexicon
from pipeline.meetings.extract.names import surname_of
from pipeline.meetings.extract.officials import Official, load_officials
from pipeline.meetings.extract.patterns import Found

Variants = Sequence[Sequence[tuple[str, str]]]

#: Before a surname these stand for a title.
_POLITE: Final = frozenset(
    ("mr", "mrs", "ms", "gen", "general", "sheikh", "herr", "herrn", "frau", "monsieur", "mme", "madame", "senor", "sr", "sra", "bay",
     "sayin", "господин", "господином", "господину", "пан", "пани", "pan", "pani", "panem", "السيد", "מר", "signor")
)  # fmt: skip
_MIN: Final = 3


@cache
def _by_surname() -> dict[str, tuple[Official, ...]]:
    found: dict[str, list[Official]] = defaultdict(list)
    for official in load_officials():
        words: set[str] = set()
        for written in official.written:
            words.add(surname_of(official, fold_text(written).replace("-", " ").split()))
        for word in words:
            if len(word) >= _MIN:
                found[word].append(official)
    return {word: tuple(officials) for word, officials in found.items()}


def with_titled(tokens: Sequence[Token], variants: Variants, names: Sequence[Found[Name]], lexicon: Lexicon) -> list[Found[Name]]:
    """The names with those added that a title right before a surname tells; of several the one who held such an office, or none."""
    taken = {i for n in names for i in range(n.start, n.end)}
    titles: dict[int, str] = {w.end: w.value for w in lexicon.who.all(tokens, variants)}
    found: list[Found[Name]] = []
    for i in range(1, len(tokens)):
        token = tokens[i]
        polite = tokens[i - 1].text in _POLITE or (tokens[i - 1].text == "." and i > 1 and tokens[i - 2].text in _POLITE)
        if i in taken or not token.capital or not (polite or i in titles) or _longer(tokens, i, taken):
            continue
        known = _by_surname().get(token.text, ())
        title = TITLES.get(titles.get(i, ""), "")
        fits = [o for o in known if title and any(office.title.endswith(title) for office in o.offices)]
        fits = fits or ([] if title else list(known))
        if len(fits) == 1:
            found.append(Found(i, i + 1, Name("person", fits[0].name, fits[0].state, official=fits[0]), len(token.text)))
    return sorted([*names, *found], key=lambda n: n.start)


def _longer(tokens: Sequence[Token], i: int, taken: set[int]) -> bool:
    """``General James Jones``: the beginning of another name."""
    after = tokens[i + 1 : i + 2]
    return bool(after) and after[0].is_word and after[0].capital and i + 1 not in taken

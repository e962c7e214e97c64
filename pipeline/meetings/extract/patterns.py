"""Phrases found in tokens: the longest first, a word may end in ``*``, Arabic and Hebrew particles are looked through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pipeline.meetings.extract.folded import Token, tokenize

T = TypeVar("T")

#: What may stand before a particle-stripped word: shorter rests are too often other words.
_MIN_STRIPPED: Final = 2
#: So many words at most stand in the gap of a phrase: a separable verb and its particle.
GAP: Final = 14
#: A particle that ends in the Arabic mark of the future stands on verbs only: "وسيعقد", but not "وسعيد".
_FUTURE: Final = "س"
_PRESENT_PREFIXES: Final = ("ي", "ت", "ن", "ا")
_SENTENCE_ENDS: Final = frozenset(".!?;:")


@dataclass(frozen=True, slots=True)
class Word:
    """``text`` of one word; ``open_end`` when anything may follow it, or one of ``endings``; an empty open text is any word.

    ``gap``: not a word but up to ``GAP`` of them, within a sentence: "sagte ** ab".
    """

    text: str
    open_end: bool = False
    endings: frozenset[str] | None = None
    gap: bool = False

    def fits(self, token: Token, variants: Sequence[tuple[str, str]]) -> bool:
        return self.takes(token.text) or any(self.takes(v) for v, _ in variants)

    def takes(self, written: str) -> bool:
        """Whether one written form is this word."""
        if not self.open_end:
            return written == self.text
        return written.startswith(self.text) and (self.endings is None or written[len(self.text) :] in self.endings)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """``value`` found at tokens ``[start, end)``; ``particle`` is what was stripped from the first word."""

    start: int
    end: int
    value: T
    weight: int
    particle: str = ""


def parse_phrase(phrase: str) -> tuple[Word, ...]:
    """``'will not *'`` → words; ``meet*`` has an open end."""
    words: list[Word] = []
    for piece in phrase.split():
        if piece == "**":
            words.append(Word("", gap=True))
            continue
        open_end = piece.endswith("*")
        parts = [t.text for t in tokenize(piece.removesuffix("*"))]
        if not parts:
            words.append(Word("", True))
            continue
        words.extend(Word(p) for p in parts[:-1])
        words.append(Word(parts[-1], open_end))
    return tuple(words)


def _end_of(words: Sequence[Word], first: str, tokens: Sequence[Token], variants: Sequence[Sequence[tuple[str, str]]], i: int) -> int:
    """Where a phrase that begins at token ``i`` ends (before its gap, if it has one); 0 when it does not stand there."""
    if not words[0].takes(first):
        return 0
    end = i + 1
    for k, word in enumerate(words[1:], start=1):
        if word.gap:
            rest = words[k + 1 :]
            for at in range(end, min(len(tokens) - len(rest) + 1, end + GAP)):
                if all(w.fits(tokens[at + n], variants[at + n]) for n, w in enumerate(rest)):
                    return end
                if tokens[at].text in _SENTENCE_ENDS and not tokens[at - 1].text.isdigit():  # "am 10. und 11. Mai"
                    return 0
            return 0
        if end >= len(tokens) or not word.fits(tokens[end], variants[end]):
            return 0
        end += 1
    return end


class Patterns(Generic[T]):
    """A set of phrases, each with a value."""

    def __init__(self, proclitics: Sequence[str] = ()) -> None:
        self._exact: dict[str, list[tuple[tuple[Word, ...], T]]] = defaultdict(list)
        self._open: dict[str, list[tuple[tuple[Word, ...], T]]] = defaultdict(list)
        self._longest_open = 0
        self.proclitics = tuple(sorted(proclitics, key=len, reverse=True))

    def add(self, phrase: str | tuple[Word, ...], value: T) -> None:
        words = parse_phrase(phrase) if isinstance(phrase, str) else phrase
        if not words or not words[0].text:
            return
        table = self._open if words[0].open_end else self._exact
        table[words[0].text].append((words, value))
        if words[0].open_end:
            self._longest_open = max(self._longest_open, len(words[0].text))

    def variants(self, token: Token) -> tuple[tuple[str, str], ...]:
        """(rest, particle) of each particle that the word may begin with."""
        word = token.text
        return tuple(
            (word[len(p) :], p)
            for p in self.proclitics
            if word.startswith(p)
            and len(word) - len(p) >= _MIN_STRIPPED
            and not (p.endswith(_FUTURE) and not word[len(p) :].startswith(_PRESENT_PREFIXES))
        )

    def at(self, tokens: Sequence[Token], variants: Sequence[Sequence[tuple[str, str]]], i: int) -> list[Found[T]]:
        """Every phrase that begins at token ``i``, the heaviest (most letters) first."""
        found: list[Found[T]] = []
        whole, gaps = False, set[int]()
        for word, particle in ((tokens[i].text, ""), *variants[i]):
            for words, value in self._candidates(word):
                end = _end_of(words, word, tokens, variants, i)
                if end:
                    weight = sum(len(w.text) for w in words)
                    found.append(Found(i, end, value, weight, particle))
                    whole = whole or (len(words) > 1 and not any(w.gap for w in words))
                    gaps.update({id(found[-1])} if any(w.gap for w in words) else ())
        # "szállt le …, és szállt fel": what stands together goes before what a gap parts
        return sorted(found, key=lambda f: (whole and id(f) in gaps, -f.weight, len(f.particle)))

    def _candidates(self, word: str) -> Iterable[tuple[tuple[Word, ...], T]]:
        yield from self._exact.get(word, ())
        for n in range(min(len(word), self._longest_open), 0, -1):
            if (found := self._open.get(word[:n])) is not None:
                yield from found

    def all(self, tokens: Sequence[Token], variants: Sequence[Sequence[tuple[str, str]]]) -> list[Found[T]]:
        """Phrases from left to right that do not overlap, the heaviest at each place."""
        found: list[Found[T]] = []
        i = 0
        while i < len(tokens):
            here = self.at(tokens, variants, i)
            if here:
                found.append(here[0])
                i = max(here[0].end, i + 1)
            else:
                i += 1
        return found

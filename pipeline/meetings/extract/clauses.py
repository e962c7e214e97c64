"""Sentences and clauses of tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.lexicon import Lexicon

_ENDS: Final = frozenset(".!?;")
#: A full stop after these is not the end of a sentence.
_ABBREVIATIONS_TEXT: Final = """
mr mrs ms dr prof gen col lt sen rep st no nov dec jan feb mar apr jun jul aug sept sep oct vs etc maj sgt capt hon amb inc г гг т
д им ул янв фев апр авг сент окт нояб дек долл млн млрд тыс ч bzw ca nr str sayin sr sra dra d m mme mlle art dz ul im kb stb
"""
#: So many words at most stand before "days after": "About three".
_LEAD: Final = 4
_ABBREVIATIONS: Final = frozenset(_ABBREVIATIONS_TEXT.split())

#: Quoted speech; a mark inside a word (Hebrew acronyms) opens nothing.
_QUOTED: Final = re.compile(r"(?<!\w)(?:“[^“”\n]{3,400}”|«[^«»\n]{3,400}»|„[^„“”\n]{3,400}[“”]|\"[^\"\n]{3,400}\"(?!\w))")


def quoted_spans(text: str) -> tuple[tuple[int, int], ...]:
    """``[start, end)`` characters of quoted speech."""
    return tuple((m.start(), m.end()) for m in _QUOTED.finditer(text))


def clauses(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> list[tuple[int, int]]:
    """``[start, end)`` token ranges of sentences, cut at semicolons, line breaks, and words that begin a clause of another time."""
    found: list[tuple[int, int]] = []
    start = 0
    plain: list[tuple[()]] = [()] * len(tokens)
    for i, token in enumerate(tokens):
        words = lexicon.split.at(tokens, plain, i) if i > start else []
        split = bool(words) and _says_of_what(tokens, words[0].end)
        newline = i > start and "\n" in text[tokens[i - 1].end : token.start]
        if split or newline:
            found.append((start, i))
            start = i
        if token.text == "," and opens_before(tokens, start, lexicon):
            found.append((start, i + 1))
            start = i + 1
        if token.text in _ENDS and _is_end(tokens, i, lexicon):
            found.append((start, i + 1))
            start = i + 1
    if start < len(tokens):
        found.append((start, len(tokens)))
    return [(a, b) for a, b in found if any(t.is_word for t in tokens[a:b])]


def _says_of_what(tokens: Sequence[Token], end: int) -> bool:
    """``a day after meeting him``, but "a day after, he …": with nothing behind it such a word is a date."""
    return end < len(tokens) and tokens[end].is_word


def opens_before(tokens: Sequence[Token], start: int, lexicon: Lexicon) -> bool:
    """``Three days after he went to Kyiv, …``: what a sentence that begins so tells, up to its comma, came before."""
    window = tokens[start : start + _LEAD + 4]
    plain: list[tuple[()]] = [()] * len(window)
    return any(lexicon.lead.at(window, plain, i) for i in range(min(len(window), _LEAD)))


def _is_end(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> bool:
    if tokens[i].text != ".":
        return True
    if i + 1 >= len(tokens):
        return True
    before, after = tokens[i - 1] if i else tokens[i], tokens[i + 1]
    if tokens[i].end == after.start and after.is_word:
        return False
    if before.text in _ABBREVIATIONS or (len(before.text) == 1 and before.capital):
        return False
    if before.text.isdigit():
        month = any(f.value[0] == "month" for f in lexicon.time.at(tokens[i + 1 : i + 2], [()], 0))
        return after.capital and not month
    return not (after.text[:1].isascii() and after.is_word and not after.capital and not after.text.isdigit())

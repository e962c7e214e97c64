"""Text folded for comparison, token by token, with the way back to the characters that were written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: Longer texts are read up to here; what a report says about a meeting stands at its beginning.
MAX_CHARACTERS: Final = 60_000

_SINGLE: Final = {
    **dict.fromkeys("’‘ʼ`´′＇", "'"),
    **dict.fromkeys("–—‑−‒", "-"),
    **dict.fromkeys("“”„«»‟״", '"'),
    "ı": "i",
    "İ": "i",
    "ł": "l",
    "Ł": "l",
    "đ": "d",
    "ð": "d",
    "ø": "o",
    "Ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ə": "e",
    "ة": "ه",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ـ": "",
    "ё": "е",
    "،": ",",
    "؛": ";",
    "؟": "?",
    "۔": ".",
    "׳": "'",
    "־": "-",
}


@lru_cache(maxsize=20_000)
def _fold_char(char: str) -> str:
    if char in _SINGLE:
        return _SINGLE[char]
    if char.isascii():
        return char.lower() if char.isprintable() else " "
    if char.isdecimal():
        return str(unicodedata.digit(char))
    category = unicodedata.category(char)
    if category in ("Cf", "Mn"):
        return ""
    if category[0] in "ZC":
        return " "
    plain = unicodedata.normalize("NFKD", char).casefold()
    return "".join(_SINGLE.get(c, c) for c in plain if not unicodedata.combining(c))


def fold_text(text: str) -> str:
    """Lower case without diacritics and vowel points, digits in ASCII; punctuation stays."""
    return "".join(_fold_char(c) for c in text)


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is folded; ``suffix`` what stood after an apostrophe (``Ankara'da`` → ``da``); ``start``/``end`` are offsets as written."""

    text: str
    start: int
    end: int
    capital: bool
    suffix: str = ""
    shouted: bool = False

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


_TOKEN: Final = re.compile(
    r"\d+(?:[.:]\d\d)?(?![\d])|\d+"
    r"|(?:[a-z]\.){2,}"
    r"|[^\W\d_]+(?:'[^\W\d_]+)?(?:\d+[^\W_]*)?"
    r"|\S",
)
#: Hebrew letters that an apostrophe makes other sounds of, within a word.
_GERESH: Final = frozenset("גזצטדתץ")
_APOSTROPHE_STAYS: Final = re.compile(r"^(?:o|d|l|n|qu|al|el|mc|m)'|^[^\W\d_]'|'(?:ayn|im)$")


def tokenize(text: str) -> list[Token]:
    """Words, numbers, clock times and punctuation, in order.

    An apostrophe ends a word: what follows it is its ending (Turkish cases, the English genitive). French and Arabic
    particles before one are words of their own.
    """
    folded: list[str] = []
    origin: list[int] = []
    for i, char in enumerate(text[:MAX_CHARACTERS]):
        for c in _fold_char(char):
            folded.append(c)
            origin.append(i)
    plain = "".join(folded)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(plain):
        tokens.extend(_pieces(match[0], match.start(), text, origin))
    return tokens


def _pieces(word: str, at: int, text: str, origin: list[int]) -> list[Token]:
    head, mark, tail = word.partition("'")
    if not mark or not head:
        return [_token(word, "", at, at + len(word), text, origin)]
    if head[-1] in _GERESH:
        return [_token(head + tail, "", at, at + len(word), text, origin)]
    if _APOSTROPHE_STAYS.search(word):
        if len(head) <= 2 and len(tail) > 2:
            return [
                _token(head, "", at, at + len(head), text, origin),
                _token(tail, "", at + len(head) + 1, at + len(word), text, origin),
            ]
        return [_token(head + tail, "", at, at + len(word), text, origin)]
    return [_token(head, tail, at, at + len(word), text, origin)]


def _token(word: str, suffix: str, start: int, end: int, text: str, origin: list[int]) -> Token:
    first, last = origin[start], origin[end - 1] + 1
    written = text[first:last]
    return Token(word, first, last, written[:1].isupper(), suffix, len(word) > 1 and written[: len(word)].isupper())

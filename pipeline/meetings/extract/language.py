"""Which language a text is in, among those that have a lexicon: by its letters, then by its commonest words."""

from __future__ import annotations

import re
from typing import Final

from pipeline.meetings.extract.folded import Token, tokenize
from pipeline.meetings.extract.lexicon import FALLBACK, languages, load_lexicon

_LOOKED_AT: Final = 1500
_ARABIC: Final = re.compile(r"[\u0600-\u06ff]")
_HEBREW: Final = re.compile(r"[\u0590-\u05ff]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_GREEK: Final = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")
_UKRAINIAN: Final = re.compile(r"[іїєґІЇЄҐ]")
_NOT_LATIN: Final = frozenset({"ar", "he", "ru", "uk", "el"})
#: Letters that one of the languages alone has.
_OWN_LETTERS: Final = {
    "tr": re.compile(r"[ğışİ]"),
    "pl": re.compile(r"[łżśćęąń]"),
    "hu": re.compile(r"[őű]"),
    "de": re.compile(r"[ßä]"),
    "es": re.compile(r"[ñ¿¡]"),
    "pt": re.compile(r"[ãõ]"),
    "sq": re.compile(r"ë"),
}
#: A lead of so many common words decides; below it words of meeting and time are counted too.
_CLEAR_LEAD: Final = 4


def guess_language(text: str) -> str:
    """A language's code; English when nothing speaks for another."""
    head = text[:_LOOKED_AT]
    letters = max(1, sum(c.isalpha() for c in head))
    if len(_ARABIC.findall(head)) > letters * 0.3:
        return "ar"
    if len(_HEBREW.findall(head)) > letters * 0.3:
        return "he"
    if len(_CYRILLIC.findall(head)) > letters * 0.3:
        return "uk" if _UKRAINIAN.search(head) else "ru"
    if len(_GREEK.findall(head)) > letters * 0.3:
        return "el"
    tokens = [t for t in tokenize(head) if t.is_word]
    scores = {name: _common(tokens, name, head) for name in languages() if name not in _NOT_LATIN}
    first, second = sorted(scores.values(), reverse=True)[:2]
    if first - second < _CLEAR_LEAD:
        scores = {name: score + _telling(tokens, name) for name, score in scores.items()}
    best = max(scores, key=lambda name: (scores[name], name == FALLBACK))
    return best if scores[best] else FALLBACK


def _common(tokens: list[Token], name: str, head: str) -> float:
    own = _OWN_LETTERS.get(name)
    return float(sum(t.text in load_lexicon(name).stopwords for t in tokens) + (3 if own and own.search(head) else 0))


def _telling(tokens: list[Token], name: str) -> float:
    lexicon = load_lexicon(name)
    plain: list[tuple[tuple[str, str], ...]] = [()] * len(tokens)
    return sum(0.2 * f.weight for table in (lexicon.events, lexicon.time) for f in table.all(tokens, plain) if f.weight > 3)

"""Which language a text is in, among those that have a lexicon: by its letters, then by its commonest words."""

from __future__ import annotations

import re
from typing import Final

from pipeline.meetings.extract.folded import tokenize
from pipeline.meetings.extract.lexicon import FALLBACK, languages, load_lexicon

_LOOKED_AT: Final = 1500
_ARABIC: Final = re.compile(r"[\u0600-\u06ff]")
_HEBREW: Final = re.compile(r"[\u0590-\u05ff]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_UKRAINIAN: Final = re.compile(r"[іїєґІЇЄҐ]")
_TURKISH: Final = re.compile(r"[ğışİ]")


def guess_language(text: str) -> str:
    """A language's code; English when nothing speaks for another.

    The commonest words are those of the lexicons; the script decides where it can.
    """
    head = text[:_LOOKED_AT]
    letters = max(1, sum(c.isalpha() for c in head))
    if len(_ARABIC.findall(head)) > letters * 0.3:
        return "ar"
    if len(_HEBREW.findall(head)) > letters * 0.3:
        return "he"
    if len(_CYRILLIC.findall(head)) > letters * 0.3:
        return "uk" if _UKRAINIAN.search(head) else "ru"
    words = [t.text for t in tokenize(head) if t.is_word]
    scores = {name: sum(w in load_lexicon(name).stopwords for w in words) for name in languages()}
    if _TURKISH.search(head):
        scores["tr"] = scores.get("tr", 0) + 3
    best = max(scores, key=lambda name: (scores[name], name == FALLBACK))
    return best if scores[best] else FALLBACK

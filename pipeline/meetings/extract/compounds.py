"""German writes one word where others write two: ``Friedensgespräche``, ``Energieminister`` are what their last part says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.patterns import Found

_EVENTS: Final[tuple[tuple[tuple[str, ...], tuple[str, str]], ...]] = (
    (("gesprach", "gesprache", "gesprachen", "gesprachs", "treffen", "treffens", "verhandlung", "verhandlungen", "beratungen",
      "konsultationen", "gesprachsrunde", "verhandlungsrunde"), ("meet", "noun")),
    (("gipfel", "gipfels", "gipfeltreffen"), ("summit", "noun")),
    (("besuch", "besuchs", "besuche"), ("visit", "noun")),
)  # fmt: skip
_TITLES: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("minister", "ministers", "ministerin", "ministern"), "minister"),
    (("gesandte", "gesandter", "gesandten", "beauftragte", "beauftragter", "beauftragten", "unterhandler"), "envoy"),
)
#: What is no meeting, or nobody's office.
_NOT: Final = ("telefon", "video", "online", "presse", "kabinett", "vor", "familien", "klassen", "selbst", "kranken", "kirchen")
_LEAST: Final = 4


def compounds(tokens: Sequence[Token], taken: Collection[int]) -> tuple[list[Found[tuple[str, str]]], list[Found[str]]]:
    """Events and titles among the capitalised words that no list knows, by what they end in."""
    events: list[Found[tuple[str, str]]] = []
    titles: list[Found[str]] = []
    for i, token in enumerate(tokens):
        if i in taken or not token.capital or token.text.startswith(_NOT):
            continue
        events += [Found(i, i + 1, value, len(token.text)) for ends, value in _EVENTS if _ends(token.text, ends)][:1]
        titles += [Found(i, i + 1, title, len(token.text)) for ends, title in _TITLES if _ends(token.text, ends)][:1]
    return events, titles


def _ends(word: str, ends: tuple[str, ...]) -> bool:
    return any(word.endswith(e) and len(word) - len(e) >= _LEAST for e in ends)

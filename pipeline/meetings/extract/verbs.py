"""Whole families of English verbs from their parts: every tense to come, every negation, the perfect and what is going on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: ``(what, bare, past participle, -ing, what follows)``.
_ENGLISH: Final = (
    *(
        ("visit", *verb, tail)
        for verb, tails in (
            (("go", "gone", "going"), ("to",)),
            (("come", "come", "coming"), ("to",)),
            (("travel", "travelled", "travelling"), ("to", "on to")),
            (("travel", "traveled", "traveling"), ("to", "on to")),
            (("fly", "flown", "flying"), ("to", "into", "on to", "out to")),
            (("head", "headed", "heading"), ("to", "for", "on to")),
            (("journey", "journeyed", "journeying"), ("to",)),
            (("return", "returned", "returning"), ("to",)),
            (("drive", "driven", "driving"), ("to",)),
            (("arrive", "arrived", "arriving"), ("in", "at")),
            (("visit", "visited", "visiting"), ("",)),
            (("tour", "toured", "touring"), ("",)),
        )
        for tail in tails
    ),
    *(
        ("meet", *verb, tail)
        for verb, tails in (
            (("meet", "met", "meeting"), ("", "with")),
            (("hold", "held", "holding"), ("talks", "a meeting", "consultations", "negotiations", "discussions")),
            (("sit", "sat", "sitting"), ("down with",)),
            (("confer", "conferred", "conferring"), ("with",)),
            (("dine", "dined", "dining"), ("with",)),
            (("negotiate", "negotiated", "negotiating"), ("with",)),
            (("host", "hosted", "hosting"), ("",)),
            (("receive", "received", "receiving"), ("",)),
            (("welcome", "welcomed", "welcoming"), ("",)),
        )
        for tail in tails
    ),
)
_DUE: Final = ("due", "set", "scheduled", "expected", "slated", "poised", "about")
_AHEAD: Final = (
    *("will", "would", "shall", "plans to", "plan to", "intends to", "intend to", "is going to", "are going to"),
    *(f"{be} to" for be in ("is", "are", "was", "were")),
    *(f"{be} {due} to" for be in ("is", "are", "was", "were") for due in _DUE),
)
_AHEAD_GOING: Final = ("will be", "would be")
_NOT: Final = ("will not", "would not", "did not", "does not", "do not", "shall not")
#: "is going to" is of the future, and "before receiving" or "welcoming" of much else.
_NO_GERUND: Final = frozenset(("going to", "coming to", "returning to", "hosting", "receiving", "welcoming", "touring", "meeting"))


def families(language: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """``(phrase, (what, tense))`` of every form; nothing for a language whose lists hold them all."""
    if language != "en":
        return
    for what, bare, perfect, going, tail in _ENGLISH:
        for ahead in _AHEAD:
            yield f"{ahead} {bare} {tail}".strip(), (what, "future")
        for ahead in _AHEAD_GOING:
            yield f"{ahead} {going} {tail}".strip(), (what, "future")
        for no in _NOT:
            yield f"{no} {bare} {tail}".strip(), ("meet", "neg")
        for have in ("has", "have"):
            yield f"{have} {perfect} {tail}".strip(), (what, "past")
            yield f"{have} not {perfect} {tail}".strip(), ("meet", "neg")
        yield f"had {perfect} {tail}".strip(), (what, "back")
        gerund = f"{going} {tail}".strip()
        if gerund not in _NO_GERUND:
            yield f"before {gerund}", (what, "present")

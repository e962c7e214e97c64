"""What we may say, in code: phrases for each kind of landing, probability in words, and a check that every text is held to."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Final

from pipeline.alerts.facts import LandingFacts
from pipeline.model.origin import Origin
from pipeline.model.time import local
from pipeline.places.gazetteer import load_gazetteer
from pipeline.places.states import states

RECONSTRUCTION: Final = "RECONSTRUCTION"
RECONSTRUCTION_LINE: Final = "RECONSTRUCTION: a real event with invented positions, made to fit what was reported. Not a record of flights."
NOT_ABOARD: Final = "We do not know who was aboard."

_FORBIDDEN: Final = (
    (
        r"\b(unreported|undisclosed|clandestine|covert(ly)?|secret(ly|ive)?)\b|nobody (has )?reported",
        "say: no report found in the sources read",
    ),
    (r"\bexplain(s|ed)\b|\bproves? (a|the) meeting\b", "say: consistent with"),
    (r"\b(did not|didn't|never) (fly|flew|take off|leave)\b", "say: no track received"),
    (r"\b(transponder|ADS-B) (was |is )?(switched |turned )?off\b|\bwent dark\b", "say: no position broadcast"),
    (
        r"\b(delegation|minister|president|officials?|spy chief|director)s? (has |have )?(landed|arrived|flew|came|left)\b",
        "an aircraft did",
    ),
    (r"\b\d+(\.\d+)? ?% (chance|likely|probab)|\b(posterior|confidence) (of )?[01]?\.\d|\d bits\b", "probability to people is in words"),
)
#: A word before "landed" that is a state or its capital: the aircraft landed, never the state.
_LANDED: Final = re.compile(r"([^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3}) (?:probably )?landed\b")
_ABOARD: Final = re.compile(r"\b(aboard|on board|carried|carrying|passengers?)\b", re.IGNORECASE)


def violations(text: str) -> list[str]:
    """What in a text claims more than can be known, each with what to say instead. Empty: it may be sent."""
    found = [f"{m.group(0)!r}: {better}" for pattern, better in _FORBIDDEN for m in re.finditer(pattern, text, re.IGNORECASE)]
    found += [f"{m.group(0)!r}: an aircraft landed" for m in _LANDED.finditer(text) if _ends_in_a_state(m.group(1))]
    rest = text.replace(NOT_ABOARD, "")
    return found + [f"{m.group(0)!r}: we never say who was aboard" for m in _ABOARD.finditer(rest)]


def _ends_in_a_state(words: str) -> bool:
    """Whether the words before a verb end in the name of a state or of a capital (``Ankara``, ``the United States``)."""
    parts = words.casefold().removesuffix(" probably").split()
    return any(" ".join(parts[at:]) in _states_and_capitals() for at in range(len(parts)))


@cache
def _states_and_capitals() -> frozenset[str]:
    capitals = (place.city for place in load_gazetteer().places if place.kind == "capital")
    return frozenset(name.casefold() for name in (*(s.name for s in states().values()), "the United States", "Türkiye", *capitals))


def labelled(subject: str, origin: Origin) -> str:
    """A subject that says so when what it is about was reconstructed."""
    return f"[{RECONSTRUCTION}] {subject}" if origin is Origin.RECONSTRUCTED else subject


def landed(facts: LandingFacts) -> str:
    """``landed`` only when it was seen on the ground."""
    if facts.kind == "observed":
        return "landed"
    if facts.kind == "bracketed":
        return "probably landed (lost on the way down, next seen leaving)"
    return f"probably landed (last seen {_feet(facts.last_height_ft)} up, {facts.last_distance_nm:.0f} NM out)"


def known_how(kind: str) -> str:
    """The tag at the end of a subject."""
    return {"observed": "seen on the ground", "inferred": "not seen on the ground", "bracketed": "landing not seen"}.get(kind, "not seen")


def local_clock(when: datetime, tz: str) -> str:
    return f"{local(when, tz):%H:%M} local"


def how_sure(confidence: float) -> str:
    """A landing's confidence in words; the number is in ``tarmac explain``."""
    steps = ((0.95, "very sure"), (0.8, "sure"), (0.6, "fairly sure"))
    return next((words for least, words in steps if confidence >= least), "unsure")


def how_likely(chance: float) -> str:
    """A rule-of-thumb chance in words."""
    return "very likely" if chance >= 0.85 else "likely" if chance >= 0.7 else "more likely than not" if chance >= 0.5 else "possible"


def without_numbers(sentence: str) -> str:
    """An explanation's sentence without its probability, which people read as more than it is."""
    return re.sub(r" \((posterior|confidence) [^)]*\)", "", sentence)


def say_utc(when: datetime) -> str:
    """``14 Nov 2022 08:26 UTC``."""
    return f"{when.day} {when:%b %Y %H:%M} UTC"


def say_gap(seconds: float) -> str:
    """A length of time: ``40 min``, ``3 h 9 min``, ``2 d 4 h``."""
    minutes = max(0, round(seconds / 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def in_words(posterior: float, *, contested: bool = False) -> str:
    """How far the evidence goes; the number itself is in ``tarmac explain``. An aircraft of disputed identity is never strongly so."""
    steps = ((0.95, "strongly consistent with"), (0.8, "consistent with"), (0.5, "more likely than not consistent with"))
    words = next((words for least, words in steps if posterior >= least), "only weakly consistent with")
    return "consistent with" if contested and words.startswith("strongly") else words


def say_evidence(subject_id: str) -> tuple[str, str]:
    """Where the numbers are, and how to keep what they were made of."""
    return f"{subject_id} · the numbers: tarmac explain {subject_id}", f"The evidence: tarmac evidence {subject_id} --out {subject_id}.zip"


def _feet(value: float) -> str:
    return "an unknown height" if value != value else f"{max(0, round(value, -2)):,.0f} ft"

"""What we may say, in code: phrases for each kind of landing, probability in words, and a check that every text is held to."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from pipeline.alerts.facts import LandingFacts
from pipeline.model.origin import Origin
from pipeline.model.time import local

RECONSTRUCTION: Final = "RECONSTRUCTION"
RECONSTRUCTION_LINE: Final = "RECONSTRUCTION: a real event with invented positions, made to fit what was reported. Not a record of flights."
NOT_ABOARD: Final = "We do not know who was aboard."

_FORBIDDEN: Final = (
    (r"\bunreported\b|\bsecret(ly)?\b|nobody has reported", "say: no report found in the sources read"),
    (r"\bexplain(s|ed)\b", "say: consistent with"),
    (
        r"\b(Russia|China|Iran|Turkey|Israel|France|Germany|the United States|Washington|Moscow|Tehran|Beijing) landed\b",
        "an aircraft landed",
    ),
    (r"\bdid not fly\b", "say: no track received"),
    (r"\btransponder (was )?(switched |turned )?off\b", "say: no position broadcast"),
)
_ABOARD: Final = re.compile(r"\b(aboard|on board|carried|carrying)\b", re.IGNORECASE)


def violations(text: str) -> list[str]:
    """What in a text claims more than can be known, each with what to say instead. Empty: it may be sent."""
    found = [f"{m.group(0)!r}: {better}" for pattern, better in _FORBIDDEN for m in re.finditer(pattern, text, re.IGNORECASE)]
    rest = text.replace(NOT_ABOARD, "")
    return found + [f"{m.group(0)!r}: we never say who was aboard" for m in _ABOARD.finditer(rest)]


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


def in_words(posterior: float, *, contested: bool = False) -> str:
    """How far the evidence goes; the number itself is in ``tarmac explain``. An aircraft of disputed identity is never strongly so."""
    steps = ((0.95, "strongly consistent with"), (0.8, "consistent with"), (0.5, "more likely than not consistent with"))
    words = next((words for least, words in steps if posterior >= least), "only weakly consistent with")
    return "consistent with" if contested and words.startswith("strongly") else words


def _feet(value: float) -> str:
    return "an unknown height" if value != value else f"{max(0, round(value, -2)):,.0f} ft"

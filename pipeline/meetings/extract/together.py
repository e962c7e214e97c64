"""People of several states named side by side in one place: they met there, whatever verb the text has for it."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.names import Name
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import spots

_AND: Final = frozenset(
    (
        "and", "&", "ve", "ile", "и", "та", "і", "й", "y", "e", "et", "und", "i", "oraz", "es", "dhe", "مع", "with", "mit", "avec",
        "con", "com", "z", "ze", "עם", "alongside", "beside",
    )
)  # fmt: skip
_WITH: Final = frozenset(("with", "mit", "avec", "con", "com", "met", "مع", "с", "со", "з", "із", "зі", "z", "ze", "ile"))
_PARTICLES: Final = ("و", "ו")
#: A clause with one of these tells of something else.
_OTHERWISE: Final = frozenset(
    ("say", "call", "hypothetical", "irrealis", "deny", "cancel", "postpone", "sport", "commentary", "anniversary", "exchange", "accident",
     "rotation", "absent", "background", "none", "ceremony")
)  # fmt: skip
#: Two names stand side by side when no more words part them: a title, a state.
_REACH: Final = 6


def together(reading: Reading, clause: Clause) -> Found[tuple[str, str]] | None:
    """An event of meeting, of weight 0, for a clause that has no word of one; None when nobody stands beside anybody, or nowhere."""
    if any(c.value in _OTHERWISE for c in clause.cues):
        return None
    people = [n for n in clause.names if n.value.kind == "person" and n.value.state]
    if len({n.value.state for n in people}) < 2 or not (
        reading.datelines or any(s.role == "in" and s.city for s in spots(reading, clause))
    ):
        return None
    for one, other in pairwise(people):
        between = range(one.end, other.start)
        joined = other.particle in _PARTICLES or any(
            reading.tokens[k].text in _AND or any(p in _PARTICLES for _, p in reading.variants[k]) for k in between
        )
        company = {t.text for t in reading.tokens[max(one.end, other.start - 3) : other.start]} & _WITH
        if one.value.state != other.value.state and ((len(between) <= _REACH and joined) or company):
            return Found(one.start, one.start + 1, ("meet", "future" if clause.cue("future") else "past"), 0)
    return None


def _abroad(reading: Reading, clause: Clause, people: list[Found[Name]]) -> Found[tuple[str, str]] | None:
    """An official in a city of another state, whose own official this clause or the next one names."""
    here = [s for s in spots(reading, clause) if s.role == "in" and s.city]
    after = next((c for c in reading.clauses if c.start >= clause.end), None)
    hosts = {n.value.state for c in (clause, after) if c for n in c.names if n.value.kind == "person"}
    for spot in here:
        guest = next((p for p in people if p.value.state != spot.country and p.value.state not in ("UN", "EU")), None)
        if guest is not None and spot.country in hosts:
            return Found(guest.start, guest.start + 1, ("visit", "future" if clause.cue("future") else "past"), 0)
    return None

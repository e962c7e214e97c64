"""Landings and take-offs that a clause tells of, and which of its times, places and dates belongs to which of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import spots

#: Languages whose verb comes last: a time belongs to the verb after it.
_VERB_LAST: Final = frozenset({"tr", "hu"})
#: In these a participle comes last: "ist um 7.48 Uhr in Berlin gestartet".
_PARTICIPLE_LAST: Final = frozenset({"de", "nl"})
_PARTICIPLES: Final = ("ge", "abge", "aufge", "losge", "opge", "einge")
_ARRIVAL_REACH: Final = 4
#: Words that part one movement from the next.
_PARTS: Final = frozenset(
    (
        ",", ";", "and", "und", "et", "y", "e", "i", "a", "oraz", "и", "а", "та", "й", "ve", "és", "es", "en", "then", "ثم", "before",
        "after",         "לאחר", "אחרי", "бо", "после", "перед", "nach", "avant", "apres", "antes", "despues", "po", "بعد", "قبل",
    )
)  # fmt: skip
#: Words of a take-off that nothing but an aircraft does.
_BY_AIR: Final = (
    "took", "takes", "take-off", "takeoff", "airborne", "wheels", "lifted", "вылет", "взлет", "виліт", "злет", "havalan", "decoll",
    "abgehoben", "hob", "despeg", "wystart", "odlec", "felszall", "szallt", "اقلع", "המריא", "שהמריא",
)  # fmt: skip
_OPENS: Final = frozenset("([")
#: Beginnings of words that are joined to the verb after them: "ووصلت", "ونחת".
_JOINED: Final = {"ar": ("و", "ف"), "he": ("ו",)}


@dataclass(frozen=True, slots=True)
class Movement:
    """A landing or a take-off told at tokens ``[start, end)``; ``sure`` False for an arrival that names no aircraft."""

    event: str
    start: int
    end: int
    sure: bool


def movements(reading: Reading, clause: Clause, *, flown: bool, timed: bool) -> list[Movement]:
    """The movements of a clause in order; ``flown``: it names an aircraft or goes on about one; ``timed``: it has a clock time."""
    out: list[Movement] = []
    people = any(n.value.kind == "person" for n in clause.names)
    leaving = clause.cue("takeoff") if flown or (people and timed) else ()
    if timed and not leaving:
        leaving = tuple(c for c in clause.cue("takeoff") if reading.tokens[c.start].text.startswith(_BY_AIR))
    for event in clause.events:
        what, tense = event.value
        if what == "visit" and any(c.start == event.start for c in leaving):
            continue
        if what == "land":
            out.append(Movement("landing", event.start, event.end, True))
        elif what == "visit" and tense in ("past", "present") and (flown or timed) and _arrives(reading, clause, event.start, event.end):
            out.append(Movement("landing", event.start, event.end, flown))
        elif what == "receive" and timed and any(s.airport for s in spots(reading, clause)):
            out.append(Movement("landing", event.start, event.end, False))
    out += [Movement("takeoff", c.start, c.end, True) for c in leaving if not any(m.start <= c.start < m.end for m in out)]
    return sorted(out, key=lambda m: m.start)


def _arrives(reading: Reading, clause: Clause, start: int, end: int) -> bool:
    """An arrival is by air when its city stands close by, and it is not a building that was reached."""
    near = [s for s in spots(reading, clause) if s.city and (s.role == "in" or s.airport)]
    return any(0 <= s.start - end <= _ARRIVAL_REACH or 0 <= start - s.end <= _ARRIVAL_REACH for s in near)


def belongs_to(reading: Reading, moves: Sequence[Movement], start: int, end: int) -> int:
    """The movement that what stands at tokens ``[start, end)`` belongs to.

    Where verbs come last, the one after it. Elsewhere the one before it, unless a comma or an "and" parts them and nothing
    parts it from the one after: "landed in Tel Aviv, and at 19:00 took off".
    """
    before = [i for i, m in enumerate(moves) if m.end <= start]
    after = [i for i, m in enumerate(moves) if m.start >= end]
    if not before or not after:
        inside = [i for i, m in enumerate(moves) if m.start < end and start < m.end]
        return (inside or before[-1:] or after[:1] or [0])[0]
    last, following = before[-1], after[0]
    if reading.language in _VERB_LAST:
        return following
    if reading.language in _PARTICIPLE_LAST and reading.tokens[moves[following].start].text.startswith(_PARTICIPLES):
        return following if not _parted(reading, end, moves[following].start) or _parted(reading, moves[last].end, start) else last
    parted = _parted(reading, moves[last].end, start)
    return following if parted and not _parted(reading, end, moves[following].start) and not _joined(reading, moves[following]) else last


def _parted(reading: Reading, start: int, end: int) -> bool:
    """Whether a word between parts two movements; what stands in brackets does not."""
    depth = 0
    for token in reading.tokens[start:end]:
        if token.text in _OPENS:
            depth += 1
        elif token.text in ")]":
            depth -= 1
        elif depth <= 0 and token.text in _PARTS:
            return True
    return False


def _joined(reading: Reading, move: Movement) -> bool:
    return reading.tokens[move.start].text.startswith(_JOINED.get(reading.language, ("\0",)))

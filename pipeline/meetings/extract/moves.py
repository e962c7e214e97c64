"""What a sentence tells of: landings, take-offs, and what else its times and places may belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.meetings.extract.flight_words import FlightWords
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import Spot

#: Languages whose verb comes last: a time belongs to the verb after it.
_VERB_LAST: Final = frozenset({"tr", "hu"})
#: In these a participle comes last: "ist um 7.48 Uhr in Berlin gestartet".
_PARTICIPLE_LAST: Final = frozenset({"de", "nl"})
_PARTICIPLES: Final = (
    "ge",
    "abge",
    "aufge",
    "losge",
    "opge",
    "einge",
    "zuruckge",
    "weiterge",
    "ange",
    "aufsetz",
    "ankam",
    "eintraf",
    "abhob",
    "verlass",
)
#: Words that part one movement from the next.
_PARTS: Final = frozenset(
    (
        ",", ";", ":", "and", "und", "et", "y", "e", "i", "a", "oraz", "и", "а", "та", "й", "ve", "és", "es", "en", "then", "ثم", "before",
        "after", "לאחר", "אחרי", "бо", "после", "перед", "nach", "avant", "apres", "antes", "despues", "po", "بعد", "قبل", "puis", "dann",
        "luego", "потом", "затем", "majd", "potem", "sonra", "tras", "nachdem", "dopo", "depois",
        "but", "aber", "mais", "pero", "но", "але", "ale", "ואז", "لكن", "-", "while",
    )
)  # fmt: skip
#: The same words where they are an article or a preposition.
_NOT_PARTS: Final = {
    "fr": frozenset(("a", "y")), "es": frozenset(("a",)), "en": frozenset(("a", "e", "i", "y", "es")), "hu": frozenset(("a", "e", "i")),
    "de": frozenset(("a", "i")), "tr": frozenset(("a", "e", "i")), "it": frozenset(("a", "i")), "pt": frozenset(("a",)),
}  # fmt: skip
_OPENS: Final = frozenset("([")
_MARKS: Final = frozenset(",;:-")
_COMMA: Final = 1
_AND: Final = 2
#: What spotters write before a place and a time.
_BOARD: Final = {"de": {"an": "landing", "ab": "takeoff"}, "en": {"into": "landing", "ex": "takeoff"}}
#: What may stand between the place and the time: "into Baku at 16:25".
_BEFORE_TIMES: Final = frozenset((",", "am", "um", "on", "at", "gegen", "about", "around"))
#: Nouns of a movement behind which its time stands, where verbs come last.
_NOUNS: Final = ("varis", "cikis", "inis", "kalkis", "erkezes", "indulas", "leszallas", "felszallas")
#: Beginnings of words that are joined to the verb after them: "ووصلت", "ונחת".
_JOINED: Final = {"ar": ("و", "ف"), "he": ("ו",)}
_PLAN_REACH: Final = 6
_PLAN_AFTER: Final = 4
_NOT_REACH: Final = 2
#: Behind a rumour, words of its denial.
_FALSE: Final = (
    "false", "untrue", "denied", "denies", "dement", "falsch", "faux", "desmin", "nego", "опроверг", "спростув", "zaprzecz", "yalan",
    "cafol", "نفى", "نفت", "הכחיש",
)  # fmt: skip
#: "sooner than expected", "as planned": of what was done.
_THAN: Final = frozenset(("than", "as", "чем", "als", "wie", "que", "niz", "mint", "нiж", "jak", "как"))
#: What spotters write right before a time.
_SHORT: Final = {"off": "takeoff", "up": "takeoff", "out": "takeoff", "down": "landing", "on": "landing", "in": "landing"}
_GROUND_REACH: Final = 6
#: A noun of a movement so near before a time owns it.
_NOUN_REACH: Final = 3
_ARRIVAL_REACH: Final = 5
#: Events of a text's other verbs, to which times may belong.
_FOREIGN: Final = frozenset(("meet", "receive", "summit", "visit"))
_LANDINGS: Final = frozenset(("land", "landing", "settle", "come", "carry"))
#: What trains, ships and cars do too.
_ON_THE_GROUND: Final = frozenset(("off", "offing", "come", "go", "back", "fly", "carry", "settle", "same"))
#: Kinds that a plane alone does: they need no aircraft named beside them when they have a time.
SURE: Final = frozenset(("land", "landing", "off", "offing"))


@dataclass(frozen=True, slots=True)
class Movement:
    """A landing or a take-off told at tokens ``[start, end)``; ``event`` is '' for what is none, planned or denied but may own times.

    ``kind`` is that of its word (``flight_words``).
    """

    event: str
    start: int
    end: int
    kind: str


def movements(reading: Reading, sentence: Clause, words: FlightWords, before: str, times: Sequence[int], *, by_air: bool) -> list[Movement]:
    """The movements of a sentence and its other verbs, in order.

    ``before``: the movement told last, which "followed" repeats; ``times``: the tokens at which times begin; ``by_air``: whether
    the sentence names an aircraft, so that what it tells is not of the train that it names too.
    """
    named = {i for n in sentence.names if n.value.kind in ("city", "venue", "person") for i in range(n.start, n.end)}
    mine = [f for f in words.moved(sentence.start, sentence.end) if f.start not in named and not _in_a_name(reading, named, f.start)]
    if words.within("ground", sentence.start, sentence.end) and not by_air:
        mine = [f for f in mine if not _by_land(reading, words.within("ground", sentence.start, sentence.end), f)]
    plans = words.within("plan", sentence.start, sentence.end)
    told = [_movement(f, before) for f in mine if f.value != "same" or (before and all(m.value == "same" for m in mine))]
    told = [m for m in told if m.kind != "back" or not any(o is not m and (o.start == m.end or o.end == m.start) for o in told)]
    placed = [n for n in sentence.names if n.value.kind in ("city", "venue")]
    carried = {belongs_to(reading, told, n.start, n.end) for n in placed} if told else set()
    told = [m for i, m in enumerate(told) if m.kind != "carry" or i in carried]
    out = [replace(m, event="") if _unreal(reading, sentence, words, m, told) else m for m in told]
    taken = {i for m in out for i in range(m.start, m.end)}
    if reading.language == "en":
        short = [i - 1 for i in times if i > sentence.start and reading.tokens[i - 1].text in _SHORT and i - 1 not in taken]
        out += [Movement(_SHORT[reading.tokens[i].text], i, i + 1, "short") for i in short]
    out += _boards(reading, sentence, times)
    for event in sentence.events:
        what, tense = event.value
        bound = reading.tokens[event.start].text == "bound"  # for where it went, when it left
        if what in _FOREIGN and tense != "noun" and not bound and not taken.intersection(range(event.start, event.end)):
            kind = what if tense in ("past", "present", "back") else "plan"
            out.append(Movement("", event.start, event.end, kind))
    taken = {i for m in out for i in range(m.start, m.end)}
    out += [Movement("", p.start, p.end, "plan") for p in plans if p.start not in taken and not _leads(p, told)]
    return sorted(out, key=lambda m: m.start)


def _by_land(reading: Reading, ground: Sequence[Found[str]], move: Found[str]) -> bool:
    """Whether a train or a ship did it, or somebody by one: no comma and no "and" parts them. In Turkish prices "land" too."""
    if move.value not in _ON_THE_GROUND and reading.language != "tr":
        return False
    before = any(g.end <= move.start and not _partition(reading, g.end, move.start) for g in ground)
    return before or any(0 <= g.start - move.end <= _GROUND_REACH and not _partition(reading, move.end, g.start) for g in ground)


def _boards(reading: Reading, sentence: Clause, times: Sequence[int]) -> list[Movement]:
    """``an BER 09:14, ab BER 17:45``."""
    words = _BOARD.get(reading.language, {})
    found = []
    for i in range(sentence.start, sentence.end - 1):
        if reading.tokens[i].text not in words or (reading.language == "en" and not _is_named(reading, i - 1)):
            continue
        name = next((n for n in sentence.names if n.start == i + 1), None)
        at = name.end if name else i + 1
        dated = {k for d in sentence.dates for k in range(d.start, d.end)}
        while at < sentence.end and (at in dated or reading.tokens[at].text in _BEFORE_TIMES):
            at += 1
        if at in times and (name or at == i + 1):
            found.append(Movement(words[reading.tokens[i].text], i, i + 1, "short"))
    return found


def _is_named(reading: Reading, i: int) -> bool:
    """A name or a number: "RA-96022 into Baku", not "flew into Baku"."""
    return i >= 0 and (reading.tokens[i].capital or reading.tokens[i].text[-1:].isdigit())


def _in_a_name(reading: Reading, named: set[int], i: int) -> bool:
    """The second half of "Rabat-Salé"."""
    return i >= 2 and reading.tokens[i - 1].text == "-" and i - 2 in named and reading.tokens[i - 1].end == reading.tokens[i].start


def _movement(found: Found[str], before: str) -> Movement:
    event = before if found.value == "same" else "landing" if found.value in _LANDINGS else "takeoff"
    return Movement(event, found.start, found.end, found.value)


def _leads(plan: Found[str], told: Sequence[Movement]) -> bool:
    """A plan whose movement is one of ``told``."""
    return any(0 <= m.start - plan.end <= _PLAN_REACH for m in told)


def _unreal(reading: Reading, sentence: Clause, words: FlightWords, move: Movement, told: Sequence[Movement]) -> bool:
    """Planned, denied, or not done."""
    last = max((m.end for m in told if m.end <= move.start), default=sentence.start)
    following = min((m.start for m in told if m.start >= move.end), default=sentence.end)
    for found in words.within("plan", sentence.start, sentence.end):
        if found.start < move.end and move.start < found.end:
            return True
        if reading.tokens[found.start - 1].text in _THAN:
            continue
        if last <= found.start and 0 <= move.start - found.end <= _PLAN_REACH and not _comma(reading, found.end, move.start):
            return True
        behind = found.start >= move.end and found.end <= following and found.start - move.end < _PLAN_AFTER
        if reading.language == "tr" and behind and not _comma(reading, move.end, found.start):
            return True
        if move.kind in ("landing", "offing") and 0 <= found.start - move.end <= _PLAN_REACH and found.end <= following:
            return True
    for found in words.within("no", sentence.start, sentence.end):
        if 0 <= move.start - found.end <= _NOT_REACH or (reading.language == "de" and 0 <= found.start - move.end <= _NOT_REACH):
            return True
        none = any(p.start - found.end in (0, 1) for p in words.within("plane", found.start, move.start))
        if none and found.end <= move.start and not _comma(reading, found.end, move.start):
            return True  # "no aircraft had arrived by six"
    denied = sentence.cue("deny")
    rumours = words.within("rumour", sentence.start, sentence.end)
    false = [f for f in words.within("no", move.end, sentence.end) if reading.tokens[f.start].text.startswith(_FALSE)]
    if false and any(r.start < move.start for r in rumours):
        return True  # "rumours that it landed in Caracas are false"
    return any(c.start < move.start for c in denied) or bool(denied and rumours)


def _comma(reading: Reading, start: int, end: int) -> bool:
    return any(t.text in ",:" for t in reading.tokens[start:end])


def is_flight(move: Movement, places: Sequence[Spot], *, craft: bool, timed: bool, people: bool, flown: bool) -> bool:
    """Whether a movement is one of an aircraft.

    ``craft``: the sentence names an aircraft or goes on about one; ``people``: it names somebody who may have flown;
    ``flown``: this verb is the one of an aircraft; ``places``: what it names of places.
    """
    if not move.event:
        return False
    if move.kind in ("same", "back") and not (move.kind == "back" and people):
        return timed and craft
    if not timed:
        return craft and (move.kind in ("land", "off", "settle") or (flown and move.kind in ("come", "go", "fly", "carry")))
    if move.kind == "short":
        return craft
    if craft or move.kind in SURE:
        return True
    near = [s for s in places if s.city and (0 <= s.start - move.end <= _ARRIVAL_REACH or 0 <= move.start - s.end <= _ARRIVAL_REACH)]
    field = any(s.airport for s in near)
    return field or (people and any(s.role in ("in", "from") or s.airport for s in near))


def belongs_to(reading: Reading, moves: Sequence[Movement], start: int, end: int) -> int:
    """The movement that what stands at tokens ``[start, end)`` belongs to.

    The one that no comma and no "and" parts it from, when that is so of one alone; else where verbs come last the one after it,
    elsewhere the one before.
    """
    before = [i for i, m in enumerate(moves) if m.end <= start]
    after = [i for i, m in enumerate(moves) if m.start >= end]
    if not before or not after:
        inside = [i for i, m in enumerate(moves) if m.start < end and start < m.end]
        return (inside or before[-1:] or after[:1] or [0])[0]
    last, following = before[-1], after[0]
    apart = _partition(reading, moves[last].end, start)
    if moves[last].kind == "short" and start == moves[last].end:
        return last
    until = max(_partition(reading, end, moves[following].start), _AND if _joined(reading, moves[following]) else 0)
    if apart != until:
        return following if apart > until else last
    if reading.language in _VERB_LAST:
        noun = (moves[last].kind in ("landing", "offing") or reading.tokens[moves[last].start].text.startswith(_NOUNS)) and start - moves[
            last
        ].end <= _NOUN_REACH
        return last if noun else following
    if reading.language in _PARTICIPLE_LAST and reading.tokens[moves[following].start].text.startswith(_PARTICIPLES):
        return following
    return last


def parted(reading: Reading, move: Movement, start: int, end: int) -> bool:
    """Whether a comma or an "and" stands between a movement and what stands at tokens ``[start, end)``."""
    return bool(_partition(reading, move.end, start) if start >= move.end else _partition(reading, end, move.start))


def _partition(reading: Reading, start: int, end: int) -> int:
    """How much what stands between parts two movements: 0 not, 1 a comma, 2 an "and"; what stands in brackets does not."""
    depth = found = 0
    plain = _NOT_PARTS.get(reading.language, frozenset())
    for i in range(start, end):
        token = reading.tokens[i]
        if token.text in _OPENS:
            depth += 1
        elif token.text in ")]":
            depth -= 1
        elif depth <= 0 and token.text in _PARTS and token.text not in plain and not _glued(reading, i):
            found = max(found, _COMMA if token.text in _MARKS else _AND)
    return found


def _glued(reading: Reading, i: int) -> bool:
    """A dash within a word: "Внуково-2", "10.22-kor"."""
    return reading.tokens[i].text == "-" and reading.tokens[i - 1].end == reading.tokens[i].start


def _joined(reading: Reading, move: Movement) -> bool:
    return reading.tokens[move.start].text.startswith(_JOINED.get(reading.language, ("\0",)))

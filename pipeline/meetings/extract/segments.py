"""A sentence that tells of several scenes, cut into them: "met Xi in Beijing on Monday and Kishida in Tokyo on Tuesday" is two.

Each scene keeps its own places, days and people; what it leaves unsaid (who acts, the verb, that it is still to come) it has from
the sentence, in ``Clause.heads`` and by events and cues carried over.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.telling import moved_to
from pipeline.meetings.extract.where import Spot, spots

_COMMA: Final = frozenset((",", "-"))
#: Words that begin another scene of a sentence.
_JOINS: Final = frozenset(
    (
        "and", "before", "then", "while", "but", "ve", "ardindan", "sonra", "oradan", "и", "а", "затем", "потом", "та", "і", "й", "потім",
        "y", "e", "et", "puis", "avant", "und", "dann", "bevor", "ehe", "i", "oraz", "a", "potem", "nastepnie", "es", "majd", "ثم", "قبل",
        "כדי", "ואז", "luego", "despues", "poi", "dopo", "antes",
    )
)  # fmt: skip
_WHERE: Final = frozenset(("where", "где", "де", "wo", "ou", "donde", "gdzie", "ahol", "حيث", "שם", "שבה", "dove", "onde", "waar"))
_AND_PARTICLES: Final = frozenset(("و", "ف", "ו"))
_FINITE: Final = frozenset(("past", "present", "future", "back"))
#: Words that lead on from one stop to the next: "and from there to Astana".
_FROM_THERE: Final = frozenset(
    ("there", "dort", "oradan", "оттуда", "звідти", "stamtad", "ahi", "alli", "la", "onnan", "هناك", "ومنها", "משם")
)
#: What a verb left unsaid takes along of its sentence.
_CARRIED: Final = frozenset(("future", "hypothetical", "irrealis", "call", "cancel", "postpone", "deny", "background"))
_ARRIVING: Final = frozenset(("visit", "land"))
#: In these the verb ends the sentence, and an earlier scene shares the verb of a later one.
_VERB_LAST: Final = frozenset({"tr"})
#: In these a participle may close the part of the sentence that it belongs to.
_VERB_CLOSES: Final = frozenset({"de", "nl"})
_ASIDE: Final = 5
_NOUN: Final = 7
_AFTER: Final = frozenset(
    ("after", "following", "nach", "apres", "tras", "después", "despues", "после", "після", "po", "dopo", "בתום", "بعد", "عقب")
)
#: A scene begins with its day or its "with" so many words after the comma at most.
_OPENS: Final = 3


def in_scenes(reading: Reading) -> Reading:
    """The reading with every sentence that tells of several scenes cut into them."""
    return replace(reading, clauses=tuple(s for c in reading.clauses for s in _scenes(reading, c)))


def _scenes(reading: Reading, clause: Clause) -> list[Clause]:
    bounds = sorted(
        {*_between_cities(reading, clause), *_between_days(reading, clause), *_recalled(reading, clause), *_led_to(reading, clause)}
    )
    if not bounds:
        return [clause]
    edges = [clause.start, *bounds, clause.end]
    parts = [_part(clause, a, b) for a, b in pairwise(edges)]
    events = [p.events for p in parts]
    out: list[Clause] = []
    for k, piece in enumerate(parts):
        part = piece
        shared = _shared(reading, events, k)
        cues = part.cues
        if shared is not None and not part.events:
            part = replace(part, events=(Found(part.start, part.start + 1, shared.value, shared.weight),))
        if k and (shared is not None or _bare_verb(part) or not events[k]):
            cues = (*(c for c in clause.cues if c.value in _CARRIED and c.start < part.start), *cues)
        elif reading.language in _VERB_LAST and not events[k]:
            cues = (*cues, *(c for c in clause.cues if c.value in _CARRIED and c.start >= part.end))
        out.append(replace(part, cues=cues, heads=clause))
    return out


def _shared(reading: Reading, events: list[tuple[Found[tuple[str, str]], ...]], k: int) -> Found[tuple[str, str]] | None:
    """The verb that a scene without one has: of the scene before it, in some languages of the one after."""
    if events[k]:
        return None
    before = range(k - 1, -1, -1)
    order = (*range(k + 1, len(events)), *before) if reading.language in _VERB_LAST else before
    return next((events[j][-1 if j < k else 0] for j in order if events[j]), None)


def _bare_verb(part: Clause) -> bool:
    """``will visit Rome and hold talks in Paris``: a verb right at the beginning is of the tense before it."""
    return bool(part.events) and part.events[0].start - part.start <= 1 and part.events[0].value[1] == "present"


def _part(clause: Clause, start: int, end: int) -> Clause:
    def within(found: Found[Any] | DateSpan) -> bool:
        return start <= found.start < end

    return replace(
        clause,
        start=start,
        end=end,
        names=tuple(n for n in clause.names if within(n)),
        events=tuple(e for e in clause.events if within(e)),
        cues=tuple(c for c in clause.cues if within(c)),
        who=tuple(w for w in clause.who if within(w)),
        dates=tuple(d for d in clause.dates if within(d)),
    )


def _between_cities(reading: Reading, clause: Clause) -> list[int]:
    """Where a scene in another city begins."""
    anchors: list[Spot] = []
    for spot in spots(reading, clause):
        if not spot.city or not (spot.role == "in" or _leads_on(reading, spot)):
            continue
        if anchors and anchors[-1].city == spot.city:
            anchors[-1] = spot
        else:
            anchors.append(spot)
    found: list[int] = []
    for one, other in pairwise(anchors):
        low = max([found[-1]] if found else [clause.start])
        if (cut := _cut_between(reading, clause, one, other, low)) is not None:
            found.append(cut)
    return found


def _leads_on(reading: Reading, spot: Spot) -> bool:
    """``straight from Damascus, where on Tuesday …``"""
    if spot.role != "from":
        return False
    dated = next((d.end for c in reading.clauses for d in c.dates if d.start == spot.end), spot.end)
    after = [t.text for t in reading.tokens[dated : dated + 2] if t.text != ","]
    return bool(after) and after[0] in _WHERE


def _cut_between(reading: Reading, clause: Clause, one: Spot, other: Spot, low: int) -> int | None:
    if _leads_on(reading, other):
        return other.start
    if _leads_on(reading, one) and not any(e.end <= one.start for e in clause.events):
        return None
    events = [e for e in clause.events if one.end <= e.start < other.start and e.value[1] in _FINITE]
    opened = _after_a_visit(reading, clause, one, other)
    edges = [i for i in range(max(low + 1, one.end), other.start) if _is_edge(reading, clause, i)]
    # "القاهرة الثلاثاء وعمان الخميس"
    joined = [n.start for n in clause.names if one.end <= n.start <= other.start and n.particle in _AND_PARTICLES and n.start > low]
    edges = sorted({*edges, *joined})
    if reading.language in _VERB_LAST:
        ended = [e for e in events if any(i >= e.end for i in edges)]
        usable = [i for i in edges if not ended or i >= ended[0].end][:1]
    elif reading.language in _VERB_CLOSES and (closed := [i for i in edges if events and i >= events[-1].end]):
        usable = closed[:1]  # "hat am Samstag in Dschidda … getroffen, am Sonntag folgten …"
    elif opened:
        usable = [one.end]
    elif events:
        usable = [i for i in edges if i <= events[-1].start][-1:]
    else:
        usable = edges[:1]
    if not usable:
        return None
    cut = usable[0]
    days = [d for d in clause.dates if d.kind != "length"]
    dated = any(cut <= d.start <= other.end + _OPENS for d in days) and any(d.start < cut for d in days)
    people = any(n.value.kind == "person" and cut <= n.start for n in clause.names)
    onward = any(t.text in _FROM_THERE for t in reading.tokens[cut + 1 : cut + 1 + _OPENS])
    if not (events or dated or opened or onward or people):
        return None
    if _one_journey(clause, one, other, cut, days):
        return None
    return cut


def _after_a_visit(reading: Reading, clause: Clause, one: Spot, other: Spot) -> bool:
    """``Nach seinem Besuch in Moskau ist er in Berlin empfangen worden``: what opens with "after", and the verb right behind its place."""
    opens = reading.language in _VERB_CLOSES and reading.tokens[clause.start].text in _AFTER
    return opens and not any(e.end <= one.start and e.value[1] in _FINITE for e in clause.events) and other.start - one.end > 1


def _one_journey(clause: Clause, one: Spot, other: Spot, cut: int, days: list[DateSpan]) -> bool:
    """``landed in Tel Aviv and met him in Jerusalem``: the field one came by and the city, in one country, no second day."""
    before = [e for e in clause.events if e.start < cut]
    arrived = bool(before) and all(e.value[0] in _ARRIVING for e in before)
    return arrived and one.country == other.country and not any(d.start >= cut for d in days)


def _is_edge(reading: Reading, clause: Clause, i: int) -> bool:
    """A word or mark that may begin another scene: before a verb, a day, a "with" or somebody's name, not within a list of names."""
    token = reading.tokens[i]
    verb = next((e for e in clause.events if e.start == i), None)
    if verb is not None and verb.particle in _AND_PARTICLES:
        return True
    if token.text not in _JOINS and token.text not in _COMMA:
        return False
    if any(d.start < i < d.end for d in clause.dates) or any(n.start < i < n.end for n in clause.names):
        return False
    return not (token.text == "-" and reading.tokens[i - 1].end == token.start)


def _recalled(reading: Reading, clause: Clause) -> list[int]:
    """``Putin kam nach Meseberg, er war zuvor Gast …``: what a comma and a word of before begin, told after the event."""
    found: list[int] = []
    for cue in clause.cue("background"):
        edges = [i for i in range(max(clause.start + 1, cue.start - _ASIDE), cue.start) if reading.tokens[i].text == ","]
        told = edges and any(e.end <= edges[-1] and e.value[1] in _FINITE for e in clause.events)
        over = edges and not any(t.text == "," for t in reading.tokens[cue.end : cue.end + 3])
        if told and over and any(n.value.kind in ("person", "city", "venue") and n.start > edges[-1] for n in clause.names):
            found.append(edges[-1])
    return found[:1]


def _led_to(reading: Reading, clause: Clause) -> list[int]:
    """``will start drafting, both sides said after a second round of talks in Rome``: a plan, and the meeting that it came from."""
    ahead = [c.start for c in clause.cue("future")] + [e.start for e in clause.events if e.value[1] == "future"]
    met = any(e.value[0] in ("meet", "receive", "summit") and e.value[1] in ("past", "present", "back") for e in clause.events)
    if not ahead or met:
        return []
    for i in range(min(ahead) + 1, clause.end):
        if reading.tokens[i].text not in _AFTER:
            continue
        noun = next((e for e in clause.events if i < e.start <= i + _NOUN and e.value[1] == "noun"), None)
        if noun is not None and not any(e.start < i and e.value[0] in ("meet", "receive", "summit") for e in clause.events):
            return [i]
    return []


def _between_days(reading: Reading, clause: Clause) -> list[int]:
    """``met Baerbock on Friday and, this morning, Jaishankar``: other people on another day, by one verb."""
    days = [d for d in clause.dates if d.kind in ("day", "weekday", "offset")]
    if moved_to(reading, clause) is not None:
        return []
    cities = {s.city for s in spots(reading, clause) if s.role == "in" and s.city}
    verbs = [e for e in clause.events if e.value[1] in _FINITE]
    if len(days) < 2 or len(cities) > 1 or not verbs or reading.language in _VERB_LAST or verbs[0].value[0] not in ("meet", "receive"):
        return []
    people = [n for n in clause.names if n.value.kind == "person"]
    found: list[int] = []
    for one, other in pairwise(days):
        edges = [i for i in range(verbs[0].end, other.start) if _is_edge(reading, clause, i) and i >= min(one.end, other.start)]
        for cut in edges:
            own = [n for n in people if cut < n.start]
            before = [n for n in people if n.start < cut and n.end > verbs[0].end]
            later = [e for e in verbs if e.start >= cut]
            near = other.start - cut <= _OPENS or any(n.start - cut <= _OPENS * 2 for n in own)
            if own and before and near and (not later or later[0].value[0] == "meet"):
                found.append(cut)
                break
    return found

"""Where the event of a clause was, among the places that it names: by its verb, as its object, before a noun of meeting."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import Spot, spots

Event = Found[tuple[str, str]]

#: In these a verb of visiting may follow its object: "hat Kiew besucht".
_VERB_AFTER: Final = frozenset({"de", "nl", "tr"})
#: In these the verb ends the sentence.
_VERB_LAST: Final = frozenset({"tr"})
_OBJECT_REACH: Final = 2
_AFTERWARDS: Final = frozenset(("after", "nachdem", "apres", "tras", "после", "після", "po", "dopo", "because", "although", "though"))
_SUBJECT: Final = 4
_INSTEAD: Final = frozenset(
    ("instead", "stattdessen", "statt", "anstelle", "вместо", "замість", "zamiast", "lieu", "plutot", "بدلا", "במקום", "invece")
)
_INSTEAD_REACH: Final = 3
#: In these a city right after a word of meeting is where it is: ``قمة الرياض``.
_CONSTRUCT: Final = frozenset({"ar", "he"})
#: In these a participle follows its place.
_PARTICIPLE_AFTER: Final = frozenset({"tr", "hu", "de"})
_PLANNED: Final = (
    "planlanan", "ongorulen", "planned", "scheduled", "slated", "set", "geplant", "vorgesehen", "prevu", "prevue", "prevus", "previst",
    "planead", "planowan", "запланир", "намечен", "заплан", "tervezett", "المقرر",
)  # fmt: skip
_WHERE: Final = frozenset(("where", "где", "де", "wo", "ou", "donde", "gdzie", "ahol", "حيث", "שם", "שבה", "dove", "onde", "waar"))
_RELATIVE: Final = frozenset(("that", "which", "who", "whose", "because", "although", "since", "while"))
_VERB_TENSES: Final = frozenset(("past", "present", "future", "back"))


def whereabouts(reading: Reading, clause: Clause, events: tuple[Event, ...], main: Event) -> list[Spot]:
    """The places of a clause with the part that each has in its event."""
    return _of_before(reading, clause, events, main, _where(reading, main, _placed(reading, clause)))


def _placed(reading: Reading, clause: Clause) -> list[Spot]:
    """The places of a clause; a scene without a city is in the only one of its sentence: other people, another day, one hotel."""
    own = _with_bare(reading, clause, spots(reading, clause))
    if clause.heads is None or any(s.role == "in" for s in own):
        return own
    whole = [s for s in spots(reading, clause.heads) if s.role == "in" and s.city]
    return [*own, whole[0]] if len({s.city for s in whole}) == 1 else own


def _where(reading: Reading, main: Event, found: list[Spot]) -> list[Spot]:
    """``came from Damascus, where he called on the president``: what follows "where" happened in the place before it."""
    for spot in found:
        after = reading.tokens[spot.end : spot.end + 2]
        leads = [t.text for t in after if t.text != ","][:1]
        if spot.city and spot.role != "topic" and leads and leads[0] in _WHERE and main.start >= spot.end:
            told = replace(spot, role="in")
            return [told if s is spot else replace(s, role="") if s.role == "in" and s.start < spot.start else s for s in found]
    return found


def _of_before(reading: Reading, clause: Clause, events: tuple[Event, ...], main: Event, found: list[Spot]) -> list[Spot]:
    """``who had spent two days in Warsaw, arrived``: a place that a verb of before governs is not where the rest happened,
    nor is one that it had been planned for."""
    unreal = [c for c in clause.cue("irrealis") if c.start > main.start]
    found = [replace(s, role="") if any(c.start < s.start for c in unreal) else s for s in found]
    found = [replace(s, role="") if s.role == "in" and _after_all(reading, main, s) else s for s in found]
    found = _not_as_planned(reading, _instead(reading, clause, found))
    if main.value[1] == "back":
        return found

    def left(spot: Spot) -> bool:
        verbs = [e for e in events if e.end <= spot.start + 1 and e.value[1] in _VERB_TENSES]
        if main.start >= spot.end and spot.role == "in" and not verbs:
            return False
        return spot.role == "in" and bool(verbs) and max(verbs, key=lambda e: e.start).value[1] == "back"

    return [replace(s, role="") if left(s) else s for s in found]


def _instead(reading: Reading, clause: Clause, found: list[Spot]) -> list[Spot]:
    """``the talks set for Istanbul will be in Muscat instead``, ``in Muscat instead of Istanbul``: one place took the other's part."""
    inside = [s for s in found if s.role == "in" and s.city]
    at = next((i for i in range(clause.start, clause.end) if reading.tokens[i].text in _INSTEAD), 0)
    if len(inside) < 2 or not at:
        return found
    of = [s for s in inside if s.start > at and s.start - at <= _INSTEAD_REACH]
    kept = max((s for s in inside if s.end <= at), key=lambda s: s.end, default=None)
    if kept is None or (not of and at - kept.end > _INSTEAD_REACH):
        return found
    return [replace(s, role="") if s in inside and s is not kept else s for s in found]


def _not_as_planned(reading: Reading, found: list[Spot]) -> list[Spot]:
    """``Ankara'da planlanan görüşme İstanbul'a alındı``, ``planned for Ankara were moved to Istanbul``: beside another place, a place
    that something was only planned for."""
    inside = [s for s in found if s.role == "in" and s.city]
    planned = [s for s in inside if _planned(reading, s)]
    if not planned or len({s.city for s in inside}) == len({s.city for s in planned}):
        return found
    return [replace(s, role="") if s in planned else s for s in found]


def _planned(reading: Reading, spot: Spot) -> bool:
    after, before = reading.tokens[spot.end : spot.end + 2], reading.tokens[max(0, spot.start - 3) : spot.start]
    words = after if reading.language in _PARTICIPLE_AFTER else before
    return any(t.text.startswith(_PLANNED) for t in words)


def _after_all(reading: Reading, main: Event, spot: Spot) -> bool:
    """``will hold talks on Sunday, after Washington gave up its objections to F-16s for Kyiv``: a comma and "after" lead elsewhere."""
    return any(reading.tokens[i].text in _AFTERWARDS and reading.tokens[i - 1].text == "," for i in range(main.end + 1, spot.start))


def _with_bare(reading: Reading, clause: Clause, found: list[Spot]) -> list[Spot]:
    """``the Budapest summit``, ``Jeddah talks``: a city right before a noun of meeting is where it is."""
    if (venue := _named_as_venue(clause, found)) is not None:
        return [replace(s, role="in") if s is venue else replace(s, role="") if s.role == "in" else s for s in found]
    found = _at_a_forum(clause, found)
    starts = {e.start for e in clause.events if e.value[0] in ("meet", "summit") or e.value[1] == "noun"}
    visits = [e.start for e in clause.events if e.value[0] == "visit" and e.value[1] not in ("noun", "neg")]
    beside = {e.end for e in clause.events if e.value[0] == "visit" and e.value[1] not in ("noun", "neg")}
    if any(s.role == "in" and s.city for s in found):
        visits = []

    found = [replace(s, role="") if s.role == "in" and _onward(reading, clause, s) else s for s in found]
    verb_after = reading.language in _VERB_AFTER
    alone = bool(starts) and len({s.city for s in found if s.city}) == 1 and not any(s.role for s in found if s.city)

    def bare(spot: Spot) -> bool:
        """``visited Damascus``: the object of a verb of visiting needs no preposition."""
        if spot.role or spot.airport:
            return False
        if spot.city and spot.start in beside:
            return True
        if verb_after and spot.city and any(0 <= start - spot.end <= _OBJECT_REACH for start in visits):
            return True
        if spot.city and any(_hosts(reading.language, clause, spot, e) for e in clause.events):
            return True  # "Rome hosted", "Vienna is hosting", "استضافت روما"
        if spot.city and alone and _between_commas(reading, clause, spot):
            return True  # "Bilateral meeting, Hungary and Georgia, Budapest, 11 June"
        if spot.end in starts and _told_after(clause, found, spot):
            return False  # "Gaza talks in Doha": what they were about
        construct = reading.language in _CONSTRUCT and spot.city and any(e.end == spot.start for e in clause.events if e.start in starts)
        return bool(construct or (spot.city and spot.end in starts)) or any(
            start < spot.start and not _cut(reading, start, spot.start) and not _after_a_comma(reading, clause, start, spot)
            for start in visits
        )

    return [Spot(s.city, s.country, "in", s.start, s.end, s.airport) if bare(s) else s for s in found]


def _at_a_forum(clause: Clause, found: list[Spot]) -> list[Spot]:
    """``Antalya Diplomasi Forumu kapsamında``: a house or a forum by its whole name, where the clause says no other place."""
    if any(s.role == "in" and s.city for s in found):
        return found
    whole = {n.start for n in clause.names if n.value.kind == "venue" and not n.value.airport and n.end - n.start > 1}
    return [replace(s, role="in") if s.start in whole and not s.role else s for s in found]


def _named_as_venue(clause: Clause, found: list[Spot]) -> Spot | None:
    """``Muscat was the venue``, ``местом встречи выбран Рим``: the city that is called the place, where no other is said."""
    words = clause.cue("venue")
    bare = [s for s in found if s.city and not s.role]
    if not words or not bare or any(s.role == "in" and s.city for s in found):
        return None
    return min(bare, key=lambda s: min(max(s.start - c.end, c.start - s.end) for c in words))


def _told_after(clause: Clause, found: list[Spot], spot: Spot) -> bool:
    """Whether the noun of meeting right behind a city has a preposition of place and another city behind it."""
    nouns = [e for e in clause.events if e.start == spot.end]
    later = [s for s in found if s.role == "in" and s.city and s.city != spot.city and s.country != spot.country]
    return any(0 <= s.start - e.end <= _OBJECT_REACH for s in later for e in nouns)


def _after_a_comma(reading: Reading, clause: Clause, start: int, spot: Spot) -> bool:
    """``went to parliament, and saw activists, among them one of Tiananmen``: no object; a list of places goes on behind its commas."""
    named = {i for n in clause.names if n.value.kind in ("city", "venue", "country", "demonym") for i in range(n.start, n.end)}
    dated = {i for d in clause.dates for i in range(d.start, d.end)}
    commas = [i for i in range(start, spot.start) if reading.tokens[i].text == ","]
    return any(i - 1 not in named and i + 1 not in named and i - 1 not in dated and i + 1 not in dated for i in commas)


def _between_commas(reading: Reading, clause: Clause, spot: Spot) -> bool:
    """A city that stands for itself, after a comma and before another or the end: where a programme or a caption says it was."""
    after = reading.tokens[spot.end].text if spot.end < clause.end else "."
    dated = any(d.start == spot.end for d in clause.dates)
    return spot.start > clause.start and reading.tokens[spot.start - 1].text in (",", "-") and (after in ",.;)" or dated)


def _hosts(language: str, clause: Clause, spot: Spot, event: Event) -> bool:
    """A city that receives: right beside the verb, or its subject at the beginning of the clause with nobody named between."""
    if event.value[0] != "receive" or event.value[1] in ("noun", "neg"):
        return False
    if spot.start == event.end or spot.end == event.start:
        return True
    named = any(spot.end <= n.start < event.start and n.value.kind != "demonym" for n in clause.names)
    if language in _VERB_LAST and spot.start == clause.start and spot.end < event.start:  # "İstanbul, … heyetlerine ev sahipliği yapacak"
        return not any(n.value.kind in ("city", "venue") and n.start >= spot.end for n in clause.names)
    return spot.start - clause.start <= _SUBJECT and 0 <= event.start - spot.end <= _SUBJECT and not named


def _cut(reading: Reading, start: int, end: int) -> bool:
    """A word that begins another clause stands between: ``made a trip that had Berlin guessing``."""
    return any(t.text in _RELATIVE for t in reading.tokens[start:end])


def _onward(reading: Reading, clause: Clause, spot: Spot) -> bool:
    """Where somebody left for after what the clause tells: "met him and left in the evening for Seoul"."""
    met = any(e.value[0] in ("meet", "receive", "summit") for e in clause.events)
    # of a route the last place is where one went; after a meeting it is where one went on to
    left = [c for c in (*clause.cue("takeoff"), *(clause.cue("onward") if met else ())) if c.end <= spot.start]
    if not left or reading.language == "tr":
        return False
    last = max(left, key=lambda c: c.start)
    if any(e.start <= last.start and last.end < e.end and e.value[0] == "visit" for e in clause.events):
        return False  # "left for Berlin to see Scholz"
    return any(e.end <= last.start for e in clause.events) and not any(last.end <= e.start < spot.start for e in clause.events)

"""Where a movement was: the field or city that its sentence gives it, or what was told before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.inflect import INTO
from pipeline.meetings.extract.moves import Movement
from pipeline.meetings.extract.reading import Reading
from pipeline.meetings.extract.where import Spot

_LEFT_REACH: Final = 6
#: Where the verb comes first, what left stands between it and what was left.
_VERB_FIRST: Final = {"ar": 12, "he": 9}
#: In these "in" says wherefrom one took off, and another word whereto.
_IN_FROM: Final = frozenset({"de", "nl"})
#: Before a place one only stopped at on the way, by their beginnings.
_STOPS: Final = (
    "stop", "refuel", "tankstop",
    "zwischenst", "zwischenla", "escale", "escala", "остановк", "дозаправк", "зупинк", "mola", "miedzyl", "postoj",
    "megallo", "transit", "транзит", "توقف", "עציר", "uzerinden", "attraverso", "kozbenso",
)  # fmt: skip
_VIA: Final = frozenset(("via", "через", "przez", "عبر", "דרך", "over"))
_STOP_REACH: Final = 3
_HEADED_REACH: Final = 9
#: Before a place it was bound for, by their beginnings.
_HEADED: Final = (
    "bound", "direction", "heading", "headed", "course", "курс", "напрям", "направл", "richtung", "rumbo", "direccion", "kierunk",
    "باتجاه", "متجه", "المتجه", "לכיוון", "בדרך", "בדרכ", "yonun", "fele", "iranyba", "toward", "летевш", "летящ", "следовавш", "следующ",
    "прямова", "lecac", "zmierzaj", "volait", "volant", "volaba", "volando", "flying",
)  # fmt: skip
#: The same in two words: ``on its way to``, ``auf dem Weg nach``.
_ON_THE_WAY: Final = frozenset(
    (
        ("way", "to"), ("route", "to"), ("route", "for"), ("route", "pour"), ("route", "vers"), ("weg", "nach"), ("weg", "in"),
        ("weg", "zum"), ("camino", "de"), ("camino", "a"), ("camino", "hacia"), ("пути", "в"), ("пути", "на"), ("дорогою", "до"),
        ("шляху", "до"), ("drodze", "do"), ("drodze", "na"), ("طريقها", "الي"), ("طريقه", "الي"), ("utban", "a"),
    )
)  # fmt: skip
#: Words that say where one is bound.
_BOUND: Final = frozenset(
    (
        "for",
        "to",
        "nach",
        "vers",
        "pour",
        "hacia",
        "para",
        "rumbo",
        "إلى",
        "الي",
        "نحو",
        "do",
        "до",
        "в",
        "во",
        "у",
        "אל",
        "towards",
        "toward",
        "naar",
    )
)


def spot_of(reading: Reading, places: Sequence[Spot], move: Movement, at: int, *, own: bool = False) -> Spot | None:
    """The place of a movement told at token ``at``.

    Of its ``own`` places one without a preposition of leaving will do: "in Berlin gestartet".
    """
    wanted = "in" if move.event == "landing" else "from"
    places = [s for s in places if s.city and not (s.start >= move.start and is_passed(reading, s, (move,)))]
    places = [s for s in places if not is_passed(reading, s, (move,))] or places
    there = [s for s in places if not _headed_for(reading, s, places)]
    if move.event == "takeoff" or move.kind == "back" or (own and any(s.role == wanted for s in there)):
        places = there
    fitting = [s for s in places if s.role == wanted] or [s for s in places if s.role == "" and (s.airport or 0 <= s.start - move.end <= 1)]
    if not fitting and move.event == "takeoff":
        # "left the airport in Abu Dhabi": what is left needs no preposition of leaving.
        fitting = [s for s in places if s.role == "in" and _left_from(reading, s, move, own=own)]
    if not fitting and own:
        fitting = [s for s in places if s.airport and s.role in ("", "topic", "said")] or [s for s in places if s.role == ""]
    if not fitting:
        return None
    nearest = min(fitting, key=lambda s: (min(abs(s.start - at), abs(at - s.end)), not s.airport))
    same = [s for s in fitting if s.city == nearest.city and s.airport]
    return same[0] if same else nearest


def _headed_for(reading: Reading, spot: Spot, places: Sequence[Spot]) -> bool:
    """``bound for Canberra``: where it may never have come."""
    low = max([spot.start - _HEADED_REACH, 0, *(s.end for s in places if s.end <= spot.start)])
    words = [t.text for t in reading.tokens[low : spot.start]]
    return any(w.startswith(_HEADED) for w in words) or any(pair in _ON_THE_WAY for pair in pairwise(words))


def is_passed(reading: Reading, spot: Spot, moves: Sequence[Movement] = ()) -> bool:
    """``after a stop in Magadan``: on the way to where it went.

    A stop that is one of ``moves`` is told for itself: "stopped in Magadan".
    """
    told = {i for m in moves if m.event for i in range(m.start, m.end)}
    before = (i for i in range(max(0, spot.start - _STOP_REACH), spot.start) if i not in told)
    return any(reading.tokens[i].text in _VIA or reading.tokens[i].text.startswith(_STOPS) for i in before)


def _left_from(reading: Reading, spot: Spot, move: Movement, *, own: bool) -> bool:
    if reading.tokens[spot.start - 1].text in _BOUND or reading.language in INTO:
        return False
    after = 0 <= spot.start - move.end <= _VERB_FIRST.get(reading.language, _LEFT_REACH) or (
        own and (bool(spot.airport) or reading.language in _IN_FROM) and spot.start >= move.end
    )
    return after or (own and spot.end <= move.start)


def is_taken(spot: Spot, event: str) -> bool:
    """A place that a movement of this kind has."""
    return spot.role == ("in" if event == "landing" else "from")

"""Which place a movement of a sentence was at, from the sentence itself or from what was told before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.meetings.extract.claim_place import is_passed, is_taken, spot_of
from pipeline.meetings.extract.claim_time import tokens_of
from pipeline.meetings.extract.clock import ClockTime
from pipeline.meetings.extract.flight_story import Line, Story
from pipeline.meetings.extract.moves import Movement, belongs_to
from pipeline.meetings.extract.reading import Reading
from pipeline.meetings.extract.where import Spot
from pipeline.model.extraction import FlightClaim

#: What lands again has come back.
_AGAIN: Final = frozenset(
    (
        "again", "back", "wieder", "снова", "вновь", "опять", "знову", "yeniden", "tekrar", "nouveau", "nuevo", "ponownie", "znow", "znowu",
        "ismet", "ujra", "مجددا", "שוב", "weer", "opnieuw", "novo", "nuovo",
    )
)  # fmt: skip
_AGAIN_REACH: Final = 5
#: What was flown into was reached; "to" says only whereto.
_INTO: Final = frozenset(("into",))


def spot_told(reading: Reading, line: Line, i: int, clocks: Sequence[ClockTime], clock: ClockTime | None, story: Story) -> Spot | None:
    """The place that the sentence gives a movement, or the landing before it."""
    moves = line.moves
    move = moves[i]
    owner = {s: _owner(reading, moves, s) for s in line.places}
    at = tokens_of(reading, clock)[0] if clock and len(clocks) > 1 else move.start
    spot = spot_of(reading, [s for s in line.places if owner[s] == i], move, at, own=True)
    if spot is None and i and move.event == "takeoff" and moves[i - 1].event == "landing":
        spot = story.landed  # "landed 1105Z, departed 1240Z"
    spot = spot or spot_of(reading, [s for s in line.places if owner[s] != i and not is_taken(s, moves[owner[s]].event)], move, at)
    if spot is None and move.event == "takeoff":
        spot = story.landed  # "left again at seven"
    if spot is None and move.kind == "back" and move.event == "landing":
        spot = story.left
    if spot is None and i and move.event == moves[i - 1].event == "landing" and _another_comes(reading, line, moves[i - 1], move):
        spot = story.landed  # "the first was on the ground in Doha at ten, and the Il-96 landed at eleven"
    return spot


def untimed_places(reading: Reading, line: Line, i: int, story: Story) -> list[tuple[str, Spot | None]]:
    """``(event, place)`` of a movement without a time: both ends of a whole leg ("flew from Doha to Ankara"), else its one place."""
    move = line.moves[i]
    mine = [s for s in line.places if s.city and _owner(reading, line.moves, s) == i]
    if move.kind in ("fly", "carry"):
        start, end = [s for s in mine if s.role == "from"][:1], [s for s in mine if s.role == "in"][-1:]
        if not start and any(m.event == "landing" and m.kind != "fly" for m in line.moves[i + 1 :]):
            return []  # "was flying to Moscow when it landed in Baku"
        return [*(("takeoff", s) for s in start), *(("landing", s) for s in end)]
    into = [s for s in mine if s.role == "in" and reading.tokens[s.start - 1].text in _INTO]
    left = [s for s in mine if s.role == "from"]
    if move.event == "takeoff" and left and into:
        return [("takeoff", left[0]), ("landing", into[-1])]  # "was tracked out of Riyadh and into Marrakech"
    spot = spot_told(reading, line, i, (), None, story)
    if spot is None and (move.event == "takeoff" or any(s.role == "from" for s in mine)):
        spot = story.here  # "talked in Busan; the aircraft took off soon after", "had come from Khartoum"
    return [(move.event, spot)]


def _another_comes(reading: Reading, line: Line, before: Movement, move: Movement) -> bool:
    """Whether an aircraft is named between two movements: what the second tells is of that one."""
    low, high = reading.tokens[before.end - 1].end, reading.tokens[move.start].start
    return any(low <= at < high for at in (*line.nouns, *(a.start for a in line.aircraft)))


def _owner(reading: Reading, moves: Sequence[Movement], spot: Spot) -> int:
    """The verb of a place; "with a stop at LTAG (landed 1510Z …)" is of the one after it."""
    following = [k for k, m in enumerate(moves) if m.start >= spot.end]
    return following[0] if following and is_passed(reading, spot, moves) else belongs_to(reading, moves, spot.start, spot.end)


def spot_before(reading: Reading, line: Line, i: int, story: Story) -> Spot | None:
    """Where the same movement was told without its time ("landed in Minsk … the landing was at 12:46"), or where the text is."""
    move = line.moves[i]
    if (before := story.untimed.get(move.event)) is not None:
        return before[1]
    other = "in" if move.event == "landing" else "from"
    if any(s.city and s.role == other and not is_passed(reading, s, line.moves) for s in line.places):
        return None
    if move.event != "landing" or story.left is None:
        return story.here or (story.landed if move.event == "landing" else None)
    again = {t.text for t in reading.tokens[max(0, move.start - _AGAIN_REACH) : move.end + _AGAIN_REACH]} & _AGAIN
    if move.kind == "back" or again:
        return story.left
    return None if story.here and story.here.city == story.left.city else story.here


def spot_elsewhere(reading: Reading, line: Line, clock: ClockTime, before: FlightClaim) -> Spot | None:
    """The other place that a later time stands beside."""
    last = max((c.end for c in line.clocks if c.end <= clock.start), default=0)
    following = min((c.start for c in line.clocks if c.start >= clock.end), default=10**9)
    at = reading.tokens
    mine = [s for s in line.places if s.city and s.role != "from" and last <= at[s.start].start < following]
    mine = [s for s in mine if (s.airport, s.city) not in ((before.airport, before.city), ("", before.city))]
    return min(mine, key=lambda s: abs(at[s.start].start - clock.start)) if mine else None

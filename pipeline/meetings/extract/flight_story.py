"""What a text has told so far of its flights, and all that was found in one sentence of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from pipeline.meetings.extract.aircraft import Aircraft, same_type
from pipeline.meetings.extract.claim_day import day_told
from pipeline.meetings.extract.claim_time import tokens_of
from pipeline.meetings.extract.clock import ClockTime
from pipeline.meetings.extract.flight_words import FlightWords
from pipeline.meetings.extract.moves import SURE, Movement, belongs_to, is_flight, movements, parted
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import Spot, spots
from pipeline.model.extraction import FlightClaim, Published

#: A landing seems so long before its take-off at most when midnight lay between.
_OVERNIGHT: Final = timedelta(hours=24)
_HALF_A_DAY: Final = timedelta(hours=12)
#: An aircraft so near before a time is that of the time.
_BEFORE: Final = 60


#: In these "landed RA-64057" is what RA-64057 did.
_SUBJECT_BEHIND: Final = frozenset({"ru", "uk", "pl", "es", "ar", "he", "hu", "it", "pt"})


@dataclass(slots=True)
class Story:
    """What the sentences so far have said: the aircraft spoken of, where the text is, where each aircraft last landed or left.

    ``fleet``: the aircraft of the text that are told apart by a tail or a callsign, as often as each is named; ``flown``: the
    sentence before told of a flight; ``day``: the one told last; ``zone``: whose clock a heading says all times are of; ``event``:
    the movement told last; ``untimed``: the last movement of each kind told without a time; ``before``: where the other aircraft
    last landed and left, by their tail and callsign.
    """

    here: Spot | None
    day: date | None
    fleet: list[Aircraft]
    last: Aircraft | None = None
    landed: Spot | None = None
    left: Spot | None = None
    landed_at: datetime | None = None
    left_at: datetime | None = None
    flown: bool = False
    zone: str = ""
    event: str = ""
    untimed: dict[str, tuple[FlightClaim, Spot]] = field(default_factory=dict)
    before: dict[tuple[str, str], tuple[Spot | None, Spot | None, datetime | None, datetime | None]] = field(default_factory=dict)

    @property
    def only(self) -> bool:
        """Whether the text names one aircraft and no other."""
        names = (a.registration or a.callsign or a.icao24 for a in self.fleet)
        first = next(names, None)
        return first is not None and all(name == first for name in names)

    def turn_to(self, one: Aircraft) -> None:
        """Another aircraft comes from elsewhere: what the story was told of where it had been is that of the one before."""
        if not one.known or (self.last is not None and (self.last.registration, self.last.callsign) == (one.registration, one.callsign)):
            return
        if self.last is not None and self.last.known:
            self.before[(self.last.registration, self.last.callsign)] = (self.landed, self.left, self.landed_at, self.left_at)
            kept = self.before.get((one.registration, one.callsign), (None, None, None, None))
            self.landed, self.left, self.landed_at, self.left_at = kept


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with all that was found in it; ``moves`` are its verbs, those that are no flight with an empty event.

    ``nouns``: the characters at which words for an aircraft begin; ``follows``: it says that another aircraft did the same.
    """

    clause: Clause
    clocks: list[ClockTime]
    aircraft: list[Aircraft]
    moves: list[Movement]
    places: list[Spot]
    craft: bool
    people: bool
    nouns: tuple[int, ...] = ()
    follows: bool = False


def characters(reading: Reading, clause: Clause) -> tuple[int, int]:
    return reading.tokens[clause.start].start, reading.tokens[clause.end - 1].end


def line_of(
    reading: Reading, clause: Clause, clocks: list[ClockTime], aircraft: Sequence[Aircraft], words: FlightWords, story: Story
) -> Line:
    first, after = characters(reading, clause)
    low, high = (bisect_left(aircraft, at, key=lambda a: a.start) for at in (first, after))
    mine = [_resolved(a, story) for a in aircraft[low:high]]
    if len({(a.registration, a.callsign) for a in mine}) == 1:
        story.turn_to(mine[0])
    people = any(n.value.kind == "person" for n in clause.names)
    goes_on = (story.last is not None or story.flown) and bool(clocks) and not people
    sure = bool(clocks) and any(m.value in SURE for m in words.moved(clause.start, clause.end))
    goes_on = goes_on or (story.flown and story.last is not None and not people)
    craft = bool(mine or words.within("plane", clause.start, clause.end)) or goes_on or sure
    places = spots(reading, clause)
    covered = {c.start: c.end for c in clocks} | {start: end for a in mine for start, end in a.parts}
    places = [s for s in places if not any(a <= reading.tokens[s.start].start < b for a, b in covered.items())]
    times = [tokens_of(reading, c)[0] for c in clocks]
    moves = movements(reading, clause, words, story.event, times, by_air=bool(mine or words.within("plane", clause.start, clause.end)))
    owners = {belongs_to(reading, moves, *tokens_of(reading, c)) for c in clocks} if moves else set()
    flown = {belongs_to(reading, moves, start, end) for start, end in _craft(reading, clause, mine, words)} if moves else set()
    moves = [_returned(m, i, moves, places, story, reading) if m.kind == "back" and m.event else m for i, m in enumerate(moves)]
    checked = [
        m if is_flight(m, places, craft=craft, timed=i in owners, people=people, flown=i in flown) else replace(m, event="")
        for i, m in enumerate(moves)
    ]
    nouns = tuple(reading.tokens[p.start].start for p in words.within("plane", clause.start, clause.end))
    if not (mine or nouns or people):
        checked = [replace(m, event="") if _starts(reading, clause, m) else m for m in checked]
    follows = any(m.value == "same" for m in words.moved(clause.start, clause.end))
    return Line(clause, clocks, mine, checked, places, craft, people, nouns, follows)


def _starts(reading: Reading, clause: Clause, move: Movement) -> bool:
    """``Der Gipfel in Riad startete``: what began is a meeting."""
    if reading.language not in ("de", "pl") or move.kind not in ("off", "offing"):
        return False
    before = [e for e in clause.events if e.value[1] == "noun" and e.end <= move.start]
    return any(not parted(reading, move, e.start, e.end) for e in before)


def _craft(reading: Reading, clause: Clause, mine: Sequence[Aircraft], words: FlightWords) -> list[tuple[int, int]]:
    """The tokens of every aircraft and word for one that a sentence names."""
    first = [bisect_left(reading.tokens, a.start, key=lambda t: t.start) for a in mine]
    named = [(i, i + 1) for i in first if i < clause.end]
    return [*named, *((p.start, p.end) for p in words.within("plane", clause.start, clause.end))]


def _returned(move: Movement, i: int, moves: Sequence[Movement], places: Sequence[Spot], story: Story, reading: Reading) -> Movement:
    """A return is a landing where the aircraft had left, or where it is said to have come; else a take-off."""
    mine = [s for s in places if s.city and belongs_to(reading, moves, s.start, s.end) == i]
    leaves = any(s.role == "from" for s in mine) or (story.landed is not None and any(s.city == story.landed.city for s in mine))
    home = story.left is not None or any(m.event == "takeoff" for m in moves[:i]) or any(s.role == "in" for s in mine)
    return replace(move, event="landing" if home and not leaves else "takeoff")


def _resolved(one: Aircraft, story: Story) -> Aircraft:
    """The aircraft of the text that a type alone speaks of: the last one named that may be of it, or the only one."""
    if one.known:
        return one
    before = reversed(story.fleet[: bisect_right(story.fleet, one.start, key=lambda a: a.start)])
    meant = next((a for a in before if same_type(a, one)), None)
    if (meant is None or not meant.type_name) and story.only:
        meant = meant or next((a for a in story.fleet if same_type(a, one)), None)
    elif meant is not None and not meant.type_name:
        meant = None
    return one if meant is None else replace(meant, start=one.start, end=one.end, parts=one.parts)


def go_on(reading: Reading, line: Line, story: Story, published: Published) -> None:
    """What the sentence leaves for the next."""
    if (day := day_told(reading, line.clause, line.moves, published, line.clocks)) is not None:
        story.day = day
    told = [m for m in line.moves if m.event]
    story.flown = bool(told) and line.craft
    here = [s for s in line.places if s.city and (s.role == "in" or (story.here is None and s.role in ("", "from")))]
    story.here = here[0] if here else story.here
    story.last = line.aircraft[-1] if line.aircraft else story.last
    story.event = told[-1].event if told else story.event


def aircraft_of(reading: Reading, line: Line, move: Movement, clock: ClockTime | None, story: Story) -> Aircraft | None:
    """Of a time the aircraft named before it, or after it where times come first; of a movement without one the nearest."""
    named = line.aircraft
    if named:
        at = reading.tokens[move.start].start
        if clock is not None and len(named) == 1 and _of_another(line, named[0], clock):
            return None
        if clock is None or len(named) == 1:
            return min(named, key=lambda a: min(abs(a.start - at), abs(a.end - at)))
        before = [a for a in named if a.end <= clock.start]
        limit = min((c.start for c in line.clocks if c.start > clock.start), default=10**9)
        after = [a for a in named if clock.end <= a.start < limit]
        if line.follows and after and any(c.end <= clock.start for c in line.clocks):
            return after[0]  # "landed at 11.30, it was followed at 12.05 by TC-ATA"
        if (subject := _behind(reading, move, named)) is not None:
            return subject
        leads = bool(line.clocks) and line.clocks[0].start < named[0].start
        return after[0] if after and (leads or not before) else before[-1] if before else named[0]
    if line.people and not line.craft:
        return None
    if story.last is None and line.craft and story.only:
        return story.fleet[0]  # "the plane landed … The aircraft, RA-64058, had left"
    return story.last


def _behind(reading: Reading, move: Movement, named: Sequence[Aircraft]) -> Aircraft | None:
    """``за ним в 12:05 приземлился TC-ATA``: the aircraft right behind the verb, in languages whose verb comes before its subject."""
    if reading.language not in _SUBJECT_BEHIND:
        return None
    at = reading.tokens[move.end - 1].end
    return next((a for a in named if a.start >= at and not reading.text[at : a.start].strip(' «"“„')), None)


def _of_another(line: Line, one: Aircraft, clock: ClockTime) -> bool:
    """``ET-AVS at 11.05, the jet with the Somalis at 12.20``: a word for an aircraft behind the time of the only one that is named."""
    return any(c.end <= n < clock.start for n in line.nouns for c in line.clocks if one.end <= c.start)


def before_landing(claim: FlightClaim, story: Story) -> FlightClaim:
    """``landed at 00:35; it had left Rome at 22:50``: a take-off elsewhere, long after the landing by the clock, was the evening before."""
    landed = story.landed_at
    if claim.event != "takeoff" or claim.time_utc is None or landed is None or not story.landed or claim.city == story.landed.city:
        return claim
    if not _HALF_A_DAY < claim.time_utc - landed < _OVERNIGHT:
        return claim
    return replace(claim, time_utc=claim.time_utc - timedelta(days=1))


def remember(story: Story, move: Movement, spot: Spot | None, told: Sequence[FlightClaim]) -> None:
    if move.event == "landing":
        story.landed, story.left_at = spot or story.landed, None
        story.landed_at = told[-1].time_utc if told else None
    elif told and told[-1].time_utc is not None:
        story.left_at, story.left = told[-1].time_utc, spot or story.left
    if spot is not None and told and not told[-1].time_text:
        story.untimed[told[-1].event] = (told[-1], spot)
    for one in told:
        if one.time_text:
            story.untimed.pop(one.event, None)


def after_leaving(claim: FlightClaim, story: Story) -> FlightClaim:
    """A landing on a clock that is behind that of its take-off is of the next day."""
    left = story.left_at
    if claim.event != "landing" or claim.time_utc is None or left is None or not timedelta() < left - claim.time_utc <= _OVERNIGHT:
        return claim
    return replace(claim, time_utc=claim.time_utc + timedelta(days=1))


def own_times(reading: Reading, line: Line, move: Movement, mine: list[ClockTime]) -> list[ClockTime]:
    """Without the time at which a line was written, and those of what else was done before: "At 10.20 they drove, at 10.58 it left"."""
    if len(mine) > 1 and _is_stamp(reading, line.clause, mine[0]):
        mine = mine[1:]
    near = [c for c in mine if not parted(reading, move, *tokens_of(reading, c))]
    if not near:
        return mine
    first = near[0].start
    named = [*(a.start for a in line.aircraft), *line.nouns]
    kept = []
    for k, clock in enumerate(mine):
        until = mine[k + 1].start if k + 1 < len(mine) else first
        alone = clock not in near and clock.start < first and not clock.beside
        if not alone or any(clock.start - _BEFORE < a < until for a in named):
            kept.append(clock)
    return kept


def _is_stamp(reading: Reading, clause: Clause, clock: ClockTime) -> bool:
    """``18:30 — the aircraft took off at 18:17``: when the line was written."""
    before = reading.text[characters(reading, clause)[0] : clock.start]
    return not any(c.isalnum() for c in before) and reading.text[clock.end : clock.end + 3].strip()[:1] in ("-", "–", "—", ":", "|")

"""Flight claims: which aircraft a text says landed or took off, where, and at what time of which clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from pipeline.meetings.extract.aircraft import Aircraft, find_aircraft
from pipeline.meetings.extract.claim_time import clock_utc_of, place_of, tokens_of, utc_of, zone_of, zone_of_a_name
from pipeline.meetings.extract.clock import ClockTime, find_times, heading_zone
from pipeline.meetings.extract.inflect import INTO
from pipeline.meetings.extract.moves import Movement, belongs_to, movements
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.resolve import resolve
from pipeline.meetings.extract.where import Spot, spots
from pipeline.model.entities import Place
from pipeline.model.extraction import FlightClaim, Published, Span
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import Gazetteer, fold

_LEFT_REACH: Final = 6
#: Words that say where one is bound.
_BOUND: Final = frozenset(
    ("for", "to", "nach", "vers", "pour", "hacia", "para", "rumbo", "إلى", "الي", "نحو", "do", "до", "в", "во", "у", "אל")
)
#: Before this minute of the day "the night between Wednesday and Thursday" is of the second.
_DAWN: Final = 360
_DATED: Final = ("day", "weekday", "offset")
#: A landing seems so long before its take-off at most when midnight lay between.
_OVERNIGHT: Final = timedelta(hours=24)


@dataclass(slots=True)
class _Story:
    """What the clauses so far have said: the aircraft spoken of, where the text is, where each aircraft last landed or left.

    ``only``: the one tail that the whole text names; ``flown``: the clause before told of a flight; ``day``: the one named last;
    ``zone``: whose clock a heading says all times are of; ``untimed``: the last movement of each kind told without a time.
    """

    here: Spot | None
    last: Aircraft | None = None
    landed: Spot | None = None
    left_at: datetime | None = None
    only: Aircraft | None = None
    flown: bool = False
    day: date | None = None
    zone: str = ""
    untimed: dict[str, tuple[FlightClaim, Spot]] = field(default_factory=dict)


def flight_claims(reading: Reading, published: Published, gazetteer: Gazetteer) -> list[FlightClaim]:
    """Every claim of a text, in order. A clause without an aircraft of its own speaks of the one before."""
    found: list[FlightClaim] = []
    line = [Spot(d.value.value, d.value.state, "in", d.start, d.end) for d in reading.datelines[:1]]
    story = _Story(line[0] if line else None, only=_only_tail(reading.text))
    first_day = _text_day(reading, published)
    for clause in reading.clauses:
        first, after = reading.tokens[clause.start].start, reading.tokens[clause.end - 1].end
        aircraft = find_aircraft(reading.text, first, after)
        times = find_times(reading.text, first, after, reading.language)
        people = any(n.value.kind == "person" for n in clause.names)
        goes_on = (story.last is not None or story.flown) and bool(times) and not people
        moves = movements(reading, clause, flown=bool(aircraft or clause.cue("plane")) or goes_on, timed=bool(times))
        if not times:
            story.zone = heading_zone(reading.text, first, after) or story.zone
        # the day of what somebody says in between is not that of the flights told after it
        if (named := _named_day(clause, published)) is not None and (story.day is None or moves or clause.events):
            story.day = named
        day = story.day or published.day or first_day
        if moves:
            found += _claims(reading, clause, moves, aircraft, times, story, published, day, gazetteer, people=people)
        story.flown = bool(moves) and bool(clause.cue("plane") or aircraft or goes_on)
        here = [s for s in spots(reading, clause) if s.city and (s.role == "in" or story.here is None)]
        story.here = here[0] if here else story.here
        story.last = aircraft[-1] if aircraft else story.last
    told = {id(c) for c, _ in story.untimed.values()}
    return [c for c in found if c.time_text or id(c) in told or not _superseded(c, found)]


def _superseded(claim: FlightClaim, found: Sequence[FlightClaim]) -> bool:
    """The same movement is told with its time elsewhere in the text."""
    return any(
        other.time_text and (other.event, other.airport) == (claim.event, claim.airport) and claim.registration in ("", other.registration)
        for other in found
    )


def _named_day(clause: Clause, published: Published) -> date | None:
    """The day that a clause names for what was."""
    if clause.cue("future") or clause.cue("background"):
        return None
    return _clause_day(clause, published)


def _only_tail(text: str) -> Aircraft | None:
    """The aircraft of a text that names one tail and no other."""
    tails = {a.registration: a for a in find_aircraft(text, 0, len(text)) if a.registration}
    return next(iter(tails.values())) if len(tails) == 1 else None


def _claims(
    reading: Reading,
    clause: Clause,
    moves: Sequence[Movement],
    aircraft: list[Aircraft],
    times: list[ClockTime],
    story: _Story,
    published: Published,
    day: date | None,
    gazetteer: Gazetteer,
    *,
    people: bool,
) -> list[FlightClaim]:
    by_move: dict[int, list[ClockTime]] = {i: [] for i in range(len(moves))}
    for one in times:
        start, end = tokens_of(reading, one)
        by_move[belongs_to(reading, moves, start, end)].append(one)
    known = spots(reading, clause)
    owner = {s: belongs_to(reading, moves, s.start, s.end) for s in known}
    days = _days_of(reading, clause, moves, published)
    spoken = story.last if not aircraft and (clause.cue("plane") or not people) else None
    if spoken is None and not aircraft and clause.cue("plane"):
        spoken = story.only  # "the plane landed … The aircraft, RA-64058, had left"
    out: list[FlightClaim] = []
    for i, move in enumerate(moves):
        spot = _spot_told(reading, known, owner, moves, i, story, timed=bool(by_move[i]), named=bool(aircraft or spoken))
        near = _aircraft_of(reading, aircraft, move) or spoken
        if spot is None and near is None:
            continue
        if spot is None and by_move[i]:
            spot = _spot_before([s for s in known if owner[s] == i], move, story)
        told: list[FlightClaim] = []
        clocks: list[ClockTime | None] = [_zoned(reading, clause, c, story, gazetteer) for c in by_move[i]]
        for clock in clocks or [None]:
            if clock is None and (not move.sure or _told_with_time(i, move, moves, by_move)):
                continue
            claim = _claim(reading, clause, move, near, clock, spot, _day_of(days.get(i, []), clock) or day, gazetteer)
            if i not in days or (i and days[i] == days.get(0)):
                claim = _after_leaving(claim, story)
            if not any(_one_moment(c, claim) for c in told):
                told.append(claim)
        out += told
        if spot is not None and told and not told[-1].time_text:
            story.untimed[move.event] = (told[-1], spot)
        elif told:
            story.untimed.pop(move.event, None)
        _remember(story, move, spot, told)
    return out


def _spot_told(
    reading: Reading,
    known: Sequence[Spot],
    owner: dict[Spot, int],
    moves: Sequence[Movement],
    i: int,
    story: _Story,
    *,
    timed: bool,
    named: bool,
) -> Spot | None:
    """The place that the clause gives a movement, or the landing before it."""
    move = moves[i]
    spot = _spot_of(reading, [s for s in known if owner[s] == i], move, own=True)
    if spot is None and i and move.event == "takeoff" and moves[i - 1].event == "landing":
        spot = story.landed  # "landed 1105Z, departed 1240Z"
    spot = spot or _spot_of(reading, [s for s in known if owner[s] != i and not _taken(s, owner[s], moves)], move)
    if spot is None and move.event == "takeoff" and (timed or named):
        spot = story.landed  # "left again at seven"
    return spot


def _spot_before(mine: Sequence[Spot], move: Movement, story: _Story) -> Spot | None:
    """Where the same movement was told without its time ("landed in Minsk … the landing was at 12:46"), or where the text is."""
    if (before := story.untimed.get(move.event)) is not None:
        return before[1]
    other = "in" if move.event == "landing" else "from"
    return None if any(s.city and s.role == other for s in mine) else story.here


def _zoned(reading: Reading, clause: Clause, clock: ClockTime, story: _Story, gazetteer: Gazetteer) -> ClockTime:
    """The time with the zone that a name beside it or a heading says."""
    return clock if clock.zone else replace(clock, zone=zone_of_a_name(reading, clause, clock, gazetteer) or story.zone)


def _one_moment(a: FlightClaim, b: FlightClaim) -> bool:
    """The same time on two clocks: ``17:47 local time (19:47 мск)``."""
    if a.time_utc or b.time_utc:
        return a.time_utc == b.time_utc
    return a.clock_utc == b.clock_utc and (bool(a.clock_utc) or a.time_text == b.time_text)


def _taken(spot: Spot, owner: int, moves: Sequence[Movement]) -> bool:
    """A place that another movement of its kind has."""
    wanted = "in" if moves[owner].event == "landing" else "from"
    return spot.role == wanted


def _told_with_time(i: int, move: Movement, moves: Sequence[Movement], by_move: dict[int, list[ClockTime]]) -> bool:
    """The same movement told by another verb beside it, with a time: "took off at 16.40 and returned"."""
    return any(j != i and other.event == move.event and by_move[j] for j, other in enumerate(moves))


def _days_of(reading: Reading, clause: Clause, moves: Sequence[Movement], published: Published) -> dict[int, list[date]]:
    """The days that each movement of a clause has of its own; one day alone is that of all."""
    dated = [(s, d) for s in clause.dates if s.kind in _DATED and (d := resolve(s, published, "past")) is not None]
    if len(dated) == 1:
        return {i: [dated[0][1].first, dated[0][1].last] for i in range(len(moves))}
    found: dict[int, list[date]] = {}
    for span, days in dated:
        found.setdefault(belongs_to(reading, moves, span.start, span.end), []).extend((days.first, days.last))
    return found


def _day_of(days: Sequence[date], clock: ClockTime | None) -> date | None:
    if clock is not None and clock.minute < _DAWN and len(days) > 1 and max(days) - days[0] == timedelta(days=1):
        return max(days)
    return days[0] if days else None


def _after_leaving(claim: FlightClaim, story: _Story) -> FlightClaim:
    """A landing on a clock that is behind that of its take-off is of the next day."""
    left = story.left_at
    if claim.event != "landing" or claim.time_utc is None or left is None or not timedelta() < left - claim.time_utc <= _OVERNIGHT:
        return claim
    return replace(claim, time_utc=claim.time_utc + timedelta(days=1))


def _remember(story: _Story, move: Movement, spot: Spot | None, told: Sequence[FlightClaim]) -> None:
    if move.event == "landing":
        story.landed, story.left_at = spot or story.landed, None
    elif told and told[-1].time_utc is not None:
        story.left_at = told[-1].time_utc


def _spot_of(reading: Reading, places: Sequence[Spot], move: Movement, *, own: bool = False) -> Spot | None:
    """The place of a movement; of its ``own`` places one without a preposition of leaving will do: "in Berlin gestartet"."""
    wanted = "in" if move.event == "landing" else "from"
    places = [s for s in places if s.city]
    fitting = [s for s in places if s.role == wanted] or [s for s in places if s.role == "" and (s.airport or 0 <= s.start - move.end <= 1)]
    if not fitting and move.event == "takeoff":
        # "left the airport in Abu Dhabi": what is left needs no preposition of leaving.
        fitting = [s for s in places if s.role == "in" and _left_from(reading, s, move, own=own)]
    if not fitting:
        return None
    nearest = min(fitting, key=lambda s: min(abs(s.start - move.end), abs(move.start - s.end)))
    same = [s for s in fitting if s.city == nearest.city and s.airport]
    return same[0] if same else nearest


def _left_from(reading: Reading, spot: Spot, move: Movement, *, own: bool) -> bool:
    if reading.tokens[spot.start - 1].text in _BOUND or reading.language in INTO:
        return False
    after = 0 <= spot.start - move.end <= _LEFT_REACH or (own and bool(spot.airport) and spot.start >= move.end)
    return after or (own and spot.end <= move.start)


def _aircraft_of(reading: Reading, aircraft: list[Aircraft], move: Movement) -> Aircraft | None:
    at = reading.tokens[move.start].start
    return min(aircraft, key=lambda a: min(abs(a.start - at), abs(a.end - at)), default=None)


def _claim(
    reading: Reading,
    clause: Clause,
    move: Movement,
    near: Aircraft | None,
    clock: ClockTime | None,
    spot: Spot | None,
    day: date | None,
    gazetteer: Gazetteer,
) -> FlightClaim:
    place = place_of(spot, gazetteer)
    zone_name, zone_from = zone_of(clock, place)
    about = clock is not None and any(_beside(reading, c.start, c.end, clock) for c in clause.cue("about"))
    return FlightClaim(
        registration=near.registration if near else "",
        callsign=near.callsign if near else "",
        type_name=near.type_name if near else "",
        icao24=near.icao24 if near else "",
        airport=spot.airport or _main_field(place, gazetteer, day) if spot else "",
        city=spot.city if spot else "",
        country=spot.country if spot else "",
        event=move.event,
        time_utc=utc_of(clock, zone_name, day, place),
        clock_utc=clock_utc_of(clock, zone_name),
        time_text=clock.text if clock else "",
        zone=zone_name,
        zone_from=zone_from,
        about=about,
        evidence=_evidence(reading, move, near, clock, spot),
    )


def _beside(reading: Reading, start: int, end: int, clock: ClockTime) -> bool:
    return 0 <= clock.start - reading.tokens[end - 1].end <= 3 or 0 <= reading.tokens[start].start - clock.end <= 8


def _main_field(place: Place | None, gazetteer: Gazetteer, day: date | None) -> str:
    """The field that serves a city first; '' when none is known."""
    fields = gazetteer.airfields(place, day) if place else ()
    civil = [f.airport for f in fields if not f.gateway and not f.military]
    if place is not None and not place.curated:
        own = [code for code in civil if fold(place.city) in fold(load_airports().get(code).name)]
        civil = own + civil
    return civil[0] if civil else ""


def _clause_day(clause: Clause, published: Published) -> date | None:
    for span in clause.dates:
        if span.kind in ("day", "weekday", "offset") and (days := resolve(span, published, "past")) is not None:
            return days.first
    return None


def _text_day(reading: Reading, published: Published) -> date | None:
    """The first day that the text names as past; else the day of publication."""
    for clause in reading.clauses:
        if not clause.cue("future") and not clause.cue("background") and (day := _clause_day(clause, published)) is not None:
            return day
    return published.day


def _evidence(reading: Reading, move: Movement, near: Aircraft | None, clock: ClockTime | None, spot: Spot | None) -> tuple[Span, ...]:
    text, start, end = reading.quote(move.start, move.end)
    spans = [Span(field="event", text=text, start=start, end=end)]
    if near is not None:
        spans.append(Span(field="aircraft", text=reading.text[near.start : near.end], start=near.start, end=near.end))
    if clock is not None:
        spans.append(Span(field="time", text=reading.text[clock.start : clock.end], start=clock.start, end=clock.end))
    if spot is not None:
        text, start, end = reading.quote(spot.start, spot.end)
        spans.append(Span(field="place", text=text, start=start, end=end))
    return tuple(spans)

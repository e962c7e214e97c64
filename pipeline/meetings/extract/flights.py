"""Flight claims: which aircraft a text says landed or took off, where, and at what time of which clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipeline.meetings.extract.aircraft import Aircraft, find_aircraft
from pipeline.meetings.extract.clock import ClockTime, find_times
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.resolve import resolve
from pipeline.meetings.extract.where import Spot, spots
from pipeline.model.entities import Place
from pipeline.model.extraction import FlightClaim, Published, Span
from pipeline.model.time import local, zone
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import Gazetteer, fold

#: Languages whose verb comes last: a time belongs to the verb after it.
_VERB_LAST: Final = frozenset({"tr", "hu"})
#: Any year after the changes of 2014 to 2018 (Moscow, Istanbul, Pyongyang).
_SOME_YEAR: Final = 2023
_ARRIVAL_REACH: Final = 4
_OVER: Final = 100
_LEFT_REACH: Final = 6


@dataclass(frozen=True, slots=True)
class Movement:
    """A landing or a take-off told at tokens ``[start, end)``; ``sure`` False for an arrival that names no aircraft."""

    event: str
    start: int
    end: int
    sure: bool


def flight_claims(reading: Reading, published: Published, gazetteer: Gazetteer) -> list[FlightClaim]:
    """Every claim of a text, in order. A clause without an aircraft of its own speaks of the one before."""
    found: list[FlightClaim] = []
    last: Aircraft | None = None
    line = [Spot(d.value.value, d.value.state, "in", d.start, d.end) for d in reading.datelines[:1]]
    here: Spot | None = line[0] if line else None
    day = _text_day(reading, published)
    for clause in reading.clauses:
        first, after = reading.tokens[clause.start].start, reading.tokens[clause.end - 1].end
        aircraft = find_aircraft(reading.text, first, after)
        times = find_times(reading.text, first, after, reading.language)
        moves = _movements(reading, clause, bool(aircraft) or bool(clause.cue("plane")), bool(times))
        if moves:
            found += _claims(reading, clause, moves, aircraft, times, last, here, _clause_day(clause, published) or day, gazetteer)
        here = next((s for s in spots(reading, clause) if s.city and s.role == "in"), here)
        last = aircraft[-1] if aircraft else last
    return found


def _movements(reading: Reading, clause: Clause, flown: bool, timed: bool) -> list[Movement]:
    out: list[Movement] = []
    for event in clause.events:
        what, tense = event.value
        if what == "land":
            out.append(Movement("landing", event.start, event.end, True))
        elif what == "visit" and tense in ("past", "present") and (flown or timed) and _arrives(reading, clause, event.start, event.end):
            out.append(Movement("landing", event.start, event.end, flown))
        elif what == "receive" and timed and any(s.airport for s in spots(reading, clause)):
            out.append(Movement("landing", event.start, event.end, False))
    people = any(n.value.kind == "person" for n in clause.names)
    if flown or (people and timed):
        out += [
            Movement("takeoff", c.start, c.end, True) for c in clause.cue("takeoff") if not any(m.start <= c.start < m.end for m in out)
        ]
    return sorted(out, key=lambda m: m.start)


def _arrives(reading: Reading, clause: Clause, start: int, end: int) -> bool:
    """An arrival is by air when its city stands close by, and it is not a building that was reached."""
    near = [s for s in spots(reading, clause) if s.city and (s.role == "in" or s.airport)]
    return any(0 <= s.start - end <= _ARRIVAL_REACH or 0 <= start - s.end <= _ARRIVAL_REACH for s in near)


def _claims(
    reading: Reading,
    clause: Clause,
    moves: Sequence[Movement],
    aircraft: list[Aircraft],
    times: list[ClockTime],
    last: Aircraft | None,
    here: Spot | None,
    day: date | None,
    gazetteer: Gazetteer,
) -> list[FlightClaim]:
    by_move: dict[int, list[ClockTime]] = {i: [] for i in range(len(moves))}
    for one in times:
        by_move[_move_of(reading, moves, one)].append(one)
    known = spots(reading, clause)
    out = []
    for i, move in enumerate(moves):
        spot = _spot_of(known, move)
        near = _aircraft_of(reading, aircraft, move) or (last if not aircraft and clause.cue("plane") else None)
        if spot is None and near is None:
            continue
        if spot is None and not known and by_move[i]:
            spot = here  # told of where the text is: "The aircraft landed at 9.10 local time"
        clocks: list[ClockTime | None] = [*by_move[i]] or [None]
        for clock in clocks:
            if clock is None and not move.sure:
                continue
            out.append(_claim(reading, clause, move, near, clock, spot, day, gazetteer))
    return out


def _move_of(reading: Reading, moves: Sequence[Movement], one: ClockTime) -> int:
    """The movement that a clock time belongs to: the verb after it where verbs come last, else the nearest, rather the one before."""
    at = next((k for k, t in enumerate(reading.tokens) if t.end > one.start), 0)

    def distance(i: int) -> float:
        m = moves[i]
        if m.start >= at:
            return (m.start - at) * (1.0 if reading.language in _VERB_LAST else 1.8)
        # Where the verb comes last, what was told before is over.
        return (at - m.end) * (3.0 if reading.language in _VERB_LAST else 1.0) + (_OVER if reading.language == "tr" else 0)

    return min(range(len(moves)), key=distance)


def _spot_of(known: Sequence[Spot], move: Movement) -> Spot | None:
    wanted = "in" if move.event == "landing" else "from"
    places = [s for s in known if s.city]
    fitting = [s for s in places if s.role == wanted] or [s for s in places if s.role == "" and (s.airport or 0 <= s.start - move.end <= 1)]
    if not fitting and move.event == "takeoff":
        # "left the airport in Abu Dhabi": what is left needs no preposition of leaving.
        fitting = [s for s in places if s.role == "in" and 0 <= s.start - move.end <= _LEFT_REACH]
    if not fitting:
        return None
    nearest = min(fitting, key=lambda s: min(abs(s.start - move.end), abs(move.start - s.end)))
    same = [s for s in fitting if s.city == nearest.city and s.airport]
    return same[0] if same else nearest


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
    place = _place(spot, gazetteer)
    zone_name, zone_from = _zone(clock, place)
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
        time_utc=_utc(clock, zone_name, day, place),
        clock_utc=_clock_utc(clock, zone_name),
        time_text=clock.text if clock else "",
        zone=zone_name,
        zone_from=zone_from,
        about=about,
        evidence=_evidence(reading, move, near, clock, spot),
    )


def _beside(reading: Reading, start: int, end: int, clock: ClockTime) -> bool:
    return 0 <= clock.start - reading.tokens[end - 1].end <= 3 or 0 <= reading.tokens[start].start - clock.end <= 8


def _place(spot: Spot | None, gazetteer: Gazetteer) -> Place | None:
    if spot is None or not spot.city:
        return None
    return next((p for p in gazetteer.search(spot.city) if p.country == spot.country), None)


def _main_field(place: Place | None, gazetteer: Gazetteer, day: date | None) -> str:
    """The field that serves a city first; '' when none is known."""
    fields = gazetteer.airfields(place, day) if place else ()
    civil = [f.airport for f in fields if not f.gateway and not f.military]
    if place is not None and not place.curated:
        own = [code for code in civil if fold(place.city) in fold(load_airports().get(code).name)]
        civil = own + civil
    return civil[0] if civil else ""


def _zone(clock: ClockTime | None, place: Place | None) -> tuple[str, str]:
    if clock is None:
        return "", ""
    if clock.zone and clock.zone != "local":
        return clock.zone, "said"
    if place is None:
        return "", ""
    return place.tz, "said" if clock.zone == "local" else "place"


def _utc(clock: ClockTime | None, zone_name: str, day: date | None, place: Place | None) -> datetime | None:
    """The moment in UTC; the day is that of the clock that was named; beside a time in UTC it is the civil day at the place."""
    if clock is None or not zone_name or day is None:
        return None
    moment = datetime.combine(day, time(clock.minute // 60, clock.minute % 60), tzinfo=zone(zone_name)).astimezone(UTC)
    if place is not None and zone_name == "UTC" and (off := (local(moment, place.tz).date() - day).days):
        moment -= timedelta(days=off)
    return moment


def _clock_utc(clock: ClockTime | None, zone_name: str) -> str:
    """``13:25`` where the zone has one offset all the year round, so that the day need not be known; else ''."""
    if clock is None or not zone_name:
        return ""
    offsets = {datetime(_SOME_YEAR, month, 1, 12, tzinfo=zone(zone_name)).utcoffset() for month in (1, 4, 7, 10)}
    if len(offsets) != 1:
        return ""
    minute = (clock.minute - int((offsets.pop() or timedelta()).total_seconds() // 60)) % 1440
    return f"{minute // 60:02d}:{minute % 60:02d}"


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

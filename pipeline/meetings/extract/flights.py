"""Flight claims: which aircraft a text says landed or took off, where, and at what time of which clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from pipeline.meetings.extract.aircraft import Aircraft, find_aircraft
from pipeline.meetings.extract.claim_day import day_of, days_of
from pipeline.meetings.extract.claim_time import clock_of, clock_utc_of, place_of, tokens_of, utc_of, zone_of, zone_of_a_name
from pipeline.meetings.extract.clock import ClockTime, find_times, heading_zone, plain_digits
from pipeline.meetings.extract.clock_zones import zone_of_all
from pipeline.meetings.extract.flight_sentences import sentences
from pipeline.meetings.extract.flight_story import (
    Line,
    Story,
    after_leaving,
    aircraft_of,
    before_landing,
    characters,
    go_on,
    line_of,
    own_times,
    remember,
)
from pipeline.meetings.extract.flight_words import flight_words
from pipeline.meetings.extract.legs import legs
from pipeline.meetings.extract.moves import Movement, belongs_to
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.told_places import spot_before, spot_elsewhere, spot_told, untimed_places
from pipeline.meetings.extract.where import Spot
from pipeline.model.extraction import FlightClaim, Published, Span
from pipeline.places.gazetteer import Gazetteer
from pipeline.places.main_field import main_field

_DAY: Final = 1440
#: A second clock is read to the quarter of an hour: "15:56, that is towards eleven in the evening in Moscow".
_ROUNDED: Final = 15
_ARROWS: Final = "→➡➔➜⟶⇒>►▶-–—"
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
#: In folded words: so long before that it is no news.
_LONG_AGO: Final = re.compile(
    r"\b(?:years?|months?|decades?) ago\b|\blast year\b|\bvor \w+ (?:jahr|monat|wochen)\w*|\bil y a \w+ (?:ans?|mois|semaines)\b|"
    r"\bhace \w+ (?:anos?|mes\w*|semanas)\b|\b(?:лет|года?|месяц\w*|недел\w*) назад\b|\b(?:рок\w*|мiсяц\w*|тижн\w*) тому\b|"
    r"\b(?:lat|lata|rok|roku|miesi\w+|tygodni\w*) temu\b|\b(?:yil|ay|hafta) once\b|\bgecen yil\b|\bevvel ezelott\b|\bhonap\w* ezelott\b|"
    r"قبل (?:عام|سنوات|سنه|اشهر|اعوام|سنتين)|לפני שנה|לפני שנתיים|לפני שנים"
)
#: Movements that are claims without a time.
_UNTIMED: Final = frozenset(("land", "landing", "settle", "off", "offing", "come", "go", "fly", "carry"))


#: What begins with one of these says where an aircraft was, not that it came or went: no claim without a time.
_BEING: Final = frozenset(
    (
        "on", "down", "is", "was", "were", "now", "onto", "in", "at", "на", "au", "sur", "en", "auf", "wieder", "am", "na", "seen",
        "logged", "spotted",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Text:
    reading: Reading
    published: Published
    gazetteer: Gazetteer
    story: Story


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence with the times of each of its verbs, the days of each, and the day of those that have none."""

    line: Line
    times: dict[int, list[ClockTime]]
    days: dict[int, list[date]]
    day: date | None


def flight_claims(reading: Reading, published: Published, gazetteer: Gazetteer) -> list[FlightClaim]:
    """Every claim of a text, in order. A sentence without an aircraft of its own speaks of the one before."""
    words = flight_words(reading)
    if not words.moves and not any(c in reading.text for c in _ARROWS):
        return []
    told = sentences(reading)
    aircraft = find_aircraft(reading.text, 0, len(reading.text))
    line = [Spot(d.value.value, d.value.state, "in", d.start, d.end) for d in reading.datelines[:1]]
    story = Story(line[0] if line else None, None, _fleet(aircraft))
    text = _Text(reading, published, gazetteer, story)
    verbs = {m.start for m in words.moves}
    plain = plain_digits(reading.text)

    def found_in(s: Clause, *, logged: bool) -> list[ClockTime]:
        flown = not verbs.isdisjoint(range(s.start, s.end))
        found = find_times(plain, *characters(reading, s), reading.language, flown=flown, logged=logged)
        zone = zone_of_all(plain, found[-1].end, characters(reading, s)[1]) if len(found) > 1 else ""
        return [replace(c, zone=c.zone or zone) for c in found] if zone else found

    times = {s.start: found_in(s, logged=False) for s in told}
    zones = {s.start: heading_zone(reading.text, *characters(reading, s)) for s in told if not times[s.start]}
    if any(zones.values()):
        times = {s.start: times[s.start] or ([] if zones[s.start] else found_in(s, logged=True)) for s in told}
    said = {z for z in zones.values() if z}
    if len(said) == 1:
        story.zone = next(iter(said))
    found: list[FlightClaim] = []
    for clause in told:
        story.zone = zones.get(clause.start) or story.zone
        one = line_of(reading, clause, times[clause.start], aircraft, words, story)
        found += _claims(text, one)
        go_on(reading, one, story, published)
    kept = {id(c) for c, _ in story.untimed.values()}
    found = [c for i, c in enumerate(found) if c.time_text or not any(_is_same(c, other) for other in found[:i])]
    return [c for c in found if c.time_text or id(c) in kept or not _superseded(c, found)]


def _fleet(aircraft: Sequence[Aircraft]) -> list[Aircraft]:
    """Those that are told apart, each time with the type that was said of it once."""
    known = [a for a in aircraft if a.known]
    types = {a.registration or a.callsign: a.type_name for a in reversed(known) if a.type_name}
    return [replace(a, type_name=a.type_name or types.get(a.registration or a.callsign, "")) for a in known]


def _is_same(one: FlightClaim, other: FlightClaim) -> bool:
    """Two verbs of one movement without a time: "the plane that landed in Baku brought aid"."""
    same = (one.event, one.registration, one.callsign) == (other.event, other.registration, other.callsign)
    return same and not other.time_text and (one.airport, one.city) == (other.airport, other.city)


def _superseded(claim: FlightClaim, found: Sequence[FlightClaim]) -> bool:
    """The same movement is told with its time elsewhere in the text."""
    return any(
        other.time_text
        and other.event == claim.event
        and claim.registration in ("", other.registration)
        and claim.airport in ("", other.airport)
        for other in found
    )


def _claims(text: _Text, line: Line) -> list[FlightClaim]:
    reading, story = text.reading, text.story
    if not any(m.event for m in line.moves):
        return _legs(text, line)
    times: dict[int, list[ClockTime]] = {i: [] for i in range(len(line.moves))}
    for one in line.clocks:
        times[belongs_to(reading, line.moves, *tokens_of(reading, one))].append(one)
    times = {i: own_times(reading, line, line.moves[i], mine) for i, mine in times.items()}
    days = days_of(reading, line.clause, line.moves, text.published, line.clocks)
    sentence = _Told(line, times, days, story.day or text.published.day)
    out: list[FlightClaim] = []
    for i, move in enumerate(line.moves):
        if move.event:
            out += _of_a_move(text, sentence, i)
    return _left_the_day_before(out, days, line.moves)


def _of_a_move(text: _Text, sentence: _Told, i: int) -> list[FlightClaim]:
    """The claims of the ``i``-th verb of a sentence: one for each of its times, or one without."""
    line, move = sentence.line, sentence.line.moves[i]
    told: list[FlightClaim] = []
    spot: Spot | None = None
    for clock in sentence.times[i]:
        if clock.beside and told and told[-1].time_utc:
            continue
        near = _in_order(line, sentence.times[i], clock) or aircraft_of(text.reading, line, move, clock, text.story)
        event = move.event
        if told and _is_another(sentence, i, near, clock, told[-1]):
            event, spot = "landing", spot_elsewhere(text.reading, line, clock, told[-1])  # "dep. Warsaw 20.44, Rzeszów 21.21"
            if spot is None and (move.event == "landing" or not clock.zone):
                continue
        else:
            spot = spot_told(text.reading, line, i, sentence.times[i], clock, text.story)
        zoned, city = _zoned(text, line.clause, clock)
        if event == move.event:
            spot = spot or city or (text.story.landed if i and line.follows and event == "landing" else None)
            spot = spot or spot_before(text.reading, line, i, text.story)
        day = day_of(sentence.days, i, line.moves, clock) or sentence.day
        claim = _claim(text, line.clause, replace(move, event=event), near, zoned, spot, day)
        if i not in sentence.days:
            claim = before_landing(claim, text.story)
        if i not in sentence.days or (i and sentence.days[i] == sentence.days.get(0)):
            claim = after_leaving(claim, text.story)
        if not any(_one_moment(c, claim) for c in told):
            told.append(claim)
    being = text.reading.tokens[move.start].text in _BEING
    if not sentence.times[i] and move.kind in _UNTIMED and not being and not _told_with_time(sentence, i):
        near = aircraft_of(text.reading, line, move, None, text.story)
        day = day_of(sentence.days, i, line.moves, None) or sentence.day
        for event, place in untimed_places(text.reading, line, i, text.story):
            spot = place
            if _worth_telling(text, line, spot):
                told.append(_claim(text, line.clause, replace(move, event=event), near, None, spot, day))
    remember(text.story, move, spot, told)
    return told


def _in_order(line: Line, times: Sequence[ClockTime], clock: ClockTime) -> Aircraft | None:
    """``RA-64531 and RA-64532 landed at 14:10 and 14:35``: the times of as many aircraft, each in its turn."""
    times = [c for c in times if not c.beside]
    named = [a for a in line.aircraft if a.known and a.end <= times[0].start] if times else []
    return named[times.index(clock)] if 1 < len(named) == len(times) == len(line.aircraft) and clock in times else None


def _told_with_time(sentence: _Told, i: int) -> bool:
    """The same movement told by another verb beside it, with a time: "took off at 16.40 and returned"."""
    moves = sentence.line.moves
    return any(j != i and other.event == moves[i].event and sentence.times[j] for j, other in enumerate(moves))


def _is_another(sentence: _Told, i: int, near: Aircraft | None, clock: ClockTime, before: FlightClaim) -> bool:
    """A later time of one verb and one aircraft is of no second take-off."""
    earlier = max((c.end for c in sentence.times[i] if c.end <= clock.start), default=0)
    if clock.beside or not before.time_text or any(earlier <= n < clock.start for n in sentence.line.nouns):
        return False
    return near is None or (near.registration, near.callsign) == (before.registration, before.callsign)


def _left_the_day_before(out: list[FlightClaim], days: dict[int, list[date]], moves: Sequence[Movement]) -> list[FlightClaim]:
    """``left at 23:05 and landed at 04:11 this Sunday``: a take-off without a day of its own comes before the landing that has one."""
    flown = [i for i, m in enumerate(moves) if m.event]
    if len(out) != 2 or len(flown) < 2 or flown[0] in days or not any(i in days for i in flown[1:]):
        return out
    one, other = out
    if (
        (one.event, other.event) != ("takeoff", "landing")
        or one.time_utc is None
        or other.time_utc is None
        or one.time_utc < other.time_utc
    ):
        return out
    return [replace(one, time_utc=one.time_utc - timedelta(days=1)), other]


def _worth_telling(text: _Text, line: Line, spot: Spot | None) -> bool:
    """Without a time a movement of an aircraft is a claim where a place is named for it, unless it is of years ago."""
    words = text.reading.tokens[line.clause.start : line.clause.end]
    this = text.published.day.year if text.published.day else 0
    if (
        spot is None
        or _LONG_AGO.search(" ".join(t.text for t in words))
        or any(_YEAR.fullmatch(t.text) and int(t.text) < this - 1 for t in words)
    ):
        return False
    return line.craft or (bool(spot.airport) and (line.people or bool(line.clause.who)))


def _legs(text: _Text, line: Line) -> list[FlightClaim]:
    """The claims of a line without a verb."""
    near = line.aircraft[0] if line.aircraft else text.story.last
    if near is None:
        return []
    told = legs(text.reading, line.places, line.clocks)
    left = [s for s in line.places if s.city and s.role == "from"]
    if not told and len(left) == len(line.clocks) == 1 and not line.moves:
        told = [("takeoff", left[0], line.clocks[0])]  # "the same evening at 21.48 from Abu Dhabi to Ercan"
    start = line.clause.start
    days = days_of(text.reading, line.clause, [Movement("", start, start, "")], text.published, line.clocks).get(0)
    day = days[0] if days else text.story.day or text.published.day
    out: list[FlightClaim] = []
    for event, spot, clock in told:
        move = Movement(event, spot.start, spot.end, "land" if event == "landing" else "off")
        claim = after_leaving(_claim(text, line.clause, move, near, _zoned(text, line.clause, clock)[0], spot, day), text.story)
        out.append(claim)
        remember(text.story, move, spot, [claim])
    return out


def _zoned(text: _Text, clause: Clause, clock: ClockTime) -> tuple[ClockTime, Spot | None]:
    """The time with the zone that a name beside it or a heading says, and the city that was named."""
    if clock.zone:
        return clock, None
    zone, city = zone_of_a_name(text.reading, clause, clock, text.gazetteer)
    return replace(clock, zone=zone or text.story.zone), city


def _one_moment(a: FlightClaim, b: FlightClaim) -> bool:
    """The same time on two clocks: ``17:47 local time (19:47 мск)``."""
    if a.registration != b.registration:
        return False
    if a.time_utc and b.time_utc:
        off = int((a.time_utc - b.time_utc).total_seconds() // 60) % _DAY
        return off == 0 or (a.zone != b.zone and min(off, _DAY - off) <= _ROUNDED)
    return a.clock_utc == b.clock_utc and (bool(a.clock_utc) or a.time_text == b.time_text)


def _claim(
    text: _Text, clause: Clause, move: Movement, near: Aircraft | None, clock: ClockTime | None, spot: Spot | None, day: date | None
) -> FlightClaim:
    place = place_of(spot, text.gazetteer)
    tz = clock_of(spot, place)
    zone_name, zone_from = zone_of(clock, tz)
    about = clock is not None and any(_beside(text.reading, c.start, c.end, clock) for c in clause.cue("about"))
    return FlightClaim(
        registration=near.registration if near else "",
        callsign=near.callsign if near else "",
        type_name=near.type_name if near else "",
        icao24=near.icao24 if near else "",
        airport=spot.airport or main_field(place, text.gazetteer, day) if spot else "",
        city=spot.city if spot else "",
        country=spot.country if spot else "",
        event=move.event,
        time_utc=utc_of(clock, zone_name, day, tz),
        clock_utc=clock_utc_of(clock, zone_name),
        time_text=clock.text if clock else "",
        zone=zone_name,
        zone_from=zone_from,
        about=about,
        evidence=_evidence(text.reading, move, near, clock, spot),
    )


def _beside(reading: Reading, start: int, end: int, clock: ClockTime) -> bool:
    return 0 <= clock.start - reading.tokens[end - 1].end <= 3 or 0 <= reading.tokens[start].start - clock.end <= 8


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

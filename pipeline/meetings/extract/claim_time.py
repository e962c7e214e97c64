"""The moment in UTC that a clock time of a flight claim means: whose clock it is, and of what day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

from pipeline.meetings.extract.aliases import city_names
from pipeline.meetings.extract.clock import ClockTime
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import Spot
from pipeline.model.entities import Place
from pipeline.model.time import local, zone
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import Gazetteer

#: Any year after the changes of 2014 to 2018 (Moscow, Istanbul, Pyongyang).
_SOME_YEAR: Final = 2023
#: Whose clock a time is of stands so near it, beside one of these words.
_CLOCK_REACH: Final = 5
_CLOCK_WORDS: Final = (
    "time", "heure", "hora", "saati", "zeit", "czas", "ido", "ora", "tijd", "по", "за", "врем", "часом", "بتوقيت", "توقيت", "שעון", "zaman",
)  # fmt: skip
#: Shorter beginnings of a city's name are too often other words.
_MIN_STEM: Final = 4
_ADJECTIVE: Final = 2
_NAMED_REACH: Final = 3


def place_of(spot: Spot | None, gazetteer: Gazetteer) -> Place | None:
    if spot is None or not spot.city:
        return None
    return next((p for p in gazetteer.search(spot.city) if p.country == spot.country), None)


def zone_of_a_name(reading: Reading, clause: Clause, clock: ClockTime, gazetteer: Gazetteer) -> tuple[str, Spot | None]:
    """``14:20 Tripoli time``, ``14 h 20, heure de Dakar``, ``по ташкентскому времени``: the clock of a city, or of a country's capital.

    The zone ('' when no name says one), and the city that was named.
    """
    first, last = tokens_of(reading, clock)
    low, high = max(clause.start, first - _CLOCK_REACH), min(clause.end, last + _CLOCK_REACH)
    words = [i for i in (*range(last, high), *range(low, first)) if reading.tokens[i].text.startswith(_CLOCK_WORDS)]
    for i in words:
        if any(
            t.text[:1].isdigit() or t.text in ",;"
            for t in reading.tokens[min(i, last) : max(i, first)]
            if t.start >= clock.end or t.end <= clock.start
        ):
            continue
        for name in clause.names:
            if name.value.kind in ("city", "country", "demonym") and (0 < name.start - i <= _NAMED_REACH or i == name.end):
                spot = Spot(name.value.value if name.value.kind == "city" else "", name.value.state, "", name.start, name.end)
                capital = next((p for p in gazetteer.places if p.country == spot.country and p.kind == "capital"), None)
                place = place_of(spot, gazetteer) if spot.city else capital
                return (place.tz if place else ""), (spot if spot.city else None)
        for k in (i + 1, i - 1):
            if clause.start <= k < clause.end and (tz := _zone_of_an_adjective(reading.tokens[k].text, reading.language, gazetteer)):
                return tz, None
    return "", None


@cache
def _stems(language: str, gazetteer: Gazetteer) -> dict[str, str]:
    """The clock of each city, by the beginning that its adjective shares: ``ташкент`` of ``ташкентскому``."""
    zones = {(p.city, p.country): p.tz for p in gazetteer.places}
    found: dict[str, str] = {}
    for name, phrase in city_names(gazetteer, language):
        tz = zones.get((name.value, name.state))
        stem = phrase.rstrip("аяоеиыьуюіeaoiu")
        if tz and stem.isalpha() and len(stem) >= _MIN_STEM:
            found.setdefault(stem, tz)
    return found


def _zone_of_an_adjective(word: str, language: str, gazetteer: Gazetteer) -> str:
    stems = _stems(language, gazetteer)
    return next((stems[word[:n]] for n in range(len(word) - _ADJECTIVE + 1, _MIN_STEM - 1, -1) if word[:n] in stems), "")


def clock_of(spot: Spot | None, place: Place | None) -> str:
    """The zone of the clocks at a place; of a field that serves no city of the tables its own; '' when that is not known."""
    if place is not None:
        return place.tz
    return load_airports().get(spot.airport).tz if spot is not None and spot.airport else ""


def zone_of(clock: ClockTime | None, tz: str) -> tuple[str, str]:
    """The zone that a time is of and what says so, the text or the place; ``tz`` is that of the place."""
    if clock is None:
        return "", ""
    if clock.zone and clock.zone != "local":
        return clock.zone, "said"
    return (tz, "said" if clock.zone == "local" else "place") if tz else ("", "")


def utc_of(clock: ClockTime | None, zone_name: str, day: date | None, tz: str) -> datetime | None:
    """The moment in UTC; the day is that of the clock that was named.

    Of two clocks, "8:14 pm (1714 GMT)", it is the civil day at the place.
    """
    if clock is None or not zone_name or day is None:
        return None
    moment = datetime.combine(day, time(clock.minute // 60, clock.minute % 60), tzinfo=zone(zone_name)).astimezone(UTC)
    if tz and zone_name == "UTC" and "(" in clock.text and (off := (local(moment, tz).date() - day).days):
        moment -= timedelta(days=off)
    return moment


def clock_utc_of(clock: ClockTime | None, zone_name: str) -> str:
    """``13:25`` where the zone has one offset all the year round, so that the day need not be known; else ''."""
    if clock is None or not zone_name:
        return ""
    offsets = {datetime(_SOME_YEAR, month, 1, 12, tzinfo=zone(zone_name)).utcoffset() for month in (1, 4, 7, 10)}
    if len(offsets) != 1:
        return ""
    minute = (clock.minute - int((offsets.pop() or timedelta()).total_seconds() // 60)) % 1440
    return f"{minute // 60:02d}:{minute % 60:02d}"


def tokens_of(reading: Reading, one: ClockTime) -> tuple[int, int]:
    """The tokens that a time covers."""
    start = bisect_right(reading.tokens, one.start, key=lambda t: t.end)
    end = bisect_left(reading.tokens, one.end, key=lambda t: t.start)
    return (start if start < len(reading.tokens) else 0), end

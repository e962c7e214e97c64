"""The moment in UTC that a clock time of a flight claim means: whose clock it is, and of what day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipeline.meetings.extract.clock import ClockTime
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import Spot
from pipeline.model.entities import Place
from pipeline.model.time import local, zone
from pipeline.places.gazetteer import Gazetteer

#: Any year after the changes of 2014 to 2018 (Moscow, Istanbul, Pyongyang).
_SOME_YEAR: Final = 2023
#: Whose clock a time is of stands so near behind it, beside one of these words.
_CLOCK_REACH: Final = 4
_CLOCK_WORDS: Final = ("time", "heure", "hora", "saat", "zeit", "czas", "ido", "по", "за", "بتوقيت", "توقيت", "שעון", "ora", "tijd")


def place_of(spot: Spot | None, gazetteer: Gazetteer) -> Place | None:
    if spot is None or not spot.city:
        return None
    return next((p for p in gazetteer.search(spot.city) if p.country == spot.country), None)


def zone_of_a_name(reading: Reading, clause: Clause, clock: ClockTime, gazetteer: Gazetteer) -> str:
    """``14:20 Tripoli time``, ``14 h 20, heure de Dakar``, ``14:20 по Ташкенту``: the clock of a city, or of a country's capital."""
    _, at = tokens_of(reading, clock)
    for name in clause.names:
        if not at <= name.start <= at + _CLOCK_REACH or name.value.kind not in ("city", "country", "demonym"):
            continue
        near = [t.text for t in reading.tokens[at : name.start]] + [t.text for t in reading.tokens[name.end : name.end + 1]]
        if any(w.startswith(_CLOCK_WORDS) for w in near):
            spot = Spot(name.value.value if name.value.kind == "city" else "", name.value.state, "", name.start, name.end)
            capital = next((p for p in gazetteer.places if p.country == spot.country and p.kind == "capital"), None)
            place = place_of(spot, gazetteer) if spot.city else capital
            return place.tz if place else ""
    return ""


def zone_of(clock: ClockTime | None, place: Place | None) -> tuple[str, str]:
    if clock is None:
        return "", ""
    if clock.zone and clock.zone != "local":
        return clock.zone, "said"
    if place is None:
        return "", ""
    return place.tz, "said" if clock.zone == "local" else "place"


def utc_of(clock: ClockTime | None, zone_name: str, day: date | None, place: Place | None) -> datetime | None:
    """The moment in UTC; the day is that of the clock that was named.

    Beside a time in UTC it is the civil day at the place, unless it is written as pilots do: "1955Z on 27 Feb".
    """
    if clock is None or not zone_name or day is None:
        return None
    moment = datetime.combine(day, time(clock.minute // 60, clock.minute % 60), tzinfo=zone(zone_name)).astimezone(UTC)
    if place is not None and zone_name == "UTC" and clock.text[-1:] not in "Zz" and (off := (local(moment, place.tz).date() - day).days):
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
    start = next((k for k, t in enumerate(reading.tokens) if t.end > one.start), 0)
    end = next((k for k, t in enumerate(reading.tokens) if t.start >= one.end), len(reading.tokens))
    return start, end

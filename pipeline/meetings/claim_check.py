"""What a report says of a flight, held against what was tracked: where the press and the track differ, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from pipeline.model.extraction import FlightClaim
from pipeline.model.registrations import russian_icao24, us_icao24
from pipeline.model.time import to_iso

Verdict = Literal["agrees", "whole_hours_off", "near", "differs", "no_time", "no_track"]

#: A clock time as printed is rounded to five minutes at best, and says on-blocks for touchdown; one with "about" to half an hour.
EXACT: Final = timedelta(minutes=10)
ABOUT: Final = timedelta(minutes=30)
#: Read by another zone's clock a time is off by whole hours (a few zones by halves), give or take this.
ZONE_SLACK: Final = timedelta(minutes=6)
MOST_HOURS: Final = 14
#: Zones of half hours (Tehran, Delhi) lie this far from the capitals that reports read their clocks by.
HALF_ZONES_FROM_H: Final = 3
#: Farther off than a whole evening is another flight.
SAME_FLIGHT: Final = timedelta(hours=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A landing or take-off that was tracked, with the interval it lies in (UTC)."""

    event_id: str
    icao24: str
    registration: str
    airport: str
    event: Literal["landing", "takeoff"]
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """``off`` is claim minus track, zero inside the track's interval; ``hours`` those of ``whole_hours_off``; ``said`` is for people."""

    verdict: Verdict
    event_id: str
    off: timedelta | None
    hours: float
    said: str


def compare(claim: FlightClaim, tracked: Sequence[Tracked]) -> Compared:
    """The tracked event that a claim is closest to, and how far they are apart.

    A claim without a tail is held against every aircraft at its field; then agreement means little, and ``said`` says so.
    """
    same = [t for t in tracked if t.event == claim.event and (not claim.airport or t.airport == claim.airport) and _same_aircraft(claim, t)]
    if claim.time_utc is None:
        return Compared(verdict="no_time", event_id="", off=None, hours=0.0, said="the report gives no time of a known day")
    near = [(t, _off(claim.time_utc, t)) for t in same]
    near = [(t, off) for t, off in near if abs(off) <= SAME_FLIGHT]
    if not near:
        return Compared(verdict="no_track", event_id="", off=None, hours=0.0, said="no track received that fits the report")
    best, off = min(near, key=lambda pair: abs(pair[1]))
    return _judge(claim, best, off)


def _judge(claim: FlightClaim, best: Tracked, off: timedelta) -> Compared:
    untailed = "" if claim.registration or claim.icao24 else "; the report names no tail, so this may be another aircraft"
    track = f"track {to_iso(best.earliest)}" if best.earliest == best.latest else f"track {to_iso(best.earliest)} to {to_iso(best.latest)}"
    if abs(off) <= (ABOUT if claim.about else EXACT):
        return Compared(verdict="agrees", event_id=best.event_id, off=off, hours=0.0, said=f"agrees with the track ({track}){untailed}")
    hours = round(off / timedelta(minutes=30)) / 2
    if (
        hours
        and abs(hours) <= MOST_HOURS
        and abs(off - timedelta(hours=hours)) <= ZONE_SLACK
        and (hours == int(hours) or abs(off) > timedelta(hours=3))
    ):
        return Compared(
            verdict="whole_hours_off",
            event_id=best.event_id,
            off=off,
            hours=hours,
            said=f"{abs(hours):g} h {'after' if hours > 0 else 'before'} the {track}: read by another zone's clock?{untailed}",
        )
    minutes = round(abs(off) / timedelta(minutes=1))
    side = "after" if off > timedelta(0) else "before"
    if minutes < 60:
        return Compared(
            verdict="near",
            event_id=best.event_id,
            off=off,
            hours=0.0,
            said=f"{minutes} min {side} the {track}: an estimate or another moment of the flight?{untailed}",
        )
    return Compared(verdict="differs", event_id=best.event_id, off=off, hours=0.0, said=f"{minutes} min {side} the {track}{untailed}")


def _same_aircraft(claim: FlightClaim, tracked: Tracked) -> bool:
    if claim.icao24:
        return tracked.icao24 == claim.icao24
    if claim.registration:
        address = russian_icao24(claim.registration) or us_icao24(claim.registration)
        return tracked.registration == claim.registration or (address is not None and tracked.icao24 == address)
    return True


def _off(moment: datetime, tracked: Tracked) -> timedelta:
    if moment < tracked.earliest:
        return moment - tracked.earliest
    return max(timedelta(0), moment - tracked.latest)

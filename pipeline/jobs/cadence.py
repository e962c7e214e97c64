"""How soon the next pass is due: soon while somebody approaches a place, less often in the air, seldom when all are parked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pipeline.store.positions import Fix

#: In the air and received this recently: it still flies.
FLYING: Final = timedelta(minutes=15)
#: Approaching: this near to a field that serves a place, and this low above it, not climbing.
APPROACH_NM: Final = 40.0
APPROACH_FT: Final = 12_000.0
CLIMBING_FPM: Final = 500.0
#: Of what is left of a day's budget, so much is kept for what comes unforeseen.
_RESERVE: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """``seconds`` until the next pass, and the reason for people."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The cadences of the settings, in seconds."""

    approach: float = 15.0
    airborne: float = 60.0
    parked: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a provider still grants today: ``left`` requests, of which a pass takes ``a_pass``. ``left`` None: no limit."""

    provider: str
    left: int | None
    a_pass: int


def is_aloft(fix: Fix, now: datetime) -> bool:
    """In the air when last received, and that not long ago."""
    return fix.on_ground is not True and now - fix.time <= FLYING


def is_approaching(fix: Fix, nearest_nm: float, field_ft: float) -> bool:
    """Low, near a field and not climbing. ``nearest_nm``, ``field_ft``: the nearest field that serves a place."""
    if nearest_nm > APPROACH_NM or fix.alt_baro_ft is None:
        return False
    return fix.alt_baro_ft - field_ft <= APPROACH_FT and (fix.vertical_rate_fpm or 0.0) < CLIMBING_FPM


def next_pass(
    fixes: Mapping[str, Fix], near: Mapping[str, tuple[float, float]], wanted: Wanted, allowance: Iterable[Allowance], *, now: datetime
) -> Cadence:
    """When to ask again.

    Args:
        fixes: the newest position of each aircraft received of late.
        near: for those in the air, the distance in NM to the nearest field that serves a place, and its elevation in feet.
        allowance: of the providers that are asked at every pass; the scarcest decides.
    """
    aloft = {icao24: fix for icao24, fix in fixes.items() if is_aloft(fix, now)}
    approaching = [icao24 for icao24, fix in aloft.items() if icao24 in near and is_approaching(fix, *near[icao24])]
    if approaching:
        chosen = Cadence(seconds=wanted.approach, why=f"{len(approaching)} approaching a place")
    elif aloft:
        chosen = Cadence(seconds=wanted.airborne, why=f"{len(aloft)} in the air")
    else:
        chosen = Cadence(seconds=wanted.parked, why="nobody in the air")
    for one in allowance:
        least = _least(one, now)
        if least > chosen.seconds:
            chosen = Cadence(seconds=least, why=f"{chosen.why}; {one.provider} grants {one.left} more requests today")
    return chosen


def _least(one: Allowance, now: datetime) -> float:
    if one.left is None or not one.a_pass:
        return 0.0
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    passes = one.left * (1 - _RESERVE) / one.a_pass
    return (midnight - now).total_seconds() / passes if passes >= 1 else 3600.0

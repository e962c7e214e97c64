"""Why there was data on an aircraft in a stretch of time, or none. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pipeline.store.ledger import Reason, Stretch
from pipeline.store.positions import Fix

#: An aircraft lost higher than this flew out of the receivers' reach; lower ones fell silent.
CRUISE_FT: Final = 10_000.0
#: The stretch that the very first answer speaks for.
FIRST: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a pass heard. ``newest``: the last position it got of each aircraft; ``everywhere``, ``nearby``: a network's or a
    single receiver's answer was whole; ``fixes``: where each was before."""

    newest: Mapping[str, datetime]
    everywhere: bool
    nearby: bool
    rate_limited: bool
    fixes: Mapping[str, Fix]


def stretches(
    icao24s: Iterable[str], heard: Heard, *, last: Mapping[str, Stretch], now: datetime, longest_gap: timedelta
) -> Iterator[Stretch]:
    """For every aircraft the stretch from the end of its last one to ``now``, and before it the time that nothing ran.

    A clock that was set back yields nothing until it has caught up.
    """
    for icao24 in icao24s:
        before = last.get(icao24)
        start = before.end if before is not None else now - FIRST
        if now <= start:
            continue
        # An answer speaks for a minute: where passes follow closer than that, a gap that is shorter is none.
        if before is not None and now - start > max(longest_gap, FIRST):
            yield Stretch(icao24=icao24, start=start, end=now - FIRST, reason="not_running")
            start = now - FIRST
        yield Stretch(icao24=icao24, start=start, end=now, reason=reason_for(icao24, heard, start))


def reason_for(icao24: str, heard: Heard, start: datetime) -> Reason:
    """``seen`` when there is a position since ``start``; else whose fault it is that there is none."""
    newest = heard.newest.get(icao24)
    if newest is not None and newest > start:
        return "seen"
    if heard.everywhere:
        fix = heard.fixes.get(icao24)
        high = fix is not None and fix.on_ground is not True and fix.alt_baro_ft is not None and fix.alt_baro_ft > CRUISE_FT
        return "not_covered" if high else "silent"
    if heard.nearby:
        return "not_covered"
    return "rate_limited" if heard.rate_limited else "provider_down"

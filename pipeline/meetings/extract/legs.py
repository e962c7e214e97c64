"""Legs told without a verb, as logs write them: ``RA-64057 UUWW 05:03Z → LTAC 08:26Z``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.clock import ClockTime
from pipeline.meetings.extract.reading import Reading
from pipeline.meetings.extract.where import Spot

_ARROWS: Final = frozenset("→➡➔➜⟶⇒>►▶")
_DASH: Final = "-"


def legs(reading: Reading, places: Sequence[Spot], clocks: Sequence[ClockTime]) -> list[tuple[str, Spot, ClockTime]]:
    """``(event, place, time)`` in order of a line whose places an arrow or a dash joins; nothing for any other line."""
    stops = [s for s in places if s.city]
    if len(stops) < 2 or not clocks or not all(_joined(reading, a, b) for a, b in pairwise(stops)):
        return []
    at = [reading.tokens[s.start].start for s in stops]
    ends = [reading.tokens[s.end - 1].end for s in stops]
    first = clocks[0].start < at[0]
    if len(clocks) >= 2 and all(c.start > ends[-1] for c in clocks):
        return [("takeoff", stops[0], clocks[0]), ("landing", stops[-1], clocks[-1])] if len(clocks) == 2 and len(stops) == 2 else []
    out: list[tuple[str, Spot, ClockTime]] = []
    for k, stop in enumerate(stops):
        low, high = (ends[k - 1] if k else 0, at[k]) if first else (ends[k], at[k + 1] if k + 1 < len(stops) else 10**9)
        mine = [c for c in clocks if low <= c.start < high]
        if k == 0:
            out += [("takeoff", stop, c) for c in mine[:1]]
        elif k == len(stops) - 1:
            out += [("landing", stop, c) for c in mine[:1]]
        else:
            out += [(event, stop, c) for event, c in zip(("landing", "takeoff"), mine, strict=False)]
    return out


def _joined(reading: Reading, one: Spot, other: Spot) -> bool:
    between = reading.tokens[one.end : other.start]
    for i, token in enumerate(between):
        if token.text in _ARROWS:
            return True
        if token.text == _DASH and (len(between) == 1 or (i and between[i - 1].end < token.start)):
            return True
    return False

"""Which state an icao24 address is allocated to (ICAO Annex 10, Volume III, table 9-1)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

from pipeline.model.csvfile import read_file
from pipeline.places.airports import DATA


@cache
def _blocks() -> tuple[tuple[int, ...], tuple[tuple[int, str], ...]]:
    rows, _ = read_file(DATA / "icao_blocks.csv", required=("first", "last", "state"))
    found = sorted((int(r["first"], 16), int(r["last"], 16), r["state"]) for r in rows)
    return tuple(first for first, _, _ in found), tuple((last, state) for _, last, state in found)


def block_state(icao24: str) -> str:
    """The state whose block holds an address; ``''`` for an address in none, or one that is not ICAO's."""
    if icao24.startswith("~"):
        return ""
    firsts, blocks = _blocks()
    at = bisect_right(firsts, int(icao24, 16)) - 1
    if at < 0:
        return ""
    last, state = blocks[at]
    return state if int(icao24, 16) <= last else ""

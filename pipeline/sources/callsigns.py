"""Asking for flights by the beginning of their callsign, where a provider only knows whole callsigns. Pure."""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import Final

#: What the v2 services take at most in one request.
MOST_IDS: Final = 1000


def numbered(prefix: str) -> tuple[str, ...]:
    """Every flight number of a prefix from 1 to 999, as they are written: ``SAM7``, ``SAM07``, ``SAM007``.

    Longer numbers and letters behind them (``SAM45A``, ``RCH1234``) are not among them: they would be tens of thousands.
    """
    forms = (f"{number:0{digits}d}" for digits in (1, 2, 3) for number in range(1, 1000))
    return tuple(prefix + number for number in dict.fromkeys(forms))


def callsign_batches(prefix: str, *, fixed_chars: int, most_chars: int) -> list[tuple[str, ...]]:
    """``numbered`` in as few even parts as fit into addresses of ``most_chars``, ``fixed_chars`` of them taken."""
    wanted = numbered(prefix)
    fit = max(1, min(MOST_IDS, (most_chars - fixed_chars) // (len(prefix) + 4)))
    count = ceil(len(wanted) / fit)
    bounds = [round(index * len(wanted) / count) for index in range(count + 1)]
    return [wanted[start:end] for start, end in pairwise(bounds)]

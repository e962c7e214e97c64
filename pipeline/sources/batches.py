"""Cutting a watch list into requests. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import ceil

from pipeline.model.ids import is_icao_address


def batches(icao24s: Iterable[str], *, size: int, fixed_chars: int, most_chars: int, chars_each: int = 7) -> list[tuple[str, ...]]:
    """Even batches of the whole list, sorted, without ``~`` addresses (no provider can be asked for those).

    Even, so that no request ever names a handful of aircraft because they were left over: what is asked for must not
    tell the provider which aircraft are of interest.

    Args:
        size: the provider's most addresses a request.
        fixed_chars: length of the address (url) without the list.
        most_chars: longest url.
        chars_each: characters an address costs, its separator included.
    """
    wanted = sorted({icao24 for icao24 in icao24s if is_icao_address(icao24)})
    if not wanted:
        return []
    fit = max(1, min(size, (most_chars - fixed_chars) // chars_each))
    count = ceil(len(wanted) / fit)
    bounds = [round(index * len(wanted) / count) for index in range(count + 1)]
    return [tuple(wanted[start:end]) for start, end in pairwise(bounds)]

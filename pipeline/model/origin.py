"""Where bytes came from, and that a row is only as good as the weakest bytes behind it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Origin(StrEnum):
    """``live``: fetched from a provider as it happened. ``recorded``: real, kept and read later.

    ``reconstructed``: a real event with positions that were made up to fit what was reported.
    """

    LIVE = "live"
    RECORDED = "recorded"
    RECONSTRUCTED = "reconstructed"


_STRENGTH = {Origin.LIVE: 2, Origin.RECORDED: 1, Origin.RECONSTRUCTED: 0}


def weakest(origins: Iterable[Origin | str]) -> Origin:
    """The weakest of some origins.

    Raises:
        ValueError: there are none, or one is not an origin.
    """
    return min((Origin(origin) for origin in origins), key=_STRENGTH.__getitem__)

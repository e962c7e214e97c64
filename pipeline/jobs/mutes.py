"""What a mute names, and for how long."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final, Literal

from pipeline.jobs.world import World
from pipeline.model.errors import NotFound, UsageError

_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def mute_for(text: str) -> timedelta:
    """``12h``, ``7d``, ``4w``.

    Raises:
        UsageError: not such a length.
    """
    found = re.fullmatch(r"(\d{1,4})\s*([hdw])", text.strip().lower())
    if not found or not int(found[1]):
        raise UsageError(f"{text!r} is not a length of time", hint="such as 12h, 7d or 4w")
    return int(found[1]) * _UNITS[found[2]]


def mute_kind(text: str, world: World) -> tuple[Literal["aircraft", "place"], str]:
    """Whether it names a watched aircraft or a place, and the name that mutes are kept under.

    Raises:
        NotFound: neither.
    """
    wanted = text.strip().upper()
    for one in world.watchlist.aircraft:
        if wanted in (one.registration.upper(), one.icao24.upper()):
            return "aircraft", one.registration or one.icao24
    if wanted in world.airports:
        return "place", wanted
    try:
        return "place", world.gazetteer.find(text.strip()).city
    except NotFound:
        raise NotFound(
            f"{text!r} is neither a watched aircraft nor a place", hint="a registration, an icao24 address, an airport code or a city"
        ) from None

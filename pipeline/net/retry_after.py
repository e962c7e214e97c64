"""What a provider says about waiting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: A longer wish is a mistake or a ban, and is looked at again after a day.
LONGEST_S: Final = 86_400.0
_HEADERS: Final = ("retry-after", "x-rate-limit-retry-after-seconds")


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from ``now``, from Retry-After (seconds or an HTTP date) or OpenSky's own header; None when not said.

    Args:
        headers: names in lower case.
    """
    for name in _HEADERS:
        value = headers.get(name, "").strip()
        seconds = _seconds(value, now) if value else None
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_S)
    return None


def _seconds(value: str, now: datetime) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return seconds if math.isfinite(seconds) else None
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - now).total_seconds()

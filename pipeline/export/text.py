"""Text from outside, made harmless: no control or bidirectional characters, a length limit, short airport names."""

from __future__ import annotations

import re
import unicodedata

#: What ends a line; the last two are Unicode's own line and paragraph separators, which a header may not hold either.
_BREAKS = "\r\n\t\u2028\u2029"
_AIRPORT = re.compile(r"( International| Domestic)? (Airport|Air Base|Airfield)$", re.IGNORECASE)


def clean(text: str, limit: int = 300) -> str:
    """One line of printable text; control, format and bidirectional characters are dropped, a long one is cut with ``…``."""
    cut = len(text) > 10 * limit  # nobody reads on, and a megabyte of it would cost seconds
    text = text[: 10 * limit]
    if not text.isprintable():
        text = "".join(" " if c in _BREAKS else c for c in text if c in _BREAKS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    one_line = re.sub(r" {2,}", " ", text).strip()
    return one_line if len(one_line) <= limit and not cut else one_line[: limit - 1] + "…"


def short_airport(name: str, city: str) -> str:
    """``Ankara Esenboğa`` of ``Esenboğa International Airport`` in Ankara."""
    short = _AIRPORT.sub("", name).strip()
    return short if city.casefold() in short.casefold() or not city else f"{city} {short}"

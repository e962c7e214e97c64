"""Text that came from outside, made safe to keep and to show on one line."""

from __future__ import annotations

import re
import unicodedata

#: Marks that turn the direction of text round: an attacker's way to make a line read as something else.
_BIDI = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_SPACES = re.compile(r"\s+")


def clean(text: str, *, limit: int = 300) -> str:
    """One line in NFC without control or bidirectional marks; longer than ``limit`` characters, it ends in ``…``."""
    plain = unicodedata.normalize("NFC", text).translate(_BIDI)
    plain = "".join(" " if unicodedata.category(c) == "Cc" else c for c in plain)
    plain = _SPACES.sub(" ", plain).strip()
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"

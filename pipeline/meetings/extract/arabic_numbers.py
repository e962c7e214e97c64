"""Days of a month in Arabic words: ``التاسع``, ``الخامس عشر``, ``الحادي والعشرين``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.meetings.extract.folded import fold_text

_UNITS: Final = (
    "الاول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع", "العاشر", "الحادي",
)  # fmt: skip
_TENS: Final = {"عشر": 10, "العشرين": 20, "الثلاثين": 30, "العشرون": 20, "الثلاثون": 30}


def _unit(word: str) -> int:
    """1 to 9 for the first nine, 10 for the tenth, 1 for the first of a compound; 0 for none."""
    if word not in _FOLDED:
        return 0
    number = _FOLDED.index(word) + 1
    return 1 if number > len(_UNITS) - 1 else number


def arabic_day(words: Sequence[str]) -> tuple[int, int]:
    """``(day, words it takes)`` at the beginning of ``words`` (folded); ``(0, 0)`` when they begin with no day."""
    first = words[0].removeprefix("ب").removeprefix("و") if words else ""
    second = words[1] if len(words) > 1 else ""
    ten = _TENS.get(second.removeprefix("و"), 0)
    unit = _unit(first)
    if unit and unit < 10 and ten and (ten == 10 or second.startswith("و")) and unit + ten <= 31:
        return unit + ten, 2
    if unit and first != _FOLDED[-1]:
        return unit, 1
    whole = _TENS.get(first, 0)
    return (whole, 1) if whole > 10 else (0, 0)


_FOLDED: Final = tuple(fold_text(w) for w in _UNITS)

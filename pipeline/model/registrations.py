"""States that assign addresses by rule, so that a list can be checked: Russia and the United States.

Russia: 0x140000 plus the five digits of RA-NNNNN. United States: N1 … N99999 in the order of the register from
0xA00001 (14 CFR Part 47: one to five digits, or up to four and one letter, or up to three and two letters; no I or O).
"""

from __future__ import annotations

import re
from typing import Final

_RUSSIA: Final = 0x140000
_US_FIRST: Final = 0xA00001
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
#: '' , A, AA … AZ, B, … ZZ: 1 + 24 × 25 endings of two letters at most.
_TWO: Final = 1 + 24 * 25
_ONE: Final = 25
_BLOCK4: Final = 10 + _ONE
_BLOCK3: Final = 10 * _BLOCK4 + _TWO
_BLOCK2: Final = 10 * _BLOCK3 + _TWO
_BLOCK1: Final = 10 * _BLOCK2 + _TWO
_N_NUMBER: Final = re.compile(r"N([1-9]\d{0,4})([A-HJ-NP-Z]{0,2})")


def russian_icao24(registration: str) -> str | None:
    """``'RA-64057'`` → ``'14fa39'``; None where the rule does not apply."""
    match = re.fullmatch(r"RA-?(\d{5})", registration.upper())
    return f"{_RUSSIA + int(match[1]):06x}" if match else None


def us_icao24(registration: str) -> str | None:
    """``'N1'`` → ``'a00001'``; None where it is not an N-number (military serials are not)."""
    match = _N_NUMBER.fullmatch(registration.upper().replace("-", ""))
    if not match or len(match[1]) + len(match[2]) > 5:
        return None
    digits, letters = match[1], match[2]
    value = _US_FIRST + (int(digits[0]) - 1) * _BLOCK1
    for digit, block, endings in zip(digits[1:], (_BLOCK2, _BLOCK3, _BLOCK4, 1), (_TWO, _TWO, _TWO, _ONE), strict=False):
        value += endings + int(digit) * block
    if letters:
        value += 1 + _LETTERS.index(letters[0]) * (1 if len(digits) == 4 else _ONE)
        if len(letters) == 2:
            value += 1 + _LETTERS.index(letters[1])
    return f"{value:06x}"


def contradiction(icao24: str, registration: str) -> str:
    """Why an address and a registration cannot belong together by their state's rule; ``''`` where none is broken."""
    for rule, name in ((russian_icao24, "Russian"), (us_icao24, "US")):
        expected = rule(registration)
        if expected is not None and expected != icao24:
            return f"the {name} rule gives {registration} the address {expected}"
    return ""

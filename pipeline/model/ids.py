"""Identifiers: parse, normalise, refuse; and ids of our own, from content.

An icao24 is six lower-case hex digits; a leading ``~`` marks a non-ICAO address, which is kept
but never matched to a watch list. Our own ids are ``<prefix>-<ten base-32 letters>``; a
landing's or stay's id is minted from its first version and then kept (see ``detect.identity``).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from enum import StrEnum

from pipeline.model.errors import BadIdentifier, NotFound

_ICAO24 = re.compile(r"~?[0-9a-f]{6}")
_STATE = re.compile(r"[A-Z]{2}")
_AIRPORT = re.compile(r"[A-Z0-9][A-Z0-9-]{1,9}")
_NOT_IN_CALLSIGN = re.compile(r"[^A-Z0-9]")


class IdKind(StrEnum):
    """Prefixes of our own ids."""

    CAPTURE = "cap"
    LANDING = "lnd"
    STAY = "sty"
    MEETING = "mtg"
    REPORT = "rep"
    MATCH = "mat"
    LEAD = "led"
    ALERT = "alr"


def parse_icao24(text: str) -> str:
    """``' 89E100 '`` → ``'89e100'``.

    Raises:
        BadIdentifier: not six hex digits (a spreadsheet may have turned ``89e100`` into a number).
    """
    value = text.strip().lower()
    if not _ICAO24.fullmatch(value):
        raise BadIdentifier(
            f"{text!r} is not an icao24 address",
            hint="six hex digits, such as 89e100; if a spreadsheet wrote 8.9E+101, format the column as text",
        )
    return value


def is_icao_address(icao24: str) -> bool:
    """False for a ``~`` address, which is not a state's to assign and can never be on a watch list."""
    return not icao24.startswith("~")


def parse_state(text: str) -> str:
    """An ISO 3166-1 alpha-2 code in upper case. ``NA`` is Namibia.

    Raises:
        BadIdentifier: not two letters.
    """
    value = text.strip().upper()
    if not _STATE.fullmatch(value):
        raise BadIdentifier(f"{text!r} is not a two-letter state code", hint="ISO 3166-1 alpha-2, such as TR; NA is Namibia")
    return value


def parse_airport(text: str) -> str:
    """An ICAO code, or an OurAirports ident where there is none, in upper case.

    Raises:
        BadIdentifier: neither.
    """
    value = text.strip().upper()
    if not _AIRPORT.fullmatch(value):
        raise BadIdentifier(f"{text!r} is not an airport code", hint="an ICAO code, such as LTAC")
    return value


def clean_callsign(text: str | None) -> str:
    """Upper case, trimmed, without anything but letters and digits; ``''`` when unknown."""
    return _NOT_IN_CALLSIGN.sub("", (text or "").upper())[:8]


def clean_registration(text: str | None) -> str:
    """Upper case, trimmed, printable ASCII only; ``''`` when unknown."""
    return "".join(c for c in (text or "").upper().strip() if c.isascii() and c.isprintable())[:16]


def mint(kind: IdKind, *parts: str) -> str:
    """An id made of its first content: the same parts give the same id, on every machine."""
    digest = hashlib.sha256("\x1f".join((kind.value, *parts)).encode()).digest()
    return f"{kind.value}-{base64.b32encode(digest[:10])[:10].decode().lower()}"


def content_id(kind: IdKind, body: bytes) -> str:
    """An id made of bytes."""
    return mint(kind, hashlib.sha256(body).hexdigest())


def resolve_prefix(prefix: str, ids: Iterable[str]) -> str:
    """The one id that begins with ``prefix``.

    Raises:
        NotFound: none does, or several do (the message names up to five).
    """
    wanted = prefix.strip().lower()
    found = sorted({i for i in ids if i.lower().startswith(wanted) or i.lower().partition("-")[2].startswith(wanted)}) if wanted else []
    exact = [i for i in found if i.lower() == wanted]
    if len(found) == 1 or exact:
        return exact[0] if exact else found[0]
    if not found:
        raise NotFound(f"no id begins with {prefix!r}", hint="any unique beginning of an id will do; list them first")
    raise NotFound(f"{prefix!r} could be {', '.join(found[:5])}{' …' if len(found) > 5 else ''}", hint="give more letters")

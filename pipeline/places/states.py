"""States: ISO 3166-1 alpha-2 codes, English names and adjectives, and the codes that others use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.model.csvfile import read_file
from pipeline.model.errors import BadIdentifier
from pipeline.places.airports import DATA


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    code: str
    iso3: str
    fips: str
    name: str
    adjective: str
    un_member: bool


@cache
def states() -> dict[str, State]:
    """All, by ISO 3166-1 alpha-2 code (and XK, which is in use for Kosovo)."""
    rows, _ = read_file(DATA / "states.csv", required=("state", "name"))
    return {
        r["state"]: State(
            code=r["state"], iso3=r["iso3"], fips=r["fips"], name=r["name"], adjective=r["adjective"], un_member=r["un_member"] == "1"
        )
        for r in rows
    }


def is_state(code: str) -> bool:
    return code in states()


def state_name(code: str) -> str:
    """``'RU'`` → ``'Russia'``; an unknown code is given back as it is."""
    return states()[code].name if code in states() else code


def demonym(code: str) -> str:
    """``'RU'`` → ``'Russian'``; a state without an adjective here gives its name, an unknown code itself."""
    return (states()[code].adjective or states()[code].name) if code in states() else code


def state_named_in(text: str) -> str:
    """The one UN member that a text names: ``'Polish Border Guard'`` → ``'PL'``; ``''`` when it names none, or several."""
    words = f" {re.sub(r'[^a-z ]+', ' ', text.casefold())} "
    found = {
        state.code
        for state in states().values()
        if state.un_member
        for name in (state.name, state.adjective)
        if len(name) > 3 and f" {name.casefold()} " in words
    }
    return found.pop() if len(found) == 1 else ""


def from_iso3(code: str) -> str:
    """``'TUR'`` → ``'TR'``.

    Raises:
        BadIdentifier: no such code.
    """
    return _by("iso3", code)


def from_fips(code: str) -> str:
    """A FIPS 10-4 country code, as GDELT writes: ``'TU'`` → ``'TR'``.

    Raises:
        BadIdentifier: no such code.
    """
    return _by("fips", code)


@cache
def _by(column: str, code: str) -> str:
    for state in states().values():
        if getattr(state, column) == code.strip().upper():
            return state.code
    raise BadIdentifier(f"{code!r} is not a {column} country code")

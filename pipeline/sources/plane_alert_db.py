"""plane-alert-db's public list (ODbL 1.0) → watch-list rows, and what was refused with the reason.

Kept: what the list calls government, and military aircraft of a type that carries guests. A row's jokes, tags,
category and links are never read. https://github.com/sdr-enthusiasts/plane-alert-db
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipeline.model.csvfile import CsvRow, read_rows
from pipeline.model.entities import WatchedAircraft
from pipeline.model.errors import BadIdentifier
from pipeline.model.ids import clean_registration, is_icao_address, parse_icao24
from pipeline.model.registrations import contradiction
from pipeline.places.icao_blocks import block_state
from pipeline.places.states import state_named_in

SOURCE: Final = "plane-alert-db (ODbL 1.0)"
_HEX, _REGISTRATION, _OPERATOR, _TYPE, _TYPE_CODE, _GROUP = "$ICAO", "$Registration", "$Operator", "$Type", "$ICAO Type", "#CMPG"
COLUMNS: Final = (_HEX, _REGISTRATION, _OPERATOR, _TYPE, _TYPE_CODE, _GROUP)
_GROUPS: Final = {"Civ": "civil: not listed as operated by a state", "Pol": "police"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which rows are kept: ``not_if`` by type code (a pattern in the type's name that rules it out, ``''`` for none), and the
    phrases in an operator's name that say it is no single state, with why."""

    not_if: Mapping[str, str]
    not_states: Mapping[str, str]

    @classmethod
    def of(cls, vip_types: Sequence[CsvRow], not_states: Sequence[CsvRow]) -> Rules:
        return cls(
            not_if={row["type_code"]: row.get("not_if") for row in vip_types},
            not_states={row["phrase"]: row.get("why") for row in not_states},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    line: int
    icao24: str
    registration: str
    operator: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    aircraft: tuple[WatchedAircraft, ...]
    refused: tuple[Refused, ...]


def parse_plane_alert_db(body: bytes, *, name: str, rules: Rules, on: date) -> Imported:
    """The list's bytes → rows for a watch list, in its order.

    Args:
        on: the day the list was read; a row's ``source_date``.

    Raises:
        InputError: not CSV, or without the list's columns.
    """
    rows, problems = read_rows(body, name=name, required=COLUMNS)
    kept: dict[str, WatchedAircraft] = {}
    refused = [Refused(line=0, icao24="", registration="", operator="", why=str(p)) for p in problems]
    for row in rows:
        try:
            icao24 = parse_icao24(row[_HEX])
        except BadIdentifier as error:
            refused.append(_refuse(row, str(error)))
            continue
        one = _aircraft(row, icao24, on)
        why = f"{icao24} is listed twice; the first row is kept" if icao24 in kept else _why_not(row, one, rules)
        if why:
            refused.append(_refuse(row, why))
        else:
            kept[icao24] = one
    return Imported(aircraft=tuple(kept.values()), refused=tuple(refused))


def _aircraft(row: CsvRow, icao24: str, on: date) -> WatchedAircraft:
    operator = row[_OPERATOR]
    return WatchedAircraft(
        icao24=icao24,
        registration=clean_registration(row[_REGISTRATION]),
        type_code=row[_TYPE_CODE].upper(),
        type=row[_TYPE],
        operator=operator,
        state=state_named_in(operator) or block_state(icao24),
        role=_role(row[_GROUP], operator),
        source=SOURCE,
        source_date=on,
        confidence="listed",
    )


def _why_not(row: CsvRow, one: WatchedAircraft, rules: Rules) -> str:
    """Why a row is not kept; ``''`` when it is."""
    group = row[_GROUP]
    if group not in ("Gov", "Mil"):
        return _GROUPS.get(group, f"{_GROUP} is {group!r}")
    if group == "Mil":
        if one.type_code not in rules.not_if:
            return f"military, and {one.type_code or 'no type'} is not in vip_types.csv"
        pattern = rules.not_if[one.type_code]
        if pattern and re.search(pattern, one.type, re.IGNORECASE):
            return f"military, and a {one.type} does not carry guests"
    if not is_icao_address(one.icao24):
        return "not an ICAO address"
    for phrase, why in rules.not_states.items():
        if phrase.casefold() in one.operator.casefold():
            return f"{phrase}: {why}"
    if not one.state:
        return "no state: the operator names none and the address is in no state's block"
    block = block_state(one.icao24)
    if block != one.state:
        where = f"the block of {block}" if block else "no state's block"
        return f"the operator is named after {one.state}, the address is in {where}: add it to a list of your own, with a source"
    return contradiction(one.icao24, one.registration)


def _role(group: str, operator: str) -> str:
    if group == "Gov":
        return "government"
    return "air_force_vip" if "air force" in operator.casefold() else "military_vip"


def _refuse(row: CsvRow, why: str) -> Refused:
    return Refused(line=row.line, icao24=row[_HEX].lower(), registration=row[_REGISTRATION], operator=row[_OPERATOR], why=why)

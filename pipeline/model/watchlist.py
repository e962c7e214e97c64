"""The watch list: dated rows saying which aircraft a state operates. A hex is a claim with dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from pipeline.model.csvfile import CsvRow, parse_each, read_file, write_rows
from pipeline.model.entities import WatchedAircraft
from pipeline.model.errors import ConfigError, InputError
from pipeline.model.ids import clean_registration, is_icao_address, parse_icao24, parse_state
from pipeline.model.registrations import contradiction

COLUMNS: Final = (
    "icao24",
    "registration",
    "type_code",
    "type",
    "operator",
    "state",
    "role",
    "use",
    "valid_from",
    "valid_to",
    "home_airport",
    "source",
    "source_date",
    "confidence",
    "contested",
)
ROLES: Final = ("head_of_state", "government", "air_force_vip", "military_vip", "intelligence", "unknown")
FEW_AIRCRAFT: Final = 3
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a watch list that a person should look at."""

    level: Literal["error", "warning", "note"]
    subject: str
    what: str
    hint: str


class Watchlist:
    """Answers who an aircraft is on a day. A row read later wins over an earlier one for the same address and day."""

    def __init__(self, aircraft: Iterable[WatchedAircraft]) -> None:
        self.aircraft = tuple(aircraft)
        self._by_hex: dict[str, list[WatchedAircraft]] = defaultdict(list)
        for one in self.aircraft:
            if is_icao_address(one.icao24):
                self._by_hex[one.icao24].append(one)

    def __len__(self) -> int:
        return len(self.aircraft)

    @property
    def icao24s(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_hex))

    def on(self, icao24: str, day: date) -> WatchedAircraft | None:
        """The row that holds for this address on this day, or None: it is not watched then."""
        held = [a for a in self._by_hex.get(icao24, ()) if (a.valid_from or _FIRST_DAY) <= day <= (a.valid_to or _LAST_DAY)]
        return held[-1] if held else None


def read_watchlist(paths: Sequence[Path]) -> Watchlist:
    """Watch-list files in order.

    Raises:
        ConfigError: a file or row is wrong; the message has its file and line.
    """
    aircraft: list[WatchedAircraft] = []
    for path in paths:
        try:
            good, problems = parse_watchlist(path)
        except InputError as error:
            raise ConfigError(str(error), hint=error.hint) from None
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise ConfigError(f"{problems[0]}{more}", hint="tarmac watchlist check lists every wrong row")
        aircraft += good
    return Watchlist(aircraft)


def parse_watchlist(path: Path) -> tuple[list[WatchedAircraft], list[InputError]]:
    """The rows of one file, and those that are wrong, with their line.

    Raises:
        InputError: the file cannot be read or lacks a column.
    """
    rows, problems = read_file(path, required=("icao24", "state"))
    good, bad = parse_each(rows, _parse, name=path.name)
    return good, problems + bad


def format_watchlist(aircraft: Iterable[WatchedAircraft]) -> str:
    """CSV text that ``parse_watchlist`` reads back."""

    def cell(one: WatchedAircraft, column: str) -> object:
        value = getattr(one, column)
        return int(value) if isinstance(value, bool) else value

    return write_rows(COLUMNS, ([cell(one, c) for c in COLUMNS] for one in aircraft))


def _parse(row: CsvRow) -> WatchedAircraft:
    use = row.get("use", "operated")
    if use not in ("operated", "used_by_state"):
        raise ConfigError(f"use {use!r}", hint="operated or used_by_state; private persons' aircraft are refused")
    role = row.get("role", "unknown")
    if role not in ROLES:
        raise ConfigError(f"role {role!r}", hint=f"one of {', '.join(ROLES)}")
    one = WatchedAircraft(
        icao24=parse_icao24(row["icao24"]),
        registration=clean_registration(row.get("registration")),
        type_code=row.get("type_code").upper(),
        type=row.get("type"),
        operator=row.get("operator"),
        state=parse_state(row["state"]),
        role=role,
        use="used_by_state" if use == "used_by_state" else "operated",
        valid_from=_day(row.get("valid_from")),
        valid_to=_day(row.get("valid_to")),
        home_airport=row.get("home_airport").upper(),
        source=row.get("source"),
        source_date=_day(row.get("source_date")),
        confidence=row.get("confidence"),
        contested=row.get("contested", "0").lower() in ("1", "true", "yes"),
    )
    if one.use == "used_by_state" and not (one.valid_from and one.valid_to and one.source):
        raise ConfigError(
            f"{one.icao24} is used_by_state without dates and a source", hint="give valid_from, valid_to and a published source"
        )
    return one


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigError(f"{text!r} is not a day", hint="YYYY-MM-DD") from None


def check(
    aircraft: Sequence[WatchedAircraft], *, block_of: Callable[[str], str], state_named_in: Callable[[str], str], today: date
) -> list[Finding]:
    """What is doubtful in a watch list.

    Args:
        block_of: the state whose ICAO block holds an address, ``''`` where it is in none.
        state_named_in: the state that an operator's name contains, ``''`` where it names none.
        today: for what has expired.
    """
    found: list[Finding] = []
    by_hex: dict[str, list[WatchedAircraft]] = defaultdict(list)
    by_state: dict[str, int] = defaultdict(int)
    for one in aircraft:
        by_hex[one.icao24].append(one)
        by_state[one.state] += 1
        found += _check_one(one, block_of(one.icao24), state_named_in(one.operator), today)
    for icao24, rows in by_hex.items():
        rows.sort(key=lambda a: a.valid_from or _FIRST_DAY)
        for a, b in pairwise(rows):
            if (b.valid_from or _FIRST_DAY) <= (a.valid_to or _LAST_DAY):
                same = (a.registration, a.operator) == (b.registration, b.operator)
                what = "listed twice" if same else f"{a.registration or a.operator} and {b.registration or b.operator} at one time"
                found.append(Finding(level="error", subject=icao24, what=what, hint="give valid_from and valid_to, or remove one row"))
    few = sorted(state for state, count in by_state.items() if count < FEW_AIRCRAFT)
    if few:
        what = f"fewer than {FEW_AIRCRAFT} aircraft: absence from the list means nothing"
        found.append(Finding(level="note", subject=", ".join(few), what=what, hint="add known aircraft with a source"))
    return found


def _check_one(one: WatchedAircraft, block: str, named: str, today: date) -> list[Finding]:
    subject = f"{one.icao24} {one.registration}".strip()
    found: list[Finding] = []
    if not is_icao_address(one.icao24):
        found.append(Finding(level="error", subject=subject, what="not an ICAO address", hint="a ~ address belongs to nobody"))
    elif block != one.state and not one.contested:
        where = f"{block}'s" if block else "no state's"
        found.append(
            Finding(
                level="warning", subject=subject, what=f"listed as {one.state}, address in {where} block", hint="give a reason in source"
            )
        )
    if named and named != one.state:
        what = f"listed as {one.state}, operated by {one.operator}"
        found.append(Finding(level="error", subject=subject, what=what, hint=f"is it {named}'s?"))
    wrong = contradiction(one.icao24, one.registration)
    if wrong:
        found.append(Finding(level="error", subject=subject, what=wrong, hint="one of the two is mistyped, or the list is wrong"))
    if one.valid_to is not None and one.valid_to < today:
        found.append(Finding(level="note", subject=subject, what=f"expired on {one.valid_to}", hint="kept for history"))
    if one.contested:
        found.append(
            Finding(level="note", subject=subject, what="identity contested", hint="worth nothing as evidence, never in a subject")
        )
    return found

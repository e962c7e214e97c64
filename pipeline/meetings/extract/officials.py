"""Holders of office since 2016 (``config/officials.csv``): who a name in a report may be, and of which state."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from pipeline.model.csvfile import CsvRow, read_file
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped

COLUMNS: Final = ("name", "state", "title", "agency", "from_day", "to_day", "also", "source")
#: Surnames that are other people's given names, other words or other officials' too: found only with the given name.
_FULL_NAME_ONLY: Final = "-"


@dataclass(frozen=True, slots=True)
class Office:
    """``from_day`` and ``to_day`` are None where not known, or still in office."""

    title: str
    agency: str
    from_day: date | None
    to_day: date | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Official:
    """``written`` are the forms of the name that a text may have; ``offices`` the oldest first."""

    name: str
    state: str
    offices: tuple[Office, ...]
    written: tuple[str, ...]

    def office_on(self, day: date | None) -> Office:
        """The office held that day; the latest one when the day is not known or none was held."""
        if day is not None:
            for office in reversed(self.offices):
                if (office.from_day is None or office.from_day <= day) and (office.to_day is None or day <= office.to_day):
                    return office
        return self.offices[-1]


@cache
def load_officials() -> tuple[Official, ...]:
    """The shipped list, one entry a person.

    Raises:
        ConfigError: a row is wrong; the message has its line.
    """
    rows, problems = read_file(shipped("officials.csv"), required=COLUMNS)
    if problems:
        raise ConfigError(str(problems[0]), hint="correct the row")
    grouped: dict[tuple[str, str], list[CsvRow]] = defaultdict(list)
    for row in rows:
        grouped[row["name"], row["state"]].append(row)
    return tuple(_official(name, state, group) for (name, state), group in grouped.items())


def _official(name: str, state: str, rows: list[CsvRow]) -> Official:
    written = [name]
    surname_too = True
    for row in rows:
        for form in row["also"].split("|"):
            if form.strip() == _FULL_NAME_ONLY:
                surname_too = False
            elif form.strip():
                written.append(form.strip())
    if surname_too:
        written.append(name.rsplit(maxsplit=1)[-1])
    return Official(name=name, state=state, offices=tuple(_office(r) for r in rows), written=tuple(dict.fromkeys(written)))


def _office(row: CsvRow) -> Office:
    try:
        return Office(row["title"], row["agency"], _day(row["from_day"]), _day(row["to_day"]), row["source"])
    except ValueError:
        raise ConfigError(f"officials.csv line {row.line}: not a day", hint="year-month-day, year-month, or empty") from None


def _day(text: str) -> date | None:
    """``2016-11`` is its first day."""
    if not text:
        return None
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01" if len(text) == 7 else f"{text}-01-01")

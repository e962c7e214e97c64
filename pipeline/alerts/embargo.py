"""``embargo.toml``: what must not leave the machine at once, by place and class. Binds mail, channels, cards and public files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from pipeline.alerts.recipients import AirportCode, State, line_of
from pipeline.model.errors import ConfigError
from pipeline.places.gazetteer import fold

_LONGEST_H: Final = 24 * 366


class Embargo(BaseModel):
    """One entry: it holds at its places on its days, for ``hours`` after touchdown."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    kind: Annotated[str, Field(validation_alias=AliasChoices("class", "kind"))]
    hours: Annotated[float, Field(gt=0, le=_LONGEST_H)]
    why: str
    airports: tuple[AirportCode, ...] = ()
    cities: tuple[str, ...] = ()
    countries: tuple[State, ...] = ()
    from_day: Annotated[date | None, Field(validation_alias=AliasChoices("from", "from_day"))] = None
    to_day: Annotated[date | None, Field(validation_alias=AliasChoices("to", "to_day"))] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Nothing leaves before ``until``, and why."""

    until: datetime
    why: str


class Embargoes:
    """Answers until when something at a place is held."""

    def __init__(self, entries: Iterable[Embargo] = (), *, delay: timedelta = timedelta(0)) -> None:
        self._entries = tuple(entries)
        self._delay = delay

    def held(self, *, airport: str, city: str, country: str, since: datetime, also: str = "") -> Held | None:
        """The longest embargo on what began ``since`` at a place, or None. ``also``: the field it came from or goes to."""
        found = [
            Held(until=since + timedelta(hours=one.hours), why=f"{one.kind}: {one.why}")
            for one in self._entries
            if _on(one, since.date()) and _at(one, airport, city, country, also)
        ]
        if self._delay:
            found.append(Held(until=since + self._delay, why=f"your publication delay of {self._delay.total_seconds() / 3600:g} h"))
        return max(found, key=lambda h: h.until, default=None)


def parse_embargoes(text: str, *, name: str) -> Embargoes:
    """The embargoes of a file.

    Raises:
        ConfigError: it is not TOML, or an entry is wrong: the message names file, line and key.
    """
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {error}", hint="it must be TOML") from None
    delay = table.pop("delay_hours", 0)
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay <= _LONGEST_H:
        raise ConfigError(
            f"{name} line {line_of(text, ['delay_hours'])}: delay_hours: hours from 0 to {_LONGEST_H}", hint="see config/embargo.toml"
        )
    unknown = [key for key in table if key != "embargo"]
    if unknown or not isinstance(table.get("embargo", []), list):
        raise ConfigError(f"{name} line {line_of(text, unknown[:1])}: unknown key {unknown[:1]}", hint="entries are [[embargo]]")
    entries = []
    for number, entry in enumerate(table.get("embargo", [])):
        try:
            one = Embargo.model_validate(entry)
        except ValidationError as error:
            first = error.errors()[0]
            key = [p for p in first["loc"] if isinstance(p, str)][:1]
            line = line_of(text, ["embargo", number, *key])
            raise ConfigError(f"{name} line {line}: {'.'.join(key)}: {first['msg']}", hint="see config/embargo.toml") from None
        if not (one.airports or one.cities or one.countries):
            line = line_of(text, ["embargo", number])
            raise ConfigError(f"{name} line {line}: an embargo needs airports, cities or countries", hint="see config/embargo.toml")
        entries.append(one)
    return Embargoes(entries, delay=timedelta(hours=delay))


def _on(one: Embargo, day: date) -> bool:
    return (one.from_day is None or one.from_day <= day) and (one.to_day is None or day <= one.to_day)


def _at(one: Embargo, airport: str, city: str, country: str, also: str) -> bool:
    return (
        airport in one.airports
        or bool(also and also in one.airports)
        or country in one.countries
        or fold(city) in {fold(c) for c in one.cities}
    )

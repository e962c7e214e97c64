"""``alerts.toml``: recipients, their rules, quiet hours, digests and briefs. Mistakes are named with file, line and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pipeline.alerts.message import valid_address
from pipeline.model.errors import BadIdentifier, BadTime, ConfigError
from pipeline.model.ids import clean_registration, parse_airport, parse_state
from pipeline.model.time import zone

Tell = Literal["at_once", "brief", "never"]
Event = Literal["inbound", "landing", "left", "match", "company", "lead", "correction", "candidate", "provider_down"]
Role = Literal["head_of_state", "government", "air_force_vip", "military_vip", "intelligence", "unknown"]
PlaceKind = Literal["capital", "seat", "venue", "city"]
#: The strongest first.
KINDS: Final = ("observed", "bracketed", "inferred")

_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise ValueError("not a time of day, such as 07:00")
    return time(int(found[1]), int(found[2]))


def _span(text: str) -> tuple[time, time] | None:
    if not text.strip():
        return None
    start, dash, end = text.partition("-")
    if not dash:
        raise ValueError("not a span of time, such as 23:00-06:30")
    return _clock(start), _clock(end)


def _zone(name: str) -> str:
    try:
        if name:
            zone(name)
    except BadTime as error:
        raise ValueError(f"{error}; {error.hint}") from None
    return name


def _state(text: str) -> str:
    try:
        return parse_state(text)
    except BadIdentifier as error:
        raise ValueError(f"{error}; {error.hint}") from None


def _airport(text: str) -> str:
    try:
        return parse_airport(text)
    except BadIdentifier as error:
        raise ValueError(f"{error}; {error.hint}") from None


def _tail(text: str) -> str:
    tail = clean_registration(text)
    if not tail:
        raise ValueError("neither a registration nor an icao24 address")
    return tail


Clock = Annotated[time, BeforeValidator(lambda v: _clock(v) if isinstance(v, str) else v)]
MaybeClock = Annotated[time | None, BeforeValidator(lambda v: (_clock(v) if v.strip() else None) if isinstance(v, str) else v)]
Span = Annotated[tuple[time, time] | None, BeforeValidator(lambda v: _span(v) if isinstance(v, str) else v)]
Zone = Annotated[str, AfterValidator(_zone)]
State = Annotated[str, AfterValidator(_state)]
AirportCode = Annotated[str, AfterValidator(_airport)]
Tail = Annotated[str, AfterValidator(_tail)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """Fits an event when every list that is not empty holds it."""

    tell: Tell
    states: tuple[State, ...] = ()
    operators: tuple[str, ...] = ()
    aircraft: tuple[Tail, ...] = ()
    roles: tuple[Role, ...] = ()
    airports: tuple[AirportCode, ...] = ()
    cities: tuple[str, ...] = ()
    countries: tuple[State, ...] = ()
    places: tuple[PlaceKind, ...] = ()
    events: tuple[Event, ...] = ()
    least_kind: Literal["observed", "bracketed", "inferred"] | None = None
    least_confidence: Annotated[float, Field(ge=0, le=1)] = 0.0


class Defaults(_Strict):
    time_zone: Zone = ""
    brief: MaybeClock = time(7)
    most_a_day: Annotated[int, Field(ge=1)] = 3
    digest_at: Annotated[tuple[Clock, ...], Field(min_length=1)] = (time(12, 30), time(18, 30))
    routine_a_year: Annotated[float, Field(gt=0)] = 6.0
    rare_a_year: Annotated[float, Field(gt=0)] = 1.0
    flood: Annotated[int, Field(ge=1)] = 20


class Recipient(_Strict):
    """``to`` is an address, or the name of a channel. What is not given is the file's ``[defaults]``."""

    to: str
    time_zone: Zone = ""
    quiet: Span = None
    digest: Literal["at_once", "hourly", "daily"] = "at_once"
    delay: Annotated[float, Field(ge=0, le=7 * 1440)] = 0.0
    embargo: bool = True
    brief: MaybeClock = time(7)
    most_a_day: Annotated[int, Field(ge=1)] = 3
    digest_at: Annotated[tuple[Clock, ...], Field(min_length=1)] = (time(12, 30), time(18, 30))
    routine_a_year: Annotated[float, Field(gt=0)] = 6.0
    rare_a_year: Annotated[float, Field(gt=0)] = 1.0
    flood: Annotated[int, Field(ge=1)] = 20
    rules: tuple[Rule, ...] = ()


class ChannelSettings(_Strict):
    """``url_env`` names the environment variable that holds the Apprise address, which may hold a secret."""

    url_env: str


class AlertRules(_Strict):
    """A whole file, merged with the shipped one."""

    defaults: Defaults = Defaults()
    viewers: dict[str, str] = {}
    channels: dict[str, ChannelSettings] = {}
    recipients: tuple[Recipient, ...] = ()

    @model_validator(mode="after")
    def _reachable(self) -> AlertRules:
        seen: set[str] = set()
        for one in self.recipients:
            if one.to in seen:
                raise ValueError(f"recipients: {one.to} is there twice")
            if one.to not in self.channels and not valid_address(one.to):
                raise ValueError(f"recipients: {one.to!r} is neither an address nor one of [channels]")
            seen.add(one.to)
        for name, url in self.viewers.items():
            try:
                url.format(icao24="000000", day="2000-01-01")
            except (LookupError, ValueError):
                raise ValueError(f"viewers.{name}: only {{icao24}} and {{day}} can be filled in") from None
        return self

    def told(self, mail_to: Sequence[str]) -> tuple[Recipient, ...]:
        """Everybody: those of the file, and the addresses of ``[mail] to`` under the default rule.

        Raises:
            ConfigError: one of ``mail_to`` is not an address.
        """
        named = {one.to for one in self.recipients}
        wrong = [to for to in mail_to if not valid_address(to)]
        if wrong:
            raise ConfigError(f"[mail] to: {wrong[0]!r} is not an address", hint="such as desk@example.org")
        return (*self.recipients, *(Recipient(to=to, **self.defaults.model_dump()) for to in dict.fromkeys(mail_to) if to not in named))


def parse_rules(text: str, *, name: str, base: Mapping[str, Any] | None = None) -> AlertRules:
    """The rules of a file, over ``base`` (the shipped file's table).

    Raises:
        ConfigError: it is not TOML, or a key or value is wrong: the message names file, line and key.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {error}", hint="it must be TOML") from None
    merged = _merged(dict(base or {}), table)
    defaults = merged.get("defaults", {})
    if isinstance(merged.get("recipients"), list) and isinstance(defaults, dict):
        merged["recipients"] = [{**defaults, **one} if isinstance(one, dict) else one for one in merged["recipients"]]
    try:
        return AlertRules.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        path = [p for p in first["loc"] if not (isinstance(p, str) and p.startswith("function-"))]
        key = ".".join(str(p) for p in path)
        line = line_of(text, path or [str(first["msg"]).rpartition("recipients: ")[2].partition(" ")[0].strip("'")])
        said = str(first["msg"]).removeprefix("Value error, ")
        raise ConfigError(f"{name} line {line}: {key + ': ' if key else ''}{said}", hint=_hint(first["type"], path)) from None


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line of a TOML file on which a key (or the nth table of an array of tables) stands; 1 where it cannot be told."""
    lines = text.splitlines()
    at, table = 0, ""
    for part, after in zip(path, [*path[1:], None], strict=True):
        if isinstance(part, int):
            continue
        table = f"{table}.{part}" if table else part
        if isinstance(after, int):
            heads = [i for i, line in enumerate(lines) if i >= at and re.match(rf"\s*\[\[\s*{re.escape(table)}\s*\]\]", line)]
            at = heads[after] if after < len(heads) else _key_line(lines, at, part)
        else:
            head = [i for i, line in enumerate(lines) if i >= at and re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line)]
            at = head[0] if head else _key_line(lines, at, part)
    return at + 1


def _key_line(lines: Sequence[str], at: int, key: str) -> int:
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((i for i in range(at, len(lines)) if pattern.match(lines[i])), at)


def _hint(kind: str, path: Sequence[str | int]) -> str:
    if kind == "extra_forbidden":
        models: dict[str, type[BaseModel]] = {"defaults": Defaults, "channels": ChannelSettings}
        model = models.get(str(path[0]), Rule if "rules" in path else Recipient)
        names = list(AlertRules.model_fields if len(path) == 1 else model.model_fields)
        near = difflib.get_close_matches(str(path[-1]), names, 1)
        return f"did you mean {near[0]}?" if near else f"one of {', '.join(names)}"
    return "see config/alerts.toml for every key"


def _merged(into: dict[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in table.items():
        into[key] = _merged(dict(into.get(key) or {}), value) if isinstance(value, dict) and isinstance(into.get(key, {}), dict) else value
    return into

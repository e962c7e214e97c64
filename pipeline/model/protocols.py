"""The seams of the house: what a clock, a source, a channel must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from pipeline.model.entities import Capture, OutboxItem, Problem
from pipeline.model.extraction import Extraction, Published

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class Clock(Protocol):
    """Tells the time; the only place a pass gets it from."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceManifest:
    """What a provider is and allows. Help, configuration and docs are made from it.

    ``requests_per_day`` 0: no limit of ours; ``local``: it hears one neighbourhood only, so that an aircraft it does not
    hear may be anywhere; ``shares_feeders_with``: networks that many of the same receivers feed.
    """

    name: str
    title: str
    home: str
    terms: str
    commercial_use: Literal["yes", "no", "ask"]
    attribution: str
    licence: str = ""
    requests_per_second: float = 1.0
    requests_per_day: int = 0
    batch_size: int = 1000
    history: str = ""
    key: str = "none needed"
    local: bool = False
    shares_feeders_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """What a pass wants to know: the whole watch list, never one aircraft of interest.

    ``areas`` are (latitude, longitude, radius in NM); ``military``: all aircraft flagged so, where a provider can tell;
    ``callsigns``: flights whose callsigns begin so and go on with a number, wherever they are, where a provider can tell.
    """

    icao24s: tuple[str, ...]
    now: datetime
    since: datetime | None = None
    areas: tuple[tuple[float, float, float], ...] = ()
    military: bool = False
    callsigns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One request to a provider, planned before anything is sent. ``path`` is set instead of ``url`` for a local file."""

    url: str
    purpose: str
    headers: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """The bytes of an answer and the record of them."""

    capture: Capture
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Positions (schema ``frames.POSITIONS``) in an answer and what could not be used of it."""

    positions: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    aircraft_heard: int = 0


@runtime_checkable
class Source(Protocol):
    """plan (pure) → fetch (network or file) → parse (pure: bytes → frame)."""

    @property
    def manifest(self) -> SourceManifest: ...

    def plan(self, request: WatchRequest) -> Sequence[Query]: ...

    def fetch(self, query: Query) -> Sequence[RawAnswer]:
        """Raises:
        SourceError: nothing usable came; the reason is in the message.
        """
        ...

    def parse(self, answer: RawAnswer) -> Parsed:
        """Raises:
        BadAnswer: the bytes are not what the provider promises.
        """
        ...


class History(Protocol):
    """What a provider still knows of the time in which nobody listened: plan keys → fetch → parse, a few keys at a time.

    ``reach``: how far back it goes.
    """

    @property
    def manifest(self) -> SourceManifest: ...

    @property
    def reach(self) -> timedelta: ...

    def keys(self, start: datetime, end: datetime, *, aloft: Sequence[str], watched: Sequence[str]) -> tuple[str, ...]:
        """What to ask for, the likeliest first; short texts that outlive a process.

        Args:
            aloft: aircraft that were in the air when the listening stopped, or are now that it goes on.
            watched: the whole list.
        """
        ...

    def fetch(self, key: str, start: datetime, end: datetime) -> Sequence[RawAnswer]:
        """Nothing where the provider knows nothing of it.

        Raises:
            SourceError: nothing usable came.
        """
        ...

    def parse(self, answer: RawAnswer) -> Parsed:
        """Raises:
        BadAnswer: the bytes are not what the provider promises.
        """
        ...


@runtime_checkable
class Historic(Protocol):
    """A source that may have a ``History``."""

    def history(self) -> History | None: ...


@runtime_checkable
class Metered(Protocol):
    """A source whose provider says what it still grants."""

    def credits(self) -> Mapping[str, int]:
        """What is left of the day in each of the provider's buckets, as it last said; empty before the first answer."""
        ...


@runtime_checkable
class Extractor(Protocol):
    """Reads a text. Whoever it is, what it gives has the same shape and was validated."""

    @property
    def name(self) -> str:
        """Who gave an answer: kept with it."""
        ...

    def extract(self, text: str, *, published: Published, language: str = "") -> Extraction:
        """Raises:
        SourceError: it is somebody else's, who gave nothing usable.
        """
        ...


@runtime_checkable
class Channel(Protocol):
    """Hands one message over."""

    @property
    def name(self) -> str: ...

    def send(self, item: OutboxItem) -> str:
        """Hand it over and return what the other side said (a queue id, a file name).

        Raises:
            DeliveryDeferred: try again later.
            DeliveryRefused: never as it is.
        """
        ...

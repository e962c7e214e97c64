"""What crosses rooms one at a time: frozen, slotted, keyword-only. Many at a time cross as frames (``model.frames``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from pipeline.model.origin import Origin

Use = Literal["operated", "used_by_state"]
PlacePrecision = Literal["venue", "city", "metro", "country"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runway:
    """One end of a runway, as landed on.

    ``lat``/``lon`` is the landing threshold (displacement applied), NaN where unknown; ``heading_deg`` is true,
    ``heading_sigma_deg`` its uncertainty (0.2 from thresholds, 10 from the runway's number).
    """

    airport: str
    name: str
    lat: float
    lon: float
    heading_deg: float
    heading_sigma_deg: float
    elevation_ft: float
    length_ft: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Airport:
    """``kind`` is large, medium, small, heliport, seaplane or closed; ``elevation_ft`` is NaN where unknown."""

    code: str
    name: str
    kind: str
    lat: float
    lon: float
    elevation_ft: float
    country: str
    municipality: str
    tz: str
    iata: str = ""
    undulation_ft: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """An airfield that serves a place, from and to a day (None: always)."""

    airport: str
    from_day: date | None = None
    to_day: date | None = None
    military: bool = False
    gateway: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A capital, seat of government or other place where meetings happen. ``city`` is its English GeoNames name."""

    city: str
    country: str
    lat: float
    lon: float
    tz: str
    kind: str
    curated: bool
    airfields: tuple[Serving, ...] = ()
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedAircraft:
    """One dated row of a watch list. Empty dates mean unknown, and alerts say so."""

    icao24: str
    registration: str
    type_code: str
    type: str
    operator: str
    state: str
    role: str
    use: Use = "operated"
    valid_from: date | None = None
    valid_to: date | None = None
    home_airport: str = ""
    source: str = ""
    source_date: date | None = None
    confidence: str = ""
    contested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Raw bytes that were fetched or read. ``outcome`` is ok, empty, or a short reason (html, truncated, 429, …).

    ``locator`` names the record inside a replayed file; ``url`` never holds a credential.
    """

    capture_id: str
    sha256: str
    provider: str
    url: str
    fetched_at: datetime
    outcome: str
    origin: Origin
    size: int
    locator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A recorded reason why something was not used."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some stays: those that everything given here holds for (``""`` and None: anything). Touchdowns from ``since`` to ``until``;
    without those of a state's own aircraft in these of its cities, ``but_home``: where they are based nobody visits. ``from_airports``:
    they came from one of these."""

    icao24: str = ""
    airport: str = ""
    state: str = ""
    city: str = ""
    country: str = ""
    since: datetime | None = None
    until: datetime | None = None
    but_home: tuple[str, ...] = ()
    from_airports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    name: str
    title: str = ""
    state: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One reported event. ``start``/``end`` is the UTC interval in which it may have taken place.

    ``date_precision`` is minute, day, days, week, month or unknown; ``precision`` is how well the place is known.
    """

    meeting_id: str
    title: str
    city: str
    country: str
    start: datetime
    end: datetime
    participants: tuple[Participant, ...]
    sources: tuple[str, ...]
    precision: PlacePrecision = "city"
    date_from: date | None = None
    date_to: date | None = None
    date_precision: str = "day"
    published: datetime | None = None
    status: str = "reported"
    kind: str = "meeting"
    note: str = ""
    origin: Origin = Origin.RECORDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One document that was read. ``source`` is its address (or a label), ``provider`` what it was read from, ``answer`` the JSON
    of ``tarmac extract``, ``extractor`` who gave it. A document that changed under its address is a report of its own.
    """

    report_id: str
    source: str
    provider: str
    title: str
    language: str
    published: datetime | None
    read_at: datetime
    extractor: str
    is_meeting: bool
    answer: Mapping[str, Any]
    text: str = ""
    origin: Origin = Origin.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one report says of one meeting, before it was merged with what others say."""

    report: Report
    meeting_id: str
    record: Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A named level worth ``bits`` = log2(m/u); ``said`` is the sentence people read."""

    name: str
    level: str
    bits: float
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A stay and a meeting, and how far the evidence goes. ``prior_bits`` + Σ bits = log2 odds of ``posterior``."""

    match_id: str
    stay_id: str
    meeting_id: str
    prior_bits: float
    posterior: float
    evidence: tuple[Evidence, ...]
    precedents: tuple[str, ...] = ()
    innocent: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    chance: str = ""
    p_value: float | None = None
    p_model: float | None = None
    calibration_id: str = ""
    group: str = ""
    origin: Origin = Origin.RECORDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Something to look at: kind ``visit`` (no meeting found) or ``company`` (several states' aircraft together)."""

    lead_id: str
    kind: Literal["visit", "company"]
    stay_ids: tuple[str, ...]
    airport: str
    city: str
    country: str
    states: tuple[str, ...]
    start: datetime
    end: datetime | None
    score: float
    evidence: tuple[Evidence, ...] = ()
    expected: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    said: str = ""
    origin: Origin = Origin.RECORDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change to a kept row: what, why, by which version, from which captures."""

    subject_id: str
    number: int
    at: datetime
    change: str
    reason: str
    version: str
    capture_ids: tuple[str, ...]
    row: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """A message to be delivered: written in the transaction of the event that it announces.

    ``event`` is landing, match, left, correction, withdrawal, inbound, outcome, company, digest, brief, provider_down
    or test; ``key`` makes it idempotent (one item per key and recipient); ``thread`` groups an operation's messages;
    ``subject``, ``text`` and ``html`` are what is sent, as rendered at the event; ``images`` are (content id, PNG
    bytes) of ``html``. ``due`` is when it was meant to go out (None: when it was made); ``fold``: it may go into a
    digest with others, and ``folded_into`` is that digest. ``dropped`` items were overtaken before they were sent.
    """

    alert_id: str
    key: str
    event: str
    subject_id: str
    recipient: str
    thread: str
    created_at: datetime
    subject: str
    text: str
    html: str
    origin: Origin
    images: tuple[tuple[str, bytes], ...] = ()
    lifecycle: Literal["pending", "sent", "failed", "dead", "folded", "dropped"] = "pending"
    attempts: int = 0
    due: datetime | None = None
    fold: bool = False
    folded_into: str = ""
    not_before: datetime | None = None
    last_error: str = ""
    sent_at: datetime | None = None
    sent_via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """No alert about an aircraft (registration or icao24) or a place (airport code or city), for ever or until a time."""

    kind: Literal["aircraft", "place"]
    value: str
    at: datetime
    until: datetime | None = None
    note: str = ""
    by: str = ""

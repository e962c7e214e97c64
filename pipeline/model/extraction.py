"""What was read out of a text, and its JSON (the contract of ``tarmac extract``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.model.entities import Participant
from pipeline.model.time import to_iso


@dataclass(frozen=True, slots=True)
class Published:
    """The civil day of publication at the place; ``day`` is None when unknown; ``month`` is (year, month) when only that is known."""

    day: date | None = None
    month: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The words of the text that gave a field; ``start`` and ``end`` are offsets in it."""

    field: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMeeting:
    """One meeting, visit or summit that a text tells of.

    ``city`` is an English GeoNames name ('' when only the country is said); days are civil days at the place, None when
    the text leaves them open; ``start``/``end`` is the UTC interval of those days.
    """

    kind: str
    status: str
    city: str
    country: str
    date_from: date | None
    date_to: date | None
    date_precision: str
    start: datetime | None
    end: datetime | None
    participants: tuple[Participant, ...]
    confidence: float
    background: bool = False
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """What a text tells of that is no meeting: call, anniversary, sport, commentary, exchange, rotation, accident or other."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightClaim:
    """A movement that a text states: ``event`` is landing or takeoff.

    ``time_utc`` is None when no clock time is said, or no day; ``clock_utc`` is the time of day in UTC where it can be
    said without the day. ``zone`` is the IANA name by which the clock was read, ``zone_from`` how it was chosen: said or place.
    """

    registration: str
    callsign: str
    type_name: str
    icao24: str
    airport: str
    city: str
    country: str
    event: str
    time_utc: datetime | None
    clock_utc: str
    time_text: str
    zone: str
    zone_from: str
    about: bool
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything read out of one text. ``extractor`` is who read it when it was not our rules."""

    language: str
    meetings: tuple[ReadMeeting, ...]
    rejected: tuple[Rejected, ...]
    flight_claims: tuple[FlightClaim, ...]
    truncated: bool = False
    extractor: str = ""

    @property
    def is_meeting(self) -> bool:
        """True when an in-person meeting is announced or reported (not when it was cancelled, postponed or denied)."""
        return any(m.status in ("announced", "reported") for m in self.meetings)

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the contract."""
        return {
            "is_meeting": self.is_meeting,
            "meetings": [_meeting(m) for m in self.meetings],
            "rejected": [{"kind": r.kind, "reason": r.reason} for r in self.rejected],
            "flight_claims": [_claim(c) for c in self.flight_claims],
            "language": self.language,
            **({"truncated": True} if self.truncated else {}),
            **({"extractor": self.extractor} if self.extractor else {}),
        }


def _meeting(m: ReadMeeting) -> dict[str, Any]:
    return {
        "kind": m.kind,
        "status": m.status,
        "city": m.city,
        "country": m.country,
        "date_from": m.date_from.isoformat() if m.date_from else None,
        "date_to": m.date_to.isoformat() if m.date_to else None,
        "date_precision": m.date_precision,
        "start": to_iso(m.start) if m.start else None,
        "end": to_iso(m.end) if m.end else None,
        "participants": [{"name": p.name, "title": p.title, "state": p.state, "agency": p.agency} for p in m.participants],
        "confidence": m.confidence,
        "background": m.background,
        "evidence": [_span(e) for e in m.evidence],
    }


def _claim(c: FlightClaim) -> dict[str, Any]:
    return {
        "registration": c.registration,
        "callsign": c.callsign,
        "type": c.type_name,
        "icao24": c.icao24,
        "airport": c.airport,
        "city": c.city,
        "country": c.country,
        "event": c.event,
        "time_utc": to_iso(c.time_utc) if c.time_utc else None,
        "clock_utc": c.clock_utc or None,
        "time_text": c.time_text,
        "zone": c.zone,
        "zone_from": c.zone_from,
        "about": c.about,
        "evidence": [_span(e) for e in c.evidence],
    }


def _span(e: Span) -> dict[str, Any]:
    return {"field": e.field, "text": e.text, "start": e.start, "end": e.end}

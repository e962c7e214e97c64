"""What a message is made of: plain facts, computed by the jobs from the store, the watch list and the places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.model.origin import Origin

#: Nothing was read, so nothing can be missing.
NO_REPORTS: Final = "no source of reports was read"


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftFacts:
    """Who an aircraft is, and who says so. ``contested``: the identity is disputed and stays out of subjects."""

    icao24: str
    registration: str
    type: str
    operator: str
    state: str
    adjective: str
    role: str
    source: str
    contested: bool
    dates_known: bool

    @property
    def label(self) -> str:
        """``Russian state aircraft RA-64057``; without a state where that is disputed."""
        tail = self.registration or self.icao24
        return f"Watched aircraft {tail}" if self.contested or not self.adjective else f"{self.adjective} state aircraft {tail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingFacts:
    """One landing of a watched aircraft. Heights are feet above the field, distances nautical miles."""

    landing_id: str
    aircraft: AircraftFacts
    airport: str
    airport_name: str
    city: str
    country: str
    tz: str
    touchdown: datetime
    earliest: datetime
    latest: datetime
    kind: str
    confidence: float
    runway: str
    from_airport: str
    from_name: str
    last_height_ft: float
    last_distance_nm: float
    reason: str
    networks: tuple[str, ...]
    origin: Origin
    fits: tuple[str, ...] = ()
    also_here: tuple[str, ...] = ()
    reports_read: str = NO_REPORTS
    rarity: str = "history too short: rarity unknown"
    precedents: tuple[str, ...] = ()
    innocent: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    next_message: str = "when a reported meeting fits, when this landing is corrected or withdrawn; otherwise in the brief"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFacts:
    """A reported meeting that a stay is consistent with. ``sentence`` and ``waterfall`` are the explanation's."""

    match_id: str
    landing: LandingFacts
    title: str
    when: str
    where: str
    status: str
    sources: tuple[str, ...]
    posterior: float
    sentence: str
    chance: str
    waterfall: tuple[tuple[str, str, float], ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalFacts:
    """A landing that was announced and no longer holds."""

    landing: LandingFacts
    said: str
    said_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefFacts:
    """The morning page; every item is one line."""

    as_of: datetime
    origin: Origin
    state_lines: tuple[str, ...]
    to_look_at: tuple[str, ...]
    changed: tuple[str, ...]
    in_the_air: tuple[str, ...]
    out_of_sight: tuple[str, ...]
    routine_hidden: int
    attribution: tuple[str, ...] = ()

"""What a message is made of: plain facts, computed by the jobs from the store, the watch list and the places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

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
class Link:
    """Somewhere to look further; only http and https addresses are shown."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingFacts:
    """One landing of a watched aircraft. Heights are feet above the field, distances nautical miles.

    ``stops`` are the fields before ``from_airport``, the latest first; ``together`` are other aircraft of its state that
    came to the same metropolitan area within 24 hours; ``a_year`` is how often its state comes, None: unknown;
    ``in_digest``: it will be read among others, without pictures; ``witnesses``: the networks, and which of them are one witness.
    """

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
    stops: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    coverage: str = "not measured"
    links: tuple[Link, ...] = ()
    a_year: float | None = None
    place_kind: str = ""
    learned: datetime | None = None
    in_digest: bool = False
    witnesses: str = ""
    why_you: str = ""
    next_message: str = "when a reported meeting fits, when it leaves, when this is corrected or withdrawn; otherwise in the next brief"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFacts:
    """A reported meeting that a stay is consistent with. ``chance`` and ``waterfall`` (name, what is said, bits) are the explanation's."""

    match_id: str
    landing: LandingFacts
    title: str
    when: str
    where: str
    status: str
    sources: tuple[str, ...]
    posterior: float
    chance: str
    waterfall: tuple[tuple[str, str, float], ...]
    missing: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    innocent: tuple[str, ...] = ()
    precedents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalFacts:
    """A landing that was announced and no longer holds: what was said, to whom, when, and why it was wrong."""

    landing: LandingFacts
    said: str
    said_at: datetime
    why: str
    to: tuple[str, ...] = ()
    duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFacts:
    """A landing that was announced and is now known better: ``landing`` is how it stands, ``said`` what was sent."""

    landing: LandingFacts
    what: Literal["confirmed", "moved", "retimed"]
    said: str
    said_at: datetime
    why: str
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftFacts:
    """An aircraft whose landing was announced has left. ``kind`` is the take-off's: observed, inferred, ``""`` not known;
    ``within_s`` is how far it may have been earlier or later."""

    landing: LandingFacts
    take_off: datetime
    hours: float
    to_name: str = ""
    kind: str = ""
    within_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFacts:
    """A watched aircraft in the air. ``places`` are where it may be heading, each with its words and
    time; ``eta`` is the local clock of the first of them."""

    subject_id: str
    aircraft: AircraftFacts
    heading: str
    seen: str
    places: tuple[str, ...]
    from_name: str
    origin: Origin
    closes: str
    eta: str = ""
    links: tuple[Link, ...] = ()
    attribution: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFacts:
    """How an inbound flight ended: landed somewhere, turned back, or nobody knows."""

    inbound: InboundFacts
    outcome: Literal["landed", "turned_back", "unknown"]
    what: str
    said: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFacts:
    """Aircraft of several states in one place at the same time. ``aircraft`` has one line each; ``since`` is the local clock
    of the last arrival among them; ``chance`` says how often the search finds such a group where there is none."""

    lead_id: str
    city: str
    states: tuple[str, ...]
    since: str
    aircraft: tuple[str, ...]
    evidence: tuple[str, ...]
    chance: str
    reports_read: str
    coverage: str
    origin: Origin
    innocent: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    attribution: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """A visit for which no report was found a day after it began. ``evidence`` is what makes it stand out, in words."""

    lead_id: str
    landing: LandingFacts
    hours: float
    stayed: str
    evidence: tuple[str, ...]
    chance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """An aircraft on no list that looks like a state's; ``why`` has one reason a line."""

    icao24: str
    callsign: str
    registration: str
    type_code: str
    city: str
    seen: str
    why: tuple[str, ...]
    provider: str
    origin: Origin
    links: tuple[Link, ...] = ()
    attribution: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """One message that a digest stands for."""

    alert_id: str
    subject: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceFacts:
    """Nothing could be polled or sent for hours, or it works again. ``lines`` are one a source or server."""

    what: Literal["polled", "sent"]
    since: datetime | None
    now: datetime
    back: bool
    lines: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefFacts:
    """The morning page; every item is one line. ``still_open`` are older visits nobody has reviewed or muted, with their age;
    ``failing`` is a short word for the subject on what does not work."""

    as_of: datetime
    origin: Origin
    state_lines: tuple[str, ...]
    to_look_at: tuple[str, ...]
    changed: tuple[str, ...]
    in_the_air: tuple[str, ...]
    out_of_sight: tuple[str, ...]
    hidden: tuple[str, ...]
    still_open: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    failing: str = ""
    attribution: tuple[str, ...] = ()

"""What a run of the correlation gives, and its JSON form (the contract of ``tarmac correlate``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pipeline.model.entities import Evidence, Lead, Match
from pipeline.model.time import to_iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """What was done to find out what chance alone gives; a number that was not computed is None and ``reason`` says why."""

    shifts: int = 0
    rotations: int = 0
    seed: int | None = None
    eras: tuple[tuple[str, str], ...] = ()
    excess: float | None = None
    excess_low: float | None = None
    excess_high: float | None = None
    p_world: float | None = None
    p_world_leads: float | None = None
    p_deciles: tuple[int, ...] = ()
    coverage: str = ""
    calendar: str = ""
    prior: str = ""
    reason: str = ""
    calibration_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Matches (the most probable first), leads (the highest score first), and what is known about chance.

    ``scored`` are the stays of which these are all matches.
    """

    matches: tuple[Match, ...]
    leads: tuple[Lead, ...]
    null: Null
    scored: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """``{"matches": [...], "leads": [...], "null": {...}}`` as ``tarmac correlate --json`` prints it."""
        return {
            "matches": [_match(m) for m in self.matches],
            "leads": [_lead(lead) for lead in self.leads],
            "null": asdict(self.null),
        }


def _match(match: Match) -> dict[str, object]:
    return {
        "match_id": match.match_id,
        "stay_ids": [match.stay_id],
        "group": match.group,
        "meeting_id": match.meeting_id,
        "posterior": match.posterior,
        "prior_bits": match.prior_bits,
        "p_value": match.p_value,
        "p_model": match.p_model,
        "evidence": _evidence(match.evidence),
        "origin": str(match.origin),
    }


def _lead(lead: Lead) -> dict[str, object]:
    return {
        "lead_id": lead.lead_id,
        "kind": lead.kind,
        "stay_ids": list(lead.stay_ids),
        "airport": lead.airport,
        "city": lead.city,
        "country": lead.country,
        "states": list(lead.states),
        "start": to_iso(lead.start),
        "end": to_iso(lead.end) if lead.end else None,
        "score": lead.score,
        "expected": lead.expected,
        "p_value": lead.p_value,
        "q_value": lead.q_value,
        "said": lead.said,
        "evidence": _evidence(lead.evidence),
        "origin": str(lead.origin),
    }


def _evidence(rows: Sequence[Evidence]) -> list[dict[str, object]]:
    return [{"name": e.name, "level": e.level, "bits": round(e.bits, 4)} for e in rows]

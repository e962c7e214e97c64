"""``tarmac explain``: a match's waterfall, or a landing's reason and history."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.alerts.wording import RECONSTRUCTION_LINE
from pipeline.correlate.explain import explain
from pipeline.correlate.leads import NO_REPORT
from pipeline.jobs.sources_read import say_sources
from pipeline.jobs.witnesses import say_networks
from pipeline.jobs.world import World
from pipeline.meetings.build import meetings_frame
from pipeline.model.entities import Match, Revision
from pipeline.model.errors import NotFound
from pipeline.model.frames import records
from pipeline.model.ids import IdKind
from pipeline.model.time import say_both, to_iso
from pipeline.store.session import Session
from pipeline.store.store import Store


def explained(store: Store, world: World, prefix: str) -> str:
    """Text for people.

    Raises:
        NotFound: no such match, lead, landing or stay.
    """
    with store.read() as session:
        kind, subject_id = _subject(session, prefix)
        if kind is IdKind.MATCH:
            match = session.matches.get(subject_id)
            stay = records(session.stays.get(match.stay_id))[0]
            text = explain(match, stay=stay, meeting=session.meetings.get(match.meeting_id), airports=world.airports).as_text()
            return text + _reviews(session, subject_id)
        if kind is IdKind.LEAD:
            return _lead(session, world, subject_id) + _reviews(session, subject_id)
        return _landing(session, world, subject_id)


def explained_as_dict(store: Store, world: World, prefix: str) -> dict[str, Any]:
    """The same for programs: ``kind`` (match, lead or landing), that itself, what it is of, ``history`` and ``reviews``.

    Raises:
        NotFound: as ``explained``.
    """
    with store.read() as session:
        kind, subject_id = _subject(session, prefix)
        found: dict[str, Any]
        if kind is IdKind.MATCH:
            match = session.matches.get(subject_id)
            stay, meeting = records(session.stays.get(match.stay_id))[0], session.meetings.get(match.meeting_id)
            said = explain(match, stay=stay, meeting=meeting, airports=world.airports)
            found = {
                "kind": "match",
                "sentence": said.sentence,
                "match": asdict(match),
                "waterfall": [asdict(row) for row in said.waterfall],
                "stay": stay,
                "meeting": records(meetings_frame([meeting]))[0],
                "origin": str(said.origin),
            }
        elif kind is IdKind.LEAD:
            lead = session.leads.get(subject_id)
            stays = [records(session.stays.get(stay_id))[0] for stay_id in lead.stay_ids]
            found = {"kind": "lead", "sentence": lead.said, "lead": asdict(lead), "stays": stays, "origin": str(lead.origin)}
            found["sources"] = say_sources(session.runs.sources("reports")) if NO_REPORT in lead.said else None
        else:
            row = records(session.landings.get(subject_id))[0]
            matches = [asdict(match) for match in _matches_of(session, subject_id)]
            found = {"kind": "landing", "sentence": row["reason"], "landing": row, "matches": matches, "origin": row["origin"]}
        history = [
            {"number": r.number, "at": r.at, "change": r.change, "reason": r.reason, "version": r.version, "capture_ids": r.capture_ids}
            for r in session.revisions.of(subject_id)
        ]
        return {**found, "history": history, "reviews": [asdict(review) for review in session.reviews.of(subject_id)]}


def _subject(session: Session, prefix: str) -> tuple[IdKind, str]:
    """A match, a lead or a landing; of a stay the landing that it began with."""
    kind, subject_id = session.resolve(prefix)
    if kind is IdKind.STAY:
        return IdKind.LANDING, records(session.stays.get(subject_id))[0]["landing_id"]
    if kind not in (IdKind.MATCH, IdKind.LEAD, IdKind.LANDING):
        raise NotFound(f"{subject_id} is neither a match, a lead, a stay nor a landing", hint="tarmac status lists what there is")
    return kind, subject_id


def _matches_of(session: Session, landing_id: str) -> tuple[Match, ...]:
    """The matches of the stay that a landing began."""
    return session.matches.current(stay_ids=[stay["stay_id"] for stay in session.stays.of_landing(landing_id)])


def _lead(session: Session, world: World, lead_id: str) -> str:
    lead = session.leads.get(lead_id)
    lines = [RECONSTRUCTION_LINE] if lead.origin == "reconstructed" else []
    lines += [f"{lead.said}.", "", f"What it is made of ({'bits' if lead.kind == 'company' else 'points of a ranking, not probabilities'})"]
    lines += [f"  {e.name:<16} {e.level:<16} {e.bits:+6.2f}  {e.said}" for e in lead.evidence]
    lines += [f"  score {lead.score:.1f}", ""]
    if lead.q_value is not None and lead.p_value is not None:
        lines.append(
            f"Chance: {lead.expected:.2f} groups as surprising in a world without any; q {lead.q_value:.2f}, p {lead.p_value:.4f}."
        )
    elif lead.expected is not None:
        lines.append(f"Chance: the whole watch list makes {lead.expected:.1f} visits as rare as this in a month. Ranked, not tested.")
    else:
        lines.append("Chance: not known, the history is too short.")
    if NO_REPORT in lead.said:
        lines += ["", f"Sources of reports: {say_sources(session.runs.sources('reports'))}."]
    lines += ["", "Stays"]
    for stay_id in lead.stay_ids:
        row = records(session.stays.get(stay_id))[0]
        airport = world.airports.get(row["airport"])
        left = f", left {say_both(row['take_off'], airport.tz)}" if row["take_off"] is not None else ", not seen leaving"
        lines.append(
            f"  {stay_id} {row['registration'] or row['icao24']} at {airport.code}: {say_both(row['touchdown'], airport.tz)}{left}"
        )
    lines += ["", "History", *(_revision(r) for r in session.revisions.of(lead_id))]
    return "\n".join(lines) + "\n"


def _landing(session: Session, world: World, landing_id: str) -> str:
    row = records(session.landings.get(landing_id))[0]
    airport = world.airports.get(row["airport"])
    lines = [RECONSTRUCTION_LINE] if row["origin"] == "reconstructed" else []
    lines += [
        f"{row['registration'] or row['icao24']} at {airport.name} ({airport.code})",
        f"{say_both(row['touchdown'], airport.tz)}: {row['kind']}",
        f"Confidence {row['confidence']:.2f}: {row['reason']}.",
        f"Between {to_iso(row['touchdown_earliest'])} and {to_iso(row['touchdown_latest'])}; from {row['from_airport'] or 'not seen'}.",
        f"Other fields near: {row['runner_up'] or 'none'}. Seen by: {say_networks(row['networks'])}.",
        "",
        "History",
    ]
    lines += [_revision(r) for r in session.revisions.of(landing_id)]
    found = _matches_of(session, landing_id)
    lines += ["", "Matches", *(f"  {m.match_id} posterior {m.posterior:.2f}" for m in found)] if found else ["", "No match."]
    return "\n".join(lines) + "\n" + _reviews(session, landing_id)


def _revision(r: Revision) -> str:
    return f"  {r.number} {to_iso(r.at)} {r.change}: {r.reason} ({r.version}, {len(r.capture_ids)} captures)"


def _reviews(session: Session, subject_id: str) -> str:
    said = session.reviews.of(subject_id)
    return "".join(f"Reviewed {to_iso(r.at)}: {r.verdict}{'. ' + r.note if r.note else ''}\n" for r in said)

"""What reports state of flights, held against the landings and departures that were tracked; aircraft they name that nobody watches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pipeline.jobs.world import World
from pipeline.meetings.claim_check import Compared, Tracked, compare
from pipeline.meetings.extract.aircraft import STATE_OF_MARK
from pipeline.model.entities import Report
from pipeline.model.extraction import FlightClaim
from pipeline.model.frames import records
from pipeline.model.registrations import russian_icao24, us_icao24
from pipeline.store.session import Session

#: A printed time may be off by a zone; what was tracked is looked for this far around it.
AROUND: Final = timedelta(hours=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClaim:
    """``proposal`` is why the aircraft belongs on a watch list, '' when it is on one, is unknown or is no state's."""

    report: Report
    claim: FlightClaim
    compared: Compared
    proposal: str


def claim_from(told: dict[str, Any]) -> FlightClaim:
    """A claim as an answer's JSON has it."""
    time_utc = datetime.fromisoformat(told["time_utc"]) if told["time_utc"] else None
    plain = {
        k: told[k] for k in ("registration", "callsign", "icao24", "airport", "city", "country", "event", "time_text", "zone", "zone_from")
    }
    return FlightClaim(**plain, type_name=told["type"], clock_utc=told["clock_utc"] or "", about=bool(told["about"]), time_utc=time_utc)


def hold_claims(session: Session, world: World, reports: Iterable[Report]) -> list[HeldClaim]:
    """Every flight claim of these reports, in their order, with what the tracks say of it."""
    out = []
    for report in reports:
        for told in report.answer.get("flight_claims", ()):
            claim = claim_from(told)
            compared = compare(claim, _tracked(session, claim))
            out.append(HeldClaim(report=report, claim=claim, compared=compared, proposal=_proposal(world, claim)))
    return out


def _tracked(session: Session, claim: FlightClaim) -> Sequence[Tracked]:
    if claim.time_utc is None:
        return ()
    since, until = claim.time_utc - AROUND, claim.time_utc + AROUND
    fields = [claim.airport] if claim.airport else None
    if claim.event == "landing":
        rows = records(session.landings.current(since=since, until=until, airports=fields))
        return [
            Tracked(
                event_id=r["landing_id"], icao24=r["icao24"], registration=r["registration"], airport=r["airport"], event="landing",
                earliest=r["touchdown_earliest"], latest=r["touchdown_latest"],
            )
            for r in rows
            if r["kind"] != "open_approach"
        ]  # fmt: skip
    stays = records(session.stays.current(since=since - timedelta(days=30)))
    return [
        Tracked(
            event_id=r["stay_id"], icao24=r["icao24"], registration=r["registration"], airport=r["airport"], event="takeoff",
            earliest=r["take_off"], latest=r["take_off"],
        )
        for r in stays
        if r["take_off"] is not None and since <= r["take_off"] <= until and (not fields or r["airport"] in fields)
    ]  # fmt: skip


def _proposal(world: World, claim: FlightClaim) -> str:
    address = claim.icao24 or russian_icao24(claim.registration) or us_icao24(claim.registration) or ""
    watched = {a.icao24 for a in world.watchlist.aircraft} | {a.registration for a in world.watchlist.aircraft if a.registration}
    if not claim.registration or claim.registration in watched or address in watched:
        return ""
    state = STATE_OF_MARK.get(claim.registration.partition("-")[0], "")
    if not state:
        return ""
    where = f"; its address would be {address}" if address else ""
    return f"{claim.registration} ({state}) is on no watch list{where}: is it operated by a state? tarmac watchlist import"

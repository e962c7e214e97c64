"""The one-page report of a played case, and its JSON, from what the case's store holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.alerts.wording import NOT_ABOARD, RECONSTRUCTION_LINE
from pipeline.correlate.explain import explain
from pipeline.export.maps import MapImage, route_map
from pipeline.export.report import LandingRow, MatchBlock, ReportContext, render_report
from pipeline.jobs.announce import Announcer
from pipeline.jobs.demo import DemoFolder
from pipeline.jobs.world import World
from pipeline.model.cases import Case, Claim
from pipeline.model.frames import records
from pipeline.model.origin import Origin
from pipeline.model.time import say_both
from pipeline.places.geo import distance_nm
from pipeline.store.session import Session
from pipeline.store.store import Store

_NOT_KNOWN = (
    f"{NOT_ABOARD} A landing is derived from transmissions; a meeting is what was reported.",
    "Whether other aircraft landed that no receiver heard: coverage at the field was not measured.",
    "How unusual the visit is: the history in this store is too short.",
)


def write_report(case: Case, folder: DemoFolder, world: World) -> Path:
    """Writes ``report.html`` (``reconstruction-report.html`` where positions are invented) and returns its path."""
    with Store.open(folder.url, data_dir=folder.root, readonly=True) as store, store.read() as session:
        context, sketches = _context(case, session, world)
    html = render_report(replace(context, maps=tuple(draw() for draw in sketches)))
    name = "reconstruction-report.html" if case.origin is Origin.RECONSTRUCTED else "report.html"
    path = folder.root / name
    path.write_text(html, encoding="utf-8")
    return path


def case_json(store: Store) -> dict[str, list[dict[str, Any]]]:
    """``landings``, ``stays``, ``matches``, ``leads``, ``alerts``."""
    with store.read() as session:
        alerts = [
            {k: v for k, v in asdict(i).items() if k not in ("html", "images", "text")} | {"origin": i.origin.value}
            for i in session.outbox.list()
        ]
        return {
            "landings": records(session.landings.current()),
            "stays": records(session.stays.current()),
            "matches": [asdict(m) for m in session.matches.current()],
            "leads": [asdict(one) for one in session.leads.current()],
            "alerts": alerts,
        }


def _context(case: Case, session: Session, world: World) -> tuple[ReportContext, list[Callable[[], MapImage]]]:
    """Everything but the maps, and what draws these when nothing more is read."""
    days = session.positions.days()
    reporter = Announcer(session, world, days[1] if days else case.claims[0].end)
    landings = records(session.landings.current(kinds=("observed", "inferred", "bracketed")))
    facts = [f for f in (reporter.landing_facts(row) for row in landings) if f is not None]
    maps: list[Callable[[], MapImage]] = []
    for one in facts:
        maps.append(reporter.sketch(one).draw)
        if one.from_airport:
            track = session.positions.window([one.aircraft.icao24], one.touchdown - timedelta(hours=20), one.latest)
            fields = (world.airports.get(one.from_airport), world.airports.get(one.airport))
            label = f"{one.aircraft.label}: {one.from_airport} to {one.airport}"
            said = "; ".join(one.networks)
            maps.append(partial(route_map, track, label=label, fields=fields, origin=one.origin, attribution=said))
    context = ReportContext(
        title=case.title,
        banner=RECONSTRUCTION_LINE if case.origin is Origin.RECONSTRUCTED else "",
        real=case.real,
        reported=case.reported,
        invented=case.invented,
        landings=tuple(
            LandingRow(
                who=f.aircraft.label + (" (identity disputed)" if f.aircraft.contested else ""),
                where=f"{f.airport_name} ({f.airport})",
                when=say_both(f.touchdown, f.tz),
                came_from=f.from_airport or "not seen",
                how=f"{f.kind}: {f.reason}",
                confidence=f"{f.confidence:.2f}",
            )
            for f in facts
        ),
        maps=(),
        matches=tuple(_match(session, world, m.match_id) for m in session.matches.current() if m.posterior >= 0.5),
        claims=tuple((c.said, _held(c, session, world)) for c in case.claims),
        not_known=_NOT_KNOWN,
        mails=tuple((i.subject, i.event) for i in session.outbox.list()),
        sources=case.sources,
        attribution=world.attribution,
    )
    return context, maps


def _match(session: Session, world: World, match_id: str) -> MatchBlock:
    match = session.matches.get(match_id)
    stay = records(session.stays.get(match.stay_id))[0]
    told = explain(match, stay=stay, meeting=session.meetings.get(match.meeting_id), airports=world.airports)
    return MatchBlock(
        sentence=told.sentence, chance=told.chance, steps=tuple((r.name, r.said, r.bits) for r in told.waterfall), missing=told.missing
    )


def _held(claim: Claim, session: Session, world: World) -> str:
    """What the positions say about a claimed landing."""
    icao24s = [claim.icao24] if claim.icao24 else None
    found = session.landings.current(
        icao24s, airports=[claim.airport], since=claim.start - timedelta(hours=2), until=claim.end + timedelta(hours=2)
    )
    real = found[found["kind"] != "open_approach"]
    if len(real):
        landing = records(real)[0]
        apart = (landing["touchdown"] - claim.start).total_seconds() / 60
        when = say_both(landing["touchdown"], world.airports.get(claim.airport).tz)
        return f"a landing at {claim.airport} {when}, {apart:+.0f} min from the claim"
    track = session.positions.window(icao24s, claim.start, claim.end)
    if track.empty:
        return f"no track received in that time; no landing at {claim.airport} is claimed"
    airport = world.airports.get(claim.airport)
    nm = distance_nm(track["lat"].to_numpy(), track["lon"].to_numpy(), [airport.lat] * len(track), [airport.lon] * len(track))
    return (
        f"no landing: {len(track)} positions in that time, at {track['alt_baro_ft'].min():,.0f} to {track['alt_baro_ft'].max():,.0f} ft, "
        f"never nearer than {float(nm.min()):.0f} NM to {airport.name} ({claim.airport})"
    )

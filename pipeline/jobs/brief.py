"""The facts of the morning page, from the store."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.alerts.compose import Composed, compose_brief
from pipeline.alerts.facts import BriefFacts, LandingFacts
from pipeline.alerts.rules import decide
from pipeline.alerts.wording import landed, local_clock
from pipeline.correlate.explain import explain
from pipeline.export.text import short_airport
from pipeline.jobs.announce import Announcer, aircraft_facts
from pipeline.jobs.world import World
from pipeline.model.frames import records
from pipeline.model.origin import Origin, weakest
from pipeline.model.time import to_iso
from pipeline.store.session import Session
from pipeline.store.store import Store

DAY = timedelta(hours=24)


def make_brief(store: Store, world: World, *, now: datetime, back: timedelta = DAY) -> Composed:
    """What happened in the time before ``now``."""
    with store.read() as session:
        reporter = Announcer(session, world, now)
        rows = records(session.landings.current(since=now - back, until=now, kinds=("observed", "inferred", "bracketed")))
        facts = [f for f in (reporter.landing_facts(r) for r in rows) if f]
        homes = {a.icao24: a.home_airport for a in world.watchlist.aircraft}
        shown, hidden = [], 0
        for one in facts:
            home = homes.get(one.aircraft.icao24, "")
            late = decide(one, home_airport=home, visits_a_year=None, late=timedelta(0), max_age=back)
            if late.when == "at_once":
                shown.append(one)
            else:
                hidden += 1
        origins = [f.origin for f in facts]
        return compose_brief(
            BriefFacts(
                as_of=now,
                origin=weakest(origins) if origins else Origin.RECORDED,
                state_lines=_state(session, world),
                to_look_at=tuple(_landing_line(f) for f in shown),
                changed=_changed(session, world, now, back),
                in_the_air=_flying(session, world, now, flying=True),
                out_of_sight=_flying(session, world, now, flying=False),
                routine_hidden=hidden,
                attribution=world.attribution,
            )
        )


def _landing_line(facts: LandingFacts) -> str:
    when = f"{facts.touchdown:%d %b} {local_clock(facts.touchdown, facts.tz)}"
    came = f" from {facts.from_airport}" if facts.from_airport else ""
    return f"{facts.aircraft.label} {landed(facts)} {short_airport(facts.airport_name, facts.city)} {when}{came} ({facts.landing_id})"


def _state(session: Session, world: World) -> tuple[str, ...]:
    lines = []
    for s in session.runs.sources():
        good = f"last good {to_iso(s.last_good)}" if s.last_good else "never good"
        lines.append(f"{s.last.provider} ({s.last.kind}): {good}, {s.reads} reads, now {s.last.outcome}")
    days = session.positions.days()
    span = f"positions from {to_iso(days[0])} to {to_iso(days[1])}" if days else "no position yet"
    return (f"{len(world.watchlist)} aircraft watched; {span}", *(lines or ["no source was read yet"]))


def _changed(session: Session, world: World, now: datetime, back: timedelta) -> tuple[str, ...]:
    said = []
    for match in session.matches.current(changed_since=now - back):
        if match.posterior >= 0.5 and session.stays.has(match.stay_id):
            stay = records(session.stays.get(match.stay_id))[0]
            said.append(explain(match, stay=stay, meeting=session.meetings.get(match.meeting_id), airports=world.airports).sentence)
    revised = session.revisions.between(now - back, now, kinds=("landing",))
    said += [f"landing {r.subject_id} {r.change}: {r.reason}" for r in revised if r.change in ("withdrawn", "changed")]
    return tuple(said)


def _flying(session: Session, world: World, now: datetime, *, flying: bool) -> tuple[str, ...]:
    """Aircraft whose last position is newer than their last landing: heard just now, or lost."""
    last = session.positions.last_seen(world.watchlist.icao24s)
    recent = {icao24: seen for icao24, seen in last.items() if now - DAY <= seen <= now}
    landings = records(session.landings.current(sorted(recent), since=now - timedelta(days=3))) if recent else []
    down = {
        row["icao24"]
        for row in landings
        if row["kind"] != "open_approach" and row["touchdown_latest"] >= recent[row["icao24"]] - timedelta(hours=12)
    }
    said = []
    for icao24, seen in sorted(recent.items()):
        who = world.identify(icao24, seen.date())
        if who is not None and icao24 not in down and (now - seen <= timedelta(minutes=15)) == flying:
            said.append(f"{aircraft_facts(who).label}, last position {to_iso(seen)}")
    return tuple(said)

"""The second half of a pass: detect again, compare with the store, correlate, and say what follows, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from pipeline.correlate.engine import correlate
from pipeline.correlate.result import Correlation
from pipeline.detect.detector import VERSION, Detection
from pipeline.detect.identity import Change, adopt
from pipeline.detect.stays import build_stays
from pipeline.jobs.announce import Announcer
from pipeline.jobs.world import World
from pipeline.meetings.build import meetings_frame
from pipeline.model.entities import Match, Meeting, OutboxItem
from pipeline.model.frames import LANDINGS, STAYS, TAKE_OFFS, records
from pipeline.store.runs import SourceRead
from pipeline.store.session import Session
from pipeline.store.store import Store

#: How far back positions are asked for at most.
WINDOW = timedelta(hours=36)
#: A match from here on turns a lead into a match.
REPORTED_FROM = 0.5
#: Aircraft that fell silent this recently may have landed unseen.
PENDING = timedelta(hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a pass changed. ``new_matches`` are those that were not known or rose above one half."""

    changes: tuple[Change, ...] = ()
    new_matches: tuple[Match, ...] = ()
    queued: tuple[OutboxItem, ...] = ()
    decisions: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class _Plan:
    """Everything worked out before the transaction begins, for it must span no detection and no drawing."""

    detection: Detection
    since: dict[str, datetime]
    changes: tuple[Change, ...]
    stays: pd.DataFrame
    gone_stays: tuple[str, ...] = ()
    correlation: Correlation | None = None
    matches: list[Match] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    risen: list[Match] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)


def digest(
    store: Store, world: World, *, heard: Iterable[str], now: datetime, meetings_changed: bool = False, alert: bool = True
) -> Digest:
    """Re-detect the aircraft that were heard or fell silent, and re-score what that or new meetings touch.

    Args:
        alert: False for back-fill and imports: nothing is queued.
    """
    with store.read() as session:
        plan = _plan(session, world, set(heard), now, meetings_changed=meetings_changed)
        announcer = Announcer(session, world, now)
        items, decisions = announcer.items(plan.changes, plan.stays, plan.risen) if alert else ([], [])
    queued: list[OutboxItem] = []
    with store.transaction() as tx:
        _write(tx, plan, now)
        queued = [item for item in items if tx.outbox.add(item)]
    return Digest(changes=plan.changes, new_matches=tuple(plan.risen), queued=tuple(queued), decisions=tuple(decisions))


def _plan(session: Session, world: World, heard: set[str], now: datetime, *, meetings_changed: bool) -> _Plan:
    last = session.positions.last_seen()
    silent = {icao24 for icao24, seen in last.items() if now - PENDING <= seen}
    asked = sorted(heard | silent)
    begun = session.positions.open_since(asked)
    since = {icao24: max(begun.get(icao24, now - WINDOW), now - WINDOW) for icao24 in asked}
    detection = world.detector.apply(session.positions.since_each(since, now), now=now)
    known = session.landings.current(asked, since=now - WINDOW - timedelta(days=1)) if asked else LANDINGS.cast()
    changes = adopt(detection.landings, known, since=since, until=now)
    touched = {str(change.row["icao24"]) for change in changes} | _departed(session, detection, since)
    stays = _stays(session, world, touched, detection, changes, since, now, last)
    before = session.stays.current(sorted(touched), since=now - world.reach) if touched else STAYS.cast()
    plan = _Plan(detection=detection, since=since, changes=changes, stays=stays)
    plan.gone_stays = tuple(sorted(set(before["stay_id"]) - set(stays["stay_id"])))
    _score(session, world, plan, now, everything=meetings_changed)
    return plan


def _departed(session: Session, detection: Detection, since: dict[str, datetime]) -> set[str]:
    """Aircraft whose departures are not those that the store holds."""
    if not since:
        return set()
    columns = ["icao24", "airport", "take_off"]
    known = session.take_offs.current(list(since), since=min(since.values()))
    old = {tuple(row.values()) for row in records(known[columns]) if row["take_off"] >= since[row["icao24"]]}
    new = {tuple(row.values()) for row in records(detection.take_offs[columns])}
    return {str(key[0]) for key in old ^ new}


def _stays(
    session: Session,
    world: World,
    touched: set[str],
    detection: Detection,
    changes: Sequence[Change],
    since: dict[str, datetime],
    now: datetime,
    last: dict[str, datetime],
) -> pd.DataFrame:
    """The stays of the aircraft concerned, as they will be."""
    if not touched:
        return STAYS.cast()
    landings = session.landings.current(sorted(touched), since=now - world.reach)
    rows = {row["landing_id"]: row for row in records(landings)}
    for change in changes:
        rows[change.landing_id] = {**change.row, "landing_id": change.landing_id}
    standing = [row for row in rows.values() if row["lifecycle"] not in ("withdrawn", "superseded")]
    known = session.take_offs.current(sorted(touched), since=now - world.reach)
    old = [row for row in records(known) if row["take_off"] < since.get(row["icao24"], now)]
    take_offs = TAKE_OFFS.cast([*old, *records(detection.take_offs)])
    return build_stays(
        LANDINGS.cast(standing), take_offs, identify=world.identify, airports=world.airports, gazetteer=world.gazetteer, last_seen=last
    )


def _score(session: Session, world: World, plan: _Plan, now: datetime, *, everything: bool) -> None:
    if plan.stays.empty and not plan.gone_stays and not everything:
        return
    history = session.stays.current(since=now - timedelta(days=3650))
    mine = set(plan.stays["stay_id"]) | set(plan.gone_stays)
    history = (
        pd.concat([history[~history["stay_id"].isin(mine)], plan.stays]) if len(plan.stays) else history[~history["stay_id"].isin(mine)]
    )
    history = STAYS.cast(history)
    under_test = history[history["touchdown"] >= now - world.reach] if everything else plan.stays
    under_test = STAYS.cast(under_test[under_test["state"] != ""])
    meetings = session.meetings.current(now - world.reach - timedelta(days=7), now + timedelta(days=30))
    if under_test.empty:
        return
    plan.correlation = correlate(
        under_test,
        meetings_frame(meetings),
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        history=STAYS.cast(history[history["state"] != ""]),
        watched=world.watchlist.aircraft,
        calendar=world.calendar,
        calibration=world.calibration,
    )
    plan.matches = list(plan.correlation.matches)
    was = {m.match_id: m for m in session.matches.current(stay_ids=under_test["stay_id"].tolist())}
    plan.closed = _closed(session, plan.correlation, set(under_test["stay_id"]) | set(plan.gone_stays), since=now - world.reach)
    plan.dropped = sorted(set(was) - {m.match_id for m in plan.matches})
    plan.risen = [m for m in plan.matches if m.posterior >= 0.5 and (m.match_id not in was or was[m.match_id].posterior < 0.5)]


def _closed(session: Session, found: Correlation, stay_ids: set[str], *, since: datetime) -> dict[str, str]:
    """Leads on these stays that no longer stand, each with the best match on its stays, or ``""``."""
    still = {lead.lead_id for lead in found.leads}
    best: dict[str, Match] = {}
    for match in reversed(found.matches):
        if match.posterior >= REPORTED_FROM:
            best[match.stay_id] = match
    closed = {}
    for lead in session.leads.current(since):
        if lead.lead_id not in still and stay_ids & set(lead.stay_ids):
            matches = [best[s] for s in lead.stay_ids if s in best]
            closed[lead.lead_id] = max(matches, key=lambda m: m.posterior).match_id if matches else ""
    return closed


def _write(tx: Session, plan: _Plan, now: datetime) -> None:
    for change in plan.changes:
        captures = [c for c in str(change.row.get("capture_ids", "")).split(";") if c]
        tx.landings.write(change.row, change=change.change, reason=change.reason, version=VERSION, at=now, capture_ids=captures)
    if plan.since:
        tx.take_offs.replace(plan.detection.take_offs, since=plan.since, at=now)
        tx.positions.set_open_since(plan.detection.open_since)
    for row in records(plan.stays):
        tx.stays.write(row, change="seen", reason="from its landing", version=VERSION, at=now)
    for stay_id in plan.gone_stays:
        tx.stays.withdraw(stay_id, reason="its landing no longer holds", version=VERSION, at=now)
    came_first = {match_id: lead_id for lead_id, match_id in plan.closed.items() if match_id}
    for match in plan.matches:
        before = f"; lead {came_first[match.match_id]} came first" if match.match_id in came_first else ""
        tx.matches.write(match, change="scored", reason=f"under {match.calibration_id}{before}", version=match.calibration_id, at=now)
    for match_id in plan.dropped:
        tx.matches.withdraw(match_id, reason="the evidence no longer reaches it", version=VERSION, at=now)
    for lead_id, match_id in plan.closed.items():
        if match_id:
            reason = f"a report now fits its stays: {match_id}"
            tx.leads.withdraw(lead_id, reason=reason, version=VERSION, at=now, change="matched", lifecycle="superseded")
        else:
            tx.leads.withdraw(lead_id, reason="its stays or what is known of them changed", version=VERSION, at=now)
    for lead in plan.correlation.leads if plan.correlation else ():
        tx.leads.write(lead, change="scored", reason="from its stays", version=VERSION, at=now)


def keep_meetings(store: Store, meetings: Sequence[Meeting], *, provider: str, now: datetime) -> int:
    """Keep reported meetings and note that the file was read; returns how many are new or changed."""
    with store.transaction() as tx:
        changed = [tx.meetings.write(m, change="reported", reason=f"read from {provider}", version="csv-1", at=now) for m in meetings]
        new = sum(c is not None for c in changed)
        tx.runs.add_read(
            SourceRead(kind="reports", provider=provider, at=now, outcome="ok", heard=len(meetings), rows=len(meetings), new_rows=new)
        )
    return new

"""The second half of a pass: detect again, compare with the store, correlate, and say what follows, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pandas as pd

from pipeline.detect.detector import VERSION, Detection
from pipeline.detect.floors import Heard
from pipeline.detect.identity import Change, adopt
from pipeline.detect.stays import build_stays
from pipeline.jobs.announce_leads import LeadAnnouncer
from pipeline.jobs.clocks import AHEAD, on_one_scale
from pipeline.jobs.queue import queue
from pipeline.jobs.scored import Scored, score_changes
from pipeline.jobs.witnesses import seen_by
from pipeline.jobs.world import World
from pipeline.model.entities import Match, Meeting, OutboxItem
from pipeline.model.frames import LANDINGS, STAYS, TAKE_OFFS, records
from pipeline.model.time import parse_utc, to_iso
from pipeline.store.runs import SourceRead
from pipeline.store.session import Session
from pipeline.store.store import Store

OWNER = "digest"
#: How far back positions are asked for at most, unless older ones arrived late.
WINDOW = timedelta(hours=36)
#: Up to when changes of reports have been looked at; kept in the store, so that none is missed by a process that dies.
REPORTS_NOTE = "reports_scored"
#: How far back late positions are taken up at all; what is older is for ``tarmac backfill``.
LATEST = timedelta(days=10)
#: Late positions are looked at together with what was received this long before them: the flight that they belong to.
FLIGHT = timedelta(hours=20)
#: A stretch that does not begin with a flight may cut one in two: what is known of its first hours is left alone.
CUT = timedelta(hours=2)
#: Reading every feed takes no longer than this.
_LONGEST_READING = timedelta(hours=1)
#: After an aircraft was last received its silence is looked at again, ever less often: first when it ends the wait for a
#: contradiction (``World.silence``), then these minutes after the last position.
_LOOK_AGAIN_MIN = (15, 20, 25, 30, 45, 60, 90, 120, 180)


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
    open_since: dict[str, datetime]
    check_at: dict[str, datetime | None]
    changes: tuple[Change, ...]
    stays: pd.DataFrame
    before: pd.DataFrame = field(default_factory=STAYS.cast)
    gone_stays: tuple[str, ...] = ()
    scored: Scored = field(default_factory=lambda: Scored(history=STAYS.cast()))
    meetings: tuple[Meeting, ...] = ()


def digest(
    store: Store, world: World, *, heard: Iterable[str] = (), now: datetime, meetings_changed: bool = False, alert: bool = True
) -> Digest:
    """Re-detect the aircraft with positions that no detection was given yet or whose silence is up, and re-score what that
    or new meetings touch.

    Args:
        heard: aircraft to look at in any case.
        meetings_changed: reports may have been written at this very moment; those that were written since the last time are
            looked at in any case.
        alert: False for back-fill and imports: nothing is queued.
    """
    with store.read() as session:
        reports = _reports(session, world, now, again=meetings_changed)
        if not reports and not set(heard) and not session.positions.due(now):
            return Digest()
        plan = _plan(session, world, set(heard), now, reports)
        announcer = LeadAnnouncer(session, world, now, plan.scored.history, plan.gone_stays)
        items: list[OutboxItem] = []
        decisions: list[tuple[str, str]] = []
        if alert:
            items, decisions = announcer.items(plan.changes, plan.stays, plan.scored.risen, plan.scored.fallen, plan.detection.take_offs)
            items += announcer.company(plan.scored.leads)
    items = announcer.drawn(items)
    with store.transaction() as tx:
        _write(tx, plan, now)
        queued = queue(tx, items, now=now, owner=OWNER)
    return Digest(changes=plan.changes, new_matches=plan.scored.risen, queued=tuple(queued), decisions=tuple(decisions))


def _reports(session: Session, world: World, now: datetime, *, again: bool) -> tuple[Meeting, ...]:
    """The meetings that changed since stays were last held against them; ``again``: also those of a while before, for what a long
    reading of feeds wrote may bear the time at which it began, and a pass may have come in between."""
    noted = session.notes.get(REPORTS_NOTE)
    if not noted:
        return session.meetings.current(now - world.reach, now + world.reach)
    since = parse_utc(noted) + (-_LONGEST_READING if again else timedelta(microseconds=1))
    return session.meetings.current(changed_since=since, include_withdrawn=True)


def _plan(session: Session, world: World, heard: set[str], now: datetime, reports: tuple[Meeting, ...]) -> _Plan:
    due = session.positions.due(now)
    asked = sorted(heard | set(due))
    last = session.positions.last_seen(asked)
    begin, since = _starts(session.positions.open_since(asked), due, {icao24: min(last.get(icao24, now), now) for icao24 in asked})
    received = on_one_scale(session.positions.since_each(begin, now + AHEAD), session.clocks.current(), now=now)
    detection = world.detector.apply(received, now=now, heard=Heard(session.floors.current()))
    detection = replace(detection, landings=seen_by(detection.landings, received))
    known = session.landings.current(asked, since=min(begin.values()) - timedelta(days=1)) if asked else LANDINGS.cast()
    changes = adopt(detection.landings, known, since=since, until=now + AHEAD)
    touched = {str(change.row["icao24"]) for change in changes} | _departed(session, detection, since)
    before = session.stays.current(sorted(touched), since=now - world.reach) if touched else STAYS.cast()
    stays = _stays(session, world, touched, before, detection, changes, since, now, last)
    check_at = {icao24: next_look(last.get(icao24), now, world.silence) for icao24 in asked}
    open_since = _still_open(detection, received)
    plan = _Plan(detection=detection, since=since, open_since=open_since, check_at=check_at, changes=changes, stays=stays)
    plan.before = before
    plan.gone_stays = tuple(sorted(set(before["stay_id"]) - set(stays["stay_id"])))
    plan.meetings = reports
    _score(session, world, plan, now)
    return plan


def _score(session: Session, world: World, plan: _Plan, now: datetime) -> None:
    scored = score_changes(session, world, stays=plan.stays, before=plan.before, gone=plan.gone_stays, meetings=plan.meetings, now=now)
    plan.scored = scored or Scored(history=plan.stays)


def _starts(
    begun: Mapping[str, datetime], due: Mapping[str, datetime | None], last: Mapping[str, datetime]
) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """From where positions are read for each aircraft in ``last``, and from where what is known of it is compared."""
    begin: dict[str, datetime] = {}
    since: dict[str, datetime] = {}
    for icao24, seen in last.items():
        start, late, earliest = begun.get(icao24), due.get(icao24), seen - WINDOW
        whole = start is not None and start >= earliest
        begin[icao24] = start if start is not None and whole else earliest
        if late is not None and late < begin[icao24]:
            begin[icao24], whole = max(late - FLIGHT, seen - LATEST), False
        since[icao24] = begin[icao24] if whole else begin[icao24] + CUT
    return begin, since


def _still_open(detection: Detection, received: pd.DataFrame) -> dict[str, datetime]:
    """From where each aircraft is looked at next time: never later than the first position after its last landing or
    take-off, whatever the detector made of the positions in between. Else a flight would be forgotten while it lasts."""
    last: dict[str, pd.Timestamp] = {}
    landed = detection.landings[detection.landings["kind"] != "open_approach"]
    for frame, column in ((landed, "touchdown_latest"), (detection.take_offs, "take_off_earliest")):
        for icao24, at in zip(frame["icao24"], frame[column], strict=True):
            last[icao24] = max(at, last.get(icao24, at))
    over = pd.to_datetime(received["icao24"].map(last), utc=True)
    after = received[~(received["time"] <= over)]
    first = {str(icao24): at.to_pydatetime() for icao24, at in after.groupby("icao24")["time"].min().items()}
    # The detector says times to the nearest second: rounded up, its first row would be left out next time.
    return {icao24: min(at - timedelta(seconds=1), first.get(icao24, at)) for icao24, at in detection.open_since.items()}


def next_look(last_seen: datetime | None, now: datetime, silence: timedelta) -> datetime | None:
    """When the silence of an aircraft may next mean something new; None: it is as old as it gets."""
    if last_seen is None:
        return None
    if last_seen > now:
        # A clock was set back: what lies ahead is looked at when its time has come.
        return last_seen
    waits = sorted({silence, silence + timedelta(minutes=2), *(timedelta(minutes=m) for m in _LOOK_AGAIN_MIN)})
    return next((last_seen + wait for wait in waits if last_seen + wait > now), None)


def _departed(session: Session, detection: Detection, since: dict[str, datetime]) -> set[str]:
    """Aircraft whose departures are not those that the store holds."""
    if not since:
        return set()
    columns = ["icao24", "airport", "take_off"]
    known = session.take_offs.current(list(since), since=min(since.values()))
    old = {tuple(row.values()) for row in records(known[columns]) if row["take_off"] >= since[row["icao24"]]}
    new = {tuple(row.values()) for row in records(detection.take_offs[columns]) if row["take_off"] >= since[row["icao24"]]}
    return {str(key[0]) for key in old ^ new}


def _stays(
    session: Session,
    world: World,
    touched: set[str],
    before: pd.DataFrame,
    detection: Detection,
    changes: Sequence[Change],
    since: dict[str, datetime],
    now: datetime,
    last: dict[str, datetime],
) -> pd.DataFrame:
    """The stays of the aircraft concerned, as they will be; ``before``: as the store has them, however long ago they began."""
    if not touched:
        return STAYS.cast()
    start = now - world.reach
    landings = session.landings.current(sorted(touched), since=start)
    older = session.landings.by_ids(set(before["landing_id"]) - set(landings["landing_id"]))
    oldest = min([start, *older["touchdown"]])
    if len(older):
        # What lies between says that an old stay did not last until a later one's departure.
        older = session.landings.current(sorted(set(older["icao24"])), since=oldest)
    rows = {row["landing_id"]: row for row in (*records(older), *records(landings))}
    for change in changes:
        rows[change.landing_id] = {**change.row, "landing_id": change.landing_id}
    standing = [row for row in rows.values() if row["lifecycle"] not in ("withdrawn", "superseded")]
    known = session.take_offs.current(sorted(touched), since=oldest)
    old = [row for row in records(known) if row["take_off"] < since.get(row["icao24"], now)]
    take_offs = TAKE_OFFS.cast([*old, *records(detection.take_offs)])
    stays = build_stays(
        LANDINGS.cast(standing), take_offs, identify=world.identify, airports=world.airports, gazetteer=world.gazetteer, last_seen=last
    )
    concerned = (stays["touchdown"] >= start) | stays["stay_id"].isin(before["stay_id"])
    concerned |= stays["landing_id"].isin({change.landing_id for change in changes})
    return STAYS.cast(stays[concerned])


def _write(tx: Session, plan: _Plan, now: datetime) -> None:
    for change in plan.changes:
        captures = [c for c in str(change.row.get("capture_ids", "")).split(";") if c]
        tx.landings.write(change.row, change=change.change, reason=change.reason, version=VERSION, at=now, capture_ids=captures)
    if plan.since:
        departures = plan.detection.take_offs
        begins = pd.to_datetime(departures["icao24"].map(plan.since), utc=True)
        tx.take_offs.replace(TAKE_OFFS.cast(departures[departures["take_off"] >= begins]), since=plan.since, at=now)
        tx.positions.set_open_since(plan.open_since)
        tx.positions.looked_at(plan.check_at)
    known = {row["stay_id"]: row for row in records(plan.before)}
    differ = [row for row in records(plan.stays) if row != known.get(row["stay_id"])]
    tx.stays.write_all(differ, change="seen", reason="from its landing", version=VERSION, at=now)
    for stay_id in plan.gone_stays:
        tx.stays.withdraw(stay_id, reason="its landing no longer holds", version=VERSION, at=now)
    if plan.meetings:
        tx.notes.put(REPORTS_NOTE, to_iso(now))
    scored = plan.scored
    first = {match_id: f"; lead {lead_id} came first" for lead_id, match_id in scored.closed.items() if match_id}
    told = [(match, f"under {match.calibration_id}{first.get(match.match_id, '')}") for match in scored.matches]
    tx.matches.write_all(told, change="scored", at=now)
    for match_id in scored.dropped:
        tx.matches.withdraw(match_id, reason="the evidence no longer reaches it", version=VERSION, at=now)
    for lead_id, match_id in scored.closed.items():
        if match_id:
            reason = f"a report now fits its stays: {match_id}"
            tx.leads.withdraw(lead_id, reason=reason, version=VERSION, at=now, change="matched", lifecycle="superseded")
        else:
            tx.leads.withdraw(lead_id, reason="its stays or what is known of them changed", version=VERSION, at=now)
    for lead in scored.leads:
        tx.leads.write(lead, change="scored", reason="from its stays", version=VERSION, at=now)


def keep_meetings(store: Store, meetings: Sequence[Meeting], *, provider: str, now: datetime) -> int:
    """Keep reported meetings and note that the file was read; returns how many are new or changed."""
    with store.transaction() as tx:
        new = tx.meetings.write_all(meetings, change="reported", reason=f"read from {provider}", version="csv-1", at=now)
        tx.runs.add_read(
            SourceRead(kind="reports", provider=provider, at=now, outcome="ok", heard=len(meetings), rows=len(meetings), new_rows=new)
        )
    return new


def take_in(
    store: Store,
    world: World,
    changes: Sequence[Change],
    take_offs: pd.DataFrame,
    *,
    as_of: datetime,
    now: datetime,
    alert: bool = False,
) -> Digest:
    """Write landings and take-offs that another way than a pass found, their stays, and what they match.

    Args:
        take_offs: ``TAKE_OFFS`` that the store lacks; those that it has stay.
        as_of: stays that change are scored against the reports of some months before it and of the month after.
        alert: queue what the recipients' rules ask for, as of landings that were learned of in time; else nothing is queued.
    """
    touched = {str(change.row["icao24"]) for change in changes} | {str(icao24) for icao24 in take_offs["icao24"].unique()}
    found = Detection(landings=LANDINGS.cast(), take_offs=take_offs, rejected=take_offs.iloc[:0], open_since={})
    with store.read() as session:
        last = session.positions.last_seen(sorted(touched))
        far = replace(world, reach=max(now - as_of, timedelta(0)) + 2 * world.reach)
        before = session.stays.current(sorted(touched), since=now - far.reach) if touched else STAYS.cast()
        stays = _stays(session, far, touched, before, found, changes, {}, now, last)
        plan = _Plan(detection=found, since={}, open_since={}, check_at={}, changes=tuple(changes), stays=stays)
        # Only stays that change are scored anew: later ones would be held against the reports of this time, and lose their matches.
        plan.before = before
        # What is taken in may lie before what the habits sum up.
        _score(session, replace(far, habits=None), plan, as_of)
        items: list[OutboxItem] = []
        announcer = LeadAnnouncer(session, world, now, plan.scored.history, plan.gone_stays, taken_in=True)
        if alert:
            items, _ = announcer.items(plan.changes, plan.stays, plan.scored.risen, plan.scored.fallen, take_offs)
            items += announcer.company(plan.scored.leads)
    items = announcer.drawn(items)
    with store.transaction() as tx:
        tx.take_offs.replace(take_offs, since={}, at=now)
        _write(tx, plan, now)
        queued = queue(tx, items, now=now, owner=OWNER)
    return Digest(changes=plan.changes, new_matches=plan.scored.risen, queued=tuple(queued))

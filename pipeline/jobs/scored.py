"""What a change of stays or reports changes among matches and leads: worked out before anything is written.

Under kept habits (``calibrated``) only what can bear on the change is read, however long the history is; without them all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import pandas as pd

from pipeline.correlate.engine import correlate
from pipeline.correlate.reach import claimants_of, reach_of, tours_of
from pipeline.correlate.result import Correlation, Null
from pipeline.jobs.world import World
from pipeline.meetings.build import meetings_frame
from pipeline.model.entities import Lead, Match, Meeting
from pipeline.model.frames import STAYS, records
from pipeline.store.session import Session

#: A match from here on turns a lead into a match.
REPORTED_FROM: Final = 0.5
#: A match that was told is withdrawn when it falls below this: a little under the line, so that it does not flicker.
FALLEN_BELOW: Final = 0.35
_HISTORY: Final = timedelta(days=3650)
#: Reports of meetings that ended, or begin, within this long of the stays' reach are held against them.
_BEFORE, _AHEAD = timedelta(days=7), timedelta(days=30)
#: Posteriors that differ by less are the same: sums come out differently in another order.
_SAME: Final = 1e-9
#: A lead began with its first stay, which landed at most this long before the others; a touchdown may have been corrected since.
_LEAD_SPAN: Final = timedelta(days=10)
_MOVED: Final = timedelta(days=1)

Unless: TypeAlias = "Callable[[Mapping[str, float], Collection[str]], bool]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """``history``: the stays that were at hand. ``risen`` and ``fallen`` are matches that are now good enough to be told, and
    that no longer are, each with why; ``closed`` leads, each with the match that came of it, or ``""``."""

    history: pd.DataFrame
    leads: tuple[Lead, ...] = ()
    matches: tuple[Match, ...] = ()
    dropped: tuple[str, ...] = ()
    risen: tuple[Match, ...] = ()
    fallen: tuple[tuple[Match, str], ...] = ()
    closed: Mapping[str, str] = field(default_factory=dict)


def score_changes(
    session: Session,
    world: World,
    *,
    stays: pd.DataFrame,
    before: pd.DataFrame,
    gone: Collection[str],
    meetings: Sequence[Meeting],
    now: datetime,
) -> Scored | None:
    """None where nothing changed.

    Args:
        stays, before: ``STAYS`` of the aircraft concerned as they will be, and as the store has them.
        gone: ids of stays that no longer stand.
        meetings: reports that changed since stays were last scored against them, withdrawn ones too.
    """
    here = _Here(session, world, stays, set(gone), now)
    changed = _changed(stays, before)
    asked = here.asked(changed, meetings)
    if changed.empty and asked.empty and not gone:
        return None
    again: set[str] = set()

    def more(best: Mapping[str, float], over: Collection[str]) -> bool:
        again.update(_to_be_told(session, best, set(over) - set(asked["stay_id"])))
        return bool(again)

    history, found = here.score(asked, unless=more if world.habits is not None else None)
    if again:
        # Others' matches changed so much that they are told anew: then what was there before them is read, too.
        asked = here.fresh(pd.concat([asked, session.stays.by_ids(again)]))
        history, found = here.score(asked)
    mine = set(asked["stay_id"])
    over = set(found.scored) | set(changed["stay_id"]) | set(gone)
    known = session.matches.posteriors(over)
    differ = {m.match_id for m in found.matches if m.stay_id in mine or not _alike(m, known.get(m.match_id))}
    dropped = set(known) - {m.match_id for m in found.matches}
    was = {m.match_id: m for m in session.matches.current(match_ids=(differ | dropped) & set(known))}
    fresh = [m for m in found.matches if m.match_id in differ]
    if world.habits is not None:
        fresh = [m if m.stay_id in mine or m.match_id not in was else _as_told(m, was[m.match_id]) for m in fresh]
    matches = tuple(fresh)
    return Scored(
        history=history,
        leads=found.leads,
        matches=matches,
        dropped=tuple(sorted(dropped)),
        risen=tuple(m for m in matches if m.posterior >= REPORTED_FROM and not _good(was.get(m.match_id))),
        fallen=tuple(_fallen(was, matches, set(gone))),
        closed=_closed(session, found, pd.concat([history, before]), mine | set(gone)),
    )


class _Here:
    """One moment of the store, with what the pass found and has not written yet."""

    def __init__(self, session: Session, world: World, stays: pd.DataFrame, gone: set[str], now: datetime) -> None:
        self._session, self._world, self._stays, self._now = session, world, stays, now
        self._gone, self._own = gone, set(stays["stay_id"]) | gone

    def fresh(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Stays of the store as they will be."""
        mine = self._stays[self._stays["stay_id"].isin(set(frame["stay_id"]))]
        return _together([frame[~frame["stay_id"].isin(self._own)], mine])

    def asked(self, changed: pd.DataFrame, meetings: Sequence[Meeting]) -> pd.DataFrame:
        """The stays to be scored: those that changed, that may belong to a report that did, and rivals of those that are gone."""
        session, world = self._session, self._world
        rows = [changed]
        if self._gone:
            claimed = {m.meeting_id for m in session.matches.current(stay_ids=self._gone)}
            others = {m.stay_id for m in session.matches.current(meeting_ids=claimed)} if claimed else set()
            rows.append(self.fresh(session.stays.by_ids(others)))
        if meetings:
            spans = claimants_of(meetings, scoring=world.scoring, neighbours=world.neighbours())
            near = session.stays.within(spans)
            rows.append(self.fresh(near[near["touchdown"] >= self._now - world.reach]))
        found = _together(rows)
        return STAYS.cast(world.neighbours().away(found))

    def score(self, asked: pd.DataFrame, unless: Unless | None = None) -> tuple[pd.DataFrame, Correlation]:
        """The stays at hand, and matches and leads of those asked about; ``unless``: as of ``correlate``."""
        session, world, now = self._session, self._world, self._now
        since, until = now - world.reach - _BEFORE, now + _AHEAD
        if world.habits is None:
            meetings = session.meetings.current(since, until)
            kept = session.stays.current(since=now - _HISTORY)
        else:
            countries = world.neighbours().meetings_in(asked)
            meetings = session.meetings.current(since, until, countries=countries)
            long_enough = world.habits.era_days >= world.scoring.rates.min_covered_days
            spans = reach_of(asked, meetings, scoring=world.scoring, neighbours=world.neighbours(), with_rates=long_enough)
            kept = session.stays.within(spans)
            # Where the aircraft asked about were before and after; and those beside them, where company is tested.
            beside = asked if world.habits.company is None else _together([kept, asked])
            kept = _together([kept, session.stays.within(tours_of(asked, beside, scoring=world.scoring))])
        history = _together([kept[~kept["stay_id"].isin(self._own)], self._stays])
        if asked.empty:
            return history, Correlation(matches=(), leads=(), null=Null())
        known = STAYS.cast(history[history["state"] != ""])
        found = correlate(
            asked,
            meetings_frame(meetings),
            scoring=world.scoring,
            gazetteer=world.gazetteer,
            airports=world.airports,
            history=known,
            watched=world.watchlist.aircraft,
            calendar=world.calendar,
            calibration=world.calibration,
            habits=world.habits,
            with_rotations=world.habits is None,
            spreading=True,
            explained=None if world.habits is None else session.matches.best(set(known["stay_id"]) - set(asked["stay_id"])),
            unless=unless,
        )
        return history, found


def _together(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """``STAYS`` frames as one; of rows with one id the last counts."""
    some = [frame for frame in frames if len(frame)]
    return STAYS.cast(pd.concat(some).drop_duplicates("stay_id", keep="last") if some else None)


def _changed(stays: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Those of ``stays`` of which anything changed but when the aircraft was last heard."""
    old = {row["stay_id"]: {**row, "last_seen": None} for row in records(before)}
    new = [row["stay_id"] for row in records(stays) if {**row, "last_seen": None} != old.get(row["stay_id"])]
    return STAYS.cast(stays[stays["stay_id"].isin(new)])


def _alike(match: Match, known: tuple[str, float] | None) -> bool:
    """Whether a match is as the store has it, but for the last digits."""
    return known is not None and abs(match.posterior - known[1]) <= _SAME


def _good(match: Match | None) -> bool:
    return match is not None and match.posterior >= REPORTED_FROM


def _to_be_told(session: Session, best: Mapping[str, float], others: set[str]) -> set[str]:
    """Of the stays scored beside those asked about, those that have a good match that is new, or no longer have one.

    Args:
        best: the posterior of each stay's best match.
    """
    good = {stay_id for stay_id in others if best.get(stay_id, 0.0) >= REPORTED_FROM}
    before = {stay_id for stay_id, posterior in session.matches.best(others).items() if posterior >= REPORTED_FROM}
    return good ^ before


def _as_told(match: Match, before: Match) -> Match:
    """A match of a stay whose past was not at hand: what was said of that stands."""
    return replace(match, precedents=before.precedents, innocent=before.innocent, missing=before.missing)


def _fallen(was: Mapping[str, Match], now_are: Sequence[Match], gone: Collection[str]) -> list[tuple[Match, str]]:
    """Matches that were good enough to be told and are so no longer, each with why; of a withdrawn landing that is said once."""
    stand = {match.match_id: match for match in now_are}
    found = []
    for match_id, old in was.items():
        new = stand.get(match_id)
        if old.posterior < FALLEN_BELOW or old.stay_id in gone or (new and new.posterior >= FALLEN_BELOW):
            continue
        before = {row.name: (row.level, row.said) for row in old.evidence}
        moved = [row.said for row in (new.evidence if new else ()) if row.bits < 0 and before.get(row.name, ("", ""))[0] != row.level]
        other = "what is known of the stay or of the report changed" if new else "the stay or the report no longer reaches it"
        why = "; ".join(moved[:3]) or other
        found.append((new or old, why))
    return found


def _closed(session: Session, found: Correlation, near: pd.DataFrame, mine: set[str]) -> dict[str, str]:
    """Leads on stays of ``mine`` that no longer stand, each with the best match on its stays, or ``""``.

    Args:
        near: ``STAYS``, those of ``mine`` among them, also as they were before.
    """
    theirs = near[near["stay_id"].isin(mine)]
    if theirs.empty:
        return {}
    best: dict[str, Match] = {}
    for match in reversed(found.matches):
        if match.posterior >= REPORTED_FROM:
            best[match.stay_id] = match
    still = {lead.lead_id for lead in found.leads}
    since, until = theirs["touchdown"].min() - _LEAD_SPAN, theirs["touchdown"].max() + _MOVED
    closed = {}
    for lead_id, stay_ids in session.leads.stays_of(theirs["country"].unique(), since, until).items():
        if lead_id not in still and not mine.isdisjoint(stay_ids):
            matches = [best[stay_id] for stay_id in stay_ids if stay_id in best]
            closed[lead_id] = max(matches, key=lambda m: m.posterior).match_id if matches else ""
    return closed

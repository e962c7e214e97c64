"""Tells a run as it unfolds: when, who, what was seen, what follows and how sure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pipeline.alerts.facts import AircraftFacts
from pipeline.correlate.explain import explain
from pipeline.jobs.collect import Collected
from pipeline.jobs.digest import Digest
from pipeline.jobs.told import aircraft_facts
from pipeline.jobs.world import World
from pipeline.meetings.describe import story as meeting_story
from pipeline.model.entities import Meeting
from pipeline.model.frames import records
from pipeline.model.time import say_both
from pipeline.store.store import Store

_CHANGED = {"changed": "corrected", "withdrawn": "withdrawn", "superseded": "superseded"}


class Story:
    """Passes sentences on; remembers only whom it has mentioned."""

    def __init__(self, world: World, tell: Callable[[datetime, str, str], None]) -> None:
        self._world, self._tell = world, tell
        self._seen: set[str] = set()

    def heard(self, now: datetime, collected: Collected) -> None:
        for icao24 in collected.heard:
            who = self._who(icao24, now)
            if icao24 not in self._seen and who is not None:
                self._seen.add(icao24)
                doubt = "; identity disputed" if who.contested else ""
                self._tell(now, "seen", f"{who.label} ({icao24}; {who.operator or 'operator unknown'}{doubt}): positions received")
        for problem in collected.problems[:3]:
            self._tell(now, "note", f"{problem.where}: {problem.reason}")
        for failure in collected.failures[:3]:
            self._tell(now, "note", f"source: {failure}")

    def found(self, now: datetime, found: Digest, store: Store) -> None:
        reasons = dict(found.decisions)
        for change in found.changes:
            row = change.row
            who = self._who(row["icao24"], row["touchdown"])
            airport = self._world.airports.get(row["airport"])
            label = who.label if who else row["icao24"]
            if change.change == "new" and row["kind"] != "open_approach":
                came = f" from {row['from_airport']}" if row["from_airport"] else ", origin not seen"
                what = "landed at" if row["kind"] == "observed" else "probably landed at"
                said = f"{label} {what} {airport.name} ({airport.code}) {say_both(row['touchdown'], airport.tz)}{came}"
                self._tell(now, "landing", f"{said}. {row['kind']}, confidence {row['confidence']:.2f}: {row['reason']}")
                self._tell(now, "note", f"alert {reasons.get(change.landing_id, 'none')}")
            elif change.change in _CHANGED:
                self._tell(now, "note", f"landing {change.landing_id} of {label} {_CHANGED[change.change]}: {change.reason}")
        with store.read() as session:
            for match in found.new_matches:
                stay = records(session.stays.get(match.stay_id))[0]
                meeting = session.meetings.get(match.meeting_id)
                self._tell(now, "match", explain(match, stay=stay, meeting=meeting, airports=self._world.airports).sentence)

    def report(self, now: datetime, meeting: Meeting) -> None:
        self._tell(now, "reports", meeting_story(meeting))

    def sent(self, now: datetime, sent: Sequence[tuple[str, str, str]]) -> None:
        for subject, outcome, said in sent:
            self._tell(now, "mail", f"{subject} → {said}" if outcome == "sent" else f"{subject}: {outcome}: {said}")

    def _who(self, icao24: str, when: datetime) -> AircraftFacts | None:
        listed = self._world.identify(icao24, when.date())
        return aircraft_facts(listed) if listed else None

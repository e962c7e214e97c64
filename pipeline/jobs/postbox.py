"""When each recipient's messages go out: at once, or folded into a digest where many went out before."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from pipeline.alerts.embargo import Held
from pipeline.alerts.recipients import Recipient
from pipeline.alerts.rules import Decision, due_at
from pipeline.jobs.world import zone_of
from pipeline.store.session import Session

#: Events that go out one by one and are counted against a recipient's ``most_a_day``.
COUNTED: Final = ("landing", "match", "left", "company", "lead", "inbound", "outcome", "candidate")
_DAY: Final = timedelta(days=1)


class Postbox:
    """What one moment of the store says of each recipient's messages, and those that were made since."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now
        self._made: dict[str, int] = defaultdict(int)
        self._before: dict[str, int] = {}
        self._waiting: dict[str, int] = {}

    def due(self, one: Recipient, event: str, *, held: Held | None, decision: Decision | None) -> tuple[datetime, bool]:
        """When a message that is made now goes out, and whether it waits to be folded with others (``due_at``); it counts."""
        recent = self._made[one.to] + self._handed_over(one.to)
        due, fold = due_at(one, zone_of(one), event=event, now=self._now, held=held, recent=recent, decision=decision)
        self._made[one.to] += not fold and event in COUNTED
        return due, fold

    def alone(self, recipient: str) -> bool:
        """Whether one more that waits to be folded is the first: should no other follow, it goes out as it is."""
        if recipient not in self._waiting:
            self._waiting[recipient] = self._session.outbox.waiting_to_fold(recipient)
        self._waiting[recipient] += 1
        return self._waiting[recipient] == 1

    def _handed_over(self, recipient: str) -> int:
        """How many messages the store has that went to a recipient on their own in the last day: looked up once."""
        if recipient not in self._before:
            self._before[recipient] = self._session.outbox.handed_over(recipient, since=self._now - _DAY, events=COUNTED)
        return self._before[recipient]

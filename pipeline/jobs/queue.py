"""Messages into the outbox, within the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pipeline.model.entities import OutboxItem
from pipeline.store.session import Session

#: Messages that say something first; the others follow up on them.
_ANNOUNCED: Final = ("landing", "match", "lead")


def queue(tx: Session, items: Sequence[OutboxItem], *, now: datetime, owner: str) -> list[OutboxItem]:
    """Put messages into the outbox. A withdrawal of what was never sent takes that back instead, and nobody is bothered."""
    queued = []
    for item in items:
        if item.event == "withdrawal":
            mine = _since_withdrawn([i for i in tx.outbox.list(subject_id=item.subject_id) if i.recipient == item.recipient])
            waiting = [i.alert_id for i in mine if i.lifecycle == "pending"]
            dropped = set(tx.outbox.drop(waiting, now=now, owner=owner, why="withdrawn before it was sent"))
            if dropped and not any(i.event in _ANNOUNCED and i.lifecycle != "dropped" and i.alert_id not in dropped for i in mine):
                continue
        if tx.outbox.add(item):
            queued.append(item)
    return queued


def _since_withdrawn(items: Sequence[OutboxItem]) -> list[OutboxItem]:
    """Those queued after the last withdrawal: what went before has been taken back already."""
    last = max((n for n, item in enumerate(items) if item.event == "withdrawal"), default=-1)
    return list(items[last + 1 :])

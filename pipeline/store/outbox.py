"""Messages to be delivered. An item is written in the transaction of what it announces; a claim on it is a lease.

At least once: an item leaves the queue when its delivery is recorded, so a process that dies between the other side's
acceptance and ``mark_sent`` lets it be sent again when the lease has run out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, func, or_, select

from pipeline.model.entities import OutboxItem
from pipeline.model.errors import NotFound
from pipeline.model.origin import Origin
from pipeline.store.rows import chunks
from pipeline.store.tables import outbox, outbox_attempts, outbox_images
from pipeline.store.work import Work

_FREE: Final[dict[str, Any]] = {"claimed_by": "", "claimed_until": None}
#: Lifecycles that are still to be delivered: ``failed`` was tried and waits for ``not_before``.
WAITING: Final = ("pending", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver: ``outcome`` is sent, deferred, dead or requeued; ``said`` what the other side answered."""

    alert_id: str
    at: datetime
    owner: str
    outcome: str
    via: str = ""
    said: str = ""


class Outbox:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, item: OutboxItem) -> bool:
        """Queue a message; False when its (key, recipient) was queued before, whatever became of it.

        Raises:
            OriginMixed: its origin has no place in this store.
        """
        self._work.admit([item.origin], what=f"alert {item.alert_id}")
        row = {name: getattr(item, name) for name in _FIELDS}
        if not self._work.insert_new(outbox, [{**row, **_FREE}]):
            return False
        images = [
            {"alert_id": item.alert_id, "number": number, "content_id": content_id, "png": png}
            for number, (content_id, png) in enumerate(item.images)
        ]
        if images:
            self._work.write.execute(outbox_images.insert(), images)
        return True

    def claim(self, now: datetime, lease: timedelta, owner: str, limit: int) -> tuple[OutboxItem, ...]:
        """Up to ``limit`` items that are due and that nobody holds, the oldest first, held by ``owner`` until now + ``lease``."""
        free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
        due = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
        statement = (
            select(outbox.c.alert_id)
            .where(and_(outbox.c.lifecycle.in_(WAITING), free, due))
            .order_by(outbox.c.created_at, outbox.c.alert_id)
            .limit(limit)
        )
        claimed = list(self._work.write.execute(statement).scalars())
        if not claimed:
            return ()
        self._work.write.execute(outbox.update().where(outbox.c.alert_id.in_(claimed)).values(claimed_by=owner, claimed_until=now + lease))
        return self._items(claimed)

    def release(self, owner: str) -> int:
        """Give back what ``owner`` holds and did not try, so that nobody waits for the lease; returns how many."""
        mine = and_(outbox.c.claimed_by == owner, outbox.c.lifecycle.in_(WAITING))
        return self._work.write.execute(outbox.update().where(mine).values(**_FREE)).rowcount

    def foldable(self, now: datetime) -> tuple[OutboxItem, ...]:
        """Items that are due, that nobody holds and that were never tried, in order and without images: what a digest may take in."""
        free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
        due = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
        statement = select(outbox).where(outbox.c.lifecycle == "pending", outbox.c.attempts == 0, free, due)
        return tuple(_item(row) for row in self._work.connection.execute(statement.order_by(outbox.c.created_at, outbox.c.alert_id)))

    def fold(self, alert_ids: Iterable[str], into: OutboxItem) -> bool:
        """Queue a digest and let these items go out as it; False when it was queued before.

        Raises:
            OriginMixed: its origin has no place in this store.
        """
        if not self.add(into):
            return False
        for wanted in chunks(alert_ids):
            change = outbox.update().where(outbox.c.alert_id.in_(wanted)).values(lifecycle="folded", folded_into=into.alert_id, **_FREE)
            self._work.write.execute(change)
        return True

    def drop(self, alert_ids: Iterable[str], *, now: datetime, owner: str, why: str) -> tuple[str, ...]:
        """Take back items that were never tried and that nobody holds; returns which. The others may be out already."""
        dropped: list[str] = []
        for alert_id in alert_ids:
            free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
            mine = and_(outbox.c.alert_id == alert_id, outbox.c.lifecycle == "pending", outbox.c.attempts == 0, free)
            change = outbox.update().where(mine).values(lifecycle="dropped", last_error=why, not_before=None, **_FREE)
            if self._work.write.execute(change).rowcount:
                self._log(alert_id, now=now, owner=owner, outcome="dropped", said=why)
                dropped.append(alert_id)
        return tuple(dropped)

    def handed_over(self, recipient: str, *, since: datetime, events: Iterable[str]) -> int:
        """How many messages of these events were made for a recipient since then to go out on their own."""
        statement = select(func.count()).where(
            outbox.c.recipient == recipient,
            outbox.c.created_at > since,
            outbox.c.event.in_(sorted(set(events))),
            outbox.c.lifecycle.notin_(("folded", "dropped")),
            outbox.c.fold.is_(False),
        )
        return int(self._work.connection.execute(statement).scalar_one())

    def waiting_to_fold(self, recipient: str) -> int:
        """How many messages to a recipient wait to be folded into a digest."""
        mine = (outbox.c.recipient == recipient, outbox.c.lifecycle == "pending", outbox.c.fold.is_(True))
        return int(self._work.connection.execute(select(func.count()).where(*mine)).scalar_one())

    def oldest_waiting(self, now: datetime) -> datetime | None:
        """Since when a message that is due waits that was tried in vain, None: none does."""
        tried = and_(outbox.c.lifecycle.in_(WAITING), outbox.c.attempts > 0)
        since: datetime | None = self._work.connection.execute(
            select(func.min(func.coalesce(outbox.c.due, outbox.c.created_at))).where(tried, outbox.c.created_at <= now)
        ).scalar_one()
        return since

    def last_sent(self) -> datetime | None:
        """When a message was last handed over, None: never."""
        last: datetime | None = self._work.connection.execute(select(func.max(outbox.c.sent_at))).scalar_one()
        return last

    def mark_sent(self, alert_id: str, *, now: datetime, owner: str, via: str, said: str = "") -> None:
        """Record a delivery. It stands whoever holds the item by now: the message is out.

        Raises:
            NotFound: there is no such item.
        """
        self._attempted(alert_id, now=now, owner=owner, outcome="sent", via=via, said=said)
        self._update(
            alert_id, lifecycle="sent", sent_at=now, sent_via=via, last_error="", not_before=None, claimed_by="", claimed_until=None
        )

    def mark_deferred(self, alert_id: str, *, now: datetime, owner: str, error: str, not_before: datetime, via: str = "") -> None:
        """Record a failure that may pass; the item is due again at ``not_before``. One that is out meanwhile stays out.

        Raises:
            NotFound: there is no such item.
        """
        self._attempted(alert_id, now=now, owner=owner, outcome="deferred", via=via, said=error)
        if self._may_change(alert_id, owner):
            self._update(alert_id, lifecycle="failed", last_error=error, not_before=not_before, **_FREE)

    def mark_dead(self, alert_id: str, *, now: datetime, owner: str, error: str, via: str = "") -> None:
        """Record a refusal for good: the item waits for ``requeue``. One that is out meanwhile stays out.

        Raises:
            NotFound: there is no such item.
        """
        self._attempted(alert_id, now=now, owner=owner, outcome="dead", via=via, said=error)
        if self._may_change(alert_id, owner):
            self._update(alert_id, lifecycle="dead", last_error=error, not_before=None, **_FREE)

    def requeue(self, alert_id: str, *, now: datetime, owner: str) -> None:
        """Make a dead or failed item due at once; a sent one too, to be sent again.

        Raises:
            NotFound: there is no such item.
        """
        self._update(alert_id, lifecycle="pending", not_before=None, **_FREE)
        self._log(alert_id, now=now, owner=owner, outcome="requeued")

    def get(self, alert_id: str) -> OutboxItem:
        """With its images.

        Raises:
            NotFound: there is no such item.
        """
        found = self._items([alert_id])
        if not found:
            raise NotFound(f"no alert {alert_id}", hint="tarmac alerts list")
        return found[0]

    def has(self, key: str, recipient: str) -> bool:
        """Whether a message with this key was ever queued for this recipient."""
        statement = select(outbox.c.alert_id).where(outbox.c.key == key, outbox.c.recipient == recipient)
        return self._work.connection.execute(statement).first() is not None

    def list(
        self,
        *,
        lifecycle: str | Iterable[str] | None = None,
        events: Iterable[str] | None = None,
        subject_id: str = "",
        thread: str = "",
        folded_into: str = "",
        since: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[OutboxItem, ...]:
        """Items in the order in which they were queued, without their images; ``limit`` gives the newest."""
        statement = select(outbox).order_by(outbox.c.created_at.desc(), outbox.c.alert_id.desc()).limit(limit)
        if lifecycle is not None:
            statement = statement.where(outbox.c.lifecycle.in_([lifecycle] if isinstance(lifecycle, str) else sorted(set(lifecycle))))
        if events is not None:
            statement = statement.where(outbox.c.event.in_(sorted(set(events))))
        if subject_id:
            statement = statement.where(outbox.c.subject_id == subject_id)
        if thread:
            statement = statement.where(outbox.c.thread == thread)
        if folded_into:
            statement = statement.where(outbox.c.folded_into == folded_into)
        if since is not None:
            statement = statement.where(outbox.c.created_at >= since)
        return tuple(_item(row) for row in reversed(self._work.connection.execute(statement).all()))

    def counts(self) -> dict[str, int]:
        """How many items there are of each lifecycle."""
        statement = select(outbox.c.lifecycle, func.count()).group_by(outbox.c.lifecycle)
        return {row[0]: row[1] for row in self._work.connection.execute(statement)}

    def attempts(self, alert_id: str) -> tuple[Attempt, ...]:
        """Every try to deliver an item, the first first."""
        statement = select(outbox_attempts).where(outbox_attempts.c.alert_id == alert_id).order_by(outbox_attempts.c.attempt_id)
        return tuple(
            Attempt(alert_id=row.alert_id, at=row.at, owner=row.owner, outcome=row.outcome, via=row.via, said=row.said)
            for row in self._work.connection.execute(statement)
        )

    def _items(self, alert_ids: Iterable[str]) -> tuple[OutboxItem, ...]:
        items: dict[str, OutboxItem] = {}
        for wanted in chunks(alert_ids):
            images: dict[str, list[tuple[str, bytes]]] = {}
            pictures = select(outbox_images).where(outbox_images.c.alert_id.in_(wanted)).order_by(outbox_images.c.number)
            for row in self._work.connection.execute(pictures):
                images.setdefault(row.alert_id, []).append((row.content_id, row.png))
            statement = select(outbox).where(outbox.c.alert_id.in_(wanted)).order_by(outbox.c.created_at, outbox.c.alert_id)
            for row in self._work.connection.execute(statement):
                items[row.alert_id] = _item(row, tuple(images.get(row.alert_id, ())))
        return tuple(items.values())

    def _may_change(self, alert_id: str, owner: str) -> bool:
        row = self._work.connection.execute(select(outbox.c.lifecycle, outbox.c.claimed_by).where(outbox.c.alert_id == alert_id)).one()
        return row.lifecycle != "sent" and row.claimed_by in ("", owner)

    def _attempted(self, alert_id: str, *, now: datetime, owner: str, outcome: str, via: str, said: str) -> None:
        self._update(alert_id, attempts=outbox.c.attempts + 1)
        self._log(alert_id, now=now, owner=owner, outcome=outcome, via=via, said=said)

    def _log(self, alert_id: str, *, now: datetime, owner: str, outcome: str, via: str = "", said: str = "") -> None:
        attempt = Attempt(alert_id=alert_id, at=now, owner=owner, outcome=outcome, via=via, said=said)
        self._work.write.execute(outbox_attempts.insert().values(**asdict(attempt)))

    def _update(self, alert_id: str, **values: Any) -> None:
        if not self._work.write.execute(outbox.update().where(outbox.c.alert_id == alert_id).values(**values)).rowcount:
            raise NotFound(f"no alert {alert_id}", hint="tarmac alerts list")


_FIELDS = tuple(name for name in OutboxItem.__dataclass_fields__ if name != "images")


def _item(row: Row[Any], images: tuple[tuple[str, bytes], ...] = ()) -> OutboxItem:
    values = {name: getattr(row, name) for name in _FIELDS}
    return OutboxItem(**{**values, "origin": Origin(row.origin), "images": images})

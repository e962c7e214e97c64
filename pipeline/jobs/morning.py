"""The brief by mail: once a local day for each recipient, by the first pass after its hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.alerts.recipients import Recipient
from pipeline.alerts.render import Composed
from pipeline.jobs.apart import apart, is_long
from pipeline.jobs.brief import make_brief
from pipeline.jobs.health import LOG
from pipeline.jobs.world import World, zone_of
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import StoreError
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.settings import Settings
from pipeline.store.store import Store

#: A brief that was missed by more than this (the machine was off) waits for the next morning.
_STILL_MORNING = timedelta(hours=12)


def send_briefs(
    store: Store, world: World, settings: Settings | None = None, *, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> list[OutboxItem]:
    """Queue the briefs whose hour has come; each covers the time since the recipient's last one, at most three days.

    Args:
        settings: name the store and the world: where the history is long, a brief is made in a process of its own; None: here.
    """
    queued: list[OutboxItem] = []
    for one in world.recipients:
        hour = _hour(one, now)
        if hour is None or now - hour > _STILL_MORNING:
            continue
        day = f"{hour.astimezone(zone_of(one)):%Y-%m-%d}"
        key = f"brief:{day}"
        with store.read() as session:
            if session.outbox.has(key, one.to):
                continue
            before = [i for i in session.outbox.list(events=["brief"]) if i.recipient == one.to]
        back = min(timedelta(days=3), now - before[-1].created_at) if before else timedelta(days=1)
        page = _page(store, world, settings, one, now, back, stopping)
        if page is None:
            break
        item = OutboxItem(
            alert_id=mint(IdKind.ALERT, key, one.to),
            key=key,
            event="brief",
            subject_id="",
            recipient=one.to,
            thread="",
            created_at=now,
            subject=page.subject,
            text=page.text,
            html=page.html,
            origin=_origin(page.subject),
            due=hour,
        )
        with store.transaction() as tx:
            if tx.outbox.add(item):
                queued.append(item)
    return queued


def _page(
    store: Store,
    world: World,
    settings: Settings | None,
    one: Recipient,
    now: datetime,
    back: timedelta,
    stopping: Callable[[], bool],
) -> Composed | None:
    """None: told to stop, and the next pass makes it."""
    if settings is not None and is_long(store):
        try:
            return apart(settings, stopping, make_brief, now=now, back=back, recipient=one)
        except StoreError as error:
            LOG.warning("the brief was not made apart", error=str(error))
    return make_brief(store, world, now=now, back=back, recipient=one)


def _hour(one: Recipient, now: datetime) -> datetime | None:
    """The last moment at which it was the brief's hour there, None when the recipient wants no brief."""
    if one.brief is None:
        return None
    there = now.astimezone(zone_of(one))
    at = there.replace(hour=one.brief.hour, minute=one.brief.minute, second=0, microsecond=0)
    if at > there:
        at = (at - timedelta(days=1)).replace(hour=one.brief.hour, minute=one.brief.minute)
    return at.astimezone(now.tzinfo)


def _origin(subject: str) -> Origin:
    return Origin.RECONSTRUCTED if subject.startswith("[RECONSTRUCTION]") else Origin.RECORDED

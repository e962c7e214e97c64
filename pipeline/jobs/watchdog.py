"""The dead man's mail: no alert must never mean "nothing was watching" without anybody being told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from pipeline.alerts.facts import SilenceFacts
from pipeline.alerts.pages import silence_mail
from pipeline.alerts.rules import Subject, decide
from pipeline.alerts.wording import say_utc
from pipeline.jobs.world import World
from pipeline.model.entities import OutboxItem
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.time import to_iso
from pipeline.store.session import Session
from pipeline.store.store import Store

_EVENT = "provider_down"
#: What rules look at: no aircraft, no place; only a rule that names the event can refuse it.
NOTHING: Final = Subject(
    event=_EVENT,
    icao24="",
    registration="",
    state="",
    operator="",
    role="",
    airport="",
    city="",
    country="",
    place_kind="",
    kind="",
    confidence=1.0,
)


def last_good(store: Store) -> datetime | None:
    """When any source of positions last answered, None: never."""
    with store.read() as session:
        return max((s.last_good for s in session.runs.sources("positions", counted=False) if s.last_good is not None), default=None)


def watch(store: Store, world: World, *, now: datetime, after: timedelta, before: datetime | None = None) -> list[OutboxItem]:
    """Queue a mail when nothing could be polled (or handed over) for ``after``, and one when it works again; each once.

    A silence that tarmac itself slept through (it was not running) is told by the pass that ends it.

    Args:
        before: ``last_good`` before this pass asked its sources.
    """
    with store.read() as session:
        items = [*_polled(session, world, now, after, before), *_sent(session, world, now, after)]
    if not items:
        return []
    with store.transaction() as tx:
        return [item for item in items if tx.outbox.add(item)]


def _polled(session: Session, world: World, now: datetime, after: timedelta, before: datetime | None) -> list[OutboxItem]:
    asked = session.runs.sources("positions", counted=False)
    if not asked:
        return []
    lines = tuple(
        f"{s.last.provider}: {s.last.outcome}, last good {say_utc(s.last_good) if s.last_good else 'never'}"
        + (f" ({s.last.detail})" if s.last.detail else "")
        for s in asked
    )
    last = max((s.last_good for s in asked if s.last_good is not None), default=None)
    hint = "tarmac doctor checks each source; tarmac status says when each was last read"
    if last is None or now - last >= after:
        first = last or min(s.last.at for s in asked)
        if now - first < after:
            return []
        return _mails(world, "polled", since=last, now=now, back=False, lines=lines, hint=hint)
    if before is None or last - before < after:
        return []
    return _mails(world, "polled", since=before, now=now, back=True, lines=lines, hint=hint)


def _sent(session: Session, world: World, now: datetime, after: timedelta) -> list[OutboxItem]:
    """A mail about mail that does not go out reaches somebody when there is another channel, and else when it works again."""
    oldest = session.outbox.oldest_waiting(now)
    if oldest is None or now - oldest < after:
        return []
    waiting = session.outbox.list(lifecycle=("pending", "failed"))
    errors = tuple(dict.fromkeys(item.last_error for item in waiting if item.last_error))[:4]
    lines = (f"{len(waiting)} messages wait", *errors)
    return _mails(world, "sent", since=oldest, now=now, back=False, lines=lines, hint="tarmac alerts test ADDRESS; see [mail]")


def _mails(
    world: World,
    what: Literal["polled", "sent"],
    *,
    since: datetime | None,
    now: datetime,
    back: bool,
    lines: Sequence[str],
    hint: str,
) -> list[OutboxItem]:
    mail = silence_mail(SilenceFacts(what=what, since=since, now=now, back=back, lines=tuple(lines), hint=hint), templates=world.templates)
    key = f"{_EVENT}:{what}:{'back' if back else 'down'}:{to_iso(since) if since else 'ever'}"
    return [
        OutboxItem(
            alert_id=mint(IdKind.ALERT, key, one.to),
            key=key,
            event=_EVENT,
            subject_id="",
            recipient=one.to,
            thread=mint(IdKind.ALERT, "thread", _EVENT, what, to_iso(since) if since else "ever"),
            created_at=now,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            origin=Origin.LIVE,
        )
        for one in world.recipients
        if decide(NOTHING, one, max_age=world.max_age).when == "at_once"
    ]

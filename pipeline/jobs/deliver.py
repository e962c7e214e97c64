"""Takes due items from the outbox and hands them over; each result is recorded before the next is claimed.

At least once: a message goes out twice only when the process dies, or the connection does, between the server's
acceptance and our record of it. The Message-ID is the same both times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pipeline.alerts.channels import ChannelDown, EmlChannel, Router, apprise_channels, password_of, smtp_channel
from pipeline.alerts.facts import Folded
from pipeline.alerts.message import marked_late
from pipeline.alerts.pages import digest_mail
from pipeline.jobs.postbox import COUNTED
from pipeline.jobs.world import World
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import ConfigError, DeliveryError, TarmacError
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import weakest
from pipeline.model.protocols import Channel
from pipeline.model.settings import MailSettings
from pipeline.store.store import Store

LEASE = timedelta(minutes=10)
#: A message that could not be handed over for this long is a dead letter, listed by `tarmac alerts list --failed`.
GIVE_UP: Final = timedelta(days=5)
#: More than this many due for one recipient at once (after an outage, a quiet night, an embargo) go out as one digest.
BACKLOG: Final = 8
#: So many failures of the channel itself, one after another, end a run: the others wait for the next one, untried.
_DOWN: Final = 2


def channel_of(mail: MailSettings, folder: Path) -> Channel:
    """The SMTP server of the settings, or .eml files in ``folder`` when none is set.

    Raises:
        ConfigError: the address is wrong, or the password is not where the settings say.
    """
    url = mail.url.get_secret_value()
    if not url:
        return EmlChannel(folder=folder, sender=mail.sender)
    return smtp_channel(url, sender=mail.sender, user=mail.user, password=password_of(mail.password_env, mail.password_file))


def router_of(world: World, mail: MailSettings, folder: Path) -> Router:
    """Mail, and the channels that recipients name.

    Raises:
        ConfigError: as ``channel_of``; a channel's address is not in the environment.
    """
    return Router(mail=channel_of(mail, folder), named=apprise_channels(world.channels))


def deliver(
    store: Store,
    channel: Channel | Router,
    *,
    now: datetime,
    owner: str,
    clock: Callable[[], datetime] | None = None,
    backlog: int = BACKLOG,
    templates: Path | None = None,
) -> list[tuple[str, str, str]]:
    """(subject, outcome, what the other side said) of every item that was tried.

    Args:
        clock: reads the time anew for each message, so that leases and late marks are right in a long run; None: ``now``.
        backlog: more due items than this for one recipient become one digest.
    """
    tell = clock or (lambda: now)
    router = channel if isinstance(channel, Router) else Router(mail=channel, named={})
    done: list[tuple[str, str, str]] = []
    fold_due(store, tell(), backlog=backlog, templates=templates)
    down = 0
    while down < _DOWN:
        with store.transaction() as tx:
            items = tx.outbox.claim(tell(), LEASE, owner, 1)
        if not items:
            break
        outcome, said, is_down = _hand_over(store, router.of(items[0].recipient), items[0], tell, owner)
        down = down + 1 if is_down else 0
        done.append((items[0].subject, outcome, said))
    return done


def fold_due(store: Store, now: datetime, *, backlog: int = BACKLOG, templates: Path | None = None) -> int:
    """Make one digest of what waits to be folded, and of a backlog; returns how many digests were made."""
    with store.transaction() as tx:
        waiting: dict[str, list[OutboxItem]] = defaultdict(list)
        for item in tx.outbox.foldable(now):
            if item.event in COUNTED:
                waiting[item.recipient].append(item)
        made = 0
        for recipient, items in waiting.items():
            crowd = len(items) > backlog
            mine = items if crowd else [item for item in items if item.fold]
            if len(mine) > 1:
                made += tx.outbox.fold([item.alert_id for item in mine], _digest(recipient, mine, now, templates, crowd=crowd))
    return made


def _digest(recipient: str, items: list[OutboxItem], now: datetime, templates: Path | None, *, crowd: bool) -> OutboxItem:
    folded = [Folded(alert_id=i.alert_id, subject=i.subject, text=i.text, created_at=i.created_at) for i in items]
    origin = weakest(item.origin for item in items)
    why = "more were due at once than anybody reads one by one" if crowd else "your settings: the first few at once, the rest together"
    mail = digest_mail(folded, why=why, origin=origin, now=now, templates=templates)
    alert_id = mint(IdKind.ALERT, "digest", recipient, *(item.alert_id for item in items))
    return OutboxItem(
        alert_id=alert_id,
        key=f"digest:{alert_id}",
        event="digest",
        subject_id="",
        recipient=recipient,
        thread="",
        created_at=now,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        origin=origin,
    )


def _hand_over(store: Store, channel: Channel, item: OutboxItem, tell: Callable[[], datetime], owner: str) -> tuple[str, str, bool]:
    """The outcome, what was said, and whether the channel itself is down."""
    try:
        said = channel.send(marked_late(item, due=max(item.due or item.created_at, item.created_at), now=tell()))
    except Exception as error:  # a bug in making one message must not keep the others in
        now, down = tell(), isinstance(error, (ChannelDown, ConfigError))
        said = str(error) if isinstance(error, TarmacError) else f"a bug, please report it: {type(error).__name__}: {error}"[:300]
        dead = isinstance(error, DeliveryError) and (not error.retryable or now - item.created_at >= GIVE_UP)
        with store.transaction() as tx:
            if dead:
                tx.outbox.mark_dead(item.alert_id, now=now, owner=owner, error=said, via=channel.name)
            else:
                longest = 15 if down else 240
                again = now + timedelta(minutes=min(longest, 2**item.attempts))
                tx.outbox.mark_deferred(item.alert_id, now=now, owner=owner, error=said, not_before=again, via=channel.name)
        return "dead" if dead else "deferred", said, down
    with store.transaction() as tx:
        tx.outbox.mark_sent(item.alert_id, now=tell(), owner=owner, via=channel.name, said=said)
    return "sent", said, False

"""Takes due items from the outbox and hands them over; each result is recorded before the next is claimed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pipeline.alerts.channels import EmlChannel, password_of, smtp_channel
from pipeline.model.errors import DeliveryError
from pipeline.model.protocols import Channel
from pipeline.model.settings import MailSettings
from pipeline.store.store import Store

LEASE = timedelta(minutes=10)
#: After these many tries a message is a dead letter, listed by `tarmac alerts list --failed`.
MOST_ATTEMPTS = 12


def channel_of(mail: MailSettings, folder: Path) -> Channel:
    """The SMTP server of the settings, or .eml files in ``folder`` when none is set.

    Raises:
        ConfigError: the address is wrong, or the password is not where the settings say.
    """
    url = mail.url.get_secret_value()
    if not url:
        return EmlChannel(folder=folder, sender=mail.sender)
    return smtp_channel(url, sender=mail.sender, user=mail.user, password=password_of(mail.password_env, mail.password_file))


def deliver(store: Store, channel: Channel, *, now: datetime, owner: str) -> list[tuple[str, str, str]]:
    """(subject, outcome, what the other side said) of every item that was due."""
    done: list[tuple[str, str, str]] = []
    while True:
        with store.transaction() as tx:
            items = tx.outbox.claim(now, LEASE, owner, 1)
        if not items:
            return done
        item = items[0]
        try:
            said = channel.send(item)
        except DeliveryError as error:
            dead = not error.retryable or item.attempts + 1 >= MOST_ATTEMPTS
            with store.transaction() as tx:
                if dead:
                    tx.outbox.mark_dead(item.alert_id, now=now, owner=owner, error=str(error), via=channel.name)
                else:
                    wait = timedelta(minutes=min(240, 2**item.attempts))
                    tx.outbox.mark_deferred(item.alert_id, now=now, owner=owner, error=str(error), not_before=now + wait, via=channel.name)
            done.append((item.subject, "dead" if dead else "deferred", str(error)))
            continue
        with store.transaction() as tx:
            tx.outbox.mark_sent(item.alert_id, now=now, owner=owner, via=channel.name, said=said)
        done.append((item.subject, "sent", said))

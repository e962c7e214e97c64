"""Outbox items → RFC 5322 messages. The same item gives the same message, Message-ID included."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, getaddresses
from html import escape
from typing import Any, Final

from pipeline.alerts.render import LATE_SLOT
from pipeline.alerts.wording import say_gap, say_utc
from pipeline.export.text import clean
from pipeline.model.entities import OutboxItem

_DOMAIN = "tarmac.invalid"
#: Handed over this long after it was due, a message says so.
LATE: Final = timedelta(minutes=30)


class _WholeSubject(EmailPolicy):
    """Encodes a subject that is not ASCII as a whole: the standard folding splits it at spaces and readers then show two."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() != "subject" or str(value).isascii():
            return str(super().fold(name, value))
        words = Header(str(value), "utf-8", maxlinelen=75, header_name=name).encode(linesep=self.linesep)
        return f"{name}: {words}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


MAIL_POLICY: Final = _WholeSubject(linesep="\r\n", raise_on_defect=False)


def build_message(item: OutboxItem, *, sender: str) -> EmailMessage:
    """Text and HTML alternatives; pictures are parts of the HTML."""
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = clean(sender, 250)
    message["To"] = clean(item.recipient, 250)
    message["Subject"] = clean(item.subject, 250)
    message["Date"] = format_datetime(item.created_at)
    message["Message-ID"] = f"<{item.alert_id}@{_DOMAIN}>"
    if item.thread:
        root = f"<{item.thread}@{_DOMAIN}>"
        message["In-Reply-To"] = root
        message["References"] = root
    message["Auto-Submitted"] = "auto-generated"
    message["X-Tarmac-Origin"] = item.origin.value
    message.set_content(item.text)
    if item.html:
        message.add_alternative(item.html, subtype="html")
        part = message.get_payload()[1]  # type: ignore[index]
        for content_id, png in item.images:
            part.add_related(png, "image", "png", cid=f"<{content_id}>", filename=f"{content_id}.png")  # type: ignore[union-attr]
    return message


def marked_late(item: OutboxItem, *, due: datetime, now: datetime) -> OutboxItem:
    """The same message with a mark, when it is handed over more than ``LATE`` after it was meant to be."""
    late = now - due
    if late <= LATE:
        return item
    said = f"LATE by {say_gap(late.total_seconds())}: written {say_utc(item.created_at)}, handed over {say_utc(now)}."
    band = f'<p class="late">{escape(said)}</p>'
    return replace(
        item,
        subject=clean(f"[late {say_gap(late.total_seconds())}] {item.subject}", 250),
        text=f"{said}\n\n{item.text}",
        html=item.html.replace(LATE_SLOT, band, 1),
    )


def viewable(item: OutboxItem) -> str:
    """The message's HTML with its pictures inside, for a browser; its text where it has no HTML."""
    if not item.html:
        return f"<!doctype html><meta charset=utf-8><title>{escape(item.subject)}</title><pre>{escape(item.text)}</pre>"
    page = item.html
    for content_id, png in item.images:
        page = page.replace(f'src="cid:{escape(content_id)}"', f'src="data:image/png;base64,{b64encode(png).decode()}"')
    return page


def valid_address(text: str) -> bool:
    """Whether an address can be mailed to."""
    found = getaddresses([text])
    if len(found) != 1 or not text.isprintable():
        return False
    address = found[0][1]
    name, at, domain = address.rpartition("@")
    plain = address.isprintable() and address.isascii() and not any(c.isspace() or c in '<>(),;:"[]\\' for c in address)
    return bool(name and at and domain) and plain and "@" not in name and not domain.startswith((".", "-")) and ".." not in address

"""Delivery to a real SMTP server on loopback, read back."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from pipeline.alerts.channels import EmlChannel, SmtpChannel, smtp_channel
from pipeline.jobs.deliver import deliver
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import ConfigError, DeliveryRefused
from pipeline.model.origin import Origin
from pipeline.store.store import Store

NOW = datetime(2022, 11, 14, 9, tzinfo=UTC)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Inbox:
    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.received.append(envelope.content)
        return self.answer


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Controller]]:
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield handler, controller
    controller.stop()


def _item(**change: object) -> OutboxItem:
    values = {
        "alert_id": "alr-aaaaaaaaaa",
        "key": "landing:lnd-1",
        "event": "landing",
        "subject_id": "lnd-1",
        "recipient": "desk@example.org",
        "thread": "alr-thread",
        "created_at": NOW,
        "subject": "Russian state aircraft RA-64057 landed Ankara Esenboğa\r\nBcc: evil@example.org \u202e",
        "text": "text with ğ and \u202e\n",
        "html": "<p>html</p><img src='cid:map-1' alt='a map'>",
        "origin": Origin.RECORDED,
        "images": (("map-1", b"\x89PNG\r\n\x1a\nrest"),),
    }
    return OutboxItem(**{**values, **change})


def _channel(controller: Controller) -> SmtpChannel:
    port = controller.server.sockets[0].getsockname()[1]
    return smtp_channel(f"smtp://127.0.0.1:{port}", sender="tarmac <t@example.org>")


def _store(tmp_path: Path) -> Store:
    return Store.open("sqlite:///t.db", data_dir=tmp_path)


def test_a_message_is_delivered_once_and_reads_back(inbox, tmp_path: Path) -> None:
    handler, controller = inbox
    with _store(tmp_path) as store:
        with store.transaction() as tx:
            assert tx.outbox.add(_item())
            assert not tx.outbox.add(_item(alert_id="alr-other"))
        assert [outcome for _, outcome, _ in deliver(store, _channel(controller), now=NOW, owner="t")] == ["sent"]
        assert deliver(store, _channel(controller), now=NOW, owner="t") == []
    (raw,) = handler.received
    message = email.message_from_bytes(raw, policy=policy.default)
    assert message["To"] == "desk@example.org"
    assert message["Bcc"] is None
    assert message["Message-ID"] == "<alr-aaaaaaaaaa@tarmac.invalid>"
    assert "\u202e" not in message["Subject"]
    assert message.get_body(("plain",)).get_content().startswith("text with ğ")
    assert [p.get_content() for p in message.walk() if p.get_content_type() == "image/png"] == [b"\x89PNG\r\n\x1a\nrest"]


def test_a_4xx_is_tried_again_and_a_5xx_is_a_dead_letter(inbox, tmp_path: Path) -> None:
    handler, controller = inbox
    with _store(tmp_path) as store:
        with store.transaction() as tx:
            tx.outbox.add(_item())
        handler.answer = "451 later"
        assert deliver(store, _channel(controller), now=NOW, owner="t")[0][1] == "deferred"
        assert deliver(store, _channel(controller), now=NOW, owner="t") == []
        handler.answer = "554 never"
        assert deliver(store, _channel(controller), now=NOW + timedelta(hours=1), owner="t")[0][1] == "dead"
        with store.read() as session:
            (dead,) = session.outbox.list(lifecycle="dead")
    assert "554 never" in dead.last_error


def test_no_server_is_no_loss(tmp_path: Path) -> None:
    with _store(tmp_path) as store:
        with store.transaction() as tx:
            tx.outbox.add(_item())
        gone = smtp_channel("smtp://127.0.0.1:9", sender="t@example.org")
        assert deliver(store, gone, now=NOW, owner="t")[0][1] == "deferred"
        assert (
            deliver(store, EmlChannel(folder=tmp_path / "out", sender="t@example.org"), now=NOW + timedelta(hours=1), owner="t")[0][1]
            == "sent"
        )
    assert len(list((tmp_path / "out").glob("*.eml"))) == 1


def test_a_password_is_not_sent_in_the_clear(inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    _, controller = inbox
    from dataclasses import replace

    from pipeline.alerts import channels

    monkeypatch.setattr(channels, "_is_loopback", lambda host: False)
    with pytest.raises(DeliveryRefused, match="STARTTLS"):
        replace(_channel(controller), user="me", password="secret").send(_item())


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://host:port"])
def test_bad_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="SMTP"):
        smtp_channel(url, sender="x")

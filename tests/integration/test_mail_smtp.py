"""Delivery to a real SMTP server on loopback, read back."""

from __future__ import annotations

import email
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from pipeline.alerts.channels import ChannelDown, EmlChannel, Router, SmtpChannel, apprise_channels, smtp_channel
from pipeline.alerts.message import build_message
from pipeline.jobs.deliver import deliver
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import ConfigError
from pipeline.model.origin import Origin
from pipeline.store.store import Store

CERTIFICATE = Path(__file__).with_name("sky_server.pem")
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
    from pipeline.alerts import channels

    monkeypatch.setattr(channels, "_is_loopback", lambda host: False)
    with pytest.raises(ChannelDown, match="STARTTLS"):
        replace(_channel(controller), user="me", password="secret").send(_item())


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://host:port"])
def test_bad_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="SMTP"):
        smtp_channel(url, sender="x")


def _events(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        return sorted((item.event, item.lifecycle) for item in session.outbox.list())


def _queue(store: Store, count: int, **change: object) -> None:
    with store.transaction() as tx:
        for number in range(count):
            values = {
                "alert_id": f"alr-{number:03}",
                "key": f"k{number}",
                "subject_id": f"lnd-{number}",
                "subject": f"landed, number {number}",
            }
            assert tx.outbox.add(_item(**{**values, "text": f"the text of {number}\n", **change}))


def test_a_backlog_becomes_one_digest_with_every_text_in_it(inbox, tmp_path: Path) -> None:
    handler, controller = inbox
    with _store(tmp_path) as store:
        _queue(store, 12)
        assert [outcome for _, outcome, _ in deliver(store, _channel(controller), now=NOW, owner="t")] == ["sent"]
        assert _events(store) == [("digest", "sent")] + [("landing", "folded")] * 12
        with store.read() as session:
            (digest,) = session.outbox.list(events=["digest"])
            assert len(session.outbox.list(folded_into=digest.alert_id)) == 12
    (raw,) = handler.received
    text = email.message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content()
    for number in range(12):
        assert f"landed, number {number} (alr-{number:03}" in text
        assert f"the text of {number}" in text


def test_flood_control_folds_what_waits_and_never_a_withdrawal(inbox, tmp_path: Path) -> None:
    handler, controller = inbox
    later = NOW + timedelta(hours=4)
    with _store(tmp_path) as store:
        _queue(store, 2)
        with store.transaction() as tx:
            for number in (7, 8, 9):
                tx.outbox.add(_item(alert_id=f"alr-w{number}", key=f"w{number}", fold=True, due=later, not_before=later))
            tx.outbox.add(_item(alert_id="alr-gone", key="gone", event="withdrawal", subject="WITHDRAWN"))
        assert len(deliver(store, _channel(controller), now=NOW, owner="t")) == 3
        assert len(deliver(store, _channel(controller), now=later, owner="t")) == 1
        assert ("withdrawal", "sent") in _events(store)
        assert _events(store).count(("landing", "folded")) == 3
    subjects = [email.message_from_bytes(raw, policy=policy.default)["Subject"] for raw in handler.received]
    assert subjects[-1].startswith("3 alerts in one message")
    assert not any(subject.startswith("[late") for subject in subjects), "what waited on purpose is not late"


def test_a_huge_digest_stays_a_mail_that_can_be_sent(inbox, tmp_path: Path) -> None:
    handler, controller = inbox
    with _store(tmp_path) as store:
        _queue(store, 400, text="x" * 3000)
        deliver(store, _channel(controller), now=NOW, owner="t")
    (raw,) = handler.received
    assert len(raw) < 300_000


def test_after_an_outage_messages_say_that_they_are_late(inbox, tmp_path: Path) -> None:
    handler, controller = inbox
    gone = smtp_channel("smtp://127.0.0.1:9", sender="t@example.org")
    with _store(tmp_path) as store:
        _queue(store, 5)
        tried = deliver(store, gone, now=NOW, owner="t")
        assert [outcome for _, outcome, _ in tried] == ["deferred"] * 2, "the others wait untried: the server is down, not they"
        deliver(store, _channel(controller), now=NOW + timedelta(hours=3), owner="t")
        assert _events(store) == [("landing", "sent")] * 5
    for raw in handler.received:
        assert email.message_from_bytes(raw, policy=policy.default)["Subject"].startswith("[late 3 h] landed")


def test_a_network_fault_is_no_dead_letter_before_five_days(tmp_path: Path) -> None:
    gone = smtp_channel("smtp://127.0.0.1:9", sender="t@example.org")
    with _store(tmp_path) as store:
        _queue(store, 1)
        for hour in range(0, 119, 5):
            assert deliver(store, gone, now=NOW + timedelta(hours=hour), owner="t")[0][1] == "deferred"
        assert deliver(store, gone, now=NOW + timedelta(days=5), owner="t")[0][1] == "dead"
        with store.transaction() as tx:
            tx.outbox.requeue("alr-000", now=NOW, owner="a person")
        eml = EmlChannel(folder=tmp_path / "out", sender="t@example.org")
        assert deliver(store, eml, now=NOW + timedelta(days=5), owner="t")[0][1] == "sent"


def test_a_message_that_cannot_be_made_keeps_nobody_in(inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.alerts import channels

    def build(item: OutboxItem, *, sender: str) -> object:
        if item.alert_id == "alr-bad":
            raise ValueError("a bug of ours")
        return build_message(item, sender=sender)

    monkeypatch.setattr(channels, "build_message", build)
    handler, controller = inbox
    with _store(tmp_path) as store:
        _queue(store, 3)
        with store.transaction() as tx:
            tx.outbox.add(_item(alert_id="alr-bad", key="bad", created_at=NOW - timedelta(hours=1)))
        tried = deliver(store, _channel(controller), now=NOW, owner="t")
    assert [outcome for _, outcome, _ in tried] == ["deferred", "sent", "sent", "sent"]
    assert tried[0][2] == "a bug, please report it: ValueError: a bug of ours"
    assert len(handler.received) == 3


def test_apprise_gets_the_same_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise", reason="pip install 'tarmac[channels]'")
    got: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if len(got) > 1 else 503)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("TARMAC_DESK_URL", f"json://127.0.0.1:{server.server_port}/desk")
    router = Router(mail=EmlChannel(folder=tmp_path / "out", sender="t@example.org"), named=apprise_channels({"desk": "TARMAC_DESK_URL"}))
    with _store(tmp_path) as store:
        _queue(store, 1, recipient="desk")
        assert deliver(store, router, now=NOW, owner="t")[0][1] == "deferred"
        assert deliver(store, router, now=NOW + timedelta(minutes=5), owner="t")[0][1] == "sent"
        with store.read() as session:
            assert session.outbox.get("alr-000").sent_via == "desk"
    server.shutdown()
    server.server_close()
    assert (got[1]["title"], got[1]["message"].strip()) == ("landed, number 0", "the text of 0")
    with pytest.raises(ConfigError, match="the environment has no TARMAC_OTHER"):
        apprise_channels({"other": "TARMAC_OTHER"})


@pytest.fixture
def strict() -> Iterator[tuple[Inbox, Controller]]:
    """A server that wants TLS and a login, and shows a certificate for 127.0.0.1 alone."""
    handler = Inbox()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=_free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=lambda server, session, envelope, mechanism, data: AuthResult(success=data.password == b"right", handled=False),
    )
    controller.start()
    yield handler, controller
    controller.stop()


def test_starttls_login_and_a_verified_certificate(strict, tmp_path: Path) -> None:
    handler, controller = strict
    trusting = replace(_channel(controller), user="me", password="right", context=ssl.create_default_context(cafile=str(CERTIFICATE)))
    trusting.send(_item())
    assert len(handler.received) == 1
    for wrong, said in (
        (replace(trusting, password="wrong"), "refused the login"),
        (replace(trusting, context=ssl.create_default_context()), "CERTIFICATE_VERIFY_FAILED"),
        (replace(trusting, host="localhost"), "not valid for 'localhost'"),
    ):
        with pytest.raises(ChannelDown, match=said) as caught:
            wrong.send(_item())
        assert "right" not in str(caught.value)
        assert "wrong" not in str(caught.value)
    assert len(handler.received) == 1

"""Delivery to a real Postfix with STARTTLS, a verified certificate and a login, which refuses, defers and is killed."""

from __future__ import annotations

import email
import ssl
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import pytest
from postfix_server import CERTIFICATE, PASSWORD, USER, Postfix, why_not

from pipeline.alerts.channels import ChannelDown, SmtpChannel, smtp_channel
from pipeline.jobs.deliver import deliver
from pipeline.model.entities import OutboxItem
from pipeline.model.origin import Origin
from pipeline.store.store import Store

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "never")
NOW = datetime(2022, 11, 14, 9, tzinfo=UTC)
COUNT = 60


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    # Not below the tests' own folder, which only root may enter: Postfix delivers as a user of its own.
    with tempfile.TemporaryDirectory(prefix="tarmac-postfix-") as folder:
        server = Postfix(Path(folder))
        server.start()
        yield server
        server.stop()


def _channel(server: Postfix) -> SmtpChannel:
    plain = smtp_channel(f"smtp://127.0.0.1:{server.port}", sender="tarmac <tarmac@example.org>", user=USER, password=PASSWORD)
    return replace(plain, context=ssl.create_default_context(cafile=str(CERTIFICATE)))


def _item(number: int, to: str = "desk@example.org", text: str = "") -> OutboxItem:
    return OutboxItem(
        alert_id=f"alr-{number:03}",
        key=f"k{number}",
        event="landing",
        subject_id=f"lnd-{number}",
        recipient=to,
        thread="",
        created_at=NOW + timedelta(seconds=number),
        subject=f"Ankara Esenboğa, number {number}\r\nBcc: x@example.org",
        text=text or f"the text of {number}\n",
        html=f"<p>number {number}</p><img src='cid:map' alt='a map'>",
        origin=Origin.RECORDED,
        images=(("map", b"\x89PNG\r\n\x1a\n" + bytes(20_000)),),
    )


def test_a_login_over_tls_with_the_right_certificate_and_no_other(postfix: Postfix) -> None:
    channel = _channel(postfix)
    channel.send(_item(1))
    for wrong, said in (
        (replace(channel, password="wrong"), "refused the login"),
        (replace(channel, context=ssl.create_default_context()), "CERTIFICATE_VERIFY_FAILED"),
    ):
        with pytest.raises(ChannelDown, match=said):
            wrong.send(_item(2))
    (raw,) = postfix.received()
    message = email.message_from_bytes(raw, policy=policy.default)
    assert message["Subject"] == "Ankara Esenboğa, number 1 Bcc: x@example.org"
    assert message["Bcc"] is None
    assert message["Message-ID"] == "<alr-001@tarmac.invalid>"
    assert "with ESMTPSA" in " ".join(message.get_all("Received", [])), "encrypted and logged in"


def test_none_is_lost_while_it_defers_refuses_and_is_killed(postfix: Postfix, tmp_path: Path) -> None:
    postfix.stop()
    postfix.refuse({"busy@example.org": "451 4.3.0 later", "gone@example.org": "550 5.1.1 no such user"})
    postfix.start()
    channel, clock = _channel(postfix), [NOW]
    with Store.open("sqlite:///t.db", data_dir=tmp_path) as store:
        with store.transaction() as tx:
            for number in range(COUNT):
                to = {7: "busy@example.org", 11: "gone@example.org"}.get(number, "desk@example.org")
                tx.outbox.add(_item(number, to, text="x " * 200_000 if number == 13 else ""))

        def now() -> datetime:
            # The clock of the deliverer; Postfix is killed when it has been asked the time so often.
            clock.append(clock[-1] + timedelta(seconds=1))
            if len(clock) in (25, 70):
                postfix.kill()
            return clock[-1]

        outcomes: Counter[str] = Counter()
        for round_ in range(6):
            outcomes.update(outcome for _, outcome, _ in deliver(store, channel, now=now(), owner="t", clock=now, backlog=10_000))
            if round_ in (0, 1):
                postfix.stop()
                postfix.start()
            if round_ == 3:
                postfix.stop()
                postfix.refuse({})
                postfix.start()
                with store.transaction() as tx:
                    tx.outbox.requeue("alr-011", now=now(), owner="a person")
            clock.append(clock[-1] + timedelta(hours=5))
        with store.read() as session:
            left = {item.alert_id: item.last_error for item in session.outbox.list() if item.lifecycle != "sent"}
    assert list(left) == ["alr-013"], left
    assert "552" in left["alr-013"], "too large for that server: a dead letter that says so"
    assert outcomes["deferred"] >= 3, "451, and a server that was not there"
    ids = Counter(email.message_from_bytes(raw)["Message-ID"] for raw in postfix.received())
    assert set(ids) == {f"<alr-{number:03}@tarmac.invalid>" for number in range(COUNT) if number != 13}
    assert sum(ids.values()) - len(ids) <= 2, "twice only what was in hand when it was killed"

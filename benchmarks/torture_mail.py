"""Delivery under faults: real SMTP with TLS and login, a server that is killed and misbehaves, and a tarmac that is killed.

    python benchmarks/torture_mail.py --alerts 1000 --kills 100 --seed 7

The server (aiosmtpd, a process of its own) slows down, answers 421, 451 and 552, drops the connection before, in the
middle of and after a message, and is killed with SIGKILL. The deliverer is another process, killed with SIGKILL at random
moments. Dead letters (552) are queued again at the end, as a person would. Nothing may be lost; a message may be there
twice only when a process or a connection died between the server's acceptance and our record. Needs a POSIX system.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import os
import signal
import socket
import ssl
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from pipeline.alerts.channels import SmtpChannel
from pipeline.jobs.deliver import deliver
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import TarmacError
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.store.store import Store

CERTIFICATE = Path(__file__).parents[1] / "tests" / "integration" / "sky_server.pem"
START = datetime(2022, 11, 14, 8, tzinfo=UTC)
#: tarmac's clock runs so much faster than ours, so that leases and back-off pass in seconds.
SPEED = 120.0
#: How the server treats a message.
FAULTS = {
    "ok": 0.66,
    "slow": 0.08,
    "421": 0.04,
    "451": 0.08,
    "552": 0.04,
    "drop_before": 0.03,
    "drop_middle": 0.04,
    "drop_after": 0.03,
}
#: A kill accounts for one second copy, of a message that was accepted at most so many seconds before it.
WINDOW_S = 2.0


class _Rough(SMTP):
    """Drops the connection in the middle of a message when its handler says so."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        fault = self.event_handler.choose()
        self.event_handler.fault = fault
        if fault in ("drop_before", "drop_middle"):
            if fault == "drop_middle":
                await self.push("354 go on")
                await asyncio.sleep(0.01)
            self.event_handler.note(fault, "")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, log: Path, seed: int) -> None:
        self._log, self._rng, self.fault = log, np.random.default_rng(seed), "ok"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        self._refused = {line["id"] for line in lines if line["what"] == "552"}

    def choose(self) -> str:
        return str(self._rng.choice(list(FAULTS), p=list(FAULTS.values())))

    def note(self, what: str, message_id: str) -> None:
        with self._log.open("a") as out:
            out.write(json.dumps({"t": time.time(), "what": what, "id": message_id}) + "\n")

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:  # noqa: N802, ARG002
        lines = envelope.content.decode("utf-8", "replace").splitlines()  # type: ignore[attr-defined]
        message_id = next(line.partition(":")[2].strip(" <>") for line in lines if line.lower().startswith("message-id:"))
        if self.fault == "slow":
            await asyncio.sleep(float(self._rng.uniform(0.05, 0.4)))
        if self.fault == "421":
            return "421 busy, come back later"
        if self.fault == "451":
            return "451 local error, try again"
        if self.fault == "552" and message_id not in self._refused:
            self._refused.add(message_id)
            self.note("552", message_id)
            return "552 mailbox full"
        self.note("accepted", message_id)
        if self.fault == "drop_after":
            self.note("drop_after", message_id)
            server.transport.abort()
        return "250 OK"


class _RoughController(Controller):
    def factory(self) -> SMTP:
        return _Rough(self.handler, **self.SMTP_kwargs)


def _serve(port: int, log: Path, seed: int) -> None:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)

    def login(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:  # noqa: ARG001
        good = (data.login, data.password) == (b"tarmac", b"torture")  # type: ignore[attr-defined]
        return AuthResult(success=good)

    controller = _RoughController(
        _Handler(log, seed),
        hostname="127.0.0.1",
        port=port,
        tls_context=context,
        require_starttls=True,
        authenticator=login,
        auth_required=True,
    )
    controller.start()
    signal.pause()


@dataclass(frozen=True)
class _Clock:
    began: float
    jump: float = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=(time.time() - self.began) * SPEED + self.jump)


def _channel(port: int) -> SmtpChannel:
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    return SmtpChannel(
        host="127.0.0.1", port=port, sender="tarmac <t@example.org>", user="tarmac", password="torture", timeout_s=10, context=context
    )


def _deliver(folder: Path, port: int, clock: _Clock) -> None:
    with Store.open("sqlite:///torture.db", data_dir=folder) as store:
        while True:
            try:
                deliver(store, _channel(port), now=clock.now(), owner=f"pid {os.getpid()}", clock=clock.now, backlog=10**6)
            except TarmacError as error:
                print(f"deliverer: {error}", file=sys.stderr)
            time.sleep(0.05)


def _items(count: int) -> list[OutboxItem]:
    return [
        OutboxItem(
            alert_id=mint(IdKind.ALERT, "torture", str(number)),
            key=f"torture:{number}",
            event="landing",
            subject_id=f"lnd-{number}",
            recipient=f"desk{number % 40}@example.org",
            thread="",
            created_at=START,
            subject=f"Russian state aircraft RA-64057 landed Ankara Esenboğa, number {number}",
            text="landed\n" * 20,
            html="<p>landed</p>",
            origin=Origin.RECORDED,
            images=(("map", b"\x89PNG" + bytes(20_000)),),
        )
        for number in range(count)
    ]


def torture(folder: Path, *, alerts: int, kills: int, seed: int, server_kills: int) -> dict[str, object]:
    """Deliver ``alerts`` messages through it all; the counts of what happened, ``lost`` and ``unexplained`` among them."""
    rng, spawn = np.random.default_rng(seed), multiprocessing.get_context("fork")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    log = folder / "server.jsonl"
    log.touch()
    with Store.open("sqlite:///torture.db", data_dir=folder) as store, store.transaction() as tx:
        for item in _items(alerts):
            tx.outbox.add(item)
    incidents: list[float] = []
    began = time.time()

    def server(number: int) -> multiprocessing.process.BaseProcess:
        process = spawn.Process(target=_serve, args=(port, log, seed * 1000 + number), daemon=True)
        process.start()
        return process

    def end(process: multiprocessing.process.BaseProcess) -> None:
        process.kill()
        process.join()
        # Only now it can accept, or record, nothing more.
        incidents.append(time.time())

    running, clock = server(0), _Clock(began)
    when_server = set(rng.choice(kills, size=min(server_kills, kills), replace=False).tolist())
    for number in range(kills):
        worker = spawn.Process(target=_deliver, args=(folder, port, clock), daemon=True)
        worker.start()
        time.sleep(float(rng.uniform(0.05, max(0.4, 2 * alerts * 0.02 / kills))))
        if number in when_server:
            end(running)
            time.sleep(float(rng.uniform(0.0, 0.3)))
            running = server(number + 1)
        end(worker)
    again = _drain(folder, port, clock)
    end(running)
    return _report(folder, log, incidents, alerts) | {
        "kills of tarmac": kills,
        "kills of the server": len(when_server),
        "dead letters sent again": again,
        "seconds": round(time.time() - began),
    }


def _drain(folder: Path, port: int, clock: _Clock) -> int:
    """Deliver the rest in one process, a quarter of an hour at a time, and queue dead letters again; how many those were."""
    again = 0
    with Store.open("sqlite:///torture.db", data_dir=folder) as store:
        for _ in range(2000):
            clock = _Clock(clock.began, clock.jump + 900)
            deliver(store, _channel(port), now=clock.now(), owner="drain", clock=clock.now, backlog=10**6)
            with store.transaction() as tx:
                counts = tx.outbox.counts()
                dead = tx.outbox.list(lifecycle="dead")
                for item in dead:
                    tx.outbox.requeue(item.alert_id, now=clock.now(), owner="a person")
            again += len(dead)
            if not dead and not counts.get("pending") and not counts.get("failed"):
                break
    return again


def _report(folder: Path, log: Path, incidents: list[float], alerts: int) -> dict[str, object]:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    got: dict[str, list[float]] = {}
    for line in lines:
        if line["what"] == "accepted":
            got.setdefault(line["id"], []).append(line["t"])
    cut = Counter(line["id"] for line in lines if line["what"] == "drop_after")
    kills, unexplained, twice = sorted(incidents), [], 0
    for message_id, times in got.items():
        for moment in sorted(times)[:-1]:  # every copy but the last was accepted without our knowing
            twice += 1
            if cut[message_id]:
                cut[message_id] -= 1
                continue
            cause = next((t for t in kills if moment <= t <= moment + WINDOW_S), None)
            if cause is None:
                unexplained.append(message_id)
            else:
                kills.remove(cause)
    wanted = {f"{item.alert_id}@tarmac.invalid" for item in _items(alerts)}
    with Store.open("sqlite:///torture.db", data_dir=folder) as store, store.read() as session:
        counts = session.outbox.counts()
    return {
        "alerts": alerts,
        "recorded as sent": counts.get("sent", 0),
        "lost": len(wanted - set(got)),
        "delivered more than once": twice,
        "of these unexplained": len(unexplained),
        "faults": dict(sorted(Counter(line["what"] for line in lines if line["what"] != "accepted").items())),
    }


def main() -> int:
    """Prints the counts as JSON; 1 when a message was lost or doubled without a cause."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--alerts", type=int, default=1000)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--server-kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tarmac-torture-") as folder:
        found = torture(Path(folder), alerts=given.alerts, kills=given.kills, seed=given.seed, server_kills=given.server_kills)
    print(json.dumps(found, indent=2))
    return int(bool(found["lost"] or found["of these unexplained"] or found["recorded as sent"] != given.alerts))


if __name__ == "__main__":
    sys.exit(main())

"""Signs of life: the heartbeat file, the dead-man address, metrics in Prometheus' text format, systemd's notify socket."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from pipeline.model.errors import SourceError
from pipeline.model.settings import Settings
from pipeline.model.time import to_iso
from pipeline.net.client import Client
from pipeline.store.store import Store

LOG: Final = structlog.get_logger("tarmac")
_SIZES_NOTE: Final = "sizes"


def after_pass(store: Store, settings: Settings, client: Client, *, now: datetime) -> None:
    """What a good pass leaves behind for whoever watches over it; nothing of it may fail the pass."""
    run = settings.run
    _touch(run.heartbeat or settings.data_dir / "heartbeat", f"{to_iso(now)}\n")
    if run.metrics is not None:
        _touch(run.metrics, metrics_text(store, now=now))
    notify("WATCHDOG=1", f"STATUS=last pass {to_iso(now)}")
    if url := run.dead_man_url.get_secret_value():
        try:
            client.get(url)
        except SourceError as error:
            LOG.warning("the dead-man address did not answer", why=str(error).replace(url, "***"))


def metrics_text(store: Store, *, now: datetime) -> str:
    """The store's figures in Prometheus' text format, for a textfile collector."""
    return "\n".join(_metrics(store, now)) + "\n"


def _metrics(store: Store, now: datetime) -> Iterator[str]:
    sizes = _sizes(store, now)
    with store.read() as session:
        sources, outbox, hosts = session.runs.sources(counted=False), session.outbox.counts(), session.hosts.list()
        last = next((p for p in session.runs.passes(limit=5) if p.outcome == "done"), None)
    yield from _family("tarmac_up", "gauge", "1 when this was written after a pass", [("", 1)])
    if last is not None:
        yield from _family("tarmac_last_pass_timestamp_seconds", "gauge", "start of the last whole pass", [("", last.started.timestamp())])
        yield from _family(
            "tarmac_pass_new", "gauge", "what the last pass counted", [(f'what="{k}"', v) for k, v in sorted(last.counts.items())]
        )
    good = [(f'provider="{_label(s.last.provider)}",kind="{s.last.kind}"', s.last_good.timestamp()) for s in sources if s.last_good]
    yield from _family("tarmac_source_last_good_timestamp_seconds", "gauge", "when each source last answered", good)
    spent = [(f'host="{_label(h.host)}"', h.spent) for h in hosts if h.day == f"{now:%Y-%m-%d}"]
    yield from _family("tarmac_requests_today", "gauge", "requests of the UTC day by host", spent)
    yield from _family("tarmac_outbox", "gauge", "messages by lifecycle", [(f'lifecycle="{k}"', v) for k, v in sorted(outbox.items())])
    yield from _family(
        "tarmac_rows", "gauge", "rows by table, within the last hour", [(f'table="{k}"', v) for k, v in sorted(sizes["rows"].items())]
    )
    both = [('what="database"', sizes["database"]), ('what="captures"', sizes["captures"]), ('what="old positions"', sizes["cold"])]
    yield from _family("tarmac_bytes", "gauge", "size of the store", both)


def _sizes(store: Store, now: datetime) -> dict[str, Any]:
    """Bytes and rows, measured every hour: counting millions of rows costs as much as a pass."""
    hour = f"{now:%Y-%m-%dT%H}"
    with store.read() as session:
        noted = session.notes.get(_SIZES_NOTE)
    known: dict[str, Any] = json.loads(noted) if noted else {}
    if known.get("hour") == hour:
        return known
    sizes = store.sizes()
    rows = {"database": sizes.database_bytes, "captures": sizes.archive_bytes, "cold": sizes.cold_bytes, "rows": dict(sizes.rows)}
    with store.transaction() as tx:
        tx.notes.put(_SIZES_NOTE, json.dumps({"hour": hour, **rows}))
    return rows


def _family(name: str, kind: str, said: str, samples: Sequence[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{{{labels}}} {value:.15g}" if labels else f"{name} {value:.15g}"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _touch(path: Path, text: str) -> None:
    try:
        aside = path.with_name(path.name + ".tmp")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        LOG.warning("a sign of life could not be written", file=path.name, why=error.strerror)


def notify(*lines: str) -> bool:
    """Tell systemd (``READY=1``, ``WATCHDOG=1``, ``STOPPING=1``); False when it did not start us."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1.0)  # a manager that reads nothing must not hold the daemon up
            sock.connect("\0" + address[1:] if address.startswith("@") else address)
            sock.sendall("\n".join(lines).encode())
    except OSError:
        return False
    return True

"""What ``tarmac status`` tells: sizes and growth, sources and their budgets, clocks, the air, and why there is no data."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pipeline.jobs.gaps import read_gap
from pipeline.jobs.poll import DUE_NOTE, WHY_NOTE
from pipeline.jobs.renewal import FAILED_NOTE
from pipeline.model.time import to_iso
from pipeline.net.urls import host_of
from pipeline.sources.manifests import OPENSKY, V2_PROVIDERS
from pipeline.store.store import Store

Rows = tuple[tuple[object, ...], ...]

#: What the last pass knew of its providers' budgets and credits.
TERMS_NOTE: Final = "terms"
_TABLES = ("positions", "landings", "stays", "meetings", "matches", "leads", "outbox", "captures", "candidates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Tables of plain values; a time that never was is ``None``."""

    store: str
    database_bytes: int
    archive_bytes: int
    cold_bytes: int
    last_pass: datetime | None
    last_outcome: str
    next_pass: str
    cadence: str
    gap_left: int
    not_calibrated: str
    outbox: dict[str, int]
    sizes: Rows
    rows: Rows
    sources: Rows
    budgets: Rows
    credits: Rows
    clocks: Rows
    aloft: Rows
    ledger: Rows

    def sentence(self) -> str:
        """The state of things in a line."""
        last = to_iso(self.last_pass) if self.last_pass else "never"
        due = f"; next {self.next_pass} ({self.cadence})" if self.next_pass else ""
        gap = f"; a gap is being filled, {self.gap_left} traces to read" if self.gap_left else ""
        failed = f"; the history was not summed up: {self.not_calibrated}" if self.not_calibrated else ""
        waiting = self.outbox.get("pending", 0) + self.outbox.get("failed", 0)
        return f"store {self.store}: last pass {last} ({self.last_outcome or 'unfinished'}){due}{gap}{failed}; {waiting} messages waiting"

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "store": self.store,
            "database_bytes": self.database_bytes,
            "archive_bytes": self.archive_bytes,
            "cold_bytes": self.cold_bytes,
            "bytes_a_day": {str(what): a_day for what, _, a_day in self.sizes},
            "rows": {str(name): count for name, count in self.rows},
            "outbox": self.outbox,
            "last_pass": self.last_pass,
            "last_outcome": self.last_outcome,
            "next_pass": self.next_pass or None,
            "cadence": self.cadence,
            "gap_left": self.gap_left,
            "not_calibrated": self.not_calibrated or None,
            "sources": [dict(zip(("provider", "kind", "outcome", "last_good", "reads"), row, strict=True)) for row in self.sources],
            "budgets": [dict(zip(("host", "spent", "of", "held_until"), row, strict=True)) for row in self.budgets],
            "credits": [dict(zip(("provider", "bucket", "left"), row, strict=True)) for row in self.credits],
            "clocks": [dict(zip(("provider", "offset_s", "reference", "samples"), row, strict=True)) for row in self.clocks],
            "in_the_air": [dict(zip(("icao24", "kind", "at", "said"), row, strict=True)) for row in self.aloft],
            "ledger": {str(reason): count for reason, count in self.ledger},
        }


def look(store: Store, *, now: datetime) -> Status:
    """Everything there is to say of a store, in one moment of it."""
    sizes = store.sizes()
    today = f"{now:%Y-%m-%d}"
    with store.read() as session:
        last = session.runs.passes(limit=1)
        days = session.positions.days()
        gap = read_gap(session.notes.get("gap"))
        hosts = session.hosts.list()
        events = session.air_events.since(now - timedelta(hours=12))
        recent = session.ledger.between(now - timedelta(hours=1), now)
        sources = session.runs.sources()
        outbox, due, why = session.outbox.counts(), session.notes.get(DUE_NOTE), session.notes.get(WHY_NOTE)
        clocks, failed, terms = session.clocks.current(), session.notes.get(FAILED_NOTE), session.notes.get(TERMS_NOTE)
    granted: dict[str, Any] = json.loads(terms) if terms else {}
    span = max((days[1] - days[0]).total_seconds() / 86_400, 1.0) if days else 1.0
    parts = (("database", sizes.database_bytes), ("captures", sizes.archive_bytes), ("old positions", sizes.cold_bytes))
    reasons = Counter({stretch.icao24: stretch.reason for stretch in recent}.values())
    return Status(
        store=store.said,
        database_bytes=sizes.database_bytes,
        archive_bytes=sizes.archive_bytes,
        cold_bytes=sizes.cold_bytes,
        last_pass=last[0].started if last else None,
        last_outcome=last[0].outcome if last else "",
        next_pass=due,
        cadence=why,
        gap_left=len(gap.todo) if gap else 0,
        not_calibrated=failed or "",
        outbox=outbox,
        sizes=tuple((what, size, round(size / span)) for what, size in parts),
        rows=tuple((name, sizes.rows[name]) for name in _TABLES),
        sources=tuple((s.last.provider, s.last.kind, s.last.outcome, s.last_good, s.reads) for s in sources),
        budgets=tuple((h.host, h.spent if h.day == today else 0, _budget(h.host, granted), h.held_until) for h in hosts),
        credits=tuple((name, bucket, left) for name, said in granted.get("credits", {}).items() for bucket, left in said.items()),
        clocks=tuple((c.provider, c.offset_s, c.reference, c.samples) for c in clocks.values()),
        aloft=tuple((e.icao24, e.kind, e.at, e.said) for e in events[-20:]),
        ledger=tuple(sorted(reasons.items())),
    )


def _budget(host: str, granted: dict[str, Any]) -> int | None:
    """The requests a day of a host, as the last pass had them, or of a provider whose host is known."""
    noted: int | None = granted.get("budgets", {}).get(host)
    return noted or next((m.requests_per_day for m in (*V2_PROVIDERS, OPENSKY) if host_of(m.url) == host), None)

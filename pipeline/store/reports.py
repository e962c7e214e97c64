"""Documents that were read, each once, and what each says of a meeting. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from pipeline.model.entities import Meeting, Participant, Report, Told
from pipeline.model.origin import Origin
from pipeline.store.rows import chunks
from pipeline.store.tables_reports import report_meetings, reports
from pipeline.store.work import Work


class Reports:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, report: Report, told: Sequence[Told] = ()) -> bool:
        """Keep a document with what it says; False, and nothing is written, when it is known.

        Raises:
            OriginMixed: its origin has no place in this store.
        """
        self._work.admit([report.origin], what=f"report {report.report_id}")
        values = {name: getattr(report, name) for name in Report.__dataclass_fields__}
        row = {**values, "origin": str(report.origin), "claims": len(report.answer.get("flight_claims", ()))}
        if not self._work.insert_new(reports, [row]):
            return False
        rows = [
            {"report_id": report.report_id, "number": n, "meeting_id": t.meeting_id, "record": asdict(t.record)} for n, t in enumerate(told)
        ]
        if rows:
            self._work.write.execute(report_meetings.insert(), rows)
        return True

    def known(self, report_ids: Iterable[str]) -> set[str]:
        """Which of these were read before."""
        found: set[str] = set()
        for wanted in chunks(set(report_ids)):
            found |= set(self._work.connection.execute(select(reports.c.report_id).where(reports.c.report_id.in_(wanted))).scalars())
        return found

    def meetings_of(self, sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Of each source that was read before, the meetings that it told of then."""
        found: dict[str, dict[str, None]] = {}
        for wanted in chunks(set(sources)):
            statement = (
                select(reports.c.source, report_meetings.c.meeting_id)
                .join(report_meetings, report_meetings.c.report_id == reports.c.report_id)
                .where(reports.c.source.in_(wanted))
                .order_by(reports.c.read_at, report_meetings.c.number)
            )
            for source, meeting_id in self._work.connection.execute(statement):
                found.setdefault(source, {})[meeting_id] = None
        return {source: tuple(ids) for source, ids in found.items()}

    def list(self, *, since: datetime | None = None, meetings_only: bool = False, limit: int = 100) -> tuple[Report, ...]:
        """The last read first."""
        conditions: list[ColumnElement[bool]] = [reports.c.is_meeting] if meetings_only else []
        return self._select(conditions, since, limit)

    def with_claims(self, since: datetime | None = None, *, limit: int = 1000) -> tuple[Report, ...]:
        """Those that state a movement of an aircraft, the last read first."""
        return self._select([reports.c.claims > 0], since, limit)

    def told(self, meeting_id: str) -> tuple[Told, ...]:
        """What each report says of a meeting, the first published first (of those without a time the first read)."""
        statement = (
            select(reports, report_meetings.c.record)
            .join(report_meetings, report_meetings.c.report_id == reports.c.report_id)
            .where(report_meetings.c.meeting_id == meeting_id)
        )
        found = [
            Told(report=_report(row), meeting_id=meeting_id, record=_meeting(row.record))
            for row in self._work.connection.execute(statement)
        ]
        return tuple(sorted(found, key=lambda t: (t.report.published or t.report.read_at, t.report.read_at, t.report.report_id)))

    def _select(self, conditions: Sequence[ColumnElement[bool]], since: datetime | None, limit: int) -> tuple[Report, ...]:
        wanted = [*conditions, *([reports.c.read_at >= since] if since is not None else [])]
        statement = select(reports).where(*wanted).order_by(reports.c.read_at.desc(), reports.c.report_id).limit(limit)
        return tuple(_report(row) for row in self._work.connection.execute(statement))


def _report(row: Row[Any]) -> Report:
    values = {name: getattr(row, name) for name in Report.__dataclass_fields__}
    return Report(**{**values, "origin": Origin(row.origin)})


def _meeting(kept: dict[str, Any]) -> Meeting:
    """A record as it was kept in JSON."""
    days = {name: date.fromisoformat(kept[name]) if kept[name] else None for name in ("date_from", "date_to")}
    times = {name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in ("start", "end", "published")}
    people = tuple(Participant(**p) for p in kept["participants"])
    return Meeting(**{**kept, **days, **times, "participants": people, "sources": tuple(kept["sources"]), "origin": Origin(kept["origin"])})

"""Documents that were read → reports that are kept, and the meetings that they become part of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from pipeline.meetings.merge import Merge, meeting_of, merge_into
from pipeline.meetings.text import clean
from pipeline.model.entities import Meeting, Report, Told
from pipeline.model.extraction import Published
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.protocols import Extractor
from pipeline.model.time import civil_interval, credible_year
from pipeline.store.store import Store

VERSION: Final = "texts-2"
#: How far around a report its meeting is looked for among the known ones.
REACH: Final = timedelta(days=3)
#: A record below this is too unsure to stand among the meetings; it is kept with its report, and ``tarmac extract`` shows it.
LEAST_CONFIDENCE: Final = 0.45
#: Of a document so many characters are kept.
KEPT_TEXT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read, before anybody made sense of it. ``published`` may be a day only; ``source`` is its address or a label."""

    source: str
    provider: str
    text: str
    title: str = ""
    language: str = ""
    published: datetime | date | None = None

    @property
    def report_id(self) -> str:
        return mint(IdKind.REPORT, self.source, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """``reports`` that were new; ``meetings`` the records that are new or changed."""

    reports: int
    meetings: tuple[Meeting, ...]


def read_document(document: Document, extractor: Extractor, *, now: datetime, origin: Origin = Origin.LIVE) -> tuple[Report, list[Told]]:
    """What a document says: the report to keep, and each meeting that is sure enough, as a record of its own."""
    when = document.published
    if when is not None and not credible_year(when.year):
        when = None
    day = when.date() if isinstance(when, datetime) else when
    found = extractor.extract(document.text, published=Published(day=day), language=document.language[:2])
    moment = when if isinstance(when, datetime) else civil_interval(when, when, "UTC")[0] if when else None
    report = Report(
        report_id=document.report_id,
        source=clean(document.source, limit=500),
        provider=document.provider,
        title=clean(document.title),
        language=found.language,
        published=moment,
        read_at=now,
        extractor=extractor.name,
        is_meeting=found.is_meeting,
        answer=_answer(found.to_json()),
        text=document.text[:KEPT_TEXT],
        origin=origin,
    )
    records = (
        meeting_of(m, source=report.source, title=document.title, published=moment, origin=origin)
        for m in found.meetings
        if m.confidence >= LEAST_CONFIDENCE
    )
    return report, [Told(report=report, meeting_id=r.meeting_id, record=_not_yet(r, now)) for r in records if r is not None]


def _not_yet(record: Meeting, now: datetime) -> Meeting:
    """What lies ahead was announced, whatever tense the text has for it."""
    return replace(record, status="announced") if record.status == "reported" and record.start > now else record


def _answer(found: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in found.items() if k != "language"}


def keep_documents(
    store: Store, documents: Sequence[Document], extractor: Extractor, *, reason: str, now: datetime, origin: Origin = Origin.LIVE
) -> Kept:
    """Read what is new, keep it, and merge what it tells into the meetings that are known, in one transaction."""
    with store.read() as session:
        before = session.reports.known(d.report_id for d in documents)
    new = {d.report_id: d for d in documents if d.report_id not in before}
    read = [read_document(d, extractor, now=now, origin=origin) for d in new.values()]
    records = [t.record for _, told in read for t in told]
    merged = _merged(store, records, {r.source for r, _ in read})
    with store.transaction() as tx:
        for meeting in merged.changed:
            tx.meetings.write(meeting, change="reported", reason=reason, version=VERSION, at=now)
        for report, told in read:
            tx.reports.add(
                report, [Told(report=report, meeting_id=merged.into.get(t.meeting_id, t.meeting_id), record=t.record) for t in told]
            )
    return Kept(reports=len(read), meetings=merged.changed)


def _merged(store: Store, records: Sequence[Meeting], sources: set[str]) -> Merge:
    """With the known meetings around them, and those that an earlier text of the same source told of, whatever their days."""
    with store.read() as session:
        before = session.reports.meetings_of(sources)
        known = {i: session.meetings.get(i) for ids in before.values() for i in ids}
        if records:
            since, until = min(m.start for m in records), max(m.end for m in records)
            known |= {m.meeting_id: m for m in session.meetings.current(since - REACH, until + REACH)}
    return merge_into(known.values(), records, before) if records or before else Merge(changed=(), new=0)

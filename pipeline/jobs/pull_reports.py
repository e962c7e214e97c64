"""Read the feeds, and files of reports: what tells of a meeting is merged into the meetings that are known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pipeline.jobs.reports import Document, keep_documents
from pipeline.meetings.records import from_event, from_state_record
from pipeline.model.entities import Meeting
from pipeline.model.errors import InputError, SourceError
from pipeline.model.protocols import Extractor
from pipeline.net.client import Client, Exchange, Validators
from pipeline.net.reasons import reason_of
from pipeline.places.gazetteer import Gazetteer
from pipeline.sources.calendars import ATTRIBUTION, CalendarEvent, parse_calendar, parse_state_records
from pipeline.sources.feeds import Feed, FeedItem, parse_agenda, parse_feed
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store

#: Of each feed so many keys of items are remembered; a feed rarely holds more than a hundred.
KEPT_KEYS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """``failed`` are (feed, reason) of those that gave nothing usable; ``items`` new ones read, ``meetings`` new or changed records."""

    feeds: int
    failed: tuple[tuple[str, str], ...]
    items: int
    meetings: int


@dataclass(slots=True)
class FeedState:
    """What is remembered of each feed between two reads: its validators, and which items were read."""

    etag: str = ""
    last_modified: str = ""
    seen: list[str] = field(default_factory=list)


def load_state(path: Path) -> dict[str, FeedState]:
    """An unreadable file is no loss: everything is read again, and nothing is kept twice."""
    try:
        given: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return {k: FeedState(str(v["etag"]), str(v["last_modified"]), [str(s) for s in v["seen"]]) for k, v in given.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def save_state(path: Path, state: dict[str, FeedState]) -> None:
    """Replace the file at once, so that a break leaves the old one."""
    body = {k: {"etag": v.etag, "last_modified": v.last_modified, "seen": v.seen[-KEPT_KEYS:]} for k, v in state.items()}
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(body), encoding="utf-8")
    temporary.replace(path)


def pull_feeds(
    store: Store,
    client: Client,
    feeds: Sequence[Feed],
    extractor: Extractor,
    *,
    state_file: Path,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> Pulled:
    """Ask each feed for what changed; a feed that fails is recorded with its reason, and the others go on."""
    state = load_state(state_file)
    failed: list[tuple[str, str]] = []
    items = meetings = 0
    for feed in feeds:
        if stopping():
            break
        known = state.setdefault(feed.name, FeedState())
        try:
            done = client.get(feed.url, validators=Validators(etag=known.etag, last_modified=known.last_modified))
            found = [] if done.outcome == "not_modified" else _items(feed, done)
        except SourceError as error:
            failed.append((feed.name, str(error)))
            _note(store, feed, now, outcome=reason_of(error), detail=str(error)[:300])
            continue
        new = [i for i in found if i.key not in set(known.seen)]
        kept = keep_documents(store, [document_of(i, feed, now) for i in new], extractor, reason=f"read from feed {feed.name}", now=now)
        changed = len(kept.meetings)
        _note(store, feed, now, outcome="ok" if found else "empty", heard=len(found), rows=len(new), new_rows=changed)
        known.seen += [i.key for i in new]
        if done.outcome != "not_modified":
            known.etag, known.last_modified = done.validators.etag, done.validators.last_modified
        save_state(state_file, state)
        items += len(new)
        meetings += changed
        tell(f"{feed.name}: {len(found)} items, {len(new)} new, {changed} meetings new or changed")
    return Pulled(feeds=len(feeds), failed=tuple(failed), items=items, meetings=meetings)


def _items(feed: Feed, done: Exchange) -> list[FeedItem]:
    kind = done.headers.get("content-type", "")
    if feed.format == "agenda":
        return parse_agenda(done.body, url=feed.url, content_type=kind)
    if feed.format == "ical":
        events, _ = parse_calendar(done.body)
        return [_of_event(e, feed) for e in events]
    return parse_feed(done.body, content_type=kind)


def _of_event(event: CalendarEvent, feed: Feed) -> FeedItem:
    """An entry of a calendar as a sentence that says when, with its place as the dateline."""
    days = f"{event.first:%Y-%m-%d}" if event.first == event.last else f"{event.first.day} to {event.last.day} {event.last:%B %Y}"
    where = f"{event.location} - " if event.location else ""
    called_off = "Cancelled: " if event.cancelled else ""
    return FeedItem(
        key=f"{event.uid} {event.first} {event.cancelled}",
        url=event.url or f"{feed.url}#{event.uid}",
        title=event.summary[:300],
        text=f"{where}{called_off}{event.summary}, {days}. {event.description}".strip(),
        published=None,
    )


def document_of(item: FeedItem, feed: Feed, now: datetime) -> Document:
    """An item as a document; without a link it is named after its feed. What an agenda says, it says today."""
    return Document(
        source=item.url or f"{feed.title}: {item.key}",
        provider=feed.name,
        title=item.title,
        text=item.text,
        language=feed.language,
        published=item.published if feed.format == "feed" else now.date(),
    )


def _note(
    store: Store, feed: Feed, now: datetime, *, outcome: str, detail: str = "", heard: int = 0, rows: int = 0, new_rows: int = 0
) -> None:
    with store.transaction() as tx:
        tx.runs.add_read(
            SourceRead(
                kind="reports", provider=feed.name, at=now, outcome=outcome, detail=detail, heard=heard, rows=rows, new_rows=new_rows
            )
        )


def read_records(body: bytes, *, name: str, gazetteer: Gazetteer) -> tuple[list[Meeting], list[InputError]]:
    """The meetings of an iCalendar file or of the Historian's XML, told apart by how they begin.

    Raises:
        BadAnswer: neither.
    """
    if body.lstrip()[:1] == b"<":
        records, problems = parse_state_records(body)
        made = [
            from_state_record(
                r.person,
                r.role,
                r.country,
                r.places,
                r.first,
                r.last,
                r.remarks,
                to_us=r.to_us,
                source=f"{ATTRIBUTION}, entry {r.record_id}",
                gazetteer=gazetteer,
            )
            for r in records
        ]
        nowhere = [f"{r.record_id}: no country we know: {r.country}" for r, m in zip(records, made, strict=True) if not m]
        return [m for group in made for m in group], _problems([*problems, *nowhere], name)
    events, problems = parse_calendar(body)
    found: list[Meeting] = []
    for e in events:
        one = from_event(
            e.summary,
            e.description,
            e.location,
            e.first,
            e.last,
            e.start,
            e.end,
            cancelled=e.cancelled,
            source=e.url or f"{name}: {e.uid}",
            gazetteer=gazetteer,
        )
        if one is None:
            problems.append(f"{e.summary[:80] or e.uid}: no place that we know")
        else:
            found.append(one)
    return found, _problems(problems, name)


def _problems(reasons: Iterable[str], name: str) -> list[InputError]:
    return [InputError(r, where=name) for r in reasons]

"""What the commands for reports share: pasted addresses, and the documents that GDELT points at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.cli.reports import meeting_rows
from pipeline.cli.state import State, print_json, print_table
from pipeline.model.errors import BadTime, ExitCode, InputError

if TYPE_CHECKING:
    from pipeline.jobs.addresses import Addressed
    from pipeline.jobs.world import World

#: A file of more than this is no list of meetings.
_MAX_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a file or an address held. ``records``: a calendar or the Historian's XML; ``page``: a page that reports."""

    name: str
    body: bytes
    records: bool
    page: bool
    content_type: str = ""


def body_of(state: State, what: str) -> Given:
    """The bytes behind a path or a pasted address, and what they are.

    Raises:
        InputError: a file that cannot be read.
        SourceError: an address that is not public or gives nothing.
    """
    from pipeline.jobs.addresses import is_address

    if not is_address(what):
        path = Path(what)
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise InputError("is larger than 64 MB", where=path.name, hint="split it")
            body = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=path.name, hint="check the path") from None
        return Given(name=path.name, body=body, records=path.suffix.lower() in (".ics", ".xml") or _is_calendar(body), page=False)
    from pipeline.net.public import PublicFetcher

    done = PublicFetcher(contact=state.settings().use.contact).get(what)
    kind = done.headers.get("content-type", "")
    head = done.body.lstrip()[:200].lower()
    records = _is_calendar(done.body) or b"<trips" in head or b"<visits" in head
    return Given(name=done.url, body=done.body, records=records, page=not records and "csv" not in kind, content_type=kind)


def _is_calendar(body: bytes) -> bool:
    return body.lstrip()[:15].upper() == b"BEGIN:VCALENDAR"


def keep_page(state: State, world: World, given: Given, *, published: str, now: datetime, as_json: bool) -> None:
    """Keep what a pasted page reports, and say what it was found to be."""
    from pipeline.jobs.addresses import document_of_page
    from pipeline.jobs.digest import digest
    from pipeline.jobs.extractors import extractor_of
    from pipeline.jobs.reports import keep_documents
    from pipeline.meetings.describe import story
    from pipeline.store.runs import SourceRead

    day = _day(published) if published else None
    document = document_of_page(given.body, url=given.name, content_type=given.content_type, provider="pasted", published=day)
    with state.store() as store:
        kept = keep_documents(
            store, [document], extractor_of(state.settings(), world.gazetteer), reason="read from a pasted address", now=now
        )
        with store.transaction() as tx:
            tx.runs.add_read(
                SourceRead(kind="reports", provider="pasted", at=now, outcome="ok", heard=1, rows=kept.reports, new_rows=len(kept.meetings))
            )
        if kept.meetings:
            digest(store, world, heard=(), now=now, meetings_changed=True, alert=False)
    if document.published is None:
        typer.echo("tarmac: the page does not say when it was published: weekdays and years stay open (--published DAY)", err=True)
    if as_json:
        print_json({"meetings": meeting_rows(kept.meetings), "changed": len(kept.meetings), "read_before": not kept.reports})
        return
    for meeting in kept.meetings:
        typer.echo(f"{meeting.meeting_id}  {story(meeting)}")
    known = "" if kept.reports else "; the page was read before"
    typer.echo(f"{len(kept.meetings)} meetings new or changed{known}")


def documents(state: State, *, start: str, end: str, read: int, as_json: bool) -> None:
    """Print where GDELT's event files point; with ``read`` the documents themselves are read and kept."""
    from pipeline.jobs.pull_gdelt import pull_history, pull_newest
    from pipeline.net.client import Client
    from pipeline.places.gazetteer import load_gazetteer
    from pipeline.sources.gdelt_events import REASONS
    from pipeline.sources.gdelt_files import ATTRIBUTION

    gazetteer = load_gazetteer()
    with Client(contact=state.settings().use.contact) as client:
        if start or end:
            since, until = _spell(start, end)
            found = pull_history(client, gazetteer, since=since, until=until, tell=lambda said: typer.echo(said, err=True))
        else:
            found = pull_newest(client, gazetteer)
    if not as_json:
        print_table(
            ("city", "states", "day", "intent only", "document"),
            (
                (f"{t.city}, {t.country}", " ".join(t.states), t.day, "yes" if t.announced else "", u)
                for t in found.tripwires
                for u in t.urls
            ),
        )
    for name, count in found.dropped.items():
        typer.echo(f"  dropped {count}: {REASONS[name]}", err=True)
    typer.echo(f"{found.rows} rows, {len(found.tripwires)} to look at. {ATTRIBUTION}", err=True)
    addresses = [(u, _noon(t.day)) for t in found.tripwires for u in t.urls][:read]
    done = _read(state, addresses, "gdelt") if read else None
    if as_json:
        rows = [
            {"city": t.city, "country": t.country, "states": t.states, "day": t.day, "announced": t.announced, "documents": t.urls}
            for t in found.tripwires
        ]
        dropped = [{"rows": count, "reason": REASONS[name]} for name, count in found.dropped.items()]
        print_json({"rows": found.rows, "tripwires": rows, "dropped": dropped, "read": _as_dict(done), "attribution": ATTRIBUTION})
    _conclude(done, len(addresses), as_json=as_json)


def articles(state: State, *, words: str, place: str, start: str, end: str, read: int, as_json: bool) -> None:
    """Print the articles that GDELT's DOC API finds; with ``read`` the first of them are read and kept."""
    from pipeline.jobs.pull_gdelt import ask_doc
    from pipeline.jobs.world import SystemClock
    from pipeline.net.client import Client
    from pipeline.sources.gdelt_doc import question
    from pipeline.sources.gdelt_files import ATTRIBUTION

    now = SystemClock().now()
    since, until = _spell(start, end) if start or end else (now - timedelta(days=3), now)
    with Client(contact=state.settings().use.contact, attempts=1) as client:
        found = ask_doc(client, question(place, words), since=since, until=until)
    if not as_json:
        print_table(
            ("seen", "language", "from", "title", "document"),
            ((f"{a.seen:%Y-%m-%d %H:%M}", a.language, a.country, a.title, a.url) for a in found),
        )
    typer.echo(f"{len(found)} articles. {ATTRIBUTION}", err=True)
    addresses = [(a.url, a.seen) for a in found[:read]]
    done = _read(state, addresses, "gdelt_doc") if read else None
    if as_json:
        rows = [{"seen": a.seen, "language": a.language, "from": a.country, "title": a.title, "document": a.url} for a in found]
        print_json({"articles": rows, "read": _as_dict(done), "attribution": ATTRIBUTION})
    _conclude(done, len(addresses), as_json=as_json)


def _read(state: State, addresses: Sequence[tuple[str, datetime | None]], provider: str) -> Addressed:
    """Read documents and keep what they report; those that fail are named on standard error."""
    from pipeline.jobs.addresses import read_addresses
    from pipeline.jobs.digest import digest
    from pipeline.jobs.extractors import extractor_of
    from pipeline.jobs.world import SystemClock
    from pipeline.net.public import PublicFetcher

    world, now = state.world(), SystemClock().now()
    fetcher = PublicFetcher(contact=state.settings().use.contact)
    with state.store() as store:
        done = read_addresses(
            store,
            fetcher,
            addresses,
            extractor_of(state.settings(), world.gazetteer),
            provider=provider,
            now=now,
            tell=lambda said: typer.echo(said, err=True),
        )
        if done.kept.meetings:
            digest(store, world, heard=(), now=now, meetings_changed=True)
    for url, reason in done.failed:
        typer.echo(f"tarmac: {url}: {reason}", err=True)
    return done


def _as_dict(done: Addressed | None) -> dict[str, object] | None:
    if done is None:
        return None
    failed = [{"document": url, "reason": reason} for url, reason in done.failed]
    return {"documents": done.kept.reports, "meetings": meeting_rows(done.kept.meetings), "failed": failed}


def _conclude(done: Addressed | None, asked: int, *, as_json: bool) -> None:
    """Say how many documents were read; the command fails as far as they did."""
    if done is None:
        return
    if not as_json:
        typer.echo(f"{done.kept.reports} documents read, {len(done.kept.meetings)} meetings new or changed")
    if done.failed:
        raise typer.Exit(int(ExitCode.SOURCE if len(done.failed) == asked else ExitCode.PARTIAL))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadTime(f"{text!r} is not a day", hint="year-month-day, such as 2025-05-27") from None


def _spell(start: str, end: str) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last (UTC)."""
    from pipeline.model.time import civil_interval

    first = _day(start or end)
    return civil_interval(first, _day(end or start), "UTC")


def _noon(day: date) -> datetime:
    from pipeline.model.time import civil_interval

    return civil_interval(day, day, "UTC")[0] + timedelta(hours=12)

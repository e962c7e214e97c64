"""Documents behind addresses that came from content: pasted ones, and those that GDELT points at. Public hosts only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from pipeline.jobs.reports import Document, Kept, keep_documents
from pipeline.model.entities import Meeting
from pipeline.model.errors import SourceError
from pipeline.model.protocols import Extractor
from pipeline.net.client import Exchange
from pipeline.sources.pages import parse_page
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store


class Fetcher(Protocol):
    """What fetches: ``net.public.PublicFetcher`` for addresses from content, ``net.client.Client`` for configured ones."""

    def get(self, url: str) -> Exchange: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """``failed`` are (address, reason)."""

    kept: Kept
    failed: tuple[tuple[str, str], ...]


def is_address(text: str) -> bool:
    """Whether somebody pasted a link rather than a file's name."""
    return text.casefold().startswith(("http://", "https://"))


def fetch_document(fetcher: Fetcher, url: str, *, provider: str, published: datetime | date | None = None) -> Document:
    """The report on a page; its day of publication is ``published``, else the page's own.

    Raises:
        SourceError: not a public host, no answer, or no page of text.
    """
    done = fetcher.get(url)
    return document_of_page(
        done.body, url=done.url, content_type=done.headers.get("content-type", ""), provider=provider, published=published
    )


def document_of_page(body: bytes, *, url: str, content_type: str, provider: str, published: datetime | date | None = None) -> Document:
    """Raises:
    BadAnswer: no page of text.
    """
    page = parse_page(body, content_type=content_type)
    return Document(
        source=url, provider=provider, title=page.title, text=page.text, language=page.language, published=published or page.published
    )


def read_addresses(
    store: Store,
    fetcher: Fetcher,
    addresses: Iterable[tuple[str, datetime | None]],
    extractor: Extractor,
    *,
    provider: str,
    now: datetime,
    tell: Callable[[str], None] = lambda _: None,
) -> Addressed:
    """Read (address, when it was first seen) one after the other, and keep each; one that fails is told with its reason.

    A page that does not say when it was published is taken to be of the moment at which it was first seen.
    """
    failed: list[tuple[str, str]] = []
    meetings: dict[str, Meeting] = {}
    new = asked = 0
    for url, seen in addresses:
        asked += 1
        try:
            document = fetch_document(fetcher, url, provider=provider)
        except SourceError as error:
            failed.append((url, str(error)))
            continue
        if document.published is None and seen is not None:
            document = replace(document, published=seen)
        kept = keep_documents(store, [document], extractor, reason=f"read from {provider}", now=now)
        new += kept.reports
        meetings |= {m.meeting_id: m for m in kept.meetings}
        tell(f"{url}: {'new' if kept.reports else 'known'}, {len(kept.meetings)} meetings new or changed")
    _note(store, provider, now, asked=asked, new=new, failed=failed, meetings=len(meetings))
    return Addressed(kept=Kept(reports=new, meetings=tuple(meetings.values())), failed=tuple(failed))


def _note(store: Store, provider: str, now: datetime, *, asked: int, new: int, failed: list[tuple[str, str]], meetings: int) -> None:
    outcome = "empty" if not asked else "ok" if len(failed) < asked else "unreachable"
    with store.transaction() as tx:
        tx.runs.add_read(
            SourceRead(
                kind="reports",
                provider=provider,
                at=now,
                outcome=outcome,
                detail="; ".join(f"{u}: {why}" for u, why in failed)[:300],
                heard=asked,
                rows=new,
                new_rows=meetings,
            )
        )

"""RSS and Atom: which feeds are read (``config/feeds.toml``), and the items of one answer as plain text."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pipeline.model.errors import BadAnswer, ConfigError
from pipeline.model.files import shipped
from pipeline.model.time import credible_year
from pipeline.sources.pages import parse_page

MAX_ITEMS: Final = 500
MAX_TEXT: Final = 20_000
#: A longer block of an agenda is an article.
MAX_ENTRY: Final = 600
_DTD: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)(?!\s+html)", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")
_KEYS: Final = {"title", "url", "language", "country", "kind", "enabled", "format", "seen"}
FORMATS: Final = ("feed", "ical", "agenda")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """``kind`` is agency, ministry, presidency or wire; ``country`` whose it is.

    ``format``: RSS or Atom (``feed``), an iCalendar file (``ical``), or a page with an entry a line (``agenda``).
    ``seen`` is where its address was found in public text; empty when nowhere, or not looked for.
    """

    name: str
    title: str
    url: str
    language: str
    country: str
    kind: str
    enabled: bool = True
    format: str = "feed"
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """``key`` names an item for ever; ``text`` is title and summary without markup; ``published`` None when it does not say."""

    key: str
    url: str
    title: str
    text: str
    published: datetime | None


def load_feeds(path: Path | None = None) -> tuple[Feed, ...]:
    """The feeds of a file, the shipped ones by default.

    Raises:
        ConfigError: not TOML, a key that does not exist, or an address that is not http or https.
    """
    file = path or shipped("feeds.toml")
    try:
        tables: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise ConfigError(f"{file.name}: {error}", hint="correct the file") from None
    return tuple(_feed(name, values, file.name) for name, values in tables.items())


def _feed(name: str, values: Mapping[str, Any], file: str) -> Feed:
    if unknown := set(values) - _KEYS:
        raise ConfigError(f"{file}: [{name}] has no key {', '.join(sorted(unknown))}", hint=f"its keys are {', '.join(sorted(_KEYS))}")
    missing = [k for k in ("url", "language", "country") if not values.get(k)]
    if missing:
        raise ConfigError(f"{file}: [{name}] lacks {', '.join(missing)}", hint="give all of url, language and country")
    if urlsplit(str(values["url"])).scheme not in ("http", "https"):
        raise ConfigError(f"{file}: [{name}] url is not http or https", hint="the address of the feed itself")
    if str(values.get("format", "feed")) not in FORMATS:
        raise ConfigError(f"{file}: [{name}] format is none of {', '.join(FORMATS)}", hint="leave it out for RSS or Atom")
    return Feed(
        name=name,
        title=str(values.get("title", name)),
        url=str(values["url"]),
        language=str(values["language"]),
        country=str(values["country"]),
        kind=str(values.get("kind", "agency")),
        enabled=bool(values.get("enabled", True)),
        format=str(values.get("format", "feed")),
        seen=str(values.get("seen", "")),
    )


def parse_feed(body: bytes, *, content_type: str = "") -> list[FeedItem]:
    """The items of an RSS or Atom answer, as they stand.

    Raises:
        BadAnswer: not a feed, or one with a document type of its own (which could name files).
    """
    if _DTD.search(body[:8192]):
        raise BadAnswer("a feed with a DTD", hint="ask its publisher for plain RSS or Atom")
    import feedparser

    # Bytes as such would be taken for an address or a file's name.
    headers = {"content-type": content_type} if content_type else {}
    found = feedparser.parse(io.BytesIO(body), response_headers=headers, resolve_relative_uris=False)
    if not found.get("version") and not found.entries:
        raise BadAnswer("not a feed", hint="open its address in a browser: it may ask for a login or be gone")
    items = (_item(entry) for entry in found.entries[:MAX_ITEMS])
    return list({i.key: i for i in items if i.key and i.text}.values())


def parse_agenda(body: bytes, *, url: str, content_type: str = "") -> list[FeedItem]:
    """The entries of a page that lists what its owner does: each block of text that has a figure in it is one.

    Raises:
        BadAnswer: no page of text.
    """
    found = [b for b in parse_page(body, content_type=content_type).blocks if len(b) <= MAX_ENTRY and any(c.isdigit() for c in b)]
    return [FeedItem(key=b, url=url, title=b[:300], text=b, published=None) for b in found[:MAX_ITEMS]]


def _item(entry: Mapping[str, Any]) -> FeedItem:
    link = str(entry.get("link", ""))
    url = link if urlsplit(link).scheme in ("http", "https") else ""
    title = plain_text(str(entry.get("title", "")))
    summary = plain_text(str(entry.get("summary", "")))
    content = " ".join(plain_text(str(c.get("value", ""))) for c in entry.get("content", ()))
    told = content if len(content) > len(summary) else summary
    ending = "" if not title or title[-1] in ".!?…" else "."
    return FeedItem(
        key=str(entry.get("id", "")) or url or title,
        url=url,
        title=title[:300],
        text=f"{title}{ending} {told}".strip()[:MAX_TEXT],
        published=_published(entry),
    )


def _published(entry: Mapping[str, Any]) -> datetime | None:
    for key in ("published_parsed", "updated_parsed"):
        parts = entry.get(key)
        if parts:
            try:
                year, month, day, hour, minute, second = parts[:6]
                said = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
                # Some feeds write an empty date as the year 1.
                return said if credible_year(year) else None
            except (ValueError, TypeError):
                return None
    return None


class _Text(HTMLParser):
    """Keeps the words; drops markup, scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._silent += tag in ("script", "style")
        if tag in ("p", "br", "div", "li"):
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style") and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def plain_text(markup: str) -> str:
    """The words of a piece of HTML on one line."""
    reader = _Text()
    reader.feed(markup[: MAX_TEXT * 5])
    reader.close()
    return _SPACES.sub(" ", "".join(reader.words)).strip()

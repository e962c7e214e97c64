"""A web page that reports something: its title, its day, its language and its words. Pure: bytes → ``Page``; nothing is run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any, Final

from pipeline.model.errors import BadAnswer

MAX_TEXT: Final = 60_000
_MAX_MARKUP: Final = 5_000_000
#: What these hold is not the report.
_SILENT: Final = frozenset(
    ("script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template", "svg", "iframe", "button")
)
_BLOCKS: Final = frozenset(("p", "h1", "h2", "h3", "li", "blockquote", "td", "dd", "figcaption", "div", "section", "br", "tr"))
_VOID: Final = frozenset(("br", "img", "meta", "link", "input", "hr", "source", "area", "base", "col", "embed", "track", "wbr"))
_BODIES: Final = ("article", "main", "body")
#: A block shorter than this, without the end of a sentence, is a caption or a button.
_SHORT: Final = 40
#: An article with less text than this is a teaser: the next larger container is read instead.
_ENOUGH: Final = 200
_PUBLISHED: Final = (
    "article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "pubdate", "publish-date", "og:published_time",
)  # fmt: skip
_CHARSET: Final = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")
_ENDS: Final = (".", "!", "?", "…", "»", '"', "”", "。", "؟")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``published`` is a time, a day where the page says no more, or None; ``language`` two letters or ``''``."""

    title: str
    text: str
    published: datetime | date | None
    language: str
    blocks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader(HTMLParser):
    metas: dict[str, str] = field(default_factory=dict)
    title: str = ""
    language: str = ""
    scripts: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    blocks: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in _BODIES})
    open: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    json_ld: bool = False

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag in _BLOCKS:
            self._end_block()
        if tag == "html":
            self.language = given.get("lang", "")[:2].casefold()
        elif tag == "meta":
            name = (given.get("property") or given.get("name") or given.get("itemprop") or "").casefold()
            self.metas.setdefault(name, given.get("content", ""))
        elif tag == "time" and "datetime" in given:
            self.times.append(given["datetime"])
        elif tag == "script":
            self.json_ld = "ld+json" in given.get("type", "")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS or tag in _BODIES:
            self._end_block()
        if tag in self.open:
            while self.open and self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        here = self.open[-1] if self.open else ""
        if here == "title":
            self.title += data
        elif here == "script" and self.json_ld and len(self.scripts) < 20:
            self.scripts.append(data[:200_000])
        elif not _SILENT.intersection(self.open):
            self.words.append(data)

    def _end_block(self) -> None:
        said = _SPACES.sub(" ", "".join(self.words)).strip()
        self.words.clear()
        if said and (len(said) >= _SHORT or said.endswith(_ENDS)):
            for name in _BODIES:
                if name in self.open or name == "body":
                    self.blocks[name].append(said)


def parse_page(body: bytes, *, content_type: str = "") -> Page:
    """The report on a web page, or in a plain text.

    Raises:
        BadAnswer: neither HTML nor text (a PDF, a picture), or no words in it.
    """
    kind = content_type.partition(";")[0].strip().casefold()
    if body[:5] == b"%PDF-" or (kind and not kind.startswith("text/") and kind not in ("application/xhtml+xml", "application/xml")):
        raise BadAnswer(f"html: {kind or 'a PDF'} is not a page of text", hint="copy its words into a file: tarmac extract FILE")
    text = _decoded(body[:_MAX_MARKUP], content_type)
    if kind == "text/plain":
        return Page(title="", text=text[:MAX_TEXT].strip(), published=None, language="")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.handle_endtag("body")
    blocks = next((b for name in _BODIES if sum(map(len, b := list(dict.fromkeys(reader.blocks[name])))) >= _ENOUGH), None)
    blocks = blocks or list(dict.fromkeys(reader.blocks["body"]))
    title = _SPACES.sub(" ", reader.metas.get("og:title") or reader.title).strip()[:300]
    if not blocks:
        raise BadAnswer("empty: no words on the page", hint="it may need a browser: copy its words into a file, tarmac extract FILE")
    return Page(
        title=title,
        text="\n".join([*([title] if title and title not in blocks[0] else []), *blocks])[:MAX_TEXT],
        published=next(_days(reader), None),
        language=reader.language if reader.language.isalpha() else "",
        blocks=tuple(blocks),
    )


def _decoded(body: bytes, content_type: str) -> str:
    said = _CHARSET.search(content_type.encode()) or _CHARSET.search(body[:2048])
    try:
        return body.decode(said[1].decode() if said else "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def _days(reader: _Reader) -> Iterator[datetime | date]:
    """What the page says of when it was published, the surest first."""
    said = [reader.metas[name] for name in _PUBLISHED if reader.metas.get(name)]
    said += [str(v) for script in reader.scripts for v in _json_dates(script)]
    for text in [*said, *reader.times[:1]]:
        if (moment := _moment(text.strip())) is not None:
            yield moment


def _json_dates(script: str) -> Iterable[Any]:
    try:
        told: Any = json.loads(script)
    except (ValueError, RecursionError):
        return
    waiting = [told]
    for _ in range(200):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("datePublished"), str):
                yield one["datePublished"]
            waiting += [v for v in one.values() if isinstance(v, (dict, list))]
        elif isinstance(one, list):
            waiting += one[:50]


def _moment(text: str) -> datetime | date | None:
    try:
        if len(text) == len("2022-11-14"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.date()

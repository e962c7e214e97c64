"""GDELT's DOC 2.0 API: articles that fit a question. Documents worth reading, not meetings. Plan and parse are pure.

Facts held to (the API's announcement and its users' reports): one request in five seconds; at most 250 articles an answer;
about the last three months; an empty answer is ``{}``; errors come as text under status 200; backslashes in titles are
sometimes escaped wrongly; every ``OR`` stands in parentheses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson

from pipeline.model.errors import BadAnswer, RateLimited, UsageError
from pipeline.model.time import parse_utc

API: Final = "https://api.gdeltproject.org/api/v2/doc/doc"
#: Seconds between two requests that the API asks for.
INTERVAL_S: Final = 5.0
MOST_RECORDS: Final = 250
#: How far back the API looks.
REACH: Final = timedelta(days=92)
#: Said of a meeting, in English: GDELT translates what it reads in 65 languages.
_MEETING: Final = "(met OR meets OR meeting OR talks OR visit OR visits OR summit OR arrives OR arrived)"
_WHO: Final = "(minister OR president OR intelligence OR envoy OR delegation OR king OR premier)"
_BAD_ESCAPE: Final = re.compile(rb"\\(?![\"\\/bfnrt]|u[0-9a-fA-F]{4})")
_CONTROL: Final = re.compile(rb"[\x00-\x1f]")
_STAMP: Final = re.compile(r"(\d{8})T(\d{6})Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """``seen`` is when GDELT first saw it; ``language`` and ``country`` as GDELT names them."""

    url: str
    title: str
    seen: datetime
    domain: str
    language: str
    country: str


def question(place: str = "", words: str = "") -> str:
    """A query: ``words`` as they are given, or who meets at ``place``.

    Raises:
        UsageError: neither is given, or an OR outside parentheses, which the API refuses.
    """
    if not (place or words):
        raise UsageError("no question", hint="--place Ankara, or --doc 'Naryshkin (Ankara OR Burns)'")
    bare = re.sub(r"\([^()]*\)|\"[^\"]*\"", "", words)
    if re.search(r"\bOR\b", bare):
        raise UsageError(f"an OR outside parentheses: {words!r}", hint="write (a OR b)")
    return " ".join(p for p in (f'"{place}"' if place else "", words or f"{_MEETING} {_WHO}") if p)


def address(query: str, *, since: datetime, until: datetime, limit: int = 75, base: str = API) -> str:
    """The address that asks for the articles of a spell, the newest first.

    Raises:
        UsageError: the spell ends before it begins, or lies before the API's reach.
    """
    if since >= until:
        raise UsageError("the spell ends before it begins", hint="--from comes before --to")
    if until - since > REACH:
        raise UsageError(f"the API reaches back {REACH.days} days", hint="for older days: tarmac meetings pull --gdelt --from DAY --to DAY")
    asked = {
        "query": query,
        "mode": "ArtList",
        "format": "json",
        "sort": "DateDesc",
        "maxrecords": str(max(1, min(limit, MOST_RECORDS))),
        "startdatetime": f"{since:%Y%m%d%H%M%S}",
        "enddatetime": f"{until:%Y%m%d%H%M%S}",
    }
    return f"{base}?{urlencode(asked)}"


def parse_articles(body: bytes) -> list[Article]:
    """The articles of an answer, each address once; none for ``{}``.

    Raises:
        RateLimited: the API asks for slower questions.
        BadAnswer: text instead of JSON: what the API did not understand.
    """
    text = body.strip()
    if not text:
        return []
    if text[:1] != b"{":
        said = " ".join(text[:300].decode("utf-8", errors="replace").split())
        if "5 seconds" in said or "rate" in said.casefold():
            raise RateLimited(f"429: {said}", hint="ask again in a minute; the event files need no such wait: --gdelt")
        raise BadAnswer(f"html: {said}", hint="each OR stands in parentheses, and a phrase in double quotes has two words or more")
    try:
        told: Any = orjson.loads(_CONTROL.sub(b" ", _BAD_ESCAPE.sub(rb"\\\\", text)))
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"json: {error}") from None
    listed = told.get("articles", []) if isinstance(told, dict) else []
    found = [a for one in listed if isinstance(one, dict) and (a := _article(one)) is not None]
    return list({a.url: a for a in found}.values())


def _article(one: dict[str, Any]) -> Article | None:
    stamp = _STAMP.fullmatch(str(one.get("seendate", "")))
    url = str(one.get("url", ""))
    if stamp is None or urlsplit(url).scheme not in ("http", "https"):
        return None
    return Article(
        url=url,
        title=" ".join(str(one.get("title", "")).split())[:300],
        seen=parse_utc(f"{stamp[1]}T{stamp[2]}Z"),
        domain=str(one.get("domain", ""))[:120],
        language=str(one.get("language", ""))[:40],
        country=str(one.get("sourcecountry", ""))[:60],
    )

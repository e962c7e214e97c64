"""What every JSON answer goes through first: is it JSON at all, and if not, what is it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import orjson

from pipeline.model.errors import BadAnswer, BadTime
from pipeline.model.time import from_epoch, to_iso

#: A provider whose own time is further than this from the time we asked is frozen, or one of the two clocks is wrong.
MAX_CLOCK_ERROR_S: Final = 300.0

_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<")


def load_json(body: bytes) -> dict[str, object]:
    """The JSON object in ``body``.

    Raises:
        BadAnswer: ``empty``, ``html``, ``truncated``, ``json`` or ``format``, then a colon and the reason in words.
    """
    start = body[:256].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        raise BadAnswer("empty: the answer has no bytes")
    if start.startswith(_MARKUP):
        raise BadAnswer("html: a web page came instead of JSON", hint="an overloaded or blocking provider does that; the body is kept")
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if start[:1] in (b"{", b"[") and "unexpected end of data" in str(error):
            raise BadAnswer(f"truncated: the answer ends after {len(body)} bytes, inside its JSON") from None
        raise BadAnswer(f"json: {error}") from None
    if not isinstance(answer, dict):
        raise BadAnswer(f"format: a JSON {type(answer).__name__} came instead of an object")
    return answer


def answer_now(answer: dict[str, object], key: str = "now") -> datetime:
    """The time that an answer gives itself, in seconds or milliseconds.

    Raises:
        BadAnswer: ``format`` when it has none, ``now`` when it is not plausible (1970).
    """
    value = answer.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadAnswer(f"format: no {key!r} in the answer, so no position has a time")
    try:
        return from_epoch(value)
    except BadTime as error:
        raise BadAnswer(f"now: {error}", hint=error.hint) from None


def require_fresh(now: datetime, fetched_at: datetime | None, *, max_clock_error_s: float = MAX_CLOCK_ERROR_S) -> datetime:
    """``now`` when it is near the time of the request; ``fetched_at`` None: not checked.

    Raises:
        BadAnswer: ``stale``.
    """
    if fetched_at is not None and abs(behind := (fetched_at - now).total_seconds()) > max_clock_error_s:
        side = "behind" if behind > 0 else "ahead of"
        raise BadAnswer(
            f"stale: the answer's time {to_iso(now)} is {abs(behind):.0f} s {side} the request",
            hint="the provider is frozen, or one of the two clocks is wrong",
        )
    return now

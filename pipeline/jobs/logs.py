"""The log: lines on standard error, whatever command writes them, and no secret in them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal

import structlog

from pipeline.net.urls import public_url

_URL: Final = re.compile(r"\b[a-z][a-z+]*://\S+")
_SECRET_KEY: Final = re.compile(r"(?i)password|secret|token|key|authorization")


def set_up_logs(form: Literal["auto", "json", "text"] = "auto", *, debug: bool = False) -> None:
    """Lines on standard error: JSON for machines, readable for people. What may be a secret is shown as ``***``."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if text else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            in_plain_words,
            hide_secrets,
            structlog.processors.dict_tracebacks if not text else structlog.processors.ExceptionPrettyPrinter(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if debug else logging.INFO),
        # Standard error as it is when something is written, which a test may have put elsewhere by then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor: values of secret-looking keys, and credentials in addresses, never reach a log."""
    return {key: "***" if _SECRET_KEY.search(key) else _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _URL.sub(lambda m: public_url(m.group()), value)
    return [_clean(one) for one in value] if isinstance(value, list | tuple) else value


def in_plain_words(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: what the library that asks again says of itself, in words of ours."""
    if event.get("event") != "stamina.retry_scheduled":
        return event
    kept = {name: event[name] for name in ("level", "timestamp") if name in event}
    return {"event": "asked again", "why": event.get("caused_by", ""), "in_s": event.get("wait_for"), **kept}

"""Addresses: what may be recorded of one, and whether two are of one host."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from pipeline.model.errors import ConfigError

_SECRET: Final = re.compile(r"(?i)([?&][^=&#]*(?:key|token|secret|password|passwd|auth|sig)[^=&#]*=)[^&#]*")
_DEFAULT_PORT: Final = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """``host:port`` in lower case, the default port filled in.

    Raises:
        ConfigError: not an http or https address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _DEFAULT_PORT or not parts.hostname:
        raise ConfigError(f"{public_url(url)!r} is not an http or https address", hint="such as https://api.example.org/v2")
    return f"{parts.hostname}:{port or _DEFAULT_PORT[parts.scheme]}"


def same_host(url: str, other: str) -> bool:
    """Whether a redirect from ``url`` to ``other`` stays with the provider: same host and port, or its step up to https."""
    if host_of(url) == host_of(other):
        return urlsplit(url).scheme == urlsplit(other).scheme
    here, there = urlsplit(url), urlsplit(other)
    step_up = (here.scheme, there.scheme) == ("http", "https") and host_of(url).endswith(":80") and host_of(other).endswith(":443")
    return step_up and here.hostname == there.hostname


def public_url(url: str) -> str:
    """The address without user, password, fragment and the values of parameters that look like secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not an address)"
    place = parts.netloc.rpartition("@")[2]
    return _SECRET.sub(r"\1***", urlunsplit((parts.scheme, place, parts.path, parts.query, "")))

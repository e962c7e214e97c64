"""What went wrong on the wire, in the project's own errors. A message begins with the short reason that records keep."""

from __future__ import annotations

import ssl
from typing import Final

import httpx

from pipeline.model.errors import BadAnswer, RateLimited, SourceError, Unreachable

_REFUSALS: Final = {401: "it wants a key, or another one", 402: "it wants to be paid", 403: "it refuses this client or this use"}


def from_transport(error: httpx.HTTPError, host: str) -> SourceError:
    """The error for a request that got no whole answer."""
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"timeout: {host} did not answer in time ({type(error).__name__})")
    if _is_certificate(error):
        return BadAnswer(f"certificate: {host} does not prove who it is ({error})", hint="do not go round it; ask the provider")
    text = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectError):
        return Unreachable(f"connect: no connection to {host} ({text})", hint="is the network up, and the url right?")
    if isinstance(error, httpx.RemoteProtocolError):
        if "without sending complete message body" in text or "incomplete chunked read" in text:
            return Unreachable(f"truncated: {host} closed the connection inside its answer")
        if "without sending a response" in text:
            return Unreachable(f"reset: {host} closed the connection without an answer")
        return Unreachable(f"protocol: {host} does not speak HTTP as it should ({text})")
    return Unreachable(f"reset: the connection to {host} broke ({text})")


def from_status(status: int, host: str, *, retry_after_s: float | None, location: str = "") -> SourceError | None:
    """The error for an answer's status; None when it is a good one."""
    if 200 <= status < 300:
        return None
    if status in {420, 429} or (status == 503 and retry_after_s is not None):
        wish = "" if retry_after_s is None else f", and asks to wait {retry_after_s:.0f} s"
        return RateLimited(f"{status}: {host} wants fewer requests{wish}", retry_after_s=retry_after_s)
    if status >= 500:
        return Unreachable(f"{status}: {host} has a fault of its own")
    if 300 <= status < 400:
        return BadAnswer(
            f"redirect: {host} sends us elsewhere ({location[:200]})", hint="if the provider moved, change its url in the settings"
        )
    return BadAnswer(f"{status}: {host} does not give this", hint=_REFUSALS.get(status, "check the url in the settings"))


def _is_certificate(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False

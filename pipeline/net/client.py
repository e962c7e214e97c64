"""The one HTTP client: polite, bounded, and with a record of everything it was told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Self
from urllib.parse import urljoin

import httpx
import stamina

from pipeline import __version__
from pipeline.model.errors import BadAnswer, RateLimited, SourceError
from pipeline.net.failures import from_status, from_transport
from pipeline.net.limits import Decoder, Limits, read_body
from pipeline.net.pace import LONGEST_WAIT_S, HostPace, Pace
from pipeline.net.reasons import reason_of
from pipeline.net.retry_after import retry_after_s
from pipeline.net.urls import host_of, public_url, same_host

_MOST_REDIRECTS: Final = 3
_KEPT_OF_A_FAILURE: Final = 64 * 1024
_NO_PROXY_FOR: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What an earlier answer said about itself, for asking whether it has changed."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it, good or bad.

    ``url`` is fit for records; ``outcome`` is ``ok``, ``not_modified`` or the short reason of the failure; ``body`` is
    decoded (of a failure: its first 64 KiB); ``headers`` have lower-case names; ``fetched_at`` is when the answer began.
    """

    url: str
    status: int
    outcome: str
    body: bytes
    headers: Mapping[str, str]
    fetched_at: datetime
    elapsed_s: float

    @property
    def validators(self) -> Validators:
        return Validators(etag=self.headers.get("etag", ""), last_modified=self.headers.get("last-modified", ""))


@dataclass(slots=True)
class _Attempt:
    """What is known of an exchange so far, so that a failure can be recorded too."""

    host: str
    started: float
    began: datetime
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    decoder: Decoder | None = None


def user_agent(contact: str = "") -> str:
    """Who asks, and whom a provider can write to."""
    clean = "".join(c for c in contact if c.isprintable() and c.isascii() and c not in "()\\")
    return f"tarmac/{__version__} (contact: {clean})" if clean else f"tarmac/{__version__}"


class Client:
    """Asks one request at a time per host and gives its answer whole, or one of the project's errors.

    Only what may succeed on the same call is tried again (no connection, a break, 5xx, a wish to wait of at most
    ``LONGEST_WAIT_S``), with growing waits and jitter. A host that says 429 or gives a Retry-After is then left alone
    until its time has come. Redirects are followed within the provider's own host only.

    Args:
        contact: goes into the User-Agent.
        pace: who may ask when; shared by all that ask the same hosts.
        attempts: of one call, the first included.
        observe: told of every exchange, failed ones too.
        now: the wall clock, for ``fetched_at`` and Retry-After dates.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        pace: Pace | None = None,
        limits: Limits | None = None,
        attempts: int = 3,
        observe: Callable[[Exchange], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agent = user_agent(contact)
        self._pace = pace or HostPace()
        self._limits = limits or Limits()
        self._attempts = attempts
        self._observe = observe or (lambda _: None)
        self._now = now
        self._monotonic = monotonic
        self._made: httpx.Client | None = None

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        min_interval_s: float = 0.0,
        limits: Limits | None = None,
    ) -> Exchange:
        """Fetch an address.

        Args:
            validators: ask only for what changed since; an unchanged answer has the outcome ``not_modified`` and no body.
            min_interval_s: the provider's least time between two requests.

        Raises:
            Unreachable: no connection, a break, out of time, 5xx.
            RateLimited: 429, or the host's wish to wait is not over.
            BadAnswer: another status, a redirect elsewhere, too large, a bomb, a bad certificate.
            ConfigError: not an http or https address.
        """
        extra = dict(headers or {})
        if validators and validators.etag:
            extra["If-None-Match"] = validators.etag
        if validators and validators.last_modified:
            extra["If-Modified-Since"] = validators.last_modified
        return self._ask("GET", url, extra, None, min_interval_s, limits or self._limits)

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Exchange:
        """Send a form, as for a token. What comes back may be a secret: its body is not shown to ``observe``.

        Raises:
            SourceError: as ``get``.
        """
        return self._ask("POST", url, dict(headers or {}), form, 0.0, self._limits)

    def post_json(self, url: str, value: object, *, headers: Mapping[str, str] | None = None) -> Exchange:
        """Send JSON to an endpoint of the user's own; what comes back is not shown to ``observe``.

        Raises:
            SourceError: as ``get``.
        """
        return self._ask(
            "POST", url, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode(), 0.0, self._limits
        )

    def now(self) -> datetime:
        """The wall clock that stamps this client's captures."""
        return self._now()

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._made is not None:
            self._made.close()
            self._made = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | bytes | None,
        min_interval_s: float,
        limits: Limits,
    ) -> Exchange:
        host = host_of(url)
        retries = stamina.retry_context(
            on=_worth_another, attempts=self._attempts, timeout=None, wait_initial=1.0, wait_max=5.0, wait_jitter=1.0
        )
        for attempt in retries:
            with attempt, self._pace.turn(host, min_interval_s):
                return self._once(method, url, host, headers, form, limits)
        raise AssertionError("a retry context ends by returning or raising")

    def _once(
        self, method: str, url: str, host: str, headers: Mapping[str, str], form: Mapping[str, str] | bytes | None, limits: Limits
    ) -> Exchange:
        state = _Attempt(host=host, started=self._monotonic(), began=self._now())
        try:
            body = self._exchange(method, url, headers, form, limits, state)
        except SourceError as error:
            partial = bytes(state.decoder.body[:_KEPT_OF_A_FAILURE]) if state.decoder else b""
            self._observe(self._record(url, state, reason_of(error), partial))
            raise
        self._pace.eased(host)
        done = self._record(url, state, "not_modified" if state.status == 304 else "ok", body)
        self._observe(done if form is None else replace(done, body=b""))
        return done

    def _record(self, url: str, state: _Attempt, outcome: str, body: bytes) -> Exchange:
        return Exchange(
            url=public_url(url),
            status=state.status,
            outcome=outcome,
            body=body,
            headers=state.headers,
            fetched_at=state.began,
            elapsed_s=self._monotonic() - state.started,
        )

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | bytes | None, limits: Limits, state: _Attempt
    ) -> bytes:
        timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s)
        for _ in range(_MOST_REDIRECTS + 1):
            sent: dict[str, Any] = {"content": form} if isinstance(form, bytes) else {"data": dict(form)} if form else {}
            request = self._client.build_request(method, url, headers=dict(headers), timeout=timeout, **sent)
            try:
                response = self._client.send(request, stream=True)
                try:
                    body = self._receive(response, headers, limits, state)
                finally:
                    response.close()
            except httpx.HTTPError as error:
                raise from_transport(error, state.host) from None
            if body is not None:
                return body
            url = urljoin(url, response.headers["location"])
        raise BadAnswer(f"redirect: {state.host} sends us round more than {_MOST_REDIRECTS} times")

    def _receive(self, response: httpx.Response, asked: Mapping[str, str], limits: Limits, state: _Attempt) -> bytes | None:
        """The body, or None for a redirect that may be followed."""
        state.status = response.status_code
        state.began = self._now()
        state.headers = {name.lower(): value for name, value in response.headers.items() if name.lower() != "set-cookie"}
        location = state.headers.get("location", "")
        here = str(response.url)
        if response.is_redirect and response.request.method == "GET" and location and same_host(here, urljoin(here, location)):
            return None
        if response.status_code == 304 and {"If-None-Match", "If-Modified-Since"} & asked.keys():
            return b""
        wish = retry_after_s(state.headers, state.began)
        failure = from_status(response.status_code, state.host, retry_after_s=wish, location=public_url(location))
        if isinstance(failure, RateLimited):
            self._pace.hold(state.host, wish)
        state.decoder = Decoder(state.headers.get("content-encoding", ""), limits)
        try:
            body = read_body(
                response.iter_raw(),
                state.decoder,
                declared=state.headers.get("content-length", ""),
                limits=limits if failure is None else replace(limits, max_bytes=_KEPT_OF_A_FAILURE),
                deadline=state.started + limits.total_s,
                monotonic=self._monotonic,
            )
        except (SourceError, httpx.HTTPError):
            # The status says more than what became of the body that explains it.
            if failure is not None:
                raise failure from None
            raise
        if failure is not None:
            raise failure
        return body

    @property
    def _client(self) -> httpx.Client:
        if self._made is None:
            self._made = httpx.Client(
                headers={"User-Agent": self._agent, "Accept-Encoding": "gzip"},
                follow_redirects=False,
                mounts=dict.fromkeys(_NO_PROXY_FOR),
                limits=httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=30.0),
            )
        return self._made


def _worth_another(error: Exception) -> bool | float:
    if isinstance(error, RateLimited):
        # The waiting itself is the pace's: others may ask the same host meanwhile.
        return 0.0 if error.retry_after_s is not None and error.retry_after_s <= LONGEST_WAIT_S else False
    return isinstance(error, SourceError) and error.retryable

"""Fetching an address that came from content: a pasted link, a feed's link. Whoever wrote it may mean us harm.

Only http and https on their usual ports, only hosts whose every address is a public one. The name is resolved once and
the connection goes to the address that was checked, so that a second answer of the name server changes nothing. Each
redirect is checked again. No proxy, no cookies, no credentials.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from pipeline.model.errors import BadAnswer, Unreachable
from pipeline.net.client import Exchange, user_agent
from pipeline.net.failures import from_status, from_transport
from pipeline.net.limits import MIB, Decoder, Limits, read_body
from pipeline.net.retry_after import retry_after_s
from pipeline.net.urls import public_url

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PUBLIC_LIMITS: Final = Limits(max_bytes=5 * MIB, connect_s=5.0, read_s=10.0, total_s=20.0)
_MOST_REDIRECTS: Final = 3
_PORTS: Final = {"http": 80, "https": 443}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as text.

    Raises:
        Unreachable: the name has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"dns: {host} has no address ({error})") from None
    return [str(entry[4][0]) for entry in found]


def is_public(address: Address) -> bool:
    """Whether an address is one that anyone may reach: global, not multicast, and not a private one in disguise."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class PublicFetcher:
    """Fetches addresses from content. ``resolver``, ``allowed`` and ``ports`` are the seams that tests on loopback need."""

    def __init__(
        self,
        *,
        contact: str = "",
        limits: Limits = PUBLIC_LIMITS,
        resolver: Callable[[str, int], Sequence[str]] = resolve,
        allowed: Callable[[Address], bool] = is_public,
        ports: frozenset[int] = frozenset(_PORTS.values()),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agent = user_agent(contact)
        self._limits = limits
        self._resolver = resolver
        self._allowed = allowed
        self._ports = ports
        self._now = now
        self._monotonic = monotonic

    def get(self, url: str) -> Exchange:
        """Fetch ``url``, following at most three redirects, each checked.

        Raises:
            BadAnswer: ``refused`` when the address is not a public one; else as ``Client.get``.
            Unreachable: no connection, a break, out of time, 5xx.
            RateLimited: 429.
        """
        started = self._monotonic()
        timeout = httpx.Timeout(self._limits.read_s, connect=self._limits.connect_s)
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip"}
        # A fresh client each time: a kept connection would be one that nobody checked for this link.
        with httpx.Client(trust_env=False, follow_redirects=False, timeout=timeout, headers=headers) as client:
            for _ in range(_MOST_REDIRECTS + 1):
                done = self._step(client, url, started)
                if isinstance(done, Exchange):
                    return done
                url = done
        raise BadAnswer(f"redirect: more than {_MOST_REDIRECTS} of them")

    def _step(self, client: httpx.Client, url: str, started: float) -> Exchange | str:
        """The answer, or where it redirects to."""
        host, pinned = self._check(url)
        # The connection goes to the checked address; the name stays in Host and in the certificate's check.
        port = urlsplit(url).port
        headers = {"Host": host if port is None else f"{host}:{port}"}
        request = client.build_request("GET", pinned, headers=headers, extensions={"sni_hostname": host})
        try:
            response = client.send(request, stream=True)
            try:
                return self._receive(response, url, host, started)
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise from_transport(error, host) from None

    def _receive(self, response: httpx.Response, url: str, host: str, started: float) -> Exchange | str:
        began = self._now()
        headers = {name.lower(): value for name, value in response.headers.items()}
        location = headers.get("location", "")
        if response.is_redirect and location:
            return urljoin(url, location)
        wish = retry_after_s(headers, began)
        failure = from_status(response.status_code, host, retry_after_s=wish, location=location)
        if failure is not None:
            raise failure
        body = read_body(
            response.iter_raw(),
            Decoder(headers.get("content-encoding", ""), self._limits),
            declared=headers.get("content-length", ""),
            limits=self._limits,
            deadline=started + self._limits.total_s,
            monotonic=self._monotonic,
        )
        return Exchange(
            url=public_url(url),
            status=response.status_code,
            outcome="ok",
            body=body,
            headers=headers,
            fetched_at=began,
            elapsed_s=self._monotonic() - started,
        )

    def _check(self, url: str) -> tuple[str, str]:
        """The host's name, and the same address with the name replaced by a checked number."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
            host = (parts.hostname or "").encode("idna").decode()
        except ValueError:
            raise BadAnswer(f"refused: {public_url(url)!r} is not an address") from None
        if parts.scheme not in _PORTS or not host:
            raise BadAnswer(f"refused: {public_url(url)!r} is not an http or https address")
        if "@" in parts.netloc:
            raise BadAnswer("refused: the address carries a user name")
        if port not in self._ports:
            raise BadAnswer(f"refused: port {port} is not one that web pages are read from")
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in self._resolver(host, port)]
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise BadAnswer(f"refused: {host} is not a public host", hint="links to private networks are never followed")
        chosen = addresses[0]
        place = f"[{chosen}]" if chosen.version == 6 else str(chosen)
        return host, parts._replace(netloc=f"{place}:{port}", fragment="").geturl()

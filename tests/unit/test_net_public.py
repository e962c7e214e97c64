"""Addresses that come from content lead to public hosts or nowhere."""

from __future__ import annotations

import gzip
import ipaddress
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.model.errors import BadAnswer, RateLimited, SourceError, Unreachable
from pipeline.net.limits import Limits
from pipeline.net.public import PUBLIC_LIMITS, Address, PublicFetcher, is_public
from pipeline.net.reasons import reason_of


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.5", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("198.18.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
    ],
)
def test_which_addresses_are_public(text: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(text)) is public


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "http://",
        "//example.org/x",
        "http://[",
        "http://user@example.org/",
        "http://user:pw@example.org/",
        "http://example.org:22/",
        "http://example.org:8080/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_what_is_never_asked(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        PublicFetcher().get(url)
    # A resolver may not know the odd spellings of a number; then there is no address to go to.
    assert reason_of(caught.value) in {"refused", "dns"}


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    fetcher = PublicFetcher(resolver=lambda *_: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(BadAnswer, match="refused"):
        fetcher.get("https://example.org/")


class Web:
    """A site on loopback, and a fetcher to which ``*.test`` is a public place there."""

    def __init__(self) -> None:
        self.paths: list[tuple[str, str]] = []
        self.resolved: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.paths.append((self.headers["Host"].partition(":")[0], self.path))
                kind, _, rest = self.path.strip("/").partition("/")
                status, headers, body = web.page(kind, rest)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=lambda: self.server.serve_forever(poll_interval=0.02), daemon=True)
        self.thread.start()

    def page(self, kind: str, rest: str) -> tuple[int, dict[str, str], bytes]:
        if kind == "to":
            return 302, {"Location": rest.replace("PORT", str(self.port))}, b""
        if kind == "hops":
            return 302, {"Location": f"/hops/{int(rest) - 1}" if int(rest) > 1 else "/page"}, b""
        if kind == "big":
            return 200, {"Content-Encoding": "gzip"}, gzip.compress(random.Random(1).randbytes(6 * 1024 * 1024))
        if kind == "status":
            return int(rest), {"Retry-After": "60"}, b"no"
        return 200, {"Content-Type": "text/html"}, b"<html>news</html>"

    def resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        return {"inside.test": ["10.0.0.1"]}.get(host, ["127.0.0.1"])

    def fetcher(self, limits: Limits = PUBLIC_LIMITS) -> PublicFetcher:
        def allowed(address: Address) -> bool:
            return address.is_loopback

        return PublicFetcher(limits=limits, resolver=self.resolve, allowed=allowed, ports=frozenset({80, 443, self.port}))

    def url(self, path: str, host: str = "news.test") -> str:
        return f"http://{host}:{self.port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.close()


def test_the_checked_address_is_the_one_that_is_asked(web: Web) -> None:
    done = web.fetcher().get(web.url("/page?token=hush#part"))
    assert done.body == b"<html>news</html>"
    assert done.url == web.url("/page?token=***")
    assert web.paths == [("news.test", "/page?token=hush")]
    assert web.resolved == ["news.test"], "a name is asked for once: a second answer could differ"


@pytest.mark.parametrize(("hops", "fine"), [(1, True), (3, True), (4, False)])
def test_three_redirects_are_followed(web: Web, hops: int, fine: bool) -> None:
    if fine:
        assert web.fetcher().get(web.url(f"/hops/{hops}")).outcome == "ok"
        return
    with pytest.raises(BadAnswer, match="redirect"):
        web.fetcher().get(web.url(f"/hops/{hops}"))
    assert len(web.paths) == 4


def test_each_redirect_is_checked_again(web: Web) -> None:
    assert web.fetcher().get(web.url("/to/http://other.test:PORT/page")).body == b"<html>news</html>"
    assert web.resolved == ["news.test", "other.test"]
    for target in ("http://inside.test/", "http://other.test:22/", "file:///etc/passwd", "http://me@other.test/"):
        with pytest.raises(BadAnswer, match="refused"):
            web.fetcher().get(web.url(f"/to/{target}"))


def test_limits_hold(web: Web) -> None:
    with pytest.raises(BadAnswer, match="too_large"):
        web.fetcher().get(web.url("/big"))
    with pytest.raises(RateLimited, match="429"):
        web.fetcher().get(web.url("/status/429"))
    with pytest.raises(Unreachable, match="500"):
        web.fetcher().get(web.url("/status/500"))
    with pytest.raises(BadAnswer, match="404"):
        web.fetcher().get(web.url("/status/404"))


def test_a_name_without_an_address() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise Unreachable(f"dns: {host} has no address")

    with pytest.raises(Unreachable, match="dns"):
        PublicFetcher(resolver=nowhere).get("http://nothere.test/")

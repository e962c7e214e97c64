"""A real HTTP server on loopback for what reads pages, APIs and endpoints."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline.net.public import PublicFetcher


class Web(ThreadingHTTPServer):
    """``pages`` are path → (type, body); ``asked`` the (path, headers, body) of each request."""

    pages: dict[str, tuple[str, bytes]]
    asked: list[tuple[str, dict[str, str], bytes]]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fetcher(self) -> PublicFetcher:
        """One that may reach this server, which is no public host."""
        return PublicFetcher(resolver=lambda host, port: ["127.0.0.1"], allowed=lambda _: True, ports=frozenset({self.server_port}))


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append((self.path, dict(self.headers), body))
        kind, page = self.server.pages.get(self.path.partition("?")[0], ("text/plain", b"gone"))
        self.send_response(200 if self.path.partition("?")[0] in self.server.pages else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web(**pages: tuple[str, bytes]) -> Iterator[Web]:
    made = Web(("127.0.0.1", 0), _Handler)
    made.pages, made.asked = {f"/{name}": page for name, page in pages.items()}, []
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()

"""A real HTTP server on loopback that speaks the providers' dialects from a recording, counts, and misbehaves on command.

Dialects: ADSBexchange v2 (``/v2/hex/…``, ``/v2/icao/…``, ``/v2/callsign/…``, ``/v2/point/…``, ``/v2/lat/…/lon/…/dist/…``), readsb's API
(``/re-api/?find_hex=…|circle=…|all``), a receiver's file (``/data/aircraft.json``) and OpenSky (``/token``, ``/api/states/all``
also as it was in the last hour, ``/api/tracks/all``).
"""

from __future__ import annotations

import gzip
import json
import math
import socket
import ssl
import struct
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

CERTIFICATE = Path(__file__).with_name("sky_server.pem")
TOKEN = "a-token-of-the-sky-server"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it arrived."""

    at: float
    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Fault:
    """What to do to the next requests, and to how many of them (None: all)."""

    name: str
    times: int | None = 1
    options: dict[str, Any] = field(default_factory=dict)


class SkyServer:
    """``with SkyServer(recording) as sky:``, then ``sky.url('/v2')``.

    Args:
        recording: readsb answers (``now`` in seconds, ``aircraft``), a JSON line each.
        clock: tells which of them is current: the last not after it. None: the last of all.
        tls: speak https with a certificate that nobody vouches for.
    """

    def __init__(self, recording: Sequence[bytes], *, clock: Callable[[], datetime] | None = None, tls: bool = False) -> None:
        self._answers: list[Answer] = [json.loads(line) for line in recording]
        self._clock = clock
        self._tls = tls
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._busy = 0
        self.most_at_once = 0
        self.seen: list[Seen] = []
        self.credits = 4000
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=lambda: self._http.serve_forever(poll_interval=0.02), daemon=True)
        self.closing = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    def url(self, path: str = "") -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}{path}"

    def misbehave(self, name: str, *, times: int | None = 1, **options: Any) -> None:
        """Queue a fault; see ``FAULTS``."""
        assert name in FAULTS, f"no such fault: {name}"
        self._faults.append(Fault(name, times, options))

    def behave(self) -> None:
        """Forget the faults."""
        self._faults.clear()

    @property
    def requests(self) -> int:
        return len(self.seen)

    def current(self) -> Answer:
        """The answer of this moment, aircraft of no one filtered out."""
        if self._clock is None:
            return self._answers[-1]
        now = self._clock().timestamp()
        return next((answer for answer in reversed(self._answers) if answer["now"] <= now), {"now": now, "aircraft": []})

    def _take_fault(self) -> Fault | None:
        with self._lock:
            if not self._faults:
                return None
            fault = self._faults[0]
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.popleft()
            return fault

    def _handler(sky) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # inside the class below, self is the handler
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                self._serve(b"")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def _serve(self, body: bytes) -> None:
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = parse_qs(parts.query, keep_blank_values=True)
                with sky._lock:
                    sky.seen.append(
                        Seen(at=time.monotonic(), method=self.command, path=parts.path, query=query, headers=headers, body=body)
                    )
                    sky._busy += 1
                    sky.most_at_once = max(sky.most_at_once, sky._busy)
                try:
                    fault = None if parts.path == "/token" else sky._take_fault()
                    with suppress(BrokenPipeError, ConnectionResetError):
                        if fault is not None:
                            FAULTS[fault.name](self, sky, fault.options)
                        else:
                            self._answer(parts.path, query, headers)
                finally:
                    with sky._lock:
                        sky._busy -= 1

            def _answer(self, path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> None:
                status, answer, extra = sky.route(path, query, headers)
                body = json.dumps(answer).encode()
                if path.endswith(".json"):
                    # A file, as a receiver's web server gives it.
                    extra["ETag"] = f'"{zlib.crc32(body):x}"'
                    if headers.get("if-none-match") == extra["ETag"]:
                        status, body = 304, b""
                self.send(status, body, pack=bool(body) and "gzip" in headers.get("accept-encoding", ""), **extra)

            def send(self, status: int, body: bytes, *, content_type: str = "application/json", pack: bool = False, **headers: str) -> None:
                if pack:
                    body = gzip.compress(body, mtime=0)
                    headers["Content_Encoding"] = "gzip"
                self.send_response(status)
                for name, value in {"Content_Type": content_type, "Content_Length": str(len(body)), **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def route(self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]) -> tuple[int, Answer, dict[str, str]]:
        """Status, answer and extra headers for a well-behaved request."""
        now, aircraft = self.current()["now"], self.current()["aircraft"]
        steps = path.strip("/").split("/")
        if path == "/token":
            return 200, {"access_token": TOKEN, "expires_in": 1800, "token_type": "Bearer"}, {}
        if path == "/data/aircraft.json":
            return 200, {"now": now, "messages": 1, "aircraft": aircraft}, {}
        if path.startswith("/re-api"):
            return 200, {"now": now, "aircraft": _readsb_api(aircraft, query), "ptime": 0.1}, {}
        if steps[0] == "v2" and (found := _v2(aircraft, steps[1:])) is not None:
            return 200, {"ac": found, "msg": "No error", "now": int(now * 1000), "total": len(found), "ctime": 0, "ptime": 0}, {}
        if path == "/api/states/all":
            return self._opensky(now, aircraft, query, headers)
        if path == "/api/tracks/all":
            return self._track(query["icao24"][0], float(query["time"][0]))
        return 404, {"detail": "Not Found"}, {}

    def _opensky(
        self, now: float, aircraft: list[Answer], query: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> tuple[int, Answer, dict[str, str]]:
        if "authorization" in headers and headers["authorization"] != f"Bearer {TOKEN}":
            return 401, {"message": "Unauthorized"}, {}
        self.credits = max(self.credits - 4, 0)
        at = self._clock().timestamp() if self._clock else now
        if "time" in query and "authorization" in headers:
            asked, at = at, float(query["time"][0])
            if at < asked - 3600:
                return 400, {"message": "only the last hour"}, {}
            then = next((answer for answer in reversed(self._answers) if answer["now"] <= at), {"now": at, "aircraft": []})
            now, aircraft = then["now"], then["aircraft"]
        wanted = {icao24.lower() for icao24 in query.get("icao24", [])}
        found = [_state_vector(entry, now) for entry in aircraft if "lat" in entry and entry["hex"].lower() in wanted]
        return 200, {"time": int(at), "states": found or None}, {"X_Rate_Limit_Remaining": str(self.credits)}

    def _track(self, icao24: str, at: float) -> tuple[int, Answer, dict[str, str]]:
        """All that the recording has of an aircraft, when ``at`` (0: this moment) lies in it."""
        until = self._clock().timestamp() if self._clock else self._answers[-1]["now"]
        path = [
            [int(a["now"]), e["lat"], e["lon"], *_track_point(e)]
            for a in self._answers
            for e in a["aircraft"]
            if e["hex"] == icao24 and "lat" in e and a["now"] <= until
        ]
        if not path or not path[0][0] <= (at or until) <= path[-1][0]:
            return 404, {}, {}
        return 200, {"icao24": icao24, "startTime": path[0][0], "endTime": path[-1][0], "callsign": "MADEUP  ", "path": path}, {}


def _track_point(entry: Answer) -> list[object]:
    altitude = entry.get("alt_baro")
    metres = None if altitude in (None, "ground") else altitude * 0.3048
    return [metres, entry.get("track"), altitude == "ground"]


def _v2(aircraft: list[Answer], steps: list[str]) -> list[Answer] | None:
    if len(steps) == 2 and steps[0] in {"hex", "icao"}:
        return _of(aircraft, steps[1])
    if len(steps) == 2 and steps[0] == "callsign":
        named = set(steps[1].split(","))
        return [entry for entry in aircraft if entry.get("flight", "").strip() in named]
    if len(steps) == 4 and steps[0] == "point":
        return _near(aircraft, *(float(step) for step in steps[1:]))
    if len(steps) == 6 and steps[::2] == ["lat", "lon", "dist"]:
        return _near(aircraft, *(float(step) for step in steps[1::2]))
    return None


def _readsb_api(aircraft: list[Answer], query: Mapping[str, list[str]]) -> list[Answer]:
    if "find_hex" in query:
        return _of(aircraft, query["find_hex"][0])
    if "circle" in query:
        return _near(aircraft, *(float(part) for part in query["circle"][0].split(",")))
    if "filter_callsign_prefix" in query:
        return [entry for entry in aircraft if entry.get("flight", "").startswith(query["filter_callsign_prefix"][0])]
    return aircraft


def _of(aircraft: list[Answer], text: str) -> list[Answer]:
    wanted = set(text.lower().split(","))
    return [entry for entry in aircraft if entry["hex"].lower() in wanted]


def _near(aircraft: list[Answer], lat: float, lon: float, nm: float) -> list[Answer]:
    def far(entry: Answer) -> float:
        return 60 * math.hypot(entry["lat"] - lat, (entry["lon"] - lon) * math.cos(math.radians(lat)))

    return [entry for entry in aircraft if "lat" in entry and far(entry) <= nm]


def _state_vector(entry: Answer, now: float) -> list[object]:
    altitude = entry.get("alt_baro")
    ground = altitude == "ground"
    metres = None if ground or altitude is None else altitude * 0.3048
    seen = int(now - entry["seen_pos"])
    callsign = entry.get("flight", "").ljust(8)
    speed = entry.get("gs", 0) * 1852 / 3600
    kinematics = [entry["lon"], entry["lat"], metres, ground, speed, entry.get("track"), 0]
    return [entry["hex"], callsign, "Nowhere", seen, seen, *kinematics, None, None, entry.get("squawk"), False, 0]


# -- faults: each takes the handler, the server and its options, and answers in its own wrong way --


def _status(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    headers = {}
    if "retry_after" in options:
        headers["Retry_After"] = str(options["retry_after"])
    if "retry_at" in options:
        headers["Retry_After"] = format_datetime(options["retry_at"], usegmt=True)
    handler.send(options["status"], b'{"detail": "as told"}', **headers)


def _html(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    handler.send(200, b"<!DOCTYPE html><html><body><h1>Checking your browser</h1></body></html>", content_type="text/html")


def _empty(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    now = sky.current()["now"]
    handler.send(
        200, json.dumps({"ac": [], "aircraft": [], "msg": "No error", "now": now, "total": 0, "time": int(now), "states": None}).encode()
    )


def _whole(sky: SkyServer) -> bytes:
    return json.dumps(sky.current()).encode()


def _cut_json(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    body = _whole(sky)
    handler.send(200, body[: len(body) // 2])


def _cut_gzip(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    body = gzip.compress(_whole(sky))
    handler.send(200, body[: len(body) // 2], Content_Encoding="gzip")


def _too_short(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """Fewer bytes than announced, then the end."""
    body = _whole(sky)
    handler.send(200, body[: len(body) // 2], Content_Length=str(len(body)))
    handler.close_connection = True


def _too_long(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """More bytes than announced."""
    body = _whole(sky)
    handler.send(200, body, Content_Length=str(len(body) // 2))
    handler.close_connection = True


def _stream(handler: Any, sky: SkyServer, pieces: Iterator[bytes], pause_s: float = 0.0, **headers: str) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.close_connection = True
    for piece in pieces:
        if sky.closing.wait(pause_s) if pause_s else sky.closing.is_set():
            return
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def _drip(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """A byte at a time, for ever."""

    def bytes_for_ever() -> Iterator[bytes]:
        yield b'{"now": 1'
        while True:
            yield b" "

    _stream(handler, sky, bytes_for_ever(), pause_s=options.get("pause_s", 0.05))


def _huge(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """200 MB of well-formed JSON, not announced."""
    entry = b'{"hex":"aaaaaa","lat":1.0,"lon":1.0,"seen_pos":1.0},' * 20_000

    def pieces() -> Iterator[bytes]:
        yield b'{"now": 1668411572.0, "aircraft": ['
        for _ in range(200_000_000 // len(entry)):
            yield entry
        yield b'{"hex":"aaaaaa"}]}'

    _stream(handler, sky, pieces())


def _bomb(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """Gzip that unpacks a thousandfold, to 1 GB."""

    def pieces() -> Iterator[bytes]:
        packer = zlib.compressobj(9, wbits=31)
        blank = b" " * 10_000_000
        for _ in range(100):
            if piece := packer.compress(blank):
                yield piece
        yield packer.flush()

    _stream(handler, sky, pieces(), Content_Encoding="gzip")


def _reset(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """The connection is broken without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def _silence(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """Nothing is ever answered."""
    sky.closing.wait(options.get("for_s", 10.0))
    handler.close_connection = True


def _redirect(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    handler.send(302, b"", Location=options["to"])


def _wrong_time(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """An answer whose own time is options['now'], or options['behind_s'] behind."""
    answer = sky.current()
    now = options.get("now", answer["now"] - options.get("behind_s", 0))
    handler.send(200, json.dumps({"now": now, "time": int(now), "aircraft": answer["aircraft"], "states": None}).encode())


def _brotli(handler: Any, sky: SkyServer, options: dict[str, Any]) -> None:
    """A content encoding that nobody asked for."""
    handler.send(200, _whole(sky), Content_Encoding="br")


FAULTS: dict[str, Callable[[Any, SkyServer, dict[str, Any]], None]] = {
    "status": _status,
    "html": _html,
    "empty": _empty,
    "cut_json": _cut_json,
    "cut_gzip": _cut_gzip,
    "too_short": _too_short,
    "too_long": _too_long,
    "drip": _drip,
    "huge": _huge,
    "bomb": _bomb,
    "reset": _reset,
    "silence": _silence,
    "redirect": _redirect,
    "wrong_time": _wrong_time,
    "brotli": _brotli,
}


def small_sky(start: datetime = datetime(2022, 11, 14, 8, 0, tzinfo=UTC), *, answers: int = 12, every_s: float = 10.0) -> list[bytes]:
    """A generated recording: two aircraft descending, one heard without a position, one on the ground."""
    lines = []
    for step in range(answers):
        now = (start + timedelta(seconds=every_s * step)).timestamp()
        down = 9000 - 150 * step
        common = {"type": "adsb_icao", "seen_pos": 0.5, "seen": 0.1, "mlat": [], "tisb": [], "nic": 8, "nac_p": 9, "sil": 3}
        aircraft = [
            common
            | {"hex": "14fa39", "flight": "MADEUP1 ", "alt_baro": down, "gs": 210.0, "track": 30.0, "lat": 40.0 + step / 100, "lon": 33.0},
            common
            | {"hex": "afff01", "flight": "MADEUP2 ", "alt_baro": down, "gs": 190.0, "track": 90.0, "lat": 50.0, "lon": 8.0 + step / 100},
            common | {"hex": "4bff01", "alt_baro": "ground", "gs": 4.0, "lat": 40.12, "lon": 32.99},
            {"hex": "aaaaaa", "type": "mode_s", "seen": 2.0, "mlat": [], "tisb": []},
        ]
        lines.append(json.dumps({"now": now, "aircraft": aircraft}).encode())
    return lines

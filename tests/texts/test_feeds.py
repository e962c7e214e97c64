"""Feeds over a real HTTP server on loopback, calendars, and the Historian's XML."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.jobs.pull_gdelt import pull_newest
from pipeline.jobs.pull_reports import pull_feeds, read_records
from pipeline.meetings.extract.extractor import default_extractor
from pipeline.model.errors import BadAnswer, ConfigError
from pipeline.net.client import Client
from pipeline.places.gazetteer import load_gazetteer
from pipeline.sources.feeds import Feed, load_feeds, parse_feed, plain_text
from pipeline.store.store import Store

NOW = datetime(2025, 5, 27, 12, tzinfo=UTC)
ITEM = """<item><title>Lavrov and Fidan meet</title><link>https://news.example.org/{n}</link><guid>{n}</guid>
<pubDate>Tue, 27 May 2025 09:00:00 GMT</pubDate><description><![CDATA[<p>{text}</p><script>alert(1)</script>]]></description></item>"""


TWO = ("Sergei Lavrov met Hakan Fidan in Ankara on Monday.", "Rain is expected.")


def rss(*texts: str, first: int = 1) -> bytes:
    items = "".join(ITEM.format(n=n, text=t) for n, t in enumerate(texts, start=first))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


class _Server(ThreadingHTTPServer):
    body = b""
    asked: list[dict[str, str]]
    pages: dict[str, bytes]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        body = self.server.pages.get(self.path, self.server.body)
        tag = f'"{hash(body)}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    made = _Server(("127.0.0.1", 0), _Handler)
    made.asked = []
    made.pages = {}
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def feed(server: _Server, path: str = "/rss") -> Feed:
    url = f"http://127.0.0.1:{server.server_port}{path}"
    return Feed(name=f"own{path[1:]}", title="Own", url=url, language="en", country="TR", kind="agency")


def test_a_feed_is_read_once_and_asked_only_for_what_changed(server: _Server, tmp_path: Path) -> None:
    server.body = rss(*TWO)
    state = tmp_path / "feeds.json"
    with Store.open(data_dir=tmp_path, migrate=True) as store, Client(attempts=1) as client:

        def pull(*feeds: Feed) -> Any:
            return pull_feeds(store, client, feeds or (feed(server),), default_extractor(), state_file=state, now=NOW)

        first = pull()
        assert (first.items, first.meetings, first.failed) == (2, 1, ())
        again = pull()
        assert (again.items, again.meetings) == (0, 0)
        assert "If-None-Match" in server.asked[-1]
        # This server's "not modified" names no tag; the one before still counts.
        assert pull().items == 0
        assert "If-None-Match" in server.asked[-1]
        server.body = rss(*TWO, "Fidan hosted Lavrov for talks in Ankara on Monday.")
        third = pull()
        assert (third.items, third.meetings) == (1, 1)
        broken = pull(feed(server, "/gone"), feed(server))
        assert [name for name, _ in broken.failed] == ["owngone"]
        with store.read() as session:
            (meeting,) = session.meetings.current()
            read = {s.last.provider: s for s in session.runs.sources("reports")}
        assert (meeting.city, meeting.date_from) == ("Ankara", date(2025, 5, 26))
        assert meeting.sources == ("https://news.example.org/1", "https://news.example.org/3")
        assert read["ownrss"].last_good == NOW
        assert read["owngone"].last_good is None


def test_an_item_is_plain_text() -> None:
    (item,) = parse_feed(rss("Lavrov &amp; Fidan <b>met</b>"))
    assert item.text == "Lavrov and Fidan meet. Lavrov & Fidan met"
    assert item.published == datetime(2025, 5, 27, 9, tzinfo=UTC)
    assert plain_text("<p>a<br>b</p><style>x{}</style>") == "a b"


def test_an_empty_date_that_is_written_as_the_year_1_is_none() -> None:
    (item,) = parse_feed(rss("Lavrov met Fidan in Ankara last month").replace(b"27 May 2025", b"01 Jan 0001"))
    assert item.published is None


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>log in</body></html>", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss>&e;</rss>']
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_feed(body)


def test_the_shipped_feeds() -> None:
    feeds = load_feeds()
    assert len([f for f in feeds if f.enabled]) >= 40
    assert len({f.url for f in feeds}) == len(feeds)
    assert {"en", "tr", "ru", "ar"} <= {f.language for f in feeds}
    assert len({f.country for f in feeds}) >= 20
    assert [f.name for f in feeds if f.enabled and not f.seen] == []


def test_a_feed_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text('[x]\nurl = "https://x.example"\nlanguage = "en"\ncountry = "TR"\nfrequency = 3\n')
    with pytest.raises(ConfigError, match="frequency"):
        load_feeds(file)


ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//y//EN\r
BEGIN:VEVENT\r
UID:1@x\r
SUMMARY:Hakan Fidan meets Sergei Lavrov\r
LOCATION:Ankara\r
DTSTART;TZID=Europe/Istanbul:20250526T100000\r
DTEND;TZID=Europe/Istanbul:20250526T120000\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2@x\r
SUMMARY:Visit of Foreign Minister Lavrov to Cairo\r
DTSTART;VALUE=DATE:20250601\r
DTEND;VALUE=DATE:20250603\r
STATUS:CANCELLED\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3@x\r
SUMMARY:Staff lunch\r
DTSTART;VALUE=DATE:20250601\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_a_calendar() -> None:
    found, problems = read_records(ICS, name="own.ics", gazetteer=load_gazetteer())
    ankara, cairo = found
    assert (ankara.city, ankara.date_precision, ankara.start) == ("Ankara", "minute", datetime(2025, 5, 26, 7, tzinfo=UTC))
    assert {p.state for p in ankara.participants} == {"TR", "RU"}
    assert (cairo.city, cairo.date_from, cairo.date_to, cairo.status) == ("Cairo", date(2025, 6, 1), date(2025, 6, 2), "cancelled")
    assert ["Staff lunch" in str(p) for p in problems] == [True]
    with pytest.raises(BadAnswer):
        read_records(b"not a calendar", name="x.ics", gazetteer=load_gazetteer())


TRIP = """<trip role="secretary" who="x"><id>{n}</id><role>secretary</role><name>Antony John Blinken</name>
<start-date>2021-03-15</start-date><end-date>2021-03-17</end-date><country id="japan">Japan</country><locale>Tokyo</locale>
<remarks>Met with Foreign Minister Toshimitsu Motegi.</remarks></trip>"""
TRIPS = f"<trips>{TRIP.format(n=1)}{TRIP.format(n=2)}<trip><id>3</id><name>Nobody</name></trip></trips>".encode()


def test_the_historian_s_trips_once_each() -> None:
    found, problems = read_records(TRIPS, name="t.xml", gazetteer=load_gazetteer())
    (one,) = found
    assert (one.city, one.country, one.date_from, one.date_to) == ("Tokyo", "JP", date(2021, 3, 15), date(2021, 3, 17))
    assert {p.state for p in one.participants} == {"US", "JP"}
    assert len(problems) == 1
    with pytest.raises(BadAnswer):
        read_records(b'<!DOCTYPE t [<!ENTITY a "b">]><trips>&a;</trips>', name="t.xml", gazetteer=load_gazetteer())


def test_the_real_xml() -> None:
    data = os.environ.get("TARMAC_TEST_DATA")
    if not data:
        pytest.skip("TARMAC_TEST_DATA is not set")
    meetings = records = 0
    for path in sorted((Path(data) / "statevisits").glob("*/*.xml")):
        found, problems = read_records(path.read_bytes(), name=path.name, gazetteer=load_gazetteer())
        meetings += len(found)
        records += len(problems)
    assert meetings > 1_700
    assert records < 20


def test_gdelt_s_newest_file(server: _Server) -> None:
    export = _zipped("\t".join([""] * 61).encode())
    base = f"http://127.0.0.1:{server.server_port}"
    name = "20191024143000.export.CSV.zip"
    server.pages = {
        "/lastupdate.txt": f"{len(export)} {hashlib.md5(export).hexdigest()} {base}/{name}\n".encode(),
        f"/{name}": export,
        "/wrong.txt": f"{len(export)} {'0' * 32} {base}/{name}\n".encode(),
    }
    with Client(attempts=1) as client:
        found = pull_newest(client, load_gazetteer(), list_url=f"{base}/lastupdate.txt")
        assert (found.rows, found.dropped, found.tripwires) == (1, {"other_code": 1}, ())
        with pytest.raises(BadAnswer, match="md5"):
            pull_newest(client, load_gazetteer(), list_url=f"{base}/wrong.txt")


def _zipped(inside: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.CSV", inside)
    return out.getvalue()

"""What was read is kept once, with what each report says; pasted addresses, GDELT's DOC API and its history, agendas, claims."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner
from web import web

from pipeline.cli.main import app
from pipeline.jobs.addresses import read_addresses
from pipeline.jobs.held_claims import hold_claims
from pipeline.jobs.pull_gdelt import ask_doc, pull_history
from pipeline.jobs.pull_reports import pull_feeds
from pipeline.jobs.reports import Document, keep_documents
from pipeline.jobs.sources_read import say_sources
from pipeline.jobs.world import make_world
from pipeline.meetings.conflicts import conflicts, plans, quotes
from pipeline.meetings.extract.extractor import default_extractor
from pipeline.model.errors import BadAnswer, NotFound, RateLimited, UsageError
from pipeline.model.settings import load_settings
from pipeline.net.client import Client
from pipeline.places.gazetteer import load_gazetteer
from pipeline.sources.feeds import Feed
from pipeline.sources.gdelt_doc import parse_articles, question
from pipeline.sources.pages import parse_page
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store

NOW = datetime(2022, 11, 15, 12, tzinfo=UTC)
DAY = date(2022, 11, 14)
A = "William Burns met Sergei Naryshkin in Ankara on Monday. RA-64057 landed at Esenboğa at 11:26 local time."
B = "FSB director Sergei Narishkin met William Burns in Ankara on Monday. RA-64057 landed at Esenboğa at 12:26 local time."
PAGE = """<!doctype html><html lang="en"><head><meta property="article:published_time" content="2022-11-14T18:00:00+03:00">
<title>Spy chiefs meet | Example</title><script>alert("met in Paris")</script></head><body>
<nav>Home. About us. Lavrov met Fidan in Rome.</nav>
<article><h1>Spy chiefs meet</h1><p>CIA director William Burns met SVR director Sergei Naryshkin in Ankara on Monday, officials said.</p>
<p>Nothing else was told about what the two men discussed behind closed doors in the capital,
and no further talks are planned for now.</p></article></body></html>"""


def doc(source: str, text: str, published: date = DAY) -> Document:
    return Document(source=source, provider="test", text=text, title=text[:40], language="en", published=published)


def test_a_report_is_kept_once_and_meets_the_others(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        first = keep_documents(store, [doc("a.example/1", A)], default_extractor(), reason="test", now=NOW)
        again = keep_documents(store, [doc("a.example/1", A)], default_extractor(), reason="test", now=NOW + timedelta(hours=1))
        other = keep_documents(store, [doc("b.example/2", B)], default_extractor(), reason="test", now=NOW + timedelta(hours=1))
        assert (first.reports, again.reports, other.reports) == (1, 0, 1)
        assert again.meetings == ()
        with store.read() as session:
            (meeting,) = session.meetings.current()
            told = session.reports.told(meeting.meeting_id)
            listed = session.reports.list(meetings_only=True)
    assert [t.report.source for t in told] == ["a.example/1", "b.example/2"]
    assert {r.report_id for r in listed} == {t.report.report_id for t in told}
    assert told[0].record.city == "Ankara"
    assert ("place", "Ankara") in quotes(told[0])
    said = {c.what: [v for v, _ in c.sides] for c in conflicts(told)}
    assert said["landing of RA-64057 at LTAC"] == [
        "2022-11-14T08:26:00Z (printed 11:26 local time, Europe/Istanbul)",
        "2022-11-14T09:26:00Z (printed 12:26 local time, Europe/Istanbul)",
    ]
    assert meeting.sources == ("a.example/1", "b.example/2")


def test_a_plan_that_slipped_is_held_when_it_was_held(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        plan = doc("a.example/1", "William Burns will meet Sergei Naryshkin in Ankara on November 12.", date(2022, 11, 10))
        held = doc("b.example/2", "William Burns met Sergei Naryshkin in Ankara on Monday.")
        for one in (plan, held):
            keep_documents(store, [one], default_extractor(), reason="test", now=NOW)
        with store.read() as session:
            (meeting,) = session.meetings.current()
            told = session.reports.told(meeting.meeting_id)
    assert (meeting.status, meeting.date_from, meeting.date_to) == ("reported", DAY, DAY)
    assert plans(told) == ("12 Nov 2022 (a.example/1)", "14 Nov 2022 (b.example/2)")
    assert "planned for 12 Nov 2022" in meeting.note


def test_meetings_show_tells_who_says_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        keep_documents(store, [doc("a.example/1", A), doc("b.example/2", B)], default_extractor(), reason="test", now=NOW)
        with store.read() as session:
            (meeting,) = session.meetings.current()
    shown = CliRunner().invoke(app, ["meetings", "show", meeting.meeting_id]).stdout
    assert "what each report says:" in shown
    assert "they differ on landing of RA-64057 at LTAC:" in shown
    assert "(a.example/1)" in shown
    listed = json.loads(CliRunner().invoke(app, ["meetings", "reports", "--json"]).stdout)
    assert {r["source"] for r in listed} == {"a.example/1", "b.example/2"}


def test_meetings_show_gives_programs_what_each_report_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        keep_documents(store, [doc("a.example/1", A), doc("b.example/2", B)], default_extractor(), reason="test", now=NOW)
    shown = json.loads(CliRunner().invoke(app, ["meetings", "show", "mtg-", "--json"]).stdout)
    assert {(r["source"], r["says"]["city"], r["read_at"]) for r in shown["reports"]} == {
        ("a.example/1", "Ankara", "2022-11-15T12:00:00Z"),
        ("b.example/2", "Ankara", "2022-11-15T12:00:00Z"),
    }
    assert {"field": "place", "text": "Ankara"} in shown["reports"][0]["quotes"]
    sides = {one["what"]: one["sides"] for one in shown["differ"]}
    landed = {side["value"][:20]: side["sources"] for side in sides["landing of RA-64057 at LTAC"]}
    assert landed == {"2022-11-14T08:26:00Z": ["a.example/1"], "2022-11-14T09:26:00Z": ["b.example/2"]}
    assert shown["planned"] == ""
    assert shown["held"].startswith("14 Nov 2022 (")
    assert set(shown["meeting"]["sources"].split(";")) == {"a.example/1", "b.example/2"}


def test_feeds_are_pulled_and_what_failed_is_named_for_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path / "data"))
    item = "<item><title>x</title><link>https://n.example/1</link><pubDate>Tue, 15 Nov 2022 09:00:00 GMT</pubDate>"
    rss = f'<?xml version="1.0"?><rss version="2.0"><channel>{item}<description>{A}</description></item></channel></rss>'
    with web(rss=("application/rss+xml", rss.encode())) as server:
        about = 'title = "Own"\nlanguage = "en"\ncountry = "TR"\nkind = "agency"\n'
        feeds = tmp_path / "feeds.toml"
        feeds.write_text(f'[own]\nurl = "{server.base}/rss"\n{about}[gone]\nurl = "{server.base}/gone"\n{about}')
        done = CliRunner().invoke(app, ["meetings", "pull", "--feeds", str(feeds), "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 1, done.output
    assert {name: found[name] for name in ("feeds", "read", "items", "meetings")} == {"feeds": 2, "read": 1, "items": 1, "meetings": 1}
    assert [one["feed"] for one in found["failed"]] == ["gone"]
    assert "404" in found["failed"][0]["reason"]


def test_articles_are_listed_for_programs_and_those_that_cannot_be_read_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    ask = ["meetings", "pull", "--place", "Ankara", "--from", "2025-05-26", "--to", "2025-05-26", "--json"]
    with web(story=("text/html", PAGE.encode())) as server:
        article = ARTICLE.replace(b"https://n.example/1", f"{server.base}/story".encode())
        server.pages["/doc"] = ("application/json", b'{"articles":[' + article + b"]}")
        monkeypatch.setitem(ask_doc.__kwdefaults__, "base", f"{server.base}/doc")
        listed = json.loads(CliRunner().invoke(app, ask).stdout)
        # The page is on this machine: no address that comes from elsewhere may lead there.
        refused = CliRunner().invoke(app, [*ask, "--read", "1"])
    assert listed["read"] is None
    assert [(a["seen"], a["language"], a["title"]) for a in listed["articles"]] == [
        ("2025-05-26T12:00:00Z", "Turkish", "Talks \\in Ankara")
    ]
    assert "GDELT" in listed["attribution"]
    read = json.loads(refused.stdout)["read"]
    assert (read["documents"], read["meetings"], refused.exit_code) == (0, [], 3)
    assert read["failed"][0]["document"] == listed["articles"][0]["document"]


def test_a_meeting_from_a_file_tells_its_story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    written = tmp_path / "m.csv"
    written.write_text(
        "meeting_id,title,city,country,start,end,participants,sources,published\n"
        ",Spy chiefs,Tokyo,JP,2022-11-14,2022-11-14,William Burns|CIA Director|US,https://example.org/1,2022-11-14T12:00:00Z\n"
    )
    assert CliRunner().invoke(app, ["meetings", "import", str(written)]).exit_code == 0
    (row,) = json.loads(CliRunner().invoke(app, ["meetings", "list", "--json"]).stdout)
    shown = CliRunner().invoke(app, ["meetings", "show", row["meeting_id"]]).stdout
    assert "13 Nov 2022 15:00 UTC (00:00 local on 14 Nov)" in shown
    assert "source: https://example.org/1" in shown
    assert "no text of it was read" in shown


def test_a_page_is_read_for_its_words_and_its_day() -> None:
    page = parse_page(PAGE.encode(), content_type="text/html; charset=utf-8")
    assert page.published == datetime(2022, 11, 14, 15, tzinfo=UTC)
    assert (page.language, page.title) == ("en", "Spy chiefs meet | Example")
    assert "Rome" not in page.text
    assert "Paris" not in page.text
    assert "in Ankara on Monday" in page.text
    told = parse_page(
        b'<script type="application/ld+json">{"@graph":[{"datePublished":"2022-11-14"}]}</script><p>One long sentence about it.</p>'
    )
    assert told.published == DAY
    for body, kind in ((b"%PDF-1.7", "application/pdf"), (b"\x89PNG", "image/png"), (b"<html></html>", "text/html")):
        with pytest.raises(BadAnswer):
            parse_page(body, content_type=kind)


def test_addresses_from_content_are_read_and_those_that_fail_told(tmp_path: Path) -> None:
    with web(story=("text/html", PAGE.encode())) as server, Store.open(data_dir=tmp_path, migrate=True) as store:
        urls = [(f"{server.base}/story", None), (f"{server.base}/gone", None)]
        done = read_addresses(store, server.fetcher(), urls, default_extractor(), provider="gdelt", now=NOW)
        assert [m.city for m in done.kept.meetings] == ["Ankara"]
        assert [u for u, _ in done.failed] == [f"{server.base}/gone"]
        with store.read() as session:
            (status,) = session.runs.sources("reports")
    assert (status.last.provider, status.last.outcome, status.last.heard) == ("gdelt", "ok", 2)


@pytest.mark.parametrize("command", [["extract"], ["meetings", "import"]])
def test_a_pasted_address_of_a_private_host_is_refused(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    with web(story=("text/html", PAGE.encode())) as server:
        result = CliRunner().invoke(app, [*command, f"{server.base}/story"])
        assert server.asked == []
    assert result.exit_code != 0
    assert "refused" in str(result.exception)


ARTICLE = b'{"url":"https://n.example/1","title":"Talks \\in Ankara","seendate":"20250526T120000Z",'
ARTICLE += b'"domain":"n.example","language":"Turkish","sourcecountry":"Turkey"}'


def test_the_doc_api_is_asked_and_its_oddities_read() -> None:
    assert question("Ankara").startswith('"Ankara" (met OR')
    with pytest.raises(UsageError, match="parentheses"):
        question("", "Burns OR Naryshkin")
    assert parse_articles(b"{}") == []
    with pytest.raises(RateLimited):
        parse_articles(b"Please limit requests to one every 5 seconds")
    with pytest.raises(BadAnswer, match="too short"):
        parse_articles(b"Your search was too short")
    body = b'{"articles":[' + ARTICLE + b"," + ARTICLE + b',{"url":"javascript:x","seendate":"20250526T120000Z"}]}'
    with web(doc=("application/json", body)) as server, Client(attempts=1) as client:
        since = datetime(2025, 5, 26, tzinfo=UTC)
        (found,) = ask_doc(client, question("Ankara"), since=since, until=since + timedelta(days=1), base=f"{server.base}/doc")
        (path, _, _) = server.asked[0]
    assert found.seen == datetime(2025, 5, 26, 12, tzinfo=UTC)
    assert "startdatetime=20250526000000" in path
    assert "mode=ArtList" in path
    with pytest.raises(UsageError, match="reaches back"), Client(attempts=1) as client:
        ask_doc(client, "x", since=datetime(2020, 1, 1, tzinfo=UTC), until=since)


def test_gdelt_s_files_of_past_days() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.CSV", "\t".join([""] * 61))
    body = out.getvalue()
    names = ["20191024143000.export.CSV.zip", "20191024144500.export.CSV.zip", "20191025000000.export.CSV.zip"]
    with web() as server, Client(attempts=1) as client:
        listed = "".join(f"{len(body)} {hashlib.md5(body).hexdigest()} {server.base}/{n}\n" for n in names)
        server.pages |= {"/master.txt": ("text/plain", listed.encode()), f"/{names[0]}": ("application/zip", body)}
        told: list[str] = []
        spell = {"since": datetime(2019, 10, 24, tzinfo=UTC), "until": datetime(2019, 10, 24, 23, tzinfo=UTC)}
        found = pull_history(client, load_gazetteer(), **spell, list_url=f"{server.base}/master.txt", tell=told.append)
        assert (found.rows, len(told)) == (1, 2)
        late = {k: v + timedelta(days=900) for k, v in spell.items()}
        with pytest.raises(NotFound):
            pull_history(client, load_gazetteer(), **late, list_url=f"{server.base}/master.txt")


AGENDA = b"""<html><body><main><ul><li>18 November 2022: The President receives Foreign Minister Sergei Lavrov in Ankara.</li>
<li>About this page and how we use cookies on it</li></ul></main></body></html>"""
ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//y//EN\r
BEGIN:VEVENT\r
UID:1@x\r
SUMMARY:Hakan Fidan meets Sergei Lavrov\r
LOCATION:Ankara\r
DTSTART;VALUE=DATE:20221121\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_agendas_and_calendars_announce(tmp_path: Path) -> None:
    with web(page=("text/html", AGENDA), cal=("text/calendar", ICS)) as server, Store.open(data_dir=tmp_path, migrate=True) as store:
        feed = Feed(name="x", title="X", url=f"{server.base}/page", language="en", country="TR", kind="presidency", format="agenda")
        feeds = [feed, replace(feed, name="y", url=f"{server.base}/cal", format="ical")]
        with Client(attempts=1) as client:
            state = tmp_path / "feeds.json"
            done = pull_feeds(store, client, feeds, default_extractor(), state_file=state, now=NOW)
            again = pull_feeds(store, client, feeds, default_extractor(), state_file=state, now=NOW + timedelta(days=1))
        with store.read() as session:
            found = session.meetings.current()
    assert (done.items, again.items) == (2, 0)
    assert [(m.city, m.date_from, m.status) for m in found] == [
        ("Ankara", date(2022, 11, 18), "announced"),
        ("Ankara", date(2022, 11, 21), "announced"),
    ]


def test_claims_without_a_track_say_so_and_propose(tmp_path: Path) -> None:
    world = make_world(load_settings(None, {"TARMAC_DATA_DIR": str(tmp_path)}).settings)
    text = "RA-99999 landed at Esenboğa at 11:26 local time on Monday."
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        keep_documents(store, [doc("a.example/1", text)], default_extractor(), reason="test", now=NOW)
        with store.read() as session:
            (held,) = hold_claims(session, world, session.reports.with_claims())
    assert (held.compared.verdict, held.compared.said) == ("no_track", "no track received that fits the report")
    assert held.proposal.startswith("RA-99999 (RU) is on no watch list")


def test_when_each_source_was_last_read_is_said(tmp_path: Path) -> None:
    with Store.open(data_dir=tmp_path, migrate=True) as store:
        with store.read() as session:
            assert say_sources(session.runs.sources("reports")) == "no source of reports was read"
        for name, hours, outcome in (("tass", 0, "ok"), ("aa", 0, "empty"), ("mid", 5, "ok"), ("spa", 0, "403")):
            with store.transaction() as tx:
                tx.runs.add_read(SourceRead(kind="reports", provider=name, at=NOW - timedelta(hours=hours), outcome=outcome))
        with store.read() as session:
            said = say_sources(session.runs.sources("reports"))
    assert said == "3 sources; last read 15 Nov 2022 12:00 UTC: aa, tass; 15 Nov 2022 07:00 UTC: mid; never: spa (403)"

"""GDELT event files: what the sieve keeps and why it drops the rest; lists, checksums and archives."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner
from web import web

from pipeline.cli.main import app
from pipeline.jobs.pull_gdelt import pull_newest
from pipeline.model.errors import BadAnswer
from pipeline.places.gazetteer import load_gazetteer
from pipeline.sources.gdelt_events import REASONS, Sieved, sieve_events
from pipeline.sources.gdelt_files import parse_list, unzip_export

ANKARA = ("4", "Ankara, Ankara, Turkey", "TU", "39.9272", "32.8644")
URL = "https://news.example.org/world/lavrov-in-ankara"


def row(
    code: str = "042",
    a: tuple[str, str] = ("RUS", "GOV"),
    b: tuple[str, str] = ("TUR", "GOV"),
    *,
    day: str = "20191024",
    root: str = "1",
    place: tuple[str, str, str, str, str] = ANKARA,
    url: str = URL,
) -> str:
    cells = [""] * 61
    cells[0], cells[1] = "881990832", day
    cells[7], cells[12], cells[17], cells[22] = a[0], a[1], b[0], b[1]
    cells[25], cells[26], cells[31] = root, code, "4"
    cells[51], cells[52], cells[53], cells[56], cells[57] = place
    cells[59], cells[60] = "20191024143000", url
    return "\t".join(cells)


def sieve(*rows: str) -> Sieved:
    return sieve_events("\n".join(rows).encode(), load_gazetteer())


def test_a_visit_and_its_mirror_and_near_duplicates_are_one_record() -> None:
    found = sieve(row(), row("043", ("TUR", "GOV"), ("RUS", "GOV")), row("040", url="https://other.example.org/world/x"))
    (one,) = found.tripwires
    assert (one.city, one.country, one.states) == ("Ankara", "TR", ("RU", "TR"))
    assert one.codes == ("040", "042", "043")
    assert len(one.urls) == 2
    assert found.dropped == {}


def test_what_the_newest_file_points_at_is_listed_for_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.CSV", "\n".join([row(), row("190")]))
    name, body = "20191024143000.export.CSV.zip", packed.getvalue()
    with web() as server:
        listing = f"{len(body)} {hashlib.md5(body).hexdigest()} {server.base}/{name}\n"
        server.pages = {"/lastupdate.txt": ("text/plain", listing.encode()), f"/{name}": ("application/zip", body)}
        monkeypatch.setitem(pull_newest.__kwdefaults__, "list_url", f"{server.base}/lastupdate.txt")
        done = CliRunner().invoke(app, ["meetings", "pull", "--gdelt", "--json"])
    found = json.loads(done.stdout)
    assert found["tripwires"] == [
        {"city": "Ankara", "country": "TR", "states": ["RU", "TR"], "day": "2019-10-24", "announced": False, "documents": [URL]}
    ]
    assert found["dropped"] == [{"rows": 1, "reason": REASONS["other_code"]}]
    assert (found["rows"], found["read"]) == (2, None)


@pytest.mark.parametrize(
    ("reason", "bad"),
    [
        ("columns", "a\tb"),
        ("other_code", row("190")),
        ("telephone", row("041")),
        ("not_root", row(root="0")),
        ("one_actor", row(b=("RUS", "GOV"))),
        ("one_actor", row(b=("", "BUS"))),
        ("no_state", row(a=("RUS", "BUS"), b=("TUR", "CVL"))),
        ("no_state", row(a=("RUS", ""), b=("TUR", ""), url="https://news.example.org/world/regatta")),
        ("dated_before", row(day="20181024")),
        ("dated_before", row(day="20191017")),
        ("no_city", row(place=("1", "Turkey", "TU", "39", "35"))),
        ("unknown_place", row(place=("4", "Paris, Texas, Turkey", "TU", "38.9", "35.5"))),
        ("elsewhere", row("042", ("TUR", "GOV"), ("RUS", "GOV"))),
        ("elsewhere", row("045", ("IRN", "GOV"), ("SYR", "GOV"))),
        ("no_news", row(url="https://news.example.org/opinion/why-lavrov-went")),
    ],
)
def test_each_reason(reason: str, bad: str) -> None:
    found = sieve(row("046"), bad)
    assert found.dropped == {reason: 1}
    assert reason in REASONS
    assert len(found.tripwires) == 1


def test_a_document_of_many_places_is_a_survey_of_them() -> None:
    rows = [row(place=("4", f"{name}, Turkey", "TU", "39.9", "32.8")) for name in ("Ankara, Ankara", "Istanbul, Istanbul", "Izmir, Izmir")]
    found = sieve(*rows)
    assert found.dropped == {"survey": 3}
    assert found.tripwires == ()


def test_fips_is_not_iso() -> None:
    vienna = ("4", "Vienna, Wien, Austria", "AU", "48.2", "16.3667")
    (one,) = sieve(row("040", ("RUS", "GOV"), ("AUT", "GOV"), place=vienna)).tripwires
    assert (one.city, one.country) == ("Vienna", "AT")


def test_what_is_no_event_file_is_refused() -> None:
    with pytest.raises(BadAnswer):
        sieve_events(b"<html>busy</html>\n<p>later</p>", load_gazetteer())


def zipped(inside: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20191024143000.export.CSV", inside)
    return out.getvalue()


def test_a_list_and_its_archive() -> None:
    body = zipped(row().encode())
    digest = hashlib.md5(body).hexdigest()
    base = "http://data.gdeltproject.org/gdeltv2/20191024143000"
    listed = parse_list(f"{len(body)} {digest} {base}.export.CSV.zip\n9 {'0' * 32} {base}.mentions.CSV.zip\nbroken\n".encode())
    assert [f.at.isoformat() for f in listed] == ["2019-10-24T14:30:00+00:00"]
    assert unzip_export(body, listed[0]) == row().encode()
    with pytest.raises(BadAnswer, match="md5"):
        unzip_export(body + b"x", listed[0])
    with pytest.raises(BadAnswer):
        unzip_export(b"PK not an archive")
    with pytest.raises(BadAnswer, match="more than"):
        unzip_export(zipped(b"0" * (300 << 20)))


def test_the_real_file() -> None:
    data = os.environ.get("TARMAC_TEST_DATA")
    if not data:
        pytest.skip("TARMAC_TEST_DATA is not set")
    found = sieve_events((Path(data) / "gdelt" / "20191024143000.export.CSV").read_bytes(), load_gazetteer())
    assert found.rows == 2111
    assert sum(found.dropped.values()) + sum(len(t.event_ids) for t in found.tripwires) == found.rows
    assert ("Tokyo", ("JP", "TM")) in {(t.city, t.states) for t in found.tripwires}
    assert not any("bworldonline" in u for t in found.tripwires for u in t.urls)

"""Evidence bundles of the two recorded cases: whole, checked, tampered with, and silent about the analyst."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from pipeline.alerts.embargo import parse_embargoes
from pipeline.export.evidence import MANIFEST, packed, unpacked
from pipeline.jobs.demo import DemoFolder, demo_folder, run_case
from pipeline.jobs.evidence import make_evidence, public_host
from pipeline.jobs.verify import verify
from pipeline.jobs.world import World
from pipeline.model.cases import load_case
from pipeline.model.errors import InputError, UsageError
from pipeline.model.origin import Origin
from pipeline.model.settings import Settings, SourceSettings
from pipeline.sources.own_record import own_record, positions_of
from pipeline.store.store import Store

NOW = datetime(2022, 11, 15, tzinfo=UTC)
OWN = "readsb (reconstruction)"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, DemoFolder]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("evidence"))
    case = load_case("ankara-2022-11-14")
    return run_case(case, settings, lambda *_: None), demo_folder(settings, case)


def _made(played: tuple[World, DemoFolder], kind: str, tmp_path: Path, sources: dict[str, SourceSettings] | None = None) -> Path:
    world, folder = played
    with Store.open(folder.url, data_dir=folder.root, readonly=True) as store:
        with store.read() as session:
            match = session.matches.current()[0]
            subject = {"match": match.match_id, "stay": match.stay_id}[kind]
        made = make_evidence(store, world, subject, now=NOW, sources=sources or {})
    path = tmp_path / made.name
    path.write_bytes(made.zip)
    assert made.without_record == 0
    return path


def test_a_bundle_is_checked_from_the_hashes_to_the_landing(played: tuple[World, DemoFolder], tmp_path: Path) -> None:
    path = _made(played, "match", tmp_path)
    assert path.name.startswith("reconstruction-mat-")
    world, folder = played
    alone = verify(path, world)
    assert [check.ok for check in alone.checks] == [True, True, None, True], alone
    assert alone.checks[-1].said == "found again: LTAC, observed, +0 s"
    with Store.open(folder.url, data_dir=folder.root, readonly=True) as store:
        assert [check.ok for check in verify(path, world, store=store).checks] == [True] * 4
    assert _made(played, "match", tmp_path).read_bytes() == path.read_bytes(), "the same evidence is the same bytes"
    bundle = unpacked(path)
    assert bundle.files["README.txt"].startswith(b"RECONSTRUCTION")
    assert {"about.json", "captures.csv", "positions-1.csv", "landing-1.json", "meeting.json", "match.json"} <= set(bundle.files)
    assert "detect-" in {step["step"]: step["by"] for step in bundle.json("about.json")["steps"]}["detect"]


def test_nothing_in_it_is_of_the_receiver_the_analyst_or_another_aircraft(played: tuple[World, DemoFolder], tmp_path: Path) -> None:
    path = _made(played, "stay", tmp_path, {OWN: SourceSettings(kind="readsb", url="http://192.168.1.5/aircraft.json")})
    bundle = unpacked(path)
    everything = b"\n".join(body for name, body in bundle.files.items() if not name.endswith(".png"))
    for secret in (OWN.encode(), b"192.168.1.5", str(tmp_path).encode(), str(played[1].root).encode(), b"r_dst", b"afff01"):
        assert secret not in everything, secret
    assert b"own receiver 1" in bundle.files["captures.csv"]
    assert verify(path, played[0]).ok


def _change(change: Callable[[dict[str, bytes]], None], path: Path, *, forge: bool) -> Path:
    """The bundle with other files; ``forge``: chained anew, as somebody would who wants it to look whole."""
    with zipfile.ZipFile(path) as archive:
        files = {one.filename: archive.read(one) for one in archive.infolist()}
    manifest = files.pop(MANIFEST)
    change(files)
    out = path.with_name(f"changed-{forge}.zip")
    if forge:
        out.write_bytes(packed(files)[0])
        return out
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in {**files, MANIFEST: manifest}.items():
            archive.writestr(name, body)
    return out


def test_whoever_changes_something_is_found_out(played: tuple[World, DemoFolder], tmp_path: Path) -> None:
    path, world = _made(played, "stay", tmp_path), played[0]

    def earlier(files: dict[str, bytes]) -> None:
        files["landing-1.json"] = files["landing-1.json"].replace(b"T08:26:00Z", b"T07:26:00Z")

    def elsewhere(files: dict[str, bytes]) -> None:
        head, *rows = files["positions-1.csv"].decode().splitlines()
        files["positions-1.csv"] = "\n".join([head, *(row.replace(",40.", ",41.", 1) for row in rows)]).encode()

    def less(files: dict[str, bytes]) -> None:
        del files[next(name for name in files if name.startswith("captures/"))]

    for change, said in ((earlier, "landing-1.json: was changed"), (elsewhere, "positions-1.csv: was changed"), (less, "missing")):
        found = verify(_change(change, path, forge=False), world)
        assert not found.ok
        assert said in found.checks[0].said
    head = unpacked(path).head
    for change, what in ((earlier, "landing"), (elsewhere, "positions")):
        found = verify(_change(change, path, forge=True), world)
        assert found.head != head, "a forged chain has another head"
        assert any(check.ok is False and check.what.startswith(what) for check in found.checks), found


def test_a_whole_bundle_of_nonsense_is_an_error_in_words(played: tuple[World, DemoFolder], tmp_path: Path) -> None:
    path, world = _made(played, "stay", tmp_path), played[0]

    def undated(files: dict[str, bytes]) -> None:
        files["about.json"] = b'{"steps": [], "subject": 1}'

    def listed(files: dict[str, bytes]) -> None:
        files["landing-1.json"] = b"[1, 2]"

    for change in (undated, listed):
        with pytest.raises(InputError, match="not as tarmac writes them"):
            verify(_change(change, path, forge=True), world)


def test_a_zip_of_another_kind_or_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"not a zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("x", "y")
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(40_000_000))
    for name, said in (("a.zip", "not a zip"), ("b.zip", "no manifest"), ("c.zip", "unpacks to more")):
        with pytest.raises(InputError, match=said):
            unpacked(tmp_path / name)


def test_what_is_for_publication_waits_for_the_embargo(played: tuple[World, DemoFolder]) -> None:
    world, folder = played
    held = parse_embargoes('[[embargo]]\nclass = "exchange"\nhours = 48\nwhy = "in progress"\ncities = ["Ankara"]', name="e.toml")
    bound = replace(world, embargoes=held)
    with Store.open(folder.url, data_dir=folder.root, readonly=True) as store:
        with store.read() as session:
            stay_id = session.matches.current()[0].stay_id
        with pytest.raises(UsageError, match="an embargo holds until 2022-11-16T08:26:00Z"):
            make_evidence(store, bound, stay_id, now=NOW, sources={}, public=True)
        assert make_evidence(store, bound, stay_id, now=NOW, sources={}).zip


def test_an_aircrafts_own_record_in_each_form_is_read_as_the_answer_is() -> None:
    given = {"provider": "p", "capture_id": "cap-a", "origin": Origin.LIVE}
    entry = {"hex": "afff01", "flight": "RECON1 ", "lat": 40.1, "lon": 33.0, "alt_baro": 4000, "seen_pos": 1.0, "r_dst": 12.3, "dir": 90}
    for key, now in (("aircraft", 1668413160.0), ("ac", 1668413160000)):
        body = orjson.dumps({"now": now, "lat": 39.9, "lon": 32.8, key: [entry, {**entry, "hex": "3c6666"}]})
        form, record = own_record(body, "afff01") or ("", b"")
        assert form == key
        assert not any(secret in record for secret in (b"r_dst", b"dir", b"39.9", b"3c6666"))
        (row,) = positions_of(form, record, **given).to_dict("records")
        assert (row["lat"], row["alt_baro_ft"], row["icao24"]) == (40.1, 4000.0, "afff01")
    state = [
        "afff01",
        "RECON1",
        "Türkiye",
        1668413159,
        1668413159,
        33.0,
        40.1,
        1200.0,
        False,
        100.0,
        90.0,
        0,
        [7, 9],
        1250.0,
        "1000",
        False,
        0,
    ]
    form, record = own_record(orjson.dumps({"time": 1668413160, "states": [state, ["3c6666", *state[1:]]]}), "afff01") or ("", b"")
    assert json.loads(record)["states"][0][12] is None, "which receivers heard it is nobody's business"
    assert len(positions_of(form, record, **given)) == 1
    form, record = own_record(b"hex,time,lat,lon,altitude_ft\nafff01,2022-11-14T08:00:00Z,40.1,33.0,4000\n3c6666,x,1,1,1\n", "afff01") or (
        "",
        b"",
    )
    assert form == "table"
    assert len(positions_of(form, record, **given)) == 1
    for nothing in (b"", b"<html>", b"[]", b'{"ac": 1}', orjson.dumps({"ac": [{"hex": "3c6666"}]}), io.BytesIO(b"\x1f\x8b").getvalue()):
        assert own_record(nothing, "afff01") is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.adsb.lol/v2/hex/14fa39", "api.adsb.lol"),
        ("http://192.168.1.5/data/aircraft.json", ""),
        ("http://pi.local/aircraft.json", ""),
        ("http://rooftop/aircraft.json", ""),
        ("/home/ana/recording.jsonl", ""),
        ("http://[::1]/x", ""),
    ],
)
def test_only_the_host_of_a_public_address_is_told(url: str, host: str) -> None:
    assert public_host(url) == host

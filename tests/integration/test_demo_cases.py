"""The two recorded cases, end to end, as `make run` plays them."""

from __future__ import annotations

import email
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import pytest

from pipeline.alerts.wording import violations
from pipeline.jobs.case_report import case_json, write_report
from pipeline.jobs.demo import demo_folder, run_case
from pipeline.model.cases import load_case
from pipeline.model.settings import Settings
from pipeline.store.store import Store

MINUTE = timedelta(minutes=1)


def _play(name: str, data_dir: Path) -> tuple[dict[str, list[dict[str, object]]], list[str], str]:
    settings, case, told = Settings(data_dir=data_dir), load_case(name), []
    world = run_case(case, settings, lambda now, kind, said: told.append(f"{kind}: {said}"))
    folder = demo_folder(settings, case)
    report = write_report(case, folder, world).read_text(encoding="utf-8")
    with Store.open(folder.url, data_dir=folder.root, readonly=True) as store:
        return case_json(store), told, report


@pytest.fixture(scope="module")
def taipei(tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("taipei")
    return root, *_play("taipei-2022-08-02", root)


@pytest.fixture(scope="module")
def ankara(tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("ankara")
    return root, *_play("ankara-2022-11-14", root)


def test_taipei_lands_once_at_songshan_and_nowhere_else(taipei) -> None:
    _, found, _, _ = taipei
    (landing,) = found["landings"]
    assert (landing["icao24"], landing["airport"], landing["from_airport"], landing["kind"]) == ("ae503d", "RCSS", "WMSA", "observed")
    assert abs(landing["touchdown"] - datetime(2022, 8, 2, 14, 43, 30, tzinfo=UTC)) <= MINUTE
    assert landing["touchdown_earliest"] <= landing["touchdown"] <= landing["touchdown_latest"]
    assert landing["runway"] == "10"


def test_taipei_matches_the_meeting_of_the_next_civil_day(taipei) -> None:
    _, found, _, _ = taipei
    (match,) = [m for m in found["matches"] if m["posterior"] >= 0.5]
    assert match["posterior"] < 1
    assert match["stay_id"] == found["stays"][0]["stay_id"]
    assert {a["event"] for a in found["alerts"]} == {"landing", "match"}
    assert all(a["lifecycle"] == "sent" for a in found["alerts"])


def test_the_toli_toli_claim_is_held_against_the_track(taipei) -> None:
    *_, report = taipei
    assert "no landing: " in report
    assert "Sultan Bantilan" in report


def test_ankara_two_watched_landings_to_the_minute(ankara) -> None:
    _, found, _, _ = ankara
    landings = {row["icao24"]: row for row in found["landings"]}
    assert set(landings) == {"14fa39", "afff01"}, "the airliner 4bff01 is not watched and raises nothing"
    for icao24, hour, minute in (("14fa39", 8, 26), ("afff01", 7, 58)):
        assert landings[icao24]["airport"] == "LTAC"
        assert abs(landings[icao24]["touchdown"] - datetime(2022, 11, 14, hour, minute, tzinfo=UTC)) <= MINUTE
    good = {m["stay_id"] for m in found["matches"] if m["posterior"] >= 0.5}
    russian = next(s for s in found["stays"] if s["icao24"] == "14fa39")
    assert russian["stay_id"] in good


def test_nothing_of_a_reconstruction_lacks_its_label(ankara) -> None:
    root, found, _, report = ankara
    for kind in ("landings", "stays"):
        assert {row["origin"] for row in found[kind]} == {"reconstructed"}
    assert {str(m["origin"]) for m in found["matches"]} == {"reconstructed"}
    assert all(a["subject"].startswith("[RECONSTRUCTION]") for a in found["alerts"])
    mails = list(root.rglob("*.eml"))
    assert len(mails) == len(found["alerts"]) > 0
    for path in mails:
        assert path.name.startswith("reconstruction-")
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        assert message["Subject"].startswith("[RECONSTRUCTION]")
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        assert text.startswith("RECONSTRUCTION")
        assert "RECONSTRUCTION" in html
        assert "reconstruct" not in html.lower().split("<body>")[0].replace("[reconstruction]", "")
    assert "RECONSTRUCTION" in report


def test_every_mail_keeps_to_the_permitted_words(ankara, taipei) -> None:
    for root in (ankara[0], taipei[0]):
        for path in root.rglob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            text = message.get_body(("plain",)).get_content()
            assert violations(message["Subject"]) == []
            assert violations(text.split("\nMeeting:")[0]) == []
            assert len(path.read_bytes()) < 200_000
            (picture,) = [p for p in message.walk() if p.get_content_type() == "image/png"]
            assert picture.get_content()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_second_run_adds_nothing(taipei) -> None:
    root, before, _, _ = taipei
    after, told, _ = _play("taipei-2022-08-02", root)
    assert told == []
    for kind in ("landings", "stays", "matches", "leads", "alerts"):
        assert len(after[kind]) == len(before[kind])
    assert after["landings"] == before["landings"]


def test_the_command_prints_json(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli.main", "demo", "ankara-2022-11-14", "--json"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TARMAC_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    answer = json.loads(done.stdout)
    assert set(answer) == {"landings", "stays", "matches", "leads", "alerts"}
    assert len(answer["landings"]) == 2

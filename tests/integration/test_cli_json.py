"""What the commands print with ``--json``: one document on standard output, the same facts as the text, and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from store_builders import AT, BY, HOUR, a_landing, a_lead, a_match, a_meeting, a_stay, an_item
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.correlate.scoring import load_scoring
from pipeline.store.store import Store

HEADER = "meeting_id,title,city,country,start,end,participants,sources,published\n"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def said(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == code, (done.output, done.exception)
    return json.loads(done.stdout)


@pytest.fixture
def filled(data: Path) -> Path:
    with Store.open(data_dir=data, migrate=True) as store, store.transaction() as tx:
        tx.landings.write(a_landing(), change="new", at=AT, capture_ids=["cap-1"], **BY)
        for stay in (a_stay(state="RU"), a_stay("sty-b", state="US", landing_id="", take_off=AT + 5 * HOUR)):
            tx.stays.write(stay, change="seen", at=AT, **BY)
        tx.meetings.write(a_meeting(), change="reported", at=AT, **BY)
        tx.matches.write(a_match(), change="scored", at=AT + HOUR, **BY)
        said_of_it = "Two states' aircraft in Ankara; no report found in the sources read"
        tx.leads.write(a_lead(said=said_of_it, expected=0.5, p_value=0.01, q_value=0.2), change="scored", at=AT, **BY)
    return data


def test_explain_a_match(filled: Path) -> None:
    assert filled.is_dir()
    found = said("explain", "mat-a")
    assert (found["kind"], found["origin"]) == ("match", "recorded")
    match = asdict(a_match())
    assert found["match"] == json.loads(json.dumps({**match, "origin": "recorded"}))
    assert [(row["name"], row["bits"]) for row in found["waterfall"]] == [("prior", -9.25), ("time", 4.125), ("state", 0.0)]
    assert found["sentence"] in " ".join(CliRunner().invoke(app, ["explain", "mat-a"]).stdout.split())
    assert (found["stay"]["touchdown"], found["stay"]["take_off"]) == ("2022-11-14T08:26:00Z", None)
    assert (found["meeting"]["meeting_id"], found["meeting"]["city"]) == ("mtg-aaaaaaaaaa", "Ankara")
    assert [(r["number"], r["change"]) for r in found["history"]] == [(1, "scored")]
    assert found["reviews"] == []
    kept = said("review", "mat-a", "confirmed", "--note", "by the ministry")
    assert (kept["subject_id"], kept["verdict"], kept["note"]) == ("mat-aaaaaaaaaa", "confirmed", "by the ministry")
    assert said("explain", "mat-a")["reviews"] == [kept]


def test_explain_a_landing_and_the_stay_that_it_began(filled: Path) -> None:
    assert filled.is_dir()
    found = said("explain", "lnd-a")
    assert (found["kind"], found["landing"]["airport"], found["landing"]["last_seen"]) == ("landing", "LTAC", None)
    assert [m["match_id"] for m in found["matches"]] == ["mat-aaaaaaaaaa"]
    assert found["history"][0]["capture_ids"] == ["cap-1"]
    assert said("explain", "sty-a") == found
    assert "mat-aaaaaaaaaa posterior 0.30" in CliRunner().invoke(app, ["explain", "lnd-a"]).stdout


def test_explain_a_lead_names_the_sources_read(filled: Path) -> None:
    assert filled.is_dir()
    found = said("explain", "led-a")
    assert (found["kind"], found["lead"]["score"], found["lead"]["q_value"]) == ("lead", 3.5, 0.2)
    assert [stay["stay_id"] for stay in found["stays"]] == ["sty-aaaaaaaaaa", "sty-b"]
    assert "no report found" in found["sentence"]
    assert found["sources"]
    assert found["sources"] in CliRunner().invoke(app, ["explain", "led-a"]).stdout


def test_what_cannot_be_explained_is_an_error_and_prints_nothing(filled: Path) -> None:
    assert filled.is_dir()
    for arguments in (["explain", "mtg-a"], ["explain", "lnd-x"], ["review", "mat-a", "perhaps"]):
        done = CliRunner().invoke(app, [*arguments, "--json"])
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.exception is not None


def test_calibrate_says_whether_anything_was_fitted(filled: Path) -> None:
    found = said("calibrate")
    assert found == {"fitted": False, "settings": load_scoring().fingerprint, "file": str(filled / "calibration.json")}
    assert (filled / "calibration.json").is_file()


def test_meetings_added_imported_and_shown(data: Path, tmp_path: Path) -> None:
    added = said("meetings", "add", "--title", "B met C", "--city", "Ankara", "--start", "2024-06-01")
    assert (added["city"], added["country"], added["date_from"]) == ("Ankara", "TR", "2024-06-01")
    file = tmp_path / "m.csv"
    file.write_text(HEADER + ",A visit,Windhoek,NA,2024-05-01,2024-05-01,A|Minister|DE,x,\n,Broken,Ankara,TR,2024-05-01T10:00,,,x,\n")
    read = said("meetings", "import", str(file), code=1)
    assert ([m["country"] for m in read["meetings"]], read["changed"]) == (["NA"], 1)
    (problem,) = read["problems"]
    assert "line 3" in problem["where"]
    assert "time zone" in problem["reason"]
    assert "--assume-utc" in problem["hint"]
    assert said("meetings", "import", str(file), code=1)["changed"] == 0
    listed = said("meetings", "list")
    assert sorted(listed, key=lambda m: m["start"]) == [*read["meetings"], added]
    shown = said("meetings", "show", added["meeting_id"])
    assert (shown["meeting"], shown["reports"], shown["differ"]) == (added, [], [])
    assert [(r["number"], r["change"]) for r in shown["history"]] == [(1, "reported")]
    assert data.is_dir()


def test_times_and_days_are_text_and_what_is_unknown_is_null(filled: Path) -> None:
    assert filled.is_dir()
    meeting = said("meetings", "show", "mtg-a")["meeting"]
    assert (meeting["start"], meeting["date_from"]) == ((AT - timedelta(hours=12)).strftime("%Y-%m-%dT%H:%M:%SZ"), "2022-11-14")


def test_what_is_done_to_messages_mutes_and_the_store(filled: Path, tmp_path: Path) -> None:
    assert filled.is_dir()
    muted = said("alerts", "mute", "Ankara", "--for", "7d")
    assert (muted["kind"], muted["what"], muted["muted"]) == ("place", "Ankara", True)
    assert muted["until"].endswith("Z")
    assert said("alerts", "mute")[0]["until"] == muted["until"]
    assert said("alerts", "mute", "Ankara", "--lift")["said"] == "heard again"
    with Store.open(data_dir=filled) as store, store.transaction() as tx:
        tx.outbox.add(an_item())
    (done,) = said("alerts", "send")
    assert (done["outcome"], done["subject"]) == ("sent", an_item().subject)
    assert said("alerts", "resend", "alr-a") == {"due": ["alr-aaaaaaaaaa"]}
    assert said("alerts", "test", "desk@example.org")["channel"] == "eml"
    assert said("store", "retire", "--days", "30") == {"rows": 0, "files": 0}
    assert said("store", "migrate")["schema"]
    assert said("config", "init", str(tmp_path / "own.toml")) == {"file": str(tmp_path / "own.toml")}

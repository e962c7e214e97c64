"""``tarmac alerts`` and ``tarmac card`` as a user meets them."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.cli.main import run
from pipeline.model.entities import OutboxItem
from pipeline.model.origin import Origin
from pipeline.store.store import Store

CASE = "taipei-2022-08-02"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def _run(*arguments: str, data: Path) -> Done:
    """The command in this process, as its entry point runs it: starting Python takes longer than most commands."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("HOME", str(data))
        patch.setenv("TARMAC_DATA_DIR", str(data))
        patch.setattr(sys, "argv", ["tarmac", *arguments])
        patch.chdir(data)
        with pytest.raises(SystemExit) as ended:
            run()
    return Done(returncode=int(ended.value.code or 0), stdout=out.getvalue(), stderr=err.getvalue())


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("played")
    assert _run("demo", CASE, data=data).returncode == 0
    return data


def test_preview_writes_the_mail_and_a_page_with_its_map_inside(played: Path, tmp_path: Path) -> None:
    listed = json.loads(_run("alerts", "list", "--case", CASE, "--json", data=played).stdout)
    done = _run("alerts", "preview", listed[0]["id"], "--case", CASE, "--out", str(tmp_path), data=played)
    assert done.stdout.startswith(f"Subject: {listed[0]['subject']}")
    (page,) = tmp_path.glob("*.html")
    assert 'src="data:image/png;base64,iVBOR' in page.read_text(encoding="utf-8")
    assert len(list(tmp_path.glob("*.eml"))) == 1


def test_preview_of_a_landing_writes_the_mail_that_it_would_make(played: Path, tmp_path: Path) -> None:
    table = _run("export", "landings", "--case", CASE, "--as", "csv", data=played).stdout.splitlines()
    landing_id = table[1].partition(",")[0]
    done = _run("alerts", "preview", landing_id, "--case", CASE, "--out", str(tmp_path), data=played)
    assert done.stdout.startswith("Subject: US state aircraft 09-0540 landed Taipei Songshan 22:43 local")
    assert len(list(tmp_path.glob("*.eml"))) == len(list(tmp_path.glob("*.html"))) == 1
    assert _run("alerts", "preview", "cap-", "--case", CASE, "--out", str(tmp_path), data=played).returncode == 2


def test_evidence_is_made_and_checked_by_command(played: Path, tmp_path: Path) -> None:
    listed = json.loads(_run("alerts", "list", "--case", CASE, "--json", data=played).stdout)
    assert (
        f"tarmac evidence {listed[0]['subject_id']} --out"
        in _run("alerts", "preview", listed[0]["id"], "--case", CASE, "--out", str(tmp_path), data=played).stdout
    )
    path = str(tmp_path / "e.zip")
    made = json.loads(_run("evidence", listed[0]["subject_id"], "--case", CASE, "--out", path, "--json", data=played).stdout)
    done = _run("verify", path, "--json", data=played)
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["head"]) == (0, True, made["head"])
    body = (tmp_path / "e.zip").read_bytes()
    (tmp_path / "e.zip").write_bytes(body[: len(body) // 2])
    assert _run("verify", path, data=played).returncode == 1


def test_card_is_a_picture_with_words_that_fit(played: Path, tmp_path: Path) -> None:
    listed = json.loads(_run("alerts", "list", "--case", CASE, "--json", data=played).stdout)
    assert listed[0]["event"] == "landing"
    with (
        Store.open(f"sqlite:///{played / 'demo' / CASE / 'tarmac.db'}", data_dir=played / "demo" / CASE, readonly=True) as store,
        store.read() as session,
    ):
        (landing_id,) = session.landings.current()["landing_id"]
    made = json.loads(_run("card", landing_id, "--case", CASE, "--out", str(tmp_path / "a.png"), "--json", data=played).stdout)
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert made["post"].startswith("US state aircraft 09-0540 landed Taipei Songshan 22:43 local, 2 Aug 2022 [seen on the ground].")
    assert len(made["post"]) <= 280
    assert "Map of the last half hour" in made["alt"]


def test_mute_names_what_it_mutes_and_ends(tmp_path: Path) -> None:
    done = _run("alerts", "mute", "ra-64057", "--for", "7d", "--note", "training", data=tmp_path)
    assert done.stdout.startswith("aircraft RA-64057: muted until ")
    assert _run("alerts", "mute", "istanbul", data=tmp_path).stdout.strip() == "place Istanbul: muted for ever"
    rows = json.loads(_run("alerts", "mute", "--json", data=tmp_path).stdout)
    assert [(row["kind"], row["what"], row["note"]) for row in rows] == [("aircraft", "RA-64057", "training"), ("place", "Istanbul", "")]
    assert "heard again" in _run("alerts", "mute", "Istanbul", "--lift", data=tmp_path).stdout
    wrong = _run("alerts", "mute", "Nowhere at all", data=tmp_path)
    assert wrong.returncode == 2
    assert "neither a watched aircraft nor a place" in wrong.stderr
    assert "12h, 7d or 4w" in _run("alerts", "mute", "RA-64057", "--for", "soon", data=tmp_path).stderr


def test_rules_are_shown_and_mistakes_named(tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_text(
        '[[recipients]]\nto = "night@example.org"\nquiet = "23:00-06:30"\ntime_zone = "Europe/Istanbul"\n'
    )
    (tmp_path / "tarmac.toml").write_text('[alerts]\nrules = "alerts.toml"\n[mail]\nto = ["desk@example.org"]\n')
    done = _run("--config", str(tmp_path / "tarmac.toml"), "alerts", "rules", "--json", data=tmp_path)
    assert [(row["to"], row["quiet"]) for row in json.loads(done.stdout)] == [
        ("night@example.org", "23:00-06:30"),
        ("desk@example.org", ""),
    ]
    (tmp_path / "alerts.toml").write_text('[[recipients]]\nto = "night@example.org"\n\nquite = "23:00-06:30"\n')
    wrong = _run("--config", str(tmp_path / "tarmac.toml"), "alerts", "rules", data=tmp_path)
    assert wrong.returncode == 2
    assert "alerts.toml line 4: recipients.0.quite" in wrong.stderr
    assert "did you mean quiet?" in wrong.stderr


def test_dead_letters_are_listed_and_sent_again(tmp_path: Path) -> None:
    now = datetime(2022, 11, 14, 8, 26, tzinfo=UTC)
    item = OutboxItem(
        alert_id="alr-aaaaaaaaaa",
        key="k",
        event="landing",
        subject_id="lnd-1",
        recipient="desk@example.org",
        thread="",
        created_at=now,
        subject="landed",
        text="landed\n",
        html="",
        origin=Origin.RECORDED,
    )
    with Store.open("sqlite:///tarmac.db", data_dir=tmp_path) as store, store.transaction() as tx:
        tx.outbox.add(item)
        tx.outbox.mark_dead("alr-aaaaaaaaaa", now=now, owner="t", error="552 mailbox full", via="smtp")
    assert "552 mailbox full" in _run("alerts", "list", "--failed", data=tmp_path).stdout
    assert _run("alerts", "resend", data=tmp_path).returncode == 2
    assert _run("alerts", "resend", "--failed", data=tmp_path).stdout.strip() == "1 messages are due again"
    done = _run("alerts", "send", data=tmp_path)
    assert done.returncode == 0
    assert "sent: landed" in done.stdout
    assert json.loads(_run("alerts", "list", "--failed", "--json", data=tmp_path).stdout) == []
    (eml,) = (tmp_path / "outbox").glob("*.eml")
    assert b"[late" in eml.read_bytes()

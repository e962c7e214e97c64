"""What goes wrong at a desk: settings, files, addresses. Each is said in words, with what to do, and costs no landing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sky_server import SkyServer, small_sky

from pipeline.jobs.doctor import examine
from pipeline.jobs.logs import hide_secrets, in_plain_words
from pipeline.jobs.poll import places_round
from pipeline.jobs.world import make_world
from pipeline.model.errors import ConfigError
from pipeline.model.settings import PollSettings, Settings
from pipeline.store.store import Store

pytestmark = pytest.mark.slow


class Now(SkyServer):
    """A sky at this machine's time."""

    def current(self) -> dict[str, object]:
        return {"now": time.time(), "aircraft": self._answers[-1]["aircraft"]}


@pytest.fixture
def sky() -> Iterator[Now]:
    with Now(small_sky()) as server:
        yield server


def tarmac(folder: Path, *arguments: str, said: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    (folder / "tarmac.toml").write_text(f"[sources.adsb_lol]\nenabled = false\n{said}")
    given = {"PATH": os.environ["PATH"], "HOME": str(folder), "TARMAC_DATA_DIR": str(folder / "data"), **env}
    config = [] if "--config" in arguments else ["--config", "tarmac.toml"]
    command = [sys.executable, "-m", "pipeline.cli.main", *config, *arguments]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False, cwd=folder, timeout=120)


def roof(url: str) -> str:
    return f'[sources.roof]\nkind = "readsb"\nurl = "{url}"\n'


def test_standard_output_is_json_although_a_source_was_asked_three_times(tmp_path: Path, sky: Now) -> None:
    sky.misbehave("status", times=None, status=502)
    done = tarmac(tmp_path, "doctor", "--ask", "--json", said=roof(sky.url("/data/aircraft.json")))
    found = {one["what"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert found["source roof answers"]["said"].startswith("502: ")
    asked = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in asked] == ["asked again", "asked again"]
    assert all("502" in line["why"] for line in asked)


def test_a_pass_without_an_answer_says_what_each_failure_hints_at(tmp_path: Path, sky: Now) -> None:
    sky.misbehave("wrong_time", behind_s=3600)
    done = tarmac(tmp_path, "poll", said=roof(sky.url("/data/aircraft.json")))
    assert done.returncode == 3
    assert "is 3600 s behind the request" in done.stderr
    assert "one of the two clocks is wrong; no answer is not 'no aircraft'; tarmac doctor --ask" in done.stderr


def test_a_place_that_is_none_or_several_is_named_before_anything_is_asked(tmp_path: Path, sky: Now) -> None:
    said = roof(sky.url("/data/aircraft.json")) + '[poll]\nplaces = ["Ankarra"]\n'
    done = tarmac(tmp_path, "daemon", said=said)
    assert (done.returncode, sky.requests) == (2, 0)
    hint = "the city's English name, and its state's two letters, such as 'Ankara' or 'Córdoba, AR'"
    assert done.stderr == f"tarmac: [poll] places: no place 'Ankarra'\n  {hint}\n"
    several = Settings(data_dir=tmp_path, poll=PollSettings(places=("Cordoba",)))
    world = make_world(several)
    with pytest.raises(ConfigError, match="'Cordoba' is a city in AR"):
        places_round(several, world)
    assert not next(one for one in examine(several) if one.what == "places").ok
    named = Settings(data_dir=tmp_path, poll=PollSettings(places=("Cordoba, ar", "Ankara")))
    assert [(place.city, place.country) for place in places_round(named, world)] == [("Córdoba", "AR"), ("Ankara", "TR")]


def test_a_file_of_meetings_that_is_away_or_wrong_stops_no_pass(tmp_path: Path, sky: Now) -> None:
    said = roof(sky.url("/data/aircraft.json")) + '[meetings]\nfiles = ["away.csv", "wrong.csv"]\n'
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    done = tarmac(tmp_path, "poll", said=said)
    assert done.returncode == 1
    assert "away.csv: away.csv cannot be read: No such file or directory; [meetings] files names it" in done.stderr
    assert "wrong.csv: has no column title" in done.stderr
    assert "1 answers" in done.stdout
    with Store.open(data_dir=tmp_path / "data", readonly=True) as store, store.read() as session:
        assert [one.outcome for one in session.runs.passes()] == ["done"]


def test_settings_that_cannot_be_reached_are_no_bug(tmp_path: Path) -> None:
    done = tarmac(tmp_path, "--config", "x" * 300, "config", "show")
    assert done.returncode == 2
    assert "cannot be read: File name too long\n  check --config" in done.stderr


def test_a_mail_server_that_does_not_answer_says_what_to_look_at(tmp_path: Path) -> None:
    done = tarmac(tmp_path, "alerts", "test", "desk@example.org", said='[mail]\nurl = "smtp://127.0.0.1:1"\n')
    assert done.returncode == 5
    assert "ConnectionRefusedError" in done.stderr
    assert "is [mail] url right" in done.stderr


def test_lists_in_a_log_are_cleaned_too_and_other_lines_are_left_as_they_are() -> None:
    said = hide_secrets(None, "info", {"event": "pass", "failures": ["no answer from https://u:p4ss@example.org/?key=k3y"], "n": (1, 2)})
    assert "p4ss" not in str(said)
    assert "k3y" not in str(said)
    assert said["n"] == [1, 2]
    assert in_plain_words(None, "info", {"event": "pass", "n": 3}) == {"event": "pass", "n": 3}

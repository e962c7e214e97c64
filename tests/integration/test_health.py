"""Signs of life, what the doctor finds, and the files that start tarmac on a machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger
from pydantic import SecretStr
from sky_server import SkyServer, small_sky
from structlog.testing import capture_logs

from pipeline.cli.main import app
from pipeline.jobs.doctor import examine
from pipeline.jobs.health import after_pass
from pipeline.model.settings import RunSettings, Settings, SourceSettings, UseSettings
from pipeline.net.client import Client
from pipeline.store.store import Store

DEPLOY = Path(__file__).parents[2] / "config" / "deploy"
TARMAC = Path(sys.executable).with_name("tarmac")
NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Here(SkyServer):
    """A sky at this machine's time."""

    def current(self) -> dict[str, object]:
        return {**super().current(), "now": datetime.now(UTC).timestamp()}


def test_a_good_pass_is_told_to_the_dead_man_address_and_one_that_is_silent_fails_nothing(tmp_path: Path) -> None:
    with SkyServer(small_sky()) as other, Store.open(data_dir=tmp_path) as store, Client(attempts=1) as client:
        settings = Settings(data_dir=tmp_path, run=RunSettings(dead_man_url=SecretStr(other.url("/v2/hex/a-secret"))))
        after_pass(store, settings, client, now=NOW)
        assert [one.path for one in other.seen] == ["/v2/hex/a-secret"]
        assert (tmp_path / "heartbeat").read_text() == "2026-03-02T00:00:00Z\n"
        other.misbehave("status", status=500, times=None)
        with capture_logs() as said:
            after_pass(store, settings, client, now=NOW)
    assert [line["event"] for line in said] == ["the dead-man address did not answer"]
    assert "a-secret" not in str(said)


@pytest.mark.parametrize(
    ("behind_s", "ok", "said"),
    [
        (0, True, "its clock is that of this machine"),
        (100, True, "its clock is 100 s behind ours"),
        (4000, False, "the provider is frozen, or one of the two clocks is wrong"),
    ],
)
def test_the_doctor_compares_each_sources_clock_with_this_machines(tmp_path: Path, behind_s: float, ok: bool, said: str) -> None:
    with Here(small_sky()) as sky:
        sky.misbehave("wrong_time", behind_s=behind_s, times=None)
        settings = Settings(
            data_dir=tmp_path, sources={"mine": SourceSettings(kind="readsb", url=sky.url("/re-api/"))}, use=UseSettings(kind="personal")
        )
        (found,) = (one for one in examine(settings, ask=True) if one.what == "source mine answers")
    assert found.ok is ok
    assert said in found.said


def test_the_doctor_names_folder_terms_and_what_another_use_would_allow(tmp_path: Path) -> None:
    found = {one.what: one for one in examine(Settings(data_dir=tmp_path, sources={"adsb_lol": SourceSettings(kind="adsbx_v2")}))}
    assert "GB free" in found["data folder"].said
    assert "terms:" in found["source adsb_lol"].said
    assert "airplanes.live" in found["use"].said
    assert found["mail"].said.startswith("no server set")
    tmp_path.chmod(0o755)
    assert not next(one for one in examine(Settings(data_dir=tmp_path)) if one.what == "data folder").ok


def test_the_files_that_start_tarmac_call_commands_that_there_are() -> None:
    commands = {command.name for command in app.registered_commands}
    units = {path.name: path.read_text(encoding="utf-8") for path in DEPLOY.iterdir()}
    assert set(units) == {"Dockerfile", "Dockerfile.dockerignore", "crontab", "tarmac.service", "tarmac-poll.service", "tarmac-poll.timer"}
    called = re.findall(r"^ExecStart=.* (\w+)$", units["tarmac.service"] + units["tarmac-poll.service"], re.MULTILINE)
    called += re.findall(r"bin/tarmac .* (\w+) >>", units["crontab"]) + re.findall(r'^CMD .*"(\w+)"\]$', units["Dockerfile"], re.MULTILINE)
    assert called == ["daemon", "poll", "poll", "daemon"]
    assert set(called) <= commands
    # The daemon says that it is ready and alive; ten seconds are enough for it to end.
    assert "Type=notify" in units["tarmac.service"]
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", units["tarmac.service"], re.MULTILINE)[0]) > 10
    # What a pass in cron ends with when it was done in part or somebody else is at it.
    assert "SuccessExitStatus=1 6" in units["tarmac-poll.service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    names = ("tarmac.service", "tarmac-poll.service", "tarmac-poll.timer")
    for name in names:
        here = (DEPLOY / name).read_text(encoding="utf-8").replace("/opt/tarmac/bin/tarmac", str(TARMAC))
        (tmp_path / name).write_text(here, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(f"./{name}" for name in names)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    # Other units of this machine are looked at, too, and are none of ours.
    assert [line for line in done.stderr.splitlines() if "tarmac" in line] == []
    assert done.returncode == 0


def test_the_line_of_the_crontab_makes_a_pass_as_cron_starts_it(tmp_path: Path) -> None:
    (line,) = [one for one in (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines() if not one.startswith("#")]
    *when, command = line.split(" ", 5)
    assert CronTrigger.from_crontab(" ".join(when))
    assert "%" not in command, "cron takes it for the end of the line"
    home = tmp_path / "tarmac"
    home.mkdir(mode=0o700)
    with Here(small_sky()) as sky:
        url = sky.url("/data/aircraft.json")
        (home / "tarmac.toml").write_text(f'[sources.adsb_lol]\nenabled = false\n[sources.roof]\nkind = "readsb"\nurl = "{url}"\n')
        done = subprocess.run(
            ["/bin/sh", "-c", command.replace("/opt/tarmac/bin/tarmac", str(TARMAC))],
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "desk"},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "1 answers" in (home / "poll.log").read_text()
    assert (home / "heartbeat").exists()


def test_the_image_is_built_from_what_the_wheel_needs_and_from_nothing_private() -> None:
    kept = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")]
    build = tomllib.loads((DEPLOY.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = build["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["force-include"], *wheel["packages"], build["project"]["readme"], *build["project"]["license-files"]}
    assert {name.partition("/")[0] for name in needed} | {"constraints.txt", "pyproject.toml"} == set(kept)

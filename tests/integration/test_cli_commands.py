"""The command line as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

TRACE = Path(__file__).parents[1] / "zoo" / "data" / "trace_full_ac671b.json"


def _run(*arguments: str, data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    everything = {"PATH": os.environ["PATH"], "HOME": str(data), "TARMAC_DATA_DIR": str(data), **env}
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli.main", *arguments], env=everything, capture_output=True, text=True, check=False, cwd=data
    )


def test_help_imports_no_third_party_but_typer_and_rich(tmp_path: Path) -> None:
    code = (
        "import sys\nimport pipeline.cli.main\n"
        "heavy = set('pandas numpy sqlalchemy httpx pydantic matplotlib shapely geopandas jinja2 scipy pyproj pandera'.split())\n"
        "print(sorted(heavy & {m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert "tarmac demo" in _run("--help", data=tmp_path).stdout


def test_detect_prints_exactly_the_promised_columns(tmp_path: Path) -> None:
    done = _run("detect", str(TRACE), data=tmp_path)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0] == (
        "icao24,registration,callsign,airport,touchdown,touchdown_earliest,touchdown_latest,kind,confidence,runway,from_airport,runner_up,reason"
    )
    assert any(",KDEN,2025-02-05T19:54:" in line for line in lines)


def test_detect_writes_parquet_with_typed_times_and_only_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "landings.parquet"
    assert _run("detect", str(TRACE), "--as", "parquet", "--out", str(file), data=tmp_path).returncode == 0
    read = pd.read_parquet(file)
    assert str(read["touchdown"].dtype) == "datetime64[us, UTC]"
    assert "KDEN" in set(read["airport"])
    refused = _run("detect", str(TRACE), "--as", "parquet", data=tmp_path)
    assert (refused.returncode, "--out landings.parquet" in refused.stderr) == (2, True)


def test_bad_files_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_text("<html>busy</html>")
    (tmp_path / "in" / "b.json").write_bytes(TRACE.read_bytes())
    (tmp_path / "in" / "c.csv").write_text("icao24,time,lat,lon,altitude_ft\nabcdef,2022-01-01T00:00:00,1,2,3\n")
    done = _run("detect", str(tmp_path / "in"), "--as", "json", data=tmp_path)
    assert done.returncode == 1
    assert "a.html: is HTML" in done.stderr
    assert "c.csv line 2: '2022-01-01T00:00:00' has no time zone" in done.stderr
    assert any(row["airport"] == "KDEN" for row in json.loads(done.stdout))


def test_look_finds_arrivals_at_a_place(tmp_path: Path) -> None:
    done = _run("look", str(TRACE), "--place", "Denver", "--json", data=tmp_path)
    assert [row["airport"] for row in json.loads(done.stdout)] == ["KDEN"]


def test_poll_with_no_source_reachable_says_so(tmp_path: Path) -> None:
    off = {f"TARMAC_SOURCES__{n}__ENABLED": "false" for n in ("ADSB_LOL", "AIRPLANES_LIVE", "ADSB_FI")}
    own = {"TARMAC_SOURCES__OWN__KIND": "readsb", "TARMAC_SOURCES__OWN__URL": "http://127.0.0.1:9/aircraft.json"}
    done = _run("poll", data=tmp_path, **off, **own)
    assert done.returncode == 3, done.stderr
    assert "no source answered" in done.stderr


def test_unknown_things_are_usage_errors_with_a_hint(tmp_path: Path) -> None:
    for arguments in (("demo", "nowhere"), ("nonsense",), ("export", "landings", "--as", "docx"), ("explain", "lnd-x")):
        done = _run(*arguments, data=tmp_path)
        assert done.returncode in (2, 4), (arguments, done.stderr)
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("tarmac: ")


def test_meetings_from_a_file_and_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(
        "title,city,country,start,end,participants,sources\n"
        "A visit,Windhoek,NA,2024-05-01,2024-05-01,A Minister|Minister|DE,x\n"
        "Broken,Ankara,TR,2024-05-01T10:00,2024-05-01,,x\n"
    )
    done = _run("meetings", "import", str(file), data=tmp_path)
    assert done.returncode == 1
    assert "m.csv line 3" in done.stderr
    assert "--assume-utc" in done.stderr
    added = _run("meetings", "add", "--title", "B met C", "--city", "Ankara", "--start", "2024-06-01", data=tmp_path)
    assert added.returncode == 0, added.stderr
    listed = json.loads(_run("meetings", "list", "--json", data=tmp_path).stdout)
    assert {m["country"] for m in listed} == {"NA", "TR"}


def test_config_and_doctor(tmp_path: Path) -> None:
    assert _run("config", "init", data=tmp_path).returncode == 0
    assert _run("config", "init", data=tmp_path).returncode == 2
    assert "mail.from" in _run("config", "show", "--origin", data=tmp_path).stdout
    assert "watch list" in _run("doctor", data=tmp_path).stdout

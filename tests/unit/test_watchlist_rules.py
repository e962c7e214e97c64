from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.model.errors import ConfigError
from pipeline.model.registrations import contradiction, russian_icao24, us_icao24
from pipeline.model.settings import load_settings, show
from pipeline.model.watchlist import check, format_watchlist, parse_watchlist, read_watchlist

HEADER = "icao24,registration,state,use,valid_from,valid_to,source\n"


def _block(icao24: str) -> str:
    return "RU" if icao24.startswith("14") else "TR"


def _write(path: Path, *rows: str) -> Path:
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize(
    ("registration", "wanted"),
    [("N1", "a00001"), ("N99999", "adf7c7"), ("N12345", "a061d9"), ("N1A", "a00002"), ("09-0540", None), ("N0", None)],
)
def test_us_rule(registration: str, wanted: str | None) -> None:
    assert us_icao24(registration) == wanted


def test_russian_rule_finds_the_wrong_row() -> None:
    assert russian_icao24("RA-64057") == "14fa39"
    assert contradiction("14fa3a", "RA-64508") == "the Russian rule gives RA-64508 the address 14fbfc"
    assert contradiction("14fa3a", "RA-64058") == ""


def test_dates_decide_who_an_address_is(tmp_path: Path) -> None:
    rows = ("14fa39,RA-64057,RU,operated,2020-01-01,2021-12-31,x", "14fa39,RA-64057,RU,operated,2022-01-01,,y")
    listed = read_watchlist([_write(tmp_path / "w.csv", *rows)])
    assert listed.on("14fa39", date(2021, 6, 1)).source == "x"
    assert listed.on("14fa39", date(2026, 6, 1)).source == "y"
    assert listed.on("14fa39", date(2019, 6, 1)) is None
    assert (
        check(listed.aircraft, block_of=lambda _: "RU", state_named_in=lambda _: "", today=date(2026, 1, 1))[0].what
        == "expired on 2021-12-31"
    )


def test_overlaps_and_foreign_blocks_are_found(tmp_path: Path) -> None:
    rows = ("14fa39,RA-64057,RU,operated,,,x", "14fa39,RA-1,RU,operated,,,y", "4b8000,TC-X,RU,operated,,,z")
    aircraft, _ = parse_watchlist(_write(tmp_path / "w.csv", *rows))
    said = [f.what for f in check(aircraft, block_of=_block, state_named_in=lambda _: "", today=date(2026, 1, 1))]
    assert "RA-64057 and RA-1 at one time" in said
    assert "listed as RU, address in TR's block" in said


def test_an_aircraft_a_state_uses_needs_dates_and_a_source(tmp_path: Path) -> None:
    path = _write(tmp_path / "w.csv", "4b8000,TC-X,TR,used_by_state,,,", "8.9E+101,A,AE,operated,,,", "89e100,A,NA,operated,,,")
    aircraft, problems = parse_watchlist(path)
    assert [a.state for a in aircraft] == ["NA"]
    assert [str(p).split(":")[0] for p in problems] == ["w.csv line 2", "w.csv line 3"]
    with pytest.raises(ConfigError, match="and 1 more"):
        read_watchlist([path])


def test_format_round_trips(tmp_path: Path) -> None:
    aircraft, _ = parse_watchlist(_write(tmp_path / "w.csv", "14fa39,RA-64057,RU,operated,2020-01-01,,x"))
    again = tmp_path / "again.csv"
    again.write_text(format_watchlist(aircraft))
    assert parse_watchlist(again)[0] == aircraft


def test_layers_of_settings(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[mail]\nto = ["a@example.org"]\n[watchlist]\nfiles = ["mine.csv"]\n')
    loaded = load_settings(own, {"TARMAC_ALERTS__SILENCE": "600", "TARMAC_DATA_DIR": str(tmp_path)})
    assert loaded.settings.mail.to == ("a@example.org",)
    assert loaded.settings.watchlist.files == (tmp_path / "mine.csv",)
    assert loaded.settings.alerts.silence == 600
    assert loaded.origins["mail.to"] == "own.toml"
    assert loaded.origins["alerts.silence"] == "environment"


def test_an_unknown_key_names_its_file_and_the_nearest(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[mail]\nurll = "x"\n')
    with pytest.raises(ConfigError, match=r"own.toml: unknown key mail.urll") as caught:
        load_settings(own, {})
    assert caught.value.hint == "did you mean url?"


def test_a_password_is_taken_from_the_environment_alone_and_never_shown(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[store]\nurl = "postgresql://me:secret@host/db"\n')
    with pytest.raises(ConfigError, match="holds a password"):
        load_settings(own, {})
    loaded = load_settings(None, {"TARMAC_STORE__URL": "postgresql://me:secret@host/db"})
    assert "secret" not in repr(loaded.settings) + str(list(show(loaded)))

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.model.csvfile import read_file
from pipeline.model.errors import InputError
from pipeline.model.files import shipped
from pipeline.model.watchlist import parse_watchlist
from pipeline.model.watchlist_changes import changed_list, list_changes
from pipeline.sources.plane_alert_db import SOURCE, Imported, Rules, parse_plane_alert_db

HEADER = "$ICAO,$Registration,$Operator,$Type,$ICAO Type,#CMPG,$Tag 1,$#Tag 2,$#Tag 3,Category,$#Link\n"
ROWS = (
    "3FB001,15+01,German Air Force,Airbus A350-900,A359,Mil,Joke,Joke,Joke,Head of State,https://example.org/a",
    "3FB002,10+24,German Air Force,Airbus A310-304-MRTT,A310,Mil,,,,Tankers,",
    "3FB003,50+01,German Air Force,Transall,C160,Mil,,,,Cargo,",
    "14FA39,RA-64057,Russia Special Flight Detachment,Tupolev Tu-204-300,T204,Gov,,,,Dictator Alert,",
    "14FA3A,RA-64508,Gov of Russia,Tupolev Tu-204,T204,Gov,,,,,",
    "4B822D,TC-X,A Holding,Gulfstream G550,GLF5,Civ,,,,,",
    "43E6FC,G-POLX,Some Police,EC135,EC35,Pol,,,,,",
    "3FB001,15+01,German Air Force,Airbus A350-900,A359,Mil,,,,,",
    "4076F0,VP-ABC,Gov of Jordan,Airbus A318,A318,Gov,,,,,",
    "10166,X,Gov of Chad,Boeing 737,B737,Gov,,,,,",
    "0D0001,XA-UN,United Nations,Boeing 757,B752,Gov,,,,,",
    "8960E1,A6-NA,Gov of Dubai,Boeing 747,B744,Gov,,,,,",
    "89E100,A6-NB,Gov of Dubai,Boeing 747,B744,Gov,,,,,",
)


def _rules() -> Rules:
    return Rules.of(read_file(shipped("watchlist", "vip_types.csv"))[0], read_file(shipped("watchlist", "not_states.csv"))[0])


def _parsed(*rows: str) -> Imported:
    body = (HEADER + "\n".join(rows) + "\n").encode()
    return parse_plane_alert_db(body, name="list.csv", rules=_rules(), on=date(2026, 11, 24))


def test_keeps_government_and_military_guests_and_says_why_the_rest_is_refused() -> None:
    found = _parsed(*ROWS)
    assert [(a.icao24, a.state, a.role) for a in found.aircraft] == [
        ("3fb001", "DE", "air_force_vip"),
        ("14fa39", "RU", "government"),
        ("8960e1", "AE", "government"),
    ]
    assert {r.line: r.why for r in found.refused} == {
        3: "military, and a Airbus A310-304-MRTT does not carry guests",
        4: "military, and C160 is not in vip_types.csv",
        6: "the Russian rule gives RA-64508 the address 14fbfc",
        7: "civil: not listed as operated by a state",
        8: "police",
        9: "3fb001 is listed twice; the first row is kept",
        10: "the operator is named after JO, the address is in the block of GB: add it to a list of your own, with a source",
        11: "'10166' is not an icao24 address",
        12: "United Nations: an organisation of states",
        14: "no state: the operator names none and the address is in no state's block",
    }


def test_jokes_categories_and_links_do_not_come_in() -> None:
    assert not any(word in repr(_parsed(*ROWS).aircraft) for word in ("Joke", "Dictator", "Head of State", "example.org"))


def test_an_import_adds_and_corrects_but_leaves_a_persons_work_alone() -> None:
    ours = list(_parsed(ROWS[0].replace("A350-900", "A340"), ROWS[3]).aircraft)
    curated = [ours[0], type(ours[1])(**{n: getattr(ours[1], n) for n in ours[1].__slots__} | {"source": "a register", "operator": "mine"})]
    changes = list_changes(curated, _parsed(*ROWS).aircraft, source=SOURCE)
    assert [(c.kind, c.aircraft.icao24, c.what) for c in changes] == [
        ("changed", "3fb001", "type: Airbus A340 → Airbus A350-900"),
        ("new", "8960e1", "Boeing 747, Gov of Dubai"),
    ]
    after = {a.icao24: a for a in changed_list(curated, changes)}
    assert (after["14fa39"].operator, after["3fb001"].type, len(after)) == ("mine", "Airbus A350-900", 3)
    assert list_changes(list(after.values()), _parsed(*ROWS).aircraft, source=SOURCE) == []
    assert [c.kind for c in list_changes(list(after.values()), (), source=SOURCE)] == ["gone", "gone"]


def test_a_file_that_is_not_the_list_is_refused() -> None:
    with pytest.raises(InputError, match=r"\$ICAO"):
        parse_plane_alert_db(b"<html>busy</html>\n", name="list.csv", rules=_rules(), on=date(2026, 11, 24))


def test_the_command_shows_the_change_first_and_writes_only_when_told(tmp_path: Path) -> None:
    source, into = tmp_path / "plane-alert-db.csv", tmp_path / "mine.csv"
    source.write_text(HEADER + "\n".join(ROWS) + "\n")
    env = os.environ | {"TARMAC_DATA_DIR": str(tmp_path)}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipeline.cli.main", "watchlist", "import", str(source), "--into", str(into), *more]
        return subprocess.run(command, capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL, check=True)

    shown = run()
    assert "new\t3fb001\t15+01\tDE" in shown.stdout
    assert "police" in shown.stdout
    assert "nothing written" in shown.stderr
    assert not into.exists()
    assert f'files = ["{into}"]' in run("--yes").stderr
    good, problems = parse_watchlist(into)
    assert not problems
    assert {"3fb001", "8960e1"} <= {a.icao24 for a in good}
    assert "nothing to write" in run("--yes").stderr

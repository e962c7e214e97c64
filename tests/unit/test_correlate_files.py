"""``tarmac correlate`` over files: parts together are the whole, and a file read by column says what one read by row does."""

import json
from pathlib import Path

import pytest
from correlate_builders import stay, stays, visits

from pipeline.jobs.correlate_files import Chunk, correlate_files
from pipeline.model.csvfile import read_plain
from pipeline.model.errors import UsageError
from pipeline.model.time import parse_utc, to_iso

COLUMNS = ["stay_id", "icao24", "state", "role", "airport", "city", "country", "touchdown", "take_off", "kind", "confidence"]


def write_stays(path: Path, frame) -> Path:
    lines = [",".join(COLUMNS)]
    for row in frame.to_dict("records"):
        cells = [row[c] for c in COLUMNS]
        cells[7:9] = ["" if c is None or c != c else to_iso(c) for c in cells[7:9]]
        lines.append(",".join("" if c != c else str(c) for c in cells))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def files(tmp_path):
    import pandas as pd

    history = pd.concat([visits(40), visits(25, airport="RCSS", state="US", seed=2).assign(stay_id=lambda f: "u" + f["stay_id"])])
    test = stays(
        stay("ankara", "LTAC", "2022-11-14T05:26:00Z", take_off="2022-11-14T19:00:00Z"),
        stay("us", "LTAC", "2022-11-14T05:58:00Z", state="US", icao24="ae0001", take_off="2022-11-14T18:00:00Z"),
        stay("taipei", "RCSS", "2022-08-02T14:43:00Z", state="US", icao24="ae503d", take_off="2022-08-03T10:00:00Z"),
    )
    meetings = tmp_path / "meetings.csv"
    meetings.write_text(
        "meeting_id,title,city,country,start,end,participants,sources,published\n"
        "a,CIA and SVR,Ankara,TR,2022-11-14,,W|CIA Director|US;S|SVR Director|RU,Kommersant,2022-11-14T18:00Z\n"
        "t,Speaker in Taipei,Taipei,TW,2022-08-03,,N|Speaker|US;T|President|TW,CNA,2022-08-03T18:00Z\n"
    )
    return write_stays(tmp_path / "stays.csv", pd.concat([history, test])), meetings


def matches(answer):
    return sorted(json.dumps(m, sort_keys=True) for m in answer["matches"])


def test_parts_together_are_the_whole(files):
    whole, problems = correlate_files(*files, matches_only=True)
    parts = [correlate_files(*files, chunk=Chunk.parse(f"{k}/2"))[0] for k in (1, 2)]
    assert problems == []
    assert {m["stay_ids"][0] for m in whole["matches"]} >= {"ankara", "us", "taipei"}
    assert all(parts[k]["matches"] for k in range(2))
    assert matches(whole) == sorted(matches(parts[0]) + matches(parts[1]))


def test_a_file_read_by_column_says_what_one_read_by_row_does(files):
    path, meetings = files
    by_column = correlate_files(path, meetings, matches_only=True)[0]
    path.write_text("# a comment\n" + path.read_text().replace(",ae503d,", ", AE503D ,"))
    assert read_plain(path, required=("stay_id",), columns=COLUMNS, patterns={}) is None
    path.write_text(path.read_text().partition("\n")[2])
    by_row, problems = correlate_files(path, meetings, matches_only=True)
    assert problems == []
    assert matches(by_row) == matches(by_column)


def test_a_bad_row_is_named_and_the_others_go_on(files):
    path, meetings = files
    path.write_text(path.read_text() + "bad,zzz,RU,,LTAC,Ankara,TR,2022-11-14T05:26:00Z,,,\n")
    answer, (problem,) = correlate_files(path, meetings, matches_only=True)
    assert "icao24" in str(problem)
    assert answer["matches"]


@pytest.mark.parametrize("text", ["3/2", "0/2", "2", "a/b", "-1/2"])
def test_a_chunk_that_is_none(text):
    with pytest.raises(UsageError, match="is not k/n"):
        Chunk.parse(text)


def test_some_days_come_out_as_in_the_whole(files):
    whole = correlate_files(*files)[0]
    since, until = parse_utc("2022-11-14T00:00:00Z"), parse_utc("2022-11-14T05:58:00Z")
    some, problems = correlate_files(*files, since=since, until=until)
    assert problems == []
    assert {m["stay_ids"][0] for m in some["matches"]} == {"ankara"}, "until is not among them"

    def told(answer):
        return [(m["match_id"], m["posterior"], m["evidence"]) for m in answer["matches"] if m["stay_ids"] == ["ankara"]]

    assert told(some) == told(whole)
    leads = {lead["lead_id"]: lead["score"] for lead in some["leads"]}
    assert leads == {lead["lead_id"]: lead["score"] for lead in whole["leads"] if "ankara" in lead["stay_ids"]}
    none = correlate_files(*files, since=parse_utc("2030-01-01T00:00:00Z"))[0]
    assert (none["matches"], none["leads"]) == ([], [])

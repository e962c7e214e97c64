from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipeline.model import csvfile, ids
from pipeline.model.errors import BadIdentifier, BadTime, InputError, NotFound
from pipeline.model.frames import LANDINGS, POSITIONS
from pipeline.model.origin import Origin, weakest
from pipeline.model.time import civil_interval, from_epoch, parse_utc, say_both


@pytest.mark.parametrize(("text", "wanted"), [("89E100", "89e100"), (" 000001 ", "000001"), ("~2b3c4d", "~2b3c4d")])
def test_icao24(text: str, wanted: str) -> None:
    assert ids.parse_icao24(text) == wanted


@pytest.mark.parametrize("text", ["", "8.9E+101", "12345", "1234567", "g12345", "~~12345", "89e10o"])
def test_icao24_refused(text: str) -> None:
    with pytest.raises(BadIdentifier, match="icao24"):
        ids.parse_icao24(text)


def test_namibia_is_not_missing() -> None:
    rows, problems = csvfile.read_rows("icao24,state\n89e100,NA\n", name="list.csv", required=("icao24", "state"))
    assert (rows[0]["icao24"], rows[0]["state"], problems) == ("89e100", "NA", [])
    assert ids.parse_state(rows[0]["state"]) == "NA"


def test_a_ragged_row_is_named_with_its_line_and_the_rest_goes_on() -> None:
    rows, problems = csvfile.read_rows('\ufeffa,b\n1,2\n3\n"x\ny",4\n', name="t.csv".strip(), required=("a",))
    assert [r["b"] for r in rows] == ["2", "4"]
    assert str(problems[0]) == "t.csv line 3: 1 cells where the header has 2"


def test_a_missing_column_is_refused_with_a_hint() -> None:
    with pytest.raises(InputError, match="has no column touchdown"):
        csvfile.read_rows("a,b\n", name="t.csv", required=("touchdown",))


def test_formulas_are_quoted_for_spreadsheets() -> None:
    assert csvfile.write_rows(["x"], [["=1+1"], [None]], for_spreadsheet=True) == 'x\n\'=1+1\n""\n'


def test_a_naive_time_is_refused_with_a_hint() -> None:
    with pytest.raises(BadTime) as caught:
        parse_utc("2022-11-14T08:26:00")
    assert "--assume-utc" in caught.value.hint
    assert parse_utc("2022-11-14T08:26:00", assume_utc=True) == parse_utc("2022-11-14T11:26:00+03:00")


def test_epochs_in_seconds_and_milliseconds() -> None:
    assert from_epoch(1668414360) == from_epoch(1668414360000) == datetime(2022, 11, 14, 8, 26, tzinfo=UTC)
    with pytest.raises(BadTime):
        from_epoch(12.0)


def test_a_civil_day_is_the_day_at_the_place() -> None:
    assert civil_interval(date(2022, 8, 3), date(2022, 8, 3), "Asia/Taipei")[0] == datetime(2022, 8, 2, 16, tzinfo=UTC)
    start, end = civil_interval(date(2024, 3, 31), date(2024, 3, 31), "Europe/Berlin")
    assert (end - start).total_seconds() == 23 * 3600
    assert say_both(datetime(2022, 8, 2, 22, tzinfo=UTC), "Asia/Taipei") == "2 Aug 2022 22:00 UTC (06:00 local on 3 Aug)"


def test_frames_keep_their_types_when_empty_and_refuse_naive_times() -> None:
    empty = LANDINGS.make()
    assert str(empty["touchdown"].dtype) == "datetime64[us, UTC]"
    with pytest.raises(BadTime):
        POSITIONS.make({"icao24": ["a"], "time": [datetime(2022, 1, 1)], "lat": [1], "lon": [2], "origin": ["live"]})  # noqa: DTZ001
    with pytest.raises(InputError):
        POSITIONS.make({"icao24": ["a"], "time": [1668411572.004], "lat": [91], "lon": [2], "origin": ["live"]})
    made = POSITIONS.make({"icao24": ["a"], "time": [1668411572.004], "lat": [1], "lon": [2], "origin": ["live"]})
    assert made["time"][0].microsecond == 4000


def test_the_weakest_origin_wins() -> None:
    assert weakest(["live", "reconstructed", Origin.RECORDED]) is Origin.RECONSTRUCTED


def test_any_unique_prefix_of_an_id_will_do() -> None:
    known = ["lnd-abc", "lnd-abd", "mat-x"]
    assert ids.resolve_prefix("mat", known) == "mat-x"
    assert ids.resolve_prefix("abd", known) == "lnd-abd"
    with pytest.raises(NotFound, match="could be lnd-abc, lnd-abd"):
        ids.resolve_prefix("lnd-ab", known)

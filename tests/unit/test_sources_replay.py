"""A recording is played between two times, whole and in order."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.model.errors import BadAnswer, InputError, NotFound
from pipeline.model.origin import Origin
from pipeline.model.protocols import Source, WatchRequest
from pipeline.sources.replay import ReplaySource

START = datetime(2022, 11, 14, 8, 0, tzinfo=UTC)


def answer(at: datetime, *addresses: str) -> bytes:
    aircraft = [{"hex": a, "type": "adsb_icao", "lat": 40.0, "lon": 33.0, "seen_pos": 1.5, "alt_baro": 9000} for a in addresses]
    return json.dumps({"now": at.timestamp(), "aircraft": aircraft}).encode()


def write(path: Path, *lines: bytes, pack: bool = False) -> Path:
    body = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(body) if pack else body)
    return path


def request(since: datetime | None, now: datetime) -> WatchRequest:
    return WatchRequest(icao24s=("14fa39",), now=now, since=since)


def play(source: ReplaySource, since: datetime | None, now: datetime) -> list[str]:
    out = []
    for query in source.plan(request(since, now)):
        for raw in source.fetch(query):
            out += source.parse(raw).positions["icao24"].tolist()
    return out


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    lines = [answer(START + timedelta(seconds=10 * i), f"14fa3{i}") for i in range(5)]
    return write(tmp_path / "sky.jsonl.gz", *lines, pack=True)


def test_it_is_a_source(recording: Path) -> None:
    assert isinstance(ReplaySource("case", recording, Origin.RECORDED), Source)


def test_the_interval_is_open_at_its_start_and_closed_at_its_end(recording: Path) -> None:
    source = ReplaySource("case", recording)
    assert play(source, None, START) == ["14fa30"]
    assert play(source, START, START + timedelta(seconds=20)) == ["14fa31", "14fa32"]
    assert play(source, START + timedelta(seconds=20), START + timedelta(seconds=29)) == []
    # Going back plays the same again.
    assert play(source, None, START + timedelta(hours=1)) == [f"14fa3{i}" for i in range(5)]


def test_the_next_time_lets_a_clock_jump(recording: Path) -> None:
    source = ReplaySource("case", recording)
    assert source.first_time == START
    assert source.next_time_after(START - timedelta(days=1)) == START
    assert source.next_time_after(START) == START + timedelta(seconds=10)
    assert source.next_time_after(source.last_time) is None


def test_captures_name_line_origin_and_bytes_and_are_the_same_when_played_again(recording: Path) -> None:
    def captures() -> list[tuple[str, ...]]:
        source = ReplaySource("case", recording, Origin.RECONSTRUCTED, provider="readsb")
        (query,) = source.plan(request(None, START + timedelta(minutes=1)))
        raws = source.fetch(query)
        assert {raw.capture.origin for raw in raws} == {Origin.RECONSTRUCTED}
        assert {raw.capture.url for raw in raws} == {"sky.jsonl.gz"}
        assert [raw.capture.fetched_at for raw in raws] == [START + timedelta(seconds=10 * i) for i in range(5)]
        assert {raw.capture.provider for raw in raws} == {"readsb"}
        assert set(source.parse(raws[0]).positions["origin"]) == {"reconstructed"}
        return [(raw.capture.capture_id, raw.capture.sha256, raw.capture.locator) for raw in raws]

    first = captures()
    assert [row[2] for row in first] == [f"line {i}" for i in range(1, 6)]
    assert len({row[0] for row in first}) == 5
    assert captures() == first


def test_lines_out_of_order_are_played_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", answer(START + timedelta(seconds=5), "bbbbbb"), answer(START, "aaaaaa"))
    assert play(ReplaySource("x", path), None, START + timedelta(minutes=1)) == ["aaaaaa", "bbbbbb"]


def test_a_bad_line_keeps_its_place_and_says_its_reason(tmp_path: Path) -> None:
    page = b"<html><body>Too many requests</body></html>"
    path = write(tmp_path / "x.jsonl", answer(START, "aaaaaa"), page, answer(START + timedelta(seconds=10)))
    source = ReplaySource("x", path)
    (query,) = source.plan(request(None, START + timedelta(minutes=1)))
    raws = source.fetch(query)
    assert [raw.capture.outcome for raw in raws] == ["ok", "html", "empty"]
    assert raws[1].body == page
    assert raws[1].capture.fetched_at == START
    with pytest.raises(BadAnswer, match="web page"):
        source.parse(raws[1])
    assert source.parse(raws[2]).aircraft_heard == 0


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (b"", InputError, "is empty"),
        (b"\n\n", InputError, "no line with a time"),
        (gzip.compress(answer(START, "aaaaaa") * 50)[:-20], InputError, "cannot be read"),
        (b'{"now": 5, "aircraft": []}\n', InputError, "no line with a time"),
    ],
)
def test_an_unusable_recording_is_refused_by_name(tmp_path: Path, body: bytes, error: type[Exception], says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(body)
    with pytest.raises(error, match=says) as caught:
        ReplaySource("x", path)
    assert "bad.jsonl" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_missing_recording_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothere"):
        ReplaySource("x", tmp_path / "nothere.jsonl")


TABLE = b"""timestamp,icao24,callsign,latitude,longitude,altitude_ft
2022-11-14T08:00:00Z,ae503d,SPAR19,25.0,121.0,3000
2022-11-14T08:00:10Z,ae503d,SPAR19,25.1,121.1,2900
2022-11-14T08:00:10Z,89e100,OTHER1,26.1,121.1,2900
not a time,ae503d,SPAR19,25.2,121.2,2800
2022-11-14T08:00:20Z,ae503d,SPAR19,25.3,121.3,2700
"""


def test_a_table_is_played_slice_by_slice(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(TABLE)
    source = ReplaySource("case", path, Origin.RECORDED, provider="flightradar24")
    assert source.next_time_after(START) == START + timedelta(seconds=10)
    (query,) = source.plan(request(START, START + timedelta(seconds=10)))
    (raw,) = source.fetch(query)
    assert raw.body == b"\n".join([TABLE.splitlines()[0], *TABLE.splitlines()[2:5]]) + b"\n"
    assert raw.capture.locator == "3 lines of 3-5"
    assert raw.capture.fetched_at == START + timedelta(seconds=10)
    parsed = source.parse(raw)
    assert parsed.positions["icao24"].tolist() == ["ae503d", "89e100"]
    assert set(parsed.positions["provider"]) == {"flightradar24"}
    (problem,) = parsed.problems
    assert "not a time" in problem.reason
    assert play(source, None, START + timedelta(hours=1)) == ["ae503d", "ae503d", "89e100", "ae503d"]
    assert source.fetch(source.plan(request(START + timedelta(hours=1), START + timedelta(hours=2)))[0]) == ()


def test_slices_make_up_the_whole_table(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv.gz"
    path.write_bytes(gzip.compress(TABLE))
    source = ReplaySource("case", path)
    seen, since, now = [], None, source.first_time
    while now is not None:
        seen += play(source, since, now)
        since, now = now, source.next_time_after(now)
    assert seen == play(source, None, source.last_time)


def test_a_table_without_what_positions_need_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(b"timestamp,icao24,latitude\n2022-11-14T08:00:00Z,ae503d,25.0\n")
    with pytest.raises(InputError, match="has no column for lon"):
        ReplaySource("case", path)


def test_a_table_s_times_need_a_zone_or_a_word(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(TABLE.replace(b"Z,", b","))
    with pytest.raises(InputError, match="no line with a time"):
        ReplaySource("case", path)
    assert len(play(ReplaySource("case", path, assume_utc=True), None, START + timedelta(hours=1))) == 4

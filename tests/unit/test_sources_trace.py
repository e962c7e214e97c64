"""Traces are read in bulk as tables of numbers, or point by point where they are not quite as readsb writes them: with one answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.detect.detector import Detector
from pipeline.jobs.detect_files import detect_files
from pipeline.model.columns import ROW_ARRAYS
from pipeline.model.errors import BadAnswer
from pipeline.model.origin import Origin
from pipeline.places.airports import load_airports
from pipeline.sources import trace_table
from pipeline.sources.trace_json import TraceRows, parse_trace, read_trace
from pipeline.sources.trace_table import NULL, OBJECT, read_points

REAL = Path(__file__).parents[1] / "zoo" / "data" / "trace_full_ac671b.json"


def _real() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(REAL.read_bytes())
    return loaded


def _rows(body: bytes) -> TraceRows:
    return TraceRows([read_trace(body, provider="test", origin=Origin.RECORDED)])


@pytest.mark.parametrize("columns", [14, 11, 9])
def test_bulk_and_point_by_point_give_the_same(columns: int) -> None:
    trace = _real()
    trace["trace"] = [point[:columns] for point in trace["trace"]]
    compact, spaced = orjson.dumps(trace), orjson.dumps(trace, option=orjson.OPT_INDENT_2)
    assert trace_table._read_fast(compact) is not None
    assert trace_table._read_fast(spaced) is None
    fast, slow = _rows(compact), _rows(spaced)
    a, b = fast.with_details(fast.seen), slow.with_details(slow.seen)
    for name in ROW_ARRAYS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    assert a.icao24 == b.icao24
    assert fast.sources(a.row) == slow.sources(b.row)
    last = a.row[-1:]
    assert fast.labels.callsign(last) == slow.labels.callsign(last) != ""


def test_each_column_is_what_the_file_says() -> None:
    trace = _real()
    points = trace["trace"]
    rows = _rows(orjson.dumps(trace))
    full = rows.with_details(rows.seen)
    newest: dict[str, Any] = {}
    expected = []
    for point in points:
        newest = point[8] or newest
        expected.append((point[5] if point[3] != "ground" else None, point[7], newest.get("nic"), newest.get("nav_qnh")))
    mine = zip(full.track_deg, full.vrate_fpm, full.nic, full.qnh_hpa, strict=True)
    said = [expected[row] for row in full.row.tolist()]
    assert [tuple(None if np.isnan(v) else v for v in one) for one in mine] == said
    assert full.t[0] == trace["timestamp"] + points[0][0]


def test_several_traces_keep_their_own_objects() -> None:
    first, second = _real(), _real()
    second["icao"] = "ac671c"
    second["trace"] = [[*point[:8], None, *point[9:]] for point in second["trace"]]
    traces = [read_trace(orjson.dumps(one), provider="test", origin=Origin.RECORDED) for one in (first, second)]
    rows = TraceRows(traces)
    full = rows.with_details(rows.seen)
    assert full.icao24 == ("ac671b", "ac671c")
    assert not np.isnan(full.nic[full.aircraft == 0]).all()
    assert np.isnan(full.nic[full.aircraft == 1]).all()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda points: points[5].append(7),
        lambda points: points[5].__setitem__(8, {"lastPosition": {"lat": 1.0, "lon": 2.0}, "nic": 8, "flight": "NESTED1"}),
        lambda points: points[5].__setitem__(9, "a kind of source that nobody knew"),
        lambda points: points[5].__setitem__(8, 7),
        lambda points: points.__setitem__(5, points[5][:4]),
        lambda points: points[5].__setitem__(0, None),
    ],
)
def test_what_is_not_quite_a_trace_is_read_point_by_point(spoil: Any) -> None:
    trace = _real()
    count = len(trace["trace"])
    spoil(trace["trace"])
    body = orjson.dumps(trace)
    assert trace_table._read_fast(body) is None
    read = read_points(body)
    assert read.table.shape[1] in (count, count - 1)
    assert len(read.problems) == count - read.table.shape[1]
    assert set(read.table[OBJECT].tolist()) == {NULL}


def test_a_point_off_the_globe_is_named_and_left_out() -> None:
    trace = _real()
    trace["trace"][3][1] = 95.0
    trace["trace"][4][2] = None
    parsed = parse_trace(orjson.dumps(trace), provider="test", capture_id="cap-1", origin=Origin.RECORDED)
    assert [problem.where for problem in parsed.problems] == ["ac671b point 3", "ac671b point 4"]
    assert "95.0" in parsed.problems[0].reason
    assert "unknown" in parsed.problems[1].reason


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"trace":[]}', b'{"icao":"ac671b","timestamp":1,"trace":[[1,2', b"[1]", b'{"icao":"x","timestamp":1,"trace":[]}']
)
def test_no_trace_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_trace(body, provider="test", origin=Origin.RECORDED)


def test_what_either_step_of_screening_sets_aside_is_kept_together(tmp_path: Path) -> None:
    """Found in the field: rows from the two steps had times of two kinds, and ``--quarantine`` failed."""
    trace = _real()
    points = trace["trace"]
    low = next(k for k, p in enumerate(points) if p[3] != "ground" and p[3] is not None and p[3] < 3_000)
    still = [[points[low][0] + 1 + k, *points[low][1:3], 1_000 + 150 * k, 150.0, 90.0, 0, 900, None, *points[low][9:]] for k in range(40)]
    jump = [points[low][0] + 0.5, points[low][1] + 3.0, *points[low][2:]]
    trace["trace"] = [*points[: low + 1], jump, *still, *[p for p in points[low + 1 :] if p[0] > points[low][0] + 60]]
    (tmp_path / "trace_full_ac671b.json").write_bytes(orjson.dumps(trace))
    found = detect_files([tmp_path], Detector(load_airports()), keep_rejected=True)
    assert len(set(found.rejected["reason"])) > 1
    assert str(found.rejected["time"].dtype) == "datetime64[us, UTC]"

"""Positions and captures on both databases."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from store_builders import AT, HOUR, MINUTE, a_capture, positions

from pipeline.model.errors import InputError, NotFound, OriginMixed, StoreError
from pipeline.model.frames import POSITIONS
from pipeline.model.origin import Origin
from pipeline.store.store import Store


def test_a_position_is_kept_once_for_each_provider(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.positions.append(positions(3)) == 3
        assert tx.positions.append(positions(4, lat=41.0)) == 1
        assert tx.positions.append(positions(2, provider="other")) == 2
        assert tx.positions.append(POSITIONS.make()) == 0
    with store.read() as view:
        kept = view.positions.window()
        assert kept["provider"].tolist() == ["feed", "other", "feed", "other", "feed", "feed"]
        assert kept["lat"].tolist() == [40.1] * 5 + [41.0]
        assert kept["time"].is_monotonic_increasing


def test_a_window_has_both_ends_and_only_its_aircraft(store: Store) -> None:
    with store.transaction() as tx:
        tx.positions.append(positions(5))
        tx.positions.append(positions(5, icao24="~afff02", lon=-180.0, lat=-90.0))
    with store.read() as view:
        assert len(view.positions.window(["afff01"], AT + MINUTE, AT + 3 * MINUTE)) == 3
        assert view.positions.window(["~afff02"])["lon"].unique().tolist() == [-180.0]
        assert view.positions.window([]).empty
        assert view.positions.window(["afff01", "~afff02"], AT + 4 * MINUTE)["icao24"].tolist() == ["afff01", "~afff02"]
        each = view.positions.since_each({"afff01": AT + 4 * MINUTE, "~afff02": AT + 2 * MINUTE}, AT + 3 * MINUTE)
        assert each["icao24"].tolist() == ["~afff02", "~afff02"]
        assert view.positions.since_each({}).empty
        assert view.positions.days() == (AT, AT + 4 * MINUTE)


def test_the_frame_is_exactly_as_its_schema_makes_it(store: Store) -> None:
    frame = positions(2, on_ground=[True, None], alt_baro_ft=[float("nan"), -25.0], gps_ok_before=[None, AT], military=False)
    with store.transaction() as tx:
        tx.positions.append(frame)
    with store.read() as view:
        pd.testing.assert_frame_equal(view.positions.window(), frame)
        pd.testing.assert_frame_equal(view.positions.window(["none"]), POSITIONS.make())


def test_when_an_aircraft_was_last_seen_and_where_detection_goes_on(store: Store) -> None:
    with store.transaction() as tx:
        tx.positions.set_open_since({"afff01": AT, "afff03": AT})
        tx.positions.append(positions(5))
        tx.positions.append(positions(2, provider="late"))
        tx.positions.append(positions(1, icao24="afff02"))
        tx.positions.set_open_since({"afff01": AT + MINUTE, "afff03": None})
    with store.read() as view:
        assert view.positions.last_seen() == {"afff01": AT + 4 * MINUTE, "afff02": AT}
        assert view.positions.last_seen(["afff02", "afff09"]) == {"afff02": AT}
        assert view.positions.open_since() == {"afff01": AT + MINUTE}


def test_a_long_list_of_aircraft_is_no_problem(store: Store) -> None:
    with store.transaction() as tx:
        tx.positions.append(positions(1))
    with store.read() as view:
        everybody = [f"{number:06x}" for number in range(0xAF0000, 0xAF0000 + 33_000)] + ["afff01"]
        assert len(everybody) > 32_766  # what SQLite takes in one statement
        assert len(view.positions.window(everybody)) == 1
        assert view.positions.last_seen(everybody) == {"afff01": AT}


def test_positions_that_are_none_are_refused_whole(store: Store) -> None:
    good = positions(2)
    for bad, said in (({"lat": [40.0, 91.0]}, "lat"), ({"origin": ["recorded", ""]}, "origin"), ({"icao24": ["afff01", ""]}, "icao24")):
        with store.transaction() as tx, pytest.raises(InputError, match=said):
            tx.positions.append(good.assign(**bad))
    with store.read() as view:
        assert view.positions.window().empty


def test_a_live_position_keeps_reconstructed_ones_out(store: Store) -> None:
    with store.transaction() as tx:
        tx.positions.append(positions(1, origin="live"))
    with store.transaction() as tx, pytest.raises(OriginMixed):
        tx.positions.append(positions(2, origin=["live", "reconstructed"]))


def test_a_demonstrations_store_refuses_live_rows_from_the_start(open_store: object, store_url: str, tmp_path: Path) -> None:
    options = {"data_dir": tmp_path, "migrate": True}
    with Store.open(store_url, origin="demo", **options) as demo:
        with demo.transaction() as tx, pytest.raises(OriginMixed, match="takes no live"):
            tx.captures.add(a_capture(origin=Origin.LIVE), b'{"ac":[]}')
        with demo.transaction() as tx:
            tx.captures.add(a_capture(origin=Origin.RECONSTRUCTED), b'{"ac":[]}')
    with pytest.raises(OriginMixed):
        Store.open(store_url, origin="live", **options)
    Store.open(store_url, origin="demo", readonly=True, data_dir=tmp_path).close()


def test_a_capture_and_its_bytes_come_back(store: Store) -> None:
    body = b'{"ac":[{"hex":"afff01"}]}' * 100
    capture = a_capture(body, locator="line 7", origin=Origin.RECORDED)
    with store.transaction() as tx:
        assert tx.captures.add(capture, body)
        assert not tx.captures.add(capture, body)
    with store.read() as view:
        assert view.captures.get(capture.capture_id) == capture
        assert view.captures.body(capture.capture_id) == body
        assert view.captures.body(capture.sha256) == body
        for nothing in ("cap-none", "0" * 64):
            with pytest.raises(NotFound):
                view.captures.body(nothing)
        with pytest.raises(NotFound):
            view.captures.get("cap-none")


def test_identical_bytes_are_kept_once_and_by_day(store: Store) -> None:
    empty, other = b'{"ac":[]}', b""
    with store.transaction() as tx:
        assert tx.captures.add(a_capture(empty, capture_id="cap-1"), empty)
        assert tx.captures.add(a_capture(empty, capture_id="cap-2", fetched_at=AT + 48 * HOUR), empty)
        assert tx.captures.add(a_capture(other, capture_id="cap-3", fetched_at=AT + 24 * HOUR, outcome="429"), other)
    archives = sorted(path.name for path in (store.data_dir / "captures").iterdir())
    assert archives == ["2022-11-14.1.gz", "2022-11-15.1.gz"]
    assert gzip.decompress((store.data_dir / "captures" / archives[0]).read_bytes()) == empty
    assert store.sizes().archives == 2
    assert store.sizes().rows["bodies"] == 2
    with store.read() as view:
        assert [c.capture_id for c in view.captures.list()] == ["cap-1", "cap-2", "cap-3"]
        assert [c.capture_id for c in view.captures.list(after="cap-1", limit=1)] == ["cap-2"]
        assert [c.capture_id for c in view.captures.list(since=AT + HOUR, until=AT + 24 * HOUR)] == ["cap-3"]
        assert view.captures.list(provider="nobody") == ()
        assert view.captures.body("cap-3") == b""


def test_an_archive_reads_as_one_file_across_transactions(store: Store) -> None:
    for number in range(3):
        body = f"answer {number}\n".encode()
        with store.transaction() as tx:
            tx.captures.add(a_capture(body), body)
    assert gzip.decompress((store.data_dir / "captures" / "2022-11-14.1.gz").read_bytes()) == b"answer 0\nanswer 1\nanswer 2\n"


def test_a_rolled_back_capture_leaves_no_bytes(store: Store) -> None:
    def write(body: bytes, fail: bool) -> None:
        with store.transaction() as tx:
            tx.captures.add(a_capture(body), body)
            if fail:
                raise ZeroDivisionError

    for body, fail in ((b"one", True), (b"two", False), (b"three", True), (b"four", False)):
        if fail:
            with pytest.raises(ZeroDivisionError):
                write(body, fail)
        else:
            write(body, fail)
    assert [path.name for path in (store.data_dir / "captures").iterdir()] == ["2022-11-14.1.gz"]
    assert gzip.decompress((store.data_dir / "captures" / "2022-11-14.1.gz").read_bytes()) == b"twofour"
    with store.read() as view:
        assert view.captures.body(hashlib.sha256(b"four").hexdigest()) == b"four"


def test_bytes_that_are_not_the_captures_are_refused(store: Store) -> None:
    with store.transaction() as tx, pytest.raises(StoreError, match="not those of capture"):
        tx.captures.add(a_capture(b"one"), b"two")


@pytest.mark.parametrize("damage", ["gone", "changed", "cut"])
def test_damaged_archives_are_noticed(store: Store, damage: str) -> None:
    body = bytes(range(256)) * 20
    with store.transaction() as tx:
        tx.captures.add(a_capture(body), body)
    archive = store.data_dir / "captures" / "2022-11-14.1.gz"
    packed = bytearray(archive.read_bytes())
    if damage == "gone":
        archive.unlink()
    elif damage == "changed":
        packed[len(packed) // 2] ^= 0xFF
        archive.write_bytes(packed)
    else:
        archive.write_bytes(packed[:-20])
    with store.read() as view, pytest.raises(StoreError, match=r"2022-11-14\.1\.gz") as caught:
        view.captures.body(a_capture(body).sha256)
    assert "backup" in caught.value.hint


def test_naive_times_are_refused(store: Store) -> None:
    naive = datetime(2022, 11, 14)  # noqa: DTZ001
    with store.transaction() as tx, pytest.raises(ValueError, match="not a time with a zone"):
        tx.reviews.add("x", "confirmed", at=naive)
    with store.transaction() as tx, pytest.raises(ValueError, match="not a time with a zone"):
        tx.positions.set_open_since({"afff01": naive})


def test_other_zones_are_the_same_instants(store: Store) -> None:
    from zoneinfo import ZoneInfo

    with store.transaction() as tx:
        tx.positions.set_open_since({"afff01": AT.astimezone(ZoneInfo("Europe/Istanbul")), "afff02": datetime.max.replace(tzinfo=UTC)})
        tx.positions.set_open_since({"afff03": datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=1)})
    with store.read() as view:
        assert view.positions.open_since() == {
            "afff01": AT,
            "afff02": datetime.max.replace(tzinfo=UTC),
            "afff03": datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        }

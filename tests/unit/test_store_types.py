"""Times, text and JSON as the store keeps them, and the addresses of stores."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.model.errors import BadTime, ConfigError, InputError, StoreError
from pipeline.model.frames import FLOORS, LANDINGS
from pipeline.store.engine import parse_address
from pipeline.store.rows import one_row
from pipeline.store.types import CleanText, Json, UtcTime, clean_text, plain, utc_text

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()  # type: ignore[no-untyped-call]
AT = datetime(2022, 11, 14, 8, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (AT, "2022-11-14T08:26:00.000000Z"),
        (AT.astimezone(timezone(timedelta(hours=3))), "2022-11-14T08:26:00.000000Z"),
        (AT.replace(microsecond=1), "2022-11-14T08:26:00.000001Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000000Z"),
        (pd.Timestamp(AT), "2022-11-14T08:26:00.000000Z"),
    ],
)
def test_a_time_is_text_of_fixed_width(value: datetime, text: str) -> None:
    assert utc_text(value) == text
    assert UtcTime().process_bind_param(value, SQLITE) == text
    back = UtcTime().process_result_value(text, SQLITE)
    assert back == value
    assert back is not None
    assert back.utcoffset() == timedelta(0)


def test_the_order_of_texts_is_the_order_of_times() -> None:
    times = [
        datetime(year, 1, 1, tzinfo=UTC) + timedelta(microseconds=us) for year in (1, 999, 1999, 2022) for us in (0, 1, 999_999, 10**6)
    ]
    assert sorted(times) == times
    assert [utc_text(t) for t in times] == sorted(utc_text(t) for t in times)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
@pytest.mark.parametrize("value", [datetime(2022, 11, 14), date(2022, 11, 14), "2022-11-14T08:26:00Z", pd.NaT])  # noqa: DTZ001
def test_what_is_no_time_with_a_zone_is_refused(value: object, dialect: sqlite.Dialect) -> None:
    with pytest.raises(BadTime, match="not a time with a zone"):
        UtcTime().process_bind_param(value, dialect)  # type: ignore[arg-type]


def test_text_loses_only_what_no_database_keeps() -> None:
    assert clean_text("İstanbul\r\n\u202e \U0001f6ec") == "İstanbul\r\n\u202e \U0001f6ec"
    assert clean_text("a\x00b\udcff") == "a\ufffdb\ufffd"
    assert CleanText().process_bind_param("\x00", SQLITE) == "\ufffd"


class Colour(StrEnum):
    RED = "red\x00"


class Size(IntEnum):
    SMALL = 1


def test_json_holds_plain_values() -> None:
    given = {
        "a": (1, 2.5, float("nan"), None, True),
        "t": AT,
        "d": date(2022, 11, 14),
        "e": Colour.RED,
        "n": pd.NaT,
        "s": {"b", "a"},
        "i": Size.SMALL,
    }
    kept = {
        "a": [1, 2.5, None, None, True],
        "t": "2022-11-14T08:26:00.000000Z",
        "d": "2022-11-14",
        "e": "red\ufffd",
        "n": None,
        "s": ["a", "b"],
        "i": 1,
    }
    assert plain(given) == kept
    text = Json().process_bind_param(given, SQLITE)
    assert Json().process_result_value(text, SQLITE) == kept
    assert Json().process_bind_param(given, POSTGRESQL) == kept
    assert [plain(x) for x in (np.float64("inf"), np.float64(2.5), np.str_("a\x00"), -math.inf, False)] == [
        None,
        2.5,
        "a\ufffd",
        None,
        False,
    ]
    with pytest.raises(StoreError, match="object"):
        plain({"a": object()})


def test_one_row_takes_what_frames_hold() -> None:
    row = {"airport": np.str_("LTAC"), "hour": "all", "floor_ft": np.float64(900), "flights": np.int64(3), "unknown": "dropped"}
    here = {"airport": "LTAC", "hour": "all"}
    nothing = {"floor_ft": None, "usual_ft": None, "seen": None, "flights": None}
    assert one_row(FLOORS, row) == here | nothing | {"floor_ft": 900.0, "flights": 3.0}
    assert one_row(FLOORS, pd.Series(here | {"floor_ft": pd.NA})) == here | nothing
    assert one_row(FLOORS, FLOORS.make([row]))["flights"] == 3.0
    # What only the schema's own constructor can cast goes there.
    assert one_row(FLOORS, here | {"floor_ft": "900"})["floor_ft"] == 900.0
    landing = {"icao24": "afff01", "airport": "LTAC", "kind": "observed", "confidence": 1, "reason": "x", "origin": "live"}
    times = dict.fromkeys(("touchdown", "touchdown_earliest", "touchdown_latest"), "2022-11-14T11:26:00+03:00")
    assert one_row(LANDINGS, landing | times)["touchdown"] == AT


@pytest.mark.parametrize(
    "change", [{"confidence": 1.5}, {"confidence": None}, {"kind": "crashed"}, {"airport": ""}, {"origin": "hearsay"}, {"touchdown": None}]
)
def test_one_row_refuses_what_the_schema_refuses(change: dict[str, object]) -> None:
    times = dict.fromkeys(("touchdown", "touchdown_earliest", "touchdown_latest"), AT)
    landing = {
        "icao24": "afff01",
        "airport": "LTAC",
        "kind": "observed",
        "confidence": 1,
        "reason": "x",
        "origin": "live",
        **times,
        **change,
    }
    with pytest.raises(InputError):
        one_row(LANDINGS, landing)


def test_addresses(tmp_path: Path) -> None:
    inside = parse_address("sqlite:///tarmac.db", data_dir=tmp_path)
    assert (inside.path, inside.said) == (tmp_path / "tarmac.db", "tarmac.db")
    assert parse_address("sqlite:////var/lib/x.db", data_dir=tmp_path).path == Path("/var/lib/x.db")
    server = parse_address("postgresql://analyst:s3cret@db.example.org/tarmac?options=-csearch_path%3Dx", data_dir=tmp_path)
    assert server.path is None
    assert server.said == "postgresql://analyst:***@db.example.org/tarmac"
    assert server.url.drivername == "postgresql+psycopg"
    for wrong in ("", "tarmac.db", "sqlite://", "sqlite:///:memory:", "mysql://h/x"):
        with pytest.raises(ConfigError):
            parse_address(wrong, data_dir=tmp_path)

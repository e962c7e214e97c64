"""What goes into the store comes out of it: any position and landing, unknown values and the edges of the map included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.model.entities import Span
from pipeline.model.frames import LANDING_KINDS, LANDINGS, LIFECYCLES, POSITION_SOURCES, POSITIONS, FrameSchema
from pipeline.store.session import Session
from pipeline.store.store import Store
from pipeline.store.types import clean_text

# A store is made once for all examples of a test; each example is rolled back.
EXAMPLES = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

NUMBERS = st.floats(allow_nan=True, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2262, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0, -0.0])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 179.99999999999997])
UNKNOWN: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "time": TIMES | st.just(pd.NaT),
    "number": NUMBERS,
    "flag": st.booleans() | st.just(pd.NA),
}


def rows(schema: FrameSchema, **known: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: known.get(name, UNKNOWN[kind]) for name, kind in schema.columns.items()})


A_POSITION = rows(
    POSITIONS,
    icao24=st.from_regex(r"~?[0-9a-f]{6}", fullmatch=True),
    time=TIMES,
    lat=LATITUDES,
    lon=LONGITUDES,
    position_source=st.sampled_from(POSITION_SOURCES),
    origin=st.sampled_from(["recorded", "reconstructed"]),
)
A_LANDING = rows(
    LANDINGS,
    landing_id=st.just("lnd-aaaaaaaaaa"),
    icao24=st.from_regex(r"[0-9a-f]{6}", fullmatch=True),
    airport=st.from_regex(r"[A-Z]{4}", fullmatch=True),
    touchdown=TIMES,
    touchdown_earliest=TIMES,
    touchdown_latest=TIMES,
    kind=st.sampled_from(LANDING_KINDS),
    confidence=st.floats(0, 1),
    reason=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12),
    origin=st.sampled_from(["recorded", "reconstructed"]),
    lifecycle=st.sampled_from(LIFECYCLES),
)


#: Names that a statement could trip over, were they ever spelled into it.
CITIES = ("Ankara", "L'Aquila", "Ad :given_1", "50%s", "\u0130stanbul", "Al \\")
WHERE: dict[str, st.SearchStrategy[str]] = {
    "icao24": st.sampled_from(["afff01", "afff02"]),
    "airport": st.sampled_from(["LTAC", "LTFM"]),
    "state": st.sampled_from(["TR", "RU"]),
    "city": st.sampled_from(CITIES),
    "country": st.sampled_from(["TR", "RU"]),
}
FIELDS = ("", "UUWW", "OAKB", "OAIX")
HOURS = st.integers(0, 5).map(lambda hours: datetime(2022, 11, 14, hours, tzinfo=UTC))
A_STAY = st.fixed_dictionaries({**WHERE, "from_airport": st.sampled_from(FIELDS), "touchdown": HOURS})
A_SPAN = st.builds(
    Span,
    **{name: st.just("") | values for name, values in WHERE.items()},
    since=st.none() | HOURS,
    until=st.none() | HOURS,
    but_home=st.lists(st.sampled_from(CITIES), max_size=3).map(tuple),
    from_airports=st.lists(st.sampled_from(FIELDS[1:]), max_size=2).map(tuple),
)


def inside(row: dict[str, Any], span: Span) -> bool:
    """What a span means."""
    return (
        all(getattr(span, name) in ("", row[name]) for name in WHERE)
        and (span.since is None or row["touchdown"] >= span.since)
        and (span.until is None or row["touchdown"] <= span.until)
        and (not span.but_home or row["state"] != row["country"] or row["city"] not in span.but_home)
        and (not span.from_airports or row["from_airport"] in span.from_airports)
    )


class _RollBackError(Exception):
    """Ends an example without keeping it."""


@pytest.fixture
def in_vain(open_store: Callable[..., Store]) -> Callable[[Callable[[Session], None]], None]:
    """Runs something in a transaction and takes it back."""
    store = open_store()

    def run(act: Callable[[Session], None]) -> None:
        with suppress(_RollBackError), store.transaction() as tx:
            act(tx)
            raise _RollBackError

    return run


def kept(schema: FrameSchema, given_rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The frame that is expected back: its text without what no database keeps."""
    frame = schema.cast(given_rows)
    for name, kind in schema.columns.items():
        if kind == "text":
            frame[name] = frame[name].map(clean_text).astype("str")
    return frame


def unique(given_rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    seen = set()
    for row in given_rows:
        key = (row["icao24"], row["time"], clean_text(row["provider"]))
        if key not in seen:
            seen.add(key)
            yield row


@EXAMPLES
@given(st.lists(A_POSITION, min_size=1, max_size=8))
def test_positions_come_back(in_vain: Callable[..., None], given_rows: list[dict[str, Any]]) -> None:
    def act(tx: Session) -> None:
        frame = POSITIONS.cast(given_rows)
        first = list(unique(given_rows))
        assert tx.positions.append(frame) == len(first)
        assert tx.positions.append(frame) == 0
        expected = kept(POSITIONS, first).sort_values(["icao24", "time", "provider"], ignore_index=True)
        pd.testing.assert_frame_equal(tx.positions.window(), expected, check_exact=True)
        pd.testing.assert_frame_equal(tx.positions.window({row["icao24"] for row in first}), expected, check_exact=True)
        newest = expected.groupby("icao24")["time"].max()
        assert tx.positions.last_seen() == {str(icao24): time.to_pydatetime() for icao24, time in newest.items()}

    in_vain(act)


@EXAMPLES
@given(A_LANDING, A_LANDING)
def test_landings_come_back_and_change_only_when_they_do(
    in_vain: Callable[..., None], given_row: dict[str, Any], other_row: dict[str, Any]
) -> None:
    at = datetime(2022, 11, 14, tzinfo=UTC)
    note = {"change": "new", "reason": "found", "version": "test 1"}

    def act(tx: Session) -> None:
        revision = tx.landings.write(given_row, at=at, **note)
        assert revision is not None
        expected = kept(LANDINGS, [given_row])
        pd.testing.assert_frame_equal(tx.landings.get("lnd-aaaaaaaaaa"), expected, check_exact=True)
        assert tx.landings.write(expected, at=at + timedelta(hours=1), **note) is None
        assert tx.landings.write(tx.landings.get("lnd-aaaaaaaaaa"), at=at, **note) is None
        tx.landings.write(other_row, at=at, **note)
        pd.testing.assert_frame_equal(tx.landings.get("lnd-aaaaaaaaaa"), kept(LANDINGS, [other_row]), check_exact=True)
        tx.landings.write(given_row, at=at, **note)
        pd.testing.assert_frame_equal(tx.landings.get("lnd-aaaaaaaaaa"), expected, check_exact=True)
        revisions = tx.revisions.of("lnd-aaaaaaaaaa")
        assert revisions[0] == revision
        assert [r.number for r in revisions] == list(range(1, len(revisions) + 1))
        assert len(revisions) in (1, 3)

    in_vain(act)


@EXAMPLES
@given(given_rows=st.lists(A_STAY, min_size=1, max_size=12), spans=st.lists(A_SPAN, max_size=4), times=st.sampled_from([1, 1, 1, 40]))
def test_the_stays_in_any_of_some_spans_are_those_in_one_of_them(
    in_vain: Callable[..., None], given_rows: list[dict[str, Any]], spans: list[Span], times: int
) -> None:
    stays = [{**row, "stay_id": f"sty-{number:010}", "landing_id": "", "origin": "recorded"} for number, row in enumerate(given_rows)]
    ordered = sorted(stays, key=lambda row: (row["touchdown"], row["stay_id"]))

    def act(tx: Session) -> None:
        tx.stays.write_all(
            [*stays, {**stays[0], "stay_id": "sty-gone"}], change="new", reason="a test", version="1", at=stays[0]["touchdown"]
        )
        tx.stays.withdraw("sty-gone", reason="a test", version="1", at=stays[0]["touchdown"])
        found = tx.stays.within(spans * times)
        wanted = [row["stay_id"] for row in ordered if any(inside(row, span) for span in spans)]
        assert found["stay_id"].tolist() == wanted
        pd.testing.assert_frame_equal(found, tx.stays.by_ids(wanted))
        for span in spans:
            assert [row["stay_id"] for row in tx.stays.near(span)] == [row["stay_id"] for row in ordered if inside(row, span)]

    in_vain(act)

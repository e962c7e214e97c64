"""Passes, reads of sources, the ledger and the floors on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest
from store_builders import AT, HOUR, MINUTE

from pipeline.model.errors import InputError, NotFound, StoreError
from pipeline.model.frames import FLOORS
from pipeline.store.ledger import Reason, Stretch
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store


def test_a_pass_begins_and_ends(store: Store) -> None:
    with store.transaction() as tx:
        first = tx.runs.begin("poll", at=AT, owner="me", version="test 1")
        tx.runs.end(first, at=AT + MINUTE, outcome="ok", counts={"positions": 7, "landings": 0})
        tx.runs.begin("brief", at=AT + HOUR, owner="me", version="test 1")
        with pytest.raises(NotFound):
            tx.runs.end(10**9, at=AT, outcome="ok")
    with store.read() as view:
        brief, poll = view.runs.passes()
        assert (brief.kind, brief.ended, brief.outcome) == ("brief", None, "")
        assert (poll.pass_id, poll.started, poll.ended, poll.outcome) == (first, AT, AT + MINUTE, "ok")
        assert poll.counts == {"positions": 7, "landings": 0}
        assert view.runs.passes(kind="poll", limit=1) == (poll,)


def test_which_sources_were_read_and_when_last(store: Store) -> None:
    good = SourceRead(kind="positions", provider="feed", at=AT, outcome="ok", capture_id="cap-1", heard=3, rows=3, new_rows=2)
    down = SourceRead(kind="positions", provider="feed", at=AT + MINUTE, outcome="429", detail="asked to wait 30 s")
    never = SourceRead(kind="positions", provider="other", at=AT, outcome="unreachable")
    report = SourceRead(kind="reports", provider="meetings.csv", at=AT - HOUR, outcome="empty")
    with store.transaction() as tx:
        for read in (report, good, never, down):
            tx.runs.add_read(read)
    with store.read() as view:
        assert [(s.last, s.last_good, s.reads) for s in view.runs.sources()] == [
            (down, AT, 2),
            (never, None, 1),
            (report, AT - HOUR, 1),
        ]
        assert [s.last.provider for s in view.runs.sources("reports")] == ["meetings.csv"]
        assert view.runs.reads(since=AT) == (good, never, down)
        assert view.runs.reads(since=AT - HOUR, until=AT, kind="positions") == (good, never)


def stretch(start: datetime, end: datetime, reason: Reason = "seen", icao24: str = "afff01") -> Stretch:
    return Stretch(icao24=icao24, start=start, end=end, reason=reason)


def minute(number: int) -> datetime:
    return AT + number * MINUTE


def test_the_ledger_grows_while_the_reason_stays(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.ledger.append([stretch(minute(0), minute(1)), stretch(minute(0), minute(1), "silent", "afff02")]) == 2
    for number in (1, 2, 3):
        with store.transaction() as tx:
            assert tx.ledger.append([stretch(minute(number), minute(number + 1))]) == 0
    with store.transaction() as tx:
        assert tx.ledger.append([stretch(minute(4), minute(5), "silent"), stretch(minute(5), minute(6), "silent")]) == 1
    with store.read() as view:
        assert view.ledger.between(minute(0), minute(9)) == (
            stretch(minute(0), minute(4)),
            stretch(minute(4), minute(6), "silent"),
            stretch(minute(0), minute(1), "silent", "afff02"),
        )
        assert view.ledger.between(minute(5), minute(9), ["afff01", "afff02"]) == (stretch(minute(4), minute(6), "silent"),)
        assert view.ledger.last(["afff01", "none"]) == {"afff01": stretch(minute(4), minute(6), "silent")}


def test_the_ledger_never_overlaps_and_never_bridges_a_gap(store: Store) -> None:
    with store.transaction() as tx:
        tx.ledger.append([stretch(minute(0), minute(4))])
        assert tx.ledger.append([stretch(minute(1), minute(3), "silent")]) == 0
        assert tx.ledger.append([stretch(minute(2), minute(6), "silent")]) == 1
        assert tx.ledger.append([stretch(minute(8), minute(9), "silent")]) == 1
        assert tx.ledger.append([stretch(minute(9), minute(9), "seen")]) == 0
        assert tx.ledger.between(minute(0), minute(9)) == (
            stretch(minute(0), minute(4)),
            stretch(minute(4), minute(6), "silent"),
            stretch(minute(8), minute(9), "silent"),
        )


def test_many_stretches_at_once_are_the_same_as_one_after_the_other(store: Store) -> None:
    reasons: list[Reason] = ["seen", "seen", "silent", "silent", "provider_down", "seen", "seen"]
    given = [stretch(minute(n), minute(n + 1), reason, icao24) for n, reason in enumerate(reasons) for icao24 in ("afff01", "afff02")]
    with store.transaction() as tx:
        tx.ledger.append(given[:2])
        assert tx.ledger.append(given[2:]) == 6
        for one in given:
            tx.ledger.append([stretch(one.start, one.end, one.reason, "afff03")])
        found = tx.ledger.between(minute(0), minute(9))
    runs = {icao24: [(s.start, s.end, s.reason) for s in found if s.icao24 == icao24] for icao24 in ("afff01", "afff02", "afff03")}
    assert runs["afff01"] == runs["afff02"] == runs["afff03"]
    assert [reason for *_, reason in runs["afff01"]] == ["seen", "silent", "provider_down", "seen"]


def test_what_is_no_stretch_is_refused(store: Store) -> None:
    with store.transaction() as tx:
        for wrong in (stretch(minute(1), minute(0)), stretch(minute(0), minute(1), "asleep")):  # type: ignore[arg-type]
            with pytest.raises(StoreError, match="not a stretch"):
                tx.ledger.append([wrong])


def test_floors_are_replaced_as_a_whole(store: Store) -> None:
    first = {
        "airport": ["LTAC", "LTAC", "EDDB"],
        "hour": ["all", "07", "all"],
        "floor_ft": [900.0, 800.0, float("nan")],
        "flights": [12, 6, 0],
    }
    with store.transaction() as tx:
        tx.floors.put(FLOORS.make(first), at=AT)
        tx.floors.put(FLOORS.make({"airport": ["LTAC"], "hour": ["all"], "floor_ft": [400.0], "flights": [13]}), at=AT + HOUR)
        with pytest.raises(InputError, match="airport"):
            tx.floors.put(FLOORS.cast({"airport": [""]}), at=AT)
        kept = tx.floors.current()
    assert kept[["airport", "hour", "floor_ft", "flights"]].values.tolist() == [["LTAC", "all", 400.0, 13.0]]

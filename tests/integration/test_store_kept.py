"""Kept rows on both databases: current rows beside revisions, nothing lost, nothing said twice."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy.exc import IntegrityError
from store_builders import AT, BY, HOUR, MINUTE, a_landing, a_lead, a_match, a_meeting, a_stay, an_item, take_offs

from pipeline.model.entities import Evidence, Span
from pipeline.model.errors import InputError, NotFound, OriginMixed, StoreError
from pipeline.model.ids import IdKind
from pipeline.model.origin import Origin
from pipeline.store.store import Store


def test_a_landing_is_written_changed_and_withdrawn(store: Store) -> None:
    with store.transaction() as tx:
        first = tx.landings.write(a_landing(), change="new", at=AT, capture_ids=["cap-1"], **BY)
    assert first is not None
    with store.transaction() as tx:
        tx.landings.write(a_landing(airport="LTAD"), change="changed", reason="nearer field", version="test 2", at=AT + MINUTE)
    with store.transaction() as tx:
        tx.landings.withdraw("lnd-aaaaaaaaaa", reason="seen climbing away", version="test 2", at=AT + HOUR, capture_ids=("cap-2", "cap-3"))
    with store.read() as view:
        assert view.landings.current().empty
        kept = view.landings.current(include_withdrawn=True)
        assert kept[["airport", "lifecycle"]].values.tolist() == [["LTAD", "withdrawn"]]
        revisions = view.revisions.of("lnd-aaaaaaaaaa")
    assert [(r.number, r.change, r.reason, r.at, r.capture_ids) for r in revisions] == [
        (1, "new", "seen on the ground", AT, ("cap-1",)),
        (2, "changed", "nearer field", AT + MINUTE, ()),
        (3, "withdrawn", "seen climbing away", AT + HOUR, ("cap-2", "cap-3")),
    ]
    assert [r.row["airport"] for r in revisions] == ["LTAC", "LTAD", "LTAD"]
    assert revisions[0] == first
    assert revisions[0].row["touchdown"] == "2022-11-14T08:26:00.000000Z"
    assert revisions[0].row["last_height_ft"] is None


def test_identical_content_adds_no_revision(store: Store) -> None:
    with store.transaction() as tx:
        tx.landings.write(a_landing(), change="new", at=AT, **BY)
        assert tx.landings.write(a_landing(), change="changed", at=AT + HOUR, **BY) is None
        frame = pd.DataFrame([a_landing()])
        assert tx.landings.write(frame, change="changed", at=AT + HOUR, **BY) is None
        assert tx.landings.write(tx.landings.get("lnd-aaaaaaaaaa"), change="changed", at=AT + HOUR, **BY) is None
        assert len(tx.revisions.of("lnd-aaaaaaaaaa")) == 1
        assert tx.landings.withdraw("lnd-aaaaaaaaaa", at=AT, **BY) is not None
        assert tx.landings.withdraw("lnd-aaaaaaaaaa", at=AT, **BY) is None


def test_more_captures_behind_the_same_landing_are_kept_without_a_revision(store: Store) -> None:
    with store.transaction() as tx:
        tx.landings.write(a_landing(capture_ids="cap-1"), change="new", at=AT, **BY)
        assert tx.landings.write(a_landing(capture_ids="cap-1;cap-2", version="next"), change="changed", at=AT + HOUR, **BY) is None
        assert tx.landings.current()["capture_ids"].tolist() == ["cap-1;cap-2"]
        tx.stays.write(a_stay(), change="new", at=AT, **BY)
        assert tx.stays.write(a_stay(last_seen=AT + HOUR), change="changed", at=AT + HOUR, **BY) is None
        assert tx.stays.current()["last_seen"].tolist() == [pd.Timestamp(AT + HOUR)]
        assert len(tx.revisions.of("sty-aaaaaaaaaa")) == 1


def test_landings_are_found_by_aircraft_time_field_and_kind(store: Store) -> None:
    with store.transaction() as tx:
        tx.landings.write(a_landing("lnd-a"), change="new", at=AT, **BY)
        tx.landings.write(
            a_landing("lnd-b", icao24="89e100", airport="LTAD", kind="open_approach", touchdown_latest=AT + HOUR), change="new", at=AT, **BY
        )
    with store.read() as view:

        def found(**how: object) -> list[str]:
            return view.landings.current(**how)["landing_id"].tolist()

        assert found() == ["lnd-a", "lnd-b"]
        assert found(icao24s=["89e100"]) == ["lnd-b"]
        assert found(icao24s=[]) == []
        assert found(airports=["LTAC"]) == ["lnd-a"]
        assert found(since=AT + 2 * MINUTE) == ["lnd-b"]
        assert found(since=AT + MINUTE, until=AT + MINUTE) == ["lnd-a", "lnd-b"]
        assert found(until=AT - 2 * MINUTE) == []
        assert found(kinds=["observed"]) == ["lnd-a"]


def test_stays_are_found_and_not_seen_leaving_is_still_there(store: Store) -> None:
    with store.transaction() as tx:
        tx.stays.write(a_stay("sty-gone", take_off=AT + HOUR), change="new", at=AT, **BY)
        tx.stays.write(a_stay("sty-here", touchdown=AT + MINUTE, city="İstanbul"), change="new", at=AT, **BY)
        tx.stays.write(a_stay("sty-wrong"), change="new", at=AT, **BY)
        tx.stays.withdraw("sty-wrong", at=AT, lifecycle="superseded", **BY)
    with store.read() as view:
        assert view.stays.current()["stay_id"].tolist() == ["sty-gone", "sty-here"]
        assert view.stays.current(since=AT + 2 * HOUR)["stay_id"].tolist() == ["sty-here"]
        assert view.stays.current(until=AT)["stay_id"].tolist() == ["sty-gone"]
        assert view.stays.current(cities=["İstanbul"])["stay_id"].tolist() == ["sty-here"]
        assert view.stays.current(airports=["EDDB"]).empty
        assert view.stays.lifecycles(["sty-gone", "sty-wrong", "sty-none"]) == {"sty-gone": "current", "sty-wrong": "superseded"}
        assert view.stays.get("sty-wrong")["stay_id"].tolist() == ["sty-wrong"]
        assert view.stays.has("sty-wrong")
        assert not view.stays.has("sty-none")


def test_stays_are_found_by_where_they_came_from_and_not_at_home(store: Store) -> None:
    with store.transaction() as tx:
        tx.landings.write(a_landing(), change="new", at=AT, **BY)
        rows = [("sty-aaaaaaaaaa", "NA", "OAKB"), ("sty-bbbbbbbbbb", "TR", "OAKB"), ("sty-cccccccccc", "TR", "LTFM")]
        for stay_id, state, came in rows:
            tx.stays.write(a_stay(stay_id, state=state, from_airport=came), change="new", at=AT, **BY)
    with store.read() as view:
        fetched = view.stays.within([Span(country="TR", from_airports=("OAKB", "OAIX"), since=AT - HOUR, until=AT + HOUR)])
        assert sorted(fetched["stay_id"]) == ["sty-aaaaaaaaaa", "sty-bbbbbbbbbb"]
        away = view.stays.within([Span(country="TR", but_home=("Ankara",))])
        assert away["stay_id"].tolist() == ["sty-aaaaaaaaaa"]


def test_what_was_withdrawn_holds_again_when_it_is_written(store: Store) -> None:
    with store.transaction() as tx:
        tx.stays.write(a_stay(), change="new", at=AT, **BY)
        tx.stays.withdraw("sty-aaaaaaaaaa", at=AT, **BY)
        again = tx.stays.write(a_stay(), change="restored", at=AT + HOUR, **BY)
        assert again is not None
        assert again.number == 3
        assert len(tx.stays.current()) == 1


def test_take_offs_that_detection_no_longer_says_are_withdrawn(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.take_offs.replace(take_offs(AT, AT + HOUR, AT + 2 * HOUR), since={}, at=AT) == 3
        assert tx.take_offs.replace(take_offs(AT, icao24="afff02"), since={}, at=AT) == 1
        assert tx.take_offs.replace(take_offs(AT + 2 * HOUR), since={"afff01": AT + HOUR}, at=AT + 3 * HOUR) == 1
        assert tx.take_offs.replace(take_offs(AT + 2 * HOUR), since={"afff01": AT + HOUR}, at=AT + 3 * HOUR) == 0
    with store.read() as view:
        now = view.take_offs.current()
        assert now["icao24"].tolist() == ["afff01", "afff01", "afff02"]
        assert now["take_off"].tolist() == [pd.Timestamp(t) for t in (AT, AT + 2 * HOUR, AT)]
        assert view.take_offs.current(["afff01"], since=AT + HOUR)["take_off"].tolist() == [pd.Timestamp(AT + 2 * HOUR)]
        assert view.take_offs.current(airports=["LTAC"], until=AT)["icao24"].tolist() == ["afff01", "afff02"]
    with store.transaction() as tx:
        assert tx.take_offs.replace(take_offs(AT + HOUR), since={}, at=AT + 4 * HOUR) == 1
        assert len(tx.take_offs.current(["afff01"])) == 3
        assert tx.take_offs.replace(take_offs(), since={"afff01": AT}, at=AT + 5 * HOUR) == 3
        assert tx.take_offs.current(["afff01"]).empty


def test_meetings_matches_and_leads_come_back_as_they_went(store: Store) -> None:
    bare = a_meeting(
        "mtg-bare", participants=(), sources=(), date_from=None, date_to=None, published=None, note="", origin=Origin.RECONSTRUCTED
    )
    open_lead, closed_lead = a_lead(), a_lead("led-b", kind="visit", end=AT + HOUR, expected=0.25, p_value=0.5, q_value=1.0, said="alone")
    with store.transaction() as tx:
        for meeting in (a_meeting(), bare):
            tx.meetings.write(meeting, change="new", at=AT, **BY)
            assert tx.meetings.write(meeting, change="new", at=AT, **BY) is None
        # The match may come before its stay; the transaction is what has to be whole.
        tx.matches.write(a_match(), change="new", at=AT, **BY)
        tx.stays.write(a_stay(), change="new", at=AT, **BY)
        for lead in (open_lead, closed_lead):
            tx.leads.write(lead, change="new", at=AT, **BY)
    with store.read() as view:
        assert view.meetings.get("mtg-aaaaaaaaaa") == a_meeting()
        assert view.meetings.get("mtg-bare") == bare
        assert view.matches.get("mat-aaaaaaaaaa") == a_match()
        assert view.matches.current(stay_ids=["sty-aaaaaaaaaa"], meeting_ids=["mtg-aaaaaaaaaa"]) == (a_match(),)
        assert view.matches.current(meeting_ids=["mtg-bare"]) == ()
        assert set(view.leads.current()) == {open_lead, closed_lead}
        assert view.leads.current(since=AT + MINUTE) == (closed_lead,)
        assert view.leads.current(kinds=["company"], changed_since=AT) == (open_lead,)
        assert view.meetings.current(since=AT + 13 * HOUR) == ()
        assert len(view.meetings.current(AT, AT, cities=["Ankara"], countries=["TR"])) == 2
    with store.transaction() as tx:
        assert tx.matches.write(a_match(), change="changed", at=AT + HOUR, **BY) is None
        assert tx.matches.write(a_match(posterior=0.5), change="changed", at=AT + HOUR, **BY) is not None
        tx.matches.withdraw("mat-aaaaaaaaaa", at=AT + HOUR, **BY)
        assert tx.matches.current() == ()
        assert tx.matches.current(include_withdrawn=True) == (a_match(posterior=0.5),)


def test_many_matches_at_once_are_kept_as_one_by_one(store: Store) -> None:
    one, two = a_match(calibration_id="cal-1"), a_match("mat-b", calibration_id="cal-1")
    with store.transaction() as tx:
        tx.meetings.write(a_meeting(), change="new", at=AT, **BY)
        tx.stays.write(a_stay(), change="new", at=AT, **BY)
        assert tx.matches.write_all([(one, "first")], change="scored", at=AT) == 1
    higher = a_match(posterior=0.9, calibration_id="cal-2")
    with store.transaction() as tx:
        # One that is as it was, one that is new, and one that changes twice.
        said = [(one, "same"), (two, "new"), (higher, "higher"), (one, "as before")]
        assert tx.matches.write_all(said, change="scored", at=AT + HOUR) == 3
        assert tx.matches.write_all([], change="scored", at=AT + HOUR) == 0
    with store.read() as view:
        assert set(view.matches.current()) == {one, two}
        history = view.revisions.of("mat-aaaaaaaaaa")
        assert [(r.number, r.reason, r.version, r.row["posterior"]) for r in history] == [
            (1, "first", "cal-1", one.posterior),
            (2, "higher", "cal-2", 0.9),
            (3, "as before", "cal-1", one.posterior),
        ]
        assert [r.at for r in history] == [AT, AT + HOUR, AT + HOUR]
    with pytest.raises(StoreError, match="without an id"), store.transaction() as tx:
        tx.matches.write_all([(two, "again"), (a_match(""), "nameless")], change="scored", at=AT + 2 * HOUR)


def test_many_stays_and_meetings_at_once_are_kept_as_one_by_one(store: Store) -> None:
    by = {"change": "seen", "reason": "a test", "version": "1"}
    left = a_stay(take_off=AT + HOUR)
    with store.transaction() as tx:
        tx.landings.write(a_landing(), change="new", at=AT, **BY)
        assert tx.stays.write_all([a_stay(), a_stay("sty-bbbbbbbbbb"), left], at=AT, **by) == 3
        assert tx.meetings.write_all([a_meeting(), a_meeting("mtg-bbbbbbbbbb")], at=AT, **by) == 2
    again = replace(a_meeting(), title="It is said otherwise")
    with store.transaction() as tx:
        tx.stays.withdraw("sty-bbbbbbbbbb", at=AT + HOUR, **BY)
        # When it was last heard is no news; that it stands again is.
        stays = [{**left, "last_seen": AT + HOUR}, a_stay("sty-bbbbbbbbbb")]
        assert tx.stays.write_all(stays, at=AT + HOUR, **by) == 1
        assert tx.meetings.write_all([again, a_meeting("mtg-bbbbbbbbbb")], at=AT + HOUR, **by) == 1
        assert tx.stays.write_all([], at=AT, **by) == tx.meetings.write_all([], at=AT, **by) == 0
    with store.read() as view:
        assert view.stays.current()["stay_id"].tolist() == ["sty-aaaaaaaaaa", "sty-bbbbbbbbbb"]
        assert view.stays.get("sty-aaaaaaaaaa")["last_seen"].tolist() == [pd.Timestamp(AT + HOUR)]
        assert [(r.number, r.at) for r in view.revisions.of("sty-aaaaaaaaaa")] == [(1, AT), (2, AT)]
        assert [(r.change, r.at) for r in view.revisions.of("sty-bbbbbbbbbb")] == [
            ("seen", AT),
            ("withdrawn", AT + HOUR),
            ("seen", AT + HOUR),
        ]
        assert [view.meetings.get(m.meeting_id) for m in (again, a_meeting("mtg-bbbbbbbbbb"))] == [again, a_meeting("mtg-bbbbbbbbbb")]
        assert [r.number for r in view.revisions.of(again.meeting_id)] == [1, 2]
    with pytest.raises(InputError), store.transaction() as tx:
        tx.stays.write_all([a_stay("sty-cccccccccc"), a_stay("sty-dddddddddd", touchdown=None)], at=AT, **by)
    with store.read() as view:
        assert not view.stays.has("sty-cccccccccc")


def test_any_number_of_ids_may_be_asked_for(store: Store) -> None:
    ids = [f"{number:010}" for number in range(70_000)]
    with store.transaction() as tx:
        for number, id_ in ((3, ids[5]), (2, ids[60_000]), (2, ids[12_000]), (1, ids[69_999])):
            tx.landings.write(a_landing("lnd-" + id_, touchdown=AT + number * MINUTE), change="new", at=AT, **BY)
            tx.stays.write(a_stay("sty-" + id_, touchdown=AT + number * MINUTE, landing_id="lnd-" + id_), change="new", at=AT, **BY)
        tx.landings.withdraw("lnd-" + ids[5], at=AT, **BY)
    with store.read() as view:
        assert view.landings.by_ids("lnd-" + i for i in ids)["landing_id"].tolist() == [f"lnd-{ids[n]}" for n in (69_999, 12_000, 60_000)]
        assert view.stays.by_ids("sty-" + i for i in ids)["stay_id"].tolist() == [f"sty-{ids[n]}" for n in (69_999, 12_000, 60_000, 5)]
        assert view.landings.by_ids([]).empty


def test_the_stays_of_leads_are_found_by_country_and_when_they_began(store: Store) -> None:
    with store.transaction() as tx:
        tx.leads.write(a_lead(), change="new", at=AT, **BY)
        tx.leads.write(a_lead("led-b", country="QA", stay_ids=("sty-b",)), change="new", at=AT, **BY)
        tx.leads.write(a_lead("led-c", start=AT - 3 * HOUR), change="new", at=AT, **BY)
        tx.leads.withdraw("led-c", at=AT, **BY)
    with store.read() as view:
        assert view.leads.stays_of(["TR"], AT - 5 * HOUR, AT) == {"led-aaaaaaaaaa": ("sty-aaaaaaaaaa", "sty-b")}
        assert set(view.leads.stays_of(["TR", "QA"], AT, AT + HOUR)) == {"led-aaaaaaaaaa", "led-b"}
        assert view.leads.stays_of(["TR"], AT + MINUTE, AT + HOUR) == {}
        assert view.leads.stays_of([], AT, AT) == {}


def test_a_match_without_its_stay_is_not_committed(store: Store) -> None:
    def write() -> None:
        with store.transaction() as tx:
            tx.meetings.write(a_meeting(), change="new", at=AT, **BY)
            tx.matches.write(a_match(), change="new", at=AT, **BY)

    with pytest.raises(IntegrityError):
        write()
    with store.read() as view:
        assert view.meetings.current() == ()


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def write() -> None:
        with store.transaction() as tx:
            tx.landings.write(a_landing(), change="new", at=AT, **BY)
            tx.outbox.add(an_item())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    with store.read() as view:
        assert view.landings.current().empty
        assert view.outbox.list() == ()
        assert view.revisions.of("lnd-aaaaaaaaaa") == []


def test_revisions_are_found_by_time(store: Store) -> None:
    with store.transaction() as tx:
        tx.landings.write(a_landing(), change="new", at=AT, **BY)
        tx.stays.write(a_stay(), change="new", at=AT + MINUTE, **BY)
        tx.landings.write(a_landing(lifecycle="final"), change="final", at=AT + HOUR, **BY)
    with store.read() as view:
        assert [r.change for r in view.revisions.between(AT - MINUTE, AT + HOUR, kinds=["landing"])] == ["new", "final"]
        assert [r.subject_id for r in view.revisions.between(AT, AT + MINUTE)] == ["sty-aaaaaaaaaa"]


def test_reviews_are_added_and_the_last_one_counts(store: Store) -> None:
    with store.transaction() as tx:
        tx.reviews.add("mat-aaaaaaaaaa", "confirmed", at=AT, note="asked them", by="desk")
        tx.reviews.add("mat-aaaaaaaaaa", "refuted", at=AT)
        with pytest.raises(StoreError, match="not a verdict"):
            tx.reviews.add("mat-aaaaaaaaaa", "maybe", at=AT)  # type: ignore[arg-type]
    with store.read() as view:
        assert [(r.verdict, r.note, r.by) for r in view.reviews.of("mat-aaaaaaaaaa")] == [
            ("confirmed", "asked them", "desk"),
            ("refuted", "", ""),
        ]
        assert view.reviews.latest(["mat-aaaaaaaaaa", "mat-b"])["mat-aaaaaaaaaa"].verdict == "refuted"


def test_any_unique_beginning_of_an_id_will_do(store: Store) -> None:
    with store.transaction() as tx:
        tx.landings.write(a_landing("lnd-abcdefghij"), change="new", at=AT, **BY)
        tx.stays.write(a_stay("sty-abcxyzaaaa"), change="new", at=AT, **BY)
        tx.meetings.write(a_meeting("m_1"), change="new", at=AT, **BY)
        tx.outbox.add(an_item("alr-zzzzzzzzzz"))
    with store.read() as view:
        assert view.resolve("lnd-abc") == (IdKind.LANDING, "lnd-abcdefghij")
        assert view.resolve(" ABCD") == (IdKind.LANDING, "lnd-abcdefghij")
        assert view.resolve("abcx") == (IdKind.STAY, "sty-abcxyzaaaa")
        assert view.resolve("m_1") == (IdKind.MEETING, "m_1")
        assert view.resolve("zz") == (IdKind.ALERT, "alr-zzzzzzzzzz")
        with pytest.raises(NotFound, match="could be lnd-abcdefghij, sty-abcxyzaaaa"):
            view.resolve("abc")
        for nothing in ("", "%", "lnd_abc", "bcd"):
            with pytest.raises(NotFound):
                view.resolve(nothing)


def test_what_is_not_a_row_is_refused(store: Store) -> None:
    with store.transaction() as tx:
        with pytest.raises(InputError, match="confidence"):
            tx.landings.write(a_landing(confidence=7), change="new", at=AT, **BY)
        with pytest.raises(StoreError, match="without an id"):
            tx.landings.write(a_landing(""), change="new", at=AT, **BY)
        with pytest.raises(StoreError, match="is not an origin"):
            tx.stays.write(a_stay(origin=""), change="new", at=AT, **BY)
        with pytest.raises(StoreError, match="2 landings where one"):
            tx.landings.write(pd.DataFrame([a_landing(), a_landing("lnd-b")]), change="new", at=AT, **BY)
        with pytest.raises(NotFound, match="no landing lnd-none"):
            tx.landings.withdraw("lnd-none", at=AT, **BY)
        for repository in (tx.landings, tx.stays, tx.meetings, tx.matches, tx.leads):
            with pytest.raises(NotFound):
                repository.get("none")


def test_text_that_no_database_keeps_is_replaced_and_nothing_else_is_lost(store: Store) -> None:
    hostile = "a\x00b\ud800\r\n<b>\u202e" + "x" * 10_000
    meeting = a_meeting(title=hostile, sources=(hostile,))
    with store.transaction() as tx:
        tx.meetings.write(meeting, change="new", at=AT, **BY)
        assert tx.meetings.write(meeting, change="new", at=AT, **BY) is None
    with store.read() as view:
        kept = view.meetings.get("mtg-aaaaaaaaaa")
        assert kept.title == kept.sources[0] == hostile.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")


def test_live_and_reconstructed_rows_never_share_a_store(store: Store) -> None:
    with store.transaction() as tx:
        tx.landings.write(a_landing("lnd-recorded"), change="new", at=AT, **BY)
        assert tx.origin_class() is None
        tx.landings.write(a_landing("lnd-live", origin="live"), change="new", at=AT, **BY)
        assert tx.origin_class() == "live"
    with store.transaction() as tx:
        with pytest.raises(OriginMixed, match="takes no reconstructed") as caught:
            tx.meetings.write(a_meeting(origin=Origin.RECONSTRUCTED), change="new", at=AT, **BY)
        assert "store of its own" in caught.value.hint
        with pytest.raises(OriginMixed):
            tx.outbox.add(an_item(origin=Origin.RECONSTRUCTED))
        tx.meetings.write(a_meeting(), change="new", at=AT, **BY)


def test_a_first_row_that_is_rolled_back_decides_nothing(store: Store) -> None:
    def write() -> None:
        with store.transaction() as tx:
            tx.landings.write(a_landing(origin="live"), change="new", at=AT, **BY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    with store.transaction() as tx:
        tx.landings.write(a_landing(origin="reconstructed"), change="new", at=AT, **BY)
        assert tx.origin_class() == "demo"


def test_a_reading_view_changes_nothing(store: Store) -> None:
    with store.read() as view:
        for change in (
            lambda: view.landings.write(a_landing(), change="new", at=AT, **BY),
            lambda: view.outbox.add(an_item()),
            lambda: view.reviews.add("x", "confirmed", at=AT),
            lambda: view.positions.set_open_since({"afff01": AT}),
        ):
            with pytest.raises(StoreError, match="reading only"):
                change()


def test_numbers_inside_evidence_and_revisions_are_exact(store: Store) -> None:
    """PostgreSQL's jsonb would give 3.716601463850911e16 back as another, whole number."""
    lead = a_lead(evidence=tuple(Evidence(name="n", level="l", bits=bits) for bits in (3.716601463850911e16, 5e-324, -0.1, 1e300)))
    with store.transaction() as tx:
        revision = tx.leads.write(lead, change="new", at=AT, **BY)
        assert tx.leads.get(lead.lead_id) == lead
        assert tx.revisions.of(lead.lead_id) == [revision]
        assert tx.leads.write(lead, change="new", at=AT, **BY) is None

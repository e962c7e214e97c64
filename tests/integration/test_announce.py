"""What a pass says, to whom and in which thread: real stores, the real watch list's shape, invented landings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.alerts.channels import EmlChannel
from pipeline.alerts.recipients import Recipient, Rule
from pipeline.alerts.wording import violations
from pipeline.detect.identity import Change
from pipeline.detect.stays import build_stays
from pipeline.jobs.announce import Announcer
from pipeline.jobs.announce_air import AirAnnouncer
from pipeline.jobs.announce_leads import LeadAnnouncer, tell_leads
from pipeline.jobs.brief import make_brief
from pipeline.jobs.calibrated import renew
from pipeline.jobs.card import make_card
from pipeline.jobs.deliver import deliver
from pipeline.jobs.morning import send_briefs
from pipeline.jobs.queue import queue
from pipeline.jobs.watchdog import watch
from pipeline.jobs.world import World, make_world
from pipeline.model.entities import Evidence, Lead, Match, Meeting, Mute, OutboxItem, Participant
from pipeline.model.errors import UsageError
from pipeline.model.frames import LANDINGS, TAKE_OFFS, records
from pipeline.model.origin import Origin
from pipeline.model.settings import Settings
from pipeline.model.watchlist import COLUMNS
from pipeline.store.candidates import Candidate
from pipeline.store.runs import SourceRead
from pipeline.store.store import Store

NOW = datetime(2022, 11, 14, 8, 27, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DESK = Recipient(to="desk@example.org", time_zone="Europe/Istanbul")
FIRST, SECOND, OTHER, DISPUTED = "afff01", "afff02", "afff03", "afff04"


@pytest.fixture(scope="module")
def base_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    rows = [
        f"{FIRST},RA-00001,T204,Tupolev,Flight Detachment,RU,government,operated,,,UUWW,a test,2022-01-01,listed,0",
        f"{SECOND},RA-00002,T204,Tupolev,Flight Detachment,RU,government,operated,,,UUWW,a test,2022-01-01,listed,0",
        f"{OTHER},00-0003,C40,Boeing,Air Force,US,air_force_vip,operated,,,KADW,a test,2022-01-01,listed,0",
        f"{DISPUTED},00-0004,C40,Boeing,Air Force,US,air_force_vip,operated,,,KADW,a test,2022-01-01,listed,1",
    ]
    path = folder / "list.csv"
    path.write_text(",".join(COLUMNS) + "\n" + "\n".join(rows) + "\n")
    return make_world(Settings(data_dir=folder), watchlist_files=(path,))


@pytest.fixture
def world(base_world: World) -> World:
    return replace(base_world, recipients=(DESK,))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open("sqlite:///t.db", data_dir=tmp_path) as opened:
        yield opened


def landing(number: int, icao24: str = FIRST, *, at: datetime = NOW - timedelta(minutes=1), **given: Any) -> dict[str, Any]:
    values = {
        "landing_id": f"lnd-{number:010}",
        "icao24": icao24,
        "airport": "LTAC",
        "touchdown": at,
        "touchdown_earliest": at,
        "touchdown_latest": at,
        "kind": "observed",
        "confidence": 0.97,
        "reason": "seen on the ground",
        "networks": "feed",
        "origin": "live",
        "lifecycle": "provisional",
    }
    return records(LANDINGS.cast([{**values, **given}]))[0]


def a_pass(
    store: Store, world: World, *rows: dict[str, Any], change: str = "new", now: datetime = NOW, take_offs: pd.DataFrame | None = None
) -> list[OutboxItem]:
    """What ``digest`` does with changes, without detecting them."""
    changes = [Change(landing_id=row["landing_id"], change=change, reason=f"because {change}", row=row) for row in rows]  # type: ignore[arg-type]
    gone = change in ("withdrawn", "superseded")
    stays = build_stays(
        LANDINGS.cast([] if gone else rows),
        TAKE_OFFS.cast() if take_offs is None else take_offs,
        identify=world.identify,
        airports=world.airports,
        gazetteer=world.gazetteer,
        last_seen={},
    )
    with store.read() as session:
        announcer = Announcer(session, world, now)
        items, _ = announcer.items(changes, stays, (), take_offs=take_offs)
    items = announcer.drawn(items)
    with store.transaction() as tx:
        for one in changes:
            tx.landings.write(one.row, change=one.change, reason=one.reason, version="t", at=now)
        for row in records(stays):
            tx.stays.write(row, change="seen", reason="t", version="t", at=now)
        if gone:
            for row in records(tx.stays.current([r["icao24"] for r in rows])):
                if row["landing_id"] in {r["landing_id"] for r in rows}:
                    tx.stays.withdraw(row["stay_id"], reason="t", version="t", at=now)
        return queue(tx, items, now=now, owner="t")


def send(store: Store, tmp_path: Path, now: datetime = NOW) -> list[str]:
    return [
        s
        for s, outcome, _ in deliver(store, EmlChannel(folder=tmp_path / "out", sender="t@example.org"), now=now, owner="t")
        if outcome == "sent"
    ]


def test_one_operation_is_one_thread_and_another_state_or_day_is_not(store: Store, world: World) -> None:
    (first,) = a_pass(store, world, landing(1))
    (second,) = a_pass(store, world, landing(2, SECOND, at=NOW + 20 * HOUR, airport="LTAD"), now=NOW + 20 * HOUR)
    (other,) = a_pass(store, world, landing(3, OTHER, at=NOW + HOUR), now=NOW + HOUR)
    (late,) = a_pass(store, world, landing(4, SECOND, at=NOW + 30 * HOUR), now=NOW + 30 * HOUR)
    (disputed,) = a_pass(store, world, landing(5, DISPUTED, at=NOW + HOUR), now=NOW + HOUR)
    assert first.thread == second.thread
    assert len({first.thread, other.thread, late.thread, disputed.thread}) == 4, "24 hours count from the operation's first landing"
    assert "Same state here: RA-00001 landed Ankara Esenboğa 14 Nov 2022 08:26 UTC" in second.text
    assert "Also here: Russian state aircraft RA-00001" in other.text
    assert "US" not in disputed.subject
    (follows,) = a_pass(store, world, landing(6, at=NOW + 90 * HOUR), now=NOW + 90 * HOUR)
    assert "Innocent causes: its state is here already: RA-00002 came before and was not seen leaving" in follows.text


def test_an_inferred_landing_is_confirmed_moved_and_withdrawn_in_its_thread(store: Store, world: World, tmp_path: Path) -> None:
    weak = landing(1, kind="inferred", last_height_ft=900.0, last_distance_nm=3.0)
    (alert,) = a_pass(store, world, weak)
    assert "probably landed (last seen 900 ft up, 3 NM out)" in alert.subject
    assert send(store, tmp_path) == [alert.subject]
    (confirmed,) = a_pass(store, world, {**weak, "kind": "observed"}, change="changed", now=NOW + HOUR)
    assert confirmed.subject.startswith("CONFIRMED: Russian state aircraft RA-00001 landed Ankara Esenboğa 11:26 local")
    (moved,) = a_pass(store, world, {**weak, "kind": "observed", "airport": "LTAD"}, change="changed", now=NOW + 2 * HOUR)
    assert moved.subject.startswith("CORRECTION: Russian state aircraft RA-00001 landed Ankara Etimesgut")
    assert "not Esenboğa" in moved.subject
    (gone,) = a_pass(store, world, {**weak, "airport": "LTAD", "lifecycle": "withdrawn"}, change="withdrawn", now=NOW + 3 * HOUR)
    assert gone.subject.startswith("WITHDRAWN: Russian state aircraft RA-00001")
    assert alert.subject in gone.text
    assert "because withdrawn" in gone.text
    assert "When, to whom: sent 14 Nov 2022 08:27 UTC (11:27 local) to desk@example.org" in gone.text
    assert {alert.thread} == {confirmed.thread, moved.thread, gone.thread}
    assert gone.not_before is None
    for item in (alert, confirmed, moved, gone):
        assert violations(item.subject + "\n" + item.text) == []


def test_an_open_approach_that_becomes_a_landing_is_news_and_the_way_back_is_a_withdrawal(
    store: Store, world: World, tmp_path: Path
) -> None:
    lost = landing(1, kind="open_approach", last_height_ft=900.0, last_distance_nm=3.0)
    assert a_pass(store, world, lost) == []
    (alert,) = a_pass(store, world, {**lost, "kind": "inferred"}, change="changed", now=NOW + HOUR / 6)
    assert "probably landed" in alert.subject
    send(store, tmp_path, NOW + HOUR / 6)
    (gone,) = a_pass(store, world, lost, change="changed", now=NOW + HOUR)
    assert gone.subject.startswith("WITHDRAWN: Russian state aircraft RA-00001 at Ankara Esenboğa")
    assert a_pass(store, world, {**lost, "confidence": 0.3}, change="changed", now=NOW + HOUR) == []
    (again,) = a_pass(store, world, {**lost, "kind": "observed"}, change="changed", now=NOW + 2 * HOUR)
    assert again.subject.startswith("Russian state aircraft RA-00001 landed Ankara Esenboğa")
    assert len({alert.alert_id, gone.alert_id, again.alert_id}) == 3
    assert {alert.thread} == {gone.thread, again.thread}
    assert len(send(store, tmp_path, NOW + 2 * HOUR)) == 2, "the withdrawal, and that it landed after all"
    (twice,) = a_pass(store, world, {**lost, "kind": "observed", "lifecycle": "withdrawn"}, change="withdrawn", now=NOW + 3 * HOUR)
    assert again.subject in twice.text


def test_nobody_is_bothered_about_what_they_were_never_told(store: Store, world: World, tmp_path: Path) -> None:
    home = landing(1, airport="UUWW")
    assert a_pass(store, world, home) == []
    assert a_pass(store, world, {**home, "lifecycle": "withdrawn"}, change="withdrawn", now=NOW + HOUR) == []
    quiet = replace(world, recipients=(DESK.model_copy(update={"delay": 60.0}),))
    waiting = landing(2, SECOND)
    (alert,) = a_pass(store, quiet, waiting)
    assert alert.not_before == NOW + HOUR
    assert a_pass(store, quiet, {**waiting, "lifecycle": "withdrawn"}, change="withdrawn", now=NOW + HOUR / 2) == []
    assert send(store, tmp_path, NOW + 2 * HOUR) == []
    with store.read() as session:
        assert [i.lifecycle for i in session.outbox.list()] == ["dropped"]
    assert len(a_pass(store, quiet, waiting, now=NOW + 2 * HOUR)) == 1, "found again, it is told after all"


def test_who_was_told_hears_of_its_departure_once(store: Store, world: World, tmp_path: Path) -> None:
    row = landing(1)
    (alert,) = a_pass(store, world, row)
    left = TAKE_OFFS.make(
        [{"icao24": FIRST, "airport": "LTAC", "take_off": NOW + 5 * HOUR, "kind": "observed", "confidence": 0.9, "origin": "live"}]
    )
    (gone,) = a_pass(store, world, {**row, "confidence": 0.98}, change="changed", now=NOW + 5 * HOUR, take_offs=left)
    assert gone.subject.startswith("Russian state aircraft RA-00001 left Ankara Esenboğa 16:27 local after 5 h 1 min [take-off seen]")
    assert gone.thread == alert.thread
    assert a_pass(store, world, {**row, "confidence": 0.99}, change="changed", now=NOW + 6 * HOUR, take_offs=left) == []


def test_the_fourth_of_a_day_waits_for_the_digest(store: Store, world: World, tmp_path: Path) -> None:
    rows = [
        landing(n, icao24, airport=field)
        for n, (icao24, field) in enumerate(
            [(FIRST, "LTAC"), (SECOND, "LGAV"), (OTHER, "LFPB"), (DISPUTED, "EDDB"), (FIRST, "LOWW"), (SECOND, "LSGG")]
        )
    ]
    items = [item for row in rows for item in a_pass(store, world, row)]
    assert [item.fold for item in items] == [False, False, False, True, True, True]
    assert items[3].due == datetime(2022, 11, 14, 9, 30, tzinfo=UTC), "12:30 in Istanbul"
    assert len(send(store, tmp_path)) == 3
    (digest,) = send(store, tmp_path, NOW + 2 * HOUR)
    assert digest.startswith("3 alerts in one message")


def test_a_mute_holds_its_tongue_and_is_counted_in_the_brief(store: Store, world: World) -> None:
    with store.transaction() as tx:
        tx.mutes.add(Mute(kind="aircraft", value="RA-00001", at=NOW, until=NOW + DAY))
        tx.mutes.add(Mute(kind="place", value="Athens", at=NOW))
    assert a_pass(store, world, landing(1)) == []
    assert a_pass(store, world, landing(2, OTHER, airport="LGAV")) == []
    page = make_brief(store, world, now=NOW + HOUR).text
    assert "Muted: RA-00001 until 15 Nov, Athens" in page
    assert "1: muted: aircraft RA-00001" in page
    assert len(a_pass(store, world, landing(3, at=NOW + 2 * DAY), now=NOW + 2 * DAY)) == 1
    with store.transaction() as tx:
        assert tx.mutes.lift("place", "Athens", at=NOW) == 1
        assert [m.value for m in tx.mutes.current(NOW)] == ["RA-00001"]


def test_an_embargo_holds_mail_and_card(store: Store, world: World, tmp_path: Path) -> None:
    (alert,) = a_pass(store, world, landing(1, airport="EPRZ"))
    until = NOW - timedelta(minutes=1) + 36 * HOUR
    assert alert.not_before == until
    assert send(store, tmp_path, NOW + 35 * HOUR) == []
    with pytest.raises(UsageError, match="an embargo holds until 2022-11-15T20:26:00Z"):
        make_card(store, world, "lnd-0000000001", now=NOW + HOUR)
    assert len(send(store, tmp_path, until)) == 1
    card = make_card(store, world, "lnd-0000000001", now=until)
    assert card.png[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(card.post) <= 280
    assert violations(card.post + card.alt) == []


def test_the_brief_lists_what_is_open_until_somebody_has_looked(store: Store, world: World) -> None:
    a_pass(store, world, landing(1, at=NOW - 3 * DAY), now=NOW)
    with store.transaction() as tx:
        meeting = Meeting(
            meeting_id="mtg-1",
            title="Foreign ministers to meet",
            city="Ankara",
            country="TR",
            start=NOW + DAY,
            end=NOW + 2 * DAY,
            participants=(Participant(name="A", title="Minister", state="US"), Participant(name="B", title="Minister", state="TR")),
            sources=("https://example.org",),
            status="announced",
            origin="live",  # type: ignore[arg-type]
        )
        tx.meetings.write(meeting, change="reported", reason="t", version="t", at=NOW)
        tx.runs.add_read(SourceRead(kind="positions", provider="feed", at=NOW, outcome="ok"))
    page = make_brief(store, world, now=NOW).text
    assert "Still open: 3 d 0 h old: Russian state aircraft RA-00001 landed Ankara Esenboğa" in page
    assert "Foreign ministers to meet — no US state aircraft seen there or in the air so far" in page
    assert "Positions: 1 of 1 answer (feed), last good 14 Nov 2022 08:27 UTC" in page
    assert "Reports: no source was read yet, so none can be found" in page
    assert "Coverage: of 1 landings known in 30 days 1 were seen on the ground" in page
    assert "under 180 days, so how unusual a visit is cannot be told" in page
    assert violations(page) == []
    with store.transaction() as tx:
        tx.reviews.add("lnd-0000000001", "refuted", at=NOW, note="a crew change")
    a_pass(store, world, landing(2, OTHER, at=NOW + DAY), now=NOW + DAY)
    page = make_brief(store, world, now=NOW + DAY).text
    assert "Nothing: still open, " in page
    assert "expected" in page.partition("Nothing: ")[2].partition("\n")[0]


@pytest.mark.parametrize("best", [0, 1])
def test_what_to_look_at_comes_in_the_order_of_its_leads(store: Store, world: World, best: int) -> None:
    a_pass(store, world, landing(1, at=NOW - 3 * HOUR), now=NOW)
    a_pass(store, world, landing(2, OTHER, at=NOW - 2 * HOUR), now=NOW)
    with store.transaction() as tx:
        stays = tx.stays.current().set_index("landing_id")["stay_id"]
        for number, landing_id in enumerate(("lnd-0000000001", "lnd-0000000002")):
            lead = Lead(
                lead_id=f"led-aaaaaaaaa{number}",
                kind="visit",
                stay_ids=(stays[landing_id],),
                airport="LTAC",
                city="Ankara",
                country="TR",
                states=("RU",),
                start=NOW - 3 * HOUR,
                end=None,
                score=5.0 if number == best else -1.0,
                expected=1.3,
                evidence=(),
                origin=Origin.LIVE,
            )
            tx.leads.write(lead, change="scored", reason="t", version="t", at=NOW)
    page = make_brief(store, world, now=NOW).text
    first, second = (page.index(f"(lnd-000000000{number})") for number in ((1, 2) if best == 0 else (2, 1)))
    assert first < second


def test_the_brief_is_mailed_once_a_local_day_by_the_first_pass_after_seven(store: Store, world: World, tmp_path: Path) -> None:
    seven = datetime(2022, 11, 15, 4, tzinfo=UTC)
    assert send_briefs(store, world, now=seven - timedelta(hours=8)) == [], "yesterday's morning is over"
    (brief,) = send_briefs(store, world, now=seven + timedelta(minutes=3))
    assert send_briefs(store, world, now=seven + HOUR) == []
    assert brief.subject.startswith("tarmac brief, 15 Nov 2022 04:03 UTC")
    assert send(store, tmp_path, seven + timedelta(minutes=4)) == [brief.subject], "not marked late"
    assert len(send_briefs(store, world, now=seven + DAY)) == 1
    never = replace(world, recipients=(DESK.model_copy(update={"to": "a@b.org", "brief": None}),))
    assert send_briefs(store, never, now=seven + DAY) == []


def test_the_dead_man_speaks_once_when_blind_and_once_when_it_sees_again(store: Store, world: World) -> None:
    def read(at: datetime, outcome: str) -> None:
        with store.transaction() as tx:
            tx.runs.add_read(SourceRead(kind="positions", provider="feed", at=at, outcome=outcome, detail="502 Bad Gateway"))

    six = 6 * HOUR
    assert watch(store, world, now=NOW, after=six) == []
    read(NOW, "ok")
    read(NOW + 5 * HOUR, "provider_down")
    assert watch(store, world, now=NOW + 5 * HOUR, after=six) == []
    (blind,) = watch(store, world, now=NOW + 7 * HOUR, after=six)
    assert blind.subject == "tarmac is blind: no position was received for 7 h"
    assert "502 Bad Gateway" in blind.text
    assert watch(store, world, now=NOW + 8 * HOUR, after=six) == []
    read(NOW + 9 * HOUR, "ok")
    (again,) = watch(store, world, now=NOW + 9 * HOUR, after=six, before=NOW)
    assert again.subject == "tarmac works again: positions are received, after 9 h"
    assert again.thread == blind.thread
    assert watch(store, world, now=NOW + 9 * HOUR + timedelta(minutes=1), after=six, before=NOW + 9 * HOUR) == []


def test_mail_that_does_not_go_out_is_told_through_what_works(store: Store, world: World) -> None:
    from pipeline.alerts.channels import smtp_channel

    a_pass(store, world, landing(1))
    deliver(store, smtp_channel("smtp://127.0.0.1:9", sender="t@example.org"), now=NOW, owner="t")
    assert watch(store, world, now=NOW + HOUR, after=6 * HOUR) == []
    (mute,) = watch(store, world, now=NOW + 7 * HOUR, after=6 * HOUR)
    assert mute.subject == "tarmac is mute: no message could be handed over for 7 h"
    assert watch(store, world, now=NOW + 8 * HOUR, after=6 * HOUR) == []


def test_history_base_and_coverage_are_said_with_their_numbers(store: Store, world: World) -> None:
    with store.transaction() as tx:
        before = [landing(100 + n, SECOND, at=NOW - timedelta(days=300 - 7 * n)) for n in range(40)]
        visits = [landing(200 + n, at=NOW - timedelta(days=days), airport="LTAC") for n, days in enumerate((200, 120, 60))]
        for row in (
            *[{**r, "airport": "LGAV"} for r in before],
            *visits,
            *[landing(300 + n, OTHER, at=NOW - timedelta(days=90 + n)) for n in range(3)],
        ):
            tx.landings.write(row, change="new", reason="t", version="t", at=NOW)
        stays = build_stays(
            LANDINGS.cast(records(tx.landings.current())),
            TAKE_OFFS.cast(),
            identify=world.identify,
            airports=world.airports,
            gazetteer=world.gazetteer,
            last_seen={},
        )
        for row in records(stays):
            tx.stays.write(row, change="seen", reason="t", version="t", at=NOW)
    (alert,) = a_pass(store, world, landing(1, from_airport="UUWW"))
    line = next(line for line in alert.text.splitlines() if line.startswith("How unusual"))
    assert line.startswith("How unusual: 4th visit of its state in ")
    assert "; the last on 15 Sep 2022; chance alone: about one such day in " in line
    assert "Precedents: same aircraft at LTAC on 2022-09-15" in alert.text
    assert "coverage here: good (5 of 5 landings known here were seen on the ground)" in alert.text


@dataclass(frozen=True)
class Event:
    event_id: str
    kind: str
    at: datetime
    airport: str = "LTAC"
    icao24: str = FIRST
    eta: datetime | None = None
    chance: float | None = 0.72
    height_ft: float | None = 24_010.0
    follows: str = ""
    origin: str = "live"


def test_the_subject_of_what_is_told_days_later_has_its_day(store: Store, world: World) -> None:
    (soon,) = a_pass(store, replace(world, max_age=timedelta.max), landing(1, at=NOW - 23 * HOUR))
    (late,) = a_pass(store, replace(world, max_age=timedelta.max), landing(2, OTHER, at=NOW - 25 * HOUR))
    assert "12:27 local" in soon.subject
    assert "13 Nov 2022 10:27 local" in late.subject
    assert "Nov" not in soon.subject


def test_what_a_pass_says_of_the_air_counts_against_the_day_at_once(store: Store, world: World) -> None:
    rule = Rule(tell="at_once", events=("inbound",), cities=("Ankara",))
    asking = replace(world, recipients=(DESK.model_copy(update={"rules": (rule,), "flood": 2, "most_a_day": 2}),))
    events = [Event(f"alr-air{n}", "inbound", NOW, icao24=icao24, eta=NOW + HOUR) for n, icao24 in enumerate((FIRST, SECOND, OTHER))]
    with store.read() as session:
        items = AirAnnouncer(session, asking, NOW).items(events)
    assert [item.fold for item in items] == [False, False, True]
    with store.transaction() as tx:
        queue(tx, items[:2], now=NOW, owner="t")
    with store.read() as session:
        (third,) = AirAnnouncer(session, asking, NOW).items(events[2:])
    assert third.fold, "and what is in the store counts, too"


def test_every_inbound_that_is_told_is_closed(store: Store, world: World) -> None:
    def say(now: datetime, *events: Event, forgotten: Sequence[Event] = ()) -> list[OutboxItem]:
        with store.read() as session:
            announcer = AirAnnouncer(session, asking, now)
            items = announcer.items(events) + announcer.unknown(forgotten)
        with store.transaction() as tx:
            return queue(tx, items, now=now, owner="t")

    rule = Rule(tell="at_once", events=("inbound",), cities=("Ankara",))
    asking = world
    inbound = Event("alr-air1", "inbound", NOW, eta=NOW + HOUR)
    assert say(NOW, inbound) == [], "the default asks for no inbound"
    asking = replace(world, recipients=(DESK.model_copy(update={"rules": (rule,), "flood": 99}),))
    (told,) = say(NOW, inbound)
    assert told.subject == "Russian state aircraft RA-00001 in the air, may be heading for Ankara, there about 12:27 local [not landed]"
    assert "Ankara Esenboğa (LTAC) about 14 Nov 2022 09:27 UTC (12:27 local): likely; by its direction" in told.text
    assert say(NOW, Event("alr-air2", "inbound", NOW, airport="LGAV")) == []
    (ended,) = say(NOW + HOUR, Event("alr-air3", "turned_back", NOW + HOUR, follows="alr-air1"))
    assert ended.subject == "Russian state aircraft RA-00001, earlier said to be heading for Ankara: turned back"
    assert ended.thread == told.thread
    second = Event("alr-air4", "inbound", NOW + 2 * HOUR, eta=NOW + 3 * HOUR)
    (told,) = say(NOW + 2 * HOUR, second)
    assert say(NOW + 8 * HOUR, forgotten=[inbound, second]) == []
    (unknown,) = say(NOW + 9 * HOUR, forgotten=[inbound, second])
    assert unknown.subject.endswith("heading for Ankara: out of sight, where it landed is not known")
    assert say(NOW + 10 * HOUR, forgotten=[inbound, second]) == []
    assert say(NOW + 10 * HOUR, Event("alr-air5", "arrived", NOW + 10 * HOUR, follows="alr-air4")) == []
    for item in (told, ended, unknown):
        assert violations(item.subject + "\n" + item.text) == []


def test_states_together_are_told_to_who_asks(store: Store, world: World) -> None:
    asking = replace(world, recipients=(DESK.model_copy(update={"rules": (Rule(tell="at_once", events=("company",)),)}),))
    a_pass(store, world, landing(1), landing(2, OTHER, at=NOW + HOUR))
    with store.read() as session:
        stays = session.stays.current()
        lead = Lead(
            lead_id="led-1",
            kind="company",
            stay_ids=tuple(stays["stay_id"]),
            airport="LTAC",
            city="Ankara",
            country="TR",
            states=("RU", "US"),
            start=NOW,
            end=None,
            score=4.0,
            evidence=(Evidence(name="together", level="arrivals", bits=4.0, said="landed within 1.0 h of each other"),),
            said="state aircraft of RU and US in Ankara at the same time",
            origin=Origin.LIVE,
        )
        assert LeadAnnouncer(session, world, NOW).company([lead]) == []
        (told,) = LeadAnnouncer(session, asking, NOW).company([lead])
    assert told.subject == (
        "State aircraft of Russia and United States in Ankara at the same time since 14 Nov 12:27 local"
        " — no reports read [derived from landings]"
    )
    assert "chance alone: not known, the history is too short" in told.text
    assert "RA-00001, Ankara Esenboğa, since 14 Nov 2022 08:26 UTC" in told.text
    assert violations(told.subject + "\n" + told.text) == []


def _asking(world: World, *events: str) -> World:
    rule = Rule(tell="at_once", events=events)  # type: ignore[arg-type]
    return replace(world, recipients=(DESK.model_copy(update={"rules": (rule,), "flood": 99}),))


def test_a_day_old_visit_without_a_report_is_told_once_to_who_asks_for_leads(store: Store, world: World, tmp_path: Path) -> None:
    landed = landing(1)
    a_pass(store, world, landed)
    with store.transaction() as tx:
        (stay_id,) = tx.stays.current()["stay_id"]
        lead = Lead(
            lead_id="led-aaaaaaaaaa",
            kind="visit",
            stay_ids=(stay_id,),
            airport="LTAC",
            city="Ankara",
            country="TR",
            states=("RU",),
            start=landed["touchdown"],
            end=None,
            score=5.0,
            expected=1.3,
            evidence=(
                Evidence(name="second_aircraft", level="present", bits=2.0, said="a second aircraft came with it"),
                Evidence(name="rhythm", level="rotation", bits=-1.0, said="a rotation: 5 of 6 visits"),
            ),
            origin=Origin.LIVE,
        )
        tx.leads.write(lead, change="scored", reason="t", version="t", at=NOW)
    asking = _asking(world, "lead")
    for hours, expected in ((1, 0), (23, 0), (25, 1), (26, 0), (60, 0)):
        told = tell_leads(store, asking, (), now=NOW + hours * HOUR, owner="t")
        assert len(told) == expected, hours
        if told:
            (mail,) = told
    assert mail.subject == "Russian state aircraft RA-00001, Ankara Esenboğa: no reports read 25 h after it landed [seen on the ground]"
    assert "Stands out by: a second aircraft came with it\n    against it: a rotation" in mail.text
    assert "the whole watch list makes about 1.3 visits as rare as this in a month" in mail.text
    assert "Stay: not seen leaving in the 25 h 1 min since" in mail.text
    assert violations(mail.subject + "\n" + mail.text) == []
    with store.read() as session:
        assert mail.thread == session.outbox.list(events=["landing"])[0].thread, "it goes into the operation's thread"
    send(store, tmp_path, NOW + 25 * HOUR)
    (one, *more) = a_pass(store, asking, {**landed, "lifecycle": "withdrawn"}, change="withdrawn", now=NOW + 26 * HOUR)
    assert one.subject.startswith("WITHDRAWN: "), "who was told of the lead hears that there was no landing"
    assert more == []
    assert tell_leads(store, world, (), now=NOW + 25 * HOUR, owner="t") == [], "the default asks for no leads"


def test_an_aircraft_on_no_list_is_told_once_to_who_asks(store: Store, world: World) -> None:
    one = Candidate(
        icao24="3f4abc",
        callsign="GAF901",
        registration="",
        type_code="A343",
        country="DE",
        why="callsign GAF901: German Air Force; flagged military by the network",
        city="Ankara",
        lat=40.0,
        lon=33.0,
        first_at=NOW,
        last_at=NOW,
        seen=1,
        provider="feed",
        origin="live",
    )
    assert tell_leads(store, world, (one,), now=NOW, owner="t") == []
    asking = _asking(world, "candidate")
    (mail,) = tell_leads(store, asking, (one,), now=NOW, owner="t")
    assert tell_leads(store, asking, (one,), now=NOW + HOUR, owner="t") == []
    assert mail.subject == "On no list: GAF901 (3f4abc) near Ankara may be a state aircraft [for you to judge]"
    assert "tarmac candidates --dismiss 3f4abc" in mail.text
    assert "https://adsb.lol/?icao=3f4abc" in mail.text
    assert violations(mail.subject + "\n" + mail.text) == []
    with store.transaction() as tx:
        tx.candidates.notice([one])
    assert "Not on the list: 3f4abc GAF901 near Ankara" in make_brief(store, world, now=NOW + HOUR).text


def test_a_match_that_was_told_and_falls_is_withdrawn_as_prominently(store: Store, world: World, tmp_path: Path) -> None:
    a_pass(store, world, landing(1))
    meeting = Meeting(
        meeting_id="mtg-1",
        title="Ministers met",
        city="Ankara",
        country="TR",
        start=NOW,
        end=NOW + HOUR,
        participants=(Participant(name="A", title="Minister", state="RU"),),
        sources=("https://example.org/a",),
        status="reported",
        origin="live",  # type: ignore[arg-type]
    )
    with store.transaction() as tx:
        tx.meetings.write(meeting, change="reported", reason="t", version="t", at=NOW)
        (stay_id,) = tx.stays.current()["stay_id"]
        match = Match(
            match_id="mat-aaaaaaaaaa",
            stay_id=stay_id,
            meeting_id="mtg-1",
            posterior=0.9,
            prior_bits=-6.0,
            evidence=(Evidence(name="arrival", level="after_start", bits=9.0, said="landed about when it had begun"),),
            origin=Origin.LIVE,
        )
        tx.matches.write(match, change="scored", reason="t", version="t", at=NOW)
        stays = tx.stays.current().head(0)
    with store.read() as session:
        items, _ = Announcer(session, world, NOW).items((), stays, [match])
    with store.transaction() as tx:
        (told,) = queue(tx, items, now=NOW, owner="t")
    assert "consistent with a reported meeting" in told.subject
    send(store, tmp_path)
    later = NOW + 3 * HOUR
    with store.read() as session:
        items, _ = Announcer(session, world, later).items((), stays, (), [(match, "the meeting is denied")])
    with store.transaction() as tx:
        (gone,) = queue(tx, items, now=later, owner="t")
        assert queue(tx, items, now=later, owner="t") == []
    assert gone.subject == "WITHDRAWN: Russian state aircraft RA-00001 at Ankara Esenboğa — no longer consistent with the reported meeting"
    assert "Why it was wrong: the meeting is denied" in gone.text
    assert f"We said: {told.subject}" in gone.text
    assert gone.thread == told.thread
    assert violations(gone.subject + "\n" + gone.text) == []
    other = replace(match, match_id="mat-bbbbbbbbbb")
    with store.read() as session:
        assert Announcer(session, world, later).items((), stays, (), [(other, "x")])[0] == [], "nobody was told of it"


def test_how_low_arrivals_are_heard_is_learned_with_the_calibration_and_said(store: Store, world: World, tmp_path: Path) -> None:
    with store.transaction() as tx:
        for n, height in enumerate((700.0, 900.0, 1_400.0, 1_500.0, 2_000.0)):
            row = landing(300 + n, OTHER, at=NOW - timedelta(days=9 + n), kind="inferred", last_height_ft=height)
            tx.landings.write(row, change="new", reason="t", version="t", at=NOW)
    renew(store, world, tmp_path, now=NOW)
    with store.read() as view:
        floors = view.floors.current().set_index("hour")
        assert floors.loc["all", ["floor_ft", "flights"]].tolist() == [1_400.0, 5.0]
    (alert,) = a_pass(store, world, landing(1))
    assert "were seen on the ground; half are last heard above 1,400 ft)" in alert.text

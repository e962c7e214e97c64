"""What a pass makes of a change, in a real store: as much as a full run would, from the few stays that bear on it."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from store_builders import a_meeting, a_stay

from pipeline.correlate.engine import correlate
from pipeline.jobs import renewal
from pipeline.jobs.apart import apart
from pipeline.jobs.brief import make_brief
from pipeline.jobs.calibrated import FILE, HABITS_FILE, due, renew, under_kept
from pipeline.jobs.digest import digest
from pipeline.jobs.gather import Gatherer
from pipeline.jobs.renewal import renewed, wanted
from pipeline.jobs.scored import score_changes
from pipeline.jobs.status import look
from pipeline.jobs.world import World, make_world
from pipeline.meetings.build import make_meeting, meetings_frame
from pipeline.model.entities import WatchedAircraft
from pipeline.model.errors import StoreError
from pipeline.model.frames import LANDINGS, STAYS, records
from pipeline.model.settings import Settings, StoreSettings
from pipeline.model.watchlist import Watchlist
from pipeline.store.store import Store

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from worlds import make_world as made_world

CITIES = ("Ankara", "Istanbul", "Geneva", "Abu Dhabi", "Vienna", "Doha")
NUMBERS = ("last_height_ft", "last_distance_nm", "a_year")
BY = {"change": "seen", "reason": "in a test", "version": "1"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(Settings(data_dir=tmp_path_factory.mktemp("world")))


def test_new_stays_are_scored_from_the_store_as_in_a_full_run(store_url: str, tmp_path: Path, bare: World) -> None:
    made = made_world(11)
    stays = STAYS.make(made.stays[made.stays["city"].isin(CITIES)].assign(origin="recorded", confidence=0.95, kind="observed"))
    stays = stays.assign(landing_id=[f"lnd-{i}" for i in stays["stay_id"]]).sort_values("touchdown", ignore_index=True)
    meetings = [
        make_meeting(gazetteer=bare.gazetteer, **row) for row in made.meetings[made.meetings["city"].isin(CITIES)].to_dict("records")
    ]
    old, new = stays.iloc[:-12], STAYS.cast(stays.iloc[-12:])
    now = new["touchdown"].max().to_pydatetime() + timedelta(hours=1)
    with Store.open(store_url, data_dir=tmp_path / "data") as store:
        with store.transaction() as tx:
            for row in records(old):
                tx.stays.write(row, at=now, **BY)
            for meeting in meetings:
                tx.meetings.write(meeting, at=now, **BY)
        assert due(store, now)
        renew(store, bare, tmp_path, now=now)
        assert not due(store, now + timedelta(hours=1))
        world = under_kept(bare, tmp_path)
        assert world.habits is not None
        with store.read() as session:
            near = session.meetings.current(now - world.reach - timedelta(days=7), now + timedelta(days=30))
            found = score_changes(session, world, stays=new, before=STAYS.cast(), gone=(), meetings=(), now=now)
    assert found is not None
    assert len(found.history) < len(stays) / 3
    full = correlate(
        new,
        meetings_frame(near),
        history=stays,
        scoring=world.scoring,
        gazetteer=world.gazetteer,
        airports=world.airports,
        watched=world.watchlist.aircraft,
        calendar=world.calendar,
        calibration=world.calibration,
        habits=world.habits,
        with_rotations=False,
    )
    mine = set(new["stay_id"])
    wanted = {m.match_id: m.posterior for m in full.matches}
    assert {m.match_id: m.posterior for m in found.matches if m.stay_id in mine} == pytest.approx(wanted, abs=1e-9)
    assert {(lead.lead_id, round(lead.score, 6)) for lead in found.leads} == {(lead.lead_id, round(lead.score, 6)) for lead in full.leads}
    assert found.leads


def test_others_whose_matches_a_change_turns_are_told_anew_with_what_was_there_before_them(tmp_path: Path, bare: World) -> None:
    made = made_world(11)
    stays = STAYS.make(made.stays[made.stays["city"].isin(CITIES)].assign(origin="recorded", confidence=0.95, kind="observed"))
    stays = stays.assign(landing_id="").sort_values("touchdown", ignore_index=True)
    rows = made.meetings[made.meetings["city"].isin(CITIES)].to_dict("records")
    meetings = [make_meeting(gazetteer=bare.gazetteer, **row) for row in rows]
    now = stays["touchdown"].max().to_pydatetime() + timedelta(hours=1)
    with Store.open(data_dir=tmp_path) as store:
        with store.transaction() as tx:
            tx.stays.write_all(records(stays), at=now, **BY)
            tx.meetings.write_all(meetings, at=now, **BY)
        renew(store, bare, tmp_path, now=now)
        world = under_kept(bare, tmp_path)
        assert world.habits is not None
        near = meetings_frame([m for m in meetings if m.end >= now - world.reach])
        full = correlate(
            STAYS.cast(stays[stays["touchdown"] >= now - world.reach]),
            near,
            history=stays,
            scoring=world.scoring,
            gazetteer=world.gazetteer,
            airports=world.airports,
            watched=world.watchlist.aircraft,
            calendar=world.calendar,
            calibration=world.calibration,
            habits=world.habits,
            with_rotations=False,
        )
        wanted = {m.match_id: m for m in full.matches}
        told = 0
        for match in [m for m in full.matches if m.posterior > 0.5][:12]:
            changed = STAYS.cast(stays[stays["stay_id"] == match.stay_id])
            # The store has no match yet: each good one of another stay that this change bears on is news.
            with store.read() as session:
                found = score_changes(session, world, stays=changed, before=STAYS.cast(), gone=(), meetings=(), now=now)
            assert found is not None
            others = [m for m in found.matches if m.stay_id != match.stay_id and m.posterior >= 0.5]
            told += len(others)
            for one in (*others, *(m for m in found.matches if m.stay_id == match.stay_id)):
                same = wanted[one.match_id]
                assert one.posterior == pytest.approx(same.posterior, abs=1e-9)
                assert (one.precedents, one.innocent) == (same.precedents, same.innocent)
            if others:
                # Once they are kept, nothing about them is news, and what was said of their past stands.
                with store.transaction() as tx:
                    tx.matches.write_all([(m, "") for m in full.matches], change="scored", at=now)
                with store.read() as session:
                    again = score_changes(session, world, stays=changed, before=STAYS.cast(), gone=(), meetings=(), now=now)
                assert again is not None
                assert {m.stay_id for m in again.matches} == {match.stay_id}
                assert again.risen == ()
                with store.transaction() as tx:
                    for m in full.matches:
                        tx.matches.withdraw(m.match_id, reason="a test", version="1", at=now)
    assert told >= 3


def test_a_card_made_from_what_it_needs_says_what_one_from_the_whole_history_says(tmp_path: Path, bare: World) -> None:
    made = made_world(11)
    stays = STAYS.make(made.stays[made.stays["city"].isin(CITIES)].assign(origin="recorded", confidence=0.95, kind="observed"))
    stays = stays.assign(landing_id=[f"lnd-{i}" for i in stays["stay_id"]])
    rows = {row["icao24"]: row for row in records(stays)}
    listed = Watchlist(
        WatchedAircraft(
            icao24=icao24,
            registration=row["registration"],
            type_code="",
            type="",
            operator="an air force",
            state=row["state"],
            role=row["role"],
            source="a test",
        )
        for icao24, row in rows.items()
    )
    now = stays["touchdown"].max().to_pydatetime() + timedelta(hours=1)
    with Store.open(data_dir=tmp_path) as store:
        with store.transaction() as tx:
            for row in records(stays):
                tx.stays.write(row, at=now, **BY)
        renew(store, replace(bare, watchlist=listed), tmp_path, now=now)
        world = under_kept(replace(bare, watchlist=listed), tmp_path)
        landings = records(LANDINGS.cast(stays.iloc[-240::20]))
        with store.read() as session:
            alone = Gatherer(session, world, now)
            whole = Gatherer(session, world, now, whole=True)
            told = [(alone.landing_facts(row), whole.landing_facts(row)) for row in landings]
        assert len(alone.history) < len(stays) / 2
    for one, other in told:
        assert one is not None
        assert other is not None
        for name in one.__dataclass_fields__:
            expected = pytest.approx(getattr(other, name), nan_ok=True) if name in NUMBERS else getattr(other, name)
            assert getattr(one, name) == expected, name
    assert any(one.precedents for one, _ in told if one is not None)


def test_the_brief_made_in_another_process_is_the_same(tmp_path: Path) -> None:
    stay = a_stay(landing_id="", state="RU", role="government", icao24="14fa39")
    now = stay["touchdown"] + timedelta(hours=2)
    settings = Settings(data_dir=tmp_path / "data")
    with Store.open(data_dir=settings.data_dir) as store:
        with store.transaction() as tx:
            tx.stays.write(stay, at=now, **BY)
        page = apart(settings, lambda: False, make_brief, now=now)
        assert page is not None
        assert page == make_brief(store, make_world(settings), now=now)
        assert "1 stays of 1 of" in page.text
        with pytest.raises(StoreError, match="unexpected keyword argument 'then'"):
            apart(settings, lambda: False, make_brief, then=now)  # type: ignore[call-arg]


def test_a_report_that_a_killed_process_kept_is_looked_at_by_the_next_pass(store_url: str, tmp_path: Path, bare: World) -> None:
    stay = a_stay(landing_id="", state="RU", role="government", icao24="14fa39")
    now = stay["touchdown"] + timedelta(hours=2)
    with Store.open(store_url, data_dir=tmp_path / "data") as store:
        with store.transaction() as tx:
            tx.stays.write(stay, at=now, **BY)
        digest(store, bare, now=now, alert=False)
        # A process wrote this, and died before anything was held against it.
        with store.transaction() as tx:
            tx.meetings.write(a_meeting(), at=now + timedelta(minutes=1), **BY)
        digest(store, bare, now=now + timedelta(minutes=5), alert=False)
        with store.read() as session:
            (match,) = session.matches.current(stay_ids=[stay["stay_id"]])
        with store.transaction() as tx:
            tx.meetings.withdraw(a_meeting().meeting_id, reason="never said", version="1", at=now + timedelta(minutes=6))
        digest(store, bare, now=now + timedelta(minutes=10), alert=False)
        with store.read() as session:
            assert session.matches.current(stay_ids=[stay["stay_id"]]) == ()
    assert match.posterior > 0.01


def test_the_history_is_summed_up_in_a_process_of_its_own_whose_failure_is_noted(store_url: str, tmp_path: Path, bare: World) -> None:
    stay = a_stay(landing_id="", state="RU", role="government", icao24="14fa39")
    now = stay["touchdown"] + timedelta(hours=2)
    settings = Settings(data_dir=tmp_path / "data", store=StoreSettings(url=SecretStr(store_url)))
    with Store.open(store_url, data_dir=settings.data_dir) as store:
        with store.transaction() as tx:
            tx.stays.write(stay, at=now, **BY)
        assert wanted(store, bare, now)
        there = renewed(store, bare, settings, now=now, few=0)
        apart = [(settings.data_dir / name).read_text() for name in (FILE, HABITS_FILE)]
        assert not wanted(store, there, now)
        assert wanted(store, bare, now), "a world without habits has none that fit its settings"
        assert there.habits is not None
        renewed(store, bare, settings, now=now)
        assert [(settings.data_dir / name).read_text() for name in (FILE, HABITS_FILE)] == apart, "here and there it is the same"
        assert renewed(store, bare, settings, now=now, few=0, stopping=lambda: True) is bare
        # Where its files should be there is a folder: it fails, says so, and is left alone for an hour.
        later = now + timedelta(days=2)
        (settings.data_dir / FILE).unlink()
        (settings.data_dir / FILE / "in the way").mkdir(parents=True)
        with pytest.raises(StoreError, match=r"could not be summed up.*directory"):
            renewed(store, bare, settings, now=later)
        assert "not summed up" in look(store, now=later).sentence()
        assert not wanted(store, there, later + timedelta(minutes=59))
        assert wanted(store, there, later + timedelta(minutes=61))
        assert wanted(store, there, later + timedelta(days=2))


def test_the_history_is_summed_up_by_one_at_a_time_and_the_others_take_what_it_made(
    tmp_path: Path, bare: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = a_stay(landing_id="", state="RU", role="government", icao24="14fa39")
    now = stay["touchdown"] + timedelta(hours=2)
    settings = Settings(data_dir=tmp_path / "data")
    at_once: list[int] = []
    running, second = 0, threading.Event()
    real = renewal.renew

    def slow(*args: Any, **given: Any) -> World:
        nonlocal running
        running += 1
        at_once.append(running)
        assert second.wait(20)
        running -= 1
        return real(*args, **given)

    monkeypatch.setattr(renewal, "renew", slow)
    with Store.open(data_dir=settings.data_dir) as store, ThreadPoolExecutor(1) as pool:
        with store.transaction() as tx:
            tx.stays.write(stay, at=now, **BY)
        first = pool.submit(renewed, store, bare, settings, now=now)
        while not at_once:
            time.sleep(0.01)
        # The pass comes along while the daily job is at it: it goes on as it is.
        assert renewed(store, bare, settings, now=now, anew=False) is bare
        second.set()
        assert first.result(60).habits is not None
        # Afterwards it takes what is there, and only the daily job makes it anew.
        assert renewed(store, bare, settings, now=now, anew=False).habits is not None
        assert at_once == [1]
        renewed(store, bare, settings, now=now)
        assert at_once == [1, 1]

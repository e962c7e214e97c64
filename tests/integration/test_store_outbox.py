"""The outbox on both databases: one item a key and recipient, leases, and what became of every try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_builders import AT, BY, HOUR, MINUTE, a_landing, an_item

from pipeline.model.entities import Mute, OutboxItem
from pipeline.model.errors import NotFound
from pipeline.store.session import Session
from pipeline.store.store import Store

LEASE = timedelta(minutes=5)


def ids(items: tuple[OutboxItem, ...]) -> list[str]:
    return [item.alert_id for item in items]


def test_an_item_comes_back_with_its_images(store: Store) -> None:
    item = an_item(images=(("map@tarmac", b"\x89PNG\x00\xff"), ("logo", b"")), not_before=AT + HOUR)
    with store.transaction() as tx:
        assert tx.outbox.add(item)
    with store.read() as view:
        assert view.outbox.get(item.alert_id) == item
        assert view.outbox.list()[0].images == ()
        assert view.outbox.has(item.key, item.recipient)
        assert not view.outbox.has(item.key, "other@example.org")
        with pytest.raises(NotFound):
            view.outbox.get("alr-none")


def test_a_key_is_queued_once_for_each_recipient_whatever_became_of_it(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.outbox.add(an_item("alr-1", key="k"))
        assert not tx.outbox.add(an_item("alr-2", key="k", subject="again", images=(("map", b"x"),)))
        assert tx.outbox.add(an_item("alr-3", key="k", recipient="other@example.org"))
        tx.outbox.mark_sent("alr-1", now=AT, owner="me", via="smtp")
        assert not tx.outbox.add(an_item("alr-4", key="k"))
        assert ids(tx.outbox.list()) == ["alr-1", "alr-3"]
    assert store.sizes().rows["outbox_images"] == 0


def test_an_item_is_written_with_what_it_announces_or_not_at_all(store: Store) -> None:
    def announce(fail: bool) -> None:
        with store.transaction() as tx:
            revision = tx.landings.write(a_landing(), change="new", at=AT, **BY)
            assert revision is not None
            tx.outbox.add(an_item(images=(("map", b"x"),)))
            if fail:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        announce(fail=True)
    assert sum(store.sizes().rows[table] for table in ("outbox", "outbox_images", "landings", "revisions")) == 0
    announce(fail=False)
    assert [store.sizes().rows[table] for table in ("outbox", "outbox_images", "landings", "revisions")] == [1, 1, 1, 1]


def test_a_claim_is_a_lease(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(3):
            tx.outbox.add(an_item(f"alr-{number}", created_at=AT + number * MINUTE, images=((f"map{number}", b"x"),)))
    with store.transaction() as tx:
        claimed = tx.outbox.claim(AT, LEASE, "first", 2)
        assert ids(claimed) == ["alr-0", "alr-1"]
        assert [item.images[0][0] for item in claimed] == ["map0", "map1"]
    with store.transaction() as tx:
        assert ids(tx.outbox.claim(AT + MINUTE, LEASE, "second", 9)) == ["alr-2"]
        assert tx.outbox.claim(AT + MINUTE, LEASE, "third", 9) == ()
        # The first process died: its items are free when its lease has run out, and not a moment before.
        assert tx.outbox.claim(AT + LEASE - timedelta(microseconds=1), LEASE, "third", 9) == ()
        assert ids(tx.outbox.claim(AT + LEASE, LEASE, "third", 9)) == ["alr-0", "alr-1"]
        assert tx.outbox.release("third") == 2
        assert ids(tx.outbox.claim(AT + LEASE, LEASE, "fourth", 1)) == ["alr-0"]


def test_a_sent_item_is_never_claimed_again(store: Store) -> None:
    with store.transaction() as tx:
        tx.outbox.add(an_item())
        tx.outbox.claim(AT, LEASE, "me", 1)
        tx.outbox.mark_sent("alr-aaaaaaaaaa", now=AT + MINUTE, owner="me", via="smtp", said="250 queued as 7")
        assert tx.outbox.claim(AT + HOUR, LEASE, "other", 1) == ()
        item = tx.outbox.get("alr-aaaaaaaaaa")
        assert (item.lifecycle, item.sent_at, item.sent_via, item.attempts) == ("sent", AT + MINUTE, "smtp", 1)
        assert [(a.outcome, a.at, a.via, a.said) for a in tx.outbox.attempts(item.alert_id)] == [
            ("sent", AT + MINUTE, "smtp", "250 queued as 7")
        ]


def test_a_deferred_item_waits_and_a_dead_one_is_sent_again_only_when_asked(store: Store) -> None:
    with store.transaction() as tx:
        tx.outbox.add(an_item())
        tx.outbox.claim(AT, LEASE, "me", 1)
        tx.outbox.mark_deferred("alr-aaaaaaaaaa", now=AT, owner="me", error="421 busy", not_before=AT + HOUR)
        assert tx.outbox.claim(AT + HOUR - MINUTE, LEASE, "me", 1) == ()
        again = tx.outbox.claim(AT + HOUR, LEASE, "me", 1)
        assert [(item.lifecycle, item.attempts, item.last_error) for item in again] == [("failed", 1, "421 busy")]
        tx.outbox.mark_dead("alr-aaaaaaaaaa", now=AT + HOUR, owner="me", error="550 no such user")
        assert tx.outbox.claim(AT + 9 * HOUR, LEASE, "me", 1) == ()
        assert ids(tx.outbox.list(lifecycle="dead")) == ["alr-aaaaaaaaaa"]
        tx.outbox.requeue("alr-aaaaaaaaaa", now=AT + 9 * HOUR, owner="analyst")
        assert ids(tx.outbox.claim(AT + 9 * HOUR, LEASE, "me", 1)) == ["alr-aaaaaaaaaa"]
        tx.outbox.mark_sent("alr-aaaaaaaaaa", now=AT + 9 * HOUR, owner="me", via="smtp")
        assert [a.outcome for a in tx.outbox.attempts("alr-aaaaaaaaaa")] == ["deferred", "dead", "requeued", "sent"]
        assert tx.outbox.get("alr-aaaaaaaaaa").attempts == 3
        assert tx.outbox.counts() == {"sent": 1}


def held_by_second(tx: Session) -> None:
    tx.outbox.add(an_item())
    tx.outbox.claim(AT, LEASE, "first", 1)
    tx.outbox.claim(AT + LEASE, LEASE, "second", 1)


def test_a_late_failure_does_not_take_an_item_from_who_holds_it_now(store: Store) -> None:
    with store.transaction() as tx:
        held_by_second(tx)
        tx.outbox.mark_dead("alr-aaaaaaaaaa", now=AT + LEASE, owner="first", error="550")
        tx.outbox.mark_deferred("alr-aaaaaaaaaa", now=AT + LEASE, owner="first", error="421", not_before=AT)
        assert tx.outbox.get("alr-aaaaaaaaaa").lifecycle == "pending"
        assert tx.outbox.claim(AT + LEASE, LEASE, "third", 1) == ()


def test_a_late_delivery_is_a_delivery_and_a_later_failure_does_not_undo_it(store: Store) -> None:
    with store.transaction() as tx:
        held_by_second(tx)
        tx.outbox.mark_sent("alr-aaaaaaaaaa", now=AT + LEASE, owner="first", via="smtp")
        tx.outbox.mark_dead("alr-aaaaaaaaaa", now=AT + LEASE, owner="second", error="550")
        item = tx.outbox.get("alr-aaaaaaaaaa")
        assert (item.lifecycle, item.attempts) == ("sent", 2)


def test_items_are_listed_by_what_they_are(store: Store) -> None:
    with store.transaction() as tx:
        tx.outbox.add(an_item("alr-1"))
        tx.outbox.add(an_item("alr-2", event="match", created_at=AT + MINUTE, subject_id="mat-1"))
        tx.outbox.add(an_item("alr-3", event="brief", created_at=AT + HOUR, thread="t"))
        assert ids(tx.outbox.list()) == ["alr-1", "alr-2", "alr-3"]
        assert ids(tx.outbox.list(limit=2)) == ["alr-2", "alr-3"]
        assert ids(tx.outbox.list(events=["landing", "match"])) == ["alr-1", "alr-2"]
        assert ids(tx.outbox.list(subject_id="mat-1")) == ["alr-2"]
        assert ids(tx.outbox.list(thread="t")) == ["alr-3"]
        assert ids(tx.outbox.list(since=AT + MINUTE, lifecycle=["pending", "failed"])) == ["alr-2", "alr-3"]
        assert tx.outbox.list(lifecycle="sent") == ()


def test_an_item_that_is_not_there_cannot_be_marked(store: Store) -> None:
    with store.transaction() as tx:
        for mark in (
            lambda: tx.outbox.mark_sent("alr-none", now=AT, owner="me", via="smtp"),
            lambda: tx.outbox.mark_dead("alr-none", now=AT, owner="me", error="x"),
            lambda: tx.outbox.mark_deferred("alr-none", now=AT, owner="me", error="x", not_before=AT),
            lambda: tx.outbox.requeue("alr-none", now=AT, owner="me"),
        ):
            with pytest.raises(NotFound):
                mark()


def test_a_digest_takes_in_what_is_due_untried_and_free(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(5):
            tx.outbox.add(
                an_item(f"alr-{number}", created_at=AT + number * MINUTE, fold=number < 3, not_before=AT + HOUR if number == 4 else None)
            )
        tx.outbox.claim(AT, LEASE, "busy", 1)
        assert ids(tx.outbox.foldable(AT + MINUTE)) == ["alr-1", "alr-2", "alr-3"]
        assert tx.outbox.fold(["alr-1", "alr-2"], an_item("alr-digest", event="digest"))
        assert not tx.outbox.fold(["alr-3"], an_item("alr-digest", event="digest")), "queued before"
        assert ids(tx.outbox.list(folded_into="alr-digest")) == ["alr-1", "alr-2"]
        assert tx.outbox.counts() == {"pending": 4, "folded": 2}
        assert tx.outbox.handed_over("desk@example.org", since=AT, events=["landing"]) == 2, "neither folded nor waiting to be"
        assert ids(tx.outbox.claim(AT + 2 * HOUR, LEASE, "next", 9)) == ["alr-0", "alr-digest", "alr-3", "alr-4"]


def test_only_what_nobody_can_have_seen_is_taken_back(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(3):
            tx.outbox.add(an_item(f"alr-{number}", created_at=AT + number * MINUTE))
        tx.outbox.claim(AT, LEASE, "busy", 1)
        tx.outbox.mark_deferred("alr-1", now=AT, owner="busy", error="timeout", not_before=AT)
        assert tx.outbox.oldest_waiting(AT + HOUR) == AT + MINUTE
        assert tx.outbox.drop(["alr-0", "alr-1", "alr-2"], now=AT, owner="me", why="withdrawn") == ("alr-2",)
        assert tx.outbox.get("alr-2").lifecycle == "dropped"
        assert [a.outcome for a in tx.outbox.attempts("alr-2")] == ["dropped"]
        assert tx.outbox.last_sent() is None
        tx.outbox.mark_sent("alr-0", now=AT + HOUR, owner="busy", via="smtp")
        assert tx.outbox.last_sent() == AT + HOUR


def test_mutes_end_and_the_last_word_counts(store: Store) -> None:
    with store.transaction() as tx:
        tx.mutes.add(Mute(kind="aircraft", value="RA-1", at=AT, until=AT + HOUR))
        tx.mutes.add(Mute(kind="place", value="Ankara", at=AT, note="a summit"))
        assert [m.value for m in tx.mutes.current(AT)] == ["RA-1", "Ankara"]
        assert [m.value for m in tx.mutes.current(AT + HOUR)] == ["Ankara"]
        tx.mutes.add(Mute(kind="place", value="Ankara", at=AT + MINUTE, until=AT + 2 * MINUTE))
        assert [(m.value, m.until) for m in tx.mutes.current(AT + MINUTE)][-1] == ("Ankara", AT + 2 * MINUTE)
        assert tx.mutes.lift("place", "Ankara", at=AT + MINUTE) == 1
        assert [m.value for m in tx.mutes.current(AT + MINUTE)] == ["RA-1"]

"""Several processes at one store: the pass lock, writers one after the other, readers in one moment, and a kill in the middle."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from store_builders import AT, BY, HOUR, a_capture, a_landing

from pipeline.model.errors import Busy, StoreError, StoreLocked
from pipeline.store.store import Store

Opener = Callable[..., Store]


def test_only_one_holds_the_pass(open_store: Opener) -> None:
    first, second = open_store(), open_store()
    with first.pass_lock("tarmac daemon", AT):
        with (
            pytest.raises(Busy, match=rf"tarmac daemon \(pid {os.getpid()} on .*, since 2022-11-14T08:26:00Z\)") as caught,
            ExitStack() as stack,
        ):
            stack.enter_context(second.pass_lock("tarmac poll", AT))
        assert caught.value.exit_code == 6
        assert caught.value.retryable
        # The lock is beside the store: others still read and write it.
        with second.transaction() as tx:
            tx.landings.write(a_landing(), change="new", at=AT, **BY)
        holder = second.pass_holder()
        assert holder is not None
        assert (holder.owner, holder.pid, holder.since) == ("tarmac daemon", os.getpid(), AT)
    assert first.pass_holder() is None
    with second.pass_lock("tarmac poll", AT), pytest.raises(Busy, match="tarmac poll"), first.pass_lock("tarmac daemon", AT):
        pass


def test_the_pass_ends_with_an_exception_too(open_store: Opener) -> None:
    store = open_store()
    with pytest.raises(ZeroDivisionError), store.pass_lock("tarmac poll", AT):
        raise ZeroDivisionError
    with store.pass_lock("tarmac poll", AT):
        assert store.pass_holder() is not None


def test_a_reader_cannot_hold_the_pass(open_store: Opener) -> None:
    open_store()
    reader = open_store(readonly=True, migrate=False)
    with pytest.raises(StoreError, match="reading only"), reader.pass_lock("desk", AT):
        pass
    with pytest.raises(StoreError, match="reading only"), reader.transaction():
        pass


def test_a_writer_waits_and_then_says_that_the_store_is_locked(open_store: Opener) -> None:
    first, second = open_store(), open_store(busy_timeout_s=0.2)
    with first.transaction() as tx:
        tx.landings.write(a_landing(), change="new", at=AT, **BY)
        with pytest.raises(StoreLocked, match="locked") as caught, ExitStack() as stack:
            stack.enter_context(second.transaction())
        with second.read() as view:
            assert view.landings.current().empty
    assert caught.value.retryable
    assert caught.value.exit_code == 4
    assert "another process is writing" in caught.value.hint
    with second.transaction() as tx:
        assert len(tx.landings.current()) == 1


def test_a_reader_sees_one_moment(open_store: Opener) -> None:
    writer, reader = open_store(), open_store()
    with reader.read() as view:
        assert view.landings.current().empty
        with writer.transaction() as tx:
            tx.landings.write(a_landing(), change="new", at=AT, **BY)
        assert view.landings.current().empty
        assert view.revisions.of("lnd-aaaaaaaaaa") == []
    with reader.read() as view:
        assert len(view.landings.current()) == 1


def test_writers_at_once_number_their_revisions_in_one_line(open_store: Opener) -> None:
    open_store()
    failed: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with open_store() as store:
                for number in range(8):
                    with store.transaction() as tx:
                        tx.landings.write(a_landing(reason=f"{name} {number}"), change="changed", at=AT, **BY)
                        body = f"{name} {number}\n".encode()
                        tx.captures.add(a_capture(body), body)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    store = open_store()
    with store.read() as view:
        assert [revision.number for revision in view.revisions.of("lnd-aaaaaaaaaa")] == list(range(1, 25))
        kept = [view.captures.body(capture.capture_id) for capture in view.captures.list()]
    assert gzip.decompress((store.data_dir / "captures" / "2022-11-14.1.gz").read_bytes()) == b"".join(kept)
    assert len(kept) == 24


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from store_builders import AT, BY, a_capture, a_landing, an_item
from pipeline.store.store import Store
store = Store.open(sys.argv[1], data_dir=Path(sys.argv[2]))
with store.pass_lock("tarmac poll", AT), store.transaction() as tx:
    tx.captures.add(a_capture(b"never committed"), b"never committed")
    tx.landings.write(a_landing("lnd-killed"), change="new", at=AT, **BY)
    tx.outbox.add(an_item("alr-killed"))
    tx._work.appender.sync()
    print("ready", flush=True)
    time.sleep(60)
"""


@contextmanager
def child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_process_killed_in_the_middle_leaves_nothing_and_its_lock_goes_with_it(open_store: Opener, store_url: str) -> None:
    store = open_store()
    with store.transaction() as tx:
        tx.captures.add(a_capture(b"before"), b"before")
    with child(store_url, str(store.data_dir), str(Path(__file__).parent)) as process:
        with pytest.raises(Busy, match=f"pid {process.pid}"), store.pass_lock("tarmac daemon", AT):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        with store.pass_lock("tarmac daemon", AT + HOUR), store.transaction() as tx:
            tx.captures.add(a_capture(b"after"), b"after")
    with store.read() as view:
        assert view.landings.current().empty
        assert view.outbox.list() == ()
        assert [view.captures.body(capture.capture_id) for capture in view.captures.list()] == [b"before", b"after"]
    # The archive with bytes that no row names is left as it is; the next one is begun.
    archives = {path.name: gzip.decompress(path.read_bytes()) for path in (store.data_dir / "captures").iterdir()}
    assert archives == {"2022-11-14.1.gz": b"beforenever committed", "2022-11-14.2.gz": b"after"}

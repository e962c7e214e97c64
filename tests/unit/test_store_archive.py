"""The archives of raw bodies, without a database."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.model.errors import StoreError
from pipeline.store import archive as archive_module
from pipeline.store.archive import Appender, Archive, Member

DAY = datetime(2022, 11, 14, 23, 59, tzinfo=UTC)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def write(folder: Path, known: dict[str, int], *bodies: bytes, day: datetime = DAY) -> list[Member]:
    """A transaction that is committed."""
    appender = Appender(folder)
    members = [appender.append(body, day=day, end_of=lambda name: known.get(name, 0)) for body in bodies]
    appender.sync()
    known |= {member.archive: member.offset + member.length for member in members}
    return members


def test_bodies_come_back_and_the_file_is_one_gzip(tmp_path: Path) -> None:
    known: dict[str, int] = {}
    bodies = [b"one", b"", bytes(100_000)]
    members = write(tmp_path, known, *bodies[:2]) + write(tmp_path, known, bodies[2])
    assert [member.archive for member in members] == ["2022-11-14.1.gz"] * 3
    assert [Archive(tmp_path).read(member, sha256(body)) for member, body in zip(members, bodies, strict=True)] == bodies
    assert gzip.decompress((tmp_path / "2022-11-14.1.gz").read_bytes()) == b"".join(bodies)
    assert Archive(tmp_path).size() == (1, (tmp_path / "2022-11-14.1.gz").stat().st_size)


def test_the_day_is_utc(tmp_path: Path) -> None:
    from zoneinfo import ZoneInfo

    member = write(tmp_path, {}, b"x", day=(DAY + timedelta(minutes=1)).astimezone(ZoneInfo("America/New_York")))[0]
    assert member.archive == "2022-11-15.1.gz"


def test_bytes_that_nobody_names_are_not_written_near(tmp_path: Path) -> None:
    known: dict[str, int] = {}
    first = write(tmp_path, known, b"one")[0]
    with (tmp_path / first.archive).open("ab") as file:
        file.write(b"\x1f\x8b torn by a crash")
    later = write(tmp_path, known, b"two") + write(tmp_path, known, b"three")
    assert [member.archive for member in later] == ["2022-11-14.2.gz"] * 2
    assert Archive(tmp_path).read(first, sha256(b"one")) == b"one"


def test_an_archive_of_another_machine_is_not_written_into(tmp_path: Path) -> None:
    """The store knows more of this archive than is here: another machine with its own data directory wrote it."""
    assert [member.archive for member in write(tmp_path, {"2022-11-14.1.gz": 500}, b"x")] == ["2022-11-14.2.gz"]


def test_undo_takes_back_this_transaction_only(tmp_path: Path) -> None:
    known: dict[str, int] = {}
    first = write(tmp_path, known, b"one")[0]
    appender = Appender(tmp_path)
    for day in (DAY, DAY + timedelta(days=1)):
        appender.append(b"two", day=day, end_of=lambda name: known.get(name, 0))
    appender.undo()
    assert [path.name for path in tmp_path.iterdir()] == [first.archive]
    assert (tmp_path / first.archive).stat().st_size == first.length


def test_a_full_archive_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "_FULL_BYTES", 100)
    known: dict[str, int] = {}
    archives = [member.archive for number in range(3) for member in write(tmp_path, known, *[f"{number} {n}".encode() for n in range(6)])]
    assert archives == sorted(archives)
    assert len(set(archives)) > 3
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 200


@pytest.mark.parametrize("change", [{"size": 2}, {"size": 4}, {"offset": 1}, {"length": 10}, {"archive": "2022-11-14.9.gz"}])
def test_a_wrong_member_is_noticed(tmp_path: Path, change: dict[str, object]) -> None:
    member = write(tmp_path, {}, b"one")[0]
    values = {name: getattr(member, name) for name in ("archive", "offset", "length", "size")}
    with pytest.raises(StoreError, match="2022-11-14"):
        Archive(tmp_path).read(Member(**{**values, **change}), sha256(b"one"))


def test_a_bomb_in_place_of_a_body_is_not_unpacked(tmp_path: Path) -> None:
    member = write(tmp_path, {}, b"one")[0]
    bomb = gzip.compress(bytes(20_000_000), compresslevel=9)
    (tmp_path / member.archive).write_bytes(bomb)
    with pytest.raises(StoreError, match="does not hold"):
        Archive(tmp_path).read(Member(archive=member.archive, offset=0, length=len(bomb), size=3), sha256(b"one"))

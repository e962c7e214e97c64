"""Raw bodies in dated, compressed archives: ``captures/2022-11-14.1.gz``, one gzip member a body.

A member is written at the end of an archive and named by (archive, offset, length) in the store; ``zcat`` reads a whole
archive. What a dead process wrote and never committed is left where it is: the next writer sees that the archive is
longer than the store says and begins the next number, so nothing that is named is ever written near.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.model.errors import StoreError
from pipeline.model.time import require_utc

#: An archive that has grown beyond this is left alone and the next number begins.
_FULL_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Where a body is: ``length`` compressed bytes at ``offset`` of ``archive``, ``size`` bytes unpacked."""

    archive: str
    offset: int
    length: int
    size: int


@dataclass(frozen=True, slots=True)
class Archive:
    """The archives under ``folder``, for reading."""

    folder: Path

    def read(self, member: Member, sha256: str) -> bytes:
        """The body, verified.

        Raises:
            StoreError: the archive is not here, or does not hold what the store says.
        """
        try:
            with (self.folder / member.archive).open("rb") as file:
                file.seek(member.offset)
                packed = file.read(member.length)
        except FileNotFoundError:
            raise StoreError(
                f"captures/{member.archive} is not in this data directory",
                hint="restore it from a backup, or from the machine that wrote it",
            ) from None
        try:
            # One byte more than promised: a member that unpacks to more is as wrong as one that unpacks to less.
            body = zlib.decompressobj(wbits=31).decompress(packed, member.size + 1)
        except zlib.error:
            body = b""
        if len(body) != member.size or hashlib.sha256(body).hexdigest() != sha256:
            raise StoreError(
                f"captures/{member.archive} at byte {member.offset} does not hold the body {sha256[:12]}…",
                hint="the archive was changed or damaged; restore it from a backup",
            )
        return body

    def size(self) -> tuple[int, int]:
        """How many archives there are, and their bytes."""
        sizes = [path.stat().st_size for path in self.folder.glob("*.gz")] if self.folder.is_dir() else []
        return len(sizes), sum(sizes)


@dataclass(slots=True)
class _Open:
    path: Path
    began_at: int
    end: int
    existed: bool


@dataclass(slots=True)
class Appender:
    """What one write transaction appends to the archives; only one such transaction runs at a time."""

    folder: Path
    _touched: dict[str, _Open] = field(default_factory=dict)
    _current: dict[str, str] = field(default_factory=dict)

    def append(self, body: bytes, *, day: datetime, end_of: Callable[[str], int]) -> Member:
        """Write one body at the end of an archive of that UTC day.

        ``end_of`` says how far the store knows an archive (0: not at all).

        Raises:
            OSError: the disk is full or cannot be written.
        """
        archive = self._pick(f"{require_utc(day):%Y-%m-%d}", end_of)
        state = self._touched[archive]
        packed = gzip.compress(body, compresslevel=6, mtime=0)
        with state.path.open("r+b" if state.path.exists() else "xb") as file:
            file.seek(state.end)
            file.write(packed)
        member = Member(archive=archive, offset=state.end, length=len(packed), size=len(body))
        state.end += len(packed)
        return member

    def _pick(self, day: str, end_of: Callable[[str], int]) -> str:
        chosen = self._current.get(day)
        if chosen is not None and self._touched[chosen].end < _FULL_BYTES:
            return chosen
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = max((_number(path.name, day) for path in self.folder.glob(f"{day}.*.gz")), default=1)
        while True:
            name = f"{day}.{number}.gz"
            path = self.folder / name
            existed = path.exists()
            size = path.stat().st_size if existed else 0
            if name not in self._touched and size == end_of(name) and size < _FULL_BYTES:
                self._touched[name] = _Open(path=path, began_at=size, end=size, existed=existed)
                self._current[day] = name
                return name
            number += 1

    def sync(self) -> None:
        """Make everything that was appended durable; called before the rows that name it are committed.

        Raises:
            OSError: the disk failed.
        """
        for state in self._touched.values():
            with state.path.open("r+b") as file:
                os.fsync(file.fileno())
        if any(not state.existed for state in self._touched.values()):
            _sync_folder(self.folder)

    def undo(self) -> None:
        """Take back what was appended in a transaction that will not be committed, while it still holds off other writers.

        Raises:
            OSError: the disk failed; what is left over is harmless.
        """
        for state in self._touched.values():
            if not state.existed:
                state.path.unlink(missing_ok=True)
            elif state.path.exists():
                os.truncate(state.path, state.began_at)


def _number(name: str, day: str) -> int:
    middle = name.removeprefix(f"{day}.").removesuffix(".gz")
    return int(middle) if middle.isdigit() else 1


def _sync_folder(folder: Path) -> None:
    # Windows cannot open a folder; there the name of a new file is durable with the file.
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""A recording read by time: which line belongs to which moment, and the line's own bytes. Memory holds the index, not the file."""

from __future__ import annotations

import csv
import gzip
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from pipeline.model.errors import BadAnswer, BadTime, InputError, NotFound
from pipeline.model.time import parse_utc, require_utc
from pipeline.sources.readsb_json import check_answer

TapeKind = Literal["readsb", "table"]

#: One recorded answer; the limit that a live one has.
MAX_LINE_BYTES = 64 * 1024 * 1024
_GZIP = b"\x1f\x8b"


class Tape:
    """Lines of a recording in time order.

    A line whose time cannot be read keeps its place: it gets the time of the line before it (or after it, at the
    start), so that it is played, parsed and refused with its reason instead of being dropped here.

    ``kind`` is ``readsb`` (a JSON answer a line) or ``table`` (CSV with a header); ``''`` looks at the first byte.
    """

    def __init__(self, path: Path, kind: TapeKind | Literal[""] = "", *, assume_utc: bool = False) -> None:
        """Raises:
        NotFound: no such file.
        InputError: it cannot be read, is cut short, or holds no line with a time.
        """
        self.path = path
        self._file = _open(path)
        weakref.finalize(self, self._file.close)
        self.header = b""
        try:
            self.kind, places = self._index(kind, assume_utc=assume_utc)
        except (OSError, EOFError) as error:
            raise InputError(f"cannot be read: {error}", where=path.name, hint="is it cut short?") from None
        order = sorted(range(len(places)), key=lambda index: places[index][0])
        self.times = [places[index][0] for index in order]
        self._places = [places[index][1:] for index in order]

    def _index(self, kind: TapeKind | Literal[""], *, assume_utc: bool) -> tuple[TapeKind, list[tuple[datetime, int, int, int]]]:
        lines = _lines(self._file, self.path.name)
        first = next(lines, None)
        if first is None:
            raise InputError("is empty", where=self.path.name)
        found: TapeKind = kind or ("readsb" if first[1].lstrip()[:1] in (b"{", b"[", b"<") else "table")
        raw: list[tuple[datetime | None, int, int, int]] = []
        if found == "table":
            self.header = first[1]
            read_time: Callable[[bytes], datetime | None] = _TableTime(assume_utc=assume_utc)
        else:
            read_time = _answer_time
            raw.append((read_time(first[1]), first[0], len(first[1]), 1))
        for number, (offset, line) in enumerate(lines, start=2):
            if line.strip():
                raw.append((read_time(line), offset, len(line), number))
        return found, _fill(raw, self.path.name)

    def between(self, since: datetime | None, now: datetime) -> range:
        """Positions on the tape with a time in ``(since, now]``; ``since`` None is the beginning."""
        start = 0 if since is None else bisect_right(self.times, require_utc(since))
        return range(start, bisect_right(self.times, require_utc(now)))

    def line_number(self, index: int) -> int:
        """Where the line stands in the file; the first is 1."""
        return self._places[index][2]

    def read(self, index: int) -> bytes:
        """The line's bytes, without its line end."""
        offset, length, _ = self._places[index]
        self._file.seek(offset)
        return self._file.read(length).rstrip(b"\r\n")

    def close(self) -> None:
        self._file.close()


def _open(path: Path) -> IO[bytes] | gzip.GzipFile:
    try:
        file = path.open("rb")
        packed = file.read(2) == _GZIP
        file.seek(0)
    except FileNotFoundError:
        raise NotFound(f"there is no recording {path.name}", hint="check the path in the settings or the case") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path.name, hint="check the path and its permissions") from None
    if not packed:
        return file
    file.close()
    return gzip.open(path, "rb")


def _lines(file: IO[bytes] | gzip.GzipFile, name: str) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise InputError(f"has a line of more than {MAX_LINE_BYTES} bytes", where=name)
        yield offset, line
        offset += len(line)


def _fill(raw: Sequence[tuple[datetime | None, int, int, int]], name: str) -> list[tuple[datetime, int, int, int]]:
    known = next((time for time, *_ in raw if time is not None), None)
    if known is None:
        raise InputError(
            "holds no line with a time",
            where=name,
            hint="a JSON answer a line, or a CSV table with a time column whose times have an offset (or assume_utc)",
        )
    filled = []
    for time, *place in raw:
        known = time or known
        filled.append((known, place[0], place[1], place[2]))
    return filled


def _answer_time(line: bytes) -> datetime | None:
    try:
        return check_answer(line)[0]
    except BadAnswer:
        return None


class _TableTime:
    """The time of a table's line: the first cell that is one, in the column where the first was found."""

    def __init__(self, *, assume_utc: bool) -> None:
        self._assume_utc = assume_utc
        self._column: int | None = None

    def __call__(self, line: bytes) -> datetime | None:
        try:
            cells = next(csv.reader([line.decode("utf-8").rstrip("\r\n")]), [])
        except (UnicodeDecodeError, csv.Error):
            return None
        columns = range(len(cells)) if self._column is None else (self._column,)
        for column in columns:
            try:
                time = parse_utc(cells[column], assume_utc=self._assume_utc)
            except (BadTime, IndexError):
                continue
            self._column = column
            return time.astimezone(UTC)
        return None

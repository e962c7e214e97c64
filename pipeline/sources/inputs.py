"""What lies under the given paths: files, folders of them, and tar archives (split ones too), streamed and never unpacked to disk.

Names inside archives are labels only. A split archive is named by its first part, ``….tar.aa``; the parts after it are
read on from there.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pipeline.model.entities import Problem

_TRACE: Final = re.compile(r"trace_(?:full|recent)_(~?[0-9a-f]{6})\.json")
_SPLIT: Final = re.compile(r"\.tar\.[a-z]{2}$")
#: No aircraft's day is larger; an archive's header may claim anything.
_MOST_BYTES: Final = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file, or one member of an archive. ``trace_of`` is the aircraft that its name promises a trace of, or ``""``."""

    name: str
    trace_of: str
    read: Callable[[], bytes]


def trace_of(name: str) -> str:
    """The icao24 in a trace file's name, ``""`` for other names."""
    found = _TRACE.search(name.rsplit("/", 1)[-1])
    return found[1] if found else ""


def archives_and_files(paths: Iterable[Path]) -> tuple[list[tuple[Path, ...]], list[Item]]:
    """Archives, each as its parts in order, and plain files; folders are walked, everything in order of name."""
    files: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")) if path.is_dir() else [path]
        files += inside
    archives: dict[str, list[Path]] = {}
    plain: list[Item] = []
    for file in dict.fromkeys(files):
        if _SPLIT.search(file.name):
            archives.setdefault(str(file)[: -len(".aa")], []).append(file)
        elif file.suffix == ".tar":
            archives.setdefault(str(file), []).append(file)
        else:
            plain.append(Item(name=file.name, trace_of=trace_of(file.name), read=file.read_bytes))
    for parts in archives.values():
        if parts[0].name.endswith(".tar.aa"):
            siblings = sorted(p for p in parts[0].parent.glob(parts[0].name[:-2] + "??") if _SPLIT.search(p.name))
            parts[:] = siblings
    return [tuple(sorted(parts)) for _, parts in sorted(archives.items())], plain


def members(parts: Sequence[Path], *, wanted: Callable[[str], bool]) -> Iterator[Item | Problem]:
    """The regular files of an archive, in its order; each must be read before the next is asked for.

    Args:
        wanted: by the member's name; the others are passed over unread.
    """
    name = parts[0].name
    try:
        with _Chain(parts) as stream, tarfile.open(fileobj=stream, mode="r|", bufsize=1 << 20) as archive:
            for member in archive:
                if not member.isfile() or not wanted(member.name):
                    continue
                if member.size > _MOST_BYTES:
                    yield Problem(where=f"{name}: {member.name[-80:]}", reason=f"{member.size} bytes: larger than any recording")
                    continue
                body = archive.extractfile(member)
                if body is not None:
                    yield Item(name=f"{name}: {member.name[-80:]}", trace_of=trace_of(member.name), read=body.read)
    except (tarfile.TarError, OSError, EOFError) as error:
        yield Problem(where=name, reason=f"the archive cannot be read further: {error}; are all its parts here?")


class _Chain(io.RawIOBase):
    """Files read one after another as if they were one."""

    def __init__(self, parts: Sequence[Path]) -> None:
        super().__init__()
        self._rest = list(parts)
        self._file: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while True:
            if self._file is None:
                if not self._rest:
                    return b""
                self._file = self._rest.pop(0).open("rb")
            found = self._file.read(size)
            if found:
                return found
            self._file.close()
            self._file = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

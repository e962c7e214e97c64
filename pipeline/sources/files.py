"""Files of positions of any kind we read: traces, API answers (one, or a line each), tables. Sniffed, not trusted by name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.model.entities import Problem
from pipeline.model.errors import BadAnswer, InputError, SourceError
from pipeline.model.frames import POSITIONS
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.sources.readsb_json import parse_answer
from pipeline.sources.tables import parse_parquet, parse_table
from pipeline.sources.trace_json import parse_trace
from pipeline.sources.unpack import unpack


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadFile:
    """What one file gave. ``kind``: trace, answers, or table with its dialect; ``''`` when it could not be read."""

    name: str
    kind: str
    positions: pd.DataFrame
    problems: tuple[Problem, ...]


def read_paths(
    paths: Iterable[Path], *, origin: Origin = Origin.RECORDED, dialect: str | None = None, assume_utc: bool = False
) -> Iterator[ReadFile]:
    """Every file, folders walked in order of name. A file that cannot be read is given with its reason, and the rest goes on."""
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")) if path.is_dir() else [path]
        for file in files:
            yield _read(file, origin, dialect, assume_utc=assume_utc)


def _read(path: Path, origin: Origin, dialect: str | None, *, assume_utc: bool) -> ReadFile:
    try:
        body = unpack(path.read_bytes())
        return _parse(path.name, body, origin, dialect, assume_utc=assume_utc)
    except OSError as error:
        problem = Problem(where=path.name, reason=f"cannot be read: {error.strerror}")
    except (SourceError, InputError) as error:
        problem = Problem(where=path.name, reason=str(error) + (f" ({error.hint})" if error.hint else ""))
    return ReadFile(name=path.name, kind="", positions=POSITIONS.cast(), problems=(problem,))


def _parse(name: str, body: bytes, origin: Origin, dialect: str | None, *, assume_utc: bool) -> ReadFile:
    capture_id = mint(IdKind.CAPTURE, hashlib.sha256(body).hexdigest())
    head = body[:4096].lstrip()
    if head.startswith(b"PAR1"):
        table = parse_parquet(
            body, name=name, provider="file", capture_id=capture_id, origin=origin, dialect=dialect, assume_utc=assume_utc
        )
        return ReadFile(name=name, kind=f"table ({table.dialect})", positions=table.positions, problems=table.problems)
    if head.startswith(b"<"):
        raise BadAnswer("is HTML, not data", hint="the server answered with a page; fetch the file again")
    if not head.startswith(b"{"):
        table = parse_table(body, name=name, provider="file", capture_id=capture_id, origin=origin, dialect=dialect, assume_utc=assume_utc)
        return ReadFile(name=name, kind=f"table ({table.dialect})", positions=table.positions, problems=table.problems)
    if b'"trace"' in body:
        parsed = parse_trace(body, provider="file", capture_id=capture_id, origin=origin)
        return ReadFile(name=name, kind="trace", positions=parsed.positions, problems=parsed.problems)
    return _answers(name, body, capture_id, origin)


def _answers(name: str, body: bytes, capture_id: str, origin: Origin) -> ReadFile:
    frames: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            parsed = parse_answer(line, provider="file", capture_id=capture_id, origin=origin)
        except BadAnswer as error:
            problems.append(Problem(where=f"{name} line {number}", reason=str(error)))
            continue
        problems += parsed.problems
        if len(parsed.positions):
            frames.append(parsed.positions)
    positions = POSITIONS.cast(pd.concat(frames)) if frames else POSITIONS.cast()
    return ReadFile(name=name, kind="answers", positions=positions, problems=tuple(problems))

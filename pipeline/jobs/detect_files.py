"""Landings in files of any kind and any number: folders, archives, tables, answers; one aircraft's files are joined.

Traces are the bulk: of each only six columns are taken, then the details of the rows that matter; what matters of a few
hundred aircraft is judged at once. Archives are streamed one after another, in order of name (so of date); an aircraft's
last flight of one is carried into the next.
"""

from __future__ import annotations

import gc
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.detect.detector import Detection, Detector, rejected_rows
from pipeline.detect.screen import KEPT
from pipeline.model.columns import Columns, address, join
from pipeline.model.entities import Problem
from pipeline.model.errors import InputError, SourceError
from pipeline.model.frames import LANDINGS, REJECTED, TAKE_OFFS
from pipeline.model.labels import JoinedLabels, Labels
from pipeline.model.origin import Origin
from pipeline.sources.files import ReadItem, read_item, rows_of
from pipeline.sources.inputs import Item, archives_and_files, members, trace_of
from pipeline.sources.trace_json import Trace

#: Rows judged at once: enough that the cost a batch does not show, few enough that a batch is some 50 MB.
_BATCH_ROWS = 250_000
#: Points and traces looked at together: enough that the cost a file does not show, few enough to stay in the processor's cache.
_LOOK_POINTS = 30_000
_LOOK_TRACES = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilesFound:
    """Landings (open approaches too), take-offs and rejected rows of many files; ``kinds`` are what was read, with dialects."""

    landings: pd.DataFrame
    take_offs: pd.DataFrame
    rejected: pd.DataFrame
    problems: tuple[Problem, ...]
    kinds: tuple[str, ...]
    files: int
    positions: int


@dataclass(slots=True, kw_only=True)
class _Part:
    """The rows that matter of one file, and who says what beside them."""

    rows: Columns
    labels: Labels


@dataclass(slots=True)
class _Tally:
    problems: list[Problem] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    files: int = 0
    positions: int = 0
    rejected: list[pd.DataFrame] = field(default_factory=list)


def detect_files(
    paths: Iterable[Path],
    detector: Detector,
    *,
    only: frozenset[str] | None = None,
    share: tuple[int, int] = (0, 1),
    dialect: str | None = None,
    assume_utc: bool = False,
    keep_rejected: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> FilesFound:
    """Every landing in the files.

    Args:
        only: these icao24 only; in archives and folders of traces the others are passed over unread.
        share: ``(k, n)``: the ``k``-th of ``n`` shares of the aircraft; what is no trace is in the first share.
        keep_rejected: gather what screening set aside; else ``rejected`` is empty.
        progress: told the files and positions read, now and then, and at the end.
    """
    archives, files = archives_and_files(paths)
    work = _Work(
        detector,
        only=only,
        share=share,
        dialect=dialect,
        assume_utc=assume_utc,
        keep_rejected=keep_rejected,
        carry=len(archives) + bool(files) > 1,
        progress=progress,
    )
    with _no_garbage_collection():
        for parts in archives:
            work.batches(members(parts, wanted=work.wanted))
            work.end_of_day()
        # By aircraft, so that one's files are in one batch; what is no trace comes last and is judged together.
        files.sort(key=lambda item: (not item.trace_of, item.trace_of, item.name))
        work.batches(item for item in files if work.wanted(item.name))
        found = work.found()
    if progress is not None:
        progress(found.files, found.positions)
    return found


class _Work:
    def __init__(
        self,
        detector: Detector,
        *,
        only: frozenset[str] | None,
        share: tuple[int, int],
        dialect: str | None,
        assume_utc: bool,
        keep_rejected: bool,
        carry: bool,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.detector, self.only, self.dialect, self.assume_utc = detector, only, dialect, assume_utc
        self.keep_rejected, self.progress = keep_rejected, progress
        self.carry, self.share = carry, share
        self.tally = _Tally()
        self.landings: list[pd.DataFrame] = []
        self.take_offs: list[pd.DataFrame] = []
        #: By aircraft: its rows since its last flight began, and what was found in them, to be said again with the next day's.
        self.carried: dict[str, _Part] = {}
        self.withheld: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {}
        self.today: dict[str, _Part] = {}

    def wanted(self, name: str) -> bool:
        aircraft = trace_of(name)
        if aircraft and self.only is not None and aircraft not in self.only:
            return False
        which, shares = self.share
        return (zlib.crc32(aircraft.encode()) if aircraft else 0) % shares == which

    def batches(self, items: Iterable[Item | Problem]) -> None:
        """Read all, judging a batch whenever one is full and the next file is of another aircraft."""
        parts: list[_Part] = []
        traces: list[Trace] = []
        rows, points, last = 0, 0, ""
        for item in items:
            if isinstance(item, Problem):
                self.tally.problems.append(item)
                continue
            if traces and item.trace_of != last and (points > _LOOK_POINTS or len(traces) >= _LOOK_TRACES):
                parts += self._part(rows_of(traces))
                rows, points, traces = rows + len(parts[-1].rows), 0, []
                if rows > _BATCH_ROWS:
                    self._judge(parts)
                    parts, rows = [], 0
            last = item.trace_of
            read = self._read(item)
            if isinstance(read, Trace):
                traces.append(read)
                points += read.points.table.shape[1]
            elif read is not None:
                parts += self._part(read)
        if traces:
            parts += self._part(rows_of(traces))
        if parts:
            self._judge(parts)

    def end_of_day(self) -> None:
        """What was carried out of this archive meets the next."""
        self.carried.update(self.today)
        self.today = {}

    def found(self) -> FilesFound:
        for landings, take_offs in self.withheld.values():
            self.landings.append(landings)
            self.take_offs.append(take_offs)
        landings = LANDINGS.make(pd.concat(self.landings) if self.landings else None)
        take_offs = TAKE_OFFS.make(pd.concat(self.take_offs) if self.take_offs else None)
        tally = self.tally
        return FilesFound(
            landings=landings.sort_values(["touchdown", "icao24"], kind="stable", ignore_index=True),
            take_offs=take_offs.sort_values(["take_off", "icao24"], kind="stable", ignore_index=True),
            rejected=REJECTED.make(pd.concat(tally.rejected) if tally.rejected else None),
            problems=tuple(tally.problems),
            kinds=tuple(sorted(tally.kinds)),
            files=tally.files,
            positions=tally.positions,
        )

    def _read(self, item: Item) -> ReadItem | Trace | None:
        try:
            read = read_item(item.name, item.read(), origin=Origin.RECORDED, dialect=self.dialect, assume_utc=self.assume_utc)
        except OSError as error:
            self.tally.problems.append(Problem(where=item.name, reason=f"cannot be read: {error.strerror or error}"))
            return None
        except (SourceError, InputError) as error:
            hint = f" ({error.hint})" if error.hint else ""
            self.tally.problems.append(Problem(where=item.name, reason=str(error) + hint))
            return None
        where = f"{item.name}: " if isinstance(read, Trace) else ""
        self.tally.problems += [Problem(where=where + p.where, reason=p.reason) for p in read.problems]
        self.tally.kinds.add("trace" if isinstance(read, Trace) else read.kind)
        self.tally.files += 1
        self.tally.positions += read.points.table.shape[1] if isinstance(read, Trace) else len(read.seen)
        if self.progress is not None and self.tally.files % 50 == 0:
            self.progress(self.tally.files, self.tally.positions)
        return read

    def _part(self, read: ReadItem) -> list[_Part]:
        """The rows that matter, with their details."""
        if not len(read.seen):
            return []
        look = self.detector.look(read.seen)
        if self.keep_rejected:
            bad = np.flatnonzero(look.reason != KEPT)
            self.tally.rejected.append(rejected_rows(read.seen.take(bad), look.reason[bad], read.labels))
        return [_Part(rows=read.with_details(look.kept(read.seen)), labels=read.labels)]

    def _judge(self, parts: list[_Part]) -> None:
        ours = {name for part in parts for name in part.rows.icao24}
        parts = [self.carried.pop(name) for name in sorted(ours & self.carried.keys())] + parts
        for name in ours & self.withheld.keys():
            del self.withheld[name]
        rows, starts = join([part.rows for part in parts])
        if self.only is not None:
            wanted = np.array([address(name) in self.only for name in rows.icao24], dtype=np.bool_)
            rows = rows.take(wanted[rows.aircraft])
        labels = JoinedLabels([part.labels for part in parts], starts, [[address(n) for n in part.rows.icao24] for part in parts])
        found = self.detector.judge(rows, labels, keep_rejected=self.keep_rejected)
        if self.keep_rejected:
            self.tally.rejected.append(found.rejected)
        if self.carry:
            self._carry(rows, labels, found)
        else:
            self.landings.append(found.landings)
            self.take_offs.append(found.take_offs)

    def _carry(self, rows: Columns, labels: Labels, found: Detection) -> None:
        """Landings of finished flights are said; an aircraft's last flight waits for what the next day's file says of it."""
        since = {name: pd.Timestamp(start) for name, start in found.open_since.items()}
        late: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {}
        empty = found.landings.iloc[:0], found.take_offs.iloc[:0]
        for frame, column, said, place in (
            (found.landings, "touchdown", self.landings, 0),
            (found.take_offs, "take_off", self.take_offs, 1),
        ):
            waits = frame[column] >= frame["icao24"].map(since).astype(frame[column].dtype)
            said.append(frame[~waits])
            for name, group in frame[waits].groupby("icao24"):
                pair = list(late.get(str(name), empty))
                pair[place] = group
                late[str(name)] = (pair[0], pair[1])
        self.withheld.update(late)
        start = np.array([since[address(name)].timestamp() if address(name) in since else np.inf for name in rows.icao24])
        open_rows = rows.take(rows.t >= start[rows.aircraft])
        for aircraft in np.unique(open_rows.aircraft).tolist():
            name = rows.icao24[aircraft]
            own = open_rows.take(open_rows.aircraft == aircraft)
            own = replace(own, icao24=(name,), aircraft=np.zeros(len(own), dtype=np.int64), rotorcraft=own.rotorcraft[[aircraft]])
            self.today[name] = _Part(rows=own, labels=labels)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Parsed JSON has no cycles, and looking for some in it doubles the cost of reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

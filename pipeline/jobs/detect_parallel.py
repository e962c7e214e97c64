"""Landings in files by several processes, each for its share of the aircraft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import pandas as pd

from pipeline.detect.detector import Detector, DetectorSettings
from pipeline.jobs.detect_files import FilesFound, detect_files
from pipeline.model.errors import ConfigError
from pipeline.places.airports import load_airports

#: How often the shares are asked how far they are.
_LOOK_S: Final = 0.5
_Progress = Callable[[int, int], None]


def detect_parallel(
    paths: Iterable[Path],
    settings: DetectorSettings,
    *,
    workers: int,
    only: frozenset[str] | None = None,
    dialect: str | None = None,
    assume_utc: bool = False,
    keep_rejected: bool = False,
    progress: _Progress | None = None,
    executor: Executor | None = None,
) -> FilesFound:
    """``detect_files`` by several processes; all arguments are as there.

    Args:
        workers: into how many shares the aircraft are cut.
        executor: who does the work, on machines that have the same files and the same tarmac; None: ``workers`` processes of this
            machine. ``progress`` is then told whenever a share is done.

    Raises:
        ConfigError: where an executor's workers run there is another tarmac or none, or the files are not there.
    """
    given = {"only": only, "dialect": dialect, "assume_utc": assume_utc, "keep_rejected": keep_rejected}
    if executor is not None:
        there = [path.absolute() for path in paths]
        futures = [executor.submit(_share, there, settings, share=(k, workers), **given) for k in range(workers)]
        try:
            _wait_for(futures, None, progress)
            return joined([future.result() for future in futures])
        except (ImportError, AttributeError) as error:
            raise ConfigError(
                f"a worker cannot do its share: {error}", hint="install this version of tarmac where the workers run"
            ) from None
    context = get_context()
    # Two numbers a share, each written by one process alone: files and positions read.
    counts = context.Array("q", 2 * workers)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_count_in, initargs=(counts,)) as pool:
        futures = [pool.submit(_share, list(paths), settings, share=(k, workers), **given) for k in range(workers)]
        _wait_for(futures, counts, progress)
        return joined([future.result() for future in futures])


def joined(parts: Sequence[FilesFound]) -> FilesFound:
    """What the shares found, as one answer."""
    return FilesFound(
        landings=_in_order([part.landings for part in parts], "touchdown"),
        take_offs=_in_order([part.take_offs for part in parts], "take_off"),
        rejected=pd.concat([part.rejected for part in parts], ignore_index=True),
        # Each process reads through the archives, and would say again what ails them.
        problems=tuple(dict.fromkeys(problem for part in parts for problem in part.problems)),
        kinds=tuple(sorted({kind for part in parts for kind in part.kinds})),
        files=sum(part.files for part in parts),
        positions=sum(part.positions for part in parts),
    )


def _wait_for(futures: Sequence[Future[FilesFound]], counts: Any, progress: _Progress | None) -> None:
    """Until all are done; what one fails with is raised.

    Args:
        counts: how far each is; None: only what is done counts.
    """
    pending, told, over = set(futures), (0, 0), set[Future[FilesFound]]()
    while pending:
        done, pending = wait(pending, timeout=_LOOK_S, return_when=FIRST_EXCEPTION)
        if failed := next((error for future in done if (error := future.exception()) is not None), None):
            for future in pending:
                future.cancel()
            raise failed
        over |= done
        if counts is None:
            now = sum(future.result().files for future in over), sum(future.result().positions for future in over)
        else:
            now = sum(counts[::2]), sum(counts[1::2])
        if progress is not None and now != told:
            progress(*now)
            told = now


#: In a process of the pool: where it says how far its shares are.
_counts: Any = None


def _count_in(counts: Any) -> None:
    global _counts  # noqa: PLW0603 - what a process of a pool is given once has no other place
    _counts = counts


def _share(paths: list[Path], settings: DetectorSettings, *, share: tuple[int, int], **given: Any) -> FilesFound:
    if missing := [str(path) for path in paths if not path.exists()]:
        raise ConfigError(f"{missing[0]} is not there where the workers run", hint="every worker must see the files under the same path")
    # A detector is large to hand over and quick to make where the airfields are loaded already.
    return detect_files(paths, Detector(load_airports(), settings), share=share, progress=_counter(share[0]), **given)


def _counter(number: int) -> _Progress | None:
    counts = _counts
    if counts is None:
        return None

    def count(files: int, positions: int) -> None:
        counts[2 * number], counts[2 * number + 1] = files, positions

    return count


def _in_order(frames: list[pd.DataFrame], column: str) -> pd.DataFrame:
    joined: pd.DataFrame = pd.concat(frames)
    return joined.sort_values([column, "icao24"], kind="stable", ignore_index=True)

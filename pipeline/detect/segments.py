"""Runs of rows: the few array idioms that let one pass treat many aircraft."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.model.columns import Bools, Columns, Floats, Ints


def runs(starts: Bools) -> tuple[Ints, Ints]:
    """First and last index of each run; ``starts`` is True where a run begins (always at 0)."""
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(starts)) - 1 if len(first) else first
    return first, last


def spread(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The rows ``first … last`` (both included) of many stretches one after another, and which stretch each is of."""
    counts = np.maximum(last - first + 1, 0)
    owner = np.repeat(np.arange(len(first)), counts)
    offset = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - offset[owner] + first[owner], owner


def dilate(mask: Bools, rows: int) -> Bools:
    """True also ``rows`` before and after each True."""
    out = mask.copy()
    for shift in range(1, rows + 1):
        out[:-shift] |= mask[shift:]
        out[shift:] |= mask[:-shift]
    return out


def first_true(mask: Bools, owner: Ints, owners: int) -> Ints:
    """The position of the first True of each owner in a flat array of stretches; -1 where there is none."""
    at = np.flatnonzero(mask)
    out = np.full(owners, -1, dtype=np.int64)
    out[owner[at][::-1]] = at[::-1]
    return out


def max_of(values: Floats, first: Ints) -> Floats:
    """The greatest of each run, NaN left out (−inf when all are NaN); runs lie one after another from ``first``."""
    reduced: Floats = np.maximum.reduceat(np.where(np.isnan(values), -np.inf, values), first) if len(first) else np.empty(0)
    return reduced


def max_by(some: Columns, values: Floats) -> Floats:
    """The greatest value of each aircraft, by its number; −inf where all are NaN."""
    out = np.full(len(some.icao24), -np.inf)
    first = np.flatnonzero(some.first_rows())
    out[some.aircraft[first]] = max_of(values, first)
    return out


def min_of(values: Floats, first: Ints) -> Floats:
    """The least of each run, NaN left out (inf when all are NaN)."""
    return -max_of(-values, first)


def count_of(mask: Bools, first: Ints) -> Ints:
    """How many of each run are True."""
    counted: NDArray[np.int64] = np.add.reduceat(mask.astype(np.int64), first) if len(first) else np.empty(0, dtype=np.int64)
    return counted

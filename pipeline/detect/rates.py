"""Vertical speed of many stretches of track at once, and since when an altitude has been level."""

from __future__ import annotations

import numpy as np

from pipeline.detect.segments import first_true, spread
from pipeline.detect.timeline import Timeline
from pipeline.model.columns import Bools, Columns, Floats, Ints


def sink_fpm(some: Columns, first: Ints, last: Ints) -> Floats:
    """Vertical speed over each stretch from its altitudes (negative: down), as broadcast where they say nothing, else 0."""
    rows, owner = spread(first, last)
    known: Bools = ~np.isnan(some.alt_ft[rows])
    start, stop = first_true(known, owner, len(first)), len(rows) - 1 - first_true(known[::-1], owner[::-1], len(first))
    has = start >= 0
    rate = np.nan_to_num(some.vrate_fpm[last])
    a, b = rows[np.maximum(start, 0)], rows[np.minimum(stop, len(rows) - 1)]
    dt = some.t[b] - some.t[a]
    with np.errstate(divide="ignore", invalid="ignore"):
        measured = (some.alt_ft[b] - some.alt_ft[a]) / dt * 60
    return np.where(has & (dt > 0), measured, rate)


def level(line: Timeline, row: int, seconds: float, within_ft: float) -> tuple[int, int] | None:
    """The rows, at most ``seconds`` before ``row``, between which the altitude has been what it is at the last one that has any:
    the first and the last of them; None where it is not known."""
    start = line.first_before(row, seconds)
    alt = line.some.alt_ft[start : row + 1]
    known = np.flatnonzero(~np.isnan(alt))
    if not len(known):
        return None
    away = known[np.abs(alt[known] - alt[known[-1]]) > within_ft]
    first = known[known > away[-1]][0] if len(away) else known[0]
    return start + int(first), start + int(known[-1])

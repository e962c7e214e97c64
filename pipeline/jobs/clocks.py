"""Two networks' data on one time scale: how far their clocks are apart is measured from fixes that both gave. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from pipeline.sources.answers import MAX_CLOCK_ERROR_S
from pipeline.store.hosts import ClockOffset

#: So far ahead of this machine's time a position may be that has only just been received: the provider's clock is.
AHEAD: Final = timedelta(seconds=MAX_CLOCK_ERROR_S)
#: Fewer common fixes than this say nothing.
LEAST_SAMPLES: Final = 3
#: Slower aircraft may give the same fix twice.
LEAST_KT: Final = 60.0
#: Further apart in time two equal fixes are not one broadcast.
FURTHEST_S: Final = 60.0
#: Smaller offsets are within a receiver's own delay and are left alone.
SMALLEST_S: Final = 0.5
#: An offset counts for this long after it was measured.
VALID: Final = timedelta(days=2)
#: How much a new measurement weighs against all before.
_MOST_WEIGHT: Final = 200


def measure(frames: Sequence[pd.DataFrame], *, now: datetime, known: Mapping[str, ClockOffset]) -> tuple[ClockOffset, ...]:
    """Offsets of all providers but the first in ``frames``, where they gave the same fixes: one broadcast, decoded twice.

    Args:
        frames: ``POSITIONS`` of one pass, the first provider's first.
        known: what was measured before; a new measurement is blended with it.
    """
    if len({str(p) for frame in frames for p in frame["provider"].unique()}) < 2:
        return ()
    fixes = pd.concat([frame[["icao24", "time", "lat", "lon", "ground_speed_kt", "provider"]] for frame in frames], ignore_index=True)
    fixes = fixes[fixes["ground_speed_kt"] >= LEAST_KT]
    fixes = fixes.assign(lat=fixes["lat"].round(5), lon=fixes["lon"].round(5), s=fixes["time"].astype("int64") / 1e6)
    reference = str(fixes["provider"].iloc[0]) if len(fixes) else ""
    mine = fixes[fixes["provider"] == reference]
    found = []
    for provider, theirs in fixes[fixes["provider"] != reference].groupby("provider"):
        pairs = theirs.merge(mine, on=["icao24", "lat", "lon"], suffixes=("", "_ref"))
        apart = (pairs["s"] - pairs["s_ref"]).to_numpy(dtype=np.float64)
        apart = apart[np.abs(apart) <= FURTHEST_S]
        if len(apart) >= LEAST_SAMPLES:
            found.append(_blend(str(provider), reference, apart, now, known.get(str(provider))))
    return tuple(found)


def _blend(provider: str, reference: str, apart: np.ndarray, now: datetime, before: ClockOffset | None) -> ClockOffset:
    offset, count = float(np.median(apart)), len(apart)
    spread = float(np.median(np.abs(apart - offset)) * 1.4826)
    if before is not None and before.reference == reference and now - before.at <= VALID:
        weight = min(before.samples, _MOST_WEIGHT)
        offset = (before.offset_s * weight + offset * count) / (weight + count)
        spread = (before.spread_s * weight + spread * count) / (weight + count)
        count += weight
    return ClockOffset(provider=provider, reference=reference, offset_s=round(offset, 3), spread_s=round(spread, 3), samples=count, at=now)


def on_one_scale(positions: pd.DataFrame, offsets: Mapping[str, ClockOffset], *, now: datetime) -> pd.DataFrame:
    """``positions`` with the times of providers whose clock is known to be off set right; the store keeps what was said."""
    wrong = {
        name: one.offset_s
        for name, one in offsets.items()
        if abs(one.offset_s) >= max(SMALLEST_S, one.spread_s) and abs((now - one.at).total_seconds()) <= VALID.total_seconds()
    }
    if not wrong or positions.empty:
        return positions
    shift = positions["provider"].map(wrong).fillna(0.0).astype("float64")
    if not shift.any():
        return positions
    micros = (shift * 1e6).round().astype("int64").to_numpy().astype("timedelta64[us]")
    return positions.assign(time=positions["time"] - micros).sort_values(["icao24", "time", "provider"], kind="stable", ignore_index=True)

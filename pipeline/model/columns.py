"""Positions of many aircraft as plain arrays: what the detector works on, and what bulk readers hand it.

A ``POSITIONS`` frame says the same in a form for people and for the store, at about forty times the cost a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GROUND, AIR, UNKNOWN = 1, 0, -1

#: ICAO emitter category of rotorcraft.
ROTORCRAFT: Final = "A7"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Arrays of one length, sorted by ``aircraft`` (an index into ``icao24``) and then strictly by ``t`` (epoch seconds).

    NaN is unknown. ``ground`` is 1, 0 or -1 (unknown), as broadcast. ``alt_ft`` is pressure altitude, ``geom_ft`` above
    WGS 84. ``quiet_s`` is how long the aircraft had not been heard before this row, which thinning does not change;
    infinite at its first. ``elsewhere_s`` is how soon after this row it was heard with a position that was set aside as a lie,
    infinite when it was not. ``mlat`` marks positions that the network worked out. ``row`` is where the row stood in what was read.
    """

    icao24: tuple[str, ...]
    aircraft: Ints
    t: Floats
    lat: Floats
    lon: Floats
    alt_ft: Floats
    geom_ft: Floats
    speed_kt: Floats
    track_deg: Floats
    vrate_fpm: Floats
    qnh_hpa: Floats
    nic: Floats
    age_s: Floats
    quiet_s: Floats
    elsewhere_s: Floats
    ground: NDArray[np.int8]
    mlat: Bools
    row: Ints
    rotorcraft: Bools

    def __len__(self) -> int:
        return len(self.t)

    def take(self, keep: Bools | Ints) -> Columns:
        """Some of the rows, of the same aircraft."""
        return replace(self, **{name: getattr(self, name)[keep] for name in ROW_ARRAYS})

    def first_rows(self) -> Bools:
        """True at each aircraft's first row."""
        first = np.ones(len(self), dtype=np.bool_)
        first[1:] = self.aircraft[1:] != self.aircraft[:-1]
        return first


_SECOND: Final = "#2"
ROW_ARRAYS: Final = tuple(f.name for f in fields(Columns) if f.name not in ("icao24", "rotorcraft"))
_NUMBERS: Final = ("lat", "lon", "alt_ft", "geom_ft", "speed_kt", "track_deg", "vrate_fpm", "qnh_hpa", "nic", "age_s")


def arrange(
    icao24: Sequence[str],
    aircraft: Ints,
    t: Floats,
    numbers: Mapping[str, Floats],
    *,
    rotorcraft: Bools | None = None,
    ground: NDArray[np.int8] | None = None,
    mlat: Bools | None = None,
    quiet_s: Floats | None = None,
    elsewhere_s: Floats | None = None,
    row: Ints | None = None,
) -> Columns:
    """``Columns`` from arrays in any order; of several rows of one aircraft at one time the first is kept.

    Args:
        numbers: ``lat``, ``lon`` and any of the other number columns; what is missing is unknown.
        quiet_s: when the rows are what thinning left of more; else it is measured here.
    """
    n = len(t)
    sorted_already = n < 2 or bool(np.all((np.diff(aircraft) > 0) | ((np.diff(aircraft) == 0) & (np.diff(t) > 0))))
    order: Ints | slice = slice(None)
    if not sorted_already:
        by_time = np.lexsort((t, aircraft))
        first = np.ones(n, dtype=np.bool_)
        first[1:] = (np.diff(aircraft[by_time]) != 0) | (np.diff(t[by_time]) > 0)
        order = by_time[first]
    aircraft, t = aircraft[order], t[order]
    if quiet_s is None:
        quiet = np.full(len(t), np.inf)
        quiet[1:] = np.where(np.diff(aircraft) == 0, np.diff(t), np.inf)
    else:
        quiet = quiet_s[order]
    unknown = np.full(len(t), np.nan)
    return Columns(
        icao24=tuple(icao24),
        aircraft=aircraft,
        t=t,
        quiet_s=quiet,
        elsewhere_s=np.full(len(t), np.inf) if elsewhere_s is None else elsewhere_s[order],
        ground=np.full(len(t), UNKNOWN, dtype=np.int8) if ground is None else ground[order],
        mlat=np.zeros(len(t), dtype=np.bool_) if mlat is None else mlat[order],
        row=np.arange(n)[order] if row is None else row[order],
        rotorcraft=np.zeros(len(icao24), dtype=np.bool_) if rotorcraft is None else rotorcraft,
        **{name: np.asarray(numbers[name], dtype=np.float64)[order] if name in numbers else unknown for name in _NUMBERS},
    )


def join(parts: Sequence[Columns]) -> tuple[Columns, list[int]]:
    """Several ``Columns`` as one, and the number that was added to the ``row`` of each.

    Rows of one aircraft from several parts are put in order of time; the silence before a part's first row is measured again.
    """
    names = {name: k for k, name in enumerate(dict.fromkeys(name for part in parts for name in part.icao24))}
    rotor = np.zeros(len(names), dtype=np.bool_)
    starts, codes, total = [], [], 0
    for part in parts:
        own = np.array([names[name] for name in part.icao24], dtype=np.int64)
        rotor[own[part.rotorcraft]] = True
        codes.append(own[part.aircraft])
        starts.append(total)
        total += int(part.row.max(initial=-1)) + 1
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ROW_ARRAYS if name not in ("aircraft", "row")}
    row = np.concatenate([part.row + start for part, start in zip(parts, starts, strict=True)])
    joined = arrange(
        list(names),
        np.concatenate(codes),
        arrays["t"],
        {name: arrays[name] for name in _NUMBERS},
        rotorcraft=rotor,
        ground=arrays["ground"],
        mlat=arrays["mlat"],
        quiet_s=arrays["quiet_s"],
        elsewhere_s=arrays["elsewhere_s"],
        row=row,
    )
    inner = np.flatnonzero(np.isinf(joined.quiet_s) & ~joined.first_rows())
    joined.quiet_s[inner] = joined.t[inner] - joined.t[inner - 1]
    return joined, starts


def address(name: str) -> str:
    """The icao24 that a name in ``Columns.icao24`` stands for: a second aircraft under one address has a mark behind it."""
    return name.partition(_SECOND)[0]


def with_second(some: Columns, other: Bools) -> Columns:
    """The rows marked ``other`` as aircraft of their own, under the same address."""
    owners = np.unique(some.aircraft[other])
    code = np.full(len(some.icao24), -1, dtype=np.int64)
    code[owners] = len(some.icao24) + np.arange(len(owners))
    aircraft = np.where(other, code[some.aircraft], some.aircraft)
    order = np.lexsort((some.t, aircraft))
    names = (*some.icao24, *(some.icao24[k] + _SECOND for k in owners.tolist()))
    rotor = np.concatenate([some.rotorcraft, some.rotorcraft[owners]])
    return replace(replace(some, aircraft=aircraft).take(order), icao24=names, rotorcraft=rotor)


def columns_of(positions: pd.DataFrame) -> Columns:
    """A ``POSITIONS`` frame as ``Columns``; ``row`` counts the frame's rows. Mode S rows carry no position of their own: left out."""
    used = np.flatnonzero((positions["position_source"] != "mode_s").to_numpy(dtype=np.bool_))
    frame = positions if len(used) == len(positions) else positions.iloc[used]
    codes, names = pd.factorize(frame["icao24"])
    rotor = np.zeros(len(names), dtype=np.bool_)
    rotor[codes[(frame["category"] == ROTORCRAFT).to_numpy(dtype=np.bool_)]] = True
    numbers = {
        "lat": "lat",
        "lon": "lon",
        "alt_ft": "alt_baro_ft",
        "geom_ft": "alt_geom_ft",
        "speed_kt": "ground_speed_kt",
        "track_deg": "track_deg",
        "vrate_fpm": "vertical_rate_fpm",
        "qnh_hpa": "nav_qnh_hpa",
        "nic": "nic",
        "age_s": "position_age_s",
    }
    return arrange(
        [str(n) for n in names],
        codes.astype(np.int64),
        epoch_seconds(frame["time"]),
        {ours: frame[theirs].to_numpy(dtype=np.float64) for ours, theirs in numbers.items()},
        rotorcraft=rotor,
        ground=np.asarray(frame["on_ground"].astype("Int8").fillna(UNKNOWN), dtype=np.int8),
        mlat=(frame["position_source"] == "mlat").to_numpy(dtype=np.bool_),
        row=used,
    )


def epoch_seconds(times: pd.Series) -> Floats:
    """``datetime64[us, UTC]`` as epoch seconds."""
    return times.astype("int64").to_numpy(dtype=np.float64) / 1e6

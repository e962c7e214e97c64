"""What is known of a visit beside its times and places: works that overhaul such aircraft, and states that had fallen out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.listed import Listed
from pipeline.correlate.tables import StayTable
from pipeline.places.estranged import KINDS, estranged
from pipeline.places.maintenance import works_at, works_fields

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def works_there(stays: StayTable, listed: Listed) -> Ints:
    """Per stay: 0 where no works are known at its field, 2 where they take such aircraft, 1 where they are known for others."""
    types = {icao24: next((row.type for row in rows if row.type), "") for icao24, rows in listed.rows.items()}
    fields = set(works_fields())
    found = np.zeros(len(stays), dtype=np.int64)
    for row in np.flatnonzero(stays.frame["airport"].isin(fields)).tolist():
        found[row] = 2 if works_at(stays.text(row, "airport"), types.get(stays.text(row, "icao24"), "")) else 1
    return found


def relations(stays: StayTable) -> Ints:
    """Per stay, how its state and the host stood on the day: 0 as usual, else one more than the place in ``KINDS``."""
    found = np.zeros(len(stays), dtype=np.int64)
    pairs = stays.frame["state"] + ">" + stays.frame["country"]
    for pair, rows in pairs.groupby(pairs, sort=False).indices.items():
        for start, end, kind in estranged(*str(pair).split(">")):
            inside = (stays.arrive_h[rows] >= start) & (stays.arrive_h[rows] < end)
            found[rows[inside]] = 1 + KINDS.index(kind)
    return found

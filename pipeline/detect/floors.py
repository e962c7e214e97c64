"""How low aircraft are usually heard at each field: below that a silence is expected, above it it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.model.frames import FLOORS


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSettings:
    """``least_flights``: fewer say nothing of a field. ``share``: so many of its arrivals are heard down to the floor."""

    least_flights: int = 5
    share: float = 0.5


def learn_floors(landings: pd.DataFrame, settings: FloorSettings | None = None) -> pd.DataFrame:
    """``FLOORS`` from ``LANDINGS``: the height above each field down to which ``share`` of its arrivals were heard.

    One seen on the ground was heard down to 0 ft; open approaches and what is reconstructed say nothing of coverage.
    """
    settings = settings or FloorSettings()
    known = landings[landings["kind"].isin(["observed", "inferred", "bracketed"]) & (landings["origin"] != "reconstructed")]
    lowest = known["last_height_ft"].clip(lower=0.0).mask(known["kind"] == "observed", 0.0)
    known = known.assign(lowest=lowest)[lowest.notna()]
    rows = [
        {"airport": airport, "floor_ft": float(np.quantile(group["lowest"], settings.share, method="higher")), "flights": float(len(group))}
        for airport, group in known.groupby("airport")
        if len(group) >= settings.least_flights
    ]
    return FLOORS.make(rows)

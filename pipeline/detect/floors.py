"""How low aircraft are usually heard at each field and hour: below that a silence is expected, above it it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from pipeline.model.frames import FLOORS

#: The row of a field that speaks for all hours.
ALL_HOURS = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSettings:
    """``least_flights``: fewer say nothing of a field, nor of an hour of it, which speaks together with the hour before and after.

    ``share``: so many of its arrivals are heard down to the floor; ``usual``: so many are heard down to the usual height.
    """

    least_flights: int = 5
    share: float = 0.5
    usual: float = 0.9


def learn_floors(landings: pd.DataFrame, settings: FloorSettings | None = None) -> pd.DataFrame:
    """``FLOORS`` from ``LANDINGS``: a row for each field, and for each hour (UTC) of it that enough aircraft landed in.

    One seen on the ground was heard down to 0 ft; open approaches and what is reconstructed say nothing of coverage.
    """
    settings = settings or FloorSettings()
    known = landings[landings["kind"].isin(["observed", "inferred", "bracketed"]) & (landings["origin"] != "reconstructed")]
    on_ground = known["kind"] == "observed"
    lowest = known["last_height_ft"].clip(lower=0.0).mask(on_ground, 0.0)
    known = known.assign(lowest=lowest, seen=on_ground, hour=known["touchdown"].dt.hour)[lowest.notna()]
    rows = [row for airport, group in known.groupby("airport") for row in _rows(str(airport), group, settings)]
    return FLOORS.make(rows)


def _rows(airport: str, group: pd.DataFrame, settings: FloorSettings) -> Iterator[dict[str, object]]:
    hours = [(ALL_HOURS, group)]
    hours += [(f"{h:02d}", group[(group["hour"] - h + 1) % 24 <= 2]) for h in range(24)]
    for hour, part in hours:
        if len(part) >= settings.least_flights:
            heights = part["lowest"].to_numpy()
            yield {
                "airport": airport,
                "hour": hour,
                "floor_ft": float(np.quantile(heights, settings.share, method="higher")),
                "usual_ft": float(np.quantile(heights, settings.usual, method="higher")),
                "seen": float(part["seen"].mean()),
                "flights": float(len(part)),
            }


class Heard:
    """How low arrivals are usually heard at a field, by the hour where that is known."""

    def __init__(self, floors: pd.DataFrame, *, least_flights: int = 20) -> None:
        """``floors``: ``FLOORS``; of an hour or a field with fewer than ``least_flights`` nothing is known."""
        known = floors[floors["flights"] >= least_flights]
        self._usual: dict[tuple[str, str], float] = {
            (str(airport), str(hour)): float(height)
            for airport, hour, height in zip(known["airport"], known["hour"], known["usual_ft"], strict=True)
        }

    def usual_ft(self, airport: str, epoch: float) -> float | None:
        """The height above the field down to which nine arrivals in ten are heard at this time of the day; None: not known."""
        hour = f"{datetime.fromtimestamp(epoch, tz=UTC).hour:02d}"
        return self._usual.get((airport, hour), self._usual.get((airport, ALL_HOURS)))

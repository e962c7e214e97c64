"""A made-up arrival for the tests: a straight approach, the roll-out and the taxi, at a real runway."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.detect.detector import Detection, Detector
from pipeline.model.frames import POSITIONS
from pipeline.places.airports import load_airports
from pipeline.places.geo import destination

SPEED_KT, STEP_S, TAXI_S = 140.0, 5.0, 120.0
FEET_PER_NM_AT_3_DEG = 318.0


def arrival(
    icao24: str,
    airport: str,
    end: str,
    touchdown: datetime,
    *,
    from_nm: float = 90.0,
    cut_below_ft: float | None = None,
    level_ft: float = 0.0,
) -> pd.DataFrame:
    """A ``POSITIONS`` frame: 90 NM of approach, the last 38 on a 3° path, over the threshold at ``touchdown``, two minutes on the ground.

    Args:
        cut_below_ft: nothing is received below this height above the field, nor on the ground.
        level_ft: not a landing: the aeroplane levels off at this height above the field and flies on past it.
    """
    runway = next(r for r in load_airports().runways(airport) if r.name == end)
    field_ft = load_airports().get(airport).elevation_ft or 0.0
    seconds = np.arange(-from_nm / SPEED_KT * 3600, 0 if level_ft == 0 else from_nm / SPEED_KT * 3600, STEP_S)
    to_go_nm = -seconds / 3600 * SPEED_KT
    height = np.maximum(np.minimum(to_go_nm * FEET_PER_NM_AT_3_DEG, 12_000.0), level_ft)
    lat, lon = destination(runway.lat, runway.lon, (runway.heading_deg + 180) % 360, to_go_nm)
    rows = pd.DataFrame({"s": seconds, "lat": lat, "lon": lon, "height": height, "kt": SPEED_KT, "on_ground": False})
    rows["vertical_rate_fpm"] = np.gradient(height, seconds) * 60
    if cut_below_ft is not None:
        rows = rows[rows["height"] >= cut_below_ft]
    elif level_ft == 0:
        after = np.arange(0, TAXI_S, STEP_S)
        speed = np.maximum(SPEED_KT - 4 * after, 12.0)
        lat, lon = destination(runway.lat, runway.lon, runway.heading_deg, np.cumsum(speed * STEP_S / 3600) - speed[0] * STEP_S / 3600)
        ground = pd.DataFrame({"s": after, "lat": lat, "lon": lon, "height": np.nan, "kt": speed, "on_ground": True})
        rows = pd.concat([rows, ground.assign(vertical_rate_fpm=np.nan)])
    return POSITIONS.make(
        {
            "icao24": [icao24] * len(rows),
            "time": [touchdown + timedelta(seconds=float(s)) for s in rows["s"]],
            "lat": rows["lat"].to_numpy(),
            "lon": (rows["lon"].to_numpy() + 180) % 360 - 180,
            "alt_baro_ft": rows["height"].to_numpy() + field_ft,
            "ground_speed_kt": rows["kt"].to_numpy(),
            "track_deg": [runway.heading_deg] * len(rows),
            "vertical_rate_fpm": rows["vertical_rate_fpm"].to_numpy(),
            "on_ground": rows["on_ground"].to_numpy(),
            "origin": ["reconstructed"] * len(rows),
        }
    )


def detected(positions: pd.DataFrame) -> Detection:
    """What the detector says of ``POSITIONS``."""
    return Detector(load_airports()).apply(POSITIONS.make(positions))


def landed(found: Detection) -> list[tuple[str, str]]:
    """Field and kind of each landing that is claimed."""
    real = found.landings[found.landings["kind"] != "open_approach"]
    return list(zip(real["airport"], real["kind"], strict=True))

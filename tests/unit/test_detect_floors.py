"""How low arrivals are usually heard at each field."""

from __future__ import annotations

import pandas as pd

from pipeline.detect.floors import FloorSettings, learn_floors
from pipeline.model.frames import FLOORS, LANDINGS


def _landings(heights: list[tuple[str, str, float | None, str]]) -> pd.DataFrame:
    start = pd.Timestamp("2024-03-01T00:00:00Z")
    return LANDINGS.cast(
        [
            {
                "icao24": f"{k:06x}",
                "airport": airport,
                "kind": kind,
                "last_height_ft": height,
                "origin": origin,
                "touchdown": start,
                "touchdown_earliest": start,
                "touchdown_latest": start,
            }
            for k, (airport, kind, height, origin) in enumerate(heights)
        ]
    )


def test_half_of_the_arrivals_are_heard_down_to_the_floor() -> None:
    lost = [("LTAC", "inferred", float(h), "live") for h in (900, 700, 1_100, 2_000)]
    seen = [("LTAC", "observed", 2_500.0, "live")] * 3
    floors = learn_floors(_landings(lost + seen)).set_index("airport")
    assert floors.loc["LTAC", "floor_ft"] == 700.0
    assert floors.loc["LTAC", "flights"] == 7


def test_few_open_and_reconstructed_arrivals_say_nothing() -> None:
    few = [("EDDB", "inferred", 900.0, "live")] * 4
    others = [("EGLL", "open_approach", 900.0, "live")] * 9 + [("LFPG", "inferred", 900.0, "reconstructed")] * 9
    assert learn_floors(_landings(few + others)).empty
    assert learn_floors(_landings(few), FloorSettings(least_flights=4))["airport"].tolist() == ["EDDB"]


def test_no_history_is_an_empty_frame_of_the_schema() -> None:
    assert list(learn_floors(LANDINGS.cast()).columns) == list(FLOORS.columns)

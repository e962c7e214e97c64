"""How low arrivals are usually heard at each field."""

from __future__ import annotations

import pandas as pd

from pipeline.detect.floors import ALL_HOURS, FloorSettings, Heard, learn_floors
from pipeline.model.frames import FLOORS, LANDINGS


def _landings(heights: list[tuple[str, str, float | None, str]], *, hour: int = 0) -> pd.DataFrame:
    start = pd.Timestamp("2024-03-01T00:00:00Z") + pd.Timedelta(hours=hour)
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
    floors = learn_floors(_landings(lost + seen)).set_index("hour").loc[ALL_HOURS]
    assert (floors["airport"], floors["floor_ft"], floors["usual_ft"], floors["flights"]) == ("LTAC", 700.0, 2_000.0, 7)
    assert round(floors["seen"], 3) == round(3 / 7, 3)


def test_few_open_and_reconstructed_arrivals_say_nothing() -> None:
    few = [("EDDB", "inferred", 900.0, "live")] * 4
    others = [("EGLL", "open_approach", 900.0, "live")] * 9 + [("LFPG", "inferred", 900.0, "reconstructed")] * 9
    assert learn_floors(_landings(few + others)).empty
    assert set(learn_floors(_landings(few), FloorSettings(least_flights=4))["airport"]) == {"EDDB"}


def test_no_history_is_an_empty_frame_of_the_schema() -> None:
    assert list(learn_floors(LANDINGS.cast()).columns) == list(FLOORS.columns)


def test_an_hour_speaks_for_itself_and_its_neighbours_where_enough_landed_in_it() -> None:
    by_day = _landings([("LTAC", "observed", 0.0, "live")] * 30, hour=10)
    by_night = _landings([("LTAC", "inferred", 2_400.0, "live")] * 30, hour=23)
    heard = Heard(learn_floors(pd.concat([by_day, by_night])))
    noon = pd.Timestamp("2024-03-05T11:30:00Z").timestamp()
    assert heard.usual_ft("LTAC", noon) == 0.0
    assert heard.usual_ft("LTAC", noon + 12.5 * 3600) == 2_400.0
    assert heard.usual_ft("LTAC", noon + 6 * 3600) == 2_400.0, "nobody lands then: all hours speak"
    assert heard.usual_ft("EDDB", noon) is None
    assert Heard(learn_floors(by_day.iloc[:9])).usual_ft("LTAC", noon) is None, "too few to rely on"

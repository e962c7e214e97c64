"""The situations of the made-up sky and how often each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sky_arrivals import (
    bracket,
    departure_lost,
    elsewhere,
    lost_high,
    lost_low,
    lost_low_thin,
    low_and_left,
    seen,
    seen_and_left,
    seen_thin,
    two_legs,
)
from sky_near import around, diversion, hold, passes, rejected, taxi_only, touch_and_go, turned_back
from sky_odd import cruise_gap, drone, emergency, helicopter, overflight, shared
from sky_world import Made, World

CASES: Sequence[tuple[float, Callable[[World], list[Made]]]] = (
    (13.0, seen),
    (3.0, seen_and_left),
    (2.0, seen_thin),
    (13.0, lost_low),
    (3.0, low_and_left),
    (9.0, lost_low_thin),
    (8.0, bracket),
    (3.0, lost_high),
    (2.0, elsewhere),
    (3.0, lambda w: around(w, "ground", "go-around")),
    (3.0, lambda w: around(w, "low", "go-around below coverage")),
    (2.5, touch_and_go),
    (2.5, passes),
    (3.5, overflight),
    (2.5, cruise_gap),
    (1.5, hold),
    (2.0, diversion),
    (2.0, turned_back),
    (1.5, rejected),
    (1.5, taxi_only),
    (2.5, helicopter),
    (2.0, drone),
    (2.0, emergency),
    (2.0, lambda w: two_legs(w, False)),
    (2.0, lambda w: two_legs(w, True)),
    (2.0, shared),
    (2.5, departure_lost),
)

"""The words of the detector's answer: touchdowns, departures, and the thresholds that decide them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchdown:
    """One landing, or an approach left open. Times are epoch seconds; ``airport`` is an index; ``rows`` are what it rests on."""

    aircraft: int
    airport: int
    t: float
    earliest: float
    latest: float
    kind: str
    confidence: float
    runway: str
    runner_up: str
    last_seen: float
    last_height_ft: float
    last_distance_nm: float
    reason: str
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One take-off; times are epoch seconds."""

    aircraft: int
    airport: int
    t: float
    earliest: float
    latest: float
    kind: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """Thresholds in feet above the aerodrome, nautical miles, seconds and feet a minute.

    ``silence_s``: heard again sooner, an aircraft lost has not landed. ``turnaround_s``: a stop shorter than this is not
    believed unless it was lost just above the runway (``flare_ft``); nor is one shorter than ``circuits_s``, unless it was
    lost on short final (``short_final_ft``) or is seen leaving the field: it may have flown circuits meanwhile.

    Lost low: ``inferred_ft``: coverage usually ends 500–3,000 ft above a capital's runways, and pressure altitude is off by
    600; where nobody knows how high the field lies, ``unknown_ft`` above the highest one within about a degree. In line with a
    runway: within ``inferred_nm``, fitting it by ``inferred_nats`` at least. Else within ``circuit_nm`` and ``circuit_s`` of flight, no
    faster than ``circuit_kt``, sinking by ``circuit_fpm`` to ``steepest_fpm`` or having come down ``came_down_ft`` in the last
    ``came_down_s``; where one field has ``alone_share`` of what speaks for any, also level below ``pattern_ft`` within
    ``pattern_nm``, having come down ``pattern_down_ft``. Lower than every path to the field and than ``level_flight_ft``, at which
    people fly level, by more than ``pressure_ft``, it is not on its way there. ``hover_nm``: a helicopter lands where it likes;
    never faster than ``taxi_kt``, nothing has flown.
    ``least_share``, ``circuit_share``, ``bracket_share``: the field's share of what speaks for all fields, and for one that no table
    knows (``nowhere``); below, which one cannot be told. ``unexplained``: how likely one lost higher than arrivals usually are there
    has landed, beside one whose silence coverage explains.
    ``bracket_ft``: higher than this one lost may have gone on; where both
    ends are higher than ``both_high_ft``, the field must have ``both_high_share``; ``reach_bits``:
    a field that fits worse than this was not left or not reached.

    Seen: ``beside_m``: on the ground means no farther from a known runway, or than ``centre_nm`` from the middle of a field of
    size, which may have a runway that the table lacks; a helicopter comes down anywhere, so for it ``rotor_beside_m``.
    ``level_ft``: an altitude that differs by less has not changed; ``flare_s``: from the last seconds in the air to the touchdown at
    most. ``roll_s``: after this long on the ground none is faster than ``roll_kt``; after ``longest_roll_s`` none goes on at
    ``flying_kt`` and stands ``stop_s`` later.
    """

    silence_s: float = 480.0
    turnaround_s: float = 1_800.0
    circuits_s: float = 5_400.0
    flare_ft: float = 500.0
    short_final_ft: float = 1_500.0
    hover_nm: float = 1.5
    inferred_ft: float = 4_000.0
    unknown_ft: float = 3_000.0
    inferred_nm: float = 14.0
    inferred_nats: float = -3.0
    circuit_nm: float = 13.0
    circuit_share: float = 0.6
    alone_share: float = 0.85
    pattern_nm: float = 4.0
    pattern_ft: float = 1_800.0
    pattern_down_ft: float = 1_200.0
    steepest_fpm: float = -2_200.0
    circuit_kt: float = 230.0
    circuit_fpm: float = -250.0
    came_down_ft: float = 3_000.0
    came_down_s: float = 1_200.0
    taxi_kt: float = 30.0
    least_share: float = 0.5
    unexplained: float = 0.85
    nowhere: float = 4e-6
    circuit_s: float = 360.0
    beside_m: float = 2_500.0
    rotor_beside_m: float = 800.0
    centre_nm: float = 3.0
    level_ft: float = 30.0
    flare_s: float = 60.0
    roll_s: float = 60.0
    roll_kt: float = 60.0
    flying_kt: float = 140.0
    longest_roll_s: float = 45.0
    stop_s: float = 20.0
    pressure_ft: float = 500.0
    level_flight_ft: float = 1_250.0
    open_ft: float = 6_000.0
    bracket_ft: float = 15_000.0
    bracket_nm: float = 60.0
    bracket_share: float = 0.6
    reach_bits: float = -6.0
    both_high_ft: float = 8_000.0
    both_high_share: float = 0.75
    climb_fpm: float = 300.0


def say_height(feet: float) -> str:
    """A height as people read it: ``900 ft``."""
    return f"{max(0, round(feet, -2 if feet > 300 else -1)):,.0f} ft"

"""What aircraft do near airfields, as way points and legs: approaches of many shapes, landings, taxiing, departures, circuits, passes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sky_path import Craft, Knots, Leg, Plan, Strip, nm, radius

FT_PER_M = 3.28084

#: How a final is joined, with shares. ``straight`` is the radar vector or the procedure, ``short`` a visual circuit.
STYLES = {"straight": 0.4, "downwind": 0.2, "base": 0.1, "short": 0.1, "curved": 0.06, "offset": 0.08, "sidestep": 0.06}


@dataclass(slots=True)
class Manner:
    """How one approach is flown."""

    style: str
    slope_deg: float
    aim_m: float
    intercept_ft: float
    level_m: float
    headwind_kt: float
    side: int
    final_nm: float
    width_nm: float
    angle_deg: float
    hot_kt: float
    weave: list[float] = field(default_factory=list)


def manner(rng: np.random.Generator, st: Strip, craft: Craft, style: str | None = None) -> Manner:
    """An approach as drawn: most near 3°, some steep, some shallow, none perfect."""
    chosen = style or str(rng.choice(list(STYLES), p=list(STYLES.values())))
    kind = rng.random()
    slope = (
        rng.normal(3.0, 0.12)
        if kind < 0.8
        else rng.uniform(3.5, 5.0 if craft.approach_kt < 120 else 4.0)
        if kind < 0.9
        else rng.uniform(2.2, 2.8)
    )
    if craft.category == "A1":
        slope += rng.uniform(0, 1.2)
    final = {
        "straight": rng.uniform(6, 15),
        "downwind": rng.uniform(4.5, 9),
        "base": rng.uniform(4, 8),
        "short": rng.uniform(1.2, 2.4),
    }.get(chosen, rng.uniform(5, 10))
    width = rng.uniform(1.1, 2.0) if chosen == "short" else rng.uniform(3.0, 6.0)
    if craft.approach_kt > 125 and chosen == "short":
        final, width = final + 0.8, width + 0.5
    angle = {"curved": rng.uniform(25, 50), "offset": rng.uniform(3, 14)}.get(chosen, rng.uniform(-45, 45))
    return Manner(
        style=chosen,
        slope_deg=float(slope),
        aim_m=float(min(rng.uniform(250, 650), 0.28 * st.length_m)),
        intercept_ft=float(rng.uniform(1500, 3600)),
        level_m=float(max(0.0, rng.uniform(-3000, 9000))),
        headwind_kt=float(rng.uniform(-4, 22)),
        side=1 if rng.random() < 0.5 else -1,
        final_nm=float(final),
        width_nm=float(width),
        angle_deg=float(angle),
        hot_kt=float(rng.normal(0, 4)),
    )


def thin_air(elevation_ft: float) -> float:
    """True airspeed over indicated at a field's height."""
    return float((1 - 6.8756e-6 * max(elevation_ft, -1500)) ** -2.128)


def touchdown_kt(st: Strip, craft: Craft, m: Manner) -> float:
    return max(35.0, 0.95 * (craft.approach_kt + m.hot_kt) * thin_air(st.elevation_ft) - m.headwind_kt)


def descent(st: Strip, craft: Craft, m: Manner) -> tuple[Knots, Knots]:
    """Height and speed against the distance to touchdown along the path."""
    rise = np.tan(np.radians(m.slope_deg)) * FT_PER_M
    e = st.elevation_ft
    reach = m.intercept_ft / rise
    far = reach + m.level_m
    per_m = craft.descent_ft_nm / nm(1)
    alt = [(0.0, e), (160.0, e + 0.55 * 160 * rise), (320.0, e + 0.9 * 320 * rise), (reach, e + m.intercept_ft), (far, e + m.intercept_ft)]
    alt += [(far + (10000 - m.intercept_ft) / per_m, e + 10000), (far + 60000 / per_m, e + 60000)]
    v, d = craft.approach_kt + m.hot_kt, thin_air(e)
    w, most = m.headwind_kt, craft.cruise_kt

    def ground(kt: float) -> float:
        return max(40.0, min(kt, most) * d - w)

    speed = [
        (0.0, touchdown_kt(st, craft, m)),
        (nm(0.6), ground(v)),
        (nm(3.5), ground(v + 2)),
        (nm(6), ground(v + 25)),
        (nm(10), ground(v + 50)),
    ]
    speed += [(nm(20), min(most, ground(v + 95))), (nm(40), min(most, max(ground(v + 95), 250 * d))), (nm(110), most)]
    return alt, speed


def start_angle(rng: np.random.Generator, m: Manner) -> float:
    """From which side the aircraft comes, degrees off the extended centre line, so that no turn is tighter than flown."""
    if m.style in ("straight", "curved", "offset", "sidestep"):
        return float(rng.uniform(-50, 50))
    if m.style == "base":
        return float(m.side * rng.uniform(60, 115))
    return float(m.side * rng.uniform(100, 170))


def join(plan: Plan, st: Strip, craft: Craft, m: Manner) -> int:
    """Way points of the approach up to the threshold (its index is the answer), flown from wherever the plan is."""
    slow, fast = radius(craft.approach_kt + 12, 24), radius(min(craft.cruise_kt, craft.approach_kt + 60), 24)
    d, w, s = nm(m.final_nm), nm(m.width_nm), m.side
    if m.style == "straight":
        plan.to(st.at(-d), fast)
    elif m.style in ("curved", "offset"):
        roll_out = nm(0.75 if m.style == "curved" else 1.0)
        turn = np.exp(1j * np.radians(s * m.angle_deg))
        plan.to(st.at(-roll_out) - st.along * turn * nm(max(4.0, m.final_nm)), fast)
        plan.to(st.at(-roll_out), slow)
    elif m.style == "sidestep":
        off = s * (150 + 40 * m.width_nm)
        plan.to(st.at(-d, off), fast)
        plan.to(st.at(-nm(2.6), off), 4 * slow)
        plan.to(st.at(-nm(1.6)), 4 * slow)
    elif m.style == "base":
        plan.to(st.at(-d, s * w), fast)
        plan.to(st.at(-d), slow if m.final_nm < 3 else fast)
    elif m.style == "downwind_on":  # on the downwind leg already
        plan.to(st.at(-d, s * w), slow if m.final_nm < 4 else fast)
        plan.to(st.at(-d), slow if m.final_nm < 4 else fast)
    else:
        close = m.style == "short"
        plan.to(st.at(nm(0.5 if close else 2.0), s * w), fast)
        plan.to(st.at(-d, s * w), slow if close else fast)
        plan.to(st.at(-d), slow if close else fast)
    return plan.to(st.threshold, 500.0)


def land(
    plan: Plan, st: Strip, craft: Craft, m: Manner, *, up: Knots = (), v_up: Knots = (), cap: float = 60000.0, mark: str = "touchdown"
) -> None:
    """Approach (flown in one leg from where the plan stands), touchdown, roll-out."""
    threshold = join(plan, st, craft, m)
    alt, speed = descent(st, craft, m)
    plan.leg(Leg(threshold, m.aim_m, up=up, down=alt, cap=cap, v_up=v_up, v_down=speed, v_cap=craft.cruise_kt), mark)


def roll_out(plan: Plan, st: Strip, craft: Craft, m: Manner, rng: np.random.Generator) -> complex:
    """Brake, leave the runway, taxi to a stand on the field's side. Answers the stand."""
    threshold = len(plan.points) - 1
    v = touchdown_kt(st, craft, m)
    room = st.length_m - m.aim_m - 60
    roll = float(min(craft.roll_m * rng.uniform(0.8, 1.25) * (v / craft.approach_kt) ** 2, room))
    toward = st.field_side()
    stop = m.aim_m + roll
    plan.to(st.at(stop + min(90.0, st.length_m - stop)), 35.0)
    plan.leg(Leg(threshold, stop, up=[(0, st.elevation_ft), (1, st.elevation_ft)], v_up=[(0, v), (roll, 22)], ground=True), "slow")
    back = stop - rng.uniform(-300, 900)
    plan.to(st.at(stop + 90, toward * 170), 40.0)
    plan.to(st.at(back, toward * 170), 40.0)
    stand = st.at(back, toward * rng.uniform(280, 700))
    at = plan.to(stand, 20.0)
    taxi = rng.uniform(10, 20)
    plan.leg(
        Leg(
            at,
            up=[(0, st.elevation_ft), (1, st.elevation_ft)],
            v_up=[(0, 22), (150, taxi)],
            v_down=[(0, 2), (80, taxi)],
            v_cap=22,
            ground=True,
        ),
        "stand",
    )
    return stand


def park(plan: Plan, seconds: float) -> None:
    """Stand still at the end of the last leg."""
    plan.legs[-1].pause_s += seconds


def depart(
    plan: Plan, st: Strip, craft: Craft, rng: np.random.Generator, *, from_stand: bool, mark: str = "lift_off"
) -> tuple[Knots, Knots]:
    """Taxi to the runway's beginning and take off. Answers the envelopes of the climb, for the leg that follows."""
    level = [(0.0, st.elevation_ft), (1.0, st.elevation_ft)]
    if from_stand:
        side = st.field_side()
        if not plan.points:
            plan.to(st.at(rng.uniform(600, 0.6 * st.length_m + 400), side * rng.uniform(280, 600)))
        x = ((plan.points[-1] - st.threshold) / st.along).real
        plan.to(st.at(max(x - 120, 200.0), side * 170), 40.0)
        plan.to(st.at(25, side * 170), 40.0)
        plan.to(st.at(25, side * 8), 25.0)
        at = plan.to(st.at(90), 25.0)
        plan.leg(
            Leg(at, up=level, v_up=[(0, 2), (60, 14)], v_down=[(0, 2), (60, 12)], v_cap=16, ground=True, pause_s=float(rng.uniform(5, 60))),
            "line_up",
        )
    elif not plan.points:
        plan.to(st.at(90))
    v = (craft.approach_kt + 12) * thin_air(st.elevation_ft) - rng.uniform(0, 12)
    run = float(min(craft.roll_m * rng.uniform(0.9, 1.3), 0.78 * st.length_m))
    far = plan.to(st.at(st.length_m + nm(rng.uniform(1.2, 3.0))), radius(min(craft.climb_kt, 210.0)))
    back = -(abs(plan.points[far] - st.at(90)) - run)
    plan.leg(Leg(far, back, up=level, v_up=[(0, 2), (run, v)], ground=True), mark)
    return climb(st.elevation_ft, v, craft, rng)


def climb(from_ft: float, v: float, craft: Craft, rng: np.random.Generator) -> tuple[Knots, Knots]:
    """Envelopes of a climb from a height and speed."""
    g = craft.climb_ft_nm / nm(1) * rng.uniform(0.8, 1.25)
    up = [
        (0.0, from_ft),
        (250.0, from_ft + 18),
        (250 + 1500 / (1.15 * g), from_ft + 1500),
        (250 + 1500 / (1.15 * g) + 8500 / g, from_ft + 10000),
    ]
    up.append((up[-1][0] + 50000 / (0.6 * g), from_ft + 60000))
    d = thin_air(from_ft)
    top = min(craft.climb_kt, 250) * d
    speed = [
        (0.0, v),
        (nm(2), max(v, min(v + 35, top))),
        (nm(7), max(v, top)),
        (nm(25), max(v, craft.climb_kt * d)),
        (nm(110), craft.cruise_kt),
    ]
    return up, speed


def circuit(plan: Plan, st: Strip, craft: Craft, rng: np.random.Generator, width_nm: float | None = None) -> None:
    """Way points of a circuit from over the runway to abeam it; the approach's own way points follow."""
    s = 1 if rng.random() < 0.5 else -1
    w = nm(width_nm if width_nm is not None else rng.uniform(2.5, 4.5))
    r = radius(min(craft.cruise_kt, craft.approach_kt + 35), 23)
    upwind = nm(rng.uniform(1.5, 4.0))
    plan.to(st.at(st.length_m + upwind), r)
    plan.to(st.at(st.length_m + upwind, s * w), r)
    plan.to(st.at(0.5 * st.length_m, s * w), r)


def go_around(
    plan: Plan,
    st: Strip,
    craft: Craft,
    m: Manner,
    rng: np.random.Generator,
    lowest_ft: float,
    *,
    up: Knots = (),
    v_up: Knots = (),
    cap: float = 60000.0,
    mark: str = "go_around",
) -> tuple[Knots, Knots]:
    """Down to ``lowest_ft`` above the field on the approach, then up again. Answers the climb's envelopes."""
    threshold = join(plan, st, craft, m)
    alt, speed = descent(st, craft, m)
    x, y = np.array(alt).T
    short = float(np.interp(lowest_ft + st.elevation_ft, y, x))
    v = float(np.sqrt(np.interp(short, *np.array([(a, b * b) for a, b in speed]).T)))
    low = [(0.0, lowest_ft + st.elevation_ft)] + [(a - short, b) for a, b in alt if a > short]
    slow = [(0.0, v)] + [(a - short, b) for a, b in speed if a > short]
    plan.leg(Leg(threshold, m.aim_m - short, up=up, down=low, cap=cap, v_up=v_up, v_down=slow, v_cap=craft.cruise_kt), mark)
    return climb(lowest_ft + st.elevation_ft, v, craft, rng)


def low_pass(
    plan: Plan,
    st: Strip,
    craft: Craft,
    m: Manner,
    rng: np.random.Generator,
    height_ft: float,
    kt: float,
    *,
    up: Knots = (),
    v_up: Knots = (),
    cap: float = 60000.0,
    mark: str = "pass",
) -> tuple[Knots, Knots]:
    """Along the runway at a height, never touching. Answers the climb's envelopes."""
    threshold = join(plan, st, craft, m)
    alt, speed = descent(st, craft, m)
    low = [(0.0, st.elevation_ft + height_ft)] + [(a, b + height_ft) for a, b in alt if a > 400]
    fast = [(a, max(b, kt)) for a, b in speed]
    plan.leg(Leg(threshold, 50.0, up=up, down=low, cap=cap, v_up=v_up, v_down=fast, v_cap=craft.cruise_kt), mark + "_start")
    over = plan.to(st.at(st.length_m), 500.0)
    plan.leg(
        Leg(over, up=[(0, st.elevation_ft + height_ft), (1, st.elevation_ft + height_ft)], v_up=[(0, kt), (1, kt)], v_cap=kt), mark + "_end"
    )
    return climb(st.elevation_ft + height_ft, kt, craft, rng)

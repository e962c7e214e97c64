"""Over fields, away from them, on other wings than an aeroplane's, and two under one address."""

from __future__ import annotations

import numpy as np
from sky_arrivals import arrival, seen
from sky_moves import (
    land,
    manner,
    park,
    roll_out,
)
from sky_path import DRONES, JETS, ROTORS, Leg, Plan, Plane, nm
from sky_radio import draw_radio
from sky_world import Made, World, suit, turn_toward

from pipeline.places.airports import ALL_KINDS, load_airports


def overflight(w: World) -> list[Made]:
    """Over a field: at cruise, or low, or coming down over it toward another far away."""
    rng, c = w.rng, w.craft()
    f = w.pick("any", c)
    plane = Plane(f.lat, f.lon)
    plan = Plan(plane)
    heading = np.exp(2j * np.pi * rng.random())
    miss = nm(rng.normal(0, 3)) * heading * 1j
    low = c.category == "A1" or rng.random() < 0.3
    d = 35.0 if low else 90.0
    plan.to(miss - heading * nm(d))
    plan.to(miss, 9000)
    at = plan.to(miss + heading * np.exp(1j * rng.uniform(-0.5, 0.5)) * nm(d), 9000)
    level = f.elevation_ft + rng.uniform(1800, 6000) if low else c.cruise_ft - 1000 * rng.integers(0, 6)
    kt = min(c.cruise_kt, 250.0) * rng.uniform(0.8, 1) if low else c.cruise_kt * rng.uniform(0.9, 1.1)
    drift = [
        (0.0, level),
        (nm(d), level - (2500 if rng.random() < 0.3 and not low else 0)),
        (nm(2.2 * d), level - (2500 if rng.random() < 0.3 and not low else 0)),
    ]
    plan.leg(Leg(at, up=drift, v_cap=kt), "gone")
    radio = draw_radio(rng, ground=False)
    made = w.made("overflight, low" if low else "overflight", c, plan.fly(), plane, f, radio=radio)
    made.negatives.append(("start", "gone", "overflight", f.code))
    return [made]


def cruise_gap(w: World) -> list[Made]:
    """A gap of 10 to 60 minutes in cruise over a capital: the aircraft flew on."""
    rng = w.rng
    c = JETS[int(rng.integers(len(JETS)))]
    f = w.pick("any", c)
    plane = Plane(f.lat, f.lon)
    plan = Plan(plane)
    heading = np.exp(2j * np.pi * rng.random())
    far = rng.uniform(250, 420)
    plan.to(-heading * nm(far) + nm(rng.normal(0, 8)))
    at = plan.to(heading * nm(far) + nm(rng.normal(0, 8)))
    level = c.cruise_ft - 1000.0 * rng.integers(0, 8)
    plan.leg(Leg(at, cap=level, v_cap=c.cruise_kt * rng.uniform(0.92, 1.08)), "gone")
    flown = plan.fly()
    mid = float(flown.t[-1]) / 2 + rng.uniform(-900, 600)
    gap = float(min(rng.uniform(600, 3600), flown.t[-1] - 900))
    made = w.made("gap in cruise over a capital", c, flown, plane, f, radio=draw_radio(rng, ground=False))
    made.holes.append((mid - gap * rng.uniform(0.2, 0.8), mid + gap * 0.5))
    made.negatives.append(("start", "gone", "overflight", f.code))
    return [made]


def helicopter(w: World) -> list[Made]:
    """Lands on an airfield's apron; or hovers beside one; or comes down far from any."""
    rng = w.rng
    c = ROTORS[int(rng.integers(len(ROTORS)))]
    f = w.pick("ground")
    plane = Plane(f.lat, f.lon)
    plan = Plan(plane)
    what = str(rng.choice(["lands", "hovers", "lands away from any field"]))
    h = np.exp(2j * np.pi * rng.random())
    e, level = f.elevation_ft, f.elevation_ft + rng.uniform(600, 1500)
    st = w.strip(plane, f, c)
    if what == "lands":
        spot = st.at(rng.uniform(400, 1200), st.field_side() * rng.uniform(250, 600))
    elif what == "hovers":
        spot = h * 1j * nm(rng.uniform(0.8, 3.5))
    else:
        spot = nothing_within(w, plane, 2.5, 5.0, 20.0)
    plan.to(spot - h * nm(20))
    plan.to(spot - h * nm(6) + nm(2), 900)
    at = plan.to(spot, 300)
    kt = c.cruise_kt
    if what != "hovers":
        plan.leg(
            Leg(
                at,
                down=[(0, e), (60, e + 12), (nm(1), e + 420), (nm(2.2), level)],
                cap=level,
                v_down=[(0, 4), (150, 18), (nm(1), 70), (nm(2.2), kt)],
                v_cap=kt,
            ),
            "touchdown" if what == "lands" else "down",
        )
        out = plan.to(spot + h * 60, 20)
        plan.leg(Leg(out, up=[(0, e), (1, e)], v_cap=4, ground=True, pause_s=float(rng.uniform(300, 2400))), "stand")
        plan.to(spot + h * nm(1), 900)
    else:
        low = e + rng.uniform(250, 700)
        plan.leg(
            Leg(
                at,
                down=[(0, low), (nm(2), low + 100), (nm(3), level)],
                cap=level,
                v_down=[(0, 2), (200, 15), (nm(1), 60), (nm(2), kt)],
                v_cap=kt,
                pause_s=float(rng.uniform(200, 1500)),
            ),
            "hover",
        )
        e = low
        plan.to(spot + h * nm(1), 900)
    away = plan.to(spot + h * nm(18) * np.exp(1j * rng.uniform(-0.7, 0.7)), 900)
    plan.leg(
        Leg(away, up=[(0, e), (50, e + 30), (nm(1.2), level)], cap=level, v_up=[(0, 4), (nm(0.5), 70), (nm(1.5), kt)], v_cap=kt), "gone"
    )
    radio = draw_radio(rng, ground=True)
    made = w.made(f"helicopter {what}", c, plan.fly(), plane, f, radio=radio)
    if what == "lands":
        made.landings.append(("touchdown", f.code, ""))
    else:
        made.negatives.append(("start", "gone", "helicopter", f.code))
    return [made]


def drone(w: World) -> list[Made]:
    """Slow circles near a field for an hour; half land on its runway."""
    rng = w.rng
    c = DRONES[int(rng.integers(len(DRONES)))]
    f = w.pick("ground")
    plane = Plane(f.lat, f.lon)
    plan = Plan(plane)
    st = w.strip(plane, f, c)
    centre = nm(rng.uniform(1, 9)) * np.exp(2j * np.pi * rng.random())
    r = nm(rng.uniform(1.2, 3))
    start = np.exp(2j * np.pi * rng.random())
    turns = int(rng.integers(3, 8))
    last = 0
    for k in range(turns * 8):
        last = plan.to(centre + r * start * np.exp(2j * np.pi * k / 8), 0.9 * r)
    level = f.elevation_ft + rng.uniform(2500, 15000)
    plan.leg(Leg(last, cap=level, v_cap=c.cruise_kt), "orbit")
    lands = rng.random() < 0.5
    made = w.made("drone lands" if lands else "drone circles", c, None, plane, f)
    made.negatives.append(("start", "orbit", "drone", f.code))
    if lands:
        m = manner(rng, st, c, "downwind")
        m.headwind_kt = min(m.headwind_kt, 12.0)
        # Down in a spiral, then the pattern.
        down = c.descent_ft_nm / nm(1)
        k = turns * 8
        while level > f.elevation_ft + 2500:
            last = plan.to(centre + r * start * np.exp(2j * np.pi * k / 8), 0.9 * r)
            k += 1
            level -= r * np.pi / 4 * down
        m = suit(m, st, plan.points[-1])
        m.final_nm = max(m.final_nm, 3)
        turn_toward(plan, st.at(-nm(m.final_nm), m.side * nm(m.width_nm)), r)
        land(plan, st, c, m, cap=plan.legs[-1].cap, v_up=[(0, c.cruise_kt), (nm(5), c.cruise_kt)])
        roll_out(plan, st, c, m, rng)
        park(plan, 300)
        made.landings.append(("touchdown", f.code, st.end.name))
    made.flown = plan.fly()
    return [made]


def nothing_within(w: World, plane: Plane, clear_nm: float, near_nm: float, far_nm: float) -> complex:
    """A spot without any landing place so near."""
    for _ in range(300):
        spot = nm(w.rng.uniform(near_nm, far_nm)) * np.exp(2j * np.pi * w.rng.random())
        lat, lon = plane.latlon(np.array([spot]))
        if not load_airports().nearest(float(lat[0]), float(lon[0]), within_nm=clear_nm, limit=1, kinds=ALL_KINDS):
            return complex(spot)
    raise ValueError("no empty place there")


def emergency(w: World) -> list[Made]:
    """Rapid descent from cruise away from any field; contact is lost. Half carry squawk 7700."""
    rng = w.rng
    c = JETS[int(rng.integers(len(JETS)))]
    f = w.pick("any", c)
    plane = Plane(f.lat, f.lon)
    spot = nothing_within(w, plane, 14.0, 45.0, 180.0)
    plan = Plan(plane)
    h = np.exp(2j * np.pi * rng.random())
    plan.to(spot - h * nm(120))
    at = plan.to(spot + h * nm(5))
    per = rng.uniform(600, 1100) / nm(1)
    level, lowest = c.cruise_ft - 2000.0, float(rng.uniform(300, 9000)) + max(0.0, f.elevation_ft)
    plan.leg(
        Leg(
            at,
            down=[(0, lowest), (60000 / per, lowest + 60000)],
            cap=level,
            v_cap=c.cruise_kt,
            v_down=[(0, rng.uniform(180, 330)), (nm(30), c.cruise_kt)],
        ),
        "lost",
    )
    radio = draw_radio(rng, ground=False)
    radio.squawk = "7700" if rng.random() < 0.5 else ""
    made = w.made("contact lost in descent", c, plan.fly(), plane, f, radio=radio)
    made.zones = []
    made.negatives.append(("start", "lost", "contact_lost", ""))
    return [made]


def shared(w: World) -> list[Made]:
    """Two aircraft under one address at the same time, thousands of kilometres apart."""
    one = arrival(w, str(w.rng.choice(["ground", "low"])), "two aircraft under one address")[0]
    while True:
        other = (overflight if w.rng.random() < 0.5 else seen)(w)[0]
        if abs(one.flown.plane.z(other.flown.plane.lat, other.flown.plane.lon)) > 2.5e6:
            break
    other.situation = one.situation
    other.shares_with = 1
    return [one, other]

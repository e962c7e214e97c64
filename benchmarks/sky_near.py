"""Near the field and no landing, or not yet: go-arounds, touch-and-goes, passes, holds, diversions, turning back, staying on the ground."""

from __future__ import annotations

import numpy as np
from sky_moves import (
    circuit,
    climb,
    depart,
    go_around,
    land,
    low_pass,
    manner,
    park,
    roll_out,
    thin_air,
    touchdown_kt,
)
from sky_path import JETS, LIGHT, PROPS, Knots, Leg, Plan, Plane, nm, radius
from sky_world import Made, World, abeam, ceiling, enter, leave, reach_nm, suit, turn_toward


def around(w: World, kind: str, situation: str) -> list[Made]:
    """Go-around, then a second approach and landing, or away to another field."""
    rng, c = w.rng, w.craft()
    f = w.pick(kind, c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    m = manner(rng, st, c)
    plan = Plan(plane)
    d = reach_nm(rng, c)
    enter(plan, st, m, rng, d)
    lowest = (
        float(rng.uniform(25, 900))
        if kind == "ground"
        else float(rng.uniform(40, 0.85) * f.floor_ft)
        if rng.random() < 0
        else float(rng.uniform(30, max(60.0, 0.8 * f.floor_ft)))
    )
    up, v_up = go_around(plan, st, c, m, rng, lowest, cap=min(ceiling(c, f.elevation_ft), f.elevation_ft + 300 * d))
    made = w.made(situation, c, None, plane, f)
    made.negatives.append(("go_around", "go_around", "go_around", f.code))
    missed = f.elevation_ft + rng.uniform(2000, 4500)
    circuit(plan, st, c, rng)
    if rng.random() < 0.65:
        again = suit(manner(rng, st, c, str(rng.choice(["downwind", "short"]))), st, plan.points[-1])
        again.style = "downwind_on"
        again.final_nm = max(again.final_nm, 4.0)
        again.side, again.width_nm = abeam(st, plan.points[-1])
        land(plan, st, c, again, up=up, v_up=v_up, cap=max(missed, f.floor_ft * 1.3 + f.elevation_ft if kind == "low" else missed))
        roll_out(plan, st, c, again, rng)
        park(plan, float(rng.uniform(60, 900)))
        made.landings.append(("touchdown", f.code, st.end.name))
    else:
        leave(plan, st, c, rng, up, v_up, 60)
    made.flown = plan.fly()
    return [made]


def touch_and_go(w: World) -> list[Made]:
    """Wheels down for seconds, several times; half land in the end."""
    rng = w.rng
    c = (JETS + PROPS + LIGHT)[int(rng.integers(len(JETS + PROPS + LIGHT)))]
    f = w.pick(str(rng.choice(["ground", "ground", "low"])), c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan, m = Plan(plane), manner(rng, st, c)
    enter(plan, st, m, rng, 25)
    made = w.made("touch-and-go", c, None, plane, f)
    up: Knots = ()
    v_up: Knots = ()
    cap = f.elevation_ft + 6000
    for n in range(int(rng.integers(1, 4))):
        land(plan, st, c, m, up=up, v_up=v_up, cap=cap, mark=f"touch_{n}")
        v = touchdown_kt(st, c, m)
        threshold = len(plan.points) - 1
        run = float(min(rng.uniform(350, 800), st.length_m - m.aim_m - 300))
        flat = [(0.0, st.elevation_ft), (1.0, st.elevation_ft)]
        again_kt = (c.approach_kt + 10) * thin_air(st.elevation_ft) - m.headwind_kt
        circuit(plan, st, c, rng)
        plan.leg(Leg(threshold, m.aim_m + run, up=flat, v_up=[(0, v), (run * 0.4, 0.9 * v), (run, again_kt)], ground=True), f"go_{n}")
        made.negatives.append((f"touch_{n}", f"go_{n}", "touch_and_go", f.code))
        up, v_up = climb(st.elevation_ft, again_kt, c, rng)
        cap = f.elevation_ft + rng.uniform(1200, 2500)
        m = manner(rng, st, c)
        m.style, m.final_nm = "downwind_on", float(rng.uniform(2.5, 6))
        m.side, m.width_nm = abeam(st, plan.points[-1])
    if rng.random() < 0.5:
        land(plan, st, c, m, up=up, v_up=v_up, cap=cap)
        roll_out(plan, st, c, m, rng)
        park(plan, 300)
        made.landings.append(("touchdown", f.code, st.end.name))
    else:
        leave(plan, st, c, rng, up, v_up, 60)
    made.flown = plan.fly()
    return [made]


def passes(w: World) -> list[Made]:
    """A low pass, or the many of a calibration flight."""
    rng = w.rng
    many = rng.random() < 0.5
    c = PROPS[3] if many else w.craft()
    f = w.pick(str(rng.choice(["ground", "ground", "low"])), c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan, m = Plan(plane), manner(rng, st, c, "straight")
    enter(plan, st, m, rng, 25)
    made = w.made("calibration flight" if many else "low pass", c, None, plane, f)
    up: Knots = ()
    v_up: Knots = ()
    cap = f.elevation_ft + 5000
    for n in range(int(rng.integers(4, 9)) if many else 1):
        height, kt = float(rng.uniform(15, 300)), float(rng.uniform(1.15, 1.6) * c.approach_kt)
        up, v_up = low_pass(plan, st, c, m, rng, height, kt, up=up, v_up=v_up, cap=cap, mark=f"pass_{n}")
        made.negatives.append((f"pass_{n}_start", f"pass_{n}_end", "calibration_pass" if many else "low_pass", f.code))
        circuit(plan, st, c, rng)
        cap = f.elevation_ft + rng.uniform(1500, 3000)
        m = manner(rng, st, c)
        m.style, m.final_nm = "downwind_on", float(rng.uniform(4, 8))
        m.side, m.width_nm = abeam(st, plan.points[-1])
    if rng.random() < 0.4:
        land(plan, st, c, m, up=up, v_up=v_up, cap=cap)
        roll_out(plan, st, c, m, rng)
        park(plan, 300)
        made.landings.append(("touchdown", f.code, st.end.name))
    else:
        leave(plan, st, c, rng, up, v_up, 60)
    made.flown = plan.fly()
    return [made]


def hold(w: World) -> list[Made]:
    """Laps of a holding pattern, then the landing; or coverage is lost in the hold and the flight goes to another field."""
    rng = w.rng
    c = JETS[int(rng.integers(len(JETS)))]
    f = w.pick(str(rng.choice(["ground", "low"])), c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan, m = Plan(plane), manner(rng, st, c, "straight")
    fix = st.at(-nm(rng.uniform(18, 35)), nm(rng.uniform(-12, 12)))
    level = f.elevation_ft + min(rng.uniform(5000, 11000), 270 * abs(fix - st.threshold) / 1852)
    u = st.along * np.exp(1j * rng.uniform(-0.6, 0.6))
    plan.to(fix - u * nm(70))
    wide = nm(4.2)
    last = plan.to(fix - u * nm(1), 3500)
    for _ in range(int(rng.integers(2, 6))):
        for q in (fix + u * nm(6), fix + u * nm(6) - 1j * u * wide, fix - u * nm(4) - 1j * u * wide, fix - u * nm(4)):
            last = plan.to(q, nm(2.05))
    per = c.descent_ft_nm / nm(1)
    plan.leg(
        Leg(
            last,
            down=[(0, level), (nm(75), level), (nm(75) + 40000 / per, level + 40000)],
            cap=level + 14000,
            v_down=[(0, 225), (nm(75), 235), (nm(120), 420)],
            v_cap=300,
        ),
        "hold_end",
    )
    m = suit(m, st, plan.points[-1])
    land(plan, st, c, m, cap=level, v_up=[(0, 225), (nm(30), 225)])
    roll_out(plan, st, c, m, rng)
    park(plan, 400)
    made = w.made("hold, then landing", c, plan.fly(), plane, f)
    made.landings.append(("touchdown", f.code, st.end.name))
    made.negatives.append(("start", "hold_end", "hold", f.code))
    return [made]


def diversion(w: World) -> list[Made]:
    """Approach to one field, go-around or breaking off, landing at another 40 to 200 NM away."""
    rng = w.rng
    c = (JETS + PROPS[:3])[int(rng.integers(len(JETS) + 3))]
    for _ in range(50):
        f = w.pick(str(rng.choice(["ground", "low", "high"])), c)
        try:
            g = w.another(f, 40, 200, c, str(rng.choice(["ground", "low"])))
            break
        except ValueError:
            continue
    else:
        raise ValueError("no such pair of fields")
    plane = Plane(g.lat, g.lon)
    st0, st = w.strip(plane, f, c), w.strip(plane, g, c)
    plan = Plan(plane)
    first = manner(rng, st0, c)
    enter(plan, st0, first, rng, 60)
    up, v_up = go_around(plan, st0, c, first, rng, float(rng.uniform(80, 2500)), cap=min(c.cruise_ft, 22000))
    made = w.made("diversion", c, None, plane, g, f)
    made.negatives.append(("go_around", "go_around", "diversion", f.code))
    r = radius(200, 24)
    plan.to(st0.at(st0.length_m + nm(3)), r)
    turn_toward(plan, st.threshold, r)
    m = suit(manner(rng, st, c), st, plan.points[-1])
    land(plan, st, c, m, up=up, v_up=v_up, cap=rng.uniform(9000, 24000))
    roll_out(plan, st, c, m, rng)
    park(plan, 400)
    made.flown = plan.fly()
    made.landings.append(("touchdown", g.code, st.end.name))
    return [made]


def turned_back(w: World) -> list[Made]:
    """Takes off, comes back after some minutes and lands where it started."""
    rng, c = w.rng, w.craft()
    f = w.pick(str(rng.choice(["ground", "ground", "low"])), c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan = Plan(plane)
    up, v_up = depart(plan, st, c, rng, from_stand=True)
    out = nm(rng.uniform(10, 16) if c.category == "A1" else rng.uniform(12, 60))
    r = radius(220 if c.approach_kt > 100 else 100, 24)
    s = 1 if rng.random() < 0.5 else -1
    plan.to(st.at(out), 1.1 * r)
    plan.to(st.at(out, s * 3.4 * r), 1.1 * r)
    m = suit(manner(rng, st, c), st, plan.points[-1] - st.along * nm(3))
    m.style, m.side, m.width_nm = "downwind_on", s, 3.4 * r / 1852
    land(plan, st, c, m, up=up, v_up=v_up, cap=f.elevation_ft + rng.uniform(3000, 16000))
    roll_out(plan, st, c, m, rng)
    park(plan, 400)
    made = w.made("turned back", c, plan.fly(), plane, f)
    made.landings.append(("touchdown", f.code, st.end.name))
    made.take_offs.append(("lift_off", f.code))
    return [made]


def rejected(w: World) -> list[Made]:
    """A take-off run that ends on the runway: never airborne."""
    rng, c = w.rng, w.craft()
    f = w.pick("ground", c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan = Plan(plane)
    depart(plan, st, c, rng, from_stand=True, mark="rejected")
    # The same beginning, but the run ends on the runway.
    plan.legs.pop()
    plan.marks.pop()
    plan.points.pop()
    plan.radii.pop()
    flat = [(0.0, st.elevation_ft), (1.0, st.elevation_ft)]
    fast = float(rng.uniform(60, 0.95 * (c.approach_kt + 10)))
    run = float(min((fast / c.approach_kt) ** 2 * c.roll_m, 0.4 * st.length_m))
    stop = plan.to(st.at(90 + 1.9 * run), 35)
    plan.leg(Leg(stop, up=flat, v_up=[(0, 2), (run, fast), (1.9 * run, 10)], ground=True), "rejected")
    plan.to(st.at(90 + 1.9 * run + 80, st.field_side() * 60), 30)
    back = plan.to(st.at(90 + 1.9 * run + 80, st.field_side() * 400), 40)
    plan.leg(Leg(back, up=flat, v_up=[(0, 10), (60, 15)], v_down=[(0, 2), (80, 14)], v_cap=15, ground=True, pause_s=300), "stand")
    made = w.made("rejected take-off", c, plan.fly(), plane, f)
    made.negatives.append(("start", "stand", "rejected_take_off", f.code))
    return [made]


def taxi_only(w: World) -> list[Made]:
    """Taxiing from stand to stand; half with a gap of an hour in it."""
    rng, c = w.rng, w.craft()
    f = w.pick("ground", c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan = Plan(plane)
    side = st.field_side()
    flat = [(0.0, st.elevation_ft), (1.0, st.elevation_ft)]
    plan.to(st.at(200, side * 500))
    plan.to(st.at(200, side * 170), 30)
    middle = plan.to(st.at(0.5 * st.length_m, side * 170), 30)
    plan.leg(
        Leg(
            middle,
            up=flat,
            v_up=[(0, 2), (60, 16)],
            v_down=[(0, 2), (60, 14)],
            v_cap=18,
            ground=True,
            pause_s=float(rng.choice([30, 3600, 9000])),
        )
    )
    plan.to(st.at(0.8 * st.length_m, side * 170), 30)
    stand = plan.to(st.at(0.8 * st.length_m, side * 600), 30)
    plan.leg(Leg(stand, up=flat, v_up=[(0, 2), (60, 16)], v_down=[(0, 2), (60, 14)], v_cap=18, ground=True, pause_s=600), "stand")
    made = w.made("taxi only", c, plan.fly(), plane, f)
    made.negatives.append(("start", "stand", "taxi_only", f.code))
    return [made]

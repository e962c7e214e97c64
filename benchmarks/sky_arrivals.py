"""Arrivals, stays and departures of the made-up sky: heard to the ground, lost low, lost high."""

from __future__ import annotations

from sky_moves import (
    Manner,
    depart,
    land,
    manner,
    park,
    roll_out,
)
from sky_path import JETS, PROPS, Craft, Plan, Plane, Strip, nm, radius
from sky_radio import draw_radio
from sky_world import Made, World, ceiling, enter, leave, reach_nm, suit, turn_toward


def base_case(
    w: World,
    kind: str,
    situation: str,
    *,
    style: str | None = None,
    craft: Craft | None = None,
    long_share: float = 0.12,
    near: bool | None = None,
) -> tuple[Made, Plan, Strip, Manner]:
    """Arrival, landing, stand; not flown yet, so that a case can go on."""
    rng, c = w.rng, craft or w.craft()
    f = w.pick(kind, c, near)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    m = manner(rng, st, c, style)
    plan = Plan(plane)
    zones = [f]
    made_take_off: list[tuple[str, str]] = []
    if rng.random() < long_share and c.category != "A1":
        try:
            g = w.another(f, 90, 500, c)
        except ValueError:
            g = None
    else:
        g = None
    if g is not None:
        st0 = w.strip(plane, g, c)
        up, v_up = depart(plan, st0, c, rng, from_stand=bool(rng.random() < 0.6), mark="lift_off_0")
        m = suit(m, st, plan.points[-1])
        turn_toward(plan, st.threshold, radius(min(c.climb_kt, 220), 24))
        made_take_off.append(("lift_off_0", g.code))
        zones.append(g)
        land(plan, st, c, m, up=up, v_up=v_up, cap=ceiling(c, st.elevation_ft))
    else:
        d = reach_nm(rng, c)
        enter(plan, st, m, rng, d)
        land(plan, st, c, m, cap=min(ceiling(c, f.elevation_ft), f.elevation_ft + rng.uniform(250, 330) * d + 2000))
    roll_out(plan, st, c, m, rng)
    made = w.made(situation, c, None, plane, *zones)
    made.landings.append(("touchdown", f.code, st.end.name))
    made.take_offs = made_take_off
    return made, plan, st, m


def arrival(w: World, kind: str, situation: str) -> list[Made]:
    made, plan, _, _ = base_case(w, kind, situation)
    park(plan, float(w.rng.uniform(60, 1500)))
    made.flown = plan.fly()
    return [made]


def seen(w: World) -> list[Made]:
    return arrival(w, "ground", "seen landing")


def lost_low(w: World) -> list[Made]:
    return arrival(w, "low", "lost below 3,000 ft")


def lost_low_thin(w: World) -> list[Made]:
    out = arrival(w, "low", "lost below 3,000 ft, one in five")
    out[0].radio.keep = 0.2
    return out


def seen_thin(w: World) -> list[Made]:
    out = arrival(w, "ground", "seen landing, one in five")
    out[0].radio.keep = 0.2
    return out


def elsewhere(w: World, *, later: bool = True) -> list[Made]:
    """Lost high coming down toward one field, but it lands at another 8 to 30 NM off, and departs from there."""
    rng, c = w.rng, w.craft()
    for _ in range(50):
        f = w.pick("high", c)
        try:
            g = w.another(f, 6, 35, c, "high")
            break
        except ValueError:
            continue
    else:
        raise ValueError("no such pair of fields")
    plane = Plane(g.lat, g.lon)
    st, st0 = w.strip(plane, g, c), w.strip(plane, f, c)
    plan, m = Plan(plane), manner(rng, st, c)
    enter(plan, st0, manner(rng, st0, c, "straight"), rng, 60)
    plan.to(st0.at(-nm(7), nm(rng.uniform(-3, 3))), 5000)
    m = suit(m, st, plan.points[-1])
    turn_toward(plan, st.at(-nm(6)), 4000)
    land(plan, st, c, m, cap=min(c.cruise_ft, 24000))
    roll_out(plan, st, c, m, rng)
    made = w.made("lost high, departs from a neighbour", c, None, plane, g, f, radio=draw_radio(rng, ground=False))
    made.landings.append(("touchdown", g.code, st.end.name))
    if later:
        stay(w, made, plan, st, float(rng.uniform(1, 10) * 3600))
    made.flown = plan.fly()
    return [made]


def lost_high(w: World) -> list[Made]:
    """Lost at thousands of feet and never heard again: half land there, half go elsewhere below coverage."""
    if w.rng.random() < 0.5:
        return arrival(w, "high", "lost high, no departure")
    out = elsewhere(w, later=False)
    out[0].situation = "lost high, no departure"
    return out


def stay(w: World, made: Made, plan: Plan, st: Strip, seconds: float) -> None:
    """Park, then depart and leave."""
    park(plan, seconds)
    rng = w.rng
    up, v_up = depart(plan, st, made.craft, rng, from_stand=True, mark="lift_off")
    leave(plan, st, made.craft, rng, up, v_up, reach_nm(rng, made.craft))
    made.take_offs.append(("lift_off", st.field.code))


def bracket(w: World) -> list[Made]:
    """Lost at thousands of feet; next heard climbing out of the same field."""
    made, plan, st, _ = base_case(w, "high", "lost high, later departure", near=True if w.rng.random() < 0.08 else None)
    stay(w, made, plan, st, float(w.rng.uniform(0.6, 14) * 3600))
    made.flown = plan.fly()
    return [made]


def seen_and_left(w: World) -> list[Made]:
    made, plan, st, _ = base_case(w, "ground", "seen landing, later departure")
    stay(w, made, plan, st, float(w.rng.uniform(0.5, 10) * 3600))
    made.flown = plan.fly()
    return [made]


def low_and_left(w: World) -> list[Made]:
    made, plan, st, _ = base_case(w, "low", "lost below 3,000 ft, later departure")
    stay(w, made, plan, st, float(w.rng.uniform(0.5, 10) * 3600))
    made.flown = plan.fly()
    return [made]


def two_legs(w: World, hop: bool) -> list[Made]:
    """Lands, stays (under 90 minutes when it is a hop), flies on and lands at another field."""
    rng = w.rng
    c = (JETS + PROPS)[int(rng.integers(len(JETS) + len(PROPS)))]
    for _ in range(80):
        made, plan, st, _ = base_case(
            w,
            str(rng.choice(["ground", "ground", "low", "high"])),
            "hop under 90 minutes" if hop else "two legs in a day",
            craft=c,
            long_share=0.0,
        )
        f = st.field
        try:
            g = w.another(f, 60, 350, c, str(rng.choice(["ground", "low"])))
            break
        except ValueError:
            continue
    else:
        raise ValueError("no such pair of fields")
    park(plan, float(rng.uniform(25, 80) * 60 if hop else rng.uniform(2, 8) * 3600))
    up, v_up = depart(plan, st, c, rng, from_stand=True, mark="lift_off")
    made.take_offs.append(("lift_off", f.code))
    st2 = w.strip(plan.plane, g, c)
    turn_toward(plan, st2.threshold, radius(min(c.climb_kt, 220), 24))
    m2 = suit(manner(rng, st2, c), st2, plan.points[-1])
    land(plan, st2, c, m2, up=up, v_up=v_up, cap=c.cruise_ft, mark="touchdown_2")
    roll_out(plan, st2, c, m2, rng)
    park(plan, 500)
    made.landings.append(("touchdown_2", g.code, st2.end.name))
    made.zones = w.zones(plan.plane, f, g)
    made.flown = plan.fly()
    return [made]


def departure_lost(w: World) -> list[Made]:
    """Only a departure, heard from the ground or from low up; no landing."""
    rng, c = w.rng, w.craft()
    f = w.pick("any", c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan = Plan(plane)
    up, v_up = depart(plan, st, c, rng, from_stand=True)
    leave(plan, st, c, rng, up, v_up, reach_nm(rng, c))
    flown = plan.fly()
    made = w.made("departure only", c, flown, plane, f)
    if rng.random() < 0.5:
        made.end = flown.stations["lift_off"] + float(rng.uniform(20, 400))
    made.take_offs.append(("lift_off", f.code))
    made.negatives.append(("start", "gone", "departure", f.code))
    return [made]

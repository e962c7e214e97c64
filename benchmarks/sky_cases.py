"""The situations of the made-up sky: each draws one aircraft's flight (or several aircraft's) with what truly happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from sky_fields import Field
from sky_moves import (
    Manner,
    circuit,
    climb,
    depart,
    go_around,
    land,
    low_pass,
    manner,
    park,
    roll_out,
    start_angle,
    thin_air,
    touchdown_kt,
)
from sky_path import DRONES, JETS, LIGHT, PROPS, ROTORS, Craft, Flown, Knots, Leg, Plan, Plane, Strip, nm, radius, strip
from sky_radio import Radio, Zone, draw_radio


@dataclass(slots=True)
class Made:
    """One aircraft: what it did, who heard it, and the truth. Marks name moments of ``flown``."""

    situation: str
    craft: Craft
    flown: Flown
    radio: Radio
    zones: list[Zone]
    landings: list[tuple[str, str, str]] = field(default_factory=list)
    take_offs: list[tuple[str, str]] = field(default_factory=list)
    negatives: list[tuple[str, str, str, str]] = field(default_factory=list)
    begin: float = 0.0
    end: float | None = None
    holes: list[tuple[float, float]] = field(default_factory=list)
    shares_with: int = -1
    t0: float = 0.0
    spoof: str = ""
    spoof_spec: dict[str, object] = field(default_factory=dict)
    undulation_ft: float = float("nan")


class World:
    """The fields, and chance."""

    def __init__(self, fields: dict[str, Field], rng: np.random.Generator) -> None:
        self.fields, self.rng = fields, rng
        self._of = {
            "ground": [f for f in fields.values() if f.floor_ft == 0],
            "low": [f for f in fields.values() if 0 < f.floor_ft < 3000],
            "high": [f for f in fields.values() if f.floor_ft >= 3000],
            "any": list(fields.values()),
        }

    def pick(self, kind: str, craft: Craft | None = None, near: bool | None = None) -> Field:
        """A field of a floor class, long enough for the craft; ``near``: with another field within 14 NM."""
        need = 500 if craft is None else min(2400.0, craft.roll_m * 1.45)
        pool = [f for f in self._of[kind] if f.longest() > need and (near is None or bool(f.near) == near)]
        return pool[int(self.rng.integers(len(pool)))]

    def strip(self, plane: Plane, f: Field, craft: Craft) -> Strip:
        ends = [e for e in f.ends if e.length_m > min(2400.0, craft.roll_m * 1.4)] or [max(f.ends, key=lambda e: e.length_m)]
        return strip(plane, f, ends[int(self.rng.integers(len(ends)))])

    def craft(self) -> Craft:
        pool = JETS if self.rng.random() < 0.72 else PROPS if self.rng.random() < 0.85 else LIGHT
        return pool[int(self.rng.integers(len(pool)))]

    def zones(self, plane: Plane, *fields_: Field) -> list[Zone]:
        return [Zone(plane.z(f.lat, f.lon), f, f.floor_ft) for f in {f.code: f for f in fields_}.values()]

    def another(self, f: Field, near_nm: float, far_nm: float, craft: Craft, kind: str = "any") -> Field:
        """Another field so far away."""
        plane = Plane(f.lat, f.lon)
        pool = [g for g in self._of[kind] if g.code != f.code and g.longest() > min(2400.0, craft.roll_m * 1.45)]
        d = np.array([abs(plane.z(g.lat, g.lon)) for g in pool]) / 1852
        fit = np.flatnonzero((d > near_nm) & (d < far_nm))
        if len(fit) == 0:
            raise ValueError(f"no field {near_nm}-{far_nm} NM from {f.code}")
        return pool[int(self.rng.choice(fit))]


Extra = dict[str, object]


def enter(plan: Plan, st: Strip, m: Manner, rng: np.random.Generator, dist_nm: float) -> None:
    """Start in the air, so far out, on a side that suits the approach, with a bend on the way."""
    angle = np.radians(start_angle(rng, m))
    plan.to(st.at(-nm(dist_nm) * np.cos(angle), nm(dist_nm) * np.sin(angle)))
    if dist_nm > 60:
        bend = angle + np.radians(rng.uniform(-12, 12))
        plan.to(st.at(-nm(dist_nm * 0.55) * np.cos(bend), nm(dist_nm * 0.55) * np.sin(bend)), 9000)


def suit(m: Manner, st: Strip, z: complex) -> Manner:
    """The approach adapted to the side from which the aircraft comes."""
    rel = (z - st.threshold) / st.along
    angle = np.degrees(np.arctan2(-rel.imag, -rel.real))
    m.side = 1 if angle >= 0 else -1
    if abs(angle) > 115:
        m.style = "short" if m.style == "short" else "downwind"
    elif abs(angle) > 55:
        m.style = "base"
    elif m.style in ("downwind", "base", "short"):
        m.style = "straight"
    return m


def turn_toward(plan: Plan, target: complex, r: float) -> None:
    """A way point in between when the turn would be too sharp for one corner."""
    if len(plan.points) < 2:
        return
    u = plan.points[-1] - plan.points[-2]
    for _ in range(2):
        turn = float(np.angle((target - plan.points[-1]) / u))
        if abs(turn) < np.radians(75):
            return
        u = u / abs(u) * np.exp(1j * np.sign(turn) * np.radians(62))
        plan.to(plan.points[-1] + u * 2.6 * r, r)


def leave(
    plan: Plan,
    st: Strip,
    craft: Craft,
    rng: np.random.Generator,
    up: Knots,
    v_up: Knots,
    dist_nm: float,
    mark: str = "gone",
    cap: float = 60000.0,
) -> None:
    """Climb away to a point so far out."""
    heading = np.angle(st.along) + np.radians(rng.uniform(-150, 150))
    target = st.threshold + nm(dist_nm) * np.exp(1j * heading)
    turn_toward(plan, target, radius(min(craft.climb_kt, 220), 24))
    at = plan.to(target, 6000)
    plan.leg(Leg(at, up=up, cap=min(cap, craft.cruise_ft), v_up=v_up, v_cap=craft.cruise_kt), mark)


def reach_nm(rng: np.random.Generator, craft: Craft) -> float:
    return float(rng.uniform(22, 35) if craft.category == "A1" else rng.uniform(40, 130))


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
        land(plan, st, c, m, up=up, v_up=v_up, cap=c.cruise_ft)
    else:
        d = reach_nm(rng, c)
        enter(plan, st, m, rng, d)
        land(plan, st, c, m, cap=min(c.cruise_ft, f.elevation_ft + rng.uniform(250, 330) * d + 2000))
    roll_out(plan, st, c, m, rng)
    radio = draw_radio(rng, ground=f.floor_ft == 0)
    made = Made(situation, c, None, radio, w.zones(plane, *zones), undulation_ft=f.undulation_ft)  # type: ignore[arg-type]
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


def lost_high(w: World) -> list[Made]:
    """Lost at thousands of feet and never heard again: half land there, half go elsewhere below coverage."""
    if w.rng.random() < 0.5:
        return arrival(w, "high", "lost high, no departure")
    out = elsewhere(w, later=False)
    out[0].situation = "lost high, no departure"
    return out


def bracket(w: World) -> list[Made]:
    """Lost at thousands of feet; next heard climbing out of the same field."""
    made, plan, st, _ = base_case(w, "high", "lost high, later departure")
    stay(w, made, plan, st, float(w.rng.uniform(0.6, 14) * 3600))
    made.flown = plan.fly()
    return [made]


def stay(w: World, made: Made, plan: Plan, st: Strip, seconds: float) -> None:
    """Park, then depart and leave."""
    park(plan, seconds)
    rng = w.rng
    up, v_up = depart(plan, st, made.craft, rng, from_stand=True, mark="lift_off")
    leave(plan, st, made.craft, rng, up, v_up, reach_nm(rng, made.craft))
    made.take_offs.append(("lift_off", st.field.code))


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
    made = Made(
        "lost high, departs from a neighbour", c, None, draw_radio(rng, ground=False), w.zones(plane, f, g), undulation_ft=g.undulation_ft
    )  # type: ignore[arg-type]
    made.landings.append(("touchdown", g.code, st.end.name))
    if later:
        stay(w, made, plan, st, float(rng.uniform(1, 10) * 3600))
    made.flown = plan.fly()
    return [made]


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
    up, v_up = go_around(plan, st, c, m, rng, lowest, cap=min(c.cruise_ft, f.elevation_ft + 300 * d))
    made = Made(situation, c, None, draw_radio(rng, ground=f.floor_ft == 0), w.zones(plane, f), undulation_ft=f.undulation_ft)  # type: ignore[arg-type]
    made.negatives.append(("go_around", "go_around", "go_around", f.code))
    missed = f.elevation_ft + rng.uniform(2000, 4500)
    circuit(plan, st, c, rng)
    if rng.random() < 0.65:
        again = suit(manner(rng, st, c, str(rng.choice(["downwind", "short"]))), st, plan.points[-1])
        again.style = "downwind_on"
        again.final_nm = max(again.final_nm, 4.0)
        again.side, again.width_nm = _abeam(st, plan.points[-1])
        land(plan, st, c, again, up=up, v_up=v_up, cap=max(missed, f.floor_ft * 1.3 + f.elevation_ft if kind == "low" else missed))
        roll_out(plan, st, c, again, rng)
        park(plan, float(rng.uniform(60, 900)))
        made.landings.append(("touchdown", f.code, st.end.name))
    else:
        leave(plan, st, c, rng, up, v_up, 60)
    made.flown = plan.fly()
    return [made]


def _abeam(st: Strip, z: complex) -> tuple[int, float]:
    right = -((z - st.threshold) / st.along).imag
    return (1 if right >= 0 else -1), abs(right) / 1852


def touch_and_go(w: World) -> list[Made]:
    """Wheels down for seconds, several times; half land in the end."""
    rng = w.rng
    c = (JETS + PROPS + LIGHT)[int(rng.integers(len(JETS + PROPS + LIGHT)))]
    f = w.pick(str(rng.choice(["ground", "ground", "low"])), c)
    plane = Plane(f.lat, f.lon)
    st = w.strip(plane, f, c)
    plan, m = Plan(plane), manner(rng, st, c)
    enter(plan, st, m, rng, 25)
    made = Made("touch-and-go", c, None, draw_radio(rng, ground=f.floor_ft == 0), w.zones(plane, f), undulation_ft=f.undulation_ft)  # type: ignore[arg-type]
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
        m.side, m.width_nm = _abeam(st, plan.points[-1])
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
    made = Made(
        "calibration flight" if many else "low pass",
        c,
        None,
        draw_radio(rng, ground=f.floor_ft == 0),
        w.zones(plane, f),
        undulation_ft=f.undulation_ft,
    )  # type: ignore[arg-type]
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
        m.side, m.width_nm = _abeam(st, plan.points[-1])
    if rng.random() < 0.4:
        land(plan, st, c, m, up=up, v_up=v_up, cap=cap)
        roll_out(plan, st, c, m, rng)
        park(plan, 300)
        made.landings.append(("touchdown", f.code, st.end.name))
    else:
        leave(plan, st, c, rng, up, v_up, 60)
    made.flown = plan.fly()
    return [made]


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
    made = Made("overflight, low" if low else "overflight", c, plan.fly(), radio, w.zones(plane, f), undulation_ft=f.undulation_ft)
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
    made = Made("gap in cruise over a capital", c, flown, draw_radio(rng, ground=False), w.zones(plane, f), undulation_ft=f.undulation_ft)
    made.holes.append((mid - gap * rng.uniform(0.2, 0.8), mid + gap * 0.5))
    made.negatives.append(("start", "gone", "overflight", f.code))
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
    level = f.elevation_ft + rng.uniform(5000, 11000)
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
    made = Made(
        "hold, then landing", c, plan.fly(), draw_radio(rng, ground=f.floor_ft == 0), w.zones(plane, f), undulation_ft=f.undulation_ft
    )
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
    made = Made("diversion", c, None, draw_radio(rng, ground=g.floor_ft == 0), w.zones(plane, f, g), undulation_ft=g.undulation_ft)  # type: ignore[arg-type]
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
    made = Made("turned back", c, plan.fly(), draw_radio(rng, ground=f.floor_ft == 0), w.zones(plane, f), undulation_ft=f.undulation_ft)
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
    made = Made("rejected take-off", c, plan.fly(), draw_radio(rng, ground=True), w.zones(plane, f), undulation_ft=f.undulation_ft)
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
    made = Made("taxi only", c, plan.fly(), draw_radio(rng, ground=True), w.zones(plane, f), undulation_ft=f.undulation_ft)
    made.negatives.append(("start", "stand", "taxi_only", f.code))
    return [made]


def helicopter(w: World) -> list[Made]:
    """Lands on an airfield's apron; or hovers beside one; or comes down far from any."""
    rng = w.rng
    c = ROTORS[int(rng.integers(len(ROTORS)))]
    f = w.pick("ground")
    plane = Plane(f.lat, f.lon)
    plan = Plan(plane)
    what = str(rng.choice(["lands", "hovers", "hovers"]))
    h = np.exp(2j * np.pi * rng.random())
    e, level = f.elevation_ft, f.elevation_ft + rng.uniform(600, 1500)
    st = w.strip(plane, f, c)
    spot = st.at(rng.uniform(400, 1200), st.field_side() * rng.uniform(250, 600)) if what == "lands" else h * 1j * nm(rng.uniform(0.8, 3.5))
    plan.to(spot - h * nm(20))
    plan.to(spot - h * nm(6) + nm(2), 900)
    at = plan.to(spot, 300)
    kt = c.cruise_kt
    if what == "lands":
        plan.leg(
            Leg(
                at,
                down=[(0, e), (60, e + 12), (nm(1), e + 420), (nm(2.2), level)],
                cap=level,
                v_down=[(0, 4), (150, 18), (nm(1), 70), (nm(2.2), kt)],
                v_cap=kt,
            ),
            "touchdown",
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
    made = Made(f"helicopter {what}", c, plan.fly(), radio, w.zones(plane, f), undulation_ft=f.undulation_ft)
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
    made = Made(
        "drone lands" if lands else "drone circles", c, None, draw_radio(rng, ground=True), w.zones(plane, f), undulation_ft=f.undulation_ft
    )  # type: ignore[arg-type]
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


def emergency(w: World) -> list[Made]:
    """Rapid descent from cruise away from any field; contact is lost. Half carry squawk 7700."""
    from pipeline.places.airports import load_airports

    rng = w.rng
    c = JETS[int(rng.integers(len(JETS)))]
    f = w.pick("any", c)
    plane = Plane(f.lat, f.lon)
    for _ in range(200):
        spot = nm(rng.uniform(45, 180)) * np.exp(2j * np.pi * rng.random())
        lat, lon = plane.latlon(np.array([spot]))
        if not load_airports().nearest(float(lat[0]), float(lon[0]), within_nm=14.0, limit=1):
            break
    plan = Plan(plane)
    h = np.exp(2j * np.pi * rng.random())
    plan.to(spot - h * nm(120))
    at = plan.to(spot + h * nm(5))
    per = rng.uniform(700, 1500) / nm(1)
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
    made = Made("contact lost in descent", c, plan.fly(), radio, [], undulation_ft=f.undulation_ft)
    made.negatives.append(("start", "lost", "contact_lost", ""))
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
    made = Made("departure only", c, flown, draw_radio(rng, ground=f.floor_ft == 0), w.zones(plane, f), undulation_ft=f.undulation_ft)
    if rng.random() < 0.5:
        made.end = flown.stations["lift_off"] + float(rng.uniform(20, 400))
    made.take_offs.append(("lift_off", f.code))
    made.negatives.append(("start", "gone", "departure", f.code))
    return [made]


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

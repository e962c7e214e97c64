"""A flight of the made-up sky with its truth, the world it is drawn from, and how flights enter, turn and leave."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sky_fields import Field
from sky_moves import (
    Manner,
    start_angle,
)
from sky_path import JETS, LIGHT, PROPS, Craft, Flown, Knots, Leg, Plan, Plane, Strip, nm, radius, strip
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


def runway_m(craft: Craft) -> float:
    """The shortest runway it is flown to: wide-bodies keep to long ones."""
    return {"A5": 2500.0, "A3": 1850.0}.get(craft.category, 1.3 * craft.roll_m) if craft.type_code != "C17" else 1700.0


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
        need = 500.0 if craft is None else runway_m(craft)
        pool = [f for f in self._of[kind] if f.longest() > need and (near is None or bool(f.near) == near)]
        return pool[int(self.rng.integers(len(pool)))]

    def strip(self, plane: Plane, f: Field, craft: Craft) -> Strip:
        ends = [e for e in f.ends if e.length_m > runway_m(craft)] or [max(f.ends, key=lambda e: e.length_m)]
        return strip(plane, f, ends[int(self.rng.integers(len(ends)))])

    def craft(self) -> Craft:
        pool = JETS if self.rng.random() < 0.72 else PROPS if self.rng.random() < 0.85 else LIGHT
        return pool[int(self.rng.integers(len(pool)))]

    def zones(self, plane: Plane, *fields_: Field) -> list[Zone]:
        return [Zone(plane.z(f.lat, f.lon), f, f.floor_ft) for f in {f.code: f for f in fields_}.values()]

    def made(self, situation: str, craft: Craft, flown: Flown | None, plane: Plane, *fields_: Field, radio: Radio | None = None) -> Made:
        """A flight near these fields; the first is its main one. ``flown`` may be set later."""
        main = fields_[0]
        heard_by = radio or draw_radio(self.rng, ground=main.floor_ft == 0)
        return Made(situation, craft, flown, heard_by, self.zones(plane, *fields_), undulation_ft=main.undulation_ft)  # type: ignore[arg-type]

    def another(self, f: Field, near_nm: float, far_nm: float, craft: Craft, kind: str = "any") -> Field:
        """Another field so far away."""
        plane = Plane(f.lat, f.lon)
        pool = [g for g in self._of[kind] if g.code != f.code and g.longest() > runway_m(craft)]
        d = np.array([abs(plane.z(g.lat, g.lon)) for g in pool]) / 1852
        fit = np.flatnonzero((d > near_nm) & (d < far_nm))
        if len(fit) == 0:
            raise ValueError(f"no field {near_nm}-{far_nm} NM from {f.code}")
        return pool[int(self.rng.choice(fit))]


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
    plan.leg(Leg(at, up=up, cap=min(cap, ceiling(craft, st.elevation_ft)), v_up=v_up, v_cap=craft.cruise_kt), mark)


def abeam(st: Strip, z: complex) -> tuple[int, float]:
    right = -((z - st.threshold) / st.along).imag
    return (1 if right >= 0 else -1), abs(right) / 1852


def ceiling(craft: Craft, elevation_ft: float) -> float:
    """How high it cruises, also from a field that lies high."""
    return max(craft.cruise_ft, elevation_ft + 3000)


def reach_nm(rng: np.random.Generator, craft: Craft) -> float:
    return float(rng.uniform(22, 35) if craft.category == "A1" else rng.uniform(40, 130))

"""Kinematics: a plan of way points and legs becomes position, altitude and speed at any second.

A flight is flown in a plane (azimuthal equidistant round its main field, so distances and bearings from there are exact). The path is a
polyline whose corners are rounded to the turn radius; height and speed are envelopes over the distance since the leg began and until it
ends; time is the integral of distance over speed. So acceleration, turns and slopes stay those of an aircraft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from sky_fields import NM_M, End, Field

Floats = NDArray[np.float64]
GEOD = Geod(ellps="WGS84")
KT = 0.514444
G = 9.81


class Plane:
    """Azimuthal equidistant coordinates round a point: complex metres, east + i north."""

    def __init__(self, lat: float, lon: float) -> None:
        self.lat, self.lon = lat, lon

    def z(self, lat: float, lon: float) -> complex:
        azimuth, _, metres = GEOD.inv(self.lon, self.lat, lon, lat)
        return complex(metres * np.exp(1j * np.radians(90 - azimuth)))

    def latlon(self, z: NDArray[np.complex128]) -> tuple[Floats, Floats]:
        azimuth, n = 90 - np.degrees(np.angle(z)), len(z)
        lon, lat, _ = GEOD.fwd(np.full(n, self.lon), np.full(n, self.lat), azimuth, np.abs(z))
        return lat, lon


@dataclass(frozen=True, slots=True)
class Strip:
    """A runway end in the plane: threshold, direction of landing (unit), usable metres, elevation."""

    field: Field
    end: End
    threshold: complex
    along: complex
    length_m: float
    elevation_ft: float
    reference: complex

    def at(self, along_m: float, right_m: float = 0.0) -> complex:
        """A point so far beyond the threshold and to the right of the axis."""
        return self.threshold + self.along * (along_m - 1j * right_m)

    def field_side(self) -> int:
        """On which side of the runway the field's reference point lies: 1 right, -1 left."""
        return -1 if (self.reference / self.along).imag - (self.threshold / self.along).imag > 0 else 1


def strip(plane: Plane, field_: Field, end: End) -> Strip:
    a, b = plane.z(end.lat, end.lon), plane.z(end.far_lat, end.far_lon)
    return Strip(field_, end, a, (b - a) / abs(b - a), abs(b - a), end.elevation_ft, plane.z(field_.lat, field_.lon))


#: Envelopes are (metres, value) knots.
Knots = Sequence[tuple[float, float]]


@dataclass(slots=True)
class Leg:
    """From one station to another. ``up`` counts from its start, ``down`` from its end; the lowest of both and ``cap`` holds (feet; knots).

    ``pause_s``: standing still at its end. ``floor``: never lower than this (ft).
    """

    to: int
    off: float = 0.0
    up: Knots = ()
    down: Knots = ()
    cap: float = 60000.0
    v_up: Knots = ()
    v_down: Knots = ()
    v_cap: float = 500.0
    pause_s: float = 0.0
    ground: bool = False


@dataclass(slots=True)
class Flown:
    """A plan in time: ``t`` from 0 (s), position, altitude (ft MSL) and whether the wheels are down."""

    plane: Plane
    t: Floats
    s: Floats
    z: NDArray[np.complex128]
    alt: Floats
    ground: NDArray[np.bool_]
    stations: dict[str, float]

    def at(self, t: Floats) -> NDArray[np.complex128]:
        return np.interp(t, self.t, self.z.real) + 1j * np.interp(t, self.t, self.z.imag)

    def altitude(self, t: Floats) -> Floats:
        """Feet above the sea, corners of the profile rounded over six seconds."""
        return np.mean([np.interp(t + d, self.t, self.alt) for d in (-3.0, -1.5, 0.0, 1.5, 3.0)], axis=0)

    def on_ground(self, t: Floats) -> NDArray[np.bool_]:
        i = np.clip(np.searchsorted(self.t, t, side="right") - 1, 0, len(self.t) - 1)
        return self.ground[i]


@dataclass(slots=True)
class Plan:
    """Way points in order, and the legs between them."""

    plane: Plane
    points: list[complex] = field(default_factory=list)
    radii: list[float] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    marks: list[tuple[str, int, float]] = field(default_factory=list)

    def to(self, z: complex, radius: float = 2500.0) -> int:
        self.points.append(complex(z))
        self.radii.append(radius)
        return len(self.points) - 1

    def leg(self, leg: Leg, mark: str = "") -> None:
        """Add a leg; ``mark`` names the moment at which it ends."""
        self.legs.append(leg)
        if mark:
            self.marks.append((mark, leg.to, leg.off))

    def fly(self) -> Flown:
        """Raises:
        ValueError: legs that run backwards.
        """
        poly, station = _rounded(self.points, self.radii)
        s_poly = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(poly)))))
        at = [s_poly[k] for k in station]
        parts: list[tuple[Floats, Floats, Floats, bool]] = []
        start = 0.0
        for leg in self.legs:
            end = float(at[leg.to] + leg.off)
            if end - start < 1.0:
                raise ValueError(f"a leg of {end - start:.0f} m")
            step = 8.0 if leg.ground else 50.0 if end - start < 2e5 else 150.0
            s = np.linspace(start, end, max(3, int((end - start) / step) + 1))
            alt, v = (
                _envelope(s - start, end - s, leg.up, leg.down, leg.cap, 1),
                _envelope(s - start, end - s, leg.v_up, leg.v_down, leg.v_cap, 2),
            )
            parts.append((s, alt, v, leg.ground))
            start = end
        s = np.concatenate([q[0] for q in parts])
        ground = np.concatenate([np.full(len(q[0]), q[3]) for q in parts])
        v = _flyable(s, np.concatenate([q[2] for q in parts]) * KT, ground, s_poly, poly)
        dt = 2 * np.diff(s) / (v[1:] + v[:-1])
        ends = np.cumsum([len(q[0]) for q in parts]) - 1
        pauses = np.zeros(len(s))
        for k, leg in zip(ends[:-1], self.legs[:-1], strict=True):
            pauses[k + 1] = leg.pause_s
        t = np.concatenate(([0.0], np.cumsum(dt))) + np.cumsum(pauses)
        z = np.interp(s, s_poly, poly.real) + 1j * np.interp(s, s_poly, poly.imag)
        alt = np.concatenate([q[1] for q in parts])
        moments = {(leg.to, leg.off): float(t[k]) for k, leg in zip(ends, self.legs, strict=True)}
        if self.legs[-1].pause_s:
            s, z, alt, ground = (np.append(a, a[-1]) for a in (s, z, alt, ground))
            t = np.append(t, t[-1] + self.legs[-1].pause_s)
        names = {name: moments[(to, off)] for name, to, off in self.marks}
        return Flown(self.plane, t, s, z, alt, ground, names)


#: Metres per second squared: sideways (36° of bank), speeding up and slowing down in the air and on the ground.
SIDEWAYS, FASTER, SLOWER = 7.0, (0.9, 2.1), (0.8, 2.7)


def _envelope(gone: Floats, left: Floats, up: Knots, down: Knots, cap: float, power: int) -> Floats:
    """The lowest of both envelopes and the cap. For speeds ``power`` is 2: with constant acceleration its square is linear in distance."""
    out = np.full(len(gone), cap)
    for knots, d in ((up, gone), (down, left)):
        if knots:
            x, y = np.array(knots, dtype=float).T
            out = np.minimum(out, np.interp(d, x, y**power) ** (1 / power)) if power > 1 else np.minimum(out, np.interp(d, x, y))
    return np.maximum(out, 2.0) if power > 1 else out


def _flyable(s: Floats, v: Floats, ground: NDArray[np.bool_], s_poly: Floats, poly: NDArray[np.complex128]) -> Floats:
    """Speeds lowered where a turn or a change of speed would ask too much of an aircraft.

    With bounded acceleration v² grows by at most 2a per metre, so the bound of all earlier points is a running minimum.
    """
    turn = np.abs(np.angle(np.diff(poly)[1:] / np.diff(poly)[:-1]))
    ahead = np.abs(np.diff(poly))
    curve = np.concatenate(([0.0], 2 * turn / np.maximum(ahead[1:] + ahead[:-1], 1.0), [0.0]))
    # A corner's arc is of short chords: the curvature between two of its points is theirs.
    tight = np.interp(s, s_poly, np.where(turn_is_small(curve), 0.0, curve))
    limit = np.minimum(v**2, SIDEWAYS / np.maximum(tight, 1e-9))
    ds = np.diff(s, prepend=s[0])
    for faster in (True, False):
        a = np.where(ground, (FASTER if faster else SLOWER)[1], (FASTER if faster else SLOWER)[0])
        if faster:
            grown = np.cumsum(2 * a * ds)
            limit = np.minimum(limit, grown + np.minimum.accumulate(limit - grown))
        else:
            left = np.cumsum((2 * a * ds)[::-1])[::-1]
            left = np.append(left[1:], 0.0)
            limit = np.minimum(limit, left + np.minimum.accumulate((limit - left)[::-1])[::-1])
    return np.maximum(np.sqrt(limit), 1.0)


def turn_is_small(curve: Floats) -> NDArray[np.bool_]:
    """A bend so slight that it is none (radius beyond 60 km)."""
    return curve < 1 / 60000


def _rounded(points: list[complex], radii: list[float]) -> tuple[NDArray[np.complex128], list[int]]:
    """The polyline with its corners rounded, and for each way point the index of its nearest place on it."""
    out: list[complex] = [points[0]]
    station = [0]
    for i in range(1, len(points) - 1):
        a, b, c = points[i - 1], points[i], points[i + 1]
        u, w = (b - a) / max(abs(b - a), 1e-6), (c - b) / max(abs(c - b), 1e-6)
        turn = float(np.angle(w / u))
        if abs(turn) < 0.002:
            out.append(b)
            station.append(len(out) - 1)
            continue
        half = min(abs(turn) / 2, 1.5)
        cut = min(radii[i] * np.tan(half), 0.49 * abs(b - a), 0.49 * abs(c - b))
        r = cut / np.tan(half)
        side = 1j if turn > 0 else -1j
        centre = b - u * cut + side * u * r
        steps = max(4, int(np.degrees(abs(turn)) / 2) + 1)
        arc = [centre - side * u * r * np.exp(1j * turn * k / steps) for k in range(steps + 1)]
        station.append(len(out) + steps // 2)
        out += arc
    out.append(points[-1])
    station.append(len(out) - 1)
    return np.array(out), station


@dataclass(frozen=True, slots=True)
class Craft:
    """What it can do: speeds in knots (approach, climb, cruise), ceiling in feet, climb and descent in feet per nautical mile."""

    type_code: str
    category: str
    approach_kt: float
    climb_kt: float
    cruise_kt: float
    cruise_ft: float
    climb_ft_nm: float
    descent_ft_nm: float
    roll_m: float
    rotor: bool = False
    drone: bool = False


JETS = (
    Craft("A319", "A3", 132, 270, 450, 37000, 520, 310, 1500),
    Craft("A332", "A5", 139, 280, 470, 39000, 430, 310, 1800),
    Craft("B737", "A3", 137, 275, 450, 38000, 500, 310, 1600),
    Craft("B744", "A5", 147, 290, 485, 35000, 400, 300, 2000),
    Craft("B77W", "A5", 145, 285, 480, 37000, 430, 305, 1900),
    Craft("IL96", "A5", 143, 280, 465, 36000, 380, 305, 2000),
    Craft("T204", "A3", 135, 270, 450, 36000, 450, 305, 1700),
    Craft("GLF5", "A2", 118, 260, 470, 43000, 650, 330, 1200),
    Craft("GLEX", "A2", 115, 260, 470, 43000, 620, 330, 1200),
    Craft("F900", "A2", 112, 250, 450, 40000, 600, 330, 1150),
    Craft("C56X", "A2", 108, 230, 410, 38000, 560, 330, 1050),
    Craft("C17", "A5", 130, 260, 440, 33000, 420, 310, 1300),
)
PROPS = (
    Craft("C130", "A4", 120, 180, 300, 22000, 420, 310, 1100),
    Craft("A400", "A4", 125, 220, 380, 29000, 470, 310, 1100),
    Craft("DH8D", "A3", 120, 210, 340, 24000, 480, 310, 1200),
    Craft("B350", "A2", 105, 160, 280, 25000, 560, 310, 900),
)
LIGHT = (Craft("C172", "A1", 65, 80, 110, 4500, 420, 400, 450), Craft("PC12", "A1", 88, 130, 250, 20000, 480, 330, 700))
ROTORS = (
    Craft("H60", "A7", 60, 90, 135, 1500, 700, 500, 60, rotor=True),
    Craft("A139", "A7", 60, 90, 145, 2000, 700, 500, 60, rotor=True),
    Craft("EC45", "A7", 55, 80, 125, 1500, 700, 500, 60, rotor=True),
)
DRONES = (
    Craft("TB2", "B6", 62, 65, 72, 16000, 350, 300, 500, drone=True),
    Craft("Q9", "B6", 85, 100, 170, 20000, 300, 300, 800, drone=True),
)


def nm(x: float) -> float:
    return x * NM_M


def radius(kt: float, bank_deg: float = 22.0) -> float:
    """Metres of turn radius at a speed and bank."""
    return float((kt * KT) ** 2 / (G * np.tan(np.radians(bank_deg))))

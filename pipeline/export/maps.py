"""Maps: an airfield with its runways, range rings and the last half hour of a track; and a whole route."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pipeline.export.text import short_airport
from pipeline.model.entities import Airport, Runway
from pipeline.model.origin import Origin
from pipeline.places.geo import local_xy_m

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NM: Final = 1852.0
_BEFORE: Final = timedelta(minutes=30)
#: A position this near to the touchdown in time is where it landed; else it is where it was last received.
_RECEIVED: Final = timedelta(seconds=75)
#: How far the enlarged part around the field reaches.
_CLOSE_NM: Final = 3.0
#: A silence longer than this is drawn dashed: nobody saw that part.
_GAP_S: Final = 120.0
#: A line of so many letters fits below the map in the larger size.
_FITS: Final = 62
_TRACK, _GROUND, _RUNWAY, _RING, _OTHER = "#0b5cad", "#b42318", "#57606a", "#d0d7de", "#6f42c1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapImage:
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Another aircraft that is there: where and when it was last received (NaN: not known)."""

    label: str
    lat: float
    lon: float
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingMap:
    """The half hour before a landing and the ten minutes after it: what is drawn, and the words for who cannot see it.

    Drawing takes half a second; it needs nothing but this, and no store.

    Args:
        track: ``POSITIONS`` of one aircraft without rejected points.
        runways: landing ends of the field; those without a threshold are not drawn.
        others: marked where they were last received, or named below the title when that is off the map.
        set_aside: times of rejected positions; no line is drawn across them.
    """

    track: pd.DataFrame
    airport: Airport
    runways: Sequence[Runway]
    touchdown: datetime
    label: str
    origin: Origin
    attribution: str
    others: Sequence[Present] = ()
    set_aside: Sequence[datetime] = ()

    @property
    def alt(self) -> str:
        """The alternative text."""
        reach, named = self._reach(), [said for said, _ in _say_others(self.others, self.airport, self._reach())]
        there = f" Also there: {'; '.join(named)}." if named else ""
        text = (
            f"Map of the last half hour before the landing at {self.airport.name}: {len(self._part())} positions, "
            f"the farthest {reach / 1.08:.0f} NM from the field; runways, also enlarged, and range rings.{there}"
        )
        return _labelled(text, self.origin)

    def draw(self) -> MapImage:
        """The picture."""
        airport, touchdown, part = self.airport, self.touchdown, self._part()
        figure, axes = _figure(5.6, 5.6)
        x, y = self._xy_nm(part)
        t = part["time"].astype("int64").to_numpy() / 1e6
        for radius in (5, 10, 20, 40):
            axes.add_patch(_circle(radius))
            axes.annotate(f"{radius} NM", (0, radius), color="#6e7781", fontsize=9.5, ha="center", va="bottom")
        _draw_runways(axes, self.runways, airport)
        aside = np.sort(np.array([moment.timestamp() for moment in self.set_aside], dtype=np.float64))
        _draw_track(axes, x, y, t, aside=aside)
        if len(part):
            at = int(np.argmin(np.abs(t - touchdown.timestamp())))
            axes.plot(x[at], y[at], marker="o", color=_GROUND, markersize=6, zorder=5)
            nearest = part["time"].iloc[at].to_pydatetime()
            # A touchdown that nobody received is not on the map: what is marked is where the aircraft was last received.
            said = f"{touchdown:%H:%M} UTC" if abs(nearest - touchdown) <= _RECEIVED else f"received {nearest:%H:%M} UTC"
            bold: dict[str, Any] = {"color": _GROUND, "fontsize": 12, "fontweight": "bold", "zorder": 5}
            axes.annotate(said, (x[at], y[at]), xytext=(9, -4), textcoords="offset points", **bold)
        reach = self._reach()
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-reach, reach)
        axes.set_aspect("equal")
        _draw_close(axes, self.runways, airport, self.others, (x, y, t, aside))
        axes.set_title(f"{self.label}\n{_title(airport, touchdown)}", fontsize=12, loc="left")
        _draw_others(axes, self.others, airport, reach)
        if part.empty:
            axes.annotate("no positions are kept of it", (0, -reach / 8), color=_GROUND, fontsize=11, ha="center")
        return MapImage(png=_finish(figure, axes, self.origin, self.attribution), alt=self.alt)

    def _part(self) -> pd.DataFrame:
        track, touchdown = self.track, self.touchdown
        return track[(track["time"] >= touchdown - _BEFORE) & (track["time"] <= touchdown + timedelta(minutes=10))].sort_values("time")

    def _xy_nm(self, part: pd.DataFrame) -> tuple[Any, Any]:
        x, y = local_xy_m(part["lat"], part["lon"], self.airport.lat, self.airport.lon)
        return x / _NM, y / _NM

    def _reach(self) -> float:
        """Half of the map's width, in NM."""
        part = self._part()
        return float(np.clip(np.nanmax(np.hypot(*self._xy_nm(part))) if len(part) else 10, 8, 45)) * 1.08


def route_map(track: pd.DataFrame, *, label: str, fields: Sequence[Airport], origin: Origin, attribution: str) -> MapImage:
    """A whole flight on a plain grid of degrees, with the fields that matter marked."""
    figure, axes = _figure(7.2, 4.4)
    part = track.sort_values("time")
    lon = np.degrees(np.unwrap(np.radians(part["lon"].to_numpy(dtype=np.float64))))
    _draw_track(axes, lon, part["lat"].to_numpy(dtype=np.float64), part["time"].astype("int64").to_numpy() / 1e6, gap_s=900)
    for field in fields:
        axes.plot(field.lon, field.lat, marker="s", color=_GROUND, markersize=5)
        axes.annotate(f" {field.code}", (field.lon, field.lat), fontsize=8, color=_GROUND)
    axes.set_aspect(1 / max(0.2, float(np.cos(np.radians(part["lat"].mean())))), adjustable="datalim")
    axes.grid(color=_RING, linewidth=0.6)
    axes.set_xlabel("longitude", fontsize=7)
    axes.set_ylabel("latitude", fontsize=7)
    axes.tick_params(labelsize=7)
    axes.set_title(label, fontsize=9, loc="left")
    named = ", ".join(f"{f.name} ({f.code})" for f in fields)
    alt = _labelled(f"Route of {len(part)} positions; fields marked: {named}.", origin)
    return MapImage(png=_finish(figure, axes, origin, attribution, frame=True), alt=alt)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _title(airport: Airport, touchdown: datetime) -> str:
    """Short enough to be read on a phone, where the map is half as wide as it is drawn."""
    name = short_airport(airport.name, "")
    return f"{name if len(name) <= 24 else airport.code} ({airport.code}), {touchdown.day} {touchdown:%b %Y, %H:%M} UTC"


def _circle(radius: float) -> Any:
    from matplotlib.patches import Circle

    return Circle((0, 0), radius, fill=False, color=_RING, linewidth=0.8)


def _draw_runways(axes: Axes, runways: Sequence[Runway], airport: Airport) -> None:
    for one in runways:
        if not np.isfinite(one.lat):
            continue
        x, y = (float(v) / _NM for v in local_xy_m(one.lat, one.lon, airport.lat, airport.lon))
        length = (one.length_ft if one.length_ft > 0 else 6000) * 0.3048 / _NM
        heading = np.radians(one.heading_deg)
        axes.plot([x, x + length * np.sin(heading)], [y, y + length * np.cos(heading)], color=_RUNWAY, linewidth=2.5, solid_capstyle="butt")


def _say_others(others: Sequence[Present], airport: Airport, reach: float) -> list[tuple[str, tuple[float, float] | None]]:
    """What is said of each of the first four, and where it is on the map, None where it is off it; and that there are more."""
    said: list[tuple[str, tuple[float, float] | None]] = []
    for one in others[:4]:
        seen = f"last seen {one.last_seen:%d %b %H:%M} UTC" if one.last_seen else "no position kept"
        x, y = (
            (float(v) / _NM for v in local_xy_m(one.lat, one.lon, airport.lat, airport.lon)) if np.isfinite(one.lat) else (np.nan, np.nan)
        )
        on = bool(np.isfinite(x) and abs(x) < reach and abs(y) < reach)
        said.append((f"{one.label}, {seen}" + ("" if on else " (off this map)"), (x, y) if on else None))
    if len(others) > len(said):
        said.append((f"{len(others) - len(said)} more", None))
    return said


def _draw_others(axes: Axes, others: Sequence[Present], airport: Airport, reach: float) -> None:
    """Squares for those on the map, and a line for each below it."""
    said = _say_others(others, airport, reach)
    for _, place in said:
        if place is not None:
            axes.plot(*place, marker="s", color=_OTHER, markersize=5, zorder=5)
    if said:
        size = 9.5 if max(len(one) for one, _ in said) <= _FITS else 7.5
        axes.set_xlabel("\n".join(f"■ {one}" for one, _ in said), color=_OTHER, fontsize=size, loc="left", linespacing=1.4)


def _draw_close(
    axes: Axes, runways: Sequence[Runway], airport: Airport, others: Sequence[Present], track: tuple[Any, Any, Any, Any]
) -> None:
    """The field itself, enlarged, in the corner on the right that the track needs less: at that scale a runway is a dot."""
    x, y, t, aside = track
    edge = axes.get_xlim()[1] * 0.3
    low = int(((x > edge) & (y > edge)).sum()) > int(((x > edge) & (y < -edge)).sum())
    close = axes.inset_axes((0.66, 0.01 if low else 0.66, 0.33, 0.33))
    _draw_runways(close, runways, airport)
    _draw_track(close, x, y, t, aside=aside)
    named: list[tuple[float, float, str]] = []
    for one in runways:
        if np.isfinite(one.lat):
            rx, ry = (float(v) / _NM for v in local_xy_m(one.lat, one.lon, airport.lat, airport.lon))
            near = next((i for i, (nx, ny, _) in enumerate(named) if np.hypot(nx - rx, ny - ry) < 0.45), None)
            if near is None:
                named.append((rx, ry, one.name))
            else:
                named[near] = (*named[near][:2], f"{named[near][2]}/{one.name}")
    for rx, ry, name in named:
        if max(abs(rx), abs(ry)) < _CLOSE_NM * 0.9:
            out = 7 if ry > 0 else -7
            close.annotate(name, (rx, ry), xytext=(0, out), textcoords="offset points", fontsize=9, color=_RUNWAY, ha="center", va="center")
    for other in others[:4]:
        if np.isfinite(other.lat):
            ox, oy = (float(v) / _NM for v in local_xy_m(other.lat, other.lon, airport.lat, airport.lon))
            if max(abs(ox), abs(oy)) < _CLOSE_NM:
                close.plot(ox, oy, marker="s", color=_OTHER, markersize=5, zorder=5)
    close.set_xlim(-_CLOSE_NM, _CLOSE_NM)
    close.set_ylim(-_CLOSE_NM, _CLOSE_NM)
    close.set_aspect("equal")
    close.set_xticks([])
    close.set_yticks([])
    close.annotate(f"{2 * _CLOSE_NM:.0f} NM across", (0.97, 0.03), xycoords="axes fraction", fontsize=8.5, color=_RUNWAY, ha="right")
    for spine in close.spines.values():
        spine.set_color(_RING)


def _draw_track(axes: Axes, x: Any, y: Any, t: Any, gap_s: float = _GAP_S, aside: Any = ()) -> None:
    """Lines between positions: dashed over a silence, none over positions that were set aside."""
    if not len(t):
        return
    spoiled = np.searchsorted(aside, t[1:]) > np.searchsorted(aside, t[:-1]) if len(aside) else np.zeros(len(t) - 1, dtype=bool)
    cuts = np.flatnonzero((np.diff(t) > gap_s) | spoiled) + 1
    for part in np.split(np.arange(len(t)), cuts):
        axes.plot(x[part], y[part], color=_TRACK, linewidth=1.6, marker=".", markersize=2.5, zorder=4)
    for cut in cuts:
        if spoiled[cut - 1]:
            continue
        axes.plot(x[cut - 1 : cut + 1], y[cut - 1 : cut + 1], color=_TRACK, linewidth=1, linestyle=(0, (4, 4)), zorder=3)


def _labelled(alt: str, origin: Origin) -> str:
    return f"RECONSTRUCTION, invented positions. {alt}" if origin is Origin.RECONSTRUCTED else alt


def _finish(figure: Figure, axes: Axes, origin: Origin, attribution: str, *, frame: bool = False) -> bytes:
    if not frame:
        axes.set_xticks([])
        axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(_RING)
    axes.annotate(
        f"{attribution}; runways: OurAirports",
        (0.01, 0.01),
        xycoords="axes fraction",
        fontsize=7.5,
        color="#57606a",
        ha="left",
        va="bottom",
    )
    if origin is Origin.RECONSTRUCTED:
        box = {"facecolor": _GROUND, "edgecolor": "none", "pad": 3}
        axes.annotate(
            "RECONSTRUCTION: invented positions",
            (0.02, 0.98),
            xycoords="axes fraction",
            ha="left",
            va="top",
            color="white",
            fontsize=11,
            bbox=box,
        )
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()

"""Points that cannot be true are set aside with a reason; the stretch, never the aircraft's day."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.detect.track import Bools, Track
from pipeline.model.units import M_PER_NM
from pipeline.places.geo import distance_nm

Reasons = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A network that repeats the last position while the aircraft is said to move (EASA and OpenSky users report up to 300 s)."""

    least_speed_kt: float = 40.0
    least_s: float = 20.0

    def apply(self, track: Track) -> Bools:
        """True for each repeat after the first point of a run that lasts ``least_s`` or more."""
        if len(track) < 2:
            return np.zeros(len(track), dtype=bool)
        same = np.zeros(len(track), dtype=bool)
        same[1:] = (np.diff(track.lat) == 0) & (np.diff(track.lon) == 0) & ~(track.speed_kt[1:] < self.least_speed_kt)
        run = np.cumsum(~same)
        start = track.t[np.flatnonzero(~same)][run - 1]
        length = np.zeros(run[-1] + 1)
        np.maximum.at(length, run, track.t - start)
        repeated: Bools = same & (length[run] >= self.least_s)
        return repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumps:
    """Cuts a track where a step is impossible and keeps the pieces that one aircraft can have flown.

    Pieces are re-joined when they can be reached, so that a spoofed or shared stretch is set aside and the flight goes on.
    """

    step_m: float = 2_000.0
    slack_m: float = 1_500.0
    cut_mps: float = 400.0
    rejoin_mps: float = 350.0
    most_pieces: int = 400

    def apply(self, track: Track) -> Bools:
        """True for each point outside the heaviest chain of pieces that can follow each other."""
        if len(track) < 2:
            return np.zeros(len(track), dtype=bool)
        dt, metres = track.steps()
        cut = np.flatnonzero((metres > self.step_m) & (metres > self.slack_m + self.cut_mps * dt))
        if not len(cut) or len(cut) >= self.most_pieces:
            return np.zeros(len(track), dtype=bool)
        first, last = np.r_[0, cut + 1], np.r_[cut, len(track) - 1]
        weight = last - first + 1
        best, before = weight.astype(float), np.full(len(first), -1)
        for k in range(1, len(first)):
            earlier = np.arange(k)
            at, to = last[earlier], np.full(k, first[k])
            apart = np.asarray(distance_nm(track.lat[at], track.lon[at], track.lat[to], track.lon[to])) * M_PER_NM
            reachable = apart <= self.slack_m + self.rejoin_mps * (track.t[first[k]] - track.t[at])
            if reachable.any():
                choice = earlier[reachable][np.argmax(best[earlier[reachable]])]
                best[k] += best[choice]
                before[k] = choice
        bad = np.ones(len(track), dtype=bool)
        piece = int(np.argmax(best))
        while piece >= 0:
            bad[first[piece] : last[piece] + 1] = False
            piece = int(before[piece])
        return bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Speed from positions where the broadcast one is missing or stuck (135 kt while taxiing, for minutes, in some networks)."""

    stuck_s: float = 20.0
    window_s: float = 8.0

    def apply(self, track: Track) -> NDArray[np.float64]:
        """Speed in knots of each point."""
        before = np.searchsorted(track.t, track.t - self.window_s)
        after = np.searchsorted(track.t, track.t + self.window_s, side="right") - 1
        dt = track.t[after] - track.t[before]
        nm = np.asarray(distance_nm(track.lat[before], track.lon[before], track.lat[after], track.lon[after]))
        with np.errstate(divide="ignore", invalid="ignore"):
            derived = np.where(dt >= 4, nm / dt * 3600, np.nan)
        changed = np.ones(len(track), dtype=bool)
        changed[1:] = np.diff(track.speed_kt) != 0
        run = np.cumsum(changed) - 1
        start = track.t[np.flatnonzero(changed)]
        length = np.zeros(len(start))
        np.maximum.at(length, run, track.t - start[run])
        # Straight-line fills look stuck too, but their positions move as fast as they say.
        stuck = (length[run] >= self.stuck_s) & (np.abs(derived - track.speed_kt) > 25)
        return np.where((stuck | np.isnan(track.speed_kt)) & ~np.isnan(derived), derived, track.speed_kt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """All the rules in order. ``most_age_s``: an older fix is not where the aircraft is."""

    most_age_s: float = 60.0
    most_alt_ft: float = 62_000.0
    frozen: Frozen = Frozen()
    jumps: Jumps = Jumps()
    speed: Speed = Speed()

    def apply(self, track: Track, age_s: NDArray[np.float64]) -> tuple[Track, Reasons]:
        """The track without what cannot be true, and a reason for each of its points (``''``: kept).

        Args:
            age_s: how old each point's position was when it was received, by row of the frame.
        """
        reasons: Reasons = np.full(len(track), "", dtype=object)
        reasons[age_s[track.row] > self.most_age_s] = "old position"
        null_island = (np.abs(track.lat) < 0.01) & (np.abs(track.lon) < 0.01)
        reasons[null_island] = "latitude and longitude zero"
        for rule, reason in ((self.frozen, "position repeated while moving"), (self.jumps, "impossible jump")):
            kept = np.flatnonzero(reasons == "")
            reasons[kept[rule.apply(track.take(kept))]] = reason
        clean = track.take(reasons == "")
        garbage = ~((clean.alt_ft > -2_000) & (clean.alt_ft < self.most_alt_ft))
        clean.alt_ft[garbage] = np.nan
        return replace(clean, speed_kt=self.speed.apply(clean)), reasons

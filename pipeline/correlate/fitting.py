"""Settings fitted to a history: expectation-maximisation with the shipped figures as a prior worth some pairs.

The habits that differ from one watch list and one press to another (how early delegations come, how often a visit is
seen, how often an announced meeting is held) are learned from the stays and reports at hand, without anybody's verdicts:
A. P. Dempster, N. M. Laird and D. B. Rubin (1977); for record linkage W. E. Winkler (1988). Below ``[fit] least_pairs``
probable pairs nothing is fitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.correlate.columns import Column
from pipeline.correlate.inference import Found, Seen
from pipeline.correlate.scoring import Density, Level, Scoring
from pipeline.correlate.tables import StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_ARRIVAL_H = (-24, -12, -4, -2, -1, 0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 30, 36, 48, 60, 72, 96)
_DEPARTURE_H = (-24, -8, -2, 0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30, 36, 60, 90, 120, 240, 720)
_LENGTH_H = (0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 168, 240, 400, 2000)
#: Stays with a known length that an own distribution of lengths takes.
_LEAST_STAYS = 500


def fitted_lengths(stays: StayTable, scoring: Scoring) -> Scoring:
    """Ordinary lengths of stay from the stays themselves (of which meetings are a small part)."""
    length = (stays.leave_h - stays.arrive_h)[stays.foreign & stays.counts]
    length = length[~np.isnan(length)]
    if len(length) < _LEAST_STAYS:
        return scoring
    counts = np.histogram(np.clip(length, 0, _LENGTH_H[-1] - 1), _LENGTH_H)[0].astype(np.float64)
    return replace(scoring, stay_length=_refined(scoring.stay_length, _LENGTH_H, counts, scoring.fit.strength))


def fitted(scoring: Scoring, search: Callable[[Scoring, Seen], Found]) -> Scoring:
    """Settings under which the expected counts of ``search`` repeat themselves; ``scoring`` where there are too few pairs.

    Args:
        search: the posterior of every claim under given settings; adds the expected counts to its second argument.
    """
    given, now = scoring, scoring
    for _ in range(int(scoring.fit.rounds)):
        seen = Seen(
            arrival_edges=np.array(_ARRIVAL_H, dtype=np.float64),
            departure_edges=np.array(_DEPARTURE_H, dtype=np.float64),
            arrival=np.zeros(len(_ARRIVAL_H) - 1),
            departure=np.zeros(len(_DEPARTURE_H) - 1),
            second_landed=np.zeros(len(given.second_landed.names)),
            second_left=np.zeros(len(given.second_left.names)),
        )
        search(now, seen)
        if seen.chances < scoring.fit.least_pairs:
            return given
        now = _step(given, seen)
    densities = [d.per_hour.round(9).tolist() for d in (now.arrival, now.departure, now.stay_length, now.second_landed, now.second_left)]
    text = repr((now.prior, sorted(now.held.items()), now.report, now.delegation, densities))
    return replace(now, fingerprint=hashlib.sha256((given.fingerprint + text).encode()).hexdigest())


def fitted_roles(scoring: Scoring, role: Column, posterior: Floats) -> Scoring:
    """Which roles the stays for meetings have, and which the others at the same places and times.

    Args:
        role: the ``role`` column of all claims, those to be left out unknown.
        posterior: of all claims.
    """
    levels, known = scoring.levels["role"], role.index >= 0
    shares = []
    for weight, given in ((posterior, [x.m for x in levels.values()]), (1.0 - posterior, [x.u for x in levels.values()])):
        counts = np.bincount(role.index[known], weights=weight[known], minlength=len(levels)) + scoring.fit.strength * np.array(given)
        shares.append(counts / counts.sum())
    fresh = {name: Level(name=name, m=float(m), u=float(u)) for name, m, u in zip(levels, *shares, strict=True)}
    text = repr([(x.name, round(x.m, 9), round(x.u, 9)) for x in fresh.values()])
    return replace(
        scoring,
        levels={**scoring.levels, "role": fresh},
        fingerprint=hashlib.sha256((scoring.fingerprint + text).encode()).hexdigest(),
    )


def _step(given: Scoring, seen: Seen) -> Scoring:
    strength, cases = given.fit.strength, given.delegation.another_cases
    share = (seen.visits + strength * given.prior.seen) / (seen.chances + strength)
    of_hosts = (seen.host_visits + strength * given.prior.seen_host) / (seen.host_chances + strength)
    held = dict(given.held)
    for status, (took_place, all_of_them) in seen.held.items():
        held[status] = float(np.clip((took_place + strength * given.held[status]) / (all_of_them + strength), 0.01, 0.99))
    delegation = replace(
        given.delegation,
        second_aircraft=(seen.together + strength * given.delegation.second_aircraft) / (seen.visits + strength),
        another=(seen.again + cases * given.delegation.another) / (seen.visits + cases),
    )
    misdated = (seen.slips + strength * given.report.misdated) / (seen.visits + strength)
    return replace(
        given,
        prior=replace(given.prior, seen=float(np.clip(share, 0.02, 0.97)), seen_host=float(np.clip(of_hosts, 0.02, 0.97))),
        held=held,
        report=replace(given.report, misdated=float(np.clip(misdated, 0.005, 0.3))),
        delegation=delegation,
        arrival=_refined(given.arrival, _ARRIVAL_H, seen.arrival, strength),
        departure=_refined(given.departure, _DEPARTURE_H, seen.departure, strength),
        second_landed=_refined(given.second_landed, tuple(given.second_landed.edges), seen.second_landed, cases),
        second_left=_refined(given.second_left, tuple(given.second_left.edges), seen.second_left, cases),
    )


def _refined(given: Density, edges_h: tuple[float, ...], counts: Floats, strength: float) -> Density:
    """Counts on finer bins, with the given density as a prior worth ``strength`` of them; bins keep the given names."""
    edges = np.array(edges_h, dtype=np.float64)
    mass = np.concatenate(([0.0], np.cumsum(given.per_hour * np.diff(given.edges))))
    before = np.diff(np.interp(edges, given.edges, mass))
    share = (counts + strength * before) / (counts.sum() + strength * before.sum())
    names = tuple(given.names[int(i)] for i in given.bin_of((edges[1:] + edges[:-1]) / 2))
    return Density(names=names, edges=edges, per_hour=share / np.diff(edges), floor=given.floor)

"""The shortest way from one place and direction to another for one that cannot turn on the spot, in turns and straight lines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.model.columns import Floats

#: Turns to the left (+1) and to the right (−1): the first and the last of each way.
_SENSES = ((1, 1), (1, -1), (-1, 1), (-1, -1))
#: A whole turn less than this is rounding, and no turn.
_ROUNDING = 1e-3


class Ways(NamedTuple):
    """A last axis of four ways: their ``length`` in turn radii (inf where there is none), ``turn`` in radians altogether,
    ``first`` in radians before the straight line, to the left where ``sense`` is +1."""

    length: Floats
    turn: Floats
    first: Floats
    sense: Floats


def ways(x: Floats, y: Floats, direction: Floats) -> Ways:
    """Turn, straight, turn: to the origin, arriving along the x axis (L. E. Dubins 1957, the four words with a straight line).

    Args:
        x, y: where it starts, in turn radii.
        direction: where it heads, radians counter-clockwise from the x axis; of a shape that goes with theirs.
    """
    found = []
    sine, cosine = np.sin(direction), np.cos(direction)
    for first, last in _SENSES:
        # From the centre of the first turn's circle to that of the last one's.
        east, north = first * sine - x, last - first * cosine - y
        apart, bearing = np.sqrt(east * east + north * north), np.arctan2(north, east)
        if first == last:
            straight, course, possible = apart, bearing, np.ones(apart.shape, dtype=np.bool_)
        else:
            possible = apart >= 2
            straight = np.sqrt(np.maximum(apart * apart - 4, 0.0))
            course = bearing + first * np.arctan2(2.0, straight)
        before, after = _turn(first * (course - direction)), _turn(-last * course)
        length = np.where(possible, before + straight + after, np.inf)
        found.append((length, before + after, before, np.full(apart.shape, float(first))))
    return Ways(*(np.stack(values, axis=-1) for values in zip(*found, strict=True)))


def _turn(radians: Floats) -> Floats:
    turned = radians - 2 * np.pi * np.floor(radians / (2 * np.pi))
    return np.where(turned > 2 * np.pi - _ROUNDING, 0.0, turned)

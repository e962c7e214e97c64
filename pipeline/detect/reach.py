"""How far from its field an aircraft is at a height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.model.columns import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How well a height fits the miles to or from a field, in bits: 0 at ``ft_per_nm``, less the farther off.

    A descent follows 318 ft/NM (3°) along the way that is left, final approach included, less where it levels off; a climb
    at 2,000 fpm and 180–250 kt leaves its field at about 590 ft/NM. ``lower`` and ``higher`` are standard deviations of the
    logarithm of the ratio, ``spare_ft`` being added to both heights: pressure altitude is off by hundreds of feet, and close to the
    field only differences count.
    """

    ft_per_nm: float
    lower: float
    higher: float
    spare_ft: float = 900.0
    least_bits: float = -8.0

    def bits(self, height_ft: Floats, nm: Floats, *, ft_per_nm: Floats | None = None) -> Floats:
        """Bits for each field, from the height above it and the miles of way.

        Args:
            ft_per_nm: the slope expected of each aircraft, where its own is known.
        """
        expected = (self.ft_per_nm if ft_per_nm is None else ft_per_nm) * nm
        off = np.log(np.maximum(height_ft + self.spare_ft, 100.0) / (expected + self.spare_ft))
        bits: Floats = -0.72 * (off / np.where(off > 0, self.higher, self.lower)) ** 2
        return np.maximum(bits, self.least_bits) - np.where(height_ft < -700, 6.0, 0.0)


#: Lost higher up, one too high for the shortest way flies a longer one.
DOWN_FROM_HIGH: Final = Reach(ft_per_nm=302.0, lower=0.35, higher=0.45)
UP: Final = Reach(ft_per_nm=590.0, lower=0.35, higher=0.35)
#: A final approach begins about this far before the threshold; a visual one nearer.
FINAL_NM: Final = 5.0


def way_nm(along_nm: Floats, cross_nm: Floats, final_nm: Floats) -> Floats:
    """Miles left to a threshold: to where its final approach begins, and along that.

    Args:
        along_nm: from the threshold in the runway's direction (positive: beyond it); ``cross_nm`` to the side of it.
        final_nm: how far before the threshold the final approach begins.
    """
    way: Floats = np.hypot(along_nm + final_nm, cross_nm) + final_nm
    return way

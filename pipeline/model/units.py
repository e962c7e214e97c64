"""Conversions between the units that providers use and ours (ft, kt, fpm, NM, hPa). Work on floats and arrays alike."""

from __future__ import annotations

from typing import Final

FT_PER_M: Final = 1 / 0.3048
M_PER_FT: Final = 0.3048
M_PER_NM: Final = 1852.0
KT_PER_MPS: Final = 3600 / 1852
MPS_PER_KT: Final = 1852 / 3600
FPM_PER_MPS: Final = 60 / 0.3048

STANDARD_QNH_HPA: Final = 1013.25
#: Near sea level in the ICAO standard atmosphere; good to 1 % between 960 and 1050 hPa.
FT_PER_HPA: Final = 27.3

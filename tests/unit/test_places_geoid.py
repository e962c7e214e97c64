"""The geoid's height above the ellipsoid, against EGM2008's own heights at places where it is known to be extreme or nil."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.model.units import M_PER_FT
from pipeline.places.build import build_geoid
from pipeline.places.geoid import undulation_ft


@pytest.mark.parametrize(
    ("lat", "lon", "metres"),
    [
        (4.7, 78.8, -106.6),  # the deepest hollow, south of India
        (0.0, 0.0, 17.2),
        (64.0, -22.6, 66.0),  # Keflavík
        (40.13, 33.0, 37.0),  # Ankara
        (38.95, -77.46, -33.0),  # Washington
        (-17.8, 177.0, 55.0),  # Fiji
    ],
)
def test_known_heights(lat: float, lon: float, metres: float) -> None:
    assert undulation_ft(np.array([lat]), np.array([lon]))[0] * M_PER_FT == pytest.approx(metres, abs=3.0)


def test_no_seam_and_no_edge() -> None:
    lon = np.array([-180.0, 180.0, -0.0001, 0.0001, 359.9999])
    found = undulation_ft(np.full(5, 51.3), lon)
    assert found[0] == pytest.approx(found[1])
    assert found[2] == pytest.approx(found[3], abs=0.1)
    assert found[2] == pytest.approx(found[4], abs=0.1)
    assert np.isfinite(undulation_ft(np.array([-90.0, 90.0]), np.array([12.3, -100.2]))).all()


def test_nowhere_has_no_height() -> None:
    assert list(np.isnan(undulation_ft(np.array([np.nan, 40.0, 40.0]), np.array([30.0, np.nan, 30.0])))) == [True, True, False]


def test_a_table_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="181 by 360"):
        build_geoid(np.zeros((180, 360)))

"""Heads on bands: the band stays whole, both ends get one, what is no band stays."""

import pytest
import shapely
from shapely.affinity import rotate

from zoneplan.render.arrows import arrowed


@pytest.mark.parametrize("angle", [0, 30, 90, 200])
def test_a_band_keeps_all_of_itself_and_gets_a_head_at_either_end(angle):
    band = rotate(shapely.box(0, 0, 10_000, 500), angle, origin=(0, 0))
    found = arrowed(band)
    assert found.geom_type == "Polygon"
    assert found.buffer(1e-6).covers(band)
    back = rotate(found, -angle, origin=(0, 0))
    west, south, east, north = back.bounds
    assert west == pytest.approx(10_000 - east, abs=5)
    assert 450 < -west < 900
    assert north - south == pytest.approx(1100, rel=0.05)


def test_a_square_has_no_direction():
    square = shapely.box(0, 0, 10, 10)
    assert arrowed(square).equals(square)

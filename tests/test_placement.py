"""Polygons moved from a local origin stay valid, though their coordinates have fewer digits there."""

import numpy as np
import pytest
import shapely

from zoneplan.engine.placement import placed

CORNERS = np.array([[421_000.0, 3_890_000.0], [38_421_000.0, 3_890_000.0]])


def shapes(*given):
    made = np.empty(len(given), dtype=object)
    made[:] = given
    return made


@pytest.mark.parametrize("corner", CORNERS, ids=["zone", "prefixed"])
def test_what_rounding_closes_is_left_out(corner):
    notch = shapely.Polygon([(0, 0), (10, 0), (10, 5), (1, 5), (10, 5 + 2.0**-34), (10, 10), (0, 10)])
    hole = shapely.Polygon(
        [(0, 0), (10, 0), (10, 10), (0, 10)], [[(2, 2), (8, 2), (8, 2 + 2.0**-34)], [(3, 4), (5, 4), (5, 6)]]
    )
    plain = shapely.box(0.1, 0.2, 0.3, 0.4)
    given = shapes(notch, hole, plain)
    assert shapely.is_valid(given).all()
    assert not shapely.is_valid(shapely.transform(given, lambda xy: xy + corner))[:2].any()
    made = placed(given, corner)
    assert shapely.is_valid(made).all()
    np.testing.assert_allclose(shapely.area(made), shapely.area(given), atol=1e-6)
    assert made[2].equals_exact(shapely.transform(plain, lambda xy: xy + corner))
    assert shapely.get_num_interior_rings(made).tolist() == [0, 1, 0]


def test_what_was_invalid_before_is_made_valid():
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    made = placed(shapes(bow, shapely.Polygon()), CORNERS[0])
    assert shapely.is_valid(made).all()
    assert made[0].area == 50
    assert made[1].is_empty

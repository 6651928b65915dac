"""Distances to boundaries, against GEOS."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.engine.nearest import Boundary


@given(st.integers(0, 10_000), st.floats(1, 500), st.integers(1, 400))
@settings(deadline=None, max_examples=40)
def test_distances_are_those_of_geos_up_to_the_reach(seed, reach, n):
    random = np.random.default_rng(seed)
    shapes = shapely.buffer(
        shapely.points(random.uniform(0, 3000, (5, 2)) + 38_420_000), random.uniform(5, 900, 5)
    )
    holed = shapely.difference(shapes[0], shapely.buffer(shapely.centroid(shapes[0]), 3))
    shapes = np.array([holed, *shapes[1:]], dtype=object)
    points = random.uniform(-500, 3500, (n, 2)) + 38_420_000
    edges = shapely.union_all(shapely.boundary(shapes))
    wanted = np.minimum(shapely.distance(shapely.points(points), edges), reach)
    np.testing.assert_allclose(Boundary(shapes, reach).distance(points), wanted, atol=1e-6)


def test_interpreted_and_compiled_give_the_same_bits(monkeypatch):
    shapes = np.array([shapely.Point(0, 0).buffer(50), shapely.box(100, 0, 900, 5)], dtype=object)
    points = np.random.default_rng(1).uniform(-100, 1000, (2000, 2))
    compiled = Boundary(shapes, 80.0).distance(points)
    single = np.concatenate([Boundary(shapes, 80.0).distance(points[n : n + 1]) for n in range(0, 2000, 100)])
    np.testing.assert_array_equal(single, compiled[::100])


def test_without_edges_all_is_beyond_reach():
    assert Boundary(np.empty(0, dtype=object), 10.0).distance(np.zeros((2, 2))).tolist() == [10.0, 10.0]

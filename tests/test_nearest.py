"""Distances to boundaries, against GEOS."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.engine.nearest import Boundary, boundary_chunks


def holed(seed):
    """Five circles, the first with a hole, at coordinates with a zone number."""
    random = np.random.default_rng(seed)
    shapes = shapely.buffer(
        shapely.points(random.uniform(0, 3000, (5, 2)) + 38_420_000), random.uniform(5, 900, 5)
    )
    first = shapely.difference(shapes[0], shapely.buffer(shapely.centroid(shapes[0]), 3))
    return np.array([first, *shapes[1:]], dtype=object), random


@given(st.integers(0, 10_000), st.floats(1, 500), st.integers(1, 400))
@settings(deadline=None, max_examples=40)
def test_distances_are_those_of_geos_up_to_the_reach(seed, reach, n):
    shapes, random = holed(seed)
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


@given(st.integers(0, 10_000), st.floats(1, 500), st.integers(1, 40))
@settings(deadline=None, max_examples=40)
def test_within_a_box_nothing_is_lost_that_its_points_reach(seed, reach, size):
    shapes, random = holed(seed)
    low = random.uniform(-200, 2500, 2) + 38_420_000
    box = (*low, *(low + random.uniform(0, 800, 2)))
    points = random.uniform(box[:2], box[2:], (50, 2))
    everywhere = Boundary(shapes, reach).distance(points)
    np.testing.assert_allclose(Boundary(shapes, reach, box).distance(points), everywhere, atol=1e-6)
    chunks = boundary_chunks(shapes, size, reach, box)
    assert (shapely.get_num_coordinates(chunks) <= size + 1).all()
    near = shapely.union_all([*chunks, shapely.LineString()])
    to_near = shapely.distance(shapely.points(points), near)
    reached = everywhere < reach
    np.testing.assert_allclose(to_near[reached], everywhere[reached], atol=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 40))
@settings(deadline=None, max_examples=20)
def test_chunks_are_all_of_the_boundary_once(seed, size):
    shapes, _ = holed(seed)
    chunks = boundary_chunks(shapes, size)
    assert (shapely.get_num_coordinates(chunks) <= size + 1).all()
    assert shapely.length(chunks).sum() == pytest.approx(shapely.length(shapes).sum())
    assert shapely.equals(
        shapely.line_merge(shapely.union_all(chunks)),
        shapely.line_merge(shapely.union_all(shapely.boundary(shapes))),
    )

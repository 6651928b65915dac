"""A ring that is called simple is simple; what is not called so may be, but touching and crossing never are."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.engine import outline
from zoneplan.engine.rings import rings
from zoneplan.engine.simple import find_simple

ORIGIN = (421_000.0, 3_890_000.0)


def marked(shapes, *, interpret=True):
    made = rings(np.array(shapes, dtype=object), ORIGIN)
    simple = np.zeros(len(made), dtype=bool)
    find_simple(0, len(made), made.xy, made.ring, made.owner, made.bounds, simple, interpret=interpret)
    return simple, made


def at(points):
    return shapely.Polygon(np.asarray(points, dtype=float) + ORIGIN)


# few places, so that edges cross, touch, overlap and run back along one another
spots = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=12)


@settings(deadline=None, max_examples=300)
@given(spots, st.sampled_from([1.0, 1e-3, 0.1, 977.3]))
def test_what_is_called_simple_is_valid_and_has_no_fold(points, size):
    shape = at(np.array(points) * size)
    (simple,), made = marked([shape])
    fold = np.zeros(1)
    outline.folds(0, 1, made.xy, made.ring, made.sign, made.owner, made.bounds, fold, interpret=True)
    sound = shape.is_valid or not shape.area  # a triangle may be flat
    assert not simple or (sound and abs(fold[0]) <= 1e-9 * shape.area)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0), (9, 9), (9, 0), (0, 9)],  # crosses itself
        [(0, 0), (9, 0), (9, 9), (4, 0), (0, 9)],  # a vertex on an edge
        [(0, 0), (9, 0), (9, 9), (9, 4), (0, 9), (9, 4)],  # a vertex twice
        [(0, 0), (9, 0), (9, 9), (9, -3), (0, -3)],  # an edge along another
        [(0, 0), (4, 0), (8, 0), (4, 0), (4, 5)],  # a spike
        [(0, 0), (9, 0), (9, 9), (4, 1e-12), (0, 9)],  # too near to tell
        [(5, 0), (0, 5), (-5, 0), (0, -5), (4, 0), (0, 4), (-4, 0), (0, -4)],  # twice round
    ],
)
def test_rings_that_meet_themselves_are_never_called_simple(points):
    assert not marked([at(points)])[0].any()


def test_usual_parcels_are_called_simple_whichever_way_they_run():
    random = np.random.default_rng(8)
    made = []
    for _ in range(200):
        angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        reach = random.uniform(8, 14, 28)
        made.append(at(np.c_[reach * np.cos(angle), reach * np.sin(angle)] + random.uniform(0, 9000, 2)))
    crooked = [(0, 0), (9, 0), (9, 3), (3, 3), (3, 6), (9, 6), (9, 9), (0, 9)]  # no star
    made.append(at(crooked))
    assert marked(made)[0].all()
    assert marked([shape.reverse() for shape in made])[0].all()
    assert marked(made * 20, interpret=False)[0].all()


def test_rings_with_holes_and_parts_and_none_are_left_to_the_fold():
    one, two = shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)
    holed = one.difference(shapely.box(2, 2, 3, 3))
    assert marked([holed, shapely.MultiPolygon([one, two]), shapely.Polygon(), None, one])[0].tolist() == [
        False, False, False, False, True,
    ]  # fmt: skip

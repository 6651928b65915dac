"""The short ways of the topology checks find what the long ways find: noding, widths, overlapping pairs."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.engine import overlay
from zoneplan.engine.noding import faces
from zoneplan.topology.corners import Spike
from zoneplan.topology.coverage import faces_of, overlaps, wider
from zoneplan.topology.edges import edges_of
from zoneplan.topology.seamnotes import Doubt
from zoneplan.topology.seams import seams

TOLERANCE = 1e-3
seeds = st.integers(0, 10_000)


def cells(random, n=40):
    points = shapely.MultiPoint(random.uniform(0, 100, (n, 2)))
    made = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, 100, 100)))
    return shapely.intersection(made, shapely.box(0, 0, 100, 100))


def wide_overlaps(shapes):
    """Pairs whose interiors share a circle wider than the tolerance, all against all."""
    one, other = np.triu_indices(len(shapes), 1)
    common = shapely.intersection(shapes[one], shapes[other], grid_size=1e-6)
    wide = ~shapely.is_empty(shapely.buffer(common, -TOLERANCE / 2, join_style="mitre"))
    return set(zip(one[wide].tolist(), other[wide].tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(seed=seeds, planted=st.sampled_from(["twice", "sheets", "joined", "moved", "grown", "nothing"]))
def test_pairs_that_overlap_are_found_wherever_their_edges_cancel(seed, planted):
    random = np.random.default_rng(seed)
    made = cells(random)
    some = random.choice(len(made), 3, replace=False)
    if planted == "twice":
        made = np.concatenate([made, made[some]])
    elif planted == "sheets":
        made = np.concatenate([made, made])
    elif planted == "joined":
        near = shapely.intersects(made, made[some[0]])
        made = np.append(made, shapely.union_all(made[near]))
    elif planted == "moved":
        made[some] = shapely.transform(made[some], lambda xy: xy + random.choice([5e-4, 0.004, 3.0]))
    elif planted == "grown":
        made[some] = shapely.buffer(made[some], random.choice([5e-3, 1.0]), join_style="mitre")
    joined = seams(made, tolerance=TOLERANCE)
    faces = faces_of(made, joined, tolerance=TOLERANCE)
    found = {(pair.one, pair.other) for pair in overlaps(made, joined, faces, tolerance=TOLERANCE)}
    assert found == wide_overlaps(made)
    assert (planted == "nothing") <= (not found)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, snap=st.sampled_from([0.0, 1.0, 25.0]))
def test_faces_are_those_of_noding_everything(seed, snap):
    random = np.random.default_rng(seed)
    ends = random.uniform(0, 100, (30, 2, 2))
    ends = np.round(ends / snap) * snap if snap else ends
    lines = shapely.linestrings(ends[(ends[:, 0] != ends[:, 1]).any(axis=1)])
    lines = np.concatenate([lines, shapely.get_parts(shapely.box(20, 20, 70, 70).exterior.segmentize(9))])
    lines = np.concatenate(
        [
            shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1))
            for xy in map(shapely.get_coordinates, lines)
        ]
    )
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=overlay.GRID_M))
    whole = shapely.get_parts(shapely.polygonize(noded))
    made = faces(lines)
    assert len(made) == len(whole)
    np.testing.assert_allclose(np.sort(shapely.area(made)), np.sort(shapely.area(whole)), atol=1e-4)


def test_edges_are_loose_one_way_only_and_odd_where_they_do_not_cancel():
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    edges = edges_of(np.array([left, right, left]))
    assert edges.loose.sum() == 9  # three sides of the right one, three of the left one twice
    assert edges.odd.sum() == 12  # and the side between, used once one way and twice the other
    assert not edges_of(np.array([left, right])).odd.sum() - 6


@pytest.mark.parametrize("width", [1e-3, 0.1, 5.0])
def test_what_holds_a_circle(width):
    random = np.random.default_rng(3)
    strips = [
        shapely.LineString(random.uniform(0, 30, (random.integers(2, 6), 2))).buffer(width * factor / 2)
        for factor in (0.5, 0.9, 0.99, 1.01, 1.1, 3.0, 100.0) for _ in range(6)
    ]  # fmt: skip
    shapes = np.array([*strips, shapely.Polygon(), shapely.box(0, 0, 10, 10)])
    truth = ~shapely.is_empty(shapely.buffer(shapes, -width / 2, join_style="mitre"))
    np.testing.assert_array_equal(wider(shapes, width), truth)


def test_what_covers_a_face_is_asked_only_until_it_is_known(monkeypatch):
    n = 200
    made = np.array([shapely.box(at, at, 100 - at, 100 - at) for at in np.arange(n) / 5], dtype=object)
    joined = seams(made, tolerance=TOLERANCE)
    answers = []

    class Counted(shapely.STRtree):
        def query(self, *args, predicate=None, **options):
            found = super().query(*args, predicate=predicate, **options)
            answers.extend([found.shape[1]] * (predicate == "intersects"))
            return found

    monkeypatch.setattr(shapely, "STRtree", Counted)
    faces = faces_of(made, joined, tolerance=TOLERANCE)
    assert np.bincount(faces.times).tolist() == [0, 1, n - 1]
    assert len(overlaps(made, joined, faces, tolerance=TOLERANCE)) == n * (n - 1) / 2
    assert sum(answers) < 25 * n  # the innermost face alone is covered n times, all of them n²/2 times


def test_spikes_are_looked_through_once_and_not_for_every_pair():
    passes = []

    class Counted(tuple):
        def __iter__(self):
            passes.append(len(self))
            return super().__iter__()

    tips = np.array([[[0, 0], [5, 0.01], [0, 0.02]]]) + np.arange(50)[:, None, None] * [10, 0]
    spikes = Counted(Spike(number, tip, 0.2) for number, tip in enumerate(tips))
    doubt = Doubt(frozenset([60]), spikes, TOLERANCE)
    inside = shapely.Polygon([(1, 0.01), (2, 0.011), (2, 0.009)])
    said = [doubt.cause((number, number + 51), inside)[0] for number in range(50)]
    assert said == [
        "info",
        *([None] * 8),
        "info",
        *([None] * 40),
    ]  # the spike's own, and 9 with the invalid 60
    assert [doubt.spiked((number,), shapely.Point(5, 0.01)) for number in (0, 1)] == [True, False]
    assert len(passes) <= 2

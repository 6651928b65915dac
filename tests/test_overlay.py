"""Overlay: areas close, order is irrelevant, nothing is counted twice, doubt is reported."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from zoneplan.engine import overlay
from zoneplan.errors import InputError

FAR = 38_421_454.0, 3_120_865.0


def far(shape):
    return translate(shape, *FAR)


def series(*shapes, index=None):
    return gpd.GeoSeries(list(shapes), index=index, crs="EPSG:4547")


coordinate = st.integers(0, 40).map(lambda n: n / 4)
boxes = st.tuples(coordinate, coordinate, st.integers(1, 20), st.integers(1, 20)).map(
    lambda b: box(b[0], b[1], b[0] + b[2] / 4, b[1] + b[3] / 4)
)
layers = st.lists(boxes, min_size=1, max_size=6)


def area(shape):
    return overlay.polygonal(translate(shape, -FAR[0], -FAR[1])).area if not shape.is_empty else 0.0


def count(shape, controls):
    """Area in quarter squares, by counting: every coordinate is a multiple of 1/4."""
    cells = [Point(x / 4 + 0.125, y / 4 + 0.125) for x in range(60) for y in range(60)]
    inside = shapely.covers(shape, cells) & np.any([shapely.covers(c, cells) for c in controls], axis=0)
    return inside.sum() / 16


@settings(deadline=None, max_examples=40)
@given(boxes, layers)
def test_overlap_is_what_counting_cells_gives_and_order_is_irrelevant(feature, controls):
    one = overlay.overlaps(series(far(feature)), series(*map(far, controls)))
    two = overlay.overlaps(series(far(feature)), series(*map(far, controls[::-1])))
    assert not one.findings
    assert area(one.pieces.iloc[0]) == pytest.approx(count(feature, controls), abs=1e-6)
    assert area(two.pieces.iloc[0]) == pytest.approx(area(one.pieces.iloc[0]), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(boxes, boxes)
def test_areas_close(a, b):
    one, other = far(a), far(b)
    common, rest = overlay.intersection(one, other), overlay.difference(one, other)
    assert area(common) + area(rest) == pytest.approx(a.area, abs=1e-4)
    assert area(overlay.union([one, other])) == pytest.approx(a.area + b.area - area(common), abs=1e-4)


def test_nearly_coincident_edges_far_from_the_origin():
    rng = np.random.default_rng(1)
    shape = far(Polygon([(0, 0), (700, 3), (903, 811), (420, 1000), (-5, 640)]))
    corners = shapely.get_coordinates(shape)[:-1]
    jitter = Polygon(corners + rng.uniform(-2e-6, 2e-6, corners.shape))
    halves = [overlay.intersection(jitter, far(box(-99, -99, x, 2e3))) for x in (300.3, 300.7, 2e3)]
    found = overlay.overlaps(series(shape), series(*halves))
    assert not found.findings
    assert area(found.pieces.iloc[0]) == pytest.approx(area(shape), rel=1e-6)


def test_index_is_kept_and_wholly_inside_is_the_feature_itself():
    inside, outside = box(1, 1, 2, 2), box(20, 20, 21, 21)
    found = overlay.overlaps(series(inside, outside, None, Polygon(), index=list("abcd")), box(0, 0, 10, 10))
    assert found.pieces.index.tolist() == list("abcd")
    assert found.pieces["a"].equals_exact(inside, 0)
    assert all(found.pieces[key].is_empty for key in "bcd")
    assert found.pieces.crs == "EPSG:4547"


def test_touching_is_no_overlap():
    found = overlay.overlaps(series(box(0, 0, 1, 1)), series(box(1, 0, 2, 1), box(1, 1, 2, 2)))
    assert found.pieces.iloc[0].is_empty
    assert overlay.intersection(box(0, 0, 1, 1), box(1, 0, 2, 1)).is_empty


def test_invalid_controls_are_repaired():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert overlay.overlaps(series(box(0, 0, 2, 2)), bow).pieces.area.iloc[0] == pytest.approx(2)
    assert overlay.intersection(bow, box(0, 0, 9, 9)).area == pytest.approx(2)


def test_polygonal_keeps_polygons_only():
    mixed = shapely.GeometryCollection(
        [Point(0, 0), LineString([(0, 0), (1, 1)]), MultiPolygon([box(0, 0, 1, 1)])]
    )
    assert overlay.polygonal(mixed).equals(box(0, 0, 1, 1))
    assert overlay.polygonal(LineString([(0, 0), (1, 1)])).is_empty
    assert overlay.union([]).is_empty


def test_a_wrong_answer_is_recomputed(monkeypatch):
    true = shapely.intersection
    calls = []

    def wrong_for_the_union(one, other, grid_size=None):
        calls.append(grid_size)
        # the union of the two controls is the only L-shaped operand
        return Polygon() if other.area == pytest.approx(80) else true(one, other, grid_size=grid_size)

    monkeypatch.setattr(overlay.shapely, "intersection", wrong_for_the_union)
    controls = series(box(0, 0, 10, 5), box(0, 5, 6, 10))
    found = overlay.overlaps(series(box(2, 2, 8, 8)), controls)
    assert calls
    assert not found.findings
    assert found.pieces.area.iloc[0] == pytest.approx(6 * 3 + 4 * 3)


def test_a_wrong_answer_that_stays_wrong_is_reported(monkeypatch):
    monkeypatch.setattr(overlay.shapely, "intersection", lambda one, other, grid_size=None: Polygon())
    found = overlay.overlaps(
        series(box(4e5, 3e6, 4e5 + 9, 3e6 + 9), index=["p7"]), box(4e5 - 1, 3e6, 4e5 + 8, 3e6 + 9)
    )
    assert [(f.code, f.severity, f.feature) for f in found.findings] == [("overlay.area", "error", ("p7",))]
    assert found.findings[0].point == pytest.approx((113, 27.1), abs=0.1)


def test_crs_mismatch_is_refused():
    with pytest.raises(InputError, match="transform one of them first"):
        overlay.overlaps(series(box(0, 0, 1, 1)), gpd.GeoSeries([box(0, 0, 1, 1)], crs="EPSG:4546"))


def test_edges_a_third_of_a_micrometre_apart():
    """Two halves of a square, cut a hair apart: plain GEOS (3.14.1) says that one lies wholly in the other."""
    above = Polygon([(0, 10_000), (10_000, 10_000), (10_000, 4_049), (0, 2_000.182341)])
    below = Polygon([(10_000, 0), (0, 0), (0, 2_000.1823409999997), (10_000, 4_049)])
    assert overlay.intersection(above, below).area == pytest.approx(0, abs=1e-3)
    piece = overlay.overlaps(gpd.GeoSeries([below]), gpd.GeoSeries([above])).pieces.iloc[0]
    assert piece.area == pytest.approx(0, abs=1e-3)

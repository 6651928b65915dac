"""Ellipsoidal areas: golden vectors of the standard method, and an independent geodesic."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Proj, Transformer
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from zoneplan.engine import ellipsoid
from zoneplan.engine.scale import scale_weights
from zoneplan.errors import InputError

PLANE = CRS("EPSG:4547")
E, N = 421454.847, 3120865.094


def shifted(*points):
    return Polygon([(E + x, N + y) for x, y in points])


def square(side, east=E):
    return box(east, N, east + side, N + side)


L_SHAPE = shifted((0, 0), (0, 300), (120, 300), (120, 140), (260, 140), (260, 0))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (square(100), 9_998.48),
        (square(1000), 999_849.73),
        (square(10_000), 99_986_635.16),
        (L_SHAPE, 55_591.56),
        (square(100, 500_000), 10_000.00),
    ],
)
def test_golden_vectors(shape, expected):
    assert ellipsoid.area([shape], PLANE)[0] == pytest.approx(expected, rel=0, abs=0.01)


@settings(deadline=None, max_examples=40)
@given(st.floats(-80e3, 80e3), st.floats(2.5e6, 5e6), st.floats(50, 3000), st.integers(3, 9))
def test_agrees_with_the_geodesic_on_dense_rings(x, y, radius, corners):
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    shape = Polygon(np.c_[500e3 + x + radius * np.cos(turn), y + radius * np.sin(turn)])
    dense = shapely.get_coordinates(shapely.segmentize(shape, 70))
    lon, lat = Transformer.from_crs(PLANE, "EPSG:4490", always_xy=True).transform(*dense.T)
    other, _ = Geod(a=ellipsoid.SEMI_MAJOR_M, f=ellipsoid.FLATTENING).polygon_area_perimeter(lon, lat)
    # coordinates are rounded to 0.1 mm by the standard: half of that along the edge
    allowed = 0.005 * shape.area / 1e6 + 1e-4 * shape.length
    assert abs(ellipsoid.area([shape], PLANE)[0] - abs(other)) < allowed


def test_holes_are_subtracted_parts_added_and_direction_is_irrelevant():
    outer, inner, far = (
        square(1000),
        box(E + 100, N + 100, E + 300, N + 300),
        box(E + 2e3, N, E + 3e3, N + 1e3),
    )
    holed = Polygon(outer.exterior.coords, [inner.exterior.coords])
    a_outer, a_inner, a_far = ellipsoid.area([outer, inner, far], PLANE)
    a_holed, a_multi, a_turned = ellipsoid.area([holed, MultiPolygon([holed, far]), holed.reverse()], PLANE)
    assert a_holed == pytest.approx(a_outer - a_inner, abs=1e-6)
    assert a_multi == pytest.approx(a_holed + a_far, abs=1e-6)
    assert a_turned == pytest.approx(a_holed, abs=1e-3)


def test_an_area_does_not_depend_on_what_is_measured_with_it():
    shapes = [square(100), L_SHAPE, square(10_000)]
    alone = [ellipsoid.area([shape], PLANE)[0] for shape in shapes]
    assert ellipsoid.area(shapes, PLANE).tolist() == alone
    assert ellipsoid.area(shapes[::-1], PLANE).tolist() == alone[::-1]


def test_what_has_no_area_measures_zero_and_none_is_not_a_number():
    shapes = gpd.GeoSeries([Point(E, N), LineString([(E, N), (E + 1, N)]), Polygon(), None], crs=PLANE)
    measured = ellipsoid.area(shapes, PLANE)
    assert measured[:3].tolist() == [0, 0, 0]
    assert np.isnan(measured[3])
    assert ellipsoid.area([], PLANE).shape == (0,)


def test_length_of_lines():
    line = LineString([(500_000, N), (500_000, N + 1000)])
    measured = ellipsoid.length([line, square(10), None, LineString()], PLANE)
    assert measured[0] == pytest.approx(1000, abs=1e-6)  # true to scale on the central meridian
    assert measured[1:].tolist() == [0, 0, 0]


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:3857", "EPSG:2381", "EPSG:32649"])
def test_other_crs_are_refused(code):
    with pytest.raises(InputError, match="projected CGCS2000 CRS in metres only"):
        ellipsoid.area([square(1)], CRS(code))
    with pytest.raises(InputError, match="projected CGCS2000 CRS in metres only"):
        ellipsoid.length([LineString([(0, 0), (1, 1)])], CRS(code))


def test_the_compiled_way_and_numpy_give_the_same_bits(monkeypatch):
    random = np.random.default_rng(5)
    shapes = [
        box(x, y, x + w, y + h).difference(box(x + w / 4, y + h / 4, x + w / 2, y + h / 2))
        for x, y, w, h in zip(
            random.uniform(E, E + 30_000, 50), random.uniform(N, N + 30_000, 50),
            random.uniform(5, 900, 50), random.uniform(5, 900, 50), strict=True,
        )
    ]  # fmt: skip
    monkeypatch.setattr(ellipsoid, "_few", lambda vertices: True)
    plain = ellipsoid.area(shapes, PLANE)
    monkeypatch.setattr(ellipsoid, "_few", lambda vertices: False)
    np.testing.assert_array_equal(ellipsoid.area(shapes, PLANE), plain)
    one_by_one = [ellipsoid.area([shape], PLANE)[0] for shape in shapes]
    np.testing.assert_array_equal(one_by_one, plain)


def mixed(n):
    """Polygons of all kinds: within a tile, across tiles, with edges to split, with holes, many parts, empty, None."""
    random = np.random.default_rng(4)
    made = []
    for number in range(n):
        angle = np.linspace(0, 2 * np.pi, random.integers(3, 60), endpoint=False)
        size = (5, 40, 300, 9000)[number % 4]
        ring = np.c_[np.cos(angle), np.sin(angle)] * random.uniform(0.4, 1, (len(angle), 1)) * size
        ring += random.uniform((415_000, 3_885_000), (445_000, 3_905_000))
        inner = (ring - ring.mean(axis=0)) * 0.2 + ring.mean(axis=0)
        made.append(shapely.Polygon(ring, [inner] if number % 5 == 0 else []))
    made[7::50] = [
        shapely.MultiPolygon([one, shapely.affinity.translate(one, 20_000)]) for one in made[7::50]
    ]
    made[9::90] = [shapely.Polygon() for _ in made[9::90]]
    made[11::90] = [None for _ in made[11::90]]
    return np.array(made, dtype=object)


def test_many_are_measured_as_each_by_itself_bit_by_bit():
    """In blocks and compiled, or alone and with numpy; a difference may also be a stale cache of compiled code."""
    shapes, crs = mixed(5200), CRS(4547)
    many = ellipsoid.area(shapes, crs)
    some = np.arange(0, len(shapes), 7)
    few = np.concatenate([ellipsoid.area(shapes[part], crs) for part in np.array_split(some, 40)])
    np.testing.assert_array_equal(many[some], few)
    assert np.isnan(many[11])
    assert many[9] == 0
    flat = np.array([shape for shape in shapes if shape is not None], dtype=object)
    np.testing.assert_array_equal(ellipsoid.area(flat, crs), many[~np.isnan(many)])


def boxes_about(n):
    random = np.random.default_rng(6)
    west, south = random.uniform((415_000, 3_885_000), (445_000, 3_905_000), (n, 2)).T
    return np.stack([west, south, west + random.uniform(1, 500, n), south + 60], axis=1)


def test_the_scale_of_the_projection_is_that_of_proj_and_a_feature_s_own():
    bounds, crs = boxes_about(20_000), CRS(4547)
    bounds[7] = np.nan
    made = scale_weights(bounds, crs)
    assert made[7].tolist() == [1, 0, 0]
    np.testing.assert_array_equal(
        np.concatenate([scale_weights(bounds[n : n + 1], crs) for n in range(30)]), made[:30]
    )
    proj = Proj(crs)
    for share in (0, 0.5, 1):
        d = (bounds[:, 2] - bounds[:, 0]) * (share - 0.5)
        at = (bounds[:, 0] + bounds[:, 2]) / 2 + d, (bounds[:, 1] + bounds[:, 3]) / 2
        truth = 1 / proj.get_factors(*proj(*np.delete(at, 7, axis=1), inverse=True)).areal_scale
        found = np.delete(made[:, 0] + made[:, 1] * d + made[:, 2] * d * d, 7)
        np.testing.assert_allclose(found, truth, rtol=0, atol=5e-11)


def test_a_coordinate_that_is_no_number_is_named_by_its_place():
    shapes = mixed(5000)
    with np.errstate(invalid="ignore"):
        shapes[4321] = Polygon([(421_000, 3_890_000), (421_100, np.nan), (421_100, 3_890_100)])
    with pytest.raises(InputError, match="#4322"):
        ellipsoid.area(shapes, CRS(4547))


def test_polygons_within_collections_count():
    one, other = square(100), square(100, E + 500)
    mixed_up = shapely.GeometryCollection([one, MultiPolygon([other]), Point(E, N)])
    assert ellipsoid.area([mixed_up], PLANE)[0] == ellipsoid.area([one, other], PLANE).sum()

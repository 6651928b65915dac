"""Overlap areas: laws, exact arithmetic, GEOS on well-conditioned shapes, and what breaks other engines."""

from fractions import Fraction
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.engine import compiled, ellipsoid, grid
from zoneplan.engine.overlap import overlap_areas, overlap_matrix
from zoneplan.errors import InputError

CRS = 4547
ZONE_PREFIXED = 4526
ORIGIN = np.array([421_000.0, 3_890_000.0])
Point = tuple[Fraction, Fraction]


def series(shapes: Any, crs: Any = CRS) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=crs)


def star(random: np.random.Generator, radius: float, most: int = 40) -> shapely.Polygon:
    """A valid polygon around a random place, now and then with a hole."""
    angle = np.linspace(0, 2 * np.pi, random.integers(5, most), endpoint=False)
    reach = random.uniform(0.3 * radius, radius, len(angle))
    ring = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    hole = [ring * 0.4] if random.random() < 0.4 else []
    return shapely.transform(shapely.Polygon(ring, hole), lambda xy: xy + ORIGIN + random.uniform(0, 900, 2))


def layer(random: np.random.Generator) -> gpd.GeoSeries:
    return series([shapely.union_all([star(random, 200) for _ in range(9)])])


def planar(features: gpd.GeoSeries, *layers: gpd.GeoSeries, **options: Any) -> npt.NDArray[np.float64]:
    named = {str(n): one for n, one in enumerate(layers)}
    return np.asarray(overlap_areas(features, named, area="planar", **options).table.iloc[:, 1:].to_numpy())


def exact_overlap(one: list[Point], other: list[Point]) -> Fraction:
    """Area common to two triangles, in rational numbers: one is clipped by each side of the other."""

    def turn(a: Point, b: Point, c: Point) -> Fraction:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    if turn(*other) < 0:
        other = other[::-1]
    left = list(one)
    for a, b in zip(other, other[1:] + other[:1], strict=True):
        kept: list[Point] = []
        for p, q in zip(left, left[1:] + left[:1], strict=True):
            at_p, at_q = turn(a, b, p), turn(a, b, q)
            if at_p >= 0:
                kept.append(p)
            if (at_p > 0 > at_q) or (at_p < 0 < at_q):
                t = at_p / (at_p - at_q)
                kept.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
        left = kept
    pairs = zip(left, left[1:] + left[:1], strict=True)
    return abs(sum((p[0] * q[1] - q[0] * p[1] for p, q in pairs), Fraction(0))) / 2


corner = st.tuples(st.integers(0, 24), st.integers(0, 24))
triangle = st.lists(corner, min_size=3, max_size=3, unique=True).filter(
    lambda t: (t[1][0] - t[0][0]) * (t[2][1] - t[0][1]) != (t[1][1] - t[0][1]) * (t[2][0] - t[0][0])
)


@settings(max_examples=150)
@given(one=triangle, other=triangle, scale=st.sampled_from([0.5, 3.0, 10.0]))
def test_triangles_have_the_overlap_of_rational_arithmetic(one: Any, other: Any, scale: float) -> None:
    as_shape = [series([shapely.Polygon(np.array(t) * scale + ORIGIN)]) for t in (one, other)]
    truth = exact_overlap(*([(Fraction(x), Fraction(y)) for x, y in t] for t in (one, other)))
    assert planar(*as_shape)[0, 0] == pytest.approx(float(truth) * scale**2, abs=1e-7)


@pytest.mark.parametrize("seed", range(6))
def test_well_conditioned_overlaps_are_those_of_geos(seed: int) -> None:
    random = np.random.default_rng(seed)
    features, line = series([star(random, 90) for _ in range(80)]), layer(random)
    local = [shapely.transform(one.to_numpy(), lambda xy: xy - ORIGIN) for one in (features, line)]
    truth = shapely.area(shapely.intersection(local[0], local[1][0]))
    np.testing.assert_allclose(planar(features, line)[:, 0], truth, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_answer_does_not_depend_on_how_it_is_asked(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    features, line = series([star(random, 90) for _ in range(60)]), layer(random)
    asked = planar(features, line)[:, 0]
    shuffled = random.permutation(len(features))
    turned = series(shapely.reverse(features.to_numpy()))
    reduced = grid.make_grid({"0": line})
    np.testing.assert_array_equal(planar(features.iloc[shuffled], line)[:, 0], asked[shuffled])
    np.testing.assert_array_equal(planar(features, line, threads=1)[:, 0], asked)
    np.testing.assert_array_equal(
        overlap_areas(features, reduced, area="planar").table["0"].to_numpy(), asked
    )
    one_by_one = [planar(features.iloc[n : n + 1], line)[0, 0] for n in range(len(features))]
    np.testing.assert_array_equal(one_by_one, asked)
    np.testing.assert_allclose(planar(turned, line)[:, 0], asked, rtol=1e-9, atol=1e-7)
    pieces = series(shapely.get_parts(shapely.clip_by_rect(line.iloc[0], 0, 0, *(ORIGIN + 450))))
    others = line.iloc[0].difference(shapely.union_all(pieces.to_numpy()))
    cut_line = series([*pieces, *shapely.get_parts(others)])
    np.testing.assert_allclose(planar(features, cut_line)[:, 0], asked, rtol=1e-9, atol=1e-6)
    monkeypatch.setattr(grid, "_CELL_M", (7.0, 7.0))
    np.testing.assert_allclose(planar(features, line)[:, 0], asked, rtol=1e-9, atol=1e-7)


def test_compiled_and_interpreted_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A difference may also be a stale cache: remove __pycache__/*.nb? in the package."""
    random = np.random.default_rng(8)
    features, line = series([star(random, 90) for _ in range(40)]), layer(random)
    if compiled._compiler() is None:
        pytest.skip("numba is not installed: there is only the interpreted way")
    fast = overlap_areas(features, {"0": line}).table
    monkeypatch.setattr(compiled.Compiled, "__call__", lambda self, *args, interpret=False: self.plain(*args))
    slow = overlap_areas(features, {"0": line}).table
    np.testing.assert_array_equal(fast.to_numpy(), slow.to_numpy())


def test_inside_is_all_of_it_and_outside_nothing() -> None:
    line = series([shapely.box(*ORIGIN, *(ORIGIN + 1000))])
    features = series(
        [shapely.box(*(ORIGIN + 100), *(ORIGIN + 130)), shapely.box(*(ORIGIN - 90), *(ORIGIN - 20)), None,
         shapely.Polygon(), shapely.box(*ORIGIN, *(ORIGIN + 50))]
    )  # fmt: skip
    table = overlap_areas(features, {"line": line}).table
    assert table["line"].iloc[0] == table["area_m2"].iloc[0] > 899
    assert table["line"].iloc[1:4].tolist() == [0, 0, 0]
    assert table["area_m2"].iloc[2:4].tolist() == [0, 0]
    assert table["line"].iloc[4] == pytest.approx(table["area_m2"].iloc[4], rel=1e-12)  # shares two sides


def test_shared_sides_leave_nothing_on_the_other_side() -> None:
    random = np.random.default_rng(3)
    side = np.c_[random.uniform(-3, 3, 60), np.linspace(0, 500, 60)] + ORIGIN
    west = shapely.Polygon([*side, np.add(ORIGIN, (-200, 500)), np.add(ORIGIN, (-200, 0))])
    east = shapely.Polygon([*side, np.add(ORIGIN, (200, 500)), np.add(ORIGIN, (200, 0))])
    np.testing.assert_allclose(planar(series([west, east]), series([east]))[:, 0], [0, east.area], atol=1e-8)


def test_nearly_coincident_halves_are_measured_where_geos_gives_a_whole_polygon() -> None:
    """GEOS 3.14.1 takes one half to lie in the other, 3e-7 m beyond the cut."""
    west = shapely.box(0, 0, 50.0000003, 100)
    east = shapely.Polygon([(50, 0), (100, 0), (100, 100), (50, 100), (50, 37)])
    assert planar(series([west], None), series([east], None))[0, 0] == pytest.approx(3e-5, rel=1e-3)


def test_overlap_within_a_layer_counts_once_and_is_said() -> None:
    line = series(
        [
            shapely.box(*ORIGIN, *(ORIGIN + 100)),
            shapely.box(*(np.add(ORIGIN, (50, 0))), *(np.add(ORIGIN, (150, 100)))),
        ]
    )
    features = series([shapely.box(*(np.add(ORIGIN, (-10, -10))), *(np.add(ORIGIN, (300, 300))))])
    found = overlap_areas(features, {"line": line}, area="planar")
    assert found.table["line"].iloc[0] == pytest.approx(15_000, abs=1e-6)
    assert [(f.code, f.severity, f.place) for f in found.findings] == [("overlap.united", "warning", "line")]
    assert "5000.0000" in found.findings[0].en


@pytest.mark.parametrize(
    "shape",
    [
        [(0, 0), (20, 20), (20, 0), (0, 20)],  # bow-tie
        [(0, 0), (30, 0), (30, 30), (10, 30), (10, -5), (5, -5), (5, 30), (0, 30)],  # runs over itself
    ],
)
def test_a_feature_that_covers_ground_twice_is_named_and_not_measured(shape: Any) -> None:
    good = shapely.box(*ORIGIN, *(ORIGIN + 10))
    bad = shapely.Polygon(np.array(shape) + ORIGIN)
    found = overlap_areas(gpd.GeoSeries([good, bad], index=["g", "b"], crs=CRS), {"line": series([good])})
    assert found.table.loc["b"].isna().all()
    assert found.table.loc["g", "line"] == found.table.loc["g", "area_m2"]
    assert [(f.code, f.feature) for f in found.findings] == [("overlap.feature", ("b",))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("crs", [CRS, ZONE_PREFIXED])
def test_ellipsoidal_overlaps_are_those_of_the_pieces(seed: int, crs: int) -> None:
    random = np.random.default_rng(seed)
    shift = np.array([38_000_000.0 if crs == ZONE_PREFIXED else 0.0, 0.0])
    features = series(shapely.transform([star(random, 90) for _ in range(40)], lambda xy: xy + shift), crs)
    line = series(shapely.transform(layer(random).to_numpy(), lambda xy: xy + shift), crs)
    table = overlap_areas(features, {"line": line}).table
    local = [shapely.transform(one.to_numpy(), lambda xy: xy - shift - ORIGIN) for one in (features, line)]
    pieces = shapely.transform(shapely.intersection(local[0], local[1][0]), lambda xy: xy + shift + ORIGIN)
    truth = ellipsoid.area(pieces, features.crs)
    np.testing.assert_allclose(table["line"], truth, atol=0.01)  # the standard rounds angles to 3e-5 m
    np.testing.assert_array_equal(table["area_m2"], ellipsoid.area(features.to_numpy(), features.crs))


def test_a_matrix_holds_every_pair_that_overlaps_once() -> None:
    random = np.random.default_rng(4)
    rows = gpd.GeoSeries([star(random, 120) for _ in range(50)], index=[f"r{n}" for n in range(50)], crs=CRS)
    columns = gpd.GeoSeries([star(random, 150) for _ in range(30)], index=range(100, 130), crs=CRS)
    found = overlap_matrix(rows, columns, area="planar").set_index(["row", "column"])["area_m2"]
    assert found.index.is_unique
    for name, shape in rows.items():
        truth = columns.intersection(shape).area
        for other, area in truth.items():
            assert found.get((name, other), 0.0) == pytest.approx(area, abs=2e-6)


def test_errors_say_what_is_wrong() -> None:
    good = series([shapely.box(0, 0, 1, 1)])
    with pytest.raises(InputError, match=r"EPSG|Gauss"):
        overlap_areas(good, {"line": series([shapely.box(0, 0, 1, 1)], 4546)})
    with pytest.raises(InputError, match="#1 LineString"):
        overlap_areas(series([shapely.LineString([(0, 0), (1, 1)])]), {"line": good})
    with pytest.raises(InputError, match="CRS"):
        overlap_areas(
            series([shapely.box(0, 0, 1, 1)], None), {"line": good.set_crs(None, allow_override=True)}
        )
    with pytest.raises(ValueError, match="plane"):
        overlap_areas(good, {"line": good}, area="plane")

"""Hard overlays: cases as data (data/hard_overlay.yaml) and made ones, against rational arithmetic, in every function."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from shapely.geometry.base import BaseGeometry

from exact import as_written, common_area
from zoneplan.areas.ledger import area_ledger
from zoneplan.engine import overlay
from zoneplan.engine.overlap import overlap_areas, overlap_matrix
from zoneplan.engine.overlay import overlaps
from zoneplan.engine.pieces import overlap_pieces

LIMIT_M2 = 1e-6
PLACES = {"zone": (4547, (421_000.0, 3_890_000.0)), "prefixed": (4526, (38_421_000.0, 3_890_000.0))}


class Case(NamedTuple):
    name: str
    features: list[BaseGeometry]
    layer: list[BaseGeometry]
    overlap: list[Fraction] | None = None


def written_cases() -> list[Case]:
    path = Path(__file__).parent / "data" / "hard_overlay.yaml"
    return [
        Case(
            case["name"],
            [shapely.from_wkt(text) for text in case["features"]],
            [shapely.from_wkt(text) for text in case["layer"]],
            [Fraction(str(value)) for value in case["overlap"]] if "overlap" in case else None,
        )
        for case in YAML(typ="safe").load(path)
    ]


def fan(n: int, turn: float = 0.0) -> list[BaseGeometry]:
    """Every other of n wedges between spokes of one vertex."""
    angle = turn + np.linspace(0, 2 * np.pi, n + 1)
    rim = np.round(np.c_[np.cos(angle), np.sin(angle)] * 100, 4)
    return [shapely.Polygon([(0, 0), rim[k], rim[k + 1]]) for k in range(0, n, 2)]


def board(n: int, odd: int, shift: float = 0.0) -> list[BaseGeometry]:
    """The squares of one colour."""
    return [
        shapely.box(10 * i + shift, 10 * j, 10 * i + 10 + shift, 10 * j + 10)
        for i in range(n) for j in range(n) if (i + j) % 2 == odd
    ]  # fmt: skip


def comb(n: int, shift: float = 0.0) -> list[BaseGeometry]:
    teeth = [((10 * k + shift, 0), (10 * k + 5 + shift, 50)) for k in range(n)]
    return [shapely.Polygon([(-5, -5), *(point for tooth in teeth for point in tooth), (10 * n, -5)])]


def banks() -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Two sides of one straight line, each with vertices of its own along it."""
    south = [(5.57033, 8.2474), (7.2835, 8.59003), (8.87842, 8.90902), (8.88708, 8.91075)]
    north = [(5.01437, 8.13621), (5.2969, 8.19271), (5.49993, 8.23332)]
    begin, end = (4.33333, 8), (9.33333, 9)
    return (
        [shapely.Polygon([begin, *south, end, (43 / 3, 9), (28 / 3, 8)])],
        [shapely.Polygon([begin, *north, end, (13 / 3, 9), (-2 / 3, 8)])],
    )


def made_cases() -> list[Case]:
    tremble = np.random.default_rng(2).uniform(-1e-6, 1e-6, (40, 2))
    coast = np.c_[np.sin(np.arange(40)) * 30, np.arange(40) * 10.0]
    west = shapely.Polygon([*coast, (-200, 390), (-200, 0)])
    east = shapely.Polygon([*(coast + tremble), (200, 390), (200, 0)])
    flat = [shapely.box(-120, -120, 120, 0), shapely.box(0, 0, 90, 90)]
    return [
        Case("fan through one vertex", flat, fan(24)),
        Case("fan against the fan a microradian on", fan(24)[:4], fan(24, 1e-6)),
        Case("boards of one colour, 1e-7 m aside", [shapely.MultiPolygon(board(5, 0))], board(5, 1, 1e-7)),
        Case("board of single squares", [shapely.box(3, 3, 47, 47)], board(5, 0)),
        Case("combs that cross everywhere", comb(9), [shapely.affinity.rotate(comb(9)[0], 90, (45, 25))]),
        Case("combs 1e-7 m aside", comb(9), comb(9, 1e-7)),
        Case("coast drawn twice", [west, shapely.box(-100, 100, 100, 200)], [east]),
        Case("bank drawn twice, its vertices rounded to a hundredth of a millimetre", *banks()),
    ]


CASES = [*written_cases(), *made_cases()]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture(params=PLACES)
def placed(request: pytest.FixtureRequest, case: Case) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """The features and the layer of a case, moved to where plans lie."""
    crs, corner = PLACES[request.param]
    near = (
        np.floor(shapely.total_bounds(case.features)[:2] / 1000)
        * 1000
        * (abs(case.features[0].bounds[0]) > 1e5)
    )
    move = np.array(corner) - near

    def there(shapes: Sequence[BaseGeometry]) -> gpd.GeoSeries:
        return gpd.GeoSeries(shapely.transform(list(shapes), lambda xy: xy + move), crs=crs)

    return there(case.features), there(case.layer)


@pytest.mark.parametrize("case", [case for case in CASES if case.overlap], ids=lambda case: case.name)
def test_the_overlaps_written_down_are_those_of_rational_arithmetic(case: Case) -> None:
    found = [common_area([feature], case.layer, number=as_written) for feature in case.features]
    assert found == case.overlap


def test_areas(placed: tuple[gpd.GeoSeries, gpd.GeoSeries]) -> None:
    features, layer = placed
    found = overlap_areas(features, {"layer": layer}, area="planar")
    truth = [float(common_area([feature], layer)) for feature in features]
    own = [float(common_area([feature])) for feature in features]
    np.testing.assert_allclose(found.table["layer"], truth, rtol=0, atol=LIMIT_M2)
    np.testing.assert_allclose(found.table["area_m2"], own, rtol=1e-14, atol=LIMIT_M2)
    assert {finding.code for finding in found.findings} <= {"overlap.united"}


def test_areas_inside_and_outside_are_the_whole(placed: tuple[gpd.GeoSeries, gpd.GeoSeries]) -> None:
    features, layer = placed
    frame = shapely.box(*np.add(shapely.total_bounds([*features, *layer]), (-9, -9, 9, 9)))
    rest = overlay.difference(frame, overlay.union(list(layer), grid_m=2.0**-33), grid_m=2.0**-33)
    both = {"in": layer, "out": gpd.GeoSeries([rest], crs=layer.crs)}
    flat = overlap_areas(features, both, area="planar").table
    np.testing.assert_allclose(flat["in"] + flat["out"], flat["area_m2"], rtol=1e-14, atol=LIMIT_M2)
    curved = overlap_areas(features, both).table
    np.testing.assert_allclose(curved["in"] + curved["out"], curved["area_m2"], rtol=1e-9, atol=LIMIT_M2)


def test_matrix(placed: tuple[gpd.GeoSeries, gpd.GeoSeries]) -> None:
    rows, columns = placed
    found = overlap_matrix(rows, columns, area="planar").set_index(["row", "column"])["area_m2"]
    for row, feature in rows.items():
        for column, other in columns.items():
            truth = float(common_area([feature], [other]))
            assert found.get((row, column), 0.0) == pytest.approx(truth, rel=0, abs=LIMIT_M2 * 1.1)


@pytest.mark.parametrize("make", [overlap_pieces, overlaps])
def test_pieces(placed: tuple[gpd.GeoSeries, gpd.GeoSeries], make: Any) -> None:
    features, layer = placed
    made = make(features, layer)
    truth = [float(common_area([feature], layer)) for feature in features]
    np.testing.assert_allclose(overlay.plane_area(made.pieces), truth, rtol=0, atol=LIMIT_M2)
    assert shapely.is_valid(made.pieces).all()
    assert not made.findings


def test_ledger(placed: tuple[gpd.GeoSeries, gpd.GeoSeries]) -> None:
    container, layer = placed
    made = area_ledger(container, {"layer": layer})
    area = dict(zip(made.pieces["ground"], overlay.plane_area(made.pieces.geometry), strict=True))
    whole, inside = float(common_area(container)), float(common_area(container, layer))
    assert area.get("layer", 0.0) == pytest.approx(inside, rel=0, abs=LIMIT_M2)
    assert area.get("gap", 0.0) == pytest.approx(whole - inside, rel=0, abs=LIMIT_M2)
    cents = (made.table["area_m2"] * 100).round().astype(int)
    assert cents.iloc[:-1].sum() == cents.iloc[-1]
    assert not made.findings


corner = st.tuples(st.integers(0, 40), st.integers(0, 40))


@st.composite
def rational_polygon(draw: st.DrawFn) -> BaseGeometry:
    """A valid polygon whose corners are thirds, sevenths or tenths; often with collinear and touching sides."""
    points = draw(st.lists(corner, min_size=3, max_size=7, unique=True))
    part = draw(st.sampled_from([1, 3, 7, 10]))
    hull = shapely.convex_hull(shapely.MultiPoint(np.array(points) / part))
    cut = shapely.box(*(np.array([*draw(corner), *draw(corner)]) / part))
    made = shapely.difference(hull, cut) if draw(st.booleans()) and hull.area else hull
    made = shapely.transform(overlay.polygonal(made), lambda xy: xy * 10 + (38_421_000, 3_890_000))
    return made if made.is_valid else shapely.Polygon()


@settings(max_examples=120, deadline=None)
@given(feature=rational_polygon(), layer=st.lists(rational_polygon(), min_size=1, max_size=4))
def test_random_polygons_have_the_overlap_of_rational_arithmetic(feature: Any, layer: Any) -> None:
    features, controls = (gpd.GeoSeries(shapes, crs=4526) for shapes in ([feature], layer))
    truth = float(common_area([feature], layer))
    flat = overlap_areas(features, {"layer": controls}, area="planar").table["layer"]
    assert flat.iloc[0] == pytest.approx(truth, rel=0, abs=LIMIT_M2)
    piece = overlap_pieces(features, controls, plane_areas=flat.to_numpy())
    assert not piece.findings
    assert overlay.plane_area(piece.pieces)[0] == pytest.approx(truth, rel=0, abs=LIMIT_M2)
    pairs = overlap_matrix(features, controls, area="planar").set_index("column")["area_m2"]
    for column, shape in enumerate(layer):
        one = float(common_area([feature], [shape]))
        assert pairs.get(column, 0.0) == pytest.approx(one, rel=0, abs=LIMIT_M2 * 1.1)

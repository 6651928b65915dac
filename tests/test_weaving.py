"""Pieces traced without GEOS: what is made is right by rational arithmetic and valid; what is not sure is not made."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exact import common_area
from zoneplan.engine import compiled, pieces
from zoneplan.engine.overlap import overlap_areas
from zoneplan.engine.pieces import overlap_pieces
from zoneplan.engine.rings import rings
from zoneplan.engine.weaving import PLACE, weave

CRS = 4547
CORNER = np.array([421_000.0, 3_890_000.0])
PREFIXED = np.array([38_421_000.0, 3_890_000.0])
Shapes = npt.NDArray[np.object_]


def placed(shapes: Any, corner: npt.NDArray[np.float64] = CORNER) -> Shapes:
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes)
    return np.asarray(shapely.transform(made, lambda xy: xy + corner))


def star(random: np.random.Generator, reach: float, spread: float, most: int = 12) -> shapely.Polygon:
    """A valid polygon around a random place, now and then with a hole."""
    angle = np.linspace(0, 2 * np.pi, random.integers(4, most), endpoint=False)
    ring = np.c_[np.cos(angle), np.sin(angle)] * random.uniform(0.3 * reach, reach, len(angle))[:, None]
    hole = [ring * 0.5] if random.random() < 0.4 else []
    return shapely.transform(shapely.Polygon(ring, hole), lambda xy: xy + random.uniform(0, spread, 2))


def stars(seed: int, count: int = 30) -> tuple[Shapes, shapely.MultiPolygon]:
    """Features, and a layer of several parts with holes, islands in features, and features in holes."""
    random = np.random.default_rng(seed)
    features = np.array([star(random, reach, 300) for reach in random.choice([8, 60, 150], count)])
    whole = shapely.union_all([star(random, reach, 300) for reach in (9, 9, 9, 20, 20, 90, 120, 150)])
    whole = whole.difference(shapely.union_all([star(random, reach, 300) for reach in (6, 7, 25)]))
    return placed(features), placed([shapely.multipolygons(shapely.get_parts(whole))])[0]


def exact(one: Sequence[Any], *others: Sequence[Any]) -> float:
    return float(common_area(one, *others))


def woven(features: Shapes, layer: Any) -> tuple[Shapes, npt.NDArray[np.float64]]:
    """Pieces that are traced and proved, and the areas of all overlaps."""
    shapes = gpd.GeoSeries(np.atleast_1d(layer), crs=CRS)
    areas = (
        overlap_areas(gpd.GeoSeries(features, crs=CRS), {"layer": shapes}, area="planar")
        .table["layer"]
        .to_numpy()
    )
    return weave(features, rings(shapes.to_numpy(), PLACE), areas, np.full(len(features), 1e-6)), areas


def is_overlap(piece: Any, feature: Any, layer: Any) -> bool:
    """Valid, inside both and all they share: to what crossings are rounded by."""
    area = exact([piece])
    return (
        bool(shapely.is_valid(piece))
        and exact([piece], [feature], [layer]) == pytest.approx(area, rel=0, abs=1e-6)
        and exact([feature], [layer]) == pytest.approx(area, rel=0, abs=1e-6)
    )


@pytest.mark.parametrize("seed", range(4))
def test_all_that_is_in_general_position_is_traced_and_is_the_overlap(seed: int) -> None:
    features, layer = stars(seed)
    made, areas = woven(features, layer)
    assert not shapely.is_missing(made).any()
    assert (shapely.is_empty(made) == (areas < 1e-6)).all()
    for piece, feature in zip(made[:12], features[:12], strict=True):
        assert is_overlap(piece, feature, layer)
    kinds = shapely.get_type_id(made)
    parts = shapely.get_num_geometries(made)
    assert ((kinds == 6) == (parts > 1)).all()  # one part is no multipolygon
    assert (parts > 1).any()
    assert shapely.get_num_interior_rings(shapely.get_parts(made)).any()


@pytest.mark.parametrize("seed", range(4))
def test_pieces_are_bit_by_bit_the_same_however_asked(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    features, layer = stars(seed, 40)
    asked, _ = woven(features, layer)
    turned, _ = woven(shapely.reverse(features), shapely.reverse(layer))
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(features))
    parts = shapely.get_parts(layer)
    other, _ = woven(features[shuffled], parts[random.permutation(len(parts))])
    alone = np.array([woven(features[n : n + 1], layer)[0][0] for n in range(len(features))])
    monkeypatch.setattr(compiled, "spread", lambda work, n, threads=None: [work(k, k + 1) for k in range(n)])
    stretched, _ = woven(features, layer)
    for way in (turned, alone, stretched):
        assert (shapely.to_wkb(way) == shapely.to_wkb(asked)).all()
    assert (shapely.to_wkb(other) == shapely.to_wkb(asked[shuffled])).all()


def test_compiled_and_interpreted_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A difference may also be a stale cache: remove __pycache__/*.nb? in the package."""
    if not compiled.available():
        pytest.skip("numba is not installed: there is only the interpreted way")
    features, layer = stars(7, 60)
    fast, _ = woven(features, layer)
    monkeypatch.setattr(compiled.Compiled, "__call__", lambda self, *args, interpret=False: self.plain(*args))
    slow, _ = woven(features, layer)
    assert (shapely.to_wkb(fast) == shapely.to_wkb(slow)).all()


lattice = st.tuples(st.integers(0, 8), st.integers(0, 8))


@st.composite
def lattice_polygon(draw: st.DrawFn) -> Any:
    """A valid polygon with whole corners, often with collinear and touching sides and holes."""
    made = shapely.convex_hull(
        shapely.MultiPoint(draw(st.lists(lattice, min_size=3, max_size=7, unique=True)))
    )
    for _ in range(draw(st.integers(0, 2))):
        west, south = draw(lattice)
        made = made.difference(shapely.box(west, south, west + draw(st.integers(1, 3)), south + 1))
    parts = [part for part in shapely.get_parts(made) if part.geom_type == "Polygon"]
    whole = shapely.multipolygons(parts) if parts else shapely.box(0, 0, 1, 1)
    return whole if whole.is_valid else shapely.box(0, 0, 1, 1)


@settings(max_examples=200, deadline=None)
@given(feature=lattice_polygon(), layer=lattice_polygon(), corner=st.sampled_from([CORNER, PREFIXED]))
@example(feature=shapely.box(0, 0, 1, 1), layer=shapely.MultiPolygon([shapely.Polygon()]), corner=CORNER)
def test_where_edges_touch_and_coincide_nothing_wrong_is_made(feature: Any, layer: Any, corner: Any) -> None:
    features, layers = placed([feature], corner), placed([layer], corner)
    truth = exact([feature], [layer])
    made = weave(features, rings(layers, PLACE), np.array([truth]), np.array([1e-6]))[0]
    if made is not None:
        assert is_overlap(made, features[0], layers[0])


def test_rings_that_touch_are_parted_as_polygons_need_it() -> None:
    """A hole at its shell's corner, two holes that touch, an island that fills a hole to its corners, a chessboard."""
    frame = shapely.Polygon([(0, 0), (100, 0), (100, 100), (0, 100), (0, 50)])
    diamond = shapely.Polygon([(50, 10), (70, 30), (50, 50), (30, 30)])
    upper = shapely.Polygon([(50, 50), (70, 70), (50, 95), (30, 70)])
    at_edge = shapely.Polygon([(0, 50), (20, 40), (20, 60)])
    island = shapely.Polygon([(50, 12), (66, 30), (50, 50), (34, 30)])
    holed = shapely.Polygon(frame.exterior, [at_edge.exterior, diamond.exterior, upper.exterior])
    squares = [
        shapely.box(10 * i, 10 * j, 10 * i + 10, 10 * j + 10) for i in range(6) for j in range(i % 2, 6, 2)
    ]
    features = [
        shapely.box(-5, -5, 105.5, 105.5), shapely.box(-5, 20.5, 60.25, 105.5), shapely.box(40.5, -5, 52.25, 105.5),
        shapely.Polygon([(-9, 33.3), (55.5, -9), (77.7, 71.1), (30.3, 88.8)]),
    ]  # fmt: skip
    for layer in (holed, shapely.MultiPolygon([holed, island]), shapely.MultiPolygon(squares)):
        assert layer.is_valid
        there, theirs = placed(features), placed([layer])
        made, _ = woven(there, theirs)
        assert not shapely.is_missing(made).any()
        for piece, feature in zip(made, there, strict=True):
            assert is_overlap(piece, feature, theirs[0])
            assert not piece.equals(feature)


def test_a_sliver_of_a_ten_thousandth_of_a_millimetre_is_a_piece() -> None:
    features = placed([shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100)])
    layer = placed([shapely.MultiPolygon([shapely.Polygon([(100 - 1e-7, -5), (150, -5), (150, 105), (100 - 1e-7, 105)]),
                                          shapely.box(280, 50, 280 + 1e-7, 500)])])  # fmt: skip
    made, areas = woven(features, layer)
    assert areas == pytest.approx([1e-5, 5e-6], abs=1e-8)
    assert shapely.area(made) == pytest.approx(areas, abs=1e-9)


def test_a_piece_of_another_area_is_not_believed() -> None:
    features, layer = stars(3)
    made, areas = woven(features, layer)
    off = areas + 2e-6
    assert shapely.is_missing(weave(features, rings([layer], PLACE), off, np.full(len(off), 1e-6))).all()
    assert not shapely.is_missing(made).any()


def test_a_layer_that_crosses_itself_is_left_to_geos(monkeypatch: pytest.MonkeyPatch) -> None:
    features, _ = stars(5)
    twice = np.array([star(np.random.default_rng(n), 150, 200) for n in range(6)])
    layer = gpd.GeoSeries(placed(twice), crs=CRS)
    made = overlap_pieces(gpd.GeoSeries(features, crs=CRS), layer)
    assert not made.findings
    assert shapely.is_valid(made.pieces.to_numpy()).all()
    truth = [exact([feature], layer.to_list()) for feature in features[:8]]
    assert shapely.area(made.pieces.to_numpy())[:8] == pytest.approx(truth, abs=1e-6)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many features GEOS is asked to cut, one entry per call."""
    asked: list[int] = []
    cut = pieces._cut_and_checked

    def spy(features: Shapes, *rest: Any) -> Any:
        asked.append(len(features))
        return cut(features, *rest)

    monkeypatch.setattr(pieces, "_cut_and_checked", spy)
    return asked


def test_patches_that_share_edges_need_no_geos(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    corner = np.stack(np.meshgrid(np.arange(9), np.arange(9)), axis=-1) * 50.0 + random.uniform(
        -15, 15, (9, 9, 2)
    )
    patches = placed(
        [
            shapely.Polygon([corner[j, i], corner[j, i + 1], corner[j + 1, i + 1], corner[j + 1, i]])
            for j in range(8)
            for i in range(8)
            if random.random() < 0.7
        ]
    )
    features = placed([star(random, 120, 400) for _ in range(20)])
    asked = counted(monkeypatch)
    made = overlap_pieces(gpd.GeoSeries(features, crs=CRS), gpd.GeoSeries(patches, crs=CRS))
    assert asked == [0]
    assert not made.findings
    for piece, feature in zip(made.pieces[:6], features[:6], strict=True):
        assert shapely.is_valid(piece)
        assert exact([piece]) == pytest.approx(exact([feature], list(patches)), rel=0, abs=1e-6)


def test_without_a_compiler_geos_cuts_what_is_too_much_to_interpret(monkeypatch: pytest.MonkeyPatch) -> None:
    features, layer = stars(2)
    line = gpd.GeoSeries([layer], crs=CRS)
    flat = overlap_pieces(gpd.GeoSeries(features, crs=CRS), line).pieces
    asked = counted(monkeypatch)
    monkeypatch.setattr(compiled, "few", lambda steps: False)
    monkeypatch.setattr(compiled, "_compiler", lambda: None)
    plain = overlap_pieces(gpd.GeoSeries(features, crs=CRS), line).pieces
    assert asked[-1] > 10
    np.testing.assert_allclose(
        shapely.area(plain.to_numpy()), shapely.area(flat.to_numpy()), rtol=0, atol=1e-6
    )


def test_heights_are_left_out_as_everywhere() -> None:
    features, layer = stars(2)
    high, _ = woven(shapely.force_3d(features, 7.0), shapely.force_3d(layer, 8.0))
    assert (shapely.to_wkb(high) == shapely.to_wkb(woven(features, layer)[0])).all()


def test_pieces_of_neighbours_share_their_vertices() -> None:
    features = placed(
        [shapely.box(10.3 * i, 7.1 * j, 10.3 * i + 10.3, 7.1 * j + 7.1) for i in range(9) for j in range(9)]
    )
    _, layer = stars(1)
    made = shapely.get_parts(woven(features, shapely.transform(layer, lambda xy: xy - 90))[0])
    assert len(made) > 20
    assert shapely.coverage_is_valid(made)

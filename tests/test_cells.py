"""Layers cut into cells: what is known of a run by its shape is what pairs of edges say, and windows change nothing."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zoneplan.engine import entries, grid
from zoneplan.engine import runs as runs_of_cells
from zoneplan.engine.grid import Grid, make_coverage_grid, make_grid
from zoneplan.engine.overlap import overlap_areas
from zoneplan.engine.rings import rings
from zoneplan.engine.shares import _order

CRS = 4547
ORIGIN = np.array([400_000.0, 3_850_000.0])  # a multiple of the grid's own: whole metres are lines of it


def series(shapes: Any) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=CRS)


def blob(random: np.random.Generator, vertices: int, radius: float, snap: float = 0.0) -> shapely.Polygon:
    """A ring around a random place that starts anywhere, of either direction, now and then with a hole."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False) + random.uniform(0, 7)
    reach = radius * (
        1 + 0.4 * np.cumsum(random.normal(0, 1, vertices)) / vertices**0.5 * np.sin(angle / 2) ** 2
    )
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.maximum(reach, radius / 9)[:, None]
    ring = np.roll(ring, random.integers(vertices), axis=0)[:: random.choice([-1, 1])] + random.uniform(
        0, 400, 2
    )
    if snap:
        ring = np.round(ring / snap) * snap
    hole = [(ring - ring.mean(axis=0)) * 0.3 + ring.mean(axis=0)] if random.random() < 0.5 else []
    return shapely.Polygon(ring + ORIGIN, [one + ORIGIN for one in hole])


def fold(made: Grid, *, by_pairs: bool) -> np.ndarray:
    held = made.cells
    onward, tangled = held.onward, held.tangled
    if by_pairs:
        onward, tangled = np.zeros_like(onward), np.ones_like(tangled)
    found = np.empty(len(held.key))
    known = held.winding, held.content, tangled, held.run_start, onward, held.runs, held.path
    runs_of_cells.survey(0, len(found), made.cell_m, *known, found)
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("snap", [0.0, 5.0], ids=["free", "on the lines"])
def test_what_the_shape_of_runs_says_is_what_pairs_of_edges_say(
    seed: int, snap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Single and several polygons, that fold or not, rings that start within cells or on their lines."""
    random = np.random.default_rng(seed)
    monkeypatch.setattr(grid, "_CELL_M", (10.0, 10.0))
    shapes = [blob(random, random.integers(20, 200), random.uniform(5, 90), snap) for _ in range(12)]
    made = make_coverage_grid(series([shapely.MultiPolygon(shapes), *shapes]))
    by_shape, by_pairs = fold(made, by_pairs=False), fold(made, by_pairs=True)
    np.testing.assert_allclose(by_shape, by_pairs, atol=1e-9)
    assert (by_pairs > 1).any(), "nothing folds here: the test has nothing to find"
    assert (made.cells.tangled == 0).any()


@pytest.mark.parametrize("turned", [False, True])
def test_cells_hold_the_content_and_the_fold_of_the_layer(turned: bool) -> None:
    random = np.random.default_rng(3)
    shapes = [blob(random, 90, 60) for _ in range(6)]
    shapes = [shape for shape in shapes if shape.is_valid]
    made = make_coverage_grid(series(shapely.reverse(shapes) if turned else shapes))
    total = np.bincount(made.cells.key, made.cells.content)
    np.testing.assert_allclose(total, shapely.area(shapes), rtol=1e-9)
    np.testing.assert_allclose(fold(made, by_pairs=False), 0, atol=1e-9)


@pytest.mark.parametrize("reach", [60.0, 600.0], ids=["near edges only", "a window"])
def test_a_window_gives_the_numbers_of_the_whole_to_the_last_bit(reach: float) -> None:
    """Rings longer than what is cut at once, with cells of the window in their middle."""
    random = np.random.default_rng(5)
    layers = {name: series([blob(random, 12_000, 900), blob(random, 300, 40)]) for name in ("one", "other")}
    whole = make_grid(layers)
    assert len(whole.cells.path) > 2 * entries._STRETCH
    features = series([blob(random, 30, 25) for _ in range(30)])
    corner = ORIGIN + 200
    features = features[features.intersects(shapely.box(*corner, *(corner + reach)))]
    assert len(features)
    part = make_grid(layers, within=tuple(features.total_bounds))
    assert part.cell_m == whole.cell_m
    assert part.window != whole.window
    for area in ("planar", "ellipsoidal"):
        asked = [overlap_areas(features, made, area=area).table.to_numpy() for made in (whole, part)]
        np.testing.assert_array_equal(*asked)


def test_rings_end_where_they_end() -> None:
    """Also one that passes its first vertex on the way, or has it twice: as many rings as GEOS counts."""
    square = [(0, 0), (9, 0), (9, 9), (0, 9)]
    inner = [[(1, 1), (2, 1), (2, 2)], [(4, 4), (5, 4), (5, 5)]]
    shapes = [
        shapely.Polygon(square, inner),
        shapely.MultiPolygon([shapely.Polygon(square), shapely.Polygon([(20, 0), (30, 0), (30, 9)], None)]),
        shapely.Polygon([(0, 0), (0, 0), *square[1:]], inner),
        shapely.Polygon([(0, 0), (3, 0), (3, 3), (0, 0), (-3, 0), (-3, -3)], [inner[0]]),
        shapely.Polygon(),
        None,
    ]
    for some in (shapes[:1], shapes[:2], shapes[1::-1], shapes[2:3], shapes[3:4], shapes):
        made = rings(some, (0.0, 0.0))
        parts, owner = shapely.get_parts(some, return_index=True)
        geos, part = shapely.get_rings(parts, return_index=True)
        np.testing.assert_array_equal(np.diff(made.ring), shapely.get_num_coordinates(geos))
        np.testing.assert_array_equal(made.hole, np.r_[False, part[1:] == part[:-1]])
        np.testing.assert_array_equal(np.repeat(np.arange(len(some)), np.diff(made.owner)), owner[part])


@pytest.mark.parametrize("few", [True, False], ids=["interpreted", "compiled"])
def test_a_hole_without_points_is_none(few: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneplan.engine.compiled.few", lambda steps: few)
    hollow = shapely.from_wkt("MULTIPOLYGON (((1 1, 1 5, 5 5, 5 1, 1 1), (2 2, 2 3, 3 3, 2 2), EMPTY))")
    there = shapely.transform(hollow, lambda xy: xy + ORIGIN)
    made = rings([there, there])
    assert np.diff(made.ring).tolist() == [5, 4, 5, 4]
    assert made.plane_area.tolist() == [15.5, 15.5]
    found = overlap_areas(series([there]), {"line": series([there])}, area="planar").table
    assert found.to_numpy().tolist() == [[15.5, 15.5]]


def test_a_ring_that_goes_round_twice_is_named_though_it_never_turns_back() -> None:
    angle = np.arange(5) * 4 * np.pi / 5
    pentagram = shapely.Polygon(np.c_[np.cos(angle), np.sin(angle)] * 50 + ORIGIN)
    convex = pentagram.convex_hull
    found = overlap_areas(series([pentagram, convex]), {"line": series([convex])})
    assert [finding.code for finding in found.findings] == ["overlap.feature"]
    assert found.table["line"].isna().tolist() == [True, False]


def test_a_layer_longer_than_the_room_made_for_it_is_cut_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Edges much longer than cells make many runs of few vertices."""
    monkeypatch.setattr(grid, "_CELL_M", (1.0, 1.0))
    comb = [(x, y) for x in range(0, 200, 2) for y in ((-150.5, 150.5) if x % 4 else (150.5, -150.5))]
    shape = shapely.Polygon(np.array([*comb, (200, 300), (-1, 300)]) + ORIGIN)
    made = make_grid({"comb": series([shape])})
    assert shape.is_valid
    assert made.cells.content.sum() == pytest.approx(shape.area, rel=1e-12)
    assert not made.findings
    assert overlap_areas(series([shape]), made, area="planar").table["comb"][0] == pytest.approx(shape.area)


def test_features_that_hop_about_are_measured_by_place_to_the_same_bits() -> None:
    random = np.random.default_rng(11)
    layers = {"line": series([blob(random, 12_000, 900)])}
    made = make_grid(layers)
    corners = ORIGIN + np.stack(np.meshgrid(np.arange(0, 1200, 60), np.arange(0, 1200, 60)), -1).reshape(
        -1, 2
    )
    features = series(shapely.box(*corners.T, *(corners + 60).T))
    hopping = random.permutation(len(features))
    orders = [
        _order(rings(some.to_numpy(), made.origin), made) for some in (features, features.iloc[hopping])
    ]
    assert (np.diff(orders[0]) == 1).all()
    assert sorted(orders[1]) == list(range(len(features)))
    by_place = corners[hopping[orders[1]]]
    assert np.hypot(*np.diff(by_place, axis=0).T).mean() < 120, "neighbours do not follow one another"
    there, back = (overlap_areas(some, made).table for some in (features, features.iloc[hopping]))
    pd.testing.assert_frame_equal(back.loc[there.index], there, check_exact=True)

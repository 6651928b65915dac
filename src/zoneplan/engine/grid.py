"""Layers cut into the cells of a grid, once for many questions.

Overlap within a layer is found here, by its fold (see `zoneplan.engine.trapezoids`), and made a union.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from zoneplan.crs.gate import lon_lat
from zoneplan.engine import compiled, overlay, runs
from zoneplan.engine.entries import Cells, cut_layers
from zoneplan.engine.rings import Floats, Ints, Rings, Shapes, rings
from zoneplan.engine.window import Bounds, Window, near, window_of
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

FOLD_M2 = 1e-6
"""What a cell of a layer, or a feature, may cover twice before it counts as overlapping itself."""
_ORIGIN_M = 50_000.0  # origins are multiples of this, so that coordinates move without rounding
_EDGES_A_CELL = 10.0  # a cell's side in mean edge lengths of the layer
_CELL_M = (20.0, 400.0)
_MOST_CELLS = 4_000_000
_SMALL_WINDOW = 256  # cells


@dataclass(frozen=True)
class Fold:
    """The cells in which a layer covers ground twice, and some m² of it."""

    boxes: Shapes
    area_m2: float


@dataclass(frozen=True)
class Grid:
    """Layers cut into the cells of a grid.

    Parameters
    ----------
    keys : tuple of str
        Names of the layers; for a coverage the positions of its features.
    crs : CRS or None
        Of the layers.
    origin : tuple of float
        Of the grid, in metres of that CRS.
    cell_m : float
        Side of a cell.
    window : tuple of int
        First column and row of the cells kept, number of columns and rows.
    cells : Cells
        What they hold.
    findings : tuple of Finding
        Layers whose polygons overlap one another, and were united before they were cut.
    """

    keys: tuple[str, ...]
    crs: CRS | None
    origin: tuple[float, float]
    cell_m: float
    window: Window
    cells: Cells
    findings: tuple[Finding, ...] = ()


def make_grid(
    layers: Mapping[str, gpd.GeoSeries | gpd.GeoDataFrame], *, within: Bounds | None = None
) -> Grid:
    """Cut layers for many questions: what `zoneplan.engine.overlap.overlap_areas` takes in place of layers.

    Parameters
    ----------
    layers : mapping of str to GeoSeries or GeoDataFrame
        Polygons in one projected CRS (metres). Polygons of one layer that overlap are united first,
        which a finding says.
    within : tuple of float, optional
        (west, south, east, north); cells beyond are left out.

    Raises
    ------
    InputError
        Layers in different CRS, geometry that is no polygon, coordinates that are not finite.
    """
    frames = {name: frame.geometry for name, frame in layers.items()}
    crs = next((series.crs for series in frames.values() if series.crs is not None), None)
    for name, series in frames.items():
        require_same_crs(series.crs, crs, name)
    groups = [series.to_numpy() for series in frames.values()]
    made = _cut(groups, tuple(frames), crs, within)
    folds = _folded(made)
    whole, wrong = made, dict(folds)
    for snap_m in overlay.GRIDS_M:
        for number in wrong:
            groups[number] = united(frames[made.keys[number]].to_numpy(), folds[number].boxes, snap_m)
        if wrong:
            whole = _cut(groups, made.keys, crs, within, like=made)
            wrong = _misunited(made, whole, folds, snap_m)
    return replace(
        whole, findings=tuple(_finding(made, number, folds[number], wrong.get(number)) for number in folds)
    )


def make_coverage_grid(features: gpd.GeoSeries, *, within: Bounds | None = None) -> Grid:
    """Cut a coverage so that each of its features keeps its own entries: keys are positions from 0."""
    shapes = features.to_numpy()
    groups = np.split(shapes, np.arange(1, len(shapes)))
    return _cut(groups, tuple(str(n) for n in range(len(shapes))), features.crs, within)


def folded_boxes(features: gpd.GeoSeries) -> Shapes:
    """The cells, as polygons, in which features overlap one another or themselves by more than `FOLD_M2`."""
    folds = _folded(_cut([features.to_numpy()], ("features",), features.crs, None))
    return np.concatenate([np.empty(0, dtype=object), *(fold.boxes for fold in folds.values())])


def require_same_crs(one: CRS | None, other: CRS | None, place: str) -> None:
    """Refuse two CRS that are both known and differ."""
    if one is not None and other is not None and one != other:
        raise InputError(
            fault(
                "crs.mismatch", place,
                f"图层坐标系为 {one.name},应与其他图层一致({other.name});请先转换到同一坐标系",
                f"the layer is in {one.name}, expected {other.name} as the others; transform one of them first",
            )
        )  # fmt: skip


def _cut(
    groups: Sequence[Shapes],
    keys: tuple[str, ...],
    crs: CRS | None,
    within: Bounds | None,
    like: Grid | None = None,
) -> Grid:
    """Cut groups of polygons. The lines of the grid depend on the layers only; `within` chooses cells."""
    flat = np.concatenate(groups) if groups else np.empty(0, dtype=object)
    if like is None:
        west, south = shapely.total_bounds(flat)[:2] if len(flat) else (0.0, 0.0)
        low = np.nan_to_num(np.floor(np.array([west, south]) / _ORIGIN_M) * _ORIGIN_M)
        origin = float(low[0]), float(low[1])
    else:
        origin = like.origin
    single = rings(flat, origin, "layer")
    first = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)
    layer = replace(single, owner=single.owner[first], bounds=_outer(single.bounds, first))
    cell_m = like.cell_m if like else _cell_m(layer)
    window = window_of(layer, cell_m, within)
    return Grid(keys, crs, origin, cell_m, window, _filled(layer, cell_m, window))


def _outer(bounds: Floats, first: Ints) -> Floats:
    """Bounds of groups of features; NaN where a group is empty."""
    outer = np.full((len(first) - 1, 4), np.nan)
    for group, (begin, end) in enumerate(pairwise(first)):
        known = bounds[begin:end][np.isfinite(bounds[begin:end, 0])]
        if len(known):
            outer[group] = [*known[:, :2].min(axis=0), *known[:, 2:].max(axis=0)]
    return outer


def _cell_m(layer: Rings) -> float:
    """A side at which a cell on the boundary holds a handful of edges."""
    if not len(layer.xy):
        return _CELL_M[1]
    step = max(1, len(layer.xy) // 25_000)
    sample = np.arange(0, len(layer.xy) - 1, step)
    starts = np.zeros(len(layer.xy) + 1, dtype=bool)
    starts[layer.ring] = True
    across = starts[sample + 1]
    edges = np.hypot(*(layer.xy[sample + 1] - layer.xy[sample])[~across].T)
    west, south = np.nanmin(layer.bounds[:, :2], axis=0)
    east, north = np.nanmax(layer.bounds[:, 2:], axis=0)
    side = float(np.clip(_EDGES_A_CELL * edges.mean(), *_CELL_M)) if len(edges) else _CELL_M[1]
    return float(np.ceil(max(side, np.sqrt((east - west) * (north - south) / _MOST_CELLS))))


def _filled(layer: Rings, cell_m: float, window: Window) -> Cells:
    """The cells' entries and runs."""
    n_cells = window[2] * window[3]
    source = near(layer, cell_m, window) if n_cells <= _SMALL_WINDOW else layer
    few = compiled.few(len(source.xy) + n_cells * len(source))
    return cut_layers(source, cell_m, window, interpret=few)


def _folds(grid: Grid) -> Floats:
    """Fold of every entry, plane m²."""
    held = grid.cells
    fold = np.empty(len(held.key))

    def part(begin: int, end: int) -> None:
        runs.survey(
            begin, end, grid.cell_m, held.winding, held.content, held.tangled, held.run_start, held.onward, held.runs,
            held.path, fold, interpret=compiled.few(len(held.path) * 8),
        )  # fmt: skip

    compiled.spread(part, len(held.key))
    return fold


def _folded(grid: Grid) -> dict[int, Fold]:
    """Layers that cover ground twice: where, and how much."""
    fold = _folds(grid)
    bad = np.flatnonzero(np.abs(fold) > FOLD_M2)
    key, cell = grid.cells.key[bad], _cell_of_entries(grid, bad)
    size = np.abs(fold[bad]) / 2
    return {
        int(number): Fold(_boxes(grid, cell[key == number]), float(size[key == number].sum()))
        for number in np.unique(key)
    }


def _misunited(before: Grid, after: Grid, folds: Mapping[int, Fold], snap_m: float) -> dict[int, Fold]:
    """Unions that went wrong, by what must hold in each cell.

    With w the winding number before, the union [w ≥ 1] lies between w − w (w − 1) / 2 and w, but for what
    snapping moves along some ten sides of a cell, and it must not fold itself.
    """
    slack = FOLD_M2 + 10 * before.cell_m * snap_m
    n_cells = before.window[2] * before.window[3]
    found = {}
    by_cell = [_by_cell(grid, n_cells) for grid in (before, after)]
    for number in folds:
        (content, fold), (made, left) = (sums(number) for sums in by_cell)
        off = np.maximum(np.maximum(made - content, content - fold / 2 - made), np.abs(left) / 2)
        if (bad := np.flatnonzero(off > slack)).size:
            found[number] = Fold(_boxes(before, bad), float(off[bad].sum()))
    return found


def _by_cell(grid: Grid, n_cells: int) -> Callable[[int], tuple[Floats, Floats]]:
    """Content and fold of one layer in every cell, plane m²."""
    known = grid.cells.content, _folds(grid)

    def sums(number: int) -> tuple[Floats, Floats]:
        mine = np.flatnonzero(grid.cells.key == number)
        cell = _cell_of_entries(grid, mine)
        content, fold = (np.bincount(cell, values[mine], n_cells).astype(np.float64) for values in known)
        return content, fold

    return sums


def _cell_of_entries(grid: Grid, entries: Ints) -> Ints:
    return np.searchsorted(grid.cells.entry_start, entries, side="right") - 1


def _boxes(grid: Grid, cell: Ints) -> Shapes:
    """Cells as polygons in the layers' CRS."""
    col, row, cols, _ = grid.window
    j, i = np.divmod(cell, max(cols, 1))
    corner = np.stack([i + col, j + row], axis=1) * grid.cell_m + grid.origin
    return np.asarray(shapely.box(*corner.T, *(corner + grid.cell_m).T), dtype=object)


def united(shapes: Shapes, boxes: Shapes, snap_m: float) -> Shapes:
    """Polygons with those that meet a folded cell made one."""
    there = np.unique(shapely.STRtree(shapes).query(boxes)[1])
    made = overlay.union(list(shapes[there]), grid_m=snap_m)
    return np.concatenate([np.delete(shapes, there), [made]])


def _finding(grid: Grid, number: int, fold: Fold, left: Fold | None) -> Finding:
    name = grid.keys[number]
    point = lon_lat(fold.boxes[0], grid.crs) if grid.crs is not None else None
    if left is not None:
        return Finding(
            "overlap.layer", "error",
            f"图层 {name} 内重叠的面合并后有 {left.area_m2:.6f} 平方米通不过核对;请修复该处图形后重算,勿采用该处面积",
            f"the union of layer {name} fails its check by {left.area_m2:.6f} m²; repair the geometry there and run again, and do not use areas there",
            name, point=point,
        )  # fmt: skip
    return Finding(
        "overlap.united", "warning",
        f"图层 {name} 内的面互相重叠或无效(约 {fold.area_m2:.4f} 平方米),已合并后计算,重叠处只计一次",
        f"polygons of layer {name} overlap one another or are invalid (some {fold.area_m2:.4f} m²); they were united, what overlaps counts once",
        name, point=point,
    )  # fmt: skip

"""Features measured against the cells of a grid: weighted sums, and areas in their ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyproj import CRS

from zoneplan.engine import compiled, kernel
from zoneplan.engine.grid import Grid
from zoneplan.engine.rings import Floats, Ints, Rings
from zoneplan.engine.scale import scale_weights

_ALL = 1 - 1e-13  # of a feature: more than this differs from all of it by rounding only
_FEW = 100  # features that need no order
_HOPS = 16  # of 256 tiles from one feature to the next: features do not come by place


@dataclass(frozen=True)
class Measured:
    """Weighted overlaps as pairs, and the weighted area of each feature."""

    feature: Ints
    key: Ints
    value: Floats
    own: Floats

    def dense(self, n_keys: int) -> Floats:
        """A row per feature, a column per key."""
        table = np.zeros((len(self.own), n_keys))
        table[self.feature, self.key] = self.value  # a pair is there once
        return table

    def scaled(self, part: Floats, whole: Floats) -> Floats:
        """Parts of features, in the ratio of the weighted sums, of areas known otherwise."""
        own, whole = (self.own[:, None], whole[:, None]) if part.ndim == 2 else (self.own, whole)
        share = np.divide(part, own, out=np.zeros_like(part), where=own > 0)
        share[share > _ALL] = 1.0  # what lies wholly inside is all of it, not all but the last bit
        return np.asarray(np.maximum(share, 0.0) * whole)


def weights(features: Rings, crs: CRS | None) -> Floats:
    """What `measure` integrates: 1 for plane areas (no CRS), else the scale of the projection."""
    if crs is None:
        return np.tile([1.0, 0.0, 0.0], (len(features), 1))
    return scale_weights(features.bounds + np.tile(features.origin, 2), crs)


def measure(features: Rings, grid: Grid, weight: Floats, *, threads: int | None = None) -> Measured:
    """Overlaps of features with the layers of a grid, weighted; see `weights`."""
    n, n_keys = len(features), len(grid.keys)
    own = np.zeros(n)
    polygons = features.xy, features.ring, features.sign, features.owner
    known = features.bounds, features.plane_area, weight
    held = grid.cells
    entries = held.entry_start, held.key, held.winding, held.content, held.run_start
    runs = held.runs, held.path
    few = compiled.few(10 * len(features.xy))
    order = _order(features, grid)

    def part(first: int, last: int) -> list[tuple[Ints, Ints, Floats]]:
        made = []
        room = 4 * (last - first) + 16 * n_keys + 64
        while first < last:
            feature, key, value = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
            first, n_out = kernel.measure(
                first, last, order, *polygons, *known, grid.cell_m, *grid.window, *entries, *runs, n_keys, own,
                feature, key, value,
                interpret=few,
            )  # fmt: skip
            made.append((feature[:n_out], key[:n_out], value[:n_out]))
            room = room if n_out else 4 * room
        return made

    pairs = [pair for made in compiled.spread(part, n, threads) for pair in made]
    nothing = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    feature, key, value = (np.concatenate(column) for column in zip(nothing, *pairs, strict=True))
    return Measured(feature, key, value, own)


def _order(features: Rings, grid: Grid) -> Ints:
    """The order to measure features in: as they come, or by place if they hop about and the grid is the larger of the two.

    So neighbours follow one another, whose cells the processor then still holds. By place: along a curve that halves the
    extent again and again (Morton's), 256 × 256 tiles.
    """
    as_they_come = np.arange(len(features))
    if len(features) < _FEW or len(grid.cells.path) < len(features.xy):
        return as_they_come
    corner = np.nan_to_num(features.bounds[:, :2])
    corner -= corner.min(axis=0, initial=np.inf)
    tile = (corner * (255.0 / corner.max(initial=1.0))).astype(np.uint16)
    hops = np.abs(np.diff(tile.astype(np.int64), axis=0)).sum(axis=1)
    if not len(hops) or np.median(hops) < _HOPS:
        return as_they_come
    for bits, kept in ((4, 0x0F0F), (2, 0x3333), (1, 0x5555)):
        tile = (tile | tile << bits) & np.uint16(kept)
    return np.argsort(tile[:, 0] | tile[:, 1] << 1, kind="stable")

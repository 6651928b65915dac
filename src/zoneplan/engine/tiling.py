"""Square tiles of a projected CRS, in which smooth functions of place are polynomials.

A tile's polynomial depends on the tile only, never on what is measured with it: tiles lie on round
coordinates, and each is fitted by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Powers = tuple[tuple[int, int], ...]

_SIDE_M = 10_000.0
_MOST = 32_768  # tiles; a box that needs more, which no 3-degree zone of China does, gets larger ones
_NODES = 8  # each way


@dataclass(frozen=True)
class Tiling:
    """The tiles that cover a box: first column and row, number of columns and rows, side in metres."""

    col: int
    row: int
    cols: int
    rows: int
    side: float

    def places(self) -> tuple[Array, Array]:
        """Where the tiles are sampled: east and north, shape (tiles, nodes)."""
        u, v = nodes()
        row, col = (axis.ravel()[:, None] for axis in np.mgrid[: self.rows, : self.cols])
        return (self.col + col + (u + 1) / 2) * self.side, (self.row + row + (v + 1) / 2) * self.side


def tiling(low: Array, high: Array) -> Tiling:
    """Tiles that cover a box, from its south-west to its north-east corner."""
    side = _SIDE_M
    while np.prod(np.floor(high / side) - np.floor(low / side) + 1) > _MOST:
        side *= 2
    col, row = np.floor(low / side).astype(int).tolist()
    cols, rows = (np.floor(high / side) - np.floor(low / side) + 1).astype(int).tolist()
    return Tiling(col, row, cols, rows, side)


def box_of(bounds: Array) -> tuple[Array, Array]:
    """South-west and north-east corner of boxes, some of which may be empty (NaN)."""
    west, south, east, north = bounds.T
    low, high = np.array([west.min(), south.min()]), np.array([east.max(), north.max()])
    return (low, high) if np.isfinite(low).all() else box_of(bounds[np.isfinite(west)])


@cache
def nodes() -> tuple[Array, Array]:
    """Where a tile is sampled, in a square from −1 to 1."""
    node = np.cos((np.arange(_NODES) + 0.5) * np.pi / _NODES)
    u, v = (axis.ravel() for axis in np.meshgrid(node, node))
    return u, v


@cache
def _solver(powers: Powers) -> Array:
    u, v = nodes()
    return np.asarray(np.linalg.pinv(np.stack([u**i * v**j for i, j in powers], axis=1)).T)


def polynomials(samples: Sequence[Array] | Array, powers: Powers) -> Array:
    """Coefficients per tile, shape (tiles, powers), of what was sampled at its nodes, shape (tiles, nodes)."""
    solve = _solver(powers)
    return np.stack([row @ solve for row in samples])  # one by one: the bits of a tile are its own

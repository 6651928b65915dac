"""Polygons as flat arrays of rings, the form that compiled code counts with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from zoneplan.engine import compiled, outline
from zoneplan.errors import InputError, fault

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
"""Shapely geometries."""

POLYGON, MULTIPOLYGON, MISSING = 3, 6, -1


@dataclass(frozen=True, kw_only=True)
class Outlines:
    """The rings of n polygons, as they are.

    Parameters
    ----------
    xy : ndarray, shape (v, 2)
        Vertices in metres from `origin`, ring after ring, each ring closed.
    ring : ndarray of int, shape (r + 1,)
        Ring i has the vertices ``ring[i]`` to ``ring[i + 1]``.
    hole : ndarray of bool, shape (r,)
    owner : ndarray of int, shape (n + 1,)
        Polygon i has the rings ``owner[i]`` to ``owner[i + 1]``; none if it is empty.
    origin : tuple of float
        Whole metres.
    """

    xy: Floats
    ring: Ints
    hole: npt.NDArray[np.bool_]
    owner: Ints
    origin: tuple[float, float]

    def __len__(self) -> int:
        return len(self.owner) - 1


@dataclass(frozen=True, kw_only=True)
class Rings(Outlines):
    """The rings of n polygons, and what is known of them.

    Parameters
    ----------
    sign : ndarray of int8, shape (r,)
        +1 or −1, so that edges times sign run counter-clockwise on shells and clockwise on holes.
    plane_area : ndarray, shape (n,)
        Plane area in m².
    bounds : ndarray, shape (n, 4)
        West, south, east, north from `origin`; NaN if empty.
    """

    sign: npt.NDArray[np.int8]
    plane_area: Floats
    bounds: Floats

    def at(self, origin: tuple[float, float]) -> Rings:
        """The same rings from another origin."""
        if origin == self.origin:
            return self
        move = np.subtract(self.origin, origin)
        return replace(self, xy=self.xy + move, bounds=self.bounds + np.tile(move, 2), origin=origin)


def rings(
    shapes: Shapes | Sequence[object],
    origin: tuple[float, float] | None = None,
    place: str = "features",
) -> Rings:
    """The rings of polygons.

    Parameters
    ----------
    shapes : array of shapely geometries, shape (n,)
        Polygons and multipolygons; None and empty geometry have no ring. Z is left out.
    origin : tuple of float, optional
        Default the whole metres at or below the south-west corner of all.
    place : str
        Named in messages.

    Raises
    ------
    InputError
        Geometry that is no polygon, coordinates that are not finite: all of them, by number from 1.
    """
    shapes = np.asarray(shapes, dtype=object)
    made = _found(shapes, origin, place)
    done = assembled(made.xy, made.ring, made.owner, made.hole, made.origin, move=np.array(made.origin))
    if not np.isfinite(done.plane_area).all():
        _refuse(shapes, place)
    return done


def outlines(
    shapes: Shapes | Sequence[object],
    origin: tuple[float, float] | None = None,
    place: str = "features",
) -> Outlines:
    """The rings of polygons without what `rings` computes of them; parameters and errors as there."""
    shapes = np.asarray(shapes, dtype=object)
    made = _found(shapes, origin, place)
    if not np.isfinite(made.xy.sum()):
        _refuse(shapes, place)
    if any(made.origin):
        made.xy[:, 0] -= made.origin[0]
        made.xy[:, 1] -= made.origin[1]
    return made


def assembled(
    xy: Floats, ring: Ints, owner: Ints, hole: npt.NDArray[np.bool_], origin: tuple[float, float],
    *, move: Floats | None = None, threads: int | None = None,
) -> Rings:  # fmt: skip
    """Rings from their arrays; signs, areas and bounds are computed, `move` is first subtracted from `xy` in its place."""
    n = len(owner) - 1
    sign, areas, bounds = np.empty(len(ring) - 1, np.int8), np.zeros(n), np.full((n, 4), np.nan)
    few = compiled.few(len(xy))
    move = np.zeros(2) if move is None else move
    compiled.spread(
        lambda first, last: outline.describe(
            first, last, xy, move, ring, hole, owner, sign, areas, bounds, interpret=few
        ),
        n, threads,
    )  # fmt: skip
    return Rings(
        xy=xy, ring=ring, sign=sign, hole=hole, owner=owner, plane_area=areas, bounds=bounds, origin=origin
    )


def gathered(parts: Shapes, owner: Ints, n: int) -> Shapes:
    """What each of n owners has of some polygons: an empty one, a polygon, or several."""
    made = np.full(n, shapely.Polygon(), dtype=object)
    many = np.bincount(owner, minlength=n)[owner] > 1
    made[owner[~many]] = parts[~many]
    several, part_of = np.unique(owner[many], return_inverse=True)
    made[several] = shapely.multipolygons(parts[many], indices=part_of)
    return made


def _found(shapes: Shapes, origin: tuple[float, float] | None, place: str) -> Outlines:
    """The rings of polygons, in coordinates that are still to be moved to the origin."""
    kinds = shapely.get_type_id(shapes)
    if ((kinds != POLYGON) & (kinds != MULTIPOLYGON) & (kinds != MISSING)).any():
        _refuse(shapes, place)
    xy = shapely.get_coordinates(shapes)
    if origin is None:
        origin = (float(np.floor(xy[:, 0].min())), float(np.floor(xy[:, 1].min()))) if len(xy) else (0.0, 0.0)
    size, owner, hole = _structure(shapes, kinds, xy)
    ring = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(shapes)))]).astype(np.int64)
    return Outlines(xy=xy, ring=ring, hole=hole, owner=start, origin=origin)


def _structure(
    shapes: Shapes, kinds: npt.NDArray[np.int32], xy: Floats
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """For each ring: number of vertices, feature, whether it is a hole."""
    size = shapely.get_num_coordinates(shapes).astype(np.int64)
    empty = size == 0
    plain = (kinds == POLYGON) & (shapely.get_num_interior_rings(shapes) == 0) & ~empty
    rest = np.flatnonzero(~plain & ~empty)
    if not len(rest):
        owner = np.flatnonzero(plain)
        return size[plain], owner, np.zeros(len(owner), dtype=bool)
    parts, of_rest = shapely.get_parts(shapes[rest], return_index=True)
    full = ~shapely.is_empty(parts)
    parts = np.concatenate([shapes[plain], parts[full]])
    owner = np.concatenate([np.flatnonzero(plain), rest[of_rest[full]]])
    order = np.argsort(owner, kind="stable")
    parts, owner = parts[order], owner[order]
    n_rings = 1 + shapely.get_num_interior_rings(parts).astype(np.int64)
    first = np.cumsum(n_rings) - n_rings
    hole = np.ones(n_rings.sum(), dtype=bool)
    hole[first] = False
    size = _ring_sizes(parts, first, len(hole), xy)
    filled = size > 0  # a hole may have no points
    return size[filled], np.repeat(owner, n_rings)[filled], hole[filled]


def _ring_sizes(parts: Shapes, first: Ints, n_rings: int, xy: Floats) -> Ints:
    """Vertices of each ring: up to the next vertex like its first, if that makes as many rings as there are."""
    start = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(parts))]).astype(np.int64)
    size = np.zeros(n_rings, np.int64)
    bound = np.append(first, n_rings)
    if outline.ring_sizes(xy, start, bound, size, interpret=compiled.few(len(xy))):
        return size
    return np.asarray(shapely.get_num_coordinates(shapely.get_rings(parts)), dtype=np.int64)


def _refuse(shapes: Shapes, place: str) -> None:
    """Raise if there is geometry that is no polygon, or a coordinate that is not finite: all of them."""
    faults = []
    kinds = shapely.get_type_id(shapes)
    wrong = np.flatnonzero((kinds != POLYGON) & (kinds != MULTIPOLYGON) & (kinds != MISSING))
    wrong = wrong[~shapely.is_empty(shapes[wrong])]
    if len(wrong):
        shown = ", ".join(f"#{number + 1} {shapes[number].geom_type}" for number in wrong[:10])
        faults.append(
            fault("overlap.type", place, f"{len(wrong)} 个要素不是面:{shown}", f"{len(wrong)} features are no polygons: {shown}")
        )  # fmt: skip
    xy, feature = shapely.get_coordinates(shapes, return_index=True)
    endless = np.unique(feature[~np.isfinite(xy).all(axis=1)])
    if len(endless):
        shown = ", ".join(f"#{number + 1}" for number in endless[:10])
        faults.append(
            fault("overlap.coordinate", place, f"{len(endless)} 个要素含有非有限坐标:{shown}", f"{len(endless)} features have coordinates that are not finite: {shown}")
        )  # fmt: skip
    if faults:
        raise InputError(faults)

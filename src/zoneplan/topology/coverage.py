"""A layer as a coverage: its faces, overlaps, and what lies beyond its container; gaps are in `zoneplan.topology.gaps`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import overlay
from zoneplan.engine.noding import faces as faces_between
from zoneplan.engine.rings import Shapes, gathered
from zoneplan.topology.edges import Ints
from zoneplan.topology.seams import Seams

_THIN = 10.0  # faces of a mean width up to so many tolerances may lie between edges that were joined


@dataclass(frozen=True)
class Overlap:
    """What two polygons have in common.

    Parameters
    ----------
    one, other : int
        Positions of the polygons.
    shape : polygon
    same : bool
        Whether the two are one polygon twice.
    """

    one: int
    other: int
    shape: BaseGeometry
    same: bool


@dataclass(frozen=True)
class Faces:
    """The faces between the rims of a layer.

    Parameters
    ----------
    shapes : ndarray of Polygon, shape (n,)
    probes : ndarray of Point, shape (n,)
        A point inside each.
    times : ndarray of int, shape (n,)
        How many polygons of the layer cover each; 2 stands for more.
    outside : ndarray of bool, shape (n,)
        Whether it lies outside the container.
    """

    shapes: Shapes
    probes: Shapes
    times: Ints
    outside: npt.NDArray[np.bool_]


def mean_width(shape: BaseGeometry) -> float:
    """Twice the area by the perimeter: the width of a strip."""
    return float(2 * shape.area / shape.length) if shape.length else 0.0


def mean_widths(shapes: Shapes) -> npt.NDArray[np.float64]:
    """`mean_width` of each."""
    length = shapely.length(shapes)
    return np.divide(2 * shapely.area(shapes), length, out=np.zeros(len(shapes)), where=length > 0)


def roundness(shape: BaseGeometry) -> float:
    """4πA/P²: 1 for a circle, near 0 for a strip."""
    return float(4 * np.pi * shape.area / shape.length**2) if shape.length else 0.0


def meeting(shapes: Shapes, others: Shapes | None = None) -> tuple[Ints, Ints]:
    """Pairs of polygons whose interiors meet; of one layer with itself, each pair once."""
    known = shapes if others is None else others
    one, other = shapely.STRtree(known).query(shapes)
    if others is None:
        one, other = one[one < other], other[one < other]
    shapely.prepare(shapes)
    outside = shapely.touches(shapes[one], known[other]) | ~shapely.intersects(shapes[one], known[other])
    return one[~outside], other[~outside]


def faces_of(
    shapes: Shapes, joined: Seams, *, tolerance: float, container: BaseGeometry | None = None
) -> Faces:
    """The faces between the rims of a layer, but those narrower than half the tolerance.

    Parameters
    ----------
    shapes : ndarray of valid shapely polygons
        At a local origin.
    joined : Seams
        Of the same polygons.
    tolerance : float
        Metres.
    container : polygon, optional
        The area to be covered; `joined` was made with the same.
    """
    rims = joined.rims
    made = np.asarray(faces_between(rims.lines(np.arange(len(rims.start)))), dtype=object)
    made = made[wider(made, tolerance / 2)]
    probes = shapely.point_on_surface(made)
    times = _times(shapes, probes)
    outside = np.zeros(len(made), dtype=bool)
    if container is not None:
        shapely.prepare(container)
        outside = ~shapely.intersects(container, probes)
    return Faces(made, probes, times, outside)


def _times(shapes: Shapes, points: Shapes) -> Ints:
    """How many polygons cover each point; one that two cover is not asked about again."""
    times = np.zeros(len(points), dtype=np.int64)
    for some in _rounds(len(shapes)):
        left = np.flatnonzero(times < 2)
        # asked of the polygons, each of which is prepared once, and not of the many faces
        _, point = shapely.STRtree(points[left]).query(shapes[some], predicate="intersects")
        times[left] += np.bincount(point, minlength=len(left))
    return np.minimum(times, 2)


def _covering(shapes: Shapes, points: Shapes) -> npt.NDArray[np.bool_]:
    """Which polygons cover any of the points; one that covers one is not asked again."""
    covering = np.zeros(len(shapes), dtype=bool)
    for some in _rounds(len(points)):
        left = np.flatnonzero(~covering)
        polygon, _ = shapely.STRtree(points[some]).query(shapes[left], predicate="intersects")
        covering[left[polygon]] = True
    return covering


def _rounds(n: int) -> list[Ints]:
    """Positions of n things in rounds, each four times as large as the one before and from all over."""
    marks = [0, *(size for k in range(2, 32) if (size := 4**k) < n), n]
    mixed = np.random.default_rng(0).permutation(n)
    return [mixed[first:last] for first, last in pairwise(marks)]


def wider(shapes: Shapes, width: float) -> npt.NDArray[np.bool_]:
    """Polygons that hold a circle of such a diameter.

    What a polygon has within r of its boundary is at most its perimeter times r, and a sector at each vertex;
    where there is more, no inner parallel need be drawn.
    """
    r = width / 2
    most = shapely.length(shapes) * r + shapely.get_num_coordinates(shapes) * np.pi / 2 * r**2
    wide = np.asarray(shapely.area(shapes) > 2 * most)
    close = np.flatnonzero(~wide)
    wide[close] = ~shapely.is_empty(shapely.buffer(shapes[close], -r, join_style="mitre"))
    return wide


def overlaps(shapes: Shapes, joined: Seams, faces: Faces, *, tolerance: float) -> list[Overlap]:
    """Pairs that overlap by more than the tolerance; the lens of a chord is none.

    Parameters
    ----------
    shapes : ndarray of valid shapely polygons
        At a local origin.
    joined, faces
        Of the same polygons.
    tolerance : float
        Metres; an overlap nowhere as wide as this is the rounding of coordinates.

    Notes
    -----
    Edges that two polygons share cancel, so that in each face between the others the number of polygons is
    constant: pairs are looked for only among polygons that meet a face with several, or a thin one.
    """
    area, around = shapely.area(faces.shapes), shapely.length(faces.shapes)
    doubtful = (faces.times + faces.outside > 1) | (area < _THIN * tolerance * around)
    near = _covering(shapes, faces.probes[doubtful])
    rest = np.flatnonzero(~near)
    met = shapely.STRtree(shapes[rest]).query(
        faces.shapes[doubtful], predicate="dwithin", distance=2 * tolerance
    )
    near[rest[met[1]]] = True
    some = np.flatnonzero(near)
    one, other = (some[side] for side in meeting(shapes[some]))
    common = overlay.pieces(shapes[one], shapes[other])
    pairs = list(zip(one.tolist(), other.tolist(), strict=True))
    lenses = lenses_by_pair(joined)
    common = real(common, [lenses.get(pair, []) for pair in pairs], tolerance)
    same = _same(shapes, one, other, common, tolerance)
    return [
        Overlap(*pairs[at], common[at], bool(same[at])) for at in np.flatnonzero(~shapely.is_empty(common))
    ]


def real(pieces: Shapes, lenses: Sequence[Sequence[Polygon]], tolerance: float) -> Shapes:
    """The parts of each piece that are wider than the tolerance and none of its lenses of chords."""
    parts, piece = shapely.get_parts(pieces, return_index=True)
    parts, piece = parts[filled := ~shapely.is_empty(parts)], piece[filled]
    kept = wider(parts, tolerance)
    start = np.searchsorted(piece, np.arange(len(pieces) + 1))
    for number in [number for number, its in enumerate(lenses) if its]:
        mine = slice(start[number], start[number + 1])
        for lens in lenses[number]:
            kept[mine] &= ~shapely.covers(shapely.buffer(lens, 2 * tolerance), parts[mine])
    return gathered(parts[kept], piece[kept], len(pieces))


def lenses_by_pair(joined: Seams) -> dict[tuple[int, int], list[Polygon]]:
    """The lenses of chords, by the two polygons (smaller position first)."""
    lenses: dict[tuple[int, int], list[Polygon]] = {}
    for chord in joined.chords:
        one = int(joined.owner[chord.edge])
        for other in set(joined.owner[list(chord.chain)].tolist()):
            lenses.setdefault((min(one, other), max(one, other)), []).append(chord.lens)
    return lenses


def beyond(
    shapes: Shapes, joined: Seams, container: BaseGeometry, *, tolerance: float
) -> list[tuple[int, BaseGeometry]]:
    """Polygons that reach beyond the container by more than the tolerance, and the parts that do."""
    shapely.prepare(container)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    reaching = np.nonzero(there & ~shapely.covers(container, shapes))[0]
    lenses = lenses_by_pair(joined)
    parts = np.empty(len(reaching), dtype=object)
    for at, shape in enumerate(shapes[reaching]):
        parts[at] = overlay.difference(shape, overlay.near(container, np.array(shape.bounds)))
    parts = real(parts, [lenses.get((number, len(shapes)), []) for number in reaching.tolist()], tolerance)
    return [(int(reaching[at]), parts[at]) for at in np.flatnonzero(~shapely.is_empty(parts))]


def _same(shapes: Shapes, one: Ints, other: Ints, common: Shapes, tolerance: float) -> npt.NDArray[np.bool_]:
    """Which pairs of polygons are one: neither reaches further beyond the other than the tolerance."""
    area, length, shared = shapely.area(shapes), shapely.length(shapes), shapely.area(common)
    same = ~shapely.is_empty(common)
    for side in (one, other):
        same &= area[side] - shared <= tolerance * length[side]
    close = np.flatnonzero(same)
    rims = shapely.boundary(shapes[one[close]]), shapely.boundary(shapes[other[close]])
    same[close] = shapely.hausdorff_distance(*rims) <= tolerance
    return same

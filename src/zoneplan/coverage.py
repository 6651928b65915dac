"""A layer as a coverage: overlaps, gaps, and what lies beyond its container."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from zoneplan import overlay
from zoneplan.edges import Ints, Shapes
from zoneplan.seams import Seams

MITRE = 20.0
"""Buffers keep corners sharper than this (length by half the width) as they are."""


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
class Gap:
    """A face that no polygon covers.

    Parameters
    ----------
    shape : Polygon
    around : tuple of int
        Positions of the polygons along its rim.
    """

    shape: Polygon
    around: tuple[int, ...]


def mean_width(shape: BaseGeometry) -> float:
    """Twice the area by the perimeter: the width of a strip."""
    return float(2 * shape.area / shape.length) if shape.length else 0.0


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


def overlaps(shapes: Shapes, joined: Seams, *, tolerance: float) -> list[Overlap]:
    """Pairs that overlap by more than the tolerance; the lens of a chord is none.

    Parameters
    ----------
    shapes : ndarray of valid shapely polygons
        At a local origin.
    joined : Seams
        Of the same polygons.
    tolerance : float
        Metres; an overlap nowhere as wide as this is the rounding of coordinates.
    """
    one, other = meeting(shapes)
    common = overlay.pieces(shapes[one], shapes[other])
    lenses = lenses_by_pair(joined)
    found = []
    for a, b, piece in zip(one, other, common, strict=True):
        shape = real(piece, lenses.get((int(a), int(b)), []), tolerance)
        if not shape.is_empty:
            found.append(Overlap(int(a), int(b), shape, _same(shapes[a], shapes[b], shape, tolerance)))
    return found


def real(piece: BaseGeometry, lenses: list[Polygon], tolerance: float) -> BaseGeometry:
    """The parts of a piece that are wider than the tolerance and no lens of a chord."""
    parts = np.asarray(shapely.get_parts(piece), dtype=object)
    parts = parts[~shapely.is_empty(parts)]
    if len(parts) == 0:
        return Polygon()
    kept = ~shapely.is_empty(shapely.buffer(parts, -tolerance / 2, join_style="mitre"))
    for lens in lenses:
        kept &= ~shapely.covers(shapely.buffer(lens, 2 * tolerance), parts)
    return overlay.polygonal(shapely.GeometryCollection(list(parts[kept]))) if kept.any() else Polygon()


def lenses_by_pair(joined: Seams) -> dict[tuple[int, int], list[Polygon]]:
    """The lenses of chords, by the two polygons (smaller position first)."""
    lenses: dict[tuple[int, int], list[Polygon]] = {}
    for chord in joined.chords:
        one = int(joined.owner[chord.edge])
        for other in set(joined.owner[list(chord.chain)].tolist()):
            lenses.setdefault((min(one, other), max(one, other)), []).append(chord.lens)
    return lenses


def gaps(
    shapes: Shapes,
    joined: Seams,
    *,
    tolerance: float,
    inlet: float = 0.0,
    container: BaseGeometry | None = None,
) -> list[Gap]:
    """Faces that no polygon covers, wholly enclosed by the layer or by its container.

    Parameters
    ----------
    shapes, joined, tolerance
        As for `overlaps`.
    inlet : float
        Metres. Without a container, also what is cut into the outline between two polygons, narrower than
        this and at a sharper angle than any corner of streets (a twentieth in width by length).
    container : polygon, optional
        The area to be covered; `joined` was made with the same.
    """
    loose = joined.loose
    lines = loose.lines(np.arange(len(loose.start)))
    faces = np.asarray(overlay.faces(lines), dtype=object)
    if len(faces) == 0:
        return []
    faces = faces[~shapely.is_empty(shapely.buffer(faces, -tolerance / 4, join_style="mitre"))]
    probes = shapely.point_on_surface(faces)
    covered = np.zeros(len(faces), dtype=bool)
    covered[shapely.STRtree(shapes).query(probes, predicate="intersects")[0]] = True
    outside = np.zeros(len(faces), dtype=bool)
    if container is not None:
        shapely.prepare(container)
        outside = ~shapely.intersects(container, probes)
    holes = faces[~covered & ~outside]
    found = _named(holes, joined, lines, tolerance)
    if container is None and inlet > 0:
        cuts = _inlets(faces[covered], inlet, tolerance)
        found += [gap for gap in _named(cuts, joined, lines, tolerance) if len(gap.around) > 1]
    return found


def _inlets(covered: Shapes, width: float, tolerance: float) -> Shapes:
    """Narrow cuts into the outline of faces."""
    parts = shapely.get_parts(overlay.union(list(covered)))
    if len(parts) == 0:
        return parts
    outline = overlay.union([shapely.Polygon(ring) for ring in shapely.get_exterior_ring(parts)])
    grown = shapely.buffer(outline, width / 2, join_style="mitre", mitre_limit=MITRE)
    closed = shapely.buffer(grown, -width / 2, join_style="mitre", mitre_limit=MITRE)
    cuts = np.asarray(shapely.get_parts(overlay.difference(closed, outline)), dtype=object)
    wide = ~shapely.is_empty(shapely.buffer(cuts, -max(tolerance, 1e-3 * width) / 2, join_style="mitre"))
    return cuts[wide & ~shapely.is_empty(cuts)]


def _named(faces: Shapes, joined: Seams, lines: Shapes, tolerance: float) -> list[Gap]:
    around = _around(faces, joined, lines, tolerance)
    return [Gap(face, owners) for face, owners in zip(faces, around, strict=True)]


def beyond(
    shapes: Shapes, joined: Seams, container: BaseGeometry, *, tolerance: float
) -> list[tuple[int, BaseGeometry]]:
    """Polygons that reach beyond the container by more than the tolerance, and the parts that do."""
    shapely.prepare(container)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    reaching = np.nonzero(there & ~shapely.covers(container, shapes))[0]
    lenses = lenses_by_pair(joined)
    found = []
    for number in reaching:
        shape = shapes[number]
        near = overlay.near(container, np.array(shape.bounds))
        part = real(overlay.difference(shape, near), lenses.get((int(number), len(shapes)), []), tolerance)
        if not part.is_empty:
            found.append((int(number), part))
    return found


def _around(faces: Shapes, joined: Seams, lines: Shapes, tolerance: float) -> list[tuple[int, ...]]:
    """The polygons whose loose edges run along each face."""
    if len(faces) == 0:
        return []
    face, line = shapely.STRtree(lines).query(faces, predicate="dwithin", distance=2 * tolerance)
    rims = shapely.buffer(shapely.boundary(faces), 2 * tolerance, quad_segs=2, cap_style="flat")
    along = shapely.length(shapely.intersection(lines[line], rims[face])) > 8 * tolerance
    short = shapely.covers(rims[face], lines[line])
    users: list[set[int]] = [set() for _ in faces]
    for number, owner in zip(face[along | short], joined.loose.owner[line[along | short]], strict=True):
        users[number].add(int(owner))
    return [tuple(sorted(each)) for each in users]


def _same(one: BaseGeometry, other: BaseGeometry, common: BaseGeometry, tolerance: float) -> bool:
    """Whether two polygons are one: neither reaches further beyond the other than the tolerance."""
    areas = np.array([one.area, other.area])
    if (areas - common.area > tolerance * np.array([one.length, other.length])).any():
        return False
    return bool(shapely.hausdorff_distance(one.boundary, other.boundary) <= tolerance)


def perimeter(found: list[Gap]) -> float:
    """Length of the rims of gaps."""
    return float(sum(gap.shape.length for gap in found))

"""Gaps of a coverage: what no polygon covers, and the polygons around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from zoneplan.engine import overlay
from zoneplan.engine.rings import Shapes
from zoneplan.topology.coverage import Faces, mean_widths, wider
from zoneplan.topology.edges import Ints
from zoneplan.topology.seams import Seams

_MITRE = 20.0
"""Buffers keep corners sharper than this (length by half the width) as they are."""


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


def uncovered(faces: Faces) -> Shapes:
    """Faces that no polygon covers, wholly enclosed by the layer or by its container."""
    return np.asarray(faces.shapes[(faces.times == 0) & ~faces.outside])


def gaps(
    open_: Shapes, joined: Seams, faces: Faces, *, tolerance: float, inlet: float = 0.0, narrower: float = np.inf
) -> list[Gap]:  # fmt: skip
    """Gaps of a layer, each with the polygons around it.

    Parameters
    ----------
    open_ : ndarray of Polygon
        Of `uncovered`.
    joined, faces, tolerance
        As for `overlaps`.
    inlet : float
        Metres. Also what is cut into the outline between two polygons, narrower than this and at a sharper angle
        than any corner of streets (a twentieth in width by length).
    narrower : float
        Metres. Only gaps of a smaller mean width.
    """
    found = _named(open_[mean_widths(open_) < narrower], joined, tolerance)
    if inlet > 0 and len(np.unique(joined.loose.owner)) > 1:
        cuts = _inlets(faces.shapes[faces.times > 0], inlet, tolerance)
        cuts = cuts[mean_widths(cuts) < narrower]
        found += [gap for gap in _named(cuts, joined, tolerance) if len(gap.around) > 1]
    return found


def _inlets(covered: Shapes, width: float, tolerance: float) -> Shapes:
    """Narrow cuts into the outline of faces."""
    parts = shapely.get_parts(shapely.coverage_union_all(covered))
    if len(parts) == 0:
        return parts
    outline = overlay.union([shapely.Polygon(ring) for ring in shapely.get_exterior_ring(parts)])
    grown = shapely.buffer(outline, width / 2, join_style="mitre", mitre_limit=_MITRE)
    closed = shapely.buffer(grown, -width / 2, join_style="mitre", mitre_limit=_MITRE)
    cuts = np.asarray(shapely.get_parts(overlay.difference(closed, outline)), dtype=object)
    cuts = cuts[~shapely.is_empty(cuts)]
    return cuts[wider(cuts, max(tolerance, 1e-3 * width))]


def _named(faces: Shapes, joined: Seams, tolerance: float) -> list[Gap]:
    around = _around(faces, joined, tolerance)
    return [Gap(face, owners) for face, owners in zip(faces, around, strict=True)]


def _around(faces: Shapes, joined: Seams, tolerance: float) -> list[tuple[int, ...]]:
    """The polygons whose loose edges run along each face: for some length, or with all they have."""
    users: list[set[int]] = [set() for _ in faces]
    loose = joined.loose
    lines = loose.lines(np.arange(len(loose.start)))
    sides, owner = _sides(faces)
    side, line = shapely.STRtree(lines).query(sides, predicate="dwithin", distance=2 * tolerance)
    face = owner[side]
    ends = [shapely.points(loose.xy[end[line]]) for end in (loose.start, loose.end)]
    whole = np.logical_and(*(shapely.dwithin(end, sides[side], 2 * tolerance) for end in ends))
    pair = face * len(lines) + line
    rest = np.flatnonzero(~np.isin(pair, pair[whole]))
    rest = rest[np.argsort(pair[rest], kind="stable")]
    for number, each in zip(face[whole], loose.owner[line[whole]], strict=True):
        users[number].add(int(each))
    # what touches a corner only, or follows several sides of the face
    for group in np.split(rest, np.flatnonzero(np.diff(pair[rest])) + 1) if len(rest) else ():
        number, at = int(face[group[0]]), int(line[group[0]])
        rim = shapely.union_all(sides[side[group]])
        band = shapely.buffer(rim, 2 * tolerance, quad_segs=2)
        shared = shapely.length(shapely.intersection(lines[at], band))
        if shared > 8 * tolerance or shapely.covers(band, lines[at]):
            users[number].add(int(loose.owner[at]))
    return [tuple(sorted(each)) for each in users]


def _sides(shapes: Shapes) -> tuple[Shapes, Ints]:
    """The sides of polygons as lines, and the polygon of each."""
    parts, part = shapely.get_rings(shapes, return_index=True)
    xy, ring = shapely.get_coordinates(parts, return_index=True)
    starts = np.flatnonzero(ring[1:] == ring[:-1])
    lines = shapely.linestrings(np.stack([xy[starts], xy[starts + 1]], axis=1))
    return np.asarray(lines, dtype=object), part[ring[starts]]

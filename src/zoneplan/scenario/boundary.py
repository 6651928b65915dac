"""Boundaries moved: all of a polygon, or the edges that face one way or run near a line."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from zoneplan.engine.overlay import difference, polygonal, union
from zoneplan.scenario.edits import AZIMUTHS, Expand, Shift, Stretch

Floats = npt.NDArray[np.float64]


def moved(shape: BaseGeometry, edit: Stretch, line: BaseGeometry | None) -> BaseGeometry:
    """A polygon after a boundary edit.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        Plane coordinates, metres.
    edit : Shift, Expand or Shrink
    line : geometry, optional
        The line that ``edit.along`` names.

    Notes
    -----
    Where only some edges move, a shift adds what outward edges sweep over and takes off what inward edges
    sweep over; expanding and shrinking add or take off what lies within so many metres of the edges.
    """
    if isinstance(edit, Shift):
        angle = math.radians(edit.azimuth)
        step = np.array([math.sin(angle), math.cos(angle)]) * edit.metres
        if not edit.partial:
            return shapely.transform(shape, lambda xy: xy + step)
        return _swept(shape, _chosen(shape, edit, line), step)
    if not edit.partial:
        sign = 1 if isinstance(edit, Expand) else -1
        return polygonal(shapely.buffer(shape, sign * edit.metres))
    edges = _chosen(shape, edit, line)
    if not len(edges):
        return shape
    near = union([shapely.LineString(edge).buffer(edit.metres, cap_style="flat") for edge in edges])
    return union([shape, near]) if isinstance(edit, Expand) else difference(shape, near)


def _swept(shape: BaseGeometry, edges: Floats, step: Floats) -> BaseGeometry:
    """The polygon with the ground that edges sweep over, or without where they move inwards."""
    if not len(edges):
        return shape
    forward = _normals(edges) @ step
    corners = np.stack([edges[:, 0], edges[:, 1], edges[:, 1] + step, edges[:, 0] + step], axis=1)
    quads = np.asarray(shapely.polygons(corners), dtype=object)
    lost, gained = quads[forward < 0], quads[forward > 0]
    made = difference(shape, union(list(lost))) if len(lost) else shape
    return union([made, *gained]) if len(gained) else made


def _chosen(shape: BaseGeometry, edit: Stretch, line: BaseGeometry | None) -> Floats:
    """The edges that an edit means, shape (n, 2, 2), the polygon on their left."""
    edges = _edges(shape)
    keep = np.ones(len(edges), dtype=bool)
    if edit.side is not None:
        angle = math.radians(AZIMUTHS[edit.side])
        normals = _normals(edges)
        keep &= normals @ [math.sin(angle), math.cos(angle)] >= math.cos(math.pi / 4) - 1e-9
    if line is not None:
        near = shapely.linestrings(edges)
        keep &= shapely.dwithin(shapely.centroid(near), line, edit.near_m)
    return edges[keep]


def _edges(shape: BaseGeometry) -> Floats:
    found = []
    for part in shapely.get_parts(shape):
        sound = orient(part)
        for ring in (sound.exterior, *sound.interiors):
            xy = shapely.get_coordinates(ring)
            found.append(np.stack([xy[:-1], xy[1:]], axis=1))
    edges = np.concatenate(found) if found else np.empty((0, 2, 2))
    return np.asarray(edges[(edges[:, 0] != edges[:, 1]).any(axis=1)])


def _normals(edges: Floats) -> Floats:
    """Unit vectors that point out of the polygon on the left of each edge."""
    along = edges[:, 1] - edges[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])[:, None]
    return np.asarray(np.stack([along[:, 1], -along[:, 0]], axis=1) / length)

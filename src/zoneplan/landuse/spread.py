"""How land use spreads over elements of a plan: m² by code, each element's parts adding up to its own area."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from pyproj import CRS

from zoneplan.engine import ellipsoid, overlay
from zoneplan.finding import Finding
from zoneplan.landuse.ground import Ground
from zoneplan.landuse.matrix import LEAST_M2, THINNEST_M, Array, matrix, overlapping


@dataclass(frozen=True)
class Spread:
    """Land use by element, ellipsoidal m², not rounded.

    Parameters
    ----------
    ids, names : tuple of str
        The elements, n of them.
    own : ndarray, shape (n,)
        Their own areas: the sum of all codes and `bare`.
    by_code : mapping of str to ndarray, shape (n,)
        By code, sorted.
    bare : ndarray, shape (n,)
        Ground without any patch.
    findings : tuple of Finding
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    own: Array
    by_code: Mapping[str, Array]
    bare: Array
    findings: tuple[Finding, ...] = ()


def spread(ground: Ground, elements: gpd.GeoDataFrame) -> Spread:
    """Divide elements by the land use in them.

    Parameters
    ----------
    ground : Ground
    elements : GeoDataFrame
        ``id, name, geometry`` (polygons), in the CRS of the ground. They may overlap each other: then
        their sum counts ground twice, which a finding says.

    Returns
    -------
    Spread

    Notes
    -----
    Cutting changes where edges are split, so that ellipsoidal parts miss their whole by some
    thousandths of a m² per km²; this residual is spread in proportion. Ground without a patch is
    what the plane areas leave over, if that is thicker than 0.01 mm along the element's edge.
    """
    shapes = gpd.GeoSeries(elements.geometry)
    own = ellipsoid.area(shapes, CRS(elements.crs))
    plane = overlay.plane_area(shapes)
    common = matrix(gpd.GeoSeries(ground.frame.geometry), shapes)
    codes = ground.frame["code"].to_numpy(dtype=object)
    parts: dict[tuple[str, int], list[float]] = {}
    flat: dict[int, list[float]] = {}
    for row, column, area, level in zip(
        common.row, common.column, common.area_m2, common.plane_m2, strict=True
    ):
        parts.setdefault((str(codes[row]), int(column)), []).append(float(area))
        flat.setdefault(int(column), []).append(float(level))
    covered = np.array([math.fsum(flat.get(column, ())) for column in range(len(shapes))])
    rest = plane - covered
    real = rest > np.maximum(LEAST_M2, THINNEST_M * shapes.length.to_numpy())
    bare = np.divide(rest * own, plane, out=np.zeros_like(own), where=real & (plane > 0))
    by_code = {
        code: np.array([math.fsum(parts.get((code, column), ())) for column in range(len(shapes))])
        for code in sorted({code for code, _ in parts})
    }
    total = np.array(
        [
            math.fsum((*(part[column] for part in by_code.values()), bare[column]))
            for column in range(len(shapes))
        ]
    )
    factor = np.divide(own, total, out=np.ones_like(own), where=total > 0)
    return Spread(
        tuple(map(str, elements["id"])), tuple(map(str, elements["name"])), own,
        {code: part * factor for code, part in by_code.items()}, bare * factor,
        (*common.findings, *_twice(elements)),
    )  # fmt: skip


def _twice(elements: gpd.GeoDataFrame) -> list[Finding]:
    """Elements that share ground."""
    shared = overlapping(gpd.GeoSeries(elements.geometry))
    ids, names = list(map(str, elements["id"])), list(map(str, elements["name"]))
    return [
        Finding(
            "landuse.twice", "warning",
            f"{names[one]} 与 {names[other]} 重叠 {area:.2f} m²,两者各自计入,合计中计了两次",
            f"{names[one]} and {names[other]} overlap by {area:.2f} m²; each counts it, so the total counts it twice",
            feature=(ids[one], ids[other]),
        )
        for one, other, area in zip(shared.row, shared.column, shared.area_m2, strict=True)
    ]  # fmt: skip

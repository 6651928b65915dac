"""The ledger of a container: every square metre of it counted once, and the sum is the container.

Layers divide the container into ground: with overlaps kept, each combination of layers is ground of its
own; with precedence, ground that several layers claim goes to the first of them. What no layer claims
is the gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.areas.tables import printed
from zoneplan.crs.gate import lon_lat
from zoneplan.engine import ellipsoid, overlay
from zoneplan.engine.grid import Grid, make_grid
from zoneplan.engine.overlap import overlap_areas
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

GAP = ("gap", "未覆盖")
TOTAL = ("total", "合计")
JOIN = " + "
_FINE_M = overlay.GRIDS_M[0]
_LEAST_M2 = 1e-6  # a piece under this is the arithmetic of cutting

Combination = tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """A container divided.

    Parameters
    ----------
    table : DataFrame
        A row per piece of ground, last the ``total``: ``ground`` (layers joined by " + ", ``gap``),
        ``name``, ``layers`` (how many claim it), the areas as in `zoneplan.areas.tables.area_table`, ``moved_m2``
        (by rounding), ``adjusted_m2`` (what closing on the container's own area added).
    pieces : GeoDataFrame
        ``ground, layers, area_m2`` and the geometry, in the order of the table.
    findings : tuple of Finding
        ``ledger.open`` names ground whose area does not pass its check.
    """

    table: pd.DataFrame
    pieces: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def area_ledger(
    container: gpd.GeoSeries | gpd.GeoDataFrame,
    layers: Mapping[str, gpd.GeoSeries | gpd.GeoDataFrame],
    *,
    precedence: Sequence[str] | None = None,
) -> Ledger:
    """Divide a container among layers.

    Parameters
    ----------
    container : GeoSeries or GeoDataFrame
        Polygons in a projected CGCS2000 CRS; their union is divided.
    layers : mapping of str to GeoSeries or GeoDataFrame
        Polygons in the same CRS, any number of layers; overlap within a layer counts once.
    precedence : sequence of str, optional
        All layers in the order in which they take ground. Without it overlaps are kept: ground that two
        layers claim is a row of its own.

    Returns
    -------
    Ledger
        Areas are ellipsoidal m²; as printed they add up to the container.

    Raises
    ------
    InputError
        Different CRS, geometry that is no polygon, a precedence that does not name each layer once.

    Notes
    -----
    Every cut is checked: the part inside against its area without geometry (`zoneplan.engine.overlap`), the part
    outside against what is left. The ellipsoidal areas of pieces miss that of the whole by some
    thousandths of a square metre per square kilometre, as edges split elsewhere; this is spread in
    proportion and shown.
    """
    order = _order(layers, precedence)
    crs = ellipsoid.require_plane(container.crs)
    whole = overlay.union(list(container.geometry), grid_m=_FINE_M)
    grid = make_grid({"container": gpd.GeoSeries([whole], crs=crs), **layers})
    ground: dict[Combination, BaseGeometry] = {(): whole}
    findings = [finding for finding in grid.findings if finding.severity == "error"]
    for key in order:
        claimed = overlay.union(list(layers[key].geometry), grid_m=_FINE_M)
        divided: dict[Combination, BaseGeometry] = {}
        for taken, piece in ground.items():
            if taken and precedence is not None:
                divided[taken] = piece
                continue
            inside, outside, sound = _divided(piece, claimed, grid, key, crs)
            if not sound:
                findings.append(_open(JOIN.join((*taken, key)), piece, crs))
            divided[taken] = outside
            divided[(*taken, key)] = inside
        ground = {taken: piece for taken, piece in divided.items() if piece.area > _LEAST_M2}
    return _closed(ground, order, whole, crs, tuple(findings))


def _order(layers: Mapping[str, object], precedence: Sequence[str] | None) -> list[str]:
    if precedence is not None and sorted(precedence) != sorted(layers):
        raise InputError(
            fault(
                "ledger.precedence", "precedence",
                f"应把每个图层写一次:{'、'.join(layers)};写的是:{'、'.join(precedence)}",
                f"expected each layer once: {', '.join(layers)}; found: {', '.join(precedence)}",
            )
        )  # fmt: skip
    return list(layers if precedence is None else precedence)


def _divided(
    piece: BaseGeometry, claimed: BaseGeometry, grid: Grid, key: str, crs: CRS
) -> tuple[BaseGeometry, BaseGeometry, bool]:
    """What of a piece is claimed, what is not, and whether both have the area that they must have."""
    measured = overlap_areas(gpd.GeoSeries([piece], crs=crs), grid, area="planar").table
    own, common = float(measured["area_m2"].iloc[0]), float(measured[key].iloc[0])
    inside: BaseGeometry = shapely.Polygon()
    outside: BaseGeometry = shapely.Polygon()
    for grid_m in overlay.GRIDS_M:
        inside = overlay.intersection(piece, claimed, grid_m=grid_m)
        outside = overlay.difference(piece, claimed, grid_m=grid_m)
        kept, left = overlay.plane_area([inside, outside])
        slack = 1e-6 * (1.0 + piece.length + inside.length)
        if abs(kept - common) <= slack and abs(left - (own - common)) <= slack:
            return inside, outside, True
    return inside, outside, False


def _closed(
    ground: Mapping[Combination, BaseGeometry],
    keys: Sequence[str],
    whole: BaseGeometry,
    crs: CRS,
    findings: tuple[Finding, ...],
) -> Ledger:
    """Areas that close on the container's."""
    rank = {key: number for number, key in enumerate(keys)}
    # single layers first, in their order, then what several claim; the gap last
    order = sorted(ground, key=lambda taken: (not taken, len(taken), [rank[key] for key in taken]))
    shapes = np.array([ground[taken] for taken in order], dtype=object)
    total = float(ellipsoid.area([whole], crs)[0])
    raw = ellipsoid.area(shapes, crs)
    exact = raw * (total / raw.sum()) if len(raw) and raw.sum() > 0 else raw
    names = [JOIN.join(taken) or GAP[0] for taken in order]
    table = pd.DataFrame(
        {
            "ground": [*names, TOTAL[0]],
            "name": [*(JOIN.join(taken) or GAP[1] for taken in order), TOTAL[1]],
            "layers": [*(len(taken) for taken in order), 0],
            **printed(exact, total),
            "adjusted_m2": [*(exact - raw), float((exact - raw).sum())],
        }
    )
    pieces = gpd.GeoDataFrame(
        {"ground": names, "layers": [len(taken) for taken in order], "area_m2": exact},
        geometry=list(shapes), crs=crs,
    )  # fmt: skip
    return Ledger(table, pieces, findings)


def _open(name: str, piece: BaseGeometry, crs: CRS) -> Finding:
    return Finding(
        "ledger.open", "error",
        f"{name} 的划分通不过面积核对;请检查该处图形,勿采用此面积",
        f"the division of {name} fails its area check; repair the geometry there and do not use its area",
        name, feature=(name,), point=lon_lat(piece, crs),
    )  # fmt: skip

"""Repair of invalid polygons, when asked for: the method is named, and every change is in the report."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import overlay
from zoneplan.errors import InputError, fault
from zoneplan.topology.prepared import names_of

Method = Literal["structure", "linework"]
METHODS: tuple[Method, ...] = ("structure", "linework")
DIFFER_M2 = 1e-6
REPORT = (
    "row", "feature", "reason", "outcome", "method", "area_before_m2", "area_after_m2", "structure_m2", "linework_m2",
    "methods_differ", "parts_before", "parts_after", "lines_dropped", "points_dropped",
)  # fmt: skip


def repair(
    frame: gpd.GeoDataFrame, method: Method = "structure", *, id_field: str | None = None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Make invalid polygons valid.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in a projected CRS in metres.
    method : {"structure", "linework"}
        ``structure`` builds shells and takes the holes out of them; ``linework`` keeps every line and fills
        by turns (even-odd), so that what overlaps itself twice becomes a hole.
    id_field : str, optional
        Column of ids; default as for `check_layer`.

    Returns
    -------
    GeoDataFrame
        The same rows, columns and index. Valid geometry is the same bit for bit.
    DataFrame
        A row for each invalid feature, columns `REPORT`; areas plane m². ``outcome`` is ``repaired``,
        ``collapsed`` (no polygon is left, the geometry is empty now) or ``kept`` (coordinates are no numbers).
        ``methods_differ`` says that the two methods' areas differ by more than `DIFFER_M2`: look at it.

    Raises
    ------
    InputError
        Unknown method.
    """
    if method not in METHODS:
        zh, en = (
            f"不认识的修复方法“{method}”;可选 {'、'.join(METHODS)}",
            f"unknown method '{method}'; choose from {', '.join(METHODS)}",
        )
        raise InputError(fault("repair.method", "repair", zh, en))
    shapes = np.asarray(frame.geometry, dtype=object).copy()
    names = names_of(frame, id_field)
    invalid = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    invalid &= np.isin(shapely.get_type_id(shapes), (3, 6))
    rows = []
    for number in np.nonzero(invalid)[0].tolist():
        before = shapes[number]
        shapes[number], row = _repaired(before, method)
        rows.append({"row": number + 1, "feature": names[number][0], "method": method, **row})
    made = frame.copy()
    made[made.geometry.name] = gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)
    return made, pd.DataFrame(rows, columns=list(REPORT))


def _repaired(shape: BaseGeometry, method: Method) -> tuple[BaseGeometry, dict[str, object]]:
    """One polygon made valid at its own origin, and its row of the report."""
    row: dict[str, object] = {
        "reason": shapely.is_valid_reason(shape), "parts_before": int(shapely.get_num_geometries(shape)),
    }  # fmt: skip
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        kept = {"outcome": "kept", "methods_differ": False, "lines_dropped": 0, "points_dropped": 0}
        return shape, {**row, **kept, "parts_after": row["parts_before"]}
    origin = np.floor(np.array(shape.bounds[:2]))
    here = shapely.transform(shapely.force_2d(shape), lambda xy: xy - origin)
    whole = {
        "structure": shapely.make_valid(here, method="structure", keep_collapsed=True),
        "linework": shapely.make_valid(here, method="linework"),
    }
    areas = {name: overlay.polygonal(made).area for name, made in whole.items()}
    back = shapely.transform(overlay.polygonal(whole[method]), lambda xy: xy + origin)
    if not back.is_valid:  # a new vertex was rounded when it was moved back
        back = overlay.polygonal(shapely.make_valid(back, method="structure", keep_collapsed=False))
    parts = shapely.get_dimensions(_leaves(whole[method]))
    row |= {
        "outcome": "collapsed" if back.is_empty else "repaired",
        "area_before_m2": float(here.area), "area_after_m2": float(overlay.plane_area([back])[0]),
        "structure_m2": float(areas["structure"]), "linework_m2": float(areas["linework"]),
        "methods_differ": bool(abs(areas["structure"] - areas["linework"]) > DIFFER_M2),
        "parts_after": 0 if back.is_empty else int(shapely.get_num_geometries(back)),
        "lines_dropped": int((parts == 1).sum()), "points_dropped": int((parts == 0).sum()),
    }  # fmt: skip
    return back if not back.is_empty else Polygon(), row


def _leaves(shape: BaseGeometry) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Single geometries, however deep they are nested."""
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts, dtype=object)

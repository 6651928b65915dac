"""DXF drawings → polygons: closed polylines, with the name of their layer."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.gdaloptions import READING, gdal_options
from zoneplan.io.intake import Intake

UTF8_FROM = 1021  # AC1021, AutoCAD 2007
_LINE, _AREAS = 1, (3, 6)


def read_drawing(path: Path, *, place: str | None = None, layer: str | None = None) -> Intake:
    """Read the closed polylines, and areas, of a DXF.

    Parameters
    ----------
    path : Path
    place : str, optional
        How messages name the file.
    layer : str, optional
        Only this CAD layer.

    Returns
    -------
    Intake
        Without a CRS, which a drawing cannot state. Columns ``Layer`` (of the drawing), ``Text``, geometry. What is no area is counted in a finding.

    Raises
    ------
    InputError
        No drawing, no closed polyline, no such layer.
    """
    place = place or path.name
    start = path.read_bytes()[:4096]
    version = re.search(rb"\$ACADVER\s+1\s+AC(\d{4})", start)
    utf8 = "UTF-8" if version and int(version.group(1)) >= UTF8_FROM else None
    try:
        with gdal_options({**READING, "DXF_ENCODING": utf8}):
            frame = pyogrio.read_dataframe(path, layer="entities")
    except (DataSourceError, DataLayerError, ValueError, RuntimeError, UnicodeError) as error:
        zh, en = f"无法读取,文件可能已损坏:{error}", f"cannot be read, it may be damaged: {error}"
        raise InputError(fault("file.unreadable", place, zh, en)) from error
    layers = sorted(frame["Layer"].dropna().astype(str).unique())
    if layer is not None:
        if layer not in layers:
            shown = "、".join(layers)
            zh, en = f"没有图层“{layer}”;有:{shown}", f"there is no layer '{layer}'; there are: {shown}"
            raise InputError(fault("file.layer", place, zh, en))
        frame = frame[frame["Layer"] == layer]
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    kinds = shapely.get_type_id(shapes)
    closed = (kinds == _LINE) & shapely.is_closed(shapes) & (shapely.get_num_coordinates(shapes) > 3)
    made = shapes.copy()
    made[closed] = [shapely.Polygon(line) for line in shapes[closed]]
    kept = closed | np.isin(kinds, _AREAS)
    if not kept.any():
        shown = "、".join(layers)
        zh, en = f"没有闭合的多段线;图层有:{shown}", f"there is no closed polyline; the layers are: {shown}"
        raise InputError(fault("drawing.open", place, zh, en))
    left = int((~kept).sum())
    said = [Finding("drawing.read", "info" if not left else "warning", f"{int(kept.sum())} 条闭合多段线读为面;其余 {left} 个图元(不闭合的线、点、文字)未读入", f"{int(kept.sum())} closed polylines read as polygons; {left} other entities (open lines, points, text) are left out", place)]  # fmt: skip
    columns = [name for name in ("Layer", "Text") if name in frame]
    out = gpd.GeoDataFrame(frame.loc[kept, columns].reset_index(drop=True), geometry=made[kept])
    return Intake(out, tuple(said))

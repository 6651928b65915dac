"""Where a page lies on the ground: the affine of its picture, and the map's entry in a PDF (ISO 32000-2, 12.10)."""

from __future__ import annotations

import numpy as np
from affine import Affine
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)
from pyproj import CRS

from zoneplan.render.sheet.frame import corner_degrees
from zoneplan.render.sheet.paper import MM_PER_INCH, Window

_CORNERS = (0, 0, 0, 1, 1, 1, 1, 0)
"""Of the map in its own unit square: lower left, upper left, upper right, lower right."""
_POINTS_PER_MM = 72 / MM_PER_INCH


def affine_of(window: Window, rows: int, dpi: int) -> Affine:
    """From (column, row) of a page's picture to metres; the picture's lower left corner is the page's."""
    size = MM_PER_INCH / 1000 / dpi * window.scale
    west, south = window.ground(np.zeros((1, 2)))[0].tolist()
    return Affine(size, 0.0, west, 0.0, -size, south + rows * size)


def viewports(window: Window, crs: CRS, name: str) -> ArrayObject:
    """The ``/VP`` entry of a page: the box of the map, its corners in degrees, and the CRS by code and text."""
    frame = window.frame
    box = [frame.x, frame.y, frame.right, frame.top]
    degrees = [value for lon, lat in corner_degrees(window, crs) for value in (lat, lon)]
    system: dict[PdfObject, PdfObject] = {
        NameObject("/Type"): NameObject("/PROJCS"),
        NameObject("/WKT"): TextStringObject(crs.to_wkt("WKT1_ESRI")),
    }
    code = crs.to_epsg()
    if code is not None:
        system[NameObject("/EPSG")] = NumberObject(code)
    measure: dict[PdfObject, PdfObject] = {
        NameObject("/Type"): NameObject("/Measure"),
        NameObject("/Subtype"): NameObject("/GEO"),
        NameObject("/Bounds"): _numbers(_CORNERS),
        NameObject("/GPTS"): _numbers(degrees),
        NameObject("/LPTS"): _numbers(_CORNERS),
        NameObject("/GCS"): DictionaryObject(system),
    }
    viewport: dict[PdfObject, PdfObject] = {
        NameObject("/Type"): NameObject("/Viewport"),
        NameObject("/Name"): TextStringObject(name),
        NameObject("/BBox"): _numbers([side * _POINTS_PER_MM for side in box]),
        NameObject("/Measure"): DictionaryObject(measure),
    }
    return ArrayObject([DictionaryObject(viewport)])


def _numbers(values: list[float] | tuple[int, ...]) -> ArrayObject:
    return ArrayObject([_Exact(value) for value in values])


class _Exact(FloatObject):
    """A number with twelve decimals: those that pypdf writes would put a corner three centimetres off."""

    def myrepr(self) -> str:
        """As it stands in the file."""
        return f"{self:.12f}".rstrip("0").rstrip(".")

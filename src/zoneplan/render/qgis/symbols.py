"""Symbols of the style document as those of QGIS: fills with hatches as lines, outlines, lines, points."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

import shapely

from zoneplan.render.colours import channels
from zoneplan.render.style import HATCHES, Symbol
from zoneplan.render.themes import Sign

MM_PER_PIXEL = 25.4 / 96
HATCH_MM, HATCH_LINE_MM = 1.5, 0.28
"""Distance and width of a hatch's lines, as on the web map."""
_POINT_MM = 2.6
_TYPES = {"polygon": "fill", "line": "line", "point": "marker"}


def symbol_element(sign: Sign, family: str, name: str) -> ET.Element:
    """The ``symbol`` of a class for polygons, lines or points."""
    made = _symbol(_TYPES[family], name)
    if family == "line":
        _layer(made, "SimpleLine", _pen(sign.symbol))
    elif family == "point":
        _layer(made, "SimpleMarker", _point(sign.symbol))
    elif sign.heads is not None:
        _generated(made, sign)
    else:
        _polygon(made, sign.symbol)
    return made


def rgba(colour: str, opacity: float = 1.0) -> str:
    """A colour as QGIS writes it."""
    return ",".join(str(one) for one in (*channels(colour), round(opacity * 255)))


def _polygon(parent: ET.Element, symbol: Symbol) -> None:
    """Fill, hatch, outline, from the bottom up."""
    if symbol.fill:
        ground = {"color": rgba(symbol.fill, symbol.opacity), "style": "solid", "outline_style": "no"}
        _layer(parent, "SimpleFill", ground)
    if symbol.hatch == "dots":
        step = HATCH_MM * 0.7
        dots = _mm(distance_x=2 * step, distance_y=step, displacement_x=step)
        dot = {"name": "circle", "color": rgba(symbol.line), "outline_style": "no"}
        mark = _inside(_layer(parent, "PointPatternFill", dots), "marker", parent)
        _layer(mark, "SimpleMarker", dot | _mm(size=HATCH_LINE_MM * 1.9))
    for angle in HATCHES[symbol.hatch] if symbol.hatch else ():
        lines = {"angle": str(angle), "color": rgba(symbol.line)} | _mm(
            distance=HATCH_MM, line_width=HATCH_LINE_MM
        )
        line = {"line_color": rgba(symbol.line), "line_style": "solid", "capstyle": "square"}
        mark = _inside(_layer(parent, "LinePatternFill", lines), "line", parent)
        _layer(mark, "SimpleLine", line | _mm(line_width=HATCH_LINE_MM))
    _layer(parent, "SimpleLine", _pen(symbol))


def _generated(parent: ET.Element, sign: Sign) -> None:
    """The feature joined with its arrow heads, drawn as one polygon."""
    text = shapely.to_wkt(sign.heads, rounding_precision=1)
    shape = f"union($geometry, geom_from_wkt('{text}'))"
    layer = _layer(
        parent, "GeometryGenerator", {"SymbolType": "Fill", "geometryModifier": shape, "units": "MapUnit"}
    )
    _polygon(_inside(layer, "fill", parent), sign.symbol)


def _inside(layer: ET.Element, kind: str, parent: ET.Element) -> ET.Element:
    """The symbol that a layer of a symbol is made of."""
    made = _symbol(kind, f"@{parent.get('name')}@{len(parent) - 1}")
    layer.append(made)
    return made


def _symbol(kind: str, name: str) -> ET.Element:
    return ET.Element("symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")


def _pen(symbol: Symbol) -> dict[str, str]:
    lengths = [float(one) * MM_PER_PIXEL for one in (symbol.dash or "").split()]
    return {
        "line_color": rgba(symbol.line), "line_style": "solid", "capstyle": "flat" if lengths else "round", "joinstyle": "round",
        "use_custom_dash": "1" if lengths else "0", "customdash": ";".join(f"{one:.2f}" for one in lengths) or "5;2",
        "customdash_unit": "MM",
    } | _mm(line_width=symbol.weight * MM_PER_PIXEL)  # fmt: skip


def _point(symbol: Symbol) -> dict[str, str]:
    return {
        "name": "circle", "color": rgba(symbol.fill or symbol.line, symbol.opacity), "outline_color": rgba(symbol.line), "outline_style": "solid",
    } | _mm(size=_POINT_MM, outline_width=symbol.weight * MM_PER_PIXEL)  # fmt: skip


def _mm(**lengths: float) -> dict[str, str]:
    """Lengths in millimetres, each with its unit."""
    made = {name: f"{length:.2f}" for name, length in lengths.items()}
    return made | {f"{name}_unit": "MM" for name in lengths}


def _layer(parent: ET.Element, kind: str, settings: Mapping[str, str]) -> ET.Element:
    """A layer of a symbol: QGIS 3.22 reads its settings from ``prop``, later ones from ``Option``."""
    layer = ET.SubElement(parent, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in settings.items():
        ET.SubElement(options, "Option", type="QString", name=key, value=value)
    for key, value in settings.items():
        ET.SubElement(layer, "prop", k=key, v=value)
    return layer

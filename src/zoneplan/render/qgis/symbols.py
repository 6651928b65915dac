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
    made = ET.Element("symbol", name=name, type=_TYPES[family], alpha="1", clip_to_extent="1", force_rhr="0")
    if family == "line":
        _layer(made, "SimpleLine", _pen(sign.symbol))
    elif family == "point":
        _layer(made, "SimpleMarker", _point(sign.symbol))
    elif sign.heads is not None:
        _generated(made, sign, name)
    else:
        _polygon(made, sign.symbol)
    return made


def rgba(colour: str, opacity: float = 1.0) -> str:
    """A colour as QGIS writes it."""
    return ",".join(str(one) for one in (*channels(colour), round(opacity * 255)))


def _polygon(parent: ET.Element, symbol: Symbol) -> None:
    """Fill, hatch, outline, from the bottom up."""
    if symbol.fill:
        _layer(
            parent,
            "SimpleFill",
            {"color": rgba(symbol.fill, symbol.opacity), "style": "solid", "outline_style": "no"},
        )
    if symbol.hatch == "dots":
        dots = _layer(
            parent,
            "PointPatternFill",
            _mm(distance_x=HATCH_MM * 1.4, distance_y=HATCH_MM * 0.7, displacement_x=HATCH_MM * 0.7),
        )
        mark = ET.SubElement(
            dots,
            "symbol",
            name=f"@{parent.get('name')}@{len(parent) - 1}",
            type="marker",
            alpha="1",
            clip_to_extent="1",
            force_rhr="0",
        )
        _layer(
            mark,
            "SimpleMarker",
            {"name": "circle", "color": rgba(symbol.line), "outline_style": "no"}
            | _mm(size=HATCH_LINE_MM * 1.9),
        )
    for angle in HATCHES[symbol.hatch] if symbol.hatch else ():
        lines = _layer(
            parent,
            "LinePatternFill",
            {"angle": str(angle), "color": rgba(symbol.line)}
            | _mm(distance=HATCH_MM, line_width=HATCH_LINE_MM),
        )
        mark = ET.SubElement(
            lines,
            "symbol",
            name=f"@{parent.get('name')}@{len(parent) - 1}",
            type="line",
            alpha="1",
            clip_to_extent="1",
            force_rhr="0",
        )
        _layer(
            mark,
            "SimpleLine",
            {"line_color": rgba(symbol.line), "line_style": "solid", "capstyle": "square"}
            | _mm(line_width=HATCH_LINE_MM),
        )
    _layer(parent, "SimpleLine", _pen(symbol))  # fmt: skip


def _generated(parent: ET.Element, sign: Sign, name: str) -> None:
    """The feature joined with its arrow heads, drawn as one polygon."""
    text = shapely.to_wkt(sign.heads, rounding_precision=1)
    settings = {
        "SymbolType": "Fill",
        "geometryModifier": f"union($geometry, geom_from_wkt('{text}'))",
        "units": "MapUnit",
    }
    layer = _layer(parent, "GeometryGenerator", settings)
    inner = ET.SubElement(
        layer, "symbol", name=f"@{name}@0", type="fill", alpha="1", clip_to_extent="1", force_rhr="0"
    )
    _polygon(inner, sign.symbol)  # fmt: skip


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

"""Themes as SLD 1.0, for GeoServer and other map servers.

A hatch is a graphic fill. Where the standard has a mark for it (``cross``, ``x``), that is used; else two alternatives, of which a
reader takes the first it knows: the name that QGIS reads, and GeoServer's ``shape://`` one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from zoneplan.layers import LayerSet
from zoneplan.render.style import Style, Symbol, Text
from zoneplan.render.themes import Sign, Theme, by_table, inert, plan_themes

SLD, OGC = "http://www.opengis.net/sld", "http://www.opengis.net/ogc"
MARKS = {
    "diagonal": ("slash", "shape://slash"), "back": ("backslash", "shape://backslash"), "cross": ("x",),
    "horizontal": ("horline", "shape://horline"), "vertical": ("line", "shape://vertline"), "grid": ("cross",),
    "dots": ("shape://dot", "circle"),
}  # fmt: skip
_HATCH_PX, _HATCH_LINE_PX, _POINT_PX = 8, 1.1, 9


def sld(table: str, themes: Sequence[Theme]) -> str:
    """The style of a table: one rule per class of each theme."""
    root = ET.Element("StyledLayerDescriptor", {"version": "1.0.0", "xmlns": SLD, "xmlns:ogc": OGC})
    layer = ET.SubElement(root, "NamedLayer")
    ET.SubElement(layer, "Name").text = table
    style = ET.SubElement(layer, "UserStyle")
    ET.SubElement(style, "Title").text = "、".join(theme.name for theme in themes)
    drawn = ET.SubElement(style, "FeatureTypeStyle")
    for theme in themes:
        for sign in theme.signs:
            drawn.append(_rule(theme, sign))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def plan_slds(layers: LayerSet, style: Style) -> dict[str, str]:
    """The style of each table of ``layers.gpkg``."""
    return {table: sld(table, themes) for table, themes in by_table(plan_themes(layers, style)).items()}


def write_slds(folder: Path, layers: LayerSet, style: Style) -> None:
    """One ``<table>.sld`` for each table of ``layers.gpkg``."""
    for table, text in plan_slds(layers, style).items():
        (folder / f"{table}.sld").write_text(text, encoding="utf-8", newline="\n")


def _rule(theme: Theme, sign: Sign) -> ET.Element:
    rule = ET.Element("Rule")
    ET.SubElement(rule, "Name").text = inert(sign.value)
    ET.SubElement(rule, "Title").text = sign.words
    equal = ET.SubElement(ET.SubElement(rule, "ogc:Filter"), "ogc:PropertyIsEqualTo")
    ET.SubElement(equal, "ogc:PropertyName").text = theme.field
    ET.SubElement(equal, "ogc:Literal").text = sign.value
    symbol = sign.symbol
    if theme.family == "line":
        _stroke(ET.SubElement(rule, "LineSymbolizer"), symbol)
    elif theme.family == "point":
        _point(rule, symbol)
    else:
        _polygon(rule, symbol)
    if theme.layer.label:
        _label(rule, theme.label, theme.layer.text, along=theme.family == "line")
    return rule


def _polygon(rule: ET.Element, symbol: Symbol) -> None:
    """Fill, hatch and outline: the outline with the last of them."""
    drawn = ET.SubElement(rule, "PolygonSymbolizer")
    if symbol.fill:
        _css(ET.SubElement(drawn, "Fill"), {"fill": symbol.fill, "fill-opacity": f"{symbol.opacity:g}"})
    if symbol.hatch:
        if symbol.fill:
            drawn = ET.SubElement(rule, "PolygonSymbolizer")
        fill = ET.SubElement(ET.SubElement(drawn, "Fill"), "GraphicFill")
        graphic = ET.SubElement(fill, "Graphic")
        for name in MARKS[symbol.hatch]:
            mark = ET.SubElement(graphic, "Mark")
            ET.SubElement(mark, "WellKnownName").text = name
            if symbol.hatch == "dots":
                _css(ET.SubElement(mark, "Fill"), {"fill": symbol.line})
            _css(
                ET.SubElement(mark, "Stroke"), {"stroke": symbol.line, "stroke-width": f"{_HATCH_LINE_PX:g}"}
            )
        ET.SubElement(graphic, "Size").text = str(_HATCH_PX)
    _stroke(drawn, symbol)


def _point(rule: ET.Element, symbol: Symbol) -> None:
    graphic = ET.SubElement(ET.SubElement(rule, "PointSymbolizer"), "Graphic")
    mark = ET.SubElement(graphic, "Mark")
    ET.SubElement(mark, "WellKnownName").text = "circle"
    fill = {"fill": symbol.fill or symbol.line, "fill-opacity": f"{symbol.opacity:g}"}
    _css(ET.SubElement(mark, "Fill"), fill)
    _stroke(mark, symbol)
    ET.SubElement(graphic, "Size").text = str(_POINT_PX)


def _stroke(parent: ET.Element, symbol: Symbol) -> None:
    pen = {"stroke": symbol.line, "stroke-width": f"{symbol.weight:g}", "stroke-linejoin": "round"}
    if symbol.dash:
        pen["stroke-dasharray"] = symbol.dash
    _css(ET.SubElement(parent, "Stroke"), pen)


def _label(rule: ET.Element, field: str, text: Text, *, along: bool) -> None:
    made = ET.SubElement(rule, "TextSymbolizer")
    ET.SubElement(ET.SubElement(made, "Label"), "ogc:PropertyName").text = field
    font = {
        "font-family": "Noto Sans CJK SC", "font-size": f"{text.size:g}", "font-style": "italic" if text.italic else "normal",
        "font-weight": "bold" if text.bold else "normal",
    }  # fmt: skip
    _css(ET.SubElement(made, "Font"), font)
    place = ET.SubElement(made, "LabelPlacement")
    if along:
        ET.SubElement(place, "LinePlacement")
    else:
        anchor = ET.SubElement(ET.SubElement(place, "PointPlacement"), "AnchorPoint")
        for axis in "XY":
            ET.SubElement(anchor, f"AnchorPoint{axis}").text = "0.5"
    halo = ET.SubElement(made, "Halo")
    ET.SubElement(halo, "Radius").text = "2"
    _css(ET.SubElement(halo, "Fill"), {"fill": text.halo})
    _css(ET.SubElement(made, "Fill"), {"fill": text.colour})


def _css(parent: ET.Element, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        ET.SubElement(parent, "CssParameter", name=name).text = value

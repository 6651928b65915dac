"""Styles that QGIS finds inside a GeoPackage: the symbols of the style document as QML, in the table ``layer_styles``."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

from zoneplan.io.layers import FIXED_DATE
from zoneplan.layers import REFERENCE, LayerSet
from zoneplan.render.mapdata import VERDICTS
from zoneplan.render.style import Symbol, read_style

BRUSHES = {"diagonal": "b_diagonal", "cross": "diagonal_x", "dots": "dense6"}
ALIASES = {
    "parcel_id": "地块编号", "overall": "总结论", "area_m2": "面积 m²", "line": "控制线", "state": "状态", "verdict": "结论",
    "overlap_area_m2": "占用面积 m²", "id": "编号", "name": "名称", "name_en": "英文名称", "kind": "类别", "role": "定位",
    "citation": "出处", "summary": "说明", "accuracy": "精度", "accuracy_m": "精度 m", "source": "来源", "component": "构成",
    "length_m": "长度 m",
}  # fmt: skip
_MM_PER_PIXEL = 0.26
_TABLE = """CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""
Category = tuple[str, str, Symbol]
"""Value of the field, words of the legend, symbol."""


def conflict_styles() -> dict[str, str]:
    """QML of the layers of ``conflicts.gpkg``: parcels by overall verdict, overlaps by verdict."""
    style = read_style()
    rows = [(verdict, words[0], style.symbol(verdict)) for verdict, words in VERDICTS.items()]
    parcels, overlap = (
        ("parcel_id", "overall", "area_m2"),
        ("parcel_id", "line", "state", "verdict", "overlap_area_m2"),
    )
    return {"parcels": qml("overall", rows, parcels), "overlap": qml("verdict", rows, overlap)}


def layer_styles(layers: LayerSet) -> dict[str, str]:
    """QML of a plan's layers: every element with its symbol and name."""
    style, made = read_style(), {}
    for kind, frame in layers.frames.items():
        if kind == REFERENCE:
            continue
        rows = [
            (str(name), str(words), style.symbol(str(name).removeprefix("line_"), kind, index=number))
            for number, (name, words) in enumerate(zip(frame["id"], frame["name"], strict=True))
        ]
        made[kind] = qml(
            "id", rows, [str(column) for column in frame.columns if column != frame.geometry.name]
        )
    return made


def qml(field: str, categories: Sequence[Category], columns: Sequence[str]) -> str:
    """A QGIS style: polygons by the values of a field, and the columns' Chinese names."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Fields")
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=field, symbollevels="0", forceraster="0"
    )
    listed, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for number, (value, words, symbol) in enumerate(categories):
        ET.SubElement(
            listed, "category", symbol=str(number), value=value, label=words, render="true", type="string"
        )
        drawn = ET.SubElement(
            symbols, "symbol", name=str(number), type="fill", alpha="1", clip_to_extent="1", force_rhr="0"
        )
        _fill(
            drawn,
            symbol,
            "solid" if symbol.fill else "no",
            symbol.fill or symbol.line,
            symbol.opacity,
            outline=True,
        )
        if symbol.hatch:
            _fill(drawn, symbol, BRUSHES[symbol.hatch], symbol.line, 0.7, outline=False)
    names = ET.SubElement(root, "aliases")
    for number, column in enumerate(columns):
        ET.SubElement(names, "alias", index=str(number), field=column, name=ALIASES.get(column, ""))
    ET.SubElement(root, "layerGeometryType").text = "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _fill(
    parent: ET.Element, symbol: Symbol, brush: str, colour: str, opacity: float, *, outline: bool
) -> None:
    """A simple fill: QGIS 3.22 reads its settings from ``prop``, later ones from ``Option``."""
    layer = ET.SubElement(
        parent, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"}
    )
    settings = {
        "style": brush, "color": _rgba(colour, opacity), "outline_color": _rgba(symbol.line, 1.0),
        "outline_style": ("dash" if symbol.dash else "solid") if outline else "no",
        "outline_width": f"{symbol.weight * _MM_PER_PIXEL:.2f}", "outline_width_unit": "MM", "joinstyle": "bevel",
    }  # fmt: skip
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in settings.items():
        ET.SubElement(options, "Option", type="QString", name=key, value=value)
    for key, value in settings.items():
        ET.SubElement(layer, "prop", k=key, v=value)


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def add_styles(path: Path, styles: Mapping[str, str]) -> None:
    """Put styles into a GeoPackage as the default ones of its layers; layers that it does not have are passed over."""
    with closing(sqlite3.connect(path)) as base, base:
        there = {
            str(row[0]): str(row[1])
            for row in base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        }
        base.execute(_TABLE)
        base.execute(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
            (FIXED_DATE,),
        )
        for layer, text in styles.items():
            if layer in there:
                base.execute(
                    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, "
                    "styleSLD, useAsDefault, description, owner, update_time) VALUES ('', '', ?, ?, 'zoneplan', ?, '', 1, 'zoneplan', '', ?)",
                    (layer, there[layer], text, FIXED_DATE),
                )

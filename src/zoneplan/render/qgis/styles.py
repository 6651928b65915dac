"""Styles that QGIS and map servers find inside a GeoPackage: the table ``layer_styles`` with QML and SLD."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from zoneplan.io.layers import FIXED_DATE
from zoneplan.layers import REFERENCE
from zoneplan.render.qgis.layers import qml
from zoneplan.render.sld import sld
from zoneplan.render.themes import Theme, by_table

_TABLE = """CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""


@dataclass(frozen=True)
class TableStyle:
    """The style of one table of a GeoPackage, for QGIS and as SLD."""

    table: str
    qml: str
    sld: str


def table_styles(themes: Iterable[Theme]) -> list[TableStyle]:
    """A style for each table that themes draw.

    Base features are points, lines and polygons in one table, which QGIS opens as several layers: they have an SLD only.
    """
    return [
        TableStyle(table, "" if table == REFERENCE else qml(found[0]), sld(table, found))
        for table, found in by_table(themes).items()
    ]


def add_styles(path: Path, styles: Iterable[TableStyle]) -> None:
    """Put styles into a GeoPackage as the default ones of its tables; tables that it does not have are passed over."""
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
        for style in styles:
            if style.table in there:
                base.execute(
                    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, "
                    "styleSLD, useAsDefault, description, owner, update_time) VALUES ('', '', ?, ?, 'zoneplan', ?, ?, ?, 'zoneplan', '', ?)",
                    (style.table, there[style.table], style.qml, style.sld, bool(style.qml), FIXED_DATE),
                )

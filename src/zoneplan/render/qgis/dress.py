"""GeoPackages made ready to be opened: styles inside, a project beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from zoneplan.layers import LayerSet
from zoneplan.render.qgis.layout import Caption
from zoneplan.render.qgis.project import Project, write_project
from zoneplan.render.qgis.styles import add_styles, table_styles
from zoneplan.render.style import Style
from zoneplan.render.themes import conflict_themes, landuse_themes, plan_themes

PROJECT = "project.qgz"
NOTICE = "示意图:图形没有测量依据,不得用于用地审批"


def dress_plan(path: Path, layers: LayerSet, style: Style) -> None:
    """Styles into a ``layers.gpkg``, and ``project.qgz`` beside it."""
    themes = plan_themes(layers, style)
    add_styles(path, table_styles(themes))
    west, south, east, north = layers.zone.bounds
    caption = Caption(
        layers.name,
        layers.name_en,
        (west, south, east, north),
        notes(layers.crs, style),
        NOTICE if layers.schematic else "",
    )
    views = [(view.zh, view.layers) for view in style.views_of(layers.plan_id)]
    write_project(path.with_name(PROJECT), Project(caption, path.name, layers.crs, themes, style, views))


def dress_conflicts(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    crs: CRS,
    box: tuple[float, float, float, float] | None,
    style: Style,
    *,
    schematic: bool,
) -> None:
    """Styles into a ``conflicts.gpkg``, and ``conflicts.qgz`` beside it where there is anything to show (`box`)."""
    themes = conflict_themes(columns, style)
    add_styles(path, table_styles(themes))
    if box is not None:
        caption = Caption("地块核查", "Parcel check", box, notes(crs, style), NOTICE if schematic else "")
        write_project(path.with_suffix(".qgz"), Project(caption, path.name, crs, themes, style))


def dress_landuse(path: Path, tables: Mapping[str, gpd.GeoDataFrame], layers: LayerSet, style: Style) -> None:
    """Styles into a GeoPackage of land-use patches, and a project of the same name beside it."""
    themes = landuse_themes(tables, style)
    add_styles(path, table_styles(themes))
    west, south, east, north = layers.zone.bounds
    said = (*notes(layers.crs, style)[:1], style.landuse.note_zh)
    notice = NOTICE if layers.schematic else ""
    caption = Caption(f"{layers.name}用地", layers.name_en, (west, south, east, north), said, notice)
    write_project(path.with_suffix(".qgz"), Project(caption, path.name, layers.crs, themes, style))


def notes(crs: CRS, style: Style) -> tuple[str, ...]:
    """CRS and palette, at the foot of a sheet."""
    said = f"坐标系 {crs.name} (EPSG:{crs.to_epsg()})"
    return (said,) if style.standard else (said, style.note_zh)

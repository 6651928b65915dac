"""A QGIS project (``.qgz``) beside a GeoPackage: layers in groups, styles, labels, named views, print layouts. Paths are relative."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from pyproj import CRS

from zoneplan.render.qgis.layers import VERSION, appearance, labels_on
from zoneplan.render.qgis.layout import Caption, Sheet, layout
from zoneplan.render.style import Style
from zoneplan.render.themes import Theme, inert

_DATE = (2000, 1, 1, 0, 0, 0)  # a zip member's date: equal input, equal bytes
_SRSID = "100000"  # any number but 0: QGIS then goes by the authid
_GEOMETRIES = {"point": "Point", "line": "LineString", "polygon": "Polygon"}


@dataclass(frozen=True)
class Project:
    """What a project file holds.

    Parameters
    ----------
    caption : Caption
        Title, extent and notes.
    file : str
        Name of the GeoPackage beside it.
    crs : CRS
        Projected, of the GeoPackage.
    themes : sequence of Theme
        In drawing order.
    style : Style
    views : sequence of (name, keys of the style document's layers)
        Named views besides the one that opens.
    """

    caption: Caption
    file: str
    crs: CRS
    themes: Sequence[Theme]
    style: Style
    views: Sequence[tuple[str, Sequence[str]]] = ()


def write_project(path: Path, project: Project) -> None:
    """Write a ``.qgz``; the same project gives the same bytes."""
    text = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        _document(project), encoding="unicode"
    )
    member = zipfile.ZipInfo(f"{path.stem}.qgs", _DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, text.encode("utf-8"))


def _document(project: Project) -> ET.Element:
    root = ET.Element("qgis", projectname=inert(project.caption.title), version=VERSION)
    ET.SubElement(root, "homePath", path="")
    ET.SubElement(root, "title").text = inert(project.caption.title)
    ET.SubElement(root, "projectCrs").append(_srs(project.crs))
    shown = {theme.key for theme in project.themes if theme.layer.show}
    root.append(_tree(project, shown, order=True))
    root.append(_canvas(project))
    listed = ET.SubElement(root, "projectlayers")
    for theme in project.themes:
        listed.append(_map_layer(theme, project))
    order = ET.SubElement(root, "layerorder")
    for theme in reversed(project.themes):
        ET.SubElement(order, "layer", id=layer_id(theme))
    root.append(_properties())
    root.append(_presets(project))
    layouts = ET.SubElement(root, "Layouts")
    for sheet in (Sheet("A3"), *(Sheet(name, view=name) for name, _ in project.views)):
        keys = dict(project.views).get(sheet.view, shown)
        rows = sum(len(theme.signs) + 1 for theme in project.themes if theme.key in keys)
        layouts.append(layout(project.caption, sheet, _tree(project, keys, order=False), rows))
    return root


def layer_id(theme: Theme) -> str:
    """The id of a layer; QGIS drops layers with ids of ten characters or less."""
    return f"zoneplan_{theme.key if theme.kinds else theme.table}_{theme.family}"


def source(theme: Theme, file: str) -> str:
    """Where QGIS finds the rows of a theme, from the project's folder."""
    found = f"./{file}|layername={theme.table}"
    if not theme.kinds:
        return found
    kinds = ",".join("'" + kind.replace("'", "''") + "'" for kind in theme.kinds)
    return f'{found}|geometrytype={_GEOMETRIES[theme.family]}|subset="kind" IN ({kinds})'


def _tree(project: Project, shown: Sequence[str] | set[str], *, order: bool) -> ET.Element:
    """Layers in the groups of the style document; of a legend (without `order`) only those shown."""
    root = ET.Element("layer-tree-group")
    ET.SubElement(root, "customproperties")
    for group in project.style.groups:
        found = [
            theme
            for theme in reversed(project.themes)
            if theme.layer.group == group.id and (order or theme.key in shown)
        ]
        if not found:
            continue
        branch = ET.SubElement(
            root, "layer-tree-group", name=inert(group.zh), checked="Qt::Checked", expanded="1"
        )
        ET.SubElement(branch, "customproperties")
        for theme in found:
            leaf = ET.SubElement(
                branch,
                "layer-tree-layer",
                id=layer_id(theme),
                name=inert(theme.name),
                providerKey="ogr",
                source=source(theme, project.file),
                checked="Qt::Checked" if theme.key in shown else "Qt::Unchecked",
                expanded="0" if order else "1",
            )
            ET.SubElement(leaf, "customproperties")
    if order:
        custom = ET.SubElement(root, "custom-order", enabled="1")
        for theme in reversed(project.themes):
            ET.SubElement(custom, "item").text = layer_id(theme)
    return root


def _map_layer(theme: Theme, project: Project) -> ET.Element:
    shape = {"point": "Point", "line": "Line", "polygon": "Polygon"}[theme.family]
    made = ET.Element(
        "maplayer",
        type="vector",
        geometry=shape,
        hasScaleBasedVisibilityFlag="0",
        labelsEnabled=labels_on(theme),
    )
    ET.SubElement(made, "id").text = layer_id(theme)
    ET.SubElement(made, "datasource").text = source(theme, project.file)
    ET.SubElement(made, "layername").text = inert(theme.name)
    ET.SubElement(made, "srs").append(_srs(project.crs))
    ET.SubElement(made, "provider", encoding="UTF-8").text = "ogr"
    manager = ET.SubElement(made, "map-layer-style-manager", current="default")
    ET.SubElement(manager, "map-layer-style", name="default")
    made.extend(appearance(theme))
    ET.SubElement(made, "previewExpression").text = f'"{theme.label}"'
    return made


def _presets(project: Project) -> ET.Element:
    """Named views as QGIS map themes."""
    made = ET.Element("visibility-presets")
    for name, keys in project.views:
        preset = ET.SubElement(made, "visibility-preset", name=inert(name))
        for theme in project.themes:
            if theme.key in keys:
                ET.SubElement(preset, "layer", id=layer_id(theme), visible="1", style="default", expanded="1")
    return made


def _canvas(project: Project) -> ET.Element:
    made = ET.Element("mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(made, "units").text = "meters"
    extent = ET.SubElement(made, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), project.caption.box, strict=True):
        ET.SubElement(extent, name).text = f"{value:.1f}"
    ET.SubElement(made, "rotation").text = "0"
    ET.SubElement(made, "destinationsrs").append(_srs(project.crs))
    return made


def _srs(crs: CRS) -> ET.Element:
    made = ET.Element("spatialrefsys")
    code = crs.to_epsg()
    for name, value in (
        ("wkt", crs.to_wkt("WKT2_2018")), ("srsid", _SRSID), ("srid", str(code)), ("authid", f"EPSG:{code}"), ("description", crs.name),
        ("projectionacronym", "tmerc"), ("ellipsoidacronym", "EPSG:1024"), ("geographicflag", "false"),
    ):  # fmt: skip
        ET.SubElement(made, name).text = value
    return made


def _properties() -> ET.Element:
    """Coordinates in the project's CRS, paths relative."""
    made = ET.Element("properties")
    for group, name, kind, value in (
        ("SpatialRefSys", "ProjectionsEnabled", "int", "1"),
        ("Paths", "Absolute", "bool", "false"),
        ("Measurement", "AreaUnits", "QString", "ha"),
    ):
        ET.SubElement(ET.SubElement(made, group), name, type=kind).text = value
    return made

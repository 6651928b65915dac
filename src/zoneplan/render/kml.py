"""A plan, and a parcel check, as KMZ for field staff: the layers of the map in folders, with colours, names and balloons.

KML knows no hatches. Coordinates are CGCS2000 degrees, which KML takes for WGS 84: the two agree within some decimetres.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.layers import LayerSet
from zoneplan.render.landmap import with_landuse
from zoneplan.render.mapdata import BETWEEN, DECIMALS, Drawing, Feature
from zoneplan.render.maplayers import check_first, drawings
from zoneplan.render.plaintext import plain
from zoneplan.render.style import Style, Symbol, read_style

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult

NAMESPACE = "http://www.opengis.net/kml/2.2"
_DATE = (2000, 1, 1, 0, 0, 0)  # a zip member's date: equal input, equal bytes
_NOTICE = {
    "zh": "示意图:图形没有测量依据,不得用于用地审批",
    "en": "Schematic: no survey behind the geometry; not for approvals",
}


def write_kmz(
    path: Path, layers: LayerSet, result: CheckResult | None = None, *, lang: str = "zh", style: Style | None = None,
    landuse: gpd.GeoDataFrame | None = None,
) -> None:  # fmt: skip
    """Write a ``.kmz``; the same layers give the same bytes.

    Parameters
    ----------
    path : Path
    layers : LayerSet
    result : CheckResult, optional
        Parcels by overall verdict, and what they take of the lines.
    lang : {"zh", "en"}
    style : Style, optional
        Default the built-in one.
    landuse : GeoDataFrame, optional
        Patches ``label, code, name, area_m2``.
    """
    member = zipfile.ZipInfo("doc.kml", _DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    look = style or read_style()
    drawn = with_landuse(drawings(layers, result, look, lang), landuse, look, lang)
    if result is not None:
        drawn = check_first(drawn, look)
    root = _document(layers, drawn, look, lang)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _document(layers: LayerSet, drawn: Sequence[Drawing], style: Style, lang: str) -> ET.Element:
    root = ET.Element("kml", xmlns=NAMESPACE)
    document = ET.SubElement(root, "Document")
    _text(document, "name", layers.name if lang == "zh" else layers.name_en or layers.name)
    notes = [_NOTICE[lang]] if layers.schematic else []
    if not style.standard:
        notes.append(style.note_zh if lang == "zh" else style.note_en)
    _text(document, "description", escape(BETWEEN.join(notes)))
    styles: dict[Symbol, str] = {}
    folders = [
        _group(group.zh if lang == "zh" else group.en, found, styles, notes[:1] if layers.schematic else [])
        for group in style.groups
        if (found := [drawing for drawing in drawn if drawing.group == group.id])
    ]
    document.extend(_style(symbol, name) for symbol, name in styles.items())
    document.extend(folders)
    return root


def _group(
    name: str, drawn: Sequence[Drawing], styles: dict[Symbol, str], notes: Sequence[str]
) -> ET.Element:
    """The layers of a group in a folder, one alone without it."""
    folder = ET.Element("Folder")
    _text(folder, "name", name)
    for drawing in drawn:
        inner = ET.SubElement(folder, "Folder")
        _text(inner, "name", drawing.name)
        _text(inner, "visibility", "1" if drawing.show else "0")
        for feature in drawing.features:
            inner.append(_placemark(feature, styles, notes, shown=drawing.show))
    return folder if len(drawn) > 1 else folder[1]


def _placemark(
    feature: Feature, styles: dict[Symbol, str], notes: Sequence[str], *, shown: bool
) -> ET.Element:
    made = ET.Element("Placemark")
    _text(made, "name", feature.title)
    _text(made, "visibility", "1" if shown else "0")
    ET.SubElement(made, "Snippet", maxLines="0")
    _text(made, "description", _balloon(feature.rows, notes))
    _text(made, "styleUrl", f"#{styles.setdefault(feature.symbol, f'zp{len(styles) + 1}')}")
    made.extend(_geometry(feature.shape))
    return made


def _balloon(rows: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    """Rows of words as a table; words of features are escaped, so that no balloon takes them for markup."""
    lines = "".join(
        f"<tr><th align='left' valign='top'>{_words(head)}</th><td>{_words(text)}</td></tr>"
        for head, text in rows
    )
    said = "".join(f"<p><b>{_words(note)}</b></p>" for note in notes)
    return f"<table>{lines}</table>{said}"


def _words(text: str) -> str:
    """Text for a balloon; ``$[…]`` would stand for something else there."""
    return escape(plain(text)).replace("$[", "$&#91;")


def _style(symbol: Symbol, name: str) -> ET.Element:
    made = ET.Element("Style", id=name)
    icon = ET.SubElement(made, "IconStyle")
    _text(icon, "color", _abgr(symbol.line, 1.0))
    _text(icon, "scale", "0.8")
    line = ET.SubElement(made, "LineStyle")
    _text(line, "color", _abgr(symbol.line, 1.0))
    _text(line, "width", f"{symbol.weight:g}")
    area = ET.SubElement(made, "PolyStyle")
    _text(area, "color", _abgr(symbol.fill or symbol.line, symbol.opacity if symbol.fill else 0.0))
    _text(area, "fill", "1" if symbol.fill else "0")
    return made


def _abgr(colour: str, opacity: float) -> str:
    """A colour as KML writes it: opacity, blue, green, red."""
    return f"{round(opacity * 255):02x}{colour[5:7]}{colour[3:5]}{colour[1:3]}"


def _geometry(shape: BaseGeometry) -> Iterator[ET.Element]:
    """A shape as KML, one element; several parts as one ``MultiGeometry``."""
    parts = [_part(part) for part in shapely.get_parts(shape)]
    if len(parts) == 1:
        yield parts[0]
    elif parts:
        whole = ET.Element("MultiGeometry")
        whole.extend(parts)
        yield whole


def _part(part: BaseGeometry) -> ET.Element:
    kind = shapely.get_dimensions(part)
    made = ET.Element(("Point", "LineString", "Polygon")[kind])
    if kind:
        _text(made, "tessellate", "1")
    if kind < 2:
        _coordinates(made, part)
        return made
    rings = [
        shapely.get_exterior_ring(part),
        *(shapely.get_interior_ring(part, at) for at in range(shapely.get_num_interior_rings(part))),
    ]
    for number, ring in enumerate(rings):
        edge = ET.SubElement(made, "innerBoundaryIs" if number else "outerBoundaryIs")
        _coordinates(ET.SubElement(edge, "LinearRing"), ring)
    return made


def _coordinates(parent: ET.Element, shape: BaseGeometry | None) -> None:
    made = ET.SubElement(parent, "coordinates")
    made.text = " ".join(
        f"{x:.{DECIMALS}f},{y:.{DECIMALS}f}" for x, y in shapely.get_coordinates(shape).tolist()
    )


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = plain(text)

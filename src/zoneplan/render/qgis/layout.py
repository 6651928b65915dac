"""A print layout of QGIS: A3 across, with title, legend, scale bar, north arrow, notice and notes."""

from __future__ import annotations

import base64
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from zoneplan.render.colours import channels
from zoneplan.render.qgis.layers import FONTS
from zoneplan.render.themes import inert
from zoneplan.terminal import width
from zoneplan.units import round_below

PAGE = (420.0, 297.0)
_MAP = (10.0, 26.0, 314.0, 255.0)  # west edge, upper edge, width, height in mm
_SIDE = (328.0, 26.0, 82.0)  # the column with the legend: west edge, upper edge, width
_TITLE = 390 / 0.353 * 2  # half-width characters of one point that fill the page's width
_STEPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 10.0)
_LEGENDS = ((36, 9, 1), (56, 6, 1), (110, 6, 2), (250, 4, 3))  # up to so many rows, size of letters, columns
_SPACE = uuid.UUID("6f1f4d0e-58a9-5d0c-9c0b-2a5f3f0f7b11")  # of the ids of items, made from their names
_KINDS = {
    "page": "65638",
    "map": "65639",
    "picture": "65640",
    "label": "65641",
    "legend": "65642",
    "scale": "65646",
}
_ARROW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 48"><path d="M20 2L31 36L20 28L9 36Z" fill="#222"/>'
    '<path d="M20 2L20 28L9 36Z" fill="#999"/><text x="20" y="47" font-size="11" text-anchor="middle" fill="#222">N</text></svg>'
)


@dataclass(frozen=True)
class Caption:
    """What is the same on every sheet.

    Parameters
    ----------
    title, subtitle : str
    box : tuple of float
        West, south, east, north of what the map shows, metres.
    notes : tuple of str
        At the foot.
    notice : str
        In a frame, empty for nothing.
    """

    title: str
    subtitle: str
    box: tuple[float, float, float, float]
    notes: tuple[str, ...] = ()
    notice: str = ""


@dataclass(frozen=True)
class Sheet:
    """One layout: its name, and the named view that its map follows."""

    name: str
    view: str = ""


def layout(caption: Caption, sheet: Sheet, tree: ET.Element, rows: int) -> ET.Element:
    """The layout of a sheet; `tree` are the layers of its legend, which is of so many rows."""
    made = ET.Element("Layout", name=inert(sheet.name), units="mm", printResolution="300")
    item = _Items(made, f"{caption.title}/{sheet.name}")
    pages = ET.SubElement(made, "PageCollection")
    item.add("page", "page", (0, 0, *PAGE), parent=pages)
    denominator, box = fitted(caption.box)
    shown = item.add("map", "map", _MAP, frame=True, more=_map_settings(sheet))
    ET.SubElement(shown, "Extent", {name: f"{value:.3f}" for name, value in box.items()})
    title = f"{inert(caption.title)} {inert(sheet.view)}".strip()
    item.label(
        "title", title, (10, 6, 400, 12), size=max(8, min(24, int(_TITLE / max(width(title), 1)))), bold=True
    )
    item.label("subtitle", inert(caption.subtitle), (10, 17, 400, 7), size=11, colour="#444444")
    west, upper, across = _SIDE
    if caption.notice:
        item.label("notice", caption.notice, (west, upper, across, 14), size=11, frame=True, colour="#7a4b00")
        upper += 18
    size, columns = next(
        ((size, columns) for most, size, columns in _LEGENDS if rows <= most), _LEGENDS[-1][1:]
    )
    legend = item.add(
        "legend", "legend", (west, upper, across, 120),
        more={
            "title": "图例", "legendFilterByMap": "0", "symbolWidth": f"{size * 0.85:g}", "symbolHeight": f"{size / 2:g}", "wrapChar": "", "boxSpace": "1",
            "columnCount": str(columns), "resizeToContents": "1", "map_uuid": item.id("map"), "splitLayer": "1", "lineSpacing": "1",
        },
    )  # fmt: skip
    legend.append(tree)
    legend.append(_legend_styles(size))
    item.add("north", "picture", (_MAP[0] + _MAP[2] - 20, _MAP[1] + 4, 16, 19), more=_arrow(item.id("map")))
    item.scale_bar("scale", (_MAP[0] + 4, _MAP[1] + _MAP[3] - 18, 90, 14), denominator)
    notes = [f"比例尺 1:{denominator:,}", *map(inert, caption.notes)]
    item.label("notes", "  ".join(notes), (10, 283, 400, 8), size=9, colour="#444444")
    return made


def fitted(box: tuple[float, float, float, float]) -> tuple[int, dict[str, float]]:
    """The round scale at which a box (metres) fits the map's frame, and the extent that the frame then shows."""
    west, south, east, north = box
    width, height = _MAP[2] / 1000, _MAP[3] / 1000
    least = max((east - west) * 1.03 / width, (north - south) * 1.03 / height, 100.0)
    power = 10.0 ** math.floor(math.log10(least))
    scale = next(step * power for step in _STEPS if step * power >= least * (1 - 1e-12))
    x, y = (west + east) / 2, (south + north) / 2
    half_width, half_height = width * scale / 2, height * scale / 2
    return round(scale), {
        "xmin": x - half_width, "ymin": y - half_height, "xmax": x + half_width, "ymax": y + half_height,
    }  # fmt: skip


class _Items:
    """Items of one layout, each above those before it; ids are made from names, so that equal input gives equal bytes."""

    def __init__(self, parent: ET.Element, name: str) -> None:
        self.parent, self.name, self.above = parent, name, 0

    def id(self, name: str) -> str:
        """The id of an item."""
        return "{" + str(uuid.uuid5(_SPACE, f"{self.name}/{name}")) + "}"

    def add(
        self, name: str, kind: str, box: tuple[float, ...], *, frame: bool = False, more: Mapping[str, str] | None = None,
        parent: ET.Element | None = None,
    ) -> ET.Element:  # fmt: skip
        """An item in a box (west edge, upper edge, width, height in mm)."""
        x, y, width, height = box
        made = ET.Element("LayoutItem", {
            "type": _KINDS[kind], "uuid": self.id(name), "templateUuid": self.id(name), "id": name, "position": f"{x:g},{y:g},mm",
            "positionOnPage": f"{x:g},{y:g},mm", "size": f"{width:g},{height:g},mm", "zValue": str(self.above), "frame": str(frame).lower(),
            "outlineWidthM": "0.3,mm", "background": str(kind in ("page", "map")).lower(), "referencePoint": "0", "opacity": "1", "visibility": "1",
            **(more or {}),
        })  # fmt: skip
        ET.SubElement(made, "FrameColor", red="40", green="40", blue="40", alpha="255")
        ET.SubElement(made, "BackgroundColor", red="255", green="255", blue="255", alpha="255")
        (self.parent if parent is None else parent).append(made)
        self.above += 1
        return made

    def label(
        self, name: str, text: str, box: tuple[float, ...], *, size: int, bold: bool = False, frame: bool = False, colour: str = "#111111",
    ) -> None:  # fmt: skip
        """Words, in the middle of their box's height."""
        made = self.add(
            name, "label", box, frame=frame,
            more={"labelText": text, "htmlState": "0", "halign": "4" if frame else "1", "valign": "128", "marginX": "1", "marginY": "0"},
        )  # fmt: skip
        ET.SubElement(made, "LabelFont", description=_font(size, bold=bold), style="")
        red, green, blue = map(str, channels(colour))
        ET.SubElement(made, "FontColor", red=red, green=green, blue=blue, alpha="255")

    def scale_bar(self, name: str, box: tuple[float, ...], denominator: int) -> None:
        """A bar of two round parts, together about a fifth of the map's width."""
        part = round_below(_MAP[2] / 1000 * denominator / 10)
        unit = 1000.0 if part >= 1000 else 1.0
        made = self.add(
            name, "scale", box,
            more={
                "style": "Single Box", "numSegments": "2", "numSegmentsLeft": "0", "numUnitsPerSegment": f"{part / unit:g}",
                "numMapUnitsPerScaleBarUnit": "1", "unitType": "km" if unit > 1 else "meters", "unitLabel": "km" if unit > 1 else "m",
                "height": "2.4", "labelBarSpace": "1", "boxContentSpace": "1", "segmentSizeMode": "0", "minBarWidth": "50", "maxBarWidth": "150",
                "segmentMillimeters": f"{part / denominator * 1000:.4f}", "alignment": "0", "outlineWidth": "0.3", "mapUuid": self.id("map"),
                "lineJoinStyle": "miter", "lineCapStyle": "square", "background": "true",
            },
        )  # fmt: skip
        style = ET.SubElement(
            made, "text-style", fontFamily=FONTS[0], fontSize="9", fontSizeUnit="Point", textColor="30,30,30,255", fontWeight="50", textOpacity="1",
        )  # fmt: skip
        families = ET.SubElement(style, "families")
        for one in FONTS:
            ET.SubElement(families, "family", name=one)
        for tag, value in (("fillColor", "30"), ("fillColor2", "255"), ("strokeColor", "30")):
            ET.SubElement(made, tag, red=value, green=value, blue=value, alpha="255")


def _map_settings(sheet: Sheet) -> dict[str, str]:
    settings = {
        "keepLayerSet": "false",
        "drawCanvasItems": "true",
        "mapRotation": "0",
        "followPreset": "false",
    }
    return settings | ({"followPreset": "true", "followPresetName": inert(sheet.view)} if sheet.view else {})


def _arrow(map_id: str) -> dict[str, str]:
    """The north arrow, drawn inside the project; it turns to grid north, which is up."""
    picture = base64.b64encode(_ARROW.encode()).decode()
    return {
        "file": f"base64:{picture}",
        "mode": "0",
        "northMode": "0",
        "northOffset": "0",
        "mapUuid": map_id,
        "resizeMode": "0",
    }


def _legend_styles(size: int) -> ET.Element:
    """Lettering of a legend whose rows have letters of a size, and gaps that go with it."""
    made = ET.Element("styles")
    parts = (
        ("title", size + 5, 0.0),
        ("group", size + 2, 3.0),
        ("subgroup", size + 1, 2.5),
        ("symbol", size, 1.2),
        ("symbolLabel", size, 1.5),
    )
    for name, letters, above in parts:
        style = ET.SubElement(
            made, "style", name=name, alignment="1", indent="0", marginTop=f"{above * size / 9:.2f}", marginBottom="2" if name == "title" else "0",
            marginLeft="2" if name == "symbolLabel" else "0",
        )  # fmt: skip
        ET.SubElement(
            style, "styleFont", description=_font(letters, bold=name in ("title", "group")), style=""
        )
    return made


def _font(size: int, *, bold: bool = False) -> str:
    return f"{FONTS[0]},{size},-1,5,{75 if bold else 50},0,0,0,0,0"

"""What QGIS knows of one layer: classes with symbols, labels, Chinese names of the columns."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from zoneplan.render.labels import ALONG
from zoneplan.render.qgis.symbols import MM_PER_PIXEL, rgba, symbol_element
from zoneplan.render.style import Text
from zoneplan.render.themes import Theme

VERSION = "3.22.0"
FONTS = ("Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", "SimHei")
"""The first that the machine has."""
ALIASES = {
    "parcel_id": "地块编号", "overall": "总结论", "area_m2": "面积 m²", "line": "控制线", "state": "状态", "verdict": "结论",
    "overlap_area_m2": "占用面积 m²", "id": "编号", "name": "名称", "name_en": "英文名称", "kind": "类别", "role": "定位",
    "citation": "出处", "summary": "说明", "accuracy": "精度", "accuracy_m": "精度 m", "source": "来源", "component": "构成",
    "length_m": "长度 m", "label": "图斑编号", "code": "地类代码",
}  # fmt: skip
_POINTS_PER_PIXEL = 0.75
_LONGEST = 12  # characters of a label
_NUMBERS = {"point": "0", "line": "1", "polygon": "2"}


def qml(theme: Theme) -> str:
    """A style that QGIS loads for a layer."""
    root = ET.Element(
        "qgis", version=VERSION, styleCategories="Symbology|Labeling|Fields", labelsEnabled=labels_on(theme)
    )
    root.extend(appearance(theme))
    ET.SubElement(root, "layerGeometryType").text = _NUMBERS[theme.family]
    text = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}"  # fmt: skip


def labels_on(theme: Theme) -> str:
    """Whether labels are shown, as QGIS writes it."""
    return "1" if theme.layer.label else "0"


def appearance(theme: Theme) -> list[ET.Element]:
    """Renderer, labels and aliases, as a style and a project both have them."""
    return [_renderer(theme), _labels(theme), _aliases(theme)]


def _renderer(theme: Theme) -> ET.Element:
    made = ET.Element(
        "renderer-v2",
        type="categorizedSymbol",
        attr=theme.field,
        symbollevels="0",
        forceraster="0",
        enableorderby="0",
    )
    categories, symbols = ET.SubElement(made, "categories"), ET.SubElement(made, "symbols")
    for number, sign in enumerate(theme.signs):
        ET.SubElement(
            categories,
            "category",
            symbol=str(number),
            value=sign.value,
            label=sign.words,
            render="true",
            type="string",
        )
        symbols.append(symbol_element(sign, theme.family, str(number)))
    return made


def _labels(theme: Theme) -> ET.Element:
    """Labels with a halo: along bands and lines, level elsewhere; long names up to their first separator."""
    text = theme.layer.text
    made = ET.Element("labeling", type="simple")
    settings = ET.SubElement(made, "settings", calloutType="simple")
    name = f'"{theme.label}"'
    short = f"if(length({name}) <= {_LONGEST}, {name}, trim(regexp_replace({name}, '[(、].*$', '')))"
    settings.append(_text_style(text, {"fieldName": short, "isExpression": "1"}))
    placement, offset = (
        ("2", "0") if theme.family == "line" else ("5", "0") if theme.key in ALONG else ("4", "0")
    )
    if theme.family == "point":
        placement, offset = "6", "0.8"
    ET.SubElement(
        settings,
        "placement",
        placement=placement,
        placementFlags="9",
        dist=offset,
        distUnits="MM",
        offsetType="1",
        priority="5",
    )
    ET.SubElement(
        settings, "rendering", drawLabels=labels_on(theme), obstacle="0", scaleVisibility="0", mergeLines="1"
    )
    return made


def _text_style(text: Text, more: dict[str, str]) -> ET.Element:
    made = ET.Element(
        "text-style", more, fontFamily=FONTS[0], fontSize=f"{text.size * _POINTS_PER_PIXEL:g}", fontSizeUnit="Point", textColor=rgba(text.colour),
        fontWeight="75" if text.bold else "50", fontItalic="1" if text.italic else "0", textOpacity="1", namedStyle="Bold" if text.bold else "",
    )  # fmt: skip
    families = ET.SubElement(made, "families")
    for one in FONTS:
        ET.SubElement(families, "family", name=one)
    ET.SubElement(
        made, "text-buffer", bufferDraw="1", bufferSize=f"{3 * MM_PER_PIXEL:.2f}", bufferSizeUnits="MM", bufferColor=rgba(text.halo),
        bufferOpacity="1", bufferJoinStyle="128", bufferNoFill="1",
    )  # fmt: skip
    return made


def _aliases(theme: Theme) -> ET.Element:
    made = ET.Element("aliases")
    for number, column in enumerate(theme.columns):
        ET.SubElement(made, "alias", index=str(number), field=column, name=ALIASES.get(column, ""))
    return made

"""Layers and verdicts as what a map draws: features with a title, rows of words and a style.

Nothing is computed here but places for labels; words stay words until the page makes text of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.layers import REFERENCE, LayerSet, line_key
from zoneplan.render.style import Style, Symbol
from zoneplan.units import PLACES, round_half_up, to_unit

if TYPE_CHECKING:
    from zoneplan.conflicts import CheckResult

DECIMALS = 6  # of a degree: a tenth of a metre
ACCURACY = {
    "surveyed": ("实测", "surveyed"),
    "derived": ("推得", "derived"),
    "schematic": ("示意", "schematic"),
}
VERDICTS = {
    "prohibited": ("禁止", "prohibited"),
    "undetermined": ("待定", "undetermined"),
    "restricted": ("限制", "restricted"),
    "permitted": ("允许", "permitted"),
}
STATES = {
    "hit": ("占用", "hit"),
    "sliver": ("图形误差待核", "sliver"),
    "touch": ("相接", "touch"),
    "clear": ("不涉及", "clear"),
    "no_data": ("无数据", "no data"),
}


@dataclass
class Drawing:
    """One layer of the map.

    ``features`` and ``labels`` are GeoJSON features in CGCS2000 degrees; ``legend`` rows are
    (words, symbol, symbol's name, area or count as text); ``element`` is the layer's name on the page.
    """

    key: str
    name: str
    group: str
    show: bool
    features: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    legend: list[tuple[str, Symbol, str, str]] = field(default_factory=list)
    element: str = ""


def drawings(layers: LayerSet, result: CheckResult | None, style: Style, lang: str) -> list[Drawing]:
    """Every layer of the map, in drawing order."""
    made = {
        drawing.key: drawing
        for drawing in (
            *_elements(layers, style, lang),
            *_base(layers, style, lang),
            *(_conflicts(result, style, lang) if result else ()),
        )
    }
    order = list(style.layers)
    return sorted(made.values(), key=lambda drawing: order.index(drawing.key.split(":")[0]))


def area_text(area_m2: float) -> str:
    """Hectares as the area tables print them."""
    return f"{round_half_up(to_unit(area_m2, 'ha'), PLACES['ha']):,.{PLACES['ha']}f} ha"


def _elements(layers: LayerSet, style: Style, lang: str) -> Iterator[Drawing]:
    pick = 0 if lang == "zh" else 1
    for kind, frame in layers.elements.items():
        if kind not in style.layers:
            continue
        layer = style.layers[kind]
        degrees = frame.to_crs("EPSG:4490")
        own = kind == "control_line"  # each control line is switched on its own
        shared = Drawing(kind, (layer.zh, layer.en)[pick], layer.group, layer.show)
        for index, (_, row) in enumerate(degrees.iterrows()):
            name = row["name"] if pick == 0 else row["name_en"] or row["name"]
            drawing = Drawing(f"{kind}:{row['id']}", name, layer.group, layer.show) if own else shared
            symbol_name = line_key(row["id"]) if line_key(row["id"]) in style.symbols else kind
            symbol = style.symbol(symbol_name, kind, index=index)
            drawing.features.append(
                _feature(row.geometry, name, _element_rows(row, lang), symbol, symbol_name)
            )
            if layer.label:
                drawing.labels.append(_label(row.geometry, _short(name), kind))
            drawing.legend.append((name, symbol, symbol_name, area_text(row["area_m2"])))
            if own:
                yield drawing
        if not own:
            yield shared


def _base(layers: LayerSet, style: Style, lang: str) -> Iterator[Drawing]:
    pick = 0 if lang == "zh" else 1
    frame = layers[REFERENCE].to_crs("EPSG:4490")
    zone = frame.geometry[frame["kind"] == "zone"].iloc[0]
    classes = [
        style.reference.get(kind, _by_family(shape))
        for kind, shape in zip(frame["kind"], frame.geometry, strict=True)
    ]
    for key in dict.fromkeys(classes):
        layer = style.layers[key]
        drawing = Drawing(key, (layer.zh, layer.en)[pick], layer.group, layer.show)
        for _, row in frame[[name == key for name in classes]].iterrows():
            symbol_name = row["kind"] if row["kind"] in style.symbols else key
            symbol = style.symbol(symbol_name, key)
            if shapely.get_dimensions(row.geometry) == 1:
                symbol = symbol.model_copy(update={"fill": None})
            drawing.features.append(
                _feature(row.geometry, row["name"], _element_rows(row, lang), symbol, symbol_name)
            )
            if layer.label:
                inside = row.geometry.intersection(zone)
                drawing.labels.append(_label(row.geometry if inside.is_empty else inside, row["name"], key))
        drawing.legend.append((drawing.name, style.symbol(key), key, ""))
        yield drawing


def _conflicts(result: CheckResult, style: Style, lang: str) -> Iterator[Drawing]:
    pick = 0 if lang == "zh" else 1
    parcels, lines = result.parcels.to_crs("EPSG:4490"), _rows_by_parcel(result.table, lang)
    from zoneplan.overrides import override_of

    marked: dict[str, list[list[str]]] = {}
    for (parcel_id, line), one in override_of(result).items():
        text = f"{line} · {one['name']} {one['date']} · {one['reason']}"
        marked.setdefault(parcel_id, []).append([_say("人工认定不适用", "marked not applicable", lang), text])
    layer = style.layers["parcels"]
    drawing = Drawing("parcels", (layer.zh, layer.en)[pick], layer.group, layer.show)
    for _, row in parcels.iterrows():
        if row.geometry is None or row.geometry.is_empty:
            continue
        symbol = style.symbol(row["overall"]).model_copy(update={"hatch": None})
        rows = [
            [_say("结论", "verdict", lang), VERDICTS[row["overall"]][pick]],
            *lines.get(row["parcel_id"], []),
            *marked.get(row["parcel_id"], []),
        ]
        drawing.features.append(
            _feature(row.geometry, row["parcel_id"], rows, symbol, f"parcel-{row['overall']}")
        )
    counts = parcels["overall"].value_counts()
    for verdict, words in VERDICTS.items():
        if verdict in counts:
            drawing.legend.append((words[pick], style.symbol(verdict), verdict, str(counts[verdict])))
    yield drawing
    layer = style.layers["pieces"]
    pieces = Drawing("pieces", (layer.zh, layer.en)[pick], layer.group, layer.show)
    shown = result.pieces.to_crs("EPSG:4490")
    for _, row in shown[shown["verdict"] != "permitted"].iterrows():
        rows = [
            [_say("控制线", "line", lang), row["line"]],
            [_say("状态", "state", lang), STATES[row["state"]][pick]],
            [
                _say("占用面积", "overlap", lang),
                f"{round_half_up(row['overlap_area_m2'], PLACES['m2']):,.2f} m²",
            ],
            [_say("结论", "verdict", lang), VERDICTS[row["verdict"]][pick]],
        ]
        pieces.features.append(
            _feature(row.geometry, row["parcel_id"], rows, style.symbol(row["verdict"]), row["verdict"])
        )
    yield pieces


def _rows_by_parcel(table: pd.DataFrame, lang: str) -> dict[str, list[list[str]]]:
    """What was found on each line, for the popup of a parcel."""
    pick = 0 if lang == "zh" else 1
    found: dict[str, list[list[str]]] = {}
    for row in table.to_dict("records"):
        words = f"{STATES[row['state']][pick]} · {VERDICTS[row['verdict']][pick]}"
        if row["overlap_area_m2"] > 0:
            words += f" · {round_half_up(row['overlap_area_m2'], PLACES['m2']):,.2f} m²"
        if row["legal_basis"]:
            words += f" · {row['legal_basis']}" + (
                "" if row["verified"] == "yes" else _say("(未核)", " (unverified)", lang)
            )
        found.setdefault(row["parcel_id"], []).append([row["line"], words])
    return found


def _element_rows(row: pd.Series, lang: str) -> list[list[str]]:
    """Name, role, area, citation, summary, accuracy and source of an element or base feature."""
    metres = "" if pd.isna(row["accuracy_m"]) else f" ±{row['accuracy_m']:g} m"
    area = (
        ""
        if pd.isna(row["area_m2"])
        else f"{area_text(row['area_m2'])} · {round_half_up(to_unit(row['area_m2'], 'mu'), PLACES['mu']):,.4f} 亩"
    )
    rows = [
        (_say("角色", "role", lang), row["role"]),
        (_say("面积", "area", lang), area),
        (_say("出处", "citation", lang), row["citation"]),
        (_say("说明", "summary", lang), row["summary"]),
        (_say("精度", "accuracy", lang), ACCURACY[row["accuracy"]][0 if lang == "zh" else 1] + metres),
        (_say("来源", "source", lang), row["source"]),
        (_say("英文名", "Chinese name", lang), row["name_en"] if lang == "zh" else row["name"]),
    ]
    return [[head, str(words)] for head, words in rows if words]


def _say(zh: str, en: str, lang: str) -> str:
    return zh if lang == "zh" else en


def _feature(
    shape: BaseGeometry, title: str, rows: list[list[str]], symbol: Symbol, symbol_name: str
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "title": str(title),
            "rows": rows,
            "weight": symbol.weight,
            "style": path_style(symbol, symbol_name),
        },
        "geometry": _geometry(shape),
    }


def path_style(symbol: Symbol, name: str) -> dict[str, Any]:
    """A symbol as Leaflet path options; a hatch is a class that the page's style sheet fills."""
    style: dict[str, Any] = {"color": symbol.line, "weight": symbol.weight, "fill": symbol.fill is not None}
    if symbol.fill:
        style |= {"fillColor": symbol.fill, "fillOpacity": symbol.opacity}
    if symbol.dash:
        style["dashArray"] = symbol.dash
    if symbol.hatch:
        style["className"] = f"zp-hatch-{symbol.hatch} zp-hatch-{name}"
    return style


def _label(shape: BaseGeometry, text: str, layer: str) -> dict[str, Any]:
    """A label inside the largest part of an area, or half-way along the longest part of a line."""
    part = max(shapely.get_parts(shape), key=lambda p: (p.area, p.length))
    line = shapely.get_dimensions(part) == 1
    point = part.interpolate(0.5, normalized=True) if line else shapely.point_on_surface(part)
    return {"type": "Feature", "properties": {"text": text, "layer": layer}, "geometry": _geometry(point)}


def _short(name: str) -> str:
    """A name short enough for the map: what stands before the first separator, and its last word."""
    return name if len(name) <= 12 else name.split("(")[0].split("、")[0].strip()


def _geometry(shape: BaseGeometry) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda xy: np.round(xy, DECIMALS))
    found: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return found


def _by_family(shape: BaseGeometry) -> str:
    return ("places", "roads", "places")[shapely.get_dimensions(shape)]


def bounds(layers: LayerSet) -> list[list[float]]:
    """[[south, west], [north, east]] of the zone in degrees."""
    west, south, east, north = gpd.GeoSeries([layers.zone], crs=layers.crs).to_crs("EPSG:4490").total_bounds
    return [
        [round(float(south), DECIMALS), round(float(west), DECIMALS)],
        [round(float(north), DECIMALS), round(float(east), DECIMALS)],
    ]

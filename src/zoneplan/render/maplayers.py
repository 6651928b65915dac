"""Every layer of a map: those of the plan and its base features, and with a check the parcels and what they take.

Nothing is computed here but places for labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.layers import LINES, REFERENCE, LayerSet, line_key
from zoneplan.render.arrows import arrowed
from zoneplan.render.labels import label_places
from zoneplan.render.mapconflicts import conflict_drawings
from zoneplan.render.mapdata import ACCURACY, BETWEEN, CRS, Drawing, Feature, Label, area_text, mu_text
from zoneplan.render.rings import ringed
from zoneplan.render.style import Layer, Style, Symbol

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult


def drawings(layers: LayerSet, result: CheckResult | None, style: Style, lang: str) -> list[Drawing]:
    """Every layer of the map, in drawing order."""
    made = {
        drawing.key: drawing
        for drawing in (
            *_elements(layers, style, lang),
            *(() if layers.plan_id == LINES else _base(layers, style, lang)),
            *(conflict_drawings(result, _line_names(layers, lang), style, lang) if result else ()),
        )
    }
    order = list(style.layers)
    return sorted(made.values(), key=lambda drawing: order.index(drawing.layer))


def check_first(drawn: list[Drawing], style: Style) -> list[Drawing]:
    """The same, what a parcel check is about shown at first."""
    for drawing in drawn if style.checked else ():
        drawing.show = drawing.layer in style.checked
    return drawn


def _elements(layers: LayerSet, style: Style, lang: str) -> Iterator[Drawing]:
    pick = 0 if lang == "zh" else 1
    for kind, frame in layers.elements.items():
        if kind not in style.layers:
            continue
        layer = style.layers[kind]
        degrees = _signs(frame, layer).to_crs(CRS)
        plain = frame.geometry.to_crs(CRS)
        own = kind == "control_line"  # each control line is switched on its own
        shared = Drawing(kind, (layer.zh, layer.en)[pick], layer.group, layer.show)
        for index, ((_, row), shape) in enumerate(zip(degrees.iterrows(), plain, strict=True)):
            name = row["name"] if pick == 0 else row["name_en"] or row["name"]
            drawing = Drawing(f"{kind}:{row['id']}", name, layer.group, layer.show) if own else shared
            symbol_name = line_key(row["id"]) if line_key(row["id"]) in style.symbols else kind
            symbol = style.symbol(symbol_name, kind, index=index)
            drawing.features.append(
                Feature(
                    row.geometry,
                    name,
                    _element_rows(row, pick),
                    symbol,
                    symbol_name,
                    row["id"],
                    row["area_m2"],
                )
            )
            if layer.label:
                drawing.labels.append(_label(shape, _short(name), kind))
            drawing.legend.append((name, symbol, symbol_name, area_text(row["area_m2"])))
            if own:
                yield drawing
        if not own:
            yield shared


def _base(layers: LayerSet, style: Style, lang: str) -> Iterator[Drawing]:
    pick = 0 if lang == "zh" else 1
    frame = layers[REFERENCE].to_crs(CRS)
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
                Feature(row.geometry, row["name"], _element_rows(row, pick), symbol, symbol_name)
            )
            if layer.label:
                inside = row.geometry.intersection(zone)
                drawing.labels.append(_label(row.geometry if inside.is_empty else inside, row["name"], key))
        drawing.legend.extend(
            _base_legend(drawing, frame["kind"][[name == key for name in classes]], style, pick)
        )
        yield drawing


def _base_legend(
    drawing: Drawing, kinds: pd.Series, style: Style, pick: int
) -> list[tuple[str, Symbol, str, str]]:
    """A row per symbol that is drawn, with the names of the kinds that bear it."""
    rows: dict[tuple[str, bool], tuple[Symbol, dict[str, None]]] = {}
    for kind, feature in zip(kinds, drawing.features, strict=True):
        key = (feature.symbol_name, feature.symbol.fill is None)
        words = style.kinds.get(kind)
        rows.setdefault(key, (feature.symbol, {}))[1][
            (words.zh, words.en)[pick] if words else drawing.name
        ] = None
    if len(rows) == 1:
        return [(drawing.name, symbol, name, "") for (name, _), (symbol, _) in rows.items()]
    return [((("、", ", ")[pick]).join(said), symbol, name, "") for (name, _), (symbol, said) in rows.items()]


def _signs(frame: gpd.GeoDataFrame, layer: Layer) -> gpd.GeoDataFrame:
    """The frame as it is drawn: bands with heads, cores with rings."""
    for asked, sign in ((layer.arrows, arrowed), (layer.rings, ringed)):
        if asked:
            frame = frame.set_geometry(frame.geometry.map(sign))
    return frame


def _line_names(layers: LayerSet, lang: str) -> dict[str, str]:
    """Names of the plan's control lines, by key; that outside of a line too."""
    pick, found = 0 if lang == "zh" else 1, dict[str, str]()
    for row in layers["control_line"].to_dict("records") if "control_line" in layers else ():
        key, name = line_key(row["id"]), (row["name"], row["name_en"] or row["name"])[pick]
        found |= {key: name, f"{key}:outside": name + ("以外", ", outside")[pick]}
    return found


def _element_rows(row: pd.Series, pick: int) -> list[list[str]]:
    """Name, role, area, citation, summary, accuracy and source of an element or base feature."""
    metres = "" if pd.isna(row["accuracy_m"]) else f" ±{row['accuracy_m']:g} m"
    area = "" if pd.isna(row["area_m2"]) else f"{area_text(row['area_m2'])}{BETWEEN}{mu_text(row['area_m2'])}"
    rows = [
        (("角色", "role")[pick], row["role"]),
        (("面积", "area")[pick], area),
        (("出处", "citation")[pick], row["citation"]),
        (("说明", "summary")[pick], row["summary"]),
        (("精度", "accuracy")[pick], ACCURACY[row["accuracy"]][pick] + metres),
        (("来源", "source")[pick], row["source"]),
        (("英文名", "Chinese name")[pick], (row["name_en"], row["name"])[pick]),
    ]
    return [[head, str(words)] for head, words in rows if words]


def _label(shape: BaseGeometry, text: str, layer: str) -> Label:
    (point, turn), *others = label_places(shape, layer)
    return Label(point, text, layer, turn, tuple(others))


def _short(name: str) -> str:
    """A name short enough for the map: what stands before the first separator, and its last word."""
    return name if len(name) <= 12 else name.split("(")[0].split("、")[0].strip()


def _by_family(shape: BaseGeometry) -> str:
    return ("places", "roads", "places")[shapely.get_dimensions(shape)]

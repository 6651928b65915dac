"""Layers and verdicts as what a map draws: features with a title, rows of words and a style.

Nothing is computed here but places for labels; words stay words until the page makes text of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.check.rules import STRICTEST_FIRST
from zoneplan.layers import LINES, REFERENCE, LayerSet, line_key
from zoneplan.render.arrows import arrowed
from zoneplan.render.labels import label_places
from zoneplan.render.rings import ringed
from zoneplan.render.style import Layer, Style, Symbol
from zoneplan.units import PLACES, round_half_up, to_unit

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult

CRS = "EPSG:4490"
BETWEEN = " · "  # phrases in one cell
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


@dataclass(slots=True)
class Feature:
    """One thing that is drawn, in CGCS2000 degrees, with the words of its popup; `id` is that of a plan element."""

    shape: BaseGeometry
    title: str
    rows: list[list[str]]
    symbol: Symbol
    symbol_name: str
    id: str = ""
    area_m2: float | None = None


@dataclass(slots=True)
class Label:
    """Words at a point; along a line turned clockwise by `turn` degrees. `others` are further (point, turn), the best first."""

    shape: BaseGeometry
    text: str
    layer: str
    turn: int = 0
    others: tuple[tuple[BaseGeometry, int], ...] = ()


@dataclass
class Drawing:
    """One layer of the map.

    ``features`` are drawn in their order; ``legend`` rows are
    (words, symbol, symbol's name, area or count as text); ``element`` is the layer's name on the page.
    """

    key: str
    name: str
    group: str
    show: bool
    features: list[Feature] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    legend: list[tuple[str, Symbol, str, str]] = field(default_factory=list)
    element: str = ""

    @property
    def layer(self) -> str:
        """The layer of the style document that it belongs to: a control line is a drawing of its own."""
        return self.key.split(":")[0]


def drawings(layers: LayerSet, result: CheckResult | None, style: Style, lang: str) -> list[Drawing]:
    """Every layer of the map, in drawing order."""
    made = {
        drawing.key: drawing
        for drawing in (
            *_elements(layers, style, lang),
            *(() if layers.plan_id == LINES else _base(layers, style, lang)),
            *(_conflicts(result, _line_names(layers, lang), style, lang) if result else ()),
        )
    }
    order = list(style.layers)
    return sorted(made.values(), key=lambda drawing: order.index(drawing.layer))


def check_first(drawn: list[Drawing], style: Style) -> list[Drawing]:
    """The same, what a parcel check is about shown at first."""
    for drawing in drawn if style.checked else ():
        drawing.show = drawing.layer in style.checked
    return drawn


def area_text(area_m2: float) -> str:
    """Hectares as the area tables print them."""
    return f"{round_half_up(to_unit(area_m2, 'ha'), PLACES['ha']):,.{PLACES['ha']}f} ha"


def mu_text(area_m2: float) -> str:
    """The same in 亩."""
    return f"{round_half_up(to_unit(area_m2, 'mu'), PLACES['mu']):,.{PLACES['mu']}f} 亩"


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
                    _element_rows(row, lang),
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
                Feature(row.geometry, row["name"], _element_rows(row, lang), symbol, symbol_name)
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
    found: dict[str, str] = {}
    for row in layers["control_line"].to_dict("records") if "control_line" in layers else ():
        key, name = line_key(row["id"]), row["name"] if lang == "zh" else row["name_en"] or row["name"]
        found |= {key: name, f"{key}:outside": name + _say("以外", ", outside", lang)}
    return found


def _conflicts(result: CheckResult, names: Mapping[str, str], style: Style, lang: str) -> Iterator[Drawing]:
    yield _parcels(result, names, style, lang)
    yield _pieces(result, names, style, lang)


def _parcels(result: CheckResult, names: Mapping[str, str], style: Style, lang: str) -> Drawing:
    """The parcels, the strictest verdict on top."""
    pick = 0 if lang == "zh" else 1
    layer = style.layers["parcels"]
    drawing = Drawing("parcels", (layer.zh, layer.en)[pick], layer.group, layer.show)
    parcels, lines = result.parcels.to_crs(CRS), _rows_by_parcel(result.table, names, lang)
    for name, marks in _marks(result, names, lang).items():
        lines.setdefault(name, []).extend(marks)
    parcels = parcels[~(parcels.geometry.isna() | parcels.geometry.is_empty)]
    plain = {verdict: style.symbol(verdict).model_copy(update={"hatch": None}) for verdict in STRICTEST_FIRST}
    for verdict in reversed(STRICTEST_FIRST):
        found = parcels[parcels["overall"] == verdict]
        head = [_say("结论", "verdict", lang), VERDICTS[verdict][pick]]
        drawing.features.extend(
            Feature(shape, str(name), [head, *lines.get(name, [])], plain[verdict], f"parcel-{verdict}")
            for name, shape in zip(found["parcel_id"], found.geometry, strict=True)
        )
    counts = parcels["overall"].value_counts()
    for verdict, words in VERDICTS.items():
        if verdict in counts:
            drawing.legend.append((words[pick], style.symbol(verdict), verdict, str(counts[verdict])))
    return drawing


def _marks(result: CheckResult, names: Mapping[str, str], lang: str) -> dict[str, list[list[str]]]:
    """What an officer marked as not applicable, by parcel."""
    from zoneplan.check.overrides import override_of

    found: dict[str, list[list[str]]] = {}
    for (parcel_id, line), one in override_of(result).items():
        text = BETWEEN.join((names.get(line, line), f"{one['name']} {one['date']}", one["reason"]))
        found.setdefault(parcel_id, []).append([_say("人工认定不适用", "marked not applicable", lang), text])
    return found


def _pieces(result: CheckResult, names: Mapping[str, str], style: Style, lang: str) -> Drawing:
    """What is taken of the control lines, the strictest verdict on top."""
    pick = 0 if lang == "zh" else 1
    layer = style.layers["pieces"]
    drawing = Drawing("pieces", (layer.zh, layer.en)[pick], layer.group, layer.show)
    pieces = result.pieces.to_crs(CRS)
    pieces = pieces[~(pieces.geometry.isna() | pieces.geometry.is_empty)]
    for verdict in reversed(STRICTEST_FIRST):
        if verdict == "permitted":
            continue
        symbol = style.symbol(verdict)
        for row in pieces[pieces["verdict"] == verdict].to_dict("records"):
            area = f"{round_half_up(row['overlap_area_m2'], PLACES['m2']):,.2f} m²"
            rows = [
                [_say("控制线", "line", lang), names.get(row["line"], str(row["line"]))],
                [_say("状态", "state", lang), STATES[row["state"]][pick]],
                [_say("占用面积", "overlap", lang), area],
                [_say("结论", "verdict", lang), VERDICTS[verdict][pick]],
            ]
            drawing.features.append(Feature(row["geometry"], str(row["parcel_id"]), rows, symbol, verdict))
    return drawing


def _rows_by_parcel(table: pd.DataFrame, names: Mapping[str, str], lang: str) -> dict[str, list[list[str]]]:
    """What was found on each line, for the popup of a parcel."""
    pick = 0 if lang == "zh" else 1
    found: dict[str, list[list[str]]] = {}
    columns = ("parcel_id", "line", "state", "verdict", "overlap_area_m2", "legal_basis", "verified")
    for parcel, line, state, verdict, area, basis, verified in zip(
        *(table[name].to_list() for name in columns), strict=True
    ):
        words = [STATES[state][pick], VERDICTS[verdict][pick]]
        if area > 0:
            words.append(f"{round_half_up(area, PLACES['m2']):,.2f} m²")
        if basis:
            words.append(basis + ("" if verified == "yes" else _say("(未核)", " (unverified)", lang)))
        found.setdefault(parcel, []).append([names.get(line, line), BETWEEN.join(words)])
    return found


def _element_rows(row: pd.Series, lang: str) -> list[list[str]]:
    """Name, role, area, citation, summary, accuracy and source of an element or base feature."""
    metres = "" if pd.isna(row["accuracy_m"]) else f" ±{row['accuracy_m']:g} m"
    area = "" if pd.isna(row["area_m2"]) else f"{area_text(row['area_m2'])}{BETWEEN}{mu_text(row['area_m2'])}"
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


def _label(shape: BaseGeometry, text: str, layer: str) -> Label:
    (point, turn), *others = label_places(shape, layer)
    return Label(point, text, layer, turn, tuple(others))


def _short(name: str) -> str:
    """A name short enough for the map: what stands before the first separator, and its last word."""
    return name if len(name) <= 12 else name.split("(")[0].split("、")[0].strip()


def _by_family(shape: BaseGeometry) -> str:
    return ("places", "roads", "places")[shapely.get_dimensions(shape)]

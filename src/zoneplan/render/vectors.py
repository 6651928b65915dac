"""A drawing's features as layers on the page: GeoJSON, or vector tiles where there are very many polygons.

Words of features never pass through a template: they reach the page as kept JSON (`OfflineMap.keep`).
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template
from shapely.geometry.base import BaseGeometry

from zoneplan.io.tiles import DEEPEST, LAYER, tile_archive
from zoneplan.render.legend import STROKES
from zoneplan.render.mapdata import BETWEEN, CRS, DECIMALS, Drawing, Feature, Label
from zoneplan.render.style import Symbol

MANY = 10_000
"""With more polygons a drawing becomes vector tiles."""
_MARKUP = {
    char: f"\\u{ord(char):04x}" for char in "<>&'\u2028\u2029"
}  # no tag can end or begin inside a script


class Vector(Layer):
    """GeoJSON features whose words and styles are in their properties; `data` and `head` (key, name) are kept tokens."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = zoneplan.vector({{ this.data }}, {{ this.position }}, "
        "{{ this.head }}, {{ this._parent.get_name() }}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, data: str, position: int, head: str) -> None:
        super().__init__(control=False)
        self._name = "Vector"
        self.data = data
        self.head = head
        self.position = position


class Labels(Layer):
    """Words on the map, at points; `data` is a kept token."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = zoneplan.labels.layer({{ this.data }}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, data: str) -> None:
        super().__init__(control=False)
        self._name = "Labels"
        self.data = data


class Tiles(JSCSSMixin, Layer):
    """Polygons in an archive of vector tiles; their words are in a table beside it. `data` and `head` are kept tokens."""

    default_js = [("pmtiles", "pmtiles.js"), ("protomaps", "protomaps-leaflet.js")]  # noqa: RUF012 - folium's own form
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = zoneplan.tiles({{ this.data }}, {{ this.position }}, "
        "{{ this.head }}, {{ this._parent.get_name() }}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, data: str, position: int, head: str) -> None:
        super().__init__(control=False)
        self._name = "Tiles"
        self.data = data
        self.head = head
        self.position = position


def is_tiled(drawing: Drawing) -> bool:
    """Whether the drawing has too many polygons for GeoJSON."""
    shapes = np.array([feature.shape for feature in drawing.features], dtype=object)
    return bool(
        len(shapes)
        and (shapely.get_dimensions(shapes) == 2).all()
        and shapely.get_num_geometries(shapes).sum() > MANY
    )


def vectors(
    drawing: Drawing, position: int, keep: Callable[[str], str], *, twin: bool = False
) -> list[Layer]:
    """The layers of a drawing; of layers that overlap, the one with the higher `position` lies on top.

    Features of a `twin` are not listed: they stand in the list of the first map.
    """
    head = keep(script_json({"key": drawing.key, "name": drawing.name, **({"twin": True} if twin else {})}))
    made: list[Layer] = (
        [Tiles(keep(script_json(_tiled(drawing.features))), position, head)]
        if is_tiled(drawing)
        else [Vector(keep(script_json(_collection(map(_feature, drawing.features)))), position, head)]
    )
    if drawing.labels:
        made.append(Labels(keep(script_json([_label(label) for label in drawing.labels]))))
    return made


def script_json(found: Any) -> str:
    """JSON that can stand in a script."""
    text = json.dumps(found, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    for (
        char,
        escaped,
    ) in _MARKUP.items():  # much sooner than str.translate, and most maps have millions of characters
        text = text.replace(char, escaped)
    return text


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


def _collection(features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(feature: Feature) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "title": feature.title,
            "rows": feature.rows,
            "style": path_style(feature.symbol, feature.symbol_name),
        },
        "geometry": _geometry(feature.shape),
    }


def _label(label: Label) -> dict[str, Any]:
    """Words and their places [latitude, longitude, turn], the best first."""
    places = [(label.shape, label.turn), *label.others]
    return {
        "text": label.text,
        "layer": label.layer,
        "places": [
            [round(float(shapely.get_y(at)), DECIMALS), round(float(shapely.get_x(at)), DECIMALS), turn]
            for at, turn in places
        ],
    }


def _geometry(shape: BaseGeometry) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda xy: np.round(xy, DECIMALS))
    found: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return found


def _tiled(features: Sequence[Feature]) -> dict[str, Any]:
    """Archive, symbols and the deflated table of words."""
    names = list(dict.fromkeys(feature.symbol_name for feature in features))
    kinds = {feature.symbol_name: feature.symbol for feature in features}
    numbers = [names.index(feature.symbol_name) for feature in features]
    shapes = gpd.GeoSeries([feature.shape for feature in features], crs=CRS)
    archive, coarsest = tile_archive(shapes, numbers)
    table = json.dumps(_table(features, numbers, shapes), separators=(",", ":"), ensure_ascii=False)
    return {
        "layer": LAYER,
        "coarsest": coarsest,
        "deepest": DEEPEST,
        "symbols": [_canvas_style(kinds[name]) for name in names],
        "table": base64.b64encode(zlib.compress(table.encode(), 9)).decode(),
        "archive": base64.b64encode(archive).decode(),
    }


def _table(features: Sequence[Feature], numbers: Sequence[int], shapes: gpd.GeoSeries) -> dict[str, Any]:
    """What the polygons say, each phrase and each set of rows once.

    ``items`` are [title, symbol's number, index in ``rows``, west, south, east, north in 1e-5 degrees]; a set of
    rows is a list of [head, phrase, …], indices in ``phrases``, the phrases joined by `BETWEEN`.
    """
    phrases: dict[str, int] = {}
    rows: dict[tuple[tuple[int, ...], ...], int] = {}

    def number(words: str) -> int:
        return phrases.setdefault(words, len(phrases))

    def row_set(found: list[list[str]]) -> int:
        key = tuple((number(head), *map(number, words.split(BETWEEN))) for head, words in found)
        return rows.setdefault(key, len(rows))

    boxes = shapely.bounds(shapes.to_numpy()) * 1e5
    boxes = np.hstack([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])]).astype(int).tolist()
    items = [
        [feature.title, symbol, row_set(feature.rows), *box]
        for feature, symbol, box in zip(features, numbers, boxes, strict=True)
    ]
    return {"between": BETWEEN, "phrases": list(phrases), "rows": list(rows), "items": items}


def _canvas_style(symbol: Symbol) -> dict[str, Any]:
    """A symbol for a canvas; a hatch is the path of its strokes."""
    found = symbol.model_dump(include={"fill", "opacity", "line", "weight", "hatch"})
    found["dash"] = [float(length) for length in (symbol.dash or "").split()]
    found["strokes"] = STROKES.get(symbol.hatch or "", "")
    return found

"""Tables of a GeoPackage as a GIS draws them: for each the classes with symbols and words, as the style document says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.check.names import VERDICT_WORDS
from zoneplan.landuse.codes import code_list
from zoneplan.layers import REFERENCE, LayerSet, line_key
from zoneplan.render.arrows import heads
from zoneplan.render.landmap import KEY, UNKNOWN, ordered
from zoneplan.render.plaintext import plain
from zoneplan.render.style import Layer, Style, Symbol

FAMILIES = ("point", "line", "polygon")
"""By the dimension of a geometry."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FAMILY_WORDS = {"point": "点", "line": "线", "polygon": "面"}


@dataclass(frozen=True)
class Sign:
    """One class of a theme: the value of its field, words of the legend, symbol; `heads` are arrow heads added to it."""

    value: str
    words: str
    symbol: Symbol
    heads: BaseGeometry | None = None


@dataclass(frozen=True)
class Theme:
    """A layer of a GIS: rows of a table, drawn by the values of a field.

    Parameters
    ----------
    key : str
        The layer of the style document.
    name : str
        Chinese name.
    table : str
    family : {"point", "line", "polygon"}
    field : str
    signs : tuple of Sign
    columns : tuple of str
    layer : Layer
    kinds : tuple of str
        Only rows with these values of ``kind``; empty for all rows.
    label : str
        Field of the labels.
    """

    key: str
    name: str
    table: str
    family: str
    field: str
    signs: tuple[Sign, ...]
    columns: tuple[str, ...]
    layer: Layer
    kinds: tuple[str, ...] = ()
    label: str = "name"


def by_table(themes: Iterable[Theme]) -> dict[str, list[Theme]]:
    """The themes of each table."""
    tables: dict[str, list[Theme]] = {}
    for theme in themes:
        tables.setdefault(theme.table, []).append(theme)
    return tables


def inert(text: object) -> str:
    """Words that XML takes and that QGIS does not evaluate."""
    return plain(text).replace("[%", "[ %")


def legal(value: object) -> str:
    """A value of a field as it is, but for characters that no XML can hold."""
    return _ILLEGAL.sub("", str(value))


def plan_themes(layers: LayerSet, style: Style) -> list[Theme]:
    """The tables of ``layers.gpkg``, in drawing order; base features as several layers, by what draws them."""
    made = [*_elements(layers, style), *_base(layers[REFERENCE], style)]
    order = list(style.layers)
    return sorted(made, key=lambda theme: (order.index(theme.key), -FAMILIES.index(theme.family)))


def conflict_themes(columns: Mapping[str, Sequence[str]], style: Style) -> list[Theme]:
    """The tables of ``conflicts.gpkg``, `columns` by table: parcels by overall verdict, overlaps hatched by verdict.

    As on the web map, what may be taken (``permitted``) is not drawn over the parcels.
    """
    made = []
    for key, table, field in (("parcels", "parcels", "overall"), ("pieces", "overlap", "verdict")):
        layer = style.layers[key]
        signs = tuple(
            Sign(verdict, words[0], _without_hatch(style.symbol(verdict), key == "parcels"))
            for verdict, words in VERDICT_WORDS.items()
            if key == "parcels" or verdict != "permitted"
        )
        made.append(
            Theme(key, layer.zh, table, "polygon", field, signs, tuple(columns[table]), layer, label="parcel_id")
        )  # fmt: skip
    return made


def landuse_themes(tables: Mapping[str, gpd.GeoDataFrame], style: Style) -> list[Theme]:
    """Tables of land-use patches (``label, code, name, area_m2``), in the colours of their codes."""
    layer, words = style.layers[KEY], {"planned": "规划用地"}
    names = {code: one.name for code, one in code_list().codes.items()}
    return [
        Theme(
            KEY,
            words.get(table, "现状用地"),
            table,
            "polygon",
            "code",
            tuple(
                Sign(legal(code), inert(f"{code} {names.get(code, UNKNOWN[0])}"), style.landuse_symbol(code))
                for code in ordered(frame["code"])
            ),
            _columns(frame),
            layer,
            label="code",
        )
        for table, frame in tables.items()
    ]


def _without_hatch(symbol: Symbol, wanted: bool) -> Symbol:
    return symbol.model_copy(update={"hatch": None}) if wanted else symbol


def _elements(layers: LayerSet, style: Style) -> Iterator[Theme]:
    for kind, frame in layers.elements.items():
        if kind not in style.layers:
            continue
        layer = style.layers[kind]
        signs = tuple(
            Sign(
                legal(row_id),
                inert(name),
                style.symbol(line_key(str(row_id)), kind, index=number),
                _heads(shape) if layer.arrows else None,
            )
            for number, (row_id, name, shape) in enumerate(
                zip(frame["id"], frame["name"], frame.geometry, strict=True)
            )
        )
        yield Theme(kind, layer.zh, kind, "polygon", "id", signs, _columns(frame), layer)


def _heads(shape: BaseGeometry) -> BaseGeometry | None:
    found = heads(shape)
    return shapely.MultiPolygon(found) if found else None


def _base(frame: gpd.GeoDataFrame, style: Style) -> Iterator[Theme]:
    families = [FAMILIES[one] for one in shapely.get_dimensions(frame.geometry.to_numpy())]
    fallback = {"point": "places", "line": "roads", "polygon": "places"}
    drawn = [
        style.reference.get(kind, fallback[family])
        for kind, family in zip(frame["kind"], families, strict=True)
    ]
    pairs = list(zip(drawn, families, strict=True))
    for key, family in dict.fromkeys(pairs):
        kinds = tuple(
            dict.fromkeys(
                legal(kind)
                for kind, pair in zip(frame["kind"], pairs, strict=True)
                if pair == (key, family)
            )
        )  # fmt: skip
        layer = style.layers[key]
        alone = len({other for other_key, other in pairs if other_key == key}) == 1
        name = layer.zh if alone else f"{layer.zh}({_FAMILY_WORDS[family]})"
        signs = tuple(Sign(kind, _kind_words(kind, key, style), _base_symbol(kind, key, family, style)) for kind in kinds)  # fmt: skip
        yield Theme(key, name, REFERENCE, family, "kind", signs, _columns(frame), layer, kinds)


def _kind_words(kind: str, key: str, style: Style) -> str:
    return style.kinds[kind].zh if kind in style.kinds else style.layers[key].zh


def _base_symbol(kind: str, key: str, family: str, style: Style) -> Symbol:
    symbol = style.symbol(kind, key)
    return symbol.model_copy(update={"fill": None}) if family == "line" else symbol


def _columns(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    return tuple(legal(column) for column in frame.columns if column != frame.geometry.name)

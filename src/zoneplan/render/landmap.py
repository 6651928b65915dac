"""Land-use patches as a layer of the map, in the colours of their codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd

from zoneplan.landuse.codes import code_list
from zoneplan.render.mapdata import CRS, Drawing, Feature, area_text
from zoneplan.render.style import Style

KEY = "landuse"
UNKNOWN = ("地类代码无法识别", "code not recognised")


def with_landuse(
    drawn: Sequence[Drawing], patches: gpd.GeoDataFrame | None, style: Style, lang: str
) -> list[Drawing]:
    """The drawings of a map with that of land-use patches, if there are any, in drawing order."""
    if patches is None:
        return list(drawn)
    order = list(style.layers)
    found = [landuse_drawing(patches, style, lang), *drawn]
    return sorted(found, key=lambda drawing: order.index(drawing.layer))


def landuse_drawing(patches: gpd.GeoDataFrame, style: Style, lang: str) -> Drawing:
    """Patches (``label, code, name, area_m2``, any CRS) as a drawing; the legend in the order of the list of codes."""
    pick, layer = 0 if lang == "zh" else 1, style.layers[KEY]
    made = Drawing(KEY, (layer.zh, layer.en)[pick], layer.group, layer.show)
    heads = (("地类", "class"), ("面积", "area"))
    for label, code, name, area, shape in zip(
        patches["label"], patches["code"], patches["name"], patches["area_m2"], patches.geometry.to_crs(CRS), strict=True
    ):  # fmt: skip
        words = f"{code} {name}" if name else f"{UNKNOWN[pick]} {code}".strip()
        rows = [[heads[0][pick], words], [heads[1][pick], area_text(area)]]
        made.features.append(Feature(shape, str(label), rows, style.landuse_symbol(code), symbol_name(code)))
    total = patches.groupby("code")["area_m2"].sum()
    for code in ordered(total.index):
        words = f"{code} {code_list().name_of(code)}" if code in code_list() else UNKNOWN[pick]
        made.legend.append(
            (words, style.landuse_symbol(code), symbol_name(code), area_text(float(total[code])))
        )  # fmt: skip
    return made


def symbol_name(code: str) -> str:
    """How a page calls the symbol of a code; a text that is no code stays out of it."""
    return f"{KEY}-{code}" if code in code_list() else KEY


def ordered(codes: Iterable[str]) -> list[str]:
    """Codes in the order of the list, those that it lacks at the end."""
    there = set(codes)
    return [*(code for code in code_list() if code in there), *sorted(there - set(code_list()))]

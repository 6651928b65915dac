"""The map's tools as HTML: search and parcel list, buttons, coordinates, named views; and what their script is told."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from zoneplan.layers import LayerSet
from zoneplan.render.basemaps import Basemap
from zoneplan.render.mapdata import Drawing
from zoneplan.render.style import Style

_WORDS = {
    "find": ("查找地块与要素", "Find"),
    "query": ("地块编号、要素或地名", "parcel id, element or place"),
    "found": ("共 {n} 个", "{n} found"),
    "shown": (",列出前 {n} 个", ", first {n} listed"),
    "length": ("测距", "Distance"),
    "area": ("测面积", "Area"),
    "full": ("全屏", "Full screen"),
    "printer": ("打印 A3", "Print A3"),
    "view": ("视图", "View"),
    "all": ("全部图层", "as opened"),
    "basemap": ("底图", "Basemap"),
    "none": ("无(不联网)", "none (no network)"),
    "method": ("CGCS2000 椭球面:大地线长、椭球面积", "on the CGCS2000 ellipsoid: geodesic, ellipsoidal area"),
}
_BUTTONS = {
    "length": "M2 12L14 4M2 9v6M14 1v6",
    "area": "M3 13L2 5L9 2L14 8L11 14Z",
    "full": "M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10",
    "printer": "M4 6V2H12V6M4 11H2V6H14V11H12M4 9H12V14H4Z",
}
"""Signs on the buttons, as paths in a square of 16."""


def side(head: str, style: Style, layers: LayerSet, lang: str, basemaps: Sequence[Basemap] = ()) -> str:
    """The column at the left: the title block, the views, the basemaps and the list."""
    say = _said(lang)
    return (
        f'<div class="zp-side" id="zp-side">{head}'
        f'<details class="zp-find" id="zp-find" open><summary>{say["find"]}</summary>{_views(style, layers, lang)}{_basemaps(basemaps, lang)}'
        f'<input id="zp-query" type="search" placeholder="{say["query"]}" aria-label="{say["query"]}">'
        '<p id="zp-count" role="status"></p><ul id="zp-list"></ul></details></div>'
    )


def buttons(lang: str) -> str:
    """The buttons below the zoom, and the lines for coordinates and measures."""
    say = _said(lang)
    made = "".join(
        f'<button type="button" id="zp-{name}" title="{say[name]}" aria-label="{say[name]}"><svg viewBox="0 0 16 16" width="16" height="16"><path d="{sign}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg></button>'
        for name, sign in _BUTTONS.items()
    )
    return (
        f'<div id="zp-buttons" class="zp-buttons leaflet-bar">{made}</div>'
        '<div id="zp-status" class="zp-status"><div id="zp-measured" hidden></div><div id="zp-position"></div></div>'
    )


def told(
    layers: LayerSet, drawings: Sequence[Drawing], style: Style, lang: str, basemaps: Sequence[Basemap] = ()
) -> dict[str, Any]:
    """What the script is told: words, the plan's zone, layers by key and element, views, basemaps."""
    projection = layers.crs.to_cf()
    east, meridian = projection["false_easting"], projection["longitude_of_central_meridian"]
    return {
        "words": _said(lang),
        "zone": {"lon0": meridian, "east0": east, "name": f"CGCS2000 3° CM {meridian:g}°E"},
        "layers": [[drawing.layer, drawing.element] for drawing in drawings],
        "views": [
            {"name": view.zh if lang == "zh" else view.en, "layers": view.layers, "names": view.names}
            for view in style.views_of(layers.plan_id)
        ],
        **({"basemaps": [one.record(lang) for one in basemaps]} if basemaps else {}),
    }


def _views(style: Style, layers: LayerSet, lang: str) -> str:
    views = style.views_of(layers.plan_id)
    if not views:
        return ""
    say = _said(lang)
    options = "".join(
        f'<option value="{number}">{escape(view.zh if lang == "zh" else view.en)}</option>'
        for number, view in enumerate(views, 1)
    )
    return f'<label>{say["view"]} <select id="zp-view"><option value="0">{say["all"]}</option>{options}</select></label>'


def _basemaps(basemaps: Sequence[Basemap], lang: str) -> str:
    """The switch of the basemaps, off at first, and what is to be known of them."""
    if not basemaps:
        return ""
    say, pick = _said(lang), 0 if lang == "zh" else 1
    options = "".join(
        f'<option value="{number}">{escape(one.name[pick])}</option>'
        for number, one in enumerate(basemaps, 1)
    )
    notes = dict.fromkeys(one.note[pick] for one in basemaps if one.note[pick])
    said = "".join(f'<p class="zp-basemap-note">{escape(note)}</p>' for note in notes)
    return f'<label>{say["basemap"]} <select id="zp-basemap" autocomplete="off"><option value="0">{say["none"]}</option>{options}</select></label>{said}'


def _said(lang: str) -> dict[str, str]:
    return {name: pair[0 if lang == "zh" else 1] for name, pair in _WORDS.items()}

"""Two sets of layers on one page: a bar to swipe between them, or side by side; what changed is marked and listed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

from branca.element import MacroElement
from folium.template import Template

from zoneplan.layers import LayerSet
from zoneplan.render.basemaps import Basemap
from zoneplan.render.legend import ComparedRow, compared_legend, head, north
from zoneplan.render.mapdata import BETWEEN, CRS, Drawing, Feature, area_text, mu_text
from zoneplan.render.maplayers import drawings
from zoneplan.render.maptools import buttons, side, told
from zoneplan.render.mapview import bounds
from zoneplan.render.style import Style, read_style
from zoneplan.render.web import OfflineMap, name_of
from zoneplan.scenario.changed import SIDES, changed_ground
from zoneplan.scenario.scenario import Scenario
from zoneplan.units import PLACES, round_half_up, to_unit

Mode = Literal["swipe", "side"]
MODES: tuple[Mode, ...] = ("swipe", "side")
CHANGED = "changed"
_WORDS = {
    "swipe": ("卷帘对比", "Swipe"),
    "side": ("并排对比", "Side by side"),
    "bar": ("卷帘:左为基准,右为情景", "Swipe: base at the left, scenario at the right"),
    "base": ("基准", "Base"),
    "other": ("情景", "Scenario"),
    "lost": ("减少", "lost"),
    "gained": ("增加", "gained"),
    "change": ("变化", "change"),
    "area": ("面积", "area"),
    "element": ("要素", "element"),
    "difference": ("差", "Difference"),
}


class Twin(MacroElement):
    """A second map over the first."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = zoneplan.twin({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()
        self._name = "Twin"


def compare_map(
    base: LayerSet,
    other: LayerSet,
    *,
    names: tuple[str, str] | None = None,
    mode: Mode = "swipe",
    title: str | None = None,
    lang: str = "zh",
    basemaps: Sequence[Basemap] = (),
    style: Style | None = None,
) -> OfflineMap:
    """One offline page that shows two sets of layers of one plan.

    Parameters
    ----------
    base, other : LayerSet
        Left and right, in one CRS; elements are matched by id.
    names : tuple of str, optional
        What the sides are called; default base and scenario.
    mode : {"swipe", "side"}
        How the page opens; a button changes it.
    title : str, optional
        Default the base's name.
    lang : {"zh", "en"}
    basemaps : sequence of Basemap
        As of `zoneplan.web_map`.

    style : Style, optional
        As of `read_style`; default the built-in one.

    Returns
    -------
    OfflineMap
        ``save(path)`` writes one self-contained file. Areas in the legend are those of the area tables of either side.

    Raises
    ------
    InputError
        If the CRSs differ.
    AssetError
        If a browser asset is missing or changed.
    """
    style = style or read_style()
    say = {key: words[0 if lang == "zh" else 1] for key, words in _WORDS.items()}
    called = names or (say["base"], say["other"])
    changed = _changed(base, other, style, lang, say)
    left, right = _paired(drawings(base, None, style, lang), drawings(other, None, style, lang), style)
    _show_changed(left, right, {one.id for one in changed.features})
    rows = {one.key: _rows(one, two) for one, two in zip(left, right, strict=True)}
    rows[CHANGED] = [ComparedRow(*row) for row in changed.legend]
    left, right = [*left, changed], [*right, _copy(changed)]
    zone = bounds(base)
    page = OfflineMap(zone, zoom_animation=False, fade_animation=False, marker_zoom_animation=False)
    groups = page.draw(left)
    twin = page.named(Twin())
    twin.add_to(page)
    page.draw(right, onto=twin)
    page.switches(groups, style, lang)
    words = told(base, left, style, lang, basemaps)
    words["layers"] = [[one.layer, one.element, two.element] for one, two in zip(left, right, strict=True)]
    words["compare"] = {"mode": mode, "swipe": say["swipe"], "side": say["side"]}
    page.finish(words, zone)
    name = title or name_of(base, lang)
    switch = f'<button type="button" class="zp-mode" id="zp-mode">{say["side"]}</button>'
    schematic = base if base.schematic else other
    heads = (say["element"], *called, say["difference"])
    body = (
        side(head(schematic, name, lang) + switch, style, base, lang, basemaps),
        compared_legend(left, rows, heads, style, lang),
        _bar(called, say),
        north(),
        buttons(lang),
    )
    page.dress(name, body, [*left, *right], style, scripts=("compare.js",), basemaps=basemaps)
    return page


def scenario_map(scenario: Scenario, base: LayerSet, layers: LayerSet, *, lang: str = "zh") -> OfflineMap:
    """The base of a scenario and what became of it, as `compare_map`."""
    zh = lang == "zh"
    name = scenario.name if zh else scenario.name_en or scenario.name
    before, after = ("基准", f"情景:{name}") if zh else ("Base", f"Scenario: {name}")
    return compare_map(base, layers, names=(before, after), lang=lang)


def _changed(base: LayerSet, other: LayerSet, style: Style, lang: str, say: dict[str, str]) -> Drawing:
    """What either side has alone, as a layer of its own; the largest change first."""
    layer = style.layers[CHANGED]
    drawing = Drawing(CHANGED, layer.zh if lang == "zh" else layer.en, layer.group, layer.show)
    ground = changed_ground(base, other).sort_values("area_m2", ascending=False, kind="stable")
    for row, shape in zip(ground.to_dict("records"), ground.geometry.to_crs(CRS), strict=True):
        title = row["name"] if lang == "zh" else row["name_en"] or row["name"]
        area = row["area_m2"]
        rows = [
            [say["change"], f"{say[row['side']]} {area_text(area)}"],
            [say["area"], f"{area_text(area)}{BETWEEN}{mu_text(area)}"],
        ]
        symbol = style.symbol(row["side"])
        drawing.features.append(Feature(shape, title, rows, symbol, row["side"], row["element"], area))
    for name in SIDES:
        total = float(ground.loc[ground["side"] == name, "area_m2"].sum())
        drawing.legend.append((say[name], style.symbol(name), name, area_text(total)))
    return drawing


def _paired(left: list[Drawing], right: list[Drawing], style: Style) -> tuple[list[Drawing], list[Drawing]]:
    """Both sides with the same layers in the same order; one that a side lacks is empty there."""
    here, there = ({one.key: one for one in side} for side in (left, right))
    order = list(style.layers)
    keys = sorted(dict.fromkeys([*here, *there]), key=lambda key: order.index(key.split(":")[0]))

    def side(own: dict[str, Drawing], others: dict[str, Drawing]) -> list[Drawing]:
        return [
            own.get(key) or Drawing(key, others[key].name, others[key].group, others[key].show)
            for key in keys
        ]

    return side(here, there), side(there, here)


def _show_changed(left: list[Drawing], right: list[Drawing], changed: set[str]) -> None:
    """Of the layers of elements, those that hold one that changed are on at first, and only those."""
    for pair in zip(left, right, strict=True):
        ids = {one.id for side in pair for one in side.features if one.id}
        for drawing in pair:
            drawing.show = bool(ids & changed) if ids and changed else drawing.show


def _copy(drawing: Drawing) -> Drawing:
    """The same on the other side: each has its own name on the page."""
    return Drawing(
        drawing.key, drawing.name, drawing.group, drawing.show, drawing.features, [], drawing.legend
    )


def _rows(left: Drawing, right: Drawing) -> list[ComparedRow]:
    """Legend rows of a layer on both sides: elements with both areas and the difference, other rows as they are."""
    here, there = ({one.id: one for one in side.features if one.id} for side in (left, right))
    if not here and not there:
        rows = {
            (words, name): (symbol, amount) for words, symbol, name, amount in (*right.legend, *left.legend)
        }
        return [ComparedRow(words, symbol, name, amount) for (words, name), (symbol, amount) in rows.items()]
    made = []
    for key in dict.fromkeys([*here, *there]):
        sides = [here.get(key), there.get(key)]
        shown = next(filter(None, sides))
        areas = [one.area_m2 if one and one.area_m2 is not None else 0.0 for one in sides]
        texts = [area_text(area) if one else "—" for one, area in zip(sides, areas, strict=True)]
        made.append(
            ComparedRow(shown.title, shown.symbol, shown.symbol_name, texts[0], texts[1], _difference(*areas))
        )
    return made


def _difference(before: float, after: float) -> str:
    """The difference of the hectares printed."""
    shown = [round_half_up(to_unit(area, "ha"), PLACES["ha"]) for area in (before, after)]
    apart = shown[1] - shown[0]
    return f"{apart:+,.{PLACES['ha']}f} ha" if apart else "0"


def _bar(names: tuple[str, str], say: dict[str, str]) -> str:
    """The bar between the sides, with their names."""
    sides = "".join(f'<b id="zp-side-{number}">{escape(name)}</b>' for number, name in enumerate(names))
    return (
        f'<div class="zp-bar" id="zp-bar" role="slider" tabindex="0" aria-orientation="horizontal" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="50" aria-label="{escape(say["bar"])}">{sides}</div>'
    )

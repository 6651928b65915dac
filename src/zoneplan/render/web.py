"""The web map: one HTML file that works with the network off, the same bytes every time.

folium assembles it; every script and style sheet is put inside the file, element names are counted
instead of drawn at random, and a content security policy lets the page fetch nothing.
"""

from __future__ import annotations

import re
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, MacroElement
from folium.plugins import GroupedLayerControl
from folium.template import Template
from folium.utilities import JsCode

from zoneplan.layers import LayerSet
from zoneplan.render.assets import HERE, inline
from zoneplan.render.legend import hatches, head, legend, north
from zoneplan.render.mapdata import bounds, drawings
from zoneplan.render.maptools import buttons, side, told
from zoneplan.render.style import read_style
from zoneplan.render.vectors import is_tiled, script_json, vectors

if TYPE_CHECKING:
    from zoneplan.check.conflicts import CheckResult

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"
)
START_ZOOM = 12
"""Until the zone is brought into view; a view of the world would ask tiles for millions of places."""
_TEMPLATES = HERE / "templates"
_TOKEN = re.compile(r"@@zoneplan:(\d+)@@")


class OfflineMap(folium.Map):
    """A folium map whose HTML needs nothing from outside."""

    # Bootstrap, jQuery and icon fonts are left out: nothing here uses them.
    default_js = [row for row in folium.Map.default_js if row[0] == "leaflet"]  # noqa: RUF012 - folium's own form
    default_css = [row for row in folium.Map.default_css if row[0] == "leaflet_css"]  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._kept: list[str] = []
        self._page = ""

    def keep(self, text: str) -> str:
        """A token that stands for a text until the page is rendered.

        folium renders what it assembled once more as a template, so that braces in a parcel's name would
        run as code. Text with words of features therefore never passes through a template.
        """
        self._kept.append(text)
        return f"@@zoneplan:{len(self._kept) - 1}@@"

    def html(self) -> str:
        """The whole page as text."""
        if not self._page:  # folium adds its scripts again at every rendering
            rendered = self.get_root().render()
            full = _TOKEN.sub(lambda found: self._kept[int(found[1])], rendered)
            self._page = inline(full) + "\n"
        return self._page

    def save(self, outfile: str | Path, *_: Any, **__: Any) -> None:  # type: ignore[override]  # a path, no stream
        """Write the page."""
        Path(outfile).write_text(self.html(), encoding="utf-8", newline="\n")

    def _repr_html_(self, **_: Any) -> str:
        """The map in a notebook, in a frame of its own."""
        return f'<iframe srcdoc="{escape(self.html())}" style="width:100%;height:600px;border:0"></iframe>'


class Finish(MacroElement):
    """Last step on the page: legend, scale, north arrow and tools in their places, the zone in view; `page` is a kept token."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "zoneplan.finish({{ this._parent.get_name() }}, {{ this.bounds|tojson }}, {{ this.page }});"
        "{% endmacro %}"
    )

    def __init__(self, zone: list[list[float]], page: str) -> None:
        super().__init__()
        self._name = "Finish"
        self.page = page
        self.bounds = zone


def web_map(
    layers: LayerSet, result: CheckResult | None = None, *, title: str | None = None, lang: str = "zh"
) -> OfflineMap:
    """The interactive map of all layers and, if given, of a parcel check.

    Parameters
    ----------
    layers : LayerSet
    result : CheckResult, optional
        Parcels coloured by overall verdict, overlaps hatched.
    title : str, optional
        Default the plan's name.
    lang : {"zh", "en"}

    Returns
    -------
    OfflineMap
        A `folium.Map`; ``save(path)`` writes one self-contained file.

    Raises
    ------
    AssetError
        If a browser asset is missing or changed.
    """
    style = read_style()
    numbers = count(1)

    def named(element: Any) -> Any:
        element._id = f"{next(numbers):04d}"  # folium draws names at random; equal input, equal bytes
        return element

    (south, west), (north_end, east) = zone = bounds(layers)
    middle = ((south + north_end) / 2, (west + east) / 2)
    page: OfflineMap = named(
        OfflineMap(location=middle, zoom_start=START_ZOOM, tiles=None, zoom_snap=0.25, zoom_delta=0.5)
    )
    root = named(page.get_root())
    drawn = drawings(layers, result, style, lang)
    groups: dict[str, list[folium.FeatureGroup]] = {}
    for position, drawing in enumerate(drawn):
        holder = named(
            folium.FeatureGroup(
                name=page.keep(_script_text(escape(drawing.name))), show=drawing.show, control=False
            )
        ).add_to(page)
        for layer in vectors(drawing, position, page.keep):
            named(layer).add_to(holder)
        drawing.element = holder.get_name()
        groups.setdefault(drawing.group, []).append(holder)
    shown = {
        (group.zh if lang == "zh" else group.en): groups[group.id]
        for group in style.groups
        if group.id in groups
    }
    control = named(
        GroupedLayerControl(groups=shown, exclusive_groups=False, collapsed=JsCode("zoneplan.narrow"))
    )
    control.layers_untoggle = sorted(control.layers_untoggle)  # a set has no order of its own
    control.add_to(page)
    named(Finish(zone, page.keep(script_json(told(layers, drawn, style, lang))))).add_to(page)
    name = title or (layers.name if lang == "zh" else layers.name_en or layers.name)
    definitions, rules = hatches(drawn)
    sheet = (_TEMPLATES / "map.css").read_text(encoding="utf-8") + rules
    program = "".join(
        (_TEMPLATES / name).read_text(encoding="utf-8")
        for name in (
            "map.js",
            "labels.js",
            "geodesy.js",
            "tools.js",
            *(["tiles.js"] if any(map(is_tiled, drawn)) else []),
        )
    )
    first = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(name)}</title><link rel="icon" href="data:,">'
    last = f"<style>{sheet}</style><script>{program}</script>"
    body = "".join(
        (
            definitions,
            side(head(layers, name, lang), style, layers, lang),
            legend(drawn, style, lang),
            north(),
            buttons(lang),
        )
    )
    root.header.add_child(Element(page.keep(first)), name="zoneplan_first", index=0)
    root.header.add_child(Element(page.keep(last)), name="zoneplan_last")
    root.html.add_child(Element(page.keep(body)), name="zoneplan_body")
    return page


def _script_text(text: str) -> str:
    """Text to stand inside quotes in a script."""
    return script_json(text)[1:-1]

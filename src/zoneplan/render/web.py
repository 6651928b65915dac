"""The web map: one HTML file that works with the network off, the same bytes every time.

folium assembles it; every script and style sheet is put inside the file, element names are counted
instead of drawn at random, and a content security policy lets the page fetch nothing.
"""

from __future__ import annotations

from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, MacroElement
from folium.map import Layer
from folium.plugins import GroupedLayerControl
from folium.template import Template
from folium.utilities import JsCode

from zoneplan.layers import LayerSet
from zoneplan.render.assets import HERE, inline
from zoneplan.render.legend import hatches, head, legend, north
from zoneplan.render.mapdata import Drawing, bounds, drawings
from zoneplan.render.style import read_style

if TYPE_CHECKING:
    from zoneplan.conflicts import CheckResult

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"
)
_TEMPLATES = HERE / "templates"


class OfflineMap(folium.Map):
    """A folium map whose HTML needs nothing from outside."""

    # Bootstrap, jQuery and icon fonts are left out: nothing here uses them.
    default_js = [row for row in folium.Map.default_js if row[0] == "leaflet"]  # noqa: RUF012 - folium's own form
    default_css = [row for row in folium.Map.default_css if row[0] == "leaflet_css"]  # noqa: RUF012

    def html(self) -> str:
        """The whole page as text."""
        return inline(self.get_root().render()) + "\n"

    def save(self, outfile: str | Path, *_: Any, **__: Any) -> None:  # type: ignore[override]  # a path, no stream
        """Write the page."""
        Path(outfile).write_text(self.html(), encoding="utf-8", newline="\n")

    def _repr_html_(self, **_: Any) -> str:
        """The map in a notebook, in a frame of its own."""
        return f'<iframe srcdoc="{escape(self.html())}" style="width:100%;height:600px;border:0"></iframe>'


class Vector(Layer):
    """GeoJSON features whose words and styles are in their properties."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.geoJSON({{ this.data|tojson }}, {
            style: function (feature) { return feature.properties.style; },
            onEachFeature: {{ this.each }}, pointToLayer: {{ this.point }}
        }).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, features: list[dict[str, Any]], *, labels: bool = False) -> None:
        super().__init__(control=False)
        self._name = "Labels" if labels else "Vector"
        self.data = {"type": "FeatureCollection", "features": features}
        self.each = "function () {}" if labels else "zoneplan.popup"
        self.point = "zoneplan.label" if labels else "zoneplan.place"


class Finish(MacroElement):
    """Last step on the page: legend, scale and north arrow in their corners, the zone in view."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "zoneplan.finish({{ this._parent.get_name() }}, {{ this.bounds|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, zone: list[list[float]]) -> None:
        super().__init__()
        self._name = "Finish"
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

    page: OfflineMap = named(OfflineMap(tiles=None, zoom_snap=0.25, zoom_delta=0.5))
    root = named(page.get_root())
    drawn = drawings(layers, result, style, lang)
    groups: dict[str, list[folium.FeatureGroup]] = {}
    for drawing in drawn:
        holder = named(
            folium.FeatureGroup(name=escape(drawing.name), show=drawing.show, control=False)
        ).add_to(page)
        for vector in _vectors(drawing):
            named(vector).add_to(holder)
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
    named(Finish(bounds(layers))).add_to(page)
    name = title or (layers.name if lang == "zh" else layers.name_en or layers.name)
    definitions, rules = hatches(drawn)
    sheet = (_TEMPLATES / "map.css").read_text(encoding="utf-8") + rules
    program = (_TEMPLATES / "map.js").read_text(encoding="utf-8")
    for index, text in enumerate(
        (
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{_inert(escape(name))}</title>",
            '<link rel="icon" href="data:,">',
        )
    ):
        root.header.add_child(Element(text), name=f"zoneplan_{index}", index=index)
    root.header.add_child(Element(_raw(f"<style>{sheet}</style>")), name="zoneplan_style")
    root.header.add_child(Element(_raw(f"<script>{program}</script>")), name="zoneplan_script")
    for index, text in enumerate(
        (definitions, head(layers, name, lang), legend(drawn, style, lang), north())
    ):
        root.html.add_child(Element(_inert(text)), name=f"zoneplan_{index}")
    return page


def _inert(html: str) -> str:
    """HTML with words of features in it: folium takes elements for templates, so no brace may stay."""
    return html.replace("{", "&#123;")


def _raw(text: str) -> str:
    """The package's own style sheet and script, kept from folium's templates."""
    return "{% raw %}" + text + "{% endraw %}"


def _vectors(drawing: Drawing) -> list[Vector]:
    made = [Vector(drawing.features)]
    return [*made, Vector(drawing.labels, labels=True)] if drawing.labels else made

"""The web map: one HTML file that works with the network off, the same bytes every time.

folium assembles it; every script and style sheet is put inside the file, element names are counted
instead of drawn at random, and a content security policy lets the page fetch nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import folium
import geopandas as gpd
from branca.element import Element, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from zoneplan.layers import LayerSet
from zoneplan.render.assets import HERE, inline
from zoneplan.render.basemaps import Basemap, policy
from zoneplan.render.landmap import with_landuse
from zoneplan.render.legend import hatches, head, legend, lettering, north
from zoneplan.render.mapdata import Drawing
from zoneplan.render.maplayers import check_first, drawings
from zoneplan.render.maptools import buttons, side, told
from zoneplan.render.mapview import bounds, opening
from zoneplan.render.style import Style, read_style
from zoneplan.render.vectors import is_tiled, script_json, vectors

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult

E_ = TypeVar("E_", bound=Element)

START_ZOOM = 12
"""Until the zone is brought into view; a view of the world would ask tiles for millions of places."""
_TEMPLATES = HERE / "templates"
_TOKEN = re.compile(r"@@zoneplan:(\d+)@@")


class OfflineMap(folium.Map):
    """A folium map whose HTML needs nothing from outside."""

    # Bootstrap, jQuery and icon fonts are left out: nothing here uses them.
    default_js = [row for row in folium.Map.default_js if row[0] == "leaflet"]  # noqa: RUF012 - folium's own form
    default_css = [row for row in folium.Map.default_css if row[0] == "leaflet_css"]  # noqa: RUF012

    def __init__(self, zone: Sequence[Sequence[float]], **options: Any) -> None:
        (south, west), (north_end, east) = zone
        middle = ((south + north_end) / 2, (west + east) / 2)
        super().__init__(location=middle, zoom_start=START_ZOOM, tiles=None, zoom_snap=0.25, zoom_delta=0.5, **options)  # fmt: skip
        self._kept: list[str] = []
        self._page = ""
        self._numbers = count(1)
        self.named(self)
        self.named(self.get_root())

    def named(self, element: E_) -> E_:
        """An element with a counted name; folium draws names at random. Equal input, equal bytes."""
        element._id = f"{next(self._numbers):04d}"
        return element

    def keep(self, text: str) -> str:
        """A token that stands for a text until the page is rendered.

        folium renders what it assembled once more as a template, so that braces in a parcel's name would
        run as code. Text with words of features therefore never passes through a template.
        """
        self._kept.append(text)
        return f"@@zoneplan:{len(self._kept) - 1}@@"

    def draw(self, drawn: Iterable[Drawing], *, onto: Element | None = None) -> dict[str, list[folium.FeatureGroup]]:  # fmt: skip
        """Add layers to the map, or to its twin, in their order; returns them by group."""
        groups: dict[str, list[folium.FeatureGroup]] = {}
        for position, drawing in enumerate(drawn):
            name = self.keep(_script_text(escape(drawing.name)))
            holder = self.named(folium.FeatureGroup(name=name, show=drawing.show, control=False))
            holder.add_to(onto or self)
            for layer in vectors(drawing, position, self.keep, twin=onto is not None):
                self.named(layer).add_to(holder)
            drawing.element = holder.get_name()
            groups.setdefault(drawing.group, []).append(holder)
        return groups

    def switches(self, groups: Mapping[str, list[folium.FeatureGroup]], style: Style, lang: str) -> None:
        """Add the boxes that switch layers, by group."""
        shown = {
            (group.zh if lang == "zh" else group.en): groups[group.id]
            for group in style.groups
            if group.id in groups
        }
        self.named(Switches(shown)).add_to(self)

    def finish(self, page: Mapping[str, Any], zone: list[list[float]]) -> None:
        """Add the last step; `page` is what the script is told."""
        self.named(Finish(zone, self.keep(script_json(page)))).add_to(self)

    def dress(self, title: str, body: Iterable[str], drawn: Sequence[Drawing], style: Style, *, scripts: Sequence[str] = (), basemaps: Sequence[Basemap] = ()) -> None:  # fmt: skip
        """Put title, policy, style sheet, scripts and the parts of the body into the page."""
        definitions, rules = hatches(drawn)
        sheet = _template("map.css") + lettering(style) + rules
        tiles = ["tiles.js"] if any(map(is_tiled, drawn)) else []
        maps = ["basemaps.js"] if basemaps else []
        names = ("map.js", "labels.js", "geodesy.js", "tools.js", *maps, *tiles, *scripts)
        program = "".join(map(_template, names))
        root: Any = self.get_root()
        first = f'<meta http-equiv="Content-Security-Policy" content="{policy(basemaps)}"><title>{escape(title)}</title><link rel="icon" href="data:,">'
        last = f"<style>{sheet}</style><script>{program}</script>"
        root.header.add_child(Element(self.keep(first)), name="zoneplan_first", index=0)
        root.header.add_child(Element(self.keep(last)), name="zoneplan_last")
        root.html.add_child(Element(self.keep("".join((definitions, *body)))), name="zoneplan_body")

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


class Switches(JSCSSMixin, MacroElement):
    """The boxes that switch layers, by group; on a small screen folded away."""

    # not folium's own: `folium.plugins` compiles the templates of all its plugins before it gives one
    default_js = [("grouped", "leaflet.groupedlayercontrol.min.js")]  # noqa: RUF012 - folium's own form
    default_css = [("grouped_css", "leaflet.groupedlayercontrol.min.css")]  # noqa: RUF012
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "L.control.groupedLayers(null, { {%- for group, layers in this.groups.items() %}\n"
        "{{ group|tojson }}: { {%- for layer in layers %}{{ layer.layer_name|tojson }}: {{ layer.get_name() }}, {% endfor -%} },"
        "{%- endfor %}\n}, {collapsed: zoneplan.narrow}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, groups: Mapping[str, Sequence[folium.FeatureGroup]]) -> None:
        super().__init__()
        self._name = "Switches"
        self.groups = groups


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
    layers: LayerSet, result: CheckResult | None = None, *, title: str | None = None, lang: str = "zh", style: Style | None = None,
    landuse: gpd.GeoDataFrame | None = None, basemaps: Sequence[Basemap] = (), first: Literal["plan", "check"] = "plan",
) -> OfflineMap:  # fmt: skip
    """The interactive map of all layers and, if given, of a parcel check.

    Parameters
    ----------
    layers : LayerSet
    result : CheckResult, optional
        Parcels coloured by overall verdict, overlaps hatched.
    title : str, optional
        Default the plan's name.
    lang : {"zh", "en"}
    style : Style, optional
        As of `read_style`; default the built-in one.
    landuse : GeoDataFrame, optional
        Patches ``label, code, name, area_m2``, drawn in the colours of their codes.
    basemaps : sequence of Basemap
        Offered in the page, all off at first: `tianditu`, `tile_service`, `raster_basemap` of `zoneplan.render.basemaps`.

    first : {"plan", "check"}
        What is seen at first: the layers of the plan that the style shows and all of the zone, or the control lines and the
        parcels, close by where these take up little of the zone.

    Returns
    -------
    OfflineMap
        A `folium.Map`; ``save(path)`` writes one self-contained file.

    Raises
    ------
    AssetError
        If a browser asset is missing or changed.
    """
    style = style or read_style()
    zone = bounds(layers)
    page = OfflineMap(zone)
    drawn = with_landuse(drawings(layers, result, style, lang), landuse, style, lang)
    if first == "check":
        drawn = check_first(drawn, style)
    page.switches(page.draw(drawn), style, lang)
    page.finish(
        {
            **told(layers, drawn, style, lang, basemaps),
            "opening": opening(layers, result) if first == "check" else None,
        },
        zone,
    )
    name = title or name_of(layers, lang)
    body = (
        side(head(layers, name, lang), style, layers, lang, basemaps),
        legend(drawn, style, lang),
        north(),
        buttons(lang),
    )
    page.dress(name, body, drawn, style, basemaps=basemaps)
    return page


def name_of(layers: LayerSet, lang: str) -> str:
    """The plan's name."""
    return layers.name if lang == "zh" else layers.name_en or layers.name


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _script_text(text: str) -> str:
    """Text to stand inside quotes in a script."""
    return script_json(text)[1:-1]

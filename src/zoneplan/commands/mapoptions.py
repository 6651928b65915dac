"""Options of ``zoneplan map``: basemaps that the page offers, and what to compare with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from zoneplan.commands.bilingual import F, option, say
from zoneplan.errors import Gathered
from zoneplan.finding import Finding

if TYPE_CHECKING:
    from zoneplan.layers import LayerSet
    from zoneplan.render.basemaps import Basemap

KEY = "ZONEPLAN_TIANDITU_KEY"
_OPTIONS = (
    option("--against", metavar="LAYERS", zh="与另一套图层对比:卷帘或并排", en="Compare with other layers: swipe, or side by side."),
    option("--mode", type=click.Choice(["swipe", "side"]), default="swipe", show_default=True, zh="对比页打开时的方式;页内可切换", en="How a comparison opens; a button of the page changes it."),
    option("--names", metavar="A,B", zh="对比两侧的名称", en="What the sides of a comparison are called."),
    option("--tianditu", metavar="KEY|env", zh=f"可开启天地图底图:密钥,或 env(取环境变量 {KEY});密钥会写进文件", en=f"Offer Tianditu: your key, or `env` (of {KEY}); the key will stand in the file."),
    option("--tiles", metavar="URL", zh="可开启瓦片底图:XYZ 或 WMTS 地址,含 {z} {x} {y}", en="Offer a tile service: XYZ or WMTS address with {z} {x} {y}."),
    option("--tiles-name", default="内网底图", show_default=True, zh="瓦片底图的名称", en="What the tile service is called."),
    option("--tiles-datum", type=click.Choice(["wgs84", "gcj02"]), default="wgs84", show_default=True, zh="瓦片的坐标基准;gcj02 时移动瓦片,不移动数据", en="Datum of the tiles; with gcj02 the tiles are moved, never the data."),
    option("--tiles-zoom", type=click.IntRange(1, 24), default=18, show_default=True, zh="瓦片的最大级别", en="Deepest zoom of the tiles."),
    option("--raster", multiple=True, metavar="FILE.tif", type=click.Path(path_type=Path), zh="可开启栅格底图:GeoTIFF,切成瓦片存进文件;可多次给出", en="Offer a raster: GeoTIFF, as tiles inside the file; repeatable."),
    option("--raster-mb", type=click.FloatRange(min=0.1), default=8.0, show_default=True, zh="每个栅格写入的上限(MB),超出则降低分辨率", en="Most MB of each raster; beyond, it is made coarser."),
)  # fmt: skip
_NEED = {"mode": "against", "names": "against", "tiles_name": "tiles", "tiles_datum": "tiles", "tiles_zoom": "tiles", "raster_mb": "raster", "landuse_field": "landuse", "landuse_codes": "landuse"}  # fmt: skip


def map_options(command: F) -> F:
    """The options of ``map``; what has no meaning without another is refused when taken."""
    for one in reversed(_OPTIONS):
        command = one(command)
    return command


def checked(more: Mapping[str, Any]) -> None:
    """Refuse options whose own ground is missing."""
    context = click.get_current_context()
    for name, ground in _NEED.items():
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT and not more[ground]:
            one, other = (f"--{key.replace('_', '-')}" for key in (name, ground))
            raise click.UsageError(say(f"{one} 须与 {other} 同用", f"{one} needs {other}"))
    if more["against"] and more["landuse"]:
        raise click.UsageError(say("--landuse 不能与 --against 同用", "--landuse does not go with --against"))


def side_names(text: str | None) -> tuple[str, str] | None:
    """``A,B`` as two names."""
    if text is None:
        return None
    one, comma, other = text.replace(",", ",").partition(",")
    if not (comma and one.strip() and other.strip()) or "," in other:
        raise click.UsageError(say(f"--names {text}:应写作 A,B", f"--names {text}: write A,B"))
    return one.strip(), other.strip()


def offered(layers: LayerSet, more: Mapping[str, Any]) -> tuple[tuple[Basemap, ...], tuple[Finding, ...]]:
    """The basemaps asked for, and what there is to say of them; `InputError` with every fault at once."""
    from zoneplan.render import basemaps

    found: list[Basemap] = []
    said: list[Finding] = []
    gathered = Gathered()
    if more["tianditu"] is not None:
        with gathered.step():
            found += basemaps.tianditu(_key(more["tianditu"]))
            zh, en = (
                "天地图密钥以明文写进地图文件;不要把文件交给不该有密钥的人",
                "the Tianditu key stands in the map's file as plain text: mind who gets the file",
            )
            said.append(Finding("basemap.key_in_file", "warning", zh, en, "--tianditu"))  # fmt: skip
    if more["tiles"] is not None:
        with gathered.step():
            found.append(basemaps.tile_service(more["tiles"], name=more["tiles_name"], datum=more["tiles_datum"], deepest=more["tiles_zoom"]))  # fmt: skip
    for path in more["raster"]:
        with gathered.step():
            found.append(basemaps.raster_basemap(path, layers, megabytes=more["raster_mb"]))
            said += found[-1].findings
    gathered.check()
    return tuple(found), tuple(said)


def _key(given: str) -> str:
    if given != "env":
        return given
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise click.UsageError(
            say(f"--tianditu env:环境变量 {KEY} 没有设置", f"--tianditu env: {KEY} is not set")
        )
    return key

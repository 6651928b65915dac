"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from zoneplan.commands.bilingual import F, option

DEFAULT_PLAN = "jiaozuo"

REFERENCE = option(
    "--reference", "-r", multiple=True, metavar="PATH", type=click.Path(path_type=Path),
    zh="参考要素文件(.osm.pbf、.gpkg、.shp、.geojson),按名称与别名替换示意要素;可多次给出",
    en="Reference features (.osm.pbf, .gpkg, .shp, .geojson) that replace schematic ones by name and alias; repeatable.",
)  # fmt: skip
LAYER = option(
    "--layer", "layer", multiple=True, metavar="KEY=PATH[:LAYER]",
    zh="以正式成果替换编译出的图层,例如 permanent_basic_farmland=yjjbnt.gpkg",
    en="Put an authoritative layer in place of a compiled one, e.g. permanent_basic_farmland=yjjbnt.gpkg.",
)  # fmt: skip
LANG = option(
    "--lang", type=click.Choice(["zh", "en"]), expose_value=False,
    zh="语言,默认按系统区域设置", en="Language; default by locale.",
)  # fmt: skip


def out_folder(default: str) -> Callable[[F], F]:
    """The option ``--out`` of a command that fills a folder."""
    return option(
        "-o", "--out", "out", default=default, show_default=True, type=click.Path(path_type=Path), metavar="DIR",
        zh="输出文件夹", en="Output folder.",
    )  # fmt: skip

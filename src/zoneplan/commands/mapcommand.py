"""``zoneplan map``: the web map, a comparison of two, or a KMZ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoneplan.commands.bilingual import Command, chosen, option, style_option
from zoneplan.commands.mapoptions import checked, map_options, offered, side_names
from zoneplan.commands.options import LANG
from zoneplan.commands.printing import print_files, print_findings


@click.command(
    name="map",
    cls=Command,
    words=(
        "离线网页地图(一个 HTML 文件),或给外业人员的 KMZ",
        "The offline web map (one HTML file), or a KMZ for field staff",
    ),
)
@click.argument("layers")
@option(
    "-o",
    "--out",
    "out",
    default="map.html",
    show_default=True,
    metavar="FILE.html|kmz",
    type=click.Path(path_type=Path),
    zh="输出文件",
    en="Output file.",
)
@option(
    "--landuse",
    metavar="PATH[:LAYER]",
    zh="用地图斑,按地类代码的标准色绘出",
    en="Patches of land use, drawn in the standard colours of their codes.",
)
@option(
    "--landuse-field",
    metavar="F",
    zh="地类代码字段;默认 YDYHFLDM 或 DLBM",
    en="Field of land-use codes; default YDYHFLDM or DLBM.",
)
@option(
    "--landuse-codes",
    metavar="LIST",
    zh="代码采用的分类:2023、2020 或 survey3",
    en="List of the codes: 2023, 2020 or survey3.",
)
@style_option()
@map_options
@LANG
def map_(layers: str, out: Path, style: Path | None, **more: Any) -> None:
    from zoneplan.jobs import app, loading

    checked(more)
    names = side_names(more["names"])
    compiled, _ = loading.open_layers(layers)
    basemaps, offers = offered(compiled, more)
    said = (*app.style_said(style), *offers)
    if more["against"]:
        other, _ = loading.open_layers(more["against"])
        app.write_comparison(
            compiled,
            other,
            out,
            names=names,
            mode=more["mode"],
            lang=chosen(),
            basemaps=basemaps,
            style=style,
        )
    else:
        patches = None
        if more["landuse"] is not None:
            from zoneplan.jobs.inventory import read_patches

            patches, findings = read_patches(
                compiled, more["landuse"], field=more["landuse_field"], codes=more["landuse_codes"]
            )
            said = (*said, *findings)
        app.write_map(compiled, out, lang=chosen(), style=style, landuse=patches, basemaps=basemaps)
    print_findings(said)
    print_files([out])

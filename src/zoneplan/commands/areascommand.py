"""``zoneplan areas``: area tables of a plan, or of a file of patches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoneplan.commands.areaoptions import PatchCall, patch_options, print_passports
from zoneplan.commands.bilingual import Command, option, say, style_option
from zoneplan.commands.crsoptions import CrsAsked, crs_options
from zoneplan.commands.landoptions import landuse_options, wanted_landuse
from zoneplan.commands.options import LANG, out_folder
from zoneplan.commands.printing import AREA_COLUMNS, print_files, print_findings, print_frame


@click.command(
    cls=Command,
    words=(
        "面积:按要素,空间 × 组团,控制线 × 组团,用地分类与转移;或一个图斑文件 → areas.xlsx、areas.csv",
        "Areas: by element, space × group, control line × group, land use and its change; or of a file of patches → areas.xlsx, areas.csv",
    ),
)
@click.argument("layers", metavar="PLAN|LAYERS|FILE[:LAYER]")
@option(
    "--by",
    metavar="KIND",
    zh="再按一类要素列表,如 group、space",
    en="Also a table of one kind, e.g. group or space.",
)
@landuse_options
@patch_options
@style_option()
@crs_options
@out_folder("out/areas")
@LANG
def areas(
    layers: str, by: str | None, out: Path, landuse: str | None, style: Path | None, crs: CrsAsked, **more: Any
) -> None:  # fmt: skip
    from zoneplan.io import datasets
    from zoneplan.jobs import app, loading

    call = PatchCall.taken(more)
    wanted = wanted_landuse(landuse, more)
    if crs and wanted is None:
        raise click.UsageError(say("坐标系选项须与 --landuse 同用", "the CRS options need --landuse"))
    gate = crs.gate(["landuse", *(["planned"] if wanted.planned else [])]) if wanted else None
    if datasets.is_plain_file(layers):
        if by or landuse or style:
            raise click.UsageError(
                say(
                    "--by、--landuse、--style 用于规划图层",
                    "--by, --landuse and --style are for a plan's layers",
                )
            )
        call.run(layers, out)
        return
    compiled, _ = loading.open_layers(layers)
    patches = call.measured(landuse)
    if call.names:
        print_passports(call.names, compiled, patches)
        return
    tables, findings = app.write_areas(
        compiled, out, by=by, landuse=wanted, patches=patches, gate=gate, style=style
    )
    for name, frame in tables.items():
        click.echo(f"\n{name}")
        print_frame(frame[[column for column in AREA_COLUMNS if column in frame]])
    print_findings(findings)
    names = ["areas.xlsx", "areas.csv", *(["landuse.gpkg", "landuse.qgz"] if wanted else [])]
    print_files([out / name for name in names])

"""``zoneplan sheet``: print sheets as PDF, SVG, PNG or GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoneplan.commands.bilingual import Command, F, chosen, option, say
from zoneplan.commands.options import LANG
from zoneplan.terminal import progress, steps, table

if TYPE_CHECKING:
    from zoneplan.render.sheet.atlas import SheetOptions

FORMATS = ("pdf", "svg", "png", "tif")


def _imprint(command: F) -> F:
    """What is printed on every sheet as given."""
    for one in _IMPRINT:
        command = one(command)
    return command


_IMPRINT = (
    option("--note", default="", metavar="TEXT", zh="图下多写的一行说明", en="One more line below the map."),
    option("--map-number", default="", metavar="TEXT", zh="审图号", en="Map review number (审图号)."),
    option("--date", default="", metavar="TEXT", zh="编制日期,照写;不给则不写(从不取时钟)", en="Date, printed as given; none by default (never the clock)."),
    option("--organisation", default="", metavar="TEXT", zh="编制单位", en="Who compiled the sheet (编制单位)."),
    option("--title", default="", metavar="TEXT", zh="加在图名前的总标题,如规划名称与年限", en="Put before the title of every sheet, e.g. the plan and its years."),
)  # fmt: skip


@click.command(
    name="sheet",
    cls=Command,
    words=(
        "出图:按纸张与比例尺排版的图集(PDF 可检索、带地理坐标;SVG、PNG、GeoTIFF)",
        "Print sheets at a stated paper and scale (PDF, searchable and georeferenced; SVG, PNG, GeoTIFF)",
    ),
)
@click.argument("layers", metavar="PLAN|LAYERS")
@option(
    "--sheet",
    "sheets",
    multiple=True,
    metavar="NAME",
    zh="出哪一幅:编号或图名(开头),可多次给出;默认目录中全部",
    en="Which sheet, by id or (beginning of the) title; repeatable. Default: all of the catalogue.",
)
@option(
    "--only",
    multiple=True,
    metavar="NAME",
    zh="逐要素、逐地块的图只出这几个",
    en="Of sheets with a page each, only this element or parcel; repeatable.",
)
@option(
    "--conflicts",
    metavar="conflicts.gpkg",
    type=click.Path(path_type=Path),
    zh="地块核查成果(文件或其文件夹):冲突总图与地块图",
    en="A parcel check (file or its folder): the overview of conflicts and a page for each parcel.",
)
@option(
    "--paper",
    default="A3",
    show_default=True,
    metavar="A0…A4|WxH",
    zh="纸张,或 宽x高(毫米)",
    en="Paper, or WIDTHxHEIGHT in mm.",
)
@option(
    "--orientation",
    type=click.Choice(["auto", "landscape", "portrait"]),
    default="auto",
    show_default=True,
    zh="横放、竖放,或取比例尺较大者",
    en="Across, upright, or whichever gives the larger scale.",
)
@option(
    "--scale",
    metavar="1:N",
    zh="比例尺;默认放得下的最大整数比例尺",
    en="Scale; default the largest round one that fits.",
)
@option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    zh="格式,默认按文件后缀",
    en="Format; default by the suffix.",
)
@option(
    "--dpi",
    type=click.IntRange(50, 1200),
    default=200,
    show_default=True,
    zh="PNG、GeoTIFF 的分辨率",
    en="Resolution of PNG and GeoTIFF.",
)
@_imprint
@option(
    "--raster", metavar="FILE.tif", type=click.Path(path_type=Path),
    zh="垫在图下的 GeoTIFF 影像(8 位,CGCS2000 或 WGS 84)", en="A GeoTIFF picture to lie below the map (8 bits, CGCS2000 or WGS 84).",
)  # fmt: skip
@option(
    "--catalogue",
    metavar="FILE.yaml",
    type=click.Path(path_type=Path),
    zh="自己的图幅目录",
    en="Your own catalogue of sheets.",
)
@option("--list", "listing", is_flag=True, zh="只列出可出的图幅", en="Only list the sheets there are.")
@option(
    "-o",
    "--out",
    "out",
    default="sheets.pdf",
    show_default=True,
    metavar="FILE|DIR",
    type=click.Path(path_type=Path),
    zh="输出文件;多页的图片格式给文件夹",
    en="Output file; a folder for several pictures.",
)
@LANG
def sheet(
    layers: str, conflicts: Path | None, listing: bool, form: str | None, dpi: int, out: Path, **asked: Any
) -> None:
    """Make print sheets."""
    from zoneplan.commands.printing import print_files, print_findings
    from zoneplan.jobs import loading, sheets
    from zoneplan.jobs.savedcheck import open_check

    options = _options(asked)
    with steps(say("读取图层", "read the layers")):
        compiled, _ = loading.open_layers(layers)
        result, said = open_check(conflicts) if conflicts else (None, ())
    if listing:
        _print_list(sheets.list_sheets(compiled, options, result=result))
        return
    with progress(say("出图", "sheets")) as report:
        written = sheets.write_sheets(
            compiled, out, options, result=result, form=form, dpi=dpi, progress=report
        )
    print_findings([*said, *written.findings])
    print_files(written.files)


def _options(asked: dict[str, Any]) -> SheetOptions:
    from zoneplan.errors import Gathered
    from zoneplan.render.sheet.atlas import SheetOptions
    from zoneplan.render.sheet.catalogue import CATALOGUE
    from zoneplan.render.sheet.imprint import Imprint
    from zoneplan.render.sheet.paper import papers, scale_of

    faults, scale = Gathered(), None
    with faults.step():
        papers(asked["paper"], asked["orientation"])
    with faults.step():
        scale = scale_of(asked["scale"]) if asked["scale"] else None
    faults.check()
    given = {name: asked[name] for name in ("organisation", "date", "map_number", "note", "title")}
    return SheetOptions(
        asked["sheets"], asked["only"], asked["paper"], asked["orientation"], scale, Imprint(**given),
        asked["raster"], asked["catalogue"] or CATALOGUE, chosen(),
    )  # fmt: skip


def _print_list(rows: list[tuple[str, str, int]]) -> None:
    headers = (say("编号", "id"), say("图名", "title"), say("页数", "pages"))
    click.echo(table(headers, [(key, title, str(pages)) for key, title, pages in rows], right=(2,)))

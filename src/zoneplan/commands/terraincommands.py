"""``zoneplan terrain`` and ``zoneplan suitability``: slope classes and statistics; a first estimate of suitability."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoneplan.commands.bilingual import Command, F, option, pairs, say
from zoneplan.commands.crsoptions import CrsAsked, crs_options
from zoneplan.commands.options import LANG
from zoneplan.finding import has_errors
from zoneplan.terminal import progress

if TYPE_CHECKING:
    from zoneplan.jobs.terrainfiles import TerrainResult

_RASTERS = (
    option(
        "--dem", multiple=True, required=True, metavar="FILE", type=click.Path(path_type=Path),
        zh="高程栅格(米;GeoTIFF、.img、.asc、SRTM .hgt,任意坐标系,如 Copernicus GLO-30);多个图幅可多次给出",
        en="Heights in metres (GeoTIFF, .img, .asc, SRTM .hgt, in any CRS, such as Copernicus GLO-30); repeat it for several tiles.",
    ),
    option(
        "--landcover", multiple=True, metavar="FILE", type=click.Path(path_type=Path),
        zh="土地覆盖栅格(整数代码);可多次给出", en="Land cover, whole numbers; repeatable.",
    ),
    option(
        "--landcover-legend", metavar="ID|FILE.yaml",
        zh="土地覆盖的图例:landuse、worldcover、globeland30、clcd,或 YAML 文件;不猜测", en="What its values mean: landuse, worldcover, globeland30, clcd or a YAML file; never guessed.",
    ),
    option(
        "--cell", "cell_m", metavar="M", type=click.FloatRange(min=0, min_open=True),
        zh="格网边长(米),默认取高程栅格自身的像元或与之相近的整数", en="Side of the cells in metres; default the heights' own, or a round number near it.",
    ),
    option("--nodata", type=float, metavar="VALUE", zh="高程中表示无数据的值(文件未写明时)", en="Height that means no data, where a file does not say."),
)  # fmt: skip


def _raster_options(command: F) -> F:
    """The options about rasters that both commands have."""
    for one in reversed(_RASTERS):
        command = one(command)
    return command


def _out(default: str) -> Callable[[F], F]:
    return option(
        "-o", "--out", "out", default=default, show_default=True, type=click.Path(path_type=Path), metavar="DIR",
        zh="输出文件夹", en="Output folder.",
    )  # fmt: skip


@click.command(
    cls=Command,
    words=(
        "地形:坡度级、起伏度、坡向,按要素、地块、控制线统计;25°以上耕地与补划核查",
        "Terrain: slope classes, relief, aspect by element, parcel and control line; farmland above 25°, ground to be given checked",
    ),
)
@click.argument("layers", metavar="PLAN|LAYERS")
@_raster_options
@option("--parcels", metavar="PATH[:LAYER]", zh="逐地块统计", en="Statistics of these parcels.")
@option("--candidates", metavar="PATH[:LAYER]", zh="补划(补充耕地)地块,核查坡度", en="Ground to become farmland (补划): is it too steep?")  # fmt: skip
@option("--id-field", metavar="F", zh="地块编号字段", en="Field of parcel ids.")
@option("--code-field", metavar="F", zh="地类代码字段,01 开头为耕地;默认 DLBM、YDYHFLDM", en="Field of land-use codes, 01… is farmland; default DLBM, YDYHFLDM.")  # fmt: skip
@crs_options
@_out("out/terrain")
@LANG
def terrain(layers: str, out: Path, crs: CrsAsked, **asked: Any) -> None:
    from zoneplan.jobs.loading import open_layers
    from zoneplan.jobs.terrain import TerrainCall, run_terrain

    call = TerrainCall(**asked)
    gate = crs.gate(call.roles)
    compiled, _ = open_layers(layers)
    with progress(say("地形", "terrain")) as report:
        made = run_terrain(compiled, call, out, gate=gate, progress=report)
    _print(made, ("terrain", "farmland", "candidates"))
    raise SystemExit(1 if has_errors(made.findings) else 0)


@click.command(
    cls=Command,
    words=(
        "双评价初评:生态保护重要性、农业与城镇适宜性,由高程、土地覆盖、控制线与所给因子得出,并写明缺哪些因子",
        "First estimate of 双评价: ecological importance, suitability for farming and building, from heights, land cover, control lines and the factors given; says which are missing",
    ),
)
@click.argument("layers", metavar="PLAN|LAYERS")
@_raster_options
@option(
    "--factor", "factors", multiple=True, metavar="NAME=FILE",
    zh="其他因子的栅格:silt、rain、heat、hazard、pollution;可多次给出", en="Raster of a further factor: silt, rain, heat, hazard, pollution; repeatable.",
)  # fmt: skip
@option(
    "--method", metavar="FILE.yaml", type=click.Path(path_type=Path),
    zh="本单位的评价方法(分级、阈值、来源),默认内置初评", en="A method of your own (levels, thresholds, sources); default the first estimate.",
)  # fmt: skip
@crs_options
@_out("out/suitability")
@LANG
def suitability(layers: str, factors: tuple[str, ...], out: Path, crs: CrsAsked, **asked: Any) -> None:
    from zoneplan.jobs.loading import open_layers
    from zoneplan.jobs.suitability import SuitabilityCall, run_suitability

    call = SuitabilityCall(factors=pairs(factors, "--factor", form="NAME=FILE"), **asked)
    gate = crs.gate(call.roles)
    compiled, _ = open_layers(layers)
    with progress(say("双评价初评", "first estimate")) as report:
        made = run_suitability(compiled, call, out, gate=gate, progress=report)
    _print(made, ("factors",))
    raise SystemExit(1 if has_errors(made.findings) else 0)


_SHOWN = (
    "kind", "id", "name", "source", "slope_mean", "slope_p90", "slope_max", "elevation_mean", "relief_max", "slope_no_data",
    "steep_m2", "steep_share", "slope_state", "given",
)  # fmt: skip


def _print(made: TerrainResult, names: tuple[str, ...]) -> None:
    """Some tables, the findings, the files."""
    from zoneplan.commands.areaoptions import print_tables
    from zoneplan.commands.printing import print_files, print_findings

    print_tables(
        {
            name: made.tables[name][[column for column in _SHOWN if column in made.tables[name]]]
            for name in names
            if name in made.tables and len(made.tables[name])
        }
    )
    print_findings(made.findings)
    print_files(made.files)

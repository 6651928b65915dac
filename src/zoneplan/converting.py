"""``zoneplan convert``: from any format that officers hold to any that they need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoneplan.bilingual import Command, option, say

if TYPE_CHECKING:
    from pyproj import CRS

    from zoneplan.finding import Finding


@click.command(
    cls=Command,
    words=(
        "转换格式:坐标 TXT、shapefile、GeoPackage、FileGDB、GeoJSON、KML/KMZ、DXF、界址点 CSV/Excel、zip",
        "Convert between coordinate TXT, shapefile, GeoPackage, FileGDB, GeoJSON, KML/KMZ, DXF, tables of points, zip",
    ),
)
@click.argument("source", metavar="IN[:LAYER]")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@option(
    "--assume-crs",
    metavar="EPSG",
    zh="输入没有写明坐标系时采用,如 EPSG:4547",
    en="The input's CRS where it states none, e.g. EPSG:4547.",
)
@option(
    "--to-crs",
    metavar="EPSG",
    zh="输出坐标系;默认同输入(TXT 为所在 3°带)",
    en="CRS of the output; default the input's (TXT: its 3-degree zone).",
)
@option(
    "--encoding",
    metavar="NAME",
    zh="输入文字的编码;默认据其字节判断",
    en="Encoding of the input's text; default by its bytes.",
)
@option(
    "--to-encoding",
    metavar="NAME",
    zh="输出文字的编码:TXT 默认 GBK,shapefile 默认 UTF-8",
    en="Encoding of the output: TXT default GBK, shapefile UTF-8.",
)
@option(
    "--layer",
    metavar="NAME",
    zh="输出图层名;默认同文件名",
    en="Name of the output's layer; default the file's.",
)
@option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    expose_value=False,
    zh="语言,默认按系统区域设置",
    en="Language; default by locale.",
)
def convert(
    source: str, target: Path, assume_crs: str | None, to_crs: str | None, encoding: str | None, to_encoding: str | None, layer: str | None
) -> None:  # fmt: skip
    from zoneplan.printing import print_files, print_findings

    files, count, findings = converted(
        source,
        target,
        assume_crs=assume_crs,
        to_crs=to_crs,
        encoding=encoding,
        to_encoding=to_encoding,
        layer=layer,
    )
    click.echo(say(f"{count} 个要素", f"{count} features"))
    print_findings(findings)
    print_files(files)


def converted(
    source: str, target: Path, *, assume_crs: str | None = None, to_crs: str | None = None, encoding: str | None = None,
    to_encoding: str | None = None, layer: str | None = None,
) -> tuple[list[Path], int, list[Finding]]:  # fmt: skip
    """Read ``IN[:LAYER]``, write OUT; what was written, how many features, and what was concluded on the way.

    Raises
    ------
    InputError
        As reading and writing; a CRS that does not exist; an output that would replace the input.
    """
    from zoneplan.errors import InputError, fault
    from zoneplan.io.anyfile import read_any
    from zoneplan.io.vector import split_path_layer
    from zoneplan.io.writer import write_any

    path, name = split_path_layer(source)
    if target.exists() and path.exists() and target.samefile(path):
        raise InputError(fault("out.input", target, "输出会覆盖输入文件;请换一个名字", "the output would replace the input: choose another name"))  # fmt: skip
    intake = read_any(path, layer=name, assume_crs=_crs(assume_crs, "--assume-crs"), encoding=encoding)
    frame, wanted = intake.frame, _crs(to_crs, "--to-crs")
    if wanted is not None:
        if frame.crs is None:
            raise InputError(fault("crs.missing", path.name, "没有坐标系,不能转换;请用 --assume-crs 指明", "there is no CRS to transform from; give it with --assume-crs"))  # fmt: skip
        frame = frame.to_crs(wanted)
        frame.attrs = intake.frame.attrs
    files, said = write_any(target, frame, layer=layer, encoding=to_encoding, place=path.name)
    return files, len(frame), [*intake.findings, *said]


def _crs(text: str | None, option_name: str) -> CRS | None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    from zoneplan.errors import InputError, fault

    if text is None:
        return None
    try:
        return CRS.from_user_input(int(text) if text.isdigit() else text)
    except CRSError as error:
        zh, en = f"不认识的坐标系“{text}”;写作 EPSG:4547", f"unknown CRS '{text}'; write EPSG:4547"
        raise InputError(fault("crs.unknown", option_name, zh, en)) from error

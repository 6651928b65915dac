"""``zoneplan convert``: from any format that officers hold to any that they need."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoneplan.commands.bilingual import Command, option, pairs, say
from zoneplan.commands.options import LANG

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS

    from zoneplan.finding import Finding

_SHOWN = 10


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
    "--rename", multiple=True, metavar="OLD=NEW",
    zh="字段改名;可多次给出", en="Rename a field; repeatable.",
)  # fmt: skip
@option(
    "--decimals", type=click.IntRange(0, 8), default=3, show_default=True,
    zh="TXT:坐标小数位数", en="TXT: decimals of coordinates.",
)  # fmt: skip
@option("--no-prefix", is_flag=True, zh="TXT:Y 坐标不带带号", en="TXT: eastings without the zone's number.")
@option(
    "--count", type=click.Choice(["rows", "points"]), default="rows", show_default=True,
    zh="TXT:界址点数计行数,或不计闭合点", en="TXT: the header counts lines, or points without the closing ones.",
)  # fmt: skip
@option(
    "--area", type=click.Choice(["ellipsoidal", "planar"]), default="ellipsoidal", show_default=True,
    zh="TXT:地块面积的口径", en="TXT: which hectares the header says.",
)  # fmt: skip
@LANG
def convert(
    source: str, target: Path, rename: tuple[str, ...], decimals: int, no_prefix: bool, count: str, area: str, **options: Any
) -> None:  # fmt: skip
    from zoneplan.commands.printing import print_files, print_findings

    form = {"decimals": decimals, "prefix": not no_prefix, "count": count, "area": area}
    names = pairs(rename, "--rename", form="OLD=NEW")
    files, n, findings = converted(source, target, rename=names, text_form=form, **options)
    click.echo(say(f"{n} 个要素", f"{n} features"))
    print_findings(findings)
    print_files(files)


def converted(
    source: str, target: Path, *, assume_crs: str | None = None, to_crs: str | None = None, encoding: str | None = None,
    to_encoding: str | None = None, layer: str | None = None, rename: Mapping[str, str] | None = None,
    text_form: Mapping[str, Any] | None = None,
) -> tuple[list[Path], int, list[Finding]]:  # fmt: skip
    """Read ``IN[:LAYER]``, write OUT; what was written, how many features, and what was concluded on the way.

    Raises
    ------
    InputError
        As reading and writing; a CRS or a field that does not exist; an output that would replace the input.
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
    frame = _renamed(frame, rename or {}, path.name)
    files, said = write_any(
        target, frame, layer=layer, encoding=to_encoding, place=path.name, text_form=text_form
    )
    return files, len(frame), [*intake.findings, *_shapeless(frame, path.name), *said]


def _shapeless(frame: GeoDataFrame, place: str) -> list[Finding]:
    """Features without a figure: they are written, but there is nothing to draw or measure."""
    from zoneplan.finding import Finding

    rows = [
        number for number, none in enumerate(frame.geometry.isna() | frame.geometry.is_empty, start=1) if none
    ]
    if not rows:
        return []
    shown = ", ".join(f"#{row}" for row in rows[:_SHOWN]) + (" …" if len(rows) > _SHOWN else "")
    zh, en = (
        f"{len(rows)} 个要素没有图形(空,或已损坏不能读取):{shown}",
        f"{len(rows)} features have no figure (empty, or damaged and not to be read): {shown}",
    )
    return [Finding("file.no_figure", "warning", zh, en, place, feature=tuple(f"#{row}" for row in rows))]


def _renamed(frame: GeoDataFrame, names: Mapping[str, str], place: str) -> GeoDataFrame:
    """Fields under new names, none twice; what is known of them goes with them."""
    from zoneplan.errors import InputError, fault
    from zoneplan.io.fieldnotes import NOTES

    columns = [names.get(str(name), str(name)) for name in frame.columns]
    shown = "、".join(map(str, frame.columns))
    faults = [fault("layer.field", place, f"没有字段“{name}”;有:{shown}", f"there is no field '{name}'; there are: {shown}") for name in names if name not in frame or name == frame.geometry.name]  # fmt: skip
    faults += [fault("layer.field", place, f"改名后有两个字段“{name}”", f"two fields would be named '{name}'") for name in sorted({one for one in columns if columns.count(one) > 1})]  # fmt: skip
    if faults:
        raise InputError(faults)
    made = frame.rename(columns=dict(names))
    made.attrs = {
        **frame.attrs,
        NOTES: {names.get(name, name): note for name, note in frame.attrs.get(NOTES, {}).items()},
    }
    return made


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

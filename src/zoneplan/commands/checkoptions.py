"""Options of the command line about what a check is asked, and the request that they make."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from zoneplan.check.request import CheckRequest
from zoneplan.commands.bilingual import F, option, pairs, say
from zoneplan.commands.crsoptions import CrsAsked

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult

FAIL_ON = ("prohibited", "undetermined", "restricted")

_ASKED = (
    option(
        "--plan", metavar="PLAN",
        zh="规划(内置编号或 YAML);都不给时用内置规划", en="Plan (built-in id or YAML); the built-in one if nothing else is given.",
    ),
    option("--layers", "layers_file", metavar="GPKG", zh="build 写出的 layers.gpkg", en="A layers.gpkg written by build."),
    option(
        "--line", multiple=True, metavar="KEY=PATH[:LAYER]",
        zh="控制线或其他约束图层文件;可多次给出", en="A control line or further constraint layer; repeatable.",
    ),
    option(
        "--lines", "line_files", multiple=True, metavar="FILE",
        zh="地理数据库、压缩包或文件夹,其中按标准名称(STBHHX、YJJBNTTB、CZKFBJ…)认出的图层作为控制线;可多次给出",
        en="A geodatabase, archive or folder: layers of a standard name (STBHHX, YJJBNTTB, CZKFBJ …) become lines; repeatable.",
    ),
    option(
        "--coverage", metavar="PATH[:LAYER]",
        zh="所给控制线文件在此范围内是完整的;不给则按其范围外 20 公里", en="Where the lines given are complete; default within 20 km of their extent.",
    ),
    option(
        "--landuse", metavar="PATH[:LAYER]",
        zh="现状用地图斑:列出各地块的地类构成、三大类、耕地净面积", en="Patches of land use: the composition of every parcel.",
    ),
    option("--landuse-field", metavar="F", zh="地类代码字段;默认 YDYHFLDM 或 DLBM", en="Field of land-use codes; default YDYHFLDM or DLBM."),
    option("--landuse-codes", metavar="LIST", zh="代码采用的分类:2023、2020 或 survey3", en="List of the codes: 2023, 2020 or survey3."),
    option(
        "--tolerance", multiple=True, metavar="[KEY=]M2,M",
        zh="图形误差的面积与宽度容差,两者都小于才算;默认 1,0.2;可按控制线分别给出",
        en="Area and width under both of which an overlap is a sliver; default 1,0.2; for one line with KEY=.",
    ),
    option("--encoding", metavar="NAME", zh="地块文件的文字编码;默认据其字节判断", en="Encoding of the parcels' text; default by its bytes."),
    option("--id-field", metavar="F", zh="地块编号字段", en="Field of parcel ids."),
    option(
        "--use-field", metavar="F",
        zh="地块用途字段(用地用海代码或用途类 U01…)", en="Field of uses (land-use code, or use class U01…).",
    ),
    option("--use", metavar="CODE", zh="全部地块的用途", en="The use of all parcels."),
    option(
        "--national-major", is_flag=True,
        zh="声明为国家重大项目(不声明则一律不按国家重大项目判定)",
        en="Declare a national major project; undeclared, none is ever taken for one.",
    ),
    option(
        "--national-major-document", "document", metavar="TEXT",
        zh="国家重大项目的批准文件文号;须与 --national-major 同用", en="The document that makes it one; with --national-major.",
    ),
    option(
        "--rules", multiple=True, metavar="FILE.csv|xlsx",
        zh="本单位规则:同编号替换、新编号新增、verdict 为空则删去;可多次给出,后者为准",
        en="Office rules: a known id replaces, a new one adds, an empty verdict removes; repeatable, later files on top.",
    ),
    option(
        "--overrides", metavar="FILE.csv|xlsx|yaml",
        zh="人工认定不适用的占用(地块编号、控制线、姓名、理由、日期);原结论保留",
        en="Hits marked as not applicable (parcel_id, line, name, reason, date); what was found stays.",
    ),
    option(
        "--as-of", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]),
        zh="按该日有效的规则判定", en="Apply the rules in force on that day.",
    ),
    option(
        "--area", type=click.Choice(["ellipsoidal", "planar"]), default="ellipsoidal", show_default=True,
        zh="面积口径:椭球或投影", en="Which area is reported.",
    ),
)  # fmt: skip
_FAIL_ON = option(
    "--fail-on", type=click.Choice(FAIL_ON),
    zh="有地块的结论为此项或更严时退出码 1(按原结论,不计人工认定)",
    en="Exit 1 if a parcel's verdict is this or stricter (as found, overrides left aside).",
)  # fmt: skip


def check_options(command: F) -> F:
    """The options of ``check`` that say what is asked, and ``--fail-on``."""
    for one in (_FAIL_ON, *reversed(_ASKED)):
        command = one(command)
    return command


def check_request(parcels: str, asked: dict[str, Any], *, default_plan: str) -> CheckRequest:
    """The request that the options make; calls that make no sense are usage errors."""
    plan, layers_file, as_of = asked["plan"], asked["layers_file"], asked["as_of"]
    if plan and layers_file:
        raise click.UsageError(say("--plan 与 --layers 只能给一个", "give --plan or --layers, not both"))
    if asked["document"] is not None and not asked["national_major"]:
        raise click.UsageError(
            say("--national-major-document 须与 --national-major 同用", "--national-major-document needs --national-major")
        )  # fmt: skip
    lines = pairs(asked["line"], "--line")
    crs: CrsAsked = asked["crs"]
    return CheckRequest(
        parcels,
        source=layers_file or plan or (None if lines or asked["line_files"] else default_plan),
        lines=lines,
        line_files=tuple(asked["line_files"]),
        encoding=asked["encoding"],
        rules=tuple(asked["rules"]),
        overrides=asked["overrides"],
        style=str(asked["style"]) if asked["style"] else None,
        landuse=asked["landuse"],
        coverage=asked["coverage"],
        landuse_field=asked["landuse_field"],
        landuse_codes=asked["landuse_codes"],
        tolerances={key: text for one in asked["tolerance"] for key, _, text in [one.rpartition("=")]},
        crossing_field=asked["crossing_field"],
        crs=crs.record(),
        id_field=asked["id_field"],
        use_field=asked["use_field"],
        use=asked["use"],
        as_of=as_of.date() if isinstance(as_of, datetime) else None,
        area=asked["area"],
        national_major=(asked["document"] or "") if asked["national_major"] else None,
    )


def fails(result: CheckResult, fail_on: str | None) -> bool:
    """Whether any parcel's verdict is the one named or a stricter one."""
    from zoneplan.check.rules import STRICTEST_FIRST

    if fail_on is None:
        return False
    stricter = STRICTEST_FIRST[: STRICTEST_FIRST.index(fail_on) + 1]
    return bool(result.parcels["overall"].isin(stricter).any())

"""Options of the command line about land use, and what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from zoneplan.commands.bilingual import F, option, say

if TYPE_CHECKING:
    from zoneplan.jobs.inventory import Wanted

_LANDUSE = (
    option("--landuse", metavar="PATH[:LAYER]", zh="现状用地图斑", en="Patches of present land use."),
    option(
        "--landuse-field", "field", metavar="F",
        zh="地类代码字段;默认 YDYHFLDM 或 DLBM", en="Field of land-use codes; default YDYHFLDM or DLBM.",
    ),
    option(
        "--landuse-codes", "codes", metavar="LIST",
        zh="代码采用的分类:2023、2020 或 survey3(三调);默认自动识别",
        en="List of the codes: 2023, 2020 or survey3 (third national land survey); default detected.",
    ),
    option("--planned", metavar="PATH[:LAYER]", zh="规划用地图斑,另给出转移矩阵", en="Patches of planned land use: also the transition matrix."),
    option("--planned-field", metavar="F", zh="规划用地的代码字段", en="Field of planned land-use codes."),
    option("--planned-codes", metavar="LIST", zh="规划用地代码采用的分类", en="List of the planned codes."),
    option(
        "--landuse-level", "level", type=click.IntRange(1, 3), default=1, show_default=True,
        zh="分要素表与转移矩阵的地类级别", en="Level of the classes by element and in the transition matrix.",
    ),
    option(
        "--facilities-as", "facilities", type=click.Choice(["agricultural", "construction"]), default="agricultural", show_default=True,
        zh="06 农业设施建设用地在三大类中计入农用地或建设用地", en="What class 06 (farm facilities) counts as in the three-way summary.",
    ),
    option("--template", metavar="FILE", zh="表格模板:structure、adjustment 或 YAML 文件", en="Template of the sheets: structure, adjustment or a YAML file."),
)  # fmt: skip


def landuse_options(command: F) -> F:
    """The options of ``areas`` that are about land use."""
    for one in reversed(_LANDUSE):
        command = one(command)
    return command


def wanted_landuse(landuse: str | None, more: dict[str, Any]) -> Wanted | None:
    """What the options ask of land use; without ``--landuse`` none of the others has a meaning."""
    context = click.get_current_context()
    if landuse is None:
        for parameter in context.command.params:
            name = str(parameter.name)
            if name in more and context.get_parameter_source(name) is not ParameterSource.DEFAULT:
                raise click.UsageError(
                    say(f"{parameter.opts[0]} 须与 --landuse 同用", f"{parameter.opts[0]} needs --landuse")
                )
        return None
    if more["planned"] is None and (more["planned_field"] or more["planned_codes"]):
        raise click.UsageError(
            say(
                "--planned-field、--planned-codes 须与 --planned 同用",
                "--planned-field and --planned-codes need --planned",
            )
        )
    from zoneplan.jobs.inventory import Wanted

    return Wanted(present=landuse, **more)

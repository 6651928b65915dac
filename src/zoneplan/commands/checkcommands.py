"""``zoneplan check`` and ``zoneplan overlap``: parcels against lines, with verdicts, or areas only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoneplan.commands.bilingual import Command, chosen, option, pairs, say, style_option
from zoneplan.commands.checkoptions import check_options, check_request, fails
from zoneplan.commands.crsoptions import CrsAsked, crs_options
from zoneplan.commands.options import DEFAULT_PLAN, LANG, out_folder
from zoneplan.commands.printing import print_check, print_files, print_findings, print_overlap
from zoneplan.commands.reportoptions import report_options
from zoneplan.finding import has_errors
from zoneplan.terminal import progress

FORMATS = "csv,json,xlsx,docx,gpkg,map"  # kmz as well


@click.command(
    cls=Command,
    words=(
        "地块核查:地块 × 控制线 → 状态、面积、结论与依据",
        "Check parcels against control lines: states, areas, verdicts, legal basis",
    ),
)
@click.argument("parcels", metavar="PARCELS[:LAYER]")
@check_options
@report_options
@style_option()
@option(
    "--formats",
    default=FORMATS,
    show_default=True,
    zh="写出哪些文件;另有 kmz",
    en="Which papers to write; kmz is one more.",
)
@crs_options
@out_folder("out/check")
@LANG
def check(
    parcels: str, formats: str, fail_on: str | None, out: Path, project: str, word_template: Path | None, **asked: Any
) -> None:  # fmt: skip
    from zoneplan.jobs import app, checking

    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in app.CHECK_FORMATS]:
        raise click.UsageError(
            say(
                f"--formats:不认识 {'、'.join(unknown)};可选 {','.join(app.CHECK_FORMATS)}",
                f"--formats: unknown {', '.join(unknown)}; choose from {','.join(app.CHECK_FORMATS)}",
            )
        )
    request = check_request(parcels, asked, default_plan=DEFAULT_PLAN)
    with progress(say("核查", "check"), left=say("约剩", "about left")) as report:
        made = checking.check(request)
        said = app.write_check(
            made.result, lambda: made.layers, out,
            formats=wanted, lang=chosen(), style=made.style, template=word_template, project=project, progress=report,
        )  # fmt: skip
    print_check(made.result)
    print_findings(said)
    print_files(sorted(path for path in out.iterdir() if path.name.startswith(("conflicts.", "map."))))
    raise SystemExit(1 if fails(made.result, fail_on) else 0)


@click.command(
    cls=Command,
    words=(
        "叠加面积:任意大的图层 × 约束图层 → 每个要素一行的面积表(不判定)",
        "Overlap areas of a layer of any size with constraint layers, a row per feature (no verdicts)",
    ),
)
@click.argument("parcels", metavar="PARCELS[:LAYER]")
@option(
    "--line",
    multiple=True,
    required=True,
    metavar="KEY=PATH[:LAYER]",
    zh="控制线或其他约束图层;可多次给出",
    en="A control line or further constraint layer; repeatable.",
)
@option("--id-field", metavar="F", zh="编号字段", en="Field of ids.")
@option(
    "--area",
    type=click.Choice(["ellipsoidal", "planar"]),
    default="ellipsoidal",
    show_default=True,
    zh="面积口径:椭球或投影",
    en="Which area is reported.",
)
@option(
    "--keep-index",
    is_flag=True,
    zh="把切分好的图层存在图层文件旁(*.zpgrid.npz),下次不再切分",
    en="Keep each layer, cut into cells, beside its file (*.zpgrid.npz) for the next time.",
)
@crs_options
@option(
    "-o",
    "--out",
    "out",
    default="overlap.csv",
    show_default=True,
    metavar="FILE.csv|parquet",
    type=click.Path(path_type=Path),
    zh="输出表",
    en="Output table.",
)
@LANG
def overlap(
    parcels: str, line: tuple[str, ...], id_field: str | None, area: str, keep_index: bool, out: Path, crs: CrsAsked
) -> None:  # fmt: skip
    from zoneplan.jobs.stream import overlap_file

    lines = pairs(line, "--line")
    gate = crs.gate(["parcels", *lines])
    with progress(say("叠加", "overlap"), left=say("约剩", "about left")) as report:
        made = overlap_file(
            parcels, lines, out,
            gate=gate, id_field=id_field, area=area, keep_grids=keep_index, progress=report,
        )  # fmt: skip
    print_overlap(made)
    print_findings(made.findings)
    print_files([out])
    raise SystemExit(1 if has_errors(made.findings) else 0)

"""The command line: parse, call `app`, print. Heavy modules load inside the commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from zoneplan.check.request import CheckRequest
from zoneplan.commands.areaoptions import PatchCall, ledger, patch_options, print_passports
from zoneplan.commands.bilingual import Command, F, Group, chosen, language, option, pairs, say, style_option
from zoneplan.commands.checkoptions import check_options, check_request, fails
from zoneplan.commands.converting import convert
from zoneplan.commands.crsoptions import CrsAsked, crs_options
from zoneplan.commands.deskcommands import rules, verify
from zoneplan.commands.landoptions import landuse_options, wanted_landuse
from zoneplan.commands.mapoptions import checked, map_options, offered, side_names
from zoneplan.commands.printing import (
    AREA_COLUMNS,
    print_check,
    print_files,
    print_findings,
    print_frame,
    print_inspection,
    print_layers,
    print_overlap,
)
from zoneplan.commands.reportoptions import report_options
from zoneplan.commands.scenariocommands import scenario
from zoneplan.commands.sheetcommand import sheet
from zoneplan.commands.sitingcommand import siting
from zoneplan.commands.stylecommand import style as style_command
from zoneplan.commands.terraincommands import suitability, terrain
from zoneplan.errors import InputError, ZoneplanError
from zoneplan.finding import has_errors
from zoneplan.terminal import plain_lines, progress, steps

DEFAULT_PLAN = "jiaozuo"
FORMATS = "csv,json,xlsx,docx,gpkg,map"  # kmz as well
FOREIGN = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH")
"""Set by QGIS, PostGIS and others for their own PROJ and GDAL; the libraries here bring theirs and fail with those."""


_REFERENCE = option(
    "--reference", "-r", multiple=True, metavar="PATH", type=click.Path(path_type=Path),
    zh="参考要素文件(.osm.pbf、.gpkg、.shp、.geojson),按名称与别名替换示意要素;可多次给出",
    en="Reference features (.osm.pbf, .gpkg, .shp, .geojson) that replace schematic ones by name and alias; repeatable.",
)  # fmt: skip
_LAYER = option(
    "--layer", "layer", multiple=True, metavar="KEY=PATH[:LAYER]",
    zh="以正式成果替换编译出的图层,例如 permanent_basic_farmland=yjjbnt.gpkg",
    en="Put an authoritative layer in place of a compiled one, e.g. permanent_basic_farmland=yjjbnt.gpkg.",
)  # fmt: skip
_LANG = option(
    "--lang", type=click.Choice(["zh", "en"]), expose_value=False,
    zh="语言,默认按系统区域设置", en="Language; default by locale.",
)  # fmt: skip


def _out(default: str) -> Callable[[F], F]:
    return option(
        "-o", "--out", "out", default=default, show_default=True, type=click.Path(path_type=Path), metavar="DIR",
        zh="输出文件夹", en="Output folder.",
    )  # fmt: skip


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zoneplan")
@_LANG
def cli() -> None:
    """The commands."""


@cli.command(
    cls=Command,
    words=(
        "编译规划:规划文件 + 参考要素 → layers.gpkg、project.qgz(QGIS)与 manifest.json",
        "Compile: plan + reference geometry → layers.gpkg, project.qgz (QGIS) and manifest.json",
    ),
)
@click.argument("plan", default=DEFAULT_PLAN)
@_REFERENCE
@_LAYER
@_out("out/layers")
@option("--format", "form", type=click.Choice(["gpkg", "geojson"]), default="gpkg", show_default=True,
         zh="GeoPackage 一个文件,或每类一个 GeoJSON", en="One GeoPackage, or one GeoJSON per kind.")  # fmt: skip
@style_option()
@option(
    "--sld",
    "slds",
    is_flag=True,
    zh="另写每个图层的 SLD 文件(GeoServer 等用)",
    en="Also an SLD file for each layer, for GeoServer and others.",
)
@option(
    "--check",
    "check_only",
    is_flag=True,
    zh="不写文件,只比较文件夹中的成果是否最新;不是则退出码 1",
    en="Write nothing; exit 1 if the folder is not current.",
)
@_LANG
def build(
    plan: str, reference: tuple[Path, ...], layer: tuple[str, ...], out: Path, form: str, style: Path | None, slds: bool, check_only: bool
) -> None:  # fmt: skip
    from zoneplan.jobs import app, loading

    built = loading.build(plan, reference=reference, layers=pairs(layer, "--layer"))
    if check_only:
        changed = app.changed_files(built, out, style=style)
        for name in changed:
            click.echo(say(f"{out / name}:不是最新", f"{out / name}: would change"), err=True)
        if not changed:
            click.echo(say(f"{out} 是最新的", f"{out} is current"))
        raise SystemExit(1 if changed else 0)
    files = app.write_build(built, out, form=form, style=style, slds=slds)
    print_layers(built.layers)
    said = [finding for finding in built.layers.findings if finding.code != "plan.interpretation"]
    print_findings([*app.style_said(style), *said])
    print_files(files)


@cli.command(
    cls=Command,
    words=(
        "审查:规划或编译成果(数目、歧义读法、三线互斥、覆盖),或任意矢量文件的拓扑",
        "Audit: a plan or its layers (counts, readings, lines apart, coverage), or any vector file's topology",
    ),
)
@click.argument("source", metavar="[PLAN|LAYERS|FILE[:LAYER]]", default=DEFAULT_PLAN)
@_REFERENCE
@option(
    "--tolerance", type=click.FloatRange(min=1e-6), default=1e-3, show_default=True, metavar="M",
    zh="文件:容差(米),节点距邻边不超过此值视为在边上", en="File: metres up to which a vertex lies on a neighbour's edge.",
)  # fmt: skip
@option(
    "--min-angle", type=click.FloatRange(0, 90), default=10.0, show_default=True, metavar="DEG",
    zh="文件:小于此角度的内角列为锐角", en="File: angles below this are listed.",
)  # fmt: skip
@option(
    "--sliver-width", type=click.FloatRange(min=0), default=1.0, show_default=True, metavar="M",
    zh="文件:平均宽度(2A/P)小于此值为狭长图斑或空隙(米)", en="File: strips of a smaller mean width (2A/P) are slivers.",
)  # fmt: skip
@option(
    "--boundary", metavar="PATH[:LAYER]",
    zh="文件:各图层应在其内、全覆盖图层应铺满的范围", en="File: the area that every layer lies in, and coverages fill.",
)  # fmt: skip
@option(
    "--code-field", metavar="F",
    zh="文件:地类代码字段,给出则检查最小上图面积(DLBM 为三调代码)",
    en="File: field of land-use codes; with it, minimum mapped areas are checked (DLBM: survey codes).",
)  # fmt: skip
@option("--id-field", metavar="F", zh="文件:要素标识字段", en="File: field of feature ids.")
@option(
    "--repair", "method", type=click.Choice(["structure", "linework"]),
    zh="文件:按此方法修复无效几何,另存 repaired.gpkg 与 repair.csv,不改动输入",
    en="File: repair invalid geometry by this method into repaired.gpkg, with repair.csv; the input stays.",
)  # fmt: skip
@crs_options
@_out("out/audit")
@_LANG
def audit(
    source: str,
    reference: tuple[Path, ...],
    out: Path,
    method: Literal["structure", "linework"] | None,
    boundary: str | None,
    crs: CrsAsked,
    **limits: Any,
) -> None:
    from zoneplan.jobs import app, inspection
    from zoneplan.topology import layer as topology

    if inspection.is_plain_file(source):
        found = inspection.inspect(
            source, options=topology.Options(**limits), boundary=boundary, method=method,
            gate=crs.gate(["file", *(["boundary"] if boundary else [])]),
        )  # fmt: skip
        files = app.write_inspection(source, found, out)
        print_inspection(found.findings)
        print_files(files)
        raise SystemExit(1 if has_errors(found.findings) else 0)
    if method or boundary or crs or limits["code_field"] or limits["id_field"]:
        raise click.UsageError(
            say(
                "--repair、--boundary、--code-field、--id-field 与坐标系选项只用于矢量文件",
                "--repair, --boundary, --code-field, --id-field and the CRS options are for a vector file",
            )
        )
    findings = app.audit(source, reference=reference)
    app.write_audit(findings, out)
    print_findings(findings)
    print_files([out / "findings.json", out / "findings.gpkg"])
    raise SystemExit(1 if has_errors(findings) else 0)


@cli.command(
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
@_out("out/areas")
@_LANG
def areas(
    layers: str, by: str | None, out: Path, landuse: str | None, style: Path | None, crs: CrsAsked, **more: Any
) -> None:  # fmt: skip
    from zoneplan.jobs import app, inspection, loading

    call = PatchCall.taken(more)
    wanted = wanted_landuse(landuse, more)
    if crs and wanted is None:
        raise click.UsageError(say("坐标系选项须与 --landuse 同用", "the CRS options need --landuse"))
    gate = crs.gate(["landuse", *(["planned"] if wanted.planned else [])]) if wanted else None
    if inspection.is_plain_file(layers):
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


cli.add_command(ledger)


@cli.command(
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
@_out("out/check")
@_LANG
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
            made.result, made.layers, out,
            formats=wanted, lang=chosen(), style=made.style, template=word_template, project=project, progress=report,
        )  # fmt: skip
    print_check(made.result)
    print_findings(said)
    print_files(sorted(path for path in out.iterdir() if path.name.startswith(("conflicts.", "map."))))
    raise SystemExit(1 if fails(made.result, fail_on) else 0)


@cli.command(
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
@_LANG
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


@cli.command(
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
@_LANG
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


@cli.command(
    cls=Command,
    words=(
        "一次做完:编译、审查、面积、地块核查、地图",
        "All at once: build, audit, areas, parcel check, map",
    ),
)
@click.argument("plan", default=DEFAULT_PLAN)
@option("--parcels", metavar="PATH[:LAYER]", zh="要核查的地块文件", en="Parcels to check.")
@_REFERENCE
@_LAYER
@style_option()
@option(
    "-o",
    "--out",
    "out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    zh="输出文件夹,默认 out/<规划编号>",
    en="Output folder; default out/<plan id>.",
)
@_LANG
def run(
    plan: str, parcels: str | None, reference: tuple[Path, ...], layer: tuple[str, ...], style: Path | None, out: Path | None
) -> None:  # fmt: skip
    from zoneplan.jobs import app, checking, loading

    with steps(say("编译规划", "compile the plan")):
        built = loading.build(plan, reference=reference, layers=pairs(layer, "--layer"))
        folder = out or Path("out") / built.plan.id
        app.write_build(built, folder, style=style)
    with steps(say("审查", "audit")):
        findings = app.audit_built(built)
        app.write_audit(findings, folder)
    with steps(say("面积", "areas")):
        app.write_areas(built.layers, folder)
    result = None
    if parcels:
        with steps(say("核查地块", "check parcels")):
            asked = CheckRequest(
                parcels, plan, tuple(map(str, reference)), pairs(layer, "--layer"), style=str(style) if style else None,
            )  # fmt: skip
            made = checking.check(asked, compiled=(built.layers, built.inputs))
            result = made.result
            papers = ["csv", "json", "xlsx", "docx", "gpkg"]
            app.write_check(result, built.layers, folder, formats=papers, style=made.style)
    with steps(say("地图", "map")):
        app.write_map(built.layers, folder / "map.html", result, lang=chosen(), style=style)
    print_layers(built.layers)
    print_findings([*app.style_said(style), *(finding for finding in findings if finding.severity != "info")])
    if result is not None:
        print_check(result)
    print_files(sorted(path for path in folder.iterdir() if path.is_file()))


for _command in (
    convert,
    verify,
    rules,
    scenario,
    siting,
    sheet,
    style_command,
    terrain,
    suitability,
):
    cli.add_command(_command)


STOPPED = 130
"""Exit code of a run that was stopped from the keyboard."""


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: faults of the input go to stderr with exit code 2, never a traceback."""
    args = list(sys.argv[1:] if argv is None else argv)
    lang = language(args, os.environ)
    if argv is None and not os.environ.get("ZONEPLAN_TRACEBACK"):
        sys.unraisablehook = lambda _: None  # a library that cannot clean up after a fault: the fault is told
    for name in FOREIGN:
        os.environ.pop(name, None)
    try:
        code = cli.main(args=args, prog_name="zoneplan", obj=lang, standalone_mode=False)
        raise SystemExit(code if isinstance(code, int) else 0)
    except click.Abort as error:
        click.echo("已中止,没有写出文件" if lang == "zh" else "stopped; no file was written", err=True)
        raise SystemExit(STOPPED) from error
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from error
    except InputError as error:
        click.echo(plain_lines(error.text(lang)), err=True)
    except ZoneplanError as error:
        click.echo(plain_lines(str(error)), err=True)
    except OSError as error:
        click.echo(f"{error.filename or ''}: {error.strerror or error}", err=True)
    except Exception as error:
        if os.environ.get("ZONEPLAN_TRACEBACK"):
            raise
        words = " ".join(f"{type(error).__name__}: {error}".split())
        zh = f"zoneplan 内部错误,请报告:{words}(设 ZONEPLAN_TRACEBACK=1 可看详情)"
        en = f"internal error of zoneplan, please report it: {words} (set ZONEPLAN_TRACEBACK=1 for details)"
        click.echo(plain_lines(zh if lang == "zh" else en), err=True)
    raise SystemExit(2)

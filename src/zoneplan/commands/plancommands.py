"""``zoneplan build`` and ``zoneplan run``: a plan compiled; all at once."""

from __future__ import annotations

from pathlib import Path

import click

from zoneplan.check.request import CheckRequest
from zoneplan.commands.bilingual import Command, chosen, option, pairs, say, style_option
from zoneplan.commands.options import DEFAULT_PLAN, LANG, LAYER, REFERENCE, out_folder
from zoneplan.commands.printing import print_check, print_files, print_findings, print_layers
from zoneplan.terminal import steps


@click.command(
    cls=Command,
    words=(
        "编译规划:规划文件 + 参考要素 → layers.gpkg、project.qgz(QGIS)与 manifest.json",
        "Compile: plan + reference geometry → layers.gpkg, project.qgz (QGIS) and manifest.json",
    ),
)
@click.argument("plan", default=DEFAULT_PLAN)
@REFERENCE
@LAYER
@out_folder("out/layers")
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
@LANG
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


@click.command(
    cls=Command,
    words=(
        "一次做完:编译、审查、面积、地块核查、地图",
        "All at once: build, audit, areas, parcel check, map",
    ),
)
@click.argument("plan", default=DEFAULT_PLAN)
@option("--parcels", metavar="PATH[:LAYER]", zh="要核查的地块文件", en="Parcels to check.")
@REFERENCE
@LAYER
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
@LANG
def run(
    plan: str, parcels: str | None, reference: tuple[Path, ...], layer: tuple[str, ...], style: Path | None, out: Path | None
) -> None:  # fmt: skip
    from zoneplan.jobs import app, auditing, checking, loading

    with steps(say("编译规划", "compile the plan")):
        built = loading.build(plan, reference=reference, layers=pairs(layer, "--layer"))
        folder = out or Path("out") / built.plan.id
        app.write_build(built, folder, style=style)
    with steps(say("审查", "audit")):
        findings = auditing.audit_built(built)
        auditing.write_audit(findings, folder)
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

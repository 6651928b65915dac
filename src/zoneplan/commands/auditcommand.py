"""``zoneplan audit``: a plan, its layers, or the topology of any vector file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from zoneplan.commands.bilingual import Command, option, say
from zoneplan.commands.crsoptions import CrsAsked, crs_options
from zoneplan.commands.options import DEFAULT_PLAN, LANG, REFERENCE, out_folder
from zoneplan.commands.printing import print_files, print_findings, print_inspection
from zoneplan.finding import has_errors
from zoneplan.terminal import steps


@click.command(
    cls=Command,
    words=(
        "审查:规划或编译成果(数目、歧义读法、三线互斥、覆盖),或任意矢量文件(整个文件夹、压缩包、坐标 TXT)的拓扑",
        "Audit: a plan or its layers (counts, readings, lines apart, coverage), or the topology of any vector file, folder, archive or coordinate TXT",
    ),
)
@click.argument("source", metavar="[PLAN|LAYERS|FILE[:LAYER]|FOLDER|ARCHIVE]", default=DEFAULT_PLAN)
@REFERENCE
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
@out_folder("out/audit")
@LANG
def audit(
    source: str,
    reference: tuple[Path, ...],
    out: Path,
    method: Literal["structure", "linework"] | None,
    boundary: str | None,
    crs: CrsAsked,
    **limits: Any,
) -> None:
    from zoneplan.io import datasets
    from zoneplan.jobs import auditing, inspection
    from zoneplan.topology import layer as topology

    if datasets.is_plain_file(source) or datasets.is_folder_of_files(source):
        with steps(say("检查拓扑", "check the topology")):
            found = inspection.inspect(
                source, options=topology.Options(**limits), boundary=boundary, method=method,
                gate=crs.gate(["file", *(["boundary"] if boundary else [])]),
            )  # fmt: skip
        files = auditing.write_inspection(source, found, out)
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
    findings = auditing.audit(source, reference=reference)
    auditing.write_audit(findings, out)
    print_findings(findings)
    print_files([out / "findings.json", out / "findings.gpkg"])
    raise SystemExit(1 if has_errors(findings) else 0)

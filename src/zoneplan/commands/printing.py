"""What the commands print: tables, findings and the files written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoneplan.commands.bilingual import chosen, say
from zoneplan.finding import SEVERITIES, Finding, Severity
from zoneplan.terminal import plain_lines, table

if TYPE_CHECKING:
    import pandas as pd

    from zoneplan.check.result import CheckResult
    from zoneplan.jobs.stream import Streamed
    from zoneplan.layers import LayerSet

AREA_COLUMNS = (
    "id",
    "name",
    "row_name",
    "column_name",
    "share",
    "area_m2",
    "area_ha",
    "area_km2",
    "area_mu",
    "moved_m2",
)
SEVERITY_WORDS: Mapping[Severity, tuple[str, str]] = {
    "error": ("错误", "error"),
    "warning": ("注意", "warning"),
    "info": ("说明", "info"),
}
CONCLUDED = ("txt.", "table.", "drawing.", "lines.", "file.encoding", "parcels.use")
"""Codes of what was concluded in reading a file: said on the screen even where it is no more than information."""
SHOWN = 40
"""Findings printed of a file; the papers have all."""


def print_layers(layers: LayerSet) -> None:
    from zoneplan.units import to_unit

    headers = (
        say("类别", "kind"),
        say("要素", "elements"),
        say("面积 km²", "area km²"),
        say("精度", "accuracy"),
    )
    rows = [
        (
            kind,
            str(len(frame)),
            f"{to_unit(float(frame['area_m2'].sum()), 'km2'):.4f}",
            ",".join(sorted(set(frame["accuracy"]))),
        )
        for kind, frame in layers.elements.items()
    ]
    click.echo(f"{layers.name}  {layers.crs.name} (EPSG:{layers.crs.to_epsg()})")
    click.echo(table(headers, rows, right=(1, 2)))


def print_overlap(made: Streamed) -> None:
    from zoneplan.units import to_unit

    headers = (say("图层", "layer"), "m²", "ha", say("亩", "mu"), say("占比", "share"))
    rows = [
        (
            name,
            f"{area:,.2f}",
            f"{to_unit(area, 'ha'):,.4f}",
            f"{to_unit(area, 'mu'):,.4f}",
            f"{area / made.area_m2:.2%}" if made.area_m2 else "",
        )
        for name, area in ((say("要素合计", "features"), made.area_m2), *made.overlap_m2.items())
    ]
    click.echo(say(f"{made.features} 个要素", f"{made.features} features"))
    click.echo(table(headers, rows, right=(1, 2, 3, 4)))


def print_check(result: CheckResult) -> None:
    from zoneplan.check.names import VERDICT_WORDS
    from zoneplan.render.conflict_papers import summary

    counts = summary(result, lang=chosen())
    print_frame(counts)
    overall = "  ".join(f"{words} {n}" for words, n in counts.attrs["overall"].items())
    click.echo(say(f"地块 {len(result.parcels)} 个:{overall}", f"{len(result.parcels)} parcels: {overall}"))
    if marked := result.receipt.get("overrides"):
        from zoneplan.check.overrides import overall_with_overrides

        pick = 0 if chosen() == "zh" else 1
        after = overall_with_overrides(result)
        words = "  ".join(
            f"{VERDICT_WORDS[verdict][pick]} {after.count(verdict)}" for verdict in VERDICT_WORDS
        )
        click.echo(
            say(
                f"人工认定不适用 {len(marked)} 处;计入后:{words}",
                f"{len(marked)} overrides; with them: {words}",
            )
        )
    print_findings(
        [one for one in result.findings if one.severity != "info" or one.code.startswith(CONCLUDED)]
    )


def print_frame(frame: pd.DataFrame) -> None:
    """A table with numbers flushed right, as many decimals as the papers print."""
    from zoneplan.units import PLACES

    places = {name: PLACES.get(name.rpartition("_")[2], 4) for name in map(str, frame.columns)}
    numbers = tuple(index for index, dtype in enumerate(frame.dtypes) if dtype.kind in "fi")
    rows = [
        tuple(
            ("" if cell != cell else f"{cell:.{places[str(name)]}f}")
            if isinstance(cell, float)
            else str(cell)
            for name, cell in zip(frame.columns, row, strict=True)
        )
        for row in frame.itertuples(index=False)
    ]
    click.echo(table(tuple(places), rows, right=numbers))


def print_findings(findings: Sequence[Finding]) -> None:
    """Findings by severity, worst first."""
    for severity in SEVERITIES:
        for finding in findings:
            if finding.severity == severity:
                words = SEVERITY_WORDS[severity]
                click.echo(plain_lines(f"{say(*words)} {finding.code} {finding.line(chosen())}"))


def print_inspection(findings: Sequence[Finding]) -> None:
    """A table of codes by layer, then the errors and warnings, as many as a screen holds; the files have all."""
    headers = (
        say("图层", "layer"),
        say("编码", "code"),
        say("级别", "severity"),
        say("个数", "number"),
        say("首例", "first"),
    )
    groups: dict[tuple[str, str, Severity], list[Finding]] = {}
    for finding in findings:
        layer = finding.place.split(": ", 1)[0]
        groups.setdefault((layer, finding.code, finding.severity), []).append(finding)
    order = sorted(groups, key=lambda key: (key[0], SEVERITIES.index(key[2]), key[1]))
    rows = []
    for layer, code, severity in order:
        members = groups[layer, code, severity]
        first = ", ".join(members[0].feature[:3]) + (" …" if len(members[0].feature) > 3 else "")
        rows.append((layer, code, say(*SEVERITY_WORDS[severity]), str(len(members)), first))
    click.echo(table(headers, rows, right=(3,)))
    told = [finding for finding in findings if finding.severity != "info"]
    print_findings(sorted(told, key=lambda finding: SEVERITIES.index(finding.severity))[:SHOWN])
    if (rest := len(told) - SHOWN) > 0:
        click.echo(say(f"另有 {rest} 条,见 findings.json", f"and {rest} more, see findings.json"))


def print_files(files: Iterable[Path]) -> None:
    click.echo(say("已写出:", "written:"))
    for path in files:
        click.echo(f"  {path}")

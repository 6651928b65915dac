"""The brief of a scenario: two pages of Word for those who decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zoneplan.finding import Finding
from zoneplan.render.brief.charts import changing, waterfall_chart
from zoneplan.render.brief.panels import Panel, draw_panels
from zoneplan.render.scenario_papers import STATES
from zoneplan.render.style import Style
from zoneplan.render.word.file import plain_document, save
from zoneplan.render.word.parts import Table, Writer
from zoneplan.scenario.replay import Replayed
from zoneplan.scenario.waterfall import Fall, Judged

MOST_CHARTS, MOST_MAPS, MOST_ROWS = 6, 6, 9
"""Of the brief; of more edits, the last map stands for those between."""


def write_brief(
    path: Path, replayed: Replayed, falls: Sequence[Fall], limits: Sequence[Judged], findings: Sequence[Finding], *, style: Style
) -> None:  # fmt: skip
    """Write ``brief.docx``: what is proposed and what it costs; then maps and limits. Equal input, equal bytes.

    Parameters
    ----------
    path : Path
    replayed, falls, limits, findings
        As of `zoneplan.jobs.scenarios.ScenarioResult`.
    style : Style
        Symbols of the maps.
    """
    scenario = replayed.scenario
    title = f"情景简报:{scenario.name}"
    document = plain_document(title)
    writer = Writer(document)
    writer.heading(title, 1)
    if replayed.base.schematic:
        writer.notice("示意:图形没有测量依据,面积与结论不得用于审批")
    if any(not one.limit.verified for one in limits):
        writer.notice("限值未与官方文本核对")
    broken = [one for one in limits if one.state == "broken"]
    writer.paragraph(
        f"基础:{replayed.base.name}。共 {len(replayed.stages)} 步调整,改变 {len({one.element for one in replayed.changes})} 个要素;"
        + (f"突破 {len(broken)} 项限值。" if broken else "能核对的限值均未突破。")
    )
    rows = [[edit.id, edit.reason, edit.author, edit.date.isoformat()] for edit in scenario.active]
    writer.table(Table(("编号", "调整", "提出", "日期"), (3.0, 8.6, 2.6, 2.4), rows))
    shown = changing(falls)
    if shown:
        chart = waterfall_chart(falls, limits, schematic=replayed.base.schematic, most=MOST_CHARTS)
        writer.picture(chart, "各步调整对指标的影响;虚线为限值")
    writer.table(
        Table(
            ("指标", "单位", "原值", "现值", "变化"), (7.4, 1.4, 2.6, 2.6, 2.6),
            [[fall.zh, fall.unit, f"{fall.before:,}", f"{fall.after:,}", f"{fall.change:+,}"] for fall in shown[:MOST_ROWS]], frozenset({2, 3, 4}),
        )
    )  # fmt: skip
    writer.heading("位置", 2, new_page=True)
    writer.picture(
        draw_panels(replayed.base, _panels(replayed), style=style, columns=2),
        "每步之后与基础规划相比增减的范围",
    )
    writer.heading("限值", 2)
    writer.table(
        Table(
            ("指标", "现值", "限值", "结论", "依据"), (5.0, 2.4, 2.2, 2.6, 4.4),
            [
                [
                    one.fall.zh, "—" if one.fall.after is None else f"{one.fall.after:,}",
                    f"≤ {one.limit.most}" if one.limit.most is not None else f"≥ {one.limit.least}",
                    STATES[one.state].split()[0] + (f",超 {one.over:,}" if one.state == "broken" else ""), one.limit.source,
                ]
                for one in limits
            ], frozenset({1}),
        )
    )  # fmt: skip
    serious = [
        one for one in findings if one.severity == "error" and one.code != "scenario.limit"
    ]  # the table has these
    if serious:
        writer.heading("须处理", 2)
        for one in serious[:8]:
            writer.paragraph(one.zh)
        if len(serious) > 8:
            writer.paragraph(f"另有 {len(serious) - 8} 条,见 scenario.xlsx。")
    save(document, path, title=title)


def _panels(replayed: Replayed) -> list[Panel]:
    """The layers after each edit; after many, the first ones and the last."""
    stages = list(enumerate(replayed.stages, 1))
    if len(stages) > MOST_MAPS:
        stages = [*stages[: MOST_MAPS - 1], stages[-1]]
    reasons = {edit.id: edit.reason for edit in replayed.scenario.active}
    return [Panel(f"{number} {name}", reasons[name], layers) for number, (name, layers) in stages]

"""The pages of the Word report besides its tables of areas, each part written by one function."""

from __future__ import annotations

from collections.abc import Mapping

from zoneplan.check.dossier import sums, worst_states
from zoneplan.check.lines import OUTSIDE
from zoneplan.check.names import VERDICT_WORDS, row_name
from zoneplan.render.plaintext import full_width, short
from zoneplan.render.word.parts import Table, Writer
from zoneplan.render.word.report import (
    ALL_PARCELS,
    COLON,
    ID,
    MOST_ROWS,
    TEXT,
    Report,
    amount,
    compact,
    texts,
)

MOST_MAPS = 12
MOST_FINDINGS = 200
_SEVERITY = {"error": "错误", "warning": "注意", "info": "说明"}
_TINT = "E7EDF3"
_ROLES = {
    "parcels": "地块", "line": "管控线", "lines": "成果库", "layers": "规划图层", "layer": "正式图层", "plan": "规划文件",
    "reference": "参考要素", "rules": "本单位规则", "overrides": "人工认定", "landuse": "土地利用现状", "coverage": "数据范围",
}  # fmt: skip


def title(writer: Writer, words: str, report: Report) -> None:
    writer.document.add_paragraph(words, style="Title")


def cover_table(writer: Writer, report: Report) -> None:
    facts = texts(report)
    rows = [
        ("项目名称", facts["project"], "地块文件", facts["file"]),
        ("地块数", f"{facts['parcels']} 个", "总面积", f"{facts['area_ha']} 公顷({facts['area_mu']} 亩)"),
        ("规划", facts["plan"], "坐标系", facts["crs"]),
        ("面积口径", facts["area_method"], "规则库版本", facts["rule_book"]),
        *([("按该日有效的规则", facts["as_of"], "", "")] if facts["as_of"] else []),
        ("编制单位", "", "审查人", ""),
    ]
    shown = [
        tuple(full_width(cell) if at % 2 == 0 or at == 3 else cell for at, cell in enumerate(row))
        for row in rows
    ]
    writer.table(
        Table(("", "", "", ""), (2.8, 5.5, 2.5, 5.8), shown, shades={0: _TINT, 2: _TINT}, height=0.7)
    )


def notices(writer: Writer, report: Report) -> None:
    for zh, _ in report.dossier.notices:
        writer.notice(zh)


def conclusion(writer: Writer, report: Report) -> None:
    dossier = report.dossier
    facts = texts(report)
    parts = [f"{VERDICT_WORDS[one.verdict][0]} {one.parcels} 个" for one in dossier.verdicts if one.parcels]
    writer.heading("一、审查结论")
    writer.paragraph(
        f"本次核查地块 {facts['parcels']} 个,总面积 {facts['area_ha']} 公顷({facts['area_mu']} 亩)。"
        f"总结论:{facts['verdict']}。其中{'、'.join(parts)}。一个地块的总结论取各线结论中最严者;"
        "“允许”只表示本报告所核查的管控线没有增加限制,不代替用地预审、农用地转用和规划许可。"
    )
    for line in dossier.lines:
        if line.key != OUTSIDE:
            writer.pair(f"{short(line.name, ID)}{COLON}", line.outcome.zh)
    areas = sums([one.area_m2 for one in dossier.verdicts])
    rows = [
        (VERDICT_WORDS[one.verdict][0], str(one.parcels), *(amount(areas.parts[unit][at], unit) for unit in areas.parts))
        for at, one in enumerate(dossier.verdicts)
    ]  # fmt: skip
    rows.append(("合计", facts["parcels"], *(amount(areas.totals[unit], unit) for unit in areas.totals)))
    heads = ("总结论", "地块数", "平方米", "公顷", "亩")
    writer.table(Table(heads, (3.0, 2.4, 4.0, 3.6, 3.6), rows, frozenset((1, 2, 3, 4)), total=True))
    if report.selective:
        writer.paragraph(
            f"地块超过 {ALL_PARCELS} 个,以下各表只列有占用、误差待核、无数据或结论不是允许的 {len(report.order)} 个,"
            f"结论最严者在前,每表至多 {MOST_ROWS} 行,其余合并为一行;全部地块见 conflicts.xlsx 与 conflicts.csv。"
        )


def maps(writer: Writer, report: Report) -> None:
    from zoneplan.render.picture import Maps

    drawn = Maps(report.dossier.result, report.style)
    writer.heading("四、图件")
    if not drawn.any:
        writer.paragraph("没有可以绘制的地块。")
        return
    alone = len(report.dossier.result.ids) == 1
    project = drawn.parcel(0) if alone else drawn.project(report.order)
    writer.picture(project, "项目地块与管控线位置图")
    overall = report.dossier.result.parcels["overall"].tolist()
    worst = worst_states(report.dossier.result)
    hits = [
        at
        for at in report.order
        if drawn.has(at) and (worst[at] in ("hit", "sliver") or overall[at] == "prohibited")
    ]
    if alone:
        return
    for at in hits[:MOST_MAPS]:
        writer.picture(
            drawn.parcel(at),
            f"地块 {report.name(at)}" + full_width(f"(总结论:{VERDICT_WORDS[overall[at]][0]})"),
        )
    if len(hits) > MOST_MAPS:
        writer.paragraph(
            f"涉及管控线的地块共 {len(hits)} 个,只绘结论最严的 {MOST_MAPS} 个;其余见 map.html 与 conflicts.gpkg。"
        )


def laws(writer: Writer, report: Report) -> None:
    writer.heading("五、法律政策依据")
    if not report.dossier.laws:
        writer.paragraph("没有命中的规则,未引用依据。")
        return
    rows = [
        (
            f"[{number}]", short(full_width(law.title), 120), short(full_width(law.issuer), 80),
            "、".join(filter(None, (law.valid_from and f"自 {law.valid_from}", law.valid_to and f"至 {law.valid_to}"))) or "规则库未载",
            "已核" if law.verified else "未核",
            short(compact(law.rules), 160),
        )
        for number, law in enumerate(report.dossier.laws, start=1)
    ]  # fmt: skip
    heads = ("编号", "文件", "制定机关", "规则有效期", "核对", "所用规则")
    writer.table(Table(heads, (1.0, 4.2, 3.6, 2.4, 1.1, 4.3), rows))
    writer.paragraph("“未核”表示规则库中该条尚未与正式文本逐字核对,引用前须核对原文。")


def evidence(writer: Writer, report: Report) -> None:
    """Papers that each parcel needs, in the order of the parcels listed."""
    dossier, many = report.dossier, len(report.dossier.keys)
    needed = dossier.result.table["evidence_needed"].tolist()
    places = [(at, column) for at in report.order for column in range(many) if needed[at * many + column]]
    names = [short(full_width(row_name(key)), 20) for key in dossier.keys]
    rows = [
        (report.name(at), names[column], short(full_width(needed[at * many + column]), TEXT))
        for at, column in places[:MOST_ROWS]
    ]
    writer.heading("六、需补材料与说明")
    if not rows:
        writer.paragraph("规则库没有列出需补的材料。")
        return
    writer.table(Table(("地块", "管控线", "需补材料或说明"), (3.4, 3.2, 10.0), rows))
    if len(places) > MOST_ROWS:
        writer.paragraph(f"另有 {len(places) - MOST_ROWS} 条,见 conflicts.xlsx。")


def overrides(writer: Writer, report: Report) -> None:
    """What an officer marked as not applicable; the original stays everywhere else."""
    rows = [
        tuple(short(row.get(key, ""), size) for key, size in (("parcel_id", ID), ("line", 40), ("name", 30), ("reason", 300), ("date", 20)))
        for row in report.dossier.overrides
    ]  # fmt: skip
    if rows:
        writer.heading("人工认定", 2)
        writer.table(
            Table(("地块", "管控线", "认定人", "理由", "日期"), (2.8, 3.4, 2.2, 6.0, 2.2), rows[:MOST_ROWS])
        )
        if len(rows) > MOST_ROWS:
            writer.paragraph(f"另有 {len(rows) - MOST_ROWS} 条,见 conflicts.xlsx。")


def data(writer: Writer, report: Report) -> None:
    receipt = report.dossier.result.receipt
    writer.heading("七、数据版本")
    rows = [
        (_role(row.get("role", "")), short(row.get("file", ""), 80), short(row.get("sha256", ""), 64))
        for row in receipt.get("inputs", [])
    ]
    if rows:
        writer.table(Table(("用途", "文件", "sha256"), (3.4, 5.0, 8.2), rows))
    versions: Mapping[str, str] = receipt.get("versions", {})
    words = "、".join(f"{name} {version}" for name, version in versions.items())
    writer.paragraph(f"规则库版本 {receipt['rule_book']};坐标系 {receipt['crs']};软件:{words}。")
    writer.paragraph("同一数据用 zoneplan verify conflicts.json 可以重新核查并比较。")


def _role(role: str) -> str:
    """What a file was used for."""
    kind, _, key = role.partition(" ")
    return short(_ROLES.get(kind, kind) + (f" {row_name(key)}" if key else ""), 40)


def findings(writer: Writer, report: Report) -> None:
    found = sorted(report.dossier.result.findings, key=lambda one: list(_SEVERITY).index(one.severity))
    writer.heading("八、核查中的发现")
    if not found:
        writer.paragraph("没有发现。")
        return
    rows = [(_SEVERITY[one.severity], one.code, short(one.line("zh"), TEXT)) for one in found[:MOST_FINDINGS]]
    writer.table(Table(("级别", "代码", "说明"), (1.4, 4.2, 11.0), rows))
    if len(found) > MOST_FINDINGS:
        writer.paragraph(f"另有 {len(found) - MOST_FINDINGS} 条,见 conflicts.xlsx。")


def signature(writer: Writer, report: Report) -> None:
    writer.heading("九、签署")
    writer.paragraph("本报告由软件按规则库生成,供审查参考;结论以审查人签署为准。", together=True)
    rows = [("编制单位(盖章)", "", "日期", ""), ("审查人", "", "复核人", ""), ("批准人", "", "日期", "")]
    shown = [tuple(full_width(cell) for cell in row) for row in rows]
    writer.table(
        Table(
            ("", "", "", ""),
            (3.2, 5.1, 3.2, 5.1),
            shown,
            shades={0: _TINT, 2: _TINT},
            height=1.3,
            together=True,
        )
    )

"""``zoneplan verify`` and ``zoneplan rules``: a check run again; the rule book looked at, tried and written out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoneplan.commands.bilingual import Command, chosen, option, say
from zoneplan.commands.options import LANG
from zoneplan.terminal import plain_lines, table

if TYPE_CHECKING:
    from zoneplan.check.rulefile import Amended
    from zoneplan.check.rules import Rule
    from zoneplan.jobs.verify import Verified


@click.command(
    cls=Command,
    words=(
        "复核:按 conflicts.json 的回执重新核查,说明哪些变了、为什么",
        "Run a check again from the receipt in conflicts.json and say what changed and why",
    ),
)
@click.argument("record", metavar="CONFLICTS.json", type=click.Path(path_type=Path))
@option(
    "--root", metavar="DIR", type=click.Path(path_type=Path),
    zh="输入文件另在此文件夹(先按原路径、再在记录旁查找)", en="Folder of the inputs, where they are neither as given nor beside the record.",
)  # fmt: skip
@option(
    "-o", "--out", metavar="verify.json", type=click.Path(path_type=Path),
    zh="把全部变化写入此文件", en="Write every change to this file.",
)  # fmt: skip
@option(
    "--show", type=click.IntRange(min=0), default=20, show_default=True,
    zh="最多列出多少个地块的变化", en="List the changes of at most so many rows of parcels.",
)  # fmt: skip
@LANG
def verify(record: Path, root: Path | None, out: Path | None, show: int) -> None:
    from zoneplan.jobs.verify import verify as run_again
    from zoneplan.jobs.verify import write_report

    verified = run_again(record, root=root)
    if out is not None:
        write_report(out, verified)
    _print_verified(verified, show)
    raise SystemExit(1 if verified.changed else 0)


def _print_verified(verified: Verified, show: int) -> None:
    versions = [say(change.zh, change.en) for change in verified.section("versions")]
    if not verified.changed:
        same = say(
            f"没有变化:{verified.parcels} 个地块的输入、规则与结论均与记录一致",
            f"nothing changed: inputs, rules and answers of {verified.parcels} parcels are as recorded",
        )
        click.echo(plain_lines(same + (f" ({'; '.join(versions)})" if versions else "")))
        return
    parcels = verified.section("parcels")
    for change in [*(one for one in verified.changes if one.section != "parcels"), *parcels[:show]]:
        click.echo(plain_lines(say(change.zh, change.en)))
    if len(parcels) > show:
        rest = len(parcels) - show
        click.echo(
            say(
                f"另有 {rest} 条地块变化,用 --out 写出全部",
                f"and {rest} more rows of parcels; --out writes all",
            )
        )
    if not parcels:
        click.echo(say("地块的状态、结论与面积没有变化", "no state, verdict or area of a parcel changed"))


@click.command(
    cls=Command,
    words=(
        "规则库:列出、筛选、导出,检查本单位的规则文件",
        "The rule book: list, filter, export; try an office's file of rules",
    ),
)
@option("--line", metavar="KEY", zh="只列此控制线", en="Rows of this line only.")
@option("--use", metavar="CODE", zh="只列适用于此用途(用途类或用地代码)的规则", en="Rows for this use (class or land-use code) only.")  # fmt: skip
@option(
    "--as-of", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]),
    zh="只列该日有效的规则;不给时列出全部,包括已失效的", en="Rows in force on that day only; without it all, ended ones too.",
)  # fmt: skip
@option("--rules", multiple=True, metavar="FILE.csv|xlsx", type=click.Path(path_type=Path), zh="加上本单位规则;可多次给出", en="With an office's rules on top; repeatable.")  # fmt: skip
@option("--export", metavar="FILE.csv|xlsx", type=click.Path(path_type=Path), zh="把所列规则的全部字段写入此文件,可再用作 --rules", en="Write the rows, all columns, to this file; --rules reads it again.")  # fmt: skip
@option("--check", metavar="FILE.csv|xlsx", type=click.Path(path_type=Path), zh="检查本单位规则文件,一次列出全部问题;有问题则退出码 1", en="Try a file of rules and list every fault; exit 1 if there is one.")  # fmt: skip
@LANG
def rules(
    line: str | None, use: str | None, as_of: datetime | None, rules: tuple[Path, ...], export: Path | None, check: Path | None
) -> None:  # fmt: skip
    from zoneplan.check.rulefile import amend, read_rules, rule_faults
    from zoneplan.commands.printing import print_files, print_findings
    from zoneplan.io.rowfiles import read_rows

    made = amend(read_rules(), [read_rows(path, code="rules") for path in rules])
    if check is not None:
        file = read_rows(check, code="rules")
        if faults := rule_faults(file, made.book):
            print_findings(faults)
            click.echo(say(f"{check}:{len(faults)} 个问题", f"{check}: {len(faults)} faults"))
            raise SystemExit(1)
        tried = amend(made.book, [file])
        print_findings(tried.findings)
        click.echo(_counted(tried))
        return
    print_findings(made.findings)
    rows = made.book.select(line=line, use=use, day=as_of.date() if as_of else None)
    _print_rules(rows)
    if export is not None:
        from zoneplan.render.rule_papers import write_rules

        write_rules(export, rows)
        print_files([export])


def _counted(tried: Amended) -> str:
    change = tried.changes[-1]
    replaced, added, removed = (len(change[name]) for name in ("replaced", "added", "removed"))
    return say(
        f"{change['file']}:没有问题;替换 {replaced} 条,新增 {added} 条,删去 {removed} 条",
        f"{change['file']}: no faults; {replaced} replaced, {added} added, {removed} removed",
    )


def _print_rules(rows: tuple[Rule, ...]) -> None:
    from zoneplan.check.names import VERDICT_WORDS

    headers = (
        say("规则", "rule"), say("控制线", "line"), say("用途", "use"), say("结论", "verdict"), say("自", "from"),
        say("至", "until"), say("依据", "legal basis"), say("依据已核", "verified"),
    )  # fmt: skip
    verified = {"yes": say("已核", "verified"), "no": say("未核", "unverified")}
    lines = [
        (
            rule.rule_id,
            "·".join(filter(None, (rule.line, rule.component))),
            f"{rule.use_class} {rule.use_name}".strip(),
            VERDICT_WORDS[rule.verdict][chosen() != "zh"],
            rule.valid_from,
            rule.valid_to,
            rule.legal_basis,
            verified[rule.verified],
        )
        for rule in rows
    ]
    if lines:
        click.echo(table(headers, lines))
    unverified = sum(rule.verified == "no" for rule in rows)
    click.echo(say(f"{len(rows)} 条规则,其中 {unverified} 条未核(未与正式文本核对)", f"{len(rows)} rules, {unverified} of them unverified (not compared with the official text)"))  # fmt: skip

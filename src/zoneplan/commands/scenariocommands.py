"""``zoneplan scenario``: run a scenario, compare two (``diff``), vary one parameter (``sweep``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoneplan.commands.bilingual import Command, F, Group, chosen, option, say
from zoneplan.commands.options import LANG

if TYPE_CHECKING:
    from zoneplan.jobs.scenarios import ScenarioResult

RUN = "run"


class _RunIsDefault(Group):
    """A first word that is no command is a scenario file to run."""

    words = (
        "情景:基础规划 + 编辑清单 → 图层、逐步指标、限值;diff 比较两个情景,sweep 扫描参数",
        "Scenarios: base plan + ledger of edits → layers, indicators by edit, limits; `diff` compares two, `sweep` varies one parameter",
    )

    def get_short_help_str(self, limit: int = 45) -> str:
        """In the language of the call."""
        return say(*self.words)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``run`` before anything that is neither a command nor a request for help."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help", "--lang"):
            args = [RUN, *args]
        return super().parse_args(ctx, args)


def _parcels(function: F) -> F:
    for one in (
        option("--dem", multiple=True, metavar="FILE", zh="高程栅格:补划地块的坡度由此计算(无坡度字段时);可多次给出", en="Heights, from which the slope of ground given for farmland is measured; repeatable."),
        option("--use-field", metavar="F", zh="用途字段", en="Field of uses."),
        option("--id-field", metavar="F", zh="编号字段", en="Field of ids."),
        option("--use", metavar="CODE", zh="所有地块的用途", en="One use for all parcels."),
        option("--parcels", metavar="PATH[:LAYER]", zh="同时按结论统计这些地块", en="Count these parcels by verdict, too."),
    ):  # fmt: skip
        function = one(function)
    return function


def _out(default: str) -> Callable[[F], F]:
    return option(
        "-o", "--out", "out", default=default, show_default=True, type=click.Path(path_type=Path), metavar="DIR",
        zh="输出文件夹", en="Output folder.",
    )  # fmt: skip


@click.group(cls=_RunIsDefault)
@LANG
def scenario() -> None:
    """The commands."""


@scenario.command(
    name=RUN, cls=Command, words=("运行一个情景(可省略 run)", "Run a scenario (`run` may be left out)")
)
@click.argument("file", metavar="SCENARIO.yaml", type=click.Path(path_type=Path))
@option(
    "--without",
    multiple=True,
    metavar="ID",
    zh="不用此编辑;可多次给出",
    en="Switch this edit off; repeatable.",
)
@_parcels
@_out("out/scenario")
@LANG
def run(file: Path, without: tuple[str, ...], out: Path, **parcels: Any) -> None:
    from zoneplan.commands.printing import print_files, print_findings
    from zoneplan.finding import has_errors
    from zoneplan.jobs import scenarios
    from zoneplan.jobs.scenariofiles import write_scenario

    result = scenarios.run_scenario(scenarios.without(scenarios.open_scenario(file), without), **parcels)
    files = write_scenario(result, out, lang=chosen())
    _print_falls(result)
    print_findings(result.findings)
    print_files(files)
    raise SystemExit(1 if has_errors(result.findings) else 0)


@scenario.command(cls=Command, words=("比较两个情景", "Compare two scenarios with each other"))
@click.argument("a", metavar="A.yaml", type=click.Path(path_type=Path))
@click.argument("b", metavar="B.yaml", type=click.Path(path_type=Path))
@_parcels
@_out("out/scenario-diff")
@LANG
def diff(a: Path, b: Path, out: Path, **parcels: Any) -> None:
    from zoneplan.commands.printing import print_files
    from zoneplan.jobs.scenariofiles import write_diff
    from zoneplan.jobs.scenarios import run_scenario

    print_files(write_diff(run_scenario(a, **parcels), run_scenario(b, **parcels), out, lang=chosen()))


@scenario.command(
    cls=Command, words=("把一个编辑的一个参数取多个值", "One parameter of one edit at several values")
)
@click.argument("file", metavar="SCENARIO.yaml", type=click.Path(path_type=Path))
@option("--edit", required=True, metavar="ID", zh="编辑编号", en="Id of the edit.")
@option("--parameter", required=True, metavar="KEY", zh="参数,如 metres、width_m、value", en="Parameter, e.g. metres, width_m or value.")  # fmt: skip
@option("--values", required=True, metavar="FROM:TO:STEP|A,B,…", zh="取值,如 50:500:50(含两端)", en="Values, e.g. 50:500:50 (both ends).")  # fmt: skip
@_parcels
@_out("out/scenario-sweep")
@LANG
def sweep(file: Path, edit: str, parameter: str, values: str, out: Path, **parcels: Any) -> None:
    from zoneplan.commands.printing import print_files
    from zoneplan.jobs import scenarios
    from zoneplan.jobs.scenariofiles import write_sweep

    made = scenarios.sweep(file, edit=edit, parameter=parameter, values=_values(values), **parcels)
    print_files(write_sweep(made, out, parameter=f"{edit}.{parameter}"))


MOST_VALUES = 200


def _values(text: str) -> list[float]:
    """Numbers of ``50:500:50`` or ``50,80,200``."""
    wrong = click.UsageError(
        say(
            f"--values:“{text}”应为 起:止:步长(步长大于 0,至多 {MOST_VALUES} 个值)或以逗号分隔的数",
            f"--values: '{text}' should be FROM:TO:STEP (STEP above 0, at most {MOST_VALUES} values) or numbers with commas",
        )
    )
    from decimal import Decimal, InvalidOperation

    try:
        numbers = [Decimal(part) for part in text.replace(":", ",").split(",")]
    except InvalidOperation:
        raise wrong from None
    if not all(one.is_finite() for one in numbers):
        raise wrong
    if ":" in text:
        if len(numbers) != 3 or numbers[2] <= 0 or numbers[1] < numbers[0]:
            raise wrong
        low, high, step = numbers
        if (high - low) / step >= MOST_VALUES:
            raise wrong
        numbers = [low + step * n for n in range(int((high - low) / step) + 1)]
    if len(numbers) > MOST_VALUES:
        raise wrong
    return [float(one) for one in numbers]


def _print_falls(result: ScenarioResult) -> None:
    from zoneplan.terminal import table

    def shown(value: object) -> str:
        return "—" if value is None else str(value)

    edits = [name for name, _ in result.replayed.stages]
    headers = (
        say("指标", "indicator"),
        say("单位", "unit"),
        say("原值", "before"),
        *edits,
        say("现值", "after"),
    )
    rows = [
        (one.zh if chosen() == "zh" else one.en, one.unit, shown(one.before), *(shown(step) for _, step in one.steps), shown(one.after))
        for one in result.falls
    ]  # fmt: skip
    click.echo(table(headers, rows, right=tuple(range(2, len(headers)))))

"""``zoneplan siting``: where new ground can go, or what stops it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from zoneplan.commands.bilingual import Command, say
from zoneplan.commands.options import LANG, out_folder

STEPS: dict[str, tuple[str, str]] = {"units": ("量算单元", "measuring units"), "solve": ("求解", "solving")}


@click.command(
    cls=Command,
    words=(
        "选址:给定目标面积、约束与锁定,求最优单元组合(写成情景),或说明为何不能实现、差多少",
        "Siting: a target, constraints and locks → the cheapest choice of units as a scenario, or what stops it and by how much",
    ),
)
@click.argument("file", metavar="SITING.yaml", type=click.Path(path_type=Path))
@out_folder("out/siting")
@LANG
def siting(file: Path, out: Path) -> None:
    from zoneplan.commands.printing import print_files, print_findings
    from zoneplan.finding import has_errors
    from zoneplan.jobs.siting import solve_siting
    from zoneplan.jobs.sitingfiles import write_siting

    result = solve_siting(file, progress=_said)
    print_findings(result.findings)
    print_files(write_siting(result, out, home=file.parent))
    raise SystemExit(1 if has_errors(result.findings) else 0)


def _said(step: str) -> None:
    """A line for each step, on a terminal only."""
    if sys.stderr.isatty():
        zh, en = STEPS.get(step, (f"去掉约束:{step}", f"without: {step}"))
        click.echo(say(zh, en), err=True)

"""Options of the command line about single areas: passports, registered areas, balancing; and the ledger command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoneplan.commands.bilingual import F, chosen, option, say
from zoneplan.commands.printing import print_files, print_findings, print_frame
from zoneplan.finding import has_errors
from zoneplan.terminal import plain, plain_lines

if TYPE_CHECKING:
    import pandas as pd

    from zoneplan.areas.patchtable import PatchAreas
    from zoneplan.layers import LayerSet

SHOWN = 30
"""Rows of a table of patches that are printed; the files have all."""
PER_UNIT_M2 = {"m2": 1.0, "ha": 1e4, "mu": 1e4 / 15, "km2": 1e6}

_PATCHES = (
    option(
        "--explain", "names", multiple=True, metavar="ID",
        zh="打印要素或图斑面积的来历(投影、椭球、扣除、平差、凑整),不写文件;可多次给出",
        en="Print how the area of an element or patch came about (plane, ellipsoid, deduction, balancing, rounding); "
        "no files are written. Repeatable.",
    ),
    option("--id-field", metavar="F", zh="图斑编号字段", en="Field of patch ids."),
    option("--registered-field", metavar="F", zh="登记面积字段,如 TBMJ:列出与椭球面积之差", en="Field of registered areas, e.g. TBMJ: a table of differences."),
    option(
        "--registered-unit", type=click.Choice(list(PER_UNIT_M2)), default="m2", show_default=True,
        zh="登记面积的单位", en="Unit of the registered areas.",
    ),
    option(
        "--registered-share", type=click.FloatRange(min=0), default=0.01, show_default=True,
        zh="相差超过登记面积的这一比例时提示", en="Differences over this share of the registered area are found.",
    ),
    option(
        "--adjust-to", "control", metavar="M2|PATH[:LAYER]",
        zh="平差:把图斑面积调整到控制面积(平方米,或控制范围文件),以 0.01 平方米为单位",
        en="Balance: change the patches by steps of 0.01 m² to a control area (m², or a file of polygons).",
    ),
    option("--group-field", metavar="F", zh="平差:图斑与控制范围共有的分组字段,如 ZLDWDM", en="Balance by group: a field of both files, e.g. ZLDWDM."),
    option("--control-field", metavar="F", zh="平差:控制范围中写明控制面积(平方米)的字段", en="Balance: field of the control file that states the areas in m²."),
)  # fmt: skip


def patch_options(command: F) -> F:
    """The options of ``areas`` that are about patches."""
    for one in reversed(_PATCHES):
        command = one(command)
    return command


@dataclass(frozen=True)
class PatchCall:
    """What the options ask of patches."""

    names: tuple[str, ...]
    id_field: str | None
    group_field: str | None
    control: str | None
    control_field: str | None
    registered_field: str | None
    registered_unit: str
    registered_share: float

    @classmethod
    def taken(cls, options: dict[str, Any]) -> PatchCall:
        """Its own options, taken out of those of the call; those that do nothing are refused."""
        made = cls(**{field.name: options.pop(field.name) for field in fields(cls)})
        if not made.control and (made.group_field or made.control_field):
            raise click.UsageError(
                say(
                    "--group-field、--control-field 须与 --adjust-to 同用",
                    "--group-field and --control-field need --adjust-to",
                )
            )
        return made

    def measured(self, source: str | None) -> PatchAreas | None:
        """The patches of a file, measured as asked; None without a file, or if nothing is asked of it."""
        if source is None and (self.registered_field or self.control or self.id_field):
            raise click.UsageError(
                say(
                    "登记面积与平差是对图斑的:请给出图斑文件,或与 --landuse 同用",
                    "registered areas and balancing are about patches: give a file of patches, or --landuse",
                )
            )
        if source is None or not (self.registered_field or self.control or self.names or self.id_field):
            return None
        return self._measure(source)

    def run(self, source: str, out: Path) -> None:
        """``areas`` of a file of patches."""
        from zoneplan.jobs import accounts

        made = self._measure(source)
        if self.names:
            print_passports(self.names, None, made)
            return
        files = accounts.write_patches(made, source, out)
        print_tables(made.tables)
        print_findings(made.findings)
        print_files(files)
        raise SystemExit(1 if has_errors(made.findings) else 0)

    def _measure(self, source: str) -> PatchAreas:
        from zoneplan.areas.patchtable import Wanted
        from zoneplan.jobs import accounts

        wanted = Wanted(
            id_field=self.id_field, group_field=self.group_field, registered_field=self.registered_field,
            per_unit_m2=PER_UNIT_M2[self.registered_unit], share=self.registered_share,
        )  # fmt: skip
        return accounts.patches(source, wanted, control=self.control, control_field=self.control_field)


def print_tables(tables: Mapping[str, pd.DataFrame]) -> None:
    """Tables, the first rows of long ones and their last."""
    for name, frame in tables.items():
        click.echo(f"\n{name}")
        long = len(frame) > SHOWN
        print_frame(frame if not long else frame.iloc[[*range(SHOWN - 1), -1]])
        if long:
            rest = len(frame) - SHOWN
            click.echo(say(f"另有 {rest} 行,见输出的表", f"and {rest} more rows, see the files"))


def print_passports(names: Sequence[str], layers: LayerSet | None, made: PatchAreas | None) -> None:
    """How the areas of elements and patches came about."""
    from zoneplan.jobs import accounts

    for heading, passports in accounts.explain(names, layers, made):
        for passport in passports:
            click.echo(plain(heading))
            click.echo(plain_lines(passport.explain(chosen())))

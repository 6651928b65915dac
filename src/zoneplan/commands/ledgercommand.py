"""``zoneplan ledger``: a container divided among layers, every square metre once."""

from __future__ import annotations

from pathlib import Path

import click

from zoneplan.commands.areaoptions import print_tables
from zoneplan.commands.bilingual import Command, option, pairs, say
from zoneplan.commands.options import LANG, out_folder
from zoneplan.commands.printing import print_files, print_findings
from zoneplan.finding import has_errors


@click.command(
    cls=Command,
    words=(
        "面积台账:把一个范围按若干图层划分,每平方米计一次,合计等于范围面积",
        "Ledger: divide a container among layers, every square metre once, the sum is the container",
    ),
)
@click.argument("container", metavar="CONTAINER[:LAYER]|PLAN|LAYERS")
@option(
    "--layer", "layer", multiple=True, required=True, metavar="KEY=PATH[:LAYER]",
    zh="参与划分的图层;可多次给出", en="A layer that takes part; repeatable.",
)  # fmt: skip
@option(
    "--precedence", metavar="KEY,KEY,…",
    zh="重叠处归先写的图层;须写全所有图层", en="Ground that several claim goes to the layer named first; name each layer.",
)  # fmt: skip
@option(
    "--keep-overlaps", is_flag=True, zh="重叠处单列(默认)", en="Overlaps are ground of their own (default)."
)
@out_folder("out/ledger")
@LANG
def ledger(
    container: str, layer: tuple[str, ...], precedence: str | None, keep_overlaps: bool, out: Path
) -> None:
    if precedence and keep_overlaps:
        raise click.UsageError(
            say(
                "--precedence 与 --keep-overlaps 只能给一个",
                "give --precedence or --keep-overlaps, not both",
            )
        )
    from zoneplan.jobs import accounts

    order = [key.strip() for key in precedence.split(",")] if precedence else None
    made, subject = accounts.ledger(container, pairs(layer, "--layer"), precedence=order)
    files = accounts.write_ledger(made, subject, out)
    print_tables({"ledger": made.table})
    print_findings(made.findings)
    print_files(files)
    raise SystemExit(1 if has_errors(made.findings) else 0)

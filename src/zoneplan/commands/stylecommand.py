"""``zoneplan style``: an office's style document tried, the built-in one to start from."""

from __future__ import annotations

from pathlib import Path

import click

from zoneplan.commands.bilingual import Command, option, say
from zoneplan.commands.options import LANG
from zoneplan.commands.printing import print_files, print_findings


@click.command(
    cls=Command,
    words=(
        "样式:检查本单位的样式文件(结构、色盲与黑白可辨),或导出内置样式",
        "Styles: try an office's document (structure, colour-blind eyes, black and white), or export the built-in one",
    ),
)
@click.argument("document", metavar="[FILE.yaml]", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))  # fmt: skip
@option("--export", metavar="FILE.yaml", type=click.Path(path_type=Path), zh="把内置样式写入此文件,可在其上修改", en="Write the built-in document to this file, to start from.")  # fmt: skip
@LANG
def style(document: Path | None, export: Path | None) -> None:
    if document is None and export is None:
        raise click.UsageError(say("请给出样式文件或 --export", "give a style document, or --export"))
    if export is not None:
        from zoneplan.io.store import staged
        from zoneplan.render.style import STYLE

        with staged(export.parent) as stage:
            (stage / export.name).write_bytes(STYLE.read_bytes())
        print_files([export])
    if document is not None:
        from zoneplan.render.legibility import style_findings
        from zoneplan.render.style import read_style

        found = style_findings(read_style(document), document.name)
        print_findings(found)
        zh, en = (
            (f"{len(found)} 处不易分辨", f"{len(found)} signs are hard to tell apart")
            if found
            else ("没有问题", "no faults")
        )
        click.echo(say(f"{document}:{zh}", f"{document}: {en}"))
        raise SystemExit(1 if found else 0)

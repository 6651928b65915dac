"""Options of a parcel check that concern its Word report and its outcomes."""

from __future__ import annotations

from pathlib import Path

import click

from zoneplan.commands.bilingual import F, option


def report_options(command: F) -> F:
    """``--crossing-field``, ``--project`` and ``--word-template``."""
    for one in reversed(_OPTIONS):
        command = one(command)
    return command


_OPTIONS = (
    option(
        "--crossing-field", metavar="F",
        zh="声明“穿越(跨越)但不申请用地”的字段,值为 是/1/yes 等", en="Field that declares parcels to cross without applying for land (yes, 1, 是).",
    ),
    option("--project", default="", metavar="NAME", zh="项目名称,写在 Word 报告中", en="Name of the project in the Word report."),
    option(
        "--word-template", metavar="FILE.docx", type=click.Path(path_type=Path, exists=True, dir_okay=False),
        zh="本单位的 Word 模板,占位符如 {{project}} 会被替换(见 docs/word-report.md)",
        en="Your own Word template; placeholders such as {{project}} are filled (docs/word-report.md).",
    ),
)  # fmt: skip

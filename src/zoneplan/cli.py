"""The command line: the commands, and how a run of one ends. Heavy modules load inside the commands."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence

import click

from zoneplan.commands.areascommand import areas
from zoneplan.commands.auditcommand import audit
from zoneplan.commands.bilingual import Group, language
from zoneplan.commands.checkcommands import check, overlap
from zoneplan.commands.converting import convert
from zoneplan.commands.deskcommands import rules, verify
from zoneplan.commands.ledgercommand import ledger
from zoneplan.commands.mapcommand import map_
from zoneplan.commands.options import LANG
from zoneplan.commands.plancommands import build, run
from zoneplan.commands.scenariocommands import scenario
from zoneplan.commands.sheetcommand import sheet
from zoneplan.commands.sitingcommand import siting
from zoneplan.commands.stylecommand import style
from zoneplan.commands.terraincommands import suitability, terrain
from zoneplan.errors import InputError, ZoneplanError
from zoneplan.terminal import plain_lines

FOREIGN = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH")
"""Set by QGIS, PostGIS and others for their own PROJ and GDAL; the libraries here bring theirs and fail with those."""

STOPPED = 130
"""Exit code of a run that was stopped from the keyboard."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zoneplan")
@LANG
def cli() -> None:
    """The commands."""


for _command in (
    build, audit, areas, ledger, check, overlap, map_, run, convert, verify, rules, scenario, siting, sheet, style,
    terrain, suitability,
):  # fmt: skip
    cli.add_command(_command)


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: faults of the input go to stderr with exit code 2, never a traceback."""
    args = list(sys.argv[1:] if argv is None else argv)
    lang = language(args, os.environ)
    if argv is None:
        # what libraries hold goes with the process: to look through it once more takes a fifth of a second
        atexit.register(gc.freeze)
        if not os.environ.get("ZONEPLAN_TRACEBACK"):
            # a library that cannot clean up after a fault: the fault is told
            sys.unraisablehook = lambda _: None
    for name in FOREIGN:
        os.environ.pop(name, None)
    try:
        code = cli.main(args=args, prog_name="zoneplan", obj=lang, standalone_mode=False)
        raise SystemExit(code if isinstance(code, int) else 0)
    except click.Abort as error:
        click.echo("已中止,没有写出文件" if lang == "zh" else "stopped; no file was written", err=True)
        raise SystemExit(STOPPED) from error
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from error
    except InputError as error:
        click.echo(plain_lines(error.text(lang)), err=True)
    except ZoneplanError as error:
        click.echo(plain_lines(str(error)), err=True)
    except OSError as error:
        click.echo(f"{error.filename or ''}: {error.strerror or error}", err=True)
    except Exception as error:
        if os.environ.get("ZONEPLAN_TRACEBACK"):
            raise
        words = " ".join(f"{type(error).__name__}: {error}".split())
        zh = f"zoneplan 内部错误,请报告:{words}(设 ZONEPLAN_TRACEBACK=1 可看详情)"
        en = f"internal error of zoneplan, please report it: {words} (set ZONEPLAN_TRACEBACK=1 for details)"
        click.echo(plain_lines(zh if lang == "zh" else en), err=True)
    raise SystemExit(2)

"""The command line: parse, call `app`, print. Heavy modules load inside the commands."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zoneplan.errors import InputError, ZoneplanError
from zoneplan.finding import SEVERITIES, Finding, has_errors
from zoneplan.terminal import plain_lines, steps, table

if TYPE_CHECKING:
    import pandas as pd

    from zoneplan.conflicts import CheckResult
    from zoneplan.layers import LayerSet

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_PLAN = "jiaozuo"
FORMATS = "csv,json,xlsx,gpkg,map"
_AREA_COLUMNS = (
    "id",
    "name",
    "row_name",
    "column_name",
    "share",
    "area_m2",
    "area_ha",
    "area_km2",
    "area_mu",
    "moved_m2",
)


def language(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """``zh`` or ``en``: what ``--lang`` says, else the locale."""
    for index, word in enumerate(argv):
        value = (
            word.partition("=")[2]
            if word.startswith("--lang=")
            else argv[index + 1 : index + 2]
            if word == "--lang"
            else None
        )
        if value:
            return "zh" if (value if isinstance(value, str) else value[0]) == "zh" else "en"
    named = next((environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(key)), None)
    if named is None:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def _lang() -> str:
    return str(click.get_current_context().obj or "en")


def _say(zh: str, en: str) -> str:
    return zh if _lang() == "zh" else en


class _Bilingual:
    """Help written as a pair; shown in the language of the call."""

    words: tuple[str, str]


class _Option(click.Option, _Bilingual):
    def __init__(self, *args: Any, words: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = self.words[0 if ctx.obj == "zh" else 1]
        return super().get_help_record(ctx)


class _Command(click.Command, _Bilingual):
    def __init__(self, *args: Any, words: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def get_short_help_str(self, limit: int = 45) -> str:
        context = click.get_current_context(silent=True)
        return self.words[0 if context and context.obj == "zh" else 1].split("\n", 1)[0]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.help = self.words[0 if ctx.obj == "zh" else 1]
        super().format_help_text(ctx, formatter)


class _Group(click.Group, _Bilingual):
    words = (
        "把国土空间规划变成可以计算的图层:编译、审查、面积、地块核查、地图。",
        "Turn a Chinese territorial plan into layers one can compute with: build, audit, areas, parcel check, map.",
    )

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.help = self.words[0 if ctx.obj == "zh" else 1]
        super().format_help_text(ctx, formatter)


def _option(*names: str, zh: str, en: str, **kwargs: Any) -> Callable[[F], F]:
    return click.option(*names, cls=_Option, words=(zh, en), **kwargs)


_REFERENCE = _option(
    "--reference", "-r", multiple=True, metavar="PATH", type=click.Path(path_type=Path),
    zh="参考要素文件(.osm.pbf、.gpkg、.shp、.geojson),按名称与别名替换示意要素;可多次给出",
    en="Reference features (.osm.pbf, .gpkg, .shp, .geojson) that replace schematic ones by name and alias; repeatable.",
)  # fmt: skip
_LAYER = _option(
    "--layer", "layer", multiple=True, metavar="KEY=PATH[:LAYER]",
    zh="以正式成果替换编译出的图层,例如 permanent_basic_farmland=yjjbnt.gpkg",
    en="Put an authoritative layer in place of a compiled one, e.g. permanent_basic_farmland=yjjbnt.gpkg.",
)  # fmt: skip
_LANG = _option(
    "--lang", type=click.Choice(["zh", "en"]), expose_value=False,
    zh="语言,默认按系统区域设置", en="Language; default by locale.",
)  # fmt: skip


def _out(default: str) -> Callable[[F], F]:
    return _option(
        "-o", "--out", "out", default=default, show_default=True, type=click.Path(path_type=Path), metavar="DIR",
        zh="输出文件夹", en="Output folder.",
    )  # fmt: skip


def _pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """``KEY=PATH`` options as a mapping; a malformed or repeated one is a usage error."""
    pairs: dict[str, str] = {}
    for value in values:
        key, equals, path = value.partition("=")
        if not (key and equals and path) or key in pairs:
            raise click.UsageError(
                _say(
                    f"{option} {value}:应写作 KEY=PATH[:LAYER],且每个 KEY 只写一次",
                    f"{option} {value}: write KEY=PATH[:LAYER], each KEY once",
                )
            )
        pairs[key] = path
    return pairs


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zoneplan")
@_LANG
def cli() -> None:
    """The commands."""


@cli.command(
    cls=_Command,
    words=(
        "编译规划:规划文件 + 参考要素 → layers.gpkg 与 manifest.json",
        "Compile: plan + reference geometry → layers.gpkg and manifest.json",
    ),
)
@click.argument("plan", default=DEFAULT_PLAN)
@_REFERENCE
@_LAYER
@_out("out/layers")
@_option("--format", "form", type=click.Choice(["gpkg", "geojson"]), default="gpkg", show_default=True,
         zh="GeoPackage 一个文件,或每类一个 GeoJSON", en="One GeoPackage, or one GeoJSON per kind.")  # fmt: skip
@_option(
    "--check",
    "check_only",
    is_flag=True,
    zh="不写文件,只比较文件夹中的成果是否最新;不是则退出码 1",
    en="Write nothing; exit 1 if the folder is not current.",
)
@_LANG
def build(
    plan: str, reference: tuple[Path, ...], layer: tuple[str, ...], out: Path, form: str, check_only: bool
) -> None:
    from zoneplan import app

    built = app.build(plan, reference=reference, layers=_pairs(layer, "--layer"))
    if check_only:
        changed = app.changed_files(built, out)
        for name in changed:
            click.echo(_say(f"{out / name}:不是最新", f"{out / name}: would change"), err=True)
        if not changed:
            click.echo(_say(f"{out} 是最新的", f"{out} is current"))
        raise SystemExit(1 if changed else 0)
    files = app.write_build(built, out, form=form)
    _print_layers(built.layers)
    _print_findings([finding for finding in built.layers.findings if finding.code != "plan.interpretation"])
    _print_files(files)


@cli.command(
    cls=_Command,
    words=(
        "审查:规划文字中的数目、歧义读法、三线互斥、覆盖与拓扑",
        "Audit: counts, readings taken, the three lines apart, coverage, topology",
    ),
)
@click.argument("source", metavar="[PLAN|LAYERS]", default=DEFAULT_PLAN)
@_REFERENCE
@_out("out/audit")
@_LANG
def audit(source: str, reference: tuple[Path, ...], out: Path) -> None:
    from zoneplan import app

    findings = app.audit(source, reference=reference)
    app.write_audit(findings, out)
    _print_findings(findings)
    _print_files([out / "findings.json", out / "findings.gpkg"])
    raise SystemExit(1 if has_errors(findings) else 0)


@cli.command(
    cls=_Command,
    words=(
        "面积:按要素,空间 × 组团,控制线 × 组团 → areas.xlsx、areas.csv",
        "Areas: by element, space × group, control line × group → areas.xlsx, areas.csv",
    ),
)
@click.argument("layers")
@_option(
    "--by",
    metavar="KIND",
    zh="再按一类要素列表,如 group、space",
    en="Also a table of one kind, e.g. group or space.",
)
@_out("out/areas")
@_LANG
def areas(layers: str, by: str | None, out: Path) -> None:
    from zoneplan import app

    compiled, _ = app.open_layers(layers)
    tables = app.write_areas(compiled, out, by=by)
    for name, frame in tables.items():
        click.echo(f"\n{name}")
        _print_frame(frame[[column for column in _AREA_COLUMNS if column in frame]])
    _print_files([out / "areas.xlsx", out / "areas.csv"])


@cli.command(
    cls=_Command,
    words=(
        "地块核查:地块 × 控制线 → 状态、面积、结论与依据",
        "Check parcels against control lines: states, areas, verdicts, legal basis",
    ),
)
@click.argument("parcels", metavar="PARCELS[:LAYER]")
@_option(
    "--plan",
    metavar="PLAN",
    zh="规划(内置编号或 YAML);都不给时用内置规划",
    en="Plan (built-in id or YAML); the built-in one if nothing else is given.",
)
@_option(
    "--layers",
    "layers_file",
    metavar="GPKG",
    zh="build 写出的 layers.gpkg",
    en="A layers.gpkg written by build.",
)
@_option(
    "--line",
    multiple=True,
    metavar="KEY=PATH[:LAYER]",
    zh="控制线或其他约束图层文件;可多次给出",
    en="A control line or further constraint layer; repeatable.",
)
@_option("--id-field", metavar="F", zh="地块编号字段", en="Field of parcel ids.")
@_option(
    "--use-field",
    metavar="F",
    zh="地块用途字段(用地用海代码或用途类 U01…)",
    en="Field of uses (land-use code, or use class U01…).",
)
@_option("--use", metavar="CODE", zh="全部地块的用途", en="The use of all parcels.")
@_option(
    "--as-of",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    zh="按该日有效的规则判定",
    en="Apply the rules in force on that day.",
)
@_option(
    "--area",
    type=click.Choice(["ellipsoidal", "planar"]),
    default="ellipsoidal",
    show_default=True,
    zh="面积口径:椭球或投影",
    en="Which area is reported.",
)
@_option("--formats", default=FORMATS, show_default=True, zh="写出哪些文件", en="Which papers to write.")
@_option(
    "--fail-on",
    type=click.Choice(["prohibited"]),
    zh="有禁止的地块时退出码 1",
    en="Exit 1 if a parcel is prohibited.",
)
@_out("out/check")
@_LANG
def check(
    parcels: str, plan: str | None, layers_file: str | None, line: tuple[str, ...], id_field: str | None,
    use_field: str | None, use: str | None, as_of: datetime | None, area: str, formats: str, fail_on: str | None, out: Path,
) -> None:  # fmt: skip
    from zoneplan import app

    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in app.CHECK_FORMATS]:
        raise click.UsageError(
            _say(
                f"--formats:不认识 {'、'.join(unknown)};可选 {FORMATS}",
                f"--formats: unknown {', '.join(unknown)}; choose from {FORMATS}",
            )
        )
    if plan and layers_file:
        raise click.UsageError(_say("--plan 与 --layers 只能给一个", "give --plan or --layers, not both"))
    lines = _pairs(line, "--line")
    source = layers_file or plan or (None if lines else DEFAULT_PLAN)
    layers, inputs = app.open_layers(source) if source else (None, ())
    result, drawn = app.check(
        parcels, layers=layers, lines=lines, inputs=inputs, id_field=id_field, use_field=use_field, use=use,
        as_of=as_of.date() if as_of else None, area=area,
    )  # fmt: skip
    app.write_check(result, drawn, out, formats=wanted, lang=_lang())
    _print_check(result)
    _print_files(sorted(path for path in out.iterdir() if path.name.startswith(("conflicts.", "map."))))
    raise SystemExit(1 if fail_on and (result.parcels["overall"] == fail_on).any() else 0)


@cli.command(
    name="map", cls=_Command, words=("离线网页地图,一个 HTML 文件", "The offline web map, one HTML file")
)
@click.argument("layers")
@_option(
    "-o",
    "--out",
    "out",
    default="map.html",
    show_default=True,
    metavar="FILE.html",
    type=click.Path(path_type=Path),
    zh="输出文件",
    en="Output file.",
)
@_LANG
def map_(layers: str, out: Path) -> None:
    from zoneplan import app

    compiled, _ = app.open_layers(layers)
    app.write_map(compiled, out, lang=_lang())
    _print_files([out])


@cli.command(
    cls=_Command,
    words=(
        "一次做完:编译、审查、面积、地块核查、地图",
        "All at once: build, audit, areas, parcel check, map",
    ),
)
@click.argument("plan", default=DEFAULT_PLAN)
@_option("--parcels", metavar="PATH[:LAYER]", zh="要核查的地块文件", en="Parcels to check.")
@_REFERENCE
@_LAYER
@_option(
    "-o",
    "--out",
    "out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    zh="输出文件夹,默认 out/<规划编号>",
    en="Output folder; default out/<plan id>.",
)
@_LANG
def run(
    plan: str, parcels: str | None, reference: tuple[Path, ...], layer: tuple[str, ...], out: Path | None
) -> None:
    from zoneplan import app

    with steps(_say("编译规划", "compile the plan")):
        built = app.build(plan, reference=reference, layers=_pairs(layer, "--layer"))
        folder = out or Path("out") / built.plan.id
        app.write_build(built, folder)
    with steps(_say("审查", "audit")):
        findings = app.audit_built(built)
        app.write_audit(findings, folder)
    with steps(_say("面积", "areas")):
        app.write_areas(built.layers, folder)
    result = None
    if parcels:
        with steps(_say("核查地块", "check parcels")):
            result, _ = app.check(parcels, layers=built.layers, inputs=built.inputs)
            app.write_check(result, built.layers, folder, formats=["csv", "json", "xlsx", "gpkg"])
    with steps(_say("地图", "map")):
        app.write_map(built.layers, folder / "map.html", result, lang=_lang())
    _print_layers(built.layers)
    _print_findings([finding for finding in findings if finding.severity != "info"])
    if result is not None:
        _print_check(result)
    _print_files(sorted(path for path in folder.iterdir() if path.is_file()))


def _print_layers(layers: LayerSet) -> None:
    from zoneplan.units import to_unit

    headers = (
        _say("类别", "kind"),
        _say("要素", "elements"),
        _say("面积 km²", "area km²"),
        _say("精度", "accuracy"),
    )
    rows = [
        (
            kind,
            str(len(frame)),
            f"{to_unit(float(frame['area_m2'].sum()), 'km2'):.4f}",
            ",".join(sorted(set(frame["accuracy"]))),
        )
        for kind, frame in layers.elements.items()
    ]
    click.echo(f"{layers.name}  {layers.crs.name} (EPSG:{layers.crs.to_epsg()})")
    click.echo(table(headers, rows, right=(1, 2)))


def _print_check(result: CheckResult) -> None:
    from zoneplan.render.conflict_papers import summary

    counts = summary(result, lang=_lang())
    _print_frame(counts)
    overall = "  ".join(f"{words} {n}" for words, n in counts.attrs["overall"].items())
    click.echo(_say(f"地块 {len(result.parcels)} 个:{overall}", f"{len(result.parcels)} parcels: {overall}"))
    _print_findings([finding for finding in result.findings if finding.severity != "info"])


def _print_frame(frame: pd.DataFrame) -> None:
    """A table with numbers flushed right, as many decimals as the papers print."""
    from zoneplan.units import PLACES

    places = {name: PLACES.get(name.rpartition("_")[2], 4) for name in map(str, frame.columns)}
    numbers = tuple(index for index, dtype in enumerate(frame.dtypes) if dtype.kind in "fi")
    rows = [
        tuple(
            f"{cell:.{places[str(name)]}f}" if isinstance(cell, float) else str(cell)
            for name, cell in zip(frame.columns, row, strict=True)
        )
        for row in frame.itertuples(index=False)
    ]
    click.echo(table(tuple(places), rows, right=numbers))


def _print_findings(findings: Sequence[Finding]) -> None:
    """Findings by severity, worst first."""
    for severity in SEVERITIES:
        for finding in findings:
            if finding.severity == severity:
                words = {
                    "error": ("错误", "error"),
                    "warning": ("注意", "warning"),
                    "info": ("说明", "info"),
                }[severity]
                click.echo(plain_lines(f"{_say(*words)} {finding.code} {finding.line(_lang())}"))


def _print_files(files: Iterable[Path]) -> None:
    click.echo(_say("已写出:", "written:"))
    for path in files:
        click.echo(f"  {path}")


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: faults of the input go to stderr with exit code 2, never a traceback."""
    args = list(sys.argv[1:] if argv is None else argv)
    lang = language(args, os.environ)
    try:
        cli.main(args=args, prog_name="zoneplan", obj=lang, standalone_mode=True)
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

"""Pages of the site that are made from data: commands, plan document, rule book, API, timings."""

import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

import zoneplan
from zoneplan.check.names import VERDICT_WORDS
from zoneplan.check.rulefile import read_rules
from zoneplan.check.rules import Rule
from zoneplan.cli import cli
from zoneplan.document import json_schema as plan_schema
from zoneplan.scenario.scenario import json_schema as scenario_schema
from zoneplan.siting.task import json_schema as siting_schema

ROOT = Path(__file__).parents[1]
LINES = {
    "ecological_redline": "生态保护红线", "permanent_basic_farmland": "永久基本农田", "urban_development_boundary": "城镇开发边界",
}  # fmt: skip


def write_pages(folder: Path) -> None:
    """Write every generated page into a folder; those that did not change keep their time."""
    pages = {
        "commands.md": commands(),
        "plan-schema.md": schema("规划文件 Plan document", plan_schema()),
        "scenario-schema.md": schema("情景文件 Scenario document", scenario_schema()),
        "siting-schema.md": schema("选址文件 Siting document", siting_schema()),
        "rulebook.md": rule_book(),
        "api.md": api(),
        "timings.md": (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8"),
        "changes.md": (ROOT / "CHANGELOG.md")
        .read_text(encoding="utf-8")
        .replace("](docs/", "](../")
        .replace("](benchmarks/README.md)", "](timings.md)"),
    }
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def commands() -> str:
    """Every command's help, Chinese and English."""
    parts = [
        "# 命令 Commands",
        "Every command says this of itself with `--help`; the language follows the locale or `--lang`.",
    ]
    for name in _command_names(cli, ()):
        parts.append(f"## zoneplan {' '.join(name)}")
        for lang in ("zh", "en"):
            shown = CliRunner().invoke(
                cli, [*name, "--lang", lang, "--help"], prog_name="zoneplan", terminal_width=100
            )
            if shown.exit_code:
                raise RuntimeError(f"zoneplan {' '.join(name)} --help: {shown.output}")
            parts.append(f"```text\n{shown.output.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _command_names(group: click.Group, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from _command_names(command, (*above, name))


def schema(title: str, made: dict[str, Any]) -> str:
    """A JSON Schema as tables, a section for the document and each of its parts."""
    parts = [f"# {title}", str(made.get("description", "")).split("\n\n")[0]]
    parts.append(_table(made))
    for name, part in made.get("$defs", {}).items():
        parts += [f"({_anchor(title, name)})=\n## {name}", str(part.get("description", "")), _table(part)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(part: dict[str, Any]) -> str:
    rows = [
        f"| `{key}` | {_type(one)} | {'required' if key in part.get('required', ()) else _default(one)} | {_cell(one.get('description', ''))} |"
        for key, one in part.get("properties", {}).items()
    ]
    return "\n".join(["| key | type | default | |", "|---|---|---|---|", *rows]) if rows else ""


def _type(one: dict[str, Any]) -> str:
    if "$ref" in one:
        return str(one["$ref"]).rsplit("/", 1)[-1]
    for key in ("anyOf", "oneOf"):
        if key in one:
            return " or ".join(dict.fromkeys(_type(way) for way in one[key]))
    if "const" in one:
        return f"`{one['const']}`"
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    if one.get("type") == "array":
        return f"list of {_type(one['items'])}" if "items" in one else "list"
    bounds = [f"{sign} {one[key]}" for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")) if key in one]  # fmt: skip
    words = [
        str(one.get("type", "any")),
        *bounds,
        *([f"`{_cell(one['pattern'])}`"] if "pattern" in one else []),
    ]
    return " ".join(words)


def _default(one: dict[str, Any]) -> str:
    return f"`{json.dumps(one['default'], ensure_ascii=False)}`" if "default" in one else ""


def _anchor(title: str, name: str) -> str:
    return f"{title.split()[-1].lower()}-{title.split()[-2].lower()}-{name.lower()}"


def rule_book() -> str:
    """The rule book by control line, in force and ended, with sources."""
    rows = read_rules().rules
    verified = sum(rule.verified == "yes" for rule in rows)
    parts = [
        "# 规则库 Rule book",
        f"{len(rows)} 条,其中与官方文本核对过的 {verified} 条;未核对的在所有报告中标“未核”。 "
        f"{len(rows)} rows, {verified} of them compared with the official text; the others print as unverified.",
    ]
    for line in dict.fromkeys(rule.line for rule in rows):
        parts.append(f"## {LINES.get(line, line)} `{line}`")
        for words, kept in (("现行 In force", True), ("已失效 Ended", False)):
            found = [rule for rule in rows if rule.line == line and (not rule.valid_to) is kept]
            if found:
                parts += [f"### {words}", _rules(found)]
    return "\n\n".join(parts) + "\n"


def _rules(rows: list[Rule]) -> str:
    head = "| 编号 | 分区 | 用途 | 结论 | 条件 | 所需材料 | 依据 | 生效 | 失效 | 核对 |"
    body = (
        (
            rule.rule_id, rule.component, rule.use_name, VERDICT_WORDS[rule.verdict][0], rule.condition, rule.evidence_needed,
            rule.legal_basis, rule.valid_from, rule.valid_to, "已核" if rule.verified == "yes" else "未核",
        )
        for rule in rows
    )  # fmt: skip
    return "\n".join([head, "|" + "---|" * 10, *(f"| {' | '.join(map(_cell, cells))} |" for cells in body)])


def api() -> str:
    """Everything that ``import zoneplan`` offers, by its docstring."""
    parts = ["# Python", "```python\nimport zoneplan as zp\n```"]
    for name in zoneplan.__all__:
        found = getattr(zoneplan, name)
        home = import_module(found.__module__)
        kind = (
            "function"
            if inspect.isfunction(found)
            else "exception"
            if issubclass(found, Exception)
            else "class"
        )
        lines = [f"## {name}", "```{eval-rst}", f".. auto{kind}:: {home.__name__}.{name}"]
        if kind == "class":
            own = [key for key, value in vars(found).items() if not key.startswith("_") and getattr(value, "__doc__", None) and (inspect.isfunction(value) or isinstance(value, property))]  # fmt: skip
            lines += [f"   :members: {', '.join(own)}"] if own else []
        parts.append("\n".join([*lines, "```"]))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;")

"""Validation errors of the plan model in words: what was found, what is expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from zoneplan import extent, plan
from zoneplan.extent import RULE_KEYS, Model


def path_of(loc: Iterable[int | str]) -> str:
    """``groups[0].extent.bounded_by.north`` of a validation location; tags of unions are left out."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not (part.startswith("<") or part.startswith("function-")):
            path += f".{part}" if path else part
    return path


def known_keys() -> set[str]:
    """Every key that the plan document knows."""
    classes = [
        value
        for value in {**vars(extent), **vars(plan)}.values()
        if isinstance(value, type) and issubclass(value, Model)
    ]
    return {info.alias or name for cls in classes for name, info in cls.model_fields.items()}


def explain(row: Mapping[str, Any], keys: Collection[str] | None = None) -> tuple[str, str]:
    """A validation error in words: what was found, what is expected, what to do.

    `keys` are those that the document knows, default those of a plan document.
    """
    kind, context = row["type"], row.get("ctx") or {}
    found = row.get("input")
    shown = repr(found) if isinstance(found, str | int | float) else _shape(found)
    key = str(row["loc"][-1]) if row["loc"] else ""
    if kind == "missing":
        return f"缺少必填的键“{key}”", f"the key '{key}' is missing"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, known_keys() if keys is None else keys, n=1, cutoff=0.6)
        zh, en = (f";是否想写“{near[0]}”?", f"; did you mean '{near[0]}'?") if near else ("", "")
        return f"未知的键“{key}”{zh}", f"unknown key '{key}'{en}"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return (
            f"应为以下一种规则(规则之内也可写名称):{'、'.join(RULE_KEYS)};实为 {_keys(found, shown)}",
            f"expected one rule (inside a rule also a name) of {', '.join(RULE_KEYS)}; found {_keys(found, shown)}",
        )
    if "zh" in context:
        return str(context["zh"]), str(row["msg"])
    if kind in _WORDS:
        zh, en = _WORDS[kind]
    elif kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        limit = next(iter(context.values()))
        zh, en = f"数值超出范围(界限 {limit:g})", str(row["msg"])
    elif kind in ("literal_error", "string_pattern_mismatch"):
        allowed = context.get("expected") or context.get("pattern")
        zh, en = f"应为 {allowed}", f"expected {allowed}"
    else:
        zh, en = f"值不合要求:{row['msg']}", str(row["msg"])
    return f"{zh};实为 {shown}", f"{en}; found {shown}"


def _shape(found: object) -> str:
    return "{…}" if isinstance(found, dict) else "[…]" if isinstance(found, list) else "(空 nothing)"


def _keys(found: Any, shown: str) -> str:
    return "{" + ", ".join(map(str, found)) + "}" if isinstance(found, dict) else shown


_WORDS: Mapping[str, tuple[str, str]] = {
    "string_type": ("应为文字", "expected text"),
    "string_too_short": ("不应为空", "must not be empty"),
    "float_parsing": ("应为数字", "expected a number"),
    "float_type": ("应为数字", "expected a number"),
    "finite_number": ("应为有限的数字", "expected a finite number"),
    "int_parsing": ("应为整数", "expected a whole number"),
    "int_type": ("应为整数", "expected a whole number"),
    "bool_parsing": ("应为 true 或 false", "expected true or false"),
    "too_short": ("不应为空", "must not be empty"),
    "tuple_type": ("应为列表", "expected a list"),
    "model_type": ("应为映射(键: 值)", "expected a mapping (key: value)"),
    "dict_type": ("应为映射(键: 值)", "expected a mapping (key: value)"),
    "model_attributes_type": ("应为映射(键: 值)", "expected a mapping (key: value)"),
}

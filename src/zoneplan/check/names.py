"""What verdicts, states, lines, rows of a check's table, and components are called in the papers."""

from __future__ import annotations

from zoneplan.check.lines import BOUNDARY, OUTSIDE
from zoneplan.check.outcomebook import read_outcomes

VERDICT_WORDS = {
    "prohibited": ("禁止", "prohibited"),
    "undetermined": ("待定", "undetermined"),
    "restricted": ("限制", "restricted"),
    "permitted": ("允许", "permitted"),
}
STATE_WORDS = {
    "hit": ("占用", "hit"),
    "sliver": ("图形误差待核", "sliver"),
    "touch": ("相接", "touch"),
    "clear": ("不涉及", "clear"),
    "no_data": ("无数据", "no data"),
}
_SIDES = {BOUNDARY: ("(内)", " (inside)"), OUTSIDE: ("(外)", " (outside)")}


def line_name(key: str, lang: str = "zh") -> str:
    """The name of a line; the user's own key for a further constraint."""
    line = read_outcomes().lines.get(key)
    return key if line is None else line.name.zh if lang == "zh" else line.name.en


def row_name(key: str, lang: str = "zh") -> str:
    """The name of a row of a check's table: that of its line, inside and outside the growth boundary told apart."""
    side = _SIDES.get(key)
    return line_name(key.removesuffix(":outside"), lang) + side[lang != "zh"] if side else line_name(key, lang)  # fmt: skip


def row_title(key: str) -> str:
    """Name and key of a row: 城镇开发边界(内) urban_development_boundary."""
    name = row_name(key)
    return f"{name} {key}" if name != key else key


def component_name(key: str, lang: str = "zh") -> str:
    """The name of a component of a line; the user's own key where it has none."""
    return read_outcomes().components.name(key)[lang != "zh"]

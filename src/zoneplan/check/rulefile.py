"""Files of rules: read with every fault at once, and an office's rows put on top of a book."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from zoneplan.check.rules import STRICTEST_FIRST, Rule, RuleBook
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.resources import RULES
from zoneplan.textrows import TextRows, csv_rows

COLUMNS = tuple(field.name for field in fields(Rule))
COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "ecological_redline": ("", "core", "other"),
    "urban_development_boundary": ("", "concentrated", "flexible", "special"),
}
"""Components of lines that have a fixed set; any other line has those its layer states."""
_CODE = "rules"
_REST_OF_DAY = {4: "-01-01", 7: "-01"}  # completes a year, a month


@dataclass(frozen=True)
class Amended:
    """A book with an office's rows in it: what was done, for the receipt and as findings."""

    book: RuleBook
    changes: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]


def read_rules(path: Path = RULES) -> RuleBook:
    """Read a rule book (CSV); `InputError` lists every fault with its line."""
    return _shipped() if path == RULES else _read(path)


@cache
def _shipped() -> RuleBook:
    return _read(RULES)


def _read(path: Path) -> RuleBook:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            fault("rules.unreadable", path, f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}")
        ) from error
    rows = csv_rows(raw, path.name, code=_CODE)
    if faults := rule_faults(rows):
        raise InputError(faults)
    return RuleBook.of(Rule(**row) for _, row in rows.rows)


def rule_faults(rows: TextRows, book: RuleBook | None = None) -> list[Finding]:
    """Every fault of a file of rules; with `book` as a file of an office, where an empty verdict removes a row."""
    if faults := rows.column_faults(COLUMNS, "rules.columns"):
        return faults
    known = {rule.rule_id for rule in book.rules} if book else set()
    seen: set[str] = set()
    found: list[Finding] = []
    for place, row in rows.rows:
        name = row["rule_id"]
        if name in seen or not name:
            found.append(
                fault(
                    "rules.id",
                    place,
                    f"规则编号“{name}”重复或为空",
                    f"the rule id '{name}' is repeated or empty",
                )
            )
        if re.search(r"[;\s]", name):
            found.append(
                fault("rules.id", place, f"规则编号“{name}”不应含分号或空白", f"the rule id '{name}' should have no semicolon or blank")
            )  # fmt: skip
        seen.add(name)
        if book is not None and not row["verdict"]:
            if name and name not in known:
                found.append(
                    fault("rules.remove", place, f"verdict 为空表示删去,但规则库没有“{name}”", f"an empty verdict removes a row, but the book has no '{name}'")
                )  # fmt: skip
            continue
        found += _row_faults(row, place)
    return [*found, *rows.faults]


def amend(book: RuleBook, files: Sequence[TextRows]) -> Amended:
    """Put the rows of an office's files on top of a book.

    A row with a known id replaces it, one with a new id is added, an empty verdict removes it. Files that touch
    different rows may come in any order; where two touch the same row the later counts, and a warning says so.

    Raises
    ------
    InputError
        Every fault of every file.
    """
    rules = {rule.rule_id: rule for rule in book.rules}
    changes: list[dict[str, Any]] = []
    findings: list[Finding] = []
    faults: list[Finding] = []
    touched: dict[str, str] = {}
    for file in files:
        current = RuleBook("", tuple(rules.values()))
        if wrong := rule_faults(file, current):
            faults += wrong
            continue
        done: dict[str, list[str]] = {"replaced": [], "added": [], "removed": []}
        for place, row in file.rows:
            name = row["rule_id"]
            what = "removed" if not row["verdict"] else "replaced" if name in rules else "added"
            done[what].append(name)
            if name in touched:
                findings.append(_twice(name, place, touched[name]))
            touched[name] = file.name
            findings.append(_said(what, name, place, rules.get(name), row))
            if what == "removed":
                del rules[name]
            else:
                rules[name] = Rule(**row)
        changes.append({"file": file.name, "sha256": file.sha256, **done})
    if faults:
        raise InputError(faults)
    made = RuleBook.of(rules.values()) if files else book
    return Amended(made, tuple(changes), tuple(findings))


def _twice(name: str, place: str, before: str) -> Finding:
    return Finding(
        "rules.twice", "warning",
        f"规则“{name}”已由 {before} 改过;以后给出的文件为准",
        f"the rule '{name}' was changed by {before} already; the file given later counts",
        place, feature=(name,),
    )  # fmt: skip


def _said(what: str, name: str, place: str, before: Rule | None, row: Mapping[str, str]) -> Finding:
    """What a row of an office did to the book."""
    if what == "removed" or before is None:
        zh, en = ("删去", "removed") if what == "removed" else ("新增", "added")
        return Finding(f"rules.{what}", "info", f"本单位规则:{zh}“{name}”", f"office rule: '{name}' {en}", place, feature=(name,))  # fmt: skip
    other = [column for column in COLUMNS if getattr(before, column) != row[column]]
    zh, en = ("、".join(other) or "无", ", ".join(other) or "none")
    if "verdict" in other:
        zh += f";结论 {before.verdict} → {row['verdict']}"
        en += f"; verdict {before.verdict} → {row['verdict']}"
    return Finding(
        f"rules.{what}", "info",
        f"本单位规则:替换“{name}”,改动字段:{zh}", f"office rule: '{name}' replaced, fields that differ: {en}",
        place, feature=(name,),
    )  # fmt: skip


def _row_faults(row: Mapping[str, str], place: str) -> Iterator[Finding]:
    allowed = {
        "verdict": STRICTEST_FIRST,
        "verified": ("yes", "no"),
        "component": COMPONENTS.get(row["line"]),
    }
    for column, values in allowed.items():
        if values is not None and row[column] not in values:
            yield fault(
                "rules.value",
                f"{place}: {column}",
                f"“{row[column]}”应为 {'、'.join(value or '空' for value in values)} 之一",
                f"'{row[column]}' should be one of {', '.join(value or 'empty' for value in values)}",
            )
    for column in ("line", "legal_basis"):
        if not row[column]:
            yield fault("rules.empty", f"{place}: {column}", "不应为空", "should not be empty")
    codes = row["landuse_codes"].split()
    if not row["use_class"] and not codes:
        yield fault(
            "rules.use", f"{place}: use_class",
            "use_class 与 landuse_codes 不能都为空,否则此行不适用于任何用途",
            "use_class and landuse_codes are both empty, so the row would apply to no use",
        )  # fmt: skip
    for code in codes:
        if not re.fullmatch(r"(\d\d)+", code):
            yield fault(
                "rules.codes", f"{place}: landuse_codes",
                f"“{code}”应为两位一级的用地代码,以空格分隔(表格中请设为文本,以免丢失首位的零)",
                f"'{code}' should be a land-use code of pairs of digits, separated by blanks (as text, lest a leading zero be lost)",
            )  # fmt: skip
    yield from _date_faults(row, place)


def _date_faults(row: Mapping[str, str], place: str) -> Iterator[Finding]:
    start, end = row["valid_from"], row["valid_to"]
    wrong = []
    if start and not _is_day(start + _REST_OF_DAY.get(len(start), "")):
        wrong.append("valid_from")
        yield fault(
            "rules.date",
            f"{place}: valid_from",
            f"“{start}”应为存在的日期 YYYY-MM-DD(只知年月或年份可写 YYYY-MM、YYYY)或空",
            f"'{start}' should be a day that exists, YYYY-MM-DD (YYYY-MM or YYYY where no more is known), or empty",
        )
    if end and not _is_day(end):
        wrong.append("valid_to")
        yield fault(
            "rules.date",
            f"{place}: valid_to",
            f"“{end}”应为存在的日期 YYYY-MM-DD 或空",
            f"'{end}' should be a day that exists, YYYY-MM-DD, or empty",
        )
    if not wrong and end and start > end:
        yield fault(
            "rules.date",
            f"{place}: valid_to",
            f"“{end}”早于 valid_from“{start}”",
            f"'{end}' is before valid_from '{start}'",
        )


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

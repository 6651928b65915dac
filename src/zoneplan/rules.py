"""The rule book: control line × use → verdict, condition, evidence and legal basis. Law as data.

Rows carry source, dates and whether anybody has checked them against the official text; unverified
rows say so wherever they are printed. There are no expressions, only rows.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.resources import RULES

STRICTEST_FIRST = ("prohibited", "undetermined", "restricted", "permitted")
VERDICT_WORDS = {"prohibited": "禁止", "undetermined": "待定", "restricted": "限制", "permitted": "允许"}
_COMPONENTS = ("", "core", "other", "concentrated", "flexible", "special")


@dataclass(frozen=True)
class Rule:
    """One row of the rule book; every field is text as in the file, dates ISO or empty (not known)."""

    rule_id: str
    line: str
    component: str
    use_class: str
    use_name: str
    landuse_codes: str
    verdict: str
    condition: str
    evidence_needed: str
    legal_basis: str
    issuer: str
    valid_from: str
    valid_to: str
    confidence: str
    provenance: str
    verified: str

    def in_force(self, day: date | None) -> bool:
        """Whether the row applies on a day; without a day, unless it has an end."""
        if day is None:
            return not self.valid_to
        return (self.valid_from or "0000") <= day.isoformat() <= (self.valid_to or "9999")

    def branch(self) -> str:
        """Component, use and verdict in words, for a ruling that stays open."""
        words = "·".join(word for word in (self.component, self.use_name) if word)
        return f"{words}→{VERDICT_WORDS[self.verdict]}({self.rule_id})"


@dataclass(frozen=True)
class Ruling:
    """What the rule book says of one use on one line.

    ``reason_zh`` and ``reason_en`` are filled where the verdict is ``undetermined``; ``branches``
    then names the possible answers.
    """

    verdict: str
    rules: tuple[Rule, ...] = ()
    reason_zh: str = ""
    reason_en: str = ""
    branches: tuple[str, ...] = ()

    @property
    def rule_id(self) -> str:
        """Ids of the rows applied, joined by semicolons."""
        return ";".join(rule.rule_id for rule in self.rules)

    @property
    def verified(self) -> str:
        """``yes`` only if every row applied is verified; empty if none was applied."""
        return "" if not self.rules else "yes" if all(rule.verified == "yes" for rule in self.rules) else "no"

    def joined(self, name: str) -> str:
        """One field of the rows applied, distinct values joined by semicolons."""
        return ";".join(dict.fromkeys(value for rule in self.rules if (value := getattr(rule, name))))


@dataclass(frozen=True)
class RuleBook:
    """All rows, and the version: a hash of the file."""

    version: str
    rules: tuple[Rule, ...]

    def ruling(self, line: str, *, component: str, use: str | None, day: date | None = None) -> Ruling:
        """The ruling on a use inside one component of a line.

        Parameters
        ----------
        line : str
            Key, for instance ``"permanent_basic_farmland"``.
        component : str
            Empty if the layer does not state it: then the rows of all components must agree.
        use : str, optional
            Use class (``"U10"``) or 2023 land-use code (``"070102"``); None: unknown.
        day : date, optional
            Apply the rows in force on that day.

        Returns
        -------
        Ruling
            ``undetermined`` with the branches where the use is unknown, rows disagree, or none applies.
        """
        rows = [rule for rule in self.rules if rule.line == line]
        if not rows:
            return _open(f"规则库没有“{line}”的规则", f"the rule book has no rule for '{line}'")
        # a row without component is meant for every component
        wanted = {component} if component else {rule.component for rule in rows}
        rows = [rule for rule in rows if rule.component in wanted | {""}]
        if not rows:
            return _open(
                f"规则库没有“{line}”构成“{component}”的规则",
                f"the rule book has no rule for component '{component}' of '{line}'",
            )
        if use is None:
            return _open("用途未知,请给出 --use 或用途字段", "use unknown: give --use or a use field")
        use = use.strip()
        if use.isdigit() and len(use) % 2:
            return _open(
                f"用地代码“{use}”位数为奇数,可能丢失了首位的零,应为两位一级的文本,如 0101",
                f"land-use code '{use}' has an odd number of digits, perhaps a lost leading zero; expected text in pairs of digits, such as 0101",
            )
        fitting, finer = _for_use([rule for rule in rows if rule.in_force(day)], use)
        answered = {rule.component for rule in fitting}
        missing = sorted(wanted - answered) if "" not in answered else []
        both = (*fitting, *finer)
        branches = tuple(rule.branch() for rule in both)
        if missing and not branches:
            return _open(
                f"规则库没有用途“{use}”在此线内的有效规则", f"no rule in force for use '{use}' on this line"
            )
        if missing:
            absent = "、".join(filter(None, missing)) or use
            return _open(
                f"规则库没有“{absent}”的有效规则,其他分支不能代替",
                f"no rule in force for '{absent}', and the other branches do not stand for it",
                both,
                branches,
            )
        if len({rule.verdict for rule in both}) == 1:
            return Ruling(fitting[0].verdict, fitting)
        words = ("用途或构成未注明,各分支结论不同", "use or component not stated and the branches differ")
        return _open(*words, both, branches)


def _open(zh: str, en: str, rules: tuple[Rule, ...] = (), branches: tuple[str, ...] = ()) -> Ruling:
    return Ruling("undetermined", rules, zh, en, branches)


def strictest(verdicts: Iterable[str]) -> str:
    """The strictest of several verdicts; ``permitted`` of none."""
    return min(verdicts, key=STRICTEST_FIRST.index, default="permitted")


def read_rules(path: Path = RULES) -> RuleBook:
    """Read a rule book (CSV, UTF-8); `InputError` lists every fault with its line."""
    try:
        raw = path.read_bytes()
        rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    except OSError as error:
        raise InputError(
            fault("rules.unreadable", path, f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}")
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            fault(
                "rules.encoding",
                path,
                f"第 {error.start} 字节起不是 UTF-8",
                f"not UTF-8 from byte {error.start}",
            )
        ) from error
    wanted = [field.name for field in fields(Rule)]
    found = list(rows[0]) if rows else []
    if found != wanted:
        raise InputError(
            fault(
                "rules.columns",
                path.name,
                f"列应为 {','.join(wanted)};实为 {','.join(map(str, found))}",
                f"columns should be {','.join(wanted)}; found {','.join(map(str, found))}",
            )
        )
    if faults := [*_row_faults(rows, path.name)]:
        raise InputError(faults)
    rules = tuple(Rule(**{name: (row[name] or "").strip() for name in wanted}) for row in rows)
    return RuleBook(hashlib.sha256(raw).hexdigest()[:12], rules)


def _row_faults(rows: list[dict[str, str]], name: str) -> Iterator[Finding]:
    seen: set[str] = set()
    allowed = {"verdict": STRICTEST_FIRST, "verified": ("yes", "no"), "component": _COMPONENTS}
    for number, row in enumerate(rows, start=2):
        place = f"{name}:{number}"
        if None in row or None in row.values():
            yield fault("rules.row", place, "列数与表头不符", "the number of columns differs from the header")
            continue
        if row["rule_id"] in seen or not row["rule_id"]:
            yield fault(
                "rules.id",
                place,
                f"规则编号“{row['rule_id']}”重复或为空",
                f"the rule id '{row['rule_id']}' is repeated or empty",
            )
        seen.add(row["rule_id"])
        for column, values in allowed.items():
            if row[column] not in values:
                yield fault(
                    "rules.value",
                    f"{place}: {column}",
                    f"“{row[column]}”应为 {'、'.join(values)} 之一",
                    f"'{row[column]}' should be one of {', '.join(values)}",
                )
        yield from _date_faults(row, place)


def _date_faults(row: dict[str, str], place: str) -> Iterator[Finding]:
    wrong = [name for name in ("valid_from", "valid_to") if row[name] and not _is_day(row[name])]
    for column in wrong:
        yield fault(
            "rules.date",
            f"{place}: {column}",
            f"“{row[column]}”应为存在的日期 YYYY-MM-DD 或空",
            f"'{row[column]}' should be a day that exists, YYYY-MM-DD, or empty",
        )
    if not wrong and row["valid_to"] and row["valid_from"] > row["valid_to"]:
        yield fault(
            "rules.date",
            f"{place}: valid_to",
            f"“{row['valid_to']}”早于 valid_from“{row['valid_from']}”",
            f"'{row['valid_to']}' is before valid_from '{row['valid_from']}'",
        )


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _for_use(rows: list[Rule], use: str) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Rules that fit a use, and those that fit only some of the finer codes under it.

    Fitting are the rules of a declared use class, else those whose land-use codes fit best (longest
    prefix). Zeros that pad a code to full width say nothing and are left out.
    """
    if declared := tuple(rule for rule in rows if rule.use_class == use.upper()):
        return declared, ()
    code = re.sub(r"(00)+$", "", use) if use.isdigit() else use
    fits = [
        (max((len(known) for known in rule.landuse_codes.split() if code.startswith(known)), default=0), rule)
        for rule in rows
    ]
    longest = max((length for length, _ in fits), default=0)
    best = tuple(rule for length, rule in fits if length and length == longest)
    finer = tuple(
        rule
        for rule in rows
        if code and rule not in best and any(known.startswith(code) for known in rule.landuse_codes.split())
    )
    return best, tuple(
        rule for rule in finer if not any(code == known for known in rule.landuse_codes.split())
    )
